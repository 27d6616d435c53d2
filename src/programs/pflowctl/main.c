/* SPDX-License-Identifier: ISC */
/* pflowctl: FreeBSD's command line for the interfaces of pflowd, and more. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/note.h"
#include "programs/common/options.h"
#include "programs/common/report.h"
#include "programs/common/scalar.h"
#include "programs/common/stdio.h"
#include "programs/common/usage.h"
#include "programs/pflowctl/show.h"
#include "programs/pflowctl/talk.h"
#include "programs/pflowctl/watch.h"
#include "programs/pflowd/conf.h"

#define USAGE "usage: " PFLOWCTL_NAME " [-lc] [-d id] [-s id ...] [-v]"
#define MORE_USAGE                                                             \
	"       " PFLOWCTL_NAME " [-jv] [-S socket] [-w seconds] stats [id]\n"          \
	"       " PFLOWCTL_NAME " [-S socket] flush | send-template [id]"

/** As FreeBSD's: whatever is wrong. */
#define FAILED 1

struct job {
	const char *socket;
	const char *id;	  /**< of -d and -s */
	char action;	  /**< 'l', 'c', 'd', 's'; 0: an operand says it */
	unsigned actions; /**< how many were given */
	bool json;
	bool verbose;
	uint64_t every_ns; /**< 0: once */
};

static int
usage(void)
{
	(void)fputs(USAGE "\n" MORE_USAGE "\n", stderr);
	return FAILED;
}

static void
print_help(void)
{
	(void)puts(USAGE "\n" MORE_USAGE "\n"
	    "\n"
	    "  -c             create an interface, print its name\n"
	    "  -d id          destroy it\n"
	    "  -j             print JSON\n"
	    "  -l             list all interfaces\n"
	    "  -s id ...      change settings: WORD VALUE ...\n"
	    "  -S socket      of pflowd (" PFLOWD_SOCKET ")\n"
	    "  -v             print more\n"
	    "  -w seconds     statistics again and again\n"
	    "  stats          statistics of interfaces and sources\n"
	    "  flush          send what is held\n"
	    "  send-template  send templates before the next records\n"
	    "\nsettings:");
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
		case 's':
			job->id = o->value;
			job->action = (char)letter;
			job->actions++;
			break;
		case 'c':
		case 'l':
			job->action = (char)letter;
			job->actions++;
			break;
		case 'j':
			job->json = true;
			break;
		case 'S':
			job->socket = o->value;
			break;
		case 'v':
			job->verbose = true;
			break;
		case 'w':
			if (pflowi_parse_duration(o->value, &job->every_ns) !=
				PFLOW_OK || job->every_ns == 0) {
				pflowi_note("-w '%.40s': expected a time "
				    "such as 5", o->value);
				return FAILED;
			}
			break;
		case 'h':
			print_help();
			return pflowi_finish_output();
		case 'V':
			pflowi_usage_version(stdout, PFLOWCTL_NAME);
			return pflowi_finish_output();
		default:
			return usage();
		}
	}
	return -1;
}

/** An answer that is no "ok". @return an exit code */
static int
refused(const struct pflowctl_answer *a, const char *what)
{
	pflowi_note("failed to %s: %s", what, strcmp(a->kind, "notfound") == 0
	    ? strerror(ENOENT) : a->text);
	return FAILED;
}

/** Ask and print. @return an exit code */
static int
ask(const struct job *job, const char *const *request, size_t count,
    const char *what)
{
	struct pflowctl_answer a;
	bool shown = true;
	int code = PFLOWI_EXIT_OK;

	if (!pflowctl_ask(job->socket, request, count, &a))
		return FAILED;
	if (!a.ok)
		code = refused(&a, what);
	else if (job->action == 'l')
		shown = pflowctl_show_list(&a, job->verbose, job->json);
	else if (strcmp(request[0], "stats") == 0)
		shown = pflowctl_show_stats(&a, job->verbose, job->json);
	else if (job->action == 'c' && a.count == 1)
		(void)puts(pflowctl_word(&a.rows[0], 1));
	pflowctl_answer_free(&a);
	if (!shown) {
		pflowi_note("out of memory");
		code = FAILED;
	}
	return code;
}

/** @return an exit code, or -1: an id as it should be */
static int
check_id(const char *id)
{
	unsigned number;

	if (pflowd_number_parse(id, true, &number) == PFLOW_OK)
		return -1;
	pflowi_note("'%.60s' is no interface, expected pflow0 to pflow%d", id,
	    PFLOWD_IFACES_MAX - 1);
	return FAILED;
}

