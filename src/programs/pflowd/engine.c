/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/engine.h"

#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "programs/common/note.h"

/** States of one pump: keeps a turn well under a hold. */
#define BUDGET 1024

/** How soon a recording that is held up looks again. */
#define HELD_NS UINT64_C(2000000)

void
pflowd_engine_init(struct pflowd_engine *e)
{
	memset(e, 0, sizeof(*e));
}

const struct pflow_system *
pflowd_engine_system(const struct pflowd_engine *e)
{
	return e->helper == NULL ? NULL : &e->helper->system;
}

static void
iface_free(struct pflowd_iface *iface)
{
	pflowd_road_close(iface->road);
	pflowi_settings_fini(&iface->settings);
	free(iface);
}

static void
source_free(struct pflowd_source *s)
{
	if (s->source != NULL)
		s->source->ops->close(s->source);
	pflowi_settings_fini(&s->settings);
	free(s->word);
	free(s);
}

void
pflowd_engine_fini(struct pflowd_engine *e)
{
	size_t i;

	for (i = 0; i < e->iface_count; i++)
		iface_free(e->ifaces[i]);
	for (i = 0; i < e->source_count; i++)
		source_free(e->sources[i]);
	free(e->ifaces);
	free(e->sources);
	pflowi_about_fini(&e->about);
	memset(e, 0, sizeof(*e));
}

struct pflowd_iface *
pflowd_engine_find(const struct pflowd_engine *e, unsigned number)
{
	size_t i;

	for (i = 0; i < e->iface_count; i++)
		if (e->ifaces[i]->number == number)
			return e->ifaces[i];
	return NULL;
}

