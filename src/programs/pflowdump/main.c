/* SPDX-License-Identifier: ISC */
/* pflowdump: flows that an exporter sends, or that a file holds, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "programs/common/digest.h"
#include "programs/common/note.h"
#include "programs/common/options.h"
#include "programs/common/report.h"
#include "programs/common/scalar.h"
#include "programs/common/stdio.h"
#include "programs/common/stop.h"
#include "programs/common/usage.h"
#include "programs/pflowdump/dump.h"

#define USAGE                                                                  \
	"usage: pflowdump [-cjqv] [-n COUNT] [-t TIME] udp:HOST:PORT | FILE"

struct job {
	enum pflowdump_format format;
	bool quiet;
	bool verbose;
	uint64_t count;	  /**< UINT64_MAX: no end */
	uint64_t idle_ns; /**< PFLOW_NEVER: no end */
};

static void
print_help(void)
{
	(void)puts(USAGE "\n"
	    "\n"
	    "Print the flows of NetFlow v5, v9 and IPFIX messages: listen for "
	    "datagrams at\nudp:HOST:PORT (port 0: any free one), or read FILE: "
	    "v5 or IPFIX messages one\nafter another, or a packet capture of "
	    "datagrams; - is standard input. Times are UTC.\n"
	    "\n"
	    "  -c        comma-separated values\n"
	    "  -j        JSON, one object a line\n"
	    "  -n COUNT  end after COUNT flows\n"
	    "  -q        no heading, no totals\n"
	    "  -t TIME   end after so long without messages, such as 5 or "
	    "500ms\n"
	    "  -v        print every counter at the end\n"
	    "  -V        print versions");
}

static void
print_version(void)
{
	const char *pcap = pflowdump_capture_version();

	pflowi_usage_version(stdout, "pflowdump");
	(void)printf("captures: %s\n",
	    pcap == NULL ? "not in this build" : pcap);
}

static int
bad_value(char letter, const char *value, const char *right)
{
	pflowi_note("-%c '%.60s': not understood, expected %s", letter, value,
	    right);
	return PFLOWI_EXIT_USAGE;
}

/** One option. @return an exit code, or -1: go on */
static int
take_option(struct job *job, int letter, const char *value)
{
	switch (letter) {
	case 'c':
		job->format = PFLOWDUMP_CSV;
		return -1;
	case 'j':
		job->format = PFLOWDUMP_JSON;
		return -1;
	case 'n':
		if (pflowi_parse_u64(value, &job->count) != PFLOW_OK ||
		    job->count == 0)
			return bad_value('n', value, "a number from 1");
		return -1;
	case 'q':
		job->quiet = true;
		return -1;
	case 't':
		if (pflowi_parse_duration(value, &job->idle_ns) != PFLOW_OK ||
		    job->idle_ns == 0)
			return bad_value('t', value,
			    "a time such as 5, 1m30s or 500ms");
		return -1;
	case 'v':
		job->verbose = true;
		return -1;
	case 'h':
		print_help();
		return pflowi_finish_output();
	default:
		print_version();
		return pflowi_finish_output();
	}
}

static int
parse_options(struct job *job, struct pflowi_options *o)
{
	struct pflowi_problem problem;
	int letter, code = -1;

	while (code == -1 && (letter = pflowi_options_next(o, &problem)) !=
	    PFLOWI_OPTION_END) {
		if (letter == PFLOWI_OPTION_BAD) {
			pflowi_note("%s", problem.text);
			return PFLOWI_EXIT_USAGE;
		}
		code = take_option(job, letter, o->value);
	}
	if (code == -1 && o->argc - o->next != 1) {
		pflowi_note("%s; " USAGE, o->next == o->argc
		    ? "what to read is missing" : "one operand is expected");
		return PFLOWI_EXIT_USAGE;
	}
	return code;
}

/**
 * Where to listen. Port 0 is of this program alone: the system picks one.
 *
 * @return PFLOW_OK, or a status with a problem
 */
static int
parse_listen(const char *word, struct pflowi_dest *dest,
    struct pflowi_problem *problem)
{
	char copy[PFLOWI_DEST_LEN];
	size_t len = strlen(word);
	bool any = len > 2 && strcmp(word + len - 2, ":0") == 0;
	int status;

	if (len >= sizeof(copy))
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.60s...': too long, expected udp:HOST:PORT", word);
	memcpy(copy, word, len + 1);
	if (any)
		copy[len - 2] = '\0';
	status = pflowi_dest_parse(copy, dest, problem);
	if (status != PFLOW_OK)
		return status;
	if (strcmp(dest->kind, "file") != 0 && strcmp(dest->kind, "udp") != 0)
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED, 0,
		    "'%.120s': listening on %s: is not in this build, expected "
		    "udp:HOST:PORT", word, dest->kind);
	if (strcmp(dest->kind, "udp") == 0 && dest->port == 0 && !any)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': port is missing, expected udp:HOST:PORT such as "
		    "%s:2055", word, copy);
	return PFLOW_OK;
}

