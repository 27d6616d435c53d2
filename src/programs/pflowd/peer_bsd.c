/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <unistd.h>

#include "programs/pflowd/peer.h"

bool
pflowd_peer_ids(int fd, uid_t *uid, gid_t *gid)
{
	return getpeereid(fd, uid, gid) == 0;
}

bool
pflowd_is_conntrack_socket(int fd)
{
	(void)fd;
	return false;
}
