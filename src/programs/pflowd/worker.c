/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/pflowd/channel.h"
#include "programs/pflowd/loop.h"
#include "programs/pflowd/sandbox.h"

struct worker {
	const struct pflowd_worker *setup;
	struct pflowd_helper helper;
	struct pflowd_engine engine;
	struct pflowd_loop loop;
	uint8_t buf[PFLOWD_MESSAGE_MAX + 1];
	char line[PFLOWD_LINE_LEN];
};

/** What must arrive waits for room; the parent reads always. */
static void
tell(const struct worker *w, const struct pflowd_message *m)
{
	struct pollfd pfd = { .fd = w->setup->tell_fd, .events = POLLOUT };

	while (pflowd_channel_send(pfd.fd, m, -1) == PFLOW_ERR_AGAIN)
		(void)poll(&pfd, 1, 1000);
}

static void
tell_running(const struct worker *w, bool did)
{
	struct pflowd_message m;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_TELL_RUNNING;
	m.flags = did;
	m.a = (uint32_t)w->engine.source_count;
	m.b = (uint32_t)w->engine.iface_count;
	tell(w, &m);
}

/** A pflowi_note_fn. A log that takes nothing stops no service. */
static void
note_to_parent(void *arg, const char *line)
{
	const struct worker *w = arg;
	struct pflowd_message m;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_TELL_NOTE;
	m.rest = (const uint8_t *)line;
	m.rest_len = strlen(line);
	(void)pflowd_channel_send(w->setup->tell_fd, &m, -1);
}

/** A pflowd_done_fn. */
static void
tell_done(void *arg, unsigned id, bool did)
{
	struct pflowd_message m;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_TELL_DONE;
	m.id = (uint8_t)id;
	m.flags = did;
	tell(arg, &m);
}

/** @return false after a line */
static bool
load(struct worker *w, const struct pflowd_conf *conf, struct pflow_now now)
{
	struct pflowi_problem problem;
	unsigned line;
	int status = pflowd_metrics_stage(w->loop.metrics, &conf->metrics,
	    &line, &problem);

	if (status == PFLOW_OK) {
		status = pflowd_engine_load(&w->engine, conf, now, &line,
		    &problem);
		pflowd_metrics_settle(w->loop.metrics, status == PFLOW_OK);
	}
	if (status != PFLOW_OK)
		pflowi_note("%s:%u: %s", w->setup->file, line, problem.text);
	return status == PFLOW_OK;
}

static void
reload(struct worker *w, size_t len, struct pflow_now now)
{
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;
	char *text = pflowd_helper_conf(&w->helper, len);
	bool did = false;

	/* The parent has parsed it too: it tells what is wrong. */
	if (text != NULL && pflowd_conf_parse(text, len, &conf, &line,
		&problem) == PFLOW_OK) {
		did = load(w, &conf, now);
		pflowd_conf_fini(&conf);
	}
	free(text);
	tell_running(w, did);
}

static void
take_line(struct worker *w, const struct pflowd_message *m,
    struct pflow_now now)
{
	if (!pflowd_message_text(m, w->line, sizeof(w->line)))
		w->line[0] = '\0';
	pflowd_control_line(w->loop.control, m->id, w->line,
	    (enum pflowd_right)m->flags, &w->engine, now);
}

/** A pflowd_hear_fn: what the parent has to say. */
static void
hear(void *arg, struct pflow_now now)
{
	struct worker *w = arg;
	struct pflowd_message m;
	int status, fd;

	while ((status = pflowd_channel_receive(w->setup->tell_fd, w->buf, &m,
		    &fd)) == PFLOW_OK) {
		if (m.kind == PFLOWD_TELL_CLIENT)
			pflowd_control_client(w->loop.control, m.id, fd);
		else if (m.kind == PFLOWD_TELL_LINE)
			take_line(w, &m, now);
		else if (m.kind == PFLOWD_TELL_GONE)
			pflowd_control_gone(w->loop.control, m.id);
		else if (m.kind == PFLOWD_TELL_RELOAD)
			reload(w, m.a, now);
		else if (m.kind == PFLOWD_TELL_STOP)
			w->loop.stops++;
		else if (fd != -1)
			(void)close(fd);
	}
	/* Without a parent nobody can say when to end: now. */
	if (status != PFLOW_ERR_AGAIN && w->loop.stops == 0)
		w->loop.stops = 1;
	pflowd_control_turn(w->loop.control, tell_done, w);
}

/** What became of everything. @return an exit code */
static int
tell_end(const struct worker *w)
{
	int code = PFLOWI_EXIT_OK;
	size_t i;

	for (i = 0; i < w->engine.iface_count; i++) {
		const struct pflowd_iface *iface = w->engine.ifaces[i];
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

/** Give up what is not needed any more. @return false after a line */
static bool
lock_up(struct worker *w)
{
	const struct pflowd_jail *jail = &w->setup->jail;
	char err[200];

	if (!w->setup->conf->service.sandbox) {
		pflowi_note("sandbox no: nothing is given up");
		return true;
	}
	if (!pflowd_jail_enter(jail, true, err, sizeof(err)) ||
	    !pflowd_sandbox_worker(err, sizeof(err))) {
		pflowi_note("sandbox: %s", err);
		return false;
	}
	w->engine.sealed = true;
	if (jail->change_user)
		pflowi_note("sandbox: user %s, empty root, %s", jail->name,
		    pflowd_sandbox_name);
	else
		pflowi_note("sandbox: %s; same user and root, since pflowd "
		    "was not started as root", pflowd_sandbox_name);
	return true;
}

/** @return false after a line */
static bool
begin(struct worker *w)
{
	pflowd_engine_init(&w->engine);
	if (!pflowd_helper_init(&w->helper, w->setup->ask_fd,
		w->setup->lookup_fd) ||
	    pflowd_loop_open(&w->loop, w->setup->tell_fd) != PFLOW_OK) {
		pflowi_note("events: the system refused");
		return false;
	}
	w->engine.helper = &w->helper;
	w->loop.engine = &w->engine;
	w->loop.hear = hear;
	w->loop.arg = w;
	w->loop.control = pflowd_control_new(w->loop.base);
	w->loop.metrics = pflowd_metrics_new(w->loop.base, &w->engine,
	    &w->helper);
	if (w->loop.control == NULL || w->loop.metrics == NULL) {
		pflowi_note("out of memory");
		return false;
	}
	return load(w, w->setup->conf, pflowi_clock()) && lock_up(w);
}

/** Signals are for the parent, which tells us. */
static void
ignore_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(signals); i++)
		(void)signal(signals[i], SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int
pflowd_worker_run(const struct pflowd_worker *setup)
{
	struct worker *w = calloc(1, sizeof(*w));
	int code = PFLOWI_EXIT_FAILED;

	if (w == NULL)
		return code;
	w->setup = setup;
	ignore_signals();
	pflowd_channel_never_wait(setup->tell_fd);
	pflowi_note_to(setup->background ? note_to_parent : NULL, w);
	if (begin(w)) {
		tell_running(w, true);
		pflowd_loop_run(&w->loop);
		code = tell_end(w);
	}
	pflowd_control_free(w->loop.control);
	pflowd_metrics_free(w->loop.metrics);
	pflowd_engine_fini(&w->engine);
	pflowd_loop_close(&w->loop);
	pflowd_helper_fini(&w->helper);
	pflowi_note_to(NULL, NULL);
	free(w);
	return code;
}
