/* SPDX-License-Identifier: ISC */
/* What follows "pf:". */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "pf_run.h"
#include "sources/pf_spec.h"

Suite *suite_pf_spec(void);

static struct pflowi_pf_spec spec;
static char err[400];

static int
parse(const char *argument)
{
	err[0] = '\0';
	return pflowi_pf_spec_parse(&spec, argument, err, sizeof(err));
}

START_TEST(test_nothing_is_the_live_table)
{
	ck_assert_int_eq(parse(""), PFLOW_OK);
	ck_assert_uint_eq(spec.count, 0);
	ck_assert(!spec.has_format && !spec.has_time);
	ck_assert_uint_eq(spec.every_ns, 0);
	pflowi_pf_spec_fini(&spec);
	ck_assert_int_eq(parse("?every=3"), PFLOW_OK);
	ck_assert_uint_eq(spec.count, 0);
	ck_assert_uint_eq(spec.every_ns, 3 * PF_SECOND);
	pflowi_pf_spec_fini(&spec);
}
END_TEST

START_TEST(test_paths_stand_in_order)
{
	ck_assert_int_eq(parse("/nowhere/b,/nowhere/a,c"), PFLOW_OK);
	ck_assert_uint_eq(spec.count, 3);
	ck_assert_str_eq(spec.paths[0], "/nowhere/b");
	ck_assert_str_eq(spec.paths[1], "/nowhere/a");
	ck_assert_str_eq(spec.paths[2], "c");
	pflowi_pf_spec_fini(&spec);
	ck_assert_int_eq(parse("-"), PFLOW_OK);
	ck_assert_uint_eq(spec.count, 1);
	ck_assert_str_eq(spec.paths[0], "-");
	pflowi_pf_spec_fini(&spec);
}
END_TEST

START_TEST(test_settings_follow_the_question_mark)
{
	ck_assert_int_eq(
	    parse("/nowhere/a?layout=macos-be&time=1700000000&every=300"),
	    PFLOW_OK);
	ck_assert_uint_eq(spec.count, 1);
	ck_assert_str_eq(spec.paths[0], "/nowhere/a");
	ck_assert(spec.has_format && spec.has_time);
	ck_assert(!spec.format.text);
	ck_assert_uint_eq(spec.format.layout, PFLOWI_PF_LAYOUT_macos);
	ck_assert_uint_eq(spec.format.order, PFLOWI_PF_BIG);
	ck_assert_uint_eq(spec.time_ns, 1700000000 * PF_SECOND);
	ck_assert_uint_eq(spec.every_ns, 300 * PF_SECOND);
	pflowi_pf_spec_fini(&spec);
	ck_assert_int_eq(parse("-?layout=text"), PFLOW_OK);
	ck_assert(spec.has_format && spec.format.text);
	pflowi_pf_spec_fini(&spec);
}
END_TEST

START_TEST(test_wrong_words_are_named)
{
	static const char *const rows[][2] = {
		{ "a?colour=red", "colour=red" },
		{ "a?", "not a setting" },
		{ "a?layout=", "layout=" },
		{ "a?layout=openbds", "layout=openbds" },
		{ "a?time=", "time=" },
		{ "a?time=0", "time=0" },
		{ "a?time=-1", "time=-1" },
		{ "a?time=12s", "time=12s" },
		{ "a?time=18446744073709551616", "time=1844" },
		{ "a?time=18446744074", "time=18446744074" }, /* ns: 2^64 */
		{ "a?every=0", "every=0" },
		{ "a?every=1&&every=2", "not a setting" },
		{ ",a", "empty word" },
		{ "a,,b", "empty word" },
		{ "a,", "empty word" },
		{ "a,-", "standard input" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(parse(rows[i][0]) == PFLOW_ERR_INVALID, "%s",
		    rows[i][0]);
		ck_assert_msg(strstr(err, rows[i][1]) != NULL, "%s: %s",
		    rows[i][0], err);
		ck_assert_ptr_eq(strstr(err, "pf: "), err);
		ck_assert_ptr_null(strchr(err, '\n'));
		pflowi_pf_spec_fini(&spec);
	}
}
END_TEST

START_TEST(test_the_longest_times_fit)
{
	ck_assert_int_eq(parse("a?time=18446744073&every=18446744073"),
	    PFLOW_OK);
	ck_assert_uint_eq(spec.time_ns, UINT64_C(18446744073) * PF_SECOND);
	pflowi_pf_spec_fini(&spec);
}
END_TEST

START_TEST(test_a_file_of_that_very_name_is_one_table)
{
	char path[64], odd[128];

	pf_write_file(path, "", 0);
	snprintf(odd, sizeof(odd), "%s,b?time=x", path);
	ck_assert_int_eq(rename(path, odd), 0);
	ck_assert_int_eq(parse(odd), PFLOW_OK);
	ck_assert_uint_eq(spec.count, 1);
	ck_assert_str_eq(spec.paths[0], odd);
	ck_assert(!spec.has_time);
	pflowi_pf_spec_fini(&spec);
	unlink(odd);
	ck_assert_int_eq(parse(odd), PFLOW_ERR_INVALID);
	pflowi_pf_spec_fini(&spec);
}
END_TEST

Suite *
suite_pf_spec(void)
{
	Suite *s = suite_create("sources/pf_spec");
	TCase *t = tcase_create("pf_spec");

	tcase_add_test(t, test_nothing_is_the_live_table);
	tcase_add_test(t, test_paths_stand_in_order);
	tcase_add_test(t, test_settings_follow_the_question_mark);
	tcase_add_test(t, test_wrong_words_are_named);
	tcase_add_test(t, test_the_longest_times_fit);
	tcase_add_test(t, test_a_file_of_that_very_name_is_one_table);
	suite_add_tcase(s, t);
	return s;
}