/** Is the operand the word of a destination rather than a path? */
static bool
is_dest(const char *word)
{
	static const char *const kinds[] = { "udp:", "tcp:", "tls:", "dtls:",
		"sctp:", "file:" };
	struct pflowi_problem ignored;
	struct pflowi_dest dest;
	struct stat st;
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(kinds); i++)
		if (strncmp(word, kinds[i], strlen(kinds[i])) == 0)
			return true;
	/* HOST:PORT, unless there is a file of that name. */
	return strchr(word, '/') == NULL && stat(word, &st) == -1 &&
	    strchr(word, ':') != NULL &&
	    parse_listen(word, &dest, &ignored) == PFLOW_OK;
}

/** The line for people at the very end. */
static void
print_totals(const struct pflowdump *d)
{
	struct pflow_decoder_stats stats;

	pflowdump_peers_sum(&d->peers, &stats);
	pflowi_note("flows %" PRIu64 ", packets %" PRIu64 ", octets %" PRIu64
	    ", lost by sequence %" PRIu64 "%s, messages %" PRIu64
	    ", unreadable %" PRIu64, d->flows, d->packets, d->octets,
	    stats.records_lost + stats.messages_lost,
	    stats.messages_lost == 0 ? "" : " (of v9 messages)", d->messages,
	    d->not_netflow + d->unreadable);
}

static void
tell(struct pflowi_report *r, const char *name, uint64_t value,
    const char *help)
{
	struct pflow_counter c = { name, help, value, PFLOW_COUNTER_DROP };

	pflowi_report_counter(r, &c);
}

/** What was left out, and with -v everything. */
static void
print_counters(const struct pflowdump *d, bool verbose)
{
	struct pflowi_report r;
	struct pflow_decoder sum;

	memset(&sum, 0, sizeof(sum));
	pflowdump_peers_sum(&d->peers, &sum.stats);
	pflowi_report_init(&r);
	pflowi_report_section(&r, "input");
	tell(&r, "not_netflow_datagrams", d->not_netflow,
	    "neither NetFlow v5, v9 nor IPFIX");
	tell(&r, "unreadable_messages", d->unreadable,
	    "nothing of them can be trusted");
	tell(&r, "fragments", d->fragments, "parts of datagrams in a capture");
	tell(&r, "cut_short_datagrams", d->cut_short,
	    "not captured to their end");
	tell(&r, "skipped_octets", d->skipped_octets,
	    "of a damaged file, between messages");
	tell(&r, "forgotten_exporters", d->peers.forgotten,
	    "silent longest when there were too many");
	tell(&r, "no_memory_messages", d->no_memory, "no room for an exporter");
	if (verbose)
		tell(&r, "not_udp_packets", d->not_udp,
		    "of a capture, something else");
	pflowi_report_section(&r, "decoder");
	pflow_decoder_counters(&sum, pflowi_report_counter, &r);
	pflowi_report_print(&r, stderr,
	    verbose ? PFLOWI_DETAIL_ALL : PFLOWI_DETAIL_DROPS);
	pflowi_report_fini(&r);
}

static int
run(const struct job *job, const char *word)
{
	struct pflowi_problem problem;
	struct pflowi_dest dest;
	struct pflowdump dump;
	bool listens = is_dest(word);
	const char *why;
	int code, printed;

	if (listens && parse_listen(word, &dest, &problem) != PFLOW_OK) {
		pflowi_note("%s", problem.text);
		return PFLOWI_EXIT_CONFIG;
	}
	if (listens && strcmp(dest.kind, "file") == 0) {
		listens = false;
		word = dest.path;
	}
	memset(&dump, 0, sizeof(dump));
	dump.left = job->count;
	dump.idle_ns = job->idle_ns;
	dump.quiet = job->quiet;
	dump.digest = pflowi_digest(&why);
	pflowdump_writer_init(&dump.writer, stdout, job->format);
	if (!job->quiet)
		pflowdump_writer_heading(&dump.writer);
	code = listens ? pflowdump_listen(&dump, &dest)
		       : pflowdump_file(&dump, word);
	printed = pflowi_finish_output();
	if (!job->quiet) {
		print_counters(&dump, job->verbose);
		print_totals(&dump);
	}
	pflowdump_peers_fini(&dump.peers);
	return code != PFLOWI_EXIT_OK ? code : printed;
}

int
main(int argc, char **argv)
{
	struct pflowi_options options;
	struct job job;
	int code;

	pflowi_note_as("pflowdump");
	if (pflowi_stdio_reserve() != PFLOW_OK)
		return PFLOWI_EXIT_FAILED;
	memset(&job, 0, sizeof(job));
	job.count = UINT64_MAX;
	job.idle_ns = PFLOW_NEVER;
	pflowi_options_init(&options, argc, (const char *const *)argv,
	    "chjn:qt:vV");
	code = parse_options(&job, &options);
	if (code != -1)
		return code;
	if (pflowi_stop_install() != PFLOW_OK) {
		pflowi_note("signals: the system refused");
		return PFLOWI_EXIT_FAILED;
	}
	return run(&job, argv[options.next]);
}
