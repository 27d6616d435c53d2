/* SPDX-License-Identifier: ISC */
/* pflowd: sources, and any number of pflow interfaces, as a service. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/common/options.h"
#include "programs/common/usage.h"
#include "programs/pflowd/loop.h"

#define USAGE "usage: pflowd -d [-nv] [-f FILE] [-S SOCKET]"

struct job {
	const char *file;
	const char *socket;
	bool foreground;
	bool check_only;
	bool verbose;
	struct pflowd_engine engine;
};

static void
print_help(void)
{
	(void)puts(USAGE "\n"
	    "\n"
	    "Export the states of sources through pflow interfaces, as "
	    "pflowd.conf says.\n"
	    "\n"
	    "  -d         run in the foreground, tell by standard error\n"
	    "  -f FILE    configuration (" PFLOWD_FILE ")\n"
	    "  -n         check the configuration only; with -v print it in "
	    "normal form\n"
	    "  -S SOCKET  where pflowctl connects (" PFLOWD_SOCKET ")\n"
	    "  -V         print versions\n"
	    "\n"
	    "sources:");
	pflowi_usage_sources(stdout);
	(void)puts("\ndestinations (dst):");
	pflowi_usage_transports(stdout);
	(void)puts("\nsettings of sources:");
	pflowi_usage_settings(stdout, PFLOWI_FOR_SOURCE);
	(void)puts("\nsettings of interfaces:");
	pflowi_usage_settings(stdout, PFLOWI_FOR_INTERFACE);
}

/** Options. @return an exit code, or -1: go on */
static int
parse_options(struct job *job, struct pflowi_options *o)
{
	struct pflowi_problem problem;
	int letter;

	while ((letter = pflowi_options_next(o, &problem)) !=
	    PFLOWI_OPTION_END) {
		switch (letter) {
		case 'd':
			job->foreground = true;
			break;
		case 'f':
			job->file = o->value;
			break;
		case 'n':
			job->check_only = true;
			break;
		case 'S':
			job->socket = o->value;
			break;
		case 'v':
			job->verbose = true;
			break;
		case 'h':
			print_help();
			return pflowi_finish_output();
		case 'V':
			pflowi_usage_version(stdout, "pflowd");
			return pflowi_finish_output();
		default:
			pflowi_note("%s", problem.text);
			return PFLOWI_EXIT_USAGE;
		}
	}
	if (o->next < o->argc) {
		pflowi_note("'%.60s' is too much; " USAGE, o->argv[o->next]);
		return PFLOWI_EXIT_USAGE;
	}
	if (!job->foreground && !job->check_only) {
		pflowi_note("-d is missing: this pflowd runs in the "
		    "foreground only; " USAGE);
		return PFLOWI_EXIT_USAGE;
	}
	return -1;
}

/**
 * Read the whole file.
 *
 * @return malloc()ed, or NULL after a line
 */
