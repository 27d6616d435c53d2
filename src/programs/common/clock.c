/* SPDX-License-Identifier: ISC */
#include "programs/common/clock.h"

#include <time.h>

#include "core/time.h"

static uint64_t
sample(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * PFLOWI_NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

struct pflow_now
pflowi_clock(void)
{
	struct pflow_now now;

	now.mono_ns = sample(CLOCK_MONOTONIC);
	now.wall_ns = sample(CLOCK_REALTIME);
	return now;
}
