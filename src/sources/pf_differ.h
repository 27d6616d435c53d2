/* SPDX-License-Identifier: ISC */
/*
 * Successive state tables to flows: what is no longer in a table has ended,
 * with the counters of the table before; what lives on is reported in parts.
 *
 * A pass costs time in proportion to the states in it; a followed state takes
 * at most 320 octets. When memory is full, states that are not yet followed are
 * left out and counted: a later table has all of their counters still, while
 * one that is pushed out would be counted twice.
 */
#ifndef PFLOWI_PF_DIFFER_H
#define PFLOWI_PF_DIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/source.h>

#include "sources/pf_setup.h"
#include "sources/pf_track.h"

/**
 * D(name, kind, "help"). It always holds:
 *   records = states + refreshes + duplicates + unfollowed + the rejects
 *   states = states_given + states_tracked
 */
#define PFLOWI_PF_DIFFER_TALLY(D)                                              \
	D(tables, INFO, "whole tables read")                                   \
	D(records, INFO, "states read from tables")                            \
	D(states, INFO, "different states learned")                            \
	D(states_given, INFO, "states given out at their end")                 \
	D(states_tracked, GAUGE, "states whose end was not given out yet")     \
	D(reports_given, INFO, "reports of states that went on")               \
	D(creates_given, INFO, "creations of translated states given out")     \
	D(unmarked_states, INFO, "states without pf's pflow flag")             \
	D(refreshes, INFO, "states that were in the table before as well")     \
	D(duplicates, INFO, "states that stood twice in one table")            \
	D(unfollowed, DROP, "states of a table that memory did not suffice for") \
	D(restarted_states, INFO, "states that counted anew under their old id") \
	D(ended_by_absence, INFO, "states that a later table had no more")     \
	D(ended_by_flush, INFO, "states of the last table")                    \
	D(unknown_interfaces, INFO, "states on interfaces without index")

struct pflowi_pf_differ_tally {
#define PFLOWI_PF_DIFFER_MEMBER(name, kind, help) uint64_t name;
	PFLOWI_PF_DIFFER_TALLY(PFLOWI_PF_DIFFER_MEMBER)
#undef PFLOWI_PF_DIFFER_MEMBER
	uint64_t rejects[PFLOWI_PF_VERDICT_COUNT];
};

struct pflowi_pf_differ {
	struct pflowi_pf_track track;
	struct pflowi_pf_ifmap *ifmap;
	uint64_t active_ns;
	bool nat_events;
	uint64_t now_ns;	/**< time of the table at hand */
	uint32_t pass;
	struct pflowi_pf_differ_tally tally;
};

/** The least memory_limit. */
#define PFLOWI_PF_DIFFER_MEMORY_MIN ((size_t)2 << 20)

/** @return PFLOW_OK, PFLOW_ERR_RANGE (memory_limit), PFLOW_ERR_NOMEM */
int pflowi_pf_differ_new(const struct pflowi_pf_config *cfg,
    struct pflowi_pf_differ **out);

void pflowi_pf_differ_free(struct pflowi_pf_differ *d);

/** A table begins. @param now_ns  when it was made; never goes back */
void pflowi_pf_differ_begin(struct pflowi_pf_differ *d, uint64_t now_ns);

/** False: give out what waits, to make room for one more state; ask again. */
bool pflowi_pf_differ_ready(struct pflowi_pf_differ *d);

/** One state of the table; the differ is ready. */
void pflowi_pf_differ_state(struct pflowi_pf_differ *d,
    const struct pflowi_pf_raw *raw);

/**
 * The table is whole: end some of the states that are not in it.
 *
 * @return true: all are ended
 */
bool pflowi_pf_differ_end(struct pflowi_pf_differ *d);

/**
 * No more tables: end some of all that is left, PFLOW_END_FORCED.
 *
 * @return true: all are ended
 */
bool pflowi_pf_differ_flush(struct pflowi_pf_differ *d);

/** A tally by name. */
void pflowi_pf_differ_tell(const struct pflowi_pf_differ_tally *tally,
    pflow_counter_fn *fn, void *arg);

/** The differ's. */
void pflowi_pf_differ_counters(const struct pflowi_pf_differ *d,
    pflow_counter_fn *fn, void *arg);

#endif /* PFLOWI_PF_DIFFER_H */
