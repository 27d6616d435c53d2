/* SPDX-License-Identifier: ISC */
/* Lists and queue: what pfsync's table and the differ stand on. */
#include <check.h>
#include <string.h>

#include "pf_sink.h"
#include "sources/pf_track.h"

Suite *suite_pf_track(void);

#define MIB ((size_t)1 << 20)

static const uint64_t key[2] = { 7, 9 };

static struct pflow_state
a_state(uint64_t id)
{
	struct pflow_state st;

	pflow_state_init(&st);
	st.flow_id = id;
	st.creator_id = (uint32_t)(id * 3);
	st.octets[0] = id;
	st.start_ns = 1000;
	st.last_ns = 2000;
	return st;
}

static uint32_t
hash_of(const struct pflowi_pf_track *t, uint64_t id)
{
	return pflowi_pf_index_hash(&t->index, id, (uint32_t)(id * 3));
}

static uint32_t
add(struct pflowi_pf_track *t, uint64_t id)
{
	struct pflow_state st = a_state(id);

	return pflowi_pf_track_add(t, hash_of(t, id), &st);
}

static uint32_t
find(const struct pflowi_pf_track *t, uint64_t id)
{
	return pflowi_pf_track_find(t, hash_of(t, id), id, (uint32_t)(id * 3));
}

START_TEST(test_what_is_added_is_found_until_it_ends)
{
	static struct pflowi_pf_track t;
	enum { N = 5000 };
	uint64_t id;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	for (id = 1; id <= N; id++) {
		ck_assert_uint_eq(find(&t, id), 0);
		ck_assert_uint_ne(add(&t, id), 0);
	}
	for (id = 1; id <= N; id++)
		ck_assert_uint_eq(pflowi_pf_entry_at(&t, find(&t, id))
		    ->st.octets[0], id);
	for (id = 1; id <= N; id += 3)
		pflowi_pf_track_end(&t, find(&t, id));
	for (id = 1; id <= N; id++)
		ck_assert_uint_eq(find(&t, id) == 0, id % 3 == 1);
	ck_assert_uint_eq(t.learned, N);
	pflowi_pf_track_fini(&t);
	ck_assert_uint_eq(t.budget.used, 0);
}
END_TEST

