/* SPDX-License-Identifier: ISC */
/*
 * What is on its way: messages given to a reliable session, by the octet at
 * which each one ends, until the peer's system has acknowledged that octet.
 */
#ifndef PFLOWI_FLIGHT_H
#define PFLOWI_FLIGHT_H

#include <stddef.h>
#include <stdint.h>

/** Runs of messages that are told apart; older ones are joined beyond. */
#define PFLOWI_FLIGHT_RUNS 512

struct pflowi_flight_run {
	uint64_t end; /**< octets of the session up to and with it */
	uint64_t messages;
	uint64_t records;
};

struct pflowi_flight {
	struct pflowi_flight_run run[PFLOWI_FLIGHT_RUNS];
	size_t head; /**< the oldest */
	size_t count;
	uint64_t messages; /**< in flight */
	uint64_t records;
	uint64_t confirmed; /**< messages, in this session */
};

void pflowi_flight_reset(struct pflowi_flight *f);

/** Nothing is on its way any more; confirmed stays. */
void pflowi_flight_end(struct pflowi_flight *f);

/** One more message, ending at this octet of the session. */
void pflowi_flight_add(struct pflowi_flight *f, uint64_t end, uint32_t records);

/** Octets of the session that the peer's system has. */
void pflowi_flight_confirm(struct pflowi_flight *f, uint64_t octets);

/** Worth a look at what is acknowledged. */
static inline int
pflowi_flight_crowded(const struct pflowi_flight *f)
{
	return f->count >= PFLOWI_FLIGHT_RUNS / 2;
}

#endif /* PFLOWI_FLIGHT_H */
