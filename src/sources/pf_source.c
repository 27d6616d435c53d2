/* SPDX-License-Identifier: ISC */
/* pf:, the state table of this machine, or saved ones in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pf_differ.h"
#include "sources/pf_input.h"
#include "sources/pf_live.h"
#include "sources/pf_setup.h"
#include "sources/pf_spec.h"
#include "sources/pf_stream.h"
#include "sources/sources.h"

/** Records that one pump() reads at most. */
#define RECORDS 16384u

/** How often the live table is read, unless told otherwise. */
#define EVERY_NS (UINT64_C(10) * PFLOWI_NS_PER_SEC)

enum phase {
	RESTING,  /**< live: until the next pass is due */
	OPENING,
	READING,
	ENDING,	  /**< what the table no longer has is being ended */
	FLUSHING,
	DONE
};

struct pf_source {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	struct pflowi_pf_spec spec;
	struct pflowi_pf_setup setup;
	struct pflowi_pf_differ *differ; /**< NULL: one table, streamed */
	struct pflowi_pf_stream *stream; /**< NULL: several tables, or live */
	struct pflowi_pf_live *live;	 /**< NULL: saved tables */
	struct pflowi_pf_input input;	 /**< the saved one at hand */
	struct pflowi_pf_text text_sum;	 /**< counters of those before it */
	size_t table;			 /**< which one is at hand */
	uint64_t origin_ns;
	uint64_t now_ns;	/**< when the table at hand was made */
	uint64_t next_ns;	/**< live: mono_ns of the next pass */
	uint64_t every_ns;
	uint64_t failed_tables;
	uint64_t malformed_records;
	uint64_t left_over;
	uint64_t unordered_tables;
	char text[600];
};

static struct pf_source *
of(struct pflow_source *src)
{
	return (struct pf_source *)(void *)src;
}

static const struct pf_source *
of_const(const struct pflow_source *src)
{
	return (const struct pf_source *)(const void *)src;
}

static void
stop(struct pf_source *ps, int status)
{
	ps->phase = FLUSHING;
	ps->end = status;
}

/** The saved table at hand. Its times are said, or those of the file. */
static int
open_table(struct pf_source *ps, uint64_t wall_ns)
{
	const struct pflowi_pf_spec *spec = &ps->spec;
	uint64_t at;
	int rc;

	rc = pflowi_pf_input_open(&ps->input, spec->paths[ps->table],
	    spec->has_format ? &spec->format : NULL, ps->setup.system);
	if (rc != PFLOW_OK) {
		snprintf(ps->text, sizeof(ps->text), "%s", ps->input.error);
		return rc;
	}
	at = ps->input.mtime_ns == 0 ? wall_ns : ps->input.mtime_ns;
	if (spec->has_time)
		at = spec->time_ns;
	if (spec->every_ns != 0 && ps->table > 0)
		at = pflowi_time_add(ps->now_ns, spec->every_ns);
	if (ps->table == 0)
		ps->origin_ns = pflowi_pf_origin(at);
	else if (at < ps->now_ns)
		ps->unordered_tables++;
	if (at > ps->now_ns)
		ps->now_ns = at;
	return PFLOW_OK;
}

static void
close_table(struct pf_source *ps)
{
#define SUM(name, help) ps->text_sum.name += ps->input.text.name;
	PFLOWI_PF_TEXT_REJECTS(SUM)
#undef SUM
	ps->text_sum.unreadable_lines += ps->input.long_lines;
	ps->left_over += ps->input.left_over;
	pflowi_pf_input_close(&ps->input);
}

static int
make_followers(struct pf_source *ps)
{
	if (ps->spec.count == 1) {
		ps->stream = calloc(1, sizeof(*ps->stream));
		if (ps->stream == NULL)
			return PFLOW_ERR_NOMEM;
		ps->stream->ifmap = &ps->setup.ifmap;
		ps->stream->nat_events = ps->setup.cfg.nat_events;
		return PFLOW_OK;
	}
	return pflowi_pf_differ_new(&ps->setup.cfg, &ps->differ);
}

