/* SPDX-License-Identifier: ISC */
#include "conformance.h"

#include <check.h>
#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/time.h"

#define HEADER 16 /* as IPFIX: the length is at octet 2 */
#define TURNS_MAX 200000
#define BATCH_MAX 64
#define MS PFLOWI_NS_PER_MS

/** A driver as the contract wants it, and what it has seen. */
struct run {
	const struct conformance_adapter *a;
	struct conformance_peer peer;
	struct pflow_transport *t;
	struct pflow_now now;
	uint32_t total; /* messages to send */
	uint32_t next;	/* the head */
	uint32_t size;	/* 0: sizes vary */
	size_t batch;
	size_t peer_octets; /* what the peer takes each turn */
	uint32_t generation;
	uint32_t first[CONFORMANCE_SESSIONS]; /* head at the session's start */
	unsigned agains, closeds;
	struct pflow_message msgs[BATCH_MAX];
	uint8_t *octets[BATCH_MAX];
};

void
conformance_log_add(struct conformance_peer *peer, const void *data, size_t n)
{
	struct conformance_log *log;

	ck_assert_uint_gt(peer->sessions, 0);
	log = &peer->session[peer->sessions - 1];
	if (log->len + n > log->cap) {
		log->cap = (log->len + n) * 2;
		log->data = realloc(log->data, log->cap);
		ck_assert_ptr_nonnull(log->data);
	}
	if (n > 0)
		memcpy(log->data + log->len, data, n);
	log->len += n;
}

void
conformance_log_session(struct conformance_peer *peer)
{
	ck_assert_uint_lt(peer->sessions, CONFORMANCE_SESSIONS);
	peer->sessions++;
}

static uint32_t
message_len(const struct run *r, uint32_t index)
{
	uint32_t span = r->a->message_max - r->a->message_min - HEADER + 1;

	if (r->size != 0)
		return r->size;
	return (r->a->message_min == 0 ? HEADER : r->a->message_min) +
	    (index * UINT32_C(2654435761) >> 7) % (span > 1400 ? 1400 : span);
}

static void
make_message(const struct run *r, uint32_t index, uint8_t *out)
{
	uint32_t len = message_len(r, index), i, x = index * 2246822519u + 1;

	for (i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		out[i] = (uint8_t)(x >> 24);
	}
	pflowi_put_be16(out, 10);
	pflowi_put_be16(out + 2, (uint16_t)len);
	pflowi_put_be32(out + 8, index);
}

static void
begin(struct run *r, const struct conformance_adapter *a, uint32_t total,
    size_t batch)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	/* What the contract leaves to the program. */
	signal(SIGPIPE, SIG_IGN);
	r->a = a;
	r->total = total;
	r->batch = batch;
	r->peer_octets = SIZE_MAX;
	r->now.mono_ns = UINT64_C(1000000000000);
	r->now.wall_ns = UINT64_C(1700000000000000000);
	for (i = 0; i < BATCH_MAX; i++) {
		r->octets[i] = malloc(65536);
		ck_assert_ptr_nonnull(r->octets[i]);
	}
	r->t = a->begin(&r->peer);
	ck_assert_ptr_nonnull(r->t);
	ck_assert_uint_eq(r->t->generation, 0);
	ck_assert_int_eq(r->t->ops->open(r->t, r->now), PFLOW_OK);
}

static void
end(struct run *r)
{
	size_t i;

	if (r->t != NULL)
		r->t->ops->close(r->t);
	r->a->end(&r->peer);
	for (i = 0; i < BATCH_MAX; i++)
		free(r->octets[i]);
	for (i = 0; i < CONFORMANCE_SESSIONS; i++)
		free(r->peer.session[i].data);
}

void
conformance_wait(const struct pflow_transport *t, struct pflow_now *now, int ms)
{
	struct pflow_want want;
	struct pollfd pfd = {.fd = -1};
	uint64_t step = (uint64_t)ms * MS;

	t->ops->want(t, &want);
	if (want.deadline_ns <= now->mono_ns) {
		now->mono_ns += 1;
		return;
	}
	pfd.fd = want.fd;
	if (want.events & PFLOW_WANT_READ)
		pfd.events |= POLLIN;
	if (want.events & PFLOW_WANT_WRITE)
		pfd.events |= POLLOUT;
	if (want.fd != -1 && poll(&pfd, 1, ms) > 0) {
		now->mono_ns += 1;
		return;
	}
	if (want.fd == -1 && want.deadline_ns != PFLOW_NEVER) {
		/* Nothing but time can help: it passes at once. */
		(void)poll(NULL, 0, 1);
		step = want.deadline_ns - now->mono_ns;
	}
	now->mono_ns += step;
	now->wall_ns += step;
}

