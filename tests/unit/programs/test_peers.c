/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/pflowdump/peers.h"

Suite *suite_peers(void);

static struct pflowdump_peers peers;

static struct pflowdump_ends
ends_of(unsigned number)
{
	struct pflowdump_ends ends;

	memset(&ends, 0, sizeof(ends));
	ends.af = PFLOW_AF_IPV4;
	ends.addr[0][0] = 192;
	ends.addr[0][2] = 2;
	ends.addr[0][3] = 1;
	ends.port[0] = (uint16_t)number;
	return ends;
}

static struct pflowdump_peer *
find(unsigned number)
{
	struct pflowdump_ends ends = ends_of(number);
	struct pflowdump_peer *peer = pflowdump_peers_find(&peers, &ends);

	ck_assert_ptr_nonnull(peer);
	return peer;
}

START_TEST(test_peers_are_told_apart_by_address_and_port)
{
	struct pflowdump_peer *a, *b;

	memset(&peers, 0, sizeof(peers));
	a = find(1);
	b = find(2);
	ck_assert_ptr_ne(a, b);
	ck_assert_ptr_eq(find(1), a);
	ck_assert_ptr_eq(find(2), b);
	ck_assert_str_eq(a->text, "192.0.2.1:1");
	ck_assert_uint_eq(peers.count, 2);
	pflowdump_peers_fini(&peers);
}
END_TEST

START_TEST(test_peers_are_bounded_and_the_longest_silent_one_is_forgotten)
{
	struct pflow_decoder_stats sum;
	unsigned i;

	memset(&peers, 0, sizeof(peers));
	for (i = 0; i < PFLOWDUMP_PEERS_MAX; i++)
		find(i)->decoder.stats.records = 1;
	find(0);
	find(PFLOWDUMP_PEERS_MAX);
	ck_assert_uint_eq(peers.count, PFLOWDUMP_PEERS_MAX);
	ck_assert_uint_eq(peers.forgotten, 1);
	/* 1 was silent longest; 0 was heard again. */
	ck_assert_uint_eq(find(0)->decoder.stats.records, 1);
	ck_assert_uint_eq(find(PFLOWDUMP_PEERS_MAX)->decoder.stats.records, 0);
	ck_assert_uint_eq(find(1)->decoder.stats.records, 0);
	ck_assert_uint_eq(peers.forgotten, 2);
	pflowdump_peers_sum(&peers, &sum);
	ck_assert_uint_eq(sum.records, PFLOWDUMP_PEERS_MAX);
	pflowdump_peers_fini(&peers);
}
END_TEST

START_TEST(test_addresses_are_written_with_brackets_around_ipv6)
{
	static const uint8_t v6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
	char text[PFLOWDUMP_PEER_TEXT];

	pflowdump_address_text(text, sizeof(text), PFLOW_AF_IPV6, v6, 2055);
	ck_assert_str_eq(text, "[2001:db8::1]:2055");
}
END_TEST

Suite *
suite_peers(void)
{
	Suite *s = suite_create("peers");
	TCase *tc = tcase_create("peers");

	tcase_add_test(tc, test_peers_are_told_apart_by_address_and_port);
	tcase_add_test(tc,
	    test_peers_are_bounded_and_the_longest_silent_one_is_forgotten);
	tcase_add_test(tc,
	    test_addresses_are_written_with_brackets_around_ipv6);
	suite_add_tcase(s, tc);
	return s;
}
