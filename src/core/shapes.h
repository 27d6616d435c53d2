/* SPDX-License-Identifier: ISC */
/*
 * The built-in record shapes, each described once: F(element, octets) in the
 * order of the wire. Template octets, record length, encoder and decoder all
 * derive from these lists.
 */
#ifndef PFLOWI_SHAPES_H
#define PFLOWI_SHAPES_H

#include <pflow/wire.h>

#include "core/port.h"

/** IANA information elements by number; names in docs/conventions.md. */
enum pflowi_element {
	PFLOWI_IE_OCTETS = 1,
	PFLOWI_IE_PACKETS = 2,
	PFLOWI_IE_PROTOCOL = 4,
	PFLOWI_IE_TOS = 5,
	PFLOWI_IE_TCP_FLAGS = 6,
	PFLOWI_IE_SRC_PORT = 7,
	PFLOWI_IE_SRC_IPV4 = 8,
	PFLOWI_IE_SRC_MASK = 9,
	PFLOWI_IE_IN_IFINDEX = 10,
	PFLOWI_IE_DST_PORT = 11,
	PFLOWI_IE_DST_IPV4 = 12,
	PFLOWI_IE_DST_MASK = 13,
	PFLOWI_IE_OUT_IFINDEX = 14,
	PFLOWI_IE_NEXT_HOP_IPV4 = 15,
	PFLOWI_IE_SRC_AS = 16,
	PFLOWI_IE_DST_AS = 17,
	PFLOWI_IE_END_UPTIME = 21,
	PFLOWI_IE_START_UPTIME = 22,
	PFLOWI_IE_SRC_IPV6 = 27,
	PFLOWI_IE_DST_IPV6 = 28,
	PFLOWI_IE_START_MS = 152,
	PFLOWI_IE_END_MS = 153,
	PFLOWI_IE_PADDING = 210
};

/* pflow(4)'s template 256 and 257 differ in the addresses alone. */
#define PFLOWI_SHAPE_FLOW_TAIL(F)                                              \
	F(PFLOWI_IE_IN_IFINDEX, 4)                                             \
	F(PFLOWI_IE_OUT_IFINDEX, 4)                                            \
	F(PFLOWI_IE_PACKETS, 8)                                                \
	F(PFLOWI_IE_OCTETS, 8)                                                 \
	F(PFLOWI_IE_START_MS, 8)                                               \
	F(PFLOWI_IE_END_MS, 8)                                                 \
	F(PFLOWI_IE_SRC_PORT, 2)                                               \
	F(PFLOWI_IE_DST_PORT, 2)                                               \
	F(PFLOWI_IE_TOS, 1)                                                    \
	F(PFLOWI_IE_PROTOCOL, 1)

#define PFLOWI_SHAPE_FLOW4(F)                                                  \
	F(PFLOWI_IE_SRC_IPV4, 4)                                               \
	F(PFLOWI_IE_DST_IPV4, 4)                                               \
	PFLOWI_SHAPE_FLOW_TAIL(F)

#define PFLOWI_SHAPE_FLOW6(F)                                                  \
	F(PFLOWI_IE_SRC_IPV6, 16)                                              \
	F(PFLOWI_IE_DST_IPV6, 16)                                              \
	PFLOWI_SHAPE_FLOW_TAIL(F)

/* NetFlow v5 has no templates, but its record is one all the same. */
#define PFLOWI_SHAPE_V5(F)                                                     \
	F(PFLOWI_IE_SRC_IPV4, 4)                                               \
	F(PFLOWI_IE_DST_IPV4, 4)                                               \
	F(PFLOWI_IE_NEXT_HOP_IPV4, 4)                                          \
	F(PFLOWI_IE_IN_IFINDEX, 2)                                             \
	F(PFLOWI_IE_OUT_IFINDEX, 2)                                            \
	F(PFLOWI_IE_PACKETS, 4)                                                \
	F(PFLOWI_IE_OCTETS, 4)                                                 \
	F(PFLOWI_IE_START_UPTIME, 4)                                           \
	F(PFLOWI_IE_END_UPTIME, 4)                                             \
	F(PFLOWI_IE_SRC_PORT, 2)                                               \
	F(PFLOWI_IE_DST_PORT, 2)                                               \
	F(PFLOWI_IE_PADDING, 1)                                                \
	F(PFLOWI_IE_TCP_FLAGS, 1)                                              \
	F(PFLOWI_IE_PROTOCOL, 1)                                               \
	F(PFLOWI_IE_TOS, 1)                                                    \
	F(PFLOWI_IE_SRC_AS, 2)                                                 \
	F(PFLOWI_IE_DST_AS, 2)                                                 \
	F(PFLOWI_IE_SRC_MASK, 1)                                               \
	F(PFLOWI_IE_DST_MASK, 1)                                               \
	F(PFLOWI_IE_PADDING, 2)

#define PFLOWI_ADD_LEN(element, octets) +(octets)
#define PFLOWI_ADD_ONE(element, octets) +1
#define PFLOWI_SHAPE_LEN(shape) (0 shape(PFLOWI_ADD_LEN))
#define PFLOWI_SHAPE_FIELDS(shape) (0 shape(PFLOWI_ADD_ONE))

#define PFLOWI_FLOW4_LEN ((uint32_t)sizeof(struct pflow_wire_flow4))
#define PFLOWI_FLOW6_LEN ((uint32_t)sizeof(struct pflow_wire_flow6))
#define PFLOWI_V5_LEN ((uint32_t)sizeof(struct pflow_wire_v5_record))
PFLOW_STATIC_ASSERT(PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW4) == PFLOWI_FLOW4_LEN,
    "wire.h and the shape of template 256 disagree");
PFLOW_STATIC_ASSERT(PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW6) == PFLOWI_FLOW6_LEN,
    "wire.h and the shape of template 257 disagree");
PFLOW_STATIC_ASSERT(PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_V5) == PFLOWI_V5_LEN,
    "wire.h and the shape of the v5 record disagree");

#define PFLOWI_IPFIX_HEADER_LEN                                                \
	((uint32_t)sizeof(struct pflow_wire_ipfix_header))
#define PFLOWI_SET_HEADER_LEN ((uint32_t)sizeof(struct pflow_wire_set_header))
#define PFLOWI_V5_HEADER_LEN ((uint32_t)sizeof(struct pflow_wire_v5_header))

#endif /* PFLOWI_SHAPES_H */
