/* SPDX-License-Identifier: ISC */
/* pcap-live:IFACE, the packets of an interface as flows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_handle.h"
#include "sources/pcap_spread.h"
#include "sources/sources.h"

/** Octets of each packet: room for every header that is looked at. */
#define SNAPLEN 512

#define FRAMES_A_PUMP 16384u

enum phase { READING, FLUSHING, DONE };

struct live_source {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	struct pflowi_handle handle;
	char *interface;
	char *filter;
	char text[2 * PCAP_ERRBUF_SIZE + 400];
	struct pflow_now now; /**< of the last pump() */
	struct pflowi_account account;
};

static struct live_source *
of(struct pflow_source *src)
{
	return (struct live_source *)(void *)src;
}

static const struct live_source *
of_const(const struct pflow_source *src)
{
	return (const struct live_source *)(const void *)src;
}

/** What the handle says, and of which interface. */
static int
fail(struct live_source *ls, int status)
{
	snprintf(ls->text, sizeof(ls->text), "pcap-live:%s: %s", ls->interface,
	    ls->handle.text);
	return status;
}

static int
live_open(struct pflow_source *src, struct pflow_now now)
{
	struct live_source *ls = of(src);
	int rc;

	ls->now = now;
	rc = pflowi_handle_open(&ls->handle, ls->interface, SNAPLEN);
	if (rc == PFLOW_OK && ls->filter != NULL)
		rc = pflowi_handle_filter(&ls->handle, ls->filter);
	return rc == PFLOW_OK ? rc : fail(ls, rc);
}

/** When the wheel turns next, on the clock drivers wait by. */
static uint64_t
table_deadline(const struct live_source *ls)
{
	uint64_t due = pflowi_flow_table_due(&ls->account.table);

	if (due == PFLOW_NEVER)
		return PFLOW_NEVER;
	return pflowi_time_add(ls->now.mono_ns,
	    pflowi_time_sub(due, ls->now.wall_ns));
}

static void
live_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct live_source *ls = of_const(src);

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = ls->phase == DONE ? PFLOW_NEVER : 0;
	if (ls->phase == READING && !pflowi_account_pending(&ls->account))
		pflowi_handle_want(&ls->handle, ls->now.mono_ns,
		    table_deadline(ls), out);
}

/** Never full: no more are asked for than there is room. */
static void
on_frame(void *arg, const struct pflowi_capture_frame *frame)
{
	struct live_source *ls = arg;

	(void)pflowi_account_frame(&ls->account, frame, ls->text,
	    sizeof(ls->text));
}

static void
stop(struct live_source *ls, int status)
{
	ls->phase = FLUSHING;
	ls->end = status;
}

/** A batch of what is there; how many frames. */
static unsigned
read_batch(struct live_source *ls)
{
	int n = pflowi_handle_read(&ls->handle, (int)PFLOWI_ACCOUNT_BATCH,
	    on_frame, ls);

	if (n < 0)
		stop(ls, fail(ls, n));
	return n < 0 ? 0 : (unsigned)n;
}

static int
live_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct live_source *ls = of(src);
	struct pflowi_account *a = &ls->account;
	bool drained = false;
	unsigned frames = 0, n;
	int rc;

	ls->now = now;
	if (ls->phase != DONE)
		pflowi_handle_stats(&ls->handle, now.mono_ns);
	for (;;) {
		rc = pflowi_account_give(a, now, &budget, sink, arg);
		if (rc != PFLOW_OK)
			return rc;
		if (pflowi_account_pending(a)) {
			pflowi_account_settle(a);
			continue;
		}
		if (ls->phase == FLUSHING) {
			if (pflowi_flow_table_flush(&a->table))
				ls->phase = DONE;
			continue;
		}
		if (ls->phase == DONE)
			return ls->end;
		if (drained && pflowi_flow_table_advance(&a->table,
		    now.wall_ns))
			return pflowi_account_give(a, now, &budget, sink, arg);
		if (drained)
			continue;
		if (frames >= FRAMES_A_PUMP)
			return PFLOW_MORE;
		n = read_batch(ls);
		frames += n;
		drained = n == 0;
	}
}

static void
live_finish(struct pflow_source *src, struct pflow_now now)
{
	struct live_source *ls = of(src);

	ls->now = now;
	if (ls->phase != READING)
		return;
	ls->handle.stats_due_ns = 0;
	pflowi_handle_stats(&ls->handle, now.mono_ns);
	stop(ls, PFLOW_EOF);
}

/** What is counted here and not in the account. */
static void
read_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	pflowi_handle_counters(&of_const(src)->handle, fn, arg);
}

static void
live_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	pflowi_account_counters(&of_const(src)->account, true, fn, arg);
	read_counters(src, fn, arg);
}

static const char *
live_error_text(const struct pflow_source *src)
{
	return of_const(src)->text;
}

static int
live_progress(const struct pflow_source *src)
{
	(void)src;
	return -1;
}

