/* SPDX-License-Identifier: ISC */
/* pfsync-live:IFACE, the pfsync packets of an interface. */
#include <stdio.h>
#include <stdlib.h>

#include "sources/pcap_handle.h"
#include "sources/pfsync_listener.h"
#include "sources/sources.h"

/** A packet fills the MTU of its interface; jumbo frames have 9000 octets. */
#define SNAPLEN 9216

/**
 * What the kernel need not hand over. A VLAN tag moves all that follows it, so
 * tagged frames are looked at here. On a pfsync interface, where not every
 * packet has an IP header, this does not compile, and all is pfsync.
 */
#define FILTER "ip proto 240 or ip6 proto 240 or vlan"

struct live_source {
	struct pflowi_pfsync_listener listener;
	struct pflowi_handle handle;
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

static int
fail(struct live_source *ls, int status)
{
	snprintf(ls->listener.text, sizeof(ls->listener.text), "%s: %s",
	    ls->listener.who, ls->handle.text);
	return status;
}

/** LINKTYPE_PFSYNC, and what OpenBSD's and FreeBSD's libpcap call it. */
static bool
is_pfsync(uint32_t link)
{
	return link == 246 || link == 18 || link == 121;
}

static int
live_open(struct pflow_source *src, struct pflow_now now)
{
	struct live_source *ls = of(src);
	int rc = pflowi_handle_open(&ls->handle,
	    ls->listener.who + sizeof("pfsync-live"), SNAPLEN);

	if (rc != PFLOW_OK)
		return fail(ls, rc);
	/* Only to save work: link types it makes no sense for do without. */
	if (!is_pfsync(ls->handle.linktype))
		(void)pflowi_handle_filter(&ls->handle, FILTER);
	return pflowi_pfsync_listener_open(&ls->listener, now);
}

static void
on_frame(void *arg, const struct pflowi_capture_frame *frame)
{
	pflowi_pfsync_listener_take(arg, frame);
}

/** One at a time: each may need room that others have to give up first. */
static int
live_read(struct pflowi_pfsync_listener *l)
{
	struct live_source *ls = of(&l->src);
	int n;

	pflowi_handle_stats(&ls->handle, l->now.mono_ns);
	n = pflowi_handle_read(&ls->handle, 1, on_frame, l);
	if (n < 0)
		return fail(ls, n);
	return n == 0 ? PFLOW_ERR_AGAIN : PFLOW_OK;
}

static void
live_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct live_source *ls = of_const(src);

	if (pflowi_pfsync_listener_want(&ls->listener, out))
		pflowi_handle_want(&ls->handle, ls->listener.now.mono_ns,
		    pflowi_pfsync_listener_due(&ls->listener), out);
}

static void
live_finish(struct pflow_source *src, struct pflow_now now)
{
	struct live_source *ls = of(src);

	ls->handle.stats_due_ns = 0;
	pflowi_handle_stats(&ls->handle, now.mono_ns);
	pflowi_pfsync_listener_finish(src, now);
}

static void
live_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct live_source *ls = of_const(src);

	pflowi_pfsync_listener_counters(&ls->listener, fn, arg);
	pflowi_handle_counters(&ls->handle, fn, arg);
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
	pflowi_pfsync_listener_fini(&ls->listener);
	free(ls);
}

static const struct pflow_source_ops live_ops = {
	.name = "pfsync-live",
	.open = live_open,
	.want = live_want,
	.pump = pflowi_pfsync_listener_pump,
	.finish = live_finish,
	.counters = live_counters,
	.interfaces = pflowi_pfsync_listener_interfaces,
	.error_text = pflowi_pfsync_listener_text,
	.progress = live_progress,
	.close = live_close,
};

static int
live_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	struct live_source *ls;
	int rc;

	*out = NULL;
	if (argument[0] == '\0') {
		snprintf(err, err_len, "pfsync-live: no interface, expected "
		    "pfsync-live:IFACE");
		return PFLOW_ERR_INVALID;
	}
	ls = calloc(1, sizeof(*ls));
	if (ls == NULL) {
		snprintf(err, err_len, "pfsync-live:%s: out of memory",
		    argument);
		return PFLOW_ERR_NOMEM;
	}
	ls->listener.src.ops = &live_ops;
	ls->listener.read = live_read;
	ls->listener.live = true;
	rc = pflowi_pfsync_listener_init(&ls->listener, "pfsync-live", argument,
	    cfg, err, err_len);
	if (rc != PFLOW_OK) {
		live_close(&ls->listener.src);
		return rc;
	}
	*out = &ls->listener.src;
	return PFLOW_OK;
}

const struct pflow_source_kind pflowi_source_pfsync_live = {
	.name = "pfsync-live",
	.argument = "IFACE",
	.help = "pfsync packets of an interface, as the states they tell of",
	.available = true,
	.active_default_ns = 0,
	.create = live_create,
};
