/* SPDX-License-Identifier: ISC */
/*
 * The parent: it keeps the rights and does nothing but open what is
 * configured, listen for pflowctl, read the configuration and look after its
 * two children.
 */
#include "programs/pflowd/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/note.h"
#include "programs/pflowd/background.h"
#include "programs/pflowd/channel.h"
#include "programs/pflowd/confile.h"
#include "programs/pflowd/engine.h"
#include "programs/pflowd/front.h"
#include "programs/pflowd/jail.h"
#include "programs/pflowd/lookup.h"
#include "programs/pflowd/notify.h"
#include "programs/pflowd/sandbox.h"
#include "programs/pflowd/serve.h"
#include "programs/pflowd/worker.h"

/** A request that the channel had no room for is tried again so soon. */
#define RETRY_MS 20

struct parent {
	struct pflowd_job *job;
	struct pflowd_grants grants;
	struct pflowd_access access;
	struct pflowd_access next; /**< of the configuration being loaded */
	struct pflowd_jail jail;
	struct pflowd_front *front;
	char *text; /**< of the configuration being loaded; owned */
	size_t text_len;
	pid_t worker;
	pid_t resolver;
	int tell_fd;
	int ask_fd;
	int pid_fd;
	unsigned sources, ifaces; /**< as the worker told them last */
	bool running;	/**< the worker has begun */
	bool reloading; /**< it has not yet answered */
	bool gone;
	uint8_t buf[PFLOWD_MESSAGE_MAX + 1];
};

/* A handler reaches nothing but globals. */
static volatile sig_atomic_t stops_wanted, reload_wanted;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload_wanted = 1;
	else if (sig != SIGCHLD)
		stops_wanted++;
}

/** They come only while we wait. @param mask  out: for waiting */
static void
catch_signals(sigset_t *mask)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa;
	sigset_t blocked;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&blocked);
	for (i = 0; i < PFLOWI_ARRAY_LEN(signals); i++) {
		(void)sigaddset(&blocked, signals[i]);
		(void)sigaction(signals[i], &sa, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &blocked, mask);
	for (i = 0; i < PFLOWI_ARRAY_LEN(signals); i++)
		(void)sigdelset(mask, signals[i]);
}

static int
check_spools(const struct pflowd_conf *conf, unsigned *line,
    struct pflowi_problem *problem)
{
	size_t i;

	for (i = 0; i < conf->count && conf->service.sandbox; i++) {
		if (!conf->entries[i].settings.value[PFLOWI_SET_SPOOL].given)
			continue;
		*line = conf->entries[i].line;
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
		    PFLOWI_NOWHERE, PFLOWD_SPOOL_SEALED);
	}
	return PFLOW_OK;
}

/** Read and judge a configuration. @return an exit code, or -1: it is good */
static int
read_all(struct parent *p, struct pflowd_conf *conf,
    struct pflowd_access *access, struct pflowd_jail *jail)
{
	struct pflowi_problem problem;
	unsigned line;
	int status;

	free(p->text);
	p->text = pflowd_conf_text(p->job->file, &p->text_len);
	if (p->text == NULL || !pflowd_conf_judge(p->job->file, p->text,
		p->text_len, conf))
		return PFLOWI_EXIT_CONFIG;
	status = pflowd_access_find(&conf->service, access, &line, &problem);
	if (status == PFLOW_OK)
		status = check_spools(conf, &line, &problem);
	if (status == PFLOW_OK)
		status = pflowd_jail_find(&conf->service, jail, &line,
		    &problem);
	if (status == PFLOW_OK) {
		if (jail->change_user)
			access->rights.user = jail->uid;
		return -1;
	}
	if (line == 0)
		pflowi_note("%s: %s", p->job->file, problem.text);
	else
		pflowi_note("%s:%u: %s", p->job->file, line, problem.text);
	pflowd_conf_fini(conf);
	return PFLOWI_EXIT_CONFIG;
}

