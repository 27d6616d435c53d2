/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "common/states.h"

Suite *suite_ipfix(void);

/* pflow(4)'s templates 256 and 257, typed from the list of fields. */
static const char template_set[] =
    "0002006c"
    "0100000c" "00080004" "000c0004" "000a0004" "000e0004" "00020008"
    "00010008" "00980008" "00990008" "00070002" "000b0002" "00050001"
    "00040001"
    "0101000c" "001b0010" "001c0010" "000a0004" "000e0004" "00020008"
    "00010008" "00980008" "00990008" "00070002" "000b0002" "00050001"
    "00040001";

static struct pflow_record
record_of(const struct pflow_state *st, unsigned dir)
{
	struct pflow_record rec;

	ck_assert_int_eq(pflow_record_init(&rec, st, dir, 0), PFLOW_OK);
	return rec;
}

START_TEST(test_ipfix_templates_are_pflows_own_124_octets)
{
	uint8_t buf[200], want[124];
	struct pflow_ipfix_msg msg;
	size_t len;
	uint32_t records = 99;

	memset(buf, 0xee, sizeof(buf));
	test_unhex("000a007c" "6553f100" "00000005" "0000002a", want, 16);
	ck_assert_uint_eq(test_unhex(template_set, want + 16, 108), 108);
	ck_assert_int_eq(pflow_ipfix_begin(&msg, buf, sizeof(buf)), PFLOW_OK);
	ck_assert_int_eq(pflow_ipfix_add_templates(&msg), PFLOW_OK);
	ck_assert_int_eq(pflow_ipfix_end(&msg, TEST_WALL_SECS, 5, 42, &len,
	    &records), PFLOW_OK);
	ck_assert_uint_eq(len, 124);
	ck_assert_uint_eq(records, 0);
	ck_assert_mem_eq(buf, want, 124);
	ck_assert_uint_eq(buf[124], 0xee);
}
END_TEST

START_TEST(test_ipfix_data_records_are_byte_for_byte_right)
{
	static const char want[] =
	    /* header: 16 + 4 + 2 * 54 + 4 + 78 = 210 = 0xd2 */
	    "000a00d2" "6553f100" "00000007" "0000002a"
	    "01000070"
	    "c0000201" "c6336402" "00000001" "00000002"
	    "000000000000000a" "00000000000005dc"
	    "0000018bcfe55478" "0000018bcfe56418" "c000" "01bb" "00" "06"
	    "c6336402" "c0000201" "00000002" "00000001"
	    "0000000000000008" "0000000000002328"
	    "0000018bcfe55478" "0000018bcfe56418" "01bb" "c000" "00" "06"
	    "01010052"
	    "20010db8000100000000000000000009" "20010db8000000000000000000000053"
	    "00000000" "00000000" "0000000000000001" "0000000000000048"
	    "0000018bcfe55c48" "0000018bcfe55c48" "14e9" "0035" "00" "11";
	uint8_t buf[512], expected[210];
	struct pflow_ipfix_msg msg;
	struct pflow_state st4, st6;
	struct pflow_record rec;
	size_t len;
	uint32_t records;

	test_state4(&st4);
	test_state6(&st6);
	pflow_ipfix_begin(&msg, buf, sizeof(buf));
	rec = record_of(&st4, PFLOW_FORWARD);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_OK);
	rec = record_of(&st4, PFLOW_REVERSE);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_OK);
	rec = record_of(&st6, PFLOW_FORWARD);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_ipfix_end(&msg, TEST_WALL_SECS, 7, 42, &len,
	    &records), PFLOW_OK);
	ck_assert_uint_eq(records, 3);
	ck_assert_uint_eq(len, 210);
	ck_assert_uint_eq(test_unhex(want, expected, 210), 210);
	ck_assert_mem_eq(buf, expected, 210);
}
END_TEST

