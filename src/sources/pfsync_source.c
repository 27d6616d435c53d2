/* SPDX-License-Identifier: ISC */
/* pfsync:PATH, a capture file or pipe of pfsync packets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_account.h"
#include "sources/pcap_input.h"
#include "sources/pfsync_frame.h"
#include "sources/pfsync_table.h"
#include "sources/sources.h"

/** Frames that one pump() reads at most. */
#define FRAMES 8192u

/**
 * A recording has no uptime. The machine is taken to have come up 24 days
 * before the first frame: in the past for nearly all states, and near enough
 * for the 32 bits of milliseconds that NetFlow v5 counts from there.
 */
#define UPTIME_NS (UINT64_C(24) * 86400 * PFLOWI_NS_PER_SEC)

enum phase { READING, FLUSHING, DONE };

struct pfsync_source {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	char *path;
	char *map_path; /**< NULL: none */
	const struct pflow_system *system; /**< borrowed; NULL: no help */
	struct pflowi_input input;
	struct pflowi_pf_ifmap ifmap;
	struct pflowi_pfsync_config cfg;
	struct pflowi_pfsync_table *table;
	uint64_t origin_ns;
	uint64_t frames;
	uint64_t packets;
	uint64_t verdicts[PFLOWI_PFSYNC_FRAME_COUNT];
	char text[600];
};

static struct pfsync_source *
of(struct pflow_source *src)
{
	return (struct pfsync_source *)(void *)src;
}

static const struct pfsync_source *
of_const(const struct pflow_source *src)
{
	return (const struct pfsync_source *)(const void *)src;
}

static int
pfsync_open(struct pflow_source *src, struct pflow_now now)
{
	struct pfsync_source *ps = of(src);
	int rc;

	(void)now; /* a recording has a clock of its own */
	rc = pflowi_input_open(&ps->input, ps->path, ps->system);
	if (rc != PFLOW_OK) {
		snprintf(ps->text, sizeof(ps->text), "%s", ps->input.text);
		return rc;
	}
	if (ps->map_path != NULL)
		rc = pflowi_pf_ifmap_load(&ps->ifmap, ps->map_path,
		    ps->system, ps->text, sizeof(ps->text));
	if (rc != PFLOW_OK)
		return rc;
	pflowi_pf_ifmap_local(&ps->ifmap);
	rc = pflowi_pfsync_table_new(&ps->cfg, &ps->table);
	if (rc != PFLOW_OK)
		snprintf(ps->text, sizeof(ps->text), "pfsync:%s: %s", ps->path,
		    pflow_status_text(rc));
	return rc;
}

static void
pfsync_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct pfsync_source *ps = of_const(src);
	bool waiting = ps->table != NULL &&
	    pflowi_pfsync_table_waiting(ps->table);

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
	if (ps->phase == DONE && !waiting)
		out->deadline_ns = PFLOW_NEVER;
	if (ps->phase != READING || ps->input.regular || waiting)
		return;
	out->fd = ps->input.fd;
	out->events = PFLOW_WANT_READ;
	out->deadline_ns = PFLOW_NEVER;
}

static void
stop(struct pfsync_source *ps, int status)
{
	ps->phase = FLUSHING;
	ps->end = status;
}

static void
take_frame(struct pfsync_source *ps, const struct pflowi_capture_frame *frame)
{
	enum pflowi_pfsync_frame_verdict verdict;
	struct pflowi_pfsync_payload payload;

	if (ps->frames++ == 0)
		ps->origin_ns = pflowi_time_sub(frame->time_ns, UPTIME_NS);
	verdict = pflowi_pfsync_frame(frame->linktype, frame->data,
	    frame->caplen, frame->wirelen, &payload);
	ps->verdicts[verdict]++;
	if (verdict == PFLOWI_PFSYNC_FRAME_GOOD) {
		ps->packets++;
		pflowi_pfsync_table_packet(ps->table, payload.p, payload.len,
		    payload.wire, payload.sender, frame->time_ns);
	}
	(void)pflowi_pfsync_table_advance(ps->table, frame->time_ns);
}

