/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sctp_peer.h"
#include "conformance.h"
#include "core/bytes.h"
#include "loopback.h"
#include "transport/sctp.h"

Suite *suite_sctp(void);

#define SEC UINT64_C(1000000000)
#define PORT 4739

static struct pflow_now now;
static struct pflow_transport_config cfg;
static struct sctp_peer peer;

static void
setup(void)
{
	now.mono_ns = 1000 * SEC;
	now.wall_ns = 1700000000 * SEC;
	pflow_transport_config_init(&cfg);
	cfg.retry_ns = SEC;
}

static struct pflow_transport *
make(const char *addr, const char *host)
{
	ck_assert(sctp_peer_open(&peer, addr, 0, PORT, false));
	cfg.sctp_encap = peer.udp_port;
	return loopback_make("sctp", host, PORT, &cfg);
}

/** What RFC 7011, 10.2 and RFC 9260 want of all that came. */
static void
check_peer(const struct sctp_peer *p)
{
	ck_assert_uint_eq(p->bad_checksums, 0);
	ck_assert_uint_eq(p->bad_streams, 0);
	ck_assert_uint_eq(p->bad_ppids, 0);
	ck_assert_uint_eq(p->unordered, 0);
}

static struct pflow_transport *
begin_on(struct conformance_peer *p, const char *addr, const char *host)
{
	struct pflow_transport *t;

	setup();
	t = make(addr, host);
	p->arg = &peer;
	return t;
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

/** Every fifth packet from the exporter is lost. */
static struct pflow_transport *
begin_lossy(struct conformance_peer *p)
{
	struct pflow_transport *t = begin4(p);

	peer.lose_every = 5;
	return t;
}

static void
step(struct conformance_peer *p, size_t octets)
{
	static uint8_t buf[65536];
	size_t n;

	sctp_peer_turn(&peer);
	if (peer.begun)
		conformance_log_session(p);
	peer.begun = false;
	while (octets > 0) {
		n = sctp_peer_take(
		    &peer, buf, octets < sizeof(buf) ? octets : sizeof(buf));
		if (n == 0)
			return;
		conformance_log_add(p, buf, n);
		octets -= n;
	}
}

static void
reset(struct conformance_peer *p)
{
	(void)p;
	sctp_peer_abort(&peer);
}

static void
end(struct conformance_peer *p)
{
	(void)p;
	check_peer(&peer);
	sctp_peer_close(&peer);
}

#define ADAPTER(name_, begin_)                                             \
	{                                                                  \
		.name = name_, .message_max = 65535, .can_stall = true,    \
		.can_reset = true, .reconnects = true, .restarts = true,   \
		.begin = begin_, .step = step, .reset = reset, .end = end, \
	}

static const struct conformance_adapter adapters[] = {
    ADAPTER("sctp over UDP over IPv4", begin4),
    ADAPTER("sctp over UDP over IPv6", begin6),
    ADAPTER("sctp where packets get lost", begin_lossy),
};

START_TEST(test_sctp_over_ipv4_keeps_the_contract)
{
	conformance_case(&adapters[0], _i);
}
END_TEST

START_TEST(test_sctp_over_ipv6_keeps_the_contract)
{
	conformance_case(&adapters[1], _i);
}
END_TEST

START_TEST(test_sctp_sends_again_what_gets_lost)
{
	conformance_case(&adapters[2], 0);
}
END_TEST

/** An association with the peer. */
static struct pflow_transport *
session(void)
{
	struct pflow_transport *t = make("127.0.0.1", "127.0.0.1");
	int i;

	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	for (i = 0; i < 200 && t->ops->service(t, now) != PFLOW_OK; i++) {
		sctp_peer_turn(&peer);
		conformance_wait(t, &now, 5);
	}
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(peer.associations, 1);
	return t;
}

static void
turn(struct pflow_transport *t, bool with_peer)
{
	if (with_peer)
		sctp_peer_turn(&peer);
	(void)t->ops->service(t, now);
	conformance_wait(t, &now, 5);
}

static int
send_octets(
    struct pflow_transport *t, const void *octets, size_t len, uint32_t records)
{
	struct pflow_message m = {octets, (uint32_t)len, records};
	size_t sent;

	return t->ops->send(t, &m, 1, &sent, now);
}

static void
until_down(struct pflow_transport *t)
{
	int i;

	for (i = 0; i < 400; i++) {
		if (t->ops->service(t, now) == PFLOW_ERR_AGAIN)
			return;
		sctp_peer_turn(&peer);
		conformance_wait(t, &now, 5);
	}
	ck_abort_msg("the end of the session was not noticed");
}

static void
finish(struct pflow_transport *t)
{
	t->ops->close(t);
	check_peer(&peer);
	sctp_peer_close(&peer);
}

/** An IPFIX message with one Set of this id; 5 Data Records of 8 octets. */
static size_t
message(uint8_t *out, uint16_t set)
{
	memset(out, 0, 60);
	pflowi_put_be16(out, 10);
	pflowi_put_be16(out + 2, 60);
	pflowi_put_be16(out + 16, set);
	pflowi_put_be16(out + 18, 44);
	return 60;
}

START_TEST(test_sctp_is_a_stream_and_tells_its_overhead)
{
	struct pflow_transport *t = make("127.0.0.1", "127.0.0.1");

	ck_assert_int_eq(t->ops->nature, PFLOW_TRANSPORT_STREAM);
	ck_assert_uint_eq(t->overhead, 20 + 8 + 12 + 16);
	finish(t);
	t = make("::1", "[::1]");
	ck_assert_uint_eq(t->overhead, 40 + 8 + 12 + 16);
	ck_assert_str_eq(t->ops->error_text(t), "");
	finish(t);
}
END_TEST

START_TEST(test_sctp_messages_of_the_budget_are_one_packet_each)
{
	struct pflow_transport *t;
	static uint8_t octets[1500];
	int i;

	cfg.mtu = 1000;
	t = session();
	for (i = 0; i < 40; i++) {
		ck_assert_int_eq(
		    send_octets(t, octets, 1000 - t->overhead, 1), PFLOW_OK);
		turn(t, true);
	}
	for (i = 0; i < 200 && peer.messages < 40; i++)
		turn(t, true);
	ck_assert_uint_eq(peer.messages, 40);
	ck_assert_uint_eq(peer.fragments, 0);
	ck_assert_uint_eq(peer.largest, 1000 - 28);
	/* A larger one goes in fragments no larger than that. */
	ck_assert_int_eq(send_octets(t, octets, sizeof(octets), 1), PFLOW_OK);
	for (i = 0; i < 200 && peer.messages < 41; i++)
		turn(t, true);
	ck_assert_uint_eq(peer.fragments, 2);
	ck_assert_uint_eq(peer.largest, 1000 - 28);
	finish(t);
}
END_TEST

START_TEST(test_sctp_source_port_is_of_sctp)
{
	struct pflow_transport *t;

	cfg.source = "127.0.0.1:40123";
	t = session();
	ck_assert_uint_eq(peer.peer_port, 40123);
	finish(t);
}
END_TEST

START_TEST(test_sctp_takes_shutdown_for_the_end_and_says_so)
{
	struct pflow_transport *t = session();

	sctp_peer_shut_down(&peer);
	until_down(t);
	ck_assert_ptr_nonnull(strstr(
	    t->ops->error_text(t), "the collector ended the association"));
	ck_assert_uint_eq(conformance_counter(t, "ended_by_peer"), 1);
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 0);
	ck_assert(peer.shut_down);
	ck_assert_int_eq(send_octets(t, "x", 1, 1), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(send_octets(t, "x", 1, 1), PFLOW_ERR_AGAIN);
	finish(t);
}
END_TEST

START_TEST(test_sctp_tells_why_it_was_aborted_and_what_was_on_its_way)
{
	struct pflow_transport *t = session();

	peer.holds = true;
	ck_assert_int_eq(send_octets(t, "a message", 9, 3), PFLOW_OK);
	sctp_peer_turn(&peer);
	sctp_peer_abort(&peer);
	until_down(t);
	ck_assert_ptr_nonnull(strstr(t->ops->error_text(t),
	    "the association broke: ABORT, user-initiated abort; next "
	    "attempt in "));
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 1);
	ck_assert_uint_eq(conformance_counter(t, "unconfirmed_messages"), 1);
	ck_assert_uint_eq(conformance_counter(t, "unconfirmed_records"), 3);
	ck_assert_uint_eq(conformance_counter(t, "given_up_records"), 0);
	finish(t);
}
END_TEST

