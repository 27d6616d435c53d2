/* SPDX-License-Identifier: ISC */
/*
 * A table that a system copies out whole, into memory that may turn out too
 * small, while it grows. Everything but the request itself.
 */
#ifndef PFLOWI_PF_FETCH_H
#define PFLOWI_PF_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "sources/pf_layout.h"

/**
 * Ask the system.
 *
 * @param room  octets at buf; 0: only tell how many are wanted
 * @param len   out: octets filled in, or wanted
 * @return PFLOW_OK, or PFLOW_ERR_SYSTEM with errno set
 */
typedef int pflowi_pf_ask_fn(void *arg, void *buf, size_t room, size_t *len);

struct pflowi_pf_fetch {
	enum pflowi_pf_layout_id layout;
	enum pflowi_pf_order order;
	size_t limit; /**< octets it may take */
	uint8_t *buf;
	size_t room, len, pos;
};

/**
 * Fetch a whole table.
 *
 * @param what  for the error: "/dev/pf: DIOCGETSTATES"
 * @return PFLOW_OK; PFLOW_ERR_SYSTEM; PFLOW_ERR_NOMEM: no memory, or more
 *         than the limit
 */
int pflowi_pf_fetch(struct pflowi_pf_fetch *f, pflowi_pf_ask_fn *ask, void *arg,
    const char *what, char *err, size_t err_len);

/** The next record. @return PFLOW_OK, PFLOW_EOF */
int pflowi_pf_fetch_next(struct pflowi_pf_fetch *f, struct pflowi_pf_raw *raw);

void pflowi_pf_fetch_fini(struct pflowi_pf_fetch *f);

#endif /* PFLOWI_PF_FETCH_H */
