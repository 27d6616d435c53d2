/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "sources/pf_text.h"

Suite *suite_pf_text(void);

#define NOW UINT64_C(1700000000000000000)
#define SECOND UINT64_C(1000000000)
#define MAX 16

static struct pflowi_pf_text text;
static struct pflow_state states[MAX];
static struct pflowi_pf_raw raws[MAX];

/** All states of a text; the lines end with newlines. */
static size_t
parse(const char *s)
{
	size_t n = 0;

	pflowi_pf_text_init(&text);
	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		n += pflowi_pf_text_line(&text, s, len, &raws[n]);
		ck_assert_uint_lt(n, MAX);
		s += len + (s[len] == '\n');
	}
	n += pflowi_pf_text_end(&text, &raws[n]);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(pflowi_pf_state(&raws[i], NOW, &states[i]),
		    PFLOWI_PF_GOOD);
	return n;
}

static void
check_end(const struct pflow_key *key, unsigned end, const char *addr,
    uint16_t port)
{
	uint8_t want[16] = { 0 };
	int six = strchr(addr, ':') != NULL;

	ck_assert_int_eq(inet_pton(six ? AF_INET6 : AF_INET, addr, want), 1);
	ck_assert_mem_eq(key->addr[end], want, 16);
	ck_assert_uint_eq(key->port[end], port);
	ck_assert_uint_eq(key->af, six ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4);
}

#define COUNTED "   age 00:00:10, expires in 00:00:50, 3:2 pkts, 180:120 bytes\n"

START_TEST(test_openbsd_outbound_translation_reads_the_parentheses)
{
	const struct pflow_state *st = &states[0];

	ck_assert_uint_eq(parse(
	    "all tcp 203.0.113.7:51234 (10.0.0.5:40000) -> 198.51.100.9:443"
	    "       ESTABLISHED:ESTABLISHED\n"
	    "   [1000 + 65535] wscale 7  [5000 + 65535] wscale 6\n"
	    "   age 00:00:01, expires in 23:59:59, 3:2 pkts, 180:120 bytes, "
	    "rule 7, pflow\n"
	    "   id: 0000000000001234 creatorid: a1b2c3d4\n"), 1);
	ck_assert_uint_eq(st->direction, PFLOW_DIR_OUT);
	check_end(pflow_state_pre(st), 0, "10.0.0.5", 40000);
	check_end(pflow_state_pre(st), 1, "198.51.100.9", 443);
	check_end(pflow_state_post(st), 0, "203.0.113.7", 51234);
	check_end(pflow_state_post(st), 1, "198.51.100.9", 443);
	ck_assert_uint_eq(st->flags, PFLOW_STATE_EXPORT | PFLOW_STATE_TRANSLATED);
	ck_assert_uint_eq(st->protocol, 6);
	ck_assert_uint_eq(st->packets[0], 3);
	ck_assert_uint_eq(st->packets[1], 2);
	ck_assert_uint_eq(st->octets[0], 180);
	ck_assert_uint_eq(st->octets[1], 120);
	ck_assert_uint_eq(st->rule, 7);
	ck_assert_uint_eq(st->anchor, UINT32_MAX);
	ck_assert_uint_eq(st->flow_id, 0x1234);
	ck_assert_uint_eq(st->creator_id, 0xa1b2c3d4);
	ck_assert_uint_eq(st->start_ns, NOW - SECOND);
	ck_assert_uint_eq(st->last_ns, NOW - SECOND);
	ck_assert_str_eq(raws[0].ifname, "all");
	ck_assert_uint_eq(text.unreadable_lines, 0);
	ck_assert_uint_eq(text.unreadable_details, 0);
}
END_TEST

