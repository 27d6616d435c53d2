/* SPDX-License-Identifier: ISC */
/* The keyed hash of the flow table: XXH3, seeded. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sources/flow_index.h"

uint32_t
pflowi_flow_hash(const uint64_t *words, size_t count, const uint64_t seed[2])
{
	return (uint32_t)XXH3_64bits_withSeed(words, count * sizeof(*words),
	    seed[0] ^ seed[1]);
}
