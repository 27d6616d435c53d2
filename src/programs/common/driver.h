/* SPDX-License-Identifier: ISC */
/*
 * The loop of a program with one source and its receivers: pump, send, wait, and
 * end in good order.
 */
#ifndef PFLOWI_DRIVER_H
#define PFLOWI_DRIVER_H

#include <pflow/source.h>

#include "programs/common/lanes.h"

/** At the end, the collector has so long to take a next message. */
#define PFLOWI_DRAIN_NS UINT64_C(10000000000)

struct pflowi_driver;

/** Called once per turn: progress on a terminal and the like. */
typedef void pflowi_turn_fn(void *arg, const struct pflowi_driver *d,
    struct pflow_now now);

struct pflowi_driver {
	struct pflow_source *source;   /**< open; borrowed */
	struct pflowi_lanes *lanes;    /**< open; borrowed */
	pflowi_turn_fn *turn;	       /**< NULL: none */
	void *arg;
	uint64_t drain_ns;	       /**< PFLOWI_DRAIN_NS */

	/* The loop's own; zero before, to be read after it. */
	struct pflowi_about about;     /**< told to the outlet */
	struct pflow_now now;	       /**< sample of this turn */
	uint64_t states;	       /**< taken from the source */
	uint64_t moved;		       /**< by all lanes, when it last rose */
	uint64_t backlog;	       /**< octets in spools, likewise */
	uint64_t moved_at_ns;
	int source_status;	       /**< PFLOW_EOF: read to the end */
	int lanes_status;	       /**< PFLOW_ERR_SYSTEM: all transports died */
	bool stopping;		       /**< a signal asked for the end */
	bool ended;		       /**< no more states will come */
	bool blocked;		       /**< the sink refused */
	bool more;		       /**< the source can go on at once */
	bool idle;		       /**< the source waits for input */
	bool ready;		       /**< the transport's descriptor is */
	bool gave_up;		       /**< something could not be sent */
	uint64_t kept;		       /**< octets left in spools */
};

/**
 * Run until the source ends, a signal comes (stop.h) or all is lost; flush;
 * give the transport time to take what waits; count what it did not take.
 *
 * @return PFLOW_OK: everything was handed over; else a negative status, and
 *         the members say what happened
 */
int pflowi_driver_run(struct pflowi_driver *d);

#endif /* PFLOWI_DRIVER_H */
