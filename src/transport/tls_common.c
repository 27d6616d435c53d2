/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "transport/tls.h"

/** RFC 9325, 4.2: forward secrecy and AEAD; DTLS counts on AEAD's sizes. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!eNULL"
#define READS_MAX 8

/** A key with a passphrase: nobody is there to be asked. */
static int
no_passphrase(char *buf, int size, int for_writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)for_writing;
	(void)arg;
	return -1;
}

static int
refuse(char *err, size_t err_len, const char *word, const char *file)
{
	char reason[160];

	pflowi_tls_reason(reason, sizeof(reason));
	pflowi_say(err, err_len, "%s %s: %s", word, file, reason);
	return PFLOW_ERR_INVALID;
}

/** Does somebody else open the files? */
static bool
is_helped(const struct pflow_transport_config *cfg)
{
	return cfg->system != NULL && cfg->system->open_file != NULL;
}

static int
load_own(struct pflowi_tls *t, const struct pflow_transport_config *cfg,
    char *err, size_t err_len)
{
	const char *key = cfg->tls_key == NULL ? cfg->tls_cert : cfg->tls_key;
	int rc = PFLOW_OK;
	X509 *cert;

	if (cfg->tls_cert == NULL && cfg->tls_key != NULL) {
		pflowi_say(err, err_len,
		    "tls-key %s: a key without its certificate, tls-cert is "
		    "missing",
		    cfg->tls_key);
		return PFLOW_ERR_INVALID;
	}
	if (cfg->tls_cert == NULL)
		return PFLOW_OK;
	if (is_helped(cfg))
		rc = PFLOW_OK; /* pflowi_tls_load_through() has done it */
	else if (SSL_CTX_use_certificate_chain_file(t->ctx, cfg->tls_cert) != 1)
		rc = refuse(err, err_len, "tls-cert", cfg->tls_cert);
	else if (SSL_CTX_use_PrivateKey_file(t->ctx, key, SSL_FILETYPE_PEM) !=
		1 || SSL_CTX_check_private_key(t->ctx) != 1)
		rc = refuse(err, err_len, "tls-key", key);
	if (rc != PFLOW_OK)
		return rc;
	cert = SSL_CTX_get0_certificate(t->ctx);
	pflowi_tls_name(t->own, sizeof(t->own), X509_get_subject_name(cert));
	return PFLOW_OK;
}

static int
load(struct pflowi_tls *t, const struct pflow_transport_config *cfg, char *err,
    size_t err_len)
{
	int rc;

	SSL_CTX_set_default_passwd_cb(t->ctx, no_passphrase);
	if (is_helped(cfg)) {
		rc = pflowi_tls_load_through(t->ctx, cfg, err, err_len);
		if (rc != PFLOW_OK)
			return rc;
	} else if (cfg->tls_ca == NULL) {
		if (SSL_CTX_set_default_verify_paths(t->ctx) != 1)
			return refuse(err, err_len, "tls-ca", "(system's)");
	} else if (SSL_CTX_load_verify_file(t->ctx, cfg->tls_ca) != 1)
		return refuse(err, err_len, "tls-ca", cfg->tls_ca);
	return load_own(t, cfg, err, err_len);
}

/** Called when a TLS 1.3 server gives a ticket: it has accepted us. */
static int
on_ticket(SSL *ssl, SSL_SESSION *session)
{
	struct pflowi_tls *t = SSL_get_app_data(ssl);

	(void)session;
	t->ticket = true;
	return 0;
}

static int
take_names(struct pflowi_tls *t, const struct pflow_transport_config *cfg,
    char *err, size_t err_len)
{
	const char *names =
	    cfg->tls_name == NULL ? t->s.conn.peer.to.host : cfg->tls_name;

	if (strlen(names) >= sizeof(t->names)) {
		pflowi_say(err, err_len, "tls-name: longer than %zu octets",
		    sizeof(t->names) - 1);
		return PFLOW_ERR_INVALID;
	}
	strcpy(t->names, names);
	if (names[strspn(names, ",")] != '\0')
		return PFLOW_OK;
	pflowi_say(err, err_len, "tls-name \"%s\": no name in it", names);
	return PFLOW_ERR_INVALID;
}

