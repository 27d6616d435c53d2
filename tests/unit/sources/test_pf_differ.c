/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "gen/gen.h"
#include "pf_sink.h"
#include "sources/pf_differ.h"
#include "sources/pf_layout.h"

Suite *suite_pf_differ(void);

#define T0 (UINT64_C(1700000000) * 1000000000u)
#define SECOND UINT64_C(1000000000)

static struct pflowi_pf_differ *differ;
static struct pflowi_pf_ifmap ifmap;
static struct pf_sink sink;
static uint64_t now;

static void
make(size_t limit, unsigned active)
{
	struct pflowi_pf_config cfg = {
		.memory_limit = limit,
		.active_ns = active * SECOND,
		.nat_events = true,
		.key = { 3, 4 },
		.ifmap = &ifmap,
	};

	pflowi_pf_ifmap_init(&ifmap);
	ck_assert_int_eq(pflowi_pf_differ_new(&cfg, &differ), PFLOW_OK);
	memset(&sink, 0, sizeof(sink));
	now = T0;
}

static void
setup(void)
{
	make((size_t)64 << 20, 0);
}

struct sums {
	uint64_t records, states, given, tracked, refreshes, duplicates;
	uint64_t unfollowed, rejects;
};

static void
add(void *arg, const struct pflow_counter *c)
{
	struct sums *s = arg;

	if (strcmp(c->name, "records") == 0)
		s->records = c->value;
	else if (strcmp(c->name, "states") == 0)
		s->states = c->value;
	else if (strcmp(c->name, "states_given") == 0)
		s->given = c->value;
	else if (strcmp(c->name, "states_tracked") == 0)
		s->tracked = c->value;
	else if (strcmp(c->name, "refreshes") == 0)
		s->refreshes = c->value;
	else if (strcmp(c->name, "duplicates") == 0)
		s->duplicates = c->value;
	else if (strcmp(c->name, "unfollowed") == 0)
		s->unfollowed = c->value;
	else if (strncmp(c->name, "bad_", 4) == 0 ||
	    strcmp(c->name, "no_family") == 0)
		s->rejects += c->value;
}

static struct sums
sums(void)
{
	struct sums s = { 0, 0, 0, 0, 0, 0, 0, 0 };

	pflowi_pf_differ_counters(differ, add, &s);
	ck_assert_uint_eq(s.records, s.states + s.refreshes + s.duplicates +
	    s.unfollowed + s.rejects);
	ck_assert_uint_eq(s.states, s.given + s.tracked);
	return s;
}

static void
teardown(void)
{
	sums();
	pflowi_pf_differ_free(differ);
	pflowi_pf_ifmap_fini(&ifmap);
	pf_sink_free(&sink);
}

static void
give(void)
{
	struct pflow_now clock = { 0, now };
	unsigned budget = 10000000;

	ck_assert_int_eq(pflowi_pf_track_give(&differ->track, clock, &budget,
	    pf_sink_take, &sink), PFLOW_OK);
}

static void
begin(void)
{
	pflowi_pf_differ_begin(differ, now);
}

static void
end(void)
{
	while (!pflowi_pf_differ_end(differ))
		give();
	give();
	sums();
	now += 60 * SECOND;
}

static void
flush(void)
{
	while (!pflowi_pf_differ_flush(differ))
		give();
	give();
}

static struct gen_state
a_state(uint64_t id, uint64_t packets, uint64_t bytes)
{
	struct gen_state st = {
		.id = id,
		.creatorid = 9,
		.ifname = "em0",
		.direction = GEN_IN,
		.proto = 6,
		.src = { "192.0.2.1", 1024 },
		.dst = { "192.0.2.2", 80 },
		.age = 100,
		.expire = 86400,
		.packets = { packets, 0 },
		.bytes = { bytes, 0 },
		.anchor = GEN_NONE,
		.timeout = 2,
		.flags = GEN_PFLOW,
	};

	return st;
}

