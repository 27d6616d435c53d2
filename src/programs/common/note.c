/* SPDX-License-Identifier: ISC */
#include "programs/common/note.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "programs/common/problem.h"

static const char *name = "pflow";
static pflowi_note_fn *sink;
static void *sink_arg;

void
pflowi_note_as(const char *program)
{
	name = program;
}

void
pflowi_note_to(pflowi_note_fn *fn, void *arg)
{
	sink = fn;
	sink_arg = arg;
}

void
pflowi_note(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	pflowi_printable(line);
	if (sink != NULL)
		sink(sink_arg, line);
	else
		(void)fprintf(stderr, "%s: %s\n", name, line);
}

int
pflowi_finish_output(void)
{
	int failed = ferror(stdout);

	if (fclose(stdout) != 0)
		failed = 1;
	if (!failed)
		return PFLOWI_EXIT_OK;
	pflowi_note("standard output: %s", strerror(errno));
	return PFLOWI_EXIT_FAILED;
}
