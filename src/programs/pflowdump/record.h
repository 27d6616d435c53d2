/* SPDX-License-Identifier: ISC */
/* Records that are no flows, field by field: options (RFC 7011, 3.4.2). */
#ifndef PFLOWDUMP_RECORD_H
#define PFLOWDUMP_RECORD_H

#include "programs/pflowdump/flow.h"

/**
 * Print a record as "options 270: selectorId 1, ..." or as a line of JSON;
 * CSV has no place for it.
 */
void pflowdump_writer_record(struct pflowdump_writer *w,
    const struct pflow_decoded_header *hdr, const char *exporter);

#endif /* PFLOWDUMP_RECORD_H */
