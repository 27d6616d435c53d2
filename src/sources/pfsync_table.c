/* SPDX-License-Identifier: ISC */
#include "sources/pfsync_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pfsync_memory.h"

/** States that one call ends at most: they are in the cache when given out. */
#define STEPS 512u

/** A power of 2, so that many states end in one go. */
#define GRAIN_NS (UINT64_C(1) << 27)

/** The list of those that linger; the others are lists by lifetime. */
#define LINGER 0u

/** Memory from which on many graves are worth their octets. */
#define GRAVES_MANY_FROM ((size_t)32 << 20)
#define GRAVES_MANY (1u << 15)
#define GRAVES_FEW (1u << 10)

int
pflowi_pfsync_table_new(const struct pflowi_pf_config *cfg,
    struct pflowi_pfsync_table **out)
{
	struct pflowi_pfsync_table *t;
	uint32_t graves = cfg->memory_limit < GRAVES_MANY_FROM ? GRAVES_FEW
							       : GRAVES_MANY;

	*out = NULL;
	if (cfg->memory_limit < PFLOWI_PFSYNC_MEMORY_MIN)
		return PFLOW_ERR_RANGE;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return PFLOW_ERR_NOMEM;
	if (!pflowi_pf_track_init(&t->track, cfg->memory_limit, cfg->key)) {
		free(t);
		return PFLOW_ERR_NOMEM;
	}
	pflowi_pf_pool_init(&t->groups, sizeof(struct pflowi_pfsync_group),
	    &t->track.budget);
	pflowi_pf_pool_init(&t->shares, sizeof(struct pflowi_pfsync_share),
	    &t->track.budget);
	t->grave_mask = graves - 1;
	t->graves = calloc(graves, sizeof(*t->graves));
	t->ifmap = cfg->ifmap;
	t->active_ns = cfg->active_ns;
	t->nat_events = cfg->nat_events;
	t->due_ns = PFLOW_NEVER;
	if (t->graves == NULL ||
	    !pflowi_pf_budget_take(&t->track.budget, graves * sizeof(*t->graves)) ||
	    !pflowi_pf_index_init(&t->group_index, cfg->key, &t->track.budget) ||
	    !pflowi_pfsync_table_ready(t)) {
		pflowi_pfsync_table_free(t);
		return PFLOW_ERR_NOMEM;
	}
	*out = t;
	return PFLOW_OK;
}

void
pflowi_pfsync_table_free(struct pflowi_pfsync_table *t)
{
	if (t == NULL)
		return;
	pflowi_pf_pool_fini(&t->groups);
	pflowi_pf_pool_fini(&t->shares);
	pflowi_pf_index_fini(&t->group_index);
	pflowi_pf_track_fini(&t->track);
	free(t->graves);
	free(t);
}

/**
 * Seconds that list n stands for: 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 ... to
 * 2^33, so that a lifetime is rounded up by less than a quarter.
 */
static uint64_t
list_s(unsigned n)
{
	unsigned c = n - 1;

	return n == LINGER ? PFLOWI_PFSYNC_LINGER_S
			   : (UINT64_C(4) + c % 4) << c / 4;
}

static uint8_t
list_of(uint64_t seconds)
{
	uint64_t high = seconds - 1;
	unsigned doublings = 0;

	if (seconds <= 4)
		return 1;
	/* Leaves 4 to 7: the quarter below, of which the next one is taken. */
	for (; high >= 128; high >>= 4)
		doublings += 4;
	for (; high >= 8; high >>= 1)
		doublings++;
	if (4 * doublings + high - 2 >= PFLOWI_PF_LISTS)
		return PFLOWI_PF_LISTS - 1;
	return (uint8_t)(4 * doublings + high - 2);
}

/** Ends wait up to an eighth of a second longer, for each other. */
static uint64_t
together(uint64_t due_ns)
{
	return due_ns > PFLOW_NEVER - GRAIN_NS ? due_ns
					       : due_ns | (GRAIN_NS - 1);
}

static void
touch(struct pflowi_pfsync_table *t, uint32_t i, uint8_t list)
{
	uint64_t due = together(pflowi_time_add(t->now_ns,
	    list_s(list) * PFLOWI_NS_PER_SEC));

	pflowi_pf_track_touch(&t->track, i, list, t->now_ns);
	if (due < t->due_ns)
		t->due_ns = due;
}

void
pflowi_pfsync_live(struct pflowi_pfsync_table *t, uint32_t i, uint64_t seconds)
{
	touch(t, i, list_of(seconds));
}

