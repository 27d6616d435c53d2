/* SPDX-License-Identifier: ISC */
/*
 * A stream of inserts, updates, deletes and clears, with losses, repeats and
 * reordering: every state of which counters arrived is given out once, with
 * the highest that arrived; those of which only the end arrived are counted.
 *
 * PFLOW_STORM_STATES in the environment says how many states; otherwise as
 * many as the build was told (tests/unit/sources/CMakeLists.txt).
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pfsync_table.h"

Suite *suite_pfsync_storm(void);

#define CREATORS 8u
#define MS UINT64_C(1000000)
#define T0 UINT64_C(1700000000000000000)

/** Messages of a state come within so many milliseconds of its number. */
#define SPREAD 256u
#define AT_ONCE 64u

enum what { INS, UPD, UPD_C, DEL, DEL_C, CLR, KINDS };

struct event {
	uint32_t id;
	enum what what;
	uint64_t octets;
};

/** ck_assert() itself costs more than what is asked here, a million times. */
static void
must(bool good, const char *what)
{
	if (!good)
		ck_abort_msg("%s", what);
}

/** The messages of each of the next milliseconds. */
struct ring {
	struct event events[SPREAD][AT_ONCE];
	unsigned count[SPREAD];
};

/** What is known of all states, by number. */
struct storm {
	uint32_t states;
	struct ring ring;
	uint64_t *arrived; /**< highest octets of a full message */
	uint64_t *given;   /**< as exported */
	uint8_t *ended;	   /**< a delete without counters arrived */
	uint64_t exported;
	uint64_t sent[KINDS], lost, repeated;
	uint32_t seed;
	struct pflowi_pfsync_table *table;
};

static uint32_t
dice(struct storm *s, uint32_t sides)
{
	s->seed = s->seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)s->seed * sides >> 32);
}

static void
plan(struct storm *s, uint64_t at_ms, uint32_t id, enum what what,
    uint64_t octets)
{
	unsigned slot = at_ms % SPREAD, *n = &s->ring.count[slot];

	must(*n < AT_ONCE, "too much in one millisecond");
	s->ring.events[slot][(*n)++] = (struct event){ id, what, octets };
}

/** Four messages or more, and now and then a clear; 40 ms out of order. */
static void
plan_state(struct storm *s, uint32_t id)
{
	uint64_t at = id;

	plan(s, at + dice(s, 40), id, INS, 60);
	plan(s, at + 20 + dice(s, 40), id, UPD, 1000 + dice(s, 1000));
	plan(s, at + 25 + dice(s, 40), id, UPD_C, 0);
	plan(s, at + 30 + dice(s, 40), id, UPD, 5000 + dice(s, 1000));
	if (dice(s, 200) == 0)
		plan(s, at + 60 + dice(s, 40), id, DEL, 9000 + dice(s, 1000));
	else if (dice(s, 10) != 0)
		plan(s, at + 60 + dice(s, 40), id, DEL_C, 0);
	if (dice(s, 5000) == 0)
		plan(s, at, id, CLR, 0);
}

static uint32_t
creator_of(uint32_t id)
{
	return id % CREATORS + 1;
}

static void
put_full(struct gen_buf *b, const struct event *e)
{
	struct gen_state st = {
		.id = e->id,
		.creatorid = creator_of(e->id),
		.ifname = e->id % 3 == 0 ? "em1" : "em0",
		.direction = GEN_IN,
		.proto = 17,
		.src = { "192.0.2.1", 1024 },
		.dst = { "192.0.2.2", 53 },
		.expire = 60,
		.packets = { e->octets / 60, 0 },
		.bytes = { e->octets, e->octets * 2 },
		.timeout = 8,
		.flags = GEN_PFLOW,
	};

	gen_section(b, e->what == INS ? 13 : e->what == UPD ? 14 : 6, 264, 1);
	gen_state(b, GEN_OPENBSD, &st);
}

static void
make_packet(struct gen_buf *b, const struct event *e)
{
	uint32_t creator = creator_of(e->id);

	b->len = 0;
	gen_packet_begin(b, 6);
	if (e->what == DEL_C) {
		gen_section(b, 7, 12, 1);
		gen_del_c(b, 0, e->id, creator);
	} else if (e->what == UPD_C) {
		gen_section(b, 4, 84, 1);
		gen_upd_c(b, 0, e->id, creator, 8);
	} else if (e->what == CLR) {
		gen_section(b, 0, 20, 1);
		gen_clr(b, 0, e->id % 2 == 0 ? "" : "em0", creator);
	} else {
		put_full(b, e);
	}
	gen_packet_end(b);
}

/** The sink: each state once, both ways. */
static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	struct storm *s = arg;
	size_t i;

	(void)now;
	for (i = 0; i < count; i++) {
		uint64_t id = states[i].flow_id;

		must(id < s->states, "a state that never was");
		must(states[i].creator_id == creator_of((uint32_t)id),
		    "of another creator");
		must(s->given[id] == 0, "a state given twice");
		must(states[i].octets[1] == states[i].octets[0] * 2,
		    "ways from two messages");
		s->given[id] = states[i].octets[0];
	}
	s->exported += count;
	*taken = count;
	return PFLOW_OK;
}

static void
give(struct storm *s)
{
	struct pflow_now now = { 0, pflowi_pfsync_table_now(s->table) };
	unsigned budget = 1000000;

	must(pflowi_pfsync_table_give(s->table, now, &budget, take, s) ==
	    PFLOW_OK, "the sink was not asked");
}

