/* SPDX-License-Identifier: ISC */
/* Time arithmetic that cannot overflow. */
#ifndef PFLOWI_TIME_H
#define PFLOWI_TIME_H

#include <pflow/state.h>

#include "core/port.h"

#define PFLOWI_NS_PER_MS 1000000u
#define PFLOWI_NS_PER_SEC 1000000000u
#define PFLOWI_MS_PER_SEC 1000u

/** a + b, PFLOW_NEVER if that is too far. */
PFLOWI_INLINE uint64_t
pflowi_time_add(uint64_t a, uint64_t b)
{
	return b > PFLOW_NEVER - a ? PFLOW_NEVER : a + b;
}

/** a - b, 0 if b is later. */
PFLOWI_INLINE uint64_t
pflowi_time_sub(uint64_t a, uint64_t b)
{
	return b > a ? 0 : a - b;
}

PFLOWI_INLINE uint64_t
pflowi_min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif /* PFLOWI_TIME_H */
