/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/note.h"
#include "programs/common/words.h"
#include "programs/pflowd/background.h"
#include "programs/pflowd/notify.h"
#include "programs/pflowd/request.h"
#include "programs/pflowd/service.h"

Suite *suite_pflowd_service(void);

static int
parse(struct pflowd_service *s, const char *text,
    struct pflowi_problem *problem)
{
	char line[256], *words[16];
	size_t count;

	strcpy(line, text);
	ck_assert_int_eq(pflowi_words_split(line, words, 16, &count, problem),
	    PFLOW_OK);
	ck_assert(pflowd_service_has(words[0]));
	return pflowd_service_parse(s, 7, (const char *const *)words, count,
	    problem);
}

START_TEST(test_lines_of_the_service_have_a_normal_form)
{
	struct pflowi_problem problem;
	struct pflowd_service s;
	char line[256];

	pflowd_service_init(&s);
	ck_assert(s.sandbox);
	ck_assert_uint_eq(s.mode, 0660);
	ck_assert_int_eq(parse(&s, "control group a owner \"b c\" mode 600",
	    &problem), PFLOW_OK);
	ck_assert_int_eq(parse(&s, "sandbox no", &problem), PFLOW_OK);
	ck_assert_uint_eq(s.control_line, 7);
	ck_assert(!s.sandbox);
	ck_assert_int_eq(pflowd_service_print(&s, 0, line, sizeof(line)),
	    PFLOW_OK);
	ck_assert_str_eq(line, "");
	ck_assert_int_eq(pflowd_service_print(&s, 1, line, sizeof(line)),
	    PFLOW_OK);
	ck_assert_str_eq(line, "control mode 0600 owner \"b c\" group a");
	ck_assert_int_eq(pflowd_service_print(&s, 2, line, sizeof(line)),
	    PFLOW_OK);
	ck_assert_str_eq(line, "sandbox no");
	ck_assert(!pflowd_service_has("pflow0"));
}
END_TEST

static const struct {
	const char *text, *says;
} bad[] = {
	{ "user", "user: expected one name" },
	{ "user \"\"", "expected a name of 1 to 63 octets" },
	{ "user a b", "user: expected one name" },
	{ "control", "control has no setting" },
	{ "control mode", "'mode' has no value" },
	{ "control mode 66", "expected octal digits" },
	{ "control mode 1777", "expected octal digits" },
	{ "control mode 08x", "expected octal digits" },
	{ "control mode 00660", "expected octal digits" },
	{ "control speed 9", "'speed' is not a setting of control" },
	{ "sandbox", "sandbox: expected yes or no" },
	{ "sandbox maybe", "sandbox: expected yes or no" },
};

START_TEST(test_what_is_wrong_with_them_is_named_and_changes_nothing)
{
	struct pflowi_problem problem;
	struct pflowd_service s, before;

	pflowd_service_init(&s);
	before = s;
	ck_assert_int_eq(parse(&s, bad[_i].text, &problem),
	    PFLOW_ERR_INVALID);
	ck_assert_msg(strstr(problem.text, bad[_i].says) != NULL, "%s",
	    problem.text);
	ck_assert_mem_eq(&s, &before, sizeof(s));
}
END_TEST

START_TEST(test_a_manager_gets_assignments_and_no_more_than_those)
{
	char text[PFLOWD_NOTIFY_LEN];

	pflowd_notify_text(text, PFLOWD_PHASE_READY, 1, "two\nREADY=0");
	ck_assert_str_eq(text, "READY=1\nSTATUS=two?READY=0");
	pflowd_notify_text(text, PFLOWD_PHASE_RELOADING, 12345678, NULL);
	ck_assert_str_eq(text, "RELOADING=1\nMONOTONIC_USEC=12345\n");
	pflowd_notify_text(text, PFLOWD_PHASE_STOPPING, 1, NULL);
	ck_assert_str_eq(text, "STOPPING=1\n");
	pflowd_notify_text(text, PFLOWD_PHASE_SAME, 1, "x");
	ck_assert_str_eq(text, "STATUS=x");
}
END_TEST

static char logged[64];

static void
log_line(const char *line)
{
	(void)snprintf(logged, sizeof(logged), "%s", line);
}

START_TEST(test_lines_go_to_the_log_as_they_are_and_stay_lines)
{
	pflowd_background_log(log_line);
	pflowi_note("100%% of %s", "a\nb");
	pflowi_note_to(NULL, NULL);
	ck_assert_str_eq(logged, "100% of a?b");
}
END_TEST

static const struct {
	const char *line;
	enum pflowd_right right;
} rights[] = {
	{ "list", PFLOWD_MAY_LOOK },
	{ "stats pflow0", PFLOWD_MAY_LOOK },
	{ "create", PFLOWD_MAY_CHANGE },
	{ "destroy 0", PFLOWD_MAY_CHANGE },
	{ "flush", PFLOWD_MAY_CHANGE },
	{ "send-template", PFLOWD_MAY_CHANGE },
	{ "set 0 dst 10.0.0.1", PFLOWD_MAY_CHANGE },
	{ "set 0 proto 10 dst file:/x", PFLOWD_MAY_ALL },
	{ "set 0 dst file:///x", PFLOWD_MAY_ALL },
	{ "set 0 dst 10.0.0.1 dst file:/x", PFLOWD_MAY_ALL },
	{ "set 0 dst 10.0.0.1 dst 10.0.0.2", PFLOWD_MAY_CHANGE },
	{ "set 0 spool /x", PFLOWD_MAY_ALL },
	{ "set 0 tls-key /x", PFLOWD_MAY_ALL },
	{ "set 0 tls-ca /x", PFLOWD_MAY_ALL },
	{ "set 0 tls-cert /x", PFLOWD_MAY_ALL },
};

START_TEST(test_requests_want_rights_as_they_change_and_open)
{
	struct pflowi_problem problem;
	struct pflowd_request r;
	char line[64];

	strcpy(line, rights[_i].line);
	ck_assert_int_eq(pflowd_request_parse(line, &r, &problem), PFLOW_OK);
	ck_assert_int_eq(pflowd_request_right(&r), rights[_i].right);
	pflowd_request_fini(&r);
}
END_TEST

Suite *
suite_pflowd_service(void)
{
	Suite *s = suite_create("pflowd_service");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, test_lines_of_the_service_have_a_normal_form);
	tcase_add_loop_test(tc,
	    test_what_is_wrong_with_them_is_named_and_changes_nothing, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc,
	    test_a_manager_gets_assignments_and_no_more_than_those);
	tcase_add_test(tc,
	    test_lines_go_to_the_log_as_they_are_and_stay_lines);
	tcase_add_loop_test(tc,
	    test_requests_want_rights_as_they_change_and_open, 0,
	    sizeof(rights) / sizeof(rights[0]));
	suite_add_tcase(s, tc);
	return s;
}
