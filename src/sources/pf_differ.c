/* SPDX-License-Identifier: ISC */
#include "sources/pf_differ.h"

#include <stdlib.h>
#include <string.h>

#include "core/time.h"

/** All on one list, in the order they were last seen. */
#define SEEN 0u

/** States that one call ends at most: they are in the cache when given out. */
#define STEPS 512u

int
pflowi_pf_differ_new(const struct pflowi_pf_config *cfg,
    struct pflowi_pf_differ **out)
{
	struct pflowi_pf_differ *d;

	*out = NULL;
	if (cfg->memory_limit < PFLOWI_PF_DIFFER_MEMORY_MIN)
		return PFLOW_ERR_RANGE;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return PFLOW_ERR_NOMEM;
	if (!pflowi_pf_track_init(&d->track, cfg->memory_limit, cfg->key)) {
		free(d);
		return PFLOW_ERR_NOMEM;
	}
	d->ifmap = cfg->ifmap;
	d->active_ns = cfg->active_ns;
	d->nat_events = cfg->nat_events;
	*out = d;
	return PFLOW_OK;
}

void
pflowi_pf_differ_free(struct pflowi_pf_differ *d)
{
	if (d == NULL)
		return;
	pflowi_pf_track_fini(&d->track);
	free(d);
}

void
pflowi_pf_differ_begin(struct pflowi_pf_differ *d, uint64_t now_ns)
{
	d->pass++;
	if (now_ns > d->now_ns)
		d->now_ns = now_ns;
}

static void
end_now(struct pflowi_pf_differ *d, uint32_t i, uint8_t reason)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&d->track, i);

	e->st.end_reason = reason;
	/* Of the last table nothing is known but what stands in it. */
	if (reason != PFLOW_END_FORCED)
		e->st.flags |= PFLOW_STATE_PARTIAL;
	pflowi_pf_track_end(&d->track, i);
}

bool
pflowi_pf_differ_ready(struct pflowi_pf_differ *d)
{
	return pflowi_pf_track_reserve(&d->track, 1) ||
	    !pflowi_pf_track_waiting(&d->track);
}

/**
 * What tells one state from another: its id and creator, or, where the table
 * does not say, its keys.
 */
static void
set_identity(const struct pflowi_pf_differ *d, const struct pflowi_pf_raw *raw,
    struct pflow_state *st)
{
	uint64_t words[10], mix;
	size_t i;

	if (!raw->anonymous)
		return;
	memcpy(words, st->key, sizeof(words));
	st->flow_id = st->protocol | (uint64_t)st->direction << 8;
	for (i = 0; i < PFLOWI_ARRAY_LEN(words); i++) {
		mix = pflowi_pf_hash(d->track.index.key, st->flow_id, words[i]);
		st->flow_id = mix << 32 |
		    pflowi_pf_hash(d->track.index.key, ~st->flow_id, words[i]);
	}
}

static void
learn(struct pflowi_pf_differ *d, uint32_t hash,
    const struct pflowi_pf_raw *raw, struct pflow_state *st)
{
	struct pflowi_pf_entry *e;
	uint32_t i;
	bool known;

	known = pflowi_pf_ifmap_apply(d->ifmap, raw->ifname, raw->orig_ifname,
	    st);
	i = pflowi_pf_track_add(&d->track, hash, st);
	if (i == 0) {
		d->tally.unfollowed++;
		return;
	}
	e = pflowi_pf_entry_at(&d->track, i);
	memcpy(e->seen, st->packets, sizeof(st->packets));
	memcpy(e->seen + 2, st->octets, sizeof(st->octets));
	e->reported_ns = d->now_ns;
	e->group = d->pass;
	pflowi_pf_track_touch(&d->track, i, SEEN, d->now_ns);
	d->tally.states++;
	d->tally.unknown_interfaces += !known;
	if ((st->flags & PFLOW_STATE_EXPORT) == 0)
		d->tally.unmarked_states++;
	if (d->nat_events && (st->flags & PFLOW_STATE_TRANSLATED) != 0)
		pflowi_pf_track_tell(&d->track, i, PFLOWI_PF_TELL_CREATED);
}

/** The same state, gone on? Or another one under the same id. */
static bool
goes_on(const struct pflowi_pf_entry *e, const struct pflow_state *st)
{
	return memcmp(e->st.key, st->key, sizeof(st->key)) == 0 &&
	    e->st.protocol == st->protocol &&
	    st->packets[0] >= e->seen[0] && st->packets[1] >= e->seen[1] &&
	    st->octets[0] >= e->seen[2] && st->octets[1] >= e->seen[3];
}

