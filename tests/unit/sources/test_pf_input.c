/* SPDX-License-Identifier: ISC */
/* A saved table as raw states, whatever wrote it. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <fcntl.h>
#include <string.h>

#include <pflow/status.h>

#include "pf_run.h"
#include "sources/pf_input.h"

Suite *suite_pf_input(void);

static struct pflowi_pf_input in;
static char path[64];

static const char one_state[] =
    "all udp 192.0.2.7:5353 -> 198.51.100.9:53       MULTIPLE:MULTIPLE\n"
    "   age 00:00:09, expires in 00:00:50, 3:2 pkts, 180:120 bytes, rule 7\n"
    "   id: 0000000000001234 creatorid: a1b2c3d4\n";

static void
open_octets(const void *p, size_t len, const struct pflowi_pf_format *format)
{
	pf_write_file(path, p, len);
	ck_assert_msg(pflowi_pf_input_open(&in, path, format, NULL) == PFLOW_OK,
	    "%s", in.error);
}

static void
close_it(void)
{
	pflowi_pf_input_close(&in);
	pflowi_pf_input_close(&in); /* twice does no harm */
	unlink(path);
}

/** States up to the end, and what ended it. */
static int
count(size_t *n)
{
	struct pflowi_pf_raw raw;
	int rc;

	for (*n = 0; (rc = pflowi_pf_input_next(&in, &raw)) == PFLOW_OK; ++*n)
		ck_assert_uint_lt(*n, 100000);
	return rc;
}

START_TEST(test_a_table_larger_than_the_window_comes_whole)
{
	enum { N = 3000 }; /* 792,000 octets: three windows and some */
	struct gen_state st = gen_example[0].st;
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw raw;
	uint64_t i;

	for (i = 0; i < N; i++) {
		st.id = i + 1;
		gen_state(&b, GEN_OPENBSD, &st);
	}
	open_octets(b.p, b.len, NULL);
	ck_assert(in.regular);
	ck_assert_uint_eq(in.size, b.len);
	for (i = 0; i < N; i++) {
		ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_OK);
		ck_assert_uint_eq(raw.id, i + 1);
		ck_assert_uint_eq(in.done + in.pos, (i + 1) * 264);
	}
	ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_EOF);
	ck_assert_uint_eq(in.left_over, 0);
	ck_assert_uint_eq(in.format.layout, PFLOWI_PF_LAYOUT_openbsd);
	close_it();
	gen_free(&b);
}
END_TEST

START_TEST(test_what_is_no_whole_record_is_counted)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_format format = { .layout = PFLOWI_PF_LAYOUT_openbsd,
		.order = PFLOWI_PF_BIG };
	size_t n, cut;

	gen_state(&b, GEN_OPENBSD, &gen_example[0].st);
	gen_state(&b, GEN_OPENBSD, &gen_example[1].st);
	for (cut = 0; cut < 264; cut += 7) {
		open_octets(b.p, 264 + cut, &format);
		ck_assert_int_eq(count(&n), PFLOW_EOF);
		ck_assert_uint_eq(n, 1);
		ck_assert_uint_eq(in.left_over, cut);
		close_it();
	}
	gen_free(&b);
}
END_TEST

START_TEST(test_text_is_read_line_by_line)
{
	struct pflowi_pf_raw raw;

	open_octets(one_state, sizeof(one_state) - 1, NULL);
	ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_OK);
	ck_assert(in.format.text);
	ck_assert_uint_eq(raw.bytes[0], 180);
	ck_assert_uint_eq(raw.packets[1], 2);
	ck_assert_uint_eq(raw.id, 0x1234);
	ck_assert_uint_eq(raw.creatorid, 0xa1b2c3d4);
	ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_EOF);
	close_it();
}
END_TEST

