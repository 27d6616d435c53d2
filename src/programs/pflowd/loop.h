/* SPDX-License-Identifier: ISC */
/* The loop of pflowd: waits by libevent, one sample of the clocks a turn. */
#ifndef PFLOWD_LOOP_H
#define PFLOWD_LOOP_H

#include <event2/event.h>

#include "programs/pflowd/control.h"
#include "programs/pflowd/engine.h"
#include "programs/pflowd/metrics.h"

/** Called between two turns after SIGHUP. */
typedef void pflowd_reload_fn(void *arg, struct pflow_now now);

struct pflowd_watch;

struct pflowd_loop {
	struct event_base *base;
	struct pflowd_engine *engine;	/**< borrowed */
	struct pflowd_control *control; /**< borrowed; NULL: none */
	struct pflowd_metrics *metrics;	/**< borrowed; NULL: none */
	pflowd_reload_fn *reload;
	void (*stopping)(void *arg); /**< the end begins; NULL: no matter */
	void *arg;
	struct event *signals[3];
	struct event *timer;
	struct pflowd_watch *watches;
	size_t watch_count;
	size_t watch_room;
	unsigned stops;	 /**< SIGTERM and SIGINT that came */
	bool reload_due; /**< SIGHUP came */
};

/** @return PFLOW_OK, PFLOW_ERR_SYSTEM; close it in both cases */
int pflowd_loop_open(struct pflowd_loop *l);

/** Turn until SIGTERM or SIGINT, and all is sent or counted. */
void pflowd_loop_run(struct pflowd_loop *l);

void pflowd_loop_close(struct pflowd_loop *l);

#endif /* PFLOWD_LOOP_H */
