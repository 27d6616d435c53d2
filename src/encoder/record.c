/* SPDX-License-Identifier: ISC */
#include "encoder/record.h"

int
pflow_record_init(struct pflow_record *rec, const struct pflow_state *st,
    unsigned dir, uint64_t boot_ms)
{
	const struct pflow_key *key = pflowi_state_pre(st);
	struct pflowi_times t;

	if (key->af != PFLOW_AF_IPV4 && key->af != PFLOW_AF_IPV6)
		return PFLOW_ERR_INVALID;
	t = pflowi_times_of(st, boot_ms);
	pflowi_record_fill(rec, st, key, dir & 1,
	    pflowi_is_icmp(st->protocol), &t);
	return PFLOW_OK;
}
