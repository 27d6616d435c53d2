/* SPDX-License-Identifier: ISC */
/* The pump of conntrack: on a netlink made of lists. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/conntrack_link.h"
#include "test_conntrack_writer.h"

Suite *suite_conntrack(void);

#define SEC UINT64_C(1000000000)
#define T0 (UINT64_C(1700000000) * SEC)
#define QUEUE 4096

/** One datagram that waits, or a status that receive() shall return. */
struct item {
	int status;
	int error;
	size_t len;
	uint8_t data[1024];
};

static struct fake {
	struct pflowi_ct_link base;
	struct item *queue[2];
	size_t head[2], tail[2];
	unsigned requests;
	uint32_t seq;	/* of the last request */
	int refuse;	/* errno of request(), 0: taken */
	uint32_t drops;
	bool closed;
	struct pflow_now now;
} fake;

static struct nlw w;
static struct pflow_source *src;

/* --- the link --- */

static int
fake_receive(struct pflowi_ct_link *link, enum pflowi_ct_channel channel,
    uint8_t *buf, size_t cap, size_t *len, int *error)
{
	struct fake *f = (struct fake *)link;
	const struct item *item;

	*len = 0;
	if (f->head[channel] == f->tail[channel])
		return PFLOW_ERR_AGAIN;
	item = &f->queue[channel][f->head[channel]++];
	ck_assert_uint_le(item->len, cap);
	if (item->status == PFLOW_OK) {
		memcpy(buf, item->data, item->len);
		*len = item->len;
	}
	*error = item->error;
	return item->status;
}

static int
fake_request(struct pflowi_ct_link *link, uint32_t seq, int *error)
{
	struct fake *f = (struct fake *)link;

	f->requests++;
	f->seq = seq;
	*error = f->refuse;
	return f->refuse == 0 ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}

static bool
fake_drops(const struct pflowi_ct_link *link, uint32_t *drops)
{
	*drops = ((const struct fake *)link)->drops;
	return true;
}

static uint32_t
fake_route(struct pflowi_ct_link *link, uint8_t af, const uint8_t *addr)
{
	(void)link;
	return (uint32_t)af * 100u + addr[3];
}

static void
fake_name(struct pflowi_ct_link *link, uint32_t index,
    char name[PFLOWI_CT_IFNAME])
{
	(void)link;
	(void)index;
	memset(name, 0, PFLOWI_CT_IFNAME);
}

static void
fake_close(struct pflowi_ct_link *link)
{
	((struct fake *)link)->closed = true;
}

static const struct pflowi_ct_link_ops fake_ops = {
	fake_receive, fake_request, fake_drops, fake_route, fake_name,
	fake_close,
};

static int
fake_open(void *arg, const struct pflowi_ct_settings *set,
    struct pflowi_ct_link **out, char *notes, size_t notes_len)
{
	(void)set;
	if (arg == NULL) {
		snprintf(notes, notes_len, "conntrack: no way in");
		return PFLOW_ERR_SYSTEM;
	}
	*out = arg;
	return PFLOW_OK;
}

static void
queue(unsigned channel, int status, const void *data, size_t len)
{
	struct item *item = &fake.queue[channel][fake.tail[channel]++];

	ck_assert_uint_lt(fake.tail[channel], QUEUE);
	ck_assert_uint_le(len, sizeof(item->data));
	item->status = status;
	item->error = ENOMEM;
	item->len = len;
	if (len > 0)
		memcpy(item->data, data, len);
}

/** A UDP flow of this number of packets, as an event or in a dump. */
static void
put_flow(unsigned channel, uint16_t type, uint32_t id, uint64_t packets)
{
	struct ct_spec s = { .type = type, .proto = 17,
		.src = "\x0a\x00\x00\x02", .dst = "\x0a\x00\x00\x03",
		.sport = 5, .dport = 53, .counters = true, .start_ns = T0 };

	s.id = id;
	s.packets[0] = packets;
	s.octets[0] = packets * 100;
	if (channel == PFLOWI_CT_DUMP) {
		s.flags = CT_F_MULTI;
		s.seq = fake.seq;
	}
	if (type == CT_DESTROY)
		s.stop_ns = T0 + 5 * SEC + id;
	w.len = 0;
	nlw_flow(&w, &s);
	queue(channel, PFLOW_OK, w.buf, w.len);
}

