/* SPDX-License-Identifier: ISC */
/*
 * One v5 datagram, against a second reading of it: by the structs of wire.h
 * and by what collectors do with the times, in 64 bits.
 */
#include <string.h>

#include <pflow/decoder.h>
#include <pflow/wire.h>

#include "fuzz/fuzz.h"

#define WRAP_MS (INT64_C(1) << 32)
#define AHEAD_MS INT64_C(100000)

struct session {
	const uint8_t *data;
	unsigned taken;
};

static uint64_t
to_ns(int64_t ms)
{
	return ms < 0 ? 0 : (uint64_t)ms * 1000000;
}

static void
check_times(const struct pflow_wire_v5_header *h,
    const struct pflow_wire_v5_record *r, const struct pflow_state *st)
{
	int64_t now = (int64_t)pflow_wire_u32(h->unix_secs) * 1000 +
	    pflow_wire_u32(h->unix_nsecs) / 1000000;
	int64_t uptime = pflow_wire_u32(h->sysuptime_ms);
	int64_t first = pflow_wire_u32(r->first_ms);
	int64_t last = pflow_wire_u32(r->last_ms);
	int64_t end = now - uptime + last, start = now - uptime + first;

	/* First after Last: the uptime wrapped during the flow. */
	if (first > last)
		start -= WRAP_MS;
	/* Last well after the export: it wrapped after the flow; or the
	 * export is before the wrap and Last just after it. */
	if (last - uptime > AHEAD_MS) {
		end -= WRAP_MS;
		start -= WRAP_MS;
	} else if (last - uptime + WRAP_MS <= AHEAD_MS) {
		end += WRAP_MS;
		start += WRAP_MS;
	}
	FUZZ_CHECK(st->last_ns == to_ns(end));
	FUZZ_CHECK(st->start_ns == to_ns(end < 0 ? 0 : start));
}

static int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct session *s = arg;
	const struct pflow_wire_v5_header *h = (const void *)s->data;
	const struct pflow_wire_v5_record *r =
	    (const void *)(s->data + sizeof(*h) + s->taken * sizeof(*r));
	const struct pflow_key *key = &st->key[0];
	int icmp = r->protocol == 1 || r->protocol == 58;

	s->taken++;
	FUZZ_CHECK(hdr->sequence == pflow_wire_u32(h->flow_sequence));
	FUZZ_CHECK(hdr->domain_id == h->engine_type * 256u + h->engine_id);
	FUZZ_CHECK(hdr->sampling == pflow_wire_u16(h->sampling));
	FUZZ_CHECK(hdr->count == pflow_wire_u16(h->count));
	FUZZ_CHECK(memcmp(key, &st->key[1], sizeof(*key)) == 0);
	FUZZ_CHECK(memcmp(key->addr[0], r->src_addr, 4) == 0);
	FUZZ_CHECK(memcmp(key->addr[1], r->dst_addr, 4) == 0);
	FUZZ_CHECK(key->port[0] == (icmp ? 0 : pflow_wire_u16(r->src_port)));
	FUZZ_CHECK(key->port[1] == (icmp ? 0 : pflow_wire_u16(r->dst_port)));
	FUZZ_CHECK(st->icmp[0] == (icmp ? pflow_wire_u16(r->dst_port) : 0));
	FUZZ_CHECK(st->packets[0] == pflow_wire_u32(r->packets));
	FUZZ_CHECK(st->octets[0] == pflow_wire_u32(r->octets));
	FUZZ_CHECK(st->ifindex[0] == pflow_wire_u16(r->in_ifindex));
	FUZZ_CHECK(st->ifindex[1] == pflow_wire_u16(r->out_ifindex));
	FUZZ_CHECK(st->protocol == r->protocol && st->tos == r->tos);
	FUZZ_CHECK(st->tcp_flags[0] == (r->protocol == 6 ? r->tcp_flags : 0));
	check_times(h, r, st);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pflow_decoder dec;
	struct session s = { data, 0 };
	uint8_t store[64];
	int rc;

	pflow_decoder_init(&dec, store, sizeof(store));
	if (size < 2 || data[0] != 0 || data[1] != 5)
		return 0;
	rc = pflow_decoder_message(&dec, data, size, take, &s);
	if (rc == PFLOW_OK) {
		FUZZ_CHECK(s.taken == pflow_wire_u16(data + 2));
		FUZZ_CHECK(s.taken >= 1 && s.taken <= 30);
		FUZZ_CHECK(dec.stats.trailing_octets ==
		    size - 24 - 48 * s.taken);
	} else {
		FUZZ_CHECK(s.taken == 0 && dec.stats.malformed_messages == 1);
		FUZZ_CHECK(rc == PFLOW_ERR_TRUNCATED ||
		    rc == PFLOW_ERR_MALFORMED);
	}
	return 0;
}
