/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "pf_run.h"

Suite *suite_pf_source(void);

#define T0 UINT64_C(1700000000)

static const struct pflow_now some_now = { 5, 1690000000 * PF_SECOND };

static struct pflow_source *
create(const char *spec, unsigned active)
{
	struct pflow_source_config cfg;
	struct pflow_source *src;
	char err[400];

	pflow_source_config_init(&cfg);
	cfg.active_ns = active * PF_SECOND;
	cfg.nat_events = true;
	ck_assert_msg(pflow_source_create(spec, &cfg, &src, err, sizeof(err)) ==
	    PFLOW_OK, "%s", err);
	return src;
}

static struct pflow_source *
open_spec(const char *spec, unsigned active)
{
	struct pflow_source *src = create(spec, active);

	ck_assert_msg(src->ops->open(src, some_now) == PFLOW_OK, "%s",
	    src->ops->error_text(src));
	return src;
}

static void
table(struct gen_buf *b, enum gen_layout layout)
{
	size_t i;

	b->len = 0;
	for (i = 0; i < gen_example_count; i++)
		gen_state(b, layout, &gen_example[i].st);
}

static void
check_example(const struct pf_sink *sink, uint64_t now_ns)
{
	size_t i, ends = 0;

	for (i = 0; i < gen_example_count; i++) {
		const struct gen_state *e = &gen_example[i].st;
		const struct pflow_state *st = pf_sink_end(sink, e->id);

		ck_assert_ptr_nonnull(st);
		ck_assert_uint_eq(st->octets[0], e->bytes[0]);
		ck_assert_uint_eq(st->octets[1], e->bytes[1]);
		ck_assert_uint_eq(st->packets[1], e->packets[1]);
		ck_assert_uint_eq(st->start_ns, now_ns - 60 * PF_SECOND);
		ck_assert_uint_eq(st->end_reason, PFLOW_END_FORCED);
		ck_assert_uint_ne(st->present & PFLOW_HAS_END_REASON, 0);
		ck_assert_uint_eq(st->flags & PFLOW_STATE_SYNCED, 0);
	}
	for (i = 0; i < sink->count; i++)
		ends += (sink->states[i].flags & PFLOW_STATE_CREATED) == 0;
	ck_assert_uint_eq(ends, gen_example_count);
}

