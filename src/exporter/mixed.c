/* SPDX-License-Identifier: ISC */
/*
 * The mixed message: sets of any templates, one record kind a set. Flows of a
 * plan, NAT events and options go here.
 */
#include "exporter/exporter.h"

/** Octets that a record may need, its template included if it is new. */
static uint32_t
cost_of(const struct pflow_exporter *ex, const struct pflowi_variant *v)
{
	uint32_t cost = PFLOWI_SET_COST + v->len;

	if (!v->announced)
		cost += PFLOWI_SET_COST + pflowi_plan_template_len(
		    pflowi_list_fields(ex, v->list), v->mask);
	return cost;
}

uint32_t
pflowi_mixed_slots(struct pflow_exporter *ex, const struct pflowi_item *items,
    unsigned count)
{
	const struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	uint32_t empty = ex->message_max - pflowi_header_len(ex);
	uint32_t room = pflowi_is_open(m) ? ex->message_max - m->len : 0;
	uint32_t slots = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		const struct pflowi_variant *v =
		    pflowi_variant_of(ex, items[i].list, items[i].key);
		uint32_t cost = cost_of(ex, v);

		if (cost > empty)
			return UINT32_MAX;
		/* A new template begins a message. */
		if (cost > room || (!v->announced && slots == 0 &&
		    pflowi_is_open(m) && m->records > 0)) {
			slots++;
			room = empty;
		}
		room -= cost;
	}
	return slots;
}

void
pflowi_mixed_close_set(struct pflow_exporter *ex)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	uint8_t *message = pflowi_slot_payload(ex, m->slot);

	if (m->set_at == 0)
		return;
	if (pflowi_is_v9(ex)) {
		while ((m->len - m->set_at) % 4 != 0)
			message[m->len++] = 0;
	}
	pflowi_put_be16(message + m->set_at + 2,
	    (uint16_t)(m->len - m->set_at));
	m->set_at = 0;
	m->set_id = 0;
}

void
pflowi_mixed_begin_set(struct pflow_exporter *ex, uint16_t id)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	pflowi_mixed_close_set(ex);
	m->set_at = m->len;
	m->set_id = id;
	pflowi_put_be16(pflowi_slot_payload(ex, m->slot) + m->len, id);
	m->len += PFLOWI_SET_HEADER_LEN;
}

int
pflowi_mixed_open(struct pflow_exporter *ex, uint32_t octets,
    struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	if (pflowi_is_open(m) && octets + PFLOWI_SET_COST > ex->message_max - m->len)
		pflowi_open_seal(ex, PFLOWI_MIXED, now);
	if (!pflowi_is_open(m)) {
		if (ex->slots_free == 0)
			return 0;
		pflowi_open_begin(ex, PFLOWI_MIXED, now);
	}
	return 1;
}

/** A writer over the rest of the mixed message. */
static struct pflowi_writer
writer_at_end(const struct pflow_exporter *ex)
{
	const struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	struct pflowi_writer w;

	pflowi_w_init(&w, pflowi_slot_payload(ex, m->slot), ex->message_max);
	w.len = m->len;
	return w;
}

/** A new template goes in front of its first record (RFC 7011, 8.2). */
static void
announce(struct pflow_exporter *ex, struct pflowi_variant *v)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	struct pflowi_writer w;

	pflowi_mixed_begin_set(ex,
	    pflowi_is_v9(ex) ? 0 : PFLOW_WIRE_SET_TEMPLATE);
	w = writer_at_end(ex);
	pflowi_w_template_record(&w, v->id, pflowi_list_fields(ex, v->list),
	    v->mask);
	m->len = (uint32_t)w.len;
	m->templates++;
	pflowi_mixed_close_set(ex);
	v->announced = 1;
	if (pflowi_is_datagram(ex))
		ex->copies_left = ex->cfg.template_copies > 1
		    ? ex->cfg.template_copies - 1
		    : 0;
}

void
pflowi_mixed_put(struct pflow_exporter *ex, const struct pflowi_item *item,
    struct pflowi_values *values, struct pflow_now now)
{
	struct pflowi_variant *v = pflowi_variant_of(ex, item->list,
	    item->key);
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	uint32_t cost = cost_of(ex, v);
	uint8_t *start, *end;

	if (pflowi_is_open(m) && (cost > ex->message_max - m->len ||
	    (!v->announced && m->records > 0)))
		pflowi_open_seal(ex, PFLOWI_MIXED, now);
	if (!pflowi_is_open(m))
		pflowi_open_begin(ex, PFLOWI_MIXED, now);
	if (!v->announced)
		announce(ex, v);
	if (m->set_id != v->id)
		pflowi_mixed_begin_set(ex, v->id);
	values->boot_ms = m->boot_ms;
	start = pflowi_slot_payload(ex, m->slot) + m->len;
	end = pflowi_put_planned(start, ex->ops[v->list],
	    pflowi_list_fields(ex, v->list), v->mask, values, ex->cfg.value_fn,
	    ex->cfg.value_arg);
	m->len += (uint32_t)(end - start);
	m->records++;
	if (item->list == PFLOWI_LIST_FLOW) {
		m->packets += values->rec.packets;
		m->octets += values->rec.octets;
		if (item->key & PFLOWI_WHEN_REVERSE) {
			m->packets += values->reverse_packets;
			m->octets += values->reverse_octets;
		}
	}
	ex->stats.records++;
	ex->stats.records_waiting++;
}
