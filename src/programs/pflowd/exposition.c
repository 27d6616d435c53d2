/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/version.h>

#include "core/port.h"
#include "programs/common/report.h"

#define NAME_LEN 72
#define REASON_LEN 40

/** One line to be. */
struct sample {
	char name[NAME_LEN];
	char reason[REASON_LEN]; /**< "": none */
	const char *help;	 /**< of drops: as the counter has it */
	uint64_t value;
	uint32_t owner;		 /**< index of an interface, then of sources */
	bool gauge;
	bool drop;
	bool millis;		 /**< value is in thousandths */
};

struct page {
	const struct pflowd_engine *engine;
	struct sample *samples; /**< owned */
	size_t count;
	size_t room;
	bool failed;
};

static void
add(struct page *p, const struct sample *s)
{
	if (p->count == p->room) {
		size_t room = p->room == 0 ? 256 : 2 * p->room;
		struct sample *more = realloc(p->samples,
		    room * sizeof(*more));

		if (more == NULL) {
			p->failed = true;
			return;
		}
		p->samples = more;
		p->room = room;
	}
	p->samples[p->count++] = *s;
}

/** Base units: octets are bytes. In place. */
static void
base_units(char *name)
{
	static const char octets[] = "octets", bytes[] = "bytes";
	char *at = strstr(name, octets);

	if (at == NULL)
		return;
	memmove(at + sizeof(bytes) - 1, at + sizeof(octets) - 1,
	    strlen(at + sizeof(octets) - 1) + 1);
	memcpy(at, bytes, sizeof(bytes) - 1);
}

/** The unit that a name ends in, with its '_'; "" if that is none. */
static const char *
unit_of(const char *name)
{
	static const char *const units[] = { "_states", "_records",
		"_packets", "_octets", "_frames", "_messages", "_events" };
	const char *end = strrchr(name, '_');
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(units) && end != NULL; i++)
		if (strcmp(end, units[i]) == 0)
			return end;
	return "";
}

/**
 * [dropped_]REASON[_UNIT] becomes dropped[_UNIT] and a reason, so that drops
 * of one unit are one metric.
 */
static void
name_drop(struct sample *s, const char *prefix, const char *counter)
{
	static const char dropped[] = "dropped_";
	const char *unit;

	if (strncmp(counter, dropped, sizeof(dropped) - 1) == 0)
		counter += sizeof(dropped) - 1;
	unit = unit_of(counter);
	(void)snprintf(s->reason, sizeof(s->reason), "%.*s",
	    (int)(strlen(counter) - strlen(unit)), counter);
	(void)snprintf(s->name, sizeof(s->name), "pflow_%sdropped%s_total",
	    prefix, unit);
}

/** A row of a report. */
static void
add_row(struct page *p, uint32_t owner, const struct pflowi_row *row)
{
	struct sample s;
	char prefix[16] = "";

	/* One of several dst: what matters is in the sums. */
	if (strchr(row->section, ':') != NULL)
		return;
	memset(&s, 0, sizeof(s));
	/* What belongs to the interface itself needs no more words. */
	if (strcmp(row->section, "exporter") != 0 &&
	    strcmp(row->section, "interface") != 0)
		(void)snprintf(prefix, sizeof(prefix), "%s_", row->section);
	s.help = row->text;
	s.value = row->value;
	s.owner = owner;
	s.gauge = row->counter == PFLOW_COUNTER_GAUGE;
	s.drop = row->counter == PFLOW_COUNTER_DROP;
	if (s.drop)
		name_drop(&s, prefix, row->name);
	else
		(void)snprintf(s.name, sizeof(s.name), "pflow_%s%s%s", prefix,
		    row->name, s.gauge ? "" : "_total");
	base_units(s.name);
	add(p, &s);
}

static void
add_report(struct page *p, uint32_t owner, const struct pflowi_report *r)
{
	size_t i;

	p->failed |= r->failed;
	for (i = 0; i < r->count; i++)
		if (r->rows[i].kind == PFLOWI_ROW_COUNTER)
			add_row(p, owner, &r->rows[i]);
}

static void
add_own(struct page *p, uint32_t owner, const char *name, const char *help,
    uint64_t value)
{
	struct sample s;

	memset(&s, 0, sizeof(s));
	(void)snprintf(s.name, sizeof(s.name), "%s", name);
	s.help = help;
	s.value = value;
	s.owner = owner;
	s.gauge = true;
	add(p, &s);
}

static void
add_error_time(struct page *p, uint32_t owner, const char *name,
    const struct pflowd_fault *fault)
{
	if (fault->at_ns == 0)
		return;
	add_own(p, owner, name, "when the last error was",
	    fault->at_ns / 1000000);
	if (!p->failed)
		p->samples[p->count - 1].millis = true;
}

