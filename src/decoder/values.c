/* SPDX-License-Identifier: ISC */
#include "decoder/values.h"

#include "core/state.h"
#include "decoder/uptime.h"

#define NTP_1970 2208988800u /**< 1970 in seconds since 1900 */

/** RFC 7011, 6.1.9, 6.1.10; eras as far as they lie in 1970 .. 2106. */
static uint64_t
ntp_to_ns(uint64_t ntp)
{
	uint64_t secs = (uint32_t)((uint32_t)(ntp >> 32) - NTP_1970);
	uint64_t frac = (uint32_t)ntp;

	return secs * PFLOWI_NS_PER_SEC + (frac * PFLOWI_NS_PER_SEC >> 32);
}

static uint64_t
ntp_to_us_ns(uint64_t ntp)
{
	uint64_t secs = (uint32_t)((uint32_t)(ntp >> 32) - NTP_1970);
	uint64_t frac = (uint32_t)ntp & ~(uint32_t)0x7ff;

	return secs * PFLOWI_NS_PER_SEC + (frac * 1000000u >> 32) * 1000;
}

/** @return 1: *v is worth keeping; 0: no value of that class */
static unsigned
convert(unsigned class, size_t len, uint64_t export_ns, uint64_t *v)
{
	switch (class) {
	case PFLOWI_U8:
		return *v <= UINT8_MAX;
	case PFLOWI_U16:
		return *v <= UINT16_MAX;
	case PFLOWI_U32:
		return *v <= UINT32_MAX;
	case PFLOWI_MOD32:
		*v = (uint32_t)*v;
		return 1;
	case PFLOWI_SECONDS:
		*v = (uint32_t)*v * (uint64_t)PFLOWI_NS_PER_SEC;
		return len <= 4;
	case PFLOWI_MILLI:
		*v = pflowi_ms_to_ns(*v);
		return 1;
	case PFLOWI_MICRO:
		*v = ntp_to_us_ns(*v);
		return len == 8;
	case PFLOWI_NANO:
		*v = ntp_to_ns(*v);
		return len == 8;
	case PFLOWI_BEFORE_US:
		*v = pflowi_time_sub(export_ns, (uint32_t)*v * UINT64_C(1000));
		return len <= 4;
	case PFLOWI_SPAN_MS:
		*v = (uint32_t)*v * (uint64_t)PFLOWI_NS_PER_MS;
		return len <= 4;
	case PFLOWI_SPAN_US:
		*v = (uint32_t)*v * UINT64_C(1000);
		return len <= 4;
	default:
		return 1;
	}
}

/** Of values of one rank, one that is not zero wins. */
static void
keep_uint(struct pflowi_values *v, unsigned target, unsigned rank,
    uint64_t value)
{
	if (rank < v->rank[target] || (rank == v->rank[target] && value == 0))
		return;
	v->rank[target] = (uint8_t)rank;
	if (target < PFLOWI_WIDE_TARGETS)
		v->wide[target - PFLOWI_ADDRESS_TARGETS] = value;
	else
		v->narrow[target - PFLOWI_WIDE_TARGETS] = (uint32_t)value;
}

static void
keep_field(struct pflowi_values *v, const uint8_t *field, const uint8_t *p,
    size_t len, uint64_t export_ns)
{
	unsigned target = field[PFLOWI_F_TARGET];
	unsigned class = field[PFLOWI_F_CLASS] & 0x0f;
	unsigned rank = field[PFLOWI_F_CLASS] >> 4;
	uint64_t value;

	if (class == PFLOWI_SKIP)
		return;
	if (class == PFLOWI_ADDRESS4 || class == PFLOWI_ADDRESS6) {
		/* RFC 7011, 6.2: addresses are never of reduced size. */
		if (len != (class == PFLOWI_ADDRESS4 ? 4 : 16) ||
		    rank < v->rank[target])
			return;
		v->rank[target] = (uint8_t)rank;
		v->address[target] = (uint16_t)(p - v->octets);
		return;
	}
	if (len == 0 || len > 8)
		return;
	value = pflowi_get_uint(p, (unsigned)len);
	if (convert(class, len, export_ns, &value))
		keep_uint(v, target, rank, value);
}

int
pflowi_values_read(struct pflowi_values *v, const uint8_t *t,
    struct pflowi_reader *r, uint64_t export_ns)
{
	const uint8_t *field = t + PFLOWI_T_LEN;
	unsigned left = pflowi_get_be16(t + PFLOWI_T_FIELDS);
	size_t len;

