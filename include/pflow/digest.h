/* SPDX-License-Identifier: ISC */
/*
 * Message checksums of IPFIX files (RFC 5655, 8.1.1) are MD5 digests. The
 * library has no MD5 of its own: whoever wants them brings a function.
 */
#ifndef PFLOW_DIGEST_H
#define PFLOW_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

/** Octets of a checksum. */
#define PFLOW_DIGEST_LEN 16

/** Octets somewhere in memory. */
struct pflow_octets {
	const uint8_t *data;
	size_t len;
};

/**
 * The MD5 digest (RFC 1321) of parts, one behind the other. Can not fail:
 * whoever has none gives no function.
 *
 * @param arg     the caller's
 * @param parts   borrowed for the call
 * @param digest  out
 */
typedef void pflow_digest_fn(void *arg, const struct pflow_octets *parts,
    size_t count, uint8_t digest[PFLOW_DIGEST_LEN]);

PFLOW_END_DECLS

#endif /* PFLOW_DIGEST_H */
