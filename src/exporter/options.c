/* SPDX-License-Identifier: ISC */
/*
 * Records about ourselves, by options templates: types of enterprise elements
 * (RFC 5610), sampling, the statistics of RFC 7011, 4.1 to 4.3, flow keys
 * (4.4), interface names. One template a set and one record a set: some
 * collectors read only the first (nfdump 1.7.1).
 */
#include <pflow/value.h>

#include "exporter/exporter.h"

/** Fixed length, since some collectors know no other here (nfdump 1.7.1). */
#define NAME_LEN 32

/** Records at a time, so that many interfaces make no burst. */
#define AT_ONCE 24

/** In the order in which they are sent: types before what they describe. */
enum kind { ELEMENT_TYPE, SAMPLING, METERING, METERING_LOSS, EXPORTING_LOSS,
	FLOW_KEYS, INTERFACE, KINDS };

struct option_field {
	uint16_t element;
	uint8_t octets;
	uint8_t scope;
};

#define FIELDS_MAX 8

/** Options templates; ids below PFLOWI_TEMPLATE_FIRST_FREE. */
static const struct option_template {
	uint16_t id;
	uint8_t count;
	uint8_t v9_scope; /**< RFC 3954, 6.1: 1 system, 2 interface */
	struct option_field fields[FIELDS_MAX];
} templates[KINDS] = {
	/* 1 of N packets: 305 of (305 + 306). Not samplingInterval (34), too:
	 * of a record with both, nfdump 1.7.1 makes a rate of N + 1. */
	[SAMPLING] = { 270, 4, 1, { { 302, 4, 1 }, { 304, 2, 0 },
	    { 305, 4, 0 }, { 306, 4, 0 } } },
	[METERING] = { 271, 5, 1, { { 149, 4, 1 }, { 143, 4, 1 },
	    { 41, 8, 0 }, { 42, 8, 0 }, { 40, 8, 0 } } },
	[METERING_LOSS] = { 272, 6, 1, { { 149, 4, 1 }, { 143, 4, 1 },
	    { 164, 8, 0 }, { 165, 8, 0 }, { 323, 8, 0 }, { 323, 8, 0 } } },
	[EXPORTING_LOSS] = { 273, 6, 1, { { 144, 4, 1 }, { 166, 8, 0 },
	    { 167, 8, 0 }, { 168, 8, 0 }, { 323, 8, 0 }, { 323, 8, 0 } } },
	[FLOW_KEYS] = { 275, 2, 5, { { 145, 2, 1 }, { 173, 8, 0 } } },
	[ELEMENT_TYPE] = { 276, 8, 0, { { 346, 4, 1 }, { 303, 2, 1 },
	    { 339, 1, 0 }, { 344, 1, 0 }, { 345, 2, 0 }, { 342, 8, 0 },
	    { 343, 8, 0 }, { 341, NAME_LEN, 0 } } },
	[INTERFACE] = { 274, 2, 2, { { 10, 4, 1 }, { 83, NAME_LEN, 0 } } },
};

/** How many records of a kind there are to send. */
static uint32_t
count_of(const struct pflow_exporter *ex, enum kind kind)
{
	switch (kind) {
	case ELEMENT_TYPE:
		return (uint32_t)ex->cfg.enterprise_count;
	case METERING_LOSS:
		/* Losses are told only when there were some: times of none
		 * are no times. */
		return ex->ignored_packets > 0;
	case EXPORTING_LOSS:
		return ex->stats.drops[PFLOW_DROP_discarded].count > 0;
	case FLOW_KEYS:
		return pflowi_is_v9(ex) ? 0 : ex->variant_count;
	case INTERFACE:
		return (uint32_t)ex->cfg.interface_count;
	default:
		return 1;
	}
}

/** Kinds that this version can have. */
static int
exists(const struct pflow_exporter *ex, enum kind kind)
{
	if (kind == ELEMENT_TYPE)
		return ex->cfg.enterprise_count > 0 && !pflowi_is_v9(ex);
	return kind != FLOW_KEYS || !pflowi_is_v9(ex);
}

static unsigned
scopes(const struct option_template *t)
{
	unsigned i, n = 0;

	for (i = 0; i < t->count; i++)
		n += t->fields[i].scope;
	return n;
}

/** v9 has one scope, in octets of its own; further ones become options. */
static uint32_t
template_len(const struct pflow_exporter *ex, const struct option_template *t)
{
	uint32_t len = PFLOWI_SET_HEADER_LEN + 6 + 4u * t->count;

	return pflowi_is_v9(ex) ? (len + 3) & ~3u : len;
}

