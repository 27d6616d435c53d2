/* SPDX-License-Identifier: ISC */
#include "core/state.h"

void
pflow_state_init(struct pflow_state *st)
{
	memset(st, 0, sizeof(*st));
	st->flags = PFLOW_STATE_EXPORT;
	st->rule = UINT32_MAX;
	st->anchor = UINT32_MAX;
}

int
pflow_state_set_key(struct pflow_state *st, uint8_t af, const void *src,
    uint16_t sport, const void *dst, uint16_t dport)
{
	struct pflow_key *key = &st->key[PFLOW_WIRE];
	size_t len;

	if (af == PFLOW_AF_IPV4)
		len = 4;
	else if (af == PFLOW_AF_IPV6)
		len = 16;
	else
		return PFLOW_ERR_INVALID;
	memset(key, 0, sizeof(*key));
	memcpy(key->addr[0], src, len);
	memcpy(key->addr[1], dst, len);
	key->port[0] = sport;
	key->port[1] = dport;
	key->af = af;
	st->key[PFLOW_STACK] = *key;
	st->flags &= ~PFLOW_STATE_TRANSLATED;
	return PFLOW_OK;
}

const struct pflow_key *
pflow_state_pre(const struct pflow_state *st)
{
	return pflowi_state_pre(st);
}

const struct pflow_key *
pflow_state_post(const struct pflow_state *st)
{
	return pflowi_state_post(st);
}

static void
swap_octets(void *a, void *b, size_t n)
{
	uint8_t *x = a, *y = b, t;

	while (n-- > 0) {
		t = *x;
		*x++ = *y;
		*y++ = t;
	}
}

void
pflow_state_reverse(struct pflow_state *st)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		struct pflow_key *key = &st->key[i];

		swap_octets(key->addr[0], key->addr[1], sizeof(key->addr[0]));
		swap_octets(&key->port[0], &key->port[1], sizeof(key->port[0]));
	}
	swap_octets(&st->packets[0], &st->packets[1], sizeof(st->packets[0]));
	swap_octets(&st->octets[0], &st->octets[1], sizeof(st->octets[0]));
	swap_octets(&st->ifindex[0], &st->ifindex[1], sizeof(st->ifindex[0]));
	swap_octets(&st->icmp[0], &st->icmp[1], sizeof(st->icmp[0]));
	swap_octets(&st->tcp_flags[0], &st->tcp_flags[1],
	    sizeof(st->tcp_flags[0]));
}

uint16_t
pflow_icmp_reply(uint8_t protocol, uint16_t type_code)
{
	/* Query and reply types: RFC 792, RFC 950, RFC 4443, RFC 2710, 4620. */
	static const struct {
		uint8_t protocol, a, b;
	} pairs[] = {
		{ PFLOWI_PROTO_ICMP, 8, 0 },	  /* echo */
		{ PFLOWI_PROTO_ICMP, 10, 9 },	  /* router solicitation */
		{ PFLOWI_PROTO_ICMP, 13, 14 },	  /* timestamp */
		{ PFLOWI_PROTO_ICMP, 15, 16 },	  /* information */
		{ PFLOWI_PROTO_ICMP, 17, 18 },	  /* address mask */
		{ PFLOWI_PROTO_IPV6_ICMP, 128, 129 }, /* echo */
		{ PFLOWI_PROTO_IPV6_ICMP, 133, 134 }, /* router solicitation */
		{ PFLOWI_PROTO_IPV6_ICMP, 135, 136 }, /* neighbour */
		{ PFLOWI_PROTO_IPV6_ICMP, 139, 140 }, /* node information */
	};
	uint8_t type = (uint8_t)(type_code >> 8);
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(pairs); i++) {
		if (pairs[i].protocol != protocol)
			continue;
		if (pairs[i].a == type)
			return (uint16_t)(pairs[i].b << 8);
		if (pairs[i].b == type)
			return (uint16_t)(pairs[i].a << 8);
	}
	return type_code;
}
