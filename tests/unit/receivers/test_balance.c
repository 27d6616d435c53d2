/* SPDX-License-Identifier: ISC */
#include <check.h>

#include <pflow/receivers.h>

#include "common/states.h"

Suite *suite_balance(void);

static void
flow(struct pflow_state *st, uint32_t i)
{
	uint8_t src[4] = {10, 0, (uint8_t)(i >> 8), (uint8_t)i};
	static const uint8_t dst[4] = {198, 51, 100, 2};

	pflow_state_init(st);
	pflow_state_set_key(
	    st, PFLOW_AF_IPV4, src, (uint16_t)(1024 + i % 60000), dst, 443);
	st->protocol = 6;
}

START_TEST(test_balance_gives_both_directions_to_the_same_receiver)
{
	struct pflow_state st;
	uint32_t i;

	for (i = 0; i < 1000; i++) {
		size_t pick;

		flow(&st, i);
		pick = pflow_receivers_pick(&st, 5);
		pflow_state_reverse(&st);
		ck_assert_uint_eq(pflow_receivers_pick(&st, 5), pick);
		/* Counters and times are not the flow's identity. */
		st.octets[0] = i;
		st.last_ns = i;
		ck_assert_uint_eq(pflow_receivers_pick(&st, 5), pick);
	}
}
END_TEST

START_TEST(test_balance_shares_out_evenly)
{
	unsigned share[4] = {0, 0, 0, 0};
	struct pflow_state st;
	uint32_t i;

	for (i = 0; i < 20000; i++) {
		flow(&st, i);
		share[pflow_receivers_pick(&st, 4)]++;
	}
	for (i = 0; i < 4; i++) {
		ck_assert_uint_ge(share[i], 4600);
		ck_assert_uint_le(share[i], 5400);
	}
}
END_TEST

START_TEST(test_balance_one_more_receiver_moves_nothing_between_the_others)
{
	struct pflow_state st;
	uint32_t i, moved = 0;

	for (i = 0; i < 10000; i++) {
		size_t three, four;

		flow(&st, i);
		three = pflow_receivers_pick(&st, 3);
		four = pflow_receivers_pick(&st, 4);
		moved += four == 3;
		if (four != 3)
			ck_assert_uint_eq(four, three);
	}
	ck_assert_uint_ge(moved, 2200);
	ck_assert_uint_le(moved, 2800);
}
END_TEST

START_TEST(test_balance_looks_at_the_flow_before_translation)
{
	struct pflow_state st;
	uint32_t i;

	for (i = 0; i < 100; i++) {
		size_t pick;

		flow(&st, i);
		pick = pflow_receivers_pick(&st, 7);
		st.direction = PFLOW_DIR_IN;
		st.flags |= PFLOW_STATE_TRANSLATED;
		st.key[PFLOW_STACK].port[0] = (uint16_t)(50000 + i);
		ck_assert_uint_eq(pflow_receivers_pick(&st, 7), pick);
	}
}
END_TEST

Suite *
suite_balance(void)
{
	Suite *s = suite_create("balance");
	TCase *tc = tcase_create("balance");

	tcase_add_test(
	    tc, test_balance_gives_both_directions_to_the_same_receiver);
	tcase_add_test(tc, test_balance_shares_out_evenly);
	tcase_add_test(tc,
	    test_balance_one_more_receiver_moves_nothing_between_the_others);
	tcase_add_test(tc, test_balance_looks_at_the_flow_before_translation);
	suite_add_tcase(s, tc);
	return s;
}
