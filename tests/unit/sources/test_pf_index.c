/* SPDX-License-Identifier: ISC */
/* From (id, creatorid) to the number of an item. */
#include <check.h>

#include "sources/pf_index.h"

Suite *suite_pf_index(void);

#define MIB ((size_t)1 << 20)

static const uint64_t key[2] = { 7, 9 };

/** Items are numbers; this is what each of them stands for. */
struct thing {
	uint64_t id;
	uint32_t creatorid;
};

static struct thing things[20001];

static bool
is_thing(const void *arg, uint32_t item, uint64_t id, uint32_t creatorid)
{
	const struct thing *all = arg;

	return all[item].id == id && all[item].creatorid == creatorid;
}

static uint32_t
hash_of(const struct pflowi_pf_index *ix, uint32_t item)
{
	return pflowi_pf_index_hash(ix, things[item].id,
	    things[item].creatorid);
}

static uint32_t
find(const struct pflowi_pf_index *ix, uint32_t item)
{
	return pflowi_pf_index_find(ix, hash_of(ix, item), things[item].id,
	    things[item].creatorid, is_thing, things);
}

START_TEST(test_hash_depends_on_key_and_both_words)
{
	/* Other keys and words give other values; equal ones equal values. */
	static const uint64_t other[2] = { 7, 10 };
	uint32_t h = pflowi_pf_hash(key, 1, 2);

	ck_assert_uint_eq(h, pflowi_pf_hash(key, 1, 2));
	ck_assert_uint_ne(h, pflowi_pf_hash(key, 2, 1));
	ck_assert_uint_ne(h, pflowi_pf_hash(other, 1, 2));
	ck_assert_uint_ne(h, pflowi_pf_hash(key, 1, 3));
}
END_TEST

/* SipHash-1-3 of 16 octets, as Python's hash(bytes) with key zero has it. */
START_TEST(test_hash_is_siphash_folded)
{
	static const uint64_t zero[2];
	uint32_t h = pflowi_pf_hash(zero, 0x0001020304050607,
	    0x08090a0b0c0d0e0f);

	ck_assert_uint_eq(h, 0xf9eaf7fa ^ 0x95bcc861);
}
END_TEST

START_TEST(test_what_is_added_is_found_until_it_is_removed)
{
	struct pflowi_pf_budget budget = { 8 * MIB, 0 };
	struct pflowi_pf_index ix;
	enum { N = 20000 };
	uint32_t i;

	ck_assert(pflowi_pf_index_init(&ix, key, &budget));
	for (i = 1; i <= N; i++) {
		things[i] = (struct thing){ i / 2, i % 2 };
		ck_assert(pflowi_pf_index_reserve(&ix, 1));
		ck_assert_uint_eq(find(&ix, i), 0);
		pflowi_pf_index_add(&ix, hash_of(&ix, i), i);
	}
	for (i = 1; i <= N; i++)
		ck_assert_uint_eq(find(&ix, i), i);
	for (i = 1; i <= N; i += 3)
		pflowi_pf_index_remove(&ix, hash_of(&ix, i), i);
	for (i = 1; i <= N; i++)
		ck_assert_uint_eq(find(&ix, i), i % 3 == 1 ? 0 : i);
	pflowi_pf_index_fini(&ix);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* The hole that a removal leaves must not hide what stands behind it, also
   where the slots begin again from the first. */
START_TEST(test_removal_hides_nothing_behind_it)
{
	struct pflowi_pf_budget budget = { 8 * MIB, 0 };
	struct pflowi_pf_index ix;
	uint32_t i, gone, hash;

	ck_assert(pflowi_pf_index_init(&ix, key, &budget));
	for (gone = 1; gone <= 40; gone++) {
		for (i = 1; i <= 40; i++) {
			things[i] = (struct thing){ i, 0 };
			hash = ix.mask - 5 + (i % 3 == 0 ? 6 : i % 3);
			pflowi_pf_index_add(&ix, hash, i);
		}
		hash = ix.mask - 5 + (gone % 3 == 0 ? 6 : gone % 3);
		pflowi_pf_index_remove(&ix, hash, gone);
		for (i = 1; i <= 40; i++) {
			hash = ix.mask - 5 + (i % 3 == 0 ? 6 : i % 3);
			ck_assert_uint_eq(pflowi_pf_index_find(&ix, hash, i, 0,
			    is_thing, things), i == gone ? 0 : i);
		}
		for (i = 1; i <= 40; i++) {
			hash = ix.mask - 5 + (i % 3 == 0 ? 6 : i % 3);
			if (i != gone)
				pflowi_pf_index_remove(&ix, hash, i);
		}
		ck_assert_uint_eq(ix.count, 0);
	}
	pflowi_pf_index_fini(&ix);
}
END_TEST

START_TEST(test_likely_looks_at_hashes_alone)
{
	struct pflowi_pf_budget budget = { 8 * MIB, 0 };
	struct pflowi_pf_index ix;

	ck_assert(pflowi_pf_index_init(&ix, key, &budget));
	ck_assert_uint_eq(pflowi_pf_index_likely(&ix, 17), 0);
	pflowi_pf_index_add(&ix, 17, 4);
	pflowi_pf_index_add(&ix, 17 + ix.mask + 1, 5); /* the same slot */
	ck_assert_uint_eq(pflowi_pf_index_likely(&ix, 17), 4);
	ck_assert_uint_eq(pflowi_pf_index_likely(&ix, 17 + ix.mask + 1), 5);
	ck_assert_uint_eq(pflowi_pf_index_likely(&ix, 18), 0);
	pflowi_pf_index_fini(&ix);
}
END_TEST

START_TEST(test_growth_stops_at_the_budget_and_loses_nothing)
{
	/* 1024 slots of 8 octets, and no room for twice as many beside them. */
	struct pflowi_pf_budget budget = { 20000, 0 };
	struct pflowi_pf_index ix;
	uint32_t i;

	ck_assert(pflowi_pf_index_init(&ix, key, &budget));
	for (i = 1; pflowi_pf_index_reserve(&ix, 1); i++) {
		things[i] = (struct thing){ i, 1 };
		pflowi_pf_index_add(&ix, hash_of(&ix, i), i);
	}
	ck_assert_uint_eq(i - 1, 768); /* three quarters */
	ck_assert_uint_eq(budget.used, 1024 * 8);
	while (--i > 0)
		ck_assert_uint_eq(find(&ix, i), i);
	pflowi_pf_index_fini(&ix);
	ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(test_no_memory_for_the_first_slots_is_said)
{
	struct pflowi_pf_budget budget = { 8191, 0 };
	struct pflowi_pf_index ix;

	ck_assert(!pflowi_pf_index_init(&ix, key, &budget));
	ck_assert_uint_eq(budget.used, 0);
	pflowi_pf_index_fini(&ix);
}
END_TEST

Suite *
suite_pf_index(void)
{
	Suite *s = suite_create("sources/pf_index");
	TCase *t = tcase_create("pf_index");

	tcase_add_test(t, test_hash_depends_on_key_and_both_words);
	tcase_add_test(t, test_hash_is_siphash_folded);
	tcase_add_test(t, test_what_is_added_is_found_until_it_is_removed);
	tcase_add_test(t, test_removal_hides_nothing_behind_it);
	tcase_add_test(t, test_likely_looks_at_hashes_alone);
	tcase_add_test(t, test_growth_stops_at_the_budget_and_loses_nothing);
	tcase_add_test(t, test_no_memory_for_the_first_slots_is_said);
	suite_add_tcase(s, t);
	return s;
}
