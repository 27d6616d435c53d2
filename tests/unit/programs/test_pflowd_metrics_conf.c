/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <netinet/in.h>
#include <string.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/words.h"
#include "programs/pflowd/metrics_conf.h"

Suite *suite_pflowd_metrics_conf(void);

static int
parse(struct pflowd_metrics_conf *conf, const char *text,
    struct pflowi_problem *problem)
{
	char line[256], *words[16];
	size_t count;

	(void)strcpy(line, text);
	ck_assert_int_eq(pflowi_words_split(line, words, 16, &count, problem),
	    PFLOW_OK);
	return pflowd_metrics_parse(conf, 1, (const char *const *)words, count,
	    problem);
}

START_TEST(test_metrics_lines_have_a_normal_form)
{
	static const char *const lines[][2] = {
		{ "metrics 127.0.0.1:9432", "metrics 127.0.0.1:9432" },
		{ "metrics [::1]:9432 remote no", "metrics [::1]:9432" },
		{ "metrics \"/run/a b\"", "metrics \"/run/a b\"" },
		{ "metrics 0.0.0.0:1 remote yes",
		    "metrics 0.0.0.0:1 remote yes" },
	};
	struct pflowd_metrics_conf conf = { .count = 0 };
	struct pflowi_problem problem;
	char line[256];
	unsigned i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(lines); i++) {
		ck_assert_int_eq(parse(&conf, lines[i][0], &problem),
		    PFLOW_OK);
		ck_assert_int_eq(pflowd_metrics_print(&conf, i, line,
		    sizeof(line)), PFLOW_OK);
		ck_assert_str_eq(line, lines[i][1]);
		ck_assert_int_eq(pflowd_metrics_print(&conf, i, line, 9),
		    PFLOW_ERR_NOSPACE);
	}
	ck_assert_int_eq(parse(&conf, "metrics /another", &problem),
	    PFLOW_ERR_RANGE);
	ck_assert_uint_eq(conf.count, PFLOWD_METRICS_MAX);
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} bad[] = {
	{ "metrics", "metrics has no value" },
	{ "metrics \"\"", "host is missing" },
	{ "metrics 127.0.0.1", "no port" },
	{ "metrics localhost:1", "not a numeric address" },
	{ "metrics 10.0.0.1:1", "others can reach it" },
	{ "metrics 128.0.0.1:1 remote no", "others can reach it" },
	{ "metrics [::2]:1", "others can reach it" },
	{ "metrics [::ffff:127.0.0.1]:1", "others can reach it" },
	{ "metrics 127.0.0.1:1 remote", "'remote': not understood" },
	{ "metrics 127.0.0.1:1 remote maybe", "not understood" },
	{ "metrics 127.0.0.1:1 colour blue", "'colour': not understood" },
	{ "metrics /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too long" },
	{ "metrics /there", "the same stands in line 1" },
};

START_TEST(test_a_wrong_metrics_line_is_told_and_changes_nothing)
{
	struct pflowd_metrics_conf conf = { .count = 0 }, before;
	struct pflowi_problem problem;

	ck_assert_int_eq(parse(&conf, "metrics /there", &problem), PFLOW_OK);
	before = conf;
	ck_assert_int_lt(parse(&conf, bad[_i].text, &problem), 0);
	ck_assert_msg(strstr(problem.text, bad[_i].says) != NULL, "%s",
	    problem.text);
	ck_assert_mem_eq(&conf, &before, sizeof(conf));
}
END_TEST

START_TEST(test_addresses_are_what_bind_takes)
{
	struct pflowd_metrics_conf conf = { .count = 0 };
	struct pflowi_problem problem;
	struct sockaddr_storage sa;
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	ck_assert_int_eq(parse(&conf, "metrics 127.1.2.3:9432", &problem),
	    PFLOW_OK);
	ck_assert_int_eq(parse(&conf, "metrics [::1]:80", &problem), PFLOW_OK);
	ck_assert_int_eq(parse(&conf, "metrics /there", &problem), PFLOW_OK);
	ck_assert_uint_eq(pflowd_metrics_address(&conf.lines[0], &sa),
	    sizeof(four));
	memcpy(&four, &sa, sizeof(four));
	ck_assert_int_eq(four.sin_family, AF_INET);
	ck_assert_uint_eq(ntohl(four.sin_addr.s_addr), 0x7f010203);
	ck_assert_uint_eq(ntohs(four.sin_port), 9432);
	ck_assert_uint_eq(pflowd_metrics_address(&conf.lines[1], &sa),
	    sizeof(six));
	memcpy(&six, &sa, sizeof(six));
	ck_assert(IN6_IS_ADDR_LOOPBACK(&six.sin6_addr));
	ck_assert_uint_eq(pflowd_metrics_address(&conf.lines[2], &sa),
	    sizeof(struct sockaddr_un));
	ck_assert_int_eq(sa.ss_family, AF_UNIX);
}
END_TEST

Suite *
suite_pflowd_metrics_conf(void)
{
	Suite *s = suite_create("pflowd_metrics_conf");
	TCase *tc = tcase_create("lines");

	tcase_add_test(tc, test_metrics_lines_have_a_normal_form);
	tcase_add_loop_test(tc,
	    test_a_wrong_metrics_line_is_told_and_changes_nothing, 0,
	    (int)PFLOWI_ARRAY_LEN(bad));
	tcase_add_test(tc, test_addresses_are_what_bind_takes);
	suite_add_tcase(s, tc);
	return s;
}
