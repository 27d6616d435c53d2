/* SPDX-License-Identifier: ISC */
/*
 * The road over the system's SCTP. Few systems that run tests have it: a
 * SOCK_SEQPACKET pair stands in, which keeps messages whole as well.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance.h"
#include "transport/sctp.h"

Suite *suite_sctp_system(void);

#define SEC UINT64_C(1000000000)

static const struct pflow_transport_ops ops = {
    .name = "sctp",
    .nature = PFLOW_TRANSPORT_STREAM,
    .send = pflowi_session_send,
    .service = pflowi_session_service,
    .want = pflowi_session_want,
    .counters = pflowi_session_counters,
    .error_text = pflowi_session_error_text,
    .progress = pflowi_session_progress,
};

static struct pflow_now now;
static struct pflowi_sctp *sctp;
static struct pflow_transport *t;
static int there;

static void
setup(void)
{
	struct pflow_transport_config cfg;
	char err[256];
	int pair[2];

	now.mono_ns = 1000 * SEC;
	now.wall_ns = 1700000000 * SEC;
	pflow_transport_config_init(&cfg);
	sctp = calloc(1, sizeof(*sctp));
	ck_assert_ptr_nonnull(sctp);
	ck_assert_int_eq(
	    pflowi_session_init(&sctp->s, &ops, pflowi_sctp_system_layer,
		SOCK_STREAM, "127.0.0.1:4739", "4739", &cfg, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	sctp->s.conn.fd = pair[0];
	sctp->s.conn.state = PFLOWI_CONN_UP;
	sctp->s.conn.at.sa.ss_family = AF_INET;
	there = pair[1];
	t = &sctp->s.base;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 1);
}

static void
teardown(void)
{
	pflowi_session_fini(&sctp->s);
	free(sctp);
	close(there);
}

static int
send_octets(const void *octets, size_t len, size_t *sent)
{
	struct pflow_message m = {octets, (uint32_t)len, 1};

	return t->ops->send(t, &m, 1, sent, now);
}

START_TEST(test_sctp_system_sends_whole_messages_and_waits_for_room)
{
	static uint8_t octets[1400], got[2000];
	uint32_t sent_all = 0, i;
	struct pflow_want want;
	size_t sent = 1;
	int rc;

	while (sent == 1) {
		memset(octets, (int)(sent_all & 0xff), sizeof(octets));
		rc = send_octets(octets, sizeof(octets), &sent);
		ck_assert(rc == (sent == 1 ? PFLOW_OK : PFLOW_ERR_AGAIN));
		sent_all += (uint32_t)sent;
	}
	ck_assert_uint_gt(sent_all, 1);
	t->ops->want(t, &want);
	ck_assert_uint_eq(want.events, PFLOW_WANT_READ | PFLOW_WANT_WRITE);
	for (i = 0; i < sent_all; i++) {
		ck_assert_int_eq(recv(there, got, sizeof(got), 0), 1400);
		ck_assert_uint_eq(got[0], i & 0xff);
		ck_assert_uint_eq(got[1399], i & 0xff);
	}
	ck_assert_int_eq(send_octets(octets, 1400, &sent), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(t, "cut_messages"), 0);
}
END_TEST

START_TEST(test_sctp_system_notices_the_end)
{
	size_t sent;

	close(there);
	there = -1;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_ptr_nonnull(strstr(
	    t->ops->error_text(t), "the collector ended the association"));
	ck_assert_uint_eq(conformance_counter(t, "ended_by_peer"), 1);
	ck_assert_int_eq(send_octets("x", 1, &sent), PFLOW_ERR_CLOSED);
}
END_TEST

START_TEST(test_sctp_system_tells_that_it_broke)
{
	size_t sent;

	close(there);
	there = -1;
	ck_assert_int_eq(send_octets("x", 1, &sent), PFLOW_ERR_CLOSED);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "the association broke: "));
	ck_assert_uint_eq(conformance_counter(t, "broken_sessions"), 1);
}
END_TEST

START_TEST(test_sctp_system_throws_away_and_counts_what_a_collector_says)
{
	ck_assert_int_eq(send(there, "hello", 5, 0), 5);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(t, "unexpected_octets"), 5);
}
END_TEST

START_TEST(test_sctp_system_has_the_overhead_of_ip_and_sctp)
{
	ck_assert_uint_eq(t->overhead, 20 + 12 + 16);
}
END_TEST

Suite *
suite_sctp_system(void)
{
	Suite *s = suite_create("sctp_system");
	TCase *tc = tcase_create("sctp_system");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, test_sctp_system_sends_whole_messages_and_waits_for_room);
	tcase_add_test(tc, test_sctp_system_notices_the_end);
	tcase_add_test(tc, test_sctp_system_tells_that_it_broke);
	tcase_add_test(
	    tc, test_sctp_system_throws_away_and_counts_what_a_collector_says);
	tcase_add_test(tc, test_sctp_system_has_the_overhead_of_ip_and_sctp);
	suite_add_tcase(s, tc);
	return s;
}
