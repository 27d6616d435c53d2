/* SPDX-License-Identifier: ISC */
/*
 * Lines of pflowd.conf(5) about the service itself, each at most once:
 *
 *   user NAME
 *   control [mode MODE] [owner NAME] [group NAME]
 *   sandbox yes|no
 *
 * Pure: whether a name exists is asked when it is used.
 */
#ifndef PFLOWD_SERVICE_H
#define PFLOWD_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "programs/common/problem.h"

#define PFLOWD_NAME_LEN 64	  /**< of a user or group, terminated */
#define PFLOWD_CONTROL_MODE 0660u /**< if nothing is said */

struct pflowd_service {
	char user[PFLOWD_NAME_LEN];  /**< "": not said */
	char owner[PFLOWD_NAME_LEN]; /**< of the control socket */
	char group[PFLOWD_NAME_LEN];
	unsigned mode;
	bool sandbox;
	unsigned user_line; /**< where it stands; 0: it does not */
	unsigned control_line;
	unsigned sandbox_line;
};

void pflowd_service_init(struct pflowd_service *s);

/** Does this word begin such a line? */
bool pflowd_service_has(const char *word);

/**
 * Take one line.
 *
 * @param line  its number, from 1
 * @return PFLOW_OK; PFLOW_ERR_INVALID with a problem, s is as it was
 */
int pflowd_service_parse(struct pflowd_service *s, unsigned line,
    const char *const *words, size_t count, struct pflowi_problem *problem);

/** Lines of this kind, for pflowd_service_print(). */
#define PFLOWD_SERVICE_LINES 3

/**
 * The normal form of line n, without its end; "" if it is not given.
 *
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE
 */
int pflowd_service_print(const struct pflowd_service *s, unsigned n,
    char *line, size_t len);

#endif /* PFLOWD_SERVICE_H */
