/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <pflow/element.h>

Suite *suite_element(void);

START_TEST(test_elements_are_sorted_and_found_both_ways)
{
	size_t i, n;
	const struct pflow_element *e = pflow_elements(&n);

	ck_assert_uint_gt(n, 200);
	for (i = 0; i < n; i++) {
		if (i > 0)
			ck_assert_uint_gt(e[i].id, e[i - 1].id);
		ck_assert_ptr_eq(pflow_element_by_id(e[i].id), &e[i]);
		ck_assert_ptr_eq(pflow_element_by_name(e[i].name,
		    strlen(e[i].name)), &e[i]);
		ck_assert_int_eq(pflow_element_fits(&e[i], e[i].octets), 1);
	}
	ck_assert_ptr_null(pflow_element_by_id(0));
	ck_assert_ptr_null(pflow_element_by_id(32767));
	ck_assert_ptr_null(pflow_element_by_name("octetDelta", 10));
	ck_assert_ptr_null(pflow_element_by_name("", 0));
	ck_assert_str_eq(pflow_element_by_id(153)->name,
	    "flowEndMilliseconds");
	ck_assert_uint_eq(pflow_element_by_name("octetDeltaCountX", 15)->id, 1);
}
END_TEST

START_TEST(test_ENC_12_and_14_only_integers_and_float64_may_be_reduced)
{
	static const struct {
		uint16_t id, octets;
		int fits;
	} cases[] = {
		{ 1, 8, 1 }, { 1, 5, 1 }, { 1, 1, 1 }, { 1, 9, 0 },
		{ 1, 0, 0 },   { 4, 1, 1 },  { 4, 2, 0 },
		{ 8, 4, 1 },   { 8, 3, 0 },  { 27, 16, 1 }, { 27, 8, 0 },
		{ 56, 6, 1 },  { 56, 5, 0 }, { 152, 8, 1 }, { 152, 4, 0 },
		{ 150, 4, 1 }, { 150, 2, 0 },{ 154, 8, 1 }, { 154, 7, 0 },
		{ 276, 1, 1 }, { 276, 2, 0 },{ 311, 8, 1 }, { 311, 4, 1 },
		{ 311, 6, 0 }, { 82, 32, 1 },{ 82, 65535, 1 }, { 82, 0, 0 },
		{ 520, 32, 1 }, { 520, 3, 1 }, { 520, 33, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(pflow_element_fits(
		    pflow_element_by_id(cases[i].id), cases[i].octets) ==
		    cases[i].fits, "%u/%u", cases[i].id, cases[i].octets);
}
END_TEST

START_TEST(test_the_registry_is_what_the_list_says)
{
	FILE *f = fopen(PFLOW_TEST_DIR "/unit/core/elements.txt", "r");
	char want[128], got[128];
	size_t i = 0, n;
	const struct pflow_element *e = pflow_elements(&n);

	ck_assert_ptr_nonnull(f);
	while (fgets(want, sizeof(want), f) != NULL) {
		if (want[0] == '#')
			continue;
		ck_assert_uint_lt(i, n);
		(void)snprintf(got, sizeof(got), "%u %s %u %u %u %u\n",
		    e[i].id, e[i].name, e[i].type, e[i].octets, e[i].units,
		    e[i].semantics);
		ck_assert_str_eq(got, want);
		i++;
	}
	ck_assert_uint_eq(i, n);
	fclose(f);
}
END_TEST

Suite *
suite_element(void)
{
	Suite *s = suite_create("element");
	TCase *tc = tcase_create("element");

	tcase_add_test(tc, test_elements_are_sorted_and_found_both_ways);
	tcase_add_test(tc,
	    test_ENC_12_and_14_only_integers_and_float64_may_be_reduced);
	tcase_add_test(tc, test_the_registry_is_what_the_list_says);
	suite_add_tcase(s, tc);
	return s;
}
