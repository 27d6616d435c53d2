/* SPDX-License-Identifier: ISC */
/*
 * The worker's side of the control socket: requests come from the parent, who
 * accepts connections and judges who is there; answers go out directly.
 */
#ifndef PFLOWD_CONTROL_H
#define PFLOWD_CONTROL_H

#include <event2/event.h>

#include "programs/pflowd/engine.h"
#include "programs/pflowd/peer.h"

struct pflowd_control;

/** @return NULL: out of memory */
struct pflowd_control *pflowd_control_new(struct event_base *base);

/** A connection. @param fd  taken over */
void pflowd_control_client(struct pflowd_control *c, unsigned id, int fd);

/** A request of it. @param line  changed */
void pflowd_control_line(struct pflowd_control *c, unsigned id, char *line,
    enum pflowd_right right, struct pflowd_engine *e, struct pflow_now now);

/** It asks no more: what was answered is still sent. */
void pflowd_control_gone(struct pflowd_control *c, unsigned id);

/** A request is done, and the next one may come: did it what it asked for? */
typedef void pflowd_done_fn(void *arg, unsigned id, bool did);

/** Tell what is done, close who is gone. */
void pflowd_control_turn(struct pflowd_control *c, pflowd_done_fn *done,
    void *arg);

/** Close all. NULL is fine. */
void pflowd_control_free(struct pflowd_control *c);

#endif /* PFLOWD_CONTROL_H */
