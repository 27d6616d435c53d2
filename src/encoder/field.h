/* SPDX-License-Identifier: ISC */
/*
 * The walker: one field of one record onto the wire. With a constant element
 * and length the compiler leaves a load, a byte swap and a store.
 */
#ifndef PFLOWI_FIELD_H
#define PFLOWI_FIELD_H

#include <pflow/record.h>

#include "core/bytes.h"
#include "core/shapes.h"

PFLOWI_INLINE void
pflowi_put_uint(uint8_t *p, unsigned octets, uint64_t v)
{
	switch (octets) {
	case 1:
		*p = (uint8_t)v;
		break;
	case 2:
		pflowi_put_be16(p, (uint16_t)v);
		break;
	case 4:
		pflowi_put_be32(p, (uint32_t)v);
		break;
	case 8:
		pflowi_put_be64(p, v);
		break;
	default:
		pflowi_put_be(p, octets, v);
		break;
	}
}

/**
 * @param p        room for `octets`
 * @param boot_ms  what SysUptime counts from, for elements 21 and 22
 */
PFLOWI_INLINE void
pflowi_put_field(uint8_t *p, enum pflowi_element element, unsigned octets,
    const struct pflow_record *rec, uint64_t boot_ms)
{
	switch (element) {
	case PFLOWI_IE_SRC_IPV4:
	case PFLOWI_IE_SRC_IPV6:
		pflowi_copy(p, rec->src, octets);
		break;
	case PFLOWI_IE_DST_IPV4:
	case PFLOWI_IE_DST_IPV6:
		pflowi_copy(p, rec->dst, octets);
		break;
	case PFLOWI_IE_OCTETS:
		pflowi_put_uint(p, octets, rec->octets);
		break;
	case PFLOWI_IE_PACKETS:
		pflowi_put_uint(p, octets, rec->packets);
		break;
	case PFLOWI_IE_PROTOCOL:
		pflowi_put_uint(p, octets, rec->protocol);
		break;
	case PFLOWI_IE_TOS:
		pflowi_put_uint(p, octets, rec->tos);
		break;
	case PFLOWI_IE_TCP_FLAGS:
		pflowi_put_uint(p, octets, rec->tcp_flags);
		break;
	case PFLOWI_IE_SRC_PORT:
		pflowi_put_uint(p, octets, rec->src_port);
		break;
	case PFLOWI_IE_DST_PORT:
		pflowi_put_uint(p, octets, rec->dst_port);
		break;
	case PFLOWI_IE_IN_IFINDEX:
		pflowi_put_uint(p, octets, rec->in_ifindex);
		break;
	case PFLOWI_IE_OUT_IFINDEX:
		pflowi_put_uint(p, octets, rec->out_ifindex);
		break;
	case PFLOWI_IE_START_MS:
		pflowi_put_uint(p, octets, rec->start_ms);
		break;
	case PFLOWI_IE_END_MS:
		pflowi_put_uint(p, octets, rec->end_ms);
		break;
	case PFLOWI_IE_START_UPTIME:
		pflowi_put_uint(p, octets, rec->start_ms - boot_ms);
		break;
	case PFLOWI_IE_END_UPTIME:
		pflowi_put_uint(p, octets, rec->end_ms - boot_ms);
		break;
	case PFLOWI_IE_SRC_MASK:
	case PFLOWI_IE_DST_MASK:
	case PFLOWI_IE_NEXT_HOP_IPV4:
	case PFLOWI_IE_SRC_AS:
	case PFLOWI_IE_DST_AS:
	case PFLOWI_IE_PADDING:
		memset(p, 0, octets); /* no state knows them */
		break;
	}
}

#define PFLOWI_PUT_FIELD(element, octets)                                      \
	pflowi_put_field(p, element, octets, rec, boot_ms);                    \
	p += (octets);

/** Write one record of a built-in shape; p has room for its length. */
PFLOWI_INLINE void
pflowi_put_flow4(uint8_t *p, const struct pflow_record *rec)
{
	const uint64_t boot_ms = 0;

	PFLOWI_SHAPE_FLOW4(PFLOWI_PUT_FIELD)
}

PFLOWI_INLINE void
pflowi_put_flow6(uint8_t *p, const struct pflow_record *rec)
{
	const uint64_t boot_ms = 0;

	PFLOWI_SHAPE_FLOW6(PFLOWI_PUT_FIELD)
}

PFLOWI_INLINE void
pflowi_put_v5(uint8_t *p, const struct pflow_record *rec, uint64_t boot_ms)
{
	PFLOWI_SHAPE_V5(PFLOWI_PUT_FIELD)
}

#undef PFLOWI_PUT_FIELD

#endif /* PFLOWI_FIELD_H */
