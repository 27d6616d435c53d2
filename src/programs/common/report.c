/* SPDX-License-Identifier: ISC */
#include "programs/common/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/port.h"

void
pflowi_report_init(struct pflowi_report *r)
{
	memset(r, 0, sizeof(*r));
}

void
pflowi_report_fini(struct pflowi_report *r)
{
	free(r->rows);
	memset(r, 0, sizeof(*r));
}

static void
add(struct pflowi_report *r, struct pflowi_row row)
{
	if (r->count == r->room) {
		size_t room = r->room == 0 ? 64 : r->room * 2;
		struct pflowi_row *rows =
		    realloc(r->rows, room * sizeof(*rows));

		if (rows == NULL) {
			r->failed = true;
			return;
		}
		r->rows = rows;
		r->room = room;
	}
	r->rows[r->count++] = row;
}

void
pflowi_report_text(struct pflowi_report *r, const char *name, const char *text)
{
	add(r, (struct pflowi_row){ .name = name, .text = text,
	    .kind = PFLOWI_ROW_TEXT });
}

void
pflowi_report_number(struct pflowi_report *r, const char *name, uint64_t value,
    const char *help)
{
	add(r, (struct pflowi_row){ .name = name, .text = help, .value = value,
	    .kind = PFLOWI_ROW_NUMBER });
}

void
pflowi_report_decimal(struct pflowi_report *r, const char *name,
    uint64_t thousandths)
{
	add(r, (struct pflowi_row){ .name = name, .value = thousandths,
	    .kind = PFLOWI_ROW_DECIMAL });
}

void
pflowi_report_bool(struct pflowi_report *r, const char *name, bool value)
{
	add(r, (struct pflowi_row){ .name = name, .value = value,
	    .kind = PFLOWI_ROW_BOOL });
}

void
pflowi_report_section(struct pflowi_report *r, const char *section)
{
	r->section = section;
}

void
pflowi_report_counter(void *arg, const struct pflow_counter *c)
{
	struct pflowi_report *r = arg;

	add(r, (struct pflowi_row){ .section = r->section, .name = c->name,
	    .text = c->help, .value = c->value, .kind = PFLOWI_ROW_COUNTER,
	    .counter = c->kind });
}

static bool
is_shown(const struct pflowi_row *row, enum pflowi_detail detail)
{
	switch (row->kind) {
	case PFLOWI_ROW_NUMBER:
		return row->text != NULL;
	case PFLOWI_ROW_COUNTER:
		return detail == PFLOWI_DETAIL_ALL ||
		    (row->counter == PFLOW_COUNTER_DROP && row->value != 0);
	default:
		return false;
	}
}

static int
value_width(const struct pflowi_row *row)
{
	return snprintf(NULL, 0, "%" PRIu64, row->value);
}

static int
name_width(const struct pflowi_row *row)
{
	return (int)(strlen(row->name) +
	    (row->section == NULL ? 0 : strlen(row->section) + 1));
}

void
pflowi_report_print(const struct pflowi_report *r, FILE *out,
    enum pflowi_detail detail)
{
	int name = 0, value = 0;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (!is_shown(&r->rows[i], detail))
			continue;
		if (name_width(&r->rows[i]) > name)
			name = name_width(&r->rows[i]);
		if (value_width(&r->rows[i]) > value)
			value = value_width(&r->rows[i]);
	}
	for (i = 0; i < r->count; i++) {
		const struct pflowi_row *row = &r->rows[i];

		if (!is_shown(row, detail))
			continue;
		(void)fprintf(out, "%s%s%s%*s  %*" PRIu64 "  %s\n",
		    row->section == NULL ? "" : row->section,
		    row->section == NULL ? "" : ".", row->name,
		    name - name_width(row), "", value, row->value, row->text);
	}
}
