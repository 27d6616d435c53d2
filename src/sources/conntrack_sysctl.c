/* SPDX-License-Identifier: ISC */
/* The settings of net.netfilter, as files. Read once, while opening. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/conntrack_link.h"

/** @return 0, or the errno */
static int
read_setting(const char *dir, const char *name, uint32_t *out)
{
	char path[256];
	char line[32];
	char *end;
	unsigned long v;
	FILE *f;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ENAMETOOLONG;
	f = fopen(path, "r");
	if (f == NULL)
		return errno;
	end = fgets(line, sizeof(line), f);
	fclose(f);
	if (end == NULL)
		return EIO;
	v = strtoul(line, &end, 10);
	if (end == line || v > UINT32_MAX)
		return EINVAL;
	*out = (uint32_t)v;
	return 0;
}

void
pflowi_ct_read_timeouts(const char *dir, struct pflowi_ct_timeouts *t)
{
	static const char *const files[PFLOWI_CT_T_COUNT] = {
#define FILE_OF(name, file) [PFLOWI_CT_T_##name] = file,
		PFLOWI_CT_TIMEOUTS(FILE_OF)
#undef FILE_OF
	};
	unsigned i;

	for (i = 0; i < PFLOWI_CT_T_COUNT; i++)
		if (read_setting(dir, files[i], &t->s[i]) != 0)
			t->s[i] = 0;
}

/** Add one note to the line, "; " between. */
static void
note(char *notes, size_t len, const char *text)
{
	size_t at = strlen(notes);

	if (at < len)
		snprintf(notes + at, len - at, "%s%s",
		    at == 0 ? "conntrack: " : "; ", text);
}

/** A setting that must not be 0. @return its value */
static uint32_t
require(const char *dir, const char *name, const char *loss, char *notes,
    size_t notes_len)
{
	char text[320];
	uint32_t v = 0;
	int rc = read_setting(dir, name, &v);

	if (rc != 0)
		snprintf(text, sizeof(text), "%s/%s: %s", dir, name,
		    strerror(rc));
	else if (v == 0)
		snprintf(text, sizeof(text), "%s: sysctl -w net.netfilter.%s=1",
		    loss, name);
	else
		return v;
	note(notes, notes_len, text);
	return 0;
}

void
pflowi_ct_check_sysctls(const char *dir, uint64_t entries, bool reports,
    char *notes, size_t notes_len)
{
	char text[320];
	uint32_t events;

	(void)require(dir, "nf_conntrack_acct",
	    "new flows have no counters", notes, notes_len);
	(void)require(dir, "nf_conntrack_timestamp",
	    "new flows have no start time", notes, notes_len);
	events = require(dir, "nf_conntrack_events",
	    "ends of new flows are not told", notes, notes_len);
	/* 2: entries made while nobody listened never tell their end. */
	if (events != 2 || entries == 0)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " flows are older than this "
	    "listener, their ends may not be told%s: sysctl -w "
	    "net.netfilter.nf_conntrack_events=1", entries,
	    reports ? " (they are reported while they live)" : "");
	note(notes, notes_len, text);
}
