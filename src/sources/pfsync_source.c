/* SPDX-License-Identifier: ISC */
/* pfsync:PATH, a capture file or pipe of pfsync packets. */
#include <stdio.h>
#include <stdlib.h>

#include "sources/pcap_input.h"
#include "sources/pfsync_listener.h"
#include "sources/sources.h"

struct pfsync_source {
	struct pflowi_pfsync_listener listener;
	struct pflowi_input input;
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
pfsync_read(struct pflowi_pfsync_listener *l)
{
	struct pfsync_source *ps = of(&l->src);
	struct pflowi_capture_frame frame;
	int rc = pflowi_input_next(&ps->input, &frame);

	if (rc == PFLOW_OK)
		pflowi_pfsync_listener_take(l, &frame);
	else if (rc != PFLOW_ERR_AGAIN)
		snprintf(l->text, sizeof(l->text), "%s", ps->input.text);
	return rc;
}

static int
pfsync_open(struct pflow_source *src, struct pflow_now now)
{
	struct pfsync_source *ps = of(src);
	struct pflowi_pfsync_listener *l = &ps->listener;
	int rc = pflowi_input_open(&ps->input, l->who + sizeof("pfsync"),
	    l->setup.system);

	if (rc == PFLOW_OK)
		return pflowi_pfsync_listener_open(l, now);
	snprintf(l->text, sizeof(l->text), "%s", ps->input.text);
	return rc;
}

static void
pfsync_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct pfsync_source *ps = of_const(src);

	if (!pflowi_pfsync_listener_want(&ps->listener, out) ||
	    ps->input.regular)
		return;
	out->fd = ps->input.fd;
	out->events = PFLOW_WANT_READ;
	out->deadline_ns = PFLOW_NEVER;
}

static void
pfsync_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct pfsync_source *ps = of_const(src);

	pflowi_pfsync_listener_counters(&ps->listener, fn, arg);
	pflowi_pf_tell(fn, arg, "cut_short_octets",
	    "at the end of the file, not a whole frame", ps->input.cut_octets,
	    PFLOW_COUNTER_INFO);
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
	pflowi_pfsync_listener_fini(&ps->listener);
	free(ps);
}

static const struct pflow_source_ops pfsync_ops = {
	.name = "pfsync",
	.open = pfsync_open,
	.want = pfsync_want,
	.pump = pflowi_pfsync_listener_pump,
	.finish = pflowi_pfsync_listener_finish,
	.counters = pfsync_counters,
	.interfaces = pflowi_pfsync_listener_interfaces,
	.error_text = pflowi_pfsync_listener_text,
	.progress = pfsync_progress,
	.close = pfsync_close,
};

static int
pfsync_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	struct pfsync_source *ps;
	int rc;

	*out = NULL;
	if (argument[0] == '\0') {
		snprintf(err, err_len,
		    "pfsync: no file, expected pfsync:PATH (or pfsync:- for "
		    "standard input)");
		return PFLOW_ERR_INVALID;
	}
	ps = calloc(1, sizeof(*ps));
	if (ps == NULL) {
		snprintf(err, err_len, "pfsync:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	ps->listener.src.ops = &pfsync_ops;
	ps->listener.read = pfsync_read;
	ps->input.fd = -1;
	rc = pflowi_pfsync_listener_init(&ps->listener, "pfsync", argument, cfg,
	    err, err_len);
	if (rc != PFLOW_OK) {
		pfsync_close(&ps->listener.src);
		return rc;
	}
	*out = &ps->listener.src;
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
