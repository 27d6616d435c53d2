/* SPDX-License-Identifier: ISC */
#include "programs/pflowctl/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/report.h"
#include "programs/pflowctl/show.h"

#define NS UINT64_C(1000000000)

/** Lines between two headings. */
#define HEADING_LINES 24

/** The rows of one interface or source, its head first. */
struct block {
	const struct pflowctl_row *rows;
	size_t count;
	bool source;
};

/** What came in one interval. */
struct gain {
	uint64_t flows, packets, octets, messages, drops, queue;
	uint64_t ns; /**< length of the interval */
};

static const char *
name_of(const struct block *b)
{
	return pflowctl_word(&b->rows[0], 1);
}

/** The next block from *at on. @return false: no more */
static bool
next_block(const struct pflowctl_answer *a, size_t *at, struct block *b)
{
	while (*at < a->count && !pflowctl_is_head(&a->rows[*at]))
		(*at)++;
	if (*at == a->count)
		return false;
	b->rows = &a->rows[*at];
	b->count = 1;
	b->source = strcmp(pflowctl_word(b->rows, 0), "source") == 0;
	while (*at + b->count < a->count &&
	    !pflowctl_is_head(&b->rows[b->count]))
		b->count++;
	*at += b->count;
	return true;
}

/** The same interface or source in an earlier answer. */
static bool
find_block(const struct pflowctl_answer *a, const struct block *like,
    struct block *b)
{
	size_t at = 0;

	while (next_block(a, &at, b))
		if (b->source == like->source &&
		    strcmp(name_of(b), name_of(like)) == 0)
			return true;
	return false;
}

/** Value of a counter; 0 if there is none. */
static uint64_t
value_of(const struct block *b, const char *section, const char *name)
{
	const char *in = "";
	size_t i;

	for (i = 1; i < b->count; i++) {
		const struct pflowctl_row *row = &b->rows[i];

		if (strcmp(pflowctl_word(row, 0), "section") == 0)
			in = pflowctl_word(row, 1);
		else if (strcmp(in, section) == 0 &&
		    strcmp(pflowctl_word(row, 1), name) == 0)
			return pflowctl_number(pflowctl_word(row, 2));
	}
	return 0;
}

/** What a counter rose by; one that fell began anew. */
static uint64_t
rise(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

static uint64_t
counter_rise(const struct block *b, const struct block *old,
    const char *section, const char *name)
{
	return rise(value_of(b, section, name),
	    old == NULL ? 0 : value_of(old, section, name));
}

static uint64_t
head_rise(const struct block *b, const struct block *old, size_t word)
{
	return rise(pflowctl_number(pflowctl_word(&b->rows[0], word)),
	    old == NULL ? 0
	    : pflowctl_number(pflowctl_word(&old->rows[0], word)));
}

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len >= n && strcmp(name + len - n, end) == 0;
}

/** Does this row count things that were dropped, once each? Packets and octets
 *  of dropped states stand beside their number. */
static bool
is_drop(const struct pflowctl_row *row, const char *section)
{
	const char *name = pflowctl_word(row, 1);

	if (strcmp(pflowctl_word(row, 0), "counter") != 0 ||
	    strcmp(pflowctl_word(row, 3), "drop") != 0 ||
	    ends_with(name, "_octets"))
		return false;
	return strcmp(section, "exporter") != 0 || !ends_with(name, "_packets");
}

typedef void drop_fn(void *arg, const struct block *b,
    const struct pflowctl_row *row, uint64_t rose);

/** Every reason that something was dropped for in the interval. */
static void
each_drop(const struct block *b, const struct block *old, drop_fn *fn,
    void *arg)
{
	const char *section = "";
	size_t i;

	for (i = 1; i < b->count; i++) {
		const struct pflowctl_row *row = &b->rows[i];
		uint64_t rose;

		if (strcmp(pflowctl_word(row, 0), "section") == 0)
			section = pflowctl_word(row, 1);
		if (!is_drop(row, section))
			continue;
		rose = counter_rise(b, old, section, pflowctl_word(row, 1));
		if (rose != 0)
			fn(arg, b, row, rose);
	}
}

