/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "core/writer.h"

Suite *suite_writer(void);

START_TEST(test_writer_is_big_endian)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15, 0xab, 0xcd, 0xef, 'h', 'i', 0, 0 };
	uint8_t buf[sizeof(want)];
	struct pflowi_writer w;

	pflowi_w_init(&w, buf, sizeof(buf));
	pflowi_w_u8(&w, 1);
	pflowi_w_u16(&w, 0x0203);
	pflowi_w_u32(&w, 0x04050607);
	pflowi_w_u64(&w, UINT64_C(0x08090a0b0c0d0e0f));
	pflowi_w_uint(&w, 3, 0xabcdef);
	pflowi_w_bytes(&w, "hi", 2);
	pflowi_w_zero(&w, 2);
	ck_assert_int_eq(w.status, PFLOW_OK);
	ck_assert_uint_eq(w.len, sizeof(want));
	ck_assert_mem_eq(buf, want, sizeof(want));
}
END_TEST

START_TEST(test_writer_first_error_wins_and_nothing_follows)
{
	uint8_t buf[8];
	struct pflowi_writer w;

	memset(buf, 0x11, sizeof(buf));
	pflowi_w_init(&w, buf, 5);
	pflowi_w_u32(&w, 0xffffffff);
	pflowi_w_u16(&w, 1);
	ck_assert_int_eq(w.status, PFLOW_ERR_NOSPACE);
	pflowi_w_u8(&w, 0xff);
	pflowi_w_uint(&w, 1, 256);
	ck_assert_int_eq(w.status, PFLOW_ERR_NOSPACE);
	ck_assert_uint_eq(w.len, 4);
	ck_assert_uint_eq(buf[4], 0x11);
	pflowi_w_rewind(&w, 4);
	pflowi_w_u8(&w, 0x22);
	ck_assert_int_eq(w.status, PFLOW_OK);
	ck_assert_uint_eq(buf[4], 0x22);
	ck_assert_uint_eq(buf[5], 0x11);
}
END_TEST

START_TEST(test_writer_refuses_values_too_wide)
{
	uint8_t buf[32];
	struct pflowi_writer w;
	size_t octets;

	for (octets = 1; octets < 8; octets++) {
		pflowi_w_init(&w, buf, sizeof(buf));
		pflowi_w_uint(&w, octets, (UINT64_C(1) << (8 * octets)) - 1);
		ck_assert_int_eq(w.status, PFLOW_OK);
		pflowi_w_uint(&w, octets, UINT64_C(1) << (8 * octets));
		ck_assert_int_eq(w.status, PFLOW_ERR_RANGE);
		ck_assert_uint_eq(w.len, octets);
	}
	pflowi_w_init(&w, buf, sizeof(buf));
	pflowi_w_uint(&w, 8, UINT64_MAX);
	ck_assert_int_eq(w.status, PFLOW_OK);
	pflowi_w_uint(&w, 0, 0);
	ck_assert_int_eq(w.status, PFLOW_ERR_RANGE);
	pflowi_w_init(&w, buf, sizeof(buf));
	pflowi_w_uint(&w, 9, 0);
	ck_assert_int_eq(w.status, PFLOW_ERR_RANGE);
}
END_TEST

START_TEST(test_writer_fills_lengths_behind_itself)
{
	uint8_t buf[8];
	struct pflowi_writer w;
	size_t at;

	pflowi_w_init(&w, buf, sizeof(buf));
	pflowi_w_u16(&w, 2);
	at = pflowi_w_hole16(&w);
	pflowi_w_u32(&w, 0);
	pflowi_w_fill16(&w, at, w.len);
	ck_assert_uint_eq(pflowi_get_be16(buf + 2), 8);
	pflowi_w_fill16(&w, at, 65536);
	ck_assert_int_eq(w.status, PFLOW_ERR_RANGE);
	ck_assert_uint_eq(pflowi_get_be16(buf + 2), 8);
}
END_TEST

START_TEST(test_writer_measures_without_a_buffer)
{
	struct pflowi_writer w;
	size_t at;

	pflowi_w_init(&w, NULL, 100);
	at = pflowi_w_hole16(&w);
	pflowi_w_u64(&w, 1);
	pflowi_w_bytes(&w, "abc", 3);
	pflowi_w_fill16(&w, at, 11);
	ck_assert_uint_eq(w.len, 13);
	ck_assert_int_eq(w.status, PFLOW_OK);
	pflowi_w_zero(&w, 88);
	ck_assert_int_eq(w.status, PFLOW_ERR_NOSPACE);
}
END_TEST

Suite *
suite_writer(void)
{
	Suite *s = suite_create("writer");
	TCase *tc = tcase_create("writer");

	tcase_add_test(tc, test_writer_is_big_endian);
	tcase_add_test(tc, test_writer_first_error_wins_and_nothing_follows);
	tcase_add_test(tc, test_writer_refuses_values_too_wide);
	tcase_add_test(tc, test_writer_fills_lengths_behind_itself);
	tcase_add_test(tc, test_writer_measures_without_a_buffer);
	suite_add_tcase(s, tc);
	return s;
}
