/* SPDX-License-Identifier: ISC */
/*
 * An outlet: one exporter with its memory and its transport.  It knows how the
 * two talk; what feeds it and who polls is not its business, so that any
 * number of them hang on one loop.
 *
 * Two clocks: the exporter lives by the clock of the states (of a recording,
 * the time of the capture), the transport by the machine's.
 */
#ifndef PFLOWI_OUTLET_H
#define PFLOWI_OUTLET_H

#include <stdbool.h>

#include <pflow/exporter.h>
#include <pflow/transport.h>

#include "programs/common/about.h"

/** Messages that may wait; 512 * 1500 octets stand for one second's pause of
 *  a collector at about 13,000 records a second. */
#define PFLOWI_OUTLET_MESSAGES 512

/** Caller's storage; read the members, write none. */
struct pflowi_outlet {
	struct pflow_transport *transport;   /**< owned */
	struct pflow_exporter exporter;
	struct pflow_exporter_config cfg;
	void *block;			     /**< owned */
	size_t block_len;
	struct pflow_now data;		     /**< last time of the states */
	uint64_t data_at_ns;		     /**< mono_ns when that was */
	uint64_t moved;			     /**< messages handed over */
	uint64_t pace_ns;		     /**< when the next is due */
	uint64_t reported;		     /**< states, at the last options */
	uint32_t rate_pps;		     /**< 0: as fast as it goes */
	uint32_t generation;
	uint32_t refreshes;
	uint32_t message_max;		     /**< as the transport knows it */
	bool begun;   /**< the exporter has seen its first time */
	bool live;    /**< the states' clock is the machine's */
	bool idle;    /**< of the last turn */
	bool closed;  /**< the session ended: service must be called */
};

/**
 * Open the transport and make the memory.
 *
 * @param o         caller's storage
 * @param t         owned by the outlet from now on, also on failure
 * @param cfg       overhead and nature are taken from the transport
 * @param messages  how many may wait
 * @param rate_pps  messages a second at most; 0: no limit
 * @param err       one line if it fails
 * @return PFLOW_OK or a negative status; close it in both cases
 */
int pflowi_outlet_open(struct pflowi_outlet *o, struct pflow_transport *t,
    const struct pflow_exporter_config *cfg, size_t messages,
    uint32_t rate_pps, struct pflow_now now, char *err, size_t err_len);

/** Release everything. What waits is gone: abandon it first to count it. */
void pflowi_outlet_close(struct pflowi_outlet *o);

/**
 * Feed states. What fills up is sent on the way.
 *
 * @param data_now  the states' clock
 * @param now       the machine's
 * @param taken     out
 * @return PFLOW_OK: all taken; PFLOW_ERR_AGAIN: *taken < count, the transport
 *         takes nothing now
 */
int pflowi_outlet_feed(struct pflowi_outlet *o,
    const struct pflow_state *states, size_t count, struct pflow_now data_now,
    struct pflow_now now, size_t *taken);

/**
 * Do what is due: the transport's service, deadlines, sending.
 *
 * @param ready  the transport's descriptor is ready
 * @param idle   the source waits for input: the states' clock goes on by
 *               itself, even if it is a recording's
 * @return PFLOW_OK: nothing waits; PFLOW_ERR_AGAIN, PFLOW_ERR_CLOSED: some
 *         does; PFLOW_ERR_SYSTEM: the transport can never work
 */
int pflowi_outlet_turn(struct pflowi_outlet *o, struct pflow_now now,
    bool ready, bool idle);

/** What to wait for before the next turn. */
void pflowi_outlet_want(const struct pflowi_outlet *o, struct pflow_now now,
    struct pflow_want *out);

/**
 * What options records say of the sources; of no use without `options`.
 *
 * @param a  its interfaces are borrowed until they are told again
 */
void pflowi_outlet_tell(struct pflowi_outlet *o, const struct pflowi_about *a,
    struct pflow_now now);

/** Nothing more will come: make the last options records, seal all. */
void pflowi_outlet_finish(struct pflowi_outlet *o, struct pflow_now now);

/** Seal what is open, whatever its age. */
void pflowi_outlet_flush(struct pflowi_outlet *o, struct pflow_now now);

/** Templates go again before the next data. */
void pflowi_outlet_refresh(struct pflowi_outlet *o);

/** Does a message wait? */
bool pflowi_outlet_has_pending(const struct pflowi_outlet *o);

/** Count what waits as discarded. */
void pflowi_outlet_abandon(struct pflowi_outlet *o, struct pflow_now now);

/** The exporter's statistics. */
const struct pflow_exporter_stats *pflowi_outlet_stats(
    const struct pflowi_outlet *o);

#endif /* PFLOWI_OUTLET_H */
