/* SPDX-License-Identifier: ISC */
/* Counters of several transports as if they were one. */
#ifndef PFLOWI_TALLY_H
#define PFLOWI_TALLY_H

#include <pflow/transport.h>

#define PFLOWI_TALLY_MAX 96

/** Zero at first. */
struct pflowi_tally {
	struct pflow_counter counter[PFLOWI_TALLY_MAX];
	size_t count;
};

/** Add all counters of a transport to those of the same name. */
void pflowi_tally_add(
    struct pflowi_tally *tally, const struct pflow_transport *t);

void pflowi_tally_tell(
    const struct pflowi_tally *tally, pflow_counter_fn *fn, void *arg);

#endif /* PFLOWI_TALLY_H */
