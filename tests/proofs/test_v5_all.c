/* SPDX-License-Identifier: ISC */
/*
 * Every length of buffer and every count of records of a v5 message: where a
 * record goes depends on nothing else.
 */
#include <stdlib.h>

#include <pflow/v5.h>

#include "core/shapes.h"

#include "proofs/any.h"

/** The buffer ends where the memory does: ASan sees a step over it. */
static void
prove_length(size_t cap, const struct pflow_record *rec)
{
	size_t most = (cap - 24) / 48, n;
	uint8_t *buf = malloc(cap);
	struct pflow_v5_msg msg;

	HOLDS(buf != NULL);
	HOLDS(pflow_v5_begin(&msg, buf, cap, any_u64()) == PFLOW_OK);
	most = most < 30 ? most : 30;
	for (n = 0; n < most; n++)
		HOLDS(pflow_v5_add(&msg, rec) == PFLOW_OK);
	HOLDS(msg.count == most);
	HOLDS(pflow_v5_add(&msg, rec) == PFLOW_ERR_NOSPACE);
	HOLDS(msg.count == most);
	free(buf);
}

void
prove(void)
{
	struct pflow_record rec;
	struct pflow_state st;
	size_t cap;

	any_octets(&st, sizeof(st));
	st.key[0].af = st.key[1].af = PFLOW_AF_IPV4;
	st.packets[0] = st.octets[0] = any_between(0, UINT32_MAX);
	HOLDS(pflow_record_init(&rec, &st, 0, 0) == PFLOW_OK);
	for (cap = 24 + 48; cap <= 24 + 32 * 48; cap++)
		prove_length(cap, &rec);
}
