/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "core/bytes.h"
#include "core/port.h"
#include "programs/common/tap_frame.h"

Suite *suite_tap_frame(void);

/** Sum of 16-bit words with end-around carry: 0xffff where it is right. */
static uint32_t
sum(const uint8_t *p, size_t len, uint32_t s)
{
	size_t i;

	for (i = 0; i < len; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

START_TEST(test_ipv4_frame_has_right_lengths_and_checksums)
{
	/* An odd length: the last octet is padded for the sum. */
	static const uint8_t message[5] = { 0, 10, 0xff, 0x80, 0x7f };
	struct pflowi_tap_ends ends = { .ip_version = 4,
		.from = { 192, 0, 2, 1 }, .to = { 198, 51, 100, 2 },
		.from_port = 50000, .to_port = 4739 };
	uint8_t f[PFLOWI_TAP_FRONT_LEN + sizeof(message)];
	size_t len = pflowi_tap_front(f, &ends, message, sizeof(message),
	    UINT64_C(1700000000123456789));

	ck_assert_uint_eq(len, 16 + 20 + 8);
	memcpy(f + len, message, sizeof(message));
	ck_assert_uint_eq(pflowi_get_be32(f), 1700000000);
	ck_assert_uint_eq(pflowi_get_be32(f + 4), 123456);
	ck_assert_uint_eq(pflowi_get_be32(f + 8), 33);
	ck_assert_uint_eq(pflowi_get_be32(f + 12), 33);
	ck_assert_uint_eq(f[16], 0x45);
	ck_assert_uint_eq(pflowi_get_be16(f + 18), 33);
	ck_assert_uint_eq(f[25], 17);
	ck_assert_uint_eq(sum(f + 16, 20, 0), 0xffff);
	ck_assert_mem_eq(f + 28, ends.from, 4);
	ck_assert_mem_eq(f + 32, ends.to, 4);
	ck_assert_uint_eq(pflowi_get_be16(f + 36), 50000);
	ck_assert_uint_eq(pflowi_get_be16(f + 38), 4739);
	ck_assert_uint_eq(pflowi_get_be16(f + 40), 13);
	ck_assert_uint_eq(sum(f + 28, 8 + 8 + sizeof(message), 17 + 13),
	    0xffff);
}
END_TEST

START_TEST(test_ipv6_frame_has_right_lengths_and_checksums)
{
	static const uint8_t message[4] = { 0, 10, 1, 2 };
	struct pflowi_tap_ends ends = { .ip_version = 6,
		.from = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		.to = { 0x20, 1, 0xd, 0xb8, [15] = 2 }, .from_port = 1,
		.to_port = 65535 };
	uint8_t f[PFLOWI_TAP_FRONT_LEN + sizeof(message)];
	size_t len = pflowi_tap_front(f, &ends, message, sizeof(message), 0);

	ck_assert_uint_eq(len, PFLOWI_TAP_FRONT_LEN);
	memcpy(f + len, message, sizeof(message));
	ck_assert_uint_eq(pflowi_get_be32(f + 16), UINT32_C(6) << 28);
	ck_assert_uint_eq(pflowi_get_be16(f + 20), 12);
	ck_assert_uint_eq(f[22], 17);
	ck_assert_mem_eq(f + 24, ends.from, 16);
	ck_assert_mem_eq(f + 40, ends.to, 16);
	ck_assert_uint_eq(pflowi_get_be16(f + 60), 12);
	ck_assert_uint_eq(sum(f + 24, 32 + 8 + sizeof(message), 17 + 12),
	    0xffff);
}
END_TEST

START_TEST(test_a_checksum_of_zero_is_sent_as_all_ones)
{
	struct pflowi_tap_ends ends = { .ip_version = 4 };
	uint8_t f[PFLOWI_TAP_FRONT_LEN], message[2] = { 0, 0 };
	size_t len;

	/* 17 + 2 * 10 is 0x25; with 0xffda it makes 0xffff, whose complement
	 * is 0. */
	message[0] = 0xff;
	message[1] = 0xda;
	len = pflowi_tap_front(f, &ends, message, 2, 0);
	ck_assert_uint_eq(pflowi_get_be16(f + len - 2), 0xffff);
}
END_TEST

START_TEST(test_what_is_longer_than_a_datagram_is_refused)
{
	static uint8_t message[UINT16_MAX];
	struct pflowi_tap_ends ends = { .ip_version = 4 };
	uint8_t f[PFLOWI_TAP_FRONT_LEN];

	ck_assert_uint_ne(pflowi_tap_front(f, &ends, message, 65535 - 28, 0),
	    0);
	ck_assert_uint_eq(pflowi_tap_front(f, &ends, message, 65535 - 27, 0),
	    0);
	ends.ip_version = 6;
	ck_assert_uint_ne(pflowi_tap_front(f, &ends, message, 65535 - 8, 0),
	    0);
	ck_assert_uint_eq(pflowi_tap_front(f, &ends, message, 65535 - 7, 0),
	    0);
}
END_TEST

START_TEST(test_the_head_is_that_of_a_capture)
{
	static const uint8_t right[PFLOWI_TAP_HEAD_LEN] = { 0xa1, 0xb2, 0xc3,
		0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0,
		101 };
	uint8_t head[PFLOWI_TAP_HEAD_LEN];

	pflowi_tap_head(head, 101);
	ck_assert_mem_eq(head, right, sizeof(right));
}
END_TEST

Suite *
suite_tap_frame(void)
{
	Suite *s = suite_create("tap_frame");
	TCase *tc = tcase_create("frames");

	tcase_add_test(tc, test_ipv4_frame_has_right_lengths_and_checksums);
	tcase_add_test(tc, test_ipv6_frame_has_right_lengths_and_checksums);
	tcase_add_test(tc, test_a_checksum_of_zero_is_sent_as_all_ones);
	tcase_add_test(tc, test_what_is_longer_than_a_datagram_is_refused);
	tcase_add_test(tc, test_the_head_is_that_of_a_capture);
	suite_add_tcase(s, tc);
	return s;
}
