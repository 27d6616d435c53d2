/* SPDX-License-Identifier: ISC */
#include "sources/pfsync_listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"

/** Frames that one pump() reads at most. */
#define FRAMES 8192u

static struct pflowi_pfsync_listener *
of(struct pflow_source *src)
{
	return (struct pflowi_pfsync_listener *)(void *)src;
}

int
pflowi_pfsync_listener_init(struct pflowi_pfsync_listener *l, const char *kind,
    const char *name, const struct pflow_source_config *cfg, char *err,
    size_t err_len)
{
	size_t len = strlen(kind) + strlen(name) + 2;

	l->who = malloc(len);
	if (l->who == NULL) {
		snprintf(err, err_len, "%s: out of memory", kind);
		return PFLOW_ERR_NOMEM;
	}
	snprintf(l->who, len, "%s:%s", kind, name);
	return pflowi_pf_setup_init(&l->setup, l->who,
	    PFLOWI_PFSYNC_MEMORY_MIN, cfg, err, err_len);
}

void
pflowi_pfsync_listener_fini(struct pflowi_pfsync_listener *l)
{
	pflowi_pfsync_table_free(l->table);
	pflowi_pf_setup_fini(&l->setup);
	free(l->who);
}

int
pflowi_pfsync_listener_open(struct pflowi_pfsync_listener *l,
    struct pflow_now now)
{
	int rc = pflowi_pf_setup_open(&l->setup, l->text, sizeof(l->text));

	l->now = now;
	if (rc != PFLOW_OK)
		return rc;
	rc = pflowi_pfsync_table_new(&l->setup.cfg, &l->table);
	if (rc != PFLOW_OK)
		snprintf(l->text, sizeof(l->text), "%s: %s", l->who,
		    pflow_status_text(rc));
	return rc;
}

bool
pflowi_pfsync_listener_want(const struct pflowi_pfsync_listener *l,
    struct pflow_want *out)
{
	bool waiting = l->table != NULL && pflowi_pfsync_table_waiting(l->table);

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
	if (l->phase == PFLOWI_PFSYNC_DONE && !waiting)
		out->deadline_ns = PFLOW_NEVER;
	return l->phase == PFLOWI_PFSYNC_READING && !waiting;
}

uint64_t
pflowi_pfsync_listener_due(const struct pflowi_pfsync_listener *l)
{
	uint64_t due = l->table == NULL ? PFLOW_NEVER
					: pflowi_pfsync_table_due(l->table);

	if (due == PFLOW_NEVER)
		return PFLOW_NEVER;
	return pflowi_time_add(l->now.mono_ns,
	    pflowi_time_sub(due, l->now.wall_ns));
}

static void
stop(struct pflowi_pfsync_listener *l, int status)
{
	l->phase = PFLOWI_PFSYNC_FLUSHING;
	l->end = status;
}

void
pflowi_pfsync_listener_take(struct pflowi_pfsync_listener *l,
    const struct pflowi_capture_frame *frame)
{
	enum pflowi_pfsync_frame_verdict verdict;
	struct pflowi_pfsync_payload payload;

	if (l->frames++ == 0)
		l->origin_ns = pflowi_pf_origin(frame->time_ns);
	verdict = pflowi_pfsync_frame(frame->linktype, frame->data,
	    frame->caplen, frame->wirelen, &payload);
	l->verdicts[verdict]++;
	if (verdict == PFLOWI_PFSYNC_FRAME_GOOD) {
		l->packets++;
		pflowi_pfsync_table_packet(l->table, payload.p, payload.len,
		    payload.wire, payload.sender, frame->time_ns);
	}
	(void)pflowi_pfsync_table_advance(l->table, frame->time_ns);
}

