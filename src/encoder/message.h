/* SPDX-License-Identifier: ISC */
/* Message and set headers, shared by the stateless builders and exporter. */
#ifndef PFLOWI_MESSAGE_H
#define PFLOWI_MESSAGE_H

#include <pflow/v5.h>

#include "core/shapes.h"
#include "core/time.h"
#include "core/writer.h"

/** Set of pflow(4)'s two templates: set header, two records. */
#define PFLOWI_TEMPLATE_LEN(shape) (4 + 4 * PFLOWI_SHAPE_FIELDS(shape))
#define PFLOWI_TEMPLATE_SET_LEN                                                \
	(PFLOWI_SET_HEADER_LEN + PFLOWI_TEMPLATE_LEN(PFLOWI_SHAPE_FLOW4) +     \
	    PFLOWI_TEMPLATE_LEN(PFLOWI_SHAPE_FLOW6))
#define PFLOWI_TEMPLATE_MESSAGE_LEN                                            \
	(PFLOWI_IPFIX_HEADER_LEN + PFLOWI_TEMPLATE_SET_LEN)
PFLOW_STATIC_ASSERT(PFLOWI_TEMPLATE_SET_LEN == 108, "not pflow(4)'s set");

/** Append the Template Set (RFC 7011, 3.4.1). */
void pflowi_w_template_set(struct pflowi_writer *w);

PFLOWI_INLINE void
pflowi_w_ipfix_header(struct pflowi_writer *w, size_t message_len,
    uint32_t export_secs, uint32_t sequence, uint32_t domain_id)
{
	pflowi_w_u16(w, PFLOW_WIRE_IPFIX_VERSION);
	pflowi_w_uint(w, 2, message_len);
	pflowi_w_u32(w, export_secs);
	pflowi_w_u32(w, sequence);
	pflowi_w_u32(w, domain_id);
}

/**
 * The three clocks of a v5 header are one instant (so a collector's
 * unix time - SysUptime is boot_ms exactly), modulo 2^32 ms.
 */
PFLOWI_INLINE void
pflowi_w_v5_header(struct pflowi_writer *w, uint32_t count, uint64_t boot_ms,
    const struct pflow_v5_header_values *hdr)
{
	uint64_t now_ms = hdr->now_ns / PFLOWI_NS_PER_MS;

	pflowi_w_u16(w, PFLOW_WIRE_V5_VERSION);
	pflowi_w_uint(w, 2, count);
	pflowi_w_u32(w, (uint32_t)(now_ms - boot_ms));
	pflowi_w_u32(w, (uint32_t)(hdr->now_ns / PFLOWI_NS_PER_SEC));
	pflowi_w_u32(w, (uint32_t)(hdr->now_ns % PFLOWI_NS_PER_SEC));
	pflowi_w_u32(w, hdr->sequence);
	pflowi_w_u8(w, hdr->engine_type);
	pflowi_w_u8(w, hdr->engine_id);
	pflowi_w_u16(w, hdr->sampling);
}

/**
 * v5 times are 32-bit milliseconds: the longest duration is 2^32 - 1.
 *
 * @return 1 if the start had to be moved
 */
PFLOWI_INLINE unsigned
pflowi_v5_bound_duration(struct pflow_record *rec)
{
	if (PFLOWI_LIKELY(rec->end_ms - rec->start_ms <= UINT32_MAX))
		return 0;
	rec->start_ms = rec->end_ms - UINT32_MAX;
	return 1;
}

#endif /* PFLOWI_MESSAGE_H */
