/* SPDX-License-Identifier: ISC */
/* The sources of this build, and the SOURCE word of the grammar. */
#include "sources/sources.h"

#include <stdio.h>
#include <string.h>

#include "core/port.h"

#define NS_PER_SEC 1000000000u

static const struct pflow_source_kind *const kinds[] = {
#define KIND(symbol) &pflowi_source_##symbol,
	PFLOWI_SOURCE_KINDS(KIND)
#undef KIND
};

void
pflow_source_config_init(struct pflow_source_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->active_ns = UINT64_C(60) * NS_PER_SEC;
	cfg->idle_ns = UINT64_C(15) * NS_PER_SEC;
	cfg->memory_limit = (size_t)256 << 20;
}

const struct pflow_source_kind *const *
pflow_source_kinds(size_t *count)
{
	*count = PFLOWI_ARRAY_LEN(kinds);
	return kinds;
}

/** "pcap:PATH, pfsync:PATH, pf:PATH": the words that would be right. */
static void
list_kinds(char *out, size_t len)
{
	size_t i, at = 0;

	out[0] = '\0';
	for (i = 0; i < PFLOWI_ARRAY_LEN(kinds); i++) {
		int n;

		if (!kinds[i]->available)
			continue;
		n = snprintf(out + at, len - at, "%s%s:%s",
		    at == 0 ? "" : ", ", kinds[i]->name, kinds[i]->argument);
		if (n < 0 || (size_t)n >= len - at)
			return;
		at += (size_t)n;
	}
	if (at == 0)
		snprintf(out, len, "nothing (this build has no source)");
}

int
pflowi_source_refuse(const struct pflow_source_kind *kind, const char *why,
    char *err, size_t err_len)
{
	char words[256];

	list_kinds(words, sizeof(words));
	snprintf(err, err_len, "%s: not in this build (%s), which has %s",
	    kind->name, why, words);
	return PFLOW_ERR_UNSUPPORTED;
}

/** A caller of an older header has a smaller one. */
static void
fill_config(struct pflow_source_config *full,
    const struct pflow_source_config *cfg)
{
	pflow_source_config_init(full);
	if (cfg != NULL && cfg->struct_size <= sizeof(*full)) {
		memcpy(full, cfg, cfg->struct_size);
		full->struct_size = sizeof(*full);
	}
}

/** The kind of a SOURCE word, and what follows it. */
static const struct pflow_source_kind *
find_kind(const char *spec, const char **argument, char *err, size_t err_len)
{
	const char *colon = strchr(spec, ':');
	char words[256];
	size_t i;

	for (i = 0; colon != NULL && i < PFLOWI_ARRAY_LEN(kinds); i++) {
		const struct pflow_source_kind *kind = kinds[i];

		if (strlen(kind->name) != (size_t)(colon - spec) ||
		    memcmp(kind->name, spec, (size_t)(colon - spec)) != 0)
			continue;
		*argument = colon + 1;
		return kind;
	}
	list_kinds(words, sizeof(words));
	snprintf(err, err_len, "%s: not a source, expected one of %s", spec,
	    words);
	return NULL;
}

int
pflow_source_create(const char *spec, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	const struct pflow_source_kind *kind;
	struct pflow_source_config full;
	const char *argument;

	*out = NULL;
	fill_config(&full, cfg);
	kind = find_kind(spec, &argument, err, err_len);
	if (kind == NULL)
		return PFLOW_ERR_INVALID;
	return kind->create(argument, &full, out, err, err_len);
}

int
pflow_source_create_parts(const char *spec,
    const struct pflow_source_config *cfg, struct pflow_source **out,
    size_t parts, char *err, size_t err_len)
{
	const struct pflow_source_kind *kind;
	struct pflow_source_config full;
	const char *argument;

	memset(out, 0, parts * sizeof(*out));
	fill_config(&full, cfg);
	kind = find_kind(spec, &argument, err, err_len);
	if (kind == NULL)
		return PFLOW_ERR_INVALID;
	if (parts == 0 || parts > PFLOW_SOURCE_PARTS_MAX) {
		snprintf(err, err_len, "%s: %zu parts, expected 1 to %d", spec,
		    parts, PFLOW_SOURCE_PARTS_MAX);
		return PFLOW_ERR_RANGE;
	}
	if (!kind->available)
		return kind->create(argument, &full, out, err, err_len);
	if (kind->create_parts == NULL) {
		snprintf(err, err_len, "%s: cannot be read in parts, expected "
		    "pcap:PATH or pcap-live:IFACE", spec);
		return PFLOW_ERR_UNSUPPORTED;
	}
	return kind->create_parts(argument, &full, out, parts, err, err_len);
}
