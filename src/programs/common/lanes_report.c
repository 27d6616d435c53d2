/* SPDX-License-Identifier: ISC */
/* Counters of several transports: as if they were one, and each by itself. */
#include "programs/common/lanes.h"

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
	struct pflowi_sum sum = { .count = 0 };
	size_t i;

	for (i = 0; i < l->count; i++)
		tell(&l->lane[i], pflowi_sum_add, &sum);
	pflowi_sum_tell(&sum, fn, arg);
}

/** One dst, with all that go there. */
static void
report_one(pflowi_lanes_fn *next, const void *arg, size_t i,
    struct pflowi_report *report)
{
	struct pflow_counter own[] = {
		{ "records_sent", "handed over", 0, PFLOW_COUNTER_INFO },
		{ "records_discarded", "dropped before they were sent", 0,
		    PFLOW_COUNTER_DROP } };
	struct pflowi_sum sum = { .count = 0 };
	const struct pflowi_lanes *l;
	size_t k;

	for (k = 0; (l = next(arg, k)) != NULL; k++) {
		const struct pflow_exporter_stats *s =
		    pflowi_outlet_stats(&l->lane[i].outlet);

		own[0].value += s->records_sent;
		own[1].value += s->drops[PFLOW_DROP_discarded].count;
		tell(&l->lane[i], pflowi_sum_add, &sum);
	}
	pflowi_report_section(report, next(arg, 0)->lane[i].word);
	pflowi_report_counter(report, &own[0]);
	pflowi_report_counter(report, &own[1]);
	pflowi_sum_tell(&sum, pflowi_report_counter, report);
}

void
pflowi_lanes_report_all(pflowi_lanes_fn *next, const void *arg,
    struct pflowi_report *report)
{
	size_t i, count = next(arg, 0)->count;

	for (i = 0; i < count && count > 1; i++)
		report_one(next, arg, i, report);
}

static const struct pflowi_lanes *
only(const void *arg, size_t k)
{
	return k == 0 ? arg : NULL;
}

void
pflowi_lanes_report(const struct pflowi_lanes *l, struct pflowi_report *report)
{
	pflowi_lanes_report_all(only, l, report);
}
