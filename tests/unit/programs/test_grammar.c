/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/grammar.h"
#include "programs/common/words.h"

Suite *suite_grammar(void);

#define EVERY (PFLOWI_FOR_EXPORT | PFLOWI_FOR_INTERFACE | PFLOWI_FOR_SOURCE)
#define WORDS_MAX 64

/** Split a line and parse it. */
static int
parse(struct pflowi_settings *s, unsigned taker, const char *text,
    struct pflowi_problem *problem)
{
	static char line[1024];
	static char *words[WORDS_MAX];
	size_t count;

	strcpy(line, text);
	ck_assert_int_eq(pflowi_words_split(line, words, WORDS_MAX, &count,
	    problem), PFLOW_OK);
	return pflowi_settings_parse(s, taker, (const char *const *)words,
	    count, problem);
}

static const struct {
	const char *line;
	const char *normal;
} good[] = {
	{ "", "" },
	{ "dst 10.0.0.2:1234 src 10.0.0.1", "src 10.0.0.1 dst "
	    "udp:10.0.0.2:1234" },
	{ "proto 10 domain 4294967295", "proto 10 domain 4294967295" },
	{ "domain 0", "domain 0" },
	{ "engine 1:2", "engine 1:2" },
	{ "engine 7", "engine 7:7" },
	{ "mtu 9000 hold 5", "mtu 9000 hold 5s" },
	{ "hold 0", "hold 0" },
	{ "active 1h30m idle 500ms refresh 90", "refresh 1m30s active 1h30m "
	    "idle 500ms" },
	{ "template standard options no biflow no nat no", "template standard "
	    "options no biflow no nat no" },
	{ "template extended options yes biflow full nat yes", "template "
	    "extended options yes biflow full nat yes" },
	{ "template { octetDeltaCount/4 sourceIPv4Address } proto 10",
	    "proto 10 template \"{ octetDeltaCount/4 sourceIPv4Address }\"" },
	{ "template {packetDeltaCount/8,destinationIPv4Address}",
	    "template \"{ packetDeltaCount destinationIPv4Address }\"" },
	{ "biflow yes proto 9", "proto 9 biflow yes" },
	{ "select all side in", "select all side in" },
	{ "side both select pflow", "select pflow side both" },
	{ "device em0 rate 1000", "device em0 rate 1000" },
	{ "lifetime 90 encap 9899", "encap 9899 lifetime 1m30s" },
	{ "tls-ca a.pem tls-cert b.pem tls-key c.pem", "tls-ca a.pem tls-cert "
	    "b.pem tls-key c.pem" },
	{ "rotate 2048K", "rotate 2M" },
	{ "rotate 1h,100M checksum yes", "rotate 100M,1h checksum yes" },
	{ "tap \"a b\" tap-size 131072 tap-files 3", "tap \"a b\" tap-size 128K tap-files 3" },
	{ "filter \"tcp and port 80\"", "filter \"tcp and port 80\"" },
	{ "memory 1024M interface-map /etc/map", "memory 1G interface-map "
	    "/etc/map" },
	{ "dst h dst tcp:[::1]:9 dst file:x", "dst udp:h dst tcp:[::1]:9 dst "
	    "file:x" },
	{ "failover dst tcp:a dst tcp:b", "dst tcp:a dst tcp:b failover" },
	{ "dst a balance dst b", "dst udp:a dst udp:b balance" },
	{ "all", "all" },
	{ "spool /var/spool/p spool-size 1048576K dst tcp:a",
	    "dst tcp:a spool /var/spool/p spool-size 1G" },
	{ "retry 500ms timeout 90", "retry 500ms timeout 1m30s" },
	{ "dst \"file:a \\\"b\\\" #c\"", "dst \"file:a \\\"b\\\" #c\"" },
};

START_TEST(test_settings_print_a_normal_form_that_parses_to_itself)
{
	struct pflowi_settings s, again;
	struct pflowi_problem problem;
	char normal[1024], twice[1024];
	unsigned id;

	pflowi_settings_init(&s);
	pflowi_settings_init(&again);
	ck_assert_msg(parse(&s, EVERY, good[_i].line, &problem) == PFLOW_OK,
	    "%s", problem.text);
	ck_assert_int_eq(pflowi_settings_print(&s, normal, sizeof(normal)),
	    PFLOW_OK);
	ck_assert_str_eq(normal, good[_i].normal);
	ck_assert_int_eq(parse(&again, EVERY, normal, &problem), PFLOW_OK);
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		ck_assert(s.value[id].given == again.value[id].given);
		ck_assert(s.value[id].number == again.value[id].number);
		ck_assert_pstr_eq(s.value[id].text, again.value[id].text);
	}
	ck_assert_int_eq(pflowi_settings_print(&again, twice, sizeof(twice)),
	    PFLOW_OK);
	ck_assert_str_eq(twice, normal);
	pflowi_settings_fini(&s);
	pflowi_settings_fini(&again);
}
END_TEST