static void
arrive(struct storm *s, const struct event *e, const struct gen_buf *b,
    uint64_t now_ns)
{
	while (!pflowi_pfsync_table_ready(s->table))
		give(s);
	pflowi_pfsync_table_packet(s->table, b->p, b->len, b->len, NULL, now_ns);
	s->sent[e->what]++;
	if (e->octets > s->arrived[e->id])
		s->arrived[e->id] = e->octets;
	if (e->what == DEL_C)
		s->ended[e->id] = 1;
}

/** A millisecond of the storm. */
static void
blow(struct storm *s, uint64_t ms, struct gen_buf *b)
{
	unsigned slot = ms % SPREAD, i;

	for (i = 0; i < s->ring.count[slot]; i++) {
		const struct event *e = &s->ring.events[slot][i];

		if (dice(s, 20) == 0) {
			s->lost++;
			continue;
		}
		make_packet(b, e);
		arrive(s, e, b, T0 + ms * MS);
		if (dice(s, 50) == 0) {
			s->repeated++;
			arrive(s, e, b, T0 + ms * MS);
		}
	}
	s->ring.count[slot] = 0;
	(void)pflowi_pfsync_table_advance(s->table, T0 + ms * MS);
	give(s);
}

static void
blow_all(struct storm *s)
{
	struct gen_buf b = { NULL, 0, 0 };
	uint32_t id;

	for (id = 0; id < s->states + SPREAD; id++) {
		if (id < s->states)
			plan_state(s, id);
		blow(s, id, &b);
	}
	while (!pflowi_pfsync_table_flush(s->table))
		give(s);
	give(s);
	gen_free(&b);
}

/** What the table says it did, against what was done to it. */
static void
check_tally(struct storm *s, uint64_t only_ended)
{
	const struct pflowi_pfsync_tally *t =
	    pflowi_pfsync_table_tally(s->table);

	ck_assert_uint_eq(t->full_states, s->sent[INS] + s->sent[UPD] +
	    s->sent[DEL]);
	ck_assert_uint_eq(t->compressed_updates, s->sent[UPD_C]);
	ck_assert_uint_eq(t->deletes, s->sent[DEL] + s->sent[DEL_C]);
	ck_assert_uint_eq(t->clears, s->sent[CLR]);
	ck_assert_uint_eq(t->full_states, t->states + t->refreshes);
	ck_assert_uint_eq(t->states, s->exported);
	ck_assert_uint_eq(t->states_tracked, 0);
	ck_assert_uint_eq(t->states, t->ended_by_delete + t->ended_by_clear +
	    t->ended_by_timeout + t->ended_by_flush);
	ck_assert_uint_eq(t->unknown_deletes, only_ended);
	ck_assert_uint_eq(t->late_states, 0);
	ck_assert_uint_gt(t->ended_by_delete, 0);
	ck_assert_uint_gt(t->ended_by_clear, 0);
	ck_assert_uint_gt(t->stale_counters, 0);
	ck_assert_uint_gt(t->repeated_deletes, 0);
	ck_assert_uint_gt(s->lost, 0);
	ck_assert_uint_gt(s->repeated, 0);
}

static uint32_t
states_wanted(void)
{
	const char *text = getenv("PFLOW_STORM_STATES");
	unsigned long states = text == NULL ? PFLOW_STORM_STATES
					    : strtoul(text, NULL, 10);

	ck_assert_msg(states >= 1000 && states <= 100000000,
	    "PFLOW_STORM_STATES: expected 1000 to 100000000");
	return (uint32_t)states;
}

START_TEST(test_a_storm_gives_every_state_once_with_its_last_counters)
{
	static struct storm s;
	struct pflowi_pf_ifmap map;
	struct pflowi_pf_config cfg = {
		.memory_limit = (size_t)128 << 20, .ifmap = &map };
	uint64_t known = 0, only_ended = 0;
	uint32_t i;

	s.states = states_wanted();
	s.seed = 20260115;
	s.arrived = calloc(s.states, sizeof(*s.arrived));
	s.given = calloc(s.states, sizeof(*s.given));
	s.ended = calloc(s.states, 1);
	ck_assert(s.arrived != NULL && s.given != NULL && s.ended != NULL);
	pflowi_pf_ifmap_init(&map);
	ck_assert_int_eq(pflowi_pfsync_table_new(&cfg, &s.table), PFLOW_OK);
	blow_all(&s);
	for (i = 0; i < s.states; i++) {
		must(s.given[i] == s.arrived[i], "not the last counters");
		known += s.arrived[i] != 0;
		only_ended += s.arrived[i] == 0 && s.ended[i] != 0;
	}
	ck_assert_uint_eq(s.exported, known);
	check_tally(&s, only_ended);
	pflowi_pfsync_table_free(s.table);
	pflowi_pf_ifmap_fini(&map);
	free(s.arrived);
	free(s.given);
	free(s.ended);
}
END_TEST

Suite *
suite_pfsync_storm(void)
{
	Suite *s = suite_create("sources/pfsync_storm");
	TCase *t = tcase_create("pfsync_storm");

	tcase_set_timeout(t, 280);
	tcase_add_test(t,
	    test_a_storm_gives_every_state_once_with_its_last_counters);
	suite_add_tcase(s, t);
	return s;
}
