/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/common/outlet.h"

Suite *suite_outlet(void);

#define SECOND UINT64_C(1000000000)
#define STATES 200

/** A transport that remembers what it was told, and does as it is told. */
struct fake {
	struct pflow_transport base;
	uint64_t messages;
	uint64_t records;
	uint64_t templates;
	uint32_t largest;
	uint32_t last_sequence;
	size_t room;	     /**< messages it takes before AGAIN */
	int verdict;	     /**< when there is no room */
	unsigned services;
	unsigned closes;
};

static int
fake_open(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	t->generation = 1;
	t->overhead = PFLOW_OVERHEAD_UDP_IPV4;
	return PFLOW_OK;
}

static int
fake_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct fake *f = (struct fake *)t;

	(void)now;
	for (*sent = 0; *sent < count && f->room > 0; (*sent)++, f->room--) {
		const struct pflow_message *m = &msgs[*sent];

		f->messages++;
		f->records += m->records;
		f->templates += m->records == 0;
		if (m->len > f->largest)
			f->largest = m->len;
		f->last_sequence = (uint32_t)m->data[8] << 24 |
		    (uint32_t)m->data[9] << 16 | (uint32_t)m->data[10] << 8 |
		    m->data[11];
	}
	return *sent == count ? PFLOW_OK : f->verdict;
}

static int
fake_service(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	((struct fake *)t)->services++;
	return PFLOW_OK;
}

static void
fake_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
}

static const char *
fake_error_text(const struct pflow_transport *t)
{
	(void)t;
	return "";
}

static void
fake_close(struct pflow_transport *t)
{
	((struct fake *)t)->closes++;
}

static const struct pflow_transport_ops fake_ops = { .name = "fake",
	.nature = PFLOW_TRANSPORT_DATAGRAM, .open = fake_open,
	.send = fake_send, .service = fake_service, .want = fake_want,
	.error_text = fake_error_text, .close = fake_close };

static const struct pflow_transport_ops *ops = &fake_ops;
static struct fake fake;
static struct pflowi_outlet outlet;
static struct pflow_state states[STATES];
static const struct pflow_now start = { 1000 * SECOND, 1700000000 * SECOND };

static struct pflow_now
at(uint64_t ns)
{
	struct pflow_now now = start;

	now.mono_ns += ns;
	now.wall_ns += ns;
	return now;
}

static void
begin(size_t messages, uint32_t rate_pps)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 };
	static const uint8_t dst[4] = { 198, 51, 100, 2 };
	struct pflow_exporter_config cfg;
	char err[128];
	unsigned i;

	memset(&fake, 0, sizeof(fake));
	fake.base.ops = ops;
	fake.room = SIZE_MAX;
	fake.verdict = PFLOW_ERR_AGAIN;
	pflow_exporter_config_init(&cfg);
	cfg.version = 10;
	cfg.template_copies = 1;
	ck_assert_int_eq(pflowi_outlet_open(&outlet, &fake.base, &cfg,
	    messages, rate_pps, start, err, sizeof(err)), PFLOW_OK);
	for (i = 0; i < STATES; i++) {
		pflow_state_init(&states[i]);
		pflow_state_set_key(&states[i], PFLOW_AF_IPV4, src,
		    (uint16_t)(1000 + i), dst, 443);
		states[i].packets[0] = 1;
		states[i].octets[0] = 60;
		states[i].start_ns = start.wall_ns;
		states[i].last_ns = start.wall_ns;
	}
}

static size_t
feed(size_t count, uint64_t ns, int status)
{
	size_t taken;

	ck_assert_int_eq(pflowi_outlet_feed(&outlet, states, count, at(ns),
	    at(ns), &taken), status);
	return taken;
}

START_TEST(test_outlet_sends_on_the_way_when_the_slots_are_full)
{
	const struct pflow_exporter_stats *stats;

	begin(2, 0);
	ck_assert_uint_eq(feed(STATES, 0, PFLOW_OK), STATES);
	ck_assert_uint_gt(fake.messages, 2);
	pflowi_outlet_flush(&outlet, at(0));
	ck_assert_int_eq(pflowi_outlet_turn(&outlet, at(0), false, false),
	    PFLOW_OK);
	ck_assert_uint_eq(fake.records, STATES);
	stats = pflowi_outlet_stats(&outlet);
	ck_assert_uint_eq(stats->records_sent, STATES);
	ck_assert(!pflowi_outlet_has_pending(&outlet));
	pflowi_outlet_close(&outlet);
	ck_assert_uint_eq(fake.closes, 1);
}
END_TEST

