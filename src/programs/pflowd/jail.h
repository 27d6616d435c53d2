/* SPDX-License-Identifier: ISC */
/* Another user, and a directory that is empty for ever. */
#ifndef PFLOWD_JAIL_H
#define PFLOWD_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "programs/pflowd/service.h"

struct pflowd_jail {
	bool change_user; /**< false: we are nobody who could */
	uid_t uid;
	gid_t gid;
	char name[PFLOWD_NAME_LEN];
};

/**
 * Who the worker is to be.
 *
 * @param line  out: the line of a problem
 * @return PFLOW_OK; PFLOW_ERR_NOTFOUND with a problem: there is no such user;
 *         PFLOW_ERR_INVALID: a user is named, but we are not root
 */
int pflowd_jail_find(const struct pflowd_service *service,
    struct pflowd_jail *jail, unsigned *line, struct pflowi_problem *problem);

/**
 * Become that user, for good.
 *
 * @param empty  the root becomes a directory that no longer has a name, so
 *               that nothing can ever be in it
 * @return false, err says why
 */
bool pflowd_jail_enter(const struct pflowd_jail *jail, bool empty, char *err,
    size_t err_len);

#endif /* PFLOWD_JAIL_H */
