/* SPDX-License-Identifier: ISC */
/*
 * A record taken apart: the value of each target that it carries. First all
 * fields are read, then a state is made of what was found, so the order of
 * fields in a template does not matter.
 */
#ifndef PFLOWI_DECODER_VALUES_H
#define PFLOWI_DECODER_VALUES_H

#include <pflow/decoder.h>

#include "core/reader.h"
#include "decoder/elements.h"
#include "decoder/internal.h"
#include "decoder/store.h"

/**
 * Valid: where rank[t] is not 0, so is address, wide or narrow of t. Small,
 * because it lies on the stack of a kernel.
 */
struct pflowi_values {
	const uint8_t *octets; /**< of the set */
	uint64_t wide[PFLOWI_WIDE_TARGETS - PFLOWI_ADDRESS_TARGETS];
	uint32_t narrow[PFLOWI_TARGETS - PFLOWI_WIDE_TARGETS];
	uint16_t address[PFLOWI_ADDRESS_TARGETS]; /**< offset in octets */
	uint8_t rank[PFLOWI_TARGETS];
};

PFLOWI_INLINE unsigned
pflowi_has(const struct pflowi_values *v, enum pflowi_target t)
{
	return v->rank[t] != 0;
}

/** The value of an integer or time target, 0 if there is none. */
PFLOWI_INLINE uint64_t
pflowi_value(const struct pflowi_values *v, enum pflowi_target t)
{
	if (v->rank[t] == 0)
		return 0;
	return t < PFLOWI_WIDE_TARGETS ? v->wide[t - PFLOWI_ADDRESS_TARGETS]
				       : v->narrow[t - PFLOWI_WIDE_TARGETS];
}

/**
 * Step over one field.
 *
 * @param field  PFLOWI_F_*, in a template of the store
 * @param len    out: octets of its value
 * @return the value; NULL if the record ends before it does
 */
PFLOWI_INLINE const uint8_t *
pflowi_field_take(struct pflowi_reader *r, const uint8_t *field, size_t *len)
{
	/* RFC 7011, 7: one octet of length, or 255 and two. */
	*len = pflowi_get_be16(field + PFLOWI_F_LENGTH);
	if (*len == UINT16_MAX) {
		*len = pflowi_r_u8(r);
		if (*len == UINT8_MAX)
			*len = pflowi_r_u16(r);
	}
	return pflowi_r_take(r, *len);
}

/**
 * Read one record.
 *
 * @param t          template in the store
 * @param r          at the record; then behind it
 * @param export_ns  of the message
 * @return PFLOW_OK; PFLOW_ERR_TRUNCATED: it is not whole
 */
int pflowi_values_read(struct pflowi_values *v, const uint8_t *t,
    struct pflowi_reader *r, uint64_t export_ns);

/** Does the record count time from a moment that nobody knows? */
PFLOWI_INLINE unsigned
pflowi_times_guessed(const struct pflowi_values *v,
    const struct pflowi_boot *boot)
{
	return !boot->known && !pflowi_has(v, PFLOWI_BOOT_MS) &&
	    !pflowi_has(v, PFLOWI_START) && !pflowi_has(v, PFLOWI_END) &&
	    (pflowi_has(v, PFLOWI_START_UPTIME) ||
		pflowi_has(v, PFLOWI_END_UPTIME));
}

/**
 * Make a state of a record's values.
 *
 * @param hdr   gets the events
 * @param boot  of the domain or the message; a record's own wins
 * @return PFLOW_OK; PFLOW_ERR_NOTFOUND: it has no addresses, st is nothing
 */
int pflowi_values_state(const struct pflowi_values *v,
    const struct pflowi_boot *boot, struct pflow_decoded_header *hdr,
    struct pflow_state *st);

#endif /* PFLOWI_DECODER_VALUES_H */
