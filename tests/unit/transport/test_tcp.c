/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance.h"
#include "loopback.h"
#include "transport/session.h"

Suite *suite_tcp(void);

#define SEC UINT64_C(1000000000)

static struct pflow_now now;
static struct pflow_transport_config cfg;

static void
setup(void)
{
	now.mono_ns = 1000 * SEC;
	now.wall_ns = 1700000000 * SEC;
	pflow_transport_config_init(&cfg);
}

struct peer {
	int listener;
	int fd; /* -1: not yet accepted */
};

static struct pflow_transport *
begin_on(struct conformance_peer *p, const char *addr, const char *host)
{
	struct peer *own = calloc(1, sizeof(*own));
	unsigned port;

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	own->listener = loopback_listen(SOCK_STREAM, addr, &port);
	own->fd = -1;
	pflow_transport_config_init(&cfg);
	cfg.retry_ns = SEC;
	return loopback_make("tcp", host, port, &cfg);
}

static struct pflow_transport *
begin4(struct conformance_peer *p)
{
	return begin_on(p, "127.0.0.1", "127.0.0.1");
}

static struct pflow_transport *
begin6(struct conformance_peer *p)
{
	return begin_on(p, "::1", "[::1]");
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct peer *own = p->arg;
	uint8_t buf[65536];

	if (own->fd == -1) {
		own->fd = loopback_accept(own->listener);
		if (own->fd == -1)
			return;
		conformance_log_session(p);
	}
	while (octets > 0) {
		ssize_t n = recv(own->fd, buf,
		    octets < sizeof(buf) ? octets : sizeof(buf), 0);

		if (n == 0) {
			close(own->fd);
			own->fd = -1;
		}
		if (n <= 0)
			return;
		conformance_log_add(p, buf, (size_t)n);
		octets -= (size_t)n;
	}
}

static void
reset(struct conformance_peer *p)
{
	struct peer *own = p->arg;

	loopback_reset_on_close(own->fd);
	close(own->fd);
	own->fd = -1;
}

static void
end(struct conformance_peer *p)
{
	struct peer *own = p->arg;

	if (own->fd != -1)
		close(own->fd);
	close(own->listener);
	free(own);
}

static const struct conformance_adapter adapters[] = {
    {.name = "tcp over IPv4",
	.message_max = 65535,
	.can_stall = true,
	.can_reset = true,
	.reconnects = true,
	.restarts = true,
	.begin = begin4,
	.step = step,
	.reset = reset,
	.end = end},
    {.name = "tcp over IPv6",
	.message_max = 65535,
	.can_stall = true,
	.can_reset = true,
	.reconnects = true,
	.restarts = true,
	.begin = begin6,
	.step = step,
	.reset = reset,
	.end = end},
};

START_TEST(test_tcp_over_ipv4_keeps_the_contract)
{
	conformance_case(&adapters[0], _i);
}
END_TEST

START_TEST(test_tcp_over_ipv6_keeps_the_contract)
{
	conformance_case(&adapters[1], _i);
}
END_TEST

/** A session with a peer that has not read yet. */
static struct pflow_transport *
session(int *listener, int *fd)
{
	struct pflow_transport *t;
	unsigned port;

	*listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	t = loopback_make("tcp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(loopback_bring_up(t, &now, 100));
	*fd = loopback_accept(*listener);
	ck_assert_int_ne(*fd, -1);
	return t;
}

static int
send_text(struct pflow_transport *t, const char *text, size_t *sent)
{
	struct pflow_message m = {
	    (const uint8_t *)text, (uint32_t)strlen(text), 1};

	return t->ops->send(t, &m, 1, sent, now);
}

/** Service until the session is over. */
static void
until_down(struct pflow_transport *t)
{
	int i;

	for (i = 0; i < 200; i++) {
		if (t->ops->service(t, now) == PFLOW_ERR_AGAIN)
			return;
		conformance_wait(t, &now, 5);
	}
	ck_abort_msg("the end of the session was not noticed");
}

START_TEST(test_tcp_has_no_overhead_and_is_a_stream)
{
	struct pflow_transport *t = loopback_make("tcp", "127.0.0.1", 9, &cfg);

	ck_assert_uint_eq(t->overhead, 0);
	ck_assert_int_eq(t->ops->nature, PFLOW_TRANSPORT_STREAM);
	t->ops->close(t);
}
END_TEST

START_TEST(test_tcp_takes_a_half_close_for_the_end_and_says_so)
{
	int listener, fd;
	struct pflow_transport *t = session(&listener, &fd);
	size_t sent;

	shutdown(fd, SHUT_WR);
	until_down(t);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "the collector ended the session"));
	ck_assert_uint_eq(conformance_counter(t, "ended_by_peer"), 1);
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 0);
	ck_assert_int_eq(send_text(t, "x", &sent), PFLOW_ERR_CLOSED);
	ck_assert_uint_eq(sent, 0);
	ck_assert_int_eq(send_text(t, "x", &sent), PFLOW_ERR_AGAIN);
	t->ops->close(t);
	close(fd);
	close(listener);
}
END_TEST

