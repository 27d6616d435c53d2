/* SPDX-License-Identifier: ISC */
#include "decode.h"
#include "decoder/store.h"

Suite *suite_store(void);

static struct pflow_decoder dec;
static uint8_t memory[70000];

static struct pflowi_store_key
key(uint32_t domain, uint16_t id)
{
	struct pflowi_store_key k = { domain, id, 10 };

	return k;
}

static size_t
add(uint32_t domain, uint16_t id, size_t size)
{
	return pflowi_store_add(&dec, key(domain, id), PFLOWI_ENTRY_TEMPLATE,
	    size);
}

START_TEST(test_store_finds_what_was_added_and_nothing_else)
{
	size_t a, b;

	pflow_decoder_init(&dec, memory, 4096);
	a = add(7, 256, 34);
	b = add(7, 257, 44);
	ck_assert_uint_ne(a, 0);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 256)), a);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 257)), b);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(8, 256)), 0);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 258)), 0);
	ck_assert_uint_eq(pflowi_store_find(&dec,
	    (struct pflowi_store_key){ 7, 256, 9 }), 0);
}
END_TEST

START_TEST(test_store_of_too_few_octets_is_none)
{
	memset(memory, 0x5a, sizeof(memory));
	pflow_decoder_init(&dec, memory, 36);
	ck_assert_uint_eq(add(7, 256, 33), 0);
	ck_assert_uint_eq(memory[0], 0x5a);
	pflow_decoder_init(&dec, memory, 37);
	ck_assert_uint_eq(add(7, 256, 33), 4);
	ck_assert_uint_eq(add(7, 257, 33), 0);
	ck_assert_uint_eq(memory[37], 0x5a);
}
END_TEST

START_TEST(test_store_is_any_memory_of_any_alignment)
{
	unsigned offset, id;

	for (offset = 0; offset < 8; offset++) {
		memset(memory, 0x5a, sizeof(memory));
		pflow_decoder_init(&dec, memory + offset, 1001);
		for (id = 256; add(7, (uint16_t)id, 35) != 0; id++)
			memset(dec.store + dec.store_used - 19, 0xff, 19);
		ck_assert_uint_eq(id - 256, (1001 - 16) / 35);
		ck_assert_uint_eq(memory[offset + 1001], 0x5a);
		for (; id-- > 256;)
			ck_assert_uint_ne(pflowi_store_find(&dec,
			    key(7, (uint16_t)id)), 0);
	}
}
END_TEST

START_TEST(test_store_takes_the_room_of_removed_entries_when_it_is_full)
{
	unsigned id, n;

	pflow_decoder_init(&dec, memory, 4096);
	for (n = 0; add(7, (uint16_t)(256 + n), 34) != 0; n++)
		continue;
	for (id = 0; id < n; id += 2)
		pflowi_store_remove(&dec,
		    pflowi_store_find(&dec, key(7, (uint16_t)(256 + id))));
	ck_assert_uint_ne(add(7, 1000, 68), 0);
	ck_assert_uint_eq(dec.store_waste, 0);
	ck_assert_uint_ne(pflowi_store_find(&dec, key(7, 1000)), 0);
	for (id = 0; id < n; id++)
		ck_assert_int_eq(pflowi_store_find(&dec,
		    key(7, (uint16_t)(256 + id))) != 0, id % 2 == 1);
}
END_TEST

START_TEST(test_store_leaves_entries_in_front_of_the_waste_where_they_are)
{
	size_t first;
	unsigned n;

	pflow_decoder_init(&dec, memory, 4096);
	first = add(7, 256, 34);
	for (n = 1; add(7, (uint16_t)(256 + n), 34) != 0; n++)
		continue;
	while (--n > 60)
		pflowi_store_remove(&dec,
		    pflowi_store_find(&dec, key(7, (uint16_t)(256 + 121 - n))));
	ck_assert_uint_ne(add(7, 1000, 340), 0);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 256)), first);
}
END_TEST

START_TEST(test_store_has_no_more_than_65536_chains)
{
	size_t len = 40u << 20;
	uint8_t *much = malloc(len);

	ck_assert_ptr_nonnull(much);
	pflow_decoder_init(&dec, much, len);
	ck_assert_uint_eq(dec.store_buckets, 65536);
	ck_assert_uint_eq(add(7, 256, 34), 4 * 65536);
	free(much);
}
END_TEST

