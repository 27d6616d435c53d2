/* SPDX-License-Identifier: ISC */
/* Where metrics are served: HTTP on loopback addresses and unix sockets. */
#ifndef PFLOWD_METRICS_H
#define PFLOWD_METRICS_H

#include <event2/event.h>

#include "programs/pflowd/engine.h"
#include "programs/pflowd/helper.h"
#include "programs/pflowd/metrics_conf.h"

struct pflowd_metrics;

/**
 * A socket that listens, as a line says.
 *
 * @return a descriptor; -1 with a problem
 */
int pflowd_metrics_listen(const struct pflowd_metrics_line *line,
    struct pflowi_problem *problem);

/** Serve nothing yet. @param helper  opens sockets; borrowed
 *  @return NULL: out of memory */
struct pflowd_metrics *pflowd_metrics_new(struct event_base *base,
    const struct pflowd_engine *engine, struct pflowd_helper *helper);

/**
 * Open what a configuration wants and is not there yet. Until settle(), all
 * that was served goes on.
 *
 * @param line  out: the line of a problem
 * @return PFLOW_OK; a negative status with a problem: nothing was changed
 */
int pflowd_metrics_stage(struct pflowd_metrics *m,
    const struct pflowd_metrics_conf *conf, unsigned *line,
    struct pflowi_problem *problem);

/** The staged configuration becomes the one that is served, or is dropped. */
void pflowd_metrics_settle(struct pflowd_metrics *m, bool keep);

/** Look after connections. */
void pflowd_metrics_turn(struct pflowd_metrics *m, struct pflow_now now);

/** Close all. NULL is fine. */
void pflowd_metrics_free(struct pflowd_metrics *m);

#endif /* PFLOWD_METRICS_H */
