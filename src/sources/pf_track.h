/* SPDX-License-Identifier: ISC */
/*
 * States that are being followed, and those that wait to be given out. What
 * pfsync's table and the differ of tables have in common: memory, look-up,
 * order by last sign of life, and the queue to the sink.
 *
 * Invariant: learned = ended that were given + those in the pool.
 */
#ifndef PFLOWI_PF_TRACK_H
#define PFLOWI_PF_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include <pflow/source.h>

#include "sources/pf_index.h"
#include "sources/pf_pool.h"

/** Lists by last sign of life; what each is for is the user's affair. */
#define PFLOWI_PF_LISTS 128

/** What the sink is to be told of an entry. */
#define PFLOWI_PF_TELL_CREATED 0x01u
#define PFLOWI_PF_TELL_ACTIVE 0x02u
#define PFLOWI_PF_TELL_END 0x04u

/** pflowi_pf_entry.flags */
#define PFLOWI_PF_LISTED 0x01u	/**< on `list` */
#define PFLOWI_PF_QUEUED 0x02u	/**< in the queue to the sink */
#define PFLOWI_PF_ENDED 0x04u	/**< its end was seen; it lingers */
#define PFLOWI_PF_FINAL 0x08u	/**< its counters are the last ones */

/**
 * One state. At most 320 octets with its share of the index, for any number
 * of states.
 */
struct pflowi_pf_entry {
	struct pflow_state st;	/**< counters since the last report */
	uint64_t seen[4];	/**< packets, octets last told by `sender` */
	uint64_t active_ns;	/**< wall clock of the last sign of life */
	uint64_t reported_ns;	/**< when last reported, or learned */
	uint32_t hash;
	uint32_t prev, next;	/**< neighbours on `list` */
	uint32_t queue_next;
	uint32_t group;		/**< the user's */
	uint32_t group_prev, group_next;
	uint32_t others;	/**< the user's: counters of other senders */
	uint16_t sender;
	uint8_t list;
	uint8_t flags;
	uint8_t tell;
	uint8_t reserved[7];
};

struct pflowi_pf_list {
	uint32_t first, last;
};

struct pflowi_pf_track {
	struct pflowi_pf_budget budget;
	struct pflowi_pf_pool pool;
	struct pflowi_pf_index index;
	struct pflowi_pf_list lists[PFLOWI_PF_LISTS];
	uint64_t occupied[PFLOWI_PF_LISTS / 64]; /**< lists with members */
	uint32_t queue_first, queue_last;
	bool closing; /**< all is being ended: nothing is looked up again */
	uint64_t learned;
	uint64_t ends_given;
	uint64_t reports_given;
	uint64_t creates_given;
	struct pflow_state batch[64];
};

/**
 * @param limit  octets for everything; at least PFLOWI_PF_TRACK_MIN
 * @return false: no memory
 */
bool pflowi_pf_track_init(struct pflowi_pf_track *t, size_t limit,
    const uint64_t key[2]);

#define PFLOWI_PF_TRACK_MIN ((size_t)1 << 20)

void pflowi_pf_track_fini(struct pflowi_pf_track *t);

PFLOWI_INLINE struct pflowi_pf_entry *
pflowi_pf_entry_at(const struct pflowi_pf_track *t, uint32_t i)
{
	return pflowi_pf_pool_at(&t->pool, i);
}

/** The followed entry of a state, 0 if there is none. */
uint32_t pflowi_pf_track_find(const struct pflowi_pf_track *t, uint32_t hash,
    uint64_t id, uint32_t creatorid);

/** Fetch what is likely to have this hash, whose slot is fetched already. */
void pflowi_pf_track_prefetch(const struct pflowi_pf_track *t, uint32_t hash);

/** Room for so many more entries without pushing out others? */
bool pflowi_pf_track_reserve(struct pflowi_pf_track *t, uint32_t entries);

/**
 * Follow a state.
 *
 * @param st  copied; its flow_id and creator_id are not yet there
 * @return 0: no room; pflowi_pf_track_reserve() says so before
 */
uint32_t pflowi_pf_track_add(struct pflowi_pf_track *t, uint32_t hash,
    const struct pflow_state *st);

/** A sign of life at now_ns, not before any other: to the end of `list`. */
void pflowi_pf_track_touch(struct pflowi_pf_track *t, uint32_t i, uint8_t list,
    uint64_t now_ns);

/** The first of a list, 0: it is empty. */
PFLOWI_INLINE uint32_t
pflowi_pf_track_first(const struct pflowi_pf_track *t, uint8_t list)
{
	return t->lists[list].first;
}

/** Ends an entry, the first of its list, or says false: it lives on. */
typedef bool pflowi_pf_sweep_fn(void *arg, uint32_t i);

/**
 * End entries from the front of a list.
 *
 * @param steps  in and out: how many at most
 * @return true: the list is empty, or its first entry lives on
 */
bool pflowi_pf_track_sweep(struct pflowi_pf_track *t, uint8_t list,
    unsigned *steps, pflowi_pf_sweep_fn *fn, void *arg);

/** The entry whose last sign of life is the oldest, 0: there is none. */
uint32_t pflowi_pf_track_oldest(const struct pflowi_pf_track *t);

/** Tell the sink of an entry: PFLOWI_PF_TELL_CREATED or _ACTIVE. */
void pflowi_pf_track_tell(struct pflowi_pf_track *t, uint32_t i, uint8_t tell);

/** The end: no longer followed or found, and told to the sink. */
void pflowi_pf_track_end(struct pflowi_pf_track *t, uint32_t i);

/** From now on there are only ends: no look-up, nothing new. */
PFLOWI_INLINE void
pflowi_pf_track_close(struct pflowi_pf_track *t)
{
	t->closing = true;
}

PFLOWI_INLINE bool
pflowi_pf_track_waiting(const struct pflowi_pf_track *t)
{
	return t->queue_first != 0;
}

/**
 * Give what waits to the sink.
 *
 * @param budget  in: at most so many states; out: what is left of it
 * @return PFLOW_OK: the queue is empty or the budget used; else what the sink
 *         said
 */
int pflowi_pf_track_give(struct pflowi_pf_track *t, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg);

/** Counters that may have wrapped or grown: new - old, added up, saturated. */
void pflowi_pf_entry_count(struct pflowi_pf_entry *e, const uint64_t old[4],
    const uint64_t now[4]);

#endif /* PFLOWI_PF_TRACK_H */
