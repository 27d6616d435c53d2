/* SPDX-License-Identifier: ISC */
/*
 * Information elements (RFC 7012; IANA registry): names, types and sizes of
 * those that a firewall or packet exporter meets.
 */
#ifndef PFLOW_ELEMENT_H
#define PFLOW_ELEMENT_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

/** Abstract data types, numbered as RFC 5610, 3.1 does. */
enum pflow_element_type {
	PFLOW_TYPE_OCTETS = 0,
	PFLOW_TYPE_UNSIGNED8 = 1,
	PFLOW_TYPE_UNSIGNED16 = 2,
	PFLOW_TYPE_UNSIGNED32 = 3,
	PFLOW_TYPE_UNSIGNED64 = 4,
	PFLOW_TYPE_SIGNED8 = 5,
	PFLOW_TYPE_SIGNED16 = 6,
	PFLOW_TYPE_SIGNED32 = 7,
	PFLOW_TYPE_SIGNED64 = 8,
	PFLOW_TYPE_FLOAT32 = 9,
	PFLOW_TYPE_FLOAT64 = 10,
	PFLOW_TYPE_BOOLEAN = 11,
	PFLOW_TYPE_MAC = 12,
	PFLOW_TYPE_STRING = 13,
	PFLOW_TYPE_SECONDS = 14,
	PFLOW_TYPE_MILLISECONDS = 15,
	PFLOW_TYPE_MICROSECONDS = 16,
	PFLOW_TYPE_NANOSECONDS = 17,
	PFLOW_TYPE_IPV4 = 18,
	PFLOW_TYPE_IPV6 = 19,
	PFLOW_TYPE_UNSIGNED256 = 23
};

/** Semantics, numbered as RFC 5610, 3.6 does. */
enum pflow_element_semantics {
	PFLOW_SEMANTICS_DEFAULT = 0,
	PFLOW_SEMANTICS_QUANTITY = 1,
	PFLOW_SEMANTICS_TOTAL = 2,
	PFLOW_SEMANTICS_DELTA = 3,
	PFLOW_SEMANTICS_IDENTIFIER = 4,
	PFLOW_SEMANTICS_FLAGS = 5,
	PFLOW_SEMANTICS_LIST = 6
};

/** Units, numbered as RFC 5610, 3.7 does. */
enum pflow_element_units {
	PFLOW_UNITS_NONE = 0,
	PFLOW_UNITS_BITS = 1,
	PFLOW_UNITS_OCTETS = 2,
	PFLOW_UNITS_PACKETS = 3,
	PFLOW_UNITS_FLOWS = 4,
	PFLOW_UNITS_SECONDS = 5,
	PFLOW_UNITS_MILLISECONDS = 6,
	PFLOW_UNITS_MICROSECONDS = 7,
	PFLOW_UNITS_NANOSECONDS = 8,
	PFLOW_UNITS_WORDS = 9,
	PFLOW_UNITS_MESSAGES = 10,
	PFLOW_UNITS_HOPS = 11,
	PFLOW_UNITS_ENTRIES = 12,
	PFLOW_UNITS_PORTS = 14
};

/** One element of the IANA registry. */
struct pflow_element {
	uint16_t id;
	uint16_t octets;   /**< full size; 65535: variable */
	uint8_t type;	   /**< PFLOW_TYPE_* */
	uint8_t units;	   /**< PFLOW_UNITS_* */
	uint8_t semantics; /**< PFLOW_SEMANTICS_* */
	char name[41];	   /**< as IANA spells it */
};

/**
 * All elements that the library knows, sorted by number.
 *
 * @param count  out: how many
 * @return a constant array
 */
PFLOW_API const struct pflow_element *pflow_elements(size_t *count);

/**
 * An element by its number.
 *
 * @return a constant, or NULL: not known
 */
PFLOW_API const struct pflow_element *pflow_element_by_id(uint16_t id);

/**
 * An element by its IANA name.
 *
 * @param name  not necessarily terminated
 * @param len   octets of name
 * @return a constant, or NULL: not known
 */
PFLOW_API const struct pflow_element *pflow_element_by_name(const char *name,
    size_t len);

/**
 * Whether an element of a type may be sent in so many octets: integers and
 * float64 may be reduced (RFC 7011, 6.2), strings and octet arrays may have
 * any length or be variable (65535), everything else has its own size.
 *
 * @return 1: it may; 0: it may not
 */
PFLOW_API int pflow_element_fits(const struct pflow_element *element,
    uint16_t octets);

PFLOW_END_DECLS

#endif /* PFLOW_ELEMENT_H */
