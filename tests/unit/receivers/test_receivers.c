/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/receivers.h>

#include "bin.h"
#include "common/states.h"

Suite *suite_receivers(void);

#define COUNT 3

static struct bin *bins[COUNT];
static struct pflow_transport *transports[COUNT];
static struct pflow_receivers_config cfg;
static struct pflow_receivers *r;
static struct pflow_now now;
static unsigned closed;
static char err[256];

static void
setup(void)
{
	int i;

	now = test_now(1000);
	closed = 0;
	r = NULL;
	for (i = 0; i < COUNT; i++) {
		bins[i] = bin_new(PFLOW_TRANSPORT_STREAM, &closed);
		transports[i] = &bins[i]->base;
	}
	pflow_receivers_config_init(&cfg);
	cfg.exporter.version = 10;
	cfg.messages = 16;
}

static void
begin(void)
{
	ck_assert_msg(pflow_receivers_open(&cfg, transports, COUNT, now, &r,
			  err, sizeof(err)) == PFLOW_OK,
	    "%s", err);
	ck_assert_uint_eq(pflow_receivers_count(r), COUNT);
}

static void
teardown(void)
{
	if (r != NULL)
		pflow_receivers_close(r);
	ck_assert_uint_eq(closed, COUNT);
}

/** n states of flow i, i + 1, ...; how many were taken. */
static size_t
feed(uint32_t first, size_t n, int *status)
{
	struct pflow_state st[256];
	size_t i, taken;

	ck_assert_uint_le(n, 256);
	for (i = 0; i < n; i++) {
		test_state4(&st[i]);
		st[i].key[0].port[0] = st[i].key[1].port[0] =
		    (uint16_t)(1000 + first + i);
	}
	*status = pflow_receivers_feed(r, st, n, now, &taken);
	return taken;
}

static void
feed_all(size_t n)
{
	size_t i;
	int status;

	for (i = 0; i < n; i += 100) {
		ck_assert_uint_eq(feed((uint32_t)i, 100, &status), 100);
		ck_assert_int_eq(status, PFLOW_OK);
	}
}

static void
drain(void)
{
	pflow_receivers_flush(r, now);
	(void)pflow_receivers_service(r, now);
}

/** What a receiver got, dropped and still holds is what it was fed. */
static void
check_sums(size_t i)
{
	const struct pflow_exporter_stats *s = pflow_receivers_stats(r, i);

	ck_assert_uint_eq(s->records,
	    s->records_sent + s->records_waiting +
		s->drops[PFLOW_DROP_discarded].count);
	ck_assert_uint_eq(bins[i]->states, s->records_sent);
	ck_assert_uint_eq(bins[i]->decoder.stats.unknown_template_sets, 0);
}

START_TEST(test_receivers_all_get_everything_in_sessions_of_their_own)
{
	size_t i;

	begin();
	feed_all(1000);
	drain();
	for (i = 0; i < COUNT; i++) {
		check_sums(i);
		ck_assert_uint_eq(bins[i]->states, 2000);
		ck_assert_uint_eq(bins[i]->decoder.stats.sequence_gaps, 0);
		ck_assert_uint_eq(bins[i]->octets[0], bins[0]->octets[0]);
	}
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
}
END_TEST

START_TEST(test_receivers_balance_gives_each_state_to_one)
{
	uint64_t sum = 0;
	size_t i;

	cfg.mode = PFLOW_RECEIVERS_BALANCE;
	begin();
	feed_all(3000);
	drain();
	for (i = 0; i < COUNT; i++) {
		check_sums(i);
		ck_assert_uint_gt(bins[i]->states, 1600);
		ck_assert_uint_eq(bins[i]->decoder.stats.sequence_gaps, 0);
		sum += bins[i]->states;
	}
	ck_assert_uint_eq(sum, 6000);
}
END_TEST

START_TEST(test_receivers_a_dead_one_costs_the_others_nothing)
{
	const struct pflow_exporter_stats *s;

	bins[1]->blocked = true;
	begin();
	feed_all(5000);
	drain();
	ck_assert_uint_eq(bins[0]->states, 10000);
	ck_assert_uint_eq(bins[2]->states, 10000);
	ck_assert_uint_eq(bins[1]->states, 0);
	check_sums(1);
	s = pflow_receivers_stats(r, 1);
	ck_assert_uint_gt(s->drops[PFLOW_DROP_discarded].count, 5000);
	ck_assert_uint_gt(s->records_waiting, 0);
	/* It comes back: the newest are there, and the gap is visible. */
	bins[1]->blocked = false;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	check_sums(1);
	ck_assert_uint_eq(
	    bins[1]->states + s->drops[PFLOW_DROP_discarded].count, 10000);
	ck_assert_uint_eq(bins[1]->decoder.stats.malformed_messages, 0);
}
END_TEST

START_TEST(test_receivers_never_drop_a_message_that_is_half_out)
{
	begin();
	feed_all(100);
	drain();
	bins[1]->blocked = bins[1]->half = true;
	feed_all(5000);
	drain();
	/* The bin itself holds us to the same head. */
	ck_assert_uint_gt(bins[1]->head_len, 0);
	bins[1]->blocked = false;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	check_sums(1);
	ck_assert_uint_gt(bins[1]->decoder.stats.sequence_gaps, 0);
	ck_assert_uint_eq(bins[1]->decoder.stats.records_lost,
	    pflow_receivers_stats(r, 1)->drops[PFLOW_DROP_discarded].count);
}
END_TEST