struct find {
	const char *name;
	uint64_t value;
	bool found;
};

static void
find_counter(void *arg, const struct pflow_counter *c)
{
	struct find *f = arg;

	if (strcmp(f->name, c->name) == 0) {
		f->found = true;
		f->value = c->value;
	}
}

uint64_t
conformance_counter(const struct pflow_transport *t, const char *name)
{
	struct find f = {.name = name};

	t->ops->counters(t, find_counter, &f);
	ck_assert_msg(f.found, "no counter %s", name);
	return f.value;
}

static void
check_error_text(const struct run *r)
{
	const char *text = r->t->ops->error_text(r->t);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_null(strchr(text, '\n'));
}

static void
see_generation(struct run *r)
{
	if (r->t->generation == r->generation)
		return;
	/* One at a time: a driver must not miss a session. */
	ck_assert_uint_eq(r->t->generation, r->generation + 1);
	r->generation++;
	ck_assert_uint_le(r->generation, CONFORMANCE_SESSIONS);
	r->first[r->generation - 1] = r->next;
}

static int
service(struct run *r)
{
	int rc = r->t->ops->service(r->t, r->now);

	check_error_text(r);
	if (rc == PFLOW_OK)
		ck_assert_uint_gt(r->t->generation, 0);
	else if (rc == PFLOW_ERR_SYSTEM)
		ck_assert_str_ne(r->t->ops->error_text(r->t), "");
	else
		ck_assert_int_eq(rc, PFLOW_ERR_AGAIN);
	see_generation(r);
	return rc;
}

/** Offer the head and what follows; the same head until it is taken. */
static int
offer(struct run *r)
{
	size_t n = r->total - r->next, i, sent = SIZE_MAX;
	int rc;

	if (n > r->batch)
		n = r->batch;
	for (i = 0; i < n; i++) {
		uint32_t index = r->next + (uint32_t)i;

		make_message(r, index, r->octets[i]);
		r->msgs[i] = (struct pflow_message){.data = r->octets[i],
		    .len = message_len(r, index),
		    .records = 1};
	}
	rc = r->t->ops->send(r->t, r->msgs, n, &sent, r->now);
	/* The messages are borrowed for the call alone. */
	for (i = 0; i < n; i++)
		memset(r->octets[i], 0x5a, r->msgs[i].len);
	ck_assert_uint_le(sent, n);
	if (rc == PFLOW_OK)
		ck_assert_uint_eq(sent, n);
	else
		ck_assert(rc == PFLOW_ERR_AGAIN || rc == PFLOW_ERR_CLOSED);
	if (rc == PFLOW_ERR_AGAIN)
		ck_assert_uint_lt(sent, n);
	r->next += (uint32_t)sent;
	r->agains += rc == PFLOW_ERR_AGAIN;
	r->closeds += rc == PFLOW_ERR_CLOSED;
	return rc;
}

/** AGAIN without anything to wait for would be the end of it. */
static void
check_want(const struct run *r)
{
	struct pflow_want want;

	memset(&want, 0xa5, sizeof(want));
	r->t->ops->want(r->t, &want);
	ck_assert_int_ge(want.fd, -1);
	ck_assert_uint_eq(
	    want.events & ~(PFLOW_WANT_READ | PFLOW_WANT_WRITE), 0);
	if (want.fd == -1)
		ck_assert_uint_eq(want.events, 0);
	ck_assert_msg((want.fd != -1 && want.events != 0) ||
		want.deadline_ns != PFLOW_NEVER,
	    "AGAIN, but nothing to wait for");
}

static void
turn(struct run *r)
{
	int rc = service(r);

	if (rc != PFLOW_ERR_SYSTEM && r->next < r->total)
		rc = offer(r);
	if (rc == PFLOW_ERR_AGAIN)
		check_want(r);
	r->a->step(&r->peer, r->peer_octets);
	if (rc == PFLOW_ERR_AGAIN)
		conformance_wait(r->t, &r->now, r->peer_octets == 0 ? 1 : 5);
}

/** How many whole messages the running session of the peer has. */
static uint32_t
whole_messages(const struct conformance_log *log)
{
	size_t at = 0;
	uint32_t n = 0;

	while (log->len - at >= HEADER) {
		size_t len = pflowi_get_be16(log->data + at + 2);

		if (len > log->len - at)
			break;
		at += len;
		n++;
	}
	return n;
}

