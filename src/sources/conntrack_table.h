/* SPDX-License-Identifier: ISC */
/*
 * What must be remembered of a flow between two reports: how far it was
 * accounted.  Open addressing, linear probing, hash keyed at start.
 */
#ifndef PFLOWI_CONNTRACK_TABLE_H
#define PFLOWI_CONNTRACK_TABLE_H

#include <stdbool.h>

#include "sources/conntrack_decode.h"

/** pflowi_ct_track.flags */
#define PFLOWI_CT_T_USED 0x01u
#define PFLOWI_CT_T_REPORTED 0x02u /**< packets, octets, upto_ns are valid */
#define PFLOWI_CT_T_SELECTED 0x04u /**< had the label when last told */
#define PFLOWI_CT_T_DEAD 0x08u	   /**< ended while a dump was on its way;
					with SELECTED: of a later flow */

/** One flow. The hash is over its tuple and zone; 96 bits with the id. */
struct pflowi_ct_track {
	uint64_t hash;
	uint64_t start_ns;   /**< as told; 0: not told */
	uint64_t upto_ns;    /**< accounted up to, wall clock */
	uint64_t packets[2]; /**< accounted totals */
	uint64_t octets[2];
	uint32_t id;
	uint16_t pass;	     /**< the dump that saw it last */
	uint16_t flags;	     /**< PFLOWI_CT_T_* */
};

/** Holds at most limit octets, those of a rehash included. */
struct pflowi_ct_table {
	struct pflowi_ct_track *slots;
	size_t capacity; /**< 0 or a power of two */
	size_t used;
	size_t limit;
	uint64_t seed[2];
};

/** Nothing is allocated before the first insert. */
void pflowi_ct_table_init(struct pflowi_ct_table *t, size_t limit,
    const uint64_t seed[2]);
void pflowi_ct_table_fini(struct pflowi_ct_table *t);

/** Hash of what the kernel tells flows apart by. */
uint64_t pflowi_ct_hash(const uint64_t seed[2],
    const struct pflowi_ct_flow *flow);

/** @return NULL: not there; else valid until the next insert or remove */
struct pflowi_ct_track *pflowi_ct_table_find(const struct pflowi_ct_table *t,
    uint64_t hash, uint32_t id);

/**
 * Add a flow that is not there; all but hash, id and PFLOWI_CT_T_USED is 0.
 *
 * @return NULL: the limit is reached, or memory is out
 */
struct pflowi_ct_track *pflowi_ct_table_insert(struct pflowi_ct_table *t,
    uint64_t hash, uint32_t id);

void pflowi_ct_table_remove(struct pflowi_ct_table *t,
    struct pflowi_ct_track *track);

/**
 * Forget what a whole dump did not see.
 *
 * @param pass  the number of the dump
 * @param gone  out: how many of those were thought alive
 */
void pflowi_ct_table_sweep(struct pflowi_ct_table *t, uint16_t pass,
    uint64_t *gone);

/** Forget the dead, after a dump that was not whole. */
void pflowi_ct_table_bury(struct pflowi_ct_table *t);

/**
 * The ends that were told last, to know one that is told again: the kernel
 * repeats an event to all when one reliable listener could not take it.
 * Sets of a few, in which the oldest makes room.
 */
#define PFLOWI_CT_RECENT_SETS 8192u
#define PFLOWI_CT_RECENT_WAYS 8u
struct pflowi_ct_recent {
	struct {
		uint64_t hash[PFLOWI_CT_RECENT_WAYS];
		uint64_t stop_ns[PFLOWI_CT_RECENT_WAYS];
		unsigned oldest;
	} sets[PFLOWI_CT_RECENT_SETS];
};

/** True if this very end was told before; false: it is noted. */
bool pflowi_ct_recent_seen(struct pflowi_ct_recent *r, uint64_t hash,
    uint64_t stop_ns);

#endif /* PFLOWI_CONNTRACK_TABLE_H */
