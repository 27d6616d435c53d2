/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "tls_peer.h"
#include "transport/tls.h"

Suite *suite_dtls(void);

#define SEC UINT64_C(1000000000)

static struct pflow_now now;
static struct pflow_transport_config cfg;
static char err[PFLOWI_ERROR_MAX];

/** A collector: one association at a time, on one port. */
struct peer {
	SSL_CTX *ctx;
	SSL *ssl;
	struct sockaddr_storage here;
	int fd;	  /* -1: not there */
	int away; /* steps that it stays away */
	unsigned port;
	bool up;
};

static void
setup(void)
{
	tls_pki_setup();
	now.mono_ns = 1000 * SEC;
	now.wall_ns = 1700000000 * SEC;
	pflow_transport_config_init(&cfg);
	cfg.tls_ca = tls_ca.cert_file;
	cfg.tls_cert = tls_client.cert_file;
	cfg.retry_ns = SEC;
}

static void
peer_listen(struct peer *p)
{
	socklen_t len = sizeof(p->here);
	int on = 1, room = 1 << 20;

	if (p->port == 0) {
		p->fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &p->port);
		getsockname(p->fd, (struct sockaddr *)&p->here, &len);
		return;
	}
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	(void)setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_eq(bind(p->fd, (struct sockaddr *)&p->here,
			     sizeof(struct sockaddr_in)),
	    0);
}

static void
peer_init(struct peer *p, const struct pki_cert *cert)
{
	memset(p, 0, sizeof(*p));
	p->ctx = SSL_CTX_new(DTLS_server_method());
	ck_assert_ptr_nonnull(p->ctx);
	ck_assert_int_eq(SSL_CTX_use_certificate(p->ctx, cert->cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(p->ctx, cert->key), 1);
	ck_assert_int_eq(SSL_CTX_load_verify_file(p->ctx, tls_ca.cert_file), 1);
	SSL_CTX_set_verify(
	    p->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	peer_listen(p);
}

static void
peer_drop(struct peer *p)
{
	SSL_free(p->ssl);
	p->ssl = NULL;
	p->up = false;
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

static void
peer_fini(struct peer *p)
{
	peer_drop(p);
	SSL_CTX_free(p->ctx);
}

/** The first datagram tells who the client is. */
static bool
peer_meet(struct peer *p)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	BIO *bio;
	char octet;

	if (p->ssl != NULL)
		return true;
	if (recvfrom(p->fd, &octet, 1, MSG_PEEK, (struct sockaddr *)&from,
		&len) == -1)
		return false;
	ck_assert_int_eq(connect(p->fd, (struct sockaddr *)&from, len), 0);
	bio = BIO_new_dgram(p->fd, BIO_NOCLOSE);
	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &from);
	p->ssl = SSL_new(p->ctx);
	SSL_set_bio(p->ssl, bio, bio);
	return true;
}

/** true: a session began in this step. */
static bool
peer_step(struct peer *p)
{
	if (p->fd == -1 && p->away-- <= 0)
		peer_listen(p);
	if (p->fd == -1 || p->up || !peer_meet(p))
		return false;
	ERR_clear_error();
	(void)DTLSv1_handle_timeout(p->ssl);
	p->up = SSL_accept(p->ssl) == 1;
	return p->up;
}

static struct pflow_transport *
begin(struct conformance_peer *p)
{
	struct peer *own = malloc(sizeof(*own));

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	peer_init(own, &tls_server);
	return loopback_make("dtls", "127.0.0.1", own->port, &cfg);
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct peer *own = p->arg;
	static char buf[16384];
	int n;

	if (peer_step(own))
		conformance_log_session(p);
	while (own->up && octets > 0 &&
	    (n = SSL_read(own->ssl, buf, sizeof(buf))) > 0)
		conformance_log_add(p, buf, (size_t)n);
}

static void
reset(struct conformance_peer *p)
{
	struct peer *own = p->arg;

	peer_drop(own);
	own->away = 3;
}

static void
end(struct conformance_peer *p)
{
	peer_fini(p->arg);
	free(p->arg);
}

static const struct conformance_adapter adapter = {
    .name = "dtls",
    .message_max = 16384,
    .can_reset = true,
    .reconnects = true,
    .begin = begin,
    .step = step,
    .reset = reset,
    .end = end,
};

START_TEST(test_dtls_keeps_the_contract)
{
	/* Datagrams beyond 1500 octets go over loopback alone. */
	cfg.mtu = 65535;
	conformance_case(&adapter, _i);
}
END_TEST

/** Service t and step p until t is up, or failed. */
static bool
bring_up(struct pflow_transport *t, struct peer *p, int turns)
{
	for (; turns > 0; turns--) {
		if (t->ops->service(t, now) == PFLOW_OK)
			break;
		if (conformance_counter(t, "handshake_failures") > 0)
			break;
		if (p != NULL)
			(void)peer_step(p);
		conformance_wait(t, &now, 2);
	}
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	return t->ops->service(t, now) == PFLOW_OK;
}

START_TEST(test_dtls_overhead_counts_the_record)
{
	struct pflow_transport *t;

	t = loopback_make("dtls", "127.0.0.1", 9, &cfg);
	ck_assert_uint_eq(t->overhead, 28 + 37);
	ck_assert_uint_eq(t->message_limit, 0);
	ck_assert_int_eq(t->ops->nature, PFLOW_TRANSPORT_DATAGRAM);
	t->ops->close(t);
	cfg.mtu = 65535;
	t = loopback_make("dtls", "[::1]", 9, &cfg);
	ck_assert_uint_eq(t->overhead, 48 + 37);
	ck_assert_uint_eq(t->message_limit, 16384);
	t->ops->close(t);
}
END_TEST

/** What a message of so many octets is on the wire. */
START_TEST(test_dtls_record_overhead_is_what_the_wire_shows)
{
	static uint8_t octets[1000];
	struct pflow_message m = {octets, 1000, 1};
	struct pflow_transport *t;
	struct peer peer;
	char datagram[2048];
	size_t sent;

	peer_init(&peer, &tls_server);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_msg(bring_up(t, &peer, 400), "%s", err);
	while (recv(peer.fd, datagram, sizeof(datagram), 0) > 0)
		continue;
	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, now), PFLOW_OK);
	ck_assert_int_eq(recv(peer.fd, datagram, sizeof(datagram), 0), 1037);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