int
pflowi_is_options_id(uint16_t id)
{
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		if (templates[i].id == id)
			return 1;
	}
	return 0;
}

uint32_t
pflowi_options_templates_len(const struct pflow_exporter *ex)
{
	uint32_t len = 0;
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		if (exists(ex, (enum kind)i))
			len += template_len(ex, &templates[i]);
	}
	return len;
}

static void
write_template(const struct pflow_exporter *ex, struct pflowi_writer *w,
    const struct option_template *t)
{
	unsigned i;
	int v9 = pflowi_is_v9(ex);

	pflowi_w_u16(w, v9 ? 1 : PFLOW_WIRE_SET_OPTIONS_TEMPLATE);
	pflowi_w_uint(w, 2, template_len(ex, t));
	pflowi_w_u16(w, t->id);
	if (v9) { /* octets of scope and option specifiers */
		pflowi_w_u16(w, 4);
		pflowi_w_uint(w, 2, 4u * (t->count - 1u));
	} else { /* numbers of fields */
		pflowi_w_u16(w, t->count);
		pflowi_w_uint(w, 2, scopes(t));
	}
	for (i = 0; i < t->count; i++) {
		pflowi_w_u16(w, v9 && i == 0 ? t->v9_scope
					     : t->fields[i].element);
		pflowi_w_u16(w, t->fields[i].octets);
	}
	if (v9)
		pflowi_w_zero(w, template_len(ex, t) -
		    (PFLOWI_SET_HEADER_LEN + 6 + 4u * t->count));
}

void
pflowi_w_options_templates(const struct pflow_exporter *ex,
    struct pflowi_writer *w, uint32_t *count)
{
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		if (!exists(ex, (enum kind)i))
			continue;
		write_template(ex, w, &templates[i]);
		(*count)++;
	}
}

/**
 * flowKeyIndicator (173): the least significant bit is the first element of
 * the template. Keys are addresses, ports, protocol, ICMP type and VLAN.
 */
static uint64_t
flow_keys_of(const struct pflow_exporter *ex, const struct pflowi_variant *v)
{
	static const uint16_t keys[] = { 4, 7, 8, 11, 12, 27, 28, 32, 58, 139,
		180, 181, 182, 183, 243 };
	const struct pflow_field *fields = pflowi_list_fields(ex, v->list);
	uint64_t bits = 0, mask = v->mask;
	unsigned at = 0;
	size_t k;

	for (; mask != 0; mask &= mask - 1, at++) {
		const struct pflow_field *f = &fields[PFLOWI_LOWEST_BIT(mask)];

		for (k = 0; k < PFLOWI_ARRAY_LEN(keys); k++) {
			if (f->enterprise == 0 && f->element == keys[k])
				bits |= UINT64_C(1) << at;
		}
	}
	return bits;
}

static void
element_values(const struct pflow_enterprise_element *e, uint64_t *v)
{
	v[0] = e->enterprise;
	v[1] = e->element;
	v[2] = e->type;
	v[3] = e->semantics;
	v[4] = e->units;
	v[5] = e->range_begin;
	v[6] = e->range_end;
}

/** The values of a record, in the order of its template. */
static void
values_of(const struct pflow_exporter *ex, enum kind kind, uint64_t *v,
    uint32_t at)
{
	const struct pflow_exporter_stats *s = &ex->stats;
	uint32_t n = ex->cfg.sampling & 0x3fff; /* two bits are v5's mode */

	switch (kind) {
	case SAMPLING:
		n = n > 1 ? n : 1;
		v[0] = 1;
		v[1] = 1; /* systematic count-based sampling */
		v[2] = 1;
		v[3] = n - 1;
		break;
	case METERING:
		v[0] = ex->cfg.domain_id;
		v[1] = ex->cfg.process_id;
		/* Registry: without the message that carries them. */
		v[2] = s->messages;
		v[3] = s->records - ex->open[PFLOWI_MIXED].records;
		v[4] = s->message_octets;
		break;
	case METERING_LOSS:
		v[0] = ex->cfg.domain_id;
		v[1] = ex->cfg.process_id;
		v[2] = ex->ignored_packets;
		v[3] = ex->ignored_octets;
		v[4] = ex->ignored_first_ns / PFLOWI_NS_PER_MS;
		v[5] = ex->ignored_last_ns / PFLOWI_NS_PER_MS;
		break;
	case EXPORTING_LOSS:
		v[0] = ex->cfg.process_id;
		v[1] = s->drops[PFLOW_DROP_discarded].count;
		v[2] = s->drops[PFLOW_DROP_discarded].packets;
		v[3] = s->drops[PFLOW_DROP_discarded].octets;
		v[4] = ex->dropped_first_ns / PFLOWI_NS_PER_MS;
		v[5] = ex->dropped_last_ns / PFLOWI_NS_PER_MS;
		break;
	case FLOW_KEYS:
		v[0] = ex->variants[at].id;
		v[1] = flow_keys_of(ex, &ex->variants[at]);
		break;
	case ELEMENT_TYPE:
		element_values(&ex->cfg.enterprise_elements[at], v);
		break;
	default:
		v[0] = ex->cfg.interfaces[at].index;
		break;
	}
}

