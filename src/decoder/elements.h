/* SPDX-License-Identifier: ISC */
/*
 * What the decoder knows of information elements: where the value of each
 * goes (target), how it is encoded (class), and which wins if a record has
 * several for one target (rank).
 */
#ifndef PFLOWI_DECODER_ELEMENTS_H
#define PFLOWI_DECODER_ELEMENTS_H

#include "core/port.h"

#define PFLOWI_REVERSE_PEN 29305u /**< RFC 5103, 6.1 */

/** Where a value goes: addresses, then what takes 64 bits, then the rest. */
enum pflowi_target {
	PFLOWI_SRC4,
	PFLOWI_DST4,
	PFLOWI_SRC6,
	PFLOWI_DST6,
	PFLOWI_POST_SRC4, /**< after translation */
	PFLOWI_POST_DST4,
	PFLOWI_POST_SRC6,
	PFLOWI_POST_DST6,
	PFLOWI_ADDRESS_TARGETS,
	PFLOWI_OCTETS = PFLOWI_ADDRESS_TARGETS,
	PFLOWI_PACKETS,
	PFLOWI_R_OCTETS, /**< R: of the reverse direction */
	PFLOWI_R_PACKETS,
	PFLOWI_FLOW_ID,
	PFLOWI_START, /**< nanoseconds since 1970, as all times here */
	PFLOWI_END,
	PFLOWI_R_START,
	PFLOWI_R_END,
	PFLOWI_OBSERVED, /**< time of an event */
	PFLOWI_BOOT_MS,	 /**< milliseconds since 1970 */
	PFLOWI_DURATION, /**< nanoseconds */
	PFLOWI_WIDE_TARGETS,
	PFLOWI_START_UPTIME = PFLOWI_WIDE_TARGETS, /**< milliseconds */
	PFLOWI_END_UPTIME,
	PFLOWI_PROTOCOL,
	PFLOWI_TOS,
	PFLOWI_FLAGS,
	PFLOWI_R_FLAGS,
	PFLOWI_SRC_PORT,
	PFLOWI_DST_PORT,
	PFLOWI_POST_SRC_PORT,
	PFLOWI_POST_DST_PORT,
	PFLOWI_IN_IFINDEX,
	PFLOWI_OUT_IFINDEX,
	PFLOWI_ICMP4, /**< type * 256 + code */
	PFLOWI_ICMP4_TYPE,
	PFLOWI_ICMP4_CODE,
	PFLOWI_ICMP6,
	PFLOWI_ICMP6_TYPE,
	PFLOWI_ICMP6_CODE,
	PFLOWI_VLAN,
	PFLOWI_DIRECTION,
	PFLOWI_END_REASON,
	PFLOWI_BIFLOW_DIRECTION,
	PFLOWI_NAT_EVENT,
	PFLOWI_FIREWALL_EVENT,
	PFLOWI_IP_VERSION,
	PFLOWI_TARGETS
};

/** How a value is encoded. Integers may be of reduced size (RFC 7011, 6.2). */
enum pflowi_class {
	PFLOWI_SKIP,
	PFLOWI_ADDRESS4,
	PFLOWI_ADDRESS6,
	PFLOWI_U8,
	PFLOWI_U16,
	PFLOWI_U32,
	PFLOWI_U64,
	PFLOWI_MOD32,	  /**< 8 octets from some exporters, modulo 2^32 */
	PFLOWI_SECONDS,	  /**< RFC 7011, 6.1.7 */
	PFLOWI_MILLI,	  /**< RFC 7011, 6.1.8 */
	PFLOWI_MICRO,	  /**< RFC 7011, 6.1.9: NTP, 11 low bits ignored */
	PFLOWI_NANO,	  /**< RFC 7011, 6.1.10: NTP */
	PFLOWI_BEFORE_US, /**< microseconds before the export time */
	PFLOWI_SPAN_MS,	  /**< a duration */
	PFLOWI_SPAN_US
};

/** What is done with an element. */
struct pflowi_use {
	uint8_t target; /**< enum pflowi_target */
	uint8_t class;	/**< enum pflowi_class; PFLOWI_SKIP: not known */
	uint8_t rank;	/**< of several, the highest wins */
};

/** The use of an element of an enterprise, 0: IANA. */
struct pflowi_use pflowi_element_use(uint32_t enterprise, uint16_t element);

#endif /* PFLOWI_DECODER_ELEMENTS_H */
