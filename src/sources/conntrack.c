/* SPDX-License-Identifier: ISC */
/*
 * conntrack: the connection tracking of Linux.  This file decides what is
 * read when; the sockets are conntrack_mnl.c, what a message means is
 * conntrack_track.c.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/conntrack_iface.h"
#include "sources/conntrack_link.h"
#include "sources/conntrack_track.h"

#define BATCH 64u	    /* states between sink and table */
#define DATAGRAM (64u << 10) /* a dump comes in pieces of 32 KiB */
#define EVENTS_PER_CHUNK 256u
#define CHUNK_GAP_MAX_NS (100u * PFLOWI_NS_PER_MS)
#define RETRY_NS (10u * PFLOWI_NS_PER_MS)
#define ANSWER_NS (UINT64_C(5) * PFLOWI_NS_PER_SEC)
#define RESYNC_MIN_NS PFLOWI_NS_PER_SEC
#define FINISH_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)

/** The dump on its way, and when the next is due. */
struct dump_clock {
	uint64_t due_ns;       /**< when the next one begins */
	uint64_t chunk_due_ns; /**< when its next piece is read */
	uint64_t heard_ns;     /**< when its last piece came */
	uint64_t began_ns;
	uint64_t per_entry_ns; /**< pace */
	uint64_t entries;      /**< seen in it */
	uint64_t expected;     /**< entries of the one before */
	uint64_t rest_ns;      /**< least time between two, for resyncs */
	uint32_t seq;
	bool whole;
	bool resync;	       /**< events were lost: begin the next early */
	bool baseline;	       /**< the first one is through */
};

struct conntrack {
	struct pflow_source base;
	struct pflowi_ct_tracker tr;
	struct pflowi_ct_link *link;
	struct pflowi_ct_routes *routes; /**< NULL: not asked for */
	char *map_path;	       /**< interface map; NULL: none */
	const struct pflow_system *system; /**< borrowed; NULL: no help */
	pflowi_ct_open_fn *open_link;
	void *open_arg;
	pflow_request_fn *request;
	void *request_arg;
	struct dump_clock dump;
	uint64_t finish_by_ns; /**< PFLOW_NEVER: goes on */
	size_t memory_limit;
	size_t given, count;   /**< of batch */
	size_t pos, len;       /**< of buf */
	enum pflowi_ct_channel channel; /**< whose datagram buf is */
	unsigned since_chunk;  /**< events read since the last piece */
	uint32_t drops;	       /**< as last read */
	int failed;	       /**< for good: what pump() goes on returning */
	bool final_done;
	char text[640];
	struct pflow_state batch[BATCH];
	uint8_t buf[DATAGRAM];
};

static struct conntrack *
self(struct pflow_source *src)
{
	return (void *)src;
}

static void
fail(struct conntrack *c, const char *what, int error)
{
	snprintf(c->text, sizeof(c->text), "conntrack: %s: %s", what,
	    strerror(error));
}

static bool
is_finishing(const struct conntrack *c)
{
	return c->finish_by_ns != PFLOW_NEVER;
}

/* --- dumps --- */

static void
dump_over(struct conntrack *c, struct pflow_now now, bool whole)
{
	struct dump_clock *d = &c->dump;
	enum pflowi_ct_dump kind = c->tr.dump;
	uint64_t took = pflowi_time_sub(now.mono_ns, d->began_ns);

	pflowi_ct_dump_end(&c->tr, whole);
	d->rest_ns = took * 4 < RESYNC_MIN_NS ? RESYNC_MIN_NS : took * 4;
	d->due_ns = pflowi_time_add(d->began_ns, pflowi_ct_interval(&c->tr));
	if (!whole)
		d->resync = true;
	else
		d->expected = d->entries;
	if (d->due_ns < now.mono_ns)
		d->due_ns = now.mono_ns;
	if (kind == PFLOWI_CT_DUMP_FINAL)
		c->final_done = true;
	else if (whole)
		d->baseline = true;
}

static void
dump_failed(struct conntrack *c, struct pflow_now now, int error)
{
	fail(c, "asking for the connection table", error);
	c->tr.n.dump_errors++;
	dump_over(c, now, false);
	/* Not at once again: what refused will refuse. */
	c->dump.resync = false;
	c->dump.due_ns = pflowi_time_add(now.mono_ns,
	    pflowi_ct_interval(&c->tr));
}