/** What a child has not to have. Whoever started us waits for the end of
 *  what it reads from us. */
static void
close_own(struct parent *p)
{
	int null = p->job->ready_fd == -1 ? -1 : open("/dev/null", O_RDWR);

	if (null != -1) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)close(null);
	}
	pflowd_front_close(p->front, false);
	if (p->pid_fd != -1)
		(void)close(p->pid_fd);
	if (p->job->ready_fd != -1)
		(void)close(p->job->ready_fd);
}

static void
be_resolver(struct parent *p, int fd)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	char err[200];
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(signals); i++)
		(void)signal(signals[i], SIG_IGN);
	close_own(p);
	if (!p->grants.conf.service.sandbox ||
	    (pflowd_jail_enter(&p->jail, false, err, sizeof(err)) &&
		pflowd_sandbox_resolver(err, sizeof(err))))
		pflowd_lookup_serve(fd);
	_exit(PFLOWI_EXIT_OK);
}

static void
be_worker(struct parent *p, int tell_fd, int ask_fd, int lookup_fd)
{
	struct pflowd_worker setup;
	bool sandbox = p->grants.conf.service.sandbox;
	int code;

	memset(&setup, 0, sizeof(setup));
	setup.file = p->job->file;
	setup.conf = &p->grants.conf;
	setup.jail = p->jail;
	setup.tell_fd = tell_fd;
	setup.ask_fd = ask_fd;
	setup.lookup_fd = lookup_fd;
	setup.background = p->job->ready_fd != -1;
	close_own(p);
	p->front = NULL;
	code = pflowd_worker_run(&setup);
	(void)fflush(NULL);
	/* What runs at exit may want what is not allowed any more. */
	if (sandbox)
		_exit(code);
	pflowd_grants_fini(&p->grants);
	free(p->text);
	free(p);
	exit(code);
}

/** @return false after a line */
static bool
start_children(struct parent *p)
{
	int tell[2], ask[2], lookup[2];

	if (!pflowd_channel_pair(tell) || !pflowd_channel_pair(ask) ||
	    !pflowd_channel_pair(lookup) || (p->resolver = fork()) == -1) {
		pflowi_note("starting: %s", strerror(errno));
		return false;
	}
	if (p->resolver == 0) {
		(void)close(tell[0]);
		(void)close(tell[1]);
		(void)close(ask[0]);
		(void)close(ask[1]);
		(void)close(lookup[0]);
		be_resolver(p, lookup[1]);
	}
	(void)close(lookup[1]);
	p->worker = fork();
	if (p->worker == 0) {
		(void)close(tell[0]);
		(void)close(ask[0]);
		be_worker(p, tell[1], ask[1], lookup[0]);
	}
	(void)close(lookup[0]);
	(void)close(tell[1]);
	(void)close(ask[1]);
	p->tell_fd = tell[0];
	p->ask_fd = ask[0];
	pflowd_channel_never_wait(p->tell_fd);
	pflowd_channel_never_wait(p->ask_fd);
	if (p->worker != -1)
		return true;
	pflowi_note("starting: %s", strerror(errno));
	return false;
}

static void
tell_worker(struct parent *p, enum pflowd_kind kind, uint32_t a)
{
	struct pflowd_message m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.a = a;
	(void)pflowd_channel_send(p->tell_fd, &m, -1);
}

static void
tell_phase(unsigned sources, unsigned ifaces, enum pflowd_phase phase)
{
	char status[160];

	(void)snprintf(status, sizeof(status), "%u sources, %u interfaces",
	    sources, ifaces);
	pflowd_notify(phase, status);
}

