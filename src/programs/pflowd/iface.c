/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/iface.h"

#include <stdlib.h>
#include <string.h>

#include <pflow/transports.h>

#include "core/time.h"
#include "programs/common/note.h"
#include "programs/pflowd/conf.h"

/** A transport that moved nothing for so long holds no recording up. */
#define MOVES_NS UINT64_C(1000000000)

unsigned
pflowd_version(const struct pflowi_settings *settings)
{
	const struct pflowi_value *dst = &settings->value[PFLOWI_SET_DST];
	const struct pflowi_value *proto = &settings->value[PFLOWI_SET_PROTO];

	if (proto->given)
		return (unsigned)proto->number;
	return dst->given && strncmp(dst->text, "udp:", 4) != 0 ? 10 : 5;
}

/**
 * The settings as the exporter takes them. As in pflowctl(8), a domain may be
 * set before the version that has one; v5 leaves it aside.
 */
static struct pflowi_settings
effective(const struct pflowi_settings *settings)
{
	struct pflowi_settings s = *settings;

	if (pflowd_version(settings) == 5)
		s.value[PFLOWI_SET_DOMAIN].given = false;
	return s;
}

int
pflowd_settings_check(const struct pflowi_settings *settings,
    struct pflowi_interface *in, struct pflowi_problem *problem)
{
	struct pflowi_settings s = effective(settings);

	if (!s.value[PFLOWI_SET_DST].given)
		return PFLOW_OK;
	return pflowi_interface_resolve(&s, in, problem);
}

static int
failed(struct pflowi_problem *problem, int status, const char *text)
{
	return pflowi_problem_set(problem, status, PFLOWI_NOWHERE, "%s", text);
}