START_TEST(test_tcp_throws_away_and_counts_what_a_collector_says)
{
	int listener, fd;
	struct pflow_transport *t = session(&listener, &fd);

	ck_assert_int_eq(send(fd, "hello", 5, 0), 5);
	conformance_wait(t, &now, 1000);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(t, "unexpected_octets"), 5);
	t->ops->close(t);
	close(fd);
	close(listener);
}
END_TEST

/** Times of the attempts within so many seconds, relative to the first. */
static size_t
attempts(struct pflow_transport *t, uint64_t seconds, uint64_t *at, size_t max)
{
	uint64_t first = now.mono_ns, before = 0;
	struct pflow_want want;
	size_t n = 0;

	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	while (now.mono_ns < first + seconds * SEC) {
		uint64_t made = conformance_counter(t, "connect_attempts");

		if (made > before && n < max)
			at[n++] = now.mono_ns - first;
		before = made;
		t->ops->want(t, &want);
		ck_assert_uint_ne(want.deadline_ns, PFLOW_NEVER);
		conformance_wait(t, &now, 5);
		ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	}
	return n;
}

START_TEST(test_tcp_tries_once_a_minute_at_most_then_ever_more_seldom)
{
	struct pflow_transport *t;
	uint64_t at[64];
	unsigned port;
	size_t n, i;

	close(loopback_listen(SOCK_STREAM, "127.0.0.1", &port));
	t = loopback_make("tcp", "127.0.0.1", port, &cfg);
	n = attempts(t, 3600, at, 64);
	ck_assert_uint_ge(n, 10);
	ck_assert_uint_le(n, 14);
	for (i = 1; i < n; i++) {
		uint64_t gap = at[i] - at[i - 1];

		ck_assert_uint_ge(gap, 60 * SEC);
		ck_assert_uint_le(gap, 300 * SEC * 9 / 8 + SEC);
		if (i >= 4)
			ck_assert_uint_ge(gap, 300 * SEC);
	}
	ck_assert_ptr_nonnull(strstr(
	    t->ops->error_text(t), "Connection refused; next attempt in "));
	ck_assert_uint_ge(conformance_counter(t, "connect_failures"), n);
	t->ops->close(t);
}
END_TEST

START_TEST(test_tcp_schedule_is_settable)
{
	struct pflow_transport *t;
	uint64_t at[64];
	unsigned port;
	size_t n;

	close(loopback_listen(SOCK_STREAM, "127.0.0.1", &port));
	cfg.retry_ns = SEC;
	cfg.retry_max_ns = 2 * SEC;
	t = loopback_make("tcp", "127.0.0.1", port, &cfg);
	n = attempts(t, 20, at, 64);
	ck_assert_uint_ge(n, 8);
	ck_assert_uint_le(n, 12);
	t->ops->close(t);
}
END_TEST

START_TEST(test_tcp_comes_back_at_once_after_a_long_session)
{
	int listener, fd;
	struct pflow_transport *t = session(&listener, &fd);

	now.mono_ns += 3600 * SEC;
	close(fd);
	until_down(t);
	/* No more than the jitter: the last attempt is an hour old. */
	now.mono_ns += 60 * SEC / 8;
	ck_assert(loopback_bring_up(t, &now, 100));
	ck_assert_uint_eq(t->generation, 2);
	t->ops->close(t);
	close(listener);
}
END_TEST

