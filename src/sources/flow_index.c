/* SPDX-License-Identifier: ISC */
/*
 * Linear hashing (Litwin 1980): bucket numbers are the low bits of the hash,
 * one bit more for those buckets that were split already.
 */
#include "sources/flow_index.h"

#include <stdbool.h>
#include <string.h>

#define FIRST_BUCKETS 16u

uint32_t
pflowi_flow_index_size(uint32_t entries)
{
	uint32_t n = entries / PFLOWI_BUCKET_LOAD + 1;

	return n < FIRST_BUCKETS ? FIRST_BUCKETS : n;
}

void
pflowi_flow_index_clear(struct pflowi_flow_index *ix)
{
	ix->count = FIRST_BUCKETS;
	ix->mask = FIRST_BUCKETS - 1;
	memset(ix->buckets, 0, FIRST_BUCKETS * sizeof(*ix->buckets));
}

static bool
same_key(const struct pflowi_flow_key *a, const struct pflowi_flow_key *b)
{
	uint64_t differ = 0;
	int i;

	for (i = 0; i < PFLOWI_FLOW_WORDS; i++)
		differ |= a->word[i] ^ b->word[i];
	return differ == 0;
}

uint32_t
pflowi_flow_index_find(const struct pflowi_flow_index *ix,
    const struct pflowi_flow_key *key, uint32_t hash)
{
	const struct pflowi_flow_bucket *b = pflowi_flow_index_bucket(ix, hash);
	uint32_t entry;
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		entry = b->entry[i];
		if (b->hash[i] == hash && entry != 0 &&
		    same_key(&ix->flows[entry].key, key))
			return entry;
	}
	for (entry = b->chain; entry != 0; entry = ix->flows[entry].chain) {
		if (ix->flows[entry].hash == hash &&
		    same_key(&ix->flows[entry].key, key))
			return entry;
	}
	return 0;
}

static void
place(struct pflowi_flow_index *ix, struct pflowi_flow_bucket *b,
    uint32_t entry)
{
	struct pflowi_flow *f = &ix->flows[entry];
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		if (b->entry[i] != 0)
			continue;
		b->entry[i] = entry;
		b->hash[i] = f->hash;
		return;
	}
	f->chain = b->chain;
	b->chain = entry;
}

/** One bucket more: the next one in turn gives up what belongs there now. */
static void
grow(struct pflowi_flow_index *ix)
{
	struct pflowi_flow_bucket *from, *to, old;
	uint32_t entry, next;
	int i;

	from = &ix->buckets[ix->count - (ix->mask + 1)];
	to = &ix->buckets[ix->count];
	old = *from;
	memset(from, 0, sizeof(*from));
	memset(to, 0, sizeof(*to));
	ix->count++;
	if (ix->count > ix->mask * 2 + 1)
		ix->mask = ix->mask * 2 + 1;
	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		struct pflowi_flow_bucket *b;
		int at = 0;

		if (old.entry[i] == 0)
			continue;
		b = pflowi_flow_index_bucket(ix, old.hash[i]);
		while (b->entry[at] != 0)
			at++;
		b->entry[at] = old.entry[i];
		b->hash[at] = old.hash[i];
	}
	for (entry = old.chain; entry != 0; entry = next) {
		next = ix->flows[entry].chain;
		place(ix, pflowi_flow_index_bucket(ix, ix->flows[entry].hash),
		    entry);
	}
}

void
pflowi_flow_index_insert(struct pflowi_flow_index *ix, uint32_t entry,
    uint32_t live)
{
	place(ix, pflowi_flow_index_bucket(ix, ix->flows[entry].hash), entry);
	if (live / PFLOWI_BUCKET_LOAD > ix->count && ix->count < ix->max)
		grow(ix);
}

static void
unchain(struct pflowi_flow_index *ix, struct pflowi_flow_bucket *b,
    uint32_t entry)
{
	uint32_t *at = &b->chain;

	while (*at != entry)
		at = &ix->flows[*at].chain;
	*at = ix->flows[entry].chain;
}

void
pflowi_flow_index_erase(struct pflowi_flow_index *ix, uint32_t entry)
{
	struct pflowi_flow_bucket *b =
	    pflowi_flow_index_bucket(ix, ix->flows[entry].hash);
	uint32_t heir = b->chain;
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		if (b->entry[i] != entry)
			continue;
		b->entry[i] = heir;
		if (heir != 0) {
			b->hash[i] = ix->flows[heir].hash;
			b->chain = ix->flows[heir].chain;
		}
		return;
	}
	unchain(ix, b, entry);
}