START_TEST(test_inbound_redirection_has_its_source_on_the_right)
{
	const struct pflow_state *st = &states[0];

	ck_assert_uint_eq(parse(
	    "em0 tcp 10.0.0.80:8080 (203.0.113.7:80) <- 198.51.100.20:60001"
	    "       TIME_WAIT:TIME_WAIT\n"
	    "   [77 + 100](+5)  [900 + 4096]\n"
	    "   age 01:10:02, expires in 00:01:10, 12:10 pkts, 1500:90000 "
	    "bytes, anchor 2, rule 0\n"
	    "   id: 0000000000001235 creatorid: a1b2c3d4\n"), 1);
	ck_assert_uint_eq(st->direction, PFLOW_DIR_IN);
	check_end(pflow_state_pre(st), 0, "198.51.100.20", 60001);
	check_end(pflow_state_pre(st), 1, "203.0.113.7", 80);
	check_end(pflow_state_post(st), 0, "198.51.100.20", 60001);
	check_end(pflow_state_post(st), 1, "10.0.0.80", 8080);
	ck_assert_uint_eq(st->rule, 0);
	ck_assert_uint_eq(st->anchor, 2);
	ck_assert_uint_eq(st->octets[1], 90000);
	ck_assert_uint_eq(st->start_ns, NOW - 4202 * SECOND);
	/* TIME_WAIT on both sides: 90 seconds, 70 of them left. */
	ck_assert_uint_eq(st->last_ns, NOW - 20 * SECOND);
	ck_assert_str_eq(raws[0].ifname, "em0");
}
END_TEST

START_TEST(test_ipv6_has_its_port_in_brackets)
{
	ck_assert_uint_eq(parse(
	    "all udp 2001:db8::53[53] <- 2001:db8:1::9[5353]       "
	    "NO_TRAFFIC:SINGLE\n" COUNTED), 1);
	check_end(pflow_state_pre(&states[0]), 0, "2001:db8:1::9", 5353);
	check_end(pflow_state_pre(&states[0]), 1, "2001:db8::53", 53);
	ck_assert_uint_eq(states[0].protocol, 17);
	/* The responder was silent: 60 s as for a first packet, 50 left. */
	ck_assert_uint_eq(states[0].last_ns, NOW - 10 * SECOND);
	/* Without -v -v there is no id, and none is invented. */
	ck_assert_uint_eq(states[0].present &
	    (PFLOW_HAS_FLOW_ID | PFLOW_HAS_CREATOR), 0);
}
END_TEST

START_TEST(test_icmp_type_is_read_and_the_id_is_not)
{
	ck_assert_uint_eq(parse(
	    "all icmp 10.0.0.1:8 <- 10.0.0.5:321       0:0\n" COUNTED
	    "all ipv6-icmp 2001:db8::1[128] <- 2001:db8::2[77]       0:0\n"
	    COUNTED
	    "all icmp 10.0.0.1:321 <- 10.0.0.5:321       0:0\n" COUNTED), 3);
	ck_assert_uint_eq(states[0].icmp[0], 0x0800);
	ck_assert_uint_eq(states[0].icmp[1], 0x0000);
	ck_assert_uint_eq(states[1].icmp[0], 0x8000);
	ck_assert_uint_eq(states[2].present & PFLOW_HAS_ICMP, 0);
	ck_assert_uint_eq(states[0].key[0].port[0], 0);
	ck_assert_uint_eq(states[1].protocol, 58);
}
END_TEST

