/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "common/states.h"

Suite *suite_plan(void);

START_TEST(test_named_lists_are_all_good_and_unknown_names_are_none)
{
	static const struct {
		const char *name;
		uint16_t version;
	} cases[] = { { "standard", 10 }, { "extended", 10 },
		{ "standard-v9", 9 }, { "extended-v9", 9 } };
	size_t i, n, bad;

	for (i = 0; i < 4; i++) {
		const struct pflow_field *f =
		    pflow_template_named(cases[i].name, &n);

		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(pflow_template_check(f, n, cases[i].version,
		    &bad), PFLOW_OK);
		ck_assert_uint_eq(bad, n);
	}
	ck_assert_ptr_null(pflow_template_named("extende", &n));
	ck_assert_ptr_null(pflow_template_named("", &n));
}
END_TEST

START_TEST(test_template_check_names_the_field_that_is_wrong)
{
	static const struct {
		struct pflow_field field;
		uint16_t version;
		int status;
	} cases[] = {
		{ { 1, 8, 0 }, 10, PFLOW_OK },
		{ { 1, 4, 0 }, 10, PFLOW_OK },
		{ { 1, 9, 0 }, 10, PFLOW_ERR_RANGE },
		{ { 1, 0, 0 }, 10, PFLOW_ERR_RANGE },
		{ { 8, 3, 0 }, 10, PFLOW_ERR_RANGE },
		{ { 1, 65535, 0 }, 10, PFLOW_ERR_RANGE },
		{ { 0, 4, 0 }, 10, PFLOW_ERR_INVALID },
		{ { 32768, 4, 0 }, 10, PFLOW_ERR_INVALID },
		{ { 34, 4, 0 }, 10, PFLOW_ERR_NOTFOUND },
		{ { 9999, 4, 0 }, 10, PFLOW_ERR_NOTFOUND },
		{ { 1, 8, 29305 }, 10, PFLOW_OK },
		{ { 152, 8, 29305 }, 10, PFLOW_ERR_NOTFOUND },
		{ { 77, 65535, 64512 }, 10, PFLOW_OK },
		{ { 77, 0, 64512 }, 10, PFLOW_ERR_RANGE },
		{ { 77, 4, 64512 }, 9, PFLOW_ERR_UNSUPPORTED },
		{ { 1, 4, 0 }, 9, PFLOW_OK },
	};
	struct pflow_field fields[PFLOW_TEMPLATE_FIELDS_MAX + 1];
	size_t i, bad;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fields[0] = cases[0].field;
		fields[1] = cases[i].field;
		ck_assert_msg(pflow_template_check(fields, 2, cases[i].version,
		    &bad) == cases[i].status, "case %zu", i);
		ck_assert_uint_eq(bad, cases[i].status == PFLOW_OK ? 2 : 1);
	}
	for (i = 0; i <= PFLOW_TEMPLATE_FIELDS_MAX; i++)
		fields[i] = cases[0].field;
	ck_assert_int_eq(pflow_template_check(fields, 0, 10, &bad),
	    PFLOW_ERR_INVALID);
	ck_assert_int_eq(pflow_template_check(fields,
	    PFLOW_TEMPLATE_FIELDS_MAX + 1, 10, &bad), PFLOW_ERR_INVALID);
	ck_assert_int_eq(pflow_template_check(fields,
	    PFLOW_TEMPLATE_FIELDS_MAX, 10, &bad), PFLOW_OK);
}
END_TEST

Suite *
suite_plan(void)
{
	Suite *s = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_add_test(tc,
	    test_named_lists_are_all_good_and_unknown_names_are_none);
	tcase_add_test(tc, test_template_check_names_the_field_that_is_wrong);
	suite_add_tcase(s, tc);
	return s;
}
