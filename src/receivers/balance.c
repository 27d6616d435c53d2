/* SPDX-License-Identifier: ISC */
/*
 * Which receiver a flow belongs to. The same for both directions, for every
 * report of the flow, in every process: a restart changes nothing, and a
 * receiver that is added takes flows over but moves none between the others
 * (the highest of one score for each receiver wins).
 */
#include <pflow/receivers.h>

#include <string.h>

#include "core/bytes.h"

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 32) * UINT64_C(0x9fb21c651e98df25);
	x = (x ^ x >> 29) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

/** One end: address and port. */
static uint64_t
hash_end(const struct pflow_key *key, int end)
{
	const uint8_t *addr = key->addr[end];

	if (key->af == PFLOW_AF_IPV4)
		return mix(pflowi_get_be32(addr)) + key->port[end];
	return mix(mix(pflowi_get_be64(addr)) ^ pflowi_get_be64(addr + 8)) +
	    key->port[end];
}

/** A sum of both ends: it does not matter which one began. */
static uint64_t
hash_flow(const struct pflow_state *st)
{
	const struct pflow_key *key = pflow_state_pre(st);

	return mix(
	    mix(hash_end(key, 0)) + mix(hash_end(key, 1)) + st->protocol);
}

size_t
pflow_receivers_pick(const struct pflow_state *st, size_t count)
{
	uint64_t flow = hash_flow(st), best = 0;
	size_t i, pick = 0;

	for (i = 0; i < count; i++) {
		uint64_t score =
		    mix(flow + (i + 1) * UINT64_C(0xa0761d6478bd642f));

		if (score >= best) {
			best = score;
			pick = i;
		}
	}
	return pick;
}
