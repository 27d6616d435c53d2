/* SPDX-License-Identifier: ISC */
#include "programs/pflowexport/summary.h"

#include <inttypes.h>
#include <string.h>

#include "programs/common/note.h"
#include "programs/common/report.h"

/** The two sums that <pflow/exporter.h> promises, and what was fed. */
struct sums {
	struct pflow_exporter_stats stats; /**< of all threads and receivers */
	uint64_t dropped; /**< states, for all reasons */
	uint64_t sent;	  /**< records that the system took */
	uint64_t lost;	  /**< records discarded, or given up on their way */
	uint64_t states;  /**< taken from the source */
	uint64_t kept;	  /**< octets, in spools */
	bool agree;
	bool interrupted;
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

/** What one thread did: each must agree with itself. */
static void
add_one(struct sums *all, const struct pflowi_driver *d)
{
	struct pflow_exporter_stats stats;
	const struct pflow_exporter_stats *s = &stats;
	uint64_t dropped = 0, sent, lost = 0;
	unsigned i;

	pflowi_lanes_stats(d->lanes, &stats);
	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		if (i != PFLOW_DROP_discarded)
			dropped += s->drops[i].count;
	pflowi_lanes_counters(d->lanes, add_lost, &lost);
	sent = s->records_sent - lost;
	lost += s->drops[PFLOW_DROP_discarded].count;
	all->agree = all->agree &&
	    d->lanes->offered == s->states + d->lanes->overflow &&
	    d->lanes->offered >= d->states &&
	    (d->lanes->count > 1 || d->states == s->states) &&
	    s->states == s->states_exported + dropped &&
	    sent <= s->records_sent && s->records_waiting == 0 &&
	    s->records == sent + lost;
	pflowi_stats_add(&all->stats, s);
	all->dropped += dropped;
	all->sent += sent;
	all->lost += lost;
	all->states += d->states;
	all->kept += d->kept;
	all->interrupted = all->interrupted || d->stopping;
}

static struct sums
add_up(const struct pflowexport_workers *w)
{
	struct sums sums;
	size_t i;

	memset(&sums, 0, sizeof(sums));
	sums.agree = true;
	for (i = 0; i < w->count; i++)
		add_one(&sums, &w->one[i].driver);
	return sums;
}

/** A pflowi_lanes_fn. */
static const struct pflowi_lanes *
lanes_of(const void *arg, size_t k)
{
	const struct pflowexport_workers *w = arg;

	return k < w->count ? &w->one[k].lanes : NULL;
}

static void
fill_counters(struct pflowi_report *r, const struct pflowexport_workers *w,
    const struct sums *sums)
{
	struct pflowi_sum source = { .count = 0 }, transport = { .count = 0 };
	struct pflow_exporter all = w->one[0].lanes.lane[0].outlet.exporter;
	size_t i;

	for (i = 0; i < w->count; i++) {
		const struct pflow_source *src = w->one[i].driver.source;

		if (src->ops->counters != NULL)
			src->ops->counters(src, pflowi_sum_add, &source);
		pflowi_lanes_counters(&w->one[i].lanes, pflowi_sum_add,
		    &transport);
	}
	all.stats = sums->stats;
	pflowi_report_section(r, "source");
	pflowi_sum_tell(&source, pflowi_report_counter, r);
	pflowi_report_section(r, "exporter");
	pflow_exporter_counters(&all, pflowi_report_counter, r);
	pflowi_report_section(r, "transport");
	pflowi_sum_tell(&transport, pflowi_report_counter, r);
	pflowi_lanes_report_all(lanes_of, w, r);
}

static void
fill(struct pflowi_report *r, const struct pflowexport_workers *w,
    const struct pflowi_interface *in, const char *source_word,
    const struct sums *sums)
{
	const struct pflow_exporter_stats *s = &sums->stats;

	pflowi_report_text(r, "source", source_word);
	pflowi_report_text(r, "destination", in->dest_word);
	pflowi_report_bool(r, "interrupted", sums->interrupted);
	pflowi_report_bool(r, "sums_agree", sums->agree);
	pflowi_report_number(r, "records_lost", sums->lost, NULL);
	pflowi_report_number(r, "kept_octets", sums->kept,
	    sums->kept == 0 ? NULL : "kept in the spool");
	pflowi_report_number(r, "proto", in->exporter.version, NULL);
	pflowi_report_number(r, "threads", w->count, NULL);
	pflowi_report_number(r, "packets", s->packets, "in the records");
	pflowi_report_number(r, "octets", s->octets, "in the records");
	pflowi_report_number(r, "states", sums->states, "from the source");
	pflowi_report_number(r, "records", s->records, "made of them");
	pflowi_report_number(r, "messages", s->messages_sent,
	    "sent, templates included");
	fill_counters(r, w, sums);
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
pflowexport_summary(const struct pflowexport_workers *w,
    const struct pflowi_interface *in, const char *source_word, bool json,
    bool quiet, bool verbose)
{
	bool busy = strcmp(in->dest_word, "file:-") == 0;
	FILE *out = busy ? stderr : stdout;
	struct sums sums = add_up(w);
	struct pflowi_report report;
	int code = PFLOWI_EXIT_OK;

	pflowi_report_init(&report);
	fill(&report, w, in, source_word, &sums);
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
