/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/pflowd/conf.h"

Suite *suite_pflowd_conf(void);

static int
parse(const char *text, struct pflowd_conf *conf, unsigned *line,
    struct pflowi_problem *problem)
{
	return pflowd_conf_parse(text, strlen(text), conf, line, problem);
}

START_TEST(test_sources_and_interfaces_are_read_with_their_settings)
{
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;

	ck_assert_int_eq(parse("# a comment\n\n"
	    "source \"pcap:a b\" active 5  # why\r\n"
	    "\tpflow7 dst 127.0.0.1:2055 proto 10\n"
	    "pflow0", &conf, &line, &problem), PFLOW_OK);
	ck_assert_uint_eq(conf.count, 3);
	ck_assert_str_eq(conf.entries[0].word, "pcap:a b");
	ck_assert_uint_eq(conf.entries[0].line, 3);
	ck_assert(conf.entries[0].settings.value[PFLOWI_SET_ACTIVE].number ==
	    5000000000);
	ck_assert_ptr_null(conf.entries[1].word);
	ck_assert_uint_eq(conf.entries[1].number, 7);
	ck_assert_uint_eq(conf.entries[1].line, 4);
	ck_assert_str_eq(conf.entries[1].settings.value[PFLOWI_SET_DST].text,
	    "udp:127.0.0.1:2055");
	ck_assert_uint_eq(conf.entries[2].number, 0);
	pflowd_conf_fini(&conf);
}
END_TEST

START_TEST(test_normal_form_is_taken_back_as_the_same)
{
	static const char text[] = "source \"pcap:a \\\"b\\\"\" filter "
	    "\"tcp and port 1\"\nsource pfsync:x\npflow3 proto 10 mtu 600 dst "
	    "h:1 template { sourceIPv4Address octetDeltaCount/4 }\npflow1\n";
	struct pflowi_problem problem;
	struct pflowd_conf conf, again;
	char normal[4 * 1024] = "";
	unsigned line;
	size_t i;

	ck_assert_int_eq(parse(text, &conf, &line, &problem), PFLOW_OK);
	for (i = 0; i < conf.count; i++) {
		char row[1024];

		ck_assert_int_eq(pflowd_entry_print(&conf.entries[i], row,
		    sizeof(row)), PFLOW_OK);
		strcat(normal, row);
		strcat(normal, "\n");
	}
	ck_assert_int_eq(parse(normal, &again, &line, &problem), PFLOW_OK);
	ck_assert_uint_eq(again.count, conf.count);
	for (i = 0; i < conf.count; i++) {
		ck_assert_uint_eq(again.entries[i].number,
		    conf.entries[i].number);
		ck_assert(pflowd_settings_same(&again.entries[i].settings,
		    &conf.entries[i].settings));
	}
	ck_assert_str_eq(again.entries[0].word, "pcap:a \"b\"");
	pflowd_conf_fini(&conf);
	pflowd_conf_fini(&again);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *says; /**< part of the problem */
} bad[] = {
	{ "pflow0\nsauce pcap:x", 2, "'sauce' begins no line, expected source "
	    "or pflow0" },
	{ "\n\nsource", 3, "source has no value" },
	{ "source \"\"", 1, "source has no value" },
	{ "pflow07", 1, "'pflow07' begins no line" },
	{ "pflow1024", 1, "'pflow1024' begins no line" },
	{ "pflow", 1, "'pflow' begins no line" },
	{ "pflow1x", 1, "'pflow1x' begins no line" },
	{ "pflow1 mtu", 1, "mtu has no value" },
	{ "pflow1 mtu 9999999", 1, "mtu" },
	{ "pflow1 active 5", 1, "'active' is not a setting" },
	{ "source pcap:x dst h:1", 1, "'dst' is not a setting" },
	{ "pflow1\npflow1 mtu 600", 2, "the same stands in line 1" },
	{ "source pcap:x\nsource pcap:x", 2, "the same stands in line 1" },
	{ "pflow1 device \"x", 1, "bad quotes" },
};

START_TEST(test_every_error_names_the_line_and_what_would_be_right)
{
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;

	ck_assert_int_lt(parse(bad[_i].text, &conf, &line, &problem),
	    PFLOW_OK);
	ck_assert_uint_eq(line, bad[_i].line);
	ck_assert_msg(strstr(problem.text, bad[_i].says) != NULL, "%s",
	    problem.text);
	ck_assert_ptr_null(conf.entries);
}
END_TEST

START_TEST(test_octets_that_are_no_text_are_refused)
{
	static const char zero[] = "pflow0\npflow1 \0 x\n";
	static char text[PFLOWD_LINE_LEN + 8];
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;

	ck_assert_int_eq(pflowd_conf_parse(zero, sizeof(zero) - 1, &conf,
	    &line, &problem), PFLOW_ERR_INVALID);
	ck_assert_uint_eq(line, 2);
	memset(text, ' ', sizeof(text));
	ck_assert_int_eq(pflowd_conf_parse(text, PFLOWD_LINE_LEN - 1, &conf,
	    &line, &problem), PFLOW_OK);
	ck_assert_int_eq(pflowd_conf_parse(text, PFLOWD_LINE_LEN, &conf,
	    &line, &problem), PFLOW_ERR_NOSPACE);
}
END_TEST

START_TEST(test_settings_are_copied_whole)
{
	struct pflowi_settings copy;
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line;

	ck_assert_int_eq(parse("pflow0 dst h:1 mtu 600", &conf, &line,
	    &problem), PFLOW_OK);
	ck_assert_int_eq(pflowd_settings_copy(&copy,
	    &conf.entries[0].settings), PFLOW_OK);
	ck_assert(pflowd_settings_same(&copy, &conf.entries[0].settings));
	pflowd_conf_fini(&conf);
	ck_assert_str_eq(copy.value[PFLOWI_SET_DST].text, "udp:h:1");
	pflowi_settings_fini(&copy);
}
END_TEST

Suite *
suite_pflowd_conf(void)
{
	Suite *s = suite_create("pflowd.conf");
	TCase *tc = tcase_create("conf");

	tcase_add_test(tc,
	    test_sources_and_interfaces_are_read_with_their_settings);
	tcase_add_test(tc, test_normal_form_is_taken_back_as_the_same);
	tcase_add_loop_test(tc,
	    test_every_error_names_the_line_and_what_would_be_right, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, test_octets_that_are_no_text_are_refused);
	tcase_add_test(tc, test_settings_are_copied_whole);
	suite_add_tcase(s, tc);
	return s;
}
