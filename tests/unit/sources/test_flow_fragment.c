/* SPDX-License-Identifier: ISC */
/* Fragments in the flow table: whose packets they are. */
#include "flow_rig.h"

Suite *suite_flow_fragment(void);

static struct pflowi_packet
fragment(unsigned id, int first, uint64_t at)
{
	struct pflowi_packet pk = packet(1, 2, first ? 1000 : 0,
	    first ? 53 : 0, 17, at);

	pk.fragment_id = id;
	pk.facts = first ? PFLOWI_HAS_PORTS | PFLOWI_FRAGMENT_FIRST
			 : PFLOWI_FRAGMENT_LATER;
	return pk;
}

START_TEST(test_later_fragments_belong_to_the_flow_of_the_first)
{
	add(fragment(7, 1, 0));
	add(fragment(7, 0, MS));
	add(fragment(7, 0, 2 * MS));
	flush();
	ck_assert_uint_eq(out_count, 1);
	is_from(&out[0], 1, 1000, 53);
	ck_assert_uint_eq(out[0].packets[0], 3);
	ck_assert_uint_eq(ft->stats.fragments_unmatched, 0);
}
END_TEST

START_TEST(test_fragments_without_a_first_are_a_flow_without_ports)
{
	add(fragment(7, 1, 0));
	add(fragment(8, 0, MS));
	add(fragment(7, 0, 61 * SEC));
	flush();
	ck_assert_uint_eq(ft->stats.fragments_unmatched, 2);
	ck_assert_uint_eq(out_count, 3);
	is_from(&out[1], 1, 0, 0);
	is_from(&out[2], 1, 0, 0);
}
END_TEST

START_TEST(test_fragments_of_a_ping_belong_to_it)
{
	struct pflowi_packet pk = fragment(7, 1, 0);

	pk.protocol = 1;
	pk.port[0] = pk.port[1] = 0;
	pk.icmp = 0x0800;
	pk.icmp_id = 99;
	pk.facts = PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY | PFLOWI_FRAGMENT_FIRST;
	add(pk);
	pk = fragment(7, 0, 1);
	pk.protocol = 1;
	add(pk);
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 2);
}
END_TEST

START_TEST(test_protocol_of_ipv6_fragments_is_that_of_the_first)
{
	struct pflowi_packet pk = fragment(7, 1, 0);

	pk.af = PFLOW_AF_IPV6;
	add(pk);
	pk = fragment(7, 0, 1);
	pk.af = PFLOW_AF_IPV6;
	pk.protocol = 60; /* destination options stood before UDP */
	add(pk);
	flush();
	ck_assert_uint_eq(out_count, 1);
}
END_TEST

START_TEST(test_flood_of_fragments_stays_in_its_cache)
{
	unsigned i;

	for (i = 0; i < 5000; i++)
		add(fragment(i, 1, i));
	add(fragment(4999, 0, 5000));
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 5001);
}
END_TEST

/* Many. */

static void
add_fragments(TCase *t)
{
	tcase_add_test(t, test_later_fragments_belong_to_the_flow_of_the_first);
	tcase_add_test(t,
	    test_fragments_without_a_first_are_a_flow_without_ports);
	tcase_add_test(t, test_fragments_of_a_ping_belong_to_it);
	tcase_add_test(t, test_protocol_of_ipv6_fragments_is_that_of_the_first);
	tcase_add_test(t, test_flood_of_fragments_stays_in_its_cache);
}

Suite *
suite_flow_fragment(void)
{
	Suite *s = suite_create("flow_fragment");
	TCase *t = tcase_create("flow_fragment");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	add_fragments(t);
	suite_add_tcase(s, t);
	return s;
}
