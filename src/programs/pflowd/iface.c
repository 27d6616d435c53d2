/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/iface.h"

#include <stdlib.h>
#include <string.h>

#include <pflow/transports.h>

#include "core/time.h"
#include "programs/common/note.h"
#include "programs/pflowd/conf.h"

static int
failed(struct pflowi_problem *problem, int status, const char *text)
{
	return pflowi_problem_set(problem, status, PFLOWI_NOWHERE, "%s", text);
}

int
pflowd_road_open(const struct pflowi_settings *settings,
    const struct pflow_system *system, uint32_t rate, struct pflow_now now,
    struct pflowd_road **road, struct pflowi_problem *problem)
{
	struct pflowi_interface *in;
	struct pflowd_road *r;
	char err[400];
	int status;

	*road = NULL;
	if (!settings->value[PFLOWI_SET_DST].given)
		return PFLOW_OK;
	in = calloc(1, sizeof(*in));
	r = calloc(1, sizeof(*r));
	status = in == NULL || r == NULL
	    ? failed(problem, PFLOW_ERR_NOMEM, "out of memory")
	    : pflowd_settings_check(settings, in, problem);
	if (status == PFLOW_OK) {
		if (settings->value[PFLOWI_SET_RATE].given)
			rate = (uint32_t)settings->value[PFLOWI_SET_RATE]
			    .number;
		else if (!pflowi_interface_is_paced(in))
			rate = 0;
		in->transport.system = system;
		status = pflowi_lanes_open(&r->lanes, in, rate, now, err,
		    sizeof(err));
		if (status != PFLOW_OK) {
			(void)failed(problem, status, err);
			pflowi_lanes_close(&r->lanes);
		} else {
			memcpy(r->dest_word, in->dest_word,
			    sizeof(r->dest_word));
			*road = r;
			r = NULL;
		}
	}
	free(in);
	free(r);
	return status;
}

void
pflowd_road_close(struct pflowd_road *road)
{
	if (road == NULL)
		return;
	pflowi_lanes_close(&road->lanes);
	free(road);
}

void
pflowd_iface_look(struct pflowd_iface *iface, struct pflow_now now)
{
	const struct pflowi_lanes *l;
	uint64_t losses = 0;

	if (iface->road == NULL)
		return;
	l = &iface->road->lanes;
	pflowi_lanes_counters(l, pflowd_fault_add, &losses);
	pflowd_fault_look(&iface->fault, pflowi_lanes_error_text(l), losses,
	    now);
}

void
pflowd_iface_end_road(struct pflowd_iface *iface, struct pflow_now now)
{
	struct pflow_exporter_stats stats;
	struct pflowi_lanes *l;

	if (iface->road == NULL)
		return;
	l = &iface->road->lanes;
	pflowi_lanes_finish(l, now);
	if (!iface->dead)
		(void)pflowi_lanes_turn(l, now, true, true);
	pflowd_iface_look(iface, now);
	pflowi_lanes_abandon(l, now);
	pflowi_lanes_stats(l, &stats);
	pflowi_stats_add(&iface->past, &stats);
	iface->past_offered += l->offered;
	iface->past_overflow += l->overflow;
	pflowd_road_close(iface->road);
	iface->road = NULL;
	iface->dead = false;
}

/** The old road holds what the new one needs, such as a port: end it first,
 *  and come back to it if the new one fails all the same. */
static int
change_the_hard_way(struct pflowd_iface *iface,
    const struct pflowi_settings *settings, struct pflow_now now,
    struct pflowd_road **road, struct pflowi_problem *problem)
{
	struct pflowi_problem ignored;
	int status;

	pflowd_iface_end_road(iface, now);
	status = pflowd_road_open(settings, iface->system, iface->rate, now,
	    road, problem);
	if (status != PFLOW_OK && pflowd_road_open(&iface->settings,
		iface->system, iface->rate, now, &iface->road, &ignored) !=
	    PFLOW_OK)
		pflowi_note("pflow%u: %s", iface->number, ignored.text);
	return status;
}

int
pflowd_iface_change(struct pflowd_iface *iface,
    struct pflowi_settings *settings, struct pflow_now now,
    struct pflowi_problem *problem)
{
	struct pflowi_interface *in;
	struct pflowd_road *road;
	int status;

	if (pflowd_settings_same(&iface->settings, settings)) {
		pflowi_settings_fini(settings);
		return PFLOW_OK;
	}
	in = malloc(sizeof(*in));
	if (in == NULL)
		return failed(problem, PFLOW_ERR_NOMEM, "out of memory");
	status = pflowd_settings_check(settings, in, problem);
	free(in);
	if (status != PFLOW_OK)
		return status;
	status = pflowd_road_open(settings, iface->system, iface->rate, now,
	    &road, problem);
	if (status == PFLOW_ERR_SYSTEM && iface->road != NULL)
		status = change_the_hard_way(iface, settings, now, &road,
		    problem);
	if (status != PFLOW_OK)
		return status;
	pflowd_iface_end_road(iface, now);
	iface->road = road;
	pflowi_settings_fini(&iface->settings);
	iface->settings = *settings;
	memset(settings, 0, sizeof(*settings));
	return PFLOW_OK;
}

