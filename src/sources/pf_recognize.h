/* SPDX-License-Identifier: ISC */
/*
 * What a saved state table is, by its content: the layout in which the records
 * at its beginning make most sense, if most of them make any.
 */
#ifndef PFLOWI_PF_RECOGNIZE_H
#define PFLOWI_PF_RECOGNIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_layout.h"

/** Octets of the beginning that are enough to judge by. */
#define PFLOWI_PF_SAMPLE 65536u

/** What a table is made of. */
struct pflowi_pf_format {
	bool text; /**< pfctl's; the others mean nothing then */
	enum pflowi_pf_layout_id layout;
	enum pflowi_pf_order order;
};

/**
 * @param p      the beginning, len octets
 * @param total  octets of the whole, if known; 0: not known
 * @param out    the format, if it is known
 * @param err    one line that says what it is not, without a file name
 * @return PFLOW_OK; PFLOW_ERR_UNSUPPORTED: nothing fits, or more than one
 */
int pflowi_pf_recognize(const uint8_t *p, size_t len, uint64_t total,
    struct pflowi_pf_format *out, char *err, size_t err_len);

/**
 * A format by its name: "text", or that of a layout, where the order matters
 * with "-le" or "-be" behind it (without: little).
 *
 * @return false: there is none of this name; err lists all
 */
bool pflowi_pf_format_by_name(const char *name, size_t len,
    struct pflowi_pf_format *out, char *err, size_t err_len);

#endif /* PFLOWI_PF_RECOGNIZE_H */
