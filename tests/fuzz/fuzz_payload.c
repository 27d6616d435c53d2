/* SPDX-License-Identifier: ISC */
/* A frame of a capture: what is found lies inside it. */
#include "fuzz/fuzz.h"
#include "programs/pflowdump/payload.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	enum pflowdump_link link =
	    (enum pflowdump_link)(fuzz_u8(&in) % (PFLOWDUMP_LINK_RAW + 1));
	struct pflowdump_ends ends;
	const uint8_t *found;
	size_t len;

	if (pflowdump_payload(link, in.data, in.left, &ends, &found, &len) !=
	    PFLOWDUMP_DATAGRAM)
		return 0;
	FUZZ_CHECK(found >= in.data && len <= in.left);
	FUZZ_CHECK((size_t)(found - in.data) <= in.left - len);
	FUZZ_CHECK(ends.af == PFLOW_AF_IPV4 || ends.af == PFLOW_AF_IPV6);
	return 0;
}