START_TEST(test_dtls_refuses_a_collector_of_another_ca)
{
	struct pflow_transport *t;
	struct peer peer;

	cfg.tls_ca = tls_other_ca.cert_file;
	peer_init(&peer, &tls_server);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(!bring_up(t, &peer, 400));
	ck_assert_msg(strstr(err,
			  "the certificate \"CN = collector\" is refused for "
			  "\"CN = Test CA\" in its chain: ") != NULL,
	    "%s", err);
	ck_assert_uint_eq(t->generation, 0);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

START_TEST(test_dtls_explains_that_the_collector_wants_a_certificate)
{
	struct pflow_transport *t;
	struct peer peer;

	cfg.tls_cert = NULL;
	peer_init(&peer, &tls_server);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(!bring_up(t, &peer, 400));
	ck_assert_msg(
	    strstr(err, "; we show no certificate") != NULL, "%s", err);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

START_TEST(test_dtls_does_not_go_below_1_2)
{
	struct pflow_transport *t;
	struct peer peer;

	peer_init(&peer, &tls_server);
	SSL_CTX_set_security_level(peer.ctx, 0);
	SSL_CTX_set_min_proto_version(peer.ctx, DTLS1_VERSION);
	SSL_CTX_set_max_proto_version(peer.ctx, DTLS1_VERSION);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(!bring_up(t, &peer, 400));
	ck_assert_uint_eq(conformance_counter(t, "handshake_failures"), 1);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

START_TEST(test_dtls_sees_at_once_that_nobody_listens)
{
	struct pflow_transport *t;
	unsigned port;

	close(loopback_listen(SOCK_DGRAM, "127.0.0.1", &port));
	t = loopback_make("dtls", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(!bring_up(t, NULL, 100));
	ck_assert_ptr_nonnull(strstr(err, "nobody listens there"));
	t->ops->close(t);
}
END_TEST

START_TEST(test_dtls_asks_to_be_called_to_send_a_lost_flight_again)
{
	struct pflow_want want;
	struct pflow_transport *t;
	unsigned port;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);

	t = loopback_make("dtls", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	t->ops->want(t, &want);
	ck_assert_int_ne(want.fd, -1);
	ck_assert_uint_gt(want.deadline_ns, now.mono_ns + SEC / 2);
	ck_assert_uint_le(want.deadline_ns, now.mono_ns + SEC);
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_dtls_session_is_renewed_when_its_life_is_over)
{
	struct pflow_transport *t;
	struct pflow_want want;
	struct peer peer;

	peer_init(&peer, &tls_server);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_msg(bring_up(t, &peer, 400), "%s", err);
	t->ops->want(t, &want);
	ck_assert_uint_gt(want.deadline_ns, now.mono_ns + 590 * SEC);
	now.mono_ns = want.deadline_ns;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(conformance_counter(t, "renewed_sessions"), 1);
	peer_drop(&peer);
	(void)peer_step(&peer);
	ck_assert_msg(bring_up(t, &peer, 400), "%s", err);
	ck_assert_uint_eq(t->generation, 2);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

START_TEST(test_dtls_loses_and_counts_what_no_record_can_hold)
{
	static uint8_t octets[20000];
	struct pflow_message m[2] = {{octets, 20000, 9}, {octets, 100, 1}};
	struct pflow_transport *t;
	struct peer peer;
	uint32_t refreshes;
	size_t sent;

	peer_init(&peer, &tls_server);
	t = loopback_make("dtls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_msg(bring_up(t, &peer, 400), "%s", err);
	refreshes = t->refreshes;
	ck_assert_int_eq(t->ops->send(t, m, 2, &sent, now), PFLOW_OK);
	ck_assert_uint_eq(sent, 2);
	ck_assert_uint_eq(conformance_counter(t, "too_large_records"), 9);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 1);
	ck_assert_uint_eq(t->refreshes, refreshes + 1);
	t->ops->close(t);
	peer_fini(&peer);
}
END_TEST

Suite *
suite_dtls(void)
{
	Suite *s = suite_create("dtls");
	TCase *tc = tcase_create("dtls");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, tls_pki_teardown);
	tcase_add_loop_test(
	    tc, test_dtls_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(tc, test_dtls_overhead_counts_the_record);
	tcase_add_test(tc, test_dtls_record_overhead_is_what_the_wire_shows);
	tcase_add_test(tc, test_dtls_refuses_a_collector_of_another_ca);
	tcase_add_test(
	    tc, test_dtls_explains_that_the_collector_wants_a_certificate);
	tcase_add_test(tc, test_dtls_does_not_go_below_1_2);
	tcase_add_test(tc, test_dtls_sees_at_once_that_nobody_listens);
	tcase_add_test(
	    tc, test_dtls_asks_to_be_called_to_send_a_lost_flight_again);
	tcase_add_test(tc, test_dtls_session_is_renewed_when_its_life_is_over);
	tcase_add_test(tc, test_dtls_loses_and_counts_what_no_record_can_hold);
	suite_add_tcase(s, tc);
	return s;
}
