/* SPDX-License-Identifier: ISC */
/* One flow as a row of a table, as CSV or as a line of JSON. */
#ifndef PFLOWDUMP_FLOW_H
#define PFLOWDUMP_FLOW_H

#include <stdio.h>

#include <pflow/decoder.h>

enum pflowdump_format {
	PFLOWDUMP_TABLE,
	PFLOWDUMP_CSV,
	PFLOWDUMP_JSON
};

/** Where rows go. */
struct pflowdump_writer {
	FILE *out;
	enum pflowdump_format format;
	int source_width; /**< columns of the table grow, and never shrink */
	int dest_width;
	uint64_t second;  /**< the one that is in date */
	char date[32];
};

void pflowdump_writer_init(struct pflowdump_writer *w, FILE *out,
    enum pflowdump_format format);

/** Names of the columns. JSON has none. */
void pflowdump_writer_heading(const struct pflowdump_writer *w);

/** @param exporter  "192.0.2.1:2055"; "" if unknown */
void pflowdump_writer_flow(struct pflowdump_writer *w,
    const struct pflow_state *st, const struct pflow_decoded_header *hdr,
    const char *exporter);

#endif /* PFLOWDUMP_FLOW_H */
