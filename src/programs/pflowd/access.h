/* SPDX-License-Identifier: ISC */
/* Names of users and groups in pflowd.conf(5), as the system knows them. */
#ifndef PFLOWD_ACCESS_H
#define PFLOWD_ACCESS_H

#include <sys/types.h>

#include "programs/pflowd/peer.h"
#include "programs/pflowd/service.h"

struct pflowd_access {
	struct pflowd_rights rights;
	uid_t owner; /**< of the control socket; or PFLOWD_NO_ID */
	gid_t group;
	mode_t mode;
};

/**
 * @param line  out: the line of a problem
 * @return PFLOW_OK; PFLOW_ERR_NOTFOUND with a problem that names who is
 *         missing
 */
int pflowd_access_find(const struct pflowd_service *service,
    struct pflowd_access *out, unsigned *line,
    struct pflowi_problem *problem);

#endif /* PFLOWD_ACCESS_H */
