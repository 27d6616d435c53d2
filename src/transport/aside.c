/* SPDX-License-Identifier: ISC */
#include "transport/aside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/time.h"
#include "transport/transport.h"

/** Names that are tried: files of one second. */
#define TRIES 1000

/** Octets of path in front of its extension. */
static size_t
stem_len(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *dot = strrchr(name, '.');

	/* A name that begins with its only dot has no extension. */
	return dot == NULL || dot == name ? strlen(path)
					  : (size_t)(dot - path);
}

void
pflowi_aside_name(
    char *out, size_t len, const char *path, uint64_t wall_ns)
{
	time_t secs = (time_t)(wall_ns / PFLOWI_NS_PER_SEC);
	unsigned ms =
	    (unsigned)(wall_ns % PFLOWI_NS_PER_SEC / PFLOWI_NS_PER_MS);
	size_t stem = stem_len(path);
	char stamp[32] = "";
	struct tm tm;

	if (gmtime_r(&secs, &tm) != NULL)
		(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	pflowi_say(out, len, "%.*s.%s.%03uZ%s", (int)stem, path, stamp, ms,
	    path + stem);
}

/** As rename(2), but what is there already stays there (EEXIST). */
static int
rename_new(const char *from, const char *to)
{
	struct stat st;

	if (link(from, to) == 0)
		return unlink(from);
	if (errno == EEXIST)
		return -1;
	/* File systems without hard links. */
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

int
pflowi_aside_move(char *out, size_t len, const char *path, uint64_t wall_ns)
{
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		pflowi_aside_name(
		    out, len, path, wall_ns + i * PFLOWI_NS_PER_MS);
		if (rename_new(path, out) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}
