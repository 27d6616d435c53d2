/* SPDX-License-Identifier: ISC */
/* Frames to states, and what is left out on the way. */
#include "sources/pcap_account.h"

#include <stdio.h>
#include <string.h>

#include "core/port.h"
#include "core/time.h"

/** How long before its first packet a recording's clock starts. */
#define LEAD_NS (UINT64_C(24) * 86400 * PFLOWI_NS_PER_SEC)

int
pflowi_account_init(struct pflowi_account *a,
    const struct pflow_source_config *cfg, char *err, size_t err_len)
{
	struct pflowi_flow_config flows = {
		.active_ns = cfg->active_ns,
		.idle_ns = cfg->idle_ns,
		.memory_limit = cfg->memory_limit,
	};
	int rc;

	if (cfg->filter != NULL) {
		rc = pflowi_filter_new(&a->filter, cfg->filter, err, err_len);
		if (rc != PFLOW_OK)
			return rc;
	}
	if (pflowi_seed(flows.seed, sizeof(flows.seed)) != PFLOW_OK) {
		snprintf(err, err_len,
		    "the system gives no random octets to seed the flow table");
		return PFLOW_ERR_SYSTEM;
	}
	rc = pflowi_flow_table_init(&a->table, &flows);
	if (rc != PFLOW_OK)
		snprintf(err, err_len, rc == PFLOW_ERR_NOMEM
			? "no memory for a flow table of %zu octets"
			: "%zu octets are too few for a flow table",
		    cfg->memory_limit);
	return rc;
}

void
pflowi_account_fini(struct pflowi_account *a)
{
	pflowi_filter_free(a->filter);
	pflowi_flow_table_fini(&a->table);
	a->filter = NULL;
}

PFLOWI_INLINE int
look(struct pflowi_account *a, const struct pflowi_capture_frame *frame,
    struct pflowi_packet *pk, char *err, size_t err_len)
{
	enum pflowi_verdict verdict;

	if (a->packets++ == 0)
		a->first_ns = frame->time_ns;
	a->octets += frame->wirelen;
	if (PFLOWI_UNLIKELY(a->filter != NULL)) {
		int rc = pflowi_filter_match(a->filter, frame, err, err_len);

		if (rc < 0)
			return rc;
		if (rc == 0) {
			a->filtered_packets++;
			a->filtered_octets += frame->wirelen;
			return 0;
		}
	}
	verdict = pflowi_dissect(frame->linktype, frame->data, frame->caplen,
	    frame->wirelen, pk);
	a->verdict_packets[verdict]++;
	a->verdict_octets[verdict] += pk->octets;
	pk->time_ns = frame->time_ns;
	return verdict == PFLOWI_PACKET_IP;
}

int
pflowi_account_look(struct pflowi_account *a,
    const struct pflowi_capture_frame *frame, struct pflowi_packet *pk,
    char *err, size_t err_len)
{
	return look(a, frame, pk, err, err_len);
}

int
pflowi_account_frame(struct pflowi_account *a,
    const struct pflowi_capture_frame *frame, char *err, size_t err_len)
{
	int rc = look(a, frame, &a->batch[a->batch_count], err, err_len);

	if (rc < 0)
		return rc;
	a->batch_count += (unsigned)rc;
	return PFLOW_OK;
}

void
pflowi_account_settle(struct pflowi_account *a)
{
	a->batch_at += (unsigned)pflowi_flow_table_add(&a->table,
	    a->batch + a->batch_at, a->batch_count - a->batch_at);
	if (a->batch_at == a->batch_count)
		a->batch_at = a->batch_count = 0;
}

int
pflowi_account_give(struct pflowi_account *a, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg)
{
	for (;;) {
		size_t count, taken = 0;
		const struct pflow_state *states =
		    pflowi_flow_table_ready(&a->table, &count);
		int rc;

		if (count == 0)
			return PFLOW_OK;
		if (*budget == 0)
			return PFLOW_MORE;
		if (count > *budget)
			count = *budget;
		rc = sink(arg, states, count, now, &taken);
		if (rc == PFLOW_OK)
			taken = count;
		if (taken > count)
			return PFLOW_ERR_INVALID;
		pflowi_flow_table_taken(&a->table, taken);
		*budget -= (unsigned)taken;
		if (rc != PFLOW_OK)
			return rc;
	}
}

