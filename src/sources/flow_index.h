/* SPDX-License-Identifier: ISC */
/*
 * From key to entry: linear hashing over buckets of one cache line, which hold
 * entry numbers and part of their hash, so that a look-up reads the bucket and
 * the one entry that is the right one. It grows one bucket at a time.
 */
#ifndef PFLOWI_FLOW_INDEX_H
#define PFLOWI_FLOW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/port.h"

#define PFLOWI_FLOW_WORDS 5

/**
 * A key in machine words, the lesser endpoint first, so both directions have
 * the same one. IPv4: word 0 both addresses, 1 to 3 zero. IPv6: 0 to 3.
 * Word 4: port, port, VLAN, protocol, kind (address family and PFLOWI_KIND_*).
 */
struct pflowi_flow_key {
	uint64_t word[PFLOWI_FLOW_WORDS];
};

#define PFLOWI_KIND_QUERY 0x80u /**< ports: ICMP identifier, request type */
#define PFLOWI_KIND_ICMP 0x40u	/**< ports: ICMP type and code, 0 */

/**
 * What every packet of a flow touches: one cache line. An entry is one of
 * these and one of the next, 112 octets together.
 */
struct pflowi_flow {
	uint64_t addresses; /**< key word 0 */
	uint64_t rest;	    /**< key word 4 */
	uint64_t start_ns;  /**< of the first packet since the last report */
	uint64_t last_ns;
	uint64_t octets[2]; /**< since the last report, by direction */
	uint32_t packets[2];
	uint16_t tcp_flags[2];
	uint8_t state; /**< 0: unused */
	uint8_t tos;
	uint16_t slot; /**< wheel slot it waits in */
};

_Static_assert(sizeof(struct pflowi_flow) == 64, "not a cache line");

/** What few packets of a flow touch. */
struct pflowi_flow_cold {
	uint64_t addresses6[3]; /**< key words 1 to 3 */
	uint32_t chain; /**< next of an overfull bucket, or of the unused */
	uint32_t prev;	/**< wheel list; 0: the first */
	uint32_t next;
	uint32_t hash;
	uint16_t icmp[2];
	uint32_t serial; /**< low half of the flow's number */
};

_Static_assert(sizeof(struct pflowi_flow_cold) == 48, "grew");

#define PFLOWI_BUCKET_SLOTS 10

/** One cache line; entry 0: a free place. */
struct pflowi_flow_bucket {
	uint32_t entry[PFLOWI_BUCKET_SLOTS];
	uint32_t chain; /**< entries that found no place here */
	uint16_t tag[PFLOWI_BUCKET_SLOTS];
};

_Static_assert(sizeof(struct pflowi_flow_bucket) == 64, "not a cache line");

/**
 * The bits of a hash that stand in the bucket: most of them are not in the
 * number of the bucket, but the one is that the next split goes by.
 */
#define PFLOWI_TAG_SHIFT 12u
PFLOWI_INLINE uint16_t
pflowi_flow_tag(uint32_t hash)
{
	return (uint16_t)(hash >> PFLOWI_TAG_SHIFT);
}

struct pflowi_flow_index {
	struct pflowi_flow_bucket *buckets; /**< room for max of them */
	struct pflowi_flow *flows;	    /**< the entries */
	struct pflowi_flow_cold *cold;
	uint32_t count;			    /**< in use */
	uint32_t max;
	uint32_t mask; /**< largest 2^k - 1 below count */
};

/** Entries a bucket holds on average; more than that and the index grows. */
#define PFLOWI_BUCKET_LOAD 5

PFLOWI_INLINE struct pflowi_flow_bucket *
pflowi_flow_index_bucket(const struct pflowi_flow_index *ix, uint32_t hash)
{
	uint32_t b = hash & (ix->mask * 2 + 1);

	if (b >= ix->count)
		b &= ix->mask;
	return &ix->buckets[b];
}

/** Buckets that entries need at most. */
uint32_t pflowi_flow_index_size(uint32_t entries);

/** Is this the entry of that key? */
PFLOWI_INLINE bool
pflowi_flow_is(const struct pflowi_flow_index *ix, uint32_t entry,
    const struct pflowi_flow_key *key)
{
	const struct pflowi_flow *f = &ix->flows[entry];
	const uint64_t *more;

	if (((f->addresses ^ key->word[0]) | (f->rest ^ key->word[4])) != 0)
		return false;
	if ((key->word[4] & 0x0f) == 4)
		return true;
	more = ix->cold[entry].addresses6;
	return ((more[0] ^ key->word[1]) | (more[1] ^ key->word[2]) |
	    (more[2] ^ key->word[3])) == 0;
}

/** Empty the index. What is not count and mask is set by the owner. */
void pflowi_flow_index_clear(struct pflowi_flow_index *ix);

/** The entry with this key, 0 if there is none. */
uint32_t pflowi_flow_index_find(const struct pflowi_flow_index *ix,
    const struct pflowi_flow_key *key, uint32_t hash);

/** Put in an entry whose key and hash are set; live counts it already. */
void pflowi_flow_index_insert(struct pflowi_flow_index *ix, uint32_t entry,
    uint32_t live);

/** Take out an entry, which is there. */
void pflowi_flow_index_erase(struct pflowi_flow_index *ix, uint32_t entry);

/**
 * The hash of a key: keyed, so that nobody outside can choose collisions.
 * One of flow_hash_*.c; the build picks it.
 */
uint32_t pflowi_flow_hash(const uint64_t *words, size_t count,
    const uint64_t seed[2]);

#endif /* PFLOWI_FLOW_INDEX_H */
