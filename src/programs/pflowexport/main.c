/* SPDX-License-Identifier: ISC */
/* pflowexport: read a source to its end, export it, say what was done. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <pflow/sources.h>
#include <pflow/transports.h>

#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/common/options.h"
#include "programs/common/report.h"
#include "programs/common/scalar.h"
#include "programs/common/stdio.h"
#include "programs/common/stop.h"
#include "programs/common/usage.h"
#include "programs/pflowexport/summary.h"
#include "programs/pflowexport/workers.h"

#define USAGE "usage: pflowexport [-jnqv] [-T THREADS] SOURCE [SETTING VALUE ...]"

/** A command line, understood. */
struct job {
	bool json;
	bool check_only;
	bool quiet;
	bool verbose;
	size_t threads;
	const char *source_word;
	struct pflowi_settings settings;
	struct pflowi_interface interface;
	struct pflow_source_config source_config;
	/** For each thread; owned. */
	struct pflow_source *source[PFLOW_SOURCE_PARTS_MAX];
};

static void
print_help(void)
{
	(void)puts(USAGE "\n"
	    "\n"
	    "Read SOURCE to its end, or until interrupted, export its states as "
	    "NetFlow or\nIPFIX, and print a summary.\n"
	    "\n"
	    "  -j  summary as JSON\n"
	    "  -n  check the arguments only; with -v print them in normal form\n"
	    "  -q  print nothing but errors, and the JSON of -j\n"
	    "  -T  spread the packets of pcap: or pcap-live: over so many "
	    "threads\n"
	    "  -v  print every counter\n"
	    "  -V  print versions, sources and destinations of this build\n"
	    "\n"
	    "sources:");
	pflowi_usage_sources(stdout);
	(void)puts("\ndestinations (dst):");
	pflowi_usage_transports(stdout);
	(void)puts("\nsettings:");
	pflowi_usage_settings(stdout, PFLOWI_FOR_EXPORT);
}

static void
print_version(void)
{
	const char *json = pflowi_report_json_version();

	pflowi_usage_version(stdout, "pflowexport");
	(void)printf("JSON: %s%s\n", json == NULL ? "not in this build"
	    : "jansson ", json == NULL ? "" : json);
	(void)puts("sources:");
	pflowi_usage_sources(stdout);
	(void)puts("destinations:");
	pflowi_usage_transports(stdout);
}

static int
parse_threads(struct job *job, const char *word)
{
	uint64_t n;

	if (pflowi_parse_u64(word, &n) != PFLOW_OK || n == 0 ||
	    n > PFLOW_SOURCE_PARTS_MAX) {
		pflowi_note("-T '%.60s': expected a number from 1 to %d", word,
		    PFLOW_SOURCE_PARTS_MAX);
		return PFLOWI_EXIT_USAGE;
	}
	job->threads = (size_t)n;
	return -1;
}

/** Options. @return an exit code, or -1: go on */
static int
parse_options(struct job *job, struct pflowi_options *o)
{
	struct pflowi_problem problem;
	int letter, code;

	while ((letter = pflowi_options_next(o, &problem)) !=
	    PFLOWI_OPTION_END) {
		switch (letter) {
		case 'j':
			job->json = true;
			break;
		case 'n':
			job->check_only = true;
			break;
		case 'q':
			job->quiet = true;
			break;
		case 'T':
			code = parse_threads(job, o->value);
			if (code != -1)
				return code;
			break;
		case 'v':
			job->verbose = true;
			break;
		case 'h':
			print_help();
			return pflowi_finish_output();
		case 'V':
			print_version();
			return pflowi_finish_output();
		default:
			pflowi_note("%s", problem.text);
			return PFLOWI_EXIT_USAGE;
		}
	}
	return -1;
}

/** Say what is wrong with which argument. */
static int
refuse(size_t first, const struct pflowi_problem *problem)
{
	if (problem->at == PFLOWI_NOWHERE)
		pflowi_note("%s", problem->text);
	else
		pflowi_note("argument %zu: %s", first + problem->at,
		    problem->text);
	return PFLOWI_EXIT_CONFIG;
}

