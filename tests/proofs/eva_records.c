/* SPDX-License-Identifier: ISC */
/*
 * The record encoders: of any state, in either direction, a record of its
 * length and nothing else; nothing is read that nobody wrote.
 */
#include "encoder/field.h"
#include "encoder/message.h"
#include "encoder/record.h"

#include "proofs/any.h"

static void
prove_one(const struct pflow_record *rec, uint64_t boot_ms)
{
	uint8_t flow4[PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW4)];
	uint8_t flow6[PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW6)];
	uint8_t v5[PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_V5)];
	struct pflow_record bounded = *rec;

	pflowi_put_flow4(flow4, rec);
	pflowi_put_flow6(flow6, rec);
	(void)pflowi_v5_bound_duration(&bounded);
	pflowi_put_v5(v5, &bounded, boot_ms);
}

void
prove(void)
{
	struct pflow_state st;
	struct pflow_record rec;
	uint64_t boot_ms = any_u64();
	unsigned dir;

	any_octets(&st, sizeof(st));
	/* In the test hardly any would be of a known family. */
	if (any_between(0, 3) != 0)
		st.key[0].af = st.key[1].af =
		    any_between(0, 1) == 0 ? PFLOW_AF_IPV4 : PFLOW_AF_IPV6;
	for (dir = 0; dir < 2; dir++) {
		if (pflow_record_init(&rec, &st, dir, boot_ms) == PFLOW_OK)
			prove_one(&rec, boot_ms);
	}
}
