/* SPDX-License-Identifier: ISC */
/*
 * A message between the processes of pflowd: it is not believed, or it is
 * what would be written for it, octet by octet.
 */
#include <string.h>

#include <pflow/status.h>

#include "fuzz/fuzz.h"
#include "programs/pflowd/message.h"

static void
check_wish(const struct pflowd_message *m)
{
	uint8_t again[PFLOWD_WISH_OCTETS];
	struct pflow_socket_wish wish, twice;

	if (pflowd_wish_get(m->rest, m->rest_len, &wish) != PFLOW_OK)
		return;
	FUZZ_CHECK(wish.to.version == 4 || wish.to.version == 6);
	FUZZ_CHECK(!wish.bound || wish.source.version == wish.to.version);
	FUZZ_CHECK(memchr(wish.device, '\0', sizeof(wish.device)) != NULL);
	FUZZ_CHECK(wish.dscp >= -1 && wish.dscp <= 63);
	pflowd_wish_put(&wish, again);
	FUZZ_CHECK(pflowd_wish_get(again, sizeof(again), &twice) == PFLOW_OK);
	FUZZ_CHECK(twice.to_port == wish.to_port &&
	    twice.source_port == wish.source_port &&
	    twice.stream == wish.stream && twice.connected == wish.connected);
}

static void
check_addresses(const struct pflowd_message *m)
{
	uint8_t again[PFLOWD_ADDRESSES_MAX * PFLOWD_ADDRESS_OCTETS];
	struct pflow_address found[PFLOWD_ADDRESSES_MAX];
	size_t count = pflowd_addresses_get(m->rest, m->rest_len, found,
	    PFLOWD_ADDRESSES_MAX);

	FUZZ_CHECK(count <= PFLOWD_ADDRESSES_MAX);
	if (count == 0)
		return;
	FUZZ_CHECK(pflowd_addresses_put(found, count, again) == m->rest_len);
	FUZZ_CHECK(memcmp(again, m->rest, m->rest_len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[PFLOWD_MESSAGE_MAX];
	static char text[PFLOWD_MESSAGE_MAX];
	struct pflowd_message m;

	if (pflowd_message_get(data, size, &m) != PFLOW_OK)
		return 0;
	FUZZ_CHECK(pflowd_message_put(&m, again, sizeof(again)) == size);
	FUZZ_CHECK(memcmp(again, data, size) == 0);
	FUZZ_CHECK(m.rest_len < sizeof(text));
	if (pflowd_message_text(&m, text, sizeof(text)) &&
	    m.kind == PFLOWD_ASK_FILE)
		FUZZ_CHECK(strlen(text) == m.rest_len && m.rest_len < 1024);
	if (m.kind == PFLOWD_ASK_SOCKET)
		check_wish(&m);
	if (m.kind == PFLOWD_HOST_FOUND)
		check_addresses(&m);
	if (m.kind == PFLOWD_ASK_REQUEST &&
	    pflowd_is_table_request(m.rest, m.rest_len))
		FUZZ_CHECK(m.rest_len == 20);
	return 0;
}
