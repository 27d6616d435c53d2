/* SPDX-License-Identifier: ISC */
#include "programs/common/lanes.h"

#include <stdlib.h>
#include <string.h>

#include <pflow/receivers.h>
#include <pflow/spool.h>

#include "core/time.h"

/** A lane that moved nothing for so long holds nobody up. */
#define MOVES_NS UINT64_C(1000000000)

int
pflowi_lanes_init(struct pflowi_lanes *l,
    struct pflow_transport *const *transports, size_t count,
    const struct pflow_exporter_config *cfg, size_t messages,
    uint32_t rate_pps, struct pflow_now now, char *err, size_t err_len)
{
	int status = PFLOW_OK;
	size_t i;

	memset(l, 0, sizeof(*l));
	l->lane = calloc(count, sizeof(*l->lane));
	if (l->lane == NULL) {
		(void)snprintf(err, err_len, "out of memory");
		for (i = 0; i < count; i++)
			transports[i]->ops->close(transports[i]);
		return PFLOW_ERR_NOMEM;
	}
	l->count = count;
	/* All of them, so that all are released. */
	for (i = 0; i < count; i++) {
		l->lane[i].moved_at_ns = now.mono_ns;
		if (status == PFLOW_OK)
			status = pflowi_outlet_open(&l->lane[i].outlet,
			    transports[i], cfg, messages, rate_pps, now, err,
			    err_len);
		else
			l->lane[i].outlet.transport = transports[i];
	}
	return status;
}

void
pflowi_lanes_close(struct pflowi_lanes *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_close(&l->lane[i].outlet);
	free(l->lane);
	memset(l, 0, sizeof(*l));
}

/** Note whether it moves; one that has nothing to move is not stuck. */
static void
look(struct pflowi_lane *lane, struct pflow_now now)
{
	if (lane->outlet.moved == lane->moved &&
	    pflowi_outlet_has_pending(&lane->outlet))
		return;
	lane->moved = lane->outlet.moved;
	lane->moved_at_ns = now.mono_ns;
}

static bool
moves(const struct pflowi_lane *lane, struct pflow_now now)
{
	return !lane->dead &&
	    pflowi_time_sub(now.mono_ns, lane->moved_at_ns) <= MOVES_NS;
}

/**
 * Make room: the oldest message with records goes, but no template, and not
 * the head, of which a stream may have taken a part. In a file the new states
 * go instead.
 *
 * @return false: no room can be made
 */
static bool
make_room(struct pflowi_outlet *o, struct pflow_now now)
{
	size_t keep = o->cfg.nature == PFLOW_TRANSPORT_DATAGRAM ? 0 : 1;

	if (o->cfg.nature == PFLOW_TRANSPORT_FILE)
		return false;
	if (pflow_exporter_discard_behind(&o->exporter, keep, 1) == 1)
		return true;
	pflowi_outlet_flush(o, now);
	return pflow_exporter_discard_behind(&o->exporter, keep, 1) == 1;
}

static int
feed_lane(struct pflowi_lanes *l, struct pflowi_lane *lane,
    const struct pflow_state *states, size_t count, bool wait,
    struct pflow_now data_now, struct pflow_now now, size_t *taken)
{
	size_t n;

	for (*taken = 0; *taken < count;) {
		int status = pflowi_outlet_feed(&lane->outlet,
		    states + *taken, count - *taken, data_now, now, &n);

		*taken += n;
		l->offered += n;
		look(lane, now);
		if (status == PFLOW_OK)
			return status;
		if (wait && (l->count == 1 || moves(lane, now)))
			return status;
		if ((status != PFLOW_ERR_AGAIN && status != PFLOW_ERR_CLOSED) ||
		    !make_room(&lane->outlet, now))
			break;
	}
	l->offered += count - *taken;
	l->overflow += count - *taken;
	*taken = count;
	return PFLOW_OK;
}

/** Each lane gets all; one that refuses gets the rest next time. */
static int
feed_all(struct pflowi_lanes *l, const struct pflow_state *states,
    size_t count, bool wait, struct pflow_now data_now, struct pflow_now now,
    size_t *taken)
{
	int status = PFLOW_OK;
	size_t i, n;

	*taken = count;
	for (i = 0; i < l->count; i++) {
		struct pflowi_lane *lane = &l->lane[i];
		size_t skip = pflowi_min_u64(lane->skip, count);
		int one = feed_lane(l, lane, states + skip, count - skip, wait,
		    data_now, now, &n);

		lane->skip += n;
		if (one != PFLOW_OK)
			status = one;
		if (skip + n < *taken)
			*taken = skip + n;
	}
	for (i = 0; i < l->count; i++)
		l->lane[i].skip -= *taken;
	return status;
}

