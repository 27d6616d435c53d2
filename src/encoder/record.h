/* SPDX-License-Identifier: ISC */
/* A state's direction resolved into a record, inline for the fast path. */
#ifndef PFLOWI_RECORD_H
#define PFLOWI_RECORD_H

#include <pflow/record.h>

#include "core/state.h"
#include "core/time.h"

/** The two times of a state in whole milliseconds. */
struct pflowi_times {
	uint64_t start_ms;
	uint64_t end_ms;
	unsigned clamped; /**< 1: not what the state says */
};

/**
 * pflow(4), BUGS: a time before the machine came up becomes the moment when
 * it came up, and so does a start after the end.
 */
PFLOWI_INLINE struct pflowi_times
pflowi_times_of(const struct pflow_state *st, uint64_t boot_ms)
{
	struct pflowi_times t;

	t.start_ms = st->start_ns / PFLOWI_NS_PER_MS;
	t.end_ms = st->last_ns / PFLOWI_NS_PER_MS;
	t.clamped = 0;
	if (PFLOWI_UNLIKELY(t.end_ms < boot_ms)) {
		t.end_ms = boot_ms;
		t.clamped = 1;
	}
	if (PFLOWI_UNLIKELY(t.start_ms < boot_ms || t.start_ms > t.end_ms)) {
		t.start_ms = boot_ms;
		t.clamped = 1;
	}
	return t;
}

/**
 * key: of a known address family; dir: PFLOW_FORWARD or PFLOW_REVERSE;
 * icmp: what pflowi_is_icmp() says of the state.
 */
PFLOWI_INLINE void
pflowi_record_fill(struct pflow_record *rec, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, int icmp,
    const struct pflowi_times *t)
{
	rec->src = key->addr[dir];
	rec->dst = key->addr[dir ^ 1];
	rec->packets = st->packets[dir];
	rec->octets = st->octets[dir];
	rec->start_ms = t->start_ms;
	rec->end_ms = t->end_ms;
	rec->in_ifindex = st->ifindex[dir];
	rec->out_ifindex = st->ifindex[dir ^ 1];
	rec->tcp_flags = st->tcp_flags[dir];
	rec->af = key->af;
	rec->protocol = st->protocol;
	rec->tos = st->tos;
	rec->direction = (uint8_t)dir;
	rec->state = st;
	if (PFLOWI_UNLIKELY(icmp)) {
		/* Type and code where collectors look for them: in the
		 * destination port. An ICMP id is never a port. */
		rec->src_port = 0;
		rec->dst_port = st->icmp[dir];
	} else {
		rec->src_port = key->port[dir];
		rec->dst_port = key->port[dir ^ 1];
	}
}

#endif /* PFLOWI_RECORD_H */
