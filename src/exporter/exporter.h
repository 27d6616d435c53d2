/* SPDX-License-Identifier: ISC */
/* What the files of the exporter share. */
#ifndef PFLOWI_EXPORTER_H
#define PFLOWI_EXPORTER_H

#include <pflow/exporter.h>

#include "encoder/plan.h"
#include "exporter/slots.h"

/**
 * Open messages: indexes of pflow_exporter.open[]. pflow(4)'s own shapes have
 * one each, with one set; everything else goes into sets of the third.
 */
enum pflowi_shape {
	PFLOWI_FLOW4,
	PFLOWI_FLOW6,
	PFLOWI_MIXED,
	PFLOWI_V5 = PFLOWI_FLOW4
};

/** Lists of fields: indexes of pflow_exporter.ops[]. */
enum pflowi_list { PFLOWI_LIST_FLOW, PFLOWI_LIST_NAT };

/** Template ids that stay the same. */
#define PFLOWI_TEMPLATE_NAT44 258
#define PFLOWI_TEMPLATE_FIRST_FREE 280 /**< below: options, see options.c */

#define PFLOWI_V9_VERSION 9
#define PFLOWI_V9_HEADER_LEN 20u

PFLOWI_INLINE int
pflowi_is_v5(const struct pflow_exporter *ex)
{
	return ex->cfg.version == PFLOW_WIRE_V5_VERSION;
}

PFLOWI_INLINE int
pflowi_is_v9(const struct pflow_exporter *ex)
{
	return ex->cfg.version == PFLOWI_V9_VERSION;
}

PFLOWI_INLINE int
pflowi_is_datagram(const struct pflow_exporter *ex)
{
	return ex->cfg.nature == PFLOW_TRANSPORT_DATAGRAM;
}

PFLOWI_INLINE int
pflowi_is_open(const struct pflowi_open_message *m)
{
	return m->deadline_ns != PFLOW_NEVER;
}

/** Octets of one record of a shape that is not mixed. */
PFLOWI_INLINE uint32_t
pflowi_record_len(const struct pflow_exporter *ex, unsigned shape)
{
	if (pflowi_is_v5(ex))
		return PFLOWI_V5_LEN;
	return shape == PFLOWI_FLOW4 ? PFLOWI_FLOW4_LEN : PFLOWI_FLOW6_LEN;
}

/** Octets of the message header. */
PFLOWI_INLINE uint32_t
pflowi_header_len(const struct pflow_exporter *ex)
{
	if (pflowi_is_v5(ex))
		return PFLOWI_V5_HEADER_LEN;
	return pflowi_is_v9(ex) ? PFLOWI_V9_HEADER_LEN
				: PFLOWI_IPFIX_HEADER_LEN;
}

/** Octets in front of the first record of a message. */
PFLOWI_INLINE uint32_t
pflowi_head_len(const struct pflow_exporter *ex, unsigned shape)
{
	if (shape == PFLOWI_MIXED || pflowi_is_v5(ex))
		return pflowi_header_len(ex);
	return PFLOWI_IPFIX_HEADER_LEN + PFLOWI_SET_HEADER_LEN;
}

PFLOWI_INLINE const struct pflow_field *
pflowi_list_fields(const struct pflow_exporter *ex, unsigned list)
{
	uint32_t count;

	return list == PFLOWI_LIST_FLOW ? ex->fields
					: pflowi_nat_fields(&count);
}

/** The checksum of a message: a set of one record at its very end. */
#define PFLOWI_TEMPLATE_CHECKSUM 277
#define PFLOWI_CHECKSUM_TEMPLATE_LEN (PFLOWI_SET_HEADER_LEN + 6u + 2u * 4u)
#define PFLOWI_CHECKSUM_LEN (PFLOWI_SET_HEADER_LEN + 1u + PFLOW_DIGEST_LEN)

PFLOWI_INLINE int
pflowi_has_checksum(const struct pflow_exporter *ex)
{
	return ex->cfg.digest_fn != NULL;
}

/* checksum.c */

/** Its options template, in a set of its own. */
void pflowi_w_checksum_template(const struct pflow_exporter *ex,
    struct pflowi_writer *w);

/** Append the record, without its value; there is room. @return octets */
uint32_t pflowi_checksum_append(struct pflow_exporter *ex, uint8_t *message,
    uint32_t len);

/** Fill in the value; all else of the message is as it will be sent. */
void pflowi_checksum_fill(const struct pflow_exporter *ex, uint8_t *message,
    uint32_t len);

/* seal.c */

/** Records that a fresh message of a shape holds; mixed: at most. */
uint32_t pflowi_capacity(const struct pflow_exporter *ex, unsigned shape);

