/* SPDX-License-Identifier: ISC */
/* What went wrong last, and when: error_text() alone does not tell. */
#ifndef PFLOWD_FAULT_H
#define PFLOWD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/state.h>

#define PFLOWD_FAULT_LEN 256

struct pflowd_fault {
	char text[PFLOWD_FAULT_LEN]; /**< "": nothing yet */
	uint64_t at_ns;		     /**< wall clock; 0: nothing yet */
	uint64_t losses;	     /**< as of the last look */
	uint64_t look_ns;	     /**< mono clock: not again before */
};

/** Is it time to look again? At most once a second. */
bool pflowd_fault_is_due(struct pflowd_fault *f, struct pflow_now now);

/**
 * Look: another text than before, or more losses with the same one, is news.
 *
 * @param text    an error_text(); "" leaves the last one
 * @param losses  a sum that only rises; what falls began anew
 */
void pflowd_fault_look(struct pflowd_fault *f, const char *text,
    uint64_t losses, struct pflow_now now);

/** A pflow_counter_fn that adds up drops, refusals and failures; arg is a
 *  uint64_t. */
void pflowd_fault_add(void *arg, const struct pflow_counter *c);

#endif /* PFLOWD_FAULT_H */
