/* SPDX-License-Identifier: ISC */
#include "programs/pflowexport/workers.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "programs/common/note.h"
#include "programs/common/stop.h"

#define V5 5

/* What can be had once. */

static int
refuse(const struct pflowi_settings *s, enum pflowi_setting_id id,
    size_t count, const char *what, const char *right,
    struct pflowi_problem *problem)
{
	return pflowi_problem_set(problem, PFLOW_ERR_INVALID, s->value[id].at,
	    "%s: %s, which -T %zu cannot share, expected %s",
	    pflowi_setting(id)->word, what, count, right);
}

static int
check_dests(const struct pflowi_settings *s, const struct pflowi_interface *in,
    size_t count, struct pflowi_problem *problem)
{
	size_t i;

	for (i = 0; i < in->count; i++) {
		const char *kind = in->to[i].dest.kind;

		if (strcmp(kind, "file") == 0)
			return refuse(s, PFLOWI_SET_DST, count,
			    "file: has one writer",
			    "a dst in the network, or -T 1", problem);
		if (strcmp(kind, "sctp") == 0)
			return refuse(s, PFLOWI_SET_DST, count,
			    "sctp: may have a stack of one thread",
			    "dst udp:, tcp:, tls: or dtls:, or -T 1", problem);
	}
	return PFLOW_OK;
}

/** The last worker has the first one's ID and count - 1. */
static int
check_ids(const struct pflowi_settings *s, const struct pflowi_interface *in,
    size_t count, struct pflowi_problem *problem)
{
	bool v5 = in->exporter.version == V5;
	uint64_t first = v5 ? in->exporter.engine_id : in->exporter.domain_id;
	uint64_t max = v5 ? UINT8_MAX : UINT32_MAX;
	enum pflowi_setting_id id = v5 ? PFLOWI_SET_ENGINE : PFLOWI_SET_DOMAIN;

	if (first + count - 1 <= max)
		return PFLOW_OK;
	return pflowi_problem_set(problem, PFLOW_ERR_RANGE, s->value[id].at,
	    "%s: %s%" PRIu64 " leaves no numbers for -T %zu, expected at most "
	    "%" PRIu64, pflowi_setting(id)->word, v5 ? "ID " : "", first,
	    count, max - (count - 1));
}

int
pflowexport_workers_check(const struct pflowi_settings *s,
    const struct pflowi_interface *in, size_t count,
    struct pflowi_problem *problem)
{
	const struct pflowi_value *src = &s->value[PFLOWI_SET_SRC];
	struct pflowi_source_addr addr;
	int status;

	if (count == 1)
		return PFLOW_OK;
	status = check_dests(s, in, count, problem);
	if (status != PFLOW_OK)
		return status;
	if (in->spool != NULL)
		return refuse(s, PFLOWI_SET_SPOOL, count, "it has one writer",
		    "-T 1", problem);
	if (in->tap.path != NULL)
		return refuse(s, PFLOWI_SET_TAP, count, "it has one writer",
		    "-T 1", problem);
	if (src->given &&
	    pflowi_source_addr_parse(src->text, &addr, problem) == PFLOW_OK &&
	    addr.port != 0)
		return refuse(s, PFLOWI_SET_SRC, count, "a port has one socket",
		    "src without a port, or -T 1", problem);
	return check_ids(s, in, count, problem);
}

/* Life. */

/** Its part of the rate; together they are it, but none is without limit. */
static uint32_t
share(uint32_t rate_pps, size_t i, size_t count)
{
	uint32_t each = (uint32_t)(rate_pps / count +
	    (i < rate_pps % count));

	return rate_pps != 0 && each == 0 ? 1 : each;
}

int
pflowexport_workers_open(struct pflowexport_workers *w,
    struct pflow_source *const *sources, size_t count,
    const struct pflowi_interface *in, uint32_t rate_pps, struct pflow_now now,
    char *err, size_t err_len)
{
	int status = PFLOW_OK;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->one = calloc(count, sizeof(*w->one));
	if (w->one == NULL || pthread_mutex_init(&w->lock, NULL) != 0) {
		free(w->one);
		w->one = NULL;
		(void)snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	w->count = count;
	for (i = 0; i < count && status == PFLOW_OK; i++) {
		struct pflowexport_worker *one = &w->one[i];

		one->all = w;
		one->interface = *in;
		one->interface.exporter.engine_id += (uint8_t)i;
		one->interface.exporter.domain_id += (uint32_t)i;
		one->driver.source = sources[i];
		one->driver.lanes = &one->lanes;
		one->driver.drain_ns = PFLOWI_DRAIN_NS;
		status = pflowi_lanes_open(&one->lanes, &one->interface,
		    share(rate_pps, i, count), now, err, err_len);
	}
	return status;
}

void
pflowexport_workers_close(struct pflowexport_workers *w)
{
	size_t i;

	if (w->one == NULL)
		return;
	for (i = 0; i < w->count; i++)
		pflowi_lanes_close(&w->one[i].lanes);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->one);
	w->one = NULL;
}

/* The run. */

/** The first one shows what all have done; a pflowi_figures_fn. */
static bool
figures_of_all(void *arg, struct pflowi_figures *f)
{
	struct pflowexport_worker *one = arg;
	struct pflowexport_workers *w = one->all;
	size_t i;

	(void)pthread_mutex_lock(&w->lock);
	one->figures = *f;
	memset(f, 0, sizeof(*f));
	for (i = 0; i < w->count; i++) {
		f->states += w->one[i].figures.states;
		f->records += w->one[i].figures.records;
		f->messages += w->one[i].figures.messages;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return one == &w->one[0];
}

void
pflowexport_workers_show(struct pflowexport_workers *w,
    const char *source_word, const char *dest_word, bool quiet)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		struct pflowexport_worker *one = &w->one[i];

		pflowi_progress_init(&one->progress, source_word, dest_word,
		    quiet);
		if (w->count > 1)
			one->progress.all = figures_of_all;
		one->progress.arg = one;
		one->driver.turn = pflowi_progress_turn;
		one->driver.arg = &one->progress;
	}
}

static void *
work(void *arg)
{
	struct pflowexport_worker *one = arg;

	one->status = pflowi_driver_run(&one->driver);
	if (one->status != PFLOW_OK && one->all->count > 1)
		pflowi_stop_raise();
	return NULL;
}

static void
start(struct pflowexport_worker *one)
{
	int error = pthread_create(&one->thread, NULL, work, one);

	one->started = error == 0;
	if (error == 0)
		return;
	one->status = PFLOW_ERR_SYSTEM;
	pflowi_note("no thread could be started: %s", strerror(error));
	pflowi_stop_raise();
}

int
pflowexport_workers_run(struct pflowexport_workers *w)
{
	int status = PFLOW_OK;
	size_t i;

	for (i = 1; i < w->count; i++)
		start(&w->one[i]);
	(void)work(&w->one[0]);
	w->one[0].started = true;
	for (i = 1; i < w->count; i++)
		if (w->one[i].started)
			(void)pthread_join(w->one[i].thread, NULL);
	for (i = 0; i < w->count; i++) {
		pflowi_progress_end(&w->one[i].progress);
		if (status == PFLOW_OK)
			status = w->one[i].status;
	}
	return status;
}
