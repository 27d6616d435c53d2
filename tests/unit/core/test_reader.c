/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "core/reader.h"

Suite *suite_reader(void);

static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16 };

START_TEST(test_reader_is_big_endian)
{
	struct pflowi_reader r;

	pflowi_r_init(&r, octets, sizeof(octets));
	ck_assert_uint_eq(pflowi_r_u8(&r), 1);
	ck_assert_uint_eq(pflowi_r_u16(&r), 0x0203);
	ck_assert_uint_eq(pflowi_r_u32(&r), 0x04050607);
	ck_assert_uint_eq(pflowi_r_u64(&r), UINT64_C(0x08090a0b0c0d0e0f));
	ck_assert_uint_eq(pflowi_r_left(&r), 1);
	ck_assert_uint_eq(pflowi_get_be(octets, 3), 0x010203);
	ck_assert_uint_eq(pflowi_get_le16(octets), 0x0201);
	ck_assert_uint_eq(pflowi_get_le32(octets), 0x04030201);
	ck_assert_uint_eq(pflowi_get_le64(octets),
	    UINT64_C(0x0807060504030201));
}
END_TEST

START_TEST(test_reader_cannot_pass_the_end_and_then_gives_zeros)
{
	struct pflowi_reader r;

	pflowi_r_init(&r, octets, 3);
	ck_assert_uint_eq(pflowi_r_u16(&r), 0x0102);
	ck_assert_uint_eq(pflowi_r_u32(&r), 0);
	ck_assert_int_eq(r.status, PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(pflowi_r_u8(&r), 0);
	ck_assert_uint_eq(pflowi_r_u16(&r), 0);
	ck_assert_uint_eq(pflowi_r_u64(&r), 0);
	ck_assert_uint_eq(pflowi_r_left(&r), 0);
	ck_assert_ptr_null(pflowi_r_take(&r, 0));
	pflowi_r_init(&r, octets, 3);
	ck_assert_ptr_null(pflowi_r_take(&r, SIZE_MAX));
}
END_TEST

START_TEST(test_reader_sub_is_bounded_by_its_parent)
{
	struct pflowi_reader r, sub;

	pflowi_r_init(&r, octets, 8);
	sub = pflowi_r_sub(&r, 3);
	ck_assert_uint_eq(pflowi_r_u16(&sub), 0x0102);
	ck_assert_uint_eq(pflowi_r_u16(&sub), 0);
	ck_assert_int_eq(sub.status, PFLOW_ERR_TRUNCATED);
	ck_assert_int_eq(r.status, PFLOW_OK);
	ck_assert_uint_eq(pflowi_r_u8(&r), 4);
	sub = pflowi_r_sub(&r, 5);
	ck_assert_int_eq(sub.status, PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(pflowi_r_left(&sub), 0);
	ck_assert_int_eq(r.status, PFLOW_ERR_TRUNCATED);
}
END_TEST

START_TEST(test_bytes_both_twins_write_and_read_the_same)
{
	static const uint64_t values[] = { 0, 1, 0x0102030405060708, UINT64_MAX,
		0x8000000000000001, 0xff00ff00ff00ff00 };
	uint8_t a[9], b[9];
	size_t i;

	/* One octet off, so that nothing is aligned. */
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		pflowi_put_be64(a + 1, values[i]);
		pflowi_put_be64_portable(b + 1, values[i]);
		ck_assert_mem_eq(a + 1, b + 1, 8);
		ck_assert_uint_eq(pflowi_get_be64(b + 1), values[i]);
		ck_assert_uint_eq(pflowi_get_be64_portable(a + 1), values[i]);
		pflowi_put_be32(a + 1, (uint32_t)values[i]);
		pflowi_put_be32_portable(b + 1, (uint32_t)values[i]);
		ck_assert_mem_eq(a + 1, b + 1, 4);
		ck_assert_uint_eq(pflowi_get_be32(b + 1), (uint32_t)values[i]);
		ck_assert_uint_eq(pflowi_get_be32_portable(a + 1),
		    (uint32_t)values[i]);
		pflowi_put_be16(a + 1, (uint16_t)values[i]);
		pflowi_put_be16_portable(b + 1, (uint16_t)values[i]);
		ck_assert_mem_eq(a + 1, b + 1, 2);
		ck_assert_uint_eq(pflowi_get_be16(b + 1), (uint16_t)values[i]);
		ck_assert_uint_eq(pflowi_get_be16_portable(a + 1),
		    (uint16_t)values[i]);
	}
}
END_TEST

Suite *
suite_reader(void)
{
	Suite *s = suite_create("reader");
	TCase *tc = tcase_create("reader");

	tcase_add_test(tc, test_reader_is_big_endian);
	tcase_add_test(tc,
	    test_reader_cannot_pass_the_end_and_then_gives_zeros);
	tcase_add_test(tc, test_reader_sub_is_bounded_by_its_parent);
	tcase_add_test(tc, test_bytes_both_twins_write_and_read_the_same);
	suite_add_tcase(s, tc);
	return s;
}