static void
put_done(uint32_t error)
{
	w.len = 0;
	nlw_head(&w, 3, CT_F_MULTI, fake.seq, 0);
	nlw_host32(&w, error);
	nlw_finish(&w);
	queue(PFLOWI_CT_DUMP, PFLOW_OK, w.buf, w.len);
}

/* --- the sink --- */

static struct {
	struct pflow_state last;
	uint64_t states, packets;
	size_t room; /* refuses beyond */
	size_t largest;
} got;

static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	size_t i;

	(void)arg;
	ck_assert_uint_eq(now.mono_ns, fake.now.mono_ns);
	ck_assert_uint_ge(count, 1);
	if (count > got.largest)
		got.largest = count;
	for (i = 0; i < count && got.room > 0; i++, got.room--) {
		got.last = states[i];
		got.states++;
		got.packets += states[i].packets[0];
	}
	*taken = i;
	return i == count ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static int
pump(unsigned budget)
{
	return src->ops->pump(src, fake.now, budget, sink, NULL);
}

static void
later(uint64_t ns)
{
	fake.now.mono_ns += ns;
	fake.now.wall_ns += ns;
}

static struct {
	const char *name;
	uint64_t value;
	enum pflow_counter_kind kind;
} wanted;

static void
on_counter(void *arg, const struct pflow_counter *c)
{
	unsigned *n = arg;

	(*n)++;
	ck_assert_uint_gt(strlen(c->help), 5);
	if (wanted.name != NULL && strcmp(c->name, wanted.name) == 0) {
		wanted.value = c->value;
		wanted.kind = c->kind;
		wanted.name = NULL;
	}
}

static uint64_t
counter(const char *name)
{
	unsigned n = 0;

	wanted.name = name;
	src->ops->counters(src, on_counter, &n);
	ck_assert_msg(wanted.name == NULL, "no counter %s", name);
	return wanted.value;
}

static void
create(const char *argument, uint64_t active_s, void *arg)
{
	struct pflow_source_config cfg;
	char err[200];

	pflow_source_config_init(&cfg);
	cfg.active_ns = active_s * SEC;
	ck_assert_int_eq(pflowi_ct_create(argument, &cfg, fake_open, arg, &src,
	    err, sizeof(err)), PFLOW_OK);
}

static void
setup(void)
{
	unsigned i;

	src = NULL;
	memset(&fake, 0, sizeof(fake));
	memset(&got, 0, sizeof(got));
	got.room = SIZE_MAX;
	fake.base.ops = &fake_ops;
	fake.base.fd = 42;
	fake.base.proc = "/nonexistent";
	fake.now.mono_ns = 100 * SEC;
	fake.now.wall_ns = T0;
	for (i = 0; i < 2; i++) {
		fake.queue[i] = calloc(QUEUE, sizeof(struct item));
		ck_assert_ptr_nonnull(fake.queue[i]);
	}
}

static void
teardown(void)
{
	src->ops->close(src);
	free(fake.queue[0]);
	free(fake.queue[1]);
}

static void
open_with(const char *argument, uint64_t active_s)
{
	create(argument, active_s, &fake);
	ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_OK);
}

