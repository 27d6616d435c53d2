/* SPDX-License-Identifier: ISC */
/*
 * From (id, creatorid) to the number of an item: open addressing, hashed with
 * a secret key, for both are chosen by whoever sends.
 */
#ifndef PFLOWI_PF_INDEX_H
#define PFLOWI_PF_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/port.h"
#include "sources/pf_pool.h"

/** hash: the low half of the key's hash; item: 0 if the slot is free. */
struct pflowi_pf_slot {
	uint32_t hash;
	uint32_t item;
};

/** Valid: count <= 3/4 of the slots, their number a power of 2. */
struct pflowi_pf_index {
	struct pflowi_pf_budget *budget;
	struct pflowi_pf_slot *slots;
	uint32_t mask;
	uint32_t count;
	uint64_t key[2];
};

/** Is `item` the one with this id and creatorid? */
typedef bool pflowi_pf_match_fn(const void *arg, uint32_t item, uint64_t id,
    uint32_t creatorid);

/**
 * @param key     secret
 * @param budget  borrowed until fini
 * @return false: no memory
 */
bool pflowi_pf_index_init(struct pflowi_pf_index *ix, const uint64_t key[2],
    struct pflowi_pf_budget *budget);

void pflowi_pf_index_fini(struct pflowi_pf_index *ix);

/** SipHash-1-3 of 16 octets, folded to 32 bits. */
uint32_t pflowi_pf_hash(const uint64_t key[2], uint64_t a, uint64_t b);

/** Room for so many more; false: no memory, or not within the budget. */
bool pflowi_pf_index_reserve(struct pflowi_pf_index *ix, uint32_t items);

/** Add an item that is not there; there is room for it. */
void pflowi_pf_index_add(struct pflowi_pf_index *ix, uint32_t hash,
    uint32_t item);

/** Remove an item that is there. */
void pflowi_pf_index_remove(struct pflowi_pf_index *ix, uint32_t hash,
    uint32_t item);

PFLOWI_INLINE uint32_t
pflowi_pf_index_hash(const struct pflowi_pf_index *ix, uint64_t id,
    uint32_t creatorid)
{
	return pflowi_pf_hash(ix->key, id, creatorid);
}

PFLOWI_INLINE void
pflowi_pf_index_prefetch(const struct pflowi_pf_index *ix, uint32_t hash)
{
	PFLOWI_PREFETCH(&ix->slots[hash & ix->mask]);
}

/** The first item with this hash, 0: there is none. No item is looked at. */
PFLOWI_INLINE uint32_t
pflowi_pf_index_likely(const struct pflowi_pf_index *ix, uint32_t hash)
{
	uint32_t at = hash & ix->mask;

	while (ix->slots[at].item != 0 && ix->slots[at].hash != hash)
		at = (at + 1) & ix->mask;
	return ix->slots[at].item;
}

/** The item with this id and creatorid, 0 if there is none. */
PFLOWI_INLINE uint32_t
pflowi_pf_index_find(const struct pflowi_pf_index *ix, uint32_t hash,
    uint64_t id, uint32_t creatorid, pflowi_pf_match_fn *match, const void *arg)
{
	uint32_t at = hash & ix->mask;

	for (; ix->slots[at].item != 0; at = (at + 1) & ix->mask)
		if (ix->slots[at].hash == hash &&
		    match(arg, ix->slots[at].item, id, creatorid))
			return ix->slots[at].item;
	return 0;
}

#endif /* PFLOWI_PF_INDEX_H */
