/* SPDX-License-Identifier: ISC */
#include <linux/netlink.h>
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

bool
pflowd_is_conntrack_socket(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	    domain == AF_NETLINK && protocol == NETLINK_NETFILTER;
}
