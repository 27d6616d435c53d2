/* SPDX-License-Identifier: ISC */
/* reader.h's contracts as a test: every operation, on short inputs. */
#include <stdlib.h>

#include "core/reader.h"

#include "proofs/any.h"

#define MOST 24

static void
operate(struct pflowi_reader *r, unsigned which, size_t n)
{
	struct pflowi_reader sub;
	const uint8_t *p;

	switch (which) {
	case 0:
		(void)pflowi_r_u8(r);
		break;
	case 1:
		(void)pflowi_r_u16(r);
		break;
	case 2:
		(void)pflowi_r_u32(r);
		break;
	case 3:
		(void)pflowi_r_u64(r);
		break;
	case 4:
		p = pflowi_r_take(r, n);
		HOLDS(p == NULL || p + n == r->buf + r->pos);
		break;
	default:
		sub = pflowi_r_sub(r, n);
		HOLDS(sub.pos == 0);
		HOLDS(sub.len == (sub.status == PFLOW_OK ? n : 0));
		HOLDS(sub.status != PFLOW_OK || r->status == PFLOW_OK);
		break;
	}
}

void
prove(void)
{
	size_t len = (size_t)any_between(0, MOST), before, i;
	uint8_t *buf = malloc(len == 0 ? 1 : len);
	struct pflowi_reader r;

	HOLDS(buf != NULL);
	any_octets(buf, len);
	pflowi_r_init(&r, buf, len);
	for (i = 0; i < 12; i++) {
		int status = r.status;

		before = r.pos;
		operate(&r, (unsigned)any_between(0, 5),
		    (size_t)any_between(0, MOST + 8));
		HOLDS(r.pos <= r.len);
		HOLDS(r.status == PFLOW_OK || r.pos == before);
		HOLDS(status == PFLOW_OK || r.status == status);
		HOLDS(pflowi_r_left(&r) ==
		    (r.status == PFLOW_OK ? len - r.pos : 0));
	}
	free(buf);
}
