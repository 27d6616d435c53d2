/* SPDX-License-Identifier: ISC */
#include "sources/pf_stream.h"

#include <string.h>

void
pflowi_pf_stream_state(struct pflowi_pf_stream *s,
    const struct pflowi_pf_raw *raw)
{
	struct pflow_state *st = &s->batch[s->count];
	enum pflowi_pf_verdict verdict;

	s->tally.records++;
	verdict = pflowi_pf_state(raw, s->now_ns, st);
	if (verdict != PFLOWI_PF_GOOD) {
		s->tally.rejects[verdict]++;
		return;
	}
	if (!pflowi_pf_ifmap_apply(s->ifmap, raw->ifname, raw->orig_ifname, st))
		s->tally.unknown_interfaces++;
	s->tally.states++;
	s->tally.states_tracked++;
	s->tally.ended_by_flush++;
	if ((st->flags & PFLOW_STATE_EXPORT) == 0)
		s->tally.unmarked_states++;
	s->count++;
	if (s->nat_events && (st->flags & PFLOW_STATE_TRANSLATED) != 0) {
		s->batch[s->count++] = *st;
		pflowi_pf_make_created(st);
		st++;
	}
	st->present |= PFLOW_HAS_END_REASON;
	st->end_reason = PFLOW_END_FORCED;
}

int
pflowi_pf_stream_give(struct pflowi_pf_stream *s, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg)
{
	while (s->at < s->count && *budget > 0) {
		size_t n = s->count - s->at, taken = 0, i;
		int rc;

		if (n > *budget)
			n = *budget;
		rc = sink(arg, s->batch + s->at, n, now, &taken);
		if (taken > n)
			taken = n;
		for (i = 0; i < taken; i++) {
			if ((s->batch[s->at + i].flags & PFLOW_STATE_CREATED) !=
			    0) {
				s->tally.creates_given++;
			} else {
				s->tally.states_given++;
				s->tally.states_tracked--;
			}
		}
		s->at += taken;
		*budget -= (unsigned)taken;
		if (rc != PFLOW_OK)
			return rc;
		if (taken < n)
			return PFLOW_ERR_AGAIN;
	}
	if (s->at == s->count)
		s->at = s->count = 0;
	return PFLOW_OK;
}
