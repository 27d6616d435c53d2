/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/sources.h>

Suite *suite_registry(void);

START_TEST(test_every_kind_has_name_help_and_create)
{
	size_t i, n;
	const struct pflow_source_kind *const *kinds = pflow_source_kinds(&n);

	ck_assert_uint_ge(n, 6);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_nonnull(kinds[i]->name);
		ck_assert_ptr_nonnull(kinds[i]->argument);
		ck_assert_ptr_nonnull(kinds[i]->help);
		ck_assert_ptr_nonnull(kinds[i]->create);
	}
}
END_TEST

START_TEST(test_unavailable_kinds_refuse_with_one_line_that_names_them)
{
	size_t i, n;
	const struct pflow_source_kind *const *kinds = pflow_source_kinds(&n);

	for (i = 0; i < n; i++) {
		struct pflow_source_config cfg;
		struct pflow_source *src;
		char err[200];

		if (kinds[i]->available)
			continue;
		pflow_source_config_init(&cfg);
		src = (struct pflow_source *)&cfg;
		ck_assert_int_eq(kinds[i]->create("x", &cfg, &src, err,
		    sizeof(err)), PFLOW_ERR_UNSUPPORTED);
		ck_assert_ptr_null(src);
		ck_assert_ptr_eq(strstr(err, kinds[i]->name), err);
		ck_assert_ptr_null(strchr(err, '\n'));
	}
}
END_TEST

START_TEST(test_unknown_word_is_refused_and_named)
{
	static const char *const words[] = { "", "pcap", "frobnicate:x",
		":x", "pca:x", "pcap2:x" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct pflow_source *src = NULL;
		char err[200];

		ck_assert_int_eq(pflow_source_create(words[i], NULL, &src, err,
		    sizeof(err)), PFLOW_ERR_INVALID);
		ck_assert_ptr_null(src);
		ck_assert_ptr_eq(strstr(err, words[i]), err);
		ck_assert_ptr_nonnull(strstr(err, "expected one of"));
	}
}
END_TEST

Suite *
suite_registry(void)
{
	Suite *s = suite_create("sources/registry");
	TCase *t = tcase_create("registry");

	tcase_add_test(t, test_every_kind_has_name_help_and_create);
	tcase_add_test(t,
	    test_unavailable_kinds_refuse_with_one_line_that_names_them);
	tcase_add_test(t, test_unknown_word_is_refused_and_named);
	suite_add_tcase(s, t);
	return s;
}
