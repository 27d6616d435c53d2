/* SPDX-License-Identifier: ISC */
/* Uptimes of 32 bits (they wrap after 49.7 days) made absolute. */
#ifndef PFLOWI_DECODER_UPTIME_H
#define PFLOWI_DECODER_UPTIME_H

#include "decoder/flows.h"

/**
 * A time up to this far ahead of the uptime of its message is one: exporters
 * read the two clocks one after the other, or round one of them.
 */
#define PFLOWI_UPTIME_AHEAD_MS 100000u

/**
 * Uptime x, given that uptime_ms was at now_ms; milliseconds since 1970, not
 * before. It is less than 2^32 ms before, or a little after now_ms.
 */
PFLOWI_INLINE uint64_t
pflowi_uptime_abs(uint64_t now_ms, uint32_t uptime_ms, uint32_t x)
{
	uint32_t ahead = x - uptime_ms;

	if (ahead <= PFLOWI_UPTIME_AHEAD_MS)
		return pflowi_time_add(now_ms, ahead);
	return pflowi_time_sub(now_ms, (uint32_t)(uptime_ms - x));
}

/**
 * Both ends of a flow. A first after the last means that the uptime wrapped
 * in between.
 */
PFLOWI_INLINE void
pflowi_uptime_span(uint64_t now_ms, uint32_t uptime_ms, uint32_t first,
    uint32_t last, uint64_t *start_ns, uint64_t *end_ns)
{
	uint64_t end_ms = pflowi_uptime_abs(now_ms, uptime_ms, last);

	*end_ns = pflowi_ms_to_ns(end_ms);
	*start_ns =
	    pflowi_ms_to_ns(pflowi_time_sub(end_ms, (uint32_t)(last - first)));
}

#endif /* PFLOWI_DECODER_UPTIME_H */
