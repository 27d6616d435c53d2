/* SPDX-License-Identifier: ISC */
/*
 * All the receivers of one pflow interface: an outlet for each, so that each
 * has a session, a sequence and a queue of its own, and none that is dead or
 * slow costs another anything.
 */
#ifndef PFLOWI_LANES_H
#define PFLOWI_LANES_H

#include "programs/common/outlet.h"
#include "programs/common/report.h"
#include "programs/common/resolve.h"

struct pflowi_lane {
	struct pflowi_outlet outlet;
	struct pflow_transport *spool; /**< of the outlet; NULL: none */
	size_t skip;	      /**< states that are offered again, and that
				   it has taken already */
	uint64_t moved;	      /**< outlet.moved, when it last rose */
	uint64_t moved_at_ns; /**< or when nothing waited */
	bool dead;	      /**< its transport can never work */
	char word[PFLOWI_DEST_LEN];
};

/** Caller's storage; read the members, write none. */
struct pflowi_lanes {
	struct pflowi_lane *lane; /**< owned */
	size_t count;
	bool balance;	   /**< each flow to one of them */
	uint64_t offered;  /**< states, counted for each lane they went to */
	uint64_t overflow; /**< of these: no room */
};

/**
 * Open transports and make their outlets.
 *
 * @param transports  owned from now on, also on failure
 * @return as pflowi_outlet_open(); close it in both cases
 */
int pflowi_lanes_init(struct pflowi_lanes *l,
    struct pflow_transport *const *transports, size_t count,
    const struct pflow_exporter_config *cfg, size_t messages,
    uint32_t rate_pps, struct pflow_now now, char *err, size_t err_len);

/** The same, of settings: transports, failover, spools. */
int pflowi_lanes_open(struct pflowi_lanes *l,
    const struct pflowi_interface *in, uint32_t rate_pps,
    struct pflow_now now, char *err, size_t err_len);

/** Release everything. What waits is gone: abandon it first to count it. */
void pflowi_lanes_close(struct pflowi_lanes *l);

/**
 * Feed states.
 *
 * @param wait   a lane that moves is waited for; with several, one that has
 *               moved nothing for a second loses its oldest messages instead.
 *               false: the oldest go at once
 * @param taken  out; without wait always all of them
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: *taken < count; PFLOW_ERR_SYSTEM: the
 *         only transport can never work
 */
int pflowi_lanes_feed(struct pflowi_lanes *l,
    const struct pflow_state *states, size_t count, bool wait,
    struct pflow_now data_now, struct pflow_now now, size_t *taken);

/** As pflowi_outlet_turn(), for all. PFLOW_ERR_SYSTEM: all are dead. */
int pflowi_lanes_turn(struct pflowi_lanes *l, struct pflow_now now, bool ready,
    bool idle);

/** What lane i waits for. */
void pflowi_lanes_want(const struct pflowi_lanes *l, size_t i,
    struct pflow_now now, struct pflow_want *out);

/** What options records say of the sources; borrowed until told again. */
void pflowi_lanes_tell(struct pflowi_lanes *l, const struct pflowi_about *a,
    struct pflow_now now);

/** Nothing more will come: make the last options records, seal all. */
void pflowi_lanes_finish(struct pflowi_lanes *l, struct pflow_now now);

void pflowi_lanes_flush(struct pflowi_lanes *l, struct pflow_now now);
void pflowi_lanes_refresh(struct pflowi_lanes *l);
bool pflowi_lanes_has_pending(const struct pflowi_lanes *l);
void pflowi_lanes_abandon(struct pflowi_lanes *l, struct pflow_now now);

/** Messages handed over by all. */
uint64_t pflowi_lanes_moved(const struct pflowi_lanes *l);

/** Octets in spools that no receiver has confirmed; 0: all is there. */
uint64_t pflowi_lanes_backlog(const struct pflowi_lanes *l);

/** Is one about to be full although it moves? */
bool pflowi_lanes_are_crowded(const struct pflowi_lanes *l,
    struct pflow_now now);

/** Does any have a session, or a socket that took something? */
bool pflowi_lanes_are_connected(const struct pflowi_lanes *l);

/** The last error of the first lane that has one; "" if none has. */
const char *pflowi_lanes_error_text(const struct pflowi_lanes *l);

/** The sum of all. */
void pflowi_lanes_stats(const struct pflowi_lanes *l,
    struct pflow_exporter_stats *out);

/** Add up: statistics are nothing but uint64_t. */
void pflowi_stats_add(struct pflow_exporter_stats *to,
    const struct pflow_exporter_stats *from);

/** All counters of the transports, those of one name added up. */
void pflowi_lanes_counters(const struct pflowi_lanes *l, pflow_counter_fn *fn,
    void *arg);

/** With several, a section for each, named by its dst. */
void pflowi_lanes_report(const struct pflowi_lanes *l,
    struct pflowi_report *report);

/** The k-th of several lanes that all have the same dst; NULL: no more. */
typedef const struct pflowi_lanes *pflowi_lanes_fn(const void *arg, size_t k);

/** As pflowi_lanes_report(), of the sums of several. */
void pflowi_lanes_report_all(pflowi_lanes_fn *next, const void *arg,
    struct pflowi_report *report);

#endif /* PFLOWI_LANES_H */
