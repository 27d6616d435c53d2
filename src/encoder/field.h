/* SPDX-License-Identifier: ISC */
/*
 * Records of the built-in shapes onto the wire. All is constant but the
 * values: the compiler leaves a load, a byte swap and a store a field.
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

/** An index that does not fit is not known (0), rather than another one. */
PFLOWI_INLINE void
pflowi_put_index(uint8_t *p, unsigned octets, uint32_t v)
{
	pflowi_put_uint(p, octets, octets == 2 && v > UINT16_MAX ? 0 : v);
}

/*
 * How each element of a built-in shape is written: ELEMENT_PUT(p, octets),
 * with `rec` and `boot_ms` at hand.  The list of a shape names elements; these
 * are found by their names, so nothing is decided at run time.
 */
#define PFLOWI_IE_SRC_IPV4_PUT(p, n) pflowi_copy(p, rec->src, n)
#define PFLOWI_IE_SRC_IPV6_PUT(p, n) pflowi_copy(p, rec->src, n)
#define PFLOWI_IE_DST_IPV4_PUT(p, n) pflowi_copy(p, rec->dst, n)
#define PFLOWI_IE_DST_IPV6_PUT(p, n) pflowi_copy(p, rec->dst, n)
#define PFLOWI_IE_OCTETS_PUT(p, n) pflowi_put_uint(p, n, rec->octets)
#define PFLOWI_IE_PACKETS_PUT(p, n) pflowi_put_uint(p, n, rec->packets)
#define PFLOWI_IE_PROTOCOL_PUT(p, n) pflowi_put_uint(p, n, rec->protocol)
#define PFLOWI_IE_TOS_PUT(p, n) pflowi_put_uint(p, n, rec->tos)
#define PFLOWI_IE_TCP_FLAGS_PUT(p, n) pflowi_put_uint(p, n, rec->tcp_flags)
#define PFLOWI_IE_SRC_PORT_PUT(p, n) pflowi_put_uint(p, n, rec->src_port)
#define PFLOWI_IE_DST_PORT_PUT(p, n) pflowi_put_uint(p, n, rec->dst_port)
#define PFLOWI_IE_IN_IFINDEX_PUT(p, n) pflowi_put_index(p, n, rec->in_ifindex)
#define PFLOWI_IE_OUT_IFINDEX_PUT(p, n) pflowi_put_index(p, n, rec->out_ifindex)
#define PFLOWI_IE_START_MS_PUT(p, n) pflowi_put_uint(p, n, rec->start_ms)
#define PFLOWI_IE_END_MS_PUT(p, n) pflowi_put_uint(p, n, rec->end_ms)
#define PFLOWI_IE_START_UPTIME_PUT(p, n)                                       \
	pflowi_put_uint(p, n, rec->start_ms - boot_ms)
#define PFLOWI_IE_END_UPTIME_PUT(p, n)                                         \
	pflowi_put_uint(p, n, rec->end_ms - boot_ms)
/* No state knows these. */
#define PFLOWI_IE_SRC_MASK_PUT(p, n) pflowi_put_uint(p, n, 0)
#define PFLOWI_IE_DST_MASK_PUT(p, n) pflowi_put_uint(p, n, 0)
#define PFLOWI_IE_NEXT_HOP_IPV4_PUT(p, n) pflowi_put_uint(p, n, 0)
#define PFLOWI_IE_SRC_AS_PUT(p, n) pflowi_put_uint(p, n, 0)
#define PFLOWI_IE_DST_AS_PUT(p, n) pflowi_put_uint(p, n, 0)
#define PFLOWI_IE_PADDING_PUT(p, n) pflowi_put_uint(p, n, 0)

#define PFLOWI_PUT_FIELD(element, octets)                                      \
	element##_PUT(p, octets);                                              \
	p += (octets);

/** Write one record of a built-in shape; p has room for its length. */
PFLOWI_INLINE void
pflowi_put_flow4(uint8_t *p, const struct pflow_record *rec)
{
	PFLOWI_SHAPE_FLOW4(PFLOWI_PUT_FIELD)
}

PFLOWI_INLINE void
pflowi_put_flow6(uint8_t *p, const struct pflow_record *rec)
{
	PFLOWI_SHAPE_FLOW6(PFLOWI_PUT_FIELD)
}

PFLOWI_INLINE void
pflowi_put_v5(uint8_t *p, const struct pflow_record *rec, uint64_t boot_ms)
{
	PFLOWI_SHAPE_V5(PFLOWI_PUT_FIELD)
}

#undef PFLOWI_PUT_FIELD

#endif /* PFLOWI_FIELD_H */
