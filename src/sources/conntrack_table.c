/* SPDX-License-Identifier: ISC */
#include "sources/conntrack_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "sources/siphash.h"

#define FIRST_CAPACITY 1024u

uint64_t
pflowi_ct_hash(const uint64_t seed[2], const struct pflowi_ct_flow *flow)
{
	const struct pflow_key *key = &flow->st.key[PFLOW_WIRE];
	uint64_t words[6];

	/* The id too: the kernel's own hash, but only 32 bits of it. */
	words[0] = pflowi_get_le64(key->addr[0]);
	words[1] = pflowi_get_le64(key->addr[0] + 8);
	words[2] = pflowi_get_le64(key->addr[1]);
	words[3] = pflowi_get_le64(key->addr[1] + 8);
	words[4] = (uint64_t)flow->inner[0] << 48 |
	    (uint64_t)flow->inner[1] << 32 | (uint64_t)flow->zone << 16 |
	    (uint64_t)flow->st.protocol << 8 | key->af;
	words[5] = (uint64_t)flow->st.icmp[0] << 32 | flow->id;
	return pflowi_siphash(words, PFLOWI_ARRAY_LEN(words), seed);
}

void
pflowi_ct_table_init(struct pflowi_ct_table *t, size_t limit,
    const uint64_t seed[2])
{
	memset(t, 0, sizeof(*t));
	t->limit = limit;
	t->seed[0] = seed[0];
	t->seed[1] = seed[1];
}

void
pflowi_ct_table_fini(struct pflowi_ct_table *t)
{
	free(t->slots);
	t->slots = NULL;
	t->capacity = 0;
	t->used = 0;
}

/** Where the flow is, or the free slot where it would be. */
static size_t
probe(const struct pflowi_ct_track *slots, size_t capacity, uint64_t hash,
    uint32_t id)
{
	size_t i = (size_t)hash & (capacity - 1);

	while (slots[i].flags != 0 &&
	    (slots[i].hash != hash || slots[i].id != id))
		i = (i + 1) & (capacity - 1);
	return i;
}

struct pflowi_ct_track *
pflowi_ct_table_find(const struct pflowi_ct_table *t, uint64_t hash,
    uint32_t id)
{
	size_t i;

	if (t->used == 0)
		return NULL;
	i = probe(t->slots, t->capacity, hash, id);
	return t->slots[i].flags == 0 ? NULL : &t->slots[i];
}

static bool
grow(struct pflowi_ct_table *t)
{
	size_t i, capacity = t->capacity == 0 ? FIRST_CAPACITY
					      : t->capacity * 2;
	struct pflowi_ct_track *slots;

	if (capacity + t->capacity > t->limit / sizeof(*slots))
		return false;
	slots = calloc(capacity, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (i = 0; i < t->capacity; i++) {
		const struct pflowi_ct_track *old = &t->slots[i];

		if (old->flags != 0)
			slots[probe(slots, capacity, old->hash, old->id)] =
			    *old;
	}
	free(t->slots);
	t->slots = slots;
	t->capacity = capacity;
	return true;
}

struct pflowi_ct_track *
pflowi_ct_table_insert(struct pflowi_ct_table *t, uint64_t hash, uint32_t id)
{
	struct pflowi_ct_track *track;

	/* Three quarters full, seven eighths if it may not grow. */
	if (t->used >= t->capacity / 4 * 3 && !grow(t) &&
	    t->used >= t->capacity / 8 * 7)
		return NULL;
	track = &t->slots[probe(t->slots, t->capacity, hash, id)];
	memset(track, 0, sizeof(*track));
	track->hash = hash;
	track->id = id;
	track->flags = PFLOWI_CT_T_USED;
	t->used++;
	return track;
}

void
pflowi_ct_table_remove(struct pflowi_ct_table *t,
    struct pflowi_ct_track *track)
{
	size_t mask = t->capacity - 1;
	size_t hole = (size_t)(track - t->slots), i = hole;

	/* Close the gap: nothing may stand behind a free slot of its run. */
	for (;;) {
		size_t home;

		i = (i + 1) & mask;
		if (t->slots[i].flags == 0)
			break;
		home = (size_t)t->slots[i].hash & mask;
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole].flags = 0;
	t->used--;
}

/**
 * A dead flow goes; but if another with its tuple has the label since, that
 * one stays. @return true: to be removed
 */
static bool
bury(struct pflowi_ct_track *track)
{
	if (!(track->flags & PFLOWI_CT_T_SELECTED))
		return true;
	track->flags = PFLOWI_CT_T_USED | PFLOWI_CT_T_SELECTED;
	track->start_ns = 0;
	memset(track->packets, 0, sizeof(track->packets));
	memset(track->octets, 0, sizeof(track->octets));
	return false;
}

void
pflowi_ct_table_sweep(struct pflowi_ct_table *t, uint16_t pass, uint64_t *gone)
{
	size_t i = 0;

	*gone = 0;
	while (i < t->capacity) {
		struct pflowi_ct_track *track = &t->slots[i];
		bool dead = (track->flags & PFLOWI_CT_T_DEAD) != 0;

		if (track->flags == 0 || (!dead && track->pass == pass) ||
		    (dead && !bury(track))) {
			i++;
			continue;
		}
		*gone += !dead;
		/* Another may have taken its place: look at i again. */
		pflowi_ct_table_remove(t, track);
	}
}

void
pflowi_ct_table_bury(struct pflowi_ct_table *t)
{
	size_t i = 0;

	while (i < t->capacity) {
		if (t->slots[i].flags & PFLOWI_CT_T_DEAD &&
		    bury(&t->slots[i]))
			pflowi_ct_table_remove(t, &t->slots[i]);
		else
			i++;
	}
}

bool
pflowi_ct_recent_seen(struct pflowi_ct_recent *r, uint64_t hash,
    uint64_t stop_ns)
{
	size_t set = (size_t)hash & (PFLOWI_CT_RECENT_SETS - 1);
	unsigned i;

	for (i = 0; i < PFLOWI_CT_RECENT_WAYS; i++)
		if (r->sets[set].hash[i] == hash &&
		    r->sets[set].stop_ns[i] == stop_ns)
			return true;
	i = r->sets[set].oldest;
	r->sets[set].oldest = (i + 1) % PFLOWI_CT_RECENT_WAYS;
	r->sets[set].hash[i] = hash;
	r->sets[set].stop_ns[i] = stop_ns;
	return false;
}
