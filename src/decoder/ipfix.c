/* SPDX-License-Identifier: ISC */
/* IPFIX Messages (RFC 7011, 3.1) and how they follow each other. */
#include "decoder/internal.h"
#include "decoder/store.h"

#include "core/shapes.h"
#include "core/time.h"

static void
recall_boot(struct pflowi_message *m)
{
	struct pflowi_store_key key = { m->hdr.domain_id, 0,
		PFLOW_WIRE_IPFIX_VERSION };
	size_t at = pflowi_store_find(m->dec, key);
	const uint8_t *d;

	if (at == 0)
		return;
	d = m->dec->store + at;
	if (d[PFLOWI_D_HAS_BOOT] == 0)
		return;
	m->boot.uptime_ms = (uint32_t)(m->boot.now_ms -
	    pflowi_get_be64(d + PFLOWI_D_BOOT_MS));
	m->boot.known = 1;
}

int
pflowi_ipfix_message(struct pflowi_message *m, struct pflowi_reader *r)
{
	struct pflowi_reader sets;
	uint32_t secs;
	uint16_t len;
	int rc;

	if (pflowi_r_left(r) < PFLOWI_IPFIX_HEADER_LEN)
		return PFLOW_ERR_TRUNCATED;
	m->hdr.version = pflowi_r_u16(r);
	len = pflowi_r_u16(r);
	secs = pflowi_r_u32(r);
	m->hdr.sequence = pflowi_r_u32(r);
	m->hdr.domain_id = pflowi_r_u32(r);
	m->hdr.export_ns = secs * (uint64_t)PFLOWI_NS_PER_SEC;
	m->boot.now_ms = secs * (uint64_t)PFLOWI_MS_PER_SEC;
	if (len < PFLOWI_IPFIX_HEADER_LEN)
		return PFLOW_ERR_MALFORMED;
	sets = pflowi_r_sub(r, len - PFLOWI_IPFIX_HEADER_LEN);
	if (sets.status != PFLOW_OK)
		return PFLOW_ERR_TRUNCATED;
	m->dec->stats.trailing_octets += pflowi_r_left(r);
	pflowi_sequence_check(m);
	recall_boot(m);
	rc = pflowi_sets(m, &sets);
	/* RFC 7011, 10: nothing but sets. */
	if (rc == PFLOW_OK && pflowi_r_left(&sets) > 0 && !m->uncounted)
		m->dec->stats.malformed_sets++;
	pflowi_sequence_advance(m, m->data_records,
	    rc == PFLOW_OK && !m->uncounted);
	return rc;
}

int
pflow_decoder_frame(const void *buf, size_t len, size_t *need)
{
	const uint8_t *p = buf;

	*need = 4;
	if ((len >= 1 && p[0] != 0) ||
	    (len >= 2 && p[1] != PFLOW_WIRE_IPFIX_VERSION))
		return PFLOW_ERR_MALFORMED;
	if (len < 4)
		return PFLOW_ERR_TRUNCATED;
	*need = pflowi_get_be16(p + 2);
	return *need < PFLOWI_IPFIX_HEADER_LEN ? PFLOW_ERR_MALFORMED
					       : PFLOW_OK;
}

/** May a message begin here? All of a header and a set header are there. */
static unsigned
is_plausible(const uint8_t *p, size_t left)
{
	uint16_t len = pflowi_get_be16(p + 2);
	uint16_t set_id = pflowi_get_be16(p + 16);
	uint16_t set_len = pflowi_get_be16(p + 18);
	size_t need;

	if (pflowi_get_be16(p) != PFLOW_WIRE_IPFIX_VERSION ||
	    len < PFLOWI_IPFIX_HEADER_LEN + PFLOWI_SET_HEADER_LEN)
		return 0;
	if (set_id != PFLOW_WIRE_SET_TEMPLATE &&
	    set_id != PFLOW_WIRE_SET_OPTIONS_TEMPLATE &&
	    set_id < PFLOW_WIRE_SET_DATA_MIN)
		return 0;
	if (set_len < PFLOWI_SET_HEADER_LEN ||
	    set_len > len - PFLOWI_IPFIX_HEADER_LEN)
		return 0;
	return left <= len ||
	    pflow_decoder_frame(p + len, left - len, &need) !=
	    PFLOW_ERR_MALFORMED;
}

int
pflow_decoder_resync(const void *buf, size_t len, size_t *skip)
{
	const uint8_t *p = buf;
	const size_t header = PFLOWI_IPFIX_HEADER_LEN + PFLOWI_SET_HEADER_LEN;
	size_t i;

	for (i = 0; len - i >= header; i++) {
		if (is_plausible(p + i, len - i)) {
			*skip = i;
			return PFLOW_OK;
		}
	}
	*skip = i;
	return PFLOW_ERR_TRUNCATED;
}