/** Begin a message; a slot must be free. */
void pflowi_open_begin(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now);

/** Seal an open message: headers, sequence, queue. Templates that are due go
 *  in front of it. */
void pflowi_open_seal(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now);

/** Recompute the earliest deadline. */
void pflowi_update_due(struct pflow_exporter *ex);

/** Write a message header over the first octets of a slot. */
void pflowi_write_header(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t len, uint32_t count, uint64_t boot_ms, struct pflow_now now);

/** Count a sealed message and number the next one. */
void pflowi_count_message(struct pflow_exporter *ex, uint32_t len,
    uint32_t records);

/* templates.c */

/** Templates that are known from the start: standard flows, NAT44. */
void pflowi_templates_init(struct pflow_exporter *ex);

/** Queue a template message now; not if one waits. */
void pflowi_emit_templates(struct pflow_exporter *ex, struct pflow_now now);

/**
 * A new session: queue a message with the templates that the waiting messages
 * use in front of them; the others are announced again with their next data.
 */
void pflowi_restart_templates(struct pflow_exporter *ex, struct pflow_now now);

/** Does a waiting message carry templates? */
int pflowi_has_templates(const struct pflow_exporter *ex, uint32_t slot);

/**
 * A message with templates was discarded: what waits behind the first keep
 * messages gets them again.
 */
void pflowi_repeat_templates(struct pflow_exporter *ex, size_t keep);

/** Is every template that a waiting message uses announced? */
int pflowi_is_announced(const struct pflow_exporter *ex, uint32_t slot);

/** Compile the lists that the settings ask for. */
int pflowi_plan_init(struct pflow_exporter *ex);

/** The template of a kind of state; a fresh one if it is not known. */
struct pflowi_variant *pflowi_variant_of(struct pflow_exporter *ex,
    unsigned list, uint32_t key);

/* mixed.c */

/** A record that is wanted: which template, in which direction. */
struct pflowi_item {
	uint32_t key;
	uint8_t list;
	uint8_t dir;
};

/** How many fresh slots these records need. */
uint32_t pflowi_mixed_slots(struct pflow_exporter *ex,
    const struct pflowi_item *items, unsigned count);

/** Write a record; slots were counted before. */
void pflowi_mixed_put(struct pflow_exporter *ex,
    const struct pflowi_item *item, struct pflowi_values *values,
    struct pflow_now now);

/** Room for `octets` in a set of its own in the mixed message; opens a
 *  message if need be. 0: no slot is free. */
int pflowi_mixed_open(struct pflow_exporter *ex, uint32_t octets,
    struct pflow_now now);

/** Open a set; close the one that is open. */
void pflowi_mixed_begin_set(struct pflow_exporter *ex, uint16_t id);

/** Fill in the length of the open set (v9: pad it). */
void pflowi_mixed_close_set(struct pflow_exporter *ex);

/** Set header, and v9's padding behind the set. */
#define PFLOWI_SET_COST (PFLOWI_SET_HEADER_LEN + 3)

/** Feed plain states through the programs of their templates, as long as there
 *  are slots. @return how many of the first were taken */
size_t pflowi_feed_planned_run(struct pflow_exporter *ex,
    const struct pflow_state *states, size_t count, struct pflow_now now);

/** What the fields of one direction of a state may say. */
void pflowi_values_fill(const struct pflow_exporter *ex,
    struct pflowi_values *v, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, const struct pflowi_times *t);

/** Feed one state through the plan; as pflow_exporter_feed(), but
 *  PFLOW_ERR_RANGE: it never fits. */
int pflowi_feed_planned(struct pflow_exporter *ex,
    const struct pflow_state *st, const struct pflow_key *key,
    struct pflow_now now);

/** The NAT session record of a state that was created or ended. */
int pflowi_has_nat_event(const struct pflow_exporter *ex,
    const struct pflow_state *st);
void pflowi_nat_item(const struct pflow_state *st, const struct pflow_key *key,
    struct pflowi_item *item);
void pflowi_put_nat(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, const struct pflowi_item *item,
    struct pflow_now now);

/* options.c */

/** Is it one of the options templates? */
int pflowi_is_options_id(uint16_t id);

/** Records about ourselves, if they are due and there is room. */
void pflowi_emit_options(struct pflow_exporter *ex, struct pflow_now now);

/** Octets of all options templates, each in a set of its own. */
uint32_t pflowi_options_templates_len(const struct pflow_exporter *ex);
void pflowi_w_options_templates(const struct pflow_exporter *ex,
    struct pflowi_writer *w, uint32_t *count);

#endif /* PFLOWI_EXPORTER_H */