static void
count_end(struct pflowi_pfsync_table *t, uint8_t reason, bool cleared)
{
	if (cleared)
		t->tally.ended_by_clear++;
	else if (reason == PFLOW_END_DETECTED)
		t->tally.ended_by_delete++;
	else if (reason == PFLOW_END_IDLE)
		t->tally.ended_by_timeout++;
	else if (reason == PFLOW_END_RESOURCES)
		t->tally.ended_by_memory++;
	else
		t->tally.ended_by_flush++;
}

void
pflowi_pfsync_linger(struct pflowi_pfsync_table *t, uint32_t i, uint8_t reason,
    uint64_t at_ns)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&t->track, i);

	if ((e->flags & PFLOWI_PF_ENDED) != 0)
		return;
	count_end(t, reason, reason == PFLOW_END_FORCED);
	e->flags |= PFLOWI_PF_ENDED;
	e->st.end_reason = reason;
	/* Nothing after its beginning was seen: it ended when we were told. */
	if (e->st.last_ns <= e->st.start_ns && at_ns > e->st.start_ns)
		e->st.last_ns = at_ns;
	pflowi_pfsync_group_leave(t, i);
	touch(t, i, LINGER);
}

/** Off to the sink. */
static void
end_now(struct pflowi_pfsync_table *t, uint32_t i, uint8_t reason)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&t->track, i);

	if ((e->flags & PFLOWI_PF_ENDED) == 0) {
		bool cleared = pflowi_pfsync_group_is_cleared(t, e);

		if (cleared)
			reason = PFLOW_END_FORCED;
		count_end(t, reason, cleared);
		e->st.end_reason = reason;
	}
	if ((e->flags & PFLOWI_PF_FINAL) != 0 && e->others == 0)
		e->st.flags &= ~PFLOW_STATE_PARTIAL;
	pflowi_pfsync_group_leave(t, i);
	pflowi_pfsync_share_forget(t, e);
	pflowi_pfsync_bury(t, e->hash, e->st.flow_id, e->st.creator_id,
	    PFLOWI_PFSYNC_EXPORTED);
	pflowi_pf_track_end(&t->track, i);
}

bool
pflowi_pfsync_table_ready(struct pflowi_pfsync_table *t)
{
	unsigned n;

	/* Without room for these two a state is followed all the same. */
	(void)pflowi_pf_pool_reserve(&t->groups, PFLOWI_PFSYNC_BURST + 1);
	(void)pflowi_pf_pool_reserve(&t->shares, PFLOWI_PFSYNC_BURST);
	if (pflowi_pf_track_reserve(&t->track, PFLOWI_PFSYNC_BURST))
		return true;
	if (pflowi_pf_track_waiting(&t->track))
		return false;
	for (n = 0; n < PFLOWI_PFSYNC_BURST; n++) {
		uint32_t i = pflowi_pf_track_first(&t->track, LINGER);

		if (i == 0)
			i = pflowi_pf_track_oldest(&t->track);
		if (i == 0)
			break;
		end_now(t, i, PFLOW_END_RESOURCES);
	}
	return false;
}

static void
set_sender(struct pflowi_pfsync_table *t, const uint8_t *sender)
{
	static const uint8_t nobody[16];
	uint32_t i;

	if (sender == NULL)
		sender = nobody;
	if (t->sender < t->sender_count &&
	    memcmp(t->senders[t->sender], sender, 16) == 0)
		return;
	for (i = 0; i < t->sender_count; i++)
		if (memcmp(t->senders[i], sender, 16) == 0)
			break;
	t->sender = i;
	if (i < t->sender_count)
		return;
	if (i == PFLOWI_PFSYNC_SENDERS) {
		t->sender = i - 1;
		t->tally.merged_senders++;
		return;
	}
	memcpy(t->senders[i], sender, 16);
	t->sender_count++;
}

void
pflowi_pfsync_table_packet(struct pflowi_pfsync_table *t, const uint8_t *p,
    size_t len, size_t wire, const uint8_t *sender, uint64_t now_ns)
{
	struct pflowi_pfsync_section section;
	enum pflowi_pfsync_fault fault;
	struct pflowi_pfsync it;

	if (now_ns > t->now_ns)
		t->now_ns = now_ns;
	set_sender(t, sender);
	fault = pflowi_pfsync_begin(&it, p, len, wire);
	while (fault == PFLOWI_PFSYNC_NO_FAULT &&
	    pflowi_pfsync_next(&it, &section, &fault))
		pflowi_pfsync_section(t, &section);
	if (fault != PFLOWI_PFSYNC_NO_FAULT)
		t->tally.faults[fault]++;
}

/** A list that is being worked off. */
struct expiry {
	struct pflowi_pfsync_table *t;
	uint64_t life_ns;
	uint64_t due_ns; /**< when its first member is due */
};