START_TEST(test_receivers_with_wait_refuse_and_lose_nothing)
{
	size_t taken = 0, i;
	int status = PFLOW_OK;

	cfg.wait = true;
	begin();
	bins[1]->blocked = true;
	while (status == PFLOW_OK && taken < 10000)
		taken += feed((uint32_t)taken, 100, &status);
	ck_assert_int_eq(status, PFLOW_ERR_AGAIN);
	ck_assert_uint_lt(taken, 10000);
	bins[1]->blocked = false;
	ck_assert_uint_eq(feed((uint32_t)taken, 100, &status), 100);
	taken += 100;
	drain();
	for (i = 0; i < COUNT; i++) {
		check_sums(i);
		ck_assert_uint_eq(bins[i]->states, 2 * taken);
		ck_assert_uint_eq(bins[i]->decoder.stats.sequence_gaps, 0);
	}
}
END_TEST

START_TEST(test_receivers_begin_anew_in_a_new_session)
{
	struct bin *b = bins[2];

	begin();
	feed_all(100);
	drain();
	feed_all(100);
	b->closes = true;
	drain();
	ck_assert_uint_eq(b->states, 200);
	/* The new one knows nothing: templates, then sequence 0. */
	pflow_decoder_init(&b->decoder, b->store, sizeof(b->store));
	b->base.generation++;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	ck_assert_uint_eq(b->states, 400);
	ck_assert_uint_eq(b->decoder.stats.sequence_gaps, 0);
	check_sums(2);
}
END_TEST

START_TEST(test_receivers_repeat_templates_when_a_collector_may_miss_them)
{
	uint64_t before;

	begin();
	feed_all(100);
	drain();
	before = bins[0]->decoder.stats.templates;
	bins[0]->base.refreshes++;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	ck_assert_uint_gt(bins[0]->decoder.stats.templates, before);
}
END_TEST

START_TEST(test_receivers_make_smaller_messages_for_a_narrow_path)
{
	uint64_t before;

	begin();
	feed_all(200);
	drain();
	before = bins[0]->messages;
	bins[0]->base.message_limit = 300;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	feed_all(200);
	drain();
	ck_assert_uint_gt(bins[0]->messages - before, 3 * before);
	check_sums(0);
}
END_TEST

START_TEST(test_receivers_want_the_exporters_deadline_too)
{
	struct pflow_want want;

	begin();
	feed_all(100);
	(void)pflow_receivers_service(r, now);
	pflow_receivers_want(r, 0, &want);
	ck_assert_int_eq(want.fd, -1);
	ck_assert_uint_eq(want.deadline_ns, now.mono_ns + 30 * TEST_SEC);
	now.mono_ns = want.deadline_ns;
	now.wall_ns += 30 * TEST_SEC;
	ck_assert_int_eq(pflow_receivers_service(r, now), PFLOW_OK);
	ck_assert_uint_eq(bins[0]->states, 200);
}
END_TEST

START_TEST(test_receivers_abandon_counts_what_waits)
{
	bins[0]->blocked = true;
	begin();
	feed_all(100);
	pflow_receivers_abandon(r, now);
	ck_assert_uint_eq(pflow_receivers_stats(r, 0)->records_waiting, 0);
	ck_assert_uint_eq(
	    pflow_receivers_stats(r, 0)->drops[PFLOW_DROP_discarded].count,
	    200);
}
END_TEST

START_TEST(test_receivers_that_can_not_open_say_why_and_are_all_closed)
{
	bins[1]->open_status = PFLOW_ERR_INVALID;
	ck_assert_int_eq(pflow_receivers_open(&cfg, transports, COUNT, now, &r,
			     err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_null(r);
	ck_assert_str_eq(err, "bin: refuses to open");
}
END_TEST

START_TEST(test_receivers_refuse_settings_that_can_not_work)
{
	cfg.exporter.mtu = 40;
	ck_assert_int_ne(pflow_receivers_open(&cfg, transports, COUNT, now, &r,
			     err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_ptr_null(r);
	ck_assert_ptr_nonnull(strstr(err, "mtu 40"));
}
END_TEST

START_TEST(test_receivers_refuse_too_few_messages)
{
	cfg.messages = 7;
	ck_assert_int_eq(pflow_receivers_open(&cfg, transports, COUNT, now, &r,
			     err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "at least 8"));
}
END_TEST

Suite *
suite_receivers(void)
{
	Suite *s = suite_create("receivers");
	TCase *tc = tcase_create("receivers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, test_receivers_all_get_everything_in_sessions_of_their_own);
	tcase_add_test(tc, test_receivers_balance_gives_each_state_to_one);
	tcase_add_test(tc, test_receivers_a_dead_one_costs_the_others_nothing);
	tcase_add_test(
	    tc, test_receivers_never_drop_a_message_that_is_half_out);
	tcase_add_test(tc, test_receivers_with_wait_refuse_and_lose_nothing);
	tcase_add_test(tc, test_receivers_begin_anew_in_a_new_session);
	tcase_add_test(
	    tc, test_receivers_repeat_templates_when_a_collector_may_miss_them);
	tcase_add_test(
	    tc, test_receivers_make_smaller_messages_for_a_narrow_path);
	tcase_add_test(tc, test_receivers_want_the_exporters_deadline_too);
	tcase_add_test(tc, test_receivers_abandon_counts_what_waits);
	tcase_add_test(
	    tc, test_receivers_that_can_not_open_say_why_and_are_all_closed);
	tcase_add_test(tc, test_receivers_refuse_settings_that_can_not_work);
	tcase_add_test(tc, test_receivers_refuse_too_few_messages);
	suite_add_tcase(s, tc);
	return s;
}
