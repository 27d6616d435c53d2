/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/loop.h"

#include <stdlib.h>
#include <string.h>

#include "core/port.h"
#include "core/time.h"
#include "programs/common/clock.h"

/** No wait is longer: what nobody announced is noticed too. */
#define WAIT_MAX_NS UINT64_C(1000000000)

struct pflowd_watch {
	struct event *event; /**< owned */
};

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	bool *ready = arg;

	(void)fd;
	(void)what;
	*ready = true;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/**
 * A base that looks at descriptors by poll(2): transports and sources close
 * and open theirs as they like, and files may be among them; epoll(7) and its
 * like would lose the former and refuse the latter.
 */
static struct event_base *
make_base(void)
{
	static const char *const avoid[] = { "epoll", "kqueue", "devpoll",
		"evport", "select" };
	struct event_config *cfg = event_config_new();
	struct event_base *base = NULL;
	size_t i;

	if (cfg == NULL)
		return NULL;
	for (i = 0; i < PFLOWI_ARRAY_LEN(avoid); i++)
		(void)event_config_avoid_method(cfg, avoid[i]);
	base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return base;
}

int
pflowd_loop_open(struct pflowd_loop *l, int tell_fd)
{
	memset(l, 0, sizeof(*l));
	l->base = make_base();
	if (l->base == NULL)
		return PFLOW_ERR_SYSTEM;
	/* It ends the wait; hear() looks what there is. */
	l->tell = event_new(l->base, tell_fd, EV_READ | EV_PERSIST, on_timer,
	    NULL);
	l->timer = evtimer_new(l->base, on_timer, NULL);
	return l->tell != NULL && l->timer != NULL &&
	    event_add(l->tell, NULL) == 0 ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}

static void
unwatch(struct pflowd_loop *l)
{
	size_t i;

	for (i = 0; i < l->watch_count; i++)
		event_free(l->watches[i].event);
	l->watch_count = 0;
}

static void
watch(struct pflowd_loop *l, const struct pflow_want *want, bool *ready)
{
	short what = 0;
	struct event *event;

	if (want->fd == -1)
		return;
	if ((want->events & PFLOW_WANT_READ) != 0)
		what |= EV_READ;
	if ((want->events & PFLOW_WANT_WRITE) != 0)
		what |= EV_WRITE;
	event = what == 0 ? NULL : event_new(l->base, want->fd, what,
	    on_ready, ready);
	if (event == NULL)
		return;
	(void)event_add(event, NULL);
	l->watches[l->watch_count++].event = event;
}

/** @return false: out of memory; then the longest wait does it */
static bool
make_room(struct pflowd_loop *l, size_t count)
{
	struct pflowd_watch *more;

	if (count <= l->watch_room)
		return true;
	more = realloc(l->watches, count * sizeof(*more));
	if (more == NULL)
		return false;
	l->watches = more;
	l->watch_room = count;
	return true;
}

static void
watch_all(struct pflowd_loop *l)
{
	struct pflowd_engine *e = l->engine;
	const struct pflowi_lanes *lanes;
	size_t i, k, count = e->source_count;
	struct pflow_want want;

	unwatch(l);
	for (i = 0; i < e->iface_count; i++)
		if (e->ifaces[i]->road != NULL)
			count += e->ifaces[i]->road->lanes.count;
	if (!make_room(l, count))
		return;
	for (i = 0; i < e->source_count; i++) {
		pflowd_source_want(e->sources[i], &want);
		watch(l, &want, &e->sources[i]->ready);
	}
	for (i = 0; i < e->iface_count; i++) {
		if (e->ifaces[i]->road == NULL || e->ifaces[i]->dead)
			continue;
		lanes = &e->ifaces[i]->road->lanes;
		for (k = 0; k < lanes->count; k++) {
			pflowi_lanes_want(lanes, k, e->now, &want);
			watch(l, &want, &e->ifaces[i]->ready);
		}
	}
}

static void
wait_for_work(struct pflowd_loop *l)
{
	uint64_t wait = pflowi_time_sub(pflowd_engine_due(l->engine),
	    l->engine->now.mono_ns);
	struct timeval tv;

	watch_all(l);
	if (wait == 0) {
		(void)event_base_loop(l->base, EVLOOP_NONBLOCK);
		return;
	}
	wait = pflowi_min_u64(wait, WAIT_MAX_NS) + PFLOWI_NS_PER_MS - 1;
	wait /= PFLOWI_NS_PER_MS;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	(void)evtimer_add(l->timer, &tv);
	(void)event_base_loop(l->base, EVLOOP_ONCE);
	(void)evtimer_del(l->timer);
}

void
pflowd_loop_run(struct pflowd_loop *l)
{
	for (;;) {
		struct pflow_now now = pflowi_clock();

		l->hear(l->arg, now);
		if (l->stops > 0)
			pflowd_engine_stop(l->engine, now);
		/* A second one: what waits is counted, not waited for. */
		if (l->stops > 1)
			l->engine->stop_at_ns = 1;
		if (l->metrics != NULL)
			pflowd_metrics_turn(l->metrics, now);
		if (!pflowd_engine_turn(l->engine, now))
			return;
		wait_for_work(l);
	}
}

void
pflowd_loop_close(struct pflowd_loop *l)
{
	unwatch(l);
	free(l->watches);
	if (l->tell != NULL)
		event_free(l->tell);
	if (l->timer != NULL)
		event_free(l->timer);
	if (l->base != NULL)
		event_base_free(l->base);
	memset(l, 0, sizeof(*l));
}
