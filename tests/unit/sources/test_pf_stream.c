/* SPDX-License-Identifier: ISC */
/* One saved table, each state given as it stands. */
#include <check.h>
#include <string.h>

#include "pf_sink.h"
#include "sources/pf_stream.h"

Suite *suite_pf_stream(void);

#define SECOND UINT64_C(1000000000)

static struct pflowi_pf_stream stream;
static struct pflowi_pf_ifmap map;
static struct pf_sink sink;
static const struct pflow_now now = { 3, 4 };

static void
begin(bool nat_events)
{
	memset(&stream, 0, sizeof(stream));
	memset(&sink, 0, sizeof(sink));
	pflowi_pf_ifmap_init(&map);
	stream.ifmap = &map;
	stream.nat_events = nat_events;
	stream.now_ns = 1000 * SECOND;
}

static void
end(void)
{
	/* What is promised of the tally. */
	ck_assert_uint_eq(stream.tally.states,
	    stream.tally.states_given + stream.tally.states_tracked);
	pflowi_pf_ifmap_fini(&map);
	pf_sink_free(&sink);
}

static struct pflowi_pf_raw
a_raw(uint64_t id, bool translated)
{
	struct pflowi_pf_raw raw;

	memset(&raw, 0, sizeof(raw));
	raw.af[0] = raw.af[1] = 2;
	raw.proto[0] = raw.proto[1] = 17;
	raw.addr[0][0][0] = raw.addr[1][0][0] = 10;
	raw.addr[0][1][0] = 11;
	raw.addr[1][1][0] = translated ? 12 : 11;
	raw.direction = 1;
	raw.timeout = 8;
	raw.codes = 25;
	raw.id = id;
	raw.age_s = 100;
	raw.expire_s = 60;
	raw.bytes[0] = id;
	raw.marked = true;
	return raw;
}

static int
give(unsigned *budget)
{
	return pflowi_pf_stream_give(&stream, now, budget, pf_sink_take, &sink);
}

START_TEST(test_a_state_is_given_once_as_forced_end)
{
	struct pflowi_pf_raw raw = a_raw(7, true);
	unsigned budget = 10;

	begin(false);
	pflowi_pf_stream_state(&stream, &raw);
	ck_assert_uint_eq(stream.tally.states_tracked, 1);
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(budget, 9);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].octets[0], 7);
	ck_assert_uint_eq(sink.states[0].start_ns, 900 * SECOND);
	ck_assert_uint_eq(sink.states[0].end_reason, PFLOW_END_FORCED);
	ck_assert_uint_ne(sink.states[0].present & PFLOW_HAS_END_REASON, 0);
	ck_assert_uint_eq(sink.times[0].mono_ns, now.mono_ns);
	ck_assert_uint_eq(stream.tally.ended_by_flush, 1);
	end();
}
END_TEST

START_TEST(test_a_translated_state_is_told_as_created_first)
{
	struct pflowi_pf_raw plain = a_raw(1, false), nat = a_raw(2, true);
	unsigned budget = 10;

	begin(true);
	pflowi_pf_stream_state(&stream, &plain);
	pflowi_pf_stream_state(&stream, &nat);
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 3);
	ck_assert_uint_eq(sink.states[0].flow_id, 1);
	ck_assert_uint_eq(sink.states[1].flow_id, 2);
	ck_assert_uint_ne(sink.states[1].flags & PFLOW_STATE_CREATED, 0);
	ck_assert_uint_eq(sink.states[1].octets[0], 0);
	ck_assert_uint_eq(sink.states[1].present & PFLOW_HAS_END_REASON, 0);
	ck_assert_uint_eq(sink.states[2].flow_id, 2);
	ck_assert_uint_eq(sink.states[2].octets[0], 2);
	ck_assert_uint_eq(stream.tally.creates_given, 1);
	ck_assert_uint_eq(stream.tally.states_given, 2);
	end();
}
END_TEST

START_TEST(test_a_full_batch_says_so_and_never_overflows)
{
	struct pflowi_pf_raw raw = a_raw(1, true);
	unsigned budget = 1000;
	size_t n = 0;

	begin(true);
	while (pflowi_pf_stream_ready(&stream)) {
		pflowi_pf_stream_state(&stream, &raw);
		ck_assert_uint_le(stream.count, PFLOWI_PF_BATCH);
		n++;
	}
	ck_assert_uint_eq(n, PFLOWI_PF_BATCH / 2);
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(sink.count, PFLOWI_PF_BATCH);
	ck_assert(pflowi_pf_stream_ready(&stream));
	end();
}
END_TEST

START_TEST(test_a_budget_and_a_sink_that_refuses_lose_nothing)
{
	unsigned budget = 3;
	uint64_t id;

	begin(false);
	for (id = 1; id <= 10; id++) {
		struct pflowi_pf_raw raw = a_raw(id, false);

		pflowi_pf_stream_state(&stream, &raw);
	}
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 3);
	sink.room = 5;
	budget = 100;
	ck_assert_int_eq(give(&budget), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(budget, 98);
	sink.fail = PFLOW_ERR_SYSTEM;
	ck_assert_int_eq(give(&budget), PFLOW_ERR_SYSTEM);
	ck_assert_uint_eq(stream.tally.states_tracked, 5);
	sink.fail = 0;
	sink.room = 0;
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 10);
	for (id = 1; id <= 10; id++)
		ck_assert_uint_eq(sink.states[id - 1].flow_id, id);
	end();
}
END_TEST

START_TEST(test_what_is_left_out_is_counted_by_reason)
{
	struct pflowi_pf_raw raw = a_raw(1, false);
	unsigned budget = 10;

	begin(false);
	raw.af[0] = 0;
	pflowi_pf_stream_state(&stream, &raw);
	raw.af[0] = 77;
	pflowi_pf_stream_state(&stream, &raw);
	raw = a_raw(1, false);
	raw.direction = 3;
	pflowi_pf_stream_state(&stream, &raw);
	raw = a_raw(1, false);
	raw.marked = false;
	strcpy(raw.ifname, "nowhere0");
	pflowi_pf_stream_state(&stream, &raw);
	ck_assert_int_eq(give(&budget), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(stream.tally.records, 4);
	ck_assert_uint_eq(stream.tally.rejects[PFLOWI_PF_no_family], 1);
	ck_assert_uint_eq(stream.tally.rejects[PFLOWI_PF_bad_family], 1);
	ck_assert_uint_eq(stream.tally.rejects[PFLOWI_PF_bad_direction], 1);
	ck_assert_uint_eq(stream.tally.unmarked_states, 1);
	ck_assert_uint_eq(stream.tally.unknown_interfaces, 1);
	end();
}
END_TEST

Suite *
suite_pf_stream(void)
{
	Suite *s = suite_create("sources/pf_stream");
	TCase *t = tcase_create("pf_stream");

	tcase_add_test(t, test_a_state_is_given_once_as_forced_end);
	tcase_add_test(t, test_a_translated_state_is_told_as_created_first);
	tcase_add_test(t, test_a_full_batch_says_so_and_never_overflows);
	tcase_add_test(t, test_a_budget_and_a_sink_that_refuses_lose_nothing);
	tcase_add_test(t, test_what_is_left_out_is_counted_by_reason);
	suite_add_tcase(s, t);
	return s;
}
