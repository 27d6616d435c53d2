/* SPDX-License-Identifier: ISC */
/*
 * Linear hashing (Litwin 1980): bucket numbers are the low bits of the hash,
 * one bit more for those buckets that were split already. While a round of
 * splits lasts, those not yet split hold up to twice as much as the others.
 */
#include "sources/flow_index.h"

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

uint32_t
pflowi_flow_index_find(const struct pflowi_flow_index *ix,
    const struct pflowi_flow_key *key, uint32_t hash)
{
	const struct pflowi_flow_bucket *b = pflowi_flow_index_bucket(ix, hash);
	uint16_t tag = pflowi_flow_tag(hash);
	uint32_t entry;
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		entry = b->entry[i];
		if (b->tag[i] == tag && entry != 0 &&
		    pflowi_flow_is(ix, entry, key))
			return entry;
	}
	for (entry = b->chain; entry != 0; entry = ix->cold[entry].chain) {
		if (ix->cold[entry].hash == hash &&
		    pflowi_flow_is(ix, entry, key))
			return entry;
	}
	return 0;
}

static void
place(struct pflowi_flow_index *ix, struct pflowi_flow_bucket *b,
    uint32_t entry, uint16_t tag)
{
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		if (b->entry[i] != 0)
			continue;
		b->entry[i] = entry;
		b->tag[i] = tag;
		return;
	}
	ix->cold[entry].chain = b->chain;
	b->chain = entry;
}

/** Does an entry's hash have this bit? Seen from the bucket, if it can be. */
static bool
has_bit(const struct pflowi_flow_index *ix, uint32_t entry, uint16_t tag,
    uint32_t bit)
{
	if (bit >> PFLOWI_TAG_SHIFT != 0)
		return ((uint32_t)tag << PFLOWI_TAG_SHIFT & bit) != 0;
	return (ix->cold[entry].hash & bit) != 0;
}

/** One bucket more: the next one in turn gives up what belongs there now. */
static void
grow(struct pflowi_flow_index *ix)
{
	uint32_t bit = ix->mask + 1, entry, next;
	struct pflowi_flow_bucket *half[2], old;
	int i;

	half[0] = &ix->buckets[ix->count - bit];
	half[1] = &ix->buckets[ix->count];
	old = *half[0];
	memset(half[0], 0, sizeof(*half[0]));
	memset(half[1], 0, sizeof(*half[1]));
	ix->count++;
	if (ix->count == bit * 2)
		ix->mask = bit * 2 - 1;
	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		entry = old.entry[i];
		if (entry != 0)
			place(ix, half[has_bit(ix, entry, old.tag[i], bit)],
			    entry, old.tag[i]);
	}
	for (entry = old.chain; entry != 0; entry = next) {
		uint32_t hash = ix->cold[entry].hash;

		next = ix->cold[entry].chain;
		place(ix, half[(hash & bit) != 0], entry,
		    pflowi_flow_tag(hash));
	}
}

void
pflowi_flow_index_insert(struct pflowi_flow_index *ix, uint32_t entry,
    uint32_t live)
{
	uint32_t hash = ix->cold[entry].hash;

	place(ix, pflowi_flow_index_bucket(ix, hash), entry,
	    pflowi_flow_tag(hash));
	if (live / PFLOWI_BUCKET_LOAD > ix->count && ix->count < ix->max)
		grow(ix);
}

static void
unchain(struct pflowi_flow_index *ix, struct pflowi_flow_bucket *b,
    uint32_t entry)
{
	uint32_t *at = &b->chain;

	while (*at != entry)
		at = &ix->cold[*at].chain;
	*at = ix->cold[entry].chain;
}

void
pflowi_flow_index_erase(struct pflowi_flow_index *ix, uint32_t entry)
{
	struct pflowi_flow_bucket *b =
	    pflowi_flow_index_bucket(ix, ix->cold[entry].hash);
	uint32_t heir = b->chain;
	int i;

	for (i = 0; i < PFLOWI_BUCKET_SLOTS; i++) {
		if (b->entry[i] != entry)
			continue;
		b->entry[i] = heir;
		if (heir != 0) {
			b->tag[i] = pflowi_flow_tag(ix->cold[heir].hash);
			b->chain = ix->cold[heir].chain;
		}
		return;
	}
	unchain(ix, b, entry);
}
