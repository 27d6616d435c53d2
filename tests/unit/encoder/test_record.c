/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "common/states.h"

Suite *suite_record(void);

START_TEST(test_record_forward_and_reverse_swap_endpoints_and_interfaces)
{
	struct pflow_state st;
	struct pflow_record rec;

	test_state4(&st);
	ck_assert_int_eq(pflow_record_init(&rec, &st, PFLOW_FORWARD, 0),
	    PFLOW_OK);
	ck_assert_uint_eq(rec.src[0], 192);
	ck_assert_uint_eq(rec.src_port, 49152);
	ck_assert_uint_eq(rec.in_ifindex, 1);
	ck_assert_uint_eq(rec.out_ifindex, 2);
	ck_assert_uint_eq(rec.octets, 1500);
	ck_assert_int_eq(pflow_record_init(&rec, &st, PFLOW_REVERSE, 0),
	    PFLOW_OK);
	ck_assert_uint_eq(rec.src[0], 198);
	ck_assert_uint_eq(rec.src_port, 443);
	ck_assert_uint_eq(rec.dst_port, 49152);
	ck_assert_uint_eq(rec.in_ifindex, 2);
	ck_assert_uint_eq(rec.packets, 8);
	ck_assert_uint_eq(rec.tcp_flags, 0x12);
}
END_TEST

START_TEST(test_record_takes_the_key_before_translation)
{
	struct pflow_state st;
	struct pflow_record rec;

	test_state4(&st);
	st.key[PFLOW_STACK].addr[0][0] = 10;
	st.direction = PFLOW_DIR_OUT;
	pflow_record_init(&rec, &st, PFLOW_FORWARD, 0);
	ck_assert_uint_eq(rec.src[0], 10);
	st.direction = PFLOW_DIR_IN;
	pflow_record_init(&rec, &st, PFLOW_FORWARD, 0);
	ck_assert_uint_eq(rec.src[0], 192);
}
END_TEST

START_TEST(test_record_icmp_has_type_and_code_and_never_an_id)
{
	struct pflow_state st;
	struct pflow_record rec;

	test_state4(&st);
	st.protocol = 1;
	st.key[0].port[0] = st.key[1].port[0] = 777; /* an id left behind */
	st.icmp[0] = 0x0800;
	st.icmp[1] = 0x0000;
	st.present |= PFLOW_HAS_ICMP;
	pflow_record_init(&rec, &st, PFLOW_FORWARD, 0);
	ck_assert_uint_eq(rec.src_port, 0);
	ck_assert_uint_eq(rec.dst_port, 0x0800);
	pflow_record_init(&rec, &st, PFLOW_REVERSE, 0);
	ck_assert_uint_eq(rec.src_port, 0);
	ck_assert_uint_eq(rec.dst_port, 0);
}
END_TEST

START_TEST(test_record_clamps_times_before_boot_and_start_after_end)
{
	const uint64_t boot_ms = 5000;
	static const struct {
		uint64_t start, last, want_start, want_end;
	} cases[] = {
		{ 6000, 7000, 6000, 7000 },
		{ 5000, 5000, 5000, 5000 },
		{ 4999, 7000, 5000, 7000 },
		{ 1000, 4999, 5000, 5000 },
		{ 8000, 7000, 5000, 7000 },
		{ 8000, 4000, 5000, 5000 },
	};
	struct pflow_state st;
	struct pflow_record rec;
	size_t i;

	test_state4(&st);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* 999999 ns more do not make a millisecond. */
		st.start_ns = cases[i].start * 1000000 + 999999;
		st.last_ns = cases[i].last * 1000000 + 999999;
		pflow_record_init(&rec, &st, PFLOW_FORWARD, boot_ms);
		ck_assert_uint_eq(rec.start_ms, cases[i].want_start);
		ck_assert_uint_eq(rec.end_ms, cases[i].want_end);
	}
}
END_TEST

START_TEST(test_record_refuses_unknown_family)
{
	struct pflow_state st;
	struct pflow_record rec, before;

	test_state4(&st);
	memset(&rec, 0x5a, sizeof(rec));
	before = rec;
	st.key[PFLOW_WIRE].af = 0;
	ck_assert_int_eq(pflow_record_init(&rec, &st, PFLOW_FORWARD, 0),
	    PFLOW_ERR_INVALID);
	ck_assert_mem_eq(&rec, &before, sizeof(rec));
}
END_TEST

Suite *
suite_record(void)
{
	Suite *s = suite_create("record");
	TCase *tc = tcase_create("record");

	tcase_add_test(tc,
	    test_record_forward_and_reverse_swap_endpoints_and_interfaces);
	tcase_add_test(tc, test_record_takes_the_key_before_translation);
	tcase_add_test(tc, test_record_icmp_has_type_and_code_and_never_an_id);
	tcase_add_test(tc,
	    test_record_clamps_times_before_boot_and_start_after_end);
	tcase_add_test(tc, test_record_refuses_unknown_family);
	suite_add_tcase(s, tc);
	return s;
}