static int
pf_open(struct pflow_source *src, struct pflow_now now)
{
	struct pf_source *ps = of(src);
	int rc;

	rc = pflowi_pf_setup_open(&ps->setup, ps->text, sizeof(ps->text));
	if (rc != PFLOW_OK)
		return rc;
	rc = make_followers(ps);
	if (rc != PFLOW_OK) {
		snprintf(ps->text, sizeof(ps->text), "pf: %s",
		    pflow_status_text(rc));
		return rc;
	}
	if (ps->spec.count == 0) {
		ps->phase = RESTING;
		ps->next_ns = now.mono_ns;
		return pflowi_pf_live_open(&ps->live, ps->setup.cfg.memory_limit,
		    ps->text, sizeof(ps->text));
	}
	/* The first one now, so that what is wrong with it is said early. */
	rc = open_table(ps, now.wall_ns);
	ps->phase = OPENING;
	return rc;
}

static bool
waiting(const struct pf_source *ps)
{
	return ps->stream != NULL ? ps->stream->at < ps->stream->count
				  : ps->differ != NULL &&
		pflowi_pf_track_waiting(&ps->differ->track);
}

static void
pf_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct pf_source *ps = of_const(src);

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
	if (waiting(ps))
		return;
	if (ps->phase == DONE) {
		out->deadline_ns = PFLOW_NEVER;
	} else if (ps->phase == RESTING) {
		out->deadline_ns = ps->next_ns;
	} else if (ps->phase == READING && ps->live == NULL &&
	    !ps->input.regular) {
		out->fd = ps->input.fd;
		out->events = PFLOW_WANT_READ;
		out->deadline_ns = PFLOW_NEVER;
	}
}

/** A pass that failed ends nothing: what it had not yet shown may live. */
static void
pass_failed(struct pf_source *ps)
{
	ps->failed_tables++;
	ps->phase = RESTING;
}

static void
begin_live(struct pf_source *ps, struct pflow_now now)
{
	pflowi_pf_ifmap_local(&ps->setup.ifmap);
	ps->next_ns = pflowi_time_add(now.mono_ns, ps->every_ns);
	ps->now_ns = now.wall_ns;
	if (pflowi_pf_live_begin(ps->live, ps->text, sizeof(ps->text)) !=
	    PFLOW_OK) {
		pass_failed(ps);
		return;
	}
	pflowi_pf_differ_begin(ps->differ, ps->now_ns);
	ps->phase = READING;
}

static void
begin_saved(struct pf_source *ps, struct pflow_now now)
{
	int rc;

	if (ps->table > 0) {
		rc = open_table(ps, now.wall_ns);
		if (rc != PFLOW_OK) {
			stop(ps, rc);
			return;
		}
	}
	if (ps->stream != NULL)
		ps->stream->now_ns = ps->now_ns;
	else
		pflowi_pf_differ_begin(ps->differ, ps->now_ns);
	ps->phase = READING;
}

static void
table_read(struct pf_source *ps)
{
	if (ps->live == NULL)
		close_table(ps);
	if (ps->stream != NULL) {
		ps->stream->tally.tables++;
		ps->phase = DONE;
	} else {
		ps->phase = ENDING;
	}
}

/** One record. PFLOW_ERR_AGAIN: the pipe has nothing more now. */
static int
read_record(struct pf_source *ps)
{
	struct pflowi_pf_raw raw;
	int rc;

	if (ps->live != NULL)
		rc = pflowi_pf_live_next(ps->live, &raw, ps->text,
		    sizeof(ps->text));
	else
		rc = pflowi_pf_input_next(&ps->input, &raw);
	if (rc == PFLOW_OK) {
		if (ps->stream != NULL)
			pflowi_pf_stream_state(ps->stream, &raw);
		else
			pflowi_pf_differ_state(ps->differ, &raw);
	} else if (rc == PFLOW_EOF) {
		table_read(ps);
	} else if (rc == PFLOW_ERR_MALFORMED) {
		ps->malformed_records++;
	} else if (rc == PFLOW_ERR_AGAIN) {
		return rc;
	} else if (ps->live != NULL) {
		pass_failed(ps);
	} else {
		snprintf(ps->text, sizeof(ps->text), "%s", ps->input.error);
		stop(ps, rc);
	}
	return PFLOW_OK;
}

