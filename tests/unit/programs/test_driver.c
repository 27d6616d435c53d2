/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/common/driver.h"

Suite *suite_driver(void);

#define STATES 500

/** A source of so many states, and how it ends. */
struct fake_source {
	struct pflow_source base;
	struct pflow_state state;
	unsigned left;
	unsigned waits; /**< pumps that find nothing before the end */
	unsigned pumps;
	int end;
};

/** A transport that takes nothing every other time, or never anything. */
struct fake_transport {
	struct pflow_transport base;
	uint64_t records;
	unsigned sends;
	bool stuck;
	bool dies;
	bool dead;
};

static struct fake_source source;
static struct fake_transport transport;
static struct pflowi_lanes lanes;
static struct pflowi_driver driver;
static unsigned turns;

static void
source_want(const struct pflow_source *s, struct pflow_want *out)
{
	(void)s;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
}

static int
source_pump(struct pflow_source *s, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct fake_source *f = (struct fake_source *)s;

	f->pumps++;
	for (; f->left > 0; f->left--, budget--) {
		size_t taken = 0;
		int status;

		if (budget == 0)
			return PFLOW_MORE;
		status = sink(arg, &f->state, 1, now, &taken);
		if (status != PFLOW_OK)
			return status;
	}
	if (f->waits > 0) {
		f->waits--;
		return PFLOW_OK;
	}
	return f->end;
}

static const struct pflow_source_ops source_ops = { .name = "fake",
	.want = source_want, .pump = source_pump };

static int
transport_open(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	t->generation = 1;
	t->overhead = PFLOW_OVERHEAD_UDP_IPV4;
	return PFLOW_OK;
}

static int
transport_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct fake_transport *f = (struct fake_transport *)t;

	(void)now;
	*sent = 0;
	if (f->dies) {
		f->dead = true;
		return PFLOW_ERR_CLOSED;
	}
	if (f->stuck || f->sends++ % 2 == 0)
		return PFLOW_ERR_AGAIN;
	f->records += msgs[0].records;
	*sent = 1;
	return count == 1 ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static int
transport_service(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	return ((struct fake_transport *)t)->dead ? PFLOW_ERR_SYSTEM
						  : PFLOW_OK;
}

static void
transport_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
}

static const char *
transport_error_text(const struct pflow_transport *t)
{
	(void)t;
	return "";
}

static void
transport_close(struct pflow_transport *t)
{
	(void)t;
}

static const struct pflow_transport_ops transport_ops = { .name = "fake",
	.nature = PFLOW_TRANSPORT_DATAGRAM, .open = transport_open,
	.send = transport_send, .service = transport_service,
	.want = transport_want, .error_text = transport_error_text,
	.close = transport_close };

static void
on_turn(void *arg, const struct pflowi_driver *d, struct pflow_now now)
{
	(void)arg;
	(void)d;
	(void)now;
	turns++;
}

static void
begin(void)
{
	static const uint8_t addr[4] = { 192, 0, 2, 1 };
	static const struct pflow_now now = { 1, 1 };
	struct pflow_transport *road = &transport.base;
	struct pflow_exporter_config cfg;
	char err[64];

	memset(&source, 0, sizeof(source));
	source.base.ops = &source_ops;
	source.left = STATES;
	source.end = PFLOW_EOF;
	pflow_state_init(&source.state);
	pflow_state_set_key(&source.state, PFLOW_AF_IPV4, addr, 1, addr, 2);
	source.state.octets[0] = source.state.packets[0] = 1;
	memset(&transport, 0, sizeof(transport));
	transport.base.ops = &transport_ops;
	pflow_exporter_config_init(&cfg);
	ck_assert_int_eq(pflowi_lanes_init(&lanes, &road, 1, &cfg, 2, 0, now,
	    err, sizeof(err)), PFLOW_OK);
	memset(&driver, 0, sizeof(driver));
	driver.source = &source.base;
	driver.lanes = &lanes;
	driver.turn = on_turn;
	driver.drain_ns = 1;
	turns = 0;
}

static const struct pflow_exporter_stats *
end(void)
{
	static struct pflow_exporter_stats stats;

	pflowi_lanes_stats(&lanes, &stats);
	pflowi_lanes_close(&lanes);
	return &stats;
}

START_TEST(test_driver_hands_over_everything_through_a_narrow_road)
{
	begin();
	driver.drain_ns = PFLOW_NEVER;
	ck_assert_int_eq(pflowi_driver_run(&driver), PFLOW_OK);
	ck_assert_uint_eq(driver.states, STATES);
	ck_assert_uint_eq(transport.records, STATES);
	ck_assert_int_eq(driver.source_status, PFLOW_EOF);
	ck_assert_uint_gt(turns, 1);
	ck_assert_uint_eq(end()->records_sent, STATES);
}
END_TEST

START_TEST(test_driver_exports_what_a_source_gave_before_it_failed)
{
	begin();
	driver.drain_ns = PFLOW_NEVER;
	source.end = PFLOW_ERR_TRUNCATED;
	ck_assert_int_eq(pflowi_driver_run(&driver), PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(transport.records, STATES);
	(void)end();
}
END_TEST

START_TEST(test_driver_pumps_again_after_a_source_waited)
{
	begin();
	driver.drain_ns = PFLOW_NEVER;
	source.waits = 3;
	ck_assert_int_eq(pflowi_driver_run(&driver), PFLOW_OK);
	ck_assert_uint_ge(source.pumps, 4);
	(void)end();
}
END_TEST

START_TEST(test_driver_gives_up_a_collector_that_takes_nothing_at_the_end)
{
	const struct pflow_exporter_stats *stats;

	begin();
	source.left = 40; /* fits the memory: the source comes to its end */
	transport.stuck = true;
	ck_assert_int_eq(pflowi_driver_run(&driver), PFLOW_ERR_CLOSED);
	ck_assert(driver.gave_up);
	stats = end();
	ck_assert_uint_eq(stats->drops[PFLOW_DROP_discarded].count, 40);
	ck_assert_uint_eq(stats->records, 40);
}
END_TEST

START_TEST(test_driver_ends_when_the_transport_can_never_work)
{
	const struct pflow_exporter_stats *stats;

	begin();
	transport.dies = true;
	ck_assert_int_eq(pflowi_driver_run(&driver), PFLOW_ERR_SYSTEM);
	stats = end();
	ck_assert_uint_eq(stats->records,
	    stats->drops[PFLOW_DROP_discarded].count);
	ck_assert_uint_eq(driver.states, stats->states);
}
END_TEST

Suite *
suite_driver(void)
{
	Suite *s = suite_create("driver");
	TCase *tc = tcase_create("driver");

	tcase_add_test(tc,
	    test_driver_hands_over_everything_through_a_narrow_road);
	tcase_add_test(tc,
	    test_driver_exports_what_a_source_gave_before_it_failed);
	tcase_add_test(tc, test_driver_pumps_again_after_a_source_waited);
	tcase_add_test(tc,
	    test_driver_gives_up_a_collector_that_takes_nothing_at_the_end);
	tcase_add_test(tc, test_driver_ends_when_the_transport_can_never_work);
	suite_add_tcase(s, tc);
	return s;
}
