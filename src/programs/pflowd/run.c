/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/pflowd/background.h"
#include "programs/pflowd/confile.h"
#include "programs/pflowd/loop.h"
#include "programs/pflowd/notify.h"

struct service {
	struct pflowd_job *job;
	struct pflowd_engine engine;
	struct pflowd_loop loop;
	struct pflowd_access access;
};

/** @return an exit code, or -1: it runs by the file now */
static int
load(struct service *s, struct pflow_now now)
{
	struct pflowi_problem problem;
	struct pflowd_access access;
	struct pflowd_conf conf;
	unsigned line;
	int status;

	if (!pflowd_conf_read(s->job->file, &conf))
		return PFLOWI_EXIT_CONFIG;
	status = pflowd_access_find(&conf.service, &access, &line, &problem);
	if (status == PFLOW_OK)
		status = pflowd_metrics_stage(s->loop.metrics, &conf.metrics,
		    &line, &problem);
	if (status == PFLOW_OK) {
		status = pflowd_engine_load(&s->engine, &conf, now, &line,
		    &problem);
		pflowd_metrics_settle(s->loop.metrics, status == PFLOW_OK);
	}
	pflowd_conf_fini(&conf);
	if (status == PFLOW_OK) {
		s->access = access;
		return -1;
	}
	pflowi_note("%s:%u: %s", s->job->file, line, problem.text);
	return PFLOWI_EXIT_FAILED;
}

/** The status line of the service manager. */
static void
tell_phase(const struct service *s, enum pflowd_phase phase)
{
	char status[160];

	(void)snprintf(status, sizeof(status), "%zu sources, %zu interfaces",
	    s->engine.source_count, s->engine.iface_count);
	pflowd_notify(phase, phase == PFLOWD_PHASE_READY ? status : NULL);
}

/** A pflowd_reload_fn. */
static void
reload(void *arg, struct pflow_now now)
{
	struct service *s = arg;
	char err[400];

	tell_phase(s, PFLOWD_PHASE_RELOADING);
	if (load(s, now) != -1)
		pflowi_note("%s: not reloaded, the old configuration goes on",
		    s->job->file);
	else if (!pflowd_control_allow(s->loop.control, &s->access, err,
		sizeof(err)))
		pflowi_note("%s", err);
	else
		pflowi_note("%s: reloaded", s->job->file);
	tell_phase(s, PFLOWD_PHASE_READY);
}

static void
stopping(void *arg)
{
	tell_phase(arg, PFLOWD_PHASE_STOPPING);
}

/** What became of everything. @return an exit code */
static int
tell_end(const struct service *s)
{
	int code = PFLOWI_EXIT_OK;
	size_t i;

	for (i = 0; i < s->engine.iface_count; i++) {
		const struct pflowd_iface *iface = s->engine.ifaces[i];
		struct pflow_exporter_stats st;

		pflowd_iface_stats(iface, &st);
		pflowi_note("pflow%u: %" PRIu64 " states, %" PRIu64
		    " records, %" PRIu64 " sent, %" PRIu64 " discarded, "
		    "%" PRIu64 " states overflowed", iface->number,
		    iface->states, st.records, st.records_sent,
		    st.drops[PFLOW_DROP_discarded].count,
		    pflowd_iface_overflow(iface));
		if (pflowd_iface_sums_agree(iface))
			continue;
		pflowi_note("pflow%u: the sums do not agree", iface->number);
		code = PFLOWI_EXIT_FAILED;
	}
	return code;
}

/** Open all. @return an exit code, or -1: it can run */
static int
begin(struct service *s)
{
	char err[400];
	int code;

	s->loop.engine = &s->engine;
	s->loop.reload = reload;
	s->loop.stopping = stopping;
	s->loop.arg = s;
	s->loop.metrics = pflowd_metrics_new(s->loop.base, &s->engine);
	if (s->loop.metrics == NULL) {
		pflowi_note("out of memory");
		return PFLOWI_EXIT_FAILED;
	}
	code = load(s, pflowi_clock());
	if (code != -1)
		return code;
	s->loop.control = pflowd_control_open(s->loop.base, s->job->socket,
	    &s->access, err, sizeof(err));
	if (s->loop.control == NULL) {
		pflowi_note("%s", err);
		return PFLOWI_EXIT_FAILED;
	}
	pflowi_note("%s: %zu sources, %zu interfaces; control socket %s",
	    s->job->file, s->engine.source_count, s->engine.iface_count,
	    s->job->socket);
	return -1;
}

static int
run(struct service *s, int *pid_fd)
{
	int code;

	if (s->job->pid_file != NULL) {
		*pid_fd = pflowd_pid_file(s->job->pid_file);
		if (*pid_fd == -1)
			return PFLOWI_EXIT_FAILED;
	}
	if (pflowd_loop_open(&s->loop) != PFLOW_OK) {
		pflowi_note("events: the system refused");
		return PFLOWI_EXIT_FAILED;
	}
	code = begin(s);
	if (code != -1)
		return code;
	if (s->job->ready_fd != -1)
		pflowd_background_done(s->job->ready_fd, PFLOWI_EXIT_OK);
	s->job->ready_fd = -1;
	tell_phase(s, PFLOWD_PHASE_READY);
	pflowd_loop_run(&s->loop);
	return tell_end(s);
}

int
pflowd_run(struct pflowd_job *job)
{
	struct service s;
	int code, pid_fd = -1;

	memset(&s, 0, sizeof(s));
	s.job = job;
	pflowd_engine_init(&s.engine);
	code = run(&s, &pid_fd);
	pflowd_control_close(s.loop.control);
	pflowd_metrics_free(s.loop.metrics);
	pflowd_engine_fini(&s.engine);
	pflowd_loop_close(&s.loop);
	pflowd_pid_file_end(job->pid_file, pid_fd);
	if (job->ready_fd != -1)
		pflowd_background_done(job->ready_fd, code);
	return code;
}