/** One frame, or the end. PFLOW_ERR_AGAIN: the pipe has nothing more now. */
static int
read_frame(struct pfsync_source *ps)
{
	struct pflowi_capture_frame frame;
	int rc;

	if (!pflowi_pfsync_table_ready(ps->table)) {
		if (pflowi_pfsync_table_waiting(ps->table))
			return PFLOW_OK; /* give these out first */
		snprintf(ps->text, sizeof(ps->text), "pfsync:%s: %s", ps->path,
		    pflow_status_text(PFLOW_ERR_NOMEM));
		stop(ps, PFLOW_ERR_NOMEM);
		return PFLOW_OK;
	}
	rc = pflowi_input_next(&ps->input, &frame);
	if (rc == PFLOW_OK) {
		take_frame(ps, &frame);
		return PFLOW_OK;
	}
	if (rc == PFLOW_ERR_AGAIN)
		return rc;
	snprintf(ps->text, sizeof(ps->text), "%s", ps->input.text);
	stop(ps, rc);
	return PFLOW_OK;
}

/** Work until something waits for the sink, or for the time being done. */
static int
work(struct pfsync_source *ps, unsigned *frames)
{
	while (!pflowi_pfsync_table_waiting(ps->table)) {
		if (ps->phase == DONE)
			return ps->end;
		if (*frames == 0)
			return PFLOW_MORE;
		--*frames;
		if (ps->phase == READING) {
			if (read_frame(ps) == PFLOW_ERR_AGAIN)
				return PFLOW_OK;
		} else if (pflowi_pfsync_table_flush(ps->table)) {
			ps->phase = DONE;
		}
	}
	return PFLOW_OK;
}

/** The clock of the recording. */
static struct pflow_now
clock_of(const struct pfsync_source *ps)
{
	struct pflow_now now;

	now.wall_ns = pflowi_pfsync_table_now(ps->table);
	now.mono_ns = pflowi_time_sub(now.wall_ns, ps->origin_ns);
	return now;
}

static int
pfsync_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct pfsync_source *ps = of(src);
	unsigned frames = FRAMES;
	int rc;

	(void)now;
	for (;;) {
		rc = pflowi_pfsync_table_give(ps->table, clock_of(ps), &budget,
		    sink, arg);
		if (rc != PFLOW_OK)
			return rc;
		if (budget == 0)
			return PFLOW_MORE;
		rc = work(ps, &frames);
		if (rc != PFLOW_OK || !pflowi_pfsync_table_waiting(ps->table))
			return rc;
	}
}

static void
pfsync_finish(struct pflow_source *src, struct pflow_now now)
{
	struct pfsync_source *ps = of(src);

	(void)now;
	if (ps->phase == READING)
		stop(ps, PFLOW_EOF);
}

static void
tell(pflow_counter_fn *fn, void *arg, const char *name, const char *help,
    uint64_t value, enum pflow_counter_kind kind)
{
	struct pflow_counter c = { name, help, value, kind };

	fn(arg, &c);
}

static void
pfsync_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct pfsync_source *ps = of_const(src);

	tell(fn, arg, "frames", "frames read", ps->frames, PFLOW_COUNTER_INFO);
	tell(fn, arg, "packets", "pfsync packets", ps->packets,
	    PFLOW_COUNTER_INFO);
