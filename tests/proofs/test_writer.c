/* SPDX-License-Identifier: ISC */
/* writer.h's contracts as a test: every operation, on small buffers. */
#include <stdlib.h>
#include <string.h>

#include "core/writer.h"

#include "proofs/any.h"

#define MOST 24

static void
operate(struct pflowi_writer *w, unsigned which, size_t n, uint64_t v)
{
	static const uint8_t source[MOST + 8];

	switch (which) {
	case 0:
		pflowi_w_u8(w, (uint8_t)v);
		break;
	case 1:
		pflowi_w_u16(w, (uint16_t)v);
		break;
	case 2:
		pflowi_w_u32(w, (uint32_t)v);
		break;
	case 3:
		pflowi_w_u64(w, v);
		break;
	case 4:
		pflowi_w_uint(w, n, v);
		break;
	case 5:
		pflowi_w_bytes(w, source, n);
		break;
	case 6:
		pflowi_w_zero(w, n);
		break;
	case 7:
		if (w->status != PFLOW_OK || w->len >= 2)
			pflowi_w_fill16(w, w->len - 2, (size_t)v);
		break;
	case 8:
		(void)pflowi_w_hole16(w);
		break;
	default:
		pflowi_w_rewind(w, n < w->len ? n : w->len);
		break;
	}
}

/** The buffer ends where the memory does: ASan sees a step over it. */
void
prove(void)
{
	size_t cap = (size_t)any_between(0, MOST), before, i;
	uint8_t *buf = malloc(cap == 0 ? 1 : cap);
	struct pflowi_writer w;
	uint8_t guard = (uint8_t)any_u64();

	HOLDS(buf != NULL);
	memset(buf, guard, cap == 0 ? 1 : cap);
	pflowi_w_init(&w, any_between(0, 9) == 9 ? NULL : buf, cap);
	for (i = 0; i < 12; i++) {
		int status = w.status;
		unsigned which = (unsigned)any_between(0, 9);

		before = w.len;
		operate(&w, which, (size_t)any_between(0, MOST + 8),
		    any_u64() >> any_between(0, 63));
		HOLDS(w.len <= w.cap);
		if (which < 7 && w.status != PFLOW_OK)
			HOLDS(w.len == before);
		if (which < 9 && status != PFLOW_OK)
			HOLDS(w.status == status);
	}
	/* A writer of nothing touched nothing. */
	HOLDS(cap != 0 || buf[0] == guard);
	free(buf);
}
