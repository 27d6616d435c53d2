/* SPDX-License-Identifier: ISC */
#include "programs/common/outlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"

/** Messages offered to one send. */
#define BATCH 64

/** Messages that may go at once under a rate: sockets hold some ninety. */
#define BURST 16

int
pflowi_outlet_open(struct pflowi_outlet *o, struct pflow_transport *t,
    const struct pflow_exporter_config *cfg, size_t messages,
    uint32_t rate_pps, struct pflow_now now, char *err, size_t err_len)
{
	int status;

	memset(o, 0, sizeof(*o));
	o->transport = t;
	o->cfg = *cfg;
	o->rate_pps = rate_pps;
	status = t->ops->open(t, now);
	if (status != PFLOW_OK) {
		(void)snprintf(err, err_len, "%s", t->ops->error_text(t));
		return status;
	}
	o->cfg.overhead = t->overhead;
	o->cfg.nature = t->ops->nature;
	o->block_len = pflow_exporter_block_size(&o->cfg, messages);
	if (o->block_len == 0) {
		(void)snprintf(err, err_len, "mtu %u: too small, %u octets go "
		    "around each message", (unsigned)o->cfg.mtu,
		    (unsigned)o->cfg.overhead);
		return PFLOW_ERR_RANGE;
	}
	o->block = malloc(o->block_len);
	if (o->block == NULL) {
		(void)snprintf(err, err_len, "out of memory: %zu octets for "
		    "messages", o->block_len);
		return PFLOW_ERR_NOMEM;
	}
	/* The states' clock is not known yet; refusals are. */
	status = pflow_exporter_init(&o->exporter, &o->cfg, o->block,
	    o->block_len, now);
	if (status != PFLOW_OK)
		(void)snprintf(err, err_len, "mtu %u: %s",
		    (unsigned)o->cfg.mtu, pflow_status_text(status));
	return status;
}

void
pflowi_outlet_close(struct pflowi_outlet *o)
{
	if (o->transport != NULL)
		o->transport->ops->close(o->transport);
	free(o->block);
	memset(o, 0, sizeof(*o));
}

/** Does the states' clock go on without states? */
static bool
clock_runs(const struct pflowi_outlet *o)
{
	return o->begun && (o->live || o->idle);
}

/** The states' clock now. A recording that is just read stands still. */
static struct pflow_now
data_clock(const struct pflowi_outlet *o, struct pflow_now now)
{
	uint64_t passed = clock_runs(o)
	    ? pflowi_time_sub(now.mono_ns, o->data_at_ns) : 0;
	struct pflow_now data;

	data.mono_ns = pflowi_time_add(o->data.mono_ns, passed);
	data.wall_ns = pflowi_time_add(o->data.wall_ns, passed);
	return data;
}

/** Messages must fit what the transport knows of its path by now. */
static void
follow_size(struct pflowi_outlet *o, struct pflow_now now)
{
	const struct pflow_transport *t = o->transport;
	uint32_t max = pflowi_min_u64(o->cfg.mtu, UINT16_MAX) > t->overhead
	    ? o->cfg.mtu - t->overhead : 0;

	if (t->message_limit != 0 && t->message_limit < max)
		max = t->message_limit;
	if (max == o->message_max)
		return;
	o->message_max = max;
	/* What leaves no room for a record is refused: then messages stay as
	 * large as they are, and the transport counts what it cannot send. */
	(void)pflow_exporter_set_mtu(&o->exporter, max + o->cfg.overhead,
	    data_clock(o, now));
}

/** What the transport learned is told to the exporter. */
static void
follow(struct pflowi_outlet *o, struct pflow_now now)
{
	const struct pflow_transport *t = o->transport;

	if (t->generation != o->generation) {
		/* The exporter is born in the first session. */
		if (o->generation != 0)
			pflow_exporter_session_restart(&o->exporter,
			    data_clock(o, now));
		o->generation = t->generation;
	}
	if (t->refreshes != o->refreshes) {
		o->refreshes = t->refreshes;
		pflow_exporter_refresh(&o->exporter);
	}
	follow_size(o, now);
}

/** How many of count messages the rate allows now. */
static size_t
allowed(struct pflowi_outlet *o, size_t count, struct pflow_now now)
{
	uint64_t gap, early;

	if (o->rate_pps == 0)
		return count;
	gap = PFLOWI_NS_PER_SEC / o->rate_pps + 1;
	early = pflowi_time_sub(now.mono_ns, BURST * gap);
	if (o->pace_ns < early)
		o->pace_ns = early;
	if (o->pace_ns > now.mono_ns)
		return 0;
	return (size_t)pflowi_min_u64(count,
	    (now.mono_ns - o->pace_ns) / gap + 1);
}

/** A file that is full goes on at once in the next one. */
static int
send_some(struct pflowi_outlet *o, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct pflow_transport *t = o->transport;
	uint32_t generation = t->generation;
	int status = t->ops->send(t, msgs, count, sent, now);

	o->closed = status == PFLOW_ERR_CLOSED;
	if (!o->closed || o->cfg.nature != PFLOW_TRANSPORT_FILE)
		return status;
	o->closed = false;
	status = t->ops->service(t, now);
	if (status != PFLOW_OK)
		return status;
	return t->generation != generation ? PFLOW_MORE : PFLOW_ERR_AGAIN;
}