static void
end_table(struct pf_source *ps)
{
	if (!pflowi_pf_differ_end(ps->differ))
		return;
	if (ps->live != NULL)
		ps->phase = RESTING;
	else if (++ps->table < ps->spec.count)
		ps->phase = OPENING;
	else
		stop(ps, PFLOW_EOF);
}

static bool
has_room(struct pf_source *ps)
{
	return ps->stream != NULL ? pflowi_pf_stream_ready(ps->stream)
				  : pflowi_pf_differ_ready(ps->differ);
}

/** One step; PFLOW_ERR_AGAIN: nothing to be done now. */
static int
step(struct pf_source *ps, struct pflow_now now)
{
	switch (ps->phase) {
	case RESTING:
		if (now.mono_ns < ps->next_ns)
			return PFLOW_ERR_AGAIN;
		begin_live(ps, now);
		break;
	case OPENING:
		begin_saved(ps, now);
		break;
	case READING:
		return read_record(ps);
	case ENDING:
		end_table(ps);
		break;
	case FLUSHING:
		if (ps->differ == NULL || pflowi_pf_differ_flush(ps->differ))
			ps->phase = DONE;
		break;
	case DONE:
		break;
	}
	return PFLOW_OK;
}

static int
give(struct pf_source *ps, struct pflow_now now, unsigned *budget,
    pflow_sink_fn *sink, void *arg)
{
	if (ps->live == NULL) {
		now.wall_ns = ps->now_ns;
		now.mono_ns = pflowi_time_sub(ps->now_ns, ps->origin_ns);
	}
	if (ps->stream != NULL)
		return pflowi_pf_stream_give(ps->stream, now, budget, sink, arg);
	return pflowi_pf_track_give(&ps->differ->track, now, budget, sink, arg);
}

/** Fill the batch of a stream; until something waits, otherwise. */
static int
work(struct pf_source *ps, struct pflow_now now, unsigned *records)
{
	while (ps->phase != DONE) {
		int rc;

		if (ps->stream == NULL ? waiting(ps) : !has_room(ps))
			return PFLOW_OK;
		if (*records == 0)
			return PFLOW_MORE;
		--*records;
		if (ps->phase == READING && !has_room(ps))
			return PFLOW_OK;
		rc = step(ps, now);
		if (rc != PFLOW_OK)
			return rc;
	}
	return PFLOW_OK;
}

static int
pf_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct pf_source *ps = of(src);
	unsigned records = RECORDS;
	int rc = PFLOW_OK, given;

	for (;;) {
		given = give(ps, now, &budget, sink, arg);
		if (given != PFLOW_OK)
			return given;
		if (budget == 0)
			return PFLOW_MORE;
		if (waiting(ps))
			continue;
		if (ps->phase == DONE)
			return ps->end;
		if (rc != PFLOW_OK)
			return rc == PFLOW_ERR_AGAIN ? PFLOW_OK : rc;
		rc = work(ps, now, &records);
	}
}

static void
pf_finish(struct pflow_source *src, struct pflow_now now)
{
	struct pf_source *ps = of(src);

	(void)now;
	if (ps->phase != FLUSHING && ps->phase != DONE)
		stop(ps, PFLOW_EOF);
}

static void
pf_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct pf_source *ps = of_const(src);

	if (ps->stream != NULL)
		pflowi_pf_differ_tell(&ps->stream->tally, fn, arg);
	else if (ps->differ != NULL)
		pflowi_pf_differ_counters(ps->differ, fn, arg);