static void
dump_begin(struct conntrack *c, struct pflow_now now, enum pflowi_ct_dump kind)
{
	struct dump_clock *d = &c->dump;
	int error = 0;

	pflowi_ct_dump_begin(&c->tr, kind);
	d->seq++;
	d->began_ns = d->heard_ns = d->chunk_due_ns = now.mono_ns;
	d->entries = 0;
	d->whole = true;
	d->resync = false;
	/* Half of the interval for the whole table: no bursts. */
	d->per_entry_ns = pflowi_min_u64(CHUNK_GAP_MAX_NS,
	    pflowi_ct_interval(&c->tr) / 2 /
	    (d->expected == 0 ? 1 : d->expected));
	if (c->link->ops->request(c->link, d->seq, &error) != PFLOW_OK)
		dump_failed(c, now, error);
}

/** A piece came: when to read the next. */
static void
pace(struct conntrack *c, struct pflow_now now, uint64_t entries)
{
	struct dump_clock *d = &c->dump;
	uint64_t gap = pflowi_min_u64(CHUNK_GAP_MAX_NS,
	    entries * d->per_entry_ns);

	d->heard_ns = now.mono_ns;
	if (c->tr.dump != PFLOWI_CT_DUMP_REPORT || is_finishing(c))
		gap = 0;
	/* From when it was due: a loop that comes late catches up. */
	d->chunk_due_ns = pflowi_time_add(d->chunk_due_ns, gap);
}

static uint64_t
dump_due(const struct conntrack *c)
{
	uint64_t early = pflowi_time_add(c->dump.began_ns, c->dump.rest_ns);

	if (!pflowi_ct_tracks(&c->tr))
		return PFLOW_NEVER;
	return c->dump.resync ? pflowi_min_u64(c->dump.due_ns, early)
			      : c->dump.due_ns;
}

static bool
chunk_is_due(const struct conntrack *c, struct pflow_now now)
{
	return c->tr.dump != PFLOWI_CT_DUMP_NONE &&
	    (now.mono_ns >= c->dump.chunk_due_ns || is_finishing(c));
}

/* --- messages --- */

static void
push(struct conntrack *c, struct pflow_now now)
{
	if (c->routes != NULL)
		pflowi_ct_set_interfaces(c->routes, c->link, now,
		    &c->batch[c->count]);
	c->count++;
	c->tr.n.states++;
}

static void
take_flow(struct conntrack *c, const struct pflowi_nl_msg *msg,
    struct pflow_now now)
{
	struct pflowi_ct_flow flow;
	struct pflow_state *out = &c->batch[c->count];
	int rc = pflowi_ct_decode(msg, &flow);
	bool give;

	if (rc == PFLOW_ERR_UNSUPPORTED) {
		c->tr.n.foreign_messages++;
		return;
	}
	if (rc != PFLOW_OK) {
		c->tr.n.malformed_messages++;
		return;
	}
	if (c->channel == PFLOWI_CT_EVENTS) {
		give = pflowi_ct_on_event(&c->tr, &flow, now, out);
	} else {
		c->dump.entries++;
		give = pflowi_ct_on_entry(&c->tr, &flow, now, out);
	}
	if (give)
		push(c, now);
}

/** Messages of a dump that is not the one on its way are of an older one. */
static void
take_dump(struct conntrack *c, const struct pflowi_nl_msg *msg,
    struct pflow_now now)
{
	int error;

	if (msg->seq != c->dump.seq || c->tr.dump == PFLOWI_CT_DUMP_NONE) {
		c->tr.n.foreign_messages++;
		return;
	}
	if (msg->flags & PFLOWI_NL_F_DUMP_INTR && c->dump.whole) {
		c->dump.whole = false;
		c->tr.n.dump_interruptions++;
	}
	error = pflowi_nl_errno(msg);
	switch (msg->type) {
	case PFLOWI_NL_ERROR:
	case PFLOWI_NL_DONE:
		if (error != 0)
			dump_failed(c, now, error);
		else if (msg->type == PFLOWI_NL_DONE)
			dump_over(c, now, c->dump.whole);
		break;
	case PFLOWI_NL_NOOP:
		break;
	default:
		take_flow(c, msg, now);
		break;
	}
}

