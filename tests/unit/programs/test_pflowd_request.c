/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/pflowd/request.h"

Suite *suite_pflowd_request(void);

static int
parse(const char *text, struct pflowd_request *r,
    struct pflowi_problem *problem)
{
	static char line[1024];

	strcpy(line, text);
	return pflowd_request_parse(line, r, problem);
}

static const struct {
	const char *text;
	enum pflowd_verb verb;
	bool named;
	unsigned number;
} good[] = {
	{ "list", PFLOWD_LIST, false, 0 },
	{ " create # one", PFLOWD_CREATE, false, 0 },
	{ "destroy pflow12", PFLOWD_DESTROY, true, 12 },
	{ "destroy 12\r", PFLOWD_DESTROY, true, 12 },
	{ "stats", PFLOWD_STATS, false, 0 },
	{ "stats pflow1023", PFLOWD_STATS, true, 1023 },
	{ "flush 0", PFLOWD_FLUSH, true, 0 },
	{ "send-template", PFLOWD_TEMPLATE, false, 0 },
	{ "set pflow3 proto 10", PFLOWD_SET, true, 3 },
};

START_TEST(test_requests_are_understood)
{
	struct pflowi_problem problem;
	struct pflowd_request r;

	ck_assert_int_eq(parse(good[_i].text, &r, &problem), PFLOW_OK);
	ck_assert_int_eq(r.verb, good[_i].verb);
	ck_assert(r.named == good[_i].named);
	ck_assert_uint_eq(r.number, good[_i].number);
	pflowd_request_fini(&r);
}
END_TEST

START_TEST(test_set_brings_its_settings)
{
	struct pflowi_problem problem;
	struct pflowd_request r;

	ck_assert_int_eq(parse("set pflow0 src 10.0.0.1 dst 10.0.0.2:1234",
	    &r, &problem), PFLOW_OK);
	ck_assert_str_eq(r.settings.value[PFLOWI_SET_SRC].text, "10.0.0.1");
	ck_assert_str_eq(r.settings.value[PFLOWI_SET_DST].text,
	    "udp:10.0.0.2:1234");
	ck_assert(!r.settings.value[PFLOWI_SET_PROTO].given);
	pflowd_request_fini(&r);
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} bad[] = {
	{ "", "'' is no request, expected list, create" },
	{ "lists", "'lists' is no request" },
	{ "list pflow0", "'pflow0' is too much" },
	{ "destroy", "'' is no interface, expected pflow0 to pflow1023" },
	{ "destroy pflow1024", "'pflow1024' is no interface" },
	{ "destroy pflow-1", "'pflow-1' is no interface" },
	{ "destroy 1 2", "'2' is too much" },
	{ "set pflow0", "no setting" },
	{ "set pflow0 proto abc", "proto 'abc'" },
	{ "set pflow0 proto 65541", "proto '65541'" },
	{ "set pflow0 colour blue", "'colour' is not a setting" },
	{ "set pflow0 domain", "domain has no value" },
	{ "stats \"x", "bad quotes" },
};

START_TEST(test_garbage_is_refused_with_a_sentence)
{
	struct pflowi_problem problem;
	struct pflowd_request r;

	ck_assert_int_lt(parse(bad[_i].text, &r, &problem), PFLOW_OK);
	ck_assert_msg(strstr(problem.text, bad[_i].says) != NULL, "%s",
	    problem.text);
}
END_TEST

Suite *
suite_pflowd_request(void)
{
	Suite *s = suite_create("pflowd requests");
	TCase *tc = tcase_create("request");

	tcase_add_loop_test(tc, test_requests_are_understood, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_test(tc, test_set_brings_its_settings);
	tcase_add_loop_test(tc, test_garbage_is_refused_with_a_sentence, 0,
	    sizeof(bad) / sizeof(bad[0]));
	suite_add_tcase(s, tc);
	return s;
}