/** Sockets of metrics that are no more leave no path behind. */
static void
unlink_metrics(const struct pflowd_conf *old, const struct pflowd_conf *now)
{
	unsigned i, k;

	for (i = 0; i < old->metrics.count; i++) {
		const char *word = old->metrics.lines[i].word;

		for (k = 0; k < now->metrics.count; k++)
			if (strcmp(word, now->metrics.lines[k].word) == 0)
				break;
		if (word[0] == '/' && k == now->metrics.count)
			(void)unlink(word);
	}
}

static void
end_reload(struct parent *p, const struct pflowd_message *m)
{
	bool did = m->flags != 0;
	char err[400];

	p->reloading = false;
	if (did)
		unlink_metrics(&p->grants.conf, &p->grants.next);
	else
		unlink_metrics(&p->grants.next, &p->grants.conf);
	pflowd_grants_settle(&p->grants, did);
	if (did)
		p->access = p->next;
	if (!did)
		pflowi_note("%s: not reloaded, the old configuration goes on",
		    p->job->file);
	else if (!pflowd_front_allow(p->front, &p->access, err, sizeof(err)))
		pflowi_note("%s", err);
	else
		pflowi_note("%s: reloaded", p->job->file);
	tell_phase(p->sources, p->ifaces, PFLOWD_PHASE_READY);
}

static void
begin_reload(struct parent *p)
{
	struct pflowd_conf conf;
	struct pflowd_jail jail;

	pflowd_notify(PFLOWD_PHASE_RELOADING, NULL);
	if (read_all(p, &conf, &p->next, &jail) != -1) {
		pflowi_note("%s: not reloaded, the old configuration goes on",
		    p->job->file);
		tell_phase(p->sources, p->ifaces, PFLOWD_PHASE_READY);
		return;
	}
	if (strcmp(jail.name, p->jail.name) != 0 ||
	    conf.service.sandbox != p->grants.conf.service.sandbox)
		pflowi_note("%s: user and sandbox change at the next start",
		    p->job->file);
	pflowd_grants_offer(&p->grants, &conf);
	p->reloading = true;
	tell_worker(p, PFLOWD_TELL_RELOAD, (uint32_t)p->text_len);
}

/** The worker has begun, or has loaded what it was told to. */
static void
on_running(struct parent *p, const struct pflowd_message *m)
{
	p->sources = m->a;
	p->ifaces = m->b;
	if (p->reloading) {
		end_reload(p, m);
		return;
	}
	p->running = true;
	pflowi_note("%s: %u sources, %u interfaces; control socket %s",
	    p->job->file, (unsigned)m->a, (unsigned)m->b, p->job->socket);
	if (p->job->ready_fd != -1)
		pflowd_background_done(p->job->ready_fd, PFLOWI_EXIT_OK);
	p->job->ready_fd = -1;
	tell_phase(p->sources, p->ifaces, PFLOWD_PHASE_READY);
}

/** What the worker has to say. */
static void
hear(struct parent *p)
{
	char line[PFLOWD_LINE_LEN];
	struct pflowd_message m;
	int status, fd;

	while ((status = pflowd_channel_receive(p->tell_fd, p->buf, &m,
		    &fd)) == PFLOW_OK) {
		if (fd != -1)
			(void)close(fd);
		if (m.kind == PFLOWD_TELL_RUNNING) {
			on_running(p, &m);
		} else if (m.kind == PFLOWD_TELL_DONE &&
		    m.id < PFLOWD_CLIENTS_MAX) {
			pflowd_grants_done(&p->grants, m.id, m.flags != 0);
			pflowd_front_done(p->front, m.id);
		} else if (m.kind == PFLOWD_TELL_NOTE &&
		    pflowd_message_text(&m, line, sizeof(line))) {
			pflowi_note("%s", line);
		}
	}
	if (status == PFLOW_ERR_MALFORMED) {
		pflowi_note("the worker says what nobody may say: ended");
		(void)kill(p->worker, SIGKILL);
	}
	p->gone = status != PFLOW_ERR_AGAIN;
}

