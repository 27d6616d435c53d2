/* SPDX-License-Identifier: ISC */
/* Both twins of the keyed hash, whichever this build uses. */
#include <check.h>

#include "sources/flow_index.h"

Suite *suite_flow_hash(void);

/* The one that is not picked where xxHash is found, under another name. */
uint32_t siphash(const uint64_t *words, size_t count, const uint64_t seed[2]);
#define pflowi_flow_hash siphash
#include "sources/flow_hash_siphash.c"
#undef pflowi_flow_hash

/* Values of another implementation: Python's hash(bytes), key zero. */
START_TEST(test_siphash_1_3_gives_known_values)
{
	static const uint64_t seed[2];
	static const uint64_t one[] = { 1 };
	static const uint64_t two[] = { 0x0001020304050607, 0x08090a0b0c0d0e0f };
	static const uint64_t five[] = { 1, 2, 3, 4, 5 };

	ck_assert_uint_eq(siphash(one, 1, seed), 0x61d62dd9);
	ck_assert_uint_eq(siphash(two, 2, seed), 0xf9eaf7fa);
	ck_assert_uint_eq(siphash(five, 5, seed), 0x36f43ed3);
}
END_TEST

typedef uint32_t hash_fn(const uint64_t *, size_t, const uint64_t[2]);

static hash_fn *const twins[] = { siphash, pflowi_flow_hash };

START_TEST(test_hash_depends_on_every_bit_of_the_key)
{
	static const uint64_t seed[2] = { 3, 4 };
	uint64_t key[5] = { 1, 2, 3, 4, 5 };
	uint32_t before = twins[_i](key, 5, seed);
	unsigned bit;

	for (bit = 0; bit < 5 * 64; bit++) {
		key[bit / 64] ^= UINT64_C(1) << bit % 64;
		ck_assert_uint_ne(twins[_i](key, 5, seed), before);
		key[bit / 64] ^= UINT64_C(1) << bit % 64;
	}
	ck_assert_uint_eq(twins[_i](key, 5, seed), before);
}
END_TEST

START_TEST(test_hash_depends_on_the_seed)
{
	static const uint64_t key[2] = { 1, 2 };
	static const uint64_t a[2] = { 1, 2 }, b[2] = { 1, 3 }, c[2] = { 0, 2 };

	ck_assert_uint_ne(twins[_i](key, 2, a), twins[_i](key, 2, b));
	ck_assert_uint_ne(twins[_i](key, 2, a), twins[_i](key, 2, c));
}
END_TEST

START_TEST(test_hash_fills_buckets_evenly)
{
	static const uint64_t seed[2] = { 5, 6 };
	unsigned counts[256] = { 0 }, i;

	for (i = 0; i < 256 * 100; i++) {
		uint64_t key[2] = { i, UINT64_C(1) << 40 };

		counts[twins[_i](key, 2, seed) & 255]++;
	}
	/* 100 each, give or take six standard deviations. */
	for (i = 0; i < 256; i++) {
		ck_assert_uint_gt(counts[i], 40);
		ck_assert_uint_lt(counts[i], 160);
	}
}
END_TEST

Suite *
suite_flow_hash(void)
{
	Suite *s = suite_create("sources/flow_hash");
	TCase *t = tcase_create("flow_hash");

	tcase_add_test(t, test_siphash_1_3_gives_known_values);
	tcase_add_loop_test(t, test_hash_depends_on_every_bit_of_the_key, 0, 2);
	tcase_add_loop_test(t, test_hash_depends_on_the_seed, 0, 2);
	tcase_add_loop_test(t, test_hash_fills_buckets_evenly, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
