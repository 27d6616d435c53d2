/* SPDX-License-Identifier: ISC */
/* Who is at the other end of a unix socket; a system is a file. */
#ifndef PFLOWD_PEER_H
#define PFLOWD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#define PFLOWD_NO_ID ((uid_t)-1) /**< nobody; as it is, for chown(2) */

/** Who may change what runs; anybody else who can connect may look. */
struct pflowd_rights {
	uid_t user;	 /**< besides root and our own; or PFLOWD_NO_ID */
	uid_t owner;	 /**< of the control socket; or PFLOWD_NO_ID */
	gid_t group;
	bool with_group; /**< group is set */
};

enum pflowd_right {
	PFLOWD_MAY_LOOK,
	PFLOWD_MAY_CHANGE, /**< but name no files: those are opened as root */
	PFLOWD_MAY_ALL
};

/** @return false with errno */
bool pflowd_peer_ids(int fd, uid_t *uid, gid_t *gid);

/** Is it a socket of Linux's that asks for the connection table? */
bool pflowd_is_conntrack_socket(int fd);

/** What may the one at the other end do? Unknown people may look. */
enum pflowd_right pflowd_peer_right(int fd,
    const struct pflowd_rights *rights);

#endif /* PFLOWD_PEER_H */
