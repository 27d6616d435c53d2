/* SPDX-License-Identifier: ISC */
/* Text of pfctl, line by line. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/pf_text.h"

static void
check(const struct pflowi_pf_raw *raw)
{
	struct pflow_state st;

	FUZZ_CHECK(raw->ifname[0] != '\0' && raw->ifname[15] == '\0');
	FUZZ_CHECK(raw->direction == PFLOW_DIR_IN ||
	    raw->direction == PFLOW_DIR_OUT);
	FUZZ_CHECK(pflowi_pf_state(raw, UINT64_C(1700000000000000000), &st) ==
	    PFLOWI_PF_GOOD);
	FUZZ_CHECK(st.last_ns >= st.start_ns);
	FUZZ_CHECK(((st.present & PFLOW_HAS_FLOW_ID) == 0) == raw->anonymous);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct pflowi_pf_text t;
	struct pflowi_pf_raw raw;

	(void)pflowi_pf_text_looks(data, size);
	pflowi_pf_text_init(&t);
	while (size > 0) {
		const char *newline = memchr(p, '\n', size);
		size_t len = newline == NULL ? size : (size_t)(newline - p);

		if (pflowi_pf_text_line(&t, p, len, &raw))
			check(&raw);
		len += newline != NULL;
		p += len;
		size -= len;
	}
	if (pflowi_pf_text_end(&t, &raw))
		check(&raw);
	FUZZ_CHECK(!pflowi_pf_text_end(&t, &raw));
	return 0;
}
