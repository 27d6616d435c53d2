/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include "programs/pflowd/peer.h"

bool
pflowd_peer_ids(int fd, uid_t *uid, gid_t *gid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return false;
	*uid = cred.uid;
	*gid = cred.gid;
	return true;
}
