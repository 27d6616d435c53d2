/* SPDX-License-Identifier: ISC */
#include "programs/common/fields.h"

#include <stdio.h>
#include <string.h>

#include <pflow/element.h>

#include "programs/common/scalar.h"

size_t
pflowi_fields_words(const char *const *words, size_t count)
{
	size_t i;

	if (count == 0 || words[0][0] != '{')
		return 1;
	for (i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		if (len > 0 && words[i][len - 1] == '}')
			return i + 1;
	}
	return 0;
}

/** The octets behind the slash; the element's own without one. */
static int
parse_length(const char *slash, size_t len, const struct pflow_element *e,
    uint16_t *out)
{
	char digits[8];
	uint64_t v;

	if (slash == NULL) {
		*out = e->octets;
		return PFLOW_OK;
	}
	if (len == 0 || len >= sizeof(digits))
		return PFLOW_ERR_INVALID;
	memcpy(digits, slash, len);
	digits[len] = '\0';
	if (pflowi_parse_u64(digits, &v) != PFLOW_OK || v > UINT16_MAX - 1)
		return PFLOW_ERR_INVALID;
	*out = (uint16_t)v;
	return PFLOW_OK;
}

/** How much of a hostile word a message holds. */
static int
shown(size_t len)
{
	return len < 60 ? (int)len : 60;
}

/** One word, "octetDeltaCount" or "octetDeltaCount/4". */
static int
parse_word(const char *word, size_t len, struct pflow_field *out,
    struct pflowi_problem *problem)
{
	const char *slash = memchr(word, '/', len);
	size_t name_len = slash == NULL ? len : (size_t)(slash - word);
	const struct pflow_element *e = pflow_element_by_name(word, name_len);
	size_t bad;
	int status;

	if (e == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOTFOUND, 0,
		    "template: '%.*s' is no information element, expected "
		    "IANA's name such as octetDeltaCount",
		    shown(name_len), word);
	memset(out, 0, sizeof(*out));
	out->element = e->id;
	status = parse_length(slash == NULL ? NULL : slash + 1,
	    slash == NULL ? 0 : len - name_len - 1, e, &out->length);
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, 0,
		    "template: '%.*s': length not understood, expected "
		    "%s/OCTETS", shown(len), word, e->name);
	status = pflow_template_check(out, 1, 10, &bad);
	if (status == PFLOW_ERR_RANGE)
		return pflowi_problem_set(problem, status, 0,
		    "template: '%.*s': %s cannot have this length, expected "
		    "%u octets%s", shown(len), word, e->name, e->octets,
		    pflow_element_fits(e, 1) ? " or fewer" : "");
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, 0,
		    "template: '%.*s': no state knows %s", shown(len), word,
		    e->name);
	return PFLOW_OK;
}

static int
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '{' || c == '}' || c == ',';
}

int
pflowi_fields_parse(const char *text, struct pflowi_fields *out,
    struct pflowi_problem *problem)
{
	size_t len = strlen(text), at = 1;
	int status;

	out->count = 0;
	if (len < 2 || text[0] != '{' || text[len - 1] != '}')
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "template '%.120s': unknown, expected standard, extended "
		    "or { ELEMENT ... }", text);
	while (at < len - 1) {
		size_t from = at;

		while (at < len - 1 && !is_separator(text[at]))
			at++;
		if (at == from) {
			at++;
			continue;
		}
		if (out->count == PFLOW_TEMPLATE_FIELDS_MAX)
			return pflowi_problem_set(problem, PFLOW_ERR_RANGE, 0,
			    "template: '%.*s' is one element too many, "
			    "expected %d at most", shown(at - from),
			    text + from, PFLOW_TEMPLATE_FIELDS_MAX);
		status = parse_word(text + from, at - from,
		    &out->field[out->count], problem);
		if (status != PFLOW_OK)
			return status;
		out->count++;
	}
	if (out->count == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "template { }: empty, expected { ELEMENT ... }");
	return PFLOW_OK;
}

void
pflowi_fields_print(const struct pflowi_fields *fields, char *out, size_t len)
{
	size_t i, at = 0;
	int n = snprintf(out, len, "{");

	for (i = 0; i < fields->count && n >= 0 && (size_t)n < len - at; i++) {
		const struct pflow_element *e =
		    pflow_element_by_id(fields->field[i].element);

		at += (size_t)n;
		if (fields->field[i].length == e->octets)
			n = snprintf(out + at, len - at, " %s", e->name);
		else
			n = snprintf(out + at, len - at, " %s/%u", e->name,
			    fields->field[i].length);
	}
	if (n >= 0 && (size_t)n < len - at)
		(void)snprintf(out + at + n, len - at - (size_t)n, " }");
}
