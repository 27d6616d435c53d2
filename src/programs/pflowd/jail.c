/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/jail.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

int
pflowd_jail_find(const struct pflowd_service *service,
    struct pflowd_jail *jail, unsigned *line, struct pflowi_problem *problem)
{
	const char *name = service->user[0] != '\0' ? service->user
	    : PFLOWD_USER;
	const struct passwd *pw;

	memset(jail, 0, sizeof(*jail));
	*line = service->user_line;
	if (!service->sandbox)
		return PFLOW_OK;
	if (geteuid() != 0) {
		pw = service->user[0] == '\0' ? NULL : getpwnam(name);
		if (service->user[0] == '\0' ||
		    (pw != NULL && pw->pw_uid == geteuid()))
			return PFLOW_OK;
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
		    PFLOWI_NOWHERE, "user %s: only root can become another "
		    "user, start pflowd as root or leave the line out", name);
	}
	pw = getpwnam(name);
	if (pw == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOTFOUND,
		    PFLOWI_NOWHERE, "user %s: there is no such user; useradd "
		    "--system --shell /usr/sbin/nologin %s makes it, or name "
		    "another one with a line 'user NAME'", name, name);
	if (pw->pw_uid == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
		    PFLOWI_NOWHERE, "user %s: is root, expected a user "
		    "without rights", name);
	jail->change_user = true;
	jail->uid = pw->pw_uid;
	jail->gid = pw->pw_gid;
	(void)snprintf(jail->name, sizeof(jail->name), "%s", name);
	return PFLOW_OK;
}

/** @return what failed, with errno; NULL: nothing */
static const char *
lock_in(void)
{
	char path[] = "/tmp/pflowd.XXXXXX";
	int saved;

	if (mkdtemp(path) == NULL)
		return "making an empty directory in /tmp";
	if (chdir(path) == -1) {
		saved = errno;
		(void)rmdir(path);
		errno = saved;
		return "chdir";
	}
	/* Without a name nothing can be put into it any more. */
	if (rmdir(path) == -1)
		return "removing the empty directory's name";
	if (chroot(".") == -1)
		return "chroot";
	return chdir("/") == -1 ? "chdir" : NULL;
}

/** @return as lock_in() */
static const char *
become(const struct pflowd_jail *jail)
{
	if (setgroups(1, &jail->gid) == -1)
		return "setgroups";
	if (setresgid(jail->gid, jail->gid, jail->gid) == -1)
		return "setresgid";
	if (setresuid(jail->uid, jail->uid, jail->uid) == -1)
		return "setresuid";
	/* What was given up can not be had again. */
	if (setuid(0) == 0 || geteuid() != jail->uid) {
		errno = EPERM;
		return "giving up root";
	}
	return NULL;
}

bool
pflowd_jail_enter(const struct pflowd_jail *jail, bool empty, char *err,
    size_t err_len)
{
	const char *failed;

	if (!jail->change_user)
		return true;
	failed = empty ? lock_in() : NULL;
	if (failed == NULL)
		failed = become(jail);
	if (failed == NULL)
		return true;
	(void)snprintf(err, err_len, "%s: %s", failed, strerror(errno));
	return false;
}