	memset(v->rank, 0, sizeof(v->rank));
	v->octets = r->buf;
	for (; left > 0; left--, field += PFLOWI_F_LEN) {
		const uint8_t *p = pflowi_field_take(r, field, &len);

		if (p == NULL)
			return PFLOW_ERR_TRUNCATED;
		keep_field(v, field, p, len, export_ns);
	}
	return PFLOW_OK;
}

static unsigned
is_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	while (len > 0)
		any |= p[--len];
	return any == 0;
}

/** An address that is carried and not zero. */
static const uint8_t *
address_of(const struct pflowi_values *v, unsigned target, size_t len)
{
	if (!pflowi_has(v, target) ||
	    is_zero(v->octets + v->address[target], len))
		return NULL;
	return v->octets + v->address[target];
}

static void
copy_address(uint8_t to[16], const struct pflowi_values *v, unsigned target,
    size_t len)
{
	if (pflowi_has(v, target))
		memcpy(to, v->octets + v->address[target], len);
}

/**
 * The address family of a record. Some exporters have one template for both
 * and send the addresses of the other family as zeros.
 *
 * @return 0: no addresses
 */
static uint8_t
family_of(const struct pflowi_values *v)
{
	unsigned has4 = pflowi_has(v, PFLOWI_SRC4) | pflowi_has(v, PFLOWI_DST4);
	unsigned has6 = pflowi_has(v, PFLOWI_SRC6) | pflowi_has(v, PFLOWI_DST6);
	uint64_t version = pflowi_value(v, PFLOWI_IP_VERSION);

	if (!has4 || !has6)
		return has4 ? PFLOW_AF_IPV4 : has6 ? PFLOW_AF_IPV6 : 0;
	if (version == PFLOW_AF_IPV4 || version == PFLOW_AF_IPV6)
		return (uint8_t)version;
	if (address_of(v, PFLOWI_SRC4, 4) == NULL &&
	    address_of(v, PFLOWI_DST4, 4) == NULL)
		return PFLOW_AF_IPV6;
	return PFLOW_AF_IPV4;
}

static void
set_key(const struct pflowi_values *v, uint8_t af, struct pflow_key *key)
{
	unsigned first = af == PFLOW_AF_IPV4 ? PFLOWI_SRC4 : PFLOWI_SRC6;
	size_t len = af == PFLOW_AF_IPV4 ? 4 : 16;

	copy_address(key->addr[0], v, first, len);
	copy_address(key->addr[1], v, first + 1, len);
	key->port[0] = (uint16_t)pflowi_value(v, PFLOWI_SRC_PORT);
	key->port[1] = (uint16_t)pflowi_value(v, PFLOWI_DST_PORT);
	key->af = af;
}

/**
 * The key after translation. What is zero or not carried was not translated;
 * across families, nobody knows.
 */
static void
set_post_key(const struct pflowi_values *v, const struct pflow_key *pre,
    struct pflow_key *post)
{
	const uint8_t *src4 = address_of(v, PFLOWI_POST_SRC4, 4);
	const uint8_t *dst4 = address_of(v, PFLOWI_POST_DST4, 4);
	const uint8_t *src6 = address_of(v, PFLOWI_POST_SRC6, 16);
	const uint8_t *dst6 = address_of(v, PFLOWI_POST_DST6, 16);
	uint64_t port;
	uint8_t af = pre->af;

	if (src4 != NULL || dst4 != NULL)
		af = PFLOW_AF_IPV4;
	else if (src6 != NULL || dst6 != NULL)
		af = PFLOW_AF_IPV6;
	*post = *pre;
	if (af != pre->af)
		memset(post->addr, 0, sizeof(post->addr));
	post->af = af;
	if (af == PFLOW_AF_IPV4 && src4 != NULL)
		memcpy(post->addr[0], src4, 4);
	if (af == PFLOW_AF_IPV4 && dst4 != NULL)
		memcpy(post->addr[1], dst4, 4);
	if (af == PFLOW_AF_IPV6 && src6 != NULL)
		memcpy(post->addr[0], src6, 16);
	if (af == PFLOW_AF_IPV6 && dst6 != NULL)
		memcpy(post->addr[1], dst6, 16);
	port = pflowi_value(v, PFLOWI_POST_SRC_PORT);
	if (port != 0)
		post->port[0] = (uint16_t)port;
	port = pflowi_value(v, PFLOWI_POST_DST_PORT);
	if (port != 0)
		post->port[1] = (uint16_t)port;
}

