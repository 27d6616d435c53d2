/* SPDX-License-Identifier: ISC */
#include "programs/common/digest.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

/** @return false: OpenSSL refused */
static bool
md5(const struct pflow_octets *parts, size_t count,
    uint8_t digest[PFLOW_DIGEST_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	size_t i;
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;

	for (i = 0; i < count && ok; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, &len) == 1 &&
	    len == PFLOW_DIGEST_LEN;
	EVP_MD_CTX_free(ctx);
	if (ok)
		memcpy(digest, out, PFLOW_DIGEST_LEN);
	return ok;
}

/** Out of memory, the checksum is one that a reader will find wrong. */
static void
digest_fn(void *arg, const struct pflow_octets *parts, size_t count,
    uint8_t digest[PFLOW_DIGEST_LEN])
{
	(void)arg;
	if (!md5(parts, count, digest))
		memset(digest, 0, PFLOW_DIGEST_LEN);
}

pflow_digest_fn *
pflowi_digest(const char **why)
{
	uint8_t digest[PFLOW_DIGEST_LEN];

	*why = "";
	if (md5(NULL, 0, digest))
		return digest_fn;
	*why = "OpenSSL refuses MD5 here, as its FIPS mode does";
	return NULL;
}
