/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/endpoint.h"

Suite *suite_endpoint(void);

static const struct {
	const char *word;
	const char *normal;
	uint16_t port;
	uint8_t ip_version;
} dests[] = {
	{ "10.0.0.2:1234", "udp:10.0.0.2:1234", 1234, 4 },
	{ "10.0.0.2", "udp:10.0.0.2", 0, 4 },
	{ "udp:10.0.0.2:1234", "udp:10.0.0.2:1234", 1234, 4 },
	{ "udp://10.0.0.2:1234", "udp:10.0.0.2:1234", 1234, 4 },
	{ "[2001:db8::1]:2055", "udp:[2001:db8::1]:2055", 2055, 6 },
	{ "tcp:[::1]", "tcp:[::1]", 0, 6 },
	{ "udp:[fe80::1%em0]:9", "udp:[fe80::1%em0]:9", 9, 6 },
	{ "tls:collector.example.net", "tls:collector.example.net", 0, 0 },
	{ "dtls://collector:4740", "dtls:collector:4740", 4740, 0 },
	{ "sctp:a-b_c:1", "sctp:a-b_c:1", 1, 0 },
	{ "localhost:65535", "udp:localhost:65535", 65535, 0 },
	{ "localhost:domain", "udp:localhost:53", 53, 0 },
	{ "file:out.ipfix", "file:out.ipfix", 0, 0 },
	{ "file:/a b/c:d", "file:/a b/c:d", 0, 0 },
	{ "file:-", "file:-", 0, 0 },
};

START_TEST(test_dest_has_a_normal_form_that_parses_to_itself)
{
	char normal[PFLOWI_DEST_LEN], again[PFLOWI_DEST_LEN];
	struct pflowi_problem problem;
	struct pflowi_dest dest;

	ck_assert_msg(pflowi_dest_parse(dests[_i].word, &dest, &problem) ==
	    PFLOW_OK, "%s", problem.text);
	ck_assert_uint_eq(dest.port, dests[_i].port);
	ck_assert_uint_eq(dest.ip_version, dests[_i].ip_version);
	pflowi_dest_print(normal, sizeof(normal), &dest);
	ck_assert_str_eq(normal, dests[_i].normal);
	ck_assert_int_eq(pflowi_dest_parse(normal, &dest, &problem), PFLOW_OK);
	pflowi_dest_print(again, sizeof(again), &dest);
	ck_assert_str_eq(again, normal);
}
END_TEST

static const struct {
	const char *word;
	const char *text;
} bad_dests[] = {
	{ "", "'': host is missing, expected HOST:PORT" },
	{ "udp:", "'udp:': host is missing, expected HOST:PORT" },
	{ ":2055", "':2055': host is missing, expected HOST:PORT" },
	{ "file:", "'file:': path is missing, expected file:PATH" },
	{ "http://h:1", "'http://h:1': unknown kind of destination, expected "
	    "udp:, tcp:, tls:, dtls:, sctp: or file:" },
	{ "2001:db8::1", "'2001:db8::1': too many colons, expected HOST:PORT "
	    "or [IPV6-ADDRESS]:PORT" },
	{ "upd:h:1", "'upd:h:1': too many colons, expected HOST:PORT or "
	    "[IPV6-ADDRESS]:PORT" },
	{ "[2001:db8::1", "'[2001:db8::1': ']' is missing, expected "
	    "[ADDRESS]:PORT" },
	{ "[2001:db8::g]:1", "'[2001:db8::g]:1': '2001:db8::g' is not an IPv6 "
	    "address" },
	{ "[10.0.0.1]:1", "'[10.0.0.1]:1': '10.0.0.1' is not an IPv6 address" },
	{ "[fe80::1%]:1", "'[fe80::1%]:1': 'fe80::1%' is not an IPv6 address" },
	{ "[::1]2055", "'[::1]2055': '2055' is not a port, expected 1 to "
	    "65535 or the name of a service" },
	{ "h:0", "'h:0': '0' is not a port, expected 1 to 65535 or the name "
	    "of a service" },
	{ "h:65536", "'h:65536': '65536' is not a port, expected 1 to 65535 "
	    "or the name of a service" },
	{ "h:", "'h:': '' is not a port, expected 1 to 65535 or the name of "
	    "a service" },
	{ "h:20x", "'h:20x': '20x' is not a port, expected 1 to 65535 or the "
	    "name of a service" },
	{ "10.0.0.256:1", "'10.0.0.256:1': '10.0.0.256' is neither an address "
	    "nor a host name" },
	{ "127.1:1", "'127.1:1': '127.1' is neither an address nor a host "
	    "name" },
	{ "a b:1", "'a b:1': 'a b' is neither an address nor a host name" },
	{ "-h:1", "'-h:1': '-h' is neither an address nor a host name" },
	{ "h\033[2J:1", "'h?[2J:1': 'h?[2J' is neither an address nor a host "
	    "name" },
};