static void
add_iface(struct page *p, uint32_t owner, const struct pflowd_iface *iface)
{
	struct pflowi_report r;

	pflowi_report_init(&r);
	pflowd_iface_counters(iface, &r);
	add_report(p, owner, &r);
	pflowi_report_fini(&r);
	add_own(p, owner, "pflow_interface_connected",
	    "1: there is a session, or a socket",
	    pflowd_iface_is_connected(iface));
	add_error_time(p, owner, "pflow_interface_last_error_timestamp_seconds",
	    &iface->fault);
}

static void
add_source(struct page *p, uint32_t owner, const struct pflowd_source *s)
{
	struct pflowi_report r;

	pflowi_report_init(&r);
	pflowd_source_counters(s, &r);
	add_report(p, owner, &r);
	pflowi_report_fini(&r);
	add_own(p, owner, "pflow_source_running", "0: it ended", !s->ended);
	add_error_time(p, owner, "pflow_source_last_error_timestamp_seconds",
	    &s->fault);
}

static int
compare(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = x->owner < y->owner ? -1 : x->owner > y->owner;
	return order != 0 ? order : strcmp(x->reason, y->reason);
}

/** A label's value: what is not plain text becomes '?'. */
static void
put_value(struct evbuffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			(void)evbuffer_add(out, "\\", 1);
		(void)evbuffer_add(out,
		    *text >= ' ' && *text <= '~' ? text : "?", 1);
	}
}

static void
put_sample(const struct page *p, const struct sample *s, struct evbuffer *out)
{
	const struct pflowd_engine *e = p->engine;

	if (s->owner < e->iface_count) {
		(void)evbuffer_add_printf(out, "%s{interface=\"pflow%u",
		    s->name, e->ifaces[s->owner]->number);
	} else {
		(void)evbuffer_add_printf(out, "%s{source=\"", s->name);
		put_value(out, e->sources[s->owner - e->iface_count]->word);
	}
	if (s->reason[0] != '\0')
		(void)evbuffer_add_printf(out, "\",reason=\"%s", s->reason);
	if (s->millis)
		(void)evbuffer_add_printf(out, "\"} %" PRIu64 ".%03u\n",
		    s->value / 1000, (unsigned)(s->value % 1000));
	else
		(void)evbuffer_add_printf(out, "\"} %" PRIu64 "\n", s->value);
}

static void
put_samples(const struct page *p, struct evbuffer *out)
{
	const char *name = "";
	size_t i;

	for (i = 0; i < p->count; i++) {
		const struct sample *s = &p->samples[i];

		if (strcmp(s->name, name) != 0)
			(void)evbuffer_add_printf(out, "# HELP %s %s\n"
			    "# TYPE %s %s\n", s->name, s->drop
			    ? "not exported, by reason" : s->help, s->name,
			    s->gauge ? "gauge" : "counter");
		name = s->name;
		put_sample(p, s, out);
	}
}

static void
put_infos(const struct pflowd_engine *e, struct evbuffer *out)
{
	size_t i;

	(void)evbuffer_add_printf(out,
	    "# HELP pflow_build_info the version that runs\n"
	    "# TYPE pflow_build_info gauge\n"
	    "pflow_build_info{version=\"%s\"} 1\n"
	    "# HELP pflow_interface_info what an interface is set to\n"
	    "# TYPE pflow_interface_info gauge\n",
	    pflow_library_version());
	for (i = 0; i < e->iface_count; i++) {
		const struct pflowd_iface *iface = e->ifaces[i];

		(void)evbuffer_add_printf(out, "pflow_interface_info{"
		    "interface=\"pflow%u\",version=\"%u\",dst=\"",
		    iface->number, pflowd_version(&iface->settings));
		put_value(out, iface->road == NULL ? ""
		    : iface->road->dest_word);
		(void)evbuffer_add_printf(out, "\"} 1\n");
	}
}

int
pflowd_exposition_write(const struct pflowd_engine *e, struct evbuffer *out)
{
	struct page p = { .engine = e };
	uint32_t owner = 0;
	size_t i;

	for (i = 0; i < e->iface_count; i++)
		add_iface(&p, owner++, e->ifaces[i]);
	for (i = 0; i < e->source_count; i++)
		add_source(&p, owner++, e->sources[i]);
	if (!p.failed) {
		if (p.count > 0)
			qsort(p.samples, p.count, sizeof(*p.samples), compare);
		put_infos(e, out);
		put_samples(&p, out);
	}
	free(p.samples);
	return p.failed ? PFLOW_ERR_NOMEM : PFLOW_OK;
}
