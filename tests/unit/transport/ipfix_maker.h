/* SPDX-License-Identifier: ISC */
/* Small IPFIX Messages whose records are numbers. */
#ifndef IPFIX_MAKER_H
#define IPFIX_MAKER_H

#include <string.h>

#include "core/writer.h"

#define MAKER_DOMAIN 42u

static inline void
maker_header(struct pflowi_writer *w, uint32_t secs, uint32_t sequence)
{
	pflowi_w_u16(w, 10);
	pflowi_w_u16(w, 0);
	pflowi_w_u32(w, secs);
	pflowi_w_u32(w, sequence);
	pflowi_w_u32(w, MAKER_DOMAIN);
}

/** Template 256: one field, flowId (148), of so many octets. */
static inline size_t
maker_template(uint8_t *out, uint32_t secs, uint32_t sequence, uint16_t octets)
{
	struct pflowi_writer w;

	pflowi_w_init(&w, out, 65535);
	maker_header(&w, secs, sequence);
	pflowi_w_u16(&w, 2);
	pflowi_w_u16(&w, 12);
	pflowi_w_u16(&w, 256);
	pflowi_w_u16(&w, 1);
	pflowi_w_u16(&w, 148);
	pflowi_w_u16(&w, octets);
	pflowi_w_fill16(&w, 2, w.len);
	return w.len;
}

/** n records: first, first + 1, ... */
static inline size_t
maker_data(
    uint8_t *out, uint32_t secs, uint32_t sequence, uint64_t first, uint32_t n)
{
	struct pflowi_writer w;
	uint32_t i;

	pflowi_w_init(&w, out, 65535);
	maker_header(&w, secs, sequence);
	pflowi_w_u16(&w, 256);
	pflowi_w_u16(&w, (uint16_t)(4 + 8 * n));
	for (i = 0; i < n; i++)
		pflowi_w_u64(&w, first + i);
	pflowi_w_fill16(&w, 2, w.len);
	return w.len;
}

#endif /* IPFIX_MAKER_H */
