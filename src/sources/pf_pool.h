/* SPDX-License-Identifier: ISC */
/*
 * Items of one size, by index, in chunks that never move; and the octets they
 * may use together. Index 0 is no item.
 */
#ifndef PFLOWI_PF_POOL_H
#define PFLOWI_PF_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/port.h"

/** Octets that several pools and tables share. Valid: used <= limit. */
struct pflowi_pf_budget {
	size_t limit;
	size_t used;
};

/** Take octets of the budget; false: there are not so many left. */
PFLOWI_INLINE bool
pflowi_pf_budget_take(struct pflowi_pf_budget *b, size_t octets)
{
	if (octets > b->limit - b->used)
		return false;
	b->used += octets;
	return true;
}

PFLOWI_INLINE void
pflowi_pf_budget_give(struct pflowi_pf_budget *b, size_t octets)
{
	b->used -= octets;
}

#define PFLOWI_PF_CHUNK_BITS 10
#define PFLOWI_PF_CHUNK (1u << PFLOWI_PF_CHUNK_BITS)

struct pflowi_pf_pool {
	struct pflowi_pf_budget *budget;
	uint8_t **chunks;
	size_t item;	     /**< octets of one, a multiple of 8 */
	uint32_t chunk_count;
	uint32_t chunk_room; /**< length of chunks */
	uint32_t next;	     /**< first item never used */
	uint32_t free;	     /**< chain of released items, through their head */
	uint32_t in_use;
};

/** @param budget  borrowed until fini */
void pflowi_pf_pool_init(struct pflowi_pf_pool *pool, size_t item,
    struct pflowi_pf_budget *budget);

void pflowi_pf_pool_fini(struct pflowi_pf_pool *pool);

/** A zeroed item; 0: no memory, or not within the budget. */
uint32_t pflowi_pf_pool_new(struct pflowi_pf_pool *pool);

/** Can so many more be had? Makes them ready, so that new() cannot fail. */
bool pflowi_pf_pool_reserve(struct pflowi_pf_pool *pool, uint32_t items);

void pflowi_pf_pool_release(struct pflowi_pf_pool *pool, uint32_t index);

/** @param index  of an item in use, not 0 */
PFLOWI_INLINE void *
pflowi_pf_pool_at(const struct pflowi_pf_pool *pool, uint32_t index)
{
	index--;
	return pool->chunks[index >> PFLOWI_PF_CHUNK_BITS] +
	    (index & (PFLOWI_PF_CHUNK - 1)) * pool->item;
}

#endif /* PFLOWI_PF_POOL_H */