START_TEST(test_store_tells_versions_and_ids_of_one_chain_apart)
{
	struct pflowi_store_key v9 = { 7, 257, 9 }, other = { 7, 256, 9 };
	size_t a, b;

	/* one bucket for all */
	pflow_decoder_init(&dec, memory, 255);
	a = add(7, 256, 34);
	b = pflowi_store_add(&dec, other, PFLOWI_ENTRY_TEMPLATE, 34);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 256)), a);
	ck_assert_uint_eq(pflowi_store_find(&dec, other), b);
	ck_assert_uint_eq(pflowi_store_find(&dec, v9), 0);
	ck_assert_uint_eq(pflowi_store_remove_all(&dec, other,
	    PFLOWI_ENTRY_TEMPLATE), 1);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 256)), a);
}
END_TEST

START_TEST(test_store_leaves_a_little_waste_alone)
{
	unsigned n;

	pflow_decoder_init(&dec, memory, 4096);
	for (n = 0; add(7, (uint16_t)(256 + n), 34) != 0; n++)
		continue;
	pflowi_store_remove(&dec, pflowi_store_find(&dec, key(7, 256)));
	ck_assert_uint_eq(dec.store_waste, 34);
	ck_assert_uint_eq(add(7, 1000, 34), 0);
	ck_assert_uint_eq(dec.store_waste, 34);
}
END_TEST

START_TEST(test_store_gives_the_last_entry_back_at_once)
{
	size_t used;

	pflow_decoder_init(&dec, memory, 4096);
	add(7, 256, 34);
	used = dec.store_used;
	pflowi_store_remove(&dec, add(7, 257, 400));
	ck_assert_uint_eq(dec.store_used, used);
	ck_assert_uint_eq(dec.store_waste, 0);
}
END_TEST

START_TEST(test_store_of_64_kib_holds_three_quarters_of_templates)
{
	unsigned n;

	pflow_decoder_init(&dec, memory, 65536);
	for (n = 0; add(7, (uint16_t)(256 + n), 44) != 0; n++)
		continue;
	ck_assert_uint_ge(n * 44, 65536 * 3 / 4);
}
END_TEST

START_TEST(test_store_bounds_the_chains_that_a_hostile_peer_may_make)
{
	struct pflowi_store_key k = key(0, 256);
	unsigned n;

	/* domains n * 2^32 / 2654435761, all of one bucket */
	pflow_decoder_init(&dec, memory, 65536);
	for (n = 0; n < 100; n++) {
		k.domain = (uint32_t)(n * 244002641u);
		if (pflowi_store_add(&dec, k, PFLOWI_ENTRY_TEMPLATE, 34) == 0)
			break;
	}
	ck_assert_uint_eq(n, 16);
}
END_TEST

START_TEST(test_store_removes_all_of_a_kind_in_a_domain)
{
	pflow_decoder_init(&dec, memory, 4096);
	add(7, 256, 34);
	add(8, 256, 34);
	pflowi_store_add(&dec, key(7, 257), PFLOWI_ENTRY_OPTIONS, 34);
	add(7, 258, 34);
	ck_assert_uint_eq(pflowi_store_remove_all(&dec, key(7, 0),
	    PFLOWI_ENTRY_TEMPLATE), 2);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 256)), 0);
	ck_assert_uint_eq(pflowi_store_find(&dec, key(7, 258)), 0);
	ck_assert_uint_ne(pflowi_store_find(&dec, key(8, 256)), 0);
	ck_assert_uint_ne(pflowi_store_find(&dec, key(7, 257)), 0);
}
END_TEST

Suite *
suite_store(void)
{
	Suite *s = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_add_test(tc, test_store_finds_what_was_added_and_nothing_else);
	tcase_add_test(tc, test_store_of_too_few_octets_is_none);
	tcase_add_test(tc, test_store_is_any_memory_of_any_alignment);
	tcase_add_test(tc,
	    test_store_takes_the_room_of_removed_entries_when_it_is_full);
	tcase_add_test(tc,
	    test_store_leaves_entries_in_front_of_the_waste_where_they_are);
	tcase_add_test(tc, test_store_has_no_more_than_65536_chains);
	tcase_add_test(tc,
	    test_store_tells_versions_and_ids_of_one_chain_apart);
	tcase_add_test(tc, test_store_leaves_a_little_waste_alone);
	tcase_add_test(tc, test_store_gives_the_last_entry_back_at_once);
	tcase_add_test(tc,
	    test_store_of_64_kib_holds_three_quarters_of_templates);
	tcase_add_test(tc,
	    test_store_bounds_the_chains_that_a_hostile_peer_may_make);
	tcase_add_test(tc, test_store_removes_all_of_a_kind_in_a_domain);
	suite_add_tcase(s, tc);
	return s;
}
