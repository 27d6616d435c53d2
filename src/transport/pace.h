/* SPDX-License-Identifier: ISC */
/* A token bucket: so many messages a second, a few of them at once. */
#ifndef PFLOWI_PACE_H
#define PFLOWI_PACE_H

#include <pflow/transport.h>

#include "core/time.h"

/** The least that may go at once: collectors' sockets hold some ninety. */
#define PFLOWI_PACE_BURST 16u
/** And so much of a second where that is more: timers are that coarse. */
#define PFLOWI_PACE_SLICE 500u

struct pflowi_pace {
	uint32_t rate;	 /**< messages a second; 0: no limit */
	uint64_t credit; /**< message * nanoseconds per second */
	uint64_t at_ns;	 /**< when credit was counted */
};

/** Begin with a full bucket. */
void pflowi_pace_init(struct pflowi_pace *p, uint32_t rate);

/** How many of count may go now. */
size_t pflowi_pace_allow(
    struct pflowi_pace *p, size_t count, struct pflow_now now);

/** So many went. */
void pflowi_pace_take(struct pflowi_pace *p, size_t count);

/** When the next may go; 0: now. */
uint64_t pflowi_pace_due(const struct pflowi_pace *p);

#endif /* PFLOWI_PACE_H */
