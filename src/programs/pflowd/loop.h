/* SPDX-License-Identifier: ISC */
/* The loop of pflowd: waits by libevent, one sample of the clocks a turn. */
#ifndef PFLOWD_LOOP_H
#define PFLOWD_LOOP_H

#include <event2/event.h>

#include "programs/pflowd/control.h"
#include "programs/pflowd/engine.h"
#include "programs/pflowd/metrics.h"

/** Called between two turns: takes requests, and may add to stops. */
typedef void pflowd_hear_fn(void *arg, struct pflow_now now);

struct pflowd_watch;

struct pflowd_loop {
	struct event_base *base;
	struct pflowd_engine *engine;	/**< borrowed */
	struct pflowd_control *control; /**< borrowed; NULL: none */
	struct pflowd_metrics *metrics;	/**< borrowed; NULL: none */
	pflowd_hear_fn *hear;
	void *arg;
	struct event *tell;
	struct event *timer;
	struct pflowd_watch *watches;
	size_t watch_count;
	size_t watch_room;
	unsigned stops; /**< how often the end was asked for */
};

/** @param tell_fd  when to hear; borrowed
 *  @return PFLOW_OK, PFLOW_ERR_SYSTEM; close it in both cases */
int pflowd_loop_open(struct pflowd_loop *l, int tell_fd);

/** Turn until the end is asked for, and all is sent or counted. */
void pflowd_loop_run(struct pflowd_loop *l);

void pflowd_loop_close(struct pflowd_loop *l);

#endif /* PFLOWD_LOOP_H */
