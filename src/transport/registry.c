/* SPDX-License-Identifier: ISC */
/* The transports of this build, and the DEST word of the grammar. */
#include "transport/transport.h"

#include <stdio.h>
#include <string.h>

static const struct pflow_transport_kind *const kinds[] = {
#define KIND(symbol) &pflowi_transport_##symbol,
    PFLOWI_TRANSPORT_KINDS(KIND)
#undef KIND
};

const struct pflow_transport_kind *const *
pflow_transport_kinds(size_t *count)
{
	*count = PFLOWI_ARRAY_LEN(kinds);
	return kinds;
}

/** "udp:HOST:PORT, file:PATH": the words that would be right here. */
static void
list_kinds(char *out, size_t len)
{
	size_t i, at = 0;

	out[0] = '\0';
	for (i = 0; i < PFLOWI_ARRAY_LEN(kinds); i++) {
		int n;

		if (!kinds[i]->available)
			continue;
		n = snprintf(out + at, len - at, "%s%s:%s", at == 0 ? "" : ", ",
		    kinds[i]->name, kinds[i]->argument);
		if (n < 0 || (size_t)n >= len - at)
			return;
		at += (size_t)n;
	}
}

int
pflowi_unavailable(
    const char *name, const char *needs, char *err, size_t err_len)
{
	char words[256];

	list_kinds(words, sizeof(words));
	pflowi_say(err, err_len, "%s: is not in this build (%s), it has %s",
	    name, needs, words);
	return PFLOW_ERR_UNSUPPORTED;
}

/** The kind whose name is the first len octets of word, or NULL. */
static const struct pflow_transport_kind *
find_kind(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(kinds); i++)
		if (strlen(kinds[i]->name) == len &&
		    memcmp(kinds[i]->name, word, len) == 0)
			return kinds[i];
	return NULL;
}

/** Cut a DEST word: its kind, and where the kind's argument begins. */
static const struct pflow_transport_kind *
cut(const char *dest, const char **argument, char *err, size_t err_len)
{
	const char *colon = strchr(dest, ':');
	const struct pflow_transport_kind *kind = NULL;
	char words[256];

	*argument = dest;
	if (colon != NULL)
		kind = find_kind(dest, (size_t)(colon - dest));
	if (kind != NULL) {
		*argument = colon + 1;
		if (kind->nature != PFLOW_TRANSPORT_FILE &&
		    strncmp(*argument, "//", 2) == 0)
			*argument += 2;
		return kind;
	}
	/* "upd:host:1": more than one colon, and no bracket before them. */
	if (colon != NULL && dest[0] != '[' &&
	    (strncmp(colon, "://", 3) == 0 ||
		(strchr(colon + 1, ':') != NULL &&
		    strspn(dest, "0123456789abcdefABCDEF:.") !=
			strlen(dest)))) {
		list_kinds(words, sizeof(words));
		pflowi_say(err, err_len,
		    "%s: \"%.*s\" is not a transport, expected one of %s", dest,
		    (int)(colon - dest), dest, words);
		return NULL;
	}
	return &pflowi_transport_udp;
}

int
pflow_transport_create(const char *dest,
    const struct pflow_transport_config *cfg, struct pflow_transport **out,
    char *err, size_t err_len)
{
	struct pflow_transport_config own;
	const struct pflow_transport_kind *kind;
	const char *argument;
	int rc;

	*out = NULL;
	pflowi_say(err, err_len, "%s", "");
	rc = pflowi_transport_config_take(&own, cfg, err, err_len);
	if (rc != PFLOW_OK)
		return rc;
	kind = cut(dest, &argument, err, err_len);
	if (kind == NULL)
		return PFLOW_ERR_INVALID;
	return kind->create(argument, &own, out, err, err_len);
}