#define TELL(name, help)                                                       \
	pflowi_pf_tell(fn, arg, #name, help, ps->text_sum.name, PFLOW_COUNTER_DROP);
	PFLOWI_PF_TEXT_REJECTS(TELL)
#undef TELL
	pflowi_pf_tell(fn, arg, "malformed_records", "states whose octets break the rules",
	    ps->malformed_records, PFLOW_COUNTER_DROP);
	pflowi_pf_tell(fn, arg, "cut_short_octets",
	    "at the end of a table, not a whole state", ps->left_over,
	    PFLOW_COUNTER_INFO);
	pflowi_pf_tell(fn, arg, "failed_tables", "times the live table could not be read",
	    ps->failed_tables, PFLOW_COUNTER_INFO);
	pflowi_pf_tell(fn, arg, "unordered_tables", "tables older than the one before",
	    ps->unordered_tables, PFLOW_COUNTER_INFO);
}

static void
pf_interfaces(const struct pflow_source *src, pflow_interface_fn *fn,
    void *arg)
{
	pflowi_pf_ifmap_tell(&of_const(src)->setup.ifmap, fn, arg);
}

static const char *
pf_error_text(const struct pflow_source *src)
{
	return of_const(src)->text;
}

static int
pf_progress(const struct pflow_source *src)
{
	const struct pf_source *ps = of_const(src);
	uint64_t at = ps->input.window == NULL ? 0
					       : ps->input.done + ps->input.pos;
	double share;

	if (ps->live != NULL || !ps->input.regular)
		return ps->phase == DONE && ps->live == NULL ? 1000 : -1;
	if (ps->phase == DONE)
		return 1000;
	share = ps->input.size == 0 || ps->input.window == NULL
	    ? 0 : (double)at / (double)ps->input.size;
	return (int)(((double)ps->table + share) / (double)ps->spec.count *
	    1000);
}

static void
pf_close(struct pflow_source *src)
{
	struct pf_source *ps = of(src);

	pflowi_pf_input_close(&ps->input);
	pflowi_pf_live_close(ps->live);
	pflowi_pf_differ_free(ps->differ);
	free(ps->stream);
	pflowi_pf_setup_fini(&ps->setup);
	pflowi_pf_spec_fini(&ps->spec);
	free(ps);
}

static const struct pflow_source_ops pf_ops = {
	.name = "pf",
	.open = pf_open,
	.want = pf_want,
	.pump = pf_pump,
	.finish = pf_finish,
	.counters = pf_counters,
	.interfaces = pf_interfaces,
	.error_text = pf_error_text,
	.progress = pf_progress,
	.close = pf_close,
};

/** What can be known of the arguments before anything is opened. */
static int
configure(struct pf_source *ps, const char *argument,
    const struct pflow_source_config *cfg, char *err, size_t err_len)
{
	int rc = pflowi_pf_spec_parse(&ps->spec, argument, err, err_len);
	char who[300];

	if (rc != PFLOW_OK)
		return rc;
	if (ps->spec.count == 0 && !pflowi_pf_live_available)
		return pflowi_pf_live_open(&ps->live, 0, err, err_len);
	ps->every_ns = ps->spec.every_ns != 0 ? ps->spec.every_ns : EVERY_NS;
	snprintf(who, sizeof(who), "pf:%s", argument);
	return pflowi_pf_setup_init(&ps->setup, who,
	    PFLOWI_PF_DIFFER_MEMORY_MIN, cfg, err, err_len);
}

static int
pf_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	struct pf_source *ps = calloc(1, sizeof(*ps));
	int rc = PFLOW_ERR_NOMEM;

	*out = NULL;
	if (ps != NULL) {
		ps->src.ops = &pf_ops;
		ps->input.fd = -1;
		ps->end = PFLOW_EOF;
		rc = configure(ps, argument, cfg, err, err_len);
		if (rc != PFLOW_OK)
			pf_close(&ps->src);
	}
	if (rc == PFLOW_ERR_NOMEM)
		snprintf(err, err_len, "pf:%s: out of memory", argument);
	if (rc == PFLOW_OK)
		*out = &ps->src;
	return rc;
}

const struct pflow_source_kind pflowi_source_pf = {
	.name = "pf",
	.argument = "[PATH]",
	.help = "state table of this machine's pf, or saved ones "
		"(PATH[,PATH...], - for standard input): pfctl -S, "
		"pfctl -s states -vv",
	.available = true,
	.active_default_ns = UINT64_C(60) * PFLOWI_NS_PER_SEC,
	.create = pf_create,
};