static void
refresh(struct pflowi_pf_differ *d, uint32_t i, const struct pflow_state *st)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&d->track, i);
	uint64_t now[4];

	memcpy(now, st->packets, sizeof(st->packets));
	memcpy(now + 2, st->octets, sizeof(st->octets));
	pflowi_pf_entry_count(e, e->seen, now);
	memcpy(e->seen, now, sizeof(now));
	if (st->last_ns > e->st.last_ns)
		e->st.last_ns = st->last_ns;
	e->st.flags |= st->flags & PFLOW_STATE_EXPORT;
	e->group = d->pass;
	pflowi_pf_track_touch(&d->track, i, SEEN, d->now_ns);
	d->tally.refreshes++;
	if (d->active_ns == 0 || d->now_ns - e->reported_ns < d->active_ns ||
	    (e->st.octets[0] | e->st.octets[1]) == 0)
		return;
	e->reported_ns = d->now_ns;
	pflowi_pf_track_tell(&d->track, i, PFLOWI_PF_TELL_ACTIVE);
}

void
pflowi_pf_differ_state(struct pflowi_pf_differ *d,
    const struct pflowi_pf_raw *raw)
{
	enum pflowi_pf_verdict verdict;
	struct pflow_state st;
	uint32_t hash, i;

	d->tally.records++;
	verdict = pflowi_pf_state(raw, d->now_ns, &st);
	if (verdict != PFLOWI_PF_GOOD) {
		d->tally.rejects[verdict]++;
		return;
	}
	set_identity(d, raw, &st);
	hash = pflowi_pf_index_hash(&d->track.index, st.flow_id, st.creator_id);
	i = pflowi_pf_track_find(&d->track, hash, st.flow_id, st.creator_id);
	if (i != 0 && pflowi_pf_entry_at(&d->track, i)->group == d->pass) {
		d->tally.duplicates++;
		return;
	}
	if (i != 0 && goes_on(pflowi_pf_entry_at(&d->track, i), &st)) {
		refresh(d, i, &st);
		return;
	}
	if (i != 0) {
		d->tally.restarted_states++;
		end_now(d, i, PFLOW_END_DETECTED);
	}
	learn(d, hash, raw, &st);
}

/** What this pass did not touch is no more. */
static bool
end_if_absent(void *arg, uint32_t i)
{
	struct pflowi_pf_differ *d = arg;

	if (pflowi_pf_entry_at(&d->track, i)->group == d->pass)
		return false;
	d->tally.ended_by_absence++;
	end_now(d, i, PFLOW_END_DETECTED);
	return true;
}

bool
pflowi_pf_differ_end(struct pflowi_pf_differ *d)
{
	unsigned steps = STEPS;

	if (!pflowi_pf_track_sweep(&d->track, SEEN, &steps, end_if_absent, d))
		return false;
	d->tally.tables++;
	return true;
}

static bool
end_by_flush(void *arg, uint32_t i)
{
	struct pflowi_pf_differ *d = arg;

	d->tally.ended_by_flush++;
	end_now(d, i, PFLOW_END_FORCED);
	return true;
}

bool
pflowi_pf_differ_flush(struct pflowi_pf_differ *d)
{
	unsigned steps = STEPS;

	pflowi_pf_track_close(&d->track);
	return pflowi_pf_track_sweep(&d->track, SEEN, &steps, end_by_flush, d);
}

void
pflowi_pf_differ_tell(const struct pflowi_pf_differ_tally *tally,
    pflow_counter_fn *fn, void *arg)
{
#define TELL(name, kind, help)                                                 \
	pflowi_pf_tell(fn, arg, #name, help, tally->name, PFLOW_COUNTER_##kind);
	PFLOWI_PF_DIFFER_TALLY(TELL)
#undef TELL
#define TELL(name, help)                                                       \
	pflowi_pf_tell(fn, arg, #name, help, tally->rejects[PFLOWI_PF_##name],           \
	    PFLOW_COUNTER_DROP);
	PFLOWI_PF_REJECTS(TELL)
#undef TELL
}

void
pflowi_pf_differ_counters(const struct pflowi_pf_differ *d,
    pflow_counter_fn *fn, void *arg)
{
	struct pflowi_pf_differ_tally tally = d->tally;

	tally.states_given = d->track.ends_given;
	tally.reports_given = d->track.reports_given;
	tally.creates_given = d->track.creates_given;
	tally.states_tracked = d->track.pool.in_use;
	pflowi_pf_differ_tell(&tally, fn, arg);
}
