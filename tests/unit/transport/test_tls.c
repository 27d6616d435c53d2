/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"
#include "tls_peer.h"
#include "transport/tls.h"

Suite *suite_tls(void);

#define SEC UINT64_C(1000000000)

static struct pflow_now now;
static struct pflow_transport_config cfg;
static struct tls_peer peer;
static char err[PFLOWI_ERROR_MAX];

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

/* The contract, for both versions of the protocol. */

static int highest = TLS1_3_VERSION;

static struct pflow_transport *
begin(struct conformance_peer *p)
{
	struct tls_peer *own = malloc(sizeof(*own));

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	tls_peer_init(own, TLS_server_method(), &tls_server);
	SSL_CTX_set_max_proto_version(own->ctx, highest);
	return loopback_make("tls", "127.0.0.1", own->port, &cfg);
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct tls_peer *own = p->arg;

	if (tls_peer_accept(own))
		conformance_log_session(p);
	tls_peer_read(own, octets, p);
}

static void
reset(struct conformance_peer *p)
{
	tls_peer_end(p->arg, false);
}

static void
end(struct conformance_peer *p)
{
	tls_peer_fini(p->arg);
	free(p->arg);
}

static const struct conformance_adapter adapter = {
    .name = "tls",
    .message_max = 65535,
    .can_stall = true,
    .can_reset = true,
    .reconnects = true,
    .restarts = true,
    .begin = begin,
    .step = step,
    .reset = reset,
    .end = end,
};

START_TEST(test_tls_1_3_keeps_the_contract)
{
	highest = TLS1_3_VERSION;
	conformance_case(&adapter, _i);
}
END_TEST

START_TEST(test_tls_1_2_keeps_the_contract)
{
	highest = TLS1_2_VERSION;
	conformance_case(&adapter, _i);
}
END_TEST

/* Who may be talked to. */

/** Connect to a collector with this certificate; true: the session is up. */
static bool
meets(const struct pki_cert *cert)
{
	struct pflow_transport *t;
	bool up;

	tls_peer_init(&peer, TLS_server_method(), cert);
	t = loopback_make("tls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	up = tls_bring_up(t, &peer, &now, "handshake_failures");
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	ck_assert_uint_eq(t->generation, up ? 1 : 0);
	ck_assert_uint_eq(
	    conformance_counter(t, "handshake_failures"), up ? 0 : 1);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 0);
	t->ops->close(t);
	tls_peer_fini(&peer);
	return up;
}

static bool
meets_one_like(const struct pki_wish *wish, const struct pki_cert *issuer)
{
	struct pki_cert cert;
	bool up;

	pki_make(&cert, tls_dir, wish, issuer);
	up = meets(&cert);
	pki_free(&cert);
	return up;
}

static void
says(const char *words)
{
	ck_assert_msg(
	    strstr(err, words) != NULL, "\"%s\" without \"%s\"", err, words);
}

START_TEST(test_tls_takes_the_address_from_the_certificate)
{
	ck_assert_msg(meets(&tls_server), "%s", err);
}
END_TEST

START_TEST(test_tls_refuses_a_collector_of_another_ca)
{
	static const struct pki_wish wish = {
	    .name = "stranger", .alt_names = "IP:127.0.0.1"};

	ck_assert(!meets_one_like(&wish, &tls_other_ca));
	says("the certificate \"CN = stranger\", issued by \"CN = Other CA\", "
	     "is refused: unable to get local issuer certificate");
}
END_TEST

START_TEST(test_tls_refuses_a_collector_of_another_name)
{
	static const struct pki_wish wish = {
	    .name = "wrong", .alt_names = "DNS:a.example,DNS:b.example"};

	cfg.tls_name = "collector.example";
	ck_assert(!meets_one_like(&wish, &tls_ca));
	says("certificate \"CN = wrong\" is not for collector.example: "
	     "it is for a.example b.example");
}
END_TEST

