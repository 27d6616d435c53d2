/* SPDX-License-Identifier: ISC */
#include "programs/common/scalar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "core/port.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

struct unit {
	const char *name;
	uint64_t factor;
};

/* Largest first; "ms" is told from "m" by the longest match. */
static const struct unit time_units[] = {
	{ "d", 86400 * NS_PER_SEC },
	{ "h", 3600 * NS_PER_SEC },
	{ "m", 60 * NS_PER_SEC },
	{ "s", NS_PER_SEC },
	{ "ms", NS_PER_MS },
};

static const struct unit size_units[] = {
	{ "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 },
};

/** Digits at the head of *word, which is moved behind them. */
static int
take_digits(const char **word, uint64_t *out)
{
	const char *p = *word;
	uint64_t v = 0;
	int status = PFLOW_OK;

	if (*p < '0' || *p > '9')
		return PFLOW_ERR_INVALID;
	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			status = PFLOW_ERR_RANGE;
		else
			v = v * 10 + digit;
	}
	*word = p;
	*out = v;
	return status;
}

int
pflowi_parse_u64(const char *word, uint64_t *out)
{
	uint64_t v;
	int status = take_digits(&word, &v);

	if (status == PFLOW_ERR_INVALID || *word != '\0')
		return PFLOW_ERR_INVALID;
	if (status == PFLOW_OK)
		*out = v;
	return status;
}

/** The unit at the head of *word, which is moved behind it. */
static size_t
take_unit(const char **word, const struct unit *units, size_t count)
{
	size_t len = strcspn(*word, "0123456789");
	size_t i;

	for (i = 0; i < count; i++)
		if (strlen(units[i].name) == len &&
		    memcmp(units[i].name, *word, len) == 0)
			break;
	*word += len;
	return i;
}

int
pflowi_parse_duration(const char *word, uint64_t *ns)
{
	const size_t count = PFLOWI_ARRAY_LEN(time_units);
	uint64_t sum = 0, v;
	size_t next = 0;
	int status;

	if (pflowi_parse_u64(word, &v) == PFLOW_OK) {
		if (v > UINT64_MAX / NS_PER_SEC)
			return PFLOW_ERR_RANGE;
		*ns = v * NS_PER_SEC;
		return PFLOW_OK;
	}
	do {
		size_t i;

		if ((status = take_digits(&word, &v)) != PFLOW_OK)
			return status;
		i = take_unit(&word, time_units, count);
		if (i == count || i < next)
			return PFLOW_ERR_INVALID;
		next = i + 1;
		if (v > (UINT64_MAX - sum) / time_units[i].factor)
			return PFLOW_ERR_RANGE;
		sum += v * time_units[i].factor;
	} while (*word != '\0');
	*ns = sum;
	return PFLOW_OK;
}

int
pflowi_parse_size(const char *word, uint64_t *octets)
{
	const size_t count = PFLOWI_ARRAY_LEN(size_units);
	uint64_t v, factor = 1;
	int status = take_digits(&word, &v);

	if (status == PFLOW_ERR_INVALID)
		return status;
	if (*word != '\0') {
		size_t i = take_unit(&word, size_units, count);

		if (i == count || *word != '\0')
			return PFLOW_ERR_INVALID;
		factor = size_units[i].factor;
	}
	if (status != PFLOW_OK || v > UINT64_MAX / factor)
		return PFLOW_ERR_RANGE;
	*octets = v * factor;
	return PFLOW_OK;
}

int
pflowi_parse_rotate(const char *word, uint64_t *octets, uint64_t *ns)
{
	char part[PFLOWI_SCALAR_LEN];
	uint64_t size = 0, time = 0;
	size_t len;

	for (;; word += len + 1) {
		uint64_t *out = &time;
		int status;

		len = strcspn(word, ",");
		if (len == 0 || len >= sizeof(part))
			return PFLOW_ERR_INVALID;
		memcpy(part, word, len);
		part[len] = '\0';
		/* A unit there must be, and it tells which of the two. */
		if (strchr("KMG", part[len - 1]) != NULL)
			out = &size;
		else if (part[len - 1] <= '9')
			return PFLOW_ERR_INVALID;
		if (*out != 0)
			return PFLOW_ERR_INVALID;
		status = out == &size ? pflowi_parse_size(part, out)
				      : pflowi_parse_duration(part, out);
		if (status != PFLOW_OK)
			return status;
		if (*out == 0)
			return PFLOW_ERR_RANGE;
		if (word[len] == '\0')
			break;
	}
	*octets = size;
	*ns = time;
	return PFLOW_OK;
}

void
pflowi_print_rotate(
    char out[2 * PFLOWI_SCALAR_LEN], uint64_t octets, uint64_t ns)
{
	char size[PFLOWI_SCALAR_LEN] = "", time[PFLOWI_SCALAR_LEN] = "";

	if (octets != 0)
		pflowi_print_size(size, octets);
	if (ns != 0)
		pflowi_print_duration(time, ns);
	(void)snprintf(out, 2 * PFLOWI_SCALAR_LEN, "%s%s%s", size,
	    octets != 0 && ns != 0 ? "," : "", time);
}

void
pflowi_print_duration(char out[PFLOWI_SCALAR_LEN], uint64_t ns)
{
	size_t i, at = 0;

	(void)snprintf(out, PFLOWI_SCALAR_LEN, "0");
	for (i = 0; i < PFLOWI_ARRAY_LEN(time_units); i++) {
		uint64_t n = ns / time_units[i].factor;
		int len;

		if (n == 0)
			continue;
		ns %= time_units[i].factor;
		len = snprintf(out + at, PFLOWI_SCALAR_LEN - at, "%" PRIu64 "%s",
		    n, time_units[i].name);
		if (len < 0 || (size_t)len >= PFLOWI_SCALAR_LEN - at)
			return;
		at += (size_t)len;
	}
}

void
pflowi_print_size(char out[PFLOWI_SCALAR_LEN], uint64_t octets)
{
	const char *unit = "";
	size_t i;

	for (i = 0; octets != 0 && i < PFLOWI_ARRAY_LEN(size_units); i++) {
		if (octets % size_units[i].factor == 0) {
			octets /= size_units[i].factor;
			unit = size_units[i].name;
			break;
		}
	}
	(void)snprintf(out, PFLOWI_SCALAR_LEN, "%" PRIu64 "%s", octets, unit);
}
