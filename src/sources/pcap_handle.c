/* SPDX-License-Identifier: ISC */
#include "sources/pcap_handle.h"

#include <stdio.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_filter.h"

/** What the kernel may keep for us; 30 ms of minimum packets at 10 Gb/s. */
#define KERNEL_BUFFER (16 * 1024 * 1024)

/** Systems that cannot deliver at once deliver after this. */
#define DELIVERY_MS 100

#define STATS_EVERY_NS PFLOWI_NS_PER_SEC

static int
fail(struct pflowi_handle *h, int status, const char *what)
{
	snprintf(h->text, sizeof(h->text), "%s", what);
	h->text[strcspn(h->text, "\n")] = '\0';
	return status;
}

static int
apply_settings(struct pflowi_handle *h, int snaplen)
{
	if (pcap_set_snaplen(h->pcap, snaplen) != 0 ||
	    pcap_set_promisc(h->pcap, 1) != 0 ||
	    pcap_set_timeout(h->pcap, DELIVERY_MS) != 0 ||
	    pcap_set_immediate_mode(h->pcap, 1) != 0 ||
	    pcap_set_buffer_size(h->pcap, KERNEL_BUFFER) != 0)
		return fail(h, PFLOW_ERR_SYSTEM, "settings are refused");
	/* Microseconds will do where there is nothing better. */
	(void)pcap_set_tstamp_precision(h->pcap, PCAP_TSTAMP_PRECISION_NANO);
	return PFLOW_OK;
}

static int
activate(struct pflowi_handle *h)
{
	int rc = pcap_activate(h->pcap);
	const char *more = pcap_geterr(h->pcap), *said = pcap_statustostr(rc);
	char what[PCAP_ERRBUF_SIZE + 100];

	/* Positive: a warning, the capture runs. */
	if (rc >= 0)
		return PFLOW_OK;
	if (rc == PCAP_ERROR)
		return fail(h, PFLOW_ERR_SYSTEM, more);
	if (more[0] == '\0' || strcmp(more, said) == 0)
		return fail(h, PFLOW_ERR_SYSTEM, said);
	snprintf(what, sizeof(what), "%s: %s", said, more);
	return fail(h, PFLOW_ERR_SYSTEM, what);
}

int
pflowi_handle_open(struct pflowi_handle *h, const char *interface, int snaplen)
{
	char err[PCAP_ERRBUF_SIZE] = "";
	int rc;

	h->pcap = pcap_create(interface, err);
	if (h->pcap == NULL)
		return fail(h, PFLOW_ERR_SYSTEM, err);
	rc = apply_settings(h, snaplen);
	if (rc == PFLOW_OK)
		rc = activate(h);
	if (rc == PFLOW_OK && pcap_setnonblock(h->pcap, 1, err) == -1)
		rc = fail(h, PFLOW_ERR_SYSTEM, err);
	if (rc == PFLOW_OK)
		h->linktype = pflowi_linktype(pcap_datalink(h->pcap));
	return rc;
}

void
pflowi_handle_close(struct pflowi_handle *h)
{
	if (h->pcap != NULL)
		pcap_close(h->pcap);
	h->pcap = NULL;
}

int
pflowi_handle_filter(struct pflowi_handle *h, const char *expression)
{
	struct bpf_program code;
	char what[PCAP_ERRBUF_SIZE + 300];
	int rc;

	rc = pcap_compile(h->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (rc == 0) {
		rc = pcap_setfilter(h->pcap, &code);
		pcap_freecode(&code);
	}
	if (rc == 0)
		return PFLOW_OK;
	snprintf(what, sizeof(what), "filter \"%s\": %s", expression,
	    pcap_geterr(h->pcap));
	return fail(h, PFLOW_ERR_INVALID, what);
}

void
pflowi_handle_want(const struct pflowi_handle *h, uint64_t mono_ns,
    uint64_t due_ns, struct pflow_want *out)
{
	const struct timeval *poll_every;

	out->fd = pcap_get_selectable_fd(h->pcap);
	out->events = out->fd == -1 ? 0 : PFLOW_WANT_READ;
	out->deadline_ns = due_ns;
	poll_every = pcap_get_required_select_timeout(h->pcap);
	if (poll_every != NULL)
		out->deadline_ns = pflowi_min_u64(due_ns, mono_ns +
		    (uint64_t)poll_every->tv_sec * PFLOWI_NS_PER_SEC +
		    (uint64_t)poll_every->tv_usec * 1000);
}

static void
on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	struct pflowi_handle *h = (struct pflowi_handle *)(void *)user;
	uint64_t unit = pcap_get_tstamp_precision(h->pcap) ==
	    PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	struct pflowi_capture_frame frame = {
		.data = data,
		.caplen = header->caplen,
		.wirelen = header->len,
		.linktype = h->linktype,
		.time_ns = (uint64_t)header->ts.tv_sec * PFLOWI_NS_PER_SEC +
		    (uint64_t)header->ts.tv_usec * unit,
	};

	h->fn(h->arg, &frame);
}

int
pflowi_handle_read(struct pflowi_handle *h, int max, pflowi_handle_fn *fn,
    void *arg)
{
	int n;

	h->fn = fn;
	h->arg = arg;
	n = pcap_dispatch(h->pcap, max, on_frame, (u_char *)h);
	if (n < 0)
		return fail(h, PFLOW_ERR_SYSTEM, pcap_geterr(h->pcap));
	return n;
}

void
pflowi_handle_stats(struct pflowi_handle *h, uint64_t mono_ns)
{
	struct pcap_stat now;

	if (mono_ns < h->stats_due_ns || h->pcap == NULL)
		return;
	h->stats_due_ns = pflowi_time_add(mono_ns, STATS_EVERY_NS);
	if (pcap_stats(h->pcap, &now) != 0)
		return;
	h->kernel_dropped += (u_int)(now.ps_drop - h->stat.ps_drop);
	h->interface_dropped += (u_int)(now.ps_ifdrop - h->stat.ps_ifdrop);
	h->stat = now;
}

void
pflowi_handle_counters(const struct pflowi_handle *h, pflow_counter_fn *fn,
    void *arg)
{
	struct pflow_counter c = {
		.name = "kernel_dropped_packets",
		.help = "packets the system had no room for",
		.kind = PFLOW_COUNTER_DROP,
		.value = h->kernel_dropped,
	};

	fn(arg, &c);
	c.name = "interface_dropped_packets";
	c.help = "packets the interface or its driver dropped";
	c.value = h->interface_dropped;
	fn(arg, &c);
}
