/* SPDX-License-Identifier: ISC */
/* A collector with TLS in this process, one step at a time. */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "conformance.h"
#include "pki.h"

struct tls_peer {
	SSL_CTX *ctx;
	SSL *ssl; /**< NULL: no session */
	int listener;
	int fd; /**< -1: no session */
	unsigned port;
	bool up;
	bool failed; /**< the handshake did */
};

/** The certificates of the suite. */
extern struct pki_cert tls_ca, tls_other_ca, tls_server, tls_client;
extern char tls_dir[64];

void tls_pki_setup(void);
void tls_pki_teardown(void);

/** Listen with a certificate, asking clients for one of tls_ca. */
void tls_peer_init(
    struct tls_peer *p, const SSL_METHOD *method, const struct pki_cert *cert);
void tls_peer_fini(struct tls_peer *p);

/** Accept and shake hands. true: a session began in this step. */
bool tls_peer_accept(struct tls_peer *p);

/** Take at most so many octets; log may be NULL. */
void tls_peer_read(
    struct tls_peer *p, size_t octets, struct conformance_peer *log);

/** End: with close_notify, or with a reset. */
void tls_peer_end(struct tls_peer *p, bool polite);

/** Service t and step p until t is up, or has failed so often. */
bool tls_bring_up(struct pflow_transport *t, struct tls_peer *p,
    struct pflow_now *now, const char *failures);

#endif /* TLS_PEER_H */
