/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/common/resolve.h"
#include "programs/common/words.h"

Suite *suite_resolve(void);

#define WORDS_MAX 64

static void
parse(struct pflowi_settings *s, const char *text)
{
	static char line[1024];
	static char *words[WORDS_MAX];
	struct pflowi_problem problem;
	size_t count;

	pflowi_settings_init(s);
	strcpy(line, text);
	ck_assert_int_eq(pflowi_words_split(line, words, WORDS_MAX, &count,
	    &problem), PFLOW_OK);
	ck_assert_msg(pflowi_settings_parse(s, PFLOWI_FOR_EXPORT,
	    (const char *const *)words, count, &problem) == PFLOW_OK, "%s",
	    problem.text);
}

static const struct {
	const char *line;
	const char *dest;
	const char *what;
} good[] = {
	{ "dst 10.0.0.2", "udp:10.0.0.2:2055", "NetFlow v5, engine 42:42" },
	{ "dst 10.0.0.2 proto 10", "udp:10.0.0.2:4739", "IPFIX, domain 42" },
	{ "dst 10.0.0.2:9 engine 1:2", "udp:10.0.0.2:9",
	    "NetFlow v5, engine 1:2" },
	{ "dst 10.0.0.2 proto 10 domain 7", "udp:10.0.0.2:4739",
	    "IPFIX, domain 7" },
	{ "dst 10.0.0.2 proto 9 domain 7", "udp:10.0.0.2:2055",
	    "NetFlow v9, domain 7" },
	{ "dst tcp:10.0.0.2", "tcp:10.0.0.2:4739", "IPFIX, domain 42" },
	{ "dst 10.0.0.2 nat no template standard", "udp:10.0.0.2:2055",
	    "NetFlow v5, engine 42:42" },
	{ "dst file:out", "file:out", "IPFIX, domain 42" },
	{ "dst file:out proto 5", "file:out", "NetFlow v5, engine 42:42" },
	{ "dst a dst b", "udp:a:2055 dst udp:b:2055",
	    "NetFlow v5, engine 42:42" },
	{ "dst a dst tcp:b balance", "udp:a:4739 dst tcp:b:4739 "
	    "balance", "IPFIX, domain 42" },
	{ "dst tcp:a failover dst tcp:b:9 spool d", "tcp:a:4739 dst tcp:b:9 "
	    "failover", "IPFIX, domain 42" },
	{ "dst [::1] src [::1]", "udp:[::1]:2055", "NetFlow v5, engine "
	    "42:42" },
};