/** All of a session: messages first, first + 1, ... Gives their count. */
static uint32_t
check_log(const struct run *r, size_t session, bool may_end_in_part)
{
	const struct conformance_log *log = &r->peer.session[session];
	uint32_t index = r->first[session], n = 0;
	uint8_t *expected = malloc(65536);
	size_t at = 0;

	ck_assert_ptr_nonnull(expected);
	while (at < log->len) {
		uint32_t len = message_len(r, index);
		size_t left = log->len - at;

		make_message(r, index, expected);
		if (left < len) {
			ck_assert_msg(may_end_in_part,
			    "session %zu ends in a part of message %u", session,
			    index);
			ck_assert_mem_eq(log->data + at, expected, left);
			break;
		}
		ck_assert_msg(memcmp(log->data + at, expected, len) == 0,
		    "session %zu: message %u is not the expected one", session,
		    index);
		at += len;
		index++;
		n++;
	}
	free(expected);
	return n;
}

/** Go on until everything is sent and the peer has it. */
static void
finish(struct run *r)
{
	long turns;
	uint32_t last;

	for (turns = 0; turns < TURNS_MAX; turns++) {
		turn(r);
		if (r->next < r->total || r->peer.sessions == 0)
			continue;
		last = r->first[r->peer.sessions - 1];
		if (whole_messages(&r->peer.session[r->peer.sessions - 1]) ==
		    r->total - last)
			return;
		conformance_wait(r->t, &r->now, 1);
	}
	ck_abort_msg("%s: %u of %u messages sent, then it stood still: %s",
	    r->a->name, r->next, r->total, r->t->ops->error_text(r->t));
}

static void
everything_arrives_once_and_in_order(const struct conformance_adapter *a)
{
	static const size_t batches[] = {1, 7, BATCH_MAX};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct run r;

		begin(&r, a, 300, batches[i]);
		finish(&r);
		ck_assert_uint_eq(r.peer.sessions, 1);
		ck_assert_uint_eq(check_log(&r, 0, false), 300);
		end(&r);
	}
}

static void
smallest_and_largest_messages_arrive(const struct conformance_adapter *a)
{
	uint32_t sizes[2];
	size_t i;

	sizes[0] = a->message_min == 0 ? HEADER : a->message_min;
	sizes[1] = a->message_max;
	for (i = 0; i < 2; i++) {
		struct run r;

		begin(&r, a, 20, 4);
		r.size = sizes[i];
		finish(&r);
		ck_assert_uint_eq(check_log(&r, 0, false), 20);
		end(&r);
	}
}

static void
a_slow_peer_gets_everything_in_the_end(const struct conformance_adapter *a)
{
	struct run r;
	long turns;

	if (!a->can_stall)
		return;
	/* It reads nothing at all until AGAIN has come to stay ... */
	begin(&r, a, 60000, 16);
	r.size = a->message_max < 1001 ? a->message_max : 1001;
	r.peer_octets = 0;
	for (turns = 0; turns < TURNS_MAX; turns++) {
		uint32_t before = r.next;

		turn(&r);
		if (r.next == before && r.t->generation > 0 && r.agains > 20)
			break;
		ck_assert_msg(r.next < r.total, "it never said AGAIN");
	}
	ck_assert_uint_eq(r.closeds, 0);
	/* ... then in sips, so that writes end inside of messages. */
	r.total = r.next + 200;
	r.peer_octets = 777;
	for (turns = 0; turns < 500; turns++)
		turn(&r);
	r.peer_octets = SIZE_MAX;
	finish(&r);
	ck_assert_uint_eq(check_log(&r, 0, false), r.total);
	end(&r);
}

static void
a_reset_gives_closed_and_a_new_session(const struct conformance_adapter *a)
{
	struct run r;
	long turns;

	if (!a->can_reset)
		return;
	begin(&r, a, 60000, 16);
	r.size = a->message_max < 1001 ? a->message_max : 1001;
	r.peer_octets = 5000;
	while (r.peer.sessions == 0 || r.peer.session[0].len < 30000)
		turn(&r);
	a->reset(&r.peer);
	for (turns = 0; turns < TURNS_MAX && r.closeds == 0; turns++) {
		/* AGAIN from service() may be all there is to see of it. */
		turn(&r);
		if (r.generation > 1)
			break;
	}
	if (a->reconnects) {
		r.peer_octets = SIZE_MAX;
		while (r.generation < 2)
			turn(&r);
		r.total = r.next + 300;
		finish(&r);
		ck_assert_uint_eq(r.peer.sessions, 2);
		check_log(&r, 0, true);
		ck_assert_uint_eq(
		    check_log(&r, 1, false), r.total - r.first[1]);
		ck_assert_str_ne(r.t->ops->error_text(r.t), "");
	}
	end(&r);
}

