/* SPDX-License-Identifier: ISC */
/*
 * What the first fragment of a packet said, for those that come after it.
 * Bounded: a new one takes the place of the older of the two it may replace.
 */
#ifndef PFLOWI_FLOW_FRAGMENT_H
#define PFLOWI_FLOW_FRAGMENT_H

#include <stdbool.h>

#include "sources/dissect.h"
#include "sources/flow_index.h"

#define PFLOWI_FRAGMENT_ENTRIES 512u

/** RFC 8200, 4.5: fragments that belong together arrive within 60 seconds. */
#define PFLOWI_FRAGMENT_LIFE_NS (UINT64_C(60) * 1000000000u)

struct pflowi_fragment {
	struct pflowi_flow_key key; /**< all zero: free */
	uint64_t time_ns;
	uint16_t port[2];
	uint16_t icmp;
	uint16_t icmp_id;
	uint8_t facts;
	uint8_t protocol;
};

struct pflowi_fragments {
	struct pflowi_fragment entry[PFLOWI_FRAGMENT_ENTRIES];
};

/** Remember a first fragment. */
void pflowi_fragment_learn(struct pflowi_fragments *fr,
    const struct pflowi_packet *pk, const uint64_t seed[2]);

/**
 * Complete a later fragment.
 *
 * @return false: its first one is not known, pk is as it was
 */
bool pflowi_fragment_complete(const struct pflowi_fragments *fr,
    struct pflowi_packet *pk, const uint64_t seed[2]);

#endif /* PFLOWI_FLOW_FRAGMENT_H */