/** The next message of buf. PFLOW_EOF: there is none. */
static int
take_message(struct conntrack *c, struct pflow_now now)
{
	struct pflowi_nl_msg msg;
	int rc;

	if (c->pos == c->len)
		return PFLOW_EOF;
	rc = pflowi_nl_next(c->buf, c->len, &c->pos, &msg);
	if (rc != PFLOW_OK) {
		c->tr.n.malformed_messages++;
		c->dump.whole &= c->channel != PFLOWI_CT_DUMP;
		c->pos = c->len;
		return PFLOW_OK;
	}
	if (c->channel == PFLOWI_CT_DUMP)
		take_dump(c, &msg, now);
	else
		take_flow(c, &msg, now);
	return PFLOW_OK;
}

/* --- datagrams --- */

/** A datagram that did not come as it should. */
static int
on_trouble(struct conntrack *c, int rc, int error)
{
	bool of_dump = c->channel == PFLOWI_CT_DUMP;

	c->len = c->pos = 0;
	switch (rc) {
	case PFLOW_ERR_NOSPACE:
		c->tr.n.overruns++;
		c->dump.resync = true;
		break;
	case PFLOW_ERR_TRUNCATED:
		c->tr.n.malformed_messages++;
		break;
	case PFLOW_ERR_INVALID:
		c->tr.n.foreign_messages++;
		return PFLOW_OK;
	default:
		fail(c, "reading from netlink", error);
		c->failed = PFLOW_ERR_SYSTEM;
		return c->failed;
	}
	if (of_dump)
		c->dump.whole = false;
	return PFLOW_OK;
}

static int
read_events(struct conntrack *c)
{
	int error = 0, rc;

	c->channel = PFLOWI_CT_EVENTS;
	c->pos = 0;
	rc = c->link->ops->receive(c->link, PFLOWI_CT_EVENTS, c->buf,
	    sizeof(c->buf), &c->len, &error);
	if (rc == PFLOW_OK) {
		c->since_chunk++;
		return rc;
	}
	if (rc != PFLOW_ERR_AGAIN)
		return on_trouble(c, rc, error);
	c->len = 0;
	return rc;
}

/** The kernel makes the next piece when one is read: it never has to wait. */
static int
read_dump(struct conntrack *c, struct pflow_now now)
{
	int error = 0, rc;

	c->channel = PFLOWI_CT_DUMP;
	c->pos = 0;
	c->since_chunk = 0;
	rc = c->link->ops->receive(c->link, PFLOWI_CT_DUMP, c->buf,
	    sizeof(c->buf), &c->len, &error);
	if (rc == PFLOW_OK) {
		/* An entry takes about 250 octets. */
		pace(c, now, c->len / 256 + 1);
		return rc;
	}
	if (rc != PFLOW_ERR_AGAIN)
		return on_trouble(c, rc, error);
	c->len = 0;
	c->dump.chunk_due_ns = pflowi_time_add(now.mono_ns, RETRY_NS);
	if (now.mono_ns - c->dump.heard_ns < ANSWER_NS)
		return PFLOW_ERR_AGAIN;
	snprintf(c->text, sizeof(c->text), "conntrack: the kernel does not "
	    "answer: no piece of the connection table for 5 s");
	c->tr.n.dump_errors++;
	dump_over(c, now, false);
	return PFLOW_OK;
}

/** No event is waiting. */
static int
idle_turn(struct conntrack *c, struct pflow_now now)
{
	if (c->tr.dump != PFLOWI_CT_DUMP_NONE)
		return chunk_is_due(c, now) ? read_dump(c, now)
					    : PFLOW_ERR_AGAIN;
	if (is_finishing(c)) {
		if (c->final_done || c->tr.active_ns == 0 ||
		    !c->dump.baseline)
			return PFLOW_EOF;
		dump_begin(c, now, PFLOWI_CT_DUMP_FINAL);
		return PFLOW_OK;
	}
	if (now.mono_ns < dump_due(c))
		return PFLOW_ERR_AGAIN;
	dump_begin(c, now, c->dump.baseline ? PFLOWI_CT_DUMP_REPORT
					    : PFLOWI_CT_DUMP_BASELINE);
	return PFLOW_OK;
}

