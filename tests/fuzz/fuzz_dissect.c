/* SPDX-License-Identifier: ISC */
/*
 * One frame: link type, octets that the capture cut off, the frame. What is
 * found must not depend on what was in the result before, nor change when the
 * capture is shorter; plain Ethernet with IPv4 is read a second time, simply.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/dissect.h"

static enum pflowi_verdict
dissect(uint32_t linktype, const uint8_t *data, size_t len, size_t wire,
    int before, struct pflowi_packet *pk)
{
	uint8_t *exact = malloc(len == 0 ? 1 : len);
	enum pflowi_verdict v;

	if (exact == NULL)
		abort();
	if (len != 0)
		memcpy(exact, data, len);
	memset(pk, before, sizeof(*pk));
	v = pflowi_dissect(linktype, exact, len, wire, pk);
	free(exact);
	return v;
}

static void
check_facts(const struct pflowi_packet *pk)
{
	const uint8_t fragment = PFLOWI_FRAGMENT_FIRST | PFLOWI_FRAGMENT_LATER;

	FUZZ_CHECK(pk->af == PFLOW_AF_IPV4 || pk->af == PFLOW_AF_IPV6);
	FUZZ_CHECK(pk->octets >= (pk->af == PFLOW_AF_IPV4 ? 20u : 40u));
	if ((pk->facts & PFLOWI_HAS_PORTS) == 0)
		FUZZ_CHECK((pk->port[0] | pk->port[1]) == 0);
	if ((pk->facts & PFLOWI_HAS_FLAGS) == 0)
		FUZZ_CHECK(pk->tcp_flags == 0);
	else
		FUZZ_CHECK(pk->protocol == PFLOWI_PROTO_TCP);
	FUZZ_CHECK((pk->tcp_flags & 0xf000) == 0);
	if ((pk->facts & PFLOWI_HAS_ICMP) == 0)
		FUZZ_CHECK((pk->facts & PFLOWI_IS_QUERY) == 0);
	if (pk->facts & PFLOWI_FRAGMENT_LATER)
		FUZZ_CHECK(pk->facts == PFLOWI_FRAGMENT_LATER);
	FUZZ_CHECK((pk->facts & fragment) != fragment);
	FUZZ_CHECK(pk->vlan == 0 || pk->vlan > PFLOWI_VLAN_PRESENT);
}

static void
same(const struct pflowi_packet *a, const struct pflowi_packet *b)
{
	size_t octets = a->af == PFLOW_AF_IPV4 ? 4 : 16;

	FUZZ_CHECK(a->af == b->af && a->protocol == b->protocol);
	FUZZ_CHECK(memcmp(a->addr[0], b->addr[0], octets) == 0);
	FUZZ_CHECK(memcmp(a->addr[1], b->addr[1], octets) == 0);
	FUZZ_CHECK(a->octets == b->octets && a->tos == b->tos);
	FUZZ_CHECK(a->port[0] == b->port[0] && a->port[1] == b->port[1]);
	FUZZ_CHECK(a->vlan == b->vlan);
	FUZZ_CHECK(a->fragment_id == b->fragment_id);
}

/**
 * Raw IP captured shorter: the same, if it is enough at all; but for those
 * whose length is in an option that may be cut off. (Below other link types
 * there are guesses that look ahead.)
 */
static void
cut_is_the_same(const uint8_t *p, size_t len, size_t wire,
    const struct pflowi_packet *pk)
{
	struct pflowi_packet cut;

	if (pk->af == PFLOW_AF_IPV6 && (p[4] | p[5]) == 0)
		return;
	if (dissect(PFLOWI_LINK_RAW, p, len - 1 - len / 3, wire, 0, &cut) !=
	    PFLOWI_PACKET_IP)
		return;
	same(pk, &cut);
}

/** TCP or UDP over IPv4 over Ethernet, whole, without options. */
static void
second_reading(const uint8_t *p, size_t len, const struct pflowi_packet *pk,
    enum pflowi_verdict v)
{
	size_t total;

	if (len < 14 + 20 + 20 || p[12] != 8 || p[13] != 0 || p[14] != 0x45)
		return;
	total = (size_t)p[16] << 8 | p[17];
	if (total < 40 || total > len - 14 || (p[23] != 6 && p[23] != 17))
		return;
	FUZZ_CHECK(v == PFLOWI_PACKET_IP);
	FUZZ_CHECK(pk->octets == total);
	FUZZ_CHECK(pk->protocol == p[23]);
	FUZZ_CHECK(memcmp(pk->addr[0], p + 26, 4) == 0);
	FUZZ_CHECK(memcmp(pk->addr[1], p + 30, 4) == 0);
	if ((p[20] & 0x1f) != 0 || p[21] != 0)
		return;
	FUZZ_CHECK(pk->port[0] == (p[34] << 8 | p[35]));
	FUZZ_CHECK(pk->port[1] == (p[36] << 8 | p[37]));
	if (p[23] == 6)
		FUZZ_CHECK((pk->tcp_flags & 0xff) == p[47]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint32_t linktype = (uint32_t)fuzz_uint(&in, 2);
	size_t cut = (size_t)fuzz_uint(&in, 2), wire = in.left + cut;
	struct pflowi_packet pk, again;
	enum pflowi_verdict v, w;

	v = dissect(linktype, in.data, in.left, wire, 0, &pk);
	w = dissect(linktype, in.data, in.left, wire, 0xff, &again);
	FUZZ_CHECK(v == w && v < PFLOWI_VERDICTS);
	FUZZ_CHECK(pk.octets == again.octets);
	if (v == PFLOWI_PACKET_IP) {
		check_facts(&pk);
		same(&pk, &again);
	}
	if (linktype == PFLOWI_LINK_ETHERNET)
		second_reading(in.data, in.left, &pk, v);
	if (linktype == PFLOWI_LINK_RAW && v == PFLOWI_PACKET_IP)
		cut_is_the_same(in.data, in.left, wire, &pk);
	return 0;
}
