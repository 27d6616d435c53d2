/* SPDX-License-Identifier: ISC */
/*
 * One saved table, each state given once as it stands there: nothing is
 * followed, so memory does not depend on the size of the table.
 */
#ifndef PFLOWI_PF_STREAM_H
#define PFLOWI_PF_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/source.h>

#include "sources/pf_differ.h"

#define PFLOWI_PF_BATCH 64

struct pflowi_pf_stream {
	struct pflowi_pf_ifmap *ifmap; /**< borrowed */
	bool nat_events; /**< tell when translated states were made */
	uint64_t now_ns;	       /**< when the table was made */
	size_t at, count;	       /**< what of the batch is not given */
	struct pflow_state batch[PFLOWI_PF_BATCH];
	struct pflowi_pf_differ_tally tally;
};

/** Is there room for one more state? */
static inline bool
pflowi_pf_stream_ready(const struct pflowi_pf_stream *s)
{
	return s->count + 2 <= PFLOWI_PF_BATCH;
}

/** One state of the table; the stream is ready. */
void pflowi_pf_stream_state(struct pflowi_pf_stream *s,
    const struct pflowi_pf_raw *raw);

/** As pflowi_pf_track_give(). */
int pflowi_pf_stream_give(struct pflowi_pf_stream *s, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg);

#endif /* PFLOWI_PF_STREAM_H */
