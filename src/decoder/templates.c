/* SPDX-License-Identifier: ISC */
/* Template Sets and Options Template Sets (RFC 7011, 3.4; RFC 3954, 5.2). */
#include "decoder/flows.h"
#include "decoder/internal.h"
#include "decoder/values.h"

/** Longest record that a message can hold: header, set header, record. */
#define RECORD_MAX (UINT16_MAX - 16u - 4u)

/** One Template Record that is being learned. */
struct definition {
	struct pflowi_store_key key;
	enum pflowi_entry_kind kind;
	uint32_t wire_fields; /**< as many follow on the wire */
	uint32_t wire_scopes;
	uint32_t fields;      /**< those that are longer than 0 octets */
	uint32_t scopes;
	uint32_t min_len;     /**< of a record; may be over RECORD_MAX */
};

/** A Field Specifier. */
struct specifier {
	uint32_t enterprise;
	uint16_t element;
	uint16_t length;
};

static struct specifier
read_specifier(struct pflowi_reader *r, unsigned version)
{
	struct specifier s = { 0, 0, 0 };

	s.element = pflowi_r_u16(r);
	s.length = pflowi_r_u16(r);
	/* v9 has no enterprise bit: types from 32768 on are vendors' own. */
	if (version == PFLOW_WIRE_IPFIX_VERSION &&
	    (s.element & PFLOW_WIRE_ENTERPRISE_BIT) != 0) {
		s.element &= (uint16_t)~PFLOW_WIRE_ENTERPRISE_BIT;
		s.enterprise = pflowi_r_u32(r);
	}
	return s;
}

/**
 * Read over the specifiers and find out what the template takes. Fields of 0
 * octets, which some v9 exporters send, are left out: so a record has no
 * fewer octets than fields, and reading it takes linear time.
 */
static void
measure(struct definition *def, struct pflowi_reader *r)
{
	uint32_t i;

	for (i = 0; i < def->wire_fields && r->status == PFLOW_OK; i++) {
		struct specifier s = read_specifier(r, def->key.version);

		if (s.length == 0)
			continue;
		def->fields++;
		if (i < def->wire_scopes)
			def->scopes++;
		def->min_len +=
		    s.length == PFLOW_WIRE_VARIABLE_LENGTH ? 1 : s.length;
	}
}

static void
put_field(uint8_t *f, const struct specifier *s, unsigned is_scope,
    unsigned version)
{
	struct pflowi_use use = { 0, PFLOWI_SKIP, 0 };

	/* Scope types of v9 are no elements (RFC 3954, 6.1). */
	if (!is_scope || version == PFLOW_WIRE_IPFIX_VERSION)
		use = pflowi_element_use(s->enterprise, s->element);
	f[PFLOWI_F_TARGET] = use.target;
	f[PFLOWI_F_CLASS] = (uint8_t)(use.class | use.rank << 4);
	pflowi_put_be16(f + PFLOWI_F_ELEMENT, s->element);
	pflowi_put_be16(f + PFLOWI_F_LENGTH, s->length);
	pflowi_put_be32(f + PFLOWI_F_ENTERPRISE, s->enterprise);
}

/** Is it the very template of the store? */
static unsigned
is_repeat(const struct definition *def, const uint8_t *t,
    struct pflowi_reader specifiers)
{
	const uint8_t *f = t + PFLOWI_T_LEN;
	uint32_t i;

	if (t[PFLOWI_E_KIND] != (uint8_t)def->kind ||
	    pflowi_get_be16(t + PFLOWI_T_FIELDS) != def->fields ||
	    pflowi_get_be16(t + PFLOWI_T_SCOPES) != def->scopes)
		return 0;
	for (i = 0; i < def->wire_fields; i++) {
		struct specifier s =
		    read_specifier(&specifiers, def->key.version);

		if (s.length == 0)
			continue;
		if (pflowi_get_be16(f + PFLOWI_F_ELEMENT) != s.element ||
		    pflowi_get_be16(f + PFLOWI_F_LENGTH) != s.length ||
		    pflowi_get_be32(f + PFLOWI_F_ENTERPRISE) != s.enterprise)
			return 0;
		f += PFLOWI_F_LEN;
	}
	return 1;
}

