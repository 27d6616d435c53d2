/* SPDX-License-Identifier: ISC */
/*
 * What a state of pf means: from its raw members, wherever they were read
 * (table, pfsync, netlink, text), to struct pflow_state.
 */
#ifndef PFLOWI_PF_STATE_H
#define PFLOWI_PF_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <pflow/state.h>

#include "core/port.h"

#define PFLOWI_PF_IFNAME_LEN 16

/** What the pseudo ports of an ICMP state mean. */
enum pflowi_pf_icmp {
	PFLOWI_PF_ICMP_TYPED, /**< id and type of the query */
	PFLOWI_PF_ICMP_MIXED  /**< that, or the id twice (older kernels) */
};

/** Whose numbers the timeout codes are. */
enum pflowi_pf_system { PFLOWI_PF_BSD, PFLOWI_PF_MACOS };

/**
 * A state as pf stores it, integers in host order. Index 0 of a key is the
 * source of an inbound and the destination of an outbound state.
 */
struct pflowi_pf_raw {
	uint8_t addr[2][2][16]; /**< [PFLOW_WIRE, PFLOW_STACK][0, 1] */
	uint16_t port[2][2];
	uint8_t af[2];	  /**< the sender's AF_ constants */
	uint8_t proto[2];
	uint8_t direction;
	uint8_t timeout;  /**< PFTM_ code */
	uint8_t icmp;	  /**< enum pflowi_pf_icmp */
	uint8_t system;	  /**< enum pflowi_pf_system */
	uint8_t codes;	  /**< timeout codes that exist */
	bool swaps;	  /**< af-to swaps the ends of the second key */
	bool marked;	  /**< the state carries pf's "pflow" */
	bool anonymous;	  /**< id and creatorid are not known */
	uint32_t creatorid;
	uint32_t rule;	  /**< UINT32_MAX: none */
	uint32_t anchor;
	int32_t rtable;	  /**< -1: none; 0 where it is not told */
	uint64_t id;
	uint64_t age_s;
	uint64_t expire_s; /**< seconds left */
	uint64_t packets[2]; /**< initiator's way, and back */
	uint64_t bytes[2];
	char ifname[PFLOWI_PF_IFNAME_LEN]; /**< padded with NUL; may be full */
	char orig_ifname[PFLOWI_PF_IFNAME_LEN];
};

/** Names end at their first NUL; what follows it is not part of them. */
PFLOWI_INLINE void
pflowi_pf_get_name(const uint8_t *p, char out[PFLOWI_PF_IFNAME_LEN])
{
	size_t len = 0;

	while (len < PFLOWI_PF_IFNAME_LEN && p[len] != '\0')
		len++;
	pflowi_copy(out, p, PFLOWI_PF_IFNAME_LEN);
	while (len < PFLOWI_PF_IFNAME_LEN)
		out[len++] = '\0';
}

/** Why a raw state is no state: R(name, "help"). */
#define PFLOWI_PF_REJECTS(R)                                                   \
	R(no_family, "state without an address family")                        \
	R(bad_family, "address family neither IPv4 nor IPv6")                  \
	R(bad_direction, "direction neither in nor out")                       \
	R(bad_timeout, "timeout code that pf does not have")

enum pflowi_pf_verdict {
	PFLOWI_PF_GOOD,
#define PFLOWI_PF_REJECT_ENUM(name, help) PFLOWI_PF_##name,
	PFLOWI_PF_REJECTS(PFLOWI_PF_REJECT_ENUM)
#undef PFLOWI_PF_REJECT_ENUM
	    PFLOWI_PF_VERDICT_COUNT
};

/**
 * Seconds a state with this timeout code lives without packets, by default.
 *
 * @return 0: not known
 */
uint32_t pflowi_pf_timeout_s(enum pflowi_pf_system system, uint8_t code);

/**
 * Make the state that a raw one means, but for its interfaces and reason.
 *
 * last_ns is the estimate that a receiving kernel makes: `now` less what has
 * run off the timeout, never before start_ns or after `now`.
 *
 * @param raw     only read
 * @param now_ns  wall clock when the record was made
 * @param st      out: every member set; undefined if the verdict is bad
 */
enum pflowi_pf_verdict pflowi_pf_state(const struct pflowi_pf_raw *raw,
    uint64_t now_ns, struct pflow_state *st);

/**
 * Turn a state into the event of its creation: PFLOW_STATE_CREATED, both times
 * its start, nothing counted yet.
 */
void pflowi_pf_make_created(struct pflow_state *st);

#endif /* PFLOWI_PF_STATE_H */