/** Type and code from elements of their own. @return 1: found */
static unsigned
icmp_elements(const struct pflowi_values *v, uint8_t protocol, uint16_t *tc)
{
	unsigned both = protocol == PFLOWI_PROTO_IPV6_ICMP ? PFLOWI_ICMP6
							   : PFLOWI_ICMP4;

	if (pflowi_has(v, both + 1)) {
		*tc = (uint16_t)(pflowi_value(v, both + 1) << 8 |
		    pflowi_value(v, both + 2));
		return 1;
	}
	/* v9 has but one element for both protocols (RFC 3954, 8). */
	if (!pflowi_has(v, both))
		both = PFLOWI_ICMP4;
	*tc = (uint16_t)pflowi_value(v, both);
	return pflowi_has(v, both);
}

/**
 * Type and code, and no ports. Records of NAT events keep theirs: there they
 * are the query identifier (RFC 8158).
 */
static void
set_icmp(const struct pflowi_values *v, struct pflow_state *st)
{
	uint16_t tc = 0;

	if (!icmp_elements(v, st->protocol, &tc)) {
		if (!pflowi_has(v, PFLOWI_DST_PORT) ||
		    pflowi_has(v, PFLOWI_NAT_EVENT))
			return;
		tc = (uint16_t)pflowi_value(v, PFLOWI_DST_PORT);
	}
	st->icmp[0] = tc;
	st->present |= PFLOW_HAS_ICMP;
	if (!pflowi_has(v, PFLOWI_NAT_EVENT)) {
		memset(st->key[0].port, 0, sizeof(st->key[0].port));
		memset(st->key[1].port, 0, sizeof(st->key[1].port));
	}
}

static void
set_counters(const struct pflowi_values *v, struct pflow_state *st)
{
	st->packets[0] = pflowi_value(v, PFLOWI_PACKETS);
	st->octets[0] = pflowi_value(v, PFLOWI_OCTETS);
	/* The responder's payload answers the initiator's, nothing else. */
	if (v->rank[PFLOWI_R_PACKETS] > 1 || v->rank[PFLOWI_PACKETS] <= 1)
		st->packets[1] = pflowi_value(v, PFLOWI_R_PACKETS);
	if (v->rank[PFLOWI_R_OCTETS] > 1 || v->rank[PFLOWI_OCTETS] <= 1)
		st->octets[1] = pflowi_value(v, PFLOWI_R_OCTETS);
}

/** The record's own boot time wins (160 in the same record). */
static struct pflowi_boot
boot_of(const struct pflowi_values *v, const struct pflowi_boot *boot)
{
	struct pflowi_boot own = *boot;

	if (pflowi_has(v, PFLOWI_BOOT_MS)) {
		own.uptime_ms = (uint32_t)(own.now_ms -
		    pflowi_value(v, PFLOWI_BOOT_MS));
		own.known = 1;
	}
	return own;
}

static void
set_uptimes(const struct pflowi_values *v, const struct pflowi_boot *boot,
    struct pflow_state *st)
{
	uint32_t first = (uint32_t)pflowi_value(v, PFLOWI_START_UPTIME);
	uint32_t last = (uint32_t)pflowi_value(v, PFLOWI_END_UPTIME);
	struct pflowi_boot own = boot_of(v, boot);

	if (!pflowi_has(v, PFLOWI_START_UPTIME))
		first = last;
	if (!pflowi_has(v, PFLOWI_END_UPTIME))
		last = first;
	/* Without a base the flow ends when the message leaves. */
	if (!own.known)
		own.uptime_ms = last;
	pflowi_uptime_span(own.now_ms, own.uptime_ms, first, last,
	    &st->start_ns, &st->last_ns);
}

static void
set_times(const struct pflowi_values *v, const struct pflowi_boot *boot,
    struct pflow_state *st)
{
	uint64_t span = pflowi_value(v, PFLOWI_DURATION);
	unsigned start = pflowi_has(v, PFLOWI_START);
	unsigned end = pflowi_has(v, PFLOWI_END);

	if (start || end) {
		st->start_ns = pflowi_value(v, PFLOWI_START);
		st->last_ns = pflowi_value(v, PFLOWI_END);
		if (!end)
			st->last_ns = pflowi_time_add(st->start_ns, span);
		if (!start)
			st->start_ns = pflowi_time_sub(st->last_ns, span);
	} else if (pflowi_has(v, PFLOWI_START_UPTIME) ||
	    pflowi_has(v, PFLOWI_END_UPTIME)) {
		set_uptimes(v, boot, st);
	} else {
		st->start_ns = pflowi_value(v, PFLOWI_OBSERVED);
		st->last_ns = st->start_ns;
	}
	/* A state has one start and one end for both directions. */
	if (pflowi_value(v, PFLOWI_R_START) != 0)
		st->start_ns = pflowi_min_u64(st->start_ns,
		    pflowi_value(v, PFLOWI_R_START));
	if (pflowi_value(v, PFLOWI_R_END) > st->last_ns)
		st->last_ns = pflowi_value(v, PFLOWI_R_END);
}