static bool
end_if_due(void *arg, uint32_t i)
{
	struct expiry *x = arg;
	uint64_t due = pflowi_time_add(
	    pflowi_pf_entry_at(&x->t->track, i)->active_ns, x->life_ns);

	if (due > x->t->now_ns) {
		x->due_ns = due;
		return false;
	}
	end_now(x->t, i, PFLOW_END_IDLE);
	return true;
}

/** End what is due on one list; when its first member is due. */
static uint64_t
expire_list(struct pflowi_pfsync_table *t, uint8_t list, unsigned *steps)
{
	struct expiry x = { t, list_s(list) * PFLOWI_NS_PER_SEC, PFLOW_NEVER };

	if (!pflowi_pf_track_sweep(&t->track, list, steps, end_if_due, &x))
		return t->now_ns;
	return x.due_ns;
}

bool
pflowi_pfsync_table_advance(struct pflowi_pfsync_table *t, uint64_t now_ns)
{
	unsigned steps = STEPS, list;
	uint64_t due = PFLOW_NEVER;
	uint32_t i;

	if (now_ns > t->now_ns)
		t->now_ns = now_ns;
	while (steps > 0 && (i = pflowi_pfsync_group_cleared(t)) != 0) {
		steps--;
		pflowi_pfsync_linger(t, i, PFLOW_END_FORCED, t->now_ns);
	}
	if (t->now_ns < t->due_ns)
		return steps > 0;
	for (list = 0; list < PFLOWI_PF_LISTS; list++) {
		if (t->track.occupied[list / 64] == 0)
			list |= 63;
		else
			due = pflowi_min_u64(due,
			    expire_list(t, (uint8_t)list, &steps));
	}
	/* What is due already and was left for lack of steps does not wait. */
	t->due_ns = due > t->now_ns ? together(due) : due;
	return steps > 0;
}

uint64_t
pflowi_pfsync_table_due(const struct pflowi_pfsync_table *t)
{
	return t->cleared_first != 0 ? 0 : t->due_ns;
}

uint64_t
pflowi_pfsync_table_now(const struct pflowi_pfsync_table *t)
{
	return t->now_ns;
}

static bool
end_by_flush(void *arg, uint32_t i)
{
	end_now(arg, i, PFLOW_END_FORCED);
	return true;
}

bool
pflowi_pfsync_table_flush(struct pflowi_pfsync_table *t)
{
	unsigned steps = STEPS, list;

	pflowi_pf_track_close(&t->track);
	for (list = 0; list < PFLOWI_PF_LISTS; list++)
		if (!pflowi_pf_track_sweep(&t->track, (uint8_t)list, &steps,
		    end_by_flush, t))
			return false;
	return true;
}

int
pflowi_pfsync_table_give(struct pflowi_pfsync_table *t, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg)
{
	return pflowi_pf_track_give(&t->track, now, budget, sink, arg);
}

bool
pflowi_pfsync_table_waiting(const struct pflowi_pfsync_table *t)
{
	return pflowi_pf_track_waiting(&t->track);
}

const struct pflowi_pfsync_tally *
pflowi_pfsync_table_tally(struct pflowi_pfsync_table *t)
{
	t->tally.states_given = t->track.ends_given;
	t->tally.reports_given = t->track.reports_given;
	t->tally.creates_given = t->track.creates_given;
	t->tally.states_tracked = t->track.pool.in_use;
	return &t->tally;
}

void
pflowi_pfsync_table_counters(const struct pflowi_pfsync_table *t,
    pflow_counter_fn *fn, void *arg)
{
	struct pflowi_pfsync_tally tally = t->tally;

	tally.states_given = t->track.ends_given;
	tally.reports_given = t->track.reports_given;
	tally.creates_given = t->track.creates_given;
	tally.states_tracked = t->track.pool.in_use;
#define TELL(name, kind, help)                                                 \
	pflowi_pf_tell(fn, arg, #name, help, tally.name, PFLOW_COUNTER_##kind);
	PFLOWI_PFSYNC_TALLY(TELL)
#undef TELL
#define TELL(name, help)                                                       \
	pflowi_pf_tell(fn, arg, #name, help, tally.rejects[PFLOWI_PF_##name],            \
	    PFLOW_COUNTER_DROP);
	PFLOWI_PF_REJECTS(TELL)
#undef TELL
#define TELL(name, help)                                                       \
	pflowi_pf_tell(fn, arg, #name, help, tally.faults[PFLOWI_PFSYNC_##name],         \
	    PFLOW_COUNTER_DROP);
	PFLOWI_PFSYNC_FAULTS(TELL)
#undef TELL
}
