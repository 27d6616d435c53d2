/* SPDX-License-Identifier: ISC */
/*
 * Templates as data: a list of fields, checked once, walked by one encoder.
 * A list may hold fields that not every state has (addresses of both
 * families, ICMP, NAT): the exporter sends each state with the fields that
 * are really known of it, under a template of its own.
 */
#ifndef PFLOW_TEMPLATE_H
#define PFLOW_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** Most fields of a template: what Wireshark shows, by its default. */
#define PFLOW_TEMPLATE_FIELDS_MAX 60

/** Most octets of one value of variable length that a caller supplies. */
#define PFLOW_VALUE_MAX 255

/** Private Enterprise Number of reverse elements (RFC 5103, 6.1). */
#define PFLOW_REVERSE_PEN 29305u

/** A Field Specifier (RFC 7011, 3.2). */
struct pflow_field {
	uint16_t element;    /**< 1..32767 */
	uint16_t length;     /**< octets; 65535: variable */
	uint32_t enterprise; /**< 0: IANA */
};

/**
 * Supplies the values of enterprise elements.
 *
 * @param arg    the caller's
 * @param st     the state that is being exported
 * @param dir    PFLOW_FORWARD or PFLOW_REVERSE
 * @param field  as in the caller's list
 * @param out    where the value goes
 * @param room   field->length, or PFLOW_VALUE_MAX if that is variable
 * @return octets written; for a fixed length other than `room`, the rest is
 *         zero
 */
typedef size_t pflow_value_fn(void *arg, const struct pflow_state *st,
    unsigned dir, const struct pflow_field *field, uint8_t *out, size_t room);

/**
 * The lists by name: "standard" is pflow(4)'s own, "extended" has all that
 * the sources of this library know.
 *
 * @param name   terminated
 * @param count  out: fields
 * @return a constant array; NULL: no such name
 */
PFLOW_API const struct pflow_field *pflow_template_named(const char *name,
    size_t *count);

/**
 * Check a list.
 *
 * @param version  9 or 10
 * @param bad      out: index of the field that is wrong, or count
 * @return PFLOW_OK; PFLOW_ERR_INVALID: no field, more than
 *         PFLOW_TEMPLATE_FIELDS_MAX, or element 0 or over 32767;
 *         PFLOW_ERR_NOTFOUND: no state knows this element;
 *         PFLOW_ERR_RANGE: the element cannot have this length;
 *         PFLOW_ERR_UNSUPPORTED: NetFlow v9 has no enterprise elements and
 *         no variable length
 */
PFLOW_API int pflow_template_check(const struct pflow_field *fields,
    size_t count, uint16_t version, size_t *bad);

/** Private: how a field is written. */
struct pflowi_op {
	uint32_t when;
	uint16_t offset;
	uint16_t octets;
	uint8_t kind;
	uint8_t width;
	uint16_t element;
};

/** Private: copies that a program has at most, and fields besides. */
#define PFLOWI_PROGRAM_MOVES 32
#define PFLOWI_PROGRAM_LATES 16

/** Private: one run of fields. */
struct pflowi_move {
	uint16_t to; /**< of the record */
	uint8_t from; /**< of a block */
	uint8_t reserved;
};

/** Private: the records of a template as copies. */
struct pflowi_program {
	struct pflowi_move move[PFLOWI_PROGRAM_MOVES];
	struct {
		uint16_t to;
		uint8_t op;
		uint8_t reserved;
	} late[PFLOWI_PROGRAM_LATES];
	uint8_t moves;
	uint8_t lates;
	uint8_t post;  /**< it copies of what is behind a translation */
	uint8_t owner; /**< index of its template */
};

PFLOW_END_DECLS

#endif /* PFLOW_TEMPLATE_H */