/** With reports: until the baseline, which shows nobody, is through. */
static void
open_reporting(const char *argument)
{
	open_with(argument, 60);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(fake.requests, 1);
	put_done(0);
	later(SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
}

static uint64_t
deadline(void)
{
	struct pflow_want want;

	src->ops->want(src, &want);
	return want.deadline_ns;
}

/* --- tests --- */

START_TEST(test_open_that_fails_says_why)
{
	struct pflow_want want;

	create("", 60, NULL);
	src->ops->want(src, &want);
	ck_assert_int_eq(want.fd, -1);
	ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_ERR_SYSTEM);
	ck_assert_str_eq(src->ops->error_text(src), "conntrack: no way in");
}
END_TEST

START_TEST(test_open_notes_what_the_kernel_does_not_count)
{
	open_with("", 0);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "/nonexistent/nf_conntrack_acct"));
}
END_TEST

START_TEST(test_bad_argument_is_refused_with_one_line)
{
	struct pflow_source_config cfg;
	struct pflow_source *none = (struct pflow_source *)&cfg;
	char err[200];

	open_with("", 0);
	pflow_source_config_init(&cfg);
	ck_assert_int_eq(pflowi_ct_create("mark=", &cfg, fake_open, &fake,
	    &none, err, sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_null(none);
	ck_assert_ptr_nonnull(strstr(err, "mark=VALUE"));
}
END_TEST

START_TEST(test_events_become_states_and_then_it_waits_for_the_descriptor)
{
	struct pflow_want want;

	open_with("", 0);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 1, 3);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 2, 4);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.states, 2);
	ck_assert_uint_eq(got.packets, 7);
	ck_assert_uint_eq(got.last.start_ns, T0);
	src->ops->want(src, &want);
	ck_assert_int_eq(want.fd, 42);
	ck_assert_uint_eq(want.events, PFLOW_WANT_READ);
	ck_assert_uint_eq(want.deadline_ns, PFLOW_NEVER);
	ck_assert_uint_eq(fake.requests, 0);
	ck_assert_uint_eq(counter("states"), 2);
}
END_TEST

START_TEST(test_budget_is_kept_and_nothing_is_lost_by_it)
{
	unsigned budget, i;

	open_with("", 0);
	for (i = 0; i < 1000; i++)
		put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, i, 1);
	for (budget = 1; got.states < 1000; budget = budget * 3 % 97 + 1) {
		uint64_t before = got.states;
		int rc = pump(budget);

		ck_assert_uint_le(got.states - before, budget);
		ck_assert(rc == PFLOW_MORE || rc == PFLOW_OK);
	}
	ck_assert_int_eq(pump(1), PFLOW_OK);
	ck_assert_uint_eq(got.packets, 1000);
	ck_assert_int_eq(pump(0), PFLOW_MORE);
}
END_TEST

START_TEST(test_sink_that_refuses_gets_the_same_states_again)
{
	unsigned i;

	open_with("", 0);
	for (i = 0; i < 200; i++)
		put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, i, i);
	for (i = 0; got.states < 200; i++) {
		got.room = i % 7;
		(void)pump(1000);
		ck_assert_uint_lt(i, 1000);
	}
	ck_assert_uint_eq(got.packets, 199 * 200 / 2);
	got.room = 0;
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 777, 1);
	ck_assert_int_eq(pump(10), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(pump(10), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(deadline(), 0);
	got.room = 1;
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.states, 201);
}
END_TEST

START_TEST(test_messages_that_give_no_state_do_not_hold_the_loop)
{
	unsigned i, calls = 0;

	open_with("", 0);
	for (i = 0; i < 3000; i++)
		put_flow(PFLOWI_CT_EVENTS, CT_NEW, i, 1);
	while (pump(10) == PFLOW_MORE)
		calls++;
	ck_assert_uint_gt(calls, 20);
	ck_assert_uint_eq(got.states, 0);
}
END_TEST

START_TEST(test_baseline_comes_before_events_and_gives_nothing)
{
	later(SEC); /* the flow began at T0, before us */
	open_with("", 60);
	ck_assert_uint_eq(deadline(), fake.now.mono_ns);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 1, 15);
	fake.seq = 1;
	put_flow(PFLOWI_CT_DUMP, CT_NEW, 1, 10);
	put_done(0);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(fake.requests, 1);
	ck_assert_uint_eq(got.states, 1);
	ck_assert_uint_eq(got.packets, 5);
	ck_assert_uint_eq(counter("dump_entries"), 1);
}
END_TEST

