/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/words.h"

Suite *suite_words(void);

#define MAX 8

static size_t
split(char *line, char **words)
{
	struct pflowi_problem problem;
	size_t count = 99;

	ck_assert_int_eq(pflowi_words_split(line, words, MAX, &count, &problem),
	    PFLOW_OK);
	return count;
}

START_TEST(test_words_are_split_at_blanks_and_end_at_a_comment)
{
	char line[] = "  dst\t10.0.0.2:1234  proto 10 # why 10\n";
	char *words[MAX];

	ck_assert_uint_eq(split(line, words), 4);
	ck_assert_str_eq(words[0], "dst");
	ck_assert_str_eq(words[1], "10.0.0.2:1234");
	ck_assert_str_eq(words[3], "10");
}
END_TEST

START_TEST(test_words_in_quotes_keep_blanks_and_know_escapes)
{
	char line[] = "filter \"tcp and \\\"port\\\" \\\\ \\n\" \"\" a#b";
	char *words[MAX];

	ck_assert_uint_eq(split(line, words), 4);
	ck_assert_str_eq(words[1], "tcp and \"port\" \\ \n");
	ck_assert_str_eq(words[2], "");
	ck_assert_str_eq(words[3], "a#b");
}
END_TEST

START_TEST(test_words_that_are_badly_quoted_are_refused_with_their_place)
{
	static const char *const bad[] = { "a \"b", "a \"b\"c", "a \"\\x\"",
		"a \"b\\" };
	struct pflowi_problem problem;
	char line[32], *words[MAX];
	size_t i, count;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(line, bad[i]);
		ck_assert_int_eq(pflowi_words_split(line, words, MAX, &count,
		    &problem), PFLOW_ERR_INVALID);
		ck_assert_uint_eq(problem.at, 1);
		ck_assert_str_eq(problem.text, "bad quotes, expected \"...\" "
		    "with \\\" and \\\\ inside and a space behind");
	}
}
END_TEST

START_TEST(test_words_too_many_are_refused)
{
	struct pflowi_problem problem;
	char line[] = "1 2 3 4 5 6 7 8 9", *words[MAX];
	size_t count;

	ck_assert_int_eq(pflowi_words_split(line, words, MAX, &count, &problem),
	    PFLOW_ERR_NOSPACE);
	ck_assert_str_eq(problem.text, "too many words, expected at most 8");
}
END_TEST

START_TEST(test_words_printed_are_split_into_the_same_words)
{
	static const char *const tricky[] = { "plain", "", "two words",
		"quote\"inside", "back\\slash", "#hash", "tab\tnew\nline\r",
		"a#b" };
	char line[256] = "", *words[MAX];
	size_t i, at = 0;

	for (i = 0; i < MAX; i++)
		ck_assert_int_eq(pflowi_words_append(line, sizeof(line), &at,
		    tricky[i]), PFLOW_OK);
	ck_assert_uint_eq(split(line, words), MAX);
	for (i = 0; i < MAX; i++)
		ck_assert_str_eq(words[i], tricky[i]);
}
END_TEST

START_TEST(test_words_append_refuses_what_does_not_fit_and_changes_nothing)
{
	char line[8] = "";
	size_t at = 0;

	ck_assert_int_eq(pflowi_words_append(line, sizeof(line), &at, "abcd"),
	    PFLOW_OK);
	ck_assert_int_eq(pflowi_words_append(line, sizeof(line), &at, "efg"),
	    PFLOW_ERR_NOSPACE);
	ck_assert_str_eq(line, "abcd");
	ck_assert_int_eq(pflowi_words_append(line, sizeof(line), &at, "ef"),
	    PFLOW_OK);
	ck_assert_str_eq(line, "abcd ef");
}
END_TEST

Suite *
suite_words(void)
{
	Suite *s = suite_create("words");
	TCase *tc = tcase_create("words");

	tcase_add_test(tc, test_words_are_split_at_blanks_and_end_at_a_comment);
	tcase_add_test(tc, test_words_in_quotes_keep_blanks_and_know_escapes);
	tcase_add_test(tc,
	    test_words_that_are_badly_quoted_are_refused_with_their_place);
	tcase_add_test(tc, test_words_too_many_are_refused);
	tcase_add_test(tc,
	    test_words_printed_are_split_into_the_same_words);
	tcase_add_test(tc,
	    test_words_append_refuses_what_does_not_fit_and_changes_nothing);
	suite_add_tcase(s, tc);
	return s;
}
