/* SPDX-License-Identifier: ISC */
/* MD5 for message checksums (RFC 5655, 8.1.1): OpenSSL's, where it is. */
#ifndef PFLOWI_DIGEST_H
#define PFLOWI_DIGEST_H

#include <pflow/digest.h>

/**
 * @param why  out: if there is none, a reason for people
 * @return NULL: there is none; its arg is NULL
 */
pflow_digest_fn *pflowi_digest(const char **why);

#endif /* PFLOWI_DIGEST_H */
