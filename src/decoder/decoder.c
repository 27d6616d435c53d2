/* SPDX-License-Identifier: ISC */
#include "decoder/internal.h"
#include "decoder/values.h"

void
pflow_decoder_session_restart(struct pflow_decoder *dec)
{
	pflowi_store_clear(dec);
}

void
pflow_decoder_set_other(struct pflow_decoder *dec, pflow_decoded_other_fn *fn)
{
	dec->other = fn;
}

void
pflow_decoder_set_digest(struct pflow_decoder *dec, pflow_digest_fn *fn,
    void *arg)
{
	dec->digest = fn;
	dec->digest_arg = arg;
}

static int
by_version(struct pflowi_message *m, struct pflowi_reader *r)
{
	if (r->len < 2)
		return PFLOW_ERR_TRUNCATED;
	switch (pflowi_get_be16(r->buf)) {
	case PFLOW_WIRE_V5_VERSION:
		return pflowi_v5_message(m, r);
	case PFLOWI_V9_VERSION:
		return pflowi_v9_message(m, r);
	case PFLOW_WIRE_IPFIX_VERSION:
		return pflowi_ipfix_message(m, r);
	default:
		return PFLOW_ERR_UNSUPPORTED;
	}
}

int
pflow_decoder_message(struct pflow_decoder *dec, const void *buf, size_t len,
    pflow_decoded_fn *fn, void *arg)
{
	struct pflowi_message m;
	struct pflowi_reader r;
	int rc;

	memset(&m, 0, sizeof(m));
	m.dec = dec;
	m.fn = fn;
	m.arg = arg;
	m.octets = buf;
	pflowi_r_init(&r, buf, len);
	rc = by_version(&m, &r);
	if (m.accepted)
		dec->stats.messages++;
	else
		dec->stats.malformed_messages++;
	return rc;
}

int
pflow_decoded_field_next(const struct pflow_decoded_record *rec,
    struct pflow_decoded_cursor *at, struct pflow_decoded_field *out)
{
	struct pflowi_reader r;
	const uint8_t *f;
	const uint8_t *value;
	size_t len;

	if (at->field >= rec->field_count)
		return PFLOW_EOF;
	f = rec->fields + (size_t)at->field * PFLOWI_F_LEN;
	pflowi_r_init(&r, rec->octets, rec->len);
	r.pos = at->octet;
	value = pflowi_field_take(&r, f, &len);
	if (value == NULL)
		return PFLOW_EOF;
	out->value = value;
	out->enterprise = pflowi_get_be32(f + PFLOWI_F_ENTERPRISE);
	out->element = pflowi_get_be16(f + PFLOWI_F_ELEMENT);
	out->length = (uint16_t)len;
	out->is_scope = at->field < rec->scope_count;
	memset(out->reserved, 0, sizeof(out->reserved));
	at->field++;
	at->octet = (uint32_t)r.pos;
	return PFLOW_OK;
}

void
pflow_decoder_counters(const struct pflow_decoder *dec, pflow_counter_fn *fn,
    void *arg)
{
	struct pflow_counter c;

#define TELL(member, sort, text)                                               \
	c.name = #member;                                                      \
	c.help = text;                                                         \
	c.kind = PFLOW_COUNTER_##sort;                                         \
	c.value = dec->stats.member;                                           \
	fn(arg, &c);
	PFLOW_DECODER_COUNTER_LIST(TELL)
#undef TELL
}
