/* SPDX-License-Identifier: ISC */
/*
 * A program outside the tree: it uses something of each library, so that the
 * link is real, and says what it found.
 */
#include <stdio.h>
#include <string.h>

#include <pflow/pflow.h>
#include <pflow/sources.h>
#include <pflow/transports.h>

static int
encode(void)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 };
	static const uint8_t dst[4] = { 198, 51, 100, 2 };
	static const struct pflow_v5_header_values header = {
		.now_ns = 1700000000000000000u
	};
	struct pflow_v5_msg msg;
	struct pflow_record rec;
	struct pflow_state st;
	uint8_t buf[1464];
	size_t len;

	pflow_state_init(&st);
	st.octets[PFLOW_FORWARD] = 1500;
	st.packets[PFLOW_FORWARD] = 10;
	if (pflow_state_set_key(&st, PFLOW_AF_IPV4, src, 1, dst, 2) ||
	    pflow_record_init(&rec, &st, PFLOW_FORWARD, 0) ||
	    pflow_v5_begin(&msg, buf, sizeof(buf), 0) ||
	    pflow_v5_add(&msg, &rec) || pflow_v5_end(&msg, &header, &len))
		return 0;
	return len == 72 && buf[1] == 5;
}

/* What the name of nothing gives: a sentence, and no instance. */
static int
refuse(void)
{
	struct pflow_transport *t;
	struct pflow_source *s;
	char err[256] = "";

	return pflow_source_create("nothing:x", NULL, &s, err, sizeof(err)) ==
	    PFLOW_ERR_INVALID && err[0] != '\0' &&
	    pflow_transport_create("file:", NULL, &t, err, sizeof(err)) !=
	    PFLOW_OK && err[0] != '\0';
}

int
main(void)
{
	size_t sources, transports;

	pflow_source_kinds(&sources);
	pflow_transport_kinds(&transports);
	printf("libpflow %s, %zu sources, %zu transports\n",
	    pflow_library_version(), sources, transports);
	if (strcmp(pflow_library_version(), PFLOW_LIBRARY_VERSION) != 0)
		return 1;
	return encode() && refuse() ? 0 : 1;
}
