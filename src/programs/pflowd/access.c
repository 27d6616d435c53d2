/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/access.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include <pflow/status.h>

static int
find_owner(const struct pflowd_service *service, struct pflowd_access *out,
    struct pflowi_problem *problem)
{
	const struct passwd *pw;

	if (service->owner[0] == '\0')
		return PFLOW_OK;
	pw = getpwnam(service->owner);
	if (pw == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOTFOUND,
		    PFLOWI_NOWHERE, "control owner %s: there is no such user",
		    service->owner);
	out->owner = pw->pw_uid;
	out->rights.owner = pw->pw_uid;
	return PFLOW_OK;
}

static int
find_group(const struct pflowd_service *service, struct pflowd_access *out,
    struct pflowi_problem *problem)
{
	const struct group *gr;

	if (service->group[0] == '\0')
		return PFLOW_OK;
	gr = getgrnam(service->group);
	if (gr == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOTFOUND,
		    PFLOWI_NOWHERE, "control group %s: there is no such "
		    "group; groupadd --system %s makes it", service->group,
		    service->group);
	out->group = gr->gr_gid;
	out->rights.group = gr->gr_gid;
	out->rights.with_group = true;
	return PFLOW_OK;
}

int
pflowd_access_find(const struct pflowd_service *service,
    struct pflowd_access *out, unsigned *line, struct pflowi_problem *problem)
{
	int status;

	memset(out, 0, sizeof(*out));
	out->owner = PFLOWD_NO_ID;
	out->group = (gid_t)PFLOWD_NO_ID;
	out->mode = (mode_t)service->mode;
	out->rights.user = PFLOWD_NO_ID;
	out->rights.owner = PFLOWD_NO_ID;
	*line = service->control_line;
	status = find_owner(service, out, problem);
	return status == PFLOW_OK ? find_group(service, out, problem) : status;
}
