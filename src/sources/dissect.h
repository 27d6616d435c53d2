/* SPDX-License-Identifier: ISC */
/*
 * Octets of a captured frame to the facts a flow needs. Pure: no state, no
 * allocation, and never an octet read at or past caplen.
 */
#ifndef PFLOWI_DISSECT_H
#define PFLOWI_DISSECT_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/state.h>

/** Link types, as capture files number them (LINKTYPE_*, not DLT_*). */
#define PFLOWI_LINK_NULL 0
#define PFLOWI_LINK_ETHERNET 1
#define PFLOWI_LINK_PPP 9
#define PFLOWI_LINK_PPP_HDLC 50
#define PFLOWI_LINK_PPP_ETHER 51
#define PFLOWI_LINK_RAW 101
#define PFLOWI_LINK_C_HDLC 104
#define PFLOWI_LINK_IEEE802_11 105
#define PFLOWI_LINK_LOOP 108
#define PFLOWI_LINK_ENC 109
#define PFLOWI_LINK_LINUX_SLL 113
#define PFLOWI_LINK_PFLOG 117
#define PFLOWI_LINK_PRISM 119
#define PFLOWI_LINK_RADIOTAP 127
#define PFLOWI_LINK_AVS 163
#define PFLOWI_LINK_PPP_PPPD 166
#define PFLOWI_LINK_PPI 192
#define PFLOWI_LINK_PPP_WITH_DIR 204
#define PFLOWI_LINK_MPLS 219
#define PFLOWI_LINK_IPV4 228
#define PFLOWI_LINK_IPV6 229
#define PFLOWI_LINK_LINUX_SLL2 276

#define PFLOWI_PROTO_TCP 6
#define PFLOWI_PROTO_UDP 17
#define PFLOWI_PROTO_DCCP 33
#define PFLOWI_PROTO_SCTP 132
#define PFLOWI_PROTO_UDPLITE 136

/** TCP header flags, as in tcpControlBits (RFC 9565). */
#define PFLOWI_TCP_FIN 0x001u
#define PFLOWI_TCP_SYN 0x002u
#define PFLOWI_TCP_RST 0x004u
#define PFLOWI_TCP_ACK 0x010u

/** pflowi_packet.facts */
#define PFLOWI_HAS_PORTS 0x01u	    /**< port[] were read */
#define PFLOWI_HAS_FLAGS 0x02u	    /**< tcp_flags were read */
#define PFLOWI_HAS_ICMP 0x04u	    /**< icmp was read */
#define PFLOWI_IS_QUERY 0x08u	    /**< ICMP message with an identifier */
#define PFLOWI_IS_REPLY 0x10u	    /**< and it answers another one */
#define PFLOWI_FRAGMENT_FIRST 0x20u /**< offset 0, more to come */
#define PFLOWI_FRAGMENT_LATER 0x40u /**< no transport header inside */

#define PFLOWI_VLAN_PRESENT 0x1000u

/** One packet. 64 octets. */
struct pflowi_packet {
	uint64_t time_ns;     /**< the caller's; dissect leaves it alone */
	uint8_t addr[2][16];  /**< source, destination; IPv4: the first 4 */
	uint32_t octets;      /**< IP total length; frame octets if no IP */
	uint32_t fragment_id; /**< with PFLOWI_FRAGMENT_* */
	uint16_t port[2];     /**< 0 without PFLOWI_HAS_PORTS */
	uint16_t tcp_flags;
	uint16_t icmp;	      /**< type * 256 + code */
	uint16_t icmp_id;     /**< with PFLOWI_IS_QUERY */
	uint16_t vlan;	      /**< outer tag: PFLOWI_VLAN_PRESENT | id; or 0 */
	uint8_t af;	      /**< PFLOW_AF_IPV4, PFLOW_AF_IPV6 */
	uint8_t protocol;     /**< last next header */
	uint8_t tos;
	uint8_t facts;	      /**< PFLOWI_HAS_* and so on */
};

PFLOW_STATIC_ASSERT(sizeof(struct pflowi_packet) == 64,
    "struct pflowi_packet has padding");

/** What became of a frame. */
enum pflowi_verdict {
	PFLOWI_PACKET_IP,	    /**< account it */
	PFLOWI_PACKET_NOT_IP,	    /**< no header of IP inside */
	PFLOWI_PACKET_BAD_FRAME,    /**< ends before the length of an IP packet */
	PFLOWI_PACKET_BAD_IP,	    /**< IP, with an impossible length */
	PFLOWI_PACKET_CUT_IP,	    /**< IP, but the capture cut it too short */
	PFLOWI_PACKET_UNKNOWN_LINK, /**< link type nobody reads here */
	PFLOWI_VERDICTS
};

/**
 * Find the outermost IP header of a frame and read what a flow needs.
 *
 * @param linktype  of the capture (LINKTYPE_*)
 * @param data      caplen octets; borrowed for the call
 * @param wirelen   length on the wire; taken as caplen if it is less
 * @param pk        out; octets is always set, the rest only if the verdict is
 *                  PFLOWI_PACKET_IP
 */
enum pflowi_verdict pflowi_dissect(uint32_t linktype, const uint8_t *data,
    size_t caplen, size_t wirelen, struct pflowi_packet *pk);

/** What is left of a frame: octets at p that were captured, and on the wire. */
struct pflowi_frame_rest {
	const uint8_t *p;
	size_t left; /**< captured */
	size_t wire; /**< at least left */
};

/**
 * The part behind the link layer (dissect_ip.c). Verdicts that find an IP
 * length set octets to it; the others leave that to the caller.
 */
enum pflowi_verdict pflowi_dissect_ipv4(const struct pflowi_frame_rest *rest,
    struct pflowi_packet *pk);
enum pflowi_verdict pflowi_dissect_ipv6(const struct pflowi_frame_rest *rest,
    struct pflowi_packet *pk);

#endif /* PFLOWI_DISSECT_H */
