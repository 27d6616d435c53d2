/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/pflowdump/payload.h"

Suite *suite_payload(void);

/* IPv4, UDP 40000 -> 2055, payload 00 05, trailing Ethernet padding. */
static const uint8_t ipv4[] = { 0x45, 0, 0, 30, 0, 1, 0, 0, 64, 17, 0, 0, 192,
	0, 2, 1, 198, 51, 100, 2, 0x9c, 0x40, 0x08, 0x07, 0, 10, 0, 0, 0, 5 };

/* IPv6, hop-by-hop options of 8 octets, UDP 1 -> 4739, payload 00 0a. */
static const uint8_t ipv6[] = { 0x60, 0, 0, 0, 0, 18, 0, 64, 0x20, 1, 0x0d,
	0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0x0d, 0xb8, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 2, 17, 0, 1, 4, 0, 0, 0, 0, 0, 1, 0x12, 0x83, 0,
	10, 0, 0, 0, 10 };

static uint8_t frame[128];

/** A frame: n octets of link layer, IP, and 6 of padding. */
static size_t
build(const uint8_t *head, size_t n, const uint8_t *ip, size_t len)
{
	memset(frame, 0xee, sizeof(frame));
	memcpy(frame, head, n);
	memcpy(frame + n, ip, len);
	return n + len + 6;
}

static void
check_ipv4(enum pflowdump_link link, size_t len)
{
	struct pflowdump_ends ends;
	const uint8_t *data;
	size_t data_len;

	ck_assert_int_eq(pflowdump_payload(link, frame, len, &ends, &data,
	    &data_len), PFLOWDUMP_DATAGRAM);
	ck_assert_uint_eq(data_len, 2);
	ck_assert_uint_eq(data[1], 5);
	ck_assert_uint_eq(ends.af, PFLOW_AF_IPV4);
	ck_assert_uint_eq(ends.addr[0][3], 1);
	ck_assert_uint_eq(ends.addr[1][3], 2);
	ck_assert_uint_eq(ends.port[0], 40000);
	ck_assert_uint_eq(ends.port[1], 2055);
}

START_TEST(test_payload_is_found_behind_every_link_layer)
{
	static const uint8_t plain[14] = { [12] = 8 };
	static const uint8_t tagged[22] = { [12] = 0x88, 0xa8, 0, 1, 0x81, 0, 0,
		2, 8, 0 };
	static const uint8_t zeros[20] = { 0 };

	check_ipv4(PFLOWDUMP_LINK_ETHERNET,
	    build(plain, 14, ipv4, sizeof(ipv4)));
	check_ipv4(PFLOWDUMP_LINK_ETHERNET,
	    build(tagged, 22, ipv4, sizeof(ipv4)));
	check_ipv4(PFLOWDUMP_LINK_SLL, build(zeros, 16, ipv4, sizeof(ipv4)));
	check_ipv4(PFLOWDUMP_LINK_SLL2, build(zeros, 20, ipv4, sizeof(ipv4)));
	check_ipv4(PFLOWDUMP_LINK_NULL, build(zeros, 4, ipv4, sizeof(ipv4)));
	check_ipv4(PFLOWDUMP_LINK_RAW, build(zeros, 0, ipv4, sizeof(ipv4)));
}
END_TEST

START_TEST(test_payload_is_found_behind_ipv6_extension_headers)
{
	struct pflowdump_ends ends;
	const uint8_t *data;
	size_t data_len;

	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ipv6,
	    sizeof(ipv6), &ends, &data, &data_len), PFLOWDUMP_DATAGRAM);
	ck_assert_uint_eq(data_len, 2);
	ck_assert_uint_eq(data[1], 10);
	ck_assert_uint_eq(ends.af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(ends.port[1], 4739);
}
END_TEST

START_TEST(test_payload_of_every_shorter_frame_is_refused)
{
	struct pflowdump_ends ends;
	const uint8_t *data;
	size_t data_len, len;

	for (len = 0; len < sizeof(ipv4); len++) {
		uint8_t copy[sizeof(ipv4)];

		memcpy(copy, ipv4, len);
		ck_assert_int_ne(pflowdump_payload(PFLOWDUMP_LINK_RAW, copy,
		    len, &ends, &data, &data_len), PFLOWDUMP_DATAGRAM);
	}
	for (len = 0; len < sizeof(ipv6); len++)
		ck_assert_int_ne(pflowdump_payload(PFLOWDUMP_LINK_RAW, ipv6,
		    len, &ends, &data, &data_len), PFLOWDUMP_DATAGRAM);
}
END_TEST

START_TEST(test_payload_tells_fragments_and_other_protocols_apart)
{
	struct pflowdump_ends ends;
	const uint8_t *data;
	size_t data_len;
	uint8_t ip[sizeof(ipv4)];

	memcpy(ip, ipv4, sizeof(ip));
	ip[6] = 0x20;
	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ip, sizeof(ip),
	    &ends, &data, &data_len), PFLOWDUMP_FRAGMENT);
	memcpy(ip, ipv4, sizeof(ip));
	ip[9] = 6;
	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ip, sizeof(ip),
	    &ends, &data, &data_len), PFLOWDUMP_NOT_UDP);
	memcpy(ip, ipv4, sizeof(ip));
	ip[25] = 200; /* the datagram claims more than the packet holds */
	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ip, sizeof(ip),
	    &ends, &data, &data_len), PFLOWDUMP_NOT_UDP);
	ip[25] = 7; /* less than its own header */
	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ip, sizeof(ip),
	    &ends, &data, &data_len), PFLOWDUMP_NOT_UDP);
	memcpy(ip, ipv4, sizeof(ip));
	ip[0] = 0x41; /* header length below 20 */
	ck_assert_int_eq(pflowdump_payload(PFLOWDUMP_LINK_RAW, ip, sizeof(ip),
	    &ends, &data, &data_len), PFLOWDUMP_NOT_UDP);
}
END_TEST

Suite *
suite_payload(void)
{
	Suite *s = suite_create("payload");
	TCase *tc = tcase_create("payload");

	tcase_add_test(tc, test_payload_is_found_behind_every_link_layer);
	tcase_add_test(tc, test_payload_is_found_behind_ipv6_extension_headers);
	tcase_add_test(tc, test_payload_of_every_shorter_frame_is_refused);
	tcase_add_test(tc,
	    test_payload_tells_fragments_and_other_protocols_apart);
	suite_add_tcase(s, tc);
	return s;
}
