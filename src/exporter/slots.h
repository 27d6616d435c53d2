/* SPDX-License-Identifier: ISC */
/*
 * The caller's block, cut into slots of one message each. A slot begins with
 * a small header, read and written octet-wise since the block may have any
 * alignment:  next slot (4) | message octets (4) | data records (4) |
 * packets (8) | octets (8) in these records.
 * The slot behind the last one is kept for the template message: one that
 * waits is as good as two.
 */
#ifndef PFLOWI_SLOTS_H
#define PFLOWI_SLOTS_H

#include <pflow/exporter.h>

#include "core/bytes.h"
#include "encoder/message.h"

#define PFLOWI_SLOT_HEADER 28u

/** Behind the message: what the last copy of a record writes too much. */
#define PFLOWI_SLOT_SLACK 16u
#define PFLOWI_SLOT_NONE UINT32_MAX

/** What a message carries, for the sums. */
struct pflowi_load {
	uint32_t records;
	uint64_t packets;
	uint64_t octets;
};

PFLOWI_INLINE uint8_t *
pflowi_slot(const struct pflow_exporter *ex, uint32_t slot)
{
	return ex->block +
	    (size_t)slot * ((size_t)ex->payload_len + PFLOWI_SLOT_HEADER +
		PFLOWI_SLOT_SLACK);
}

PFLOWI_INLINE uint8_t *
pflowi_slot_payload(const struct pflow_exporter *ex, uint32_t slot)
{
	return pflowi_slot(ex, slot) + PFLOWI_SLOT_HEADER;
}

PFLOWI_INLINE uint32_t
pflowi_slot_next(const struct pflow_exporter *ex, uint32_t slot)
{
	return pflowi_get_be32(pflowi_slot(ex, slot));
}

PFLOWI_INLINE void
pflowi_slot_set_next(struct pflow_exporter *ex, uint32_t slot, uint32_t next)
{
	pflowi_put_be32(pflowi_slot(ex, slot), next);
}

PFLOWI_INLINE uint32_t
pflowi_slot_len(const struct pflow_exporter *ex, uint32_t slot)
{
	return pflowi_get_be32(pflowi_slot(ex, slot) + 4);
}

PFLOWI_INLINE uint32_t
pflowi_slot_records(const struct pflow_exporter *ex, uint32_t slot)
{
	return pflowi_get_be32(pflowi_slot(ex, slot) + 8);
}

PFLOWI_INLINE struct pflowi_load
pflowi_slot_load(const struct pflow_exporter *ex, uint32_t slot)
{
	const uint8_t *p = pflowi_slot(ex, slot);
	struct pflowi_load load;

	load.records = pflowi_get_be32(p + 8);
	load.packets = pflowi_get_be64(p + 12);
	load.octets = pflowi_get_be64(p + 20);
	return load;
}

PFLOWI_INLINE int
pflowi_slot_is_template(const struct pflow_exporter *ex, uint32_t slot)
{
	return slot == ex->slot_count;
}

/** All slots free, none queued. */
void pflowi_slots_init(struct pflow_exporter *ex);

/** A free slot; there must be one. */
uint32_t pflowi_slot_take(struct pflow_exporter *ex);

/** Queue a whole message at the end. */
void pflowi_slot_push(struct pflow_exporter *ex, uint32_t slot, uint32_t len,
    const struct pflowi_load *load);

/** Queue a message of templates behind the first `at` ones. */
void pflowi_slot_insert(struct pflow_exporter *ex, uint32_t slot, uint32_t len,
    uint32_t records, size_t at);

/** A slot that was taken and is not queued. */
void pflowi_slot_give_back(struct pflow_exporter *ex, uint32_t slot);

/** Take the oldest message out of the queue and free its slot. */
void pflowi_slot_pop(struct pflow_exporter *ex);

/** Take a message out of the queue, wherever it is. */
void pflowi_slot_remove(struct pflow_exporter *ex, uint32_t slot);

/** The first message with Data Records behind the first keep ones;
 *  PFLOWI_SLOT_NONE: there is none. */
uint32_t pflowi_slot_behind(const struct pflow_exporter *ex, size_t keep);

#endif /* PFLOWI_SLOTS_H */
