/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/conntrack_table.h"

Suite *suite_conntrack_table(void);

static const uint64_t seed[2] = { UINT64_C(0x0123456789abcdef),
	UINT64_C(0xfedcba9876543210) };

/** A sequence that is the same in every run (xorshift64). */
static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

START_TEST(test_what_was_inserted_is_found_and_what_was_removed_is_not)
{
	struct pflowi_ct_table t;
	struct pflowi_ct_track *track;

	pflowi_ct_table_init(&t, 1 << 20, seed);
	ck_assert_ptr_null(pflowi_ct_table_find(&t, 5, 6));
	track = pflowi_ct_table_insert(&t, 5, 6);
	ck_assert_ptr_nonnull(track);
	ck_assert_ptr_eq(pflowi_ct_table_find(&t, 5, 6), track);
	ck_assert_ptr_null(pflowi_ct_table_find(&t, 5, 7));
	ck_assert_ptr_null(pflowi_ct_table_find(&t, 6, 6));
	pflowi_ct_table_remove(&t, track);
	ck_assert_ptr_null(pflowi_ct_table_find(&t, 5, 6));
	ck_assert_uint_eq(t.used, 0);
	pflowi_ct_table_fini(&t);
}
END_TEST

/** Against a plain list; hashes of few bits, so that runs are long. */
START_TEST(test_random_inserts_and_removes_agree_with_a_list)
{
	enum { KEYS = 4000 };
	static uint8_t there[KEYS];
	struct pflowi_ct_table t;
	uint64_t x = 88172645463325252u;
	size_t count = 0, i;

	memset(there, 0, sizeof(there));
	pflowi_ct_table_init(&t, 1 << 24, seed);
	for (i = 0; i < 100000; i++) {
		uint32_t id = (uint32_t)(next_random(&x) % KEYS);
		uint64_t hash = id * UINT64_C(0x9e3779b9) & 0xfff;
		struct pflowi_ct_track *track = pflowi_ct_table_find(&t, hash,
		    id);

		ck_assert_int_eq(track != NULL, there[id]);
		if (track != NULL) {
			ck_assert_uint_eq(track->upto_ns, id);
			pflowi_ct_table_remove(&t, track);
			count--;
		} else {
			track = pflowi_ct_table_insert(&t, hash, id);
			ck_assert_ptr_nonnull(track);
			track->upto_ns = id;
			count++;
		}
		there[id] = !there[id];
		ck_assert_uint_eq(t.used, count);
	}
	pflowi_ct_table_fini(&t);
}
END_TEST

START_TEST(test_memory_limit_is_kept_even_while_growing)
{
	enum { LIMIT = 200000 };
	struct pflowi_ct_table t;
	uint64_t x = 1, first;
	uint32_t n = 0, i;

	pflowi_ct_table_init(&t, LIMIT, seed);
	while (pflowi_ct_table_insert(&t, next_random(&x), n) != NULL)
		n++;
	ck_assert_uint_eq(t.used, n);
	ck_assert_uint_gt(n, 1000);
	ck_assert_uint_le(t.capacity * sizeof(*t.slots) * 3 / 2, LIMIT);
	/* All are there yet, and room that is freed can be used. */
	x = 1;
	first = next_random(&x);
	x = 1;
	for (i = 0; i < n; i++)
		ck_assert_ptr_nonnull(pflowi_ct_table_find(&t,
		    next_random(&x), i));
	pflowi_ct_table_remove(&t, pflowi_ct_table_find(&t, first, 0));
	ck_assert_ptr_nonnull(pflowi_ct_table_insert(&t, 1, 1));
	ck_assert_ptr_null(pflowi_ct_table_insert(&t, 2, 2));
	pflowi_ct_table_fini(&t);
	pflowi_ct_table_init(&t, 100, seed);
	ck_assert_ptr_null(pflowi_ct_table_insert(&t, 1, 1));
	pflowi_ct_table_fini(&t);
}
END_TEST

START_TEST(test_sweep_forgets_what_the_pass_did_not_see_and_the_dead)
{
	struct pflowi_ct_table t;
	uint64_t x = 7, gone;
	uint32_t i;

	pflowi_ct_table_init(&t, 1 << 22, seed);
	for (i = 0; i < 9000; i++) {
		/* The upper end too, where runs go round. */
		struct pflowi_ct_track *track = pflowi_ct_table_insert(&t,
		    next_random(&x) | (i & 1 ? 0xfff0 : 0), i);

		track->pass = (uint16_t)(i % 3);
		if (i % 3 == 2 && i % 2 == 0)
			track->flags |= PFLOWI_CT_T_DEAD;
	}
	pflowi_ct_table_sweep(&t, 2, &gone);
	ck_assert_uint_eq(gone, 6000);
	ck_assert_uint_eq(t.used, 1500);
	pflowi_ct_table_sweep(&t, 2, &gone);
	ck_assert_uint_eq(gone, 0);
	ck_assert_uint_eq(t.used, 1500);
	pflowi_ct_table_fini(&t);
}
END_TEST

