/* SPDX-License-Identifier: ISC */
/* From records to whole messages: headers and sequence numbers. */
#include "exporter/exporter.h"

uint32_t
pflowi_capacity(const struct pflow_exporter *ex, unsigned shape)
{
	uint32_t n;

	if (shape == PFLOWI_MIXED)
		return UINT16_MAX;
	n = (ex->message_max - pflowi_head_len(ex, shape)) /
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
	if (ex->slots_free > 0 && ex->options_announced)
		due = pflowi_min_u64(due, ex->options_due_ns);
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
	m->len = pflowi_head_len(ex, shape);
	m->records = 0;
	m->packets = 0;
	m->octets = 0;
	m->room = pflowi_capacity(ex, shape);
	m->set_at = 0;
	m->set_id = 0;
	m->templates = 0;
	ex->due_ns = pflowi_min_u64(ex->due_ns, m->deadline_ns);
}

/**
 * v9 (RFC 3954, 5.1): the count is of all records, templates too; the
 * sequence number counts messages. The header has no more than whole seconds,
 * and collectors take SysUptime as of that second: so both tell of the next
 * whole one, and record times come out to the millisecond.
 */
static void
write_v9_header(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t count, uint64_t boot_ms, struct pflow_now now)
{
	uint64_t secs = now.wall_ns / PFLOWI_NS_PER_SEC +
	    (now.wall_ns % PFLOWI_NS_PER_SEC != 0);

	pflowi_w_u16(w, PFLOWI_V9_VERSION);
	pflowi_w_uint(w, 2, count);
	pflowi_w_u32(w, (uint32_t)(secs * PFLOWI_MS_PER_SEC - boot_ms));
	pflowi_w_u32(w, (uint32_t)secs);
	pflowi_w_u32(w, ex->sequence);
	pflowi_w_u32(w, ex->cfg.domain_id);
}

static void
write_v5_header(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t count, uint64_t boot_ms, struct pflow_now now)
{
	struct pflow_v5_header_values hdr;

	hdr.now_ns = now.wall_ns;
	hdr.sequence = ex->sequence;
	hdr.engine_type = ex->cfg.engine_type;
	hdr.engine_id = ex->cfg.engine_id;
	hdr.sampling = ex->cfg.sampling;
	pflowi_w_v5_header(w, count, boot_ms, &hdr);
}

void
pflowi_write_header(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t len, uint32_t count, uint64_t boot_ms, struct pflow_now now)
{
	if (pflowi_is_v5(ex))
		write_v5_header(ex, w, count, boot_ms, now);
	else if (pflowi_is_v9(ex))
		write_v9_header(ex, w, count, boot_ms, now);
	else
		pflowi_w_ipfix_header(w, len, export_time(ex, now),
		    ex->sequence, ex->cfg.domain_id);
}

void
pflowi_count_message(struct pflow_exporter *ex, uint32_t len,
    uint32_t records)
{
	ex->stats.messages++;
	ex->stats.message_octets += len;
	ex->sequence += pflowi_is_v9(ex) ? 1 : records;
}

static int
templates_are_due(const struct pflow_exporter *ex, struct pflow_now now)
{
	if (pflowi_is_v5(ex))
		return 0;
	if (ex->copies_left > 0 || now.mono_ns >= ex->refresh_due_ns)
		return 1;
	return pflowi_is_datagram(ex) && ex->cfg.refresh_messages != 0 &&
	    ex->messages_since_refresh >= ex->cfg.refresh_messages;
}

void
pflowi_open_seal(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[shape];
	struct pflowi_load load;
	struct pflowi_writer w;
	uint8_t *message;
	uint32_t set_len;

	if (templates_are_due(ex, now))
		pflowi_emit_templates(ex, now);
	if (shape == PFLOWI_MIXED)
		pflowi_mixed_close_set(ex);
	message = pflowi_slot_payload(ex, m->slot);
	set_len = m->len - PFLOWI_IPFIX_HEADER_LEN;
	if (PFLOWI_UNLIKELY(pflowi_has_checksum(ex))) {
		m->len += pflowi_checksum_append(ex, message, m->len);
		m->records++;
	}
	pflowi_w_init(&w, message, m->len);
	pflowi_write_header(ex, &w, m->len, m->records + m->templates,
	    m->boot_ms, now);
	if (shape != PFLOWI_MIXED && !pflowi_is_v5(ex)) {
		pflowi_w_u16(&w, (uint16_t)(PFLOW_WIRE_TEMPLATE_FLOW4 + shape));
		pflowi_w_uint(&w, 2, set_len);
	}
	pflowi_checksum_fill(ex, message, m->len);
	ex->messages_since_refresh++;
	load.records = m->records;
	load.packets = m->packets;
	load.octets = m->octets;
	pflowi_slot_push(ex, m->slot, m->len, &load);
	pflowi_count_message(ex, m->len, m->records);
	m->deadline_ns = PFLOW_NEVER;
	m->room = 0;
	pflowi_update_due(ex);
}