START_TEST(test_a_saved_table_is_given_as_it_stands)
{
	static const unsigned budgets[] = { 1, 2, 63, 64, 65, 100000 };
	struct gen_buf b = { NULL, 0, 0 };
	char path[64], spec[128];
	size_t i;

	table(&b, GEN_OPENBSD);
	pf_write_file(path, b.p, b.len);
	snprintf(spec, sizeof(spec), "pf:%s?time=%u", path, (unsigned)T0);
	for (i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
		struct pflow_source *src = open_spec(spec, 0);
		struct pf_sink sink = { 0 };

		ck_assert_int_eq(pf_run(src, &sink, budgets[i], some_now),
		    PFLOW_EOF);
		check_example(&sink, T0 * PF_SECOND);
		ck_assert_uint_eq(pf_counter(src, "records"),
		    gen_example_count);
		ck_assert_uint_eq(pf_counter(src, "states"), gen_example_count);
		ck_assert_uint_eq(pf_counter(src, "states_given"),
		    gen_example_count);
		ck_assert_uint_eq(pf_counter(src, "states_tracked"), 0);
		ck_assert_uint_eq(pf_counter(src, "creates_given"), 14);
		ck_assert_uint_eq(pf_counter(src, "unmarked_states"), 4);
		ck_assert_int_eq(src->ops->progress(src), 1000);
		/* The clock is the table's; it came up 24 days before. */
		ck_assert_uint_eq(sink.times[0].wall_ns, T0 * PF_SECOND);
		ck_assert_uint_eq(sink.times[0].mono_ns,
		    UINT64_C(24) * 86400 * PF_SECOND);
		src->ops->close(src);
		pf_sink_free(&sink);
	}
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_the_time_of_the_file_is_that_of_its_table)
{
	struct timeval times[2] = { { (time_t)T0, 0 }, { (time_t)T0, 0 } };
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[64], spec[128];

	table(&b, GEN_OPENBSD);
	pf_write_file(path, b.p, b.len);
	ck_assert_int_eq(utimes(path, times), 0);
	snprintf(spec, sizeof(spec), "pf:%s", path);
	src = open_spec(spec, 0);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_EOF);
	check_example(&sink, T0 * PF_SECOND);
	src->ops->close(src);
	pf_sink_free(&sink);
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_a_sink_that_refuses_loses_nothing)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { .room = 1 };
	struct pflow_source *src;
	char path[64], spec[128];
	int rc;

	table(&b, GEN_OPENBSD);
	pf_write_file(path, b.p, b.len);
	snprintf(spec, sizeof(spec), "pf:%s?time=%u", path, (unsigned)T0);
	src = open_spec(spec, 0);
	while ((rc = src->ops->pump(src, some_now, 1000, pf_sink_take, &sink)) !=
	    PFLOW_EOF) {
		ck_assert_int_eq(rc, PFLOW_ERR_AGAIN);
		sink.room++;
	}
	check_example(&sink, T0 * PF_SECOND);
	src->ops->close(src);
	pf_sink_free(&sink);
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_a_named_layout_is_not_guessed)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[64], spec[128];

	table(&b, GEN_PFSYNC5);
	pf_write_file(path, b.p, b.len);
	snprintf(spec, sizeof(spec), "pf:%s?layout=pfsync-5&time=%u", path,
	    (unsigned)T0);
	src = open_spec(spec, 0);
	ck_assert_int_eq(pf_run(src, &sink, 100, some_now), PFLOW_EOF);
	/* Named, its flags are believed. */
	ck_assert_uint_eq(pf_counter(src, "unmarked_states"), 4);
	src->ops->close(src);
	pf_sink_free(&sink);
	snprintf(spec, sizeof(spec), "pf:%s?time=%u", path, (unsigned)T0);
	src = open_spec(spec, 0);
	ck_assert_int_eq(pf_run(src, &sink, 100, some_now), PFLOW_EOF);
	ck_assert_uint_eq(pf_counter(src, "unmarked_states"),
	    gen_example_count);
	src->ops->close(src);
	pf_sink_free(&sink);
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_tables_in_order_end_what_vanished_and_report_what_lives)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[3][64], spec[300];
	size_t i, pass, ends = 0, reports = 0;

	for (pass = 0; pass < 3; pass++) {
		b.len = 0;
		for (i = pass; i < gen_example_count; i++) {
			struct gen_state st = gen_example[i].st;

			st.bytes[0] += pass * 1000;
			st.packets[0] += pass * 10;
			st.age += (uint32_t)pass * 60;
			gen_state(&b, GEN_OPENBSD, &st);
		}
		pf_write_file(path[pass], b.p, b.len);
	}
	snprintf(spec, sizeof(spec), "pf:%s,%s,%s?time=%u&every=60", path[0],
	    path[1], path[2], (unsigned)T0);
	src = open_spec(spec, 60);
	ck_assert_int_eq(pf_run(src, &sink, 7, some_now), PFLOW_EOF);
	for (i = 0; i < gen_example_count; i++) {
		const struct gen_state *e = &gen_example[i].st;
		size_t last = i < 2 ? i : 2, n;
		uint64_t octets = 0, packets = 0, until = 0;
		uint8_t reason = PFLOW_END_UNKNOWN;

		for (n = 0; n < sink.count; n++) {
			const struct pflow_state *st = &sink.states[n];

			if (st->flow_id != e->id ||
			    (st->flags & PFLOW_STATE_CREATED) != 0)
				continue;
			octets += st->octets[0];
			packets += st->packets[0];
			ck_assert_uint_ge(st->start_ns, until);
			ck_assert_uint_ge(st->last_ns, st->start_ns);
			until = st->last_ns;
			reason = st->end_reason;
			reports += reason == PFLOW_END_ACTIVE;
			ends += reason != PFLOW_END_ACTIVE;
		}
		ck_assert_uint_eq(octets, e->bytes[0] + last * 1000);
		ck_assert_uint_eq(packets, e->packets[0] + last * 10);
		ck_assert_uint_eq(reason, i < 2 ? PFLOW_END_DETECTED
						: PFLOW_END_FORCED);
	}
	ck_assert_uint_eq(ends, gen_example_count);
	/* All but the first at the second table, all but two at the third. */
	ck_assert_uint_eq(reports, gen_example_count * 2 - 3);
	ck_assert_uint_eq(pf_counter(src, "tables"), 3);
	ck_assert_uint_eq(pf_counter(src, "ended_by_absence"), 2);
	ck_assert_uint_eq(pf_counter(src, "states_tracked"), 0);
	src->ops->close(src);
	for (pass = 0; pass < 3; pass++)
		unlink(path[pass]);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

static const char text[] =
    "all tcp 203.0.113.7:51234 (10.0.0.5:40000) -> 198.51.100.9:443       "
    "ESTABLISHED:ESTABLISHED\n"
    "   [1000 + 65535] wscale 7  [5000 + 65535] wscale 6\n"
    "   age 00:00:01, expires in 23:59:59, 3:2 pkts, 180:120 bytes, rule 7, "
    "pflow\n"
    "   id: 0000000000001234 creatorid: a1b2c3d4\n"
    "all udp 2001:db8::53[53] <- 2001:db8:1::9[5353]       "
    "NO_TRAFFIC:SINGLE\n"
    "   age 00:00:10, expires in 00:00:50, 1:0 pkts, 72:0 bytes, rule 3\n"
    "   id: 0000000000001235 creatorid: a1b2c3d4\n";

