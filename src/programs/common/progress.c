/* SPDX-License-Identifier: ISC */
#include "programs/common/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/time.h"
#include "programs/common/note.h"

#define PERIOD_NS UINT64_C(200000000)
#define WAITING_NS UINT64_C(2000000000)

/* ECMA-48: to the first column, erase to the end of the line. */
#define WIPE "\r\033[K"

void
pflowi_progress_init(struct pflowi_progress *p, const char *source,
    const char *dest, bool quiet)
{
	memset(p, 0, sizeof(*p));
	p->source = source;
	p->dest = dest;
	p->quiet = quiet;
	p->terminal = !quiet && isatty(STDERR_FILENO) == 1;
}

static void
show(struct pflowi_progress *p, const struct pflowi_driver *d)
{
	struct pflow_exporter_stats stats;
	struct pflowi_figures f;
	char how_far[16] = "";
	int permille = -1;

	pflowi_lanes_stats(d->lanes, &stats);
	f.states = d->states;
	f.records = stats.records;
	f.messages = stats.messages_sent;
	if (p->all != NULL && !p->all(p->arg, &f))
		return;
	if (d->source->ops->progress != NULL)
		permille = d->source->ops->progress(d->source);
	if (permille >= 0)
		(void)snprintf(how_far, sizeof(how_far), "%3d.%d%%  ",
		    permille / 10, permille % 10);
	(void)fprintf(stderr, WIPE "%s%" PRIu64 " states, %" PRIu64
	    " records, %" PRIu64 " messages sent", how_far, f.states,
	    f.records, f.messages);
	(void)fflush(stderr);
	p->shown = true;
}

/** Once: a program that hangs on its collector must say so. */
static void
tell_waiting(struct pflowi_progress *p, const struct pflowi_driver *d,
    struct pflow_now now)
{
	const char *why = pflowi_lanes_error_text(d->lanes);
	uint64_t moved = pflowi_lanes_moved(d->lanes);

	if (!pflowi_lanes_has_pending(d->lanes) || p->moved != moved ||
	    p->waiting_ns == 0) {
		p->moved = moved;
		p->waiting_ns = now.mono_ns;
	}
	if (p->waiting_told ||
	    pflowi_time_sub(now.mono_ns, p->waiting_ns) < WAITING_NS)
		return;
	p->waiting_told = true;
	pflowi_progress_end(p);
	pflowi_note("waiting for %s", *why == '\0' ? p->dest : why);
}

void
pflowi_progress_turn(void *arg, const struct pflowi_driver *d,
    struct pflow_now now)
{
	struct pflowi_progress *p = arg;

	if (p->quiet || now.mono_ns < p->due_ns)
		return;
	/* Short runs show nothing at all. */
	if (p->due_ns != 0) {
		tell_waiting(p, d, now);
		if (p->terminal)
			show(p, d);
	}
	p->due_ns = pflowi_time_add(now.mono_ns, PERIOD_NS);
}

void
pflowi_progress_end(struct pflowi_progress *p)
{
	if (p->shown)
		(void)fputs(WIPE, stderr);
	p->shown = false;
}