static char *
read_file(const char *path, size_t *len)
{
	/* A FIFO or a terminal must not stop a service. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = malloc(PFLOWD_CONF_LEN + 1);
	ssize_t n = -1;

	*len = 0;
	if (fd != -1 && text != NULL)
		while ((n = read(fd, text + *len,
			    PFLOWD_CONF_LEN + 1 - *len)) > 0)
			*len += (size_t)n;
	if (n == 0 && *len <= PFLOWD_CONF_LEN) {
		(void)close(fd);
		return text;
	}
	if (*len > PFLOWD_CONF_LEN)
		pflowi_note("%s: too long, expected at most %u octets", path,
		    PFLOWD_CONF_LEN);
	else
		pflowi_note("%s: %s", path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	free(text);
	return NULL;
}

/** Read and parse. @return false after a line */
static bool
read_conf(const struct job *job, struct pflowd_conf *conf)
{
	struct pflowi_problem problem;
	unsigned line;
	size_t len;
	char *text = read_file(job->file, &len);
	int status;

	if (text == NULL)
		return false;
	status = pflowd_conf_parse(text, len, conf, &line, &problem);
	free(text);
	if (status == PFLOW_OK) {
		status = pflowd_engine_check(conf, &line, &problem);
		if (status != PFLOW_OK)
			pflowd_conf_fini(conf);
	}
	if (status != PFLOW_OK)
		pflowi_note("%s:%u: %s", job->file, line, problem.text);
	return status == PFLOW_OK;
}

static int
check_only(const struct job *job)
{
	char line[2 * PFLOWD_LINE_LEN];
	struct pflowd_conf conf;
	size_t i;

	if (!read_conf(job, &conf))
		return PFLOWI_EXIT_CONFIG;
	for (i = 0; i < conf.count && job->verbose; i++) {
		if (pflowd_entry_print(&conf.entries[i], line,
			sizeof(line)) != PFLOW_OK)
			pflowi_note("%s:%u: too long to print", job->file,
			    conf.entries[i].line);
		else
			(void)puts(line);
	}
	pflowd_conf_fini(&conf);
	return pflowi_finish_output();
}

/** @return an exit code, or -1: it runs by the file now */
static int
load(struct job *job, struct pflow_now now)
{
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;
	int status;

	if (!read_conf(job, &conf))
		return PFLOWI_EXIT_CONFIG;
	status = pflowd_engine_load(&job->engine, &conf, now, &line, &problem);
	pflowd_conf_fini(&conf);
	if (status == PFLOW_OK)
		return -1;
	pflowi_note("%s:%u: %s", job->file, line, problem.text);
	return PFLOWI_EXIT_FAILED;
}

/** A pflowd_reload_fn. */
static void
reload(void *arg, struct pflow_now now)
{
	struct job *job = arg;

	if (load(job, now) == -1)
		pflowi_note("%s: reloaded", job->file);
	else
		pflowi_note("%s: not reloaded, the old configuration goes on",
		    job->file);
}

/** What became of everything. @return an exit code */
static int
tell_end(const struct job *job)
{
	int code = PFLOWI_EXIT_OK;
	size_t i;

	for (i = 0; i < job->engine.iface_count; i++) {
		const struct pflowd_iface *iface = job->engine.ifaces[i];
		struct pflow_exporter_stats s;

		pflowd_iface_stats(iface, &s);
		pflowi_note("pflow%u: %" PRIu64 " states, %" PRIu64
		    " records, %" PRIu64 " sent, %" PRIu64 " discarded, "
		    "%" PRIu64 " states overflowed", iface->number,
		    iface->states, s.records, s.records_sent,
		    s.drops[PFLOW_DROP_discarded].count, iface->overflow);
		if (pflowd_iface_sums_agree(iface))
			continue;
		pflowi_note("pflow%u: the sums do not agree", iface->number);
		code = PFLOWI_EXIT_FAILED;
	}
	return code;
}

static int
run(struct job *job)
{
	struct pflowd_loop loop;
	char err[400];
	int code = PFLOWI_EXIT_FAILED;

	if (pflowd_loop_open(&loop) != PFLOW_OK) {
		pflowi_note("events: the system refused");
		pflowd_loop_close(&loop);
		return code;
	}
	loop.engine = &job->engine;
	loop.reload = reload;
	loop.arg = job;
	code = load(job, pflowi_clock());
	if (code == -1) {
		loop.control = pflowd_control_open(loop.base, job->socket, err,
		    sizeof(err));
		if (loop.control == NULL) {
			pflowi_note("%s", err);
			code = PFLOWI_EXIT_FAILED;
		} else {
			pflowi_note("%s: %zu sources, %zu interfaces; control "
			    "socket %s", job->file, job->engine.source_count,
			    job->engine.iface_count, job->socket);
			pflowd_loop_run(&loop);
			code = tell_end(job);
		}
	}
	pflowd_control_close(loop.control);
	pflowd_engine_fini(&job->engine);
	pflowd_loop_close(&loop);
	return code;
}

int
main(int argc, char **argv)
{
	struct pflowi_options options;
	struct job job;
	int code;

	pflowi_note_as("pflowd");
	memset(&job, 0, sizeof(job));
	job.file = PFLOWD_FILE;
	job.socket = PFLOWD_SOCKET;
	pflowd_engine_init(&job.engine);
	pflowi_options_init(&options, argc, (const char *const *)argv,
	    "df:hnS:vV");
	code = parse_options(&job, &options);
	if (code == -1 && job.check_only) {
		code = check_only(&job);
	} else if (code == -1) {
		(void)signal(SIGPIPE, SIG_IGN);
		code = run(&job);
	}
	return code;
}
