/* SPDX-License-Identifier: ISC */
#include "sources/pf_state.h"

#include <string.h>

#include "core/state.h"
#include "core/time.h"

#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_DCCP 33
#define PROTO_SCTP 132
#define PROTO_UDPLITE 136

/* pf.conf(5)'s defaults, by PFTM_ code. */
static const uint32_t bsd_timeouts[] = {
	120, 30, 86400, 900, 45, 90, /* TCP: first to closed */
	60, 30, 60,		     /* UDP: first, single, multiple */
	20, 10,			     /* ICMP: first, error */
	60, 30, 60,		     /* other: first, single, multiple */
	0, 0, 0, 0, 0, 0,	     /* no timeouts of states */
	120, 30, 86400, 900, 90,     /* SCTP (FreeBSD): first to closed */
};

static const uint32_t macos_timeouts[] = {
	120, 30, 86400, 900, 45, 90, 60, 30, 60, 20, 10,
	0, 0, 0, 0, 0, 0,	     /* GREv1, ESP: not known */
	60, 30, 60,
};

uint32_t
pflowi_pf_timeout_s(enum pflowi_pf_system system, uint8_t code)
{
	if (system == PFLOWI_PF_MACOS)
		return code < PFLOWI_ARRAY_LEN(macos_timeouts)
		    ? macos_timeouts[code] : 0;
	return code < PFLOWI_ARRAY_LEN(bsd_timeouts) ? bsd_timeouts[code] : 0;
}

/** AF_INET is 2 everywhere; AF_INET6 is OpenBSD's, FreeBSD's or Darwin's. */
PFLOWI_INLINE uint8_t
ip_version(uint8_t af)
{
	if (af == 2)
		return PFLOW_AF_IPV4;
	if (af == 24 || af == 28 || af == 30)
		return PFLOW_AF_IPV6;
	return 0;
}

/** pf puts ids, call ids and SPIs where the other protocols have no ports. */
PFLOWI_INLINE bool
has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP ||
	    proto == PROTO_SCTP || proto == PROTO_DCCP ||
	    proto == PROTO_UDPLITE;
}

PFLOWI_INLINE void
fill_key(struct pflow_key *key, const struct pflowi_pf_raw *raw, size_t which,
    size_t source, uint8_t af, bool ports)
{
	size_t i;

	key->af = af;
	for (i = 0; i < 2; i++) {
		const uint8_t *addr = raw->addr[which][source ^ i];

		/* What follows an IPv4 address is not always zero. */
		if (af == PFLOW_AF_IPV4)
			pflowi_copy(key->addr[i], addr, 4);
		else
			pflowi_copy(key->addr[i], addr, 16);
		if (ports)
			key->port[i] = raw->port[which][source ^ i];
	}
}

/** With af-to each family has its own number for ICMP. */
PFLOWI_INLINE uint8_t
protocol_of(uint8_t proto, uint8_t af)
{
	if (!pflowi_is_icmp(proto))
		return proto;
	return af == PFLOW_AF_IPV4 ? PFLOWI_PROTO_ICMP : PFLOWI_PROTO_IPV6_ICMP;
}

/** Queries that pf matches with their replies by id (pf.conf(5)). */
static bool
is_query(uint8_t proto, uint16_t type)
{
	if (proto == PFLOWI_PROTO_ICMP)
		return type == 8 || type == 13 || type == 15 || type == 17;
	return type == 128 || type == 139;
}

/**
 * The others whose code is always 0, so that the type says all: router
 * solicitation; MLD, neighbour discovery, redirect (RFC 4861), MLDv2.
 */
static bool
has_no_code(uint8_t proto, uint16_t type)
{
	if (proto == PFLOWI_PROTO_ICMP)
		return type == 10;
	return (type >= 130 && type <= 137) || type == 143;
}

/**
 * Type and code from the pseudo ports of the key before translation: the id,
 * and the type of the query; the other way round if a reply made the state.
 * Older kernels have the id twice: nothing is known then.
 */