START_TEST(test_rdomains_and_next_hops_are_passed_over)
{
	const struct pflow_state *st = &states[0];

	ck_assert_uint_eq(parse(
	    "all tcp (3) 10.9.0.2:22 ((4) 10.9.0.1:2222) <- (3) 10.9.0.7:5555 "
	    "((4) 10.9.0.7:5555)       CLOSED:SYN_SENT\n" COUNTED
	    "all tcp 10.0.0.2:22 {192.0.2.254} <- 10.0.0.7:5555       "
	    "ESTABLISHED:ESTABLISHED\n" COUNTED
	    "all tcp 10.0.0.2:22 -> 2.3.4.5:80 {192.0.2.254}       "
	    "ESTABLISHED:ESTABLISHED\n" COUNTED
	    "em0 esp 10.0.0.2 -> 2.3.4.5       MULTIPLE:MULTIPLE\n" COUNTED
	    "em0 89 10.0.0.2 -> 2.3.4.5       MULTIPLE:MULTIPLE\n" COUNTED), 5);
	check_end(pflow_state_pre(st), 0, "10.9.0.7", 5555);
	check_end(pflow_state_pre(st), 1, "10.9.0.1", 2222);
	check_end(pflow_state_post(st), 1, "10.9.0.2", 22);
	ck_assert_uint_eq(states[1].direction, PFLOW_DIR_IN);
	ck_assert_uint_eq(states[2].direction, PFLOW_DIR_OUT);
	ck_assert_uint_eq(states[3].protocol, 50);
	ck_assert_uint_eq(states[4].protocol, 89);
}
END_TEST

START_TEST(test_af_to_is_inbound_though_its_arrow_points_right)
{
	const struct pflow_state *st = &states[0];

	ck_assert_uint_eq(parse(
	    "all tcp 203.0.113.64:41000 (2001:db8:1::64[41000]) -> "
	    "198.51.100.64:443 (64:ff9b::c633:6440[443])       "
	    "ESTABLISHED:ESTABLISHED\n" COUNTED
	    "all icmp 203.0.113.64:99 (2001:db8:1::64[98]) -> "
	    "198.51.100.64:8 (64:ff9b::c633:6440[128])       0:0\n" COUNTED), 2);
	ck_assert_uint_eq(st->direction, PFLOW_DIR_IN);
	check_end(pflow_state_pre(st), 0, "2001:db8:1::64", 41000);
	check_end(pflow_state_pre(st), 1, "64:ff9b::c633:6440", 443);
	check_end(pflow_state_post(st), 0, "203.0.113.64", 41000);
	check_end(pflow_state_post(st), 1, "198.51.100.64", 443);
	ck_assert_uint_eq(states[1].protocol, 58);
	ck_assert_uint_eq(states[1].icmp[0], 0x8000);
}
END_TEST

START_TEST(test_freebsd_flags_are_passed_over_and_pflow_is_found)
{
	ck_assert_uint_eq(parse(
	    "all tcp 10.0.0.2:22 <- 10.0.0.7:5555       "
	    "ESTABLISHED:ESTABLISHED\n"
	    "   age 100:00:10, expires in 00:00:50, 3:2 pkts, 180:120 bytes, "
	    "rule 3, allow-opts, sloppy, no-sync, pflow, psync-ack, no-df, "
	    "set-tos 0x10, random-id, reassemble-tcp, set-prio (0x01 0x02), "
	    "dummynet pipe (1 2), limit source-track global, log (all), "
	    "min-ttl 3, max-mss 1400\n"
	    "   id: 5415dc6a00000000 creatorid: 1122aabb route-to: "
	    "192.0.2.1@em0 rtable: 1\n"
	    "   origif: igb3\n"
	    "all tcp 10.0.0.2:22 <- 10.0.0.7:5556       "
	    "ESTABLISHED:ESTABLISHED\n"
	    "   age 00:00:10, expires in 00:00:50, 3:2 pkts, 180:120 bytes, "
	    "rule 4, label pflowx, x (a, pflow, b)\n"), 2);
	ck_assert_uint_ne(states[0].flags & PFLOW_STATE_EXPORT, 0);
	ck_assert_uint_eq(states[0].rule, 3);
	ck_assert_uint_eq(states[0].start_ns, NOW - 360010 * SECOND);
	ck_assert_str_eq(raws[0].orig_ifname, "igb3");
	/* As it lies in memory, reversed. */
	ck_assert_uint_eq(states[0].flow_id, 0x6adc1554);
	ck_assert_uint_eq(states[1].flags & PFLOW_STATE_EXPORT, 0);
	ck_assert_uint_eq(text.unreadable_details, 0);
}
END_TEST

