/* SPDX-License-Identifier: ISC */
/* From records to whole messages: headers, sequence numbers, templates. */
#include "exporter/exporter.h"

uint32_t
pflowi_capacity(const struct pflow_exporter *ex, unsigned shape)
{
	uint32_t n = (ex->message_max - pflowi_head_len(ex)) /
	    pflowi_record_len(ex, shape);

	if (pflowi_is_v5(ex) && n > PFLOW_WIRE_V5_MAX_RECORDS)
		n = PFLOW_WIRE_V5_MAX_RECORDS;
	return n;
}

/**
 * Export Time never falls within a session, so template actions stay in
 * order (RFC 7011, 8.2) whatever the wall clock does.
 */
static uint32_t
export_time(struct pflow_exporter *ex, struct pflow_now now)
{
	uint32_t secs = (uint32_t)(now.wall_ns / PFLOWI_NS_PER_SEC);

	if ((int32_t)(secs - ex->export_secs) > 0 || ex->export_secs == 0)
		ex->export_secs = secs;
	return ex->export_secs;
}

void
pflowi_update_due(struct pflow_exporter *ex)
{
	uint64_t due = ex->template_pending ? PFLOW_NEVER : ex->refresh_due_ns;
	unsigned i;

	for (i = 0; i < PFLOWI_SHAPES_MAX; i++)
		due = pflowi_min_u64(due, ex->open[i].deadline_ns);
	ex->due_ns = due;
}

void
pflowi_open_begin(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[shape];
	uint64_t uptime = now.mono_ns + ex->uptime_base_ns;

	m->deadline_ns = pflowi_min_u64(
	    pflowi_time_add(now.mono_ns, ex->cfg.hold_ns), PFLOW_NEVER - 1);
	m->boot_ms = pflowi_time_sub(now.wall_ns, uptime) / PFLOWI_NS_PER_MS;
	m->slot = pflowi_slot_take(ex);
	m->len = pflowi_head_len(ex);
	m->records = 0;
	m->room = pflowi_capacity(ex, shape);
	ex->due_ns = pflowi_min_u64(ex->due_ns, m->deadline_ns);
}

static void
write_v5_header(struct pflow_exporter *ex, struct pflowi_writer *w,
    const struct pflowi_open_message *m, struct pflow_now now)
{
	struct pflow_v5_header_values hdr;

	hdr.now_ns = now.wall_ns;
	hdr.sequence = ex->sequence;
	hdr.engine_type = ex->cfg.engine_type;
	hdr.engine_id = ex->cfg.engine_id;
	hdr.sampling = ex->cfg.sampling;
	pflowi_w_v5_header(w, m->records, m->boot_ms, &hdr);
}

static void
write_ipfix_headers(struct pflow_exporter *ex, struct pflowi_writer *w,
    unsigned shape, const struct pflowi_open_message *m, struct pflow_now now)
{
	pflowi_w_ipfix_header(w, m->len, export_time(ex, now), ex->sequence,
	    ex->cfg.domain_id);
	pflowi_w_u16(w, (uint16_t)(PFLOW_WIRE_TEMPLATE_FLOW4 + shape));
	pflowi_w_uint(w, 2, m->len - PFLOWI_IPFIX_HEADER_LEN);
}

static int
templates_are_due(const struct pflow_exporter *ex, struct pflow_now now)
{
	if (ex->copies_left > 0 || now.mono_ns >= ex->refresh_due_ns)
		return 1;
	return pflowi_is_datagram(ex) && ex->cfg.refresh_messages != 0 &&
	    ex->messages_since_refresh >= ex->cfg.refresh_messages;
}

static void
count_message(struct pflow_exporter *ex, uint32_t len)
{
	ex->stats.messages++;
	ex->stats.message_octets += len;
}

void
pflowi_open_seal(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[shape];
	struct pflowi_writer w;

	pflowi_w_init(&w, pflowi_slot_payload(ex, m->slot), m->len);
	if (pflowi_is_v5(ex)) {
		write_v5_header(ex, &w, m, now);
	} else {
		if (templates_are_due(ex, now))
			pflowi_emit_templates(ex, now, 0);
		write_ipfix_headers(ex, &w, shape, m, now);
		ex->messages_since_refresh++;
	}
	pflowi_slot_push(ex, m->slot, m->len, m->records);
	count_message(ex, m->len);
	ex->sequence += m->records;
	m->deadline_ns = PFLOW_NEVER;
	m->room = 0;
	pflowi_update_due(ex);
}

void
pflowi_emit_templates(struct pflow_exporter *ex, struct pflow_now now,
    int front)
{
	uint32_t slot = ex->slot_count;
	struct pflowi_writer w;

	if (ex->template_pending)
		return;
	pflowi_w_init(&w, pflowi_slot_payload(ex, slot),
	    PFLOWI_TEMPLATE_MESSAGE_LEN);
	pflowi_w_ipfix_header(&w, PFLOWI_TEMPLATE_MESSAGE_LEN,
	    export_time(ex, now), front ? 0 : ex->sequence, ex->cfg.domain_id);
	pflowi_w_template_set(&w);
	if (front)
		pflowi_slot_push_front(ex, slot, PFLOWI_TEMPLATE_MESSAGE_LEN);
	else
		pflowi_slot_push(ex, slot, PFLOWI_TEMPLATE_MESSAGE_LEN, 0);
	count_message(ex, PFLOWI_TEMPLATE_MESSAGE_LEN);
	ex->stats.template_messages++;
	ex->messages_since_refresh = 0;
	if (ex->copies_left > 0)
		ex->copies_left--;
	/* Streams keep templates for the session (RFC 7011, 8.1). */
	ex->refresh_due_ns = PFLOW_NEVER;
	if (pflowi_is_datagram(ex) && ex->cfg.refresh_ns != 0)
		ex->refresh_due_ns =
		    pflowi_time_add(now.mono_ns, ex->cfg.refresh_ns);
	pflowi_update_due(ex);
}
