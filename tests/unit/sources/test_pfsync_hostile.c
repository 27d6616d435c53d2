/* SPDX-License-Identifier: ISC */
/*
 * Packets that lie or were cut, in every dialect: at worst a counter moves,
 * never is a state given that nobody sent.
 */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "gen/gen.h"
#include "pf_sink.h"
#include "sources/pfsync_table.h"

Suite *suite_pfsync_hostile(void);

#define T0 UINT64_C(1700000000000000000)
#define STATES 3u

/** ck_assert() itself costs more than what is asked here, millions of times. */
static void
must(bool good, const char *what)
{
	if (!good)
		ck_abort_msg("%s", what);
}

static const struct dialect {
	int version, action, end;
	enum gen_layout layout;
} dialects[] = {
	{ 6, 13, 7, GEN_OPENBSD },
	{ 6, 6, 7, GEN_OPENBSD },
	{ 5, 1, 7, GEN_1301 },
	{ 5, 13, 7, GEN_1400 },
	{ 5, 15, 7, GEN_1500 },
	{ 5, 1, 7, GEN_PFSYNC5 },
	{ 4, 1, 5, GEN_PFSYNC4 },
	{ 3, 2, 5, GEN_PFSYNC3 },
	{ 2, 3, 5, GEN_PFSYNC2 },
};

#define DIALECTS (sizeof(dialects) / sizeof(dialects[0]))

static void
make_packet(struct gen_buf *b, const struct dialect *d)
{
	uint32_t i;

	b->len = 0;
	if (d->version < 5) {
		gen_old_packet(b, d->version, d->action, STATES);
	} else {
		gen_packet_begin(b, d->version);
		gen_section(b, d->action, gen_state_size(d->layout), STATES);
	}
	for (i = 0; i < STATES; i++)
		gen_state(b, d->layout, &gen_example[i].st);
	if (d->version < 5)
		return;
	gen_section(b, d->end, 12, 1);
	gen_del_c(b, 0, gen_example[0].st.id, gen_example[0].st.creatorid);
	gen_packet_end(b);
}

/** What a table gives of one packet, all of it; its tally holds. */
static void
run(const uint8_t *p, size_t len, size_t wire, struct pf_sink *sink)
{
	struct pflowi_pf_ifmap map;
	struct pflowi_pf_config cfg = {
		.memory_limit = PFLOWI_PFSYNC_MEMORY_MIN, .ifmap = &map };
	const struct pflowi_pfsync_tally *tally;
	struct pflow_now now = { 0, T0 };
	struct pflowi_pfsync_table *t;
	unsigned budget = 100000;
	uint64_t rejects = 0;
	size_t i;

	sink->count = 0;
	pflowi_pf_ifmap_init(&map);
	must(pflowi_pfsync_table_new(&cfg, &t) == PFLOW_OK, "no table");
	pflowi_pfsync_table_packet(t, p, len, wire, NULL, T0);
	(void)pflowi_pfsync_table_advance(t, T0);
	while (!pflowi_pfsync_table_flush(t))
		;
	must(pflowi_pfsync_table_give(t, now, &budget, pf_sink_take, sink) ==
	    PFLOW_OK, "the sink was not asked");
	tally = pflowi_pfsync_table_tally(t);
	for (i = 0; i < PFLOWI_PF_VERDICT_COUNT; i++)
		rejects += tally->rejects[i];
	must(tally->full_states == tally->states + tally->refreshes +
	    tally->late_states + rejects, "full states do not add up");
	must(tally->states == tally->states_given, "states do not add up");
	must(tally->states_given == sink->count, "states are not all here");
	pflowi_pfsync_table_free(t);
	pflowi_pf_ifmap_fini(&map);
}

/** The same accounting, whenever and however it ended. */
static bool
is_same(const struct pflow_state *a, const struct pflow_state *b)
{
	return a->flow_id == b->flow_id && a->creator_id == b->creator_id &&
	    memcmp(a->key, b->key, sizeof(a->key)) == 0 &&
	    a->protocol == b->protocol && a->direction == b->direction &&
	    memcmp(a->packets, b->packets, sizeof(a->packets)) == 0 &&
	    memcmp(a->octets, b->octets, sizeof(a->octets)) == 0 &&
	    a->start_ns == b->start_ns && a->rule == b->rule;
}

static void
check_subset(const struct pf_sink *some, const struct pf_sink *all)
{
	size_t i, k;

	for (i = 0; i < some->count; i++) {
		for (k = 0; k < all->count; k++)
			if (is_same(&some->states[i], &all->states[k]))
				break;
		must(k < all->count, "a state that nobody sent");
	}
}

