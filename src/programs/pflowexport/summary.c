/* SPDX-License-Identifier: ISC */
#include "programs/pflowexport/summary.h"

#include <inttypes.h>
#include <string.h>

#include "programs/common/note.h"
#include "programs/common/report.h"

/** The two sums that <pflow/exporter.h> promises, and what was fed. */
struct sums {
	struct pflow_exporter_stats stats; /**< of all receivers */
	uint64_t dropped; /**< states, for all reasons */
	uint64_t sent;	  /**< records that the system took */
	uint64_t lost;	  /**< records discarded, or given up on their way */
	bool agree;
};

/** Records that a transport took and could not send. */
static void
add_lost(void *arg, const struct pflow_counter *c)
{
	static const char unit[] = "_records";
	uint64_t *lost = arg;
	size_t len = strlen(c->name);

	if (c->kind == PFLOW_COUNTER_DROP && len >= sizeof(unit) &&
	    strcmp(c->name + len - (sizeof(unit) - 1), unit) == 0)
		*lost += c->value;
}

static struct sums
add_up(const struct pflowi_driver *d)
{
	struct sums sums;
	const struct pflow_exporter_stats *s = &sums.stats;
	unsigned i;

	memset(&sums, 0, sizeof(sums));
	pflowi_lanes_stats(d->lanes, &sums.stats);

	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		if (i != PFLOW_DROP_discarded)
			sums.dropped += s->drops[i].count;
	pflowi_lanes_counters(d->lanes, add_lost, &sums.lost);
	sums.sent = s->records_sent - sums.lost;
	sums.lost += s->drops[PFLOW_DROP_discarded].count;
	sums.agree = d->lanes->offered == s->states + d->lanes->overflow &&
	    d->lanes->offered >= d->states &&
	    (d->lanes->count > 1 || d->states == s->states) &&
	    s->states == s->states_exported + sums.dropped &&
	    sums.sent <= s->records_sent && s->records_waiting == 0 &&
	    s->records == sums.sent + sums.lost;
	return sums;
}

static void
fill(struct pflowi_report *r, const struct pflowi_driver *d,
    const struct pflowi_interface *in, const char *source_word,
    const struct sums *sums)
{
	const struct pflow_exporter_stats *s = &sums->stats;
	struct pflow_exporter all = d->lanes->lane[0].outlet.exporter;

	all.stats = *s;
	pflowi_report_text(r, "source", source_word);
	pflowi_report_text(r, "destination", in->dest_word);
	pflowi_report_bool(r, "interrupted", d->stopping);
	pflowi_report_bool(r, "sums_agree", sums->agree);
	pflowi_report_number(r, "records_lost", sums->lost, NULL);
	pflowi_report_number(r, "kept_octets", d->kept,
	    d->kept == 0 ? NULL : "kept in the spool");
	pflowi_report_number(r, "proto", in->exporter.version, NULL);
	pflowi_report_number(r, "packets", s->packets, "in the records");
	pflowi_report_number(r, "octets", s->octets, "in the records");
	pflowi_report_number(r, "states", d->states, "from the source");
	pflowi_report_number(r, "records", s->records, "made of them");
	pflowi_report_number(r, "messages", s->messages_sent,
	    "sent, templates included");
	pflowi_report_section(r, "source");
	if (d->source->ops->counters != NULL)
		d->source->ops->counters(d->source, pflowi_report_counter, r);
	pflowi_report_section(r, "exporter");
	pflow_exporter_counters(&all, pflowi_report_counter, r);
	pflowi_report_section(r, "transport");
	pflowi_lanes_counters(d->lanes, pflowi_report_counter, r);
	pflowi_lanes_report(d->lanes, r);
}

static void
print_sums(FILE *out, const struct pflow_exporter_stats *s,
    const struct sums *sums)
{
	(void)fprintf(out, "sums %s: %" PRIu64 " states = %" PRIu64
	    " exported + %" PRIu64 " counted; %" PRIu64 " records = %" PRIu64
	    " sent + %" PRIu64 " counted\n",
	    sums->agree ? "agree" : "DO NOT AGREE", s->states,
	    s->states_exported, sums->dropped, s->records, sums->sent,
	    sums->lost);
}

int
pflowexport_summary(const struct pflowi_driver *d,
    const struct pflowi_interface *in, const char *source_word, bool json,
    bool quiet, bool verbose)
{
	bool busy = strcmp(in->dest_word, "file:-") == 0;
	FILE *out = busy ? stderr : stdout;
	struct sums sums = add_up(d);
	struct pflowi_report report;
	int code = PFLOWI_EXIT_OK;

	pflowi_report_init(&report);
	fill(&report, d, in, source_word, &sums);
	if (json && pflowi_report_json(&report, out) != PFLOW_OK) {
		pflowi_note("summary: out of memory");
		code = PFLOWI_EXIT_FAILED;
	} else if (!json && !quiet) {
		pflowi_report_print(&report, out, verbose
		    ? PFLOWI_DETAIL_ALL : PFLOWI_DETAIL_DROPS);
		print_sums(out, &sums.stats, &sums);
	}
	pflowi_report_fini(&report);
	if (!busy && code == PFLOWI_EXIT_OK)
		code = pflowi_finish_output();
	if (!sums.agree) {
		pflowi_note("the sums do not agree");
		return PFLOWI_EXIT_FAILED;
	}
	return code;
}
