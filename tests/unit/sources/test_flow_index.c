/* SPDX-License-Identifier: ISC */
/* The index alone, with hashes chosen by the test. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/flow_index.h"

Suite *suite_flow_index(void);

#define ENTRIES 5000u

static struct pflowi_flow_index ix;
static uint32_t live;

static void
set_up(void)
{
	memset(&ix, 0, sizeof(ix));
	ix.max = pflowi_flow_index_size(ENTRIES);
	ix.buckets = aligned_alloc(64, ix.max * sizeof(*ix.buckets));
	ix.flows = calloc(ENTRIES + 1, sizeof(*ix.flows));
	ix.cold = calloc(ENTRIES + 1, sizeof(*ix.cold));
	pflowi_flow_index_clear(&ix);
	live = 0;
}

static void
tear_down(void)
{
	free(ix.buckets);
	free(ix.flows);
	free(ix.cold);
}

static struct pflowi_flow_key
key_of(uint32_t entry)
{
	struct pflowi_flow_key key = { .word = { entry, 0, 0, 0, 4 } };

	return key;
}

static void
insert(uint32_t entry, uint32_t hash)
{
	ix.flows[entry].addresses = entry;
	ix.flows[entry].rest = 4;
	ix.cold[entry].hash = hash;
	pflowi_flow_index_insert(&ix, entry, ++live);
}

static void
erase(uint32_t entry)
{
	pflowi_flow_index_erase(&ix, entry);
	live--;
}

static uint32_t
find(uint32_t entry, uint32_t hash)
{
	struct pflowi_flow_key key = key_of(entry);

	return pflowi_flow_index_find(&ix, &key, hash);
}

/** All the same, all multiples of a power, or spread. */
static uint32_t
hash_of(int kind, uint32_t entry)
{
	switch (kind) {
	case 0:
		return 77;
	case 1:
		return entry << 12;
	case 2:
		return entry << 20;
	default:
		return entry * 2654435761u;
	}
}

START_TEST(test_what_was_put_in_is_found_whatever_its_hash)
{
	uint32_t count = _i == 0 ? 500 : ENTRIES, e;

	for (e = 1; e <= count; e++)
		insert(e, hash_of(_i, e));
	for (e = 1; e <= count; e++)
		ck_assert_uint_eq(find(e, hash_of(_i, e)), e);
	ck_assert_uint_eq(find(count + 1, hash_of(_i, count + 1)), 0);
	ck_assert_uint_le(ix.count, ix.max);
	if (_i != 0)
		ck_assert_uint_ge(ix.count, count / PFLOWI_BUCKET_LOAD);
}
END_TEST

START_TEST(test_what_was_taken_out_is_gone_and_the_others_stay)
{
	uint32_t count = _i == 0 ? 300 : ENTRIES, e;

	for (e = 1; e <= count; e++)
		insert(e, hash_of(_i, e));
	for (e = 1; e <= count; e += 3)
		erase(e);
	for (e = 1; e <= count; e++)
		ck_assert_uint_eq(find(e, hash_of(_i, e)),
		    e % 3 == 1 ? 0 : e);
	for (e = 1; e <= count; e += 3)
		insert(e, hash_of(_i, e));
	for (e = count; e >= 1; e--)
		erase(e);
	for (e = 1; e <= count; e++)
		ck_assert_uint_eq(find(e, hash_of(_i, e)), 0);
}
END_TEST

START_TEST(test_keys_of_one_hash_are_told_apart_by_family)
{
	struct pflowi_flow_key v6 = { .word = { 1, 0, 0, 0, 6 } };

	insert(1, 9);
	ck_assert_uint_eq(pflowi_flow_index_find(&ix, &v6, 9), 0);
}
END_TEST

START_TEST(test_index_grows_by_one_bucket_at_a_time)
{
	uint32_t e;

	for (e = 1; e <= ENTRIES; e++) {
		uint32_t before = ix.count;

		insert(e, hash_of(3, e));
		ck_assert_uint_le(ix.count - before, 1);
	}
}
END_TEST

Suite *
suite_flow_index(void)
{
	Suite *s = suite_create("sources/flow_index");
	TCase *t = tcase_create("flow_index");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t,
	    test_what_was_put_in_is_found_whatever_its_hash, 0, 4);
	tcase_add_loop_test(t,
	    test_what_was_taken_out_is_gone_and_the_others_stay, 0, 4);
	tcase_add_test(t, test_keys_of_one_hash_are_told_apart_by_family);
	tcase_add_test(t, test_index_grows_by_one_bucket_at_a_time);
	suite_add_tcase(s, t);
	return s;
}