#define TELL(name, kind, help)                                                 \
	tell(fn, arg, #name, help,                                             \
	    ps->verdicts[PFLOWI_PFSYNC_FRAME_##name], PFLOW_COUNTER_##kind);
	PFLOWI_PFSYNC_FRAMES(TELL)
#undef TELL
	tell(fn, arg, "cut_short_octets",
	    "at the end of the file, not a whole frame", ps->input.cut_octets,
	    PFLOW_COUNTER_INFO);
	if (ps->table != NULL)
		pflowi_pfsync_table_counters(ps->table, fn, arg);
}

static const char *
pfsync_error_text(const struct pflow_source *src)
{
	return of_const(src)->text;
}

static int
pfsync_progress(const struct pflow_source *src)
{
	return pflowi_input_progress(&of_const(src)->input);
}

static void
pfsync_close(struct pflow_source *src)
{
	struct pfsync_source *ps = of(src);

	pflowi_input_close(&ps->input);
	pflowi_pfsync_table_free(ps->table);
	pflowi_pf_ifmap_fini(&ps->ifmap);
	free(ps->path);
	free(ps->map_path);
	free(ps);
}

static void
pfsync_interfaces(const struct pflow_source *src, pflow_interface_fn *fn,
    void *arg)
{
	const struct pfsync_source *ps = (const void *)src;

	pflowi_pf_ifmap_tell(&ps->ifmap, fn, arg);
}

static const struct pflow_source_ops pfsync_ops = {
	.name = "pfsync",
	.open = pfsync_open,
	.want = pfsync_want,
	.pump = pfsync_pump,
	.finish = pfsync_finish,
	.counters = pfsync_counters,
	.error_text = pfsync_error_text,
	.progress = pfsync_progress,
	.close = pfsync_close,
	.interfaces = pfsync_interfaces,
};

/** What can be known of the arguments before anything is opened. */
static int
check(const char *argument, const struct pflow_source_config *cfg, char *err,
    size_t err_len)
{
	if (argument[0] == '\0') {
		snprintf(err, err_len,
		    "pfsync: no file, expected pfsync:PATH (or pfsync:- for "
		    "standard input)");
		return PFLOW_ERR_INVALID;
	}
	if (cfg->memory_limit < PFLOWI_PFSYNC_MEMORY_MIN) {
		snprintf(err, err_len,
		    "pfsync:%s: a memory limit of %zu octets is too small, "
		    "expected %zu or more", argument, cfg->memory_limit,
		    PFLOWI_PFSYNC_MEMORY_MIN);
		return PFLOW_ERR_INVALID;
	}
	return PFLOW_OK;
}

static int
pfsync_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	const char *map = cfg->interface_map;
	struct pfsync_source *ps;
	int rc = check(argument, cfg, err, err_len);

	*out = NULL;
	if (rc != PFLOW_OK)
		return rc;
	ps = calloc(1, sizeof(*ps));
	if (ps == NULL || (ps->path = strdup(argument)) == NULL ||
	    (map != NULL && (ps->map_path = strdup(map)) == NULL)) {
		if (ps != NULL)
			free(ps->path);
		free(ps);
		snprintf(err, err_len, "pfsync:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	ps->src.ops = &pfsync_ops;
	ps->input.fd = -1;
	ps->system = cfg->system;
	pflowi_pf_ifmap_init(&ps->ifmap);
	ps->cfg.memory_limit = cfg->memory_limit;
	ps->cfg.active_ns = cfg->active_ns;
	ps->cfg.nat_events = cfg->nat_events;
	ps->cfg.ifmap = &ps->ifmap;
	rc = pflowi_seed(ps->cfg.key, sizeof(ps->cfg.key));
	if (rc != PFLOW_OK) {
		snprintf(err, err_len,
		    "pfsync:%s: the system gives no random octets", argument);
		pfsync_close(&ps->src);
		return rc;
	}
	*out = &ps->src;
	return PFLOW_OK;
}

const struct pflow_source_kind pflowi_source_pfsync = {
	.name = "pfsync",
	.argument = "PATH",
	.help = "pfsync packets of a capture file, - for standard input, as "
		"the states they tell of",
	.available = true,
	.active_default_ns = 0,
	.create = pfsync_create,
};