int
pflowi_tls_init(struct pflowi_tls *t, const SSL_METHOD *method,
    int lowest_version, const struct pflow_transport_config *cfg, char *err,
    size_t err_len)
{
	int rc = take_names(t, cfg, err, err_len);

	if (rc != PFLOW_OK)
		return rc;
	t->settle_ns = t->timer_ns = t->renew_ns = PFLOW_NEVER;
	t->method = pflowi_tls_bio_method();
	t->ctx = SSL_CTX_new(method);
	if (t->method == NULL || t->ctx == NULL ||
	    SSL_CTX_set_min_proto_version(t->ctx, lowest_version) != 1 ||
	    SSL_CTX_set_cipher_list(t->ctx, CIPHERS) != 1) {
		pflowi_say(err, err_len, "%s: OpenSSL does not start",
		    t->s.conn.peer.name);
		return PFLOW_ERR_NOMEM;
	}
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, pflowi_tls_verify);
	/* A certificate that is itself given as tls-ca is trusted. */
	X509_VERIFY_PARAM_set_flags(
	    SSL_CTX_get0_param(t->ctx), X509_V_FLAG_PARTIAL_CHAIN);
	SSL_CTX_set_mode(t->ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(
	    t->ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(
	    t->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(t->ctx, on_ticket);
	ERR_clear_error();
	return load(t, cfg, err, err_len);
}

void
pflowi_tls_drop(struct pflowi_tls *t)
{
	SSL_free(t->ssl);
	t->ssl = NULL;
	t->settle_ns = t->timer_ns = t->renew_ns = PFLOW_NEVER;
	ERR_clear_error();
}

void
pflowi_tls_fini(struct pflowi_tls *t)
{
	pflowi_tls_drop(t);
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->method);
}

int
pflowi_tls_start(struct pflowi_tls *t, struct pflowi_layer_result *r)
{
	BIO *bio = BIO_new(t->method);

	ERR_clear_error();
	t->ssl = SSL_new(t->ctx);
	if (bio == NULL || t->ssl == NULL) {
		BIO_free(bio);
		pflowi_tls_drop(t);
		pflowi_say(r->why, sizeof(r->why), "out of memory");
		return PFLOW_ERR_CLOSED;
	}
	BIO_set_data(bio, t);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t);
	SSL_set_connect_state(t->ssl);
	t->ticket = false;
	t->wire = 0;
	t->bio_error = 0;
	memset(&t->verdict, 0, sizeof(t->verdict));
	if (pflowi_tls_expect(t->ssl, t->names) == 1)
		return PFLOW_OK;
	pflowi_tls_drop(t);
	pflowi_say(
	    r->why, sizeof(r->why), "%s can not be checked for", t->names);
	return PFLOW_ERR_CLOSED;
}

int
pflowi_tls_result(struct pflowi_tls *t, int rc, struct pflowi_layer_result *r)
{
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		r->events = PFLOW_WANT_READ;
		return PFLOW_ERR_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		r->events = PFLOW_WANT_WRITE;
		return PFLOW_ERR_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		pflowi_say(
		    r->why, sizeof(r->why), "the collector ended the session");
		return PFLOW_EOF;
	default:
		pflowi_tls_explain(t, r->why, sizeof(r->why));
		return PFLOW_ERR_CLOSED;
	}
}

int
pflowi_tls_handshake(struct pflowi_tls *t, struct pflowi_layer_result *r)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (rc != 1) {
		rc = pflowi_tls_result(t, rc, r);
		return rc == PFLOW_EOF ? PFLOW_ERR_CLOSED : rc;
	}
	/* RFC 7011, 11.3: never to a collector that was not verified. */
	if (SSL_get_verify_result(t->ssl) == X509_V_OK &&
	    SSL_get0_peer_certificate(t->ssl) != NULL)
		return PFLOW_OK;
	pflowi_say(r->why, sizeof(r->why),
	    "the collector showed no certificate that can be verified");
	return PFLOW_ERR_CLOSED;
}

int
pflowi_tls_read(struct pflowi_tls *t, struct pflowi_layer_result *r)
{
	char octets[1024];
	int i;

	for (i = 0; i < READS_MAX; i++) {
		int n;

		ERR_clear_error();
		n = SSL_read(t->ssl, octets, (int)sizeof(octets));
		if (n <= 0)
			return pflowi_tls_result(t, n, r);
		r->octets += (size_t)n;
	}
	return PFLOW_OK;
}
