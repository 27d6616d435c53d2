/* SPDX-License-Identifier: ISC */
/*
 * Packets to flows: one entry a conversation, both directions in it, in a
 * fixed piece of memory. Time is that of the packets.
 *
 * Nothing here walks the table: entries wait in a timing wheel and are looked
 * at when something may be due; the index grows by one bucket at a time.
 */
#ifndef PFLOWI_FLOW_TABLE_H
#define PFLOWI_FLOW_TABLE_H

#include <stdbool.h>

#include <pflow/state.h>

#include "sources/dissect.h"
#include "sources/flow_fragment.h"
#include "sources/flow_index.h"

/** A turn of the wheel is 2^27 ns: 134 ms, the granularity of all timeouts. */
#define PFLOWI_FLOW_TICK_SHIFT 27
#define PFLOWI_FLOW_SLOTS 1024u

/** Lists of one wheel slot: so many cache misses are in flight at once. */
#define PFLOWI_FLOW_LANES 8u

/** A TCP flow whose end was seen waits this long for stragglers. */
#define PFLOWI_FLOW_LINGER_NS (UINT64_C(2) * 1000000000u)

/** States that wait to be taken. */
#define PFLOWI_FLOW_OUT 64u

struct pflowi_flow_config {
	uint64_t active_ns;   /**< 0: report flows only at their end */
	uint64_t idle_ns;     /**< 0: silence ends no flow */
	size_t memory_limit;  /**< octets for entries and index together */
	uint64_t seed[2];     /**< of the hash: secret, new for each table */
};

struct pflowi_flow_stats {
	uint64_t created;
	uint64_t evicted;	     /**< pushed out: the table was full */
	uint64_t reported;	     /**< living flows, at their active timeout */
	uint64_t clock_steps;	     /**< the clock was set back, all was given */
	uint64_t fragments_unmatched;/**< counted to a flow without ports */
};

/** Heads of the lists of one slot; 0: empty. */
struct pflowi_flow_slot {
	uint32_t head[PFLOWI_FLOW_LANES];
};

struct pflowi_flow_table {
	struct pflowi_flow *flows; /**< entry 0 is never used */
	struct pflowi_flow_cold *cold;
	uint32_t max;		   /**< entries that fit the limit */
	uint32_t high;		   /**< entries ever used since the last flush */
	uint32_t unused;	   /**< list of entries that were given back */
	uint32_t live;
	uint32_t sweep;		   /**< where a flush is; 0: there is none */
	struct pflowi_flow_index index;
	uint64_t active_ns;
	uint64_t idle_ns;
	uint64_t seed[2];
	uint64_t clock_ns;  /**< latest packet since it was set back */
	uint64_t latest_ns; /**< latest of all */
	uint64_t tick;	    /**< wheel slots up to here were looked at */
	bool visiting;	   /**< a slot is being looked at */
	struct pflowi_flow_slot visit;
	struct pflowi_flow_stats stats;
	uint32_t out_head, out_tail;
	struct pflow_state out[PFLOWI_FLOW_OUT];
	struct pflowi_fragments fragments;
	struct pflowi_flow_slot wheel[PFLOWI_FLOW_SLOTS];
};

/**
 * @param ft  caller's storage
 * @return PFLOW_OK; PFLOW_ERR_INVALID: the limit has no room for a table;
 *         PFLOW_ERR_NOMEM
 */
int pflowi_flow_table_init(struct pflowi_flow_table *ft,
    const struct pflowi_flow_config *cfg);

void pflowi_flow_table_fini(struct pflowi_flow_table *ft);

/**
 * Account packets in order; timeouts that their clock passes come first.
 *
 * @param pk  later fragments get the ports of the first, if it is known
 * @return how many of the first packets were taken; fewer than n: take states
 *         out, then call again with the others
 */
size_t pflowi_flow_table_add(struct pflowi_flow_table *ft,
    struct pflowi_packet *pk, size_t n);

/**
 * Let time pass without packets.
 *
 * @return false: take states out, then call again
 */
bool pflowi_flow_table_advance(struct pflowi_flow_table *ft, uint64_t now_ns);

/** A clock that is set back by more than this cannot be compared any more. */
static inline uint64_t
pflowi_flow_slack(uint64_t idle_ns)
{
	return idle_ns == 0 ? PFLOWI_FLOW_LINGER_NS : idle_ns;
}

/**
 * Go where the clock of packets is that are not of this table: on, as
 * advance(), or back, as add() does with a packet of that time.
 *
 * @return false: take states out, then call again
 */
bool pflowi_flow_table_follow(struct pflowi_flow_table *ft, uint64_t time_ns);

/**
 * Give out everything, as PFLOW_END_FORCED (ended TCP flows as
 * PFLOW_END_DETECTED), and be empty.
 *
 * @return false: take states out, then call again
 */
bool pflowi_flow_table_flush(struct pflowi_flow_table *ft);

/** When advance() may have something to do; PFLOW_NEVER: nothing is tracked. */
uint64_t pflowi_flow_table_due(const struct pflowi_flow_table *ft);

/** The states that wait to be taken, in order; borrowed until the next call. */
static inline const struct pflow_state *
pflowi_flow_table_ready(const struct pflowi_flow_table *ft, size_t *count)
{
	*count = ft->out_tail - ft->out_head;
	return &ft->out[ft->out_head];
}

/** The first n of them were taken. */
static inline void
pflowi_flow_table_taken(struct pflowi_flow_table *ft, size_t n)
{
	ft->out_head += (uint32_t)n;
	if (ft->out_head == ft->out_tail)
		ft->out_head = ft->out_tail = 0;
}

#endif /* PFLOWI_FLOW_TABLE_H */