static void
fill_icmp(struct pflow_state *st, uint16_t sport, uint16_t dport, bool mixed)
{
	uint8_t proto = st->protocol;
	uint16_t type;

	if (mixed && sport == dport)
		return;
	if (is_query(proto, dport))
		type = (uint16_t)(dport << 8);
	else if (is_query(proto, sport))
		type = pflow_icmp_reply(proto, (uint16_t)(sport << 8));
	else if ((sport == 0 || proto == PFLOWI_PROTO_IPV6_ICMP) &&
	    has_no_code(proto, dport))
		type = (uint16_t)(dport << 8);
	else
		return;
	st->icmp[PFLOW_FORWARD] = type;
	st->icmp[PFLOW_REVERSE] = pflow_icmp_reply(proto, type);
	st->present |= PFLOW_HAS_ICMP;
}

PFLOWI_INLINE uint64_t
seconds_before(uint64_t now_ns, uint64_t s)
{
	if (s > now_ns / PFLOWI_NS_PER_SEC)
		return 0;
	return now_ns - s * PFLOWI_NS_PER_SEC;
}

static void
fill_times(struct pflow_state *st, const struct pflowi_pf_raw *raw,
    uint64_t now_ns)
{
	uint64_t whole = pflowi_pf_timeout_s(
	    (enum pflowi_pf_system)raw->system, raw->timeout);

	st->start_ns = seconds_before(now_ns, raw->age_s);
	st->last_ns = now_ns;
	if (whole > raw->expire_s)
		st->last_ns = seconds_before(now_ns, whole - raw->expire_s);
	if (st->last_ns < st->start_ns)
		st->last_ns = st->start_ns;
}

enum pflowi_pf_verdict
pflowi_pf_state(const struct pflowi_pf_raw *raw, uint64_t now_ns,
    struct pflow_state *st)
{
	size_t pre = raw->direction == PFLOW_DIR_OUT ? PFLOW_STACK : PFLOW_WIRE;
	size_t post = pre ^ 1, source = raw->direction == PFLOW_DIR_OUT;
	uint8_t af[2];
	bool ports;

	if (raw->af[0] == 0 || raw->af[1] == 0)
		return PFLOWI_PF_no_family;
	af[pre] = ip_version(raw->af[pre]);
	af[post] = ip_version(raw->af[post]);
	if (af[0] == 0 || af[1] == 0)
		return PFLOWI_PF_bad_family;
	if (raw->direction != PFLOW_DIR_IN && raw->direction != PFLOW_DIR_OUT)
		return PFLOWI_PF_bad_direction;

	memset(st, 0, sizeof(*st));
	st->protocol = raw->proto[pre];
	if (af[0] != af[1])
		st->protocol = protocol_of(st->protocol, af[pre]);
	ports = has_ports(st->protocol);
	fill_key(&st->key[pre], raw, pre, source, af[pre], ports);
	fill_key(&st->key[post], raw, post,
	    af[0] != af[1] && raw->swaps ? source ^ 1 : source, af[post], ports);
	if (memcmp(&st->key[0], &st->key[1], sizeof(st->key[0])) != 0)
		st->flags |= PFLOW_STATE_TRANSLATED;
	if (raw->marked)
		st->flags |= PFLOW_STATE_EXPORT;
	st->present = PFLOW_HAS_RULE | PFLOW_HAS_DIRECTION;
	if (!raw->anonymous)
		st->present |= PFLOW_HAS_FLOW_ID | PFLOW_HAS_CREATOR;
	if (pflowi_is_icmp(st->protocol))
		fill_icmp(st, raw->port[pre][source], raw->port[pre][source ^ 1],
		    raw->icmp == PFLOWI_PF_ICMP_MIXED);
	memcpy(st->packets, raw->packets, sizeof(st->packets));
	memcpy(st->octets, raw->bytes, sizeof(st->octets));
	fill_times(st, raw, now_ns);
	st->flow_id = raw->id;
	st->creator_id = raw->creatorid;
	st->rule = raw->rule;
	st->anchor = raw->anchor;
	st->direction = raw->direction;
	return PFLOWI_PF_GOOD;
}

void
pflowi_pf_make_created(struct pflow_state *st)
{
	st->flags |= PFLOW_STATE_CREATED;
	st->flags &= ~PFLOW_STATE_PARTIAL;
	st->present &= ~PFLOW_HAS_END_REASON;
	st->end_reason = PFLOW_END_UNKNOWN;
	st->last_ns = st->start_ns;
	memset(st->packets, 0, sizeof(st->packets));
	memset(st->octets, 0, sizeof(st->octets));
}
