/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <pflow/sources.h>

#include "gen/gen.h"
#include "pf_sink.h"

Suite *suite_pfsync_source(void);

#define T0 (UINT64_C(1768478400) * 1000000000u)
#define SECOND UINT64_C(1000000000)

static char path[64];

static void
write_file(const struct gen_buf *b)
{
	int fd;

	strcpy(path, "/tmp/pflow-pfsync-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, b->p, b->len), b->len);
	close(fd);
}

/** active: seconds. */
static struct pflow_source *
open_active(const struct gen_buf *b, unsigned active)
{
	struct pflow_source_config cfg;
	struct pflow_now now = { 0, 0 };
	struct pflow_source *src;
	char spec[80], err[200];

	write_file(b);
	pflow_source_config_init(&cfg);
	cfg.active_ns = active * SECOND;
	cfg.nat_events = true;
	snprintf(spec, sizeof(spec), "pfsync:%s", path);
	ck_assert_int_eq(pflow_source_create(spec, &cfg, &src, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_OK);
	return src;
}

static struct pflow_source *
open_file(const struct gen_buf *b)
{
	return open_active(b, 0);
}

static int
run(struct pflow_source *src, struct pf_sink *sink, unsigned budget)
{
	struct pflow_now now = { 0, 0 };
	int rc;

	do {
		size_t before = sink->count;

		rc = src->ops->pump(src, now, budget, pf_sink_take, sink);
		ck_assert_uint_le(sink->count - before, budget);
	} while (rc == PFLOW_MORE);
	return rc;
}

struct wanted {
	const char *name;
	uint64_t value;
	bool found;
};

static void
look(void *arg, const struct pflow_counter *c)
{
	struct wanted *w = arg;

	if (strcmp(c->name, w->name) != 0)
		return;
	w->found = true;
	w->value = c->value;
}

static uint64_t
counter(const struct pflow_source *src, const char *name)
{
	struct wanted w = { name, 0, false };

	src->ops->counters(src, look, &w);
	ck_assert_msg(w.found, "no counter %s", name);
	return w.value;
}

static void
check_example(const struct pf_sink *sink)
{
	size_t i, ends = 0, created = 0, translated = 0;

	for (i = 0; i < sink->count; i++) {
		if ((sink->states[i].flags & PFLOW_STATE_CREATED) != 0)
			created++;
		else
			ends++;
	}
	ck_assert_uint_eq(ends, gen_example_count);
	for (i = 0; i < gen_example_count; i++) {
		const struct gen_example *e = &gen_example[i];
		const struct pflow_state *st = pf_sink_end(sink, e->st.id);

		ck_assert_ptr_nonnull(st);
		ck_assert_uint_eq(st->creator_id, e->st.creatorid);
		ck_assert_uint_eq(st->packets[0], e->st.packets[0]);
		ck_assert_uint_eq(st->packets[1], e->st.packets[1]);
		ck_assert_uint_eq(st->octets[0], e->st.bytes[0]);
		ck_assert_uint_eq(st->octets[1], e->st.bytes[1]);
		ck_assert_uint_eq(st->rule, e->st.rule);
		ck_assert_uint_eq((st->flags & PFLOW_STATE_EXPORT) != 0,
		    e->st.flags == GEN_PFLOW);
		ck_assert_uint_eq(st->flags & PFLOW_STATE_SYNCED,
		    PFLOW_STATE_SYNCED);
		ck_assert_uint_eq(st->flags & PFLOW_STATE_PARTIAL,
		    PFLOW_STATE_PARTIAL);
		ck_assert_uint_eq((st->flags & PFLOW_STATE_TRANSLATED) != 0,
		    e->st.nat_src.addr != NULL);
		translated += e->st.nat_src.addr != NULL;
		ck_assert_uint_eq(st->end_reason, e->fate == GEN_DELETED
		    ? PFLOW_END_DETECTED : PFLOW_END_FORCED);
		ck_assert_uint_ge(st->last_ns, st->start_ns);
		ck_assert_uint_ge(st->start_ns, T0 - SECOND);
		ck_assert_uint_le(st->last_ns, T0 + 75 * SECOND);
	}
	ck_assert_uint_eq(created, translated);
}

START_TEST(test_the_example_gives_every_state_once_with_its_last_counters)
{
	static const unsigned budgets[] = { 1, 3, 64, 100000 };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct gen_buf b = { NULL, 0, 0 };
		struct pf_sink sink = { 0 };
		struct pflow_source *src;

		gen_example_capture(&b);
		src = open_file(&b);
		ck_assert_int_eq(run(src, &sink, budgets[i]), PFLOW_EOF);
		check_example(&sink);
		ck_assert_uint_eq(counter(src, "states"), gen_example_count);
		ck_assert_uint_eq(counter(src, "states_given"),
		    gen_example_count);
		ck_assert_uint_eq(counter(src, "states_tracked"), 0);
		ck_assert_uint_eq(counter(src, "ended_by_clear"), 3);
		ck_assert_uint_eq(counter(src, "ended_by_flush"), 4);
		ck_assert_uint_eq(counter(src, "ended_by_delete"),
		    gen_example_count - 7);
		ck_assert_int_eq(src->ops->progress(src), 1000);
		src->ops->close(src);
		unlink(path);
		pf_sink_free(&sink);
		gen_free(&b);
	}
}
END_TEST

START_TEST(test_active_reports_are_deltas_that_add_up_to_the_totals)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	size_t i, n, reports = 0;

	gen_example_capture(&b);
	src = open_active(&b, 60);
	ck_assert_int_eq(run(src, &sink, 64), PFLOW_EOF);
	for (i = 0; i < gen_example_count; i++) {
		uint64_t octets = 0, packets = 0, until = 0;

		for (n = 0; n < sink.count; n++) {
			const struct pflow_state *st = &sink.states[n];

			if (st->flow_id != gen_example[i].st.id ||
			    (st->flags & PFLOW_STATE_CREATED) != 0)
				continue;
			octets += st->octets[0] + st->octets[1];
			packets += st->packets[0] + st->packets[1];
			reports += st->end_reason == PFLOW_END_ACTIVE;
			ck_assert_uint_ge(st->start_ns, until);
			until = st->last_ns;
		}
		ck_assert_uint_eq(octets, gen_example[i].st.bytes[0] +
		    gen_example[i].st.bytes[1]);
		ck_assert_uint_eq(packets, gen_example[i].st.packets[0] +
		    gen_example[i].st.packets[1]);
	}
	ck_assert_uint_eq(reports, gen_example_count);
	ck_assert_uint_eq(counter(src, "reports_given"), reports);
	src->ops->close(src);
	unlink(path);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

START_TEST(test_the_shipped_example_is_what_the_generator_writes)
{
	struct gen_buf b = { NULL, 0, 0 };
	FILE *f = fopen(PFLOW_TEST_DIR "/../examples/data/pfsync.pcap", "rb");
	uint8_t *shipped;

	ck_assert_ptr_nonnull(f);
	gen_example_capture(&b);
	shipped = malloc(b.len + 1);
	ck_assert_ptr_nonnull(shipped);
	ck_assert_uint_eq(fread(shipped, 1, b.len + 1, f), b.len);
	ck_assert_mem_eq(shipped, b.p, b.len);
	free(shipped);
	fclose(f);
	gen_free(&b);
}
END_TEST

START_TEST(test_a_sink_that_refuses_loses_nothing)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflow_now now = { 0, 0 };
	struct pf_sink sink = { .room = 1 };
	struct pflow_source *src;
	int rc;

	gen_example_capture(&b);
	src = open_file(&b);
	while ((rc = src->ops->pump(src, now, 1000, pf_sink_take, &sink)) !=
	    PFLOW_EOF) {
		ck_assert_int_eq(rc, PFLOW_ERR_AGAIN);
		sink.room++;
	}
	check_example(&sink);
	src->ops->close(src);
	unlink(path);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

START_TEST(test_the_clock_given_is_that_of_the_capture)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	size_t i;

	gen_example_capture(&b);
	src = open_file(&b);
	ck_assert_int_eq(run(src, &sink, 64), PFLOW_EOF);
	for (i = 0; i < sink.count; i++) {
		ck_assert_uint_ge(sink.times[i].wall_ns, T0);
		ck_assert_uint_le(sink.times[i].wall_ns, T0 + 75 * SECOND);
		/* Up for 24 days when it began. */
		ck_assert_uint_eq(sink.times[i].wall_ns - sink.times[i].mono_ns,
		    T0 - UINT64_C(24) * 86400 * SECOND);
	}
	src->ops->close(src);
	unlink(path);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

START_TEST(test_a_file_cut_anywhere_ends_and_gives_no_wrong_state)
{
	struct gen_buf b = { NULL, 0, 0 };
	size_t cut;

	gen_example_capture(&b);
	for (cut = 0; cut < b.len; cut += 37) {
		struct gen_buf part = { b.p, cut, cut };
		struct pflow_now now = { 0, 0 };
		struct pf_sink sink = { 0 };
		struct pflow_source *src;
		char spec[80], err[200];
		size_t i, n;

		write_file(&part);
		snprintf(spec, sizeof(spec), "pfsync:%s", path);
		ck_assert_int_eq(pflow_source_create(spec, NULL, &src, err,
		    sizeof(err)), PFLOW_OK);
		if (src->ops->open(src, now) != PFLOW_OK) {
			ck_assert_str_ne(src->ops->error_text(src), "");
			src->ops->close(src);
			unlink(path);
			continue;
		}
		ck_assert_int_eq(run(src, &sink, 64), PFLOW_EOF);
		for (i = 0; i < sink.count; i++) {
			for (n = 0; n < gen_example_count; n++)
				if (gen_example[n].st.id ==
				    sink.states[i].flow_id)
					break;
			ck_assert_uint_lt(n, gen_example_count);
			ck_assert_uint_le(sink.states[i].octets[0],
			    gen_example[n].st.bytes[0]);
		}
		ck_assert_uint_eq(counter(src, "states"),
		    counter(src, "states_given"));
		src->ops->close(src);
		unlink(path);
		pf_sink_free(&sink);
	}
	gen_free(&b);
}
END_TEST

START_TEST(test_finish_gives_out_what_is_followed)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflow_now now = { 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;

	gen_example_capture(&b);
	src = open_file(&b);
	ck_assert_int_eq(src->ops->pump(src, now, 1, pf_sink_take, &sink),
	    PFLOW_MORE);
	src->ops->finish(src, now);
	ck_assert_int_eq(run(src, &sink, 10), PFLOW_EOF);
	ck_assert_uint_gt(counter(src, "states"), 0);
	ck_assert_uint_eq(counter(src, "states"), counter(src, "states_given"));
	ck_assert_uint_eq(sink.count, counter(src, "states_given") +
	    counter(src, "creates_given"));
	src->ops->close(src);
	unlink(path);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

START_TEST(test_what_cannot_be_opened_is_named)
{
	struct pflow_source_config cfg;
	struct pflow_now now = { 0, 0 };
	struct pflow_source *src;
	struct gen_buf b = { NULL, 0, 0 };
	char err[200];

	ck_assert_int_eq(pflow_source_create("pfsync:", NULL, &src, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "expected pfsync:PATH"));
	pflow_source_config_init(&cfg);
	cfg.memory_limit = 1000;
	ck_assert_int_eq(pflow_source_create("pfsync:x", &cfg, &src, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "1000"));
	ck_assert_int_eq(pflow_source_create("pfsync:/nonexistent/x", NULL, &src,
	    err, sizeof(err)), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "/nonexistent/x"));
	src->ops->close(src);

	gen_bytes(&b, "em0 1\nem1 two\n", 14);
	write_file(&b);
	pflow_source_config_init(&cfg);
	cfg.interface_map = path;
	ck_assert_int_eq(pflow_source_create("pfsync:" PFLOW_TEST_DIR
	    "/../examples/data/pfsync.pcap", &cfg, &src, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), ":2: "));
	src->ops->close(src);
	unlink(path);
	gen_free(&b);
}
END_TEST