START_TEST(test_text_cut_anywhere_gives_no_wrong_state)
{
	size_t cut;

	for (cut = 0; cut < sizeof(text); cut++) {
		struct pf_sink sink = { 0 };
		struct pflow_source *src;
		char path[64], spec[128];
		size_t i;

		pf_write_file(path, text, cut);
		snprintf(spec, sizeof(spec), "pf:%s?layout=text&time=%u", path,
		    (unsigned)T0);
		src = open_spec(spec, 0);
		ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_EOF);
		for (i = 0; i < sink.count; i++) {
			const struct pflow_state *st = &sink.states[i];

			if ((st->flags & PFLOW_STATE_CREATED) != 0)
				continue;
			if (st->protocol == 6) {
				ck_assert_uint_eq(st->octets[0], 180);
				ck_assert_uint_eq(st->octets[1], 120);
				ck_assert_uint_eq(st->rule, 7);
				ck_assert_uint_ne(st->flags &
				    PFLOW_STATE_EXPORT, 0);
			} else {
				ck_assert_uint_eq(st->octets[0], 72);
				ck_assert_uint_eq(st->rule, 3);
			}
		}
		if (cut == sizeof(text) - 1)
			ck_assert_uint_eq(pf_counter(src, "states_given"), 2);
		src->ops->close(src);
		pf_sink_free(&sink);
		unlink(path);
	}
}
END_TEST

START_TEST(test_binary_tables_cut_anywhere_give_whole_states_or_an_error)
{
	static const enum gen_layout layouts[] = { GEN_OPENBSD, GEN_1301,
		GEN_1500, GEN_V2_LITTLE, GEN_MACOS_BIG };
	size_t l, cut;

	for (l = 0; l < sizeof(layouts) / sizeof(layouts[0]); l++) {
		struct gen_buf b = { NULL, 0, 0 };
		size_t size = gen_state_size(layouts[l]), i;

		for (i = 0; i < 3; i++)
			gen_state(&b, layouts[l], &gen_example[i + 13].st);
		for (cut = 0; cut < b.len; cut++) {
			struct pf_sink sink = { 0 };
			struct pflow_source *src;
			char path[64], spec[128];
			int rc;

			pf_write_file(path, b.p, cut);
			snprintf(spec, sizeof(spec), "pf:%s?time=%u", path,
			    (unsigned)T0);
			src = open_spec(spec, 0);
			rc = pf_run(src, &sink, 10, some_now);
			if (rc == PFLOW_EOF) {
				ck_assert_uint_eq(sink.count, cut / size);
				ck_assert_msg(pf_counter(src,
				    "cut_short_octets") == cut % size,
				    "layout %zu, cut at %zu", l, cut);
			} else {
				ck_assert_int_eq(rc, PFLOW_ERR_UNSUPPORTED);
				ck_assert_uint_eq(sink.count, 0);
				ck_assert_ptr_nonnull(strstr(
				    src->ops->error_text(src), path));
			}
			for (i = 0; i < sink.count; i++)
				ck_assert_uint_eq(sink.states[i].octets[0],
				    gen_example[i + 13].st.bytes[0]);
			src->ops->close(src);
			pf_sink_free(&sink);
			unlink(path);
		}
		gen_free(&b);
	}
}
END_TEST

START_TEST(test_wrong_words_are_named)
{
	static const struct {
		const char *spec, *word;
	} rows[] = {
		{ "pf:/nonexistent/a?layout=nosuch", "layout=nosuch" },
		{ "pf:/nonexistent/a?time=", "time=" },
		{ "pf:/nonexistent/a?time=x", "time=x" },
		{ "pf:/nonexistent/a?time=0", "time=0" },
		{ "pf:/nonexistent/a?time=99999999999999", "time=99999999999999" },
		{ "pf:/nonexistent/a?every=0", "every=0" },
		{ "pf:/nonexistent/a?every=1s", "every=1s" },
		{ "pf:/nonexistent/a?layuot=openbsd", "layuot=openbsd" },
		{ "pf:/nonexistent/a?layout=text&", "layout=NAME" },
		{ "pf:/nonexistent/a,", "empty" },
		{ "pf:,/nonexistent/a", "empty" },
		{ "pf:/nonexistent/a,-", "-" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pflow_source *src;
		char err[400];

		ck_assert_msg(pflow_source_create(rows[i].spec, NULL, &src, err,
		    sizeof(err)) == PFLOW_ERR_INVALID, "%s", rows[i].spec);
		ck_assert_ptr_null(src);
		ck_assert_msg(strstr(err, rows[i].word) != NULL, "%s: %s",
		    rows[i].spec, err);
		ck_assert_ptr_null(strchr(err, '\n'));
	}
}
END_TEST

START_TEST(test_files_that_cannot_be_read_are_named)
{
	static const char *const paths[] = { "/nonexistent/table", "/tmp" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct pflow_source *src;
		char spec[100];

		snprintf(spec, sizeof(spec), "pf:%s", paths[i]);
		src = create(spec, 0);
		ck_assert_int_eq(src->ops->open(src, some_now),
		    PFLOW_ERR_SYSTEM);
		ck_assert_ptr_eq(strstr(src->ops->error_text(src), paths[i]),
		    src->ops->error_text(src));
		src->ops->close(src);
	}
}
END_TEST

START_TEST(test_an_empty_table_is_a_table_without_states)
{
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[64], spec[128];

	pf_write_file(path, "", 0);
	snprintf(spec, sizeof(spec), "pf:%s", path);
	src = open_spec(spec, 0);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 0);
	ck_assert_uint_eq(pf_counter(src, "tables"), 1);
	src->ops->close(src);
	unlink(path);
}
END_TEST

