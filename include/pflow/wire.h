/* SPDX-License-Identifier: ISC */
/*
 * The layouts on the wire, for programs that look at datagrams by hand, as
 * pflow(4) promises its structs in a header.  Every member is an array of
 * octets, so alignment is 1, there is no padding, and any octet of a datagram
 * may be the beginning of one of them.
 *
 * Read members with pflow_wire_u16() and its like; all are big-endian.
 *
 *	const struct pflow_wire_v5_header *h = (const void *)datagram;
 *	if (len >= sizeof(*h) && pflow_wire_u16(h->version) == 5)
 *		count = pflow_wire_u16(h->count);
 */
#ifndef PFLOW_WIRE_H
#define PFLOW_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

#define PFLOW_WIRE_V5_VERSION 5
#define PFLOW_WIRE_V5_MAX_RECORDS 30
#define PFLOW_WIRE_IPFIX_VERSION 10
#define PFLOW_WIRE_SET_TEMPLATE 2	  /**< Set ID of a Template Set */
#define PFLOW_WIRE_SET_OPTIONS_TEMPLATE 3 /**< of an Options Template Set */
#define PFLOW_WIRE_SET_DATA_MIN 256	  /**< first Set ID of Data Sets */
#define PFLOW_WIRE_TEMPLATE_FLOW4 256	  /**< pflow(4)'s IPv4 template */
#define PFLOW_WIRE_TEMPLATE_FLOW6 257	  /**< pflow(4)'s IPv6 template */
#define PFLOW_WIRE_VARIABLE_LENGTH 65535  /**< RFC 7011, 7 */
#define PFLOW_WIRE_ENTERPRISE_BIT 0x8000  /**< RFC 7011, 3.2 */

/** NetFlow v5 header. */
struct pflow_wire_v5_header {
	uint8_t version[2];	/**< 5 */
	uint8_t count[2];	/**< records that follow, 1..30 */
	uint8_t sysuptime_ms[4];
	uint8_t unix_secs[4];
	uint8_t unix_nsecs[4];
	uint8_t flow_sequence[4]; /**< records sent before this datagram */
	uint8_t engine_type;
	uint8_t engine_id;
	uint8_t sampling[2];	/**< 2 bits mode, 14 bits interval */
};

/** NetFlow v5 record. */
struct pflow_wire_v5_record {
	uint8_t src_addr[4];
	uint8_t dst_addr[4];
	uint8_t next_hop[4];
	uint8_t in_ifindex[2];
	uint8_t out_ifindex[2];
	uint8_t packets[4];
	uint8_t octets[4];
	uint8_t first_ms[4];	/**< SysUptime of the first packet */
	uint8_t last_ms[4];	/**< SysUptime of the last packet */
	uint8_t src_port[2];
	uint8_t dst_port[2];	/**< ICMP: type * 256 + code */
	uint8_t pad1;
	uint8_t tcp_flags;
	uint8_t protocol;
	uint8_t tos;
	uint8_t src_as[2];
	uint8_t dst_as[2];
	uint8_t src_mask;
	uint8_t dst_mask;
	uint8_t pad2[2];
};

/** IPFIX Message Header (RFC 7011, 3.1). */
struct pflow_wire_ipfix_header {
	uint8_t version[2];	/**< 10 */
	uint8_t length[2];	/**< octets of the message, this header too */
	uint8_t export_time[4]; /**< seconds since 1970 */
	uint8_t sequence[4];	/**< Data Records sent before this message */
	uint8_t domain_id[4];	/**< Observation Domain ID */
};

/** Set Header (RFC 7011, 3.3.2). */
struct pflow_wire_set_header {
	uint8_t id[2];
	uint8_t length[2];	/**< octets of the set, this header too */
};

/** Template Record Header (RFC 7011, 3.4.1). */
struct pflow_wire_template_header {
	uint8_t id[2];
	uint8_t field_count[2]; /**< 0: withdrawal */
};

/** Field Specifier of an IANA element (RFC 7011, 3.2). */
struct pflow_wire_field {
	uint8_t element[2];	/**< bit 15: enterprise number follows */
	uint8_t length[2];	/**< octets; 65535: variable */
};

/** Field Specifier of an enterprise's element. */
struct pflow_wire_enterprise_field {
	uint8_t element[2];
	uint8_t length[2];
	uint8_t enterprise[4];
};