/** The text of a record that has one. */
static const char *
text_of(const struct pflow_exporter *ex, enum kind kind, uint32_t at)
{
	return kind == INTERFACE ? ex->cfg.interfaces[at].name
				 : ex->cfg.enterprise_elements[at].name;
}

static size_t
text_len(const char *s)
{
	size_t n;

	for (n = 0; n < NAME_LEN && s[n] != '\0'; n++)
		;
	return n;
}

/** One record in a set of its own; 0: no room. */
static int
put_record(struct pflow_exporter *ex, enum kind kind, uint32_t at,
    struct pflow_now now)
{
	const struct option_template *t = &templates[kind];
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	uint64_t v[FIELDS_MAX] = { 0 };
	uint32_t i, len = 0;

	for (i = 0; i < t->count; i++)
		len += t->fields[i].octets;
	if (!pflowi_mixed_open(ex, len, now))
		return 0;
	values_of(ex, kind, v, at);
	pflowi_mixed_begin_set(ex, t->id);
	for (i = 0; i < t->count; i++) {
		uint8_t *p = pflowi_slot_payload(ex, m->slot) + m->len;

		if (t->fields[i].octets == NAME_LEN)
			pflow_value_string(p, NAME_LEN, text_of(ex, kind, at),
			    text_len(text_of(ex, kind, at)));
		else
			pflowi_put_be(p, t->fields[i].octets, v[i]);
		m->len += t->fields[i].octets;
	}
	pflowi_mixed_close_set(ex);
	m->records++;
	ex->stats.records++;
	ex->stats.records_waiting++;
	ex->stats.options_records++;
	return 1;
}

/** The next record that the cursor stands before; KINDS: there is none. */
static enum kind
find_next(const struct pflow_exporter *ex, uint32_t *at)
{
	uint32_t left = ex->options_cursor;
	unsigned kind;

	for (kind = 0; kind < KINDS; kind++) {
		uint32_t n = exists(ex, (enum kind)kind)
		    ? count_of(ex, (enum kind)kind)
		    : 0;

		if (left < n) {
			*at = left;
			return (enum kind)kind;
		}
		left -= n;
	}
	return KINDS;
}

/** The cursor walks all records; between two parts a second passes. */
void
pflowi_emit_options(struct pflow_exporter *ex, struct pflow_now now)
{
	uint32_t n, at = 0;

	for (n = 0; n < AT_ONCE; n++) {
		enum kind kind = find_next(ex, &at);

		if (kind == KINDS)
			break;
		if (!put_record(ex, kind, at, now))
			return;
		ex->options_cursor++;
	}
	if (n == AT_ONCE) {
		ex->options_due_ns =
		    pflowi_time_add(now.mono_ns, PFLOWI_NS_PER_SEC);
	} else {
		ex->options_cursor = 0;
		ex->options_due_ns = ex->cfg.options_ns == 0
		    ? PFLOW_NEVER
		    : pflowi_time_add(now.mono_ns, ex->cfg.options_ns);
	}
	pflowi_update_due(ex);
}

void
pflow_exporter_set_interfaces(struct pflow_exporter *ex,
    const struct pflow_interface *list, size_t count)
{
	ex->cfg.interfaces = list;
	ex->cfg.interface_count = count;
}

int
pflow_exporter_report(struct pflow_exporter *ex, struct pflow_now now)
{
	if (!ex->options_announced)
		return PFLOW_OK;
	ex->wall_ns = now.wall_ns;
	ex->options_cursor = 0;
	ex->options_due_ns = now.mono_ns;
	pflowi_emit_options(ex, now);
	return ex->options_due_ns <= now.mono_ns ? PFLOW_ERR_AGAIN : PFLOW_OK;
}

void
pflow_exporter_set_ignored(struct pflow_exporter *ex, uint64_t packets,
    uint64_t octets, struct pflow_now now)
{
	if (packets == ex->ignored_packets && octets == ex->ignored_octets)
		return;
	if (ex->ignored_packets == 0)
		ex->ignored_first_ns = now.wall_ns;
	ex->ignored_last_ns = now.wall_ns;
	ex->ignored_packets = packets;
	ex->ignored_octets = octets;
}