int
pflowd_road_open(const struct pflowi_settings *settings, uint32_t rate,
    struct pflow_now now, struct pflowd_road **road,
    struct pflowi_problem *problem)
{
	struct pflowi_interface *in;
	struct pflow_transport *t;
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
		status = pflowi_interface_transport(settings, in, &t, err,
		    sizeof(err));
		if (status != PFLOW_OK)
			(void)failed(problem, status, err);
	}
	if (status == PFLOW_OK) {
		if (settings->value[PFLOWI_SET_RATE].given)
			rate = (uint32_t)settings->value[PFLOWI_SET_RATE]
			    .number;
		else if (strcmp(in->dest.kind, "udp") != 0 &&
		    strcmp(in->dest.kind, "dtls") != 0)
			rate = 0;
		status = pflowi_outlet_open(&r->outlet, t, &in->exporter,
		    PFLOWI_OUTLET_MESSAGES, rate, now, err, sizeof(err));
		if (status != PFLOW_OK) {
			(void)failed(problem, status, err);
			pflowi_outlet_close(&r->outlet);
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
	pflowi_outlet_close(&road->outlet);
	free(road);
}

/** Add up: statistics are nothing but uint64_t. */
static void
add_stats(struct pflow_exporter_stats *to,
    const struct pflow_exporter_stats *from)
{
	uint64_t a[sizeof(*to) / sizeof(uint64_t)];
	uint64_t b[sizeof(*to) / sizeof(uint64_t)];
	size_t i;

	memcpy(a, to, sizeof(a));
	memcpy(b, from, sizeof(b));
	for (i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		a[i] += b[i];
	memcpy(to, a, sizeof(a));
}

void
pflowd_iface_look(struct pflowd_iface *iface, struct pflow_now now)
{
	const struct pflow_transport *t;
	uint64_t losses = 0;

	if (iface->road == NULL)
		return;
	t = iface->road->outlet.transport;
	if (t->ops->counters != NULL)
		t->ops->counters(t, pflowd_fault_add, &losses);
	pflowd_fault_look(&iface->fault, t->ops->error_text(t), losses, now);
}

void
pflowd_iface_end_road(struct pflowd_iface *iface, struct pflow_now now)
{
	struct pflowi_outlet *o;

	if (iface->road == NULL)
		return;
	o = &iface->road->outlet;
	pflowi_outlet_finish(o, now);
	if (!iface->dead)
		(void)pflowi_outlet_turn(o, now, true, true);
	pflowd_iface_look(iface, now);
	pflowi_outlet_abandon(o, now);
	add_stats(&iface->past, pflowi_outlet_stats(o));
	pflowd_road_close(iface->road);
	iface->road = NULL;
	iface->dead = false;
	iface->moved = 0;
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
	status = pflowd_road_open(settings, iface->rate, now, road, problem);
	if (status != PFLOW_OK && pflowd_road_open(&iface->settings,
		iface->rate, now, &iface->road, &ignored) != PFLOW_OK)
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
	status = pflowd_road_open(settings, iface->rate, now, &road, problem);
	if (status == PFLOW_ERR_SYSTEM && iface->road != NULL)
		status = change_the_hard_way(iface, settings, now, &road,
		    problem);
	if (status != PFLOW_OK)
		return status;
	pflowd_iface_end_road(iface, now);
	iface->road = road;
	iface->moved_at_ns = now.mono_ns;
	pflowi_settings_fini(&iface->settings);
	iface->settings = *settings;
	memset(settings, 0, sizeof(*settings));
	return PFLOW_OK;
}

/**
 * Make room. A file that took a part of a message must have all of it: there
 * the new states go, not the oldest message.
 *
 * @return false: no room can be made
 */
static bool
make_room(struct pflowi_outlet *o)
{
	if (o->cfg.nature == PFLOW_TRANSPORT_FILE ||
	    !pflowi_outlet_has_pending(o))
		return false;
	pflow_exporter_discard(&o->exporter, 1);
	return true;
}

void
pflowd_iface_feed(struct pflowd_iface *iface,
    const struct pflow_state *states, size_t count, struct pflow_now data_now,
    struct pflow_now now)
{
	struct pflowi_outlet *o;

	iface->states += count;
	if (iface->road == NULL) {
		iface->unrouted += count;
		return;
	}
	o = &iface->road->outlet;
	while (count > 0) {
		size_t taken;
		int status = pflowi_outlet_feed(o, states, count, data_now,
		    now, &taken);

		states += taken;
		count -= taken;
		if (status == PFLOW_OK)
			return;
		if (status != PFLOW_ERR_AGAIN &&
		    status != PFLOW_ERR_CLOSED)
			break;
		if (!make_room(o))
			break;
	}
	iface->overflow += count;
}

void
pflowd_iface_turn(struct pflowd_iface *iface, struct pflow_now now, bool idle)
{
	struct pflowi_outlet *o;

	if (iface->road == NULL || iface->dead)
		return;
	o = &iface->road->outlet;
	if (pflowi_outlet_turn(o, now, iface->ready, idle) ==
	    PFLOW_ERR_SYSTEM) {
		pflowi_note("pflow%u: %s", iface->number,
		    o->transport->ops->error_text(o->transport));
		iface->dead = true;
	}
	if (iface->dead || pflowd_fault_is_due(&iface->fault, now))
		pflowd_iface_look(iface, now);
	iface->ready = false;
	if (o->moved != iface->moved || !pflowi_outlet_has_pending(o)) {
		iface->moved = o->moved;
		iface->moved_at_ns = now.mono_ns;
	}
}

bool
pflowd_iface_is_crowded(const struct pflowd_iface *iface, struct pflow_now now)
{
	const struct pflow_exporter *ex;

	if (iface->road == NULL || iface->dead ||
	    pflowi_time_sub(now.mono_ns, iface->moved_at_ns) > MOVES_NS)
		return false;
	ex = &iface->road->outlet.exporter;
	return ex->slots_free < ex->slot_count / 2;
}

void
pflowd_iface_stats(const struct pflowd_iface *iface,
    struct pflow_exporter_stats *out)
{
	*out = iface->past;
	if (iface->road != NULL)
		add_stats(out, pflowi_outlet_stats(&iface->road->outlet));
}

bool
pflowd_iface_sums_agree(const struct pflowd_iface *iface)
{
	struct pflow_exporter_stats s;
	uint64_t dropped = 0;
	unsigned i;

	pflowd_iface_stats(iface, &s);
	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		if (i != PFLOW_DROP_discarded)
			dropped += s.drops[i].count;
	return iface->states == s.states + iface->unrouted + iface->overflow &&
	    s.states == s.states_exported + dropped &&
	    s.records == s.records_sent + s.records_waiting +
	    s.drops[PFLOW_DROP_discarded].count;
}

bool
pflowd_iface_is_connected(const struct pflowd_iface *iface)
{
	return iface->road != NULL && !iface->dead &&
	    iface->road->outlet.transport->generation != 0;
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
	const struct pflow_transport *t = iface->road == NULL ? NULL
	    : iface->road->outlet.transport;
	struct pflow_exporter sum;

	pflowi_report_section(report, "interface");
	own_counter(report, "offered_states", "states from all sources",
	    iface->states, PFLOW_COUNTER_INFO);
	own_counter(report, "unrouted_states", "no destination was set",
	    iface->unrouted, PFLOW_COUNTER_DROP);
	own_counter(report, "overflow_states", "no room in the queue",
	    iface->overflow, PFLOW_COUNTER_DROP);
	memset(&sum, 0, sizeof(sum));
	if (iface->road != NULL)
		sum = iface->road->outlet.exporter;
	pflowd_iface_stats(iface, &sum.stats);
	own_counter(report, "queued_messages", "sealed, not yet sent",
	    sum.queue_len, PFLOW_COUNTER_GAUGE);
	pflowi_report_section(report, "exporter");
	pflow_exporter_counters(&sum, pflowi_report_counter, report);
	pflowi_report_section(report, "transport");
	if (t != NULL && t->ops->counters != NULL)
		t->ops->counters(t, pflowi_report_counter, report);
}
