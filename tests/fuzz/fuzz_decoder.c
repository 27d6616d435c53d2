/* SPDX-License-Identifier: ISC */
/*
 * A session of messages of any version into one decoder.
 *
 *	1	bits 0-2: size of the store; bit 3: want the records that are no
 *		flows; bit 4: the sink stops at times
 *	then messages: 2 octets of length, and as many (or what is left)
 *
 * A twin with its store elsewhere must see the same.
 */
#include <string.h>

#include <pflow/decoder.h>

#include "fuzz/fuzz.h"

#define STORE_MAX 16384u

struct session {
	struct pflow_decoder dec;
	size_t message_len;
	uint64_t records; /* of this message, flows or not */
	uint64_t sum;
	unsigned stops;
	int stopped;
	uint8_t store[STORE_MAX + 8];
};

static void
check_key(const struct pflow_key *key)
{
	static const uint8_t zero[16];

	FUZZ_CHECK(key->af == PFLOW_AF_IPV4 || key->af == PFLOW_AF_IPV6);
	FUZZ_CHECK(memcmp(key->reserved, zero, sizeof(key->reserved)) == 0);
	if (key->af == PFLOW_AF_IPV4) {
		FUZZ_CHECK(memcmp(key->addr[0] + 4, zero, 12) == 0);
		FUZZ_CHECK(memcmp(key->addr[1] + 4, zero, 12) == 0);
	}
}

/** What is not present is zero. */
static void
check_presence(const struct pflow_state *st)
{
	uint32_t has = st->present;

	FUZZ_CHECK((has & PFLOW_HAS_ICMP) || (st->icmp[0] | st->icmp[1]) == 0);
	FUZZ_CHECK((has & PFLOW_HAS_TOS) || st->tos == 0);
	FUZZ_CHECK((has & PFLOW_HAS_TCP_FLAGS) ||
	    (st->tcp_flags[0] | st->tcp_flags[1]) == 0);
	FUZZ_CHECK((has & PFLOW_HAS_IFINDEX) ||
	    (st->ifindex[0] | st->ifindex[1]) == 0);
	FUZZ_CHECK((has & PFLOW_HAS_VLAN) || st->vlan == 0);
	FUZZ_CHECK((has & PFLOW_HAS_END_REASON) || st->end_reason == 0);
	FUZZ_CHECK((has & PFLOW_HAS_FLOW_ID) || st->flow_id == 0);
	FUZZ_CHECK((has & PFLOW_HAS_DIRECTION) || st->direction == 0);
	FUZZ_CHECK((has & (PFLOW_HAS_RULE | PFLOW_HAS_CREATOR)) == 0);
	FUZZ_CHECK(st->rule == UINT32_MAX && st->anchor == UINT32_MAX);
	FUZZ_CHECK(st->vlan <= 4095 && st->end_reason <= PFLOW_END_RESOURCES);
}

/** Its values lie in it, one behind the other, and fill it. */
static uint64_t
walk(const struct pflow_decoded_header *hdr)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	uint64_t sum = 0;
	unsigned n = 0, i;

	while (pflow_decoded_field_next(&hdr->record, &at, &f) == PFLOW_OK) {
		n++;
		for (i = 0; i < f.length; i++)
			sum = sum * 31 + f.value[i];
		sum += f.element + f.enterprise + f.is_scope;
	}
	FUZZ_CHECK(n == hdr->record.field_count);
	FUZZ_CHECK(at.octet == hdr->record.len || hdr->version == 5);
	FUZZ_CHECK(n <= hdr->record.len || hdr->version == 5);
	return sum;
}

static int
count(struct session *s)
{
	FUZZ_CHECK(!s->stopped);
	/* Linear work: a record is at least one octet. */
	FUZZ_CHECK(++s->records <= s->message_len);
	s->stopped = s->stops != 0 && s->sum % 7 == 0;
	return s->stopped ? 77 : 0;
}

static int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	static const uint8_t zero[sizeof(st->reserved)];
	struct session *s = arg;

	check_key(&st->key[0]);
	check_key(&st->key[1]);
	check_presence(st);
	FUZZ_CHECK(((st->flags & PFLOW_STATE_TRANSLATED) != 0) ==
	    (memcmp(&st->key[0], &st->key[1], sizeof(st->key[0])) != 0));
	FUZZ_CHECK(memcmp(st->reserved, zero, sizeof(zero)) == 0);
	s->sum = s->sum * 31 + walk(hdr) + st->octets[0] + st->packets[0] +
	    st->start_ns + st->last_ns + st->key[0].port[1];
	return count(s);
}

static int
take_other(void *arg, const struct pflow_decoded_header *hdr)
{
	struct session *s = arg;

	FUZZ_CHECK(hdr->record.field_count > 0);
	s->sum = s->sum * 31 + walk(hdr);
	return count(s);
}

static void
begin(struct session *s, uint8_t how, size_t offset)
{
	static const size_t sizes[8] = { 4096, 0, 64, 256, 1000, 2048, 8191,
		STORE_MAX };
	size_t len = sizes[how & 7];

	memset(&s->dec, 0xa5, sizeof(s->dec));
	memset(s->store, 0xa5, sizeof(s->store));
	pflow_decoder_init(&s->dec, len == 0 ? NULL : s->store + offset, len);
	if (how & 8)
		pflow_decoder_set_other(&s->dec, take_other);
	s->stops = how & 16;
	s->sum = 0;
}

static int
feed(struct session *s, const uint8_t *data, size_t len)
{
	const struct pflow_decoder_stats *stats = &s->dec.stats;
	uint64_t before = stats->messages + stats->malformed_messages;
	int rc;

	s->message_len = len;
	s->records = 0;
	s->stopped = 0;
	rc = pflow_decoder_message(&s->dec, data, len, take, s);
	FUZZ_CHECK(rc == PFLOW_OK || rc == PFLOW_ERR_UNSUPPORTED ||
	    rc == PFLOW_ERR_TRUNCATED || rc == PFLOW_ERR_MALFORMED ||
	    (rc == 77 && s->stopped));
	FUZZ_CHECK(s->stopped == (rc == 77));
	FUZZ_CHECK(stats->messages + stats->malformed_messages == before + 1);
	FUZZ_CHECK(s->dec.store_used <= s->dec.store_len);
	FUZZ_CHECK(s->dec.store_waste <= s->dec.store_used);
	FUZZ_CHECK(s->dec.store == NULL ||
	    s->dec.store[s->dec.store_len] == 0xa5);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session a, b;
	struct fuzz_input in = { data, size };
	uint8_t how = fuzz_u8(&in);

	begin(&a, how, 0);
	begin(&b, how, 1 + how % 7);
	while (in.left > 0) {
		size_t len = (size_t)fuzz_uint(&in, 2);
		uint8_t *copy;

		len = len < in.left ? len : in.left;
		copy = malloc(len == 0 ? 1 : len);
		if (copy == NULL)
			abort();
		if (len != 0)
			memcpy(copy, in.data, len);
		in.data += len;
		in.left -= len;
		FUZZ_CHECK(feed(&a, copy, len) == feed(&b, copy, len));
		free(copy);
	}
	FUZZ_CHECK(a.sum == b.sum);
	FUZZ_CHECK(memcmp(&a.dec.stats, &b.dec.stats, sizeof(a.dec.stats)) == 0);
	return 0;
}
