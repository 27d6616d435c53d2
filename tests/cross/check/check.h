/* SPDX-License-Identifier: ISC */
/*
 * As much of the Check library's interface as tests/unit uses, for systems
 * that have no package of it. Each test runs in a process of its own, as
 * there.
 */
#ifndef PFLOW_TEST_CHECK_H
#define PFLOW_TEST_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct check_suite Suite;
typedef struct check_case TCase;
typedef struct check_runner SRunner;

typedef void check_test_fn(int i);
typedef void check_fixture_fn(void);

enum print_output { CK_SILENT, CK_MINIMAL, CK_NORMAL, CK_VERBOSE, CK_ENV };

Suite *suite_create(const char *name);
void suite_add_tcase(Suite *s, TCase *tc);
TCase *tcase_create(const char *name);
void tcase_set_timeout(TCase *tc, double seconds);
void tcase_add_checked_fixture(TCase *tc, check_fixture_fn *setup,
    check_fixture_fn *teardown);
SRunner *srunner_create(Suite *s);
void srunner_add_suite(SRunner *sr, Suite *s);
void srunner_run_all(SRunner *sr, enum print_output how);
int srunner_ntests_failed(SRunner *sr);
void srunner_free(SRunner *sr);

/** One test, or one for each _i from `from` to before `to`. */
void check_add(TCase *tc, const char *name, check_test_fn *fn, int from,
    int to);
/** Tell where and what, and end the test. */
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_int(const char *file, int line, const char *what, int holds,
    intmax_t a, intmax_t b);
void check_uint(const char *file, int line, const char *what, int holds,
    uintmax_t a, uintmax_t b);
void check_str(const char *file, int line, const char *what, int want_equal,
    const char *a, const char *b);
void check_mem(const char *file, int line, const char *what, const void *a,
    const void *b, size_t n);

#define START_TEST(name) static void name(int _i __attribute__((unused)))
#define END_TEST
#define tcase_add_test(tc, fn) check_add(tc, #fn, fn, 0, 1)
#define tcase_add_loop_test(tc, fn, from, to) check_add(tc, #fn, fn, from, to)

#define CHECK_AT __FILE__, __LINE__
#define ck_abort_msg(...) check_fail(CHECK_AT, __VA_ARGS__)
#define ck_assert_msg(cond, ...)                                               \
	((cond) ? (void)0 : check_fail(CHECK_AT, __VA_ARGS__))
#define ck_assert(cond)                                                        \
	((cond) ? (void)0 : check_fail(CHECK_AT, "%s", #cond))

#define CHECK_NUMBERS(function, type, a, op, b)                                \
	do {                                                                   \
		type check_a = (a);                                            \
		type check_b = (b);                                            \
		function(CHECK_AT, #a " " #op " " #b, check_a op check_b,      \
		    check_a, check_b);                                         \
	} while (0)
#define CHECK_INT(a, op, b) CHECK_NUMBERS(check_int, intmax_t, a, op, b)
#define CHECK_UINT(a, op, b) CHECK_NUMBERS(check_uint, uintmax_t, a, op, b)
#define ck_assert_int_eq(a, b) CHECK_INT(a, ==, b)
#define ck_assert_int_ne(a, b) CHECK_INT(a, !=, b)
#define ck_assert_int_lt(a, b) CHECK_INT(a, <, b)
#define ck_assert_int_le(a, b) CHECK_INT(a, <=, b)
#define ck_assert_int_gt(a, b) CHECK_INT(a, >, b)
#define ck_assert_int_ge(a, b) CHECK_INT(a, >=, b)
#define ck_assert_uint_eq(a, b) CHECK_UINT(a, ==, b)
#define ck_assert_uint_ne(a, b) CHECK_UINT(a, !=, b)
#define ck_assert_uint_lt(a, b) CHECK_UINT(a, <, b)
#define ck_assert_uint_le(a, b) CHECK_UINT(a, <=, b)
#define ck_assert_uint_gt(a, b) CHECK_UINT(a, >, b)
#define ck_assert_uint_ge(a, b) CHECK_UINT(a, >=, b)

#define CHECK_POINTERS(a, op, b)                                               \
	do {                                                                   \
		const void *check_a = (a), *check_b = (b);                     \
		check_uint(CHECK_AT, #a " " #op " " #b, check_a op check_b,    \
		    (uintptr_t)check_a, (uintptr_t)check_b);                   \
	} while (0)
#define ck_assert_ptr_eq(a, b) CHECK_POINTERS(a, ==, b)
#define ck_assert_ptr_ne(a, b) CHECK_POINTERS(a, !=, b)
#define ck_assert_ptr_null(a) CHECK_POINTERS(a, ==, NULL)
#define ck_assert_ptr_nonnull(a) CHECK_POINTERS(a, !=, NULL)

#define ck_assert_str_eq(a, b) check_str(CHECK_AT, #a " == " #b, 1, a, b)
#define ck_assert_str_ne(a, b) check_str(CHECK_AT, #a " != " #b, 0, a, b)
#define ck_assert_pstr_eq(a, b) check_str(CHECK_AT, #a " == " #b, 1, a, b)
#define ck_assert_mem_eq(a, b, n) check_mem(CHECK_AT, #a " == " #b, a, b, n)

#endif /* PFLOW_TEST_CHECK_H */
