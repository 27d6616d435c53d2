/* SPDX-License-Identifier: ISC */
/*
 * From conntrack entries to states: what an event or an entry of a dump adds
 * to what was accounted before.  Pure but for the memory of its table.
 *
 * The kernel's counters run from the creation of an entry.  Without periodic
 * reports (active 0) nothing is remembered: the end of a flow gives its
 * totals.  With them, a first dump (the baseline) notes what was counted
 * before this source began, and every state given counts from the last one.
 */
#ifndef PFLOWI_CONNTRACK_TRACK_H
#define PFLOWI_CONNTRACK_TRACK_H

#include <pflow/counter.h>

#include "sources/conntrack_idle.h"
#include "sources/conntrack_settings.h"
#include "sources/conntrack_table.h"

/** What was done, and not: C(name, KIND, "help"). */
#define PFLOWI_CT_COUNTERS(C)                                                  \
	C(end_events, INFO, "ends of flows the kernel told")                   \
	C(create_events, INFO, "new flows told (nat-events, label)")           \
	C(update_events, INFO, "changes of flows told (label)")                \
	C(states, INFO, "states given, of ended and of living flows")          \
	C(dumps, INFO, "dumps of the kernel's table")                          \
	C(dump_entries, INFO, "living flows seen in dumps")                    \
	C(dump_interruptions, INFO, "dumps the kernel said are not whole")     \
	C(dump_errors, INFO, "dumps that failed and were begun again")         \
	C(overruns, INFO, "times the receive buffer was full (ENOBUFS)")       \
	C(lost_events, DROP, "events the kernel dropped: buffer full")         \
	C(held_events, INFO, "times the kernel held an event (reliable)")      \
	C(repeated_events, INFO, "ends told again, not given again")           \
	C(vanished_flows, INFO, "ended untold after their last report")        \
	C(nothing_new, INFO, "ends without traffic since the last report")     \
	C(untracked_flows, INFO, "sightings not remembered: memory limit")     \
	C(flows_without_counters, INFO, "ends without counters (acct)")        \
	C(flows_without_times, INFO, "ends without times (timestamp)")         \
	C(offloaded_flows, INFO, "ends of offloaded flows")                    \
	C(malformed_messages, DROP, "messages that break netlink's rules")     \
	C(foreign_messages, INFO, "messages of other kinds or senders")

struct pflowi_ct_counters {
#define PFLOWI_CT_COUNTER_MEMBER(name, kind, help) uint64_t name;
	PFLOWI_CT_COUNTERS(PFLOWI_CT_COUNTER_MEMBER)
#undef PFLOWI_CT_COUNTER_MEMBER
};

enum pflowi_ct_dump {
	PFLOWI_CT_DUMP_NONE,
	PFLOWI_CT_DUMP_BASELINE, /**< note, give nothing */
	PFLOWI_CT_DUMP_REPORT,	 /**< give what is due */
	PFLOWI_CT_DUMP_FINAL	 /**< give all, as PFLOW_END_FORCED */
};

struct pflowi_ct_tracker {
	struct pflowi_ct_settings set;
	struct pflowi_ct_timeouts timeouts;
	struct pflowi_ct_counters n;
	struct pflowi_ct_table table;
	struct pflowi_ct_recent *recent; /**< owned by the caller */
	uint64_t active_ns;
	uint64_t since_ns;   /**< wall clock when events began to be told */
	enum pflowi_ct_dump dump;
	uint16_t pass;
	bool tells;	     /**< kernel puts timeouts into destroy events */
	bool dead_untracked; /**< an end of this dump could not be noted */
};

/** True if there is anything to learn from dumps. */
bool pflowi_ct_tracks(const struct pflowi_ct_tracker *tr);

/** Time between dumps: twice in an active time, so that none is overdue. */
uint64_t pflowi_ct_interval(const struct pflowi_ct_tracker *tr);

/**
 * Take an event.
 *
 * @param out  the state it gives
 * @return true: *out is to be given
 */
bool pflowi_ct_on_event(struct pflowi_ct_tracker *tr,
    const struct pflowi_ct_flow *flow, struct pflow_now now,
    struct pflow_state *out);

/** Take an entry of the dump that is on its way. As pflowi_ct_on_event(). */
bool pflowi_ct_on_entry(struct pflowi_ct_tracker *tr,
    const struct pflowi_ct_flow *flow, struct pflow_now now,
    struct pflow_state *out);

void pflowi_ct_dump_begin(struct pflowi_ct_tracker *tr,
    enum pflowi_ct_dump dump);

/** @param whole  false: entries may be missing in what was told */
void pflowi_ct_dump_end(struct pflowi_ct_tracker *tr, bool whole);

#endif /* PFLOWI_CONNTRACK_TRACK_H */
