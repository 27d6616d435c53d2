/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "core/time.h"

Suite *suite_time(void);

START_TEST(test_time_add_stops_at_never)
{
	ck_assert_uint_eq(pflowi_time_add(1, 2), 3);
	ck_assert_uint_eq(pflowi_time_add(PFLOW_NEVER - 1, 1), PFLOW_NEVER);
	ck_assert_uint_eq(pflowi_time_add(PFLOW_NEVER - 1, 2), PFLOW_NEVER);
	ck_assert_uint_eq(pflowi_time_add(PFLOW_NEVER, PFLOW_NEVER),
	    PFLOW_NEVER);
}
END_TEST

START_TEST(test_time_sub_stops_at_zero)
{
	ck_assert_uint_eq(pflowi_time_sub(5, 3), 2);
	ck_assert_uint_eq(pflowi_time_sub(3, 3), 0);
	ck_assert_uint_eq(pflowi_time_sub(3, 5), 0);
	ck_assert_uint_eq(pflowi_min_u64(3, 5), 3);
	ck_assert_uint_eq(pflowi_min_u64(5, 3), 3);
}
END_TEST

Suite *
suite_time(void)
{
	Suite *s = suite_create("time");
	TCase *tc = tcase_create("time");

	tcase_add_test(tc, test_time_add_stops_at_never);
	tcase_add_test(tc, test_time_sub_stops_at_zero);
	suite_add_tcase(s, tc);
	return s;
}