/** Data Record of template 256. */
struct pflow_wire_flow4 {
	uint8_t src_addr[4];	/**< sourceIPv4Address (8) */
	uint8_t dst_addr[4];	/**< destinationIPv4Address (12) */
	uint8_t in_ifindex[4];	/**< ingressInterface (10) */
	uint8_t out_ifindex[4]; /**< egressInterface (14) */
	uint8_t packets[8];	/**< packetDeltaCount (2) */
	uint8_t octets[8];	/**< octetDeltaCount (1) */
	uint8_t start_ms[8];	/**< flowStartMilliseconds (152) */
	uint8_t end_ms[8];	/**< flowEndMilliseconds (153) */
	uint8_t src_port[2];	/**< sourceTransportPort (7) */
	uint8_t dst_port[2];	/**< destinationTransportPort (11) */
	uint8_t tos;		/**< ipClassOfService (5) */
	uint8_t protocol;	/**< protocolIdentifier (4) */
};

/** Data Record of template 257. */
struct pflow_wire_flow6 {
	uint8_t src_addr[16];	/**< sourceIPv6Address (27) */
	uint8_t dst_addr[16];	/**< destinationIPv6Address (28) */
	uint8_t in_ifindex[4];
	uint8_t out_ifindex[4];
	uint8_t packets[8];
	uint8_t octets[8];
	uint8_t start_ms[8];
	uint8_t end_ms[8];
	uint8_t src_port[2];
	uint8_t dst_port[2];
	uint8_t tos;
	uint8_t protocol;
};

#define PFLOWI_WIRE_SIZE(type, octets)                                         \
	PFLOW_STATIC_ASSERT(sizeof(struct type) == (octets), #type " has padding")
#define PFLOWI_WIRE_AT(type, member, octet)                                    \
	PFLOW_STATIC_ASSERT(offsetof(struct type, member) == (octet),                \
	    #type "." #member " is misplaced")
PFLOWI_WIRE_SIZE(pflow_wire_v5_header, 24);
PFLOWI_WIRE_AT(pflow_wire_v5_header, flow_sequence, 16);
PFLOWI_WIRE_AT(pflow_wire_v5_header, engine_type, 20);
PFLOWI_WIRE_SIZE(pflow_wire_v5_record, 48);
PFLOWI_WIRE_AT(pflow_wire_v5_record, packets, 16);
PFLOWI_WIRE_AT(pflow_wire_v5_record, src_port, 32);
PFLOWI_WIRE_AT(pflow_wire_v5_record, tcp_flags, 37);
PFLOWI_WIRE_AT(pflow_wire_v5_record, src_as, 40);
PFLOWI_WIRE_SIZE(pflow_wire_ipfix_header, 16);
PFLOWI_WIRE_AT(pflow_wire_ipfix_header, sequence, 8);
PFLOWI_WIRE_SIZE(pflow_wire_set_header, 4);
PFLOWI_WIRE_SIZE(pflow_wire_template_header, 4);
PFLOWI_WIRE_SIZE(pflow_wire_field, 4);
PFLOWI_WIRE_SIZE(pflow_wire_enterprise_field, 8);
PFLOWI_WIRE_SIZE(pflow_wire_flow4, 54);
PFLOWI_WIRE_AT(pflow_wire_flow4, packets, 16);
PFLOWI_WIRE_AT(pflow_wire_flow4, src_port, 48);
PFLOWI_WIRE_SIZE(pflow_wire_flow6, 78);
PFLOWI_WIRE_AT(pflow_wire_flow6, packets, 40);
PFLOWI_WIRE_AT(pflow_wire_flow6, src_port, 72);

/** Big-endian accessors: p points at the member's octets. */
static inline uint16_t
pflow_wire_u16(const uint8_t p[2])
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
pflow_wire_u32(const uint8_t p[4])
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
pflow_wire_u64(const uint8_t p[8])
{
	return (uint64_t)pflow_wire_u32(p) << 32 | pflow_wire_u32(p + 4);
}

static inline void
pflow_wire_set_u16(uint8_t p[2], uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
pflow_wire_set_u32(uint8_t p[4], uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
pflow_wire_set_u64(uint8_t p[8], uint64_t v)
{
	pflow_wire_set_u32(p, (uint32_t)(v >> 32));
	pflow_wire_set_u32(p + 4, (uint32_t)v);
}

PFLOW_END_DECLS

#endif /* PFLOW_WIRE_H */
