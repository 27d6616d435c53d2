/* SPDX-License-Identifier: ISC */
#include "pki.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(ext);
	ck_assert_int_eq(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void
write_pem(struct pki_cert *c, const char *dir, const char *name)
{
	FILE *f;

	snprintf(c->cert_file, sizeof(c->cert_file), "%s/%s.pem", dir, name);
	f = fopen(c->cert_file, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_X509(f, c->cert), 1);
	ck_assert_int_eq(
	    PEM_write_PrivateKey(f, c->key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
}

void
pki_make(struct pki_cert *out, const char *dir, const struct pki_wish *wish,
    const struct pki_cert *issuer)
{
	static long serial = 1;
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	EVP_PKEY *key = EVP_EC_gen("P-256");

	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(X509_set_version(cert, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert), wish->from);
	X509_gmtime_adj(
	    X509_getm_notAfter(cert), wish->until == 0 ? 86400 : wish->until);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)wish->name, -1, -1, 0);
	X509_set_issuer_name(
	    cert, issuer == NULL ? name : X509_get_subject_name(issuer->cert));
	X509_set_pubkey(cert, key);
	add_extension(cert, issuer == NULL ? cert : issuer->cert,
	    NID_basic_constraints,
	    issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (wish->alt_names != NULL)
		add_extension(
		    cert, cert, NID_subject_alt_name, wish->alt_names);
	ck_assert_int_gt(
	    X509_sign(cert, issuer == NULL ? key : issuer->key, EVP_sha256()),
	    0);
	out->cert = cert;
	out->key = key;
	write_pem(out, dir, wish->name);
}

void
pki_free(struct pki_cert *c)
{
	X509_free(c->cert);
	EVP_PKEY_free(c->key);
	(void)unlink(c->cert_file);
	memset(c, 0, sizeof(*c));
}
