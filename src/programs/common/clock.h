/* SPDX-License-Identifier: ISC */
#ifndef PFLOWI_CLOCK_H
#define PFLOWI_CLOCK_H

#include <pflow/state.h>

/** One sample of the machine's clocks: the only place that asks for time. */
struct pflow_now pflowi_clock(void);

#endif /* PFLOWI_CLOCK_H */
