/* SPDX-License-Identifier: ISC */
/*
 * The fast path: records of the built-in shapes, from the one description of
 * each (core/shapes.h). With constant elements and lengths the compiler
 * leaves loads, byte swaps and stores.
 */
#ifndef PFLOWI_DECODER_FLOWS_H
#define PFLOWI_DECODER_FLOWS_H

#include "core/bytes.h"
#include "core/shapes.h"
#include "core/state.h"
#include "core/time.h"

/** How the records of a template are read. */
enum pflowi_plan {
	PFLOWI_PLAN_WALK, /**< field by field */
	PFLOWI_PLAN_FLOW4,
	PFLOWI_PLAN_FLOW6
};

#define PFLOWI_PROTO_TCP 6

PFLOWI_INLINE uint64_t
pflowi_get_uint(const uint8_t *p, unsigned octets)
{
	switch (octets) {
	case 1:
		return *p;
	case 2:
		return pflowi_get_be16(p);
	case 4:
		return pflowi_get_be32(p);
	case 8:
		return pflowi_get_be64(p);
	default:
		return pflowi_get_be(p, octets);
	}
}

/** A count of milliseconds since 1970; what is out of range becomes the end. */
PFLOWI_INLINE uint64_t
pflowi_ms_to_ns(uint64_t ms)
{
	if (PFLOWI_UNLIKELY(ms > UINT64_MAX / PFLOWI_NS_PER_MS))
		return UINT64_MAX;
	return ms * PFLOWI_NS_PER_MS;
}

/** What a state does not hold as it is on the wire. */
struct pflowi_raw {
	uint32_t first_ms; /**< v5: uptimes */
	uint32_t last_ms;
};

PFLOWI_INLINE void
pflowi_get_field(const uint8_t *p, enum pflowi_element element,
    unsigned octets, struct pflow_state *st, struct pflowi_raw *raw)
{
	struct pflow_key *a = &st->key[PFLOW_WIRE], *b = &st->key[PFLOW_STACK];

	/* Both keys from the wire: a copy of the first would wait for it. */
	switch (element) {
	case PFLOWI_IE_SRC_IPV4:
	case PFLOWI_IE_SRC_IPV6:
		memcpy(a->addr[0], p, octets);
		memcpy(b->addr[0], p, octets);
		break;
	case PFLOWI_IE_DST_IPV4:
	case PFLOWI_IE_DST_IPV6:
		memcpy(a->addr[1], p, octets);
		memcpy(b->addr[1], p, octets);
		break;
	case PFLOWI_IE_OCTETS:
		st->octets[0] = pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_PACKETS:
		st->packets[0] = pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_PROTOCOL:
		st->protocol = (uint8_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_TOS:
		st->tos = (uint8_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_TCP_FLAGS:
		st->tcp_flags[0] = (uint16_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_SRC_PORT:
		a->port[0] = (uint16_t)pflowi_get_uint(p, octets);
		b->port[0] = a->port[0];
		break;
	case PFLOWI_IE_DST_PORT:
		a->port[1] = (uint16_t)pflowi_get_uint(p, octets);
		b->port[1] = a->port[1];
		break;
	case PFLOWI_IE_IN_IFINDEX:
		st->ifindex[0] = (uint32_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_OUT_IFINDEX:
		st->ifindex[1] = (uint32_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_START_MS:
		st->start_ns = pflowi_ms_to_ns(pflowi_get_uint(p, octets));
		break;
	case PFLOWI_IE_END_MS:
		st->last_ns = pflowi_ms_to_ns(pflowi_get_uint(p, octets));
		break;
	case PFLOWI_IE_START_UPTIME:
		raw->first_ms = (uint32_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_END_UPTIME:
		raw->last_ms = (uint32_t)pflowi_get_uint(p, octets);
		break;
	case PFLOWI_IE_SRC_MASK:
	case PFLOWI_IE_DST_MASK:
	case PFLOWI_IE_NEXT_HOP_IPV4:
	case PFLOWI_IE_SRC_AS:
	case PFLOWI_IE_DST_AS:
	case PFLOWI_IE_PADDING:
		break; /* a state has no room for them */
	}
}

#define PFLOWI_GET_FIELD(element, octets)                                      \
	pflowi_get_field(p, element, octets, st, raw);                         \
	p += (octets);

/** Read one record of a built-in shape; p has its length. */
typedef void pflowi_get_fn(const uint8_t *p, struct pflow_state *st,
    struct pflowi_raw *raw);

PFLOWI_INLINE void
pflowi_get_flow4(const uint8_t *p, struct pflow_state *st,
    struct pflowi_raw *raw)
{
	PFLOWI_SHAPE_FLOW4(PFLOWI_GET_FIELD)
}

PFLOWI_INLINE void
pflowi_get_flow6(const uint8_t *p, struct pflow_state *st,
    struct pflowi_raw *raw)
{
	PFLOWI_SHAPE_FLOW6(PFLOWI_GET_FIELD)
}

PFLOWI_INLINE void
pflowi_get_v5(const uint8_t *p, struct pflow_state *st, struct pflowi_raw *raw)
{
	PFLOWI_SHAPE_V5(PFLOWI_GET_FIELD)
}

#undef PFLOWI_GET_FIELD

/** A state for records of a built-in shape, all alike but for their fields. */
PFLOWI_INLINE void
pflowi_begin_flows(struct pflow_state *st, uint8_t af)
{
	pflow_state_init(st);
	st->key[PFLOW_WIRE].af = af;
	st->key[PFLOW_STACK].af = af;
}

/** They have type and code of ICMP in the destination port. */
PFLOWI_INLINE void
pflowi_finish_flow(struct pflow_state *st, uint32_t present)
{
	st->icmp[0] = 0;
	if (PFLOWI_UNLIKELY(pflowi_is_icmp(st->protocol))) {
		present |= PFLOW_HAS_ICMP;
		st->icmp[0] = st->key[PFLOW_WIRE].port[1];
		memset(st->key[PFLOW_WIRE].port, 0,
		    sizeof(st->key[PFLOW_WIRE].port));
		memset(st->key[PFLOW_STACK].port, 0,
		    sizeof(st->key[PFLOW_STACK].port));
	}
	st->present = present;
}

#endif /* PFLOWI_DECODER_FLOWS_H */