START_TEST(test_ids_are_turned_round_only_where_freebsd_printed_them)
{
	static const struct {
		const char *printed;
		uint64_t id;
	} rows[] = {
		{ "6968d08000000001 creatorid: 1", 0x6968d08000000001u },
		{ "6968d080000001ff creatorid: 1", 0x6968d080000001ffu },
		{ "0300000062fa9466 creatorid: 1", 0x0300000062fa9466u },
		{ "6694fa6200000003 creatorid: 1 gateway: 0.0.0.0",
		    0x0300000062fa9466u },
		{ "5415dc6a00000000 creatorid: 1", 0x000000006adc1554u },
		{ "0000000000001234 creatorid: 1", 0x1234 },
		{ "0 creatorid: 1", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char s[400];

		snprintf(s, sizeof(s), "all tcp 1.1.1.1:1 <- 2.2.2.2:2       "
		    "ESTABLISHED:ESTABLISHED\n" COUNTED "   id: %s\n",
		    rows[i].printed);
		ck_assert_uint_eq(parse(s), 1);
		ck_assert_msg(states[0].flow_id == rows[i].id, "%s",
		    rows[i].printed);
	}
}
END_TEST

START_TEST(test_the_states_section_of_show_all_is_found)
{
	ck_assert_uint_eq(parse(
	    "FILTER RULES:\n"
	    "pass all flags S/SA\n"
	    "\n"
	    "STATES:\n"
	    "all tcp 10.0.0.2:22 <- 10.0.0.7:5555       CLOSED:SYN_SENT\n"
	    COUNTED
	    "\n"
	    "INFO:\n"
	    "Status: Enabled for 1 days 00:00:00          Debug: err\n"
	    "   more of it\n"), 1);
	ck_assert_uint_eq(text.unreadable_lines, 0);
	ck_assert_uint_eq(text.unreadable_details, 0);
}
END_TEST

START_TEST(test_states_without_counters_are_counted_and_not_given)
{
	ck_assert_uint_eq(parse(
	    "all tcp 10.0.0.2:22 <- 10.0.0.7:5555       CLOSED:SYN_SENT\n"
	    "all tcp 10.0.0.2:23 <- 10.0.0.7:5555       CLOSED:SYN_SENT\n"
	    COUNTED
	    "all tcp 10.0.0.2:24 <- 10.0.0.7:5555       CLOSED:SYN_SENT\n"), 1);
	ck_assert_uint_eq(text.without_counters, 2);
	ck_assert_uint_eq(states[0].key[0].port[1], 23);
}
END_TEST

START_TEST(test_what_is_no_state_is_counted)
{
	static const char *const lines[] = {
		"nonsense\n",
		"all\n",
		"all tcp\n",
		"all tcp 10.0.0.2:22\n",
		"all tcp 10.0.0.2:22 == 10.0.0.7:5555       A:B\n",
		"all tcp 10.0.0.2:22 <- 10.0.0.7:99999       A:B\n",
		"all tcp 10.0.0.2.3:22 <- 10.0.0.7:5555       A:B\n",
		"all tcp 10.0.0.2:22 <- 2001:db8::1[5]       A:B\n",
		"all tcp 10.0.0.2:ssh <- 10.0.0.7:5555       A:B\n",
		"all nosuchproto 10.0.0.2:22 <- 10.0.0.7:5555       A:B\n",
		"all 256 10.0.0.2:22 <- 10.0.0.7:5555       A:B\n",
		"all tcp www:22 <- host:5555       A:B\n",
		"all tcp 10.0.0.2:22 (10.0.0.3:22 <- 10.0.0.7:5555       A:B\n",
		"all tcp 10.0.0.2:22 {10.0.0.3 <- 10.0.0.7:5555       A:B\n",
		"all tcp 10.0.0.2:22 <- 10.0.0.7:5555\n",
		"all tcp 10.0.0.2:22 <- 10.0.0.7:5555       \n",
		"all tcp 10.0.0.2:22 <- 10.0.0.7:5555       A\n",
		"averyveryverylongname tcp 1.1.1.1:1 <- 2.2.2.2:2       A:B\n",
		"all tcp 2001:db8::1[5 <- 2001:db8::2[6]       A:B\n",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_msg(parse(lines[i]) == 0, "%s", lines[i]);
		ck_assert_msg(text.unreadable_lines == 1, "%s", lines[i]);
	}
	ck_assert_uint_eq(parse(
	    "all tcp 10.0.0.2:23 <- 10.0.0.7:5555       CLOSED:SYN_SENT\n"
	    COUNTED
	    "   age 99:99:99, expires in 00:00:50, 3:2 pkts, 180:120 bytes\n"
	    "   id: xyz creatorid: 1\n"
	    "   age 00:00:10, expires in 00:00:50, 3:99999999999999999999 "
	    "pkts, 180:120 bytes\n"
	    "   something new\n"), 1);
	ck_assert_uint_eq(text.unreadable_details, 4);
	ck_assert_uint_eq(states[0].packets[1], 2);
}
END_TEST

START_TEST(test_lines_cut_anywhere_give_no_state_of_other_ends)
{
	static const char line[] =
	    "em0 tcp 10.0.0.80:8080 (203.0.113.7:80) <- 198.51.100.20:60001"
	    "       ESTABLISHED:ESTABLISHED";
	size_t cut;

	for (cut = 1; cut < sizeof(line); cut++) {
		char s[300];

		snprintf(s, sizeof(s), "%.*s\n" COUNTED, (int)cut, line);
		if (parse(s) == 0)
			continue;
		/* Only of the last word something can be missing unnoticed. */
		ck_assert_uint_gt(cut, sizeof(line) - sizeof("ESTABLISHED"));
		check_end(pflow_state_pre(&states[0]), 0, "198.51.100.20", 60001);
		check_end(pflow_state_pre(&states[0]), 1, "203.0.113.7", 80);
	}
}
END_TEST

START_TEST(test_text_is_told_from_octets)
{
	static const uint8_t octets[] = { 'a', 0, 'b' };

	ck_assert(pflowi_pf_text_looks((const uint8_t *)"all tcp\n\t\r\n", 11));
	ck_assert(!pflowi_pf_text_looks(octets, 3));
	ck_assert(!pflowi_pf_text_looks(octets, 0));
}
END_TEST

Suite *
suite_pf_text(void)
{
	Suite *s = suite_create("sources/pf_text");
	TCase *t = tcase_create("pf_text");

	tcase_add_test(t,
	    test_openbsd_outbound_translation_reads_the_parentheses);
	tcase_add_test(t,
	    test_inbound_redirection_has_its_source_on_the_right);
	tcase_add_test(t, test_ipv6_has_its_port_in_brackets);
	tcase_add_test(t, test_icmp_type_is_read_and_the_id_is_not);
	tcase_add_test(t, test_rdomains_and_next_hops_are_passed_over);
	tcase_add_test(t,
	    test_af_to_is_inbound_though_its_arrow_points_right);
	tcase_add_test(t,
	    test_freebsd_flags_are_passed_over_and_pflow_is_found);
	tcase_add_test(t,
	    test_ids_are_turned_round_only_where_freebsd_printed_them);
	tcase_add_test(t, test_the_states_section_of_show_all_is_found);
	tcase_add_test(t,
	    test_states_without_counters_are_counted_and_not_given);
	tcase_add_test(t, test_what_is_no_state_is_counted);
	tcase_add_test(t,
	    test_lines_cut_anywhere_give_no_state_of_other_ends);
	tcase_add_test(t, test_text_is_told_from_octets);
	suite_add_tcase(s, t);
	return s;
}
