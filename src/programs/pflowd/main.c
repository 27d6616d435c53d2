/* SPDX-License-Identifier: ISC */
/* pflowd: sources, and any number of pflow interfaces, as a service. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/common/note.h"
#include "programs/common/options.h"
#include "programs/common/stdio.h"
#include "programs/common/usage.h"
#include "programs/pflowd/background.h"
#include "programs/pflowd/confile.h"
#include "programs/pflowd/run.h"
#include "programs/pflowd/sandbox.h"

#define USAGE "usage: pflowd [-dnv] [-f FILE] [-p PIDFILE] [-S SOCKET]"

struct options {
	struct pflowd_job job;
	bool foreground;
	bool check_only;
	bool verbose;
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
	    "             (else in the background, by syslog)\n"
	    "  -f FILE    configuration (" PFLOWD_FILE ")\n"
	    "  -n         check the configuration only; with -v print it in "
	    "normal form\n"
	    "  -p FILE    write the number of the process there\n"
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
parse_options(struct options *options, struct pflowi_options *o)
{
	struct pflowi_problem problem;
	int letter;

	while ((letter = pflowi_options_next(o, &problem)) !=
	    PFLOWI_OPTION_END) {
		switch (letter) {
		case 'd':
			options->foreground = true;
			break;
		case 'f':
			options->job.file = o->value;
			break;
		case 'n':
			options->check_only = true;
			break;
		case 'p':
			options->job.pid_file = o->value;
			break;
		case 'S':
			options->job.socket = o->value;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'h':
			print_help();
			return pflowi_finish_output();
		case 'V':
			pflowi_usage_version(stdout, "pflowd");
			(void)printf("sandbox: %s\n", pflowd_sandbox_name);
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
	return -1;
}

/** The configuration in normal form. */
static void
print(const char *file, const struct pflowd_conf *conf)
{
	char line[2 * PFLOWD_LINE_LEN];
	unsigned n;
	size_t i;

	for (n = 0; n < PFLOWD_SERVICE_LINES; n++)
		if (pflowd_service_print(&conf->service, n, line,
			sizeof(line)) == PFLOW_OK && line[0] != '\0')
			(void)puts(line);
	for (n = 0; n < conf->metrics.count; n++)
		if (pflowd_metrics_print(&conf->metrics, n, line,
			sizeof(line)) == PFLOW_OK)
			(void)puts(line);
	for (i = 0; i < conf->count; i++) {
		if (pflowd_entry_print(&conf->entries[i], line,
			sizeof(line)) != PFLOW_OK)
			pflowi_note("%s:%u: too long to print", file,
			    conf->entries[i].line);
		else
			(void)puts(line);
	}
}

static int
check_only(const struct options *options)
{
	struct pflowd_conf conf;

	if (!pflowd_conf_read(options->job.file, &conf))
		return PFLOWI_EXIT_CONFIG;
	if (options->verbose)
		print(options->job.file, &conf);
	pflowd_conf_fini(&conf);
	return pflowi_finish_output();
}

/** Paths mean the same after the change to "/". @return false after a line */
static bool
make_absolute(const char **path, char buf[PATH_MAX])
{
	char here[PATH_MAX];
	int n;

	if (*path == NULL || (*path)[0] == '/')
		return true;
	if (getcwd(here, sizeof(here)) == NULL) {
		pflowi_note("%s: %s", *path, strerror(errno));
		return false;
	}
	n = snprintf(buf, PATH_MAX, "%s/%s", here, *path);
	if (n < 0 || n >= PATH_MAX) {
		pflowi_note("%s: %s", *path, strerror(ENAMETOOLONG));
		return false;
	}
	*path = buf;
	return true;
}

/** In the background. @return an exit code, only in the service itself */
static int
run_behind(struct pflowd_job *job)
{
	static char file[PATH_MAX], sock[PATH_MAX], pid[PATH_MAX];

	if (!make_absolute(&job->file, file) ||
	    !make_absolute(&job->socket, sock) ||
	    !make_absolute(&job->pid_file, pid) ||
	    !pflowd_background_begin(&job->ready_fd))
		return PFLOWI_EXIT_FAILED;
	pflowd_background_log(NULL);
	return pflowd_run(job);
}

int
main(int argc, char **argv)
{
	struct pflowi_options parser;
	struct options options;
	int code;

	pflowi_note_as("pflowd");
	if (pflowi_stdio_reserve() != PFLOW_OK)
		return PFLOWI_EXIT_FAILED;
	memset(&options, 0, sizeof(options));
	options.job.file = PFLOWD_FILE;
	options.job.socket = PFLOWD_SOCKET;
	options.job.ready_fd = -1;
	pflowi_options_init(&parser, argc, (const char *const *)argv,
	    "df:hnp:S:vV");
	code = parse_options(&options, &parser);
	if (code != -1)
		return code;
	if (options.check_only)
		return check_only(&options);
	(void)signal(SIGPIPE, SIG_IGN);
	return options.foreground ? pflowd_run(&options.job)
	    : run_behind(&options.job);
}