START_TEST(test_living_flows_are_reported_by_dumps_and_ends_give_the_rest)
{
	open_reporting("");
	ck_assert_uint_gt(deadline(), fake.now.mono_ns);
	later(60 * SEC);
	ck_assert_uint_le(deadline(), fake.now.mono_ns);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(fake.requests, 2);
	put_flow(PFLOWI_CT_DUMP, CT_NEW, 1, 10);
	put_done(0);
	later(SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.packets, 10);
	ck_assert_uint_eq(got.last.end_reason, PFLOW_END_ACTIVE);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 1, 12);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.states, 2);
	ck_assert_uint_eq(got.packets, 12);
	ck_assert_uint_eq(counter("tracked_flows"), 0);
	ck_assert_uint_eq(counter("dumps"), 2);
}
END_TEST

START_TEST(test_dump_is_spread_over_time)
{
	unsigned i, pieces = 40;

	fake.base.entries = 4000;
	open_reporting("");
	for (i = 0; i < 1000; i++)
		put_flow(PFLOWI_CT_DUMP, CT_NEW, i, 1);
	fake.tail[1] = fake.head[1]; /* those were of no request */
	later(60 * SEC);
	ck_assert_int_eq(pump(1000), PFLOW_OK);
	for (i = 0; i < pieces; i++)
		put_flow(PFLOWI_CT_DUMP, CT_NEW, i, 1);
	put_done(0);
	for (i = 0; fake.head[1] != fake.tail[1]; i++) {
		uint64_t due = deadline();

		ck_assert_uint_lt(i, 1000);
		ck_assert_uint_le(due, fake.now.mono_ns + SEC / 10);
		if (due > fake.now.mono_ns)
			later(due - fake.now.mono_ns);
		ck_assert_int_eq(pump(1000), PFLOW_OK);
	}
	ck_assert_uint_ge(i, pieces / 2);
	ck_assert_uint_eq(got.states, pieces);
}
END_TEST

START_TEST(test_overrun_is_counted_and_answered_by_an_early_dump_not_at_once)
{
	unsigned i;

	open_reporting("");
	fake.drops = 17;
	queue(PFLOWI_CT_EVENTS, PFLOW_ERR_NOSPACE, NULL, 0);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 5, 1);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.states, 1);
	ck_assert_uint_eq(counter("overruns"), 1);
	ck_assert_uint_eq(counter("lost_events"), 17);
	ck_assert_int_eq(wanted.kind, PFLOW_COUNTER_DROP);
	later(4 * SEC);
	ck_assert_uint_le(deadline(), fake.now.mono_ns);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(fake.requests, 2);
	put_done(0);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	/* A storm of them does not make a storm of dumps. */
	for (i = 0; i < 100; i++) {
		queue(PFLOWI_CT_EVENTS, PFLOW_ERR_NOSPACE, NULL, 0);
		later(SEC / 100);
		ck_assert_int_eq(pump(10), PFLOW_OK);
	}
	ck_assert_uint_le(fake.requests, 4);
	ck_assert_uint_eq(counter("overruns"), 101);
}
END_TEST

START_TEST(test_reliable_listener_does_not_count_drops_as_lost)
{
	open_with("reliable", 0);
	fake.drops = 5;
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(counter("lost_events"), 0);
	ck_assert_uint_eq(counter("held_events"), 5);
}
END_TEST

START_TEST(test_drops_are_counted_from_the_opening_on_and_round_the_end)
{
	fake.drops = UINT32_MAX - 1;
	open_with("", 0);
	fake.drops = 3;
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(counter("lost_events"), 5);
}
END_TEST