static const struct {
	const char *line;
	int status;
	size_t at;
	const char *text;
} bad[] = {
	{ "protocol 5", PFLOW_ERR_INVALID, 0, "'protocol' is not a setting, "
	    "expected one of src, dst, all, balance, failover, proto, domain, "
	    "engine, mtu, hold, refresh, template, options, biflow, nat, "
	    "select, side, device, rate, spool, spool-size, retry, timeout, "
	    "rotate, checksum, encap, lifetime, tap, tap-size, "
	    "tap-files, tls-ca, tls-cert, tls-key, "
	    "active, idle, filter, memory, interface-map" },
	{ "rotate 100", PFLOW_ERR_INVALID, 1, "rotate '100': not understood, "
	    "expected a size such as 100M, a time such as 1h, or both as "
	    "100M,1h" },
	{ "rotate 0M", PFLOW_ERR_RANGE, 1, "rotate '0M': out of range, "
	    "expected a size such as 100M, a time such as 1h, or both as "
	    "100M,1h" },
	{ "mtu", PFLOW_ERR_INVALID, 0, "mtu has no value, expected mtu "
	    "OCTETS" },
	{ "mtu 1500 proto", PFLOW_ERR_INVALID, 2, "proto has no value, "
	    "expected proto 5|9|10" },
	{ "mtu 1500 mtu 1400", PFLOW_ERR_INVALID, 2, "mtu is given twice, "
	    "expected once" },
	{ "dst a balance failover", PFLOW_ERR_INVALID, 3, "'failover' is one "
	    "word too many, expected one of all, balance or failover" },
	{ "dst a dst b:0", PFLOW_ERR_INVALID, 3, "dst 'b:0': '0' is not a "
	    "port, expected 1 to 65535 or the name of a service" },
	{ "dst a dst b dst c dst d dst e dst f dst g dst h dst i",
	    PFLOW_ERR_RANGE, 17, "dst is given more than 8 times" },
	{ "dst \"file:a\\nb\"", PFLOW_ERR_INVALID, 1, "dst 'file:a?b': has a "
	    "line break, expected DEST" },
	{ "spool-size 1K", PFLOW_ERR_RANGE, 1, "spool-size '1K': out of range, "
	    "expected a size of 1M or more such as 512M" },
	{ "retry 0", PFLOW_ERR_RANGE, 1, "retry '0': out of range, expected a "
	    "time from 10ms to 1d such as 90 or 1h30m" },
	{ "proto 6", PFLOW_ERR_INVALID, 1, "proto '6': unknown, expected 5, 9 "
	    "or 10" },
	{ "proto 10x", PFLOW_ERR_INVALID, 1, "proto '10x': unknown, expected "
	    "5, 9 or 10" },
	{ "domain -1", PFLOW_ERR_INVALID, 1, "domain '-1': not understood, "
	    "expected 0 to 4294967295" },
	{ "domain 4294967296", PFLOW_ERR_RANGE, 1, "domain '4294967296': out "
	    "of range, expected 0 to 4294967295" },
	{ "mtu 67", PFLOW_ERR_RANGE, 1, "mtu '67': out of range, expected 68 "
	    "to 65535" },
	{ "mtu 99999999999999999999", PFLOW_ERR_RANGE, 1,
	    "mtu '99999999999999999999': out of range, expected 68 to 65535" },
	{ "mtu 1e3", PFLOW_ERR_INVALID, 1, "mtu '1e3': not understood, "
	    "expected 68 to 65535" },
	{ "hold 61m", PFLOW_ERR_RANGE, 1, "hold '61m': out of range, expected "
	    "a time from 0 to 1h such as 90 or 1h30m" },
	{ "hold soon", PFLOW_ERR_INVALID, 1, "hold 'soon': not understood, "
	    "expected a time from 0 to 1h such as 90 or 1h30m" },
	{ "refresh 0", PFLOW_ERR_RANGE, 1, "refresh '0': out of range, "
	    "expected a time from 1s to 1d such as 90 or 1h30m" },
	{ "idle 0", PFLOW_ERR_RANGE, 1, "idle '0': out of range, expected a "
	    "time from 1ms to 7d such as 90 or 1h30m" },
	{ "active 8d", PFLOW_ERR_RANGE, 1, "active '8d': out of range, "
	    "expected a time from 0 to 7d such as 90 or 1h30m" },
	{ "engine 256", PFLOW_ERR_RANGE, 1, "engine '256': out of range, "
	    "expected TYPE or TYPE:ID, each 0 to 255" },
	{ "engine 1:", PFLOW_ERR_INVALID, 1, "engine '1:': not understood, "
	    "expected TYPE or TYPE:ID, each 0 to 255" },
	{ "engine 1:2:3", PFLOW_ERR_INVALID, 1, "engine '1:2:3': not "
	    "understood, expected TYPE or TYPE:ID, each 0 to 255" },
	{ "memory 1K", PFLOW_ERR_RANGE, 1, "memory '1K': out of range, "
	    "expected a size of 1M or more such as 512M" },
	{ "memory much", PFLOW_ERR_INVALID, 1, "memory 'much': not "
	    "understood, expected a size of 1M or more such as 512M" },
	{ "rate fast", PFLOW_ERR_INVALID, 1, "rate 'fast': not understood, "
	    "expected 0 to 10000000" },
	{ "select some", PFLOW_ERR_INVALID, 1, "select 'some': unknown, "
	    "expected pflow or all" },
	{ "side left", PFLOW_ERR_INVALID, 1, "side 'left': unknown, expected "
	    "in, out or both" },
	{ "template mine", PFLOW_ERR_INVALID, 1, "template 'mine': unknown, "
	    "expected standard, extended or { ELEMENT ... }" },
	{ "template { octets }", PFLOW_ERR_NOTFOUND, 1, "template: 'octets' is "
	    "no information element, expected IANA's name such as "
	    "octetDeltaCount" },
	{ "template { octetDeltaCount/9 }", PFLOW_ERR_RANGE, 1, "template: "
	    "'octetDeltaCount/9': octetDeltaCount cannot have this length, "
	    "expected 8 octets or fewer" },
	{ "template { sourceIPv4Address/3 }", PFLOW_ERR_RANGE, 1, "template: "
	    "'sourceIPv4Address/3': sourceIPv4Address cannot have this length, "
	    "expected 4 octets" },
	{ "template { octetDeltaCount/x }", PFLOW_ERR_INVALID, 1, "template: "
	    "'octetDeltaCount/x': length not understood, expected "
	    "octetDeltaCount/OCTETS" },
	{ "template { samplingInterval }", PFLOW_ERR_NOTFOUND, 1, "template: "
	    "'samplingInterval': no state knows samplingInterval" },
	{ "template { octetDeltaCount", PFLOW_ERR_INVALID, 1, "template {: '}' "
	    "is missing" },
	{ "template { }", PFLOW_ERR_INVALID, 1, "template { }: empty, expected "
	    "{ ELEMENT ... }" },
	{ "options maybe", PFLOW_ERR_INVALID, 1, "options 'maybe': unknown, "
	    "expected yes or no" },
	{ "biflow half", PFLOW_ERR_INVALID, 1, "biflow 'half': unknown, "
	    "expected yes, full or no" },
	{ "nat Yes", PFLOW_ERR_INVALID, 1, "nat 'Yes': unknown, expected yes "
	    "or no" },
	{ "device \"\"", PFLOW_ERR_INVALID, 1, "device '': empty, expected "
	    "NAME" },
	{ "dst h:0", PFLOW_ERR_INVALID, 1, "dst 'h:0': '0' is not a port, "
	    "expected 1 to 65535 or the name of a service" },
	{ "src localhost", PFLOW_ERR_INVALID, 1, "src 'localhost': not a "
	    "numeric address, expected ADDRESS or ADDRESS:PORT, IPv6 in "
	    "brackets" },
	{ "mtu \"1\\n2\"", PFLOW_ERR_INVALID, 1, "mtu '1?2': not understood, "
	    "expected 68 to 65535" },
};

