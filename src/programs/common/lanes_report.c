/* SPDX-License-Identifier: ISC */
/* Counters of several transports: as if they were one, and each by itself. */
#include <string.h>

#include "programs/common/lanes.h"

#define COUNTERS_MAX 96

struct sum {
	struct pflow_counter counter[COUNTERS_MAX];
	size_t count;
};

/** Points in time do not add up: the latest is told. */
static bool
is_time(const char *name)
{
	static const char end[] = "_seconds";
	size_t len = strlen(name);

	return len >= sizeof(end) &&
	    strcmp(name + len - (sizeof(end) - 1), end) == 0;
}

static void
add(void *arg, const struct pflow_counter *c)
{
	struct sum *sum = arg;
	size_t i;

	for (i = 0; i < sum->count; i++) {
		struct pflow_counter *to = &sum->counter[i];

		if (strcmp(to->name, c->name) != 0)
			continue;
		if (!is_time(c->name))
			to->value += c->value;
		else if (c->value > to->value)
			to->value = c->value;
		return;
	}
	if (sum->count < COUNTERS_MAX)
		sum->counter[sum->count++] = *c;
}

static void
tell(const struct pflowi_lane *lane, pflow_counter_fn *fn, void *arg)
{
	const struct pflow_transport *t = lane->outlet.transport;

	if (t->ops->counters != NULL)
		t->ops->counters(t, fn, arg);
}

void
pflowi_lanes_counters(const struct pflowi_lanes *l, pflow_counter_fn *fn,
    void *arg)
{
	struct sum sum = { .count = 0 };
	size_t i;

	for (i = 0; i < l->count; i++)
		tell(&l->lane[i], add, &sum);
	for (i = 0; i < sum.count; i++)
		fn(arg, &sum.counter[i]);
}

void
pflowi_lanes_report(const struct pflowi_lanes *l, struct pflowi_report *report)
{
	size_t i;

	for (i = 0; i < l->count && l->count > 1; i++) {
		const struct pflowi_lane *lane = &l->lane[i];
		const struct pflow_exporter_stats *s =
		    pflowi_outlet_stats(&lane->outlet);
		struct pflow_counter own[] = {
			{ "records_sent", "handed over", s->records_sent,
			    PFLOW_COUNTER_INFO },
			{ "records_discarded", "dropped before they were sent",
			    s->drops[PFLOW_DROP_discarded].count,
			    PFLOW_COUNTER_DROP } };

		pflowi_report_section(report, lane->word);
		pflowi_report_counter(report, &own[0]);
		pflowi_report_counter(report, &own[1]);
		tell(lane, pflowi_report_counter, report);
	}
}