/** The specifiers of a built-in template, as on the wire. */
#define SPECIFIER(element, octets) 0, (element), 0, (octets),
static const uint8_t flow4[] = { PFLOWI_SHAPE_FLOW4(SPECIFIER) };
static const uint8_t flow6[] = { PFLOWI_SHAPE_FLOW6(SPECIFIER) };

static enum pflowi_plan
plan_of(const struct definition *def, const struct pflowi_reader *specifiers)
{
	const uint8_t *p = specifiers->buf + specifiers->pos;

	if (def->kind != PFLOWI_ENTRY_TEMPLATE)
		return PFLOWI_PLAN_WALK;
	if (specifiers->len - specifiers->pos >= sizeof(flow4) &&
	    def->wire_fields == sizeof(flow4) / 4 &&
	    memcmp(p, flow4, sizeof(flow4)) == 0)
		return PFLOWI_PLAN_FLOW4;
	if (specifiers->len - specifiers->pos >= sizeof(flow6) &&
	    def->wire_fields == sizeof(flow6) / 4 &&
	    memcmp(p, flow6, sizeof(flow6)) == 0)
		return PFLOWI_PLAN_FLOW6;
	return PFLOWI_PLAN_WALK;
}

static void
put_template(uint8_t *t, const struct definition *def,
    struct pflowi_reader specifiers)
{
	uint8_t *f = t + PFLOWI_T_LEN;
	uint32_t i;

	pflowi_put_be16(t + PFLOWI_T_FIELDS, (uint16_t)def->fields);
	pflowi_put_be16(t + PFLOWI_T_SCOPES, (uint16_t)def->scopes);
	pflowi_put_be16(t + PFLOWI_T_MIN_LEN, (uint16_t)def->min_len);
	t[PFLOWI_T_PLAN] = (uint8_t)plan_of(def, &specifiers);
	for (i = 0; i < def->wire_fields; i++) {
		struct specifier s =
		    read_specifier(&specifiers, def->key.version);

		if (s.length == 0)
			continue;
		put_field(f, &s, i < def->wire_scopes, def->key.version);
		f += PFLOWI_F_LEN;
	}
}

/**
 * Keep a definition. One that cannot be kept takes the old one of its id with
 * it: data under the new layout must not be read under the old.
 */
static void
learn(struct pflow_decoder *dec, const struct definition *def,
    const struct pflowi_reader *specifiers)
{
	size_t at = pflowi_store_find(dec, def->key);
	unsigned valid = def->fields != 0 && def->min_len <= RECORD_MAX;
	unsigned known = at != 0;

	if (at != 0 && valid && is_repeat(def, dec->store + at, *specifiers)) {
		dec->stats.templates++;
		return;
	}
	if (known)
		pflowi_store_remove(dec, at);
	if (!valid) {
		dec->stats.malformed_templates++;
		return;
	}
	at = pflowi_store_add(dec, def->key, def->kind,
	    PFLOWI_T_LEN + (size_t)def->fields * PFLOWI_F_LEN);
	if (at == 0) {
		dec->stats.templates_refused++;
		return;
	}
	put_template(dec->store + at, def, *specifiers);
	dec->stats.templates++;
	dec->stats.redefinitions += known;
}