START_TEST(test_equal_hashes_do_not_confuse)
{
	static struct pflowi_pf_track t;
	struct pflow_state st;
	uint32_t i, n[50];

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	for (i = 0; i < 50; i++) {
		st = a_state(i + 1);
		n[i] = pflowi_pf_track_add(&t, 0xfffffff0u, &st);
	}
	for (i = 0; i < 50; i++)
		ck_assert_uint_eq(pflowi_pf_track_find(&t, 0xfffffff0u, i + 1,
		    (i + 1) * 3), n[i]);
	for (i = 0; i < 50; i += 2)
		pflowi_pf_track_end(&t, n[i]);
	for (i = 0; i < 50; i++)
		ck_assert_uint_eq(pflowi_pf_track_find(&t, 0xfffffff0u, i + 1,
		    (i + 1) * 3), i % 2 == 0 ? 0 : n[i]);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_lists_are_in_the_order_of_the_last_sign_of_life)
{
	static struct pflowi_pf_track t;
	uint32_t a, b, c;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	ck_assert_uint_eq(pflowi_pf_track_oldest(&t), 0);
	a = add(&t, 1);
	b = add(&t, 2);
	c = add(&t, 3);
	pflowi_pf_track_touch(&t, a, 5, 10);
	pflowi_pf_track_touch(&t, b, 100, 20);
	pflowi_pf_track_touch(&t, c, 5, 30);
	ck_assert_uint_eq(pflowi_pf_track_oldest(&t), a);
	ck_assert_uint_eq(pflowi_pf_track_first(&t, 5), a);
	pflowi_pf_track_touch(&t, a, 5, 40);
	ck_assert_uint_eq(pflowi_pf_track_first(&t, 5), c);
	ck_assert_uint_eq(pflowi_pf_track_oldest(&t), b);
	pflowi_pf_track_end(&t, b);
	ck_assert_uint_eq(pflowi_pf_track_first(&t, 100), 0);
	ck_assert_uint_eq(pflowi_pf_track_oldest(&t), c);
	pflowi_pf_track_touch(&t, c, 127, 50);
	ck_assert_uint_eq(pflowi_pf_track_first(&t, 127), c);
	ck_assert_uint_eq(pflowi_pf_track_oldest(&t), a);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_the_queue_tells_creation_report_and_end_in_order)
{
	static struct pflowi_pf_track t;
	struct pflow_now now = { 1, 2 };
	struct pf_sink sink = { .room = 1 };
	unsigned budget;
	uint32_t a;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	a = add(&t, 100);
	pflowi_pf_track_tell(&t, a, PFLOWI_PF_TELL_ACTIVE);
	pflowi_pf_track_tell(&t, a, PFLOWI_PF_TELL_CREATED);
	budget = 10;
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(budget, 9);
	ck_assert_uint_ne(sink.states[0].flags & PFLOW_STATE_CREATED, 0);
	ck_assert_uint_eq(t.creates_given, 1);
	sink.room = 2;
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_OK);
	ck_assert_uint_eq(sink.states[1].end_reason, PFLOW_END_ACTIVE);
	ck_assert_uint_eq(sink.states[1].octets[0], 100);
	ck_assert_uint_eq(pflowi_pf_entry_at(&t, a)->st.octets[0], 0);
	ck_assert_uint_eq(pflowi_pf_entry_at(&t, a)->st.start_ns, 2000);
	/* An end says all that a report would. */
	pflowi_pf_entry_at(&t, a)->st.octets[0] = 7;
	pflowi_pf_track_tell(&t, a, PFLOWI_PF_TELL_ACTIVE);
	pflowi_pf_track_end(&t, a);
	sink.room = 0;
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 3);
	ck_assert_uint_eq(sink.states[2].octets[0], 7);
	ck_assert_uint_eq(t.pool.in_use, 0);
	ck_assert_uint_eq(t.reports_given, 1);
	ck_assert_uint_eq(t.ends_given, 1);
	pf_sink_free(&sink);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_a_budget_of_one_gives_one_at_a_time)
{
	static struct pflowi_pf_track t;
	struct pflow_now now = { 1, 2 };
	struct pf_sink sink = { 0 };
	uint64_t id;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	for (id = 1; id <= 200; id++) {
		uint32_t i = add(&t, id);

		if (id % 2 == 0)
			pflowi_pf_track_tell(&t, i, PFLOWI_PF_TELL_CREATED);
		pflowi_pf_track_end(&t, i);
	}
	while (pflowi_pf_track_waiting(&t)) {
		unsigned budget = 1;
		size_t before = sink.count;

		ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget,
		    pf_sink_take, &sink), PFLOW_OK);
		ck_assert_uint_eq(sink.count, before + 1);
	}
	ck_assert_uint_eq(sink.count, 300);
	pf_sink_free(&sink);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_a_sink_that_fails_keeps_everything)
{
	static struct pflowi_pf_track t;
	struct pflow_now now = { 1, 2 };
	struct pf_sink sink = { .fail = PFLOW_ERR_CLOSED };
	unsigned budget = 10;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	pflowi_pf_track_end(&t, add(&t, 1));
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_ERR_CLOSED);
	ck_assert_uint_eq(budget, 10);
	sink.fail = 0;
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 1);
	pf_sink_free(&sink);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_sums_of_counters_saturate)
{
	struct pflowi_pf_entry e;
	static const uint64_t old[4] = { 1, 0, 0, 0 };
	static const uint64_t now[4] = { 3, UINT64_MAX, 5, UINT64_MAX };

	memset(&e, 0, sizeof(e));
	e.st.packets[1] = 9;
	pflowi_pf_entry_count(&e, old, now);
	ck_assert_uint_eq(e.st.packets[0], 2);
	ck_assert_uint_eq(e.st.packets[1], UINT64_MAX);
	ck_assert_uint_eq(e.st.octets[0], 5);
	ck_assert_uint_eq(e.st.octets[1], UINT64_MAX);
}
END_TEST