static void
progress_tells_when_everything_is_there(const struct conformance_adapter *a)
{
	struct pflow_progress progress = {0, false, true};
	struct run r;
	int turns;

	begin(&r, a, 200, 16);
	finish(&r);
	if (r.t->ops->progress == NULL) {
		end(&r);
		return;
	}
	for (turns = 0; turns < 400 && progress.confirmed < 200; turns++) {
		r.t->ops->progress(r.t, &progress);
		conformance_wait(r.t, &r.now, 1);
		service(&r);
	}
	ck_assert_uint_eq(progress.confirmed, 200);
	ck_assert(!progress.down);
	end(&r);
}

static void
restart_loses_nothing_and_begins_anew(const struct conformance_adapter *a)
{
	struct run r;

	if (!a->restarts)
		return;
	begin(&r, a, 200, 16);
	finish(&r);
	r.t->ops->restart(r.t, r.now);
	while (r.generation < 2)
		turn(&r);
	r.total = 400;
	finish(&r);
	ck_assert_uint_eq(check_log(&r, 0, false), 200);
	ck_assert_uint_eq(check_log(&r, 1, false), 200);
	end(&r);
}

static void
it_sleeps_when_there_is_nothing_to_do(const struct conformance_adapter *a)
{
	struct run r;
	struct pflow_want want;
	int i, busy = 0;

	begin(&r, a, 10, 10);
	finish(&r);
	for (i = 0; i < 100; i++) {
		service(&r);
		r.t->ops->want(r.t, &want);
		busy += want.deadline_ns <= r.now.mono_ns ||
		    (want.events & PFLOW_WANT_WRITE) != 0;
		r.now.mono_ns += MS;
	}
	ck_assert_msg(busy < 10, "%d of 100 idle turns want another", busy);
	end(&r);
}

struct names {
	const char *name[128];
	uint64_t value[128];
	size_t count, at;
};

static void
note_name(void *arg, const struct pflow_counter *c)
{
	struct names *n = arg;
	size_t i;

	ck_assert_uint_lt(n->count, 128);
	ck_assert_ptr_nonnull(c->help);
	for (i = 0; c->name[i] != '\0'; i++)
		ck_assert_msg(islower((unsigned char)c->name[i]) ||
			isdigit((unsigned char)c->name[i]) || c->name[i] == '_',
		    "counter %s is not snake_case", c->name);
	for (i = 0; i < n->count; i++)
		ck_assert_str_ne(c->name, n->name[i]);
	n->name[n->count] = c->name;
	n->value[n->count++] = c->kind == PFLOW_COUNTER_GAUGE ? 0 : c->value;
}

static void
check_name_again(void *arg, const struct pflow_counter *c)
{
	struct names *n = arg;

	ck_assert_uint_lt(n->at, n->count);
	ck_assert_str_eq(c->name, n->name[n->at]);
	ck_assert_uint_ge(c->value, n->value[n->at]);
	n->at++;
}

static void
counters_are_named_once_and_never_fall(const struct conformance_adapter *a)
{
	struct names names = {.count = 0};
	struct run r;

	begin(&r, a, 100, 10);
	if (r.t->ops->counters != NULL)
		r.t->ops->counters(r.t, note_name, &names);
	finish(&r);
	if (r.t->ops->counters != NULL)
		r.t->ops->counters(r.t, check_name_again, &names);
	ck_assert_uint_eq(names.at, names.count);
	end(&r);
}

static void
it_can_be_closed_at_any_time(const struct conformance_adapter *a)
{
	struct run r;
	uint32_t stop;

	for (stop = 0; stop < 40; stop += 8) {
		uint32_t i;

		begin(&r, a, 100000, 16);
		r.peer_octets = stop * 10;
		for (i = 0; i < stop; i++)
			turn(&r);
		r.t->ops->close(r.t);
		r.t = NULL;
		end(&r);
	}
}

static const struct {
	const char *name;
	void (*run)(const struct conformance_adapter *a);
} cases[] = {
#define CASE(name)          \
	{                   \
#name, name \
	}
    CASE(everything_arrives_once_and_in_order),
    CASE(smallest_and_largest_messages_arrive),
    CASE(a_slow_peer_gets_everything_in_the_end),
    CASE(a_reset_gives_closed_and_a_new_session),
    CASE(progress_tells_when_everything_is_there),
    CASE(restart_loses_nothing_and_begins_anew),
    CASE(it_sleeps_when_there_is_nothing_to_do),
    CASE(counters_are_named_once_and_never_fall),
    CASE(it_can_be_closed_at_any_time),
#undef CASE
};

const int conformance_cases = (int)PFLOWI_ARRAY_LEN(cases);

void
conformance_case(const struct conformance_adapter *adapter, int i)
{
	/* Check reports the last assertion; this says where it was. */
	mark_point();
	cases[i].run(adapter);
}
