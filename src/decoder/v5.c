/* SPDX-License-Identifier: ISC */
/* NetFlow v5 messages. */
#include "decoder/flows.h"
#include "decoder/internal.h"
#include "decoder/uptime.h"

static void
read_header(struct pflowi_message *m, struct pflowi_reader *r)
{
	uint32_t secs, nsecs;

	m->hdr.version = pflowi_r_u16(r);
	m->hdr.count = pflowi_r_u16(r);
	m->hdr.uptime_ms = pflowi_r_u32(r);
	secs = pflowi_r_u32(r);
	nsecs = pflowi_r_u32(r);
	m->hdr.sequence = pflowi_r_u32(r);
	m->hdr.domain_id = pflowi_r_u16(r);
	m->hdr.sampling = pflowi_r_u16(r);
	m->hdr.export_ns = secs * (uint64_t)PFLOWI_NS_PER_SEC + nsecs;
	m->boot.now_ms = secs * (uint64_t)PFLOWI_MS_PER_SEC +
	    nsecs / PFLOWI_NS_PER_MS;
	m->boot.uptime_ms = m->hdr.uptime_ms;
	m->boot.known = 1;
}

static int
records(struct pflowi_message *m, struct pflowi_reader *r)
{
	struct pflow_state st;
	struct pflowi_raw raw = { 0, 0 };
	uint32_t i, present;
	int rc = PFLOW_OK;

	pflowi_begin_flows(&st, PFLOW_AF_IPV4);
	for (i = 0; i < m->hdr.count && rc == PFLOW_OK; i++) {
		const uint8_t *p = pflowi_r_take(r, PFLOWI_V5_LEN);

		pflowi_get_v5(p, &st, &raw);
		pflowi_uptime_span(m->boot.now_ms, m->boot.uptime_ms,
		    raw.first_ms, raw.last_ms, &st.start_ns, &st.last_ns);
		present = PFLOW_HAS_TOS | PFLOW_HAS_IFINDEX;
		if (st.protocol == PFLOWI_PROTO_TCP)
			present |= PFLOW_HAS_TCP_FLAGS;
		else
			st.tcp_flags[0] = 0;
		pflowi_finish_flow(&st, present);
		rc = pflowi_give(m, &st);
	}
	return rc;
}

int
pflowi_v5_message(struct pflowi_message *m, struct pflowi_reader *r)
{
	int rc;

	if (pflowi_r_left(r) < PFLOWI_V5_HEADER_LEN)
		return PFLOW_ERR_TRUNCATED;
	read_header(m, r);
	if (m->hdr.count == 0 || m->hdr.count > PFLOW_WIRE_V5_MAX_RECORDS)
		return PFLOW_ERR_MALFORMED;
	if (pflowi_r_left(r) < m->hdr.count * PFLOWI_V5_LEN)
		return PFLOW_ERR_TRUNCATED;
	pflowi_sequence_check(m);
	rc = records(m, r);
	m->dec->stats.trailing_octets += rc == PFLOW_OK ? pflowi_r_left(r) : 0;
	pflowi_sequence_advance(m, m->hdr.count, 1);
	return rc;
}
