/* SPDX-License-Identifier: ISC */
/*
 * What tls and dtls share: the certificates of the grammar, who the collector
 * must be, a BIO over our own socket, and errors in words.
 */
#ifndef PFLOWI_TLS_H
#define PFLOWI_TLS_H

#include <openssl/ssl.h>

#include "transport/session.h"

#define PFLOWI_TLS_NAME_MAX 512

/** What is wrong with a certificate of the collector. */
struct pflowi_tls_verdict {
	int error;	   /**< X509_V_*; X509_V_OK: nothing */
	char leaf[160];	   /**< subject of the collector's own certificate */
	char subject[160]; /**< of the one that is refused */
	char issuer[160];
	char detail[160]; /**< the date, the names in it; "" */
};

struct pflowi_tls {
	struct pflowi_session s; /**< first */
	SSL_CTX *ctx;
	BIO_METHOD *method;
	SSL *ssl;			 /**< NULL: no session */
	char names[PFLOWI_TLS_NAME_MAX]; /**< who the collector may be */
	char own[160];	    /**< subject of our certificate; "": none */
	bool datagram;	    /**< one record a datagram, errors are drops */
	bool ticket;	    /**< TLS 1.3: the server has accepted us */
	uint64_t settle_ns; /**< or so it seems from then on */
	uint64_t timer_ns;  /**< DTLS: retransmission; else PFLOW_NEVER */
	uint64_t renew_ns;  /**< DTLS: end of the session's life */
	uint64_t wire;	    /**< octets given to the socket */
	int bio_error;	    /**< errno of the last read or write */
	struct pflowi_tls_verdict verdict;
};

/** Make what outlives sessions. @return PFLOW_OK, or a status and err */
int pflowi_tls_init(struct pflowi_tls *t, const SSL_METHOD *method,
    int lowest_version, const struct pflow_transport_config *cfg, char *err,
    size_t err_len);
void pflowi_tls_fini(struct pflowi_tls *t);

/** An SSL over the connected socket, as client, with its checks. */
int pflowi_tls_start(struct pflowi_tls *t, struct pflowi_layer_result *r);
void pflowi_tls_drop(struct pflowi_tls *t);

/** One step of the handshake; PFLOW_OK: done and the collector is right. */
int pflowi_tls_handshake(struct pflowi_tls *t, struct pflowi_layer_result *r);

/** Read and throw away; the end of the session in words. */
int pflowi_tls_read(struct pflowi_tls *t, struct pflowi_layer_result *r);

/** After SSL_write(): AGAIN with events, or CLOSED with why. */
int pflowi_tls_result(
    struct pflowi_tls *t, int rc, struct pflowi_layer_result *r);

/** Errors of OpenSSL in words. */
void pflowi_tls_explain(struct pflowi_tls *t, char *out, size_t len);

/** Why a file was not taken: OpenSSL's first error. */
void pflowi_tls_reason(char *out, size_t len);

/** tls_bio.c: the BIO of a method that ends on t's socket. */
BIO_METHOD *pflowi_tls_bio_method(void);

/** tls_verify.c: remember why a certificate was refused. */
int pflowi_tls_verify(int ok, X509_STORE_CTX *store);

/** tls_verify.c: a name of a certificate on one line. */
void pflowi_tls_name(char *out, size_t len, X509_NAME *name);

/** tls_verify.c: set who the collector may be. @return 1 or 0 */
int pflowi_tls_expect(SSL *ssl, const char *names);

/** tls_files.c: tls-ca, tls-cert and tls-key by cfg->system.
 *  @return PFLOW_OK, PFLOW_ERR_INVALID with one line in err */
int pflowi_tls_load_through(SSL_CTX *ctx,
    const struct pflow_transport_config *cfg, char *err, size_t err_len);

#endif /* PFLOWI_TLS_H */