static void
add_drop(void *arg, const struct block *b, const struct pflowctl_row *row,
    uint64_t rose)
{
	uint64_t *sum = arg;

	(void)b;
	(void)row;
	*sum += rose;
}

static void
measure(struct gain *g, const struct block *b, const struct block *old)
{
	uint64_t ns = g->ns;

	memset(g, 0, sizeof(*g));
	g->ns = ns;
	each_drop(b, old, add_drop, &g->drops);
	if (b->source) {
		g->flows = head_rise(b, old, 2);
		g->packets = head_rise(b, old, 6);
		g->octets = head_rise(b, old, 7);
		return;
	}
	g->flows = counter_rise(b, old, "exporter", "records");
	g->packets = counter_rise(b, old, "exporter", "packets");
	g->octets = counter_rise(b, old, "exporter", "octets");
	g->messages = counter_rise(b, old, "exporter", "messages_sent");
	g->queue = value_of(b, "interface", "queued_messages");
}

/** A rate, in thousandths a second. */
static uint64_t
rate(uint64_t rose, uint64_t ns)
{
	uint64_t ms = ns / 1000000 == 0 ? 1 : ns / 1000000;

	return rose > UINT64_MAX / 1000000 ? rose / ms * 1000000
	    : rose * 1000000 / ms;
}

/** One decimal where numbers are small enough for it to matter. */
static void
put_rate(uint64_t rose, uint64_t ns, int width)
{
	uint64_t r = rate(rose, ns);

	if (r < 1000000)
		(void)printf(" %*" PRIu64 ".%" PRIu64, width - 2, r / 1000,
		    r % 1000 / 100);
	else
		(void)printf(" %*" PRIu64, width, r / 1000);
}

static const char *
clock_text(uint64_t wall_ns, char *out, size_t len)
{
	time_t seconds = (time_t)(wall_ns / NS);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL ||
	    strftime(out, len, "%H:%M:%S", &tm) == 0)
		(void)snprintf(out, len, "?");
	return out;
}

/** When, and whose, as every line of a table begins. */
struct place {
	char time[16];
	int width; /**< of names */
};

static void
put_drop(void *arg, const struct block *b, const struct pflowctl_row *row,
    uint64_t rose)
{
	const struct place *p = arg;

	(void)printf("%-8s  %-*s  ! %s %" PRIu64 " (%s in all): %s\n", p->time,
	    p->width, name_of(b), pflowctl_word(row, 1), rose,
	    pflowctl_word(row, 2), pflowctl_word(row, 4));
}

/** The last error, if it is of this interval. */
static void
put_error(const struct place *p, const struct block *b,
    const struct block *old)
{
	size_t text = b->source ? 4 : 3;
	const char *when = pflowctl_word(&b->rows[0], text + 1);
	char at[16];

	if (*pflowctl_word(&b->rows[0], text) == '\0' || (old != NULL &&
		strcmp(when, pflowctl_word(&old->rows[0], text + 1)) == 0))
		return;
	(void)printf("%-8s  %-*s  ! error at %s: %s\n", p->time, p->width,
	    name_of(b), clock_text(pflowctl_number(when), at, sizeof(at)),
	    pflowctl_word(&b->rows[0], text));
}

static void
table_one(struct place *p, const struct block *b, const struct block *old,
    const struct gain *g)
{
	(void)printf("%-8s  %-*s", p->time, p->width, name_of(b));
	put_rate(g->flows, g->ns, 10);
	put_rate(g->packets, g->ns, 11);
	put_rate(g->octets, g->ns, 13);
	if (b->source)
		(void)printf(" %10s %8" PRIu64 " %6s  %s\n", "-", g->drops,
		    "-", pflowctl_word(&b->rows[0], 3));
	else {
		put_rate(g->messages, g->ns, 10);
		(void)printf(" %8" PRIu64 " %6" PRIu64 "  %s\n", g->drops,
		    g->queue, pflowctl_word(&b->rows[0], 2));
	}
	each_drop(b, old, put_drop, p);
	put_error(p, b, old);
}

