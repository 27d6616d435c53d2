/* SPDX-License-Identifier: ISC */
/*
 * Frames to pfsync's table and out again. Input: the link type (2 octets),
 * then frames: milliseconds since the last one (2), length (2), octets.
 *
 * Whatever comes: the sums hold, memory stays within its limit, and in the end
 * every state learned was given out once.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/pfsync_frame.h"
#include "sources/pfsync_memory.h"

#define LIMIT PFLOWI_PFSYNC_MEMORY_MIN

struct given {
	uint64_t ends, reports, creates;
	unsigned refuse; /**< every how many calls the sink refuses */
	unsigned calls;
};

static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	struct given *g = arg;
	size_t i;

	(void)now;
	*taken = 0;
	if (g->refuse != 0 && ++g->calls % g->refuse == 0)
		return PFLOW_ERR_AGAIN;
	for (i = 0; i < count; i++) {
		const struct pflow_state *st = &states[i];

		FUZZ_CHECK(st->key[0].af == 4 || st->key[0].af == 6);
		FUZZ_CHECK(st->key[1].af == 4 || st->key[1].af == 6);
		FUZZ_CHECK(st->direction == 1 || st->direction == 2);
		FUZZ_CHECK(st->last_ns >= st->start_ns);
		FUZZ_CHECK((st->flags & PFLOW_STATE_SYNCED) != 0);
		if ((st->flags & PFLOW_STATE_CREATED) != 0)
			g->creates++;
		else if (st->end_reason == PFLOW_END_ACTIVE)
			g->reports++;
		else
			g->ends++;
	}
	*taken = count;
	return PFLOW_OK;
}

static void
give(struct pflowi_pfsync_table *t, struct given *g)
{
	struct pflow_now now = { 0, pflowi_pfsync_table_now(t) };

	while (pflowi_pfsync_table_waiting(t)) {
		unsigned budget = 1000;
		int rc = pflowi_pfsync_table_give(t, now, &budget, take, g);

		FUZZ_CHECK(rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN);
	}
}

static void
check(struct pflowi_pfsync_table *t, const struct given *g)
{
	const struct pflowi_pfsync_tally *tally = pflowi_pfsync_table_tally(t);
	uint64_t rejects = 0;
	size_t i;

	for (i = 0; i < PFLOWI_PF_VERDICT_COUNT; i++)
		rejects += tally->rejects[i];
	FUZZ_CHECK(tally->full_states == tally->states + tally->refreshes +
	    tally->late_states + rejects);
	FUZZ_CHECK(tally->states == tally->states_given +
	    tally->states_tracked);
	FUZZ_CHECK(tally->states_given == g->ends);
	FUZZ_CHECK(tally->reports_given == g->reports);
	FUZZ_CHECK(tally->creates_given == g->creates);
	FUZZ_CHECK(t->track.budget.used <= LIMIT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint32_t link = (uint32_t)fuzz_uint(&in, 2);
	struct pflowi_pf_ifmap map;
	struct pflowi_pf_config cfg;
	struct pflowi_pfsync_table *t;
	struct given g = { 0, 0, 0, 0, 0 };
	uint64_t now_ns = UINT64_C(1700000000000000000);

	memset(&cfg, 0, sizeof(cfg));
	pflowi_pf_ifmap_init(&map);
	cfg.memory_limit = LIMIT;
	cfg.active_ns = (link & 1) != 0 ? UINT64_C(60000000000) : 0;
	cfg.nat_events = (link & 4) != 0;
	cfg.ifmap = &map;
	g.refuse = (link & 2) != 0 ? 3 : 0;
	FUZZ_CHECK(pflowi_pfsync_table_new(&cfg, &t) == PFLOW_OK);
	while (in.left > 0) {
		struct pflowi_pfsync_payload payload;
		size_t len;

		now_ns += fuzz_uint(&in, 2) * 1000000;
		len = (size_t)fuzz_uint(&in, 2);
		if (len > in.left)
			len = in.left;
		while (!pflowi_pfsync_table_ready(t))
			give(t, &g);
		if (pflowi_pfsync_frame(link, in.data, len, len, &payload) ==
		    PFLOWI_PFSYNC_FRAME_GOOD)
			pflowi_pfsync_table_packet(t, payload.p, payload.len,
			    payload.wire, payload.sender, now_ns);
		(void)pflowi_pfsync_table_advance(t, now_ns);
		in.data += len;
		in.left -= len;
		give(t, &g);
		check(t, &g);
	}
	while (!pflowi_pfsync_table_flush(t))
		give(t, &g);
	give(t, &g);
	check(t, &g);
	FUZZ_CHECK(pflowi_pfsync_table_tally(t)->states_tracked == 0);
	FUZZ_CHECK(t->groups.in_use == 0 || t->cleared_first != 0);
	FUZZ_CHECK(t->shares.in_use == 0);
	pflowi_pfsync_table_free(t);
	pflowi_pf_ifmap_fini(&map);
	return 0;
}
