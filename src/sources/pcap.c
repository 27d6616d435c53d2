/* SPDX-License-Identifier: ISC */
/* pcap:PATH, the packets of a capture file or pipe as flows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_account.h"
#include "sources/pcap_input.h"
#include "sources/pcap_spread.h"
#include "sources/sources.h"

/** Frames that one pump() reads, whether or not they give states. */
#define FRAMES_A_PUMP 16384u

enum phase { READING, FLUSHING, DONE };

struct pcap_source {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	char *path;
	const struct pflow_system *system; /**< borrowed; NULL: no help */
	char text[600];
	struct pflowi_input input;
	struct pflowi_account account;
};

static struct pcap_source *
of(struct pflow_source *src)
{
	return (struct pcap_source *)(void *)src;
}

static const struct pcap_source *
of_const(const struct pflow_source *src)
{
	return (const struct pcap_source *)(const void *)src;
}

static int
pcap_open_(struct pflow_source *src, struct pflow_now now)
{
	struct pcap_source *ps = of(src);
	int rc;

	(void)now; /* a recording has a clock of its own */
	rc = pflowi_input_open(&ps->input, ps->path, ps->system);
	if (rc != PFLOW_OK)
		snprintf(ps->text, sizeof(ps->text), "%s", ps->input.text);
	return rc;
}

static void
pcap_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct pcap_source *ps = of_const(src);
	size_t waiting;

	pflowi_flow_table_ready(&ps->account.table, &waiting);
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
	if (ps->phase == DONE && waiting == 0)
		out->deadline_ns = PFLOW_NEVER;
	if (ps->phase != READING || ps->input.regular || waiting != 0)
		return;
	out->fd = ps->input.fd;
	out->events = PFLOW_WANT_READ;
	out->deadline_ns = PFLOW_NEVER;
}

static void
stop(struct pcap_source *ps, int status)
{
	ps->phase = FLUSHING;
	ps->end = status;
}

/** Fill the batch; PFLOW_ERR_AGAIN: the pipe has nothing more now. */
static int
read_batch(struct pcap_source *ps, unsigned *frames)
{
	struct pflowi_capture_frame frame;
	int rc;

	while (!pflowi_account_full(&ps->account)) {
		rc = pflowi_input_next(&ps->input, &frame);
		if (rc == PFLOW_ERR_AGAIN)
			return rc;
		if (rc != PFLOW_OK) {
			snprintf(ps->text, sizeof(ps->text), "%s",
			    ps->input.text);
			stop(ps, rc);
			return PFLOW_OK;
		}
		++*frames;
		rc = pflowi_account_frame(&ps->account, &frame, ps->text,
		    sizeof(ps->text));
		if (rc != PFLOW_OK) {
			stop(ps, rc);
			return PFLOW_OK;
		}
		if (*frames >= FRAMES_A_PUMP)
			break;
	}
	return PFLOW_OK;
}

static int
pcap_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct pcap_source *ps = of(src);
	struct pflowi_account *a = &ps->account;
	unsigned frames = 0;
	bool waiting = false;
	int rc;

	(void)now;
	for (;;) {
		rc = pflowi_account_give(a, pflowi_account_now(a), &budget,
		    sink, arg);
		if (rc != PFLOW_OK)
			return rc;
		if (pflowi_account_pending(a)) {
			pflowi_account_settle(a);
			continue;
		}
		if (ps->phase == FLUSHING) {
			if (pflowi_flow_table_flush(&a->table))
				ps->phase = DONE;
			continue;
		}
		if (ps->phase == DONE)
			return ps->end;
		if (waiting)
			return PFLOW_OK;
		if (frames >= FRAMES_A_PUMP)
			return PFLOW_MORE;
		waiting = read_batch(ps, &frames) == PFLOW_ERR_AGAIN;
	}
}

static void
pcap_finish(struct pflow_source *src, struct pflow_now now)
{
	struct pcap_source *ps = of(src);

	(void)now;
	if (ps->phase == READING)
		stop(ps, PFLOW_EOF);
}