START_TEST(test_outlet_says_again_when_the_road_is_full_and_loses_nothing)
{
	size_t taken;

	begin(2, 0);
	fake.room = 1;
	taken = feed(STATES, 0, PFLOW_ERR_AGAIN);
	ck_assert_uint_lt(taken, STATES);
	fake.room = SIZE_MAX;
	while (taken < STATES) {
		size_t n;

		(void)pflowi_outlet_feed(&outlet, states + taken,
		    STATES - taken, at(0), at(0), &n);
		taken += n;
	}
	pflowi_outlet_flush(&outlet, at(0));
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.records, STATES);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_holds_no_record_longer_than_hold)
{
	struct pflow_want want;

	begin(8, 0);
	feed(1, 0, PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.records, 0);
	pflowi_outlet_want(&outlet, at(0), &want);
	ck_assert(want.deadline_ns == at(30 * SECOND).mono_ns);
	(void)pflowi_outlet_turn(&outlet, at(30 * SECOND), false, false);
	ck_assert_uint_eq(fake.records, 1);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_lets_the_clock_of_a_recording_stand_while_it_reads)
{
	struct pflow_now capture = { 5 * SECOND, 1600000000 * SECOND };
	size_t taken;

	begin(8, 0);
	ck_assert_int_eq(pflowi_outlet_feed(&outlet, states, 1, capture, at(0),
	    &taken), PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(60 * SECOND), false, false);
	ck_assert_uint_eq(fake.records, 0);
	/* A pipe that is silent: the promise of hold goes on. */
	(void)pflowi_outlet_turn(&outlet, at(60 * SECOND), false, true);
	ck_assert_uint_eq(fake.records, 1);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_starts_a_session_anew_when_the_generation_rises)
{
	begin(64, 0);
	feed(STATES, 0, PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.templates, 1);
	ck_assert_uint_gt(fake.last_sequence, 0);
	fake.base.generation = 2;
	pflowi_outlet_flush(&outlet, at(1));
	(void)pflowi_outlet_turn(&outlet, at(1), false, false);
	ck_assert_uint_eq(fake.templates, 2);
	ck_assert_uint_eq(fake.last_sequence, 0);
	ck_assert_uint_eq(fake.records, STATES);
	pflowi_outlet_close(&outlet);
}
END_TEST

/** A file that is full after each two messages. */
static int
full_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct fake *f = (struct fake *)t;

	if (f->room == SIZE_MAX)
		f->room = 2;
	return fake_send(t, msgs, count, sent, now);
}

static int
full_service(struct pflow_transport *t, struct pflow_now now)
{
	struct fake *f = (struct fake *)t;

	(void)now;
	f->services++;
	f->room = SIZE_MAX;
	t->generation++;
	return PFLOW_OK;
}

static const struct pflow_transport_ops full_file_ops = { .name = "full",
	.nature = PFLOW_TRANSPORT_FILE, .open = fake_open, .send = full_send,
	.service = full_service, .want = fake_want,
	.error_text = fake_error_text, .close = fake_close };