START_TEST(test_sctp_notices_a_collector_that_forgot)
{
	struct pflow_transport *t = session();

	peer.up = false; /* as after a crash */
	ck_assert_int_eq(send_octets(t, "a message", 9, 1), PFLOW_OK);
	until_down(t);
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 1);
	ck_assert_uint_ge(peer.stray, 1);
	finish(t);
}
END_TEST

START_TEST(test_sctp_says_that_nobody_listens)
{
	struct pflow_transport *t = make("127.0.0.1", "127.0.0.1");
	struct pflow_progress progress;
	char text[80];
	int i;

	sctp_peer_close(&peer);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	for (i = 0; i < 100; i++) {
		t->ops->progress(t, &progress);
		if (progress.down)
			break;
		(void)t->ops->service(t, now);
		conformance_wait(t, &now, 5);
	}
	ck_assert(progress.down);
	snprintf(text, sizeof(text),
	    "nobody listens there (UDP port %u unreachable)",
	    (unsigned)peer.udp_port);
	ck_assert_ptr_nonnull(strstr(t->ops->error_text(t), text));
	ck_assert_uint_ge(conformance_counter(t, "refused_packets"), 1);
	t->ops->close(t);
}
END_TEST

START_TEST(test_sctp_gives_up_a_handshake_that_nobody_answers)
{
	struct pflow_transport *t = make("127.0.0.1", "127.0.0.1");
	uint64_t began = now.mono_ns;
	int i;

	peer.mute = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	for (i = 0; i < 400; i++) {
		sctp_peer_turn(&peer);
		if (t->ops->error_text(t)[0] != '\0')
			break;
		(void)t->ops->service(t, now);
		now.mono_ns += SEC / 10;
	}
	ck_assert_ptr_nonnull(strstr(
	    t->ops->error_text(t), "the handshake was not done in time"));
	ck_assert_uint_ge(now.mono_ns - began, 30 * SEC);
	/* INIT goes out after 1, 2, 4, 8, 10 seconds again. */
	ck_assert_uint_ge(peer.inits, 5);
	ck_assert_uint_le(peer.inits, 6);
	finish(t);
}
END_TEST