START_TEST(test_packets_cut_at_every_octet_give_no_wrong_state)
{
	const struct dialect *d = &dialects[_i];
	struct pf_sink whole = { 0 }, part = { 0 };
	struct gen_buf b = { NULL, 0, 0 };
	size_t cut, most = 0;

	make_packet(&b, d);
	run(b.p, b.len, b.len, &whole);
	ck_assert_uint_eq(whole.count, STATES);
	for (cut = 0; cut < b.len; cut++) {
		/* A capture that kept less; octets behind the cut do not count. */
		uint8_t *copy = malloc(cut == 0 ? 1 : cut);

		memcpy(copy, b.p, cut);
		run(copy, cut, b.len, &part);
		check_subset(&part, &whole);
		most = part.count > most ? part.count : most;
		/* A sender that says it sent more. */
		run(copy, cut, cut, &part);
		check_subset(&part, &whole);
		free(copy);
	}
	/* What was whole before the cut is taken, but where sizes are guessed. */
	if (d->layout != GEN_1301 && d->layout != GEN_PFSYNC5)
		ck_assert_uint_ge(most, STATES - 1);
	else
		ck_assert_uint_eq(most, 0);
	pf_sink_free(&whole);
	pf_sink_free(&part);
	gen_free(&b);
}
END_TEST

/** Every section lies inside the octets that are there. */
static void
walk_inside(const uint8_t *p, size_t len, size_t wire)
{
	struct pflowi_pfsync_section s;
	enum pflowi_pfsync_fault fault;
	struct pflowi_pfsync it;
	size_t sections = 0;

	if (pflowi_pfsync_begin(&it, p, len, wire) != PFLOWI_PFSYNC_NO_FAULT)
		return;
	while (pflowi_pfsync_next(&it, &s, &fault)) {
		must(sections++ <= len / 4, "more sections than there is room");
		must(s.count == 0 || (s.body >= p && s.body <= p + len),
		    "a body outside");
		must(s.count == 0 || s.size <= len, "a size too large");
		must(s.count * s.size <= (size_t)(p + len - s.body),
		    "messages outside");
	}
}

/* Every action and every length octet, with counts from nothing to the most. */
START_TEST(test_no_header_leads_outside_its_packet)
{
	static const unsigned counts[] = { 0, 1, 2, 3, 255, 256, 0x7fff, 65535 };
	static const size_t lengths[] = { 20, 23, 24, 25, 32, 36, 44, 112, 288,
		300 };
	uint8_t p[300];
	unsigned version = (unsigned)_i, action, words, c, l;

	for (action = 0; action < 256; action++) {
		for (words = 0; words < 256; words += version == 6 ? 1 : 85) {
			for (c = 0; c < 8; c++) {
				for (l = 0; l < 10; l++) {
					size_t len = lengths[l];

					memset(p, 0, sizeof(p));
					p[0] = (uint8_t)version;
					if (version < 5) {
						p[2] = (uint8_t)action;
						p[3] = (uint8_t)counts[c];
					} else {
						p[2] = (uint8_t)(len >> 8);
						p[3] = (uint8_t)len;
						p[20] = (uint8_t)action;
						p[21] = (uint8_t)words;
						p[22] = (uint8_t)(counts[c] >> 8);
						p[23] = (uint8_t)counts[c];
					}
					walk_inside(p, len, len);
					walk_inside(p, len - 1, len);
					walk_inside(p, len, 65535);
				}
			}
		}
	}
}
END_TEST

/* Any one octet of a packet may be anything. */
START_TEST(test_one_octet_that_changed_breaks_no_promise)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct pf_sink sink = { 0 };
	struct gen_buf b = { NULL, 0, 0 };
	size_t at, v;

	make_packet(&b, &dialects[_i]);
	for (at = 0; at < b.len; at++) {
		uint8_t before = b.p[at];

		for (v = 0; v < sizeof(values); v++) {
			b.p[at] = values[v];
			run(b.p, b.len, b.len, &sink);
			must(sink.count <= STATES, "more states than were sent");
		}
		b.p[at] = before;
	}
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

Suite *
suite_pfsync_hostile(void)
{
	Suite *s = suite_create("sources/pfsync_hostile");
	TCase *t = tcase_create("pfsync_hostile");

	tcase_set_timeout(t, 280);
	tcase_add_loop_test(t,
	    test_packets_cut_at_every_octet_give_no_wrong_state, 0, DIALECTS);
	tcase_add_loop_test(t, test_no_header_leads_outside_its_packet, 2, 7);
	tcase_add_loop_test(t, test_one_octet_that_changed_breaks_no_promise, 0,
	    DIALECTS);
	suite_add_tcase(s, t);
	return s;
}