START_TEST(test_bury_takes_the_dead_alone_and_keeps_a_label_of_their_heirs)
{
	struct pflowi_ct_table t;
	struct pflowi_ct_track *heir;

	pflowi_ct_table_init(&t, 1 << 20, seed);
	(void)pflowi_ct_table_insert(&t, 1, 1);
	pflowi_ct_table_insert(&t, 2, 2)->flags |= PFLOWI_CT_T_DEAD;
	heir = pflowi_ct_table_insert(&t, 3, 3);
	heir->flags |= PFLOWI_CT_T_DEAD | PFLOWI_CT_T_SELECTED;
	heir->packets[0] = 99;
	pflowi_ct_table_bury(&t);
	ck_assert_ptr_nonnull(pflowi_ct_table_find(&t, 1, 1));
	ck_assert_ptr_null(pflowi_ct_table_find(&t, 2, 2));
	heir = pflowi_ct_table_find(&t, 3, 3);
	ck_assert_ptr_nonnull(heir);
	ck_assert_uint_eq(heir->flags,
	    PFLOWI_CT_T_USED | PFLOWI_CT_T_SELECTED);
	ck_assert_uint_eq(heir->packets[0], 0);
	pflowi_ct_table_fini(&t);
}
END_TEST

/** Each member that tells flows apart, changed alone, changes the hash. */
START_TEST(test_hash_depends_on_seed_tuple_zone_and_id)
{
	static const uint64_t other[2] = { 1, 2 };
	struct pflowi_ct_flow f, g;
	uint64_t h;

	memset(&f, 0, sizeof(f));
	f.st.key[0].af = PFLOW_AF_IPV4;
	h = pflowi_ct_hash(seed, &f);
	ck_assert_uint_eq(pflowi_ct_hash(seed, &f), h);
	ck_assert_uint_ne(pflowi_ct_hash(other, &f), h);
#define CHANGES(member)                                                        \
	do {                                                                   \
		g = f;                                                         \
		g.member = (__typeof__(g.member))(g.member ^ 1);               \
		ck_assert_uint_ne(pflowi_ct_hash(seed, &g), h);                \
	} while (0)
	CHANGES(st.key[0].addr[0][0]);
	CHANGES(st.key[0].addr[0][15]);
	CHANGES(st.key[0].addr[1][3]);
	CHANGES(st.key[0].addr[1][15]);
	CHANGES(st.key[0].af);
	CHANGES(st.protocol);
	CHANGES(st.icmp[0]);
	CHANGES(inner[0]);
	CHANGES(inner[1]);
	CHANGES(zone);
	CHANGES(id);
#undef CHANGES
	g = f;
	g.st.packets[0]++;
	g.mark++;
	ck_assert_uint_eq(pflowi_ct_hash(seed, &g), h);
}
END_TEST

START_TEST(test_recent_knows_an_end_again_by_its_stop_time)
{
	struct pflowi_ct_recent *r = calloc(1, sizeof(*r));
	unsigned i;

	ck_assert_ptr_nonnull(r);
	ck_assert(!pflowi_ct_recent_seen(r, 5, 100));
	ck_assert(pflowi_ct_recent_seen(r, 5, 100));
	ck_assert(!pflowi_ct_recent_seen(r, 5, 101));
	/* A full set forgets its oldest, and that alone. */
	for (i = 2; i <= PFLOWI_CT_RECENT_WAYS; i++)
		ck_assert(!pflowi_ct_recent_seen(r,
		    5 + i * PFLOWI_CT_RECENT_SETS, 101));
	ck_assert(pflowi_ct_recent_seen(r, 5, 101));
	ck_assert(!pflowi_ct_recent_seen(r, 5, 100));
	free(r);
}
END_TEST

Suite *
suite_conntrack_table(void)
{
	Suite *s = suite_create("sources/conntrack_table");
	TCase *t = tcase_create("table");

	tcase_add_test(t,
	    test_what_was_inserted_is_found_and_what_was_removed_is_not);
	tcase_add_test(t, test_random_inserts_and_removes_agree_with_a_list);
	tcase_add_test(t, test_memory_limit_is_kept_even_while_growing);
	tcase_add_test(t,
	    test_sweep_forgets_what_the_pass_did_not_see_and_the_dead);
	tcase_add_test(t,
	    test_bury_takes_the_dead_alone_and_keeps_a_label_of_their_heirs);
	tcase_add_test(t, test_hash_depends_on_seed_tuple_zone_and_id);
	tcase_add_test(t, test_recent_knows_an_end_again_by_its_stop_time);
	suite_add_tcase(s, t);
	return s;
}
