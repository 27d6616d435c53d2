/* SPDX-License-Identifier: ISC */
/* One line that keeps changing, for a person who waits at a terminal. */
#ifndef PFLOWI_PROGRESS_H
#define PFLOWI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "programs/common/driver.h"

struct pflowi_figures {
	uint64_t states;
	uint64_t records;
	uint64_t messages;
};

/**
 * Adds what other threads did.
 *
 * @param f  of this one; to be replaced by those of all
 * @return true: show them; false: another thread does that
 */
typedef bool pflowi_figures_fn(void *arg, struct pflowi_figures *f);

struct pflowi_progress {
	pflowi_figures_fn *all;	/**< NULL: there is one thread */
	void *arg;
	const char *source;	/**< words; borrowed */
	const char *dest;
	uint64_t due_ns;
	uint64_t waiting_ns;	/**< since when it takes nothing; 0: it does */
	uint64_t moved;
	bool quiet;		/**< say nothing at all */
	bool terminal;		/**< standard error is one */
	bool shown;		/**< there is a line to wipe out */
	bool waiting_told;
};

/** @param quiet  -q: also no line about a collector that takes nothing */
void pflowi_progress_init(struct pflowi_progress *p, const char *source,
    const char *dest, bool quiet);

/** A pflowi_turn_fn; arg is the progress. At most five lines a second. */
void pflowi_progress_turn(void *arg, const struct pflowi_driver *d,
    struct pflow_now now);

/** Wipe the line. */
void pflowi_progress_end(struct pflowi_progress *p);

#endif /* PFLOWI_PROGRESS_H */
