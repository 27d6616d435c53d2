/* SPDX-License-Identifier: ISC */
/* A table that a system copies out whole, while it grows. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include <pflow/status.h>

#include "gen/gen.h"
#include "sources/pf_fetch.h"

Suite *suite_pf_fetch(void);

#define RECORD 264u

/** A system that is asked. */
struct system {
	size_t records;	   /**< in its table */
	size_t grows;	   /**< records that come with every question */
	unsigned asked;
	unsigned fails_at; /**< question that fails, 0: none */
	size_t rooms[16];
};

static struct pflowi_pf_fetch fetch;
static char err[300];

static int
ask(void *arg, void *buf, size_t room, size_t *len)
{
	struct system *s = arg;
	size_t wanted, i;

	ck_assert_uint_lt(s->asked, 16);
	s->rooms[s->asked++] = room;
	if (s->fails_at == s->asked) {
		errno = EPERM;
		return PFLOW_ERR_SYSTEM;
	}
	ck_assert_uint_eq(*len, s->asked == 1 ? 0 : room);
	wanted = s->records * RECORD;
	s->records += s->grows;
	*len = wanted;
	if (room == 0)
		return PFLOW_OK;
	ck_assert_ptr_nonnull(buf);
	for (i = 0; i < wanted / RECORD && (i + 1) * RECORD <= room; i++)
		memset((uint8_t *)buf + i * RECORD, (int)(i + 1), RECORD);
	*len = i * RECORD; /* as OpenBSD: what fits */
	return PFLOW_OK;
}

static int
run(struct system *s, size_t limit)
{
	memset(&fetch, 0, sizeof(fetch));
	fetch.layout = PFLOWI_PF_LAYOUT_openbsd;
	fetch.order = PFLOWI_PF_BIG;
	fetch.limit = limit;
	return pflowi_pf_fetch(&fetch, ask, s, "/dev/pf: DIOCGETSTATES", err,
	    sizeof(err));
}

static size_t
count(void)
{
	struct pflowi_pf_raw raw;
	size_t n = 0;

	while (pflowi_pf_fetch_next(&fetch, &raw) == PFLOW_OK)
		ck_assert_uint_eq(raw.id >> 56, ++n & 0xff);
	ck_assert_int_eq(pflowi_pf_fetch_next(&fetch, &raw), PFLOW_EOF);
	return n;
}

START_TEST(test_a_table_that_fits_is_asked_for_twice)
{
	struct system s = { .records = 200 };

	ck_assert_int_eq(run(&s, 1 << 20), PFLOW_OK);
	ck_assert_uint_eq(s.asked, 2);
	ck_assert_uint_eq(s.rooms[0], 0);
	ck_assert_uint_gt(s.rooms[1], 200 * RECORD);
	ck_assert_uint_eq(count(), 200);
	pflowi_pf_fetch_fini(&fetch);
}
END_TEST

START_TEST(test_an_empty_table_is_whole)
{
	struct system s = { .records = 0 };

	ck_assert_int_eq(run(&s, 1 << 20), PFLOW_OK);
	ck_assert_uint_eq(count(), 0);
	pflowi_pf_fetch_fini(&fetch);
}
END_TEST

START_TEST(test_a_table_that_grows_is_asked_for_with_more_room)
{
	struct system s = { .records = 100, .grows = 300 };

	ck_assert_int_eq(run(&s, 16 << 20), PFLOW_OK);
	ck_assert_uint_gt(s.asked, 2);
	ck_assert_uint_gt(s.rooms[2], s.rooms[1]);
	ck_assert_uint_eq(count(), s.records - 300); /* as last asked */
	pflowi_pf_fetch_fini(&fetch);
}
END_TEST

START_TEST(test_the_buffer_is_used_again)
{
	struct system s = { .records = 1000 };
	const uint8_t *buf;
	size_t room;

	ck_assert_int_eq(run(&s, 16 << 20), PFLOW_OK);
	buf = fetch.buf;
	room = fetch.room;
	s.records = 10;
	s.asked = 0;
	ck_assert_int_eq(pflowi_pf_fetch(&fetch, ask, &s, "x", err,
	    sizeof(err)), PFLOW_OK);
	ck_assert_ptr_eq(fetch.buf, buf);
	ck_assert_uint_eq(fetch.room, room);
	ck_assert_uint_eq(count(), 10);
	pflowi_pf_fetch_fini(&fetch);
}
END_TEST

START_TEST(test_more_than_the_limit_is_refused_with_both_numbers)
{
	struct system s = { .records = 1000 };

	ck_assert_int_eq(run(&s, 100000), PFLOW_ERR_NOMEM);
	ck_assert_ptr_nonnull(strstr(err, "264000"));
	ck_assert_ptr_nonnull(strstr(err, "100000"));
	ck_assert_uint_eq(s.asked, 1);
	pflowi_pf_fetch_fini(&fetch);
	/* Within the limit at first, then not. */
	s = (struct system){ .records = 100, .grows = 10000 };
	ck_assert_int_eq(run(&s, 1000000), PFLOW_ERR_NOMEM);
	pflowi_pf_fetch_fini(&fetch);
}
END_TEST

START_TEST(test_an_error_of_the_system_is_told_at_either_question)
{
	unsigned at;

	for (at = 1; at <= 2; at++) {
		struct system s = { .records = 5, .fails_at = at };

		ck_assert_int_eq(run(&s, 1 << 20), PFLOW_ERR_SYSTEM);
		ck_assert_ptr_eq(strstr(err, "/dev/pf: DIOCGETSTATES: "), err);
		ck_assert_ptr_nonnull(strstr(err, strerror(EPERM)));
		ck_assert_uint_eq(count(), 0);
		pflowi_pf_fetch_fini(&fetch);
	}
}
END_TEST

Suite *
suite_pf_fetch(void)
{
	Suite *s = suite_create("sources/pf_fetch");
	TCase *t = tcase_create("pf_fetch");

	tcase_add_test(t, test_a_table_that_fits_is_asked_for_twice);
	tcase_add_test(t, test_an_empty_table_is_whole);
	tcase_add_test(t, test_a_table_that_grows_is_asked_for_with_more_room);
	tcase_add_test(t, test_the_buffer_is_used_again);
	tcase_add_test(t,
	    test_more_than_the_limit_is_refused_with_both_numbers);
	tcase_add_test(t,
	    test_an_error_of_the_system_is_told_at_either_question);
	suite_add_tcase(s, t);
	return s;
}