/** What signals asked for. */
static void
follow_signals(struct parent *p)
{
	static int stops_told;

	if (reload_wanted && p->running && !p->reloading && stops_told == 0) {
		reload_wanted = 0;
		begin_reload(p);
	}
	while (stops_told < stops_wanted) {
		if (stops_told++ == 0)
			pflowd_notify(PFLOWD_PHASE_STOPPING, NULL);
		tell_worker(p, PFLOWD_TELL_STOP, 0);
	}
}

/** Until the worker is gone. */
static void
look_after(struct parent *p, const sigset_t *mask)
{
	struct timespec retry = { .tv_nsec = RETRY_MS * 1000000L };
	struct pollfd fds[2 + PFLOWD_FRONT_FDS];
	struct pflowd_served served;

	while (!p->gone) {
		nfds_t count = p->running ? PFLOWI_ARRAY_LEN(fds) : 2;
		bool waits = p->running && pflowd_front_want(p->front,
		    fds + 2);
		nfds_t i;

		fds[0].fd = p->tell_fd;
		fds[1].fd = p->ask_fd;
		fds[0].events = fds[1].events = POLLIN;
		if (ppoll(fds, count, waits ? &retry : NULL, mask) == -1)
			for (i = 0; i < count; i++)
				fds[i].revents = 0;
		follow_signals(p);
		served.grants = &p->grants;
		served.conf = p->reloading ? p->text : NULL;
		served.conf_len = p->text_len;
		if (fds[1].revents != 0 && pflowd_serve(p->ask_fd, &served) !=
		    PFLOW_OK)
			fds[1].fd = -1;
		if (fds[0].revents != 0 || fds[1].fd == -1)
			hear(p);
		if (count > 2 && !p->gone)
			pflowd_front_turn(p->front, fds + 2, p->tell_fd,
			    &p->grants);
	}
}

/** What the worker ended with. @return an exit code */
static int
await_end(struct parent *p)
{
	int status;

	while (waitpid(p->worker, &status, 0) == -1)
		if (errno != EINTR)
			return PFLOWI_EXIT_FAILED;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	pflowi_note("the worker was ended by signal %d", WTERMSIG(status));
	return PFLOWI_EXIT_FAILED;
}

/** @return an exit code */
static int
run(struct parent *p)
{
	char err[400];
	sigset_t mask;
	int code;

	if (p->job->pid_file != NULL) {
		p->pid_fd = pflowd_pid_file(p->job->pid_file);
		if (p->pid_fd == -1)
			return PFLOWI_EXIT_FAILED;
	}
	code = read_all(p, &p->grants.conf, &p->access, &p->jail);
	if (code != -1)
		return code;
	p->front = pflowd_front_open(p->job->socket, &p->access, err,
	    sizeof(err));
	if (p->front == NULL) {
		pflowi_note("%s", err);
		return PFLOWI_EXIT_FAILED;
	}
	catch_signals(&mask);
	if (!start_children(p))
		return PFLOWI_EXIT_FAILED;
	look_after(p, &mask);
	return await_end(p);
}

int
pflowd_run(struct pflowd_job *job)
{
	static const struct pflowd_conf none;
	struct parent *p = calloc(1, sizeof(*p));
	int code;

	if (p == NULL)
		return PFLOWI_EXIT_FAILED;
	p->job = job;
	p->pid_fd = p->tell_fd = p->ask_fd = -1;
	pflowd_grants_init(&p->grants);
	code = run(p);
	pflowd_front_close(p->front, true);
	unlink_metrics(&p->grants.conf, &none);
	pflowd_grants_fini(&p->grants);
	if (p->tell_fd != -1)
		(void)close(p->tell_fd);
	if (p->ask_fd != -1)
		(void)close(p->ask_fd);
	pflowd_pid_file_end(job->pid_file, p->pid_fd);
	free(p->text);
	free(p);
	if (job->ready_fd != -1)
		pflowd_background_done(job->ready_fd, code);
	return code;
}
