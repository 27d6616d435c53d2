/* SPDX-License-Identifier: ISC */
#include "tls_peer.h"

#include <check.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

struct pki_cert tls_ca, tls_other_ca, tls_server, tls_client;
char tls_dir[64];

void
tls_pki_setup(void)
{
	static const struct pki_wish ca = {.name = "Test CA"},
				     other = {.name = "Other CA"},
				     server = {.name = "collector",
					 .alt_names = "DNS:collector.example,"
						      "DNS:localhost,"
						      "IP:127.0.0.1"},
				     client = {.name = "exporter"};

	/* The peer's side of OpenSSL writes with write(2). */
	signal(SIGPIPE, SIG_IGN);
	strcpy(tls_dir, "/tmp/pflow-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tls_dir));
	pki_make(&tls_ca, tls_dir, &ca, NULL);
	pki_make(&tls_other_ca, tls_dir, &other, NULL);
	pki_make(&tls_server, tls_dir, &server, &tls_ca);
	pki_make(&tls_client, tls_dir, &client, &tls_ca);
}

void
tls_pki_teardown(void)
{
	pki_free(&tls_ca);
	pki_free(&tls_other_ca);
	pki_free(&tls_server);
	pki_free(&tls_client);
	(void)rmdir(tls_dir);
}

void
tls_peer_init(
    struct tls_peer *p, const SSL_METHOD *method, const struct pki_cert *cert)
{
	memset(p, 0, sizeof(*p));
	p->fd = -1;
	p->listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &p->port);
	p->ctx = SSL_CTX_new(method);
	ck_assert_ptr_nonnull(p->ctx);
	ck_assert_int_eq(SSL_CTX_use_certificate(p->ctx, cert->cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(p->ctx, cert->key), 1);
	ck_assert_int_eq(SSL_CTX_load_verify_file(p->ctx, tls_ca.cert_file), 1);
	SSL_CTX_set_verify(
	    p->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static void
drop(struct tls_peer *p)
{
	SSL_free(p->ssl);
	p->ssl = NULL;
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
	p->up = false;
}

void
tls_peer_fini(struct tls_peer *p)
{
	drop(p);
	close(p->listener);
	SSL_CTX_free(p->ctx);
}

bool
tls_peer_accept(struct tls_peer *p)
{
	int rc;

	if (p->up)
		return false;
	if (p->fd == -1) {
		p->fd = loopback_accept(p->listener);
		if (p->fd == -1)
			return false;
		p->ssl = SSL_new(p->ctx);
		SSL_set_fd(p->ssl, p->fd);
	}
	ERR_clear_error();
	rc = SSL_accept(p->ssl);
	if (rc == 1) {
		p->up = true;
		return true;
	}
	rc = SSL_get_error(p->ssl, rc);
	if (rc == SSL_ERROR_WANT_READ || rc == SSL_ERROR_WANT_WRITE)
		return false;
	p->failed = true;
	drop(p);
	return false;
}

void
tls_peer_read(struct tls_peer *p, size_t octets, struct conformance_peer *log)
{
	char buf[16384];

	while (p->up && octets > 0) {
		int n = SSL_read(p->ssl, buf,
		    (int)(octets < sizeof(buf) ? octets : sizeof(buf)));

		if (n <= 0 && SSL_get_error(p->ssl, n) == SSL_ERROR_ZERO_RETURN)
			drop(p);
		if (n <= 0)
			return;
		if (log != NULL)
			conformance_log_add(log, buf, (size_t)n);
		octets -= (size_t)n;
	}
}

void
tls_peer_end(struct tls_peer *p, bool polite)
{
	if (polite)
		(void)SSL_shutdown(p->ssl);
	else
		loopback_reset_on_close(p->fd);
	drop(p);
}

bool
tls_bring_up(struct pflow_transport *t, struct tls_peer *p,
    struct pflow_now *now, const char *failures)
{
	int turns;

	for (turns = 0; turns < 400; turns++) {
		if (t->ops->service(t, *now) == PFLOW_OK)
			return true;
		if (conformance_counter(t, failures) > 0)
			return false;
		(void)tls_peer_accept(p);
		conformance_wait(t, now, 2);
	}
	return false;
}