static void
put(const struct gen_state *st)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw raw;

	gen_state(&b, GEN_OPENBSD, st);
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG, b.p, &raw);
	while (!pflowi_pf_differ_ready(differ))
		give();
	pflowi_pf_differ_state(differ, &raw);
	gen_free(&b);
}

static void
state(uint64_t id, uint64_t packets, uint64_t bytes)
{
	struct gen_state st = a_state(id, packets, bytes);

	put(&st);
}

START_TEST(test_a_state_that_vanished_is_exported_with_its_last_counters)
{
	begin();
	state(1, 5, 500);
	state(2, 1, 100);
	end();
	ck_assert_uint_eq(sink.count, 0);
	begin();
	state(2, 2, 200);
	state(1, 9, 900);
	end();
	ck_assert_uint_eq(sink.count, 0);
	begin();
	state(2, 3, 300);
	end();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 900);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason,
	    PFLOW_END_DETECTED);
	ck_assert_uint_ne(pf_sink_end(&sink, 1)->flags & PFLOW_STATE_PARTIAL, 0);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->start_ns, T0 - 100 * SECOND);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns, T0 + 60 * SECOND);
	flush();
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->octets[0], 300);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->flags & PFLOW_STATE_PARTIAL, 0);
}
END_TEST

START_TEST(test_living_states_are_reported_in_deltas)
{
	teardown();
	make((size_t)64 << 20, 100);
	begin();
	state(1, 5, 500);
	end();
	begin();
	state(1, 6, 600);
	end(); /* 60 s: not yet */
	ck_assert_uint_eq(sink.count, 0);
	begin();
	state(1, 10, 1000);
	end();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].end_reason, PFLOW_END_ACTIVE);
	ck_assert_uint_eq(sink.states[0].octets[0], 1000);
	begin();
	state(1, 10, 1000);
	end();
	begin();
	state(1, 10, 1000);
	end(); /* nothing new */
	ck_assert_uint_eq(sink.count, 1);
	begin();
	state(1, 11, 1100);
	end();
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[1].octets[0], 100);
	ck_assert_uint_eq(sink.states[1].start_ns, sink.states[0].last_ns);
	begin();
	end();
	ck_assert_uint_eq(sink.count, 3);
	ck_assert_uint_eq(sink.states[2].octets[0], 0);
	ck_assert_uint_eq(sink.states[2].end_reason, PFLOW_END_DETECTED);
}
END_TEST

START_TEST(test_counters_that_fell_are_another_state)
{
	struct sums s;

	begin();
	state(1, 5, 500);
	end();
	begin();
	state(1, 2, 200);
	end();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].octets[0], 500);
	ck_assert_uint_eq(sink.states[0].end_reason, PFLOW_END_DETECTED);
	flush();
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[1].octets[0], 200);
	s = sums();
	ck_assert_uint_eq(s.states, 2);
}
END_TEST

START_TEST(test_other_ends_under_the_same_id_are_another_state)
{
	struct gen_state st = a_state(1, 9, 900);

	begin();
	state(1, 5, 500);
	end();
	begin();
	st.src.port++;
	put(&st);
	end();
	flush();
	ck_assert_uint_eq(sink.count, 2);
}
END_TEST

START_TEST(test_a_state_twice_in_one_table_counts_once)
{
	begin();
	state(1, 5, 500);
	state(1, 5, 500);
	end();
	flush();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sums().duplicates, 1);
}
END_TEST

START_TEST(test_states_without_ids_are_known_by_their_keys)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct gen_state st[3];
	unsigned pass, i;

	for (i = 0; i < 3; i++) {
		st[i] = a_state(77, i, i * 100);
		st[i].src.port = (uint16_t)(1000 + i);
		gen_state(&b, GEN_OPENBSD, &st[i]);
	}
	for (pass = 0; pass < 3; pass++) {
		begin();
		for (i = pass == 2; i < 3; i++) {
			struct pflowi_pf_raw raw;

			pflowi_pf_unpack(PFLOWI_PF_LAYOUT_openbsd,
			    PFLOWI_PF_BIG, b.p + i * 264, &raw);
			raw.anonymous = true;
			ck_assert(pflowi_pf_differ_ready(differ));
			pflowi_pf_differ_state(differ, &raw);
		}
		end();
	}
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].key[0].port[0], 1000);
	ck_assert_uint_eq(sink.states[0].present & PFLOW_HAS_FLOW_ID, 0);
	ck_assert_uint_eq(sums().states, 3);
	gen_free(&b);
}
END_TEST

