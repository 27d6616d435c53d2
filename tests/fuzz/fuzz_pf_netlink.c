/* SPDX-License-Identifier: ISC */
/*
 * A netlink datagram of FreeBSD's family "pfctl", and each part of it as a
 * state; and the input itself as the attributes of one, in both orders.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/pf_nlmsg.h"

static void
state(const uint8_t *p, size_t len, enum pflowi_pf_order order)
{
	struct pflowi_pf_raw raw;
	struct pflow_state st;

	if (pflowi_pf_netlink_state(p, len, order, &raw) != PFLOW_OK)
		return;
	if (pflowi_pf_state(&raw, UINT64_C(1700000000000000000), &st) ==
	    PFLOWI_PF_GOOD)
		FUZZ_CHECK(st.last_ns >= st.start_ns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t request[PFLOWI_PF_NLMSG_MAX];
	struct pflowi_pf_nlpart part;
	struct pflowi_pf_nlmsg nl;
	int rc;

	state(data, size, PFLOWI_PF_LITTLE);
	state(data, size, PFLOWI_PF_BIG);
	FUZZ_CHECK(pflowi_pf_nlmsg_init(&nl, 1u << 20) == PFLOW_OK);
	FUZZ_CHECK(pflowi_pf_nlmsg_family(&nl, request) <= sizeof(request));
	FUZZ_CHECK(pflowi_pf_nlmsg_states(&nl, request) <= sizeof(request));
	if (size > nl.room)
		size = nl.room;
	nl.sequence = 0x01010101; /* the same in both orders */
	if (size > 0)
		memcpy(nl.buf, data, size);
	pflowi_pf_nlmsg_set(&nl, size);
	while ((rc = pflowi_pf_nlmsg_next(&nl, &part)) == PFLOW_OK) {
		FUZZ_CHECK(part.p >= nl.buf &&
		    part.p + part.len <= nl.buf + nl.len);
		state(part.p, part.len, pflowi_pf_nlmsg_order());
		pflowi_pf_nlmsg_family_of(&nl, &part);
	}
	FUZZ_CHECK(rc != PFLOW_OK && nl.pos <= nl.len);
	pflowi_pf_nlmsg_fini(&nl);
	return 0;
}
