/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/pflow.h>

Suite *suite_value(void);

START_TEST(test_ENC_01_unsigned_and_signed_are_big_endian_and_bounded)
{
	static const uint8_t minus2[] = { 0xff, 0xff, 0xfe };
	uint8_t out[8] = { 0 };

	ck_assert_int_eq(pflow_value_unsigned(out, 3, 0x010203), PFLOW_OK);
	ck_assert_mem_eq(out, "\x01\x02\x03\x00", 4);
	ck_assert_int_eq(pflow_value_unsigned(out, 3, 0x1000000),
	    PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_value_unsigned(out, 0, 0), PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_value_unsigned(out, 9, 0), PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_value_unsigned(out, 8, UINT64_MAX), PFLOW_OK);
	ck_assert_int_eq(pflow_value_signed(out, 3, -2), PFLOW_OK);
	ck_assert_mem_eq(out, minus2, 3);
	ck_assert_int_eq(pflow_value_signed(out, 1, -128), PFLOW_OK);
	ck_assert_int_eq(pflow_value_signed(out, 1, 127), PFLOW_OK);
	ck_assert_int_eq(pflow_value_signed(out, 1, 128), PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_value_signed(out, 1, -129), PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_value_signed(out, 8, INT64_MIN), PFLOW_OK);
	ck_assert_uint_eq(out[0], 0x80);
	ck_assert_int_eq(pflow_value_signed(out, 0, 0), PFLOW_ERR_RANGE);
}
END_TEST

START_TEST(test_ENC_03_04_05_floats_and_booleans)
{
	uint8_t out[8];

	pflow_value_float32(out, 0x3fc00000); /* 1.5 */
	ck_assert_mem_eq(out, "\x3f\xc0\x00\x00", 4);
	pflow_value_float64(out, UINT64_C(0x3ff8000000000000));
	ck_assert_mem_eq(out, "\x3f\xf8\x00\x00\x00\x00\x00\x00", 8);
	pflow_value_boolean(out, 5);
	ck_assert_uint_eq(out[0], 1);
	pflow_value_boolean(out, 0);
	ck_assert_uint_eq(out[0], 2);
}
END_TEST

START_TEST(test_ENC_08_11_seconds_wrap_and_milliseconds_do_not)
{
	uint8_t out[8];

	pflow_value_seconds(out, UINT64_C(1700000000999999999));
	ck_assert_uint_eq(pflow_wire_u32(out), 1700000000);
	pflow_value_seconds(out, (UINT64_C(1) << 32) * 1000000000 +
	    7 * UINT64_C(1000000000));
	ck_assert_uint_eq(pflow_wire_u32(out), 7);
	pflow_value_milliseconds(out, UINT64_C(5000000000000999999));
	ck_assert_uint_eq(pflow_wire_u64(out), UINT64_C(5000000000000));
}
END_TEST

START_TEST(test_ENC_09_10_every_microsecond_survives_floor_and_round)
{
	const uint64_t secs = UINT64_C(1700000000);
	uint32_t us;

	/* One assertion for all: each costs more than what it looks at. */
	for (us = 0; us < 1000000; us++) {
		uint8_t out[8];
		uint64_t f;

		pflow_value_microseconds(out, secs * 1000000000 + us * 1000u +
		    999);
		f = pflow_wire_u32(out + 4);
		if (pflow_wire_u32(out) != (uint32_t)(secs + 2208988800u) ||
		    (f & 0x7ff) != 0 || f * 1000000 >> 32 != us ||
		    (f * 1000000 + (UINT64_C(1) << 31)) >> 32 != us)
			break;
	}
	ck_assert_uint_eq(us, 1000000);
}
END_TEST

START_TEST(test_ENC_10_known_fractions)
{
	static const struct {
		uint32_t us, fraction;
	} cases[] = { { 0, 0 }, { 1, 0x1800 }, { 123456, 0x1f9ad000 },
		{ 500000, 0x80000000 }, { 999999, 0xfffff000 } };
	uint8_t out[8];
	size_t i;
	uint32_t ns;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pflow_value_microseconds(out, cases[i].us * UINT64_C(1000));
		ck_assert_uint_eq(pflow_wire_u32(out + 4), cases[i].fraction);
	}
	for (ns = 0; ns < 1000000000; ns += 9973) {
		pflow_value_nanoseconds(out, ns);
		ck_assert_uint_eq((uint64_t)pflow_wire_u32(out + 4) *
		    1000000000 >> 32, ns);
	}
	pflow_value_nanoseconds(out, 999999999);
	ck_assert_uint_eq((uint64_t)pflow_wire_u32(out + 4) * 1000000000 >> 32,
	    999999999);
	/* The NTP era ends in 2036. */
	pflow_value_microseconds(out, UINT64_C(2085978496) * 1000000000);
	ck_assert_uint_eq(pflow_wire_u32(out), 0);
}
END_TEST

START_TEST(test_ENC_07_strings_are_never_cut_in_a_character)
{
	static const struct {
		const char *s;
		size_t max, want;
	} cases[] = {
		{ "em0", 32, 3 }, { "em0", 2, 2 }, { "", 4, 0 },
		{ "a\xc3\xa9", 2, 1 }, { "a\xc3\xa9", 3, 3 },
		{ "\xe2\x82\xac", 2, 0 }, { "\xf0\x9f\x98\x80", 4, 4 },
		{ "ok\xff" "x", 9, 2 }, { "\xc0\x80", 9, 0 },
		{ "\xe0\x80\x80", 9, 0 }, { "\xed\xa0\x80", 9, 0 },
		{ "\xf4\x90\x80\x80", 9, 0 }, { "\xf0\x80\x80\x80", 9, 0 },
		{ "\xc3", 9, 0 }, { "\xf4\x8f\xbf\xbf", 9, 4 },
		{ "\xf5\x80\x80\x80", 9, 0 }, { "\xe2\x28\xa1", 9, 0 },
	};
	uint8_t out[6];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(pflow_value_string_len(cases[i].s,
		    strlen(cases[i].s), cases[i].max), cases[i].want);
	memset(out, 0xee, sizeof(out));
	pflow_value_string(out, 5, "a\xc3\xa9" "bcd", 6);
	ck_assert_mem_eq(out, "a\xc3\xa9" "bc\xee", 6);
	pflow_value_string(out, 5, "x", 1);
	ck_assert_mem_eq(out, "x\0\0\0\0\xee", 6);
}
END_TEST

Suite *
suite_value(void)
{
	Suite *s = suite_create("value");
	TCase *tc = tcase_create("value");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
	    test_ENC_01_unsigned_and_signed_are_big_endian_and_bounded);
	tcase_add_test(tc, test_ENC_03_04_05_floats_and_booleans);
	tcase_add_test(tc, test_ENC_08_11_seconds_wrap_and_milliseconds_do_not);
	tcase_add_test(tc,
	    test_ENC_09_10_every_microsecond_survives_floor_and_round);
	tcase_add_test(tc, test_ENC_10_known_fractions);
	tcase_add_test(tc, test_ENC_07_strings_are_never_cut_in_a_character);
	suite_add_tcase(s, tc);
	return s;
}
