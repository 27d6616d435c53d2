/* SPDX-License-Identifier: ISC */
/*
 * A stream of inserts, updates, deletes and clears, with losses and
 * reordering: every state of which anything arrived is given out once, with
 * the highest counters that arrived.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"
#include "pf_sink.h"
#include "sources/pfsync_table.h"

Suite *suite_pfsync_storm(void);

#define STATES 20000u
#define CREATORS 8u
#define MS UINT64_C(1000000)
#define T0 UINT64_C(1700000000000000000)

enum what { INS, UPD, DEL, CLR };

struct event {
	uint64_t at_ms;
	uint32_t id;
	enum what what;
	uint64_t octets;
};

static uint32_t seed = 20260115;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * sides >> 32);
}

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (int)x->what - (int)y->what;
}

/** Three messages and a few clears; up to 40 ms out of order. */
static size_t
make_events(struct event *ev)
{
	size_t n = 0;
	uint32_t id;

	for (id = 0; id < STATES; id++) {
		uint64_t at = id + 100;

		ev[n++] = (struct event){ at + dice(40), id, INS, 60 };
		ev[n++] = (struct event){ at + 20 + dice(40), id, UPD,
			1000 + dice(1000) };
		ev[n++] = (struct event){ at + 30 + dice(40), id, UPD,
			5000 + dice(1000) };
		if (dice(10) != 0)
			ev[n++] = (struct event){ at + 60 + dice(40), id, DEL, 0 };
		if (dice(5000) == 0)
			ev[n++] = (struct event){ at, id, CLR, 0 };
	}
	qsort(ev, n, sizeof(*ev), by_time);
	return n;
}

static void
make_packet(struct gen_buf *b, const struct event *e)
{
	uint32_t creator = e->id % CREATORS + 1;
	struct gen_state st = {
		.id = e->id,
		.creatorid = creator,
		.ifname = "em0",
		.direction = GEN_IN,
		.proto = 17,
		.src = { "192.0.2.1", 1024 },
		.dst = { "192.0.2.2", 53 },
		.expire = 60,
		.packets = { e->octets / 60, 0 },
		.bytes = { e->octets, 0 },
		.timeout = 8,
		.flags = GEN_PFLOW,
	};

	gen_packet_begin(b, 6);
	if (e->what == DEL) {
		gen_section(b, 7, 12, 1);
		gen_del_c(b, 0, e->id, creator);
	} else if (e->what == CLR) {
		gen_section(b, 0, 20, 1);
		gen_clr(b, 0, "", creator);
	} else {
		gen_section(b, e->what == INS ? 13 : 14, 264, 1);
		gen_state(b, GEN_OPENBSD, &st);
	}
	gen_packet_end(b);
}

static void
give(struct pflowi_pfsync_table *t, struct pf_sink *sink)
{
	struct pflow_now now = { 0, pflowi_pfsync_table_now(t) };
	unsigned budget = 1000000;

	ck_assert_int_eq(pflowi_pfsync_table_give(t, now, &budget, pf_sink_take,
	    sink), PFLOW_OK);
}

START_TEST(test_a_storm_gives_every_state_once_with_its_last_counters)
{
	static uint64_t arrived[STATES], given[STATES];
	struct event *ev = calloc(STATES * 5, sizeof(*ev));
	struct pflowi_pf_ifmap map;
	struct pflowi_pfsync_config cfg = {
		.memory_limit = (size_t)64 << 20, .ifmap = &map };
	struct pflowi_pfsync_table *t;
	struct pf_sink sink = { 0 };
	struct gen_buf b = { NULL, 0, 0 };
	size_t i, n, known = 0;

	ck_assert_ptr_nonnull(ev);
	pflowi_pf_ifmap_init(&map);
	ck_assert_int_eq(pflowi_pfsync_table_new(&cfg, &t), PFLOW_OK);
	n = make_events(ev);
	for (i = 0; i < n; i++) {
		if (dice(20) == 0)
			continue; /* lost */
		make_packet(&b, &ev[i]);
		while (!pflowi_pfsync_table_ready(t))
			give(t, &sink);
		pflowi_pfsync_table_packet(t, b.p, b.len, b.len, NULL,
		    T0 + ev[i].at_ms * MS);
		(void)pflowi_pfsync_table_advance(t, T0 + ev[i].at_ms * MS);
		give(t, &sink);
		if (ev[i].octets > arrived[ev[i].id])
			arrived[ev[i].id] = ev[i].octets;
	}
	while (!pflowi_pfsync_table_flush(t))
		give(t, &sink);
	give(t, &sink);
	for (i = 0; i < sink.count; i++) {
		ck_assert_uint_lt(sink.states[i].flow_id, STATES);
		ck_assert_uint_eq(given[sink.states[i].flow_id], 0);
		given[sink.states[i].flow_id] = sink.states[i].octets[0];
	}
	for (i = 0; i < STATES; i++) {
		ck_assert_uint_eq(given[i], arrived[i]);
		known += arrived[i] != 0;
	}
	ck_assert_uint_eq(sink.count, known);
	ck_assert_uint_eq(pflowi_pfsync_table_tally(t)->late_states, 0);
	ck_assert_uint_gt(pflowi_pfsync_table_tally(t)->ended_by_clear, 0);
	ck_assert_uint_gt(pflowi_pfsync_table_tally(t)->stale_counters, 0);
	pflowi_pfsync_table_free(t);
	pflowi_pf_ifmap_fini(&map);
	pf_sink_free(&sink);
	gen_free(&b);
	free(ev);
}
END_TEST

Suite *
suite_pfsync_storm(void)
{
	Suite *s = suite_create("sources/pfsync_storm");
	TCase *t = tcase_create("pfsync_storm");

	tcase_set_timeout(t, 60);
	tcase_add_test(t,
	    test_a_storm_gives_every_state_once_with_its_last_counters);
	suite_add_tcase(s, t);
	return s;
}