/** What is counted here and not in the account. */
static void
read_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct pcap_source *ps = of_const(src);
	struct pflow_counter c = {
		.name = "cut_short_octets",
		.help = "at the end of the file, not a whole packet",
		.kind = PFLOW_COUNTER_INFO,
		.value = ps->input.cut_octets,
	};

	fn(arg, &c);
}

static void
pcap_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	pflowi_account_counters(&of_const(src)->account, true, fn, arg);
	read_counters(src, fn, arg);
}

static const char *
pcap_error_text(const struct pflow_source *src)
{
	return of_const(src)->text;
}

static int
pcap_progress(const struct pflow_source *src)
{
	return pflowi_input_progress(&of_const(src)->input);
}

static void
pcap_close_(struct pflow_source *src)
{
	struct pcap_source *ps = of(src);

	pflowi_input_close(&ps->input);
	pflowi_account_fini(&ps->account);
	free(ps->path);
	free(ps);
}

static const struct pflow_source_ops pcap_ops = {
	.name = "pcap",
	.open = pcap_open_,
	.want = pcap_want,
	.pump = pcap_pump,
	.finish = pcap_finish,
	.counters = pcap_counters,
	.error_text = pcap_error_text,
	.progress = pcap_progress,
	.close = pcap_close_,
};

/** Without an account. */
static int
make(const char *argument, const struct pflow_source_config *cfg,
    struct pcap_source **out, char *err, size_t err_len)
{
	struct pcap_source *ps;

	*out = NULL;
	if (argument[0] == '\0') {
		snprintf(err, err_len,
		    "pcap: no file, expected pcap:PATH (or pcap:- for "
		    "standard input)");
		return PFLOW_ERR_INVALID;
	}
	ps = calloc(1, sizeof(*ps));
	if (ps == NULL || (ps->path = strdup(argument)) == NULL) {
		free(ps);
		snprintf(err, err_len, "pcap:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	ps->src.ops = &pcap_ops;
	ps->input.fd = -1;
	ps->system = cfg->system;
	*out = ps;
	return PFLOW_OK;
}

static int
pcap_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	struct pcap_source *ps;
	char text[400];
	int rc = make(argument, cfg, &ps, err, err_len);

	*out = NULL;
	if (rc != PFLOW_OK)
		return rc;
	rc = pflowi_account_init(&ps->account, cfg, text, sizeof(text));
	if (rc != PFLOW_OK) {
		snprintf(err, err_len, "pcap:%s: %s", argument, text);
		pcap_close_(&ps->src);
		return rc;
	}
	*out = &ps->src;
	return PFLOW_OK;
}

/* In parts. */

static int
read_frames(struct pflow_source *src, struct pflow_now now, unsigned max,
    pflowi_frame_fn *fn, void *arg)
{
	struct pcap_source *ps = of(src);
	struct pflowi_capture_frame frame;
	int rc = PFLOW_OK;

	(void)now;
	for (; max > 0 && rc == PFLOW_OK; max--) {
		rc = pflowi_input_next(&ps->input, &frame);
		if (rc == PFLOW_OK)
			rc = fn(arg, &frame);
		else if (rc != PFLOW_ERR_AGAIN)
			snprintf(ps->text, sizeof(ps->text), "%s",
			    ps->input.text);
	}
	return rc;
}

static const struct pflowi_spread_ops spread_ops = {
	.live = false,
	.frames = read_frames,
	.counters = read_counters,
};

static int
pcap_create_parts(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, size_t parts, char *err, size_t err_len)
{
	struct pcap_source *ps;
	char text[400];
	int rc = make(argument, cfg, &ps, err, err_len);

	if (rc != PFLOW_OK)
		return rc;
	rc = pflowi_parts_new(&spread_ops, &ps->src, cfg, out, parts, text,
	    sizeof(text));
	if (rc != PFLOW_OK)
		snprintf(err, err_len, "pcap:%s: %s", argument, text);
	return rc;
}

const struct pflow_source_kind pflowi_source_pcap = {
	.name = "pcap",
	.argument = "PATH",
	.help = "packets of a capture file (pcap, pcapng), - for standard "
		"input, as flows",
	.available = true,
	.active_default_ns = UINT64_C(60) * PFLOWI_NS_PER_SEC,
	.create = pcap_create,
	.create_parts = pcap_create_parts,
};
