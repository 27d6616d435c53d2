/* SPDX-License-Identifier: ISC */
/*
 * Lines of pflowd.conf(5) that say where metrics are served:
 *
 *   metrics ADDRESS:PORT|PATH [remote yes|no]
 *
 * An address that others can reach wants `remote yes`.  Pure.
 */
#ifndef PFLOWD_METRICS_CONF_H
#define PFLOWD_METRICS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "programs/common/problem.h"

#define PFLOWD_METRICS_MAX 4
#define PFLOWD_METRICS_WORD 112 /**< octets of ADDRESS:PORT or PATH */

struct pflowd_metrics_line {
	char word[PFLOWD_METRICS_WORD]; /**< normal form */
	bool remote;
	unsigned line; /**< where it stands, from 1 */
};

struct pflowd_metrics_conf {
	struct pflowd_metrics_line lines[PFLOWD_METRICS_MAX];
	unsigned count;
};

/** Does this word begin such a line? */
bool pflowd_metrics_has(const char *word);

/**
 * Take one line.
 *
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE with a problem, conf is
 *         as it was
 */
int pflowd_metrics_parse(struct pflowd_metrics_conf *conf, unsigned line,
    const char *const *words, size_t count, struct pflowi_problem *problem);

/** The normal form of line n. @return PFLOW_OK; PFLOW_ERR_NOSPACE */
int pflowd_metrics_print(const struct pflowd_metrics_conf *conf, unsigned n,
    char *line, size_t len);

/** What bind(2) takes for a line that was parsed. @return its length */
socklen_t pflowd_metrics_address(const struct pflowd_metrics_line *line,
    struct sockaddr_storage *out);

#endif /* PFLOWD_METRICS_CONF_H */
