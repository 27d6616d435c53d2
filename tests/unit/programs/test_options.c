/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/common/options.h"

Suite *suite_options(void);

#define ARGV(...)                                                              \
	const char *argv[] = { "prog", __VA_ARGS__, NULL };                  \
	struct pflowi_options o;                                               \
	struct pflowi_problem problem;                                         \
	pflowi_options_init(&o, (int)(sizeof(argv) / sizeof(argv[0])) - 1,     \
	    argv, "jn:qV")

START_TEST(test_options_may_be_grouped_and_values_glued)
{
	ARGV("-jq", "-n5", "-qn", "6",
	    "file");

	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'j');
	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'q');
	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'n');
	ck_assert_str_eq(o.value, "5");
	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'q');
	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'n');
	ck_assert_str_eq(o.value, "6");
	ck_assert_int_eq(pflowi_options_next(&o, &problem),
	    PFLOWI_OPTION_END);
	ck_assert_int_eq(o.next, 5);
}
END_TEST

START_TEST(test_options_end_at_the_first_operand)
{
	ARGV("-j", "-", "-q");

	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'j');
	ck_assert_int_eq(pflowi_options_next(&o, &problem),
	    PFLOWI_OPTION_END);
	ck_assert_int_eq(o.next, 2);
}
END_TEST

START_TEST(test_options_end_behind_two_dashes)
{
	ARGV("--", "-q");

	ck_assert_int_eq(pflowi_options_next(&o, &problem),
	    PFLOWI_OPTION_END);
	ck_assert_int_eq(o.next, 2);
}
END_TEST

START_TEST(test_options_know_help_and_version_as_words)
{
	ARGV("--help", "--version");

	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'h');
	ck_assert_int_eq(pflowi_options_next(&o, &problem), 'V');
}
END_TEST

START_TEST(test_options_unknown_or_without_value_are_refused)
{
	static const struct {
		const char *word;
		const char *text;
	} bad[] = { { "-x", "unknown option -x, see --help" },
		{ "-:", "unknown option -:, see --help" },
		{ "--json", "unknown option --json, see --help" },
		{ "-n", "option -n has no value, see --help" } };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ARGV(bad[i].word);

		ck_assert_int_eq(pflowi_options_next(&o, &problem),
		    PFLOWI_OPTION_BAD);
		ck_assert_str_eq(problem.text, bad[i].text);
	}
}
END_TEST

Suite *
suite_options(void)
{
	Suite *s = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, test_options_may_be_grouped_and_values_glued);
	tcase_add_test(tc, test_options_end_at_the_first_operand);
	tcase_add_test(tc, test_options_end_behind_two_dashes);
	tcase_add_test(tc, test_options_know_help_and_version_as_words);
	tcase_add_test(tc, test_options_unknown_or_without_value_are_refused);
	suite_add_tcase(s, tc);
	return s;
}
