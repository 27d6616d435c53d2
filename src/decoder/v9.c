/* SPDX-License-Identifier: ISC */
/* NetFlow v9 messages (RFC 3954). */
#include "decoder/internal.h"

#include "core/time.h"

int
pflowi_v9_message(struct pflowi_message *m, struct pflowi_reader *r)
{
	uint32_t secs;
	int rc;

	if (pflowi_r_left(r) < PFLOWI_V9_HEADER_LEN)
		return PFLOW_ERR_TRUNCATED;
	m->hdr.version = pflowi_r_u16(r);
	m->hdr.count = pflowi_r_u16(r);
	m->hdr.uptime_ms = pflowi_r_u32(r);
	secs = pflowi_r_u32(r);
	m->hdr.sequence = pflowi_r_u32(r);
	m->hdr.domain_id = pflowi_r_u32(r);
	m->hdr.export_ns = secs * (uint64_t)PFLOWI_NS_PER_SEC;
	m->boot.now_ms = secs * (uint64_t)PFLOWI_MS_PER_SEC;
	m->boot.uptime_ms = m->hdr.uptime_ms;
	m->boot.known = 1;
	pflowi_sequence_check(m);
	/* The datagram ends the message; some exporters pad it as a whole. */
	rc = pflowi_sets(m, r);
	if (rc == PFLOW_OK && !m->uncounted)
		m->dec->stats.trailing_octets += pflowi_r_left(r);
	pflowi_sequence_advance(m, 1, 1);
	return rc;
}
