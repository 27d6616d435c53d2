/* SPDX-License-Identifier: ISC */
/* A flow table for tests: packets in, states out; time is what they say. */
#ifndef PFLOW_TEST_FLOW_RIG_H
#define PFLOW_TEST_FLOW_RIG_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/flow_entry.h"

#define SEC UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define T0 (UINT64_C(1700000000) * SEC)

#define SYN PFLOWI_TCP_SYN
#define ACK PFLOWI_TCP_ACK
#define FIN PFLOWI_TCP_FIN
#define RST PFLOWI_TCP_RST

static struct pflowi_flow_table *ft;
static struct pflow_state out[4096];
static size_t out_count;

PFLOWI_INLINE void
set_up_with(uint64_t active_s, uint64_t idle_s, size_t memory)
{
	struct pflowi_flow_config cfg = {
		.active_ns = active_s * SEC,
		.idle_ns = idle_s * SEC,
		.memory_limit = memory,
		.seed = { 1, 2 },
	};

	ft = malloc(sizeof(*ft));
	ck_assert_int_eq(pflowi_flow_table_init(ft, &cfg), PFLOW_OK);
	out_count = 0;
}

PFLOWI_INLINE void
set_up(void)
{
	set_up_with(60, 15, 1 << 20);
}

PFLOWI_INLINE void
tear_down(void)
{
	pflowi_flow_table_fini(ft);
	free(ft);
}

PFLOWI_INLINE void
set_up_again(uint64_t active_s, uint64_t idle_s, size_t memory)
{
	tear_down();
	set_up_with(active_s, idle_s, memory);
}

PFLOWI_INLINE void
take(void)
{
	size_t n;
	const struct pflow_state *st = pflowi_flow_table_ready(ft, &n);

	ck_assert_uint_le(out_count + n, sizeof(out) / sizeof(out[0]));
	memcpy(out + out_count, st, n * sizeof(*st));
	out_count += n;
	pflowi_flow_table_taken(ft, n);
}

PFLOWI_INLINE void
add(struct pflowi_packet pk)
{
	while (pflowi_flow_table_add(ft, &pk, 1) == 0)
		take();
	take();
}

PFLOWI_INLINE void
advance(uint64_t to)
{
	while (!pflowi_flow_table_advance(ft, to))
		take();
	take();
}

PFLOWI_INLINE void
flush(void)
{
	while (!pflowi_flow_table_flush(ft))
		take();
	take();
}

/** Host `from` to host `to`: 10.0.0.from, ports as given. */
PFLOWI_INLINE struct pflowi_packet
packet(unsigned from, unsigned to, uint16_t sport, uint16_t dport,
    uint8_t protocol, uint64_t at)
{
	struct pflowi_packet pk;

	memset(&pk, 0, sizeof(pk));
	pk.af = PFLOW_AF_IPV4;
	pk.addr[0][0] = pk.addr[1][0] = 10;
	pk.addr[0][3] = (uint8_t)from;
	pk.addr[1][3] = (uint8_t)to;
	pk.addr[0][2] = (uint8_t)(from >> 8);
	pk.addr[1][2] = (uint8_t)(to >> 8);
	pk.port[0] = sport;
	pk.port[1] = dport;
	pk.protocol = protocol;
	pk.facts = PFLOWI_HAS_PORTS;
	pk.octets = 100;
	pk.time_ns = T0 + at;
	return pk;
}

PFLOWI_INLINE void
udp(unsigned from, unsigned to, uint64_t at)
{
	add(packet(from, to, from < to ? 1000 : 53, from < to ? 53 : 1000, 17,
	    at));
}

/** Client 1 port 1000, server 2 port 80. */
PFLOWI_INLINE void
tcp(unsigned from, uint16_t flags, uint64_t at)
{
	struct pflowi_packet pk = packet(from, 3 - from,
	    from == 1 ? 1000 : 80, from == 1 ? 80 : 1000, 6, at);

	pk.tcp_flags = flags;
	pk.facts |= PFLOWI_HAS_FLAGS;
	add(pk);
}

PFLOWI_INLINE void
icmp(unsigned from, uint16_t type_code, int id, uint64_t at)
{
	struct pflowi_packet pk = packet(from, 3 - from, 0, 0, 1, at);

	pk.icmp = type_code;
	pk.facts = PFLOWI_HAS_ICMP;
	if (id >= 0) {
		pk.icmp_id = (uint16_t)id;
		pk.facts |= PFLOWI_IS_QUERY;
		if (type_code == 0)
			pk.facts |= PFLOWI_IS_REPLY;
	}
	add(pk);
}

PFLOWI_INLINE void
is_from(const struct pflow_state *st, unsigned host, uint16_t sport,
    uint16_t dport)
{
	ck_assert_uint_eq(st->key[0].addr[0][3], host);
	ck_assert_uint_eq(st->key[0].port[0], sport);
	ck_assert_uint_eq(st->key[0].port[1], dport);
	ck_assert_mem_eq(&st->key[0], &st->key[1], sizeof(st->key[0]));
}

#endif /* PFLOW_TEST_FLOW_RIG_H */
