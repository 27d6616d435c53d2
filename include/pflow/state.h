/* SPDX-License-Identifier: ISC */
/*
 * struct pflow_state: the one currency of the house.  A source makes it, an
 * exporter turns it into Data Records, a decoder gives it back.
 */
#ifndef PFLOW_STATE_H
#define PFLOW_STATE_H

#include <stdint.h>

#include <pflow/export.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** One sample of both clocks, taken once per turn of the caller's loop. */
struct pflow_now {
	uint64_t mono_ns; /**< monotonic: waiting, deadlines, uptime */
	uint64_t wall_ns; /**< since 1970-01-01 UTC: stamping */
};

/** A deadline that never comes. */
#define PFLOW_NEVER UINT64_MAX

#define PFLOW_AF_IPV4 4 /**< the value of pflow_key.af: the IP version */
#define PFLOW_AF_IPV6 6

/** Indexes of pflow_state.key[], as in pf: the network's side, the host's. */
#define PFLOW_WIRE 0
#define PFLOW_STACK 1

/** Indexes of everything that comes in pairs: initiator's way, and back. */
#define PFLOW_FORWARD 0
#define PFLOW_REVERSE 1

/**
 * A flow key.  Index 0 is the source (the initiator), 1 the destination,
 * whatever order the origin of the state had.
 */
struct pflow_key {
	uint8_t addr[2][16]; /**< network order; IPv4 in the first 4 octets */
	uint16_t port[2];    /**< host order; 0 where the protocol has none */
	uint8_t af;	     /**< PFLOW_AF_IPV4 or PFLOW_AF_IPV6 */
	uint8_t reserved[3]; /**< zero */
};

/** Values of pflow_state.direction, as pf numbers them. */
#define PFLOW_DIR_UNKNOWN 0
#define PFLOW_DIR_IN 1
#define PFLOW_DIR_OUT 2

/** Values of pflow_state.end_reason: flowEndReason (IE 136, RFC 5102). */
#define PFLOW_END_UNKNOWN 0
#define PFLOW_END_IDLE 1      /**< idle timeout */
#define PFLOW_END_ACTIVE 2    /**< active timeout: the flow is still alive */
#define PFLOW_END_DETECTED 3  /**< its end was seen (FIN, RST, delete) */
#define PFLOW_END_FORCED 4    /**< flushed: end of input, shutdown, clear */
#define PFLOW_END_RESOURCES 5 /**< pushed out: the table was full */

/** pflow_state.flags */
#define PFLOW_STATE_EXPORT 0x0001u     /**< pf's "pflow" keyword: export it */
#define PFLOW_STATE_TRANSLATED 0x0002u /**< key[WIRE] and key[STACK] differ */
#define PFLOW_STATE_SYNCED 0x0004u     /**< learned from a pfsync peer */
#define PFLOW_STATE_PARTIAL 0x0008u    /**< counters as of the last report */
#define PFLOW_STATE_CREATED 0x0010u    /**< event: the state was just created */
#define PFLOW_STATE_ALIVE 0x0020u      /**< told for the last time, but it lives:
					    its translation has not ended */

/**
 * pflow_state.present: which of the optional members the source really knows.
 * What is not present is left out of a template, or sent as zero where a
 * fixed format demands it; it is never invented.  Keys, protocol, counters
 * and times are always there.
 */
#define PFLOW_HAS_ICMP 0x0001u	     /**< icmp[2] */
#define PFLOW_HAS_TOS 0x0002u	     /**< tos */
#define PFLOW_HAS_TCP_FLAGS 0x0004u  /**< tcp_flags[2] */
#define PFLOW_HAS_IFINDEX 0x0008u    /**< ifindex[2] */
#define PFLOW_HAS_VLAN 0x0010u	     /**< vlan */
#define PFLOW_HAS_END_REASON 0x0020u /**< end_reason */
#define PFLOW_HAS_FLOW_ID 0x0040u    /**< flow_id */
#define PFLOW_HAS_RULE 0x0080u	     /**< rule, anchor */
#define PFLOW_HAS_DIRECTION 0x0100u  /**< direction */
#define PFLOW_HAS_CREATOR 0x0200u    /**< creator_id */

