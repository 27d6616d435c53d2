/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/receivers.h>

#include "programs/common/lanes.h"

Suite *suite_lanes(void);

#define LANES 3
#define SEC UINT64_C(1000000000)

/** Takes messages, unless it is stuck or dead. */
struct road {
	struct pflow_transport base;
	uint64_t records;
	bool stuck;
	bool dead;
	unsigned closed;
};

static struct road road[LANES];
static struct pflowi_lanes lanes;
static struct pflow_now now;
static struct pflow_state states[600];

static int
road_open(struct pflow_transport *t, struct pflow_now at)
{
	(void)at;
	t->generation = 1;
	return PFLOW_OK;
}

static int
road_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now at)
{
	struct road *r = (struct road *)t;

	(void)at;
	for (*sent = 0; !r->stuck && *sent < count; ++*sent)
		r->records += msgs[*sent].records;
	return r->stuck ? PFLOW_ERR_AGAIN : PFLOW_OK;
}

static int
road_service(struct pflow_transport *t, struct pflow_now at)
{
	(void)at;
	return ((struct road *)t)->dead ? PFLOW_ERR_SYSTEM : PFLOW_OK;
}

static void
road_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
}

static const char *
road_error_text(const struct pflow_transport *t)
{
	return ((const struct road *)t)->dead ? "it died" : "";
}

static void
road_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	struct pflow_counter count = { "taken_records", "", 0,
		PFLOW_COUNTER_INFO };
	struct pflow_counter last = { "last_seconds", "", 7,
		PFLOW_COUNTER_GAUGE };

	count.value = ((const struct road *)t)->records;
	fn(arg, &count);
	fn(arg, &last);
}

static void
road_close(struct pflow_transport *t)
{
	((struct road *)t)->closed++;
}

static const struct pflow_transport_ops ops = { .name = "road",
	.nature = PFLOW_TRANSPORT_STREAM, .open = road_open,
	.send = road_send, .service = road_service, .want = road_want,
	.counters = road_counters, .error_text = road_error_text,
	.close = road_close };

static void
begin(size_t count, bool balance)
{
	struct pflow_transport *list[LANES];
	struct pflow_exporter_config cfg;
	char err[64];
	size_t i;

	memset(road, 0, sizeof(road));
	for (i = 0; i < LANES; i++) {
		road[i].base.ops = &ops;
		list[i] = &road[i].base;
	}
	now.mono_ns = now.wall_ns = 100 * SEC;
	pflow_exporter_config_init(&cfg);
	cfg.version = 10;
	ck_assert_int_eq(pflowi_lanes_init(&lanes, list, count, &cfg, 8, 0,
	    now, err, sizeof(err)), PFLOW_OK);
	lanes.balance = balance;
	for (i = 0; i < 600; i++) {
		uint8_t a[4] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
		uint8_t b[4] = { 192, 0, 2, 1 };

		pflow_state_init(&states[i]);
		pflow_state_set_key(&states[i], PFLOW_AF_IPV4, a, 1, b, 2);
		states[i].flags |= PFLOW_STATE_EXPORT;
		states[i].octets[0] = states[i].packets[0] = 1;
	}
}

static size_t
feed(size_t count, bool wait)
{
	size_t taken;
	int status = pflowi_lanes_feed(&lanes, states, count, wait, now, now,
	    &taken);

	ck_assert_int_eq(status, taken == count ? PFLOW_OK : PFLOW_ERR_AGAIN);
	return taken;
}

static void
finish(void)
{
	struct pflow_exporter_stats s;
	size_t i, count = lanes.count;

	pflowi_lanes_flush(&lanes, now);
	(void)pflowi_lanes_turn(&lanes, now, true, true);
	pflowi_lanes_abandon(&lanes, now);
	pflowi_lanes_stats(&lanes, &s);
	ck_assert_uint_eq(lanes.offered, s.states + lanes.overflow);
	ck_assert_uint_eq(s.records, s.records_sent +
	    s.drops[PFLOW_DROP_discarded].count);
	pflowi_lanes_close(&lanes);
	for (i = 0; i < count; i++)
		ck_assert_uint_eq(road[i].closed, 1);
}

START_TEST(test_lanes_give_everything_to_each)
{
	size_t i;

	begin(LANES, false);
	ck_assert_uint_eq(feed(600, true), 600);
	finish();
	for (i = 0; i < LANES; i++)
		ck_assert_uint_eq(road[i].records, 600);
}
END_TEST