/** One source, or a part of it for each thread. */
static int
create_sources(struct job *job, size_t at)
{
	char err[400];
	int status;

	if (job->threads == 1)
		status = pflow_source_create(job->source_word,
		    &job->source_config, &job->source[0], err, sizeof(err));
	else
		status = pflow_source_create_parts(job->source_word,
		    &job->source_config, job->source, job->threads, err,
		    sizeof(err));
	if (status == PFLOW_OK)
		return -1;
	pflowi_note("argument %zu: %s", at, err);
	return PFLOWI_EXIT_CONFIG;
}

/** Operands. @return an exit code, or -1: go on */
static int
parse_operands(struct job *job, int first, int argc, char **argv)
{
	struct pflowi_problem problem;
	const char *const *words;
	size_t at;
	int code;

	if (first >= argc) {
		pflowi_note("SOURCE is missing; " USAGE);
		return PFLOWI_EXIT_USAGE;
	}
	if (job->json && !pflowi_report_has_json()) {
		pflowi_note("-j: this build has no JSON");
		return PFLOWI_EXIT_USAGE;
	}
	at = (size_t)first;
	words = (const char *const *)argv + at + 1;
	job->source_word = argv[at];
	if (pflowi_settings_parse(&job->settings, PFLOWI_FOR_EXPORT, words,
		(size_t)argc - at - 1, &problem) != PFLOW_OK ||
	    pflowi_source_resolve(&job->settings, job->source_word,
		&job->source_config, &problem) != PFLOW_OK)
		return refuse(at + 1, &problem);
	code = create_sources(job, at);
	if (code != -1)
		return code;
	if (pflowi_interface_resolve(&job->settings, &job->interface,
		&problem) != PFLOW_OK ||
	    pflowexport_workers_check(&job->settings, &job->interface,
		job->threads, &problem) != PFLOW_OK)
		return refuse(at + 1, &problem);
	return -1;
}

static int
check_only(const struct job *job)
{
	char line[8192];

	if (!job->verbose)
		return PFLOWI_EXIT_OK;
	if (pflowi_settings_print(&job->settings, line, sizeof(line)) !=
	    PFLOW_OK) {
		pflowi_note("settings are too long to print");
		return PFLOWI_EXIT_FAILED;
	}
	(void)printf("%s %s\n", job->source_word, line);
	return pflowi_finish_output();
}

/** One line with everything that was chosen for the user. */
static void
tell_choice(const struct job *job, uint32_t rate_pps)
{
	const struct pflow_exporter_config *cfg = &job->interface.exporter;
	char what[64], rate[64] = "", threads[80] = "";
	uint32_t first = cfg->version == 5 ? cfg->engine_id : cfg->domain_id;

	if (job->quiet)
		return;
	if (job->threads != 1)
		(void)snprintf(threads, sizeof(threads),
		    " (to %" PRIu32 ": %zu threads)",
		    first + (uint32_t)job->threads - 1, job->threads);
	if (rate_pps != 0)
		(void)snprintf(rate, sizeof(rate),
		    ", at most %u messages a second", (unsigned)rate_pps);
	pflowi_interface_describe(&job->interface, what, sizeof(what));
	pflowi_note("%s to %s: %s%s, mtu %u%s", job->source_word,
	    job->interface.dest_word, what, threads, (unsigned)cfg->mtu, rate);
}

static void
tell_failure(const struct job *job, const struct pflowi_driver *d)
{
	struct pflow_exporter_stats stats;
	/* What ended the run is told in a line of its own. */
	const char *why = d->lanes_status == PFLOW_OK
	    ? pflowi_lanes_error_text(d->lanes) : "";
	uint64_t lost;

	pflowi_lanes_stats(d->lanes, &stats);
	lost = stats.drops[PFLOW_DROP_discarded].count;

	if (d->source_status != PFLOW_OK && d->source_status != PFLOW_EOF &&
	    d->lanes_status == PFLOW_OK)
		pflowi_note("%s", d->source->ops->error_text(d->source));
	if (d->lanes_status != PFLOW_OK)
		pflowi_note("%s", pflowi_lanes_error_text(d->lanes));
	if (d->gave_up && !d->ended)
		pflowi_note("%s: stopped before the end of %s",
		    job->interface.dest_word, job->source_word);
	if (lost != 0)
		pflowi_note("%s: %" PRIu64 " records could not be sent%s%s",
		    job->interface.dest_word, lost,
		    *why == '\0' ? "" : "; last error: ", why);
}

