/* SPDX-License-Identifier: ISC */
#include "programs/pflowctl/show.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <pflow/status.h>

#include "programs/common/report.h"
#include "programs/common/scalar.h"

/** udp goes without saying, as in FreeBSD. */
static const char *
plain_dest(const char *dest)
{
	return strncmp(dest, "udp:", 4) == 0 ? dest + 4 : dest;
}

static void
list_plain(const struct pflowctl_row *row, bool verbose)
{
	const char *src = pflowctl_word(row, 4);
	const char *dst = pflowctl_word(row, 5);

	(void)printf("%s: version %s domain %s", pflowctl_word(row, 1),
	    pflowctl_word(row, 2), pflowctl_word(row, 3));
	if (*src != '\0')
		(void)printf(" src %s", src);
	if (*dst != '\0')
		(void)printf(" dst %s", plain_dest(dst));
	(void)putchar('\n');
	if (verbose)
		(void)printf("\tsocket: %s\n", pflowctl_word(row, 6));
}

uint64_t
pflowctl_number(const char *word)
{
	uint64_t value = 0;

	(void)pflowi_parse_u64(word, &value);
	return value;
}

static bool
list_json(const struct pflowctl_row *row)
{
	struct pflowi_report r;
	bool ok;

	pflowi_report_init(&r);
	pflowi_report_text(&r, "interface", pflowctl_word(row, 1));
	pflowi_report_number(&r, "version",
	    pflowctl_number(pflowctl_word(row, 2)), NULL);
	pflowi_report_number(&r, "domain",
	    pflowctl_number(pflowctl_word(row, 3)), NULL);
	pflowi_report_text(&r, "src", pflowctl_word(row, 4));
	pflowi_report_text(&r, "dst", pflowctl_word(row, 5));
	pflowi_report_bool(&r, "connected",
	    strcmp(pflowctl_word(row, 6), "connected") == 0);
	pflowi_report_text(&r, "settings", pflowctl_word(row, 7));
	ok = pflowi_report_json(&r, stdout) == PFLOW_OK;
	pflowi_report_fini(&r);
	return ok;
}

bool
pflowctl_show_list(const struct pflowctl_answer *a, bool verbose, bool json)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		if (strcmp(pflowctl_word(&a->rows[i], 0), "interface") != 0)
			continue;
		if (!json)
			list_plain(&a->rows[i], verbose);
		else if (!list_json(&a->rows[i]))
			return false;
	}
	return true;
}

static void
add_counter(struct pflowi_report *r, const struct pflowctl_row *row)
{
	const char *kind = pflowctl_word(row, 3);
	struct pflow_counter c;

	c.name = pflowctl_word(row, 1);
	c.value = pflowctl_number(pflowctl_word(row, 2));
	c.help = pflowctl_word(row, 4);
	c.kind = PFLOW_COUNTER_INFO;
	if (strcmp(kind, "drop") == 0)
		c.kind = PFLOW_COUNTER_DROP;
	else if (strcmp(kind, "gauge") == 0)
		c.kind = PFLOW_COUNTER_GAUGE;
	pflowi_report_counter(r, &c);
}

bool
pflowctl_is_head(const struct pflowctl_row *row)
{
	const char *word = pflowctl_word(row, 0);

	return strcmp(word, "stats") == 0 || strcmp(word, "source") == 0;
}

/** The numbers that a table without -v has beside its drops. */
static void
add_numbers(struct pflowi_report *r, const struct pflowctl_row *rows,
    size_t count)
{
	static const char *const names[] = { "states", "records", "packets",
		"octets", "messages_sent", "records_sent", "queued_messages" };
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strcmp(pflowctl_word(&rows[i], 0),
				"counter") == 0 &&
			    strcmp(pflowctl_word(&rows[i], 1), names[k]) == 0)
				pflowi_report_number(r, names[k],
				    pflowctl_number(pflowctl_word(&rows[i], 2)),
				    pflowctl_word(&rows[i], 4));
}

/** The last error and when it was, if there was one. */
static void
add_error(struct pflowi_report *r, const struct pflowctl_row *head, size_t at)
{
	uint64_t when = pflowctl_number(pflowctl_word(head, at + 1));

	pflowi_report_text(r, "last_error", pflowctl_word(head, at));
	if (when != 0)
		pflowi_report_decimal(r, "last_error_time", when / 1000000);
}

void
pflowctl_fill(struct pflowi_report *r, const struct pflowctl_row *rows, size_t count,
    bool table)
{
	bool source = strcmp(pflowctl_word(&rows[0], 0), "source") == 0;
	size_t i;

	if (source) {
		pflowi_report_text(r, "source", pflowctl_word(&rows[0], 1));
		pflowi_report_number(r, "states",
		    pflowctl_number(pflowctl_word(&rows[0], 2)), "given");
		pflowi_report_text(r, "status", pflowctl_word(&rows[0], 3));
		pflowi_report_number(r, "packets",
		    pflowctl_number(pflowctl_word(&rows[0], 6)), "in them");
		pflowi_report_number(r, "octets",
		    pflowctl_number(pflowctl_word(&rows[0], 7)), "in them");
		add_error(r, &rows[0], 4);
	} else {
		pflowi_report_text(r, "interface",
		    pflowctl_word(&rows[0], 1));
		pflowi_report_text(r, "dst", pflowctl_word(&rows[0], 2));
		add_error(r, &rows[0], 3);
	}
	if (table && !source)
		add_numbers(r, rows, count);
	for (i = 1; i < count; i++) {
		if (strcmp(pflowctl_word(&rows[i], 0), "section") == 0)
			pflowi_report_section(r, pflowctl_word(&rows[i], 1));
		else if (strcmp(pflowctl_word(&rows[i], 0), "counter") == 0)
			add_counter(r, &rows[i]);
	}
}

static void
put_error(const char *text, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	char when[32];
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(when, sizeof(when), "?");
	(void)printf("last error: %s (%s)\n", text, when);
}

static bool
show_one(const struct pflowctl_row *rows, size_t count, bool verbose,
    bool json)
{
	bool source = strcmp(pflowctl_word(&rows[0], 0), "source") == 0;
	const char *error = pflowctl_word(&rows[0], source ? 4 : 3);
	struct pflowi_report r;
	bool ok = true;

	pflowi_report_init(&r);
	pflowctl_fill(&r, rows, count, !json && !verbose);
	if (json) {
		ok = pflowi_report_json(&r, stdout) == PFLOW_OK;
	} else {
		(void)printf("%s%s: %s\n", source ? "source " : "",
		    pflowctl_word(&rows[0], 1),
		    pflowctl_word(&rows[0], source ? 3 : 2));
		pflowi_report_print(&r, stdout, verbose ? PFLOWI_DETAIL_ALL
		    : PFLOWI_DETAIL_DROPS);
		if (*error != '\0')
			put_error(error, pflowctl_number(pflowctl_word(
			    &rows[0], source ? 5 : 4)));
		ok = !r.failed;
	}
	pflowi_report_fini(&r);
	return ok;
}

bool
pflowctl_show_stats(const struct pflowctl_answer *a, bool verbose, bool json)
{
	size_t i, end;

	for (i = 0; i < a->count; i = end) {
		end = i + 1;
		while (end < a->count && !pflowctl_is_head(&a->rows[end]))
			end++;
		if (pflowctl_is_head(&a->rows[i]) &&
		    !show_one(a->rows + i, end - i, verbose, json))
			return false;
	}
	return true;
}