struct pflow_now
pflowi_account_now(const struct pflowi_account *a)
{
	uint64_t origin = pflowi_time_sub(a->first_ns, LEAD_NS);
	struct pflow_now now = {
		.mono_ns = pflowi_time_sub(a->table.latest_ns, origin),
		.wall_ns = a->table.latest_ns,
	};

	return now;
}

/* Counters. */

static void
tell(pflow_counter_fn *fn, void *arg, const char *name, const char *help,
    enum pflow_counter_kind kind, uint64_t value)
{
	struct pflow_counter c = {
		.name = name, .help = help, .value = value, .kind = kind
	};

	fn(arg, &c);
}

/** Everything a frame can come to but being accounted. */
static const struct {
	enum pflowi_verdict verdict;
	const char *packets, *octets; /**< names */
	const char *packets_help, *octets_help;
} left_out[] = {
	{ PFLOWI_PACKET_NOT_IP, "not_ip_packets", "not_ip_octets",
	    "frames without an IP header", "their octets on the wire" },
	{ PFLOWI_PACKET_BAD_FRAME, "bad_frame_packets", "bad_frame_octets",
	    "frames that end before the length of an IP packet",
	    "their octets on the wire" },
	{ PFLOWI_PACKET_UNKNOWN_LINK, "unknown_link_packets",
	    "unknown_link_octets", "frames of a link type that is not read",
	    "their octets on the wire" },
	{ PFLOWI_PACKET_BAD_IP, "malformed_ip_packets", "malformed_ip_octets",
	    "packets with an impossible IP length",
	    "their octets, as the IP header says" },
	{ PFLOWI_PACKET_CUT_IP, "truncated_ip_packets", "truncated_ip_octets",
	    "packets captured too short to tell their flow",
	    "their octets, as the IP header says" },
};

static void
tell_frames(const struct pflowi_account *a, pflow_counter_fn *fn, void *arg)
{
	size_t i;

	tell(fn, arg, "read_packets", "frames read", PFLOW_COUNTER_INFO,
	    a->packets);
	tell(fn, arg, "read_octets", "their octets on the wire",
	    PFLOW_COUNTER_INFO, a->octets);
	tell(fn, arg, "filtered_packets", "frames the filter left out",
	    PFLOW_COUNTER_INFO, a->filtered_packets);
	tell(fn, arg, "filtered_octets", "their octets on the wire",
	    PFLOW_COUNTER_INFO, a->filtered_octets);
	tell(fn, arg, "ip_packets", "packets accounted to flows",
	    PFLOW_COUNTER_INFO, a->verdict_packets[PFLOWI_PACKET_IP]);
	tell(fn, arg, "ip_octets", "their octets, IP header included",
	    PFLOW_COUNTER_INFO, a->verdict_octets[PFLOWI_PACKET_IP]);
	for (i = 0; i < PFLOWI_ARRAY_LEN(left_out); i++) {
		tell(fn, arg, left_out[i].packets, left_out[i].packets_help,
		    PFLOW_COUNTER_DROP,
		    a->verdict_packets[left_out[i].verdict]);
		tell(fn, arg, left_out[i].octets, left_out[i].octets_help,
		    PFLOW_COUNTER_DROP,
		    a->verdict_octets[left_out[i].verdict]);
	}
}

static void
tell_flows(const struct pflowi_flow_table *ft, bool clock,
    pflow_counter_fn *fn, void *arg)
{
	const struct pflowi_flow_stats *s = &ft->stats;

	tell(fn, arg, "created_flows", "flows that began", PFLOW_COUNTER_INFO,
	    s->created);
	tell(fn, arg, "live_flows", "flows in the table", PFLOW_COUNTER_GAUGE,
	    ft->live);
	tell(fn, arg, "reported_flows", "reports of flows still alive",
	    PFLOW_COUNTER_INFO, s->reported);
	tell(fn, arg, "evicted_flows",
	    "flows reported early because the table was full",
	    PFLOW_COUNTER_INFO, s->evicted);
	tell(fn, arg, "portless_fragments",
	    "fragments whose first one was not seen, accounted without ports",
	    PFLOW_COUNTER_INFO, s->fragments_unmatched);
	tell(fn, arg, "clock_steps", "times the capture's clock was set back",
	    PFLOW_COUNTER_INFO, clock ? s->clock_steps : 0);
}

void
pflowi_account_counters(const struct pflowi_account *a, bool clock,
    pflow_counter_fn *fn, void *arg)
{
	tell_frames(a, fn, arg);
	tell_flows(&a->table, clock, fn, arg);
}
