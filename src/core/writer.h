/* SPDX-License-Identifier: ISC */
/*
 * The bounded writer: the only way octets get into a message. It remembers
 * its first error and then writes nothing more, so a caller checks once.
 * Header-only: every library of the house uses it.
 */
#ifndef PFLOWI_WRITER_H
#define PFLOWI_WRITER_H

#include <pflow/status.h>

#include "core/bytes.h"

/** Valid: len <= cap, and buf holds cap octets, or is NULL to measure. */
struct pflowi_writer {
	uint8_t *buf;
	size_t cap;
	size_t len;
	int status; /**< PFLOW_OK or the first error */
};

PFLOWI_INLINE void
pflowi_w_init(struct pflowi_writer *w, uint8_t *buf, size_t cap)
{
	w->buf = buf;
	w->cap = cap;
	w->len = 0;
	w->status = PFLOW_OK;
}

/** Take n octets: where to write them, or NULL (error, or measuring). */
PFLOWI_INLINE uint8_t *
pflowi_w_take(struct pflowi_writer *w, size_t n)
{
	uint8_t *p;

	if (PFLOWI_UNLIKELY(w->status != PFLOW_OK))
		return NULL;
	if (PFLOWI_UNLIKELY(n > w->cap - w->len)) {
		w->status = PFLOW_ERR_NOSPACE;
		return NULL;
	}
	p = w->buf == NULL ? NULL : w->buf + w->len;
	w->len += n;
	return p;
}

PFLOWI_INLINE void
pflowi_w_u8(struct pflowi_writer *w, uint8_t v)
{
	uint8_t *p = pflowi_w_take(w, 1);

	if (p != NULL)
		*p = v;
}

PFLOWI_INLINE void
pflowi_w_u16(struct pflowi_writer *w, uint16_t v)
{
	uint8_t *p = pflowi_w_take(w, 2);

	if (p != NULL)
		pflowi_put_be16(p, v);
}

PFLOWI_INLINE void
pflowi_w_u32(struct pflowi_writer *w, uint32_t v)
{
	uint8_t *p = pflowi_w_take(w, 4);

	if (p != NULL)
		pflowi_put_be32(p, v);
}

PFLOWI_INLINE void
pflowi_w_u64(struct pflowi_writer *w, uint64_t v)
{
	uint8_t *p = pflowi_w_take(w, 8);

	if (p != NULL)
		pflowi_put_be64(p, v);
}

/** An unsigned integer in 1..8 octets; PFLOW_ERR_RANGE if it is too wide. */
PFLOWI_INLINE void
pflowi_w_uint(struct pflowi_writer *w, size_t octets, uint64_t v)
{
	uint8_t *p;

	if (octets == 0 || octets > 8 || (octets < 8 && v >> (8 * octets) != 0)) {
		if (w->status == PFLOW_OK)
			w->status = PFLOW_ERR_RANGE;
		return;
	}
	p = pflowi_w_take(w, octets);
	if (p != NULL)
		pflowi_put_be(p, octets, v);
}

PFLOWI_INLINE void
pflowi_w_bytes(struct pflowi_writer *w, const void *src, size_t n)
{
	uint8_t *p = pflowi_w_take(w, n);

	if (p != NULL && n > 0)
		memcpy(p, src, n);
}

PFLOWI_INLINE void
pflowi_w_zero(struct pflowi_writer *w, size_t n)
{
	uint8_t *p = pflowi_w_take(w, n);

	if (p != NULL && n > 0)
		memset(p, 0, n);
}

/** Two octets that are known later; gives their place. */
PFLOWI_INLINE size_t
pflowi_w_hole16(struct pflowi_writer *w)
{
	size_t at = w->len;

	pflowi_w_u16(w, 0);
	return at;
}

PFLOWI_INLINE void
pflowi_w_fill16(struct pflowi_writer *w, size_t at, size_t v)
{
	if (w->status != PFLOW_OK)
		return;
	if (v > UINT16_MAX)
		w->status = PFLOW_ERR_RANGE;
	else if (w->buf != NULL)
		pflowi_put_be16(w->buf + at, (uint16_t)v);
}

/** Back to an earlier length, errors forgotten. */
PFLOWI_INLINE void
pflowi_w_rewind(struct pflowi_writer *w, size_t len)
{
	w->len = len;
	w->status = PFLOW_OK;
}

#endif /* PFLOWI_WRITER_H */