START_TEST(test_messages_of_an_older_dump_or_another_kind_are_not_taken)
{
	open_reporting("");
	later(60 * SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	fake.seq--;
	put_flow(PFLOWI_CT_DUMP, CT_NEW, 1, 10);
	put_done(0);
	fake.seq++;
	put_flow(PFLOWI_CT_DUMP, 0x0200, 2, 10);
	put_done(0);
	put_flow(PFLOWI_CT_EVENTS, 0x0a00, 3, 10);
	queue(PFLOWI_CT_EVENTS, PFLOW_ERR_INVALID, NULL, 0);
	later(SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(got.states, 0);
	ck_assert_uint_eq(counter("foreign_messages"), 5);
}
END_TEST

START_TEST(test_malformed_and_truncated_messages_are_counted)
{
	open_with("", 0);
	queue(PFLOWI_CT_EVENTS, PFLOW_OK, "\x05\0\0\0garbage.....", 16);
	queue(PFLOWI_CT_EVENTS, PFLOW_ERR_TRUNCATED, NULL, 0);
	w.len = 0;
	nlw_begin(&w, CT_DESTROY, 0, 0, 0);
	nlw_finish(&w);
	queue(PFLOWI_CT_EVENTS, PFLOW_OK, w.buf, w.len);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 1, 1);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(counter("malformed_messages"), 3);
	ck_assert_uint_eq(got.states, 1);
}
END_TEST

START_TEST(test_interrupted_dump_is_counted_and_begun_again_soon)
{
	open_reporting("");
	later(60 * SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	w.len = 0;
	nlw_head(&w, 3, CT_F_MULTI | PFLOWI_NL_F_DUMP_INTR, fake.seq, 0);
	nlw_host32(&w, 0);
	nlw_finish(&w);
	queue(PFLOWI_CT_DUMP, PFLOW_OK, w.buf, w.len);
	later(SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(counter("dump_interruptions"), 1);
	later(4 * SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_uint_eq(fake.requests, 3);
}
END_TEST

START_TEST(test_refused_dump_is_named_and_not_asked_for_in_a_loop)
{
	unsigned i;

	open_reporting("");
	fake.refuse = EPERM;
	for (i = 0; i < 100; i++) {
		later(SEC);
		ck_assert_int_eq(pump(10), PFLOW_OK);
	}
	ck_assert_uint_le(fake.requests, 1 + 4);
	ck_assert_uint_ge(counter("dump_errors"), 3);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    strerror(EPERM)));
	fake.refuse = 0;
	later(60 * SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	put_done((uint32_t)-EBUSY);
	later(SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    strerror(EBUSY)));
}
END_TEST

START_TEST(test_dump_that_is_not_answered_is_given_up)
{
	unsigned i;

	open_reporting("");
	later(60 * SEC);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	for (i = 0; i < 700; i++) {
		later(SEC / 100);
		ck_assert_int_eq(pump(10), PFLOW_OK);
	}
	ck_assert_uint_eq(counter("dump_errors"), 1);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "does not answer"));
}
END_TEST

START_TEST(test_finish_gives_the_living_as_forced_and_then_ends)
{
	open_reporting("");
	src->ops->finish(src, fake.now);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 7, 2);
	ck_assert_int_eq(pump(10), PFLOW_OK); /* the answer is yet to come */
	ck_assert_uint_eq(fake.requests, 2);
	put_flow(PFLOWI_CT_DUMP, CT_NEW, 1, 10);
	put_done(0);
	ck_assert_int_eq(pump(10), PFLOW_EOF);
	ck_assert_uint_eq(got.states, 2);
	ck_assert_uint_eq(got.packets, 12);
	ck_assert_uint_eq(got.last.end_reason, PFLOW_END_FORCED);
	ck_assert_int_eq(pump(10), PFLOW_EOF);
}
END_TEST