START_TEST(test_interface_gets_version_and_port_from_the_destination)
{
	struct pflowi_problem problem;
	struct pflowi_interface in;
	struct pflowi_settings s;
	char what[64];

	parse(&s, good[_i].line);
	ck_assert_msg(pflowi_interface_resolve(&s, &in, &problem) == PFLOW_OK,
	    "%s", problem.text);
	ck_assert_str_eq(in.dest_word, good[_i].dest);
	pflowi_interface_describe(&in, what, sizeof(what));
	ck_assert_str_eq(what, good[_i].what);
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_interface_hands_every_setting_on)
{
	struct pflowi_problem problem;
	struct pflowi_interface in;
	struct pflowi_settings s;

	parse(&s, "dst 10.0.0.2:1 proto 10 domain 7 mtu 1400 hold 5 refresh 90 "
	    "select all side out src 10.0.0.1:9 rate 100 template extended "
	    "options yes biflow full nat yes");
	ck_assert_int_eq(pflowi_interface_resolve(&s, &in, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(in.exporter.version, 10);
	ck_assert_uint_eq(in.exporter.domain_id, 7);
	ck_assert_uint_eq(in.exporter.mtu, 1400);
	ck_assert_uint_eq(in.exporter.hold_ns, UINT64_C(5000000000));
	ck_assert_uint_eq(in.exporter.refresh_ns, UINT64_C(90000000000));
	ck_assert_int_eq(in.exporter.select, PFLOW_SELECT_ALL);
	ck_assert_int_eq(in.exporter.side, PFLOW_SIDE_OUT);
	ck_assert_ptr_nonnull(in.exporter.fields);
	ck_assert_uint_gt(in.exporter.field_count, 12);
	ck_assert_int_eq(in.exporter.biflow, PFLOW_BIFLOW_FULL);
	ck_assert_uint_eq(in.exporter.nat_events, 1);
	ck_assert_uint_eq(in.exporter.options, 1);
	ck_assert_uint_ne(in.exporter.process_id, 0);
	ck_assert_str_eq(in.transport.source, "10.0.0.1:9");
	ck_assert_uint_eq(in.transport.mtu, 1400);
	ck_assert_uint_eq(in.transport.rate_pps, 100);
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_interface_hands_the_settings_of_sctp_on)
{
	struct pflowi_problem problem;
	struct pflowi_interface in;
	struct pflowi_settings s;

	/* Refused at the end by a build without it. */
	parse(&s, "dst sctp:10.0.0.2 encap 9899 lifetime 500ms");
	(void)pflowi_interface_resolve(&s, &in, &problem);
	ck_assert_str_eq(in.dest_word, "sctp:10.0.0.2:4739");
	ck_assert_uint_eq(in.exporter.version, 10);
	ck_assert_uint_eq(in.transport.sctp_encap, 9899);
	ck_assert_uint_eq(in.transport.sctp_lifetime_ns, 500000000);
	pflowi_settings_fini(&s);
	parse(&s, "dst sctp:10.0.0.2");
	(void)pflowi_interface_resolve(&s, &in, &problem);
	ck_assert_uint_eq(in.transport.sctp_encap, 0);
	ck_assert_uint_eq(in.transport.sctp_lifetime_ns, 0);
	pflowi_settings_fini(&s);
}
END_TEST

static const struct {
	const char *line;
	size_t at;
	const char *text;
} bad[] = {
	{ "mtu 1400", PFLOWI_NOWHERE, "dst is missing, expected dst HOST:PORT, "
	    "dst file:PATH or another DEST" },
	{ "dst h domain 7", 3, "domain: of no use with proto 5, expected "
	    "engine TYPE:ID, or proto 9 or 10" },
	{ "dst h proto 10 engine 7", 5, "engine: of no use with proto 10, "
	    "expected domain N, or proto 5" },
	{ "dst h refresh 60", 3, "refresh: of no use with proto 5, expected "
	    "proto 9 or 10" },
	{ "dst h proto 9 engine 7", 5, "engine: of no use with proto 9, "
	    "expected domain N, or proto 5" },
	{ "dst h proto 9 biflow yes", 5, "biflow: of no use with proto 9, "
	    "expected proto 10" },
	{ "dst h nat yes", 3, "nat: of no use with proto 5, expected proto 9 "
	    "or 10" },
	{ "dst h options yes", 3, "options: of no use with proto 5, expected "
	    "proto 9 or 10" },
	{ "dst h template extended", 3, "template: of no use with proto 5, "
	    "expected proto 9 or 10" },
	{ "dst file:x proto 9", 3, "proto 9: does not go over file:, expected "
	    "proto 10" },
	{ "dst h rotate 1M", 3, "rotate: of no use with dst udp:, expected dst "
	    "file:" },
	{ "dst h proto 10 checksum yes", 5, "checksum: of no use with dst "
	    "udp:, expected dst file:" },
	{ "dst file:x proto 5 checksum yes", 5, "checksum: of no use with "
	    "proto 5, expected proto 10" },
	{ "dst file:x refresh 60", 3, "refresh: of no use with dst file:, "
	    "expected dst udp: or dtls:" },
	{ "proto 5 dst tcp:h", 1, "proto 5: does not go over tcp:, expected "
	    "proto 10" },
	{ "dst h tls-ca x", 3, "tls-ca: of no use with dst udp:, expected dst "
	    "tls: or dtls:" },
	{ "dst h encap 9899", 3, "encap: of no use with dst udp:, expected dst "
	    "sctp:" },
	{ "dst tcp:h lifetime 5", 3, "lifetime: of no use with dst tcp:, "
	    "expected dst sctp:" },
	{ "dst file:x src 10.0.0.1", 3, "src: of no use with dst file:, "
	    "expected a dst in the network" },
	{ "dst file:x rate 5", 3, "rate: of no use with dst file:, expected a "
	    "dst in the network" },
	{ "dst h failover", 2, "failover: of no use with one dst, expected dst "
	    "A dst B" },
	{ "dst h balance", 2, "balance: of no use with one dst, expected dst "
	    "A dst B" },
	{ "dst h:9 dst udp:h:9", 1, "dst 'h' is given twice, expected once" },
	{ "dst h proto 10 spool d", 5, "spool: of no use with dst udp:, "
	    "expected dst tcp:, tls: or sctp:" },
	{ "dst tcp:h dst file:x spool d", 5, "spool: of no use with dst file:, "
	    "expected dst tcp:, tls: or sctp:" },
	{ "dst tcp:h spool-size 2M", 3, "spool-size: of no use with no spool, "
	    "expected spool DIR" },
	{ "dst h retry 5", 3, "retry: of no use with dst udp:, expected dst "
	    "tcp:, tls:, dtls: or sctp:" },
	{ "dst h dst tcp:g proto 5", 5, "proto 5: does not go over tcp:, "
	    "expected proto 10" },
	{ "dst [::1] src 10.0.0.1", 3, "src '10.0.0.1': is IPv4, but dst is "
	    "IPv6, expected the same" },
	{ "dst 10.0.0.2 mtu 99", 3, "mtu '99': too small for proto 5 to this "
	    "dst, expected 100 or more" },
	{ "dst [::1] mtu 100", 3, "mtu '100': too small for proto 5 to this "
	    "dst, expected 120 or more" },
};

START_TEST(test_interface_refuses_what_would_be_ignored)
{
	struct pflowi_problem problem;
	struct pflowi_interface in;
	struct pflowi_settings s;

	parse(&s, bad[_i].line);
	ck_assert_int_lt(pflowi_interface_resolve(&s, &in, &problem), 0);
	ck_assert_str_eq(problem.text, bad[_i].text);
	ck_assert(problem.at == bad[_i].at);
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_source_takes_its_settings_and_refuses_those_of_others)
{
	struct pflow_source_config cfg;
	struct pflowi_problem problem;
	struct pflowi_settings s;

	parse(&s, "active 90 idle 5 filter tcp memory 8M");
	ck_assert_int_eq(pflowi_source_resolve(&s, "pcap:x", &cfg, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(cfg.active_ns, UINT64_C(90000000000));
	ck_assert_uint_eq(cfg.idle_ns, UINT64_C(5000000000));
	ck_assert_uint_eq(cfg.memory_limit, 8 << 20);
	ck_assert_str_eq(cfg.filter, "tcp");
	ck_assert_int_eq(pflowi_source_resolve(&s, "pfsync:x", &cfg, &problem),
	    PFLOW_ERR_INVALID);
	ck_assert_str_eq(problem.text, "filter: of no use with pfsync:, "
	    "expected pcap: or pcap-live:");
	ck_assert_uint_eq(problem.at, 5);
	pflowi_settings_fini(&s);
	parse(&s, "interface-map m");
	ck_assert_int_eq(pflowi_source_resolve(&s, "pfsync:x", &cfg, &problem),
	    PFLOW_OK);
	ck_assert_str_eq(cfg.interface_map, "m");
	ck_assert_uint_eq(cfg.active_ns, 0);
	ck_assert_int_eq(pflowi_source_resolve(&s, "pcap:x", &cfg, &problem),
	    PFLOW_ERR_INVALID);
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_rate_bounds_recordings_that_go_as_datagrams)
{
	struct pflowi_problem problem;
	struct pflowi_interface in;
	struct pflowi_settings s;

	parse(&s, "dst 10.0.0.2");
	ck_assert_int_eq(pflowi_interface_resolve(&s, &in, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(pflowi_interface_rate(&s, &in, "pcap:x"),
	    PFLOWI_RECORDING_RATE);
	ck_assert_uint_eq(pflowi_interface_rate(&s, &in, "pcap-live:lo"), 0);
	ck_assert_uint_eq(pflowi_interface_rate(&s, &in, "conntrack:"), 0);
	pflowi_settings_fini(&s);
	parse(&s, "dst 10.0.0.2 rate 0");
	ck_assert_uint_eq(pflowi_interface_rate(&s, &in, "pcap:x"), 0);
	pflowi_settings_fini(&s);
	parse(&s, "dst file:x");
	ck_assert_int_eq(pflowi_interface_resolve(&s, &in, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(pflowi_interface_rate(&s, &in, "pcap:x"), 0);
	pflowi_settings_fini(&s);
}
END_TEST

Suite *
suite_resolve(void)
{
	Suite *s = suite_create("resolve");
	TCase *tc = tcase_create("resolve");

	tcase_add_loop_test(tc,
	    test_interface_gets_version_and_port_from_the_destination, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_test(tc, test_interface_hands_every_setting_on);
	tcase_add_test(tc, test_interface_hands_the_settings_of_sctp_on);
	tcase_add_loop_test(tc, test_interface_refuses_what_would_be_ignored, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc,
	    test_source_takes_its_settings_and_refuses_those_of_others);
	tcase_add_test(tc, test_rate_bounds_recordings_that_go_as_datagrams);
	suite_add_tcase(s, tc);
	return s;
}
