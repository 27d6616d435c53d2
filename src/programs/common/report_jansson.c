/* SPDX-License-Identifier: ISC */
#include <jansson.h>

#include <pflow/status.h>

#include "programs/common/report.h"

bool
pflowi_report_has_json(void)
{
	return true;
}

const char *
pflowi_report_json_version(void)
{
	return JANSSON_VERSION;
}

/** JSON's integers are signed: what is beyond saturates. */
static json_t *
number(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

/** The object of a section inside "counters", made when first needed. */
static json_t *
section(json_t *root, const char *name)
{
	json_t *counters = json_object_get(root, "counters");
	json_t *object;

	if (counters == NULL) {
		counters = json_object();
		if (json_object_set_new(root, "counters", counters) != 0)
			return NULL;
	}
	object = json_object_get(counters, name);
	if (object == NULL) {
		object = json_object();
		if (json_object_set_new(counters, name, object) != 0)
			return NULL;
	}
	return object;
}

static int
add(json_t *root, const struct pflowi_row *row)
{
	json_t *text;

	switch (row->kind) {
	case PFLOWI_ROW_TEXT:
		text = json_string(row->text);
		/* A path need not be UTF-8. */
		if (text == NULL)
			text = json_null();
		return json_object_set_new(root, row->name, text);
	case PFLOWI_ROW_BOOL:
		return json_object_set_new(root, row->name,
		    json_boolean(row->value));
	case PFLOWI_ROW_DECIMAL:
		return json_object_set_new(root, row->name,
		    json_real((double)row->value / 1000));
	case PFLOWI_ROW_NUMBER:
		return json_object_set_new(root, row->name,
		    number(row->value));
	default:
		root = section(root, row->section);
		return root == NULL ? -1 : json_object_set_new(root, row->name,
		    number(row->value));
	}
}

int
pflowi_report_json(const struct pflowi_report *r, FILE *out)
{
	json_t *root = json_object();
	int status = r->failed ? -1 : 0;
	size_t i;

	for (i = 0; i < r->count && status == 0; i++)
		status = add(root, &r->rows[i]);
	if (status == 0)
		status = json_dumpf(root, out, JSON_COMPACT);
	if (status == 0)
		(void)fputc('\n', out);
	json_decref(root);
	return status == 0 ? PFLOW_OK : PFLOW_ERR_NOMEM;
}
