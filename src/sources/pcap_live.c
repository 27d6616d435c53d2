/* SPDX-License-Identifier: ISC */
/* pcap-live:IFACE, the packets of an interface as flows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "core/time.h"
#include "sources/pcap_account.h"
#include "sources/sources.h"

/** Octets of each packet: room for every header that is looked at. */
#define SNAPLEN 512

/** What the kernel may keep for us; 30 ms of minimum packets at 10 Gb/s. */
#define KERNEL_BUFFER (16 * 1024 * 1024)

/** Systems that cannot deliver at once deliver after this. */
#define DELIVERY_MS 100

#define FRAMES_A_PUMP 16384u
#define STATS_EVERY_NS PFLOWI_NS_PER_SEC

enum phase { READING, FLUSHING, DONE };

struct live_source {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	pcap_t *pcap;
	uint32_t linktype;
	char *interface;
	char *filter;
	char text[2 * PCAP_ERRBUF_SIZE + 400];
	struct pflow_now now; /**< of the last pump() */
	uint64_t stats_due_ns;
	struct pcap_stat stat; /**< as last told; 32 bits that wrap */
	uint64_t kernel_dropped;
	uint64_t interface_dropped;
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

static int
fail(struct live_source *ls, int status, const char *what)
{
	snprintf(ls->text, sizeof(ls->text), "pcap-live:%s: %s", ls->interface,
	    what);
	ls->text[strcspn(ls->text, "\n")] = '\0';
	return status;
}

static int
apply_settings(struct live_source *ls)
{
	if (pcap_set_snaplen(ls->pcap, SNAPLEN) != 0 ||
	    pcap_set_promisc(ls->pcap, 1) != 0 ||
	    pcap_set_timeout(ls->pcap, DELIVERY_MS) != 0 ||
	    pcap_set_immediate_mode(ls->pcap, 1) != 0 ||
	    pcap_set_buffer_size(ls->pcap, KERNEL_BUFFER) != 0)
		return fail(ls, PFLOW_ERR_SYSTEM, "settings are refused");
	/* Microseconds will do where there is nothing better. */
	(void)pcap_set_tstamp_precision(ls->pcap,
	    PCAP_TSTAMP_PRECISION_NANO);
	return PFLOW_OK;
}

static int
activate(struct live_source *ls)
{
	int rc = pcap_activate(ls->pcap);
	const char *more = pcap_geterr(ls->pcap);
	const char *status = pcap_statustostr(rc);
	char what[PCAP_ERRBUF_SIZE + 100];

	/* Positive: a warning, the capture runs. */
	if (rc >= 0)
		return PFLOW_OK;
	if (rc == PCAP_ERROR)
		return fail(ls, PFLOW_ERR_SYSTEM, more);
	/* libpcap says nothing more, or the same again, or why. */
	if (more[0] == '\0' || strcmp(more, status) == 0)
		return fail(ls, PFLOW_ERR_SYSTEM, status);
	snprintf(what, sizeof(what), "%s: %s", status, more);
	return fail(ls, PFLOW_ERR_SYSTEM, what);
}

static int
set_filter(struct live_source *ls)
{
	struct bpf_program code;
	char what[PCAP_ERRBUF_SIZE + 300];
	int rc;

	if (ls->filter == NULL)
		return PFLOW_OK;
	rc = pcap_compile(ls->pcap, &code, ls->filter, 1,
	    PCAP_NETMASK_UNKNOWN);
	if (rc == 0) {
		rc = pcap_setfilter(ls->pcap, &code);
		pcap_freecode(&code);
	}
	if (rc == 0)
		return PFLOW_OK;
	snprintf(what, sizeof(what), "filter \"%s\": %s", ls->filter,
	    pcap_geterr(ls->pcap));
	return fail(ls, PFLOW_ERR_INVALID, what);
}

static int
live_open(struct pflow_source *src, struct pflow_now now)
{
	struct live_source *ls = of(src);
	char err[PCAP_ERRBUF_SIZE] = "";
	int rc;

	ls->now = now;
	ls->pcap = pcap_create(ls->interface, err);
	if (ls->pcap == NULL)
		return fail(ls, PFLOW_ERR_SYSTEM, err);
	rc = apply_settings(ls);
	if (rc == PFLOW_OK)
		rc = activate(ls);
	if (rc == PFLOW_OK)
		rc = set_filter(ls);
	if (rc == PFLOW_OK && pcap_setnonblock(ls->pcap, 1, err) == -1)
		rc = fail(ls, PFLOW_ERR_SYSTEM, err);
	if (rc == PFLOW_OK)
		ls->linktype = pflowi_linktype(pcap_datalink(ls->pcap));
	return rc;
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
	const struct timeval *poll_every;

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = ls->phase == DONE ? PFLOW_NEVER : 0;
	if (ls->phase != READING || pflowi_account_pending(&ls->account))
		return;
	out->fd = pcap_get_selectable_fd(ls->pcap);
	out->events = out->fd == -1 ? 0 : PFLOW_WANT_READ;
	out->deadline_ns = table_deadline(ls);
	poll_every = pcap_get_required_select_timeout(ls->pcap);
	if (poll_every != NULL)
		out->deadline_ns = pflowi_min_u64(out->deadline_ns,
		    ls->now.mono_ns +
		    (uint64_t)poll_every->tv_sec * PFLOWI_NS_PER_SEC +
		    (uint64_t)poll_every->tv_usec * 1000);
}

static void
on_frame(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	struct live_source *ls = (struct live_source *)(void *)user;
	uint64_t unit = pcap_get_tstamp_precision(ls->pcap) ==
	    PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	struct pflowi_capture_frame frame = {
		.data = data,
		.caplen = h->caplen,
		.wirelen = h->len,
		.linktype = ls->linktype,
		.time_ns = (uint64_t)h->ts.tv_sec * PFLOWI_NS_PER_SEC +
		    (uint64_t)h->ts.tv_usec * unit,
	};

	/* Never full: no more are asked for than there is room. */
	(void)pflowi_account_frame(&ls->account, &frame, ls->text,
	    sizeof(ls->text));
}

static void
stop(struct live_source *ls, int status)
{
	ls->phase = FLUSHING;
	ls->end = status;
}

static void
read_stats(struct live_source *ls)
{
	struct pcap_stat now;

	ls->stats_due_ns = pflowi_time_add(ls->now.mono_ns, STATS_EVERY_NS);
	if (pcap_stats(ls->pcap, &now) != 0)
		return;
	ls->kernel_dropped += (u_int)(now.ps_drop - ls->stat.ps_drop);
	ls->interface_dropped += (u_int)(now.ps_ifdrop - ls->stat.ps_ifdrop);
	ls->stat = now;
}

/** A batch of what is there; how many frames. */
static unsigned
read_batch(struct live_source *ls)
{
	int n = pcap_dispatch(ls->pcap, (int)PFLOWI_ACCOUNT_BATCH, on_frame,
	    (u_char *)ls);

	if (n < 0) {
		fail(ls, PFLOW_ERR_SYSTEM, pcap_geterr(ls->pcap));
		stop(ls, PFLOW_ERR_SYSTEM);
	}
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
	if (ls->phase != DONE && now.mono_ns >= ls->stats_due_ns)
		read_stats(ls);
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
	read_stats(ls);
	stop(ls, PFLOW_EOF);
}

static void
live_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct live_source *ls = of_const(src);
	struct pflow_counter c = {
		.name = "kernel_dropped_packets",
		.help = "packets the system had no room for",
		.kind = PFLOW_COUNTER_DROP,
		.value = ls->kernel_dropped,
	};