START_TEST(test_lanes_balance_keeps_both_directions_of_a_flow_together)
{
	uint64_t sum = 0;
	size_t i;

	begin(LANES, true);
	ck_assert_uint_eq(feed(600, true), 600);
	/* And once more, from the other side. */
	for (i = 0; i < 600; i++) {
		struct pflow_state back = states[i];
		size_t pick = pflow_receivers_pick(&states[i], LANES);
		uint8_t a[4] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
		uint8_t b[4] = { 192, 0, 2, 1 };

		pflow_state_set_key(&back, PFLOW_AF_IPV4, b, 2, a, 1);
		ck_assert_uint_eq(pflow_receivers_pick(&back, LANES), pick);
	}
	finish();
	for (i = 0; i < LANES; i++) {
		ck_assert_uint_gt(road[i].records, 100);
		sum += road[i].records;
	}
	ck_assert_uint_eq(sum, 600);
}
END_TEST

START_TEST(test_lanes_wait_a_second_for_one_that_is_stuck_then_drop_its_oldest)
{
	size_t taken = 0;

	begin(LANES, false);
	road[1].stuck = true;
	while (feed(600, true) == 600)
		taken += 600;
	/* The others have had all of it, and are offered nothing twice. */
	now.mono_ns += SEC / 2;
	ck_assert_uint_lt(feed(600, true), 600);
	now.mono_ns += SEC;
	while (taken < 6000)
		taken += feed(600, true);
	finish();
	ck_assert_uint_eq(road[0].records, road[2].records);
	ck_assert_uint_ge(road[0].records, 6000);
	ck_assert_uint_eq(road[1].records, 0);
}
END_TEST

START_TEST(test_lanes_that_do_not_wait_drop_at_once_and_count)
{
	int i;

	begin(LANES, false);
	road[2].stuck = true;
	for (i = 0; i < 10; i++)
		ck_assert_uint_eq(feed(600, false), 600);
	ck_assert_uint_eq(lanes.offered, 3 * 6000);
	finish();
	ck_assert_uint_eq(road[0].records, 6000);
	ck_assert_uint_eq(road[2].records, 0);
}
END_TEST

START_TEST(test_lanes_of_one_wait_for_ever)
{
	size_t taken = 0, n;

	begin(1, false);
	road[0].stuck = true;
	while ((n = feed(600, true)) == 600)
		taken += n;
	taken += n;
	now.mono_ns += 100 * SEC;
	ck_assert_uint_eq(feed(600, true), 0);
	road[0].stuck = false;
	ck_assert_uint_eq(feed(600, true), 600);
	finish();
	ck_assert_uint_eq(road[0].records, taken + 600);
}
END_TEST

START_TEST(test_lanes_live_on_until_the_last_one_is_dead)
{
	begin(2, false);
	ck_assert_uint_eq(feed(600, true), 600);
	road[0].dead = true;
	ck_assert_int_eq(pflowi_lanes_turn(&lanes, now, true, true), PFLOW_OK);
	ck_assert(pflowi_lanes_are_connected(&lanes));
	ck_assert_str_eq(pflowi_lanes_error_text(&lanes), "it died");
	ck_assert_uint_eq(feed(600, true), 600);
	road[1].dead = true;
	ck_assert_int_eq(pflowi_lanes_turn(&lanes, now, true, true),
	    PFLOW_ERR_SYSTEM);
	ck_assert(!pflowi_lanes_are_connected(&lanes));
	finish();
}
END_TEST

static void
expect_counter(void *arg, const struct pflow_counter *c)
{
	unsigned *seen = arg;

	++*seen;
	if (strcmp(c->name, "taken_records") == 0)
		ck_assert_uint_eq(c->value, 3 * 600);
	else
		ck_assert_uint_eq(c->value, 7);
}

START_TEST(test_lanes_add_their_counters_up_but_not_points_in_time)
{
	unsigned seen = 0;

	begin(LANES, false);
	ck_assert_uint_eq(feed(600, true), 600);
	pflowi_lanes_flush(&lanes, now);
	(void)pflowi_lanes_turn(&lanes, now, true, true);
	pflowi_lanes_counters(&lanes, expect_counter, &seen);
	ck_assert_uint_eq(seen, 2);
	finish();
}
END_TEST

Suite *
suite_lanes(void)
{
	Suite *s = suite_create("lanes");
	TCase *tc = tcase_create("lanes");

	tcase_add_test(tc, test_lanes_give_everything_to_each);
	tcase_add_test(tc,
	    test_lanes_balance_keeps_both_directions_of_a_flow_together);
	tcase_add_test(tc,
	    test_lanes_wait_a_second_for_one_that_is_stuck_then_drop_its_oldest);
	tcase_add_test(tc, test_lanes_that_do_not_wait_drop_at_once_and_count);
	tcase_add_test(tc, test_lanes_of_one_wait_for_ever);
	tcase_add_test(tc, test_lanes_live_on_until_the_last_one_is_dead);
	tcase_add_test(tc,
	    test_lanes_add_their_counters_up_but_not_points_in_time);
	suite_add_tcase(s, tc);
	return s;
}