START_TEST(test_tls_refuses_a_collector_without_the_address)
{
	static const struct pki_wish wish = {
	    .name = "nameless", .alt_names = "IP:127.0.0.2"};

	ck_assert(!meets_one_like(&wish, &tls_ca));
	says("is not for 127.0.0.1: it has no DNS name");
}
END_TEST

START_TEST(test_tls_refuses_an_expired_certificate)
{
	static const struct pki_wish wish = {.name = "old",
	    .alt_names = "IP:127.0.0.1",
	    .from = -7200,
	    .until = -3600};

	ck_assert(!meets_one_like(&wish, &tls_ca));
	says("\"CN = old\"");
	says("certificate has expired, it was good until ");
}
END_TEST

START_TEST(test_tls_refuses_a_certificate_that_is_not_yet_valid)
{
	static const struct pki_wish wish = {
	    .name = "young", .alt_names = "IP:127.0.0.1", .from = 3600};

	ck_assert(!meets_one_like(&wish, &tls_ca));
	says("certificate is not yet valid, it is good from ");
}
END_TEST

START_TEST(test_tls_takes_any_of_a_list_of_names_also_a_common_name)
{
	static const struct pki_wish cn = {.name = "collector-2"};

	cfg.tls_name = "collector-1,collector-2";
	ck_assert_msg(meets_one_like(&cn, &tls_ca), "%s", err);
	cfg.tls_name = "collector-1,collector-3";
	ck_assert(!meets_one_like(&cn, &tls_ca));
	says("is not for collector-1,collector-3");
}
END_TEST

START_TEST(test_tls_takes_a_pinned_certificate)
{
	cfg.tls_ca = tls_server.cert_file;
	ck_assert_msg(meets(&tls_server), "%s", err);
}
END_TEST

/* What collectors do. */

