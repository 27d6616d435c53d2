/* SPDX-License-Identifier: ISC */
/* The keyed hash of the flow table without xxHash: SipHash-1-3. */
#include "sources/flow_index.h"
#include "sources/siphash.h"

uint32_t
pflowi_flow_hash(const uint64_t *words, size_t count, const uint64_t seed[2])
{
	return (uint32_t)pflowi_siphash(words, count, seed);
}
