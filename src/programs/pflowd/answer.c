/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programs/common/words.h"

#define ANSWER_LEN (2 * PFLOWD_LINE_LEN)

/** A line "= WORD ..." that grows. */
struct row {
	char text[ANSWER_LEN];
	size_t at;
};

static void
row_begin(struct row *row, const char *word)
{
	row->at = 0;
	(void)pflowi_words_append(row->text, sizeof(row->text), &row->at, "=");
	(void)pflowi_words_append(row->text, sizeof(row->text), &row->at,
	    word);
}

static void
row_add(struct row *row, const char *word)
{
	(void)pflowi_words_append(row->text, sizeof(row->text), &row->at,
	    word);
}

static void
row_end(struct row *row, struct evbuffer *out)
{
	(void)evbuffer_add_printf(out, "%s\n", row->text);
}

static void
row_number(struct row *row, uint64_t value)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%" PRIu64, value);
	row_add(row, number);
}

static void
row_name(struct row *row, unsigned number)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "pflow%u", number);
	row_add(row, name);
}

static void
refuse(struct evbuffer *out, const char *kind, const char *text)
{
	struct row row;

	row.at = 0;
	row_add(&row, "error");
	row_add(&row, kind);
	row_add(&row, text);
	row_end(&row, out);
}

/** = interface pflowN VERSION DOMAIN SRC DST connected|disconnected SETTINGS,
 *  empty words where nothing is set. */
static void
list_one(const struct pflowd_iface *iface, struct evbuffer *out)
{
	const struct pflowi_settings *s = &iface->settings;
	char number[24], line[PFLOWD_LINE_LEN];
	const char *src = s->value[PFLOWI_SET_SRC].text;
	struct row row;

	row_begin(&row, "interface");
	row_name(&row, iface->number);
	(void)snprintf(number, sizeof(number), "%u", pflowd_version(s));
	row_add(&row, number);
	(void)snprintf(number, sizeof(number), "%" PRIu64,
	    s->value[PFLOWI_SET_DOMAIN].number);
	row_add(&row, number);
	row_add(&row, src == NULL ? "" : src);
	row_add(&row, iface->road == NULL ? "" : iface->road->dest_word);
	row_add(&row, pflowd_iface_is_connected(iface) ? "connected"
	    : "disconnected");
	(void)pflowi_settings_print(s, line, sizeof(line));
	row_add(&row, line);
	row_end(&row, out);
}

static void
stats_rows(const struct pflowi_report *report, struct evbuffer *out)
{
	static const char *const kinds[] = { [PFLOW_COUNTER_INFO] = "info",
		[PFLOW_COUNTER_DROP] = "drop", [PFLOW_COUNTER_GAUGE] =
		"gauge" };
	const char *section = NULL;
	char number[24];
	struct row row;
	size_t i;

	for (i = 0; i < report->count; i++) {
		const struct pflowi_row *r = &report->rows[i];

		if (section == NULL || strcmp(section, r->section) != 0) {
			section = r->section;
			row_begin(&row, "section");
			row_add(&row, section);
			row_end(&row, out);
		}
		row_begin(&row, "counter");
		row_add(&row, r->name);
		(void)snprintf(number, sizeof(number), "%" PRIu64, r->value);
		row_add(&row, number);
		row_add(&row, kinds[r->counter]);
		row_add(&row, r->text == NULL ? "" : r->text);
		row_end(&row, out);
	}
}

/** = stats pflowN DEST LAST-ERROR WHEN, then its counters. */
static void
stats_of_iface(struct pflowd_iface *iface, struct pflow_now now,
    struct evbuffer *out)
{
	struct pflowi_report report;
	struct row row;

	pflowd_iface_look(iface, now);
	row_begin(&row, "stats");
	row_name(&row, iface->number);
	row_add(&row, iface->road == NULL ? "" : iface->road->dest_word);
	row_add(&row, iface->fault.text);
	row_number(&row, iface->fault.at_ns);
	row_end(&row, out);
	pflowi_report_init(&report);
	pflowd_iface_counters(iface, &report);
	stats_rows(&report, out);
	pflowi_report_fini(&report);
}

/** = source WORD STATES running|ended LAST-ERROR WHEN PACKETS OCTETS, then its
 *  counters. */
static void
stats_of_source(struct pflowd_source *s, struct pflow_now now,
    struct evbuffer *out)
{
	struct pflowi_report report;
	struct row row;

	pflowd_source_look(s, now);
	row_begin(&row, "source");
	row_add(&row, s->word);
	row_number(&row, s->states);
	row_add(&row, s->ended ? "ended" : "running");
	row_add(&row, s->fault.text);
	row_number(&row, s->fault.at_ns);
	row_number(&row, s->packets);
	row_number(&row, s->octets);
	row_end(&row, out);
	pflowi_report_init(&report);
	pflowd_source_counters(s, &report);
	stats_rows(&report, out);
	pflowi_report_fini(&report);
}

