/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>

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

/** A list as words: element/octets. */
static const char *
words_of(const char *name, char *out, size_t size)
{
	size_t i, n, at = 0;
	const struct pflow_field *f = pflow_template_named(name, &n);

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%u/%u",
		    i > 0 ? " " : "", f[i].element, f[i].length);
	return out;
}

START_TEST(test_named_lists_have_the_fields_that_collectors_know)
{
	char out[512];

	ck_assert_str_eq(words_of("standard", out, sizeof(out)),
	    "8/4 12/4 27/16 28/16 10/4 14/4 2/8 1/8 152/8 153/8 7/2 "
	    "11/2 5/1 4/1");
	ck_assert_str_eq(words_of("standard-v9", out, sizeof(out)),
	    "8/4 12/4 27/16 28/16 10/4 14/4 2/8 1/8 22/4 21/4 7/2 11/2 "
	    "5/1 4/1");
	ck_assert_str_eq(words_of("extended", out, sizeof(out)),
	    "8/4 12/4 27/16 28/16 7/2 11/2 4/1 60/1 6/1 5/1 136/1 152/8 "
	    "153/8 1/8 2/8 10/4 14/4 61/1 32/2 139/2 58/2 148/8 225/4 "
	    "226/4 281/16 282/16 227/2 228/2");
	ck_assert_str_eq(words_of("extended-v9", out, sizeof(out)),
	    "8/4 12/4 27/16 28/16 7/2 11/2 4/1 60/1 6/1 5/1 136/1 22/4 "
	    "21/4 1/8 2/8 10/4 14/4 61/1 32/2 139/2 58/2 148/8 225/4 "
	    "226/4 281/16 282/16 227/2 228/2");
}
END_TEST

START_TEST(test_the_elements_that_states_feed_are_just_these)
{
	static const uint16_t fed[] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14,
		21, 22, 27, 28, 32, 58, 60, 61, 136, 139, 148, 149, 150, 151,
		152, 153, 154, 155, 156, 157, 160, 161, 162, 176, 177, 178,
		179, 180, 181, 182, 183, 195, 196, 206, 210, 225, 226, 227,
		228, 230, 233, 239, 243, 281, 282, 297, 323 };
	static const uint16_t reverse[] = { 1, 2, 6 };
	size_t at = 0, back = 0, bad;
	uint16_t id;

	for (id = 1; id <= 32767; id++) {
		const struct pflow_element *e = pflow_element_by_id(id);
		struct pflow_field f = { id, e != NULL ? e->octets : 4, 0 };
		int want = PFLOW_ERR_NOTFOUND;

		if (f.length == 65535)
			f.length = 4;
		if (at < sizeof(fed) / sizeof(fed[0]) && fed[at] == id)
			want = PFLOW_OK, at++;
		if (pflow_template_check(&f, 1, 10, &bad) != want)
			ck_abort_msg("element %u", id);
		want = PFLOW_ERR_NOTFOUND;
		f.enterprise = PFLOW_REVERSE_PEN;
		if (back < 3 && reverse[back] == id)
			want = PFLOW_OK, back++;
		if (pflow_template_check(&f, 1, 10, &bad) != want)
			ck_abort_msg("reverse element %u", id);
	}
	ck_assert_uint_eq(at, sizeof(fed) / sizeof(fed[0]));
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
	    test_named_lists_have_the_fields_that_collectors_know);
	tcase_add_test(tc,
	    test_named_lists_are_all_good_and_unknown_names_are_none);
	tcase_add_test(tc, test_the_elements_that_states_feed_are_just_these);
	tcase_add_test(tc, test_template_check_names_the_field_that_is_wrong);
	suite_add_tcase(s, tc);
	return s;
}
