/* SPDX-License-Identifier: ISC */
#include "transport/flight.h"

#include <check.h>

Suite *suite_flight(void);

static struct pflowi_flight f;

START_TEST(test_flight_confirms_messages_whose_last_octet_arrived)
{
	pflowi_flight_reset(&f);
	pflowi_flight_add(&f, 100, 3);
	pflowi_flight_add(&f, 250, 5);
	pflowi_flight_confirm(&f, 99);
	ck_assert_uint_eq(f.messages, 2);
	pflowi_flight_confirm(&f, 249);
	ck_assert_uint_eq(f.messages, 1);
	ck_assert_uint_eq(f.records, 5);
	ck_assert_uint_eq(f.confirmed, 1);
	pflowi_flight_confirm(&f, 250);
	ck_assert_uint_eq(f.messages, 0);
	ck_assert_uint_eq(f.confirmed, 2);
}
END_TEST

START_TEST(test_flight_of_any_length_never_tells_too_little)
{
	uint64_t i, n = 10 * PFLOWI_FLIGHT_RUNS + 3;

	pflowi_flight_reset(&f);
	for (i = 1; i <= n; i++)
		pflowi_flight_add(&f, i * 10, 2);
	ck_assert_uint_eq(f.messages, n);
	ck_assert_uint_eq(f.records, 2 * n);
	for (i = 1; i <= n; i++) {
		pflowi_flight_confirm(&f, i * 10);
		ck_assert_uint_ge(f.messages, n - i);
		ck_assert_uint_eq(f.messages + f.confirmed, n);
	}
	ck_assert_uint_eq(f.messages, 0);
	ck_assert_uint_eq(f.records, 0);
}
END_TEST

Suite *
suite_flight(void)
{
	Suite *s = suite_create("flight");
	TCase *tc = tcase_create("flight");

	tcase_add_test(
	    tc, test_flight_confirms_messages_whose_last_octet_arrived);
	tcase_add_test(tc, test_flight_of_any_length_never_tells_too_little);
	suite_add_tcase(s, tc);
	return s;
}