START_TEST(test_ipfix_refusals_change_nothing)
{
	uint8_t buf[16 + 4 + 54 + 57], before[sizeof(buf)];
	struct pflow_ipfix_msg msg;
	struct pflow_state st4, st6;
	struct pflow_record rec;
	size_t len;

	ck_assert_int_eq(pflow_ipfix_begin(&msg, buf, 19), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_ipfix_begin(&msg, buf, sizeof(buf)), PFLOW_OK);
	ck_assert_int_eq(pflow_ipfix_end(&msg, 0, 0, 0, &len, NULL),
	    PFLOW_ERR_INVALID);
	test_state4(&st4);
	test_state6(&st6);
	rec = record_of(&st4, PFLOW_FORWARD);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_OK);
	memset(buf + 74, 0x33, sizeof(buf) - 74);
	memcpy(before, buf, sizeof(buf));
	/* 57 octets are left: a record of 54 fits, a new set of 82 does not. */
	rec = record_of(&st6, PFLOW_FORWARD);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_ipfix_add_templates(&msg), PFLOW_ERR_INVALID);
	ck_assert_mem_eq(buf, before, sizeof(buf));
	rec = record_of(&st4, PFLOW_REVERSE);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_ipfix_add(&msg, &rec), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_ipfix_end(&msg, 0, 0, 0, &len, NULL), PFLOW_OK);
	ck_assert_uint_eq(len, 128);
}
END_TEST

START_TEST(test_ipfix_records_fill_a_buffer_to_its_last_octet)
{
	uint8_t buf[20 + 3 * 54];
	struct pflow_ipfix_msg msg;
	struct pflow_record rec;
	struct pflow_state st;
	size_t cap, n;

	test_state4(&st);
	rec = record_of(&st, PFLOW_FORWARD);
	for (cap = 20; cap <= sizeof(buf); cap++) {
		ck_assert_int_eq(pflow_ipfix_begin(&msg, buf, cap), PFLOW_OK);
		for (n = 0; pflow_ipfix_add(&msg, &rec) == PFLOW_OK; n++)
			;
		ck_assert_uint_eq(n, (cap - 20) / 54);
	}
}
END_TEST

START_TEST(test_ipfix_templates_need_their_108_octets)
{
	uint8_t buf[16 + 108];
	struct pflow_ipfix_msg msg;
	size_t len;

	pflow_ipfix_begin(&msg, buf, sizeof(buf) - 1);
	ck_assert_int_eq(pflow_ipfix_add_templates(&msg), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_ipfix_end(&msg, 0, 0, 0, &len, NULL),
	    PFLOW_ERR_INVALID);
	pflow_ipfix_begin(&msg, buf, sizeof(buf));
	ck_assert_int_eq(pflow_ipfix_add_templates(&msg), PFLOW_OK);
}
END_TEST

START_TEST(test_ipfix_message_never_passes_65535_octets)
{
	static uint8_t buf[70000];
	struct pflow_ipfix_msg msg;
	struct pflow_state st;
	struct pflow_record rec;
	size_t len;
	uint32_t n = 0, records;

	test_state4(&st);
	rec = record_of(&st, PFLOW_FORWARD);
	pflow_ipfix_begin(&msg, buf, sizeof(buf));
	while (pflow_ipfix_add(&msg, &rec) == PFLOW_OK)
		n++;
	ck_assert_uint_eq(n, (65535 - 20) / 54);
	ck_assert_int_eq(pflow_ipfix_end(&msg, 0, 0, 0, &len, &records),
	    PFLOW_OK);
	ck_assert_uint_eq(len, 20 + n * 54);
	ck_assert_uint_eq(pflow_wire_u16(buf + 2), len);
	ck_assert_uint_eq(pflow_wire_u16(buf + 18), len - 16);
}
END_TEST

Suite *
suite_ipfix(void)
{
	Suite *s = suite_create("ipfix");
	TCase *tc = tcase_create("ipfix");

	tcase_add_test(tc, test_ipfix_templates_are_pflows_own_124_octets);
	tcase_add_test(tc, test_ipfix_data_records_are_byte_for_byte_right);
	tcase_add_test(tc, test_ipfix_refusals_change_nothing);
	tcase_add_test(tc,
	    test_ipfix_records_fill_a_buffer_to_its_last_octet);
	tcase_add_test(tc, test_ipfix_templates_need_their_108_octets);
	tcase_add_test(tc, test_ipfix_message_never_passes_65535_octets);
	suite_add_tcase(s, tc);
	return s;
}