/** PFLOW_OK: buf was filled or something was done; PFLOW_ERR_AGAIN; ... */
static int
next_datagram(struct conntrack *c, struct pflow_now now)
{
	int rc = PFLOW_ERR_AGAIN;

	/*
	 * The baseline before all events: what it notes must not be given by
	 * one of them first.  Later, events first: they can be lost.
	 */
	if (chunk_is_due(c, now) &&
	    (c->tr.dump == PFLOWI_CT_DUMP_BASELINE ||
		c->since_chunk >= EVENTS_PER_CHUNK))
		return read_dump(c, now);
	if (!c->dump.baseline && c->tr.dump == PFLOWI_CT_DUMP_NONE &&
	    now.mono_ns >= dump_due(c) && !is_finishing(c))
		return idle_turn(c, now);
	if (now.mono_ns < c->finish_by_ns)
		rc = read_events(c);
	return rc == PFLOW_ERR_AGAIN ? idle_turn(c, now) : rc;
}

/* --- the source --- */

static void
read_drops(struct conntrack *c)
{
	uint32_t drops;

	if (!c->link->ops->drops(c->link, &drops))
		return;
	/* What a reliable listener could not take comes again. */
	if (c->tr.set.reliable)
		c->tr.n.held_events += (uint32_t)(drops - c->drops);
	else
		c->tr.n.lost_events += (uint32_t)(drops - c->drops);
	c->drops = drops;
}

/** Give at most `budget` states of the batch. */
static int
give(struct conntrack *c, unsigned *budget, struct pflow_now now,
    pflow_sink_fn *sink, void *arg)
{
	size_t taken = 0, n = c->count - c->given;
	int rc;

	if (n > *budget)
		n = *budget;
	if (n == 0)
		return PFLOW_OK;
	rc = sink(arg, c->batch + c->given, n, now, &taken);
	if (taken > n)
		taken = n;
	c->given += taken;
	*budget -= (unsigned)taken;
	if (c->given == c->count)
		c->given = c->count = 0;
	return rc == PFLOW_OK && taken < n ? PFLOW_ERR_AGAIN : rc;
}

/** Fill the batch. PFLOW_OK: it is full, or work is used up. */
static int
fill(struct conntrack *c, struct pflow_now now, unsigned *work)
{
	int rc = c->failed;

	while (rc == PFLOW_OK && c->count < BATCH && *work > 0) {
		(*work)--;
		rc = take_message(c, now);
		if (rc == PFLOW_EOF)
			rc = next_datagram(c, now);
	}
	return rc;
}

static int
pump_on(struct conntrack *c, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	/* Messages that give no state are work, too. */
	unsigned work = budget > UINT32_MAX / 8 ? UINT32_MAX : budget * 4 + 64;

	for (;;) {
		int rc = give(c, &budget, now, sink, arg);

		if (rc != PFLOW_OK)
			return rc;
		if (budget == 0 || work == 0)
			return PFLOW_MORE;
		rc = fill(c, now, &work);
		if (rc != PFLOW_OK && c->count == 0)
			return rc == PFLOW_ERR_AGAIN ? PFLOW_OK : rc;
	}
}

static int
ct_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct conntrack *c = self(src);
	int rc = pump_on(c, now, budget, sink, arg);

	read_drops(c);
	return rc;
}

static int
ct_open(struct pflow_source *src, struct pflow_now now)
{
	struct conntrack *c = self(src);
	int rc = PFLOW_OK;

	if (c->routes != NULL && c->map_path != NULL)
		rc = pflowi_pf_ifmap_load(&c->routes->map, c->map_path,
		    c->system, c->text, sizeof(c->text));
	if (rc != PFLOW_OK)
		return rc;
	rc = c->open_link(c->open_arg, &c->tr.set, &c->link, c->text,
	    sizeof(c->text));
	if (rc != PFLOW_OK)
		return rc;
	c->link->ask = c->request;
	c->link->ask_arg = c->request_arg;
	pflowi_ct_check_sysctls(c->link->proc, c->link->entries,
	    c->tr.active_ns != 0, c->text, sizeof(c->text));
	pflowi_ct_read_timeouts(c->link->proc, &c->tr.timeouts);
	pflowi_ct_table_init(&c->tr.table, c->memory_limit, c->link->seed);
	c->tr.since_ns = now.wall_ns;
	c->tr.tells = c->link->tells;
	c->dump.due_ns = now.mono_ns;
	c->dump.expected = c->link->entries;
	(void)c->link->ops->drops(c->link, &c->drops);
	return PFLOW_OK;
}