/** RFC 7011, 8.1: one template, or with the Set ID as Template ID all. */
static int
withdraw(struct pflowi_message *m, const struct definition *def)
{
	struct pflow_decoder *dec = m->dec;
	uint16_t set_id = def->kind == PFLOWI_ENTRY_TEMPLATE
	    ? PFLOW_WIRE_SET_TEMPLATE
	    : PFLOW_WIRE_SET_OPTIONS_TEMPLATE;
	uint8_t bit = (uint8_t)(1u << set_id);
	size_t at;

	if (def->key.id == set_id) {
		/* Once a message: it looks at all the store. */
		if ((m->withdrawn_all & bit) == 0)
			dec->stats.withdrawals += pflowi_store_remove_all(dec,
			    def->key, def->kind);
		m->withdrawn_all |= bit;
		return PFLOW_OK;
	}
	if (def->key.id < PFLOW_WIRE_SET_DATA_MIN)
		return PFLOW_ERR_MALFORMED;
	at = pflowi_store_find(dec, def->key);
	if (at != 0 && dec->store[at + PFLOWI_E_KIND] == (uint8_t)def->kind) {
		pflowi_store_remove(dec, at);
		dec->stats.withdrawals++;
	}
	return PFLOW_OK;
}

/**
 * The counts of an Options Template Record. IPFIX counts fields, scopes
 * included; v9 gives the octets of both kinds of specifiers.
 *
 * @return 0: they make no sense
 */
static unsigned
read_option_counts(struct definition *def, struct pflowi_reader *r)
{
	uint32_t scopes;
	unsigned sound;

	if (def->key.version == PFLOWI_V9_VERSION) {
		scopes = def->wire_fields;
		def->wire_fields = scopes + pflowi_r_u16(r);
		def->wire_scopes = scopes / 4;
		sound = scopes % 4 == 0 && def->wire_fields % 4 == 0;
		def->wire_fields /= 4;
		return sound;
	}
	def->wire_scopes = pflowi_r_u16(r);
	/* RFC 7011, 3.4.2: at least one scope. */
	return def->wire_scopes != 0 && def->wire_scopes <= def->wire_fields;
}

/** @return PFLOW_OK; else the rest of the set cannot be read */
static int
read_definition(struct pflowi_message *m, struct pflowi_reader *r,
    enum pflowi_entry_kind kind)
{
	struct definition def = { .kind = kind };
	struct pflowi_reader specifiers;
	unsigned sound = 1;

	def.key.domain = m->hdr.domain_id;
	def.key.version = (uint8_t)m->hdr.version;
	def.key.id = pflowi_r_u16(r);
	def.wire_fields = pflowi_r_u16(r);
	if (def.wire_fields == 0 &&
	    def.key.version == PFLOW_WIRE_IPFIX_VERSION)
		return withdraw(m, &def);
	if (kind == PFLOWI_ENTRY_OPTIONS)
		sound = read_option_counts(&def, r);
	specifiers = *r;
	measure(&def, r);
	if (def.key.id < PFLOW_WIRE_SET_DATA_MIN || r->status != PFLOW_OK)
		return PFLOW_ERR_MALFORMED;
	if (!sound)
		def.fields = 0;
	learn(m->dec, &def, &specifiers);
	return sound ? PFLOW_OK : PFLOW_ERR_MALFORMED;
}

/** Zeros up to the end are padding, however many (they should be below 4). */
static unsigned
only_zeros(struct pflowi_reader rest)
{
	while (pflowi_r_left(&rest) > 0)
		if (pflowi_r_u8(&rest) != 0)
			return 0;
	return 1;
}

void
pflowi_template_set(struct pflowi_message *m, struct pflowi_reader *set,
    unsigned options)
{
	enum pflowi_entry_kind kind =
	    options ? PFLOWI_ENTRY_OPTIONS : PFLOWI_ENTRY_TEMPLATE;
	unsigned read = 0;

	/* The shortest record is a withdrawal. */
	while (pflowi_r_left(set) >= 4) {
		if (pflowi_get_be16(set->buf + set->pos) == 0 &&
		    only_zeros(*set))
			break;
		if (read_definition(m, set, kind) != PFLOW_OK) {
			m->dec->stats.malformed_sets++;
			return;
		}
		read = 1;
	}
	if (!read)
		m->dec->stats.malformed_sets++;
}