/** Runs of states that go to the same lane. */
static int
feed_balanced(struct pflowi_lanes *l, const struct pflow_state *states,
    size_t count, bool wait, struct pflow_now data_now, struct pflow_now now,
    size_t *taken)
{
	int status = PFLOW_OK;

	for (*taken = 0; *taken < count && status == PFLOW_OK;) {
		const struct pflow_state *from = states + *taken;
		size_t pick = pflow_receivers_pick(from, l->count);
		size_t run = 1, n;

		while (*taken + run < count &&
		    pflow_receivers_pick(from + run, l->count) == pick)
			run++;
		status = feed_lane(l, &l->lane[pick], from, run, wait,
		    data_now, now, &n);
		*taken += n;
	}
	return status;
}

int
pflowi_lanes_feed(struct pflowi_lanes *l, const struct pflow_state *states,
    size_t count, bool wait, struct pflow_now data_now, struct pflow_now now,
    size_t *taken)
{
	if (l->balance)
		return feed_balanced(l, states, count, wait, data_now, now,
		    taken);
	return feed_all(l, states, count, wait, data_now, now, taken);
}

int
pflowi_lanes_turn(struct pflowi_lanes *l, struct pflow_now now, bool ready,
    bool idle)
{
	size_t i, dead = 0;
	int status = PFLOW_OK;

	for (i = 0; i < l->count; i++) {
		struct pflowi_lane *lane = &l->lane[i];
		int one = PFLOW_ERR_SYSTEM;

		if (!lane->dead)
			one = pflowi_outlet_turn(&lane->outlet, now, ready,
			    idle);
		lane->dead = one == PFLOW_ERR_SYSTEM;
		dead += lane->dead;
		look(lane, now);
		if (one != PFLOW_OK && !lane->dead)
			status = one;
	}
	return dead == l->count ? PFLOW_ERR_SYSTEM : status;
}

void
pflowi_lanes_want(const struct pflowi_lanes *l, size_t i, struct pflow_now now,
    struct pflow_want *out)
{
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
	if (!l->lane[i].dead)
		pflowi_outlet_want(&l->lane[i].outlet, now, out);
}

void
pflowi_lanes_tell(struct pflowi_lanes *l, const struct pflowi_about *a,
    struct pflow_now now)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_tell(&l->lane[i].outlet, a, now);
}

void
pflowi_lanes_finish(struct pflowi_lanes *l, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_finish(&l->lane[i].outlet, now);
}

void
pflowi_lanes_flush(struct pflowi_lanes *l, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_flush(&l->lane[i].outlet, now);
}

void
pflowi_lanes_refresh(struct pflowi_lanes *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_refresh(&l->lane[i].outlet);
}

bool
pflowi_lanes_has_pending(const struct pflowi_lanes *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!l->lane[i].dead &&
		    pflowi_outlet_has_pending(&l->lane[i].outlet))
			return true;
	return false;
}

void
pflowi_lanes_abandon(struct pflowi_lanes *l, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		pflowi_outlet_abandon(&l->lane[i].outlet, now);
}

uint64_t
pflowi_lanes_moved(const struct pflowi_lanes *l)
{
	uint64_t moved = 0;
	size_t i;

	for (i = 0; i < l->count; i++)
		moved += l->lane[i].outlet.moved;
	return moved;
}

uint64_t
pflowi_lanes_backlog(const struct pflowi_lanes *l)
{
	struct pflow_spool_backlog backlog;
	uint64_t octets = 0;
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (l->lane[i].spool == NULL)
			continue;
		pflow_spool_backlog(l->lane[i].spool, &backlog);
		octets += backlog.empty ? 0 : backlog.octets;
	}
	return octets;
}

bool
pflowi_lanes_are_crowded(const struct pflowi_lanes *l, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		const struct pflow_exporter *ex = &l->lane[i].outlet.exporter;

		if (moves(&l->lane[i], now) &&
		    ex->slots_free < ex->slot_count / 2)
			return true;
	}
	return false;
}

bool
pflowi_lanes_are_connected(const struct pflowi_lanes *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		struct pflow_transport *t = l->lane[i].outlet.transport;
		struct pflow_progress progress = { .down = false };

		if (t->ops->progress != NULL)
			t->ops->progress(t, &progress);
		if (!l->lane[i].dead && t->generation != 0 && !progress.down)
			return true;
	}
	return false;
}

const char *
pflowi_lanes_error_text(const struct pflowi_lanes *l)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < l->count && *text == '\0'; i++) {
		const struct pflow_transport *t = l->lane[i].outlet.transport;

		text = t->ops->error_text(t);
	}
	return text;
}

void
pflowi_stats_add(struct pflow_exporter_stats *to,
    const struct pflow_exporter_stats *from)
{
	uint64_t a[sizeof(*to) / sizeof(uint64_t)];
	uint64_t b[sizeof(*to) / sizeof(uint64_t)];
	size_t i;

	memcpy(a, to, sizeof(a));
	memcpy(b, from, sizeof(b));
	for (i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		a[i] += b[i];
	memcpy(to, a, sizeof(a));
}

void
pflowi_lanes_stats(const struct pflowi_lanes *l,
    struct pflow_exporter_stats *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < l->count; i++)
		pflowi_stats_add(out, pflowi_outlet_stats(
		    &l->lane[i].outlet));
}
