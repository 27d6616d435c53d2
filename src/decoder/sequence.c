/* SPDX-License-Identifier: ISC */
/*
 * Sequence numbers: v5 counts records (conformance V5-01), v9 messages
 * (RFC 3954, 5.1), IPFIX Data Records (RFC 7011, 3.1), each for a domain of
 * its own, modulo 2^32.
 */
#include "decoder/internal.h"
#include "decoder/store.h"

/** This far behind, a message was overtaken; further, it is a restart. */
#define LATE_MAX_RECORDS 1000u
#define LATE_MAX_MESSAGES 32u

/** More than that was not lost at once: the exporter began anew. */
#define LOST_MAX ((uint32_t)1 << 28)

static struct pflowi_store_key
domain_key(const struct pflowi_message *m)
{
	struct pflowi_store_key key = { m->hdr.domain_id, 0,
		(uint8_t)m->hdr.version };

	return key;
}

/** @return 0: there is no room for it */
static size_t
add_domain(struct pflow_decoder *dec, struct pflowi_store_key key)
{
	size_t at = pflowi_store_add(dec, key, PFLOWI_ENTRY_DOMAIN,
	    PFLOWI_D_LEN);

	if (at != 0)
		memset(dec->store + at + PFLOWI_E_COMMON, 0,
		    PFLOWI_D_LEN - PFLOWI_E_COMMON);
	return at;
}

static void
count_gap(struct pflowi_message *m, uint32_t expected)
{
	struct pflow_decoder_stats *stats = &m->dec->stats;
	uint32_t ahead = m->hdr.sequence - expected;
	uint32_t behind = expected - m->hdr.sequence;
	unsigned is_v9 = m->hdr.version == PFLOWI_V9_VERSION;

	stats->sequence_gaps++;
	if (m->hdr.sequence == 0)
		return; /* a session begins */
	if (behind <= (is_v9 ? LATE_MAX_MESSAGES : LATE_MAX_RECORDS))
		m->late = 1;
	else if (ahead <= LOST_MAX && is_v9)
		stats->messages_lost += ahead;
	else if (ahead <= LOST_MAX)
		stats->records_lost += ahead;
}

void
pflowi_sequence_check(struct pflowi_message *m)
{
	struct pflow_decoder *dec = m->dec;
	size_t at = pflowi_store_find(dec, domain_key(m));
	uint32_t expected;

	m->accepted = 1;
	if (at == 0)
		at = add_domain(dec, domain_key(m));
	if (at == 0) {
		dec->stats.sequences_ignored++;
		return;
	}
	expected = pflowi_get_be32(dec->store + at + PFLOWI_D_EXPECTED);
	if (dec->store[at + PFLOWI_D_KNOWN] && m->hdr.sequence != expected)
		count_gap(m, expected);
}

/** It was counted as lost when its successor came first. */
static void
found_again(struct pflowi_message *m, uint32_t units)
{
	uint64_t *lost = m->hdr.version == PFLOWI_V9_VERSION
	    ? &m->dec->stats.messages_lost
	    : &m->dec->stats.records_lost;

	*lost -= units < *lost ? units : *lost;
}

void
pflowi_sequence_advance(struct pflowi_message *m, uint32_t units,
    unsigned sure)
{
	size_t at = pflowi_store_find(m->dec, domain_key(m));
	uint8_t *d;

	if (m->late) {
		if (sure)
			found_again(m, units);
		return;
	}
	if (at == 0)
		return;
	d = m->dec->store + at;
	pflowi_put_be32(d + PFLOWI_D_EXPECTED, m->hdr.sequence + units);
	d[PFLOWI_D_KNOWN] = sure != 0;
}