/** Against a peer that is set up already. */
static bool
comes_up(void)
{
	struct pflow_transport *t;
	bool up;

	t = loopback_make("tls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	up = tls_bring_up(t, &peer, &now, "handshake_failures");
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	t->ops->close(t);
	tls_peer_fini(&peer);
	return up;
}

START_TEST(test_tls_explains_that_the_collector_wants_a_certificate)
{
	int version = _i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;

	cfg.tls_cert = NULL;
	tls_peer_init(&peer, TLS_server_method(), &tls_server);
	SSL_CTX_set_max_proto_version(peer.ctx, version);
	ck_assert(!comes_up());
	says("the collector refused: ");
	says("; we show no certificate (tls-cert)");
}
END_TEST

START_TEST(test_tls_explains_that_the_collector_refuses_our_certificate)
{
	static const struct pki_wish wish = {
	    .name = "late", .from = -7200, .until = -3600};
	int version = _i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
	struct pki_cert late;

	pki_make(&late, tls_dir, &wish, &tls_ca);
	cfg.tls_cert = late.cert_file;
	tls_peer_init(&peer, TLS_server_method(), &tls_server);
	SSL_CTX_set_max_proto_version(peer.ctx, version);
	ck_assert(!comes_up());
	says("the collector refused: certificate expired; our certificate is "
	     "\"CN = late\"");
	pki_free(&late);
}
END_TEST

START_TEST(test_tls_does_not_go_below_1_2)
{
	tls_peer_init(&peer, TLS_server_method(), &tls_server);
	SSL_CTX_set_security_level(peer.ctx, 0);
	SSL_CTX_set_min_proto_version(peer.ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(peer.ctx, TLS1_1_VERSION);
	ck_assert(!comes_up());
	says("the collector refused: protocol version");
}
END_TEST

/** A peer that is no TLS server: says something, or nothing, then closes. */
static void
meets_a_stranger(const char *words)
{
	unsigned port;
	int listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	int fd = -1, turns;
	struct pflow_transport *t;
	char hello[2048];

	t = loopback_make("tls", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	for (turns = 0; turns < 400; turns++) {
		ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
		if (conformance_counter(t, "handshake_failures") > 0)
			break;
		if (fd == -1)
			fd = loopback_accept(listener);
		if (fd != -1 && recv(fd, hello, sizeof(hello), 0) > 0) {
			(void)send(fd, words, strlen(words), MSG_NOSIGNAL);
			shutdown(fd, SHUT_RDWR);
		}
		conformance_wait(t, &now, 2);
	}
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	ck_assert_uint_eq(conformance_counter(t, "handshake_failures"), 1);
	t->ops->close(t);
	close(fd);
	close(listener);
}

START_TEST(test_tls_explains_a_truncated_handshake)
{
	meets_a_stranger("");
	says("cut off");
	says("next attempt in ");
}
END_TEST

START_TEST(test_tls_explains_a_server_without_tls)
{
	meets_a_stranger("220 mail.example ESMTP ready\r\n");
	says("speaks no TLS");
}
END_TEST

START_TEST(test_tls_gives_up_a_handshake_that_does_not_end)
{
	unsigned port;
	int listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	struct pflow_transport *t;

	cfg.connect_timeout_ns = 10 * SEC;
	t = loopback_make("tls", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	conformance_wait(t, &now, 100);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(conformance_counter(t, "handshake_failures"), 0);
	now.mono_ns += 10 * SEC;
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(conformance_counter(t, "handshake_failures"), 1);
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	says("the handshake was not done in time");
	t->ops->close(t);
	close(listener);
}
END_TEST

/** A session ends, in order or not: counted and explained. */
static void
ends(bool polite, const char *counter, const char *words)
{
	struct pflow_transport *t;
	int turns;

	tls_peer_init(&peer, TLS_server_method(), &tls_server);
	t = loopback_make("tls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(tls_bring_up(t, &peer, &now, "handshake_failures"));
	if (polite)
		tls_peer_end(&peer, true);
	else {
		close(peer.fd); /* FIN without close_notify */
		peer.fd = -1;
	}
	for (turns = 0; turns < 200; turns++) {
		if (t->ops->service(t, now) == PFLOW_ERR_AGAIN)
			break;
		conformance_wait(t, &now, 5);
	}
	snprintf(err, sizeof(err), "%s", t->ops->error_text(t));
	ck_assert_uint_eq(conformance_counter(t, counter), 1);
	says(words);
	t->ops->close(t);
	tls_peer_fini(&peer);
}

START_TEST(test_tls_tells_an_end_in_order)
{
	ends(true, "ended_by_peer", "the collector ended the session");
}
END_TEST

START_TEST(test_tls_tells_a_connection_that_was_cut)
{
	ends(false, "broken_sessions", "truncation");
}
END_TEST

START_TEST(test_tls_close_ends_the_session_in_order)
{
	struct pflow_message m = {(const uint8_t *)"last words", 10, 1};
	struct pflow_transport *t;
	char got[16];
	size_t sent;
	int n, turns;

	tls_peer_init(&peer, TLS_server_method(), &tls_server);
	t = loopback_make("tls", "127.0.0.1", peer.port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert(tls_bring_up(t, &peer, &now, "handshake_failures"));
	for (turns = 0; turns < 100 && !peer.up; turns++)
		(void)tls_peer_accept(&peer);
	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, now), PFLOW_OK);
	t->ops->close(t);
	ck_assert_int_eq(SSL_read(peer.ssl, got, sizeof(got)), 10);
	n = SSL_read(peer.ssl, got, sizeof(got));
	ck_assert_int_eq(SSL_get_error(peer.ssl, n), SSL_ERROR_ZERO_RETURN);
	tls_peer_fini(&peer);
}
END_TEST

/* Files. */

static void
refuses_files(const char *words)
{
	struct pflow_transport *t;

	ck_assert_int_eq(pflow_transport_create(
			     "tls:127.0.0.1:4740", &cfg, &t, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_null(t);
	says(words);
}

START_TEST(test_tls_names_the_file_that_is_wrong)
{
	char secret[128];
	FILE *f;

	cfg.tls_ca = "/no/such/ca.pem";
	refuses_files("tls-ca /no/such/ca.pem: No such file or directory");
	cfg.tls_ca = tls_ca.cert_file;
	cfg.tls_cert = "/no/such/cert.pem";
	refuses_files("tls-cert /no/such/cert.pem: ");
	cfg.tls_cert = "/dev/null";
	refuses_files("tls-cert /dev/null: ");
	cfg.tls_cert = tls_client.cert_file;
	cfg.tls_key = tls_server.cert_file;
	refuses_files("key values mismatch");
	cfg.tls_cert = NULL;
	refuses_files("a key without its certificate");
	snprintf(secret, sizeof(secret), "%s/secret.pem", tls_dir);
	f = fopen(secret, "w");
	ck_assert_ptr_nonnull(f);
	PEM_write_PrivateKey(f, tls_client.key, EVP_aes_128_cbc(),
	    (const unsigned char *)"secret", 6, NULL, NULL);
	fclose(f);
	cfg.tls_cert = tls_client.cert_file;
	cfg.tls_key = secret;
	refuses_files("secret.pem: ");
	(void)unlink(secret);
	cfg.tls_key = NULL;
	cfg.tls_name = ",,";
	refuses_files("no name in it");
}
END_TEST

START_TEST(test_tls_default_port_is_4740)
{
	struct pflow_transport *t;

	ck_assert_int_eq(
	    pflow_transport_create("tls:[::1]", &cfg, &t, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_str_eq(
	    ((struct pflowi_tls *)t)->s.conn.peer.name, "tls:[::1]:4740");
	t->ops->close(t);
}
END_TEST

Suite *
suite_tls(void)
{
	Suite *s = suite_create("tls");
	TCase *tc = tcase_create("tls");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, tls_pki_teardown);
	tcase_add_loop_test(
	    tc, test_tls_1_3_keeps_the_contract, 0, conformance_cases);
	tcase_add_loop_test(
	    tc, test_tls_1_2_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(tc, test_tls_takes_the_address_from_the_certificate);
	tcase_add_test(tc, test_tls_refuses_a_collector_of_another_ca);
	tcase_add_test(tc, test_tls_refuses_a_collector_of_another_name);
	tcase_add_test(tc, test_tls_refuses_a_collector_without_the_address);
	tcase_add_test(tc, test_tls_refuses_an_expired_certificate);
	tcase_add_test(
	    tc, test_tls_refuses_a_certificate_that_is_not_yet_valid);
	tcase_add_test(
	    tc, test_tls_takes_any_of_a_list_of_names_also_a_common_name);
	tcase_add_test(tc, test_tls_takes_a_pinned_certificate);
	tcase_add_loop_test(
	    tc, test_tls_explains_that_the_collector_wants_a_certificate, 0, 2);
	tcase_add_loop_test(tc,
	    test_tls_explains_that_the_collector_refuses_our_certificate, 0, 2);
	tcase_add_test(tc, test_tls_does_not_go_below_1_2);
	tcase_add_test(tc, test_tls_explains_a_truncated_handshake);
	tcase_add_test(tc, test_tls_explains_a_server_without_tls);
	tcase_add_test(tc, test_tls_gives_up_a_handshake_that_does_not_end);
	tcase_add_test(tc, test_tls_tells_an_end_in_order);
	tcase_add_test(tc, test_tls_tells_a_connection_that_was_cut);
	tcase_add_test(tc, test_tls_close_ends_the_session_in_order);
	tcase_add_test(tc, test_tls_names_the_file_that_is_wrong);
	tcase_add_test(tc, test_tls_default_port_is_4740);
	suite_add_tcase(s, tc);
	return s;
}