/** One frame, or the end. PFLOW_ERR_AGAIN: there is nothing more now. */
static int
read_frame(struct pflowi_pfsync_listener *l)
{
	int rc;

	if (!pflowi_pfsync_table_ready(l->table)) {
		if (pflowi_pfsync_table_waiting(l->table))
			return PFLOW_OK; /* give these out first */
		snprintf(l->text, sizeof(l->text), "%s: %s", l->who,
		    pflow_status_text(PFLOW_ERR_NOMEM));
		stop(l, PFLOW_ERR_NOMEM);
		return PFLOW_OK;
	}
	rc = l->read(l);
	if (rc != PFLOW_OK && rc != PFLOW_ERR_AGAIN) {
		stop(l, rc);
		rc = PFLOW_OK;
	}
	/* Where nothing is heard time passes all the same. */
	if (rc == PFLOW_ERR_AGAIN && l->live &&
	    !pflowi_pfsync_table_advance(l->table, l->now.wall_ns))
		rc = PFLOW_OK;
	return rc;
}

/** Work until something waits for the sink, or for the time being done. */
static int
work(struct pflowi_pfsync_listener *l, unsigned *frames)
{
	while (!pflowi_pfsync_table_waiting(l->table)) {
		if (l->phase == PFLOWI_PFSYNC_DONE)
			return l->end;
		if (*frames == 0)
			return PFLOW_MORE;
		--*frames;
		if (l->phase == PFLOWI_PFSYNC_READING) {
			if (read_frame(l) == PFLOW_ERR_AGAIN)
				return PFLOW_OK;
		} else if (pflowi_pfsync_table_flush(l->table)) {
			l->phase = PFLOWI_PFSYNC_DONE;
		}
	}
	return PFLOW_OK;
}

static struct pflow_now
clock_of(const struct pflowi_pfsync_listener *l)
{
	struct pflow_now now;

	if (l->live)
		return l->now;
	now.wall_ns = pflowi_pfsync_table_now(l->table);
	now.mono_ns = pflowi_time_sub(now.wall_ns, l->origin_ns);
	return now;
}

int
pflowi_pfsync_listener_pump(struct pflow_source *src, struct pflow_now now,
    unsigned budget, pflow_sink_fn *sink, void *arg)
{
	struct pflowi_pfsync_listener *l = of(src);
	unsigned frames = FRAMES;
	int rc;

	l->now = now;
	for (;;) {
		rc = pflowi_pfsync_table_give(l->table, clock_of(l), &budget,
		    sink, arg);
		if (rc != PFLOW_OK)
			return rc;
		if (budget == 0)
			return PFLOW_MORE;
		rc = work(l, &frames);
		if (rc != PFLOW_OK || !pflowi_pfsync_table_waiting(l->table))
			return rc;
	}
}

void
pflowi_pfsync_listener_finish(struct pflow_source *src, struct pflow_now now)
{
	struct pflowi_pfsync_listener *l = of(src);

	(void)now;
	if (l->phase == PFLOWI_PFSYNC_READING)
		stop(l, PFLOW_EOF);
}

void
pflowi_pfsync_listener_interfaces(const struct pflow_source *src,
    pflow_interface_fn *fn, void *arg)
{
	const struct pflowi_pfsync_listener *l = (const void *)src;

	pflowi_pf_ifmap_tell(&l->setup.ifmap, fn, arg);
}

const char *
pflowi_pfsync_listener_text(const struct pflow_source *src)
{
	return ((const struct pflowi_pfsync_listener *)(const void *)src)->text;
}

void
pflowi_pfsync_listener_counters(const struct pflowi_pfsync_listener *l,
    pflow_counter_fn *fn, void *arg)
{
	pflowi_pf_tell(fn, arg, "frames", "frames read", l->frames,
	    PFLOW_COUNTER_INFO);
	pflowi_pf_tell(fn, arg, "packets", "pfsync packets", l->packets,
	    PFLOW_COUNTER_INFO);
#define TELL(name, kind, help)                                                 \
	pflowi_pf_tell(fn, arg, #name, help,                                   \
	    l->verdicts[PFLOWI_PFSYNC_FRAME_##name], PFLOW_COUNTER_##kind);
	PFLOWI_PFSYNC_FRAMES(TELL)
#undef TELL
	if (l->table != NULL)
		pflowi_pfsync_table_counters(l->table, fn, arg);
}