START_TEST(test_settings_refuse_with_place_and_what_is_right)
{
	struct pflowi_problem problem;
	struct pflowi_settings s;
	char line[64];

	pflowi_settings_init(&s);
	ck_assert_int_eq(parse(&s, EVERY, bad[_i].line, &problem),
	    bad[_i].status);
	ck_assert_str_eq(problem.text, bad[_i].text);
	ck_assert_uint_eq(problem.at, bad[_i].at);
	ck_assert_int_eq(pflowi_settings_print(&s, line, sizeof(line)),
	    PFLOW_OK);
	ck_assert_str_eq(line, "");
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_settings_refused_in_the_middle_change_nothing)
{
	struct pflowi_problem problem;
	struct pflowi_settings s;
	char line[128];

	pflowi_settings_init(&s);
	ck_assert_int_eq(parse(&s, EVERY, "dst 10.0.0.2:1 mtu 1400", &problem),
	    PFLOW_OK);
	ck_assert_int_eq(parse(&s, EVERY, "dst 10.0.0.3:1 mtu 1", &problem),
	    PFLOW_ERR_RANGE);
	pflowi_settings_print(&s, line, sizeof(line));
	ck_assert_str_eq(line, "dst udp:10.0.0.2:1 mtu 1400");
	ck_assert_int_eq(parse(&s, EVERY, "dst 10.0.0.3:1", &problem),
	    PFLOW_OK);
	pflowi_settings_print(&s, line, sizeof(line));
	ck_assert_str_eq(line, "dst udp:10.0.0.3:1 mtu 1400");
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_settings_belong_to_those_who_take_them)
{
	struct pflowi_problem problem;
	struct pflowi_settings s;

	pflowi_settings_init(&s);
	ck_assert_int_eq(parse(&s, PFLOWI_FOR_INTERFACE, "filter tcp",
	    &problem), PFLOW_ERR_INVALID);
	ck_assert_int_eq(parse(&s, PFLOWI_FOR_SOURCE, "dst h", &problem),
	    PFLOW_ERR_INVALID);
	ck_assert_str_eq(problem.text, "'dst' is not a setting, expected one "
	    "of active, idle, filter, memory, interface-map");
	ck_assert_int_eq(parse(&s, PFLOWI_FOR_SOURCE, "filter tcp", &problem),
	    PFLOW_OK);
	ck_assert_int_eq(parse(&s, PFLOWI_FOR_INTERFACE, "dst h", &problem),
	    PFLOW_OK);
	pflowi_settings_fini(&s);
}
END_TEST