START_TEST(test_outlet_goes_on_in_the_next_file_at_once_and_loses_nothing)
{
	const struct pflow_exporter_stats *stats;

	ops = &full_file_ops;
	begin(64, 0);
	ops = &fake_ops;
	fake.verdict = PFLOW_ERR_CLOSED;
	feed(STATES, 0, PFLOW_OK);
	pflowi_outlet_flush(&outlet, at(1));
	ck_assert_int_eq(pflowi_outlet_turn(&outlet, at(1), false, false),
	    PFLOW_OK);
	stats = pflowi_outlet_stats(&outlet);
	ck_assert_uint_eq(fake.records, STATES);
	ck_assert_uint_gt(fake.services, 4);
	/* Each file begins with its templates. */
	ck_assert_uint_eq(fake.templates, fake.services + 1);
	ck_assert_uint_eq(stats->drops[PFLOW_DROP_discarded].count, 0);
	ck_assert_uint_eq(stats->records_sent, STATES);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_repeats_templates_when_the_transport_asks)
{
	begin(64, 0);
	feed(1, 0, PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.templates, 1);
	fake.base.refreshes++;
	(void)pflowi_outlet_turn(&outlet, at(1), false, false);
	(void)pflowi_outlet_turn(&outlet, at(2), false, false);
	ck_assert_uint_eq(fake.templates, 2);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_shrinks_messages_to_what_the_path_takes)
{
	begin(64, 0);
	feed(STATES, 0, PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	pflowi_outlet_flush(&outlet, at(0));
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_gt(fake.largest, 1200);
	ck_assert_uint_le(fake.largest, 1472);
	fake.base.message_limit = 600;
	fake.largest = 0;
	(void)pflowi_outlet_turn(&outlet, at(1), false, false);
	feed(STATES, 2, PFLOW_OK);
	(void)pflowi_outlet_turn(&outlet, at(2), false, false);
	ck_assert_uint_gt(fake.largest, 500);
	ck_assert_uint_le(fake.largest, 600);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_calls_service_after_a_session_closed)
{
	struct pflow_want want;

	begin(2, 0);
	fake.room = 0;
	fake.verdict = PFLOW_ERR_CLOSED;
	feed(STATES, 0, PFLOW_ERR_AGAIN);
	pflowi_outlet_want(&outlet, at(0), &want);
	ck_assert_uint_eq(want.deadline_ns, 0);
	fake.services = 0;
	fake.room = SIZE_MAX;
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.services, 1);
	pflowi_outlet_want(&outlet, at(0), &want);
	ck_assert_uint_ne(want.deadline_ns, 0);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_keeps_to_its_rate_and_says_when_to_come_again)
{
	struct pflow_want want;
	uint64_t ns;

	begin(64, 10);
	/* 8 messages and the template: the burst of 16 lets them go. */
	feed(STATES, 0, PFLOW_OK);
	pflowi_outlet_flush(&outlet, at(0));
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert(!pflowi_outlet_has_pending(&outlet));
	feed(STATES, 0, PFLOW_OK);
	feed(STATES, 0, PFLOW_OK);
	pflowi_outlet_flush(&outlet, at(0));
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert_uint_eq(fake.messages, 17);
	ck_assert(pflowi_outlet_has_pending(&outlet));
	pflowi_outlet_want(&outlet, at(0), &want);
	ck_assert_uint_gt(want.deadline_ns, at(0).mono_ns);
	ck_assert_uint_le(want.deadline_ns, at(SECOND / 10 + 1).mono_ns);
	for (ns = 0; ns <= SECOND; ns += SECOND / 100)
		(void)pflowi_outlet_turn(&outlet, at(ns), false, false);
	ck_assert_uint_ge(fake.messages, 25);
	ck_assert_uint_le(fake.messages, 27);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_with_a_rate_sleeps_while_the_transport_is_away)
{
	struct pflow_want want;

	begin(64, 10);
	fake.room = 0;
	feed(STATES, 0, PFLOW_OK);
	pflowi_outlet_flush(&outlet, at(0));
	(void)pflowi_outlet_turn(&outlet, at(0), false, false);
	ck_assert(pflowi_outlet_has_pending(&outlet));
	pflowi_outlet_want(&outlet, at(0), &want);
	ck_assert(want.deadline_ns == PFLOW_NEVER);
	/* The rate would allow many by now. */
	(void)pflowi_outlet_turn(&outlet, at(60 * SECOND), false, false);
	pflowi_outlet_want(&outlet, at(60 * SECOND), &want);
	ck_assert(want.deadline_ns == PFLOW_NEVER);
	pflowi_outlet_close(&outlet);
}
END_TEST

START_TEST(test_outlet_counts_what_it_abandons)
{
	const struct pflow_exporter_stats *stats;

	begin(64, 0);
	fake.room = 0;
	feed(STATES, 0, PFLOW_OK);
	pflowi_outlet_abandon(&outlet, at(0));
	stats = pflowi_outlet_stats(&outlet);
	ck_assert_uint_eq(stats->drops[PFLOW_DROP_discarded].count, STATES);
	ck_assert_uint_eq(stats->records_waiting, 0);
	pflowi_outlet_close(&outlet);
}
END_TEST

Suite *
suite_outlet(void)
{
	Suite *s = suite_create("outlet");
	TCase *tc = tcase_create("outlet");

	tcase_add_test(tc, test_outlet_sends_on_the_way_when_the_slots_are_full);
	tcase_add_test(tc,
	    test_outlet_says_again_when_the_road_is_full_and_loses_nothing);
	tcase_add_test(tc, test_outlet_holds_no_record_longer_than_hold);
	tcase_add_test(tc,
	    test_outlet_lets_the_clock_of_a_recording_stand_while_it_reads);
	tcase_add_test(tc,
	    test_outlet_starts_a_session_anew_when_the_generation_rises);
	tcase_add_test(tc,
	    test_outlet_repeats_templates_when_the_transport_asks);
	tcase_add_test(tc,
	    test_outlet_goes_on_in_the_next_file_at_once_and_loses_nothing);
	tcase_add_test(tc, test_outlet_shrinks_messages_to_what_the_path_takes);
	tcase_add_test(tc, test_outlet_calls_service_after_a_session_closed);
	tcase_add_test(tc,
	    test_outlet_keeps_to_its_rate_and_says_when_to_come_again);
	tcase_add_test(tc,
	    test_outlet_with_a_rate_sleeps_while_the_transport_is_away);
	tcase_add_test(tc, test_outlet_counts_what_it_abandons);
	suite_add_tcase(s, tc);
	return s;
}
