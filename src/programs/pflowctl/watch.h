/* SPDX-License-Identifier: ISC */
/* Statistics again and again: what came since the last time, and rates. */
#ifndef PFLOWCTL_WATCH_H
#define PFLOWCTL_WATCH_H

#include <stdbool.h>

#include "programs/pflowctl/talk.h"

struct pflowctl_watch {
	struct pflowctl_answer last; /**< owned; empty: nothing yet */
	unsigned lines;		     /**< until the heading comes again */
	bool json;
};

/**
 * Print what came since the last answer; the first one is only kept.
 *
 * @param a  an answer to stats; taken over
 * @return false: out of memory
 */
bool pflowctl_watch_show(struct pflowctl_watch *w, struct pflowctl_answer *a);

void pflowctl_watch_fini(struct pflowctl_watch *w);

#endif /* PFLOWCTL_WATCH_H */