START_TEST(test_every_preset_parses_as_a_value_of_its_setting)
{
	struct pflowi_problem problem;
	struct pflowi_settings s, defaults;
	unsigned id;

	pflowi_settings_init(&defaults);
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_setting *set =
		    pflowi_setting((enum pflowi_setting_id)id);
		const char *words[2] = { set->word, set->preset };

		ck_assert_ptr_nonnull(set->word);
		ck_assert_ptr_nonnull(set->help);
		ck_assert_uint_ne(set->takers, 0);
		if (set->preset == NULL)
			continue;
		pflowi_settings_init(&s);
		ck_assert_msg(pflowi_settings_parse(&s, set->takers, words, 2,
		    &problem) == PFLOW_OK, "%s", problem.text);
		ck_assert(s.value[id].number == defaults.value[id].number);
		pflowi_settings_fini(&s);
	}
	ck_assert_uint_eq(defaults.value[PFLOWI_SET_HOLD].number,
	    UINT64_C(30000000000));
	ck_assert_uint_eq(defaults.value[PFLOWI_SET_DOMAIN].number, 42);
	pflowi_settings_fini(&defaults);
}
END_TEST

START_TEST(test_settings_print_refuses_a_line_that_is_too_short)
{
	struct pflowi_problem problem;
	struct pflowi_settings s;
	char line[16];

	pflowi_settings_init(&s);
	ck_assert_int_eq(parse(&s, EVERY, "mtu 1400 device verylongname",
	    &problem), PFLOW_OK);
	ck_assert_int_eq(pflowi_settings_print(&s, line, sizeof(line)),
	    PFLOW_ERR_NOSPACE);
	ck_assert_str_eq(line, "mtu 1400");
	pflowi_settings_fini(&s);
}
END_TEST

Suite *
suite_grammar(void)
{
	Suite *s = suite_create("grammar");
	TCase *tc = tcase_create("grammar");

	tcase_add_loop_test(tc,
	    test_settings_print_a_normal_form_that_parses_to_itself, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc,
	    test_settings_refuse_with_place_and_what_is_right, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc,
	    test_settings_refused_in_the_middle_change_nothing);
	tcase_add_test(tc, test_settings_belong_to_those_who_take_them);
	tcase_add_test(tc,
	    test_every_preset_parses_as_a_value_of_its_setting);
	tcase_add_test(tc,
	    test_settings_print_refuses_a_line_that_is_too_short);
	suite_add_tcase(s, tc);
	return s;
}
