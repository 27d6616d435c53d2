/* SPDX-License-Identifier: ISC */
#include "transport/flight.h"

#include <string.h>

void
pflowi_flight_reset(struct pflowi_flight *f)
{
	memset(f, 0, sizeof(*f));
}

void
pflowi_flight_end(struct pflowi_flight *f)
{
	f->count = 0;
	f->messages = 0;
	f->records = 0;
}

static struct pflowi_flight_run *
at(struct pflowi_flight *f, size_t i)
{
	return &f->run[(f->head + i) % PFLOWI_FLIGHT_RUNS];
}

/** Two and two become one. A joined run is confirmed as a whole: what is
 *  told as in flight may be too much, never too little. */
static void
join(struct pflowi_flight *f)
{
	size_t i;

	for (i = 0; i + 1 < f->count; i += 2) {
		struct pflowi_flight_run joined = *at(f, i + 1);

		joined.messages += at(f, i)->messages;
		joined.records += at(f, i)->records;
		*at(f, i / 2) = joined;
	}
	if (i < f->count)
		*at(f, i / 2) = *at(f, i);
	f->count = (f->count + 1) / 2;
}

void
pflowi_flight_add(struct pflowi_flight *f, uint64_t end, uint32_t records)
{
	struct pflowi_flight_run *run;

	if (f->count == PFLOWI_FLIGHT_RUNS)
		join(f);
	run = at(f, f->count++);
	run->end = end;
	run->messages = 1;
	run->records = records;
	f->messages++;
	f->records += records;
}

void
pflowi_flight_confirm(struct pflowi_flight *f, uint64_t octets)
{
	while (f->count > 0 && at(f, 0)->end <= octets) {
		f->confirmed += at(f, 0)->messages;
		f->messages -= at(f, 0)->messages;
		f->records -= at(f, 0)->records;
		f->head = (f->head + 1) % PFLOWI_FLIGHT_RUNS;
		f->count--;
	}
}