START_TEST(test_finish_without_reports_gives_what_was_told_and_ends)
{
	open_with("", 0);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 7, 2);
	src->ops->finish(src, fake.now);
	ck_assert_uint_eq(deadline(), 0);
	ck_assert_int_eq(pump(10), PFLOW_EOF);
	ck_assert_uint_eq(got.states, 1);
	ck_assert_uint_eq(fake.requests, 0);
}
END_TEST

START_TEST(test_finish_ends_though_events_never_do)
{
	unsigned i;
	int rc = PFLOW_MORE;

	open_with("", 0);
	src->ops->finish(src, fake.now);
	for (i = 0; i < 1000 && rc != PFLOW_EOF; i++) {
		put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, i, 1);
		put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, i + 5000, 1);
		rc = pump(1);
		later(SEC / 100);
	}
	ck_assert_int_eq(rc, PFLOW_EOF);
	ck_assert_uint_le(i, 100 + 64); /* what was read before is given */
}
END_TEST

START_TEST(test_broken_socket_ends_the_source_after_what_was_read)
{
	open_with("", 0);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 7, 2);
	queue(PFLOWI_CT_EVENTS, PFLOW_ERR_SYSTEM, NULL, 0);
	ck_assert_int_eq(pump(10), PFLOW_ERR_SYSTEM);
	ck_assert_uint_eq(got.states, 1);
	ck_assert_int_eq(pump(10), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    strerror(ENOMEM)));
}
END_TEST

static int
ask(void *arg, int fd, const void *data, size_t len)
{
	(void)fd;
	(void)data;
	(void)len;
	++*(int *)arg;
	return 0;
}

START_TEST(test_interfaces_are_given_if_asked_for)
{
	open_with("", 0);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 1, 2);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert(!(got.last.present & PFLOW_HAS_IFINDEX));
	src->ops->close(src);
	open_with("interfaces", 0);
	put_flow(PFLOWI_CT_EVENTS, CT_DESTROY, 2, 2);
	ck_assert_int_eq(pump(10), PFLOW_OK);
	ck_assert(got.last.present & PFLOW_HAS_IFINDEX);
	ck_assert_uint_eq(got.last.ifindex[0], 402);
	ck_assert_uint_eq(got.last.ifindex[1], 403);
}
END_TEST

START_TEST(test_interface_map_that_is_not_there_fails_by_its_name)
{
	struct pflow_source_config cfg;
	char err[200];

	pflow_source_config_init(&cfg);
	cfg.interface_map = "/nonexistent/map";
	ck_assert_int_eq(pflowi_ct_create("interfaces", &cfg, fake_open, &fake,
	    &src, err, sizeof(err)), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "/nonexistent/map: "));
}
END_TEST

START_TEST(test_request_function_is_handed_to_the_link_if_the_caller_has_one)
{
	struct pflow_source_config cfg;
	char err[200];
	int asked = 0;

	pflow_source_config_init(&cfg);
	cfg.request = ask;
	cfg.request_arg = &asked;
	ck_assert_int_eq(pflowi_ct_create("", &cfg, fake_open, &fake, &src,
	    err, sizeof(err)), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_OK);
	ck_assert_int_eq(fake.base.ask(fake.base.ask_arg, 1, "", 0), 0);
	ck_assert_int_eq(asked, 1);
	src->ops->close(src);
	/* Of a header that did not have it, whatever lies there. */
	cfg.struct_size = offsetof(struct pflow_source_config, request);
	ck_assert_int_eq(pflowi_ct_create("", &cfg, fake_open, &fake, &src,
	    err, sizeof(err)), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_OK);
	ck_assert(fake.base.ask == NULL);
}
END_TEST

