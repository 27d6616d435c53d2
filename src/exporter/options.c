/* SPDX-License-Identifier: ISC */
/*
 * Records about ourselves, by options templates: sampling, interface names,
 * the statistics of RFC 7011, 4.1 to 4.3, flow keys (4.4). One template a set
 * and one record a set: some collectors read only the first (nfdump 1.7.1).
 */
#include <pflow/value.h>

#include "exporter/exporter.h"

/** Fixed length, since some collectors know no other here (nfdump 1.7.1). */
#define NAME_LEN 32

/** Interface names at a time, so that they make no burst. */
#define NAMES_AT_ONCE 20

enum kind { SAMPLING, METERING, METERING_LOSS, EXPORTING_LOSS, INTERFACE,
	KINDS };

struct option_field {
	uint16_t element;
	uint8_t octets;
	uint8_t scope;
};

#define FIELDS_MAX 7

/** Options templates; ids below PFLOWI_TEMPLATE_FIRST_FREE. */
static const struct option_template {
	uint16_t id;
	uint8_t count;
	uint8_t v9_scope; /**< RFC 3954, 6.1: 1 system, 2 interface */
	struct option_field fields[FIELDS_MAX];
} templates[KINDS] = {
	/* 1 of N packets: 305 of (305 + 306); 34 for older collectors. */
	[SAMPLING] = { 270, 5, 1, { { 302, 4, 1 }, { 304, 2, 0 },
	    { 305, 4, 0 }, { 306, 4, 0 }, { 34, 4, 0 } } },
	[METERING] = { 271, 5, 1, { { 149, 4, 1 }, { 143, 4, 1 },
	    { 41, 8, 0 }, { 42, 8, 0 }, { 40, 8, 0 } } },
	[METERING_LOSS] = { 272, 6, 1, { { 149, 4, 1 }, { 143, 4, 1 },
	    { 164, 8, 0 }, { 165, 8, 0 }, { 323, 8, 0 }, { 323, 8, 0 } } },
	[EXPORTING_LOSS] = { 273, 6, 1, { { 144, 4, 1 }, { 166, 8, 0 },
	    { 167, 8, 0 }, { 168, 8, 0 }, { 323, 8, 0 }, { 323, 8, 0 } } },
	[INTERFACE] = { 274, 2, 2, { { 10, 4, 1 }, { 83, NAME_LEN, 0 } } },
};

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

uint32_t
pflowi_options_templates_len(const struct pflow_exporter *ex)
{
	uint32_t len = 0;
	unsigned i;

	for (i = 0; i < KINDS; i++)
		len += template_len(ex, &templates[i]);
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

	for (i = 0; i < KINDS; i++)
		write_template(ex, w, &templates[i]);
	*count += KINDS;
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
		v[4] = n;
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
	default:
		v[0] = ex->cfg.interfaces[at].index;
		break;
	}
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
			pflow_value_string(p, NAME_LEN,
			    ex->cfg.interfaces[at].name,
			    text_len(ex->cfg.interfaces[at].name));
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

/** Losses are told only when there were some: times of none are no times. */
static int
is_wanted(const struct pflow_exporter *ex, enum kind kind)
{
	if (kind == METERING_LOSS)
		return ex->ignored_packets > 0;
	if (kind == EXPORTING_LOSS)
		return ex->stats.drops[PFLOW_DROP_discarded].count > 0;
	return 1;
}

/**
 * The cursor walks the kinds, then the interfaces; between two parts of the
 * interfaces a second passes.
 */
void
pflowi_emit_options(struct pflow_exporter *ex, struct pflow_now now)
{
	uint32_t end = INTERFACE + (uint32_t)ex->cfg.interface_count;
	uint32_t names = 0;

	while (ex->options_cursor < end && names < NAMES_AT_ONCE) {
		uint32_t at = ex->options_cursor;

		if (at >= INTERFACE) {
			if (!put_record(ex, INTERFACE, at - INTERFACE, now))
				return;
			names++;
		} else if (is_wanted(ex, (enum kind)at) &&
		    !put_record(ex, (enum kind)at, 0, now)) {
			return;
		}
		ex->options_cursor++;
	}
	if (ex->options_cursor < end) {
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