struct sweep {
	struct pflowi_pf_track *t;
	uint64_t up_to; /**< ids that end */
	unsigned calls;
};

static bool
end_up_to(void *arg, uint32_t i)
{
	struct sweep *w = arg;

	w->calls++;
	if (pflowi_pf_entry_at(w->t, i)->st.flow_id > w->up_to)
		return false;
	pflowi_pf_track_end(w->t, i);
	return true;
}

START_TEST(test_a_sweep_ends_from_the_front_in_bounded_steps)
{
	static struct pflowi_pf_track t;
	struct sweep w = { &t, 70, 0 };
	unsigned steps = 30;
	uint64_t id;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	ck_assert(pflowi_pf_track_sweep(&t, 3, &steps, end_up_to, &w));
	ck_assert_uint_eq(w.calls, 0);
	for (id = 1; id <= 100; id++)
		pflowi_pf_track_touch(&t, add(&t, id), 3, id);
	ck_assert(!pflowi_pf_track_sweep(&t, 3, &steps, end_up_to, &w));
	ck_assert_uint_eq(steps, 0);
	ck_assert_uint_eq(w.calls, 30);
	steps = 100;
	ck_assert(pflowi_pf_track_sweep(&t, 3, &steps, end_up_to, &w));
	ck_assert_uint_eq(steps, 60); /* 40 ended, the 71st lives on */
	for (id = 1; id <= 100; id++)
		ck_assert_uint_eq(find(&t, id) != 0, id > 70);
	w.up_to = 100;
	ck_assert(pflowi_pf_track_sweep(&t, 3, &steps, end_up_to, &w));
	ck_assert_uint_eq(pflowi_pf_track_first(&t, 3), 0);
	pflowi_pf_track_fini(&t);
}
END_TEST

START_TEST(test_a_closing_table_still_ends_everything_once)
{
	static struct pflowi_pf_track t;
	struct sweep w = { &t, UINT64_MAX, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_now now = { 1, 1 };
	unsigned steps = 1000, budget = 1000;
	uint64_t id;

	ck_assert(pflowi_pf_track_init(&t, 8 * MIB, key));
	for (id = 1; id <= 200; id++)
		pflowi_pf_track_touch(&t, add(&t, id), (uint8_t)(id % 2), id);
	pflowi_pf_track_close(&t);
	ck_assert(pflowi_pf_track_sweep(&t, 0, &steps, end_up_to, &w));
	ck_assert(pflowi_pf_track_sweep(&t, 1, &steps, end_up_to, &w));
	ck_assert_int_eq(pflowi_pf_track_give(&t, now, &budget, pf_sink_take,
	    &sink), PFLOW_OK);
	ck_assert_uint_eq(sink.count, 200);
	for (id = 1; id <= 200; id++)
		ck_assert_ptr_nonnull(pf_sink_end(&sink, id));
	ck_assert_uint_eq(t.pool.in_use, 0);
	pf_sink_free(&sink);
	pflowi_pf_track_fini(&t);
}
END_TEST

Suite *
suite_pf_track(void)
{
	Suite *s = suite_create("sources/pf_track");
	TCase *t = tcase_create("pf_track");

	tcase_add_test(t, test_what_is_added_is_found_until_it_ends);
	tcase_add_test(t, test_equal_hashes_do_not_confuse);
	tcase_add_test(t,
	    test_lists_are_in_the_order_of_the_last_sign_of_life);
	tcase_add_test(t,
	    test_the_queue_tells_creation_report_and_end_in_order);
	tcase_add_test(t, test_a_budget_of_one_gives_one_at_a_time);
	tcase_add_test(t, test_a_sink_that_fails_keeps_everything);
	tcase_add_test(t, test_a_sweep_ends_from_the_front_in_bounded_steps);
	tcase_add_test(t, test_a_closing_table_still_ends_everything_once);
	tcase_add_test(t, test_sums_of_counters_saturate);
	suite_add_tcase(s, t);
	return s;
}
