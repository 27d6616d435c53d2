/* SPDX-License-Identifier: ISC */
/*
 * The bounded reader: a cursor that cannot pass the end. Past its first error
 * it gives zeros, so a caller checks once. Header-only.
 */
#ifndef PFLOWI_READER_H
#define PFLOWI_READER_H

#include <pflow/status.h>

#include "core/bytes.h"

/** Valid: pos <= len, buf holds len octets. */
struct pflowi_reader {
	const uint8_t *buf;
	size_t len;
	size_t pos;
	int status; /**< PFLOW_OK or PFLOW_ERR_TRUNCATED */
};

PFLOWI_INLINE void
pflowi_r_init(struct pflowi_reader *r, const void *buf, size_t len)
{
	r->buf = buf;
	r->len = len;
	r->pos = 0;
	r->status = PFLOW_OK;
}

PFLOWI_INLINE size_t
pflowi_r_left(const struct pflowi_reader *r)
{
	return r->status == PFLOW_OK ? r->len - r->pos : 0;
}

/** Take n octets: where they are, or NULL if there are fewer. */
PFLOWI_INLINE const uint8_t *
pflowi_r_take(struct pflowi_reader *r, size_t n)
{
	const uint8_t *p;

	if (r->status != PFLOW_OK)
		return NULL;
	if (n > r->len - r->pos) {
		r->status = PFLOW_ERR_TRUNCATED;
		return NULL;
	}
	p = r->buf + r->pos;
	r->pos += n;
	return p;
}

PFLOWI_INLINE uint8_t
pflowi_r_u8(struct pflowi_reader *r)
{
	const uint8_t *p = pflowi_r_take(r, 1);

	return p == NULL ? 0 : *p;
}

PFLOWI_INLINE uint16_t
pflowi_r_u16(struct pflowi_reader *r)
{
	const uint8_t *p = pflowi_r_take(r, 2);

	return p == NULL ? 0 : pflowi_get_be16(p);
}

PFLOWI_INLINE uint32_t
pflowi_r_u32(struct pflowi_reader *r)
{
	const uint8_t *p = pflowi_r_take(r, 4);

	return p == NULL ? 0 : pflowi_get_be32(p);
}

PFLOWI_INLINE uint64_t
pflowi_r_u64(struct pflowi_reader *r)
{
	const uint8_t *p = pflowi_r_take(r, 8);

	return p == NULL ? 0 : pflowi_get_be64(p);
}

/** A reader over the next n octets, which this one steps over. */
PFLOWI_INLINE struct pflowi_reader
pflowi_r_sub(struct pflowi_reader *r, size_t n)
{
	struct pflowi_reader sub;
	const uint8_t *p = pflowi_r_take(r, n);

	pflowi_r_init(&sub, p, p == NULL ? 0 : n);
	if (p == NULL)
		sub.status = PFLOW_ERR_TRUNCATED;
	return sub;
}

#endif /* PFLOWI_READER_H */