START_TEST(test_tcp_does_not_come_back_at_once_after_a_short_session)
{
	int listener, fd;
	struct pflow_transport *t = session(&listener, &fd);
	struct pflow_want want;

	close(fd);
	until_down(t);
	t->ops->want(t, &want);
	ck_assert_int_eq(want.fd, -1);
	ck_assert_uint_gt(want.deadline_ns, now.mono_ns + 58 * SEC);
	t->ops->close(t);
	close(listener);
}
END_TEST

START_TEST(test_tcp_gives_up_an_attempt_that_nobody_answers)
{
	int listener, filler[8], i;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct pflow_transport *t;
	unsigned port;
	uint64_t began;

	/* A listener whose queue is full lets SYNs fall. */
	listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	ck_assert_int_eq(listen(listener, 0), 0);
	getsockname(listener, (struct sockaddr *)&ss, &len);
	for (i = 0; i < 8; i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(filler[i], (struct sockaddr *)&ss, len);
	}
	t = loopback_make("tcp", "127.0.0.1", port, &cfg);
	began = now.mono_ns;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(conformance_counter(t, "connect_failures"), 0);
	now.mono_ns = began + 30 * SEC;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(conformance_counter(t, "connect_failures"), 1);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "no answer in time"));
	t->ops->close(t);
	for (i = 0; i < 8; i++)
		close(filler[i]);
	close(listener);
}
END_TEST

START_TEST(test_tcp_does_not_talk_to_itself)
{
	struct pflow_transport *t;
	char source[64];
	unsigned port;

	close(loopback_listen(SOCK_STREAM, "127.0.0.1", &port));
	snprintf(source, sizeof(source), "127.0.0.1:%u", port);
	cfg.source = source;
	t = loopback_make("tcp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(!loopback_bring_up(t, &now, 3));
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "Connection refused"));
	t->ops->close(t);
}
END_TEST

/** Fill the road with messages of 1000 octets; how many went out. */
static uint32_t
fill(struct pflow_transport *t)
{
	static uint8_t octets[1000];
	struct pflow_message m = {octets, 1000, 2};
	uint32_t n = 0;
	size_t sent;
	int rc;

	for (;;) {
		memset(octets, (int)(n & 0xff), sizeof(octets));
		rc = t->ops->send(t, &m, 1, &sent, now);
		n += (uint32_t)sent;
		if (rc == PFLOW_ERR_AGAIN)
			return n;
		ck_assert_int_eq(rc, PFLOW_OK);
	}
}

START_TEST(test_tcp_counts_what_was_on_its_way_when_the_peer_reset)
{
	int listener, fd, there = 0;
	struct pflow_transport *t = session(&listener, &fd);
	uint32_t n = fill(t);
	uint64_t lost;

	conformance_wait(t, &now, 50);
	ck_assert_int_eq(ioctl(fd, FIONREAD, &there), 0);
	loopback_reset_on_close(fd);
	close(fd);
	until_down(t);
	lost = conformance_counter(t, "unconfirmed_messages");
	ck_assert_uint_gt(lost, 0);
	/* What the peer's system had whole is not among them. */
	ck_assert_uint_le((n - lost) * 1000, (unsigned)there);
	ck_assert_uint_eq(
	    conformance_counter(t, "unconfirmed_records"), 2 * lost);
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 1);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), n);
	t->ops->close(t);
	close(listener);
}
END_TEST

/** Take what fill() sent, as far as it is there, up to so many octets. */
static void
take(int fd, size_t *got, size_t upto)
{
	uint8_t octets[1000];
	ssize_t n, i;

	while (*got < upto) {
		n = recv(fd, octets, 1000 - *got % 1000, 0);
		if (n <= 0)
			return;
		/* An assertion writes to a file: none for each octet. */
		for (i = 0; i < n; i++)
			if (octets[i] != (*got / 1000 & 0xff))
				ck_abort_msg("octet %zu", *got + (size_t)i);
		*got += (size_t)n;
	}
}

