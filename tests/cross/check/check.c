/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/** An emulated processor takes its time: Check's limits, this many times. */
#define PATIENCE 30
#define DEFAULT_SECONDS 4

struct check_test {
	struct check_test *next;
	const char *name;
	check_test_fn *fn;
	int from, to;
};

struct check_case {
	struct check_case *next;
	struct check_test *tests, **end;
	check_fixture_fn *setup, *teardown;
	unsigned seconds;
};

struct check_suite {
	struct check_suite *next;
	const char *name;
	struct check_case *cases, **end;
};

struct check_runner {
	struct check_suite *suites, **end;
	int run, failed;
};

static void *
get(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

Suite *
suite_create(const char *name)
{
	Suite *s = get(sizeof(*s));

	s->name = name;
	s->end = &s->cases;
	return s;
}

void
suite_add_tcase(Suite *s, TCase *tc)
{
	*s->end = tc;
	s->end = &tc->next;
}

TCase *
tcase_create(const char *name)
{
	TCase *tc = get(sizeof(*tc));

	(void)name;
	tc->end = &tc->tests;
	tc->seconds = DEFAULT_SECONDS;
	return tc;
}

void
tcase_set_timeout(TCase *tc, double seconds)
{
	tc->seconds = (unsigned)seconds + 1;
}

void
tcase_add_checked_fixture(TCase *tc, check_fixture_fn *setup,
    check_fixture_fn *teardown)
{
	tc->setup = setup;
	tc->teardown = teardown;
}

void
check_add(TCase *tc, const char *name, check_test_fn *fn, int from, int to)
{
	struct check_test *t = get(sizeof(*t));

	t->name = name;
	t->fn = fn;
	t->from = from;
	t->to = to;
	*tc->end = t;
	tc->end = &t->next;
}

SRunner *
srunner_create(Suite *s)
{
	SRunner *sr = get(sizeof(*sr));

	sr->end = &sr->suites;
	if (s != NULL)
		srunner_add_suite(sr, s);
	return sr;
}

void
srunner_add_suite(SRunner *sr, Suite *s)
{
	*sr->end = s;
	sr->end = &s->next;
}

static void
run_one(SRunner *sr, const TCase *tc, const struct check_test *t, int i)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		alarm(tc->seconds * PATIENCE);
		if (tc->setup != NULL)
			tc->setup();
		t->fn(i);
		if (tc->teardown != NULL)
			tc->teardown();
		fflush(NULL);
		_exit(EXIT_SUCCESS);
	}
	sr->run++;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == EXIT_SUCCESS)
		return;
	sr->failed++;
	printf("%s:%d: failed", t->name, i);
	if (WIFSIGNALED(status))
		printf(" by signal %d", WTERMSIG(status));
	printf("\n");
}

void
srunner_run_all(SRunner *sr, enum print_output how)
{
	const struct check_suite *s;
	const struct check_case *tc;
	const struct check_test *t;
	int i;

	(void)how;
	for (s = sr->suites; s != NULL; s = s->next) {
		for (tc = s->cases; tc != NULL; tc = tc->next) {
			for (t = tc->tests; t != NULL; t = t->next) {
				for (i = t->from; i < t->to; i++)
					run_one(sr, tc, t, i);
			}
		}
	}
	printf("%d tests, %d failed\n", sr->run, sr->failed);
	/* A program without a test would always succeed. */
	if (sr->run == 0)
		sr->failed = 1;
}

int
srunner_ntests_failed(SRunner *sr)
{
	return sr->failed;
}

void
srunner_free(SRunner *sr)
{
	struct check_suite *s, *next_s;
	struct check_case *tc, *next_tc;
	struct check_test *t, *next_t;

	for (s = sr->suites; s != NULL; s = next_s) {
		next_s = s->next;
		for (tc = s->cases; tc != NULL; tc = next_tc) {
			next_tc = tc->next;
			for (t = tc->tests; t != NULL; t = next_t) {
				next_t = t->next;
				free(t);
			}
			free(tc);
		}
		free(s);
	}
	free(sr);
}

void
check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("%s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(NULL);
	_exit(EXIT_FAILURE);
}

void
check_int(const char *file, int line, const char *what, int holds, intmax_t a,
    intmax_t b)
{
	if (!holds)
		check_fail(file, line, "%s: %jd, %jd", what, a, b);
}

void
check_uint(const char *file, int line, const char *what, int holds,
    uintmax_t a, uintmax_t b)
{
	if (!holds)
		check_fail(file, line, "%s: %ju, %ju", what, a, b);
}

void
check_str(const char *file, int line, const char *what, int want_equal,
    const char *a, const char *b)
{
	int equal = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);

	if (equal != want_equal)
		check_fail(file, line, "%s: \"%s\", \"%s\"", what,
		    a == NULL ? "(null)" : a, b == NULL ? "(null)" : b);
}

void
check_mem(const char *file, int line, const char *what, const void *a,
    const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	size_t i;

	for (i = 0; i < n; i++) {
		if (x[i] != y[i])
			check_fail(file, line,
			    "%s: octet %zu of %zu: %02x, %02x", what, i, n,
			    x[i], y[i]);
	}
}
