/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/pflow.h>

Suite *suite_status(void);

START_TEST(test_status_every_one_has_a_name_a_text_and_its_own_value)
{
	static const int values[] = {
#define VALUE(name, value, text) PFLOW_##name,
		PFLOW_STATUS_LIST(VALUE)
#undef VALUE
	};
	size_t i, j, n = sizeof(values) / sizeof(values[0]);

	for (i = 0; i < n; i++) {
		ck_assert_str_ne(pflow_status_text(values[i]),
		    "unknown status");
		ck_assert_int_eq(strncmp(pflow_status_name(values[i]),
		    "PFLOW_", 6), 0);
		for (j = 0; j < i; j++)
			ck_assert_int_ne(values[i], values[j]);
		/* pump()'s "more" is the only positive one. */
		ck_assert(values[i] <= 0 || values[i] == PFLOW_MORE);
	}
	ck_assert_str_eq(pflow_status_name(PFLOW_ERR_AGAIN), "PFLOW_ERR_AGAIN");
	ck_assert_str_eq(pflow_status_text(-9999), "unknown status");
	ck_assert_str_eq(pflow_status_name(9999), "PFLOW_?");
}
END_TEST

START_TEST(test_library_version_is_the_headers)
{
	ck_assert_str_eq(pflow_library_version(), PFLOW_LIBRARY_VERSION);
}
END_TEST

Suite *
suite_status(void)
{
	Suite *s = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_test(tc,
	    test_status_every_one_has_a_name_a_text_and_its_own_value);
	tcase_add_test(tc, test_library_version_is_the_headers);
	suite_add_tcase(s, tc);
	return s;
}
