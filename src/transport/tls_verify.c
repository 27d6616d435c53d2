/* SPDX-License-Identifier: ISC */
/* Who the collector is, and what is wrong with its certificate. */
#include <openssl/x509v3.h>
#include <string.h>

#include "transport/tls.h"

/** Copy what fits, without the characters that would break a line. */
static void
take_text(char *out, size_t len, const char *text, size_t text_len)
{
	size_t i;

	for (i = 0; i < text_len && i + 1 < len; i++)
		out[i] = (unsigned char)text[i] < ' ' ? '?' : text[i];
	out[i] = '\0';
}

void
pflowi_tls_name(char *out, size_t len, X509_NAME *name)
{
	BIO *mem = BIO_new(BIO_s_mem());
	char *text;
	long n;

	out[0] = '\0';
	if (mem == NULL)
		return;
	X509_NAME_print_ex(
	    mem, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(mem, &text);
	if (n > 0)
		take_text(out, len, text, (size_t)n);
	BIO_free(mem);
}

static void
take_date(char *out, size_t len, const char *word, const ASN1_TIME *when)
{
	BIO *mem = BIO_new(BIO_s_mem());
	char date[64], *text;
	long n;

	if (mem == NULL)
		return;
	if (ASN1_TIME_print(mem, when) == 1 &&
	    (n = BIO_get_mem_data(mem, &text)) > 0) {
		take_text(date, sizeof(date), text, (size_t)n);
		pflowi_say(out, len, "%s %s", word, date);
	}
	BIO_free(mem);
}

/** "it is for a.example b.example": the DNS names of the certificate. */
static void
take_alt_names(char *out, size_t len, X509 *cert)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t at;
	int i;

	pflowi_say(out, len, "it is for");
	at = strlen(out);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && at + 2 < len; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *dns = name->d.dNSName;

		if (name->type != GEN_DNS)
			continue;
		out[at++] = ' ';
		take_text(out + at, len - at,
		    (const char *)ASN1_STRING_get0_data(dns),
		    (size_t)ASN1_STRING_length(dns));
		at = strlen(out);
	}
	if (strcmp(out, "it is for") == 0)
		pflowi_say(out, len, "it has no DNS name");
	GENERAL_NAMES_free(names);
}

int
pflowi_tls_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct pflowi_tls *t = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	struct pflowi_tls_verdict *v = &t->verdict;

	if (ok || v->error != X509_V_OK)
		return ok;
	memset(v, 0, sizeof(*v));
	v->error = X509_STORE_CTX_get_error(store);
	if (cert == NULL)
		return 0;
	if (leaf != NULL)
		pflowi_tls_name(
		    v->leaf, sizeof(v->leaf), X509_get_subject_name(leaf));
	pflowi_tls_name(
	    v->subject, sizeof(v->subject), X509_get_subject_name(cert));
	pflowi_tls_name(
	    v->issuer, sizeof(v->issuer), X509_get_issuer_name(cert));
	if (v->error == X509_V_ERR_CERT_HAS_EXPIRED)
		take_date(v->detail, sizeof(v->detail), "it was good until",
		    X509_get0_notAfter(cert));
	else if (v->error == X509_V_ERR_CERT_NOT_YET_VALID)
		take_date(v->detail, sizeof(v->detail), "it is good from",
		    X509_get0_notBefore(cert));
	else if (v->error == X509_V_ERR_HOSTNAME_MISMATCH ||
	    v->error == X509_V_ERR_IP_ADDRESS_MISMATCH)
		take_alt_names(v->detail, sizeof(v->detail), cert);
	return 0;
}

/** One name of the list: an address, or a DNS name. OpenSSL only reads it. */
static int
expect_one(SSL *ssl, char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct pflowi_addr addr;

	if (pflowi_addr_literal(name, "1", &addr))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name);
	if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == NULL &&
	    SSL_set_tlsext_host_name(ssl, name) != 1)
		return 0;
	return SSL_add1_host(ssl, name);
}

int
pflowi_tls_expect(SSL *ssl, const char *names)
{
	char name[PFLOWI_TLS_NAME_MAX];
	size_t n;

	/* RFC 6125, 6.4.3; RFC 7011, 11.3: names in full. */
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (; *names != '\0'; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		if (n == 0)
			continue;
		memcpy(name, names, n);
		name[n] = '\0';
		if (expect_one(ssl, name) != 1)
			return 0;
	}
	return 1;
}
