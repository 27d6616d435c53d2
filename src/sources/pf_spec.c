/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include "sources/pf_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

#include "core/time.h"

/** Seconds whose nanoseconds fit 64 bits. */
#define SECONDS_MAX (UINT64_MAX / PFLOWI_NS_PER_SEC)

static int
invalid(char *err, size_t err_len, const char *word, const char *why)
{
	snprintf(err, err_len, "pf: %s: %s", word, why);
	return PFLOW_ERR_INVALID;
}

static bool
seconds(const char *text, uint64_t *ns)
{
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || v > SECONDS_MAX)
		return false;
	*ns = (uint64_t)v * PFLOWI_NS_PER_SEC;
	return true;
}

static int
set(struct pflowi_pf_spec *spec, const char *word, char *err, size_t err_len)
{
	char why[360];

	if (strncmp(word, "layout=", 7) == 0) {
		spec->has_format = true;
		if (!pflowi_pf_format_by_name(word + 7, strlen(word + 7),
		    &spec->format, why, sizeof(why)))
			return invalid(err, err_len, word, why);
		return PFLOW_OK;
	}
	if (strncmp(word, "time=", 5) == 0) {
		spec->has_time = true;
		if (!seconds(word + 5, &spec->time_ns) || spec->time_ns == 0)
			return invalid(err, err_len, word,
			    "expected seconds since 1970");
		return PFLOW_OK;
	}
	if (strncmp(word, "every=", 6) == 0) {
		if (!seconds(word + 6, &spec->every_ns) || spec->every_ns == 0)
			return invalid(err, err_len, word, "expected seconds");
		return PFLOW_OK;
	}
	return invalid(err, err_len, word, "not a setting, expected "
	    "layout=NAME, time=SECONDS or every=SECONDS");
}

static int
set_all(struct pflowi_pf_spec *spec, char *words, char *err, size_t err_len)
{
	int rc = PFLOW_OK;

	while (rc == PFLOW_OK && words != NULL) {
		char *next = strchr(words, '&');

		if (next != NULL)
			*next++ = '\0';
		rc = set(spec, words, err, err_len);
		words = next;
	}
	return rc;
}

static int
split(struct pflowi_pf_spec *spec, char *list, char *err, size_t err_len)
{
	bool whole = access(list, F_OK) == 0;
	size_t n = 1, i;
	char *p;

	for (p = list; !whole && *p != '\0'; p++)
		n += *p == ',';
	spec->paths = calloc(n, sizeof(*spec->paths));
	if (spec->paths == NULL)
		return PFLOW_ERR_NOMEM;
	for (i = 0; i < n; i++) {
		p = whole ? NULL : strchr(list, ',');
		if (p != NULL)
			*p++ = '\0';
		if (*list == '\0')
			return invalid(err, err_len, "an empty word",
			    "expected PATH[,PATH...]");
		if (strcmp(list, "-") == 0 && n > 1)
			return invalid(err, err_len, "-",
			    "standard input is one table, not one of several");
		spec->paths[i] = list;
		list = p;
	}
	spec->count = n;
	return PFLOW_OK;
}

int
pflowi_pf_spec_parse(struct pflowi_pf_spec *spec, const char *argument,
    char *err, size_t err_len)
{
	char *settings;
	int rc = PFLOW_OK;

	memset(spec, 0, sizeof(*spec));
	spec->text = strdup(argument);
	if (spec->text == NULL)
		return PFLOW_ERR_NOMEM;
	settings = strrchr(spec->text, '?');
	if (settings != NULL && access(spec->text, F_OK) != 0) {
		*settings++ = '\0';
		rc = set_all(spec, settings, err, err_len);
	}
	if (rc != PFLOW_OK || spec->text[0] == '\0')
		return rc;
	return split(spec, spec->text, err, err_len);
}

void
pflowi_pf_spec_fini(struct pflowi_pf_spec *spec)
{
	free(spec->paths);
	free(spec->text);
	memset(spec, 0, sizeof(*spec));
}