START_TEST(test_dest_refuses_with_a_line_that_says_what_is_right)
{
	struct pflowi_problem problem;
	struct pflowi_dest dest;

	ck_assert_int_eq(pflowi_dest_parse(bad_dests[_i].word, &dest,
	    &problem), PFLOW_ERR_INVALID);
	ck_assert_str_eq(problem.text, bad_dests[_i].text);
}
END_TEST

START_TEST(test_dest_refuses_hosts_and_paths_without_end)
{
	static char word[4096];
	struct pflowi_problem problem;
	struct pflowi_dest dest;

	memset(word, 'a', sizeof(word) - 1);
	ck_assert_int_eq(pflowi_dest_parse(word, &dest, &problem),
	    PFLOW_ERR_INVALID);
	memcpy(word, "file:", 5);
	ck_assert_int_eq(pflowi_dest_parse(word, &dest, &problem),
	    PFLOW_ERR_INVALID);
	memcpy(word, "[", 1);
	ck_assert_int_eq(pflowi_dest_parse(word, &dest, &problem),
	    PFLOW_ERR_INVALID);
}
END_TEST

START_TEST(test_dest_default_ports_are_those_of_the_protocols)
{
	struct pflowi_problem problem;
	struct pflowi_dest dest;

	ck_assert_int_eq(pflowi_dest_parse("h", &dest, &problem), PFLOW_OK);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 5), 2055);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 9), 2055);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 10), 4739);
	ck_assert_int_eq(pflowi_dest_parse("tls:h", &dest, &problem), PFLOW_OK);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 10), 4740);
	ck_assert_int_eq(pflowi_dest_parse("dtls:h", &dest, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 10), 4740);
	ck_assert_int_eq(pflowi_dest_parse("file:h", &dest, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(pflowi_dest_default_port(&dest, 10), 0);
}
END_TEST

START_TEST(test_source_addr_is_numeric_with_or_without_port)
{
	static const char *const good[] = { "10.0.0.1", "10.0.0.1:5000",
		"[2001:db8::1]", "[2001:db8::1]:5000" };
	static const char *const bad[] = { "localhost", "10.0.0.1:0", "::1",
		"", "10.0.0", "[::1" };
	struct pflowi_source_addr addr;
	struct pflowi_problem problem;
	char normal[PFLOWI_DEST_LEN];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(pflowi_source_addr_parse(good[i], &addr,
		    &problem), PFLOW_OK);
		pflowi_source_addr_print(normal, sizeof(normal), &addr);
		ck_assert_str_eq(normal, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(pflowi_source_addr_parse(bad[i], &addr,
		    &problem), PFLOW_ERR_INVALID);
	(void)pflowi_source_addr_parse("localhost", &addr, &problem);
	ck_assert_str_eq(problem.text, "'localhost': not a numeric address, "
	    "expected ADDRESS or ADDRESS:PORT, IPv6 in brackets");
}
END_TEST

Suite *
suite_endpoint(void)
{
	Suite *s = suite_create("endpoint");
	TCase *tc = tcase_create("endpoint");

	tcase_add_loop_test(tc,
	    test_dest_has_a_normal_form_that_parses_to_itself, 0,
	    sizeof(dests) / sizeof(dests[0]));
	tcase_add_loop_test(tc,
	    test_dest_refuses_with_a_line_that_says_what_is_right, 0,
	    sizeof(bad_dests) / sizeof(bad_dests[0]));
	tcase_add_test(tc, test_dest_refuses_hosts_and_paths_without_end);
	tcase_add_test(tc, test_dest_default_ports_are_those_of_the_protocols);
	tcase_add_test(tc, test_source_addr_is_numeric_with_or_without_port);
	suite_add_tcase(s, tc);
	return s;
}