START_TEST(test_translated_states_are_told_when_first_seen)
{
	struct gen_state st = a_state(1, 5, 500);

	st.direction = GEN_OUT;
	st.nat_src.addr = "203.0.113.9";
	st.nat_src.port = 50000;
	st.nat_dst = st.dst;
	begin();
	put(&st);
	end();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_ne(sink.states[0].flags & PFLOW_STATE_CREATED, 0);
	ck_assert_uint_eq(sink.states[0].start_ns, T0 - 100 * SECOND);
	begin();
	put(&st);
	end();
	begin();
	end();
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[1].flags & PFLOW_STATE_CREATED, 0);
}
END_TEST

START_TEST(test_full_memory_leaves_out_new_states_and_counts_none_twice)
{
	enum { STATES = 20000 };
	uint64_t i, sum = 0;
	struct sums s;

	teardown();
	make(PFLOWI_PF_DIFFER_MEMORY_MIN, 0);
	begin();
	for (i = 1; i <= STATES; i++)
		state(i, 1, 100);
	end();
	s = sums();
	ck_assert_uint_gt(s.unfollowed, 0);
	ck_assert_uint_gt(s.states, 1000);
	begin(); /* most are gone: there is room now */
	end();
	begin();
	for (i = 1; i <= STATES; i += 40)
		state(i, 2, 200);
	end();
	flush();
	for (i = 0; i < sink.count; i++)
		sum += sink.states[i].octets[0];
	ck_assert_uint_eq(sum, s.states * 100 + STATES / 40 * 200);
	ck_assert_uint_le(differ->track.budget.used,
	    PFLOWI_PF_DIFFER_MEMORY_MIN);
}
END_TEST

START_TEST(test_a_hundred_thousand_states_take_320_octets_each_at_most)
{
	enum { STATES = 100000 };
	uint64_t i;

	begin();
	for (i = 1; i <= STATES; i++)
		state(i, 1, 100);
	end();
	ck_assert_uint_le(differ->track.budget.used, STATES * UINT64_C(320));
	begin();
	end();
	ck_assert_uint_eq(sink.count, STATES);
}
END_TEST

START_TEST(test_too_little_memory_is_refused)
{
	struct pflowi_pf_config cfg = {
		.memory_limit = PFLOWI_PF_DIFFER_MEMORY_MIN - 1,
	};
	struct pflowi_pf_differ *d;

	ck_assert_int_eq(pflowi_pf_differ_new(&cfg, &d), PFLOW_ERR_RANGE);
	ck_assert_ptr_null(d);
}
END_TEST

Suite *
suite_pf_differ(void)
{
	Suite *s = suite_create("sources/pf_differ");
	TCase *t = tcase_create("pf_differ");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t,
	    test_a_state_that_vanished_is_exported_with_its_last_counters);
	tcase_add_test(t, test_living_states_are_reported_in_deltas);
	tcase_add_test(t, test_counters_that_fell_are_another_state);
	tcase_add_test(t, test_other_ends_under_the_same_id_are_another_state);
	tcase_add_test(t, test_a_state_twice_in_one_table_counts_once);
	tcase_add_test(t, test_states_without_ids_are_known_by_their_keys);
	tcase_add_test(t, test_translated_states_are_told_when_first_seen);
	tcase_add_test(t,
	    test_full_memory_leaves_out_new_states_and_counts_none_twice);
	tcase_add_test(t,
	    test_a_hundred_thousand_states_take_320_octets_each_at_most);
	tcase_add_test(t, test_too_little_memory_is_refused);
	suite_add_tcase(s, t);
	return s;
}