static void
live_close(struct pflow_source *src)
{
	struct live_source *ls = of(src);

	pflowi_handle_close(&ls->handle);
	pflowi_account_fini(&ls->account);
	free(ls->interface);
	free(ls->filter);
	free(ls);
}

static const struct pflow_source_ops live_ops = {
	.name = "pcap-live",
	.open = live_open,
	.want = live_want,
	.pump = live_pump,
	.finish = live_finish,
	.counters = live_counters,
	.error_text = live_error_text,
	.progress = live_progress,
	.close = live_close,
};

/** All that can be judged before the interface is there; no account. */
static int
set_up(struct live_source *ls, const char *interface,
    const struct pflow_source_config *cfg, char *err, size_t err_len)
{
	struct pflowi_filter *filter;
	int rc;

	ls->interface = strdup(interface);
	if (cfg->filter != NULL)
		ls->filter = strdup(cfg->filter);
	if (ls->interface == NULL || (cfg->filter != NULL && ls->filter == NULL)) {
		snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	if (cfg->filter == NULL)
		return PFLOW_OK;
	rc = pflowi_filter_new(&filter, cfg->filter, err, err_len);
	if (rc == PFLOW_OK)
		pflowi_filter_free(filter);
	return rc;
}

static int
make(const char *argument, const struct pflow_source_config *cfg,
    struct live_source **out, char *err, size_t err_len)
{
	struct live_source *ls;
	char text[400];
	int rc;

	*out = NULL;
	if (argument[0] == '\0') {
		snprintf(err, err_len,
		    "pcap-live: no interface, expected pcap-live:IFACE");
		return PFLOW_ERR_INVALID;
	}
	ls = calloc(1, sizeof(*ls));
	if (ls == NULL) {
		snprintf(err, err_len, "pcap-live:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	ls->src.ops = &live_ops;
	rc = set_up(ls, argument, cfg, text, sizeof(text));
	if (rc == PFLOW_OK) {
		*out = ls;
		return rc;
	}
	snprintf(err, err_len, "pcap-live:%s: %s", argument, text);
	live_close(&ls->src);
	return rc;
}

static int
live_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	/* The kernel filters, so that what is left out costs nothing. */
	struct pflow_source_config unfiltered = *cfg;
	struct live_source *ls;
	char text[400];
	int rc = make(argument, cfg, &ls, err, err_len);

	*out = NULL;
	if (rc != PFLOW_OK)
		return rc;
	unfiltered.filter = NULL;
	rc = pflowi_account_init(&ls->account, &unfiltered, text,
	    sizeof(text));
	if (rc != PFLOW_OK) {
		snprintf(err, err_len, "pcap-live:%s: %s", argument, text);
		live_close(&ls->src);
		return rc;
	}
	*out = &ls->src;
	return PFLOW_OK;
}

/* In parts. */

struct frames_to {
	pflowi_frame_fn *fn;
	void *arg;
};

/** There is no filter here that could refuse it. */
static void
on_frame_to(void *arg, const struct pflowi_capture_frame *frame)
{
	const struct frames_to *to = arg;

	(void)to->fn(to->arg, frame);
}

static int
read_frames(struct pflow_source *src, struct pflow_now now, unsigned max,
    pflowi_frame_fn *fn, void *arg)
{
	struct live_source *ls = of(src);
	struct frames_to to = { .fn = fn, .arg = arg };
	int n;

	ls->now = now;
	pflowi_handle_stats(&ls->handle, now.mono_ns);
	n = pflowi_handle_read(&ls->handle, (int)max, on_frame_to, &to);
	if (n < 0)
		return fail(ls, n);
	return n == 0 ? PFLOW_ERR_AGAIN : PFLOW_OK;
}

static void
end_frames(struct pflow_source *src)
{
	struct live_source *ls = of(src);

	ls->handle.stats_due_ns = 0;
	pflowi_handle_stats(&ls->handle, ls->now.mono_ns);
}

static const struct pflowi_spread_ops spread_ops = {
	.live = true,
	.frames = read_frames,
	.end = end_frames,
	.counters = read_counters,
};

static int
live_create_parts(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, size_t parts, char *err, size_t err_len)
{
	struct pflow_source_config unfiltered = *cfg;
	struct live_source *ls;
	char text[400];
	int rc = make(argument, cfg, &ls, err, err_len);

	if (rc != PFLOW_OK)
		return rc;
	unfiltered.filter = NULL;
	rc = pflowi_parts_new(&spread_ops, &ls->src, &unfiltered, out, parts,
	    text, sizeof(text));
	if (rc != PFLOW_OK)
		snprintf(err, err_len, "pcap-live:%s: %s", argument, text);
	return rc;
}

const struct pflow_source_kind pflowi_source_pcap_live = {
	.name = "pcap-live",
	.argument = "IFACE",
	.help = "packets of an interface, as flows",
	.available = true,
	.active_default_ns = UINT64_C(60) * PFLOWI_NS_PER_SEC,
	.create = live_create,
	.create_parts = live_create_parts,
};