static int
send_pending(struct pflowi_outlet *o, struct pflow_now now)
{
	struct pflow_message msgs[BATCH];

	for (;;) {
		size_t count, sent = 0;
		int status;

		follow(o, now);
		count = pflow_exporter_pending(&o->exporter, msgs, BATCH);
		if (count == 0)
			return PFLOW_OK;
		count = allowed(o, count, now);
		if (count == 0)
			return PFLOW_ERR_AGAIN;
		status = send_some(o, msgs, count, &sent, now);
		pflow_exporter_ack(&o->exporter, sent);
		o->moved += sent;
		if (o->rate_pps != 0)
			o->pace_ns += sent *
			    (PFLOWI_NS_PER_SEC / o->rate_pps + 1);
		if (status == PFLOW_MORE)
			continue;
		if (status != PFLOW_OK)
			return status;
		if (sent == 0)
			return PFLOW_ERR_AGAIN;
	}
}

static int
begin(struct pflowi_outlet *o, struct pflow_now data_now)
{
	int status = pflow_exporter_init(&o->exporter, &o->cfg, o->block,
	    o->block_len, data_now);

	if (status != PFLOW_OK)
		return status;
	o->generation = o->transport->generation;
	o->refreshes = o->transport->refreshes;
	o->message_max = o->cfg.mtu - o->cfg.overhead;
	o->begun = true;
	return PFLOW_OK;
}

int
pflowi_outlet_feed(struct pflowi_outlet *o, const struct pflow_state *states,
    size_t count, struct pflow_now data_now, struct pflow_now now,
    size_t *taken)
{
	int status;

	*taken = 0;
	if (!o->begun && (status = begin(o, data_now)) != PFLOW_OK)
		return status;
	o->data = data_now;
	o->data_at_ns = now.mono_ns;
	o->live = data_now.mono_ns == now.mono_ns;
	for (;;) {
		uint64_t moved = o->moved;
		size_t n = 0;

		status = pflow_exporter_feed_many(&o->exporter,
		    states + *taken, count - *taken, data_now, &n);
		*taken += n;
		if (status != PFLOW_ERR_AGAIN)
			return status;
		status = send_pending(o, now);
		if (status == PFLOW_ERR_SYSTEM)
			return status;
		if (o->moved == moved)
			return PFLOW_ERR_AGAIN;
	}
}

int
pflowi_outlet_turn(struct pflowi_outlet *o, struct pflow_now now, bool ready,
    bool idle)
{
	struct pflow_want want;

	o->idle = idle;
	o->transport->ops->want(o->transport, &want);
	if (ready || o->closed || want.deadline_ns <= now.mono_ns) {
		int status = o->transport->ops->service(o->transport, now);

		o->closed = false;
		if (status != PFLOW_OK && status != PFLOW_ERR_AGAIN)
			return status;
	}
	if (!o->begun)
		return PFLOW_OK;
	if (clock_runs(o)) {
		struct pflow_now data = data_clock(o, now);

		if (data.mono_ns >= pflow_exporter_deadline(&o->exporter))
			(void)pflow_exporter_tick(&o->exporter, data);
	}
	return send_pending(o, now);
}

void
pflowi_outlet_want(const struct pflowi_outlet *o, struct pflow_now now,
    struct pflow_want *out)
{
	uint64_t due, data_now;

	o->transport->ops->want(o->transport, out);
	if (o->closed)
		out->deadline_ns = 0;
	/* What may go already waits for the transport, not for the rate. */
	if (o->pace_ns > now.mono_ns && pflowi_outlet_has_pending(o))
		out->deadline_ns = pflowi_min_u64(out->deadline_ns,
		    o->pace_ns);
	if (!clock_runs(o))
		return;
	due = pflow_exporter_deadline(&o->exporter);
	if (due == PFLOW_NEVER)
		return;
	data_now = data_clock(o, now).mono_ns;
	due = pflowi_time_add(now.mono_ns, pflowi_time_sub(due, data_now));
	out->deadline_ns = pflowi_min_u64(out->deadline_ns, due);
}

void
pflowi_outlet_tell(struct pflowi_outlet *o, const struct pflowi_about *a,
    struct pflow_now now)
{
	if (!o->cfg.options)
		return;
	o->cfg.interfaces = a->interfaces;
	o->cfg.interface_count = a->count;
	if (!o->begun)
		return;
	pflow_exporter_set_interfaces(&o->exporter, a->interfaces, a->count);
	pflow_exporter_set_ignored(&o->exporter, a->ignored_packets,
	    a->ignored_octets, data_clock(o, now));
}

void
pflowi_outlet_finish(struct pflowi_outlet *o, struct pflow_now now)
{
	uint64_t states = pflowi_outlet_stats(o)->states;

	if (o->begun && states != o->reported)
		(void)pflow_exporter_report(&o->exporter, data_clock(o, now));
	o->reported = states;
	pflowi_outlet_flush(o, now);
}

void
pflowi_outlet_flush(struct pflowi_outlet *o, struct pflow_now now)
{
	if (o->begun)
		(void)pflow_exporter_flush(&o->exporter, data_clock(o, now));
}

void
pflowi_outlet_refresh(struct pflowi_outlet *o)
{
	if (o->begun)
		pflow_exporter_refresh(&o->exporter);
}

bool
pflowi_outlet_has_pending(const struct pflowi_outlet *o)
{
	struct pflow_message msg;

	return o->begun && pflow_exporter_pending(&o->exporter, &msg, 1) != 0;
}

void
pflowi_outlet_abandon(struct pflowi_outlet *o, struct pflow_now now)
{
	pflowi_outlet_flush(o, now);
	if (o->begun)
		pflow_exporter_discard(&o->exporter, SIZE_MAX);
}

const struct pflow_exporter_stats *
pflowi_outlet_stats(const struct pflowi_outlet *o)
{
	return pflow_exporter_stats(&o->exporter);
}