START_TEST(test_sctp_notices_a_silent_collector)
{
	struct pflow_transport *t;
	uint64_t began;
	int i;

	cfg.peer_timeout_ns = 30 * SEC;
	t = session();
	peer.mute = true;
	began = now.mono_ns;
	for (i = 0; i < 1000; i++) {
		now.mono_ns += SEC / 10;
		sctp_peer_turn(&peer);
		if (t->ops->service(t, now) == PFLOW_ERR_AGAIN)
			break;
	}
	ck_assert_uint_ge(now.mono_ns - began, 30 * SEC);
	ck_assert_uint_le(now.mono_ns - began, 32 * SEC);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "the collector is silent"));
	finish(t);
}
END_TEST

START_TEST(test_sctp_keeps_an_idle_association)
{
	struct pflow_transport *t;
	int i;

	cfg.peer_timeout_ns = 30 * SEC;
	t = session();
	for (i = 0; i < 1200; i++) {
		now.mono_ns += SEC / 10;
		sctp_peer_turn(&peer);
		ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	}
	ck_assert_uint_eq(t->generation, 1);
	/* 120 s of silence, asked every 7.5 s. */
	ck_assert_uint_ge(peer.heartbeats, 14);
	ck_assert_uint_le(peer.heartbeats, 17);
	finish(t);
}
END_TEST

START_TEST(test_sctp_does_not_take_a_pause_for_silence)
{
	struct pflow_transport *t = session();

	now.mono_ns += 3600 * SEC;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	finish(t);
}
END_TEST