START_TEST(test_tcp_ends_a_message_that_its_driver_gave_up)
{
	int listener, fd, turns;
	struct pflow_transport *t = session(&listener, &fd);
	struct pflowi_session *s = (struct pflowi_session *)t;
	size_t sent = 0, got = 0, upto = (size_t)fill(t) * 1000;
	char last[32];

	upto += s->offset > 0 ? 1000 : 0;
	for (turns = 0; turns < 10000 && sent == 0; turns++) {
		take(fd, &got, upto);
		(void)t->ops->service(t, now);
		if (send_text(t, "another one", &sent) == PFLOW_ERR_AGAIN)
			conformance_wait(t, &now, 1);
	}
	take(fd, &got, upto);
	ck_assert_uint_eq(got, upto);
	ck_assert_int_eq(recv(fd, last, sizeof(last), 0), 11);
	ck_assert_mem_eq(last, "another one", 11);
	/* The road ended inside a message, or this test tells nothing. */
	ck_assert_uint_eq(conformance_counter(t, "orphan_messages"), 1);
	t->ops->close(t);
	close(fd);
	close(listener);
}
END_TEST

START_TEST(test_tcp_close_delivers_what_was_sent)
{
	int listener, fd;
	struct pflow_transport *t = session(&listener, &fd);
	char got[16];
	size_t sent;

	/* Octets that nobody reads would turn the end into a reset. */
	ck_assert_int_eq(send(fd, "hello", 5, 0), 5);
	ck_assert_int_eq(send_text(t, "last words", &sent), PFLOW_OK);
	t->ops->close(t);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 10);
	ck_assert_mem_eq(got, "last words", 10);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 0);
	close(fd);
	close(listener);
}
END_TEST

/** A resolver with two addresses: nobody listens on the first. */
static int
lookup_two(void *arg, const struct pflowi_endpoint *ep, int family,
    struct pflowi_addrs *out, char *err, size_t err_len)
{
	unsigned *asked = arg;

	(void)family;
	(void)err;
	(void)err_len;
	++*asked;
	out->count = 2;
	ck_assert(pflowi_addr_literal("127.0.0.9", ep->port, &out->addr[0]));
	ck_assert(pflowi_addr_literal("127.0.0.1", ep->port, &out->addr[1]));
	return PFLOW_OK;
}

START_TEST(test_tcp_tries_every_address_of_a_name_and_asks_it_again)
{
	struct pflow_transport *t;
	struct pflowi_session *s;
	unsigned port, asked = 0;
	int listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port), fd;

	t = loopback_make("tcp", "collector.example", port, &cfg);
	s = (struct pflowi_session *)t;
	s->conn.resolver.lookup = lookup_two;
	s->conn.resolver.lookup_arg = &asked;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(loopback_bring_up(t, &now, 100));
	ck_assert_uint_eq(conformance_counter(t, "connect_attempts"), 1);
	ck_assert_uint_eq(asked, 1);
	/* On the timer, though the session stays. */
	now.mono_ns += 300 * SEC;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(asked, 2);
	ck_assert_uint_eq(t->generation, 1);
	/* And after a failure. */
	fd = loopback_accept(listener);
	close(fd);
	until_down(t);
	ck_assert(loopback_bring_up(t, &now, 100));
	ck_assert_uint_eq(asked, 3);
	t->ops->close(t);
	close(listener);
}
END_TEST

Suite *
suite_tcp(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("tcp");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(
	    tc, test_tcp_over_ipv4_keeps_the_contract, 0, conformance_cases);
	tcase_add_loop_test(
	    tc, test_tcp_over_ipv6_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(tc, test_tcp_has_no_overhead_and_is_a_stream);
	tcase_add_test(tc, test_tcp_takes_a_half_close_for_the_end_and_says_so);
	tcase_add_test(
	    tc, test_tcp_throws_away_and_counts_what_a_collector_says);
	tcase_add_test(
	    tc, test_tcp_tries_once_a_minute_at_most_then_ever_more_seldom);
	tcase_add_test(tc, test_tcp_schedule_is_settable);
	tcase_add_test(tc, test_tcp_comes_back_at_once_after_a_long_session);
	tcase_add_test(
	    tc, test_tcp_does_not_come_back_at_once_after_a_short_session);
	tcase_add_test(tc, test_tcp_gives_up_an_attempt_that_nobody_answers);
	tcase_add_test(tc, test_tcp_does_not_talk_to_itself);
	tcase_add_test(
	    tc, test_tcp_counts_what_was_on_its_way_when_the_peer_reset);
	tcase_add_test(tc, test_tcp_ends_a_message_that_its_driver_gave_up);
	tcase_add_test(tc, test_tcp_close_delivers_what_was_sent);
	tcase_add_test(
	    tc, test_tcp_tries_every_address_of_a_name_and_asks_it_again);
	suite_add_tcase(s, tc);
	return s;
}