static int
set(const struct job *job, const char *const *words, size_t count)
{
	const char *request[PFLOWD_WORDS_MAX];
	struct pflowi_settings settings;
	struct pflowi_problem problem;
	int status, code = check_id(job->id);

	if (code != -1)
		return code;
	if (count == 0)
		return usage();
	if (count > PFLOWD_WORDS_MAX - 2) {
		pflowi_note("too many words, expected at most %d",
		    PFLOWD_WORDS_MAX - 2);
		return FAILED;
	}
	/* What is wrong can be told without asking anybody. */
	pflowi_settings_init(&settings);
	status = pflowi_settings_parse(&settings, PFLOWI_FOR_INTERFACE, words,
	    count, &problem);
	pflowi_settings_fini(&settings);
	if (status != PFLOW_OK) {
		pflowi_note("%s", problem.text);
		return FAILED;
	}
	request[0] = "set";
	request[1] = job->id;
	memcpy(request + 2, words, count * sizeof(*words));
	return ask(job, request, count + 2, "set");
}

/** Statistics until something fails or somebody ends it. */
static int
watch(const struct job *job, const char *const *words, size_t count)
{
	struct pflowctl_watch w = { .json = job->json };
	struct pflowctl_answer a;
	struct timespec ts;
	int code = -1;

	ts.tv_sec = (time_t)(job->every_ns / 1000000000);
	ts.tv_nsec = (long)(job->every_ns % 1000000000);
	while (code == -1) {
		if (!pflowctl_ask(job->socket, words, count, &a)) {
			code = FAILED;
		} else if (!a.ok) {
			code = refused(&a, "get");
			pflowctl_answer_free(&a);
		} else if (!pflowctl_watch_show(&w, &a)) {
			pflowi_note("out of memory");
			code = FAILED;
		} else if (fflush(stdout) != 0 || ferror(stdout)) {
			code = FAILED;
		} else {
			(void)nanosleep(&ts, NULL);
		}
	}
	pflowctl_watch_fini(&w);
	return code;
}

/** stats, flush and send-template. */
static int
verb(const struct job *job, const char *const *words, size_t count)
{
	static const char *const verbs[] = { "stats", "flush",
		"send-template" };
	static const char *const whats[] = { "get", "flush",
		"send templates" };
	size_t i;
	int code;

	for (i = 0; i < PFLOWI_ARRAY_LEN(verbs); i++)
		if (count > 0 && strcmp(words[0], verbs[i]) == 0)
			break;
	if (i == PFLOWI_ARRAY_LEN(verbs) || count > 2 ||
	    (job->every_ns != 0 && i != 0))
		return usage();
	if (count == 2 && (code = check_id(words[1])) != -1)
		return code;
	return job->every_ns != 0 ? watch(job, words, count)
				  : ask(job, words, count, whats[i]);
}

static int
act(const struct job *job, const char *const *words, size_t count)
{
	static const char *const stats[] = { "stats" };
	const char *request[2] = { "list", job->id };

	if (job->action == 0 && job->every_ns != 0 && count == 0)
		return verb(job, stats, 1);
	if (job->action == 0)
		return verb(job, words, count);
	if (job->actions != 1 || job->every_ns != 0)
		return usage();
	if (job->action == 's')
		return set(job, words, count);
	if (count != 0)
		return usage();
	if (job->action == 'l')
		return ask(job, request, 1, "list");
	if (job->action == 'd') {
		int code = check_id(job->id);

		request[0] = "destroy";
		return code != -1 ? code : ask(job, request, 2, "delete");
	}
	request[0] = "create";
	return ask(job, request, 1, "create");
}

int
main(int argc, char **argv)
{
	struct pflowi_options options;
	struct job job;
	int code, end;

	pflowi_note_as(PFLOWCTL_NAME);
	if (pflowi_stdio_reserve() != PFLOW_OK)
		return PFLOWI_EXIT_FAILED;
	memset(&job, 0, sizeof(job));
	job.socket = PFLOWD_SOCKET;
	pflowi_options_init(&options, argc, (const char *const *)argv,
	    "cd:hjlS:s:vVw:");
	code = parse_options(&job, &options);
	if (code != -1)
		return code;
	if (job.json && !pflowi_report_has_json()) {
		pflowi_note("-j: this build has no JSON");
		return FAILED;
	}
	code = act(&job, (const char *const *)argv + options.next,
	    (size_t)(argc - options.next));
	end = pflowi_finish_output();
	return code != PFLOWI_EXIT_OK ? code : end;
}