START_TEST(test_sctp_gives_up_old_data_but_no_templates)
{
	struct pflow_progress progress;
	struct pflow_transport *t;
	uint8_t octets[64];
	int i;

	cfg.sctp_lifetime_ns = SEC / 100;
	t = session();
	peer.holds = true;
	/* The first is on its way before it is old. */
	ck_assert_int_eq(
	    send_octets(t, octets, message(octets, 2), 0), PFLOW_OK);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(
		    send_octets(t, octets, message(octets, 256), 5), PFLOW_OK);
	ck_assert_int_eq(
	    send_octets(t, octets, message(octets, 3), 1), PFLOW_OK);
	(void)poll(NULL, 0, 50);
	for (i = 0; i < 100; i++) {
		turn(t, true);
		now.mono_ns += SEC / 20;
	}
	peer.holds = false;
	for (i = 0; i < 600 && peer.messages < 2; i++) {
		turn(t, true);
		now.mono_ns += SEC / 20;
	}
	ck_assert_uint_eq(peer.messages, 2);
	ck_assert_uint_ge(peer.forwards, 1);
	ck_assert_uint_eq(sctp_peer_take(&peer, octets, 60), 60);
	ck_assert_uint_eq(pflowi_get_be16(octets + 16), 2);
	ck_assert_uint_eq(sctp_peer_take(&peer, octets, 60), 60);
	ck_assert_uint_eq(pflowi_get_be16(octets + 16), 3);
	for (i = 0; i < 20; i++)
		turn(t, true);
	ck_assert_uint_eq(conformance_counter(t, "given_up_messages"), 4);
	ck_assert_uint_eq(conformance_counter(t, "given_up_records"), 20);
	t->ops->progress(t, &progress);
	ck_assert_uint_eq(progress.confirmed, 6);
	finish(t);
}
END_TEST

START_TEST(test_sctp_gives_up_nothing_without_a_lifetime)
{
	struct pflow_transport *t = session();
	uint8_t octets[64];
	int i;

	peer.holds = true;
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(
		    send_octets(t, octets, message(octets, 256), 5), PFLOW_OK);
	for (i = 0; i < 600; i++) {
		now.mono_ns += SEC / 10;
		sctp_peer_turn(&peer);
		ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	}
	peer.holds = false;
	for (i = 0; i < 600 && peer.messages < 4; i++) {
		turn(t, true);
		now.mono_ns += SEC / 20;
	}
	ck_assert_uint_eq(peer.messages, 4);
	ck_assert_uint_eq(peer.forwards, 0);
	finish(t);
}
END_TEST

START_TEST(test_sctp_knows_what_may_be_given_up)
{
	uint8_t octets[128];
	struct pflow_message m = {octets, 60, 5};

	(void)message(octets, 256);
	ck_assert(pflowi_sctp_is_data_only(&m));
	(void)message(octets, 2);
	ck_assert(!pflowi_sctp_is_data_only(&m));
	(void)message(octets, 3);
	ck_assert(!pflowi_sctp_is_data_only(&m));
	/* Data and templates together. */
	(void)message(octets, 256);
	pflowi_put_be16(octets + 60, 2);
	pflowi_put_be16(octets + 62, 8);
	m.len = 68;
	ck_assert(!pflowi_sctp_is_data_only(&m));
	/* Not understood, so not given up. */
	(void)message(octets, 256);
	m.len = 59;
	ck_assert(!pflowi_sctp_is_data_only(&m));
	m.len = 16;
	ck_assert(!pflowi_sctp_is_data_only(&m));
	m.len = 60;
	pflowi_put_be16(octets + 18, 3);
	ck_assert(!pflowi_sctp_is_data_only(&m));
	(void)message(octets, 256);
	pflowi_put_be16(octets, 9);
	ck_assert(!pflowi_sctp_is_data_only(&m));
}
END_TEST

START_TEST(test_sctp_throws_away_and_counts_what_a_collector_says)
{
	struct pflow_transport *t = session();
	int i;

	sctp_peer_say(&peer, "hello", 5);
	for (i = 0; i < 100; i++)
		turn(t, true);
	ck_assert_uint_eq(conformance_counter(t, "unexpected_octets"), 5);
	ck_assert_uint_eq(t->generation, 1);
	finish(t);
}
END_TEST

