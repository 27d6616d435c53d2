/* SPDX-License-Identifier: ISC */
#include "transport/pace.h"

#include <check.h>

Suite *suite_pace(void);

#define SEC UINT64_C(1000000000)

/** Take what is allowed, as soon as it is, for a second; how many. */
static uint64_t
run_a_second(uint32_t rate, uint64_t *longest)
{
	struct pflow_now now = {7 * SEC, 0};
	struct pflowi_pace p;
	uint64_t sum = 0, n;

	*longest = 0;
	pflowi_pace_init(&p, rate);
	while (now.mono_ns < 8 * SEC) {
		n = pflowi_pace_allow(&p, 100000, now);
		pflowi_pace_take(&p, (size_t)n);
		sum += n;
		if (n > *longest)
			*longest = n;
		if (pflowi_pace_due(&p) == 0)
			continue;
		if (pflowi_pace_due(&p) <= now.mono_ns)
			ck_abort_msg("nothing goes, but it is due");
		now.mono_ns = pflowi_pace_due(&p);
	}
	return sum;
}

START_TEST(test_pace_allows_the_rate_and_one_burst_before)
{
	static const uint32_t rates[] = {1, 7, 100, 2000, 100000, 3333333};
	uint64_t longest;
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t sum = run_a_second(rates[i], &longest);

		ck_assert_uint_ge(sum, rates[i]);
		ck_assert_uint_le(sum, rates[i] + longest + 1);
	}
}
END_TEST

START_TEST(test_pace_lets_no_more_go_at_once_than_a_socket_holds)
{
	uint64_t longest;

	(void)run_a_second(2000, &longest);
	ck_assert_uint_eq(longest, PFLOWI_PACE_BURST);
	(void)run_a_second(1, &longest);
	ck_assert_uint_eq(longest, 1);
	(void)run_a_second(1000000, &longest);
	ck_assert_uint_eq(longest, 2000);
}
END_TEST

START_TEST(test_pace_makes_up_for_a_late_caller_but_not_without_bound)
{
	struct pflow_now now = {SEC, 0};
	struct pflowi_pace p;

	pflowi_pace_init(&p, 1000);
	pflowi_pace_take(&p, pflowi_pace_allow(&p, 100, now));
	ck_assert_uint_eq(pflowi_pace_allow(&p, 100, now), 0);
	now.mono_ns += 5 * SEC / 1000 + 1;
	ck_assert_uint_eq(pflowi_pace_allow(&p, 100, now), 5);
	now.mono_ns = UINT64_MAX - 1;
	ck_assert_uint_eq(pflowi_pace_allow(&p, 100, now), PFLOWI_PACE_BURST);
	/* A clock that goes back gives nothing. */
	pflowi_pace_take(&p, PFLOWI_PACE_BURST);
	now.mono_ns = 0;
	ck_assert_uint_eq(pflowi_pace_allow(&p, 100, now), 0);
}
END_TEST

START_TEST(test_pace_without_a_rate_allows_everything)
{
	struct pflow_now now = {0, 0};
	struct pflowi_pace p;

	pflowi_pace_init(&p, 0);
	ck_assert_uint_eq(pflowi_pace_allow(&p, 12345, now), 12345);
	pflowi_pace_take(&p, 12345);
	ck_assert_uint_eq(pflowi_pace_due(&p), 0);
}
END_TEST

Suite *
suite_pace(void)
{
	Suite *s = suite_create("pace");
	TCase *tc = tcase_create("pace");

	tcase_add_test(tc, test_pace_allows_the_rate_and_one_burst_before);
	tcase_add_test(
	    tc, test_pace_lets_no_more_go_at_once_than_a_socket_holds);
	tcase_add_test(
	    tc, test_pace_makes_up_for_a_late_caller_but_not_without_bound);
	tcase_add_test(tc, test_pace_without_a_rate_allows_everything);
	suite_add_tcase(s, tc);
	return s;
}