START_TEST(test_a_second_table_that_is_missing_fails_after_giving_the_first)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[64], spec[200];

	table(&b, GEN_OPENBSD);
	pf_write_file(path, b.p, b.len);
	snprintf(spec, sizeof(spec), "pf:%s,/nonexistent/b?time=%u", path,
	    (unsigned)T0);
	src = open_spec(spec, 0);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_ERR_SYSTEM);
	check_example(&sink, T0 * PF_SECOND);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "/nonexistent/b"));
	src->ops->close(src);
	pf_sink_free(&sink);
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_a_pipe_is_waited_for)
{
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	struct pflow_want want;
	int fds[2], saved = dup(STDIN_FILENO);

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	src = open_spec("pf:-?layout=text", 0);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_OK);
	src->ops->want(src, &want);
	ck_assert_int_eq(want.fd, STDIN_FILENO);
	ck_assert_uint_eq(want.events, PFLOW_WANT_READ);
	ck_assert_int_eq(write(fds[1], text, 100), 100);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_OK);
	ck_assert_int_eq(write(fds[1], text + 100, sizeof(text) - 101),
	    sizeof(text) - 101);
	close(fds[1]);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_EOF);
	ck_assert_uint_eq(pf_counter(src, "states_given"), 2);
	/* No time is known but now. */
	ck_assert_uint_eq(pf_sink_end(&sink, 0x1235)->start_ns,
	    some_now.wall_ns - 10 * PF_SECOND);
	src->ops->close(src);
	pf_sink_free(&sink);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fds[0]);
}
END_TEST

START_TEST(test_finish_ends_everything_early)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char path[64], spec[200];

	table(&b, GEN_OPENBSD);
	pf_write_file(path, b.p, b.len);
	snprintf(spec, sizeof(spec), "pf:%s,%s?time=%u&every=9", path, path,
	    (unsigned)T0);
	src = open_spec(spec, 0);
	ck_assert_int_eq(src->ops->pump(src, some_now, 1, pf_sink_take, &sink),
	    PFLOW_MORE);
	src->ops->finish(src, some_now);
	ck_assert_int_eq(pf_run(src, &sink, 10, some_now), PFLOW_EOF);
	ck_assert_uint_eq(pf_counter(src, "states"),
	    pf_counter(src, "states_given"));
	src->ops->close(src);
	pf_sink_free(&sink);
	unlink(path);
	gen_free(&b);
}
END_TEST

Suite *
suite_pf_source(void)
{
	Suite *s = suite_create("sources/pf_source");
	TCase *t = tcase_create("pf_source");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_a_saved_table_is_given_as_it_stands);
	tcase_add_test(t, test_the_time_of_the_file_is_that_of_its_table);
	tcase_add_test(t, test_a_sink_that_refuses_loses_nothing);
	tcase_add_test(t, test_a_named_layout_is_not_guessed);
	tcase_add_test(t,
	    test_tables_in_order_end_what_vanished_and_report_what_lives);
	tcase_add_test(t, test_text_cut_anywhere_gives_no_wrong_state);
	tcase_add_test(t,
	    test_binary_tables_cut_anywhere_give_whole_states_or_an_error);
	tcase_add_test(t, test_wrong_words_are_named);
	tcase_add_test(t, test_files_that_cannot_be_read_are_named);
	tcase_add_test(t, test_an_empty_table_is_a_table_without_states);
	tcase_add_test(t,
	    test_a_second_table_that_is_missing_fails_after_giving_the_first);
	tcase_add_test(t, test_a_pipe_is_waited_for);
	tcase_add_test(t, test_finish_ends_everything_early);
	suite_add_tcase(s, t);
	return s;
}
