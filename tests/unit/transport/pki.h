/* SPDX-License-Identifier: ISC */
/* Certificates made on the spot: none in the tree, none that expires. */
#ifndef PKI_H
#define PKI_H

#include <openssl/x509.h>

struct pki_cert {
	X509 *cert;
	EVP_PKEY *key;
	char cert_file[128]; /**< PEM, with the key behind it */
};

/** What to put into a certificate. */
struct pki_wish {
	const char *name;      /**< CN */
	const char *alt_names; /**< "DNS:a.example,IP:127.0.0.1"; NULL */
	long from, until;      /**< seconds from now; until 0: a day */
};

/** Make one, signed by issuer (NULL: by itself, a CA), written into dir. */
void pki_make(struct pki_cert *out, const char *dir,
    const struct pki_wish *wish, const struct pki_cert *issuer);

/** Release and unlink. */
void pki_free(struct pki_cert *c);

#endif /* PKI_H */
