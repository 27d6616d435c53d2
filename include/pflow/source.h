/* SPDX-License-Identifier: ISC */
/*
 * The contract between a source of states and whoever drives it.  Third
 * parties write sources against this header alone (examples/own_source.c).
 */
#ifndef PFLOW_SOURCE_H
#define PFLOW_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/export.h>
#include <pflow/message.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/**
 * Takes states from a source.
 *
 * @param arg     the driver's
 * @param states  borrowed for the call
 * @param count   at least 1
 * @param now     the time these states belong to: the pump's own for live
 *                sources, the time of the recording for files
 * @param taken   out: how many of the first states were taken; the source
 *                keeps the others and gives them again later
 * @return PFLOW_OK: all taken; PFLOW_ERR_AGAIN: *taken < count, no room now;
 *         any other negative status: stop, pump() returns it
 */
typedef int pflow_sink_fn(void *arg, const struct pflow_state *states,
    size_t count, struct pflow_now now, size_t *taken);

struct pflow_source;

/**
 * Takes the name of an interface.
 *
 * @param index  as in pflow_state.ifindex
 * @param name   UTF-8, terminated; borrowed for the call
 */
typedef void pflow_interface_fn(void *arg, uint32_t index, const char *name);

/**
 * What a source can do.  Functions are called from one thread at a time.
 */
struct pflow_source_ops {
	const char *name; /**< the word of the grammar: "pcap" */

	/**
	 * Acquire what the source needs (files, sockets).
	 *
	 * @return PFLOW_OK, or a negative status; error_text() then says what
	 *         and where; only close() may follow
	 */
	int (*open)(struct pflow_source *src, struct pflow_now now);

	/** What to wait for before the next pump(). Never fails. */
	void (*want)(const struct pflow_source *src, struct pflow_want *out);

	/**
	 * Give at most `budget` states to the sink.
	 *
	 * @return PFLOW_OK: drained for now, see want(); PFLOW_MORE: budget
	 *         used, call again; PFLOW_ERR_AGAIN: the sink refused, nothing
	 *         was lost; PFLOW_EOF: the input ended and all was given; any
	 *         other negative status: failed for good, all that was read
	 *         before has been given
	 */
	int (*pump)(struct pflow_source *src, struct pflow_now now,
	    unsigned budget, pflow_sink_fn *sink, void *arg);

	/**
	 * The end is wanted (signal, reload): what is tracked is given out by
	 * the following pump() calls, as PFLOW_END_FORCED, then PFLOW_EOF.
	 * NULL: nothing is tracked.
	 */
	void (*finish)(struct pflow_source *src, struct pflow_now now);

	/** Tell all counters. NULL: there are none. */
	void (*counters)(const struct pflow_source *src, pflow_counter_fn *fn,
	    void *arg);

	/** One line about the last error: thing and place. "" if none. */
	const char *(*error_text)(const struct pflow_source *src);

	/** How far a finite input was read, 0..1000; -1 if unknown. */
	int (*progress)(const struct pflow_source *src);

	/** Release everything, the instance included. */
	void (*close)(struct pflow_source *src);

	/** Name the interfaces that states may be on, each once. NULL: the
	 *  source has no names. */
	void (*interfaces)(const struct pflow_source *src,
	    pflow_interface_fn *fn, void *arg);
};

/** The first member of every instance. */
struct pflow_source {
	const struct pflow_source_ops *ops;
};

PFLOW_END_DECLS

#endif /* PFLOW_SOURCE_H */
