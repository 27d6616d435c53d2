/* SPDX-License-Identifier: ISC */
/*
 * What a listener to pfsync knows: the states that were announced, with the
 * counters they had then, until a message without counters ends them.
 *
 * A state is (id, creatorid). Each sender's counters are its own share (a
 * kernel that imports a state counts from zero), so the last ones of all
 * senders are added up.
 *
 * An end is given out LINGER later, for messages that were overtaken; what
 * comes later still is counted, not exported twice. When memory is full the
 * state that was silent for longest is pushed out, PFLOW_END_RESOURCES.
 */
#ifndef PFLOWI_PFSYNC_TABLE_H
#define PFLOWI_PFSYNC_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/source.h>

#include "sources/pf_setup.h"
#include "sources/pf_track.h"
#include "sources/pfsync_decode.h"

/** Senders that are told apart; more are taken as the last one. */
#define PFLOWI_PFSYNC_SENDERS 64

/** Most states that one packet can bring: 65535 octets of the smallest. */
#define PFLOWI_PFSYNC_BURST 300

/**
 * T(name, kind, "help"). It always holds:
 *   full_states = states + refreshes + late_states + the rejects
 *   states = states_given + states_tracked
 */
#define PFLOWI_PFSYNC_TALLY(T)                                                 \
	T(full_states, INFO, "messages with a full state")                     \
	T(states, INFO, "different states learned")                            \
	T(states_given, INFO, "states given out at their end")                 \
	T(states_tracked, GAUGE, "states whose end was not given out yet")     \
	T(reports_given, INFO, "reports of states that went on")               \
	T(creates_given, INFO, "creations of translated states given out")     \
	T(unmarked_states, INFO, "states without pf's pflow flag")             \
	T(refreshes, INFO, "full states of states already known")              \
	T(compressed_updates, INFO, "updates without counters")                \
	T(deletes, INFO, "ends with or without counters")                      \
	T(clears, INFO, "clear messages")                                      \
	T(bulk_marks, INFO, "starts and ends of bulk updates")                 \
	T(ignored_messages, INFO, "acknowledgements, requests, IPsec")         \
	T(ended_by_delete, INFO, "states that a delete ended")                 \
	T(ended_by_clear, INFO, "states that a clear message ended")           \
	T(ended_by_timeout, INFO, "states whose delete never came")            \
	T(ended_by_memory, INFO, "states pushed out of a full table")          \
	T(ended_by_flush, INFO, "states alive at the end of the input")        \
	T(unknown_updates, INFO, "updates of states never announced")          \
	T(unknown_deletes, DROP, "states of which only the end was seen")      \
	T(repeated_deletes, INFO, "deletes of states already ended")           \
	T(late_states, DROP, "full states that came after their export")       \
	T(late_updates, INFO, "updates that came after their end")             \
	T(stale_counters, INFO, "full states with lower counters than before") \
	T(unshared_counters, DROP, "counters of a further sender, no memory")  \
	T(ungrouped_states, INFO, "states that a clear can not find, no memory") \
	T(merged_senders, INFO, "packets of more senders than told apart")     \
	T(unknown_interfaces, INFO, "states on interfaces without index")      \
	T(obsolete_messages, DROP, "full states in a layout of old OpenBSD")   \
	T(unknown_messages, DROP, "messages of unknown kind, skipped")         \
	T(cut_messages, DROP, "messages lost with the end of their packet")

struct pflowi_pfsync_tally {
#define PFLOWI_PFSYNC_MEMBER(name, kind, help) uint64_t name;
	PFLOWI_PFSYNC_TALLY(PFLOWI_PFSYNC_MEMBER)
#undef PFLOWI_PFSYNC_MEMBER
	uint64_t rejects[PFLOWI_PF_VERDICT_COUNT];
	uint64_t faults[PFLOWI_PFSYNC_FAULT_COUNT];
};

struct pflowi_pfsync_table;

/** The least memory_limit. */
#define PFLOWI_PFSYNC_MEMORY_MIN ((size_t)4 << 20)

/**
 * @return PFLOW_OK; PFLOW_ERR_RANGE: memory_limit under the least;
 *         PFLOW_ERR_NOMEM
 */
int pflowi_pfsync_table_new(const struct pflowi_pf_config *cfg,
    struct pflowi_pfsync_table **out);

void pflowi_pfsync_table_free(struct pflowi_pfsync_table *t);

/**
 * Is there room for all that one packet may bring? If not, states were pushed
 * out: give them to the sink and ask again.
 */
bool pflowi_pfsync_table_ready(struct pflowi_pfsync_table *t);

/**
 * One packet, from its pfsync header on. The table is ready.
 *
 * @param sender  address of who sent it, 16 octets; NULL: not known
 * @param now_ns  its time; earlier than before counts as before
 */
void pflowi_pfsync_table_packet(struct pflowi_pfsync_table *t,
    const uint8_t *p, size_t len, size_t wire, const uint8_t *sender,
    uint64_t now_ns);

/**
 * Time passes: end what is due, a bounded number of states at a time.
 *
 * @return true: nothing more is due
 */
bool pflowi_pfsync_table_advance(struct pflowi_pfsync_table *t,
    uint64_t now_ns);

/** When advance() has something to do, wall clock; PFLOW_NEVER. */
uint64_t pflowi_pfsync_table_due(const struct pflowi_pfsync_table *t);

/** The latest time it was told of. */
uint64_t pflowi_pfsync_table_now(const struct pflowi_pfsync_table *t);

/**
 * The input ended: end some of all that is left, PFLOW_END_FORCED.
 *
 * @return true: all was ended
 */
bool pflowi_pfsync_table_flush(struct pflowi_pfsync_table *t);

/** What waits to be given out; see pflowi_pf_track_give(). */
int pflowi_pfsync_table_give(struct pflowi_pfsync_table *t,
    struct pflow_now now, unsigned *budget, pflow_sink_fn *sink, void *arg);

bool pflowi_pfsync_table_waiting(const struct pflowi_pfsync_table *t);

/** The tally, up to date. */
const struct pflowi_pfsync_tally *pflowi_pfsync_table_tally(
    struct pflowi_pfsync_table *t);

/** The tally by name. */
void pflowi_pfsync_table_counters(const struct pflowi_pfsync_table *t,
    pflow_counter_fn *fn, void *arg);

#endif /* PFLOWI_PFSYNC_TABLE_H */
