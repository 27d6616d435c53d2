/* SPDX-License-Identifier: ISC */
#include "sources/pf_pool.h"

#include <stdlib.h>
#include <string.h>

void
pflowi_pf_pool_init(struct pflowi_pf_pool *pool, size_t item,
    struct pflowi_pf_budget *budget)
{
	memset(pool, 0, sizeof(*pool));
	pool->item = item;
	pool->budget = budget;
}

void
pflowi_pf_pool_fini(struct pflowi_pf_pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->chunk_count; i++) {
		free(pool->chunks[i]);
		pflowi_pf_budget_give(pool->budget,
		    pool->item * PFLOWI_PF_CHUNK);
	}
	free(pool->chunks);
	memset(pool, 0, sizeof(*pool));
}

static bool
grow_list(struct pflowi_pf_pool *pool)
{
	uint32_t room = pool->chunk_room == 0 ? 16 : pool->chunk_room * 2;
	uint8_t **chunks;

	if (pool->chunk_count < pool->chunk_room)
		return true;
	if (room > UINT32_MAX / PFLOWI_PF_CHUNK)
		return false;
	chunks = realloc(pool->chunks, room * sizeof(*chunks));
	if (chunks == NULL)
		return false;
	pool->chunks = chunks;
	pool->chunk_room = room;
	return true;
}

static bool
add_chunk(struct pflowi_pf_pool *pool)
{
	size_t octets = pool->item * PFLOWI_PF_CHUNK;
	uint8_t *chunk;

	if (!grow_list(pool) || !pflowi_pf_budget_take(pool->budget, octets))
		return false;
	chunk = malloc(octets);
	if (chunk == NULL) {
		pflowi_pf_budget_give(pool->budget, octets);
		return false;
	}
	pool->chunks[pool->chunk_count++] = chunk;
	return true;
}

bool
pflowi_pf_pool_reserve(struct pflowi_pf_pool *pool, uint32_t items)
{
	while (pool->chunk_count * PFLOWI_PF_CHUNK - pool->in_use < items)
		if (!add_chunk(pool))
			return false;
	return true;
}

uint32_t
pflowi_pf_pool_new(struct pflowi_pf_pool *pool)
{
	uint32_t index = pool->free;
	void *item;

	if (index != 0) {
		item = pflowi_pf_pool_at(pool, index);
		memcpy(&pool->free, item, sizeof(pool->free));
	} else {
		if (pool->next == pool->chunk_count * PFLOWI_PF_CHUNK &&
		    !add_chunk(pool))
			return 0;
		index = ++pool->next;
		item = pflowi_pf_pool_at(pool, index);
	}
	memset(item, 0, pool->item);
	pool->in_use++;
	return index;
}

void
pflowi_pf_pool_release(struct pflowi_pf_pool *pool, uint32_t index)
{
	memcpy(pflowi_pf_pool_at(pool, index), &pool->free, sizeof(pool->free));
	pool->free = index;
	pool->in_use--;
}
