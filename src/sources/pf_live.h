/* SPDX-License-Identifier: ISC */
/*
 * The state table of this machine: a file for each system (pf_openbsd.c,
 * pf_freebsd.c), and pf_unavailable.c for those without pf. They request and
 * buffer; what the octets mean is for the portable decoders.
 */
#ifndef PFLOWI_PF_LIVE_H
#define PFLOWI_PF_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/pf_state.h"

struct pflowi_pf_live;

/** Can this build read a live table? */
extern const bool pflowi_pf_live_available;

/**
 * Get at pf.
 *
 * @param memory_limit  octets that one table may take
 * @param err   one line if it fails
 * @return PFLOW_OK, PFLOW_ERR_SYSTEM, PFLOW_ERR_UNSUPPORTED, PFLOW_ERR_NOMEM
 */
int pflowi_pf_live_open(struct pflowi_pf_live **out, size_t memory_limit,
    char *err, size_t err_len);

/** Ask for the table. As open(); afterwards next() gives its states. */
int pflowi_pf_live_begin(struct pflowi_pf_live *live, char *err,
    size_t err_len);

/**
 * The next state of the table.
 *
 * @return PFLOW_OK: *raw was set; PFLOW_EOF: the table was whole;
 *         PFLOW_ERR_MALFORMED: a record was skipped, go on; PFLOW_ERR_SYSTEM
 */
int pflowi_pf_live_next(struct pflowi_pf_live *live, struct pflowi_pf_raw *raw,
    char *err, size_t err_len);

/** NULL is fine. */
void pflowi_pf_live_close(struct pflowi_pf_live *live);

#endif /* PFLOWI_PF_LIVE_H */