/** Or nobody says. */
static unsigned
is_tcp(const struct pflowi_values *v)
{
	return !pflowi_has(v, PFLOWI_PROTOCOL) ||
	    pflowi_value(v, PFLOWI_PROTOCOL) == PFLOWI_PROTO_TCP;
}

static void
set_optional(const struct pflowi_values *v, struct pflow_state *st)
{
	uint64_t value;

	if (pflowi_has(v, PFLOWI_TOS)) {
		st->tos = (uint8_t)pflowi_value(v, PFLOWI_TOS);
		st->present |= PFLOW_HAS_TOS;
	}
	if (pflowi_has(v, PFLOWI_FLAGS) && is_tcp(v)) {
		st->tcp_flags[0] = (uint16_t)pflowi_value(v, PFLOWI_FLAGS);
		st->tcp_flags[1] = (uint16_t)pflowi_value(v, PFLOWI_R_FLAGS);
		st->present |= PFLOW_HAS_TCP_FLAGS;
	}
	if (pflowi_has(v, PFLOWI_IN_IFINDEX) ||
	    pflowi_has(v, PFLOWI_OUT_IFINDEX)) {
		st->ifindex[0] = (uint32_t)pflowi_value(v, PFLOWI_IN_IFINDEX);
		st->ifindex[1] = (uint32_t)pflowi_value(v, PFLOWI_OUT_IFINDEX);
		st->present |= PFLOW_HAS_IFINDEX;
	}
	if (pflowi_has(v, PFLOWI_VLAN)) {
		st->vlan = (uint16_t)(pflowi_value(v, PFLOWI_VLAN) & 0x0fff);
		st->present |= PFLOW_HAS_VLAN;
	}
	if (pflowi_has(v, PFLOWI_FLOW_ID)) {
		st->flow_id = pflowi_value(v, PFLOWI_FLOW_ID);
		st->present |= PFLOW_HAS_FLOW_ID;
	}
	value = pflowi_value(v, PFLOWI_END_REASON);
	if (value >= PFLOW_END_IDLE && value <= PFLOW_END_RESOURCES) {
		st->end_reason = (uint8_t)value;
		st->present |= PFLOW_HAS_END_REASON;
	}
	/* flowDirection: 0 ingress, 1 egress; others mean "unknown". */
	value = pflowi_value(v, PFLOWI_DIRECTION);
	if (pflowi_has(v, PFLOWI_DIRECTION) && value <= 1) {
		st->direction = value == 0 ? PFLOW_DIR_IN : PFLOW_DIR_OUT;
		st->present |= PFLOW_HAS_DIRECTION;
	}
}

static void
set_events(const struct pflowi_values *v, struct pflow_decoded_header *hdr,
    struct pflow_state *st)
{
	uint8_t nat = (uint8_t)pflowi_value(v, PFLOWI_NAT_EVENT);

	hdr->nat_event = nat;
	hdr->firewall_event = (uint8_t)pflowi_value(v, PFLOWI_FIREWALL_EVENT);
	hdr->biflow_direction =
	    (uint8_t)pflowi_value(v, PFLOWI_BIFLOW_DIRECTION);
	/* Sessions: historic, NAT44, NAT64 (RFC 8158); firewallEvent created. */
	if (nat == 1 || nat == 4 || nat == 6 || hdr->firewall_event == 1)
		st->flags |= PFLOW_STATE_CREATED;
}

int
pflowi_values_state(const struct pflowi_values *v,
    const struct pflowi_boot *boot, struct pflow_decoded_header *hdr,
    struct pflow_state *st)
{
	uint8_t af = family_of(v);
	struct pflow_key *pre, *post;

	pflow_state_init(st);
	st->protocol = (uint8_t)pflowi_value(v, PFLOWI_PROTOCOL);
	set_optional(v, st);
	set_events(v, hdr, st);
	if (af == 0)
		return PFLOW_ERR_NOTFOUND;
	pre = &st->key[st->direction == PFLOW_DIR_OUT ? PFLOW_STACK
						      : PFLOW_WIRE];
	post = &st->key[st->direction == PFLOW_DIR_OUT ? PFLOW_WIRE
						       : PFLOW_STACK];
	set_key(v, af, pre);
	set_post_key(v, pre, post);
	if (pflowi_is_icmp(st->protocol))
		set_icmp(v, st);
	if (memcmp(pre, post, sizeof(*pre)) != 0)
		st->flags |= PFLOW_STATE_TRANSLATED;
	set_counters(v, st);
	set_times(v, boot, st);
	return PFLOW_OK;
}