	pflowi_account_counters(&ls->account, fn, arg);
	fn(arg, &c);
	c.name = "interface_dropped_packets";
	c.help = "packets the interface or its driver dropped";
	c.value = ls->interface_dropped;
	fn(arg, &c);
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

	if (ls->pcap != NULL)
		pcap_close(ls->pcap);
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

/** All that can be judged before the interface is there. */
static int
set_up(struct live_source *ls, const char *interface,
    const struct pflow_source_config *cfg, char *err, size_t err_len)
{
	struct pflow_source_config unfiltered = *cfg;
	struct pflowi_filter *filter;
	int rc;

	ls->interface = strdup(interface);
	if (cfg->filter != NULL)
		ls->filter = strdup(cfg->filter);
	if (ls->interface == NULL || (cfg->filter != NULL && ls->filter == NULL)) {
		snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	if (cfg->filter != NULL) {
		rc = pflowi_filter_new(&filter, cfg->filter, err, err_len);
		if (rc != PFLOW_OK)
			return rc;
		pflowi_filter_free(filter);
	}
	/* The kernel filters, so that what is left out costs nothing. */
	unfiltered.filter = NULL;
	return pflowi_account_init(&ls->account, &unfiltered, err, err_len);
}

static int
live_create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
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
	if (rc != PFLOW_OK) {
		snprintf(err, err_len, "pcap-live:%s: %s", argument, text);
		live_close(&ls->src);
		return rc;
	}
	*out = &ls->src;
	return PFLOW_OK;
}

const struct pflow_source_kind pflowi_source_pcap_live = {
	.name = "pcap-live",
	.argument = "IFACE",
	.help = "packets of an interface, as flows",
	.available = true,
	.active_default_ns = UINT64_C(60) * PFLOWI_NS_PER_SEC,
	.create = live_create,
};
