/* SPDX-License-Identifier: ISC */
#include "sources/pf_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sources/siphash.h"

#define SLOTS_MIN 1024u

uint32_t
pflowi_pf_hash(const uint64_t key[2], uint64_t a, uint64_t b)
{
	const uint64_t words[2] = { a, b };
	uint64_t h = pflowi_siphash(words, 2, key);

	return (uint32_t)(h ^ h >> 32);
}

bool
pflowi_pf_index_init(struct pflowi_pf_index *ix, const uint64_t key[2],
    struct pflowi_pf_budget *budget)
{
	memset(ix, 0, sizeof(*ix));
	ix->budget = budget;
	memcpy(ix->key, key, sizeof(ix->key));
	if (!pflowi_pf_budget_take(budget, SLOTS_MIN * sizeof(*ix->slots)))
		return false;
	ix->slots = calloc(SLOTS_MIN, sizeof(*ix->slots));
	if (ix->slots == NULL) {
		pflowi_pf_budget_give(budget, SLOTS_MIN * sizeof(*ix->slots));
		return false;
	}
	ix->mask = SLOTS_MIN - 1;
	return true;
}

void
pflowi_pf_index_fini(struct pflowi_pf_index *ix)
{
	if (ix->slots != NULL)
		pflowi_pf_budget_give(ix->budget,
		    ((size_t)ix->mask + 1) * sizeof(*ix->slots));
	free(ix->slots);
	memset(ix, 0, sizeof(*ix));
}

static void
put(struct pflowi_pf_slot *slots, uint32_t mask, uint32_t hash, uint32_t item)
{
	uint32_t at = hash & mask;

	while (slots[at].item != 0)
		at = (at + 1) & mask;
	slots[at].hash = hash;
	slots[at].item = item;
}

/** Twice the slots. The items themselves are not looked at. */
static bool
grow(struct pflowi_pf_index *ix)
{
	size_t old = (size_t)ix->mask + 1, i;
	size_t octets = old * sizeof(*ix->slots);
	struct pflowi_pf_slot *slots;

	if (old > UINT32_MAX / 2 ||
	    !pflowi_pf_budget_take(ix->budget, 2 * octets))
		return false;
	slots = malloc(2 * octets);
	if (slots == NULL) {
		pflowi_pf_budget_give(ix->budget, 2 * octets);
		return false;
	}
	/* Not calloc(): a fresh page that is read first faults twice. */
	memset(slots, 0, 2 * octets);
	for (i = 0; i < old; i++)
		if (ix->slots[i].item != 0)
			put(slots, (uint32_t)(2 * old - 1), ix->slots[i].hash,
			    ix->slots[i].item);
	free(ix->slots);
	pflowi_pf_budget_give(ix->budget, octets);
	ix->slots = slots;
	ix->mask = (uint32_t)(2 * old - 1);
	return true;
}

bool
pflowi_pf_index_reserve(struct pflowi_pf_index *ix, uint32_t items)
{
	while ((uint64_t)ix->count + items > ((uint64_t)ix->mask + 1) * 3 / 4)
		if (!grow(ix))
			return false;
	return true;
}

void
pflowi_pf_index_add(struct pflowi_pf_index *ix, uint32_t hash, uint32_t item)
{
	put(ix->slots, ix->mask, hash, item);
	ix->count++;
}

void
pflowi_pf_index_remove(struct pflowi_pf_index *ix, uint32_t hash,
    uint32_t item)
{
	uint32_t hole = hash & ix->mask, at;

	while (ix->slots[hole].item != item)
		hole = (hole + 1) & ix->mask;
	/* Move back what would no longer be found from where it belongs. */
	for (at = (hole + 1) & ix->mask; ix->slots[at].item != 0;
	    at = (at + 1) & ix->mask) {
		uint32_t home = ix->slots[at].hash & ix->mask;

		if (((at - home) & ix->mask) < ((at - hole) & ix->mask))
			continue;
		ix->slots[hole] = ix->slots[at];
		hole = at;
	}
	ix->slots[hole].item = 0;
	ix->count--;
}