START_TEST(test_interface_map_gives_indexes_in_for_in_and_out_for_out)
{
	struct pflow_source_config cfg;
	struct pflow_now now = { 0, 0 };
	struct gen_buf b = { NULL, 0, 0 };
	struct pf_sink sink = { 0 };
	struct pflow_source *src;
	char err[200];
	size_t i;

	gen_bytes(&b, "# names\nem0 11\n\nem1\t12 # inside\n", 33);
	write_file(&b);
	pflow_source_config_init(&cfg);
	cfg.interface_map = path;
	cfg.active_ns = 0;
	ck_assert_int_eq(pflow_source_create("pfsync:" PFLOW_TEST_DIR
	    "/../examples/data/pfsync.pcap", &cfg, &src, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_OK);
	ck_assert_int_eq(run(src, &sink, 64), PFLOW_EOF);
	for (i = 0; i < gen_example_count; i++) {
		const struct gen_state *e = &gen_example[i].st;
		const struct pflow_state *st = pf_sink_end(&sink, e->id);
		uint32_t index = strcmp(e->ifname, "em0") == 0 ? 11
		    : strcmp(e->ifname, "em1") == 0 ? 12 : 0;
		unsigned side = e->direction == GEN_OUT;

		ck_assert_ptr_nonnull(st);
		ck_assert_uint_eq(st->ifindex[side], index);
		ck_assert_uint_eq(st->ifindex[1 - side], 0);
		ck_assert_uint_eq((st->present & PFLOW_HAS_IFINDEX) != 0,
		    index != 0);
	}
	ck_assert_uint_eq(counter(src, "unknown_interfaces"), 0);
	src->ops->close(src);
	unlink(path);
	pf_sink_free(&sink);
	gen_free(&b);
}
END_TEST

Suite *
suite_pfsync_source(void)
{
	Suite *s = suite_create("sources/pfsync_source");
	TCase *t = tcase_create("pfsync_source");

	tcase_add_test(t,
	    test_the_example_gives_every_state_once_with_its_last_counters);
	tcase_add_test(t,
	    test_active_reports_are_deltas_that_add_up_to_the_totals);
	tcase_add_test(t,
	    test_the_shipped_example_is_what_the_generator_writes);
	tcase_add_test(t, test_a_sink_that_refuses_loses_nothing);
	tcase_add_test(t, test_the_clock_given_is_that_of_the_capture);
	tcase_add_test(t,
	    test_a_file_cut_anywhere_ends_and_gives_no_wrong_state);
	tcase_add_test(t, test_finish_gives_out_what_is_followed);
	tcase_add_test(t, test_what_cannot_be_opened_is_named);
	tcase_add_test(t,
	    test_interface_map_gives_indexes_in_for_in_and_out_for_out);
	suite_add_tcase(s, t);
	return s;
}