/** A datagram that is refused ends nothing, but should not go unsaid. */
static void
tell_trouble(const struct job *job, const struct pflowi_driver *d)
{
	const char *text = pflowi_lanes_error_text(d->lanes);

	if (!job->quiet && *text != '\0')
		pflowi_note("last error: %s", text);
	if (!job->quiet && d->kept > 0)
		pflowi_note("spool %s: keeps %" PRIu64 " octets that %s has "
		    "not confirmed; run again to send them",
		    job->interface.spool, d->kept, job->interface.dest_word);
}

/** Everything is open: run. */
static int
run(const struct job *job, struct pflowexport_workers *w)
{
	int status, code;
	size_t i;

	pflowexport_workers_show(w, job->source_word,
	    job->interface.dest_word, job->quiet);
	status = pflowexport_workers_run(w);
	for (i = 0; i < w->count; i++) {
		if (!w->one[i].started)
			continue;
		if (w->one[i].status != PFLOW_OK)
			tell_failure(job, &w->one[i].driver);
		else
			tell_trouble(job, &w->one[i].driver);
	}
	code = pflowexport_summary(w, &job->interface, job->source_word,
	    job->json, job->quiet, job->verbose);
	return status == PFLOW_OK ? code : PFLOWI_EXIT_FAILED;
}

static int
open_and_run(struct job *job)
{
	struct pflow_now now = pflowi_clock();
	uint32_t rate = pflowi_interface_rate(&job->settings,
	    &job->interface, job->source_word);
	struct pflowexport_workers workers;
	char err[400];
	int code = PFLOWI_EXIT_FAILED;
	size_t i;

	for (i = 0; i < job->threads; i++) {
		struct pflow_source *src = job->source[i];

		if (src->ops->open(src, now) == PFLOW_OK)
			continue;
		pflowi_note("%s", src->ops->error_text(src));
		return PFLOWI_EXIT_FAILED;
	}
	tell_choice(job, rate);
	if (pflowexport_workers_open(&workers, job->source, job->threads,
		&job->interface, rate, now, err, sizeof(err)) != PFLOW_OK)
		pflowi_note("%s", err);
	else
		code = run(job, &workers);
	pflowexport_workers_close(&workers);
	return code;
}

int
main(int argc, char **argv)
{
	struct pflowi_options options;
	struct job job;
	int code;
	size_t i;

	pflowi_note_as("pflowexport");
	if (pflowi_stdio_reserve() != PFLOW_OK)
		return PFLOWI_EXIT_FAILED;
	memset(&job, 0, sizeof(job));
	job.threads = 1;
	pflowi_settings_init(&job.settings);
	pflowi_options_init(&options, argc, (const char *const *)argv,
	    "hjnqvVT:");
	code = parse_options(&job, &options);
	if (code == -1)
		code = parse_operands(&job, options.next, argc, argv);
	if (code == -1 && job.check_only) {
		code = check_only(&job);
	} else if (code == -1) {
		/* A reader of our output that left is an error, no death. */
		(void)signal(SIGPIPE, SIG_IGN);
		if (pflowi_stop_install() != PFLOW_OK) {
			pflowi_note("signals: the system refused");
			code = PFLOWI_EXIT_FAILED;
		} else {
			code = open_and_run(&job);
		}
	}
	for (i = 0; i < job.threads; i++)
		if (job.source[i] != NULL)
			job.source[i]->ops->close(job.source[i]);
	pflowi_settings_fini(&job.settings);
	return code;
}