/** A collector that goes on while the exporter closes. */
static void *
collect(void *arg)
{
	struct pollfd pfd = {.fd = peer.fd, .events = POLLIN};
	int i;

	(void)arg;
	for (i = 0; i < 1000 && !peer.shut_down && !peer.aborted; i++) {
		(void)poll(&pfd, 1, 5);
		sctp_peer_turn(&peer);
	}
	return NULL;
}

START_TEST(test_sctp_close_delivers_what_was_sent_and_shuts_down)
{
	struct pflow_transport *t = session();
	static uint8_t octets[1000];
	pthread_t thread;
	int i;

	for (i = 0; i < 100; i++)
		ck_assert_int_eq(
		    send_octets(t, octets, sizeof(octets), 1), PFLOW_OK);
	ck_assert_int_eq(pthread_create(&thread, NULL, collect, NULL), 0);
	t->ops->close(t);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(peer.messages, 100);
	ck_assert(peer.shut_down);
	check_peer(&peer);
	sctp_peer_close(&peer);
}
END_TEST

START_TEST(test_sctp_transports_do_not_disturb_each_other)
{
	struct pflow_transport *a = session(), *b;
	struct sctp_peer *first = malloc(sizeof(*first));

	ck_assert_ptr_nonnull(first);
	*first = peer;
	b = session();
	ck_assert_int_eq(send_octets(a, "to the first", 12, 1), PFLOW_OK);
	ck_assert_int_eq(send_octets(b, "to the second", 13, 1), PFLOW_OK);
	turn(a, true);
	turn(b, true);
	sctp_peer_turn(first);
	ck_assert_uint_eq(first->whole, 12);
	ck_assert_mem_eq(first->data, "to the first", 12);
	ck_assert_uint_eq(peer.whole, 13);
	ck_assert_mem_eq(peer.data, "to the second", 13);
	/* The end of one is not the other's. */
	sctp_peer_abort(first);
	conformance_wait(a, &now, 20);
	ck_assert_int_eq(a->ops->service(a, now), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(b->ops->service(b, now), PFLOW_OK);
	a->ops->close(a);
	sctp_peer_close(first);
	free(first);
	finish(b);
}
END_TEST

Suite *
suite_sctp(void)
{
	Suite *s = suite_create("sctp");
	TCase *tc = tcase_create("sctp");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(
	    tc, test_sctp_over_ipv4_keeps_the_contract, 0, conformance_cases);
	tcase_add_loop_test(
	    tc, test_sctp_over_ipv6_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(tc, test_sctp_sends_again_what_gets_lost);
	tcase_add_test(tc, test_sctp_is_a_stream_and_tells_its_overhead);
	tcase_add_test(
	    tc, test_sctp_messages_of_the_budget_are_one_packet_each);
	tcase_add_test(tc, test_sctp_source_port_is_of_sctp);
	tcase_add_test(tc, test_sctp_takes_shutdown_for_the_end_and_says_so);
	tcase_add_test(
	    tc, test_sctp_tells_why_it_was_aborted_and_what_was_on_its_way);
	tcase_add_test(tc, test_sctp_notices_a_collector_that_forgot);
	tcase_add_test(tc, test_sctp_says_that_nobody_listens);
	tcase_add_test(tc, test_sctp_gives_up_a_handshake_that_nobody_answers);
	tcase_add_test(tc, test_sctp_notices_a_silent_collector);
	tcase_add_test(tc, test_sctp_keeps_an_idle_association);
	tcase_add_test(tc, test_sctp_does_not_take_a_pause_for_silence);
	tcase_add_test(tc, test_sctp_gives_up_old_data_but_no_templates);
	tcase_add_test(tc, test_sctp_gives_up_nothing_without_a_lifetime);
	tcase_add_test(tc, test_sctp_knows_what_may_be_given_up);
	tcase_add_test(
	    tc, test_sctp_throws_away_and_counts_what_a_collector_says);
	tcase_add_test(
	    tc, test_sctp_close_delivers_what_was_sent_and_shuts_down);
	tcase_add_test(tc, test_sctp_transports_do_not_disturb_each_other);
	suite_add_tcase(s, tc);
	return s;
}
