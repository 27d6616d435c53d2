/* SPDX-License-Identifier: ISC */
/*
 * Counters by name.  Sources, exporters, decoders and transports all tell
 * what they did through one function type, so programs print, export and sum
 * them without knowing any of them.
 */
#ifndef PFLOW_COUNTER_H
#define PFLOW_COUNTER_H

#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

/** What a counter means for the sums. */
enum pflow_counter_kind {
	PFLOW_COUNTER_INFO, /**< tells what happened */
	PFLOW_COUNTER_DROP, /**< something was not exported, for this reason */
	PFLOW_COUNTER_GAUGE /**< a level that can fall again */
};

/** One counter, as it stands. */
struct pflow_counter {
	const char *name; /**< snake_case, unit last: "truncated_packets" */
	const char *help; /**< one line for people; constant */
	uint64_t value;
	enum pflow_counter_kind kind;
};

/**
 * Called once for each counter, in a fixed order.
 *
 * @param arg  the caller's
 * @param c    borrowed for the call; name and help are constants
 */
typedef void pflow_counter_fn(void *arg, const struct pflow_counter *c);

PFLOW_END_DECLS

#endif /* PFLOW_COUNTER_H */
