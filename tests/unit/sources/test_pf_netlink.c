/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pf_netlink.h"

Suite *suite_pf_netlink(void);

#define NOW UINT64_C(1700000000000000000)

static enum pflowi_pf_order
order_of(int big)
{
	return big ? PFLOWI_PF_BIG : PFLOWI_PF_LITTLE;
}

START_TEST(test_a_state_is_the_same_as_through_the_array_of_openbsd)
{
	size_t i;
	int big;

	for (big = 0; big < 2; big++) {
		for (i = 0; i < gen_example_count; i++) {
			struct gen_buf b = { NULL, 0, 0 }, c = { NULL, 0, 0 };
			struct pflowi_pf_raw raw;
			struct pflow_state a, o;

			gen_netlink(&b, &gen_example[i].st, big);
			ck_assert_int_eq(pflowi_pf_netlink_state(b.p, b.len,
			    order_of(big), &raw), PFLOW_OK);
			ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &a),
			    PFLOWI_PF_GOOD);
			gen_state(&c, GEN_OPENBSD, &gen_example[i].st);
			pflowi_pf_unpack(PFLOWI_PF_LAYOUT_openbsd,
			    PFLOWI_PF_BIG, c.p, &raw);
			ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &o),
			    PFLOWI_PF_GOOD);
			ck_assert_mem_eq(&a, &o, sizeof(a));
			gen_free(&b);
			gen_free(&c);
		}
	}
}
END_TEST

START_TEST(test_attributes_cut_anywhere_are_refused_or_say_the_same)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw whole, raw;
	size_t cut, good = 0;

	gen_netlink(&b, &gen_example[0].st, 0);
	ck_assert_int_eq(pflowi_pf_netlink_state(b.p, b.len, PFLOWI_PF_LITTLE,
	    &whole), PFLOW_OK);
	for (cut = 0; cut < b.len; cut++) {
		uint8_t *p = malloc(cut + 1);

		ck_assert_ptr_nonnull(p);
		memcpy(p, b.p, cut);
		if (pflowi_pf_netlink_state(p, cut, PFLOWI_PF_LITTLE, &raw) ==
		    PFLOW_OK) {
			good++;
			ck_assert_mem_eq(raw.addr, whole.addr,
			    sizeof(raw.addr));
			ck_assert_mem_eq(raw.bytes, whole.bytes,
			    sizeof(raw.bytes));
		}
		free(p);
	}
	/* Only behind the last attribute that is needed. */
	ck_assert_uint_lt(good, 20);
	gen_free(&b);
}
END_TEST

START_TEST(test_lengths_that_make_no_sense_are_refused)
{
	static const uint8_t rows[][8] = {
		{ 0, 0, 1, 0, 0, 0, 0, 0 },  /* shorter than its head */
		{ 3, 0, 1, 0, 0, 0, 0, 0 },
		{ 9, 0, 1, 0, 0, 0, 0, 0 },  /* longer than what is there */
		{ 255, 255, 1, 0, 0, 0, 0, 0 },
		{ 8, 0, 1, 0, 1, 2, 3, 4 },  /* an id of 4 octets */
		{ 8, 0, 5, 0, 9, 0, 1, 0 },  /* a key that ends too early */
	};
	struct pflowi_pf_raw raw;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(pflowi_pf_netlink_state(rows[i], 8,
		    PFLOWI_PF_LITTLE, &raw), PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(pflowi_pf_netlink_state(rows[0], 0, PFLOWI_PF_LITTLE,
	    &raw), PFLOW_ERR_MALFORMED);
}
END_TEST

START_TEST(test_uptime_where_seconds_left_should_be_is_none_left)
{
	static const struct {
		uint32_t expire;
		uint64_t left;
	} rows[] = {
		{ 0, 0 }, { 86399, 86399 }, { 604800, 604800 },
		{ 9000000, 0 }, { 0xffffffffu, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gen_state st = gen_example[0].st;
		struct gen_buf b = { NULL, 0, 0 };
		struct pflowi_pf_raw raw;

		st.expire = rows[i].expire;
		gen_netlink(&b, &st, 1);
		ck_assert_int_eq(pflowi_pf_netlink_state(b.p, b.len,
		    PFLOWI_PF_BIG, &raw), PFLOW_OK);
		ck_assert_uint_eq(raw.expire_s, rows[i].left);
		gen_free(&b);
	}
}
END_TEST

Suite *
suite_pf_netlink(void)
{
	Suite *s = suite_create("sources/pf_netlink");
	TCase *t = tcase_create("pf_netlink");

	tcase_add_test(t,
	    test_a_state_is_the_same_as_through_the_array_of_openbsd);
	tcase_add_test(t,
	    test_attributes_cut_anywhere_are_refused_or_say_the_same);
	tcase_add_test(t, test_lengths_that_make_no_sense_are_refused);
	tcase_add_test(t, test_uptime_where_seconds_left_should_be_is_none_left);
	suite_add_tcase(s, t);
	return s;
}
