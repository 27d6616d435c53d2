/* SPDX-License-Identifier: ISC */
/* Items of one size, and the budget they share. */
#include <check.h>
#include <string.h>

#include "sources/pf_pool.h"

Suite *suite_pf_pool(void);

#define MIB ((size_t)1 << 20)

START_TEST(test_pool_gives_zeroed_items_and_takes_them_back)
{
	struct pflowi_pf_budget budget = { MIB, 0 };
	struct pflowi_pf_pool pool;
	uint32_t i, n[3000];

	pflowi_pf_pool_init(&pool, 64, &budget);
	for (i = 0; i < 3000; i++) {
		uint8_t *p;
		size_t k;

		n[i] = pflowi_pf_pool_new(&pool);
		ck_assert_uint_ne(n[i], 0);
		p = pflowi_pf_pool_at(&pool, n[i]);
		for (k = 0; k < 64; k++)
			ck_assert_uint_eq(p[k], 0);
		memset(p, 0xff, 64);
	}
	ck_assert_uint_eq(pool.in_use, 3000);
	ck_assert_uint_eq(budget.used, 3 * 1024 * 64);
	for (i = 0; i < 3000; i += 2)
		pflowi_pf_pool_release(&pool, n[i]);
	for (i = 0; i < 1500; i++) {
		const uint8_t *p =
		    pflowi_pf_pool_at(&pool, pflowi_pf_pool_new(&pool));

		ck_assert_uint_eq(p[0] + p[3] + p[63], 0);
	}
	ck_assert_uint_eq(budget.used, 3 * 1024 * 64); /* the same memory */
	pflowi_pf_pool_fini(&pool);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(test_pool_stops_at_its_budget)
{
	struct pflowi_pf_budget budget = { 2 * 1024 * 64 + 63, 0 };
	struct pflowi_pf_pool pool;
	uint32_t i;

	pflowi_pf_pool_init(&pool, 64, &budget);
	ck_assert(pflowi_pf_pool_reserve(&pool, 2048));
	ck_assert(!pflowi_pf_pool_reserve(&pool, 2049));
	for (i = 0; i < 2048; i++)
		ck_assert_uint_ne(pflowi_pf_pool_new(&pool), 0);
	ck_assert_uint_eq(pflowi_pf_pool_new(&pool), 0);
	pflowi_pf_pool_release(&pool, 5);
	ck_assert_uint_eq(pflowi_pf_pool_new(&pool), 5);
	pflowi_pf_pool_fini(&pool);
}
END_TEST

START_TEST(test_items_never_move_and_do_not_overlap)
{
	struct pflowi_pf_budget budget = { 8 * MIB, 0 };
	struct pflowi_pf_pool pool;
	enum { N = 5000 };
	static void *at[N + 1];
	uint32_t i;

	pflowi_pf_pool_init(&pool, 24, &budget);
	for (i = 1; i <= N; i++) {
		ck_assert_uint_eq(pflowi_pf_pool_new(&pool), i);
		at[i] = pflowi_pf_pool_at(&pool, i);
		memset(at[i], (int)(i % 251), 24);
	}
	for (i = 1; i <= N; i++) {
		const uint8_t *p = pflowi_pf_pool_at(&pool, i);

		ck_assert_ptr_eq(p, at[i]);
		ck_assert_uint_eq(p[0], i % 251);
		ck_assert_uint_eq(p[23], i % 251);
	}
	pflowi_pf_pool_fini(&pool);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(test_what_was_released_last_is_used_first)
{
	struct pflowi_pf_budget budget = { MIB, 0 };
	struct pflowi_pf_pool pool;
	uint32_t a, b;

	pflowi_pf_pool_init(&pool, 8, &budget);
	a = pflowi_pf_pool_new(&pool);
	b = pflowi_pf_pool_new(&pool);
	pflowi_pf_pool_release(&pool, a);
	pflowi_pf_pool_release(&pool, b);
	ck_assert_uint_eq(pool.in_use, 0);
	ck_assert_uint_eq(pflowi_pf_pool_new(&pool), b);
	ck_assert_uint_eq(pflowi_pf_pool_new(&pool), a);
	ck_assert_uint_eq(pool.in_use, 2);
	pflowi_pf_pool_fini(&pool);
}
END_TEST

START_TEST(test_a_budget_is_shared_and_given_back)
{
	struct pflowi_pf_budget budget = { 100, 0 };

	ck_assert(pflowi_pf_budget_take(&budget, 60));
	ck_assert(!pflowi_pf_budget_take(&budget, 41));
	ck_assert_uint_eq(budget.used, 60);
	ck_assert(pflowi_pf_budget_take(&budget, 40));
	ck_assert(!pflowi_pf_budget_take(&budget, SIZE_MAX));
	pflowi_pf_budget_give(&budget, 60);
	ck_assert(pflowi_pf_budget_take(&budget, 60));
}
END_TEST

Suite *
suite_pf_pool(void)
{
	Suite *s = suite_create("sources/pf_pool");
	TCase *t = tcase_create("pf_pool");

	tcase_add_test(t, test_pool_gives_zeroed_items_and_takes_them_back);
	tcase_add_test(t, test_pool_stops_at_its_budget);
	tcase_add_test(t, test_items_never_move_and_do_not_overlap);
	tcase_add_test(t, test_what_was_released_last_is_used_first);
	tcase_add_test(t, test_a_budget_is_shared_and_given_back);
	suite_add_tcase(s, t);
	return s;
}