struct pflowd_iface *
pflowd_engine_create(struct pflowd_engine *e)
{
	struct pflowd_iface **more, *iface;
	size_t at = 0;

	/* They stand in order: the first gap is the lowest number. */
	while (at < e->iface_count && e->ifaces[at]->number == at)
		at++;
	if (at >= PFLOWD_IFACES_MAX)
		return NULL;
	more = realloc(e->ifaces, (e->iface_count + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	e->ifaces = more;
	iface = calloc(1, sizeof(*iface));
	if (iface == NULL)
		return NULL;
	iface->number = (unsigned)at;
	iface->system = pflowd_engine_system(e);
	pflowi_settings_init(&iface->settings);
	memmove(more + at + 1, more + at,
	    (e->iface_count - at) * sizeof(*more));
	more[at] = iface;
	e->iface_count++;
	return iface;
}

void
pflowd_engine_destroy(struct pflowd_engine *e, struct pflowd_iface *iface)
{
	size_t i;

	pflowd_iface_end_road(iface, e->now);
	for (i = 0; e->ifaces[i] != iface; i++)
		;
	memmove(e->ifaces + i, e->ifaces + i + 1,
	    (e->iface_count - i - 1) * sizeof(*e->ifaces));
	e->iface_count--;
	iface_free(iface);
}

static void
account(struct pflowd_source *s, const struct pflow_state *states,
    size_t count)
{
	size_t i;

	s->states += count;
	for (i = 0; i < count; i++) {
		s->packets += states[i].packets[PFLOW_FORWARD] +
		    states[i].packets[PFLOW_REVERSE];
		s->octets += states[i].octets[PFLOW_FORWARD] +
		    states[i].octets[PFLOW_REVERSE];
	}
}

/** A pflow_sink_fn: everyone takes everything. */
static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now data_now, size_t *taken)
{
	struct pflowd_engine *e = arg;
	size_t i;

	e->feeding->recording = data_now.mono_ns != e->now.mono_ns;
	/* Several clocks cannot be one: then all live by the machine's. */
	if (e->source_count > 1)
		data_now = e->now;
	for (i = 0; i < e->iface_count; i++)
		pflowd_iface_feed(e->ifaces[i], states, count, data_now,
		    e->now);
	account(e->feeding, states, count);
	*taken = count;
	return PFLOW_OK;
}

/** What sources know beside their states, to those who want it. */
static void
tell_all(struct pflowd_engine *e, bool now)
{
	size_t i;

	if (now || e->now.mono_ns >= e->about.due_ns) {
		pflowi_about_begin(&e->about, e->now);
		for (i = 0; i < e->source_count; i++)
			pflowi_about_source(&e->about, e->sources[i]->source);
		pflowi_about_end(&e->about);
	}
	for (i = 0; i < e->iface_count; i++)
		if (e->ifaces[i]->road != NULL)
			pflowi_lanes_tell(&e->ifaces[i]->road->lanes,
			    &e->about, e->now);
}

static void
finish_all(struct pflowd_engine *e)
{
	size_t i;

	tell_all(e, true);
	for (i = 0; i < e->iface_count; i++)
		if (e->ifaces[i]->road != NULL)
			pflowi_lanes_finish(&e->ifaces[i]->road->lanes,
			    e->now);
}

void
pflowd_source_look(struct pflowd_source *s, struct pflow_now now)
{
	pflowd_fault_look(&s->fault, s->source->ops->error_text(s->source), 0,
	    now);
}

static void
pump(struct pflowd_engine *e, struct pflowd_source *s)
{
	int status;

	e->feeding = s;
	status = s->source->ops->pump(s->source, e->now, BUDGET, sink, e);
	s->more = status == PFLOW_MORE;
	s->ready = false;
	if (status < 0 || pflowd_fault_is_due(&s->fault, e->now))
		pflowd_source_look(s, e->now);
	if (status >= 0 || status == PFLOW_ERR_AGAIN)
		return;
	s->ended = true;
	finish_all(e);
	if (status == PFLOW_EOF)
		pflowi_note("source %s: read to its end", s->word);
	else
		pflowi_note("source %s: %s", s->word,
		    s->source->ops->error_text(s->source));
}

static void
own_counter(struct pflowi_report *report, const char *name, const char *help,
    uint64_t value)
{
	struct pflow_counter c = { name, help, value, PFLOW_COUNTER_INFO };

	pflowi_report_counter(report, &c);
}

void
pflowd_source_counters(const struct pflowd_source *s,
    struct pflowi_report *report)
{
	pflowi_report_section(report, "source");
	own_counter(report, "given_states", "states given to the interfaces",
	    s->states);
	own_counter(report, "given_packets", "packets in them, both ways",
	    s->packets);
	own_counter(report, "given_octets", "octets in them, both ways",
	    s->octets);
	if (s->source->ops->counters != NULL)
		s->source->ops->counters(s->source, pflowi_report_counter,
		    report);
}

void
pflowd_source_want(const struct pflowd_source *s, struct pflow_want *want)
{
	want->fd = -1;
	want->events = 0;
	want->deadline_ns = PFLOW_NEVER;
	if (s->ended || s->held)
		return;
	s->source->ops->want(s->source, want);
	if (s->more)
		want->deadline_ns = 0;
}

static bool
any_crowded(const struct pflowd_engine *e)
{
	size_t i;

	for (i = 0; i < e->iface_count; i++)
		if (pflowd_iface_is_crowded(e->ifaces[i], e->now))
			return true;
	return false;
}

static void
pump_all(struct pflowd_engine *e, bool *idle)
{
	bool crowded = any_crowded(e);
	size_t i;

	*idle = true;
	for (i = 0; i < e->source_count; i++) {
		struct pflowd_source *s = e->sources[i];
		struct pflow_want want;

		if (s->ended)
			continue;
		s->held = s->recording && crowded;
		pflowd_source_want(s, &want);
		if (!s->held && (s->ready || e->stop_at_ns != 0 ||
			want.deadline_ns <= e->now.mono_ns))
			pump(e, s);
		if (s->held || s->more)
			*idle = false;
	}
}

/** @return true: everything was handed over, or time is over */
static bool
is_over(const struct pflowd_engine *e)
{
	size_t i;

	if (e->now.mono_ns >= e->stop_at_ns)
		return true;
	if (!e->flushed)
		return false;
	for (i = 0; i < e->iface_count; i++)
		if (e->ifaces[i]->road != NULL && !e->ifaces[i]->dead &&
		    pflowi_lanes_has_pending(&e->ifaces[i]->road->lanes))
			return false;
	return true;
}

/** Sources that gave all they had have ended, even without saying so. */
static bool
are_drained(struct pflowd_engine *e)
{
	size_t i;

	for (i = 0; i < e->source_count; i++)
		if (!e->sources[i]->ended &&
		    (e->sources[i]->more || e->sources[i]->held))
			return false;
	for (i = 0; i < e->source_count; i++)
		e->sources[i]->ended = true;
	return true;
}

bool
pflowd_engine_turn(struct pflowd_engine *e, struct pflow_now now)
{
	bool idle;
	size_t i;

	e->now = now;
	tell_all(e, false);
	pump_all(e, &idle);
	if (e->stop_at_ns != 0 && !e->flushed && are_drained(e)) {
		finish_all(e);
		e->flushed = true;
	}
	for (i = 0; i < e->iface_count; i++)
		pflowd_iface_turn(e->ifaces[i], now, idle);
	if (e->stop_at_ns == 0 || !is_over(e))
		return true;
	for (i = 0; i < e->iface_count; i++)
		pflowd_iface_end_road(e->ifaces[i], now);
	return false;
}

uint64_t
pflowd_engine_due(const struct pflowd_engine *e)
{
	const struct pflowi_lanes *lanes;
	uint64_t due = PFLOW_NEVER;
	struct pflow_want want;
	size_t i, k;

	for (i = 0; i < e->source_count; i++) {
		pflowd_source_want(e->sources[i], &want);
		due = pflowi_min_u64(due, want.deadline_ns);
		if (e->sources[i]->held && !e->sources[i]->ended)
			due = pflowi_min_u64(due, e->now.mono_ns + HELD_NS);
	}
	for (i = 0; i < e->iface_count; i++) {
		if (e->ifaces[i]->road == NULL || e->ifaces[i]->dead)
			continue;
		lanes = &e->ifaces[i]->road->lanes;
		for (k = 0; k < lanes->count; k++) {
			pflowi_lanes_want(lanes, k, e->now, &want);
			due = pflowi_min_u64(due, want.deadline_ns);
		}
	}
	return due;
}

void
pflowd_engine_stop(struct pflowd_engine *e, struct pflow_now now)
{
	size_t i;

	if (e->stop_at_ns != 0)
		return;
	e->stop_at_ns = pflowi_time_add(now.mono_ns, PFLOWD_STOP_NS);
	for (i = 0; i < e->source_count; i++) {
		struct pflowd_source *s = e->sources[i];

		if (s->ended)
			continue;
		if (s->source->ops->finish == NULL) {
			s->ended = true;
		} else {
			s->source->ops->finish(s->source, now);
			s->more = true;
		}
	}
}
