/* SPDX-License-Identifier: ISC */
/*
 * Message checksums (RFC 5655, 8.1.1): the MD5 digest of the message, in
 * which the sixteen octets of the digest are zero. Its record is a Data
 * Record and counts as one.
 */
#include "exporter/exporter.h"

#define IE_MESSAGE_SCOPE 263
#define IE_MESSAGE_MD5 262

void
pflowi_w_checksum_template(const struct pflow_exporter *ex,
    struct pflowi_writer *w)
{
	if (!pflowi_has_checksum(ex))
		return;
	pflowi_w_u16(w, PFLOW_WIRE_SET_OPTIONS_TEMPLATE);
	pflowi_w_uint(w, 2, PFLOWI_CHECKSUM_TEMPLATE_LEN);
	pflowi_w_u16(w, PFLOWI_TEMPLATE_CHECKSUM);
	pflowi_w_u16(w, 2); /* fields */
	pflowi_w_u16(w, 1); /* of scope */
	pflowi_w_u16(w, IE_MESSAGE_SCOPE);
	pflowi_w_u16(w, 1);
	pflowi_w_u16(w, IE_MESSAGE_MD5);
	pflowi_w_u16(w, PFLOW_DIGEST_LEN);
}

uint32_t
pflowi_checksum_append(struct pflow_exporter *ex, uint8_t *message,
    uint32_t len)
{
	uint8_t *p = message + len;

	if (!pflowi_has_checksum(ex))
		return 0;
	memset(p, 0, PFLOWI_CHECKSUM_LEN);
	pflowi_put_be16(p, PFLOWI_TEMPLATE_CHECKSUM);
	pflowi_put_be16(p + 2, PFLOWI_CHECKSUM_LEN);
	ex->stats.records++;
	ex->stats.records_waiting++;
	ex->stats.options_records++;
	return PFLOWI_CHECKSUM_LEN;
}

void
pflowi_checksum_fill(const struct pflow_exporter *ex, uint8_t *message,
    uint32_t len)
{
	struct pflow_octets whole = { message, len };
	uint8_t digest[PFLOW_DIGEST_LEN];

	if (!pflowi_has_checksum(ex))
		return;
	memset(message + len - PFLOW_DIGEST_LEN, 0, PFLOW_DIGEST_LEN);
	ex->cfg.digest_fn(ex->cfg.digest_arg, &whole, 1, digest);
	memcpy(message + len - PFLOW_DIGEST_LEN, digest, PFLOW_DIGEST_LEN);
}
