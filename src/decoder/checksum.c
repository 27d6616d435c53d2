/* SPDX-License-Identifier: ISC */
/* Message checksums (RFC 5655, 8.1.1). */
#include "decoder/internal.h"

#define IE_MESSAGE_MD5 262
#define IE_MESSAGE_SCOPE 263

/** Records of a message that are looked at: the time stays linear in its
 *  octets, and other options have its scope, too (RFC 5655, 8.1.4). */
#define LOOKS 8

/** The checksum in a record of scope messageScope, or NULL. */
static const uint8_t *
find_checksum(const struct pflow_decoded_record *rec)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;

	if (pflow_decoded_field_next(rec, &at, &f) != PFLOW_OK ||
	    f.enterprise != 0 || f.element != IE_MESSAGE_SCOPE)
		return NULL;
	while (pflow_decoded_field_next(rec, &at, &f) == PFLOW_OK) {
		if (f.enterprise == 0 && f.element == IE_MESSAGE_MD5 &&
		    f.length == PFLOW_DIGEST_LEN)
			return f.value;
	}
	return NULL;
}

void
pflowi_checksum_check(struct pflowi_message *m)
{
	static const uint8_t zeros[PFLOW_DIGEST_LEN];
	struct pflow_octets parts[3];
	uint8_t digest[PFLOW_DIGEST_LEN];
	const uint8_t *value;

	if (m->dec->digest == NULL || m->checked >= LOOKS ||
	    m->hdr.version != PFLOW_WIRE_IPFIX_VERSION)
		return;
	m->checked++;
	value = find_checksum(&m->hdr.record);
	if (value == NULL)
		return;
	m->checked = LOOKS;
	parts[0].data = m->octets;
	parts[0].len = (size_t)(value - m->octets);
	parts[1].data = zeros;
	parts[1].len = sizeof(zeros);
	parts[2].data = value + sizeof(zeros);
	parts[2].len = pflowi_get_be16(m->octets + 2) -
	    (parts[0].len + sizeof(zeros));
	m->dec->digest(m->dec->digest_arg, parts, PFLOWI_ARRAY_LEN(parts),
	    digest);
	if (memcmp(digest, value, sizeof(digest)) == 0)
		m->dec->stats.checksums_right++;
	else
		m->dec->stats.checksums_wrong++;
}