static void
ct_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct conntrack *c = (const void *)src;

	out->fd = c->link == NULL ? -1 : c->link->fd;
	out->events = PFLOW_WANT_READ;
	if (c->link == NULL)
		out->deadline_ns = PFLOW_NEVER;
	else if (c->count != 0 || c->pos != c->len || is_finishing(c))
		out->deadline_ns = 0;
	else if (c->tr.dump != PFLOWI_CT_DUMP_NONE)
		out->deadline_ns = c->dump.chunk_due_ns;
	else
		out->deadline_ns = dump_due(c);
}

static void
ct_finish(struct pflow_source *src, struct pflow_now now)
{
	struct conntrack *c = self(src);

	if (!is_finishing(c))
		c->finish_by_ns = pflowi_time_add(now.mono_ns, FINISH_NS);
}

static void
ct_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct conntrack *c = (const void *)src;
	const struct pflow_counter list[] = {
#define TELL(name, kind, help)                                                 \
	{ #name, help, c->tr.n.name, PFLOW_COUNTER_##kind },
		PFLOWI_CT_COUNTERS(TELL)
#undef TELL
		{ "tracked_flows", "flows remembered between reports",
		    c->tr.table.used, PFLOW_COUNTER_GAUGE },
		{ "table_octets", "memory of the table of tracked flows",
		    c->tr.table.capacity * sizeof(*c->tr.table.slots),
		    PFLOW_COUNTER_GAUGE },
	};
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(list); i++)
		fn(arg, &list[i]);
}

static const char *
ct_error_text(const struct pflow_source *src)
{
	const struct conntrack *c = (const void *)src;

	return c->text;
}

static int
ct_progress(const struct pflow_source *src)
{
	(void)src;
	return -1;
}

static void
ct_close(struct pflow_source *src)
{
	struct conntrack *c = self(src);

	if (c->link != NULL)
		c->link->ops->close(c->link);
	pflowi_ct_table_fini(&c->tr.table);
	if (c->routes != NULL)
		pflowi_pf_ifmap_fini(&c->routes->map);
	free(c->tr.recent);
	free(c->routes);
	free(c->map_path);
	free(c);
}

static void
ct_interfaces(const struct pflow_source *src, pflow_interface_fn *fn,
    void *arg)
{
	const struct conntrack *c = (const void *)src;

	if (c->routes != NULL)
		pflowi_ct_tell_interfaces(c->routes, fn, arg);
}

static const struct pflow_source_ops ct_ops = {
	.name = "conntrack",
	.open = ct_open,
	.want = ct_want,
	.pump = ct_pump,
	.finish = ct_finish,
	.counters = ct_counters,
	.error_text = ct_error_text,
	.progress = ct_progress,
	.close = ct_close,
	.interfaces = ct_interfaces,
};

static bool
allot(struct conntrack *c, const struct pflowi_ct_settings *set,
    const struct pflow_source_config *cfg)
{
	c->tr.recent = calloc(1, sizeof(*c->tr.recent));
	if (c->tr.recent == NULL)
		return false;
	if (!set->interfaces)
		return true;
	c->routes = calloc(1, sizeof(*c->routes));
	if (c->routes == NULL || cfg->interface_map == NULL)
		return c->routes != NULL;
	c->map_path = strdup(cfg->interface_map);
	return c->map_path != NULL;
}

int
pflowi_ct_create(const char *argument, const struct pflow_source_config *cfg,
    pflowi_ct_open_fn *open, void *arg, struct pflow_source **out, char *err,
    size_t err_len)
{
	struct pflowi_ct_settings set;
	struct conntrack *c;
	int rc;

	*out = NULL;
	rc = pflowi_ct_settings_parse(&set, argument, err, err_len);
	if (rc != PFLOW_OK)
		return rc;
	c = calloc(1, sizeof(*c));
	if (c == NULL || !allot(c, &set, cfg)) {
		if (c != NULL)
			ct_close(&c->base);
		snprintf(err, err_len, "conntrack: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	c->base.ops = &ct_ops;
	c->tr.active_ns = cfg->active_ns;
	c->memory_limit = cfg->memory_limit;
	/* A caller of an older header has a smaller one. */
	if (cfg->struct_size >= offsetof(struct pflow_source_config, system)) {
		c->request = cfg->request;
		c->request_arg = cfg->request_arg;
		set.nat_events |= cfg->nat_events;
	}
	if (cfg->struct_size >= sizeof(*cfg))
		c->system = cfg->system;
	c->tr.set = set;
	c->open_link = open;
	c->open_arg = arg;
	c->finish_by_ns = PFLOW_NEVER;
	*out = &c->base;
	return PFLOW_OK;
}
