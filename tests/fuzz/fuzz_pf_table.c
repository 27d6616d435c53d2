/* SPDX-License-Identifier: ISC */
/*
 * Saved tables through the differ. Input: 1 octet that says how many records
 * make a table, then octets of the tables, recognized by their content or, if
 * they are not, taken for each layout in turn.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/pf_differ.h"
#include "sources/pf_recognize.h"

static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	uint64_t *ends = arg;
	size_t i;

	(void)now;
	for (i = 0; i < count; i++) {
		FUZZ_CHECK(states[i].key[0].af == 4 || states[i].key[0].af == 6);
		FUZZ_CHECK(states[i].last_ns >= states[i].start_ns);
		if ((states[i].flags & PFLOW_STATE_CREATED) == 0 &&
		    states[i].end_reason != PFLOW_END_ACTIVE)
			++*ends;
	}
	*taken = count;
	return PFLOW_OK;
}

static void
give(struct pflowi_pf_differ *d, uint64_t *ends)
{
	struct pflow_now now = { 0, d->now_ns };
	unsigned budget = 1000000;

	FUZZ_CHECK(pflowi_pf_track_give(&d->track, now, &budget, take, ends) ==
	    PFLOW_OK);
}

static void
run(const struct pflowi_pf_format *f, const uint8_t *p, size_t len,
    size_t per_table)
{
	size_t size = pflowi_pf_layout_info(f->layout)->size, n = 0;
	uint64_t now_ns = UINT64_C(1700000000000000000), ends = 0;
	struct pflowi_pf_config cfg;
	struct pflowi_pf_differ *d;
	struct pflowi_pf_ifmap map;

	memset(&cfg, 0, sizeof(cfg));
	pflowi_pf_ifmap_init(&map);
	cfg.memory_limit = PFLOWI_PF_DIFFER_MEMORY_MIN;
	cfg.active_ns = UINT64_C(60000000000);
	cfg.nat_events = true;
	cfg.ifmap = &map;
	FUZZ_CHECK(pflowi_pf_differ_new(&cfg, &d) == PFLOW_OK);
	for (; len >= size; p += size, len -= size, n++) {
		struct pflowi_pf_raw raw;

		if (n % per_table == 0) {
			while (n > 0 && !pflowi_pf_differ_end(d))
				give(d, &ends);
			now_ns += UINT64_C(40000000000);
			pflowi_pf_differ_begin(d, now_ns);
		}
		pflowi_pf_unpack(f->layout, f->order, p, &raw);
		while (!pflowi_pf_differ_ready(d))
			give(d, &ends);
		pflowi_pf_differ_state(d, &raw);
	}
	while (!pflowi_pf_differ_flush(d))
		give(d, &ends);
	give(d, &ends);
	FUZZ_CHECK(d->tally.states == ends);
	FUZZ_CHECK(d->track.pool.in_use == 0);
	pflowi_pf_differ_free(d);
	pflowi_pf_ifmap_fini(&map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pflowi_pf_format f;
	size_t per_table;
	char err[300];
	unsigned i;

	if (size < 1)
		return 0;
	per_table = data[0] == 0 ? 1 : data[0];
	data++;
	size--;
	if (pflowi_pf_recognize(data, size, size, &f, err, sizeof(err)) ==
	    PFLOW_OK && !f.text) {
		run(&f, data, size, per_table);
		return 0;
	}
	for (i = 0; i < PFLOWI_PF_LAYOUT_COUNT; i++) {
		f.layout = (enum pflowi_pf_layout_id)i;
		f.order = i % 2 == 0 ? PFLOWI_PF_LITTLE : PFLOWI_PF_BIG;
		run(&f, data, size, per_table);
	}
	return 0;
}
