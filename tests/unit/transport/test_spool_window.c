/* SPDX-License-Identifier: ISC */
#include "transport/spool_window.h"

#include <check.h>

Suite *suite_spool_window(void);

static struct pflowi_spool_window w;

static void
push(uint64_t advance, uint32_t records)
{
	struct pflowi_spool_entry entry = {advance, (uint32_t)advance, records, 0};

	pflowi_spool_window_push(&w, &entry);
}

START_TEST(test_spool_window_keeps_so_many_octets_behind_what_is_confirmed)
{
	int i;

	pflowi_spool_window_begin(&w, 1000);
	for (i = 0; i < 10; i++)
		push(100, 1);
	ck_assert_uint_eq(w.read, 2000);
	pflowi_spool_window_confirm(&w, 4, 250);
	ck_assert_uint_eq(w.confirmed, 1400);
	ck_assert_uint_eq(w.safe, 1100);
	ck_assert_uint_eq(w.flying_count, 6);
	pflowi_spool_window_confirm(&w, 99, 0);
	ck_assert_uint_eq(w.confirmed, 2000);
	ck_assert_uint_eq(w.safe, 2000);
	ck_assert_uint_eq(w.confirmed_count, 0);
	pflowi_spool_window_fini(&w);
}
END_TEST

START_TEST(test_spool_window_never_keeps_what_was_before_the_session)
{
	pflowi_spool_window_begin(&w, 5000);
	push(10, 1);
	pflowi_spool_window_confirm(&w, 1, 1000000);
	ck_assert_uint_eq(w.safe, 5000);
	pflowi_spool_window_fini(&w);
}
END_TEST

START_TEST(test_spool_window_grows_while_it_goes_round)
{
	uint64_t in = 0, out = 0;
	int i;

	pflowi_spool_window_begin(&w, 0);
	for (i = 0; i < 20000; i++) {
		push((uint64_t)(i % 7 + 1), 1);
		in += (uint64_t)(i % 7 + 1);
		if (i % 3 == 0) {
			pflowi_spool_window_confirm(&w, 1, 0);
			out += (uint64_t)(i / 3 % 7 + 1);
		}
	}
	ck_assert_uint_eq(w.read, in);
	ck_assert_uint_eq(w.confirmed, out);
	ck_assert_uint_eq(w.flying_count, 20000 - 6667);
	pflowi_spool_window_fini(&w);
}
END_TEST

START_TEST(test_spool_window_counts_what_is_on_its_way_before_a_position)
{
	struct pflowi_spool_loss loss;

	pflowi_spool_window_begin(&w, 0);
	push(0, 0); /* templates of a session */
	push(100, 3);
	push(100, 5);
	push(100, 7);
	pflowi_spool_window_confirm(&w, 2, 0);
	pflowi_spool_window_before(&w, false, 250, &loss);
	ck_assert_uint_eq(loss.records, 5);
	ck_assert_uint_eq(loss.messages, 1);
	pflowi_spool_window_begin(&w, 0);
	push(100, 3);
	push(100, 5);
	pflowi_spool_window_confirm(&w, 1, 1000);
	pflowi_spool_window_before(&w, true, 200, &loss);
	ck_assert_uint_eq(loss.records, 8);
	ck_assert_uint_eq(loss.messages, 2);
	pflowi_spool_window_fini(&w);
}
END_TEST

Suite *
suite_spool_window(void)
{
	Suite *s = suite_create("spool window");
	TCase *tc = tcase_create("spool window");

	tcase_add_test(tc,
	    test_spool_window_keeps_so_many_octets_behind_what_is_confirmed);
	tcase_add_test(
	    tc, test_spool_window_never_keeps_what_was_before_the_session);
	tcase_add_test(tc, test_spool_window_grows_while_it_goes_round);
	tcase_add_test(
	    tc, test_spool_window_counts_what_is_on_its_way_before_a_position);
	suite_add_tcase(s, tc);
	return s;
}
