/* SPDX-License-Identifier: ISC */
/* A sink that keeps what it is given, and may refuse. */
#ifndef PFLOW_TESTS_PF_SINK_H
#define PFLOW_TESTS_PF_SINK_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/source.h>

struct pf_sink {
	struct pflow_state *states;
	struct pflow_now *times;
	size_t count, cap;
	size_t room;   /**< states it takes before it refuses; 0: any number */
	size_t calls;
	int fail;      /**< status to answer with, nothing taken */
};

static inline int
pf_sink_take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	struct pf_sink *s = arg;
	size_t i;

	s->calls++;
	*taken = 0;
	if (s->fail != 0)
		return s->fail;
	for (i = 0; i < count; i++) {
		if (s->room != 0 && s->count == s->room)
			return PFLOW_ERR_AGAIN;
		if (s->count == s->cap) {
			s->cap = s->cap * 2 + 64;
			s->states = realloc(s->states,
			    s->cap * sizeof(*s->states));
			s->times = realloc(s->times, s->cap * sizeof(*s->times));
			ck_assert_ptr_nonnull(s->states);
			ck_assert_ptr_nonnull(s->times);
		}
		s->states[s->count] = states[i];
		s->times[s->count++] = now;
		++*taken;
	}
	return PFLOW_OK;
}

static inline void
pf_sink_free(struct pf_sink *s)
{
	free(s->states);
	free(s->times);
	memset(s, 0, sizeof(*s));
}

/** The end of a state by its id, NULL: it was not given. */
static inline const struct pflow_state *
pf_sink_end(const struct pf_sink *s, uint64_t id)
{
	const struct pflow_state *found = NULL;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct pflow_state *st = &s->states[i];

		if (st->flow_id != id || (st->flags & PFLOW_STATE_CREATED) != 0 ||
		    st->end_reason == PFLOW_END_ACTIVE)
			continue;
		ck_assert_ptr_null(found); /* once only */
		found = st;
	}
	return found;
}

#endif /* PFLOW_TESTS_PF_SINK_H */