/**
 * The accounting of one connection, both ways.  All integers in host order.
 *
 * 192 octets, no padding, no pointers: it may be copied with memcpy() and
 * lives as long as the caller likes.
 */
struct pflow_state {
	struct pflow_key key[2];  /**< PFLOW_WIRE, PFLOW_STACK; equal unless
				       PFLOW_STATE_TRANSLATED */
	uint64_t packets[2];	  /**< since the last report of this flow */
	uint64_t octets[2];	  /**< IP total length, since the last report */
	uint64_t start_ns;	  /**< wall clock of the first packet */
	uint64_t last_ns;	  /**< wall clock of the last packet */
	uint64_t flow_id;	  /**< pf's state id, or the source's own */
	uint32_t present;	  /**< PFLOW_HAS_* */
	uint32_t flags;		  /**< PFLOW_STATE_* */
	uint32_t ifindex[2];	  /**< in, out, of the forward direction */
	uint32_t rule;		  /**< pf rule number, UINT32_MAX: none */
	uint32_t anchor;	  /**< pf anchor number, UINT32_MAX: none */
	uint32_t creator_id;	  /**< pf's hostid of the state's creator */
	uint16_t icmp[2];	  /**< type * 256 + code, forward and reverse */
	uint16_t tcp_flags[2];	  /**< OR of all packets (RFC 9565), each way */
	uint16_t vlan;		  /**< 12-bit VLAN id, outer tag */
	uint8_t protocol;	  /**< IP protocol / last next header */
	uint8_t tos;		  /**< ToS / traffic class, first packet */
	uint8_t direction;	  /**< PFLOW_DIR_* */
	uint8_t end_reason;	  /**< PFLOW_END_* */
	uint16_t reserved16;	  /**< zero */
	uint32_t lingered_ms;	  /**< from the last packet to the removal of
				       the state; 0: not known */
	uint8_t reserved[8];	  /**< zero */
};

PFLOW_STATIC_ASSERT(sizeof(struct pflow_state) == 192,
    "struct pflow_state has padding");

/**
 * Make a state of nothing: all zero, no translation, PFLOW_STATE_EXPORT set,
 * rule and anchor "none".
 *
 * @param st  caller's storage
 */
PFLOW_API void pflow_state_init(struct pflow_state *st);

/**
 * Set both keys of a state (no translation).
 *
 * @param st       state to fill
 * @param af       PFLOW_AF_IPV4 or PFLOW_AF_IPV6
 * @param src,dst  addresses in network order, 4 or 16 octets; copied
 * @param sport,dport  host order
 * @return PFLOW_OK; PFLOW_ERR_INVALID: af is neither, nothing was changed
 */
PFLOW_API int pflow_state_set_key(struct pflow_state *st, uint8_t af,
    const void *src, uint16_t sport, const void *dst, uint16_t dport);

/**
 * The key as the initiator sent it, before any translation: pf's rule, key
 * WIRE for a state created by an inbound packet, STACK for an outbound one.
 *
 * @return a pointer into st
 */
PFLOW_API const struct pflow_key *pflow_state_pre(const struct pflow_state *st);

/**
 * The key after translation (equal to pflow_state_pre() without any).
 *
 * @return a pointer into st
 */
PFLOW_API const struct pflow_key *pflow_state_post(
    const struct pflow_state *st);

/**
 * Turn a state round: source and destination, counters, flags, interfaces and
 * ICMP types change places.  For sources that learn late who the initiator
 * was.  Twice is the identity.
 */
PFLOW_API void pflow_state_reverse(struct pflow_state *st);

/**
 * The ICMP message that answers another one (RFC 792, RFC 4443).
 *
 * @param protocol   1 (ICMP) or 58 (ICMPv6)
 * @param type_code  type * 256 + code of a query
 * @return type * 256 of its reply, or of the query if type_code is a reply;
 *         type_code itself where no such pair exists
 */
PFLOW_API uint16_t pflow_icmp_reply(uint8_t protocol, uint16_t type_code);

PFLOW_END_DECLS

#endif /* PFLOW_STATE_H */
