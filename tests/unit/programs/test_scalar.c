/* SPDX-License-Identifier: ISC */
#include <check.h>

#include <pflow/status.h>

#include "programs/common/scalar.h"

Suite *suite_scalar(void);

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)

START_TEST(test_number_is_the_whole_word_and_never_wraps)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x10",
		"1e3", "1.0", "abc", "12a" };
	uint64_t v = 7;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(pflowi_parse_u64(bad[i], &v),
		    PFLOW_ERR_INVALID);
	ck_assert_int_eq(pflowi_parse_u64("18446744073709551616", &v),
	    PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflowi_parse_u64("99999999999999999999999", &v),
	    PFLOW_ERR_RANGE);
	ck_assert_uint_eq(v, 7);
	ck_assert_int_eq(pflowi_parse_u64("18446744073709551615", &v),
	    PFLOW_OK);
	ck_assert(v == UINT64_MAX);
	ck_assert_int_eq(pflowi_parse_u64("0", &v), PFLOW_OK);
	ck_assert_uint_eq(v, 0);
}
END_TEST

static const struct {
	const char *word;
	uint64_t octets;
	uint64_t ns;
	const char *normal; /* NULL: refused */
} rotations[] = {
	{ "100M", UINT64_C(100) << 20, 0, "100M" },
	{ "1h", 0, 3600 * SECOND, "1h" },
	{ "90s,512K", UINT64_C(512) << 10, 90 * SECOND, "512K,1m30s" },
	{ "100", 0, 0, NULL },
	{ "", 0, 0, NULL },
	{ "1h,", 0, 0, NULL },
	{ ",1h", 0, 0, NULL },
	{ "1h,2h", 0, 0, NULL },
	{ "1M,2M", 0, 0, NULL },
	{ "0K", 0, 0, NULL },
	{ "0s", 0, 0, NULL },
	{ "1x", 0, 0, NULL },
	{ "1M,1h,1h", 0, 0, NULL },
	{ "99999999999999999999G", 0, 0, NULL },
};

START_TEST(test_rotation_is_a_size_or_a_time_or_both)
{
	char normal[2 * PFLOWI_SCALAR_LEN];
	uint64_t octets = 7, ns = 7;
	int status = pflowi_parse_rotate(rotations[_i].word, &octets, &ns);

	if (rotations[_i].normal == NULL) {
		ck_assert_int_ne(status, PFLOW_OK);
		ck_assert(octets == 7 && ns == 7);
		return;
	}
	ck_assert_int_eq(status, PFLOW_OK);
	ck_assert(octets == rotations[_i].octets && ns == rotations[_i].ns);
	pflowi_print_rotate(normal, octets, ns);
	ck_assert_str_eq(normal, rotations[_i].normal);
}
END_TEST

static const struct {
	const char *word;
	uint64_t ns;
	const char *normal;
} durations[] = {
	{ "0", 0, "0" },
	{ "90", 90 * SECOND, "1m30s" },
	{ "90s", 90 * SECOND, "1m30s" },
	{ "1h30m", 5400 * SECOND, "1h30m" },
	{ "2d", 172800 * SECOND, "2d" },
	{ "500ms", 500 * MS, "500ms" },
	{ "1m500ms", 60 * SECOND + 500 * MS, "1m500ms" },
	{ "1d2h3m4s5ms", 93784 * SECOND + 5 * MS, "1d2h3m4s5ms" },
	{ "25h", 90000 * SECOND, "1d1h" },
};

START_TEST(test_duration_has_units_and_a_normal_form)
{
	char normal[PFLOWI_SCALAR_LEN];
	uint64_t ns = 1, again = 2;

	ck_assert_int_eq(pflowi_parse_duration(durations[_i].word, &ns),
	    PFLOW_OK);
	ck_assert(ns == durations[_i].ns);
	pflowi_print_duration(normal, ns);
	ck_assert_str_eq(normal, durations[_i].normal);
	ck_assert_int_eq(pflowi_parse_duration(normal, &again), PFLOW_OK);
	ck_assert(again == ns);
}
END_TEST

START_TEST(test_duration_refuses_nonsense_and_overflow)
{
	static const char *const bad[] = { "", "s", "1y", "1m1h", "1h1h", "1h30",
		"-5", "1 h", "1hm", "1ms5s", "1.5s" };
	uint64_t ns = 7;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(pflowi_parse_duration(bad[i], &ns) ==
		    PFLOW_ERR_INVALID, "'%s' was taken", bad[i]);
	ck_assert_int_eq(pflowi_parse_duration("18446744074", &ns),
	    PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflowi_parse_duration("213504d", &ns),
	    PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflowi_parse_duration("213503d999999999s", &ns),
	    PFLOW_ERR_RANGE);
	ck_assert_uint_eq(ns, 7);
}
END_TEST

START_TEST(test_size_counts_in_1024_and_prints_the_largest_whole_unit)
{
	static const struct {
		const char *word;
		uint64_t octets;
		const char *normal;
	} sizes[] = { { "0", 0, "0" }, { "1000", 1000, "1000" },
		{ "1024", 1024, "1K" }, { "256M", 268435456, "256M" },
		{ "2048M", UINT64_C(2147483648), "2G" },
		{ "1048577", 1048577, "1048577" } };
	static const char *const bad[] = { "", "M", "1T", "1MB", "1 M", "-1",
		"1M1K" };
	char normal[PFLOWI_SCALAR_LEN];
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ck_assert_int_eq(pflowi_parse_size(sizes[i].word, &v),
		    PFLOW_OK);
		ck_assert(v == sizes[i].octets);
		pflowi_print_size(normal, v);
		ck_assert_str_eq(normal, sizes[i].normal);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(pflowi_parse_size(bad[i], &v),
		    PFLOW_ERR_INVALID);
	ck_assert_int_eq(pflowi_parse_size("17179869184G", &v),
	    PFLOW_ERR_RANGE);
}
END_TEST

Suite *
suite_scalar(void)
{
	Suite *s = suite_create("scalar");
	TCase *tc = tcase_create("scalar");

	tcase_add_test(tc, test_number_is_the_whole_word_and_never_wraps);
	tcase_add_loop_test(tc, test_rotation_is_a_size_or_a_time_or_both, 0,
	    sizeof(rotations) / sizeof(rotations[0]));
	tcase_add_loop_test(tc, test_duration_has_units_and_a_normal_form, 0,
	    sizeof(durations) / sizeof(durations[0]));
	tcase_add_test(tc, test_duration_refuses_nonsense_and_overflow);
	tcase_add_test(tc,
	    test_size_counts_in_1024_and_prints_the_largest_whole_unit);
	suite_add_tcase(s, tc);
	return s;
}
