/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/peer.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

/** Groups of one user that are looked at. */
#define GROUPS_MAX 256

/** Is the group one of the user's, as the system's files say? */
static bool
is_member(uid_t uid, gid_t group)
{
	const struct passwd *pw = getpwuid(uid);
	gid_t groups[GROUPS_MAX];
	int count = GROUPS_MAX, i;

	if (pw == NULL)
		return false;
	/* Too many: the first ones are there, the count says more. */
	(void)getgrouplist(pw->pw_name, pw->pw_gid, groups, &count);
	for (i = 0; i < count && i < GROUPS_MAX; i++)
		if (groups[i] == group)
			return true;
	return false;
}

enum pflowd_right
pflowd_peer_right(int fd, const struct pflowd_rights *rights)
{
	uid_t uid;
	gid_t gid;

	if (!pflowd_peer_ids(fd, &uid, &gid))
		return PFLOWD_MAY_LOOK;
	if (uid == 0 || uid == geteuid())
		return PFLOWD_MAY_ALL;
	if (uid == rights->user || uid == rights->owner || (rights->with_group &&
	    (gid == rights->group || is_member(uid, rights->group))))
		return PFLOWD_MAY_CHANGE;
	return PFLOWD_MAY_LOOK;
}
