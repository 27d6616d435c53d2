/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/state.h>

Suite *suite_state(void);

static void
example(struct pflow_state *st)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 }, dst[4] = { 198, 51, 100, 2 };

	pflow_state_init(st);
	ck_assert_int_eq(pflow_state_set_key(st, PFLOW_AF_IPV4, src, 49152, dst,
	    443), PFLOW_OK);
	st->packets[0] = 10;
	st->packets[1] = 8;
	st->octets[0] = 1500;
	st->octets[1] = 9000;
	st->icmp[0] = 0x0800;
	st->tcp_flags[1] = 0x12;
	st->ifindex[0] = 3;
}

START_TEST(test_state_init_marks_for_export_and_no_rule)
{
	struct pflow_state st;

	pflow_state_init(&st);
	ck_assert_uint_eq(st.flags, PFLOW_STATE_EXPORT);
	ck_assert_uint_eq(st.rule, UINT32_MAX);
	ck_assert_uint_eq(st.anchor, UINT32_MAX);
	ck_assert_uint_eq(st.present, 0);
}
END_TEST

START_TEST(test_state_set_key_refuses_unknown_family_and_changes_nothing)
{
	struct pflow_state st, before;
	static const uint8_t addr[16];

	example(&st);
	before = st;
	ck_assert_int_eq(pflow_state_set_key(&st, 5, addr, 1, addr, 2),
	    PFLOW_ERR_INVALID);
	ck_assert_mem_eq(&st, &before, sizeof(st));
}
END_TEST

START_TEST(test_state_reverse_swaps_everything_in_pairs_and_twice_is_identity)
{
	struct pflow_state st, before;

	example(&st);
	before = st;
	pflow_state_reverse(&st);
	ck_assert_uint_eq(st.key[0].port[0], 443);
	ck_assert_uint_eq(st.key[1].port[1], 49152);
	ck_assert_uint_eq(st.key[0].addr[0][0], 198);
	ck_assert_uint_eq(st.octets[0], 9000);
	ck_assert_uint_eq(st.packets[1], 10);
	ck_assert_uint_eq(st.icmp[1], 0x0800);
	ck_assert_uint_eq(st.tcp_flags[0], 0x12);
	ck_assert_uint_eq(st.ifindex[1], 3);
	pflow_state_reverse(&st);
	ck_assert_mem_eq(&st, &before, sizeof(st));
}
END_TEST

START_TEST(test_state_pre_is_wire_for_in_and_stack_for_out)
{
	struct pflow_state st;

	example(&st);
	ck_assert_ptr_eq(pflow_state_pre(&st), &st.key[PFLOW_WIRE]);
	ck_assert_ptr_eq(pflow_state_post(&st), &st.key[PFLOW_STACK]);
	st.direction = PFLOW_DIR_IN;
	ck_assert_ptr_eq(pflow_state_pre(&st), &st.key[PFLOW_WIRE]);
	st.direction = PFLOW_DIR_OUT;
	ck_assert_ptr_eq(pflow_state_pre(&st), &st.key[PFLOW_STACK]);
	ck_assert_ptr_eq(pflow_state_post(&st), &st.key[PFLOW_WIRE]);
}
END_TEST

START_TEST(test_icmp_reply_knows_queries_replies_and_the_rest)
{
	ck_assert_uint_eq(pflow_icmp_reply(1, 0x0800), 0x0000);
	ck_assert_uint_eq(pflow_icmp_reply(1, 0x0000), 0x0800);
	ck_assert_uint_eq(pflow_icmp_reply(1, 0x0d00), 0x0e00);
	ck_assert_uint_eq(pflow_icmp_reply(58, 0x8000), 0x8100);
	ck_assert_uint_eq(pflow_icmp_reply(58, 0x8700), 0x8800);
	ck_assert_uint_eq(pflow_icmp_reply(1, 0x0303), 0x0303);
	ck_assert_uint_eq(pflow_icmp_reply(17, 0x0800), 0x0800);
}
END_TEST

Suite *
suite_state(void)
{
	Suite *s = suite_create("state");
	TCase *tc = tcase_create("state");

	tcase_add_test(tc, test_state_init_marks_for_export_and_no_rule);
	tcase_add_test(tc,
	    test_state_set_key_refuses_unknown_family_and_changes_nothing);
	tcase_add_test(tc,
	    test_state_reverse_swaps_everything_in_pairs_and_twice_is_identity);
	tcase_add_test(tc, test_state_pre_is_wire_for_in_and_stack_for_out);
	tcase_add_test(tc, test_icmp_reply_knows_queries_replies_and_the_rest);
	suite_add_tcase(s, tc);
	return s;
}