START_TEST(test_nat_events_can_be_wanted_by_word_or_by_the_caller)
{
	unsigned by_word;

	for (by_word = 0; by_word < 2; by_word++) {
		struct ct_spec s = { .type = CT_NEW, .flags = CT_F_NEW,
			.proto = 17, .src = "\x0a\0\0\2", .dst = "\x0a\0\0\3",
			.reply_dst = "\x0a\0\0\4", .sport = 5, .dport = 6 };
		struct pflow_source_config cfg;
		char err[200];

		if (src != NULL)
			src->ops->close(src);
		pflow_source_config_init(&cfg);
		cfg.active_ns = 0;
		cfg.nat_events = !by_word;
		ck_assert_int_eq(pflowi_ct_create(by_word ? "nat-events" : "",
		    &cfg, fake_open, &fake, &src, err, sizeof(err)), PFLOW_OK);
		ck_assert_int_eq(src->ops->open(src, fake.now), PFLOW_OK);
		w.len = 0;
		nlw_flow(&w, &s);
		queue(PFLOWI_CT_EVENTS, PFLOW_OK, w.buf, w.len);
		ck_assert_int_eq(pump(10), PFLOW_OK);
		ck_assert_uint_eq(got.states, by_word + 1);
		ck_assert(got.last.flags & PFLOW_STATE_CREATED);
	}
}
END_TEST

START_TEST(test_close_closes_the_link)
{
	open_with("", 0);
	src->ops->close(src);
	ck_assert(fake.closed);
	open_with("", 0);
	ck_assert_int_eq(src->ops->progress(src), -1);
}
END_TEST

Suite *
suite_conntrack(void)
{
	Suite *s = suite_create("sources/conntrack");
	TCase *t = tcase_create("pump");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_open_that_fails_says_why);
	tcase_add_test(t, test_open_notes_what_the_kernel_does_not_count);
	tcase_add_test(t, test_bad_argument_is_refused_with_one_line);
	tcase_add_test(t,
	    test_events_become_states_and_then_it_waits_for_the_descriptor);
	tcase_add_test(t, test_budget_is_kept_and_nothing_is_lost_by_it);
	tcase_add_test(t, test_sink_that_refuses_gets_the_same_states_again);
	tcase_add_test(t,
	    test_messages_that_give_no_state_do_not_hold_the_loop);
	tcase_add_test(t, test_baseline_comes_before_events_and_gives_nothing);
	tcase_add_test(t,
	    test_living_flows_are_reported_by_dumps_and_ends_give_the_rest);
	tcase_add_test(t, test_dump_is_spread_over_time);
	tcase_add_test(t,
	    test_overrun_is_counted_and_answered_by_an_early_dump_not_at_once);
	tcase_add_test(t,
	    test_reliable_listener_does_not_count_drops_as_lost);
	tcase_add_test(t,
	    test_drops_are_counted_from_the_opening_on_and_round_the_end);
	tcase_add_test(t,
	    test_messages_of_an_older_dump_or_another_kind_are_not_taken);
	tcase_add_test(t, test_malformed_and_truncated_messages_are_counted);
	tcase_add_test(t,
	    test_interrupted_dump_is_counted_and_begun_again_soon);
	tcase_add_test(t,
	    test_refused_dump_is_named_and_not_asked_for_in_a_loop);
	tcase_add_test(t, test_dump_that_is_not_answered_is_given_up);
	tcase_add_test(t, test_finish_gives_the_living_as_forced_and_then_ends);
	tcase_add_test(t,
	    test_finish_without_reports_gives_what_was_told_and_ends);
	tcase_add_test(t, test_finish_ends_though_events_never_do);
	tcase_add_test(t,
	    test_broken_socket_ends_the_source_after_what_was_read);
	tcase_add_test(t, test_interfaces_are_given_if_asked_for);
	tcase_add_test(t,
	    test_interface_map_that_is_not_there_fails_by_its_name);
	tcase_add_test(t,
	    test_request_function_is_handed_to_the_link_if_the_caller_has_one);
	tcase_add_test(t,
	    test_nat_events_can_be_wanted_by_word_or_by_the_caller);
	tcase_add_test(t, test_close_closes_the_link);
	suite_add_tcase(s, t);
	return s;
}
