/* SPDX-License-Identifier: ISC */
#include "programs/common/driver.h"

#include <poll.h>

#include "core/time.h"
#include "programs/common/clock.h"
#include "programs/common/stop.h"

/** States of one pump: keeps a turn well under a hold. */
#define BUDGET 4096

/** No wait is longer: what nobody announced is noticed too. */
#define WAIT_MAX_NS UINT64_C(1000000000)

static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now data_now, size_t *taken)
{
	struct pflowi_driver *d = arg;
	int status = pflowi_lanes_feed(d->lanes, states, count, true, data_now,
	    d->now, taken);

	d->states += *taken;
	if (status == PFLOW_ERR_SYSTEM)
		d->lanes_status = status;
	return status;
}

/** Note whether the transport moves; is it stuck for too long? */
static bool
is_stuck(struct pflowi_driver *d)
{
	uint64_t moved = pflowi_lanes_moved(d->lanes);
	uint64_t backlog = d->ended ? pflowi_lanes_backlog(d->lanes) : 0;

	if (moved != d->moved || backlog != d->backlog ||
	    d->moved_at_ns == 0) {
		d->moved = moved;
		d->backlog = backlog;
		d->moved_at_ns = d->now.mono_ns;
		d->blocked = false;
	}
	return pflowi_time_sub(d->now.mono_ns, d->moved_at_ns) >= d->drain_ns;
}

static void
begin_stop(struct pflowi_driver *d)
{
	d->stopping = true;
	d->moved_at_ns = d->now.mono_ns;
	if (d->source->ops->finish == NULL)
		d->ended = true;
	else
		d->source->ops->finish(d->source, d->now);
}

/** What the source knows beside its states. */
static void
tell(struct pflowi_driver *d, bool now)
{
	if (!d->lanes->lane[0].outlet.cfg.options ||
	    (!now && d->now.mono_ns < d->about.due_ns))
		return;
	pflowi_about_begin(&d->about, d->now);
	pflowi_about_source(&d->about, d->source);
	pflowi_about_end(&d->about);
	pflowi_lanes_tell(d->lanes, &d->about, d->now);
}

static void
pump(struct pflowi_driver *d)
{
	int status = d->source->ops->pump(d->source, d->now, BUDGET, sink, d);

	d->more = status == PFLOW_MORE;
	d->idle = status == PFLOW_OK;
	d->blocked = status == PFLOW_ERR_AGAIN;
	/* After finish() a source that is drained has given all it had. */
	if (status < 0 && status != PFLOW_ERR_AGAIN) {
		d->source_status = status;
		d->ended = true;
	}
}

static int
poll_ms(uint64_t now_ns, uint64_t deadline_ns)
{
	uint64_t wait = pflowi_time_sub(deadline_ns, now_ns);

	wait = pflowi_min_u64(wait, WAIT_MAX_NS);
	return (int)((wait + PFLOWI_NS_PER_MS - 1) / PFLOWI_NS_PER_MS);
}

static void
add_fd(struct pollfd *p, const struct pflow_want *want)
{
	p->fd = want->fd;
	p->events = 0;
	if ((want->events & PFLOW_WANT_READ) != 0)
		p->events |= POLLIN;
	if ((want->events & PFLOW_WANT_WRITE) != 0)
		p->events |= POLLOUT;
	p->revents = 0;
}

static void
wait_for_work(struct pflowi_driver *d)
{
	struct pflow_want from = { -1, 0, PFLOW_NEVER }, to;
	struct pollfd fds[2 + PFLOWI_DESTS_MAX];
	uint64_t deadline = PFLOW_NEVER;
	size_t i, count = pflowi_min_u64(d->lanes->count, PFLOWI_DESTS_MAX);

	for (i = 0; i < count; i++) {
		pflowi_lanes_want(d->lanes, i, d->now, &to);
		add_fd(&fds[2 + i], &to);
		deadline = pflowi_min_u64(deadline, to.deadline_ns);
	}
	if (!d->ended && !d->blocked) {
		d->source->ops->want(d->source, &from);
		deadline = d->more ? 0 : pflowi_min_u64(deadline,
		    from.deadline_ns);
	}
	add_fd(&fds[0], &from);
	/* Once seen, the wish to end stays readable: look no more. */
	fds[1].fd = d->stopping ? -1 : pflowi_stop_fd();
	fds[1].events = POLLIN;
	fds[1].revents = 0;
	d->ready = false;
	if (poll(fds, (nfds_t)(2 + count),
		poll_ms(d->now.mono_ns, deadline)) <= 0)
		return;
	for (i = 0; i < count; i++)
		d->ready = d->ready || fds[2 + i].revents != 0;
}

/** @return true: nothing more can be done */
static bool
is_over(struct pflowi_driver *d)
{
	bool stuck = is_stuck(d);

	if (d->lanes_status == PFLOW_ERR_SYSTEM)
		return true;
	if (d->ended)
		return stuck || (!pflowi_lanes_has_pending(d->lanes) &&
		    pflowi_lanes_backlog(d->lanes) == 0);
	/* A source that must end cannot wait for ever for the collector. */
	return d->stopping && d->blocked && stuck;
}

static int
result(const struct pflowi_driver *d)
{
	if (d->lanes_status == PFLOW_ERR_SYSTEM)
		return d->lanes_status;
	if (d->gave_up)
		return PFLOW_ERR_CLOSED;
	if (d->source_status != PFLOW_EOF && d->source_status != PFLOW_OK)
		return d->source_status;
	return PFLOW_OK;
}

int
pflowi_driver_run(struct pflowi_driver *d)
{
	bool flushed = false;

	for (;;) {
		int status;

		d->now = pflowi_clock();
		if (!d->stopping && pflowi_stop_wanted())
			begin_stop(d);
		tell(d, false);
		/* One of several that is stuck is not waited for for ever. */
		if (!d->ended && (!d->blocked || d->lanes->count > 1))
			pump(d);
		if (d->ended && !flushed) {
			tell(d, true);
			pflowi_lanes_finish(d->lanes, d->now);
			d->moved_at_ns = 0;
			flushed = true;
		}
		status = pflowi_lanes_turn(d->lanes, d->now, d->ready,
		    d->idle);
		if (status == PFLOW_ERR_SYSTEM)
			d->lanes_status = status;
		if (d->turn != NULL)
			d->turn(d->arg, d, d->now);
		if (is_over(d))
			break;
		wait_for_work(d);
	}
	/* Errors of the last datagrams are known by now, if they ever are. */
	if (d->lanes_status == PFLOW_OK)
		(void)pflowi_lanes_turn(d->lanes, d->now, true, d->idle);
	d->gave_up = !d->ended || pflowi_lanes_has_pending(d->lanes);
	d->kept = pflowi_lanes_backlog(d->lanes);
	pflowi_lanes_abandon(d->lanes, d->now);
	pflowi_about_begin(&d->about, d->now);
	pflowi_lanes_tell(d->lanes, &d->about, d->now);
	pflowi_about_fini(&d->about);
	return result(d);
}
