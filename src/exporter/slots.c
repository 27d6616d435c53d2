/* SPDX-License-Identifier: ISC */
#include "exporter/slots.h"

void
pflowi_slots_init(struct pflow_exporter *ex)
{
	uint32_t i;

	for (i = 0; i < ex->slot_count; i++)
		pflowi_slot_set_next(ex, i,
		    i + 1 < ex->slot_count ? i + 1 : PFLOWI_SLOT_NONE);
	ex->free_head = 0;
	ex->slots_free = ex->slot_count;
	ex->queue_head = PFLOWI_SLOT_NONE;
	ex->queue_tail = PFLOWI_SLOT_NONE;
	ex->queue_len = 0;
	ex->template_pending = 0;
}

uint32_t
pflowi_slot_take(struct pflow_exporter *ex)
{
	uint32_t slot = ex->free_head;

	ex->free_head = pflowi_slot_next(ex, slot);
	ex->slots_free--;
	return slot;
}

static void
describe(struct pflow_exporter *ex, uint32_t slot, uint32_t len,
    const struct pflowi_load *load)
{
	uint8_t *p = pflowi_slot(ex, slot);

	pflowi_put_be32(p + 4, len);
	pflowi_put_be32(p + 8, load->records);
	pflowi_put_be64(p + 12, load->packets);
	pflowi_put_be64(p + 20, load->octets);
	if (pflowi_slot_is_template(ex, slot))
		ex->template_pending = 1;
	ex->queue_len++;
}

void
pflowi_slot_push(struct pflow_exporter *ex, uint32_t slot, uint32_t len,
    const struct pflowi_load *load)
{
	describe(ex, slot, len, load);
	pflowi_slot_set_next(ex, slot, PFLOWI_SLOT_NONE);
	if (ex->queue_tail == PFLOWI_SLOT_NONE)
		ex->queue_head = slot;
	else
		pflowi_slot_set_next(ex, ex->queue_tail, slot);
	ex->queue_tail = slot;
}

void
pflowi_slot_insert(struct pflow_exporter *ex, uint32_t slot, uint32_t len,
    uint32_t records, size_t at)
{
	struct pflowi_load load = { records, 0, 0 };
	uint32_t before = PFLOWI_SLOT_NONE, next = ex->queue_head;

	for (; at > 0 && next != PFLOWI_SLOT_NONE; at--) {
		before = next;
		next = pflowi_slot_next(ex, next);
	}
	describe(ex, slot, len, &load);
	pflowi_slot_set_next(ex, slot, next);
	if (before == PFLOWI_SLOT_NONE)
		ex->queue_head = slot;
	else
		pflowi_slot_set_next(ex, before, slot);
	if (next == PFLOWI_SLOT_NONE)
		ex->queue_tail = slot;
}

void
pflowi_slot_give_back(struct pflow_exporter *ex, uint32_t slot)
{
	pflowi_slot_set_next(ex, slot, ex->free_head);
	ex->free_head = slot;
	ex->slots_free++;
}

/** The slot is out of the queue: make it free. */
static void
release(struct pflow_exporter *ex, uint32_t slot)
{
	ex->queue_len--;
	if (pflowi_slot_is_template(ex, slot)) {
		ex->template_pending = 0;
		return;
	}
	pflowi_slot_give_back(ex, slot);
}

void
pflowi_slot_pop(struct pflow_exporter *ex)
{
	uint32_t slot = ex->queue_head;

	ex->queue_head = pflowi_slot_next(ex, slot);
	if (ex->queue_head == PFLOWI_SLOT_NONE)
		ex->queue_tail = PFLOWI_SLOT_NONE;
	release(ex, slot);
}

/** Take a slot out of the queue; before is the one in front of it. */
static void
unlink_slot(struct pflow_exporter *ex, uint32_t before, uint32_t slot)
{
	uint32_t next = pflowi_slot_next(ex, slot);

	if (before == PFLOWI_SLOT_NONE)
		ex->queue_head = next;
	else
		pflowi_slot_set_next(ex, before, next);
	if (next == PFLOWI_SLOT_NONE)
		ex->queue_tail = before;
	release(ex, slot);
}

void
pflowi_slot_remove(struct pflow_exporter *ex, uint32_t slot)
{
	uint32_t at = ex->queue_head, before = PFLOWI_SLOT_NONE;

	for (; at != slot; at = pflowi_slot_next(ex, at))
		before = at;
	unlink_slot(ex, before, slot);
}

uint32_t
pflowi_slot_behind(const struct pflow_exporter *ex, size_t keep)
{
	uint32_t slot = ex->queue_head;

	for (; slot != PFLOWI_SLOT_NONE; slot = pflowi_slot_next(ex, slot)) {
		if (keep == 0 && pflowi_slot_records(ex, slot) > 0 &&
		    !pflowi_slot_is_template(ex, slot))
			break;
		keep -= keep > 0;
	}
	return slot;
}
