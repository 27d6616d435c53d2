/* SPDX-License-Identifier: ISC */
/* Certificates and keys from files that somebody else opens for us. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "core/port.h"
#include "transport/tls.h"

/** Certificates of one file; the system's own have a few hundred. */
#define CERTIFICATES_MAX 4096

static BIO *
open_bio(const struct pflow_system *sys, const char *word, const char *path,
    char *err, size_t err_len)
{
	int fd = sys->open_file(sys->arg, path, PFLOW_FILE_READ);
	BIO *bio;

	if (fd < 0) {
		pflowi_say(err, err_len, "%s %s: %s", word, path, strerror(-fd));
		return NULL;
	}
	bio = BIO_new_fd(fd, BIO_CLOSE);
	if (bio == NULL)
		pflowi_say(err, err_len, "%s %s: out of memory", word, path);
	return bio;
}

static int
refuse(char *err, size_t err_len, const char *word, const char *path)
{
	char reason[160];

	pflowi_tls_reason(reason, sizeof(reason));
	pflowi_say(err, err_len, "%s %s: %s", word, path, reason);
	return PFLOW_ERR_INVALID;
}

static int
load_ca(SSL_CTX *ctx, const struct pflow_system *sys, const char *path,
    char *err, size_t err_len)
{
	BIO *bio = open_bio(sys, "tls-ca", path, err, err_len);
	unsigned count = 0;
	X509 *cert;

	if (bio == NULL)
		return PFLOW_ERR_INVALID;
	while (count < CERTIFICATES_MAX &&
	    (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		count += X509_STORE_add_cert(
			     SSL_CTX_get_cert_store(ctx), cert) == 1;
		X509_free(cert);
	}
	BIO_free(bio);
	if (count == 0)
		return refuse(err, err_len, "tls-ca", path);
	ERR_clear_error(); /* the end of the file is an error to it */
	return PFLOW_OK;
}

/** The authorities that the system trusts, where they are one file. */
static int
load_system(
    SSL_CTX *ctx, const struct pflow_system *sys, char *err, size_t err_len)
{
	size_t i, count;
	const char *const *bundles = pflow_tls_bundles(&count);

	for (i = 0; i < count; i++)
		if (load_ca(ctx, sys, bundles[i], err, err_len) == PFLOW_OK)
			return PFLOW_OK;
	pflowi_say(err, err_len,
	    "tls-ca: the system's authorities are in none of the known files, "
	    "name one");
	return PFLOW_ERR_INVALID;
}

static int
load_chain(SSL_CTX *ctx, const struct pflow_system *sys, const char *path,
    char *err, size_t err_len)
{
	BIO *bio = open_bio(sys, "tls-cert", path, err, err_len);
	unsigned count = 0;
	X509 *cert;
	bool fine;

	if (bio == NULL)
		return PFLOW_ERR_INVALID;
	cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	fine = cert != NULL && SSL_CTX_use_certificate(ctx, cert) == 1;
	X509_free(cert);
	while (fine && count++ < CERTIFICATES_MAX &&
	    (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		fine = SSL_CTX_add0_chain_cert(ctx, cert) == 1;
		if (!fine)
			X509_free(cert);
	}
	BIO_free(bio);
	if (!fine)
		return refuse(err, err_len, "tls-cert", path);
	ERR_clear_error();
	return PFLOW_OK;
}

static int
load_key(SSL_CTX *ctx, const struct pflow_system *sys, const char *path,
    char *err, size_t err_len)
{
	BIO *bio = open_bio(sys, "tls-key", path, err, err_len);
	EVP_PKEY *key;
	bool fine;

	if (bio == NULL)
		return PFLOW_ERR_INVALID;
	key = PEM_read_bio_PrivateKey(
	    bio, NULL, SSL_CTX_get_default_passwd_cb(ctx), NULL);
	BIO_free(bio);
	fine = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
	    SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	return fine ? PFLOW_OK : refuse(err, err_len, "tls-key", path);
}

int
pflowi_tls_load_through(SSL_CTX *ctx, const struct pflow_transport_config *cfg,
    char *err, size_t err_len)
{
	const struct pflow_system *sys = cfg->system;
	int rc = cfg->tls_ca == NULL
	    ? load_system(ctx, sys, err, err_len)
	    : load_ca(ctx, sys, cfg->tls_ca, err, err_len);

	if (rc == PFLOW_OK && cfg->tls_cert != NULL)
		rc = load_chain(ctx, sys, cfg->tls_cert, err, err_len);
	if (rc == PFLOW_OK && cfg->tls_cert != NULL)
		rc = load_key(ctx, sys,
		    cfg->tls_key == NULL ? cfg->tls_cert : cfg->tls_key, err,
		    err_len);
	return rc;
}