START_TEST(test_a_line_longer_than_any_is_stepped_over)
{
	static char text[PFLOWI_PF_WINDOW + 4096];
	size_t long_line = sizeof(text) - 2 * (sizeof(one_state) - 1) - 1, n;

	/* Longer than the window itself, between two states. */
	memcpy(text, one_state, sizeof(one_state) - 1);
	memset(text + sizeof(one_state) - 1, 'x', long_line);
	text[sizeof(one_state) - 1 + long_line] = '\n';
	memcpy(text + sizeof(one_state) + long_line, one_state,
	    sizeof(one_state) - 1);
	open_octets(text, sizeof(text), NULL);
	ck_assert_int_eq(count(&n), PFLOW_EOF);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(in.long_lines, 1);
	close_it();
}
END_TEST

START_TEST(test_a_named_format_is_believed)
{
	static const uint8_t zeros[264];
	struct pflowi_pf_format format = { .layout = PFLOWI_PF_LAYOUT_openbsd,
		.order = PFLOWI_PF_BIG };
	size_t n;

	open_octets(zeros, sizeof(zeros), &format);
	ck_assert_int_eq(count(&n), PFLOW_EOF);
	ck_assert_uint_eq(n, 1);
	close_it();
	open_octets(zeros, sizeof(zeros), NULL);
	ck_assert_int_eq(count(&n), PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_eq(strstr(in.error, path), in.error);
	ck_assert_ptr_null(strchr(in.error, '\n'));
	close_it();
}
END_TEST

START_TEST(test_an_empty_file_is_an_empty_table)
{
	size_t n;

	open_octets("", 0, NULL);
	ck_assert_int_eq(count(&n), PFLOW_EOF);
	ck_assert_uint_eq(n, 0);
	close_it();
}
END_TEST

START_TEST(test_what_cannot_be_opened_is_named)
{
	ck_assert_int_eq(pflowi_pf_input_open(&in, "/nowhere/table", NULL,
	    NULL), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_eq(strstr(in.error, "/nowhere/table: "), in.error);
	pflowi_pf_input_close(&in);
	ck_assert_int_eq(pflowi_pf_input_open(&in, "/tmp", NULL, NULL),
	    PFLOW_ERR_SYSTEM);
	ck_assert_ptr_eq(strstr(in.error, "/tmp: "), in.error);
	pflowi_pf_input_close(&in);
}
END_TEST

START_TEST(test_a_pipe_with_nothing_in_it_is_not_waited_for)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw raw;
	char name[32];
	int fd[2];
	size_t i, n;

	for (i = 0; i < 4; i++)
		gen_state(&b, GEN_OPENBSD, &gen_example[i].st);
	ck_assert_int_eq(pipe(fd), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	ck_assert_int_eq(pflowi_pf_input_open(&in, name, NULL, NULL), PFLOW_OK);
	ck_assert(!in.regular);
	ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(write(fd[1], b.p, 300), 300);
	/* Not enough to know what it is, while there may be more. */
	ck_assert_int_eq(pflowi_pf_input_next(&in, &raw), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(write(fd[1], b.p + 300, b.len - 300), b.len - 300);
	close(fd[1]);
	ck_assert_int_eq(count(&n), PFLOW_EOF);
	ck_assert_uint_eq(n, 4);
	pflowi_pf_input_close(&in);
	close(fd[0]);
	gen_free(&b);
}
END_TEST

Suite *
suite_pf_input(void)
{
	Suite *s = suite_create("sources/pf_input");
	TCase *t = tcase_create("pf_input");

	tcase_add_test(t, test_a_table_larger_than_the_window_comes_whole);
	tcase_add_test(t, test_what_is_no_whole_record_is_counted);
	tcase_add_test(t, test_text_is_read_line_by_line);
	tcase_add_test(t, test_a_line_longer_than_any_is_stepped_over);
	tcase_add_test(t, test_a_named_format_is_believed);
	tcase_add_test(t, test_an_empty_file_is_an_empty_table);
	tcase_add_test(t, test_what_cannot_be_opened_is_named);
	tcase_add_test(t, test_a_pipe_with_nothing_in_it_is_not_waited_for);
	suite_add_tcase(s, t);
	return s;
}