static void
delta_one(void *arg, const struct block *b, const struct pflowctl_row *row,
    uint64_t rose)
{
	struct pflow_counter c = { pflowctl_word(row, 1),
		pflowctl_word(row, 4), rose, PFLOW_COUNTER_DROP };

	(void)b;
	pflowi_report_counter(arg, &c);
}

static bool
json_one(const struct block *b, const struct block *old, const struct gain *g,
    uint64_t wall_ns)
{
	struct pflowi_report r;
	bool ok;

	pflowi_report_init(&r);
	pflowi_report_decimal(&r, "time", wall_ns / 1000000);
	pflowi_report_decimal(&r, "seconds", g->ns / 1000000);
	pflowi_report_decimal(&r, "flows_per_second", rate(g->flows, g->ns));
	pflowi_report_decimal(&r, "packets_per_second",
	    rate(g->packets, g->ns));
	pflowi_report_decimal(&r, "octets_per_second", rate(g->octets, g->ns));
	if (!b->source)
		pflowi_report_decimal(&r, "messages_per_second",
		    rate(g->messages, g->ns));
	pflowi_report_number(&r, "drops", g->drops, NULL);
	pflowctl_fill(&r, b->rows, b->count, false);
	pflowi_report_section(&r, "dropped_now");
	each_drop(b, old, delta_one, &r);
	ok = pflowi_report_json(&r, stdout) == PFLOW_OK;
	pflowi_report_fini(&r);
	return ok;
}

/** pflowd's clocks when it answered. */
static void
clocks_of(const struct pflowctl_answer *a, uint64_t *mono, uint64_t *wall)
{
	*mono = *wall = 0;
	if (a->count == 0 ||
	    strcmp(pflowctl_word(&a->rows[0], 0), "clock") != 0)
		return;
	*mono = pflowctl_number(pflowctl_word(&a->rows[0], 1));
	*wall = pflowctl_number(pflowctl_word(&a->rows[0], 2));
}

/** The width of the longest name, within bounds. */
static int
name_width(const struct pflowctl_answer *a)
{
	size_t at = 0, width = 8;
	struct block b;

	while (next_block(a, &at, &b))
		if (strlen(name_of(&b)) > width)
			width = strlen(name_of(&b));
	return (int)(width > 40 ? 40 : width);
}

static void
put_heading(struct pflowctl_watch *w, int width)
{
	if (w->json || w->lines-- > 0)
		return;
	w->lines = HEADING_LINES;
	(void)printf("%-8s  %-*s %10s %11s %13s %10s %8s %6s\n", "time", width,
	    "name", "flows/s", "packets/s", "octets/s", "messages/s", "drops",
	    "queue");
}

static bool
show(struct pflowctl_watch *w, const struct pflowctl_answer *a)
{
	uint64_t mono, wall, mono_before, wall_before;
	struct place place = { .width = name_width(a) };
	struct block b, before;
	struct gain g;
	size_t at = 0;
	bool ok = true;

	clocks_of(a, &mono, &wall);
	clocks_of(&w->last, &mono_before, &wall_before);
	(void)clock_text(wall, place.time, sizeof(place.time));
	while (ok && next_block(a, &at, &b)) {
		const struct block *old = find_block(&w->last, &b, &before)
		    ? &before : NULL;

		g.ns = rise(mono, mono_before);
		measure(&g, &b, old);
		put_heading(w, place.width);
		if (w->json)
			ok = json_one(&b, old, &g, wall);
		else
			table_one(&place, &b, old, &g);
	}
	return ok;
}

bool
pflowctl_watch_show(struct pflowctl_watch *w, struct pflowctl_answer *a)
{
	bool ok = w->last.count == 0 || show(w, a);

	pflowctl_answer_free(&w->last);
	w->last = *a;
	memset(a, 0, sizeof(*a));
	return ok;
}

void
pflowctl_watch_fini(struct pflowctl_watch *w)
{
	pflowctl_answer_free(&w->last);
}