static int
set(const struct pflowd_engine *e, struct pflowd_iface *iface,
    const struct pflowd_request *r, struct pflow_now now,
    struct evbuffer *out)
{
	struct pflowi_settings merged;
	struct pflowi_problem problem;
	int status = pflowd_settings_copy(&merged, &iface->settings);

	if (status != PFLOW_OK) {
		refuse(out, "failed", "out of memory");
		return status;
	}
	status = pflowd_settings_merge(&merged, &r->settings);
	if (status != PFLOW_OK)
		(void)pflowi_problem_set(&problem, status, PFLOWI_NOWHERE,
		    "out of memory");
	else if (e->sealed && merged.value[PFLOWI_SET_SPOOL].given)
		status = pflowi_problem_set(&problem, PFLOW_ERR_UNSUPPORTED,
		    PFLOWI_NOWHERE, PFLOWD_SPOOL_SEALED);
	if (status == PFLOW_OK)
		status = pflowd_iface_change(iface, &merged, now, &problem);
	pflowi_settings_fini(&merged);
	if (status != PFLOW_OK)
		refuse(out, status == PFLOW_ERR_SYSTEM ||
		    status == PFLOW_ERR_NOMEM ? "failed" : "invalid",
		    problem.text);
	return status;
}

/** = clock MONO WALL: what rates are made of. */
static void
clock_row(struct pflow_now now, struct evbuffer *out)
{
	struct row row;

	row_begin(&row, "clock");
	row_number(&row, now.mono_ns);
	row_number(&row, now.wall_ns);
	row_end(&row, out);
}

/** What may name one interface or mean all of them. */
static void
each(struct pflowd_engine *e, const struct pflowd_request *r,
    struct pflow_now now, struct evbuffer *out)
{
	size_t i;

	if (r->verb == PFLOWD_STATS)
		clock_row(now, out);
	for (i = 0; i < e->iface_count; i++) {
		struct pflowd_iface *iface = e->ifaces[i];
		struct pflowi_lanes *l = iface->road == NULL ? NULL
		    : &iface->road->lanes;

		if (r->named && iface->number != r->number)
			continue;
		if (r->verb == PFLOWD_LIST)
			list_one(iface, out);
		else if (r->verb == PFLOWD_STATS)
			stats_of_iface(iface, now, out);
		else if (r->verb == PFLOWD_FLUSH && l != NULL)
			pflowi_lanes_flush(l, now);
		else if (r->verb == PFLOWD_TEMPLATE && l != NULL)
			pflowi_lanes_refresh(l);
	}
	for (i = 0; i < e->source_count; i++)
		if (r->verb == PFLOWD_STATS && !r->named)
			stats_of_source(e->sources[i], now, out);
}

/** @return PFLOW_OK, or the answer was given */
static int
create(struct pflowd_engine *e, struct evbuffer *out)
{
	struct pflowd_iface *iface = pflowd_engine_create(e);
	struct row row;

	if (iface == NULL) {
		refuse(out, "full", "no number is free");
		return PFLOW_ERR_NOSPACE;
	}
	row_begin(&row, "created");
	row_name(&row, iface->number);
	row_end(&row, out);
	return PFLOW_OK;
}

static int
execute(struct pflowd_engine *e, const struct pflowd_request *r,
    struct pflow_now now, struct evbuffer *out)
{
	struct pflowd_iface *iface = NULL;

	if (r->named) {
		iface = pflowd_engine_find(e, r->number);
		if (iface == NULL) {
			refuse(out, "notfound", "no such interface");
			return PFLOW_ERR_NOTFOUND;
		}
	}
	switch (r->verb) {
	case PFLOWD_CREATE:
		return create(e, out);
	case PFLOWD_DESTROY:
		pflowd_engine_destroy(e, iface);
		return PFLOW_OK;
	case PFLOWD_SET:
		return set(e, iface, r, now, out);
	default:
		each(e, r, now, out);
		return PFLOW_OK;
	}
}

bool
pflowd_answer(struct pflowd_engine *e, char *line, enum pflowd_right right,
    struct pflow_now now, struct evbuffer *out)
{
	struct pflowi_problem problem;
	struct pflowd_request request;
	bool done = false;

	if (pflowd_request_parse(line, &request, &problem) != PFLOW_OK) {
		refuse(out, "invalid", problem.text);
		return false;
	}
	e->now = now;
	if (right < pflowd_request_right(&request))
		refuse(out, "denied", pflowd_request_denial(&request));
	else
		done = execute(e, &request, now, out) == PFLOW_OK;
	if (done)
		(void)evbuffer_add_printf(out, "ok\n");
	pflowd_request_fini(&request);
	return done;
}