void
pflowd_iface_feed(struct pflowd_iface *iface,
    const struct pflow_state *states, size_t count, struct pflow_now data_now,
    struct pflow_now now)
{
	size_t taken;

	iface->states += count;
	if (iface->road == NULL)
		iface->unrouted += count;
	else
		(void)pflowi_lanes_feed(&iface->road->lanes, states, count,
		    false, data_now, now, &taken);
}

void
pflowd_iface_turn(struct pflowd_iface *iface, struct pflow_now now, bool idle)
{
	struct pflowi_lanes *l;

	if (iface->road == NULL || iface->dead)
		return;
	l = &iface->road->lanes;
	if (pflowi_lanes_turn(l, now, iface->ready, idle) ==
	    PFLOW_ERR_SYSTEM) {
		pflowi_note("pflow%u: %s", iface->number,
		    pflowi_lanes_error_text(l));
		iface->dead = true;
	}
	if (iface->dead || pflowd_fault_is_due(&iface->fault, now))
		pflowd_iface_look(iface, now);
	iface->ready = false;
}

bool
pflowd_iface_is_crowded(const struct pflowd_iface *iface, struct pflow_now now)
{
	return iface->road != NULL && !iface->dead &&
	    pflowi_lanes_are_crowded(&iface->road->lanes, now);
}

void
pflowd_iface_stats(const struct pflowd_iface *iface,
    struct pflow_exporter_stats *out)
{
	struct pflow_exporter_stats stats;

	*out = iface->past;
	if (iface->road == NULL)
		return;
	pflowi_lanes_stats(&iface->road->lanes, &stats);
	pflowi_stats_add(out, &stats);
}

uint64_t
pflowd_iface_overflow(const struct pflowd_iface *iface)
{
	return iface->past_overflow +
	    (iface->road == NULL ? 0 : iface->road->lanes.overflow);
}

bool
pflowd_iface_sums_agree(const struct pflowd_iface *iface)
{
	uint64_t offered = iface->past_offered, dropped = 0;
	struct pflow_exporter_stats s;
	unsigned i;

	if (iface->road != NULL)
		offered += iface->road->lanes.offered;
	pflowd_iface_stats(iface, &s);
	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		if (i != PFLOW_DROP_discarded)
			dropped += s.drops[i].count;
	/* Each lane was offered all, or its share. */
	return offered == s.states + pflowd_iface_overflow(iface) &&
	    offered + iface->unrouted >= iface->states &&
	    s.states == s.states_exported + dropped &&
	    s.records == s.records_sent + s.records_waiting +
	    s.drops[PFLOW_DROP_discarded].count;
}

bool
pflowd_iface_is_connected(const struct pflowd_iface *iface)
{
	return iface->road != NULL && !iface->dead &&
	    pflowi_lanes_are_connected(&iface->road->lanes);
}

static void
own_counter(struct pflowi_report *report, const char *name, const char *help,
    uint64_t value, enum pflow_counter_kind kind)
{
	struct pflow_counter c = { name, help, value, kind };

	pflowi_report_counter(report, &c);
}

void
pflowd_iface_counters(const struct pflowd_iface *iface,
    struct pflowi_report *report)
{
	const struct pflowi_lanes *l = iface->road == NULL ? NULL
	    : &iface->road->lanes;
	struct pflow_exporter sum;
	size_t i, queued = 0;

	pflowi_report_section(report, "interface");
	own_counter(report, "offered_states", "states from all sources",
	    iface->states, PFLOW_COUNTER_INFO);
	own_counter(report, "unrouted_states", "no destination was set",
	    iface->unrouted, PFLOW_COUNTER_DROP);
	own_counter(report, "overflow_states", "no room in the queue",
	    pflowd_iface_overflow(iface), PFLOW_COUNTER_DROP);
	memset(&sum, 0, sizeof(sum));
	if (l != NULL)
		sum = l->lane[0].outlet.exporter;
	for (i = 0; l != NULL && i < l->count; i++)
		queued += l->lane[i].outlet.exporter.queue_len;
	pflowd_iface_stats(iface, &sum.stats);
	own_counter(report, "queued_messages", "sealed, not yet sent",
	    queued, PFLOW_COUNTER_GAUGE);
	pflowi_report_section(report, "exporter");
	pflow_exporter_counters(&sum, pflowi_report_counter, report);
	pflowi_report_section(report, "transport");
	if (l == NULL)
		return;
	pflowi_lanes_counters(l, pflowi_report_counter, report);
	pflowi_lanes_report(l, report);
}
