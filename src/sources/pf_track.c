/* SPDX-License-Identifier: ISC */
#include "sources/pf_track.h"

#include <string.h>

#include "core/time.h"
#include "sources/pf_state.h"

PFLOW_STATIC_ASSERT(sizeof(struct pflowi_pf_entry) +
	sizeof(struct pflowi_pf_slot) * 8 / 3 <= 320,
    "a followed state takes more octets than promised");

/** Entries that a scout is ahead of its sweep. */
#define LEAD 8u

bool
pflowi_pf_track_init(struct pflowi_pf_track *t, size_t limit,
    const uint64_t key[2])
{
	memset(t, 0, sizeof(*t));
	t->budget.limit = limit;
	pflowi_pf_pool_init(&t->pool, sizeof(struct pflowi_pf_entry),
	    &t->budget);
	return pflowi_pf_index_init(&t->index, key, &t->budget);
}

void
pflowi_pf_track_fini(struct pflowi_pf_track *t)
{
	pflowi_pf_index_fini(&t->index);
	pflowi_pf_pool_fini(&t->pool);
}

static bool
is_state(const void *arg, uint32_t item, uint64_t id, uint32_t creatorid)
{
	const struct pflowi_pf_entry *e = pflowi_pf_entry_at(arg, item);

	return e->st.flow_id == id && e->st.creator_id == creatorid;
}

uint32_t
pflowi_pf_track_find(const struct pflowi_pf_track *t, uint32_t hash,
    uint64_t id, uint32_t creatorid)
{
	return pflowi_pf_index_find(&t->index, hash, id, creatorid, is_state, t);
}

/** A whole entry: five lines of most caches. */
static void
fetch_entry(const struct pflowi_pf_track *t, uint32_t i)
{
	const char *p = (const char *)pflowi_pf_entry_at(t, i);
	size_t at;

	for (at = 0; at < sizeof(struct pflowi_pf_entry); at += 64)
		PFLOWI_PREFETCH(p + at);
}

void
pflowi_pf_track_prefetch(const struct pflowi_pf_track *t, uint32_t hash)
{
	uint32_t i = pflowi_pf_index_likely(&t->index, hash);

	if (i != 0)
		fetch_entry(t, i);
}

bool
pflowi_pf_track_reserve(struct pflowi_pf_track *t, uint32_t entries)
{
	return pflowi_pf_index_reserve(&t->index, entries) &&
	    pflowi_pf_pool_reserve(&t->pool, entries);
}

uint32_t
pflowi_pf_track_add(struct pflowi_pf_track *t, uint32_t hash,
    const struct pflow_state *st)
{
	struct pflowi_pf_entry *e;
	uint32_t i;

	if (!pflowi_pf_index_reserve(&t->index, 1))
		return 0;
	i = pflowi_pf_pool_new(&t->pool);
	if (i == 0)
		return 0;
	e = pflowi_pf_entry_at(t, i);
	e->st = *st;
	e->hash = hash;
	pflowi_pf_index_add(&t->index, hash, i);
	t->learned++;
	return i;
}

static void
unlist(struct pflowi_pf_track *t, struct pflowi_pf_entry *e)
{
	struct pflowi_pf_list *list = &t->lists[e->list];

	if ((e->flags & PFLOWI_PF_LISTED) == 0)
		return;
	if (e->prev != 0)
		pflowi_pf_entry_at(t, e->prev)->next = e->next;
	else
		list->first = e->next;
	if (e->next != 0)
		pflowi_pf_entry_at(t, e->next)->prev = e->prev;
	else
		list->last = e->prev;
	if (list->first == 0)
		t->occupied[e->list / 64] &= ~(UINT64_C(1) << e->list % 64);
	e->flags &= (uint8_t)~PFLOWI_PF_LISTED;
}

void
pflowi_pf_track_touch(struct pflowi_pf_track *t, uint32_t i, uint8_t list,
    uint64_t now_ns)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(t, i);
	struct pflowi_pf_list *to = &t->lists[list];

	e->active_ns = now_ns;
	if (to->last == i)
		return;
	unlist(t, e);
	e->list = list;
	e->flags |= PFLOWI_PF_LISTED;
	e->prev = to->last;
	e->next = 0;
	if (to->last != 0)
		pflowi_pf_entry_at(t, to->last)->next = i;
	else
		to->first = i;
	to->last = i;
	t->occupied[list / 64] |= UINT64_C(1) << list % 64;
}

/** Runs ahead of a sweep and fetches what that will touch. */
struct scout {
	uint32_t at;   /**< 0: past the end */
	uint32_t lead; /**< how far it came before the first step */
};

static void
scout_ahead(const struct pflowi_pf_track *t, uint8_t list, struct scout *scout)
{
	if (scout->lead == 0)
		scout->at = t->lists[list].first;
	do {
		const struct pflowi_pf_entry *e;

		if (scout->at == 0)
			return;
		e = pflowi_pf_entry_at(t, scout->at);
		if (!t->closing)
			pflowi_pf_index_prefetch(&t->index, e->hash);
		scout->at = e->next;
		if (scout->at != 0)
			fetch_entry(t, scout->at);
	} while (scout->lead < LEAD && ++scout->lead < LEAD);
}

bool
pflowi_pf_track_sweep(struct pflowi_pf_track *t, uint8_t list, unsigned *steps,
    pflowi_pf_sweep_fn *fn, void *arg)
{
	struct scout scout = { 0, 0 };
	uint32_t i;

	while ((i = t->lists[list].first) != 0) {
		if (*steps == 0)
			return false;
		scout_ahead(t, list, &scout);
		if (!fn(arg, i))
			return true;
		--*steps;
	}
	return true;
}

uint32_t
pflowi_pf_track_oldest(const struct pflowi_pf_track *t)
{
	uint64_t oldest_ns = UINT64_MAX;
	uint32_t oldest = 0;
	unsigned list;

	for (list = 0; list < PFLOWI_PF_LISTS; list++) {
		const struct pflowi_pf_entry *e;

		if (t->occupied[list / 64] == 0) {
			list |= 63;
			continue;
		}
		if (t->lists[list].first == 0)
			continue;
		e = pflowi_pf_entry_at(t, t->lists[list].first);
		if (oldest == 0 || e->active_ns < oldest_ns) {
			oldest_ns = e->active_ns;
			oldest = t->lists[list].first;
		}
	}
	return oldest;
}

void
pflowi_pf_track_tell(struct pflowi_pf_track *t, uint32_t i, uint8_t tell)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(t, i);

	e->tell |= tell;
	if ((e->flags & PFLOWI_PF_QUEUED) != 0)
		return;
	e->flags |= PFLOWI_PF_QUEUED;
	e->queue_next = 0;
	if (t->queue_last != 0)
		pflowi_pf_entry_at(t, t->queue_last)->queue_next = i;
	else
		t->queue_first = i;
	t->queue_last = i;
}

void
pflowi_pf_track_end(struct pflowi_pf_track *t, uint32_t i)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(t, i);

	unlist(t, e);
	if (!t->closing)
		pflowi_pf_index_remove(&t->index, e->hash, i);
	e->st.present |= PFLOW_HAS_END_REASON;
	pflowi_pf_track_tell(t, i, PFLOWI_PF_TELL_END);
}

/** What is told first of what is still to be told, as one bit. */
static uint8_t
first_of(uint8_t tell)
{
	if ((tell & PFLOWI_PF_TELL_CREATED) != 0)
		return PFLOWI_PF_TELL_CREATED;
	/* An end says all that a report would. */
	return (tell & PFLOWI_PF_TELL_END) != 0 ? PFLOWI_PF_TELL_END : tell;
}

static size_t
fill_batch(struct pflowi_pf_track *t, size_t max)
{
	uint32_t i = t->queue_first;
	size_t n = 0;

	while (i != 0 && n < max) {
		const struct pflowi_pf_entry *e = pflowi_pf_entry_at(t, i);
		uint8_t tell = e->tell;

		if (e->queue_next != 0)
			PFLOWI_PREFETCH(pflowi_pf_entry_at(t, e->queue_next));
		if ((tell & PFLOWI_PF_TELL_CREATED) != 0) {
			t->batch[n] = e->st;
			pflowi_pf_make_created(&t->batch[n++]);
			tell &= (uint8_t)~PFLOWI_PF_TELL_CREATED;
		}
		if (tell != 0 && n < max) {
			t->batch[n] = e->st;
			if (first_of(tell) == PFLOWI_PF_TELL_ACTIVE) {
				t->batch[n].present |= PFLOW_HAS_END_REASON;
				t->batch[n].end_reason = PFLOW_END_ACTIVE;
			}
			n++;
		}
		i = e->queue_next;
	}
	return n;
}

/** The next report begins where this one ended. */
static void
reported(struct pflowi_pf_entry *e)
{
	memset(e->st.packets, 0, sizeof(e->st.packets));
	memset(e->st.octets, 0, sizeof(e->st.octets));
	e->st.start_ns = e->st.last_ns;
}

/** One thing was told of the first of the queue. */
static void
told(struct pflowi_pf_track *t)
{
	uint32_t i = t->queue_first;
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(t, i);
	uint8_t what = first_of(e->tell);

	e->tell &= (uint8_t)~what;
	if (what == PFLOWI_PF_TELL_CREATED) {
		t->creates_given++;
	} else if (what == PFLOWI_PF_TELL_ACTIVE) {
		t->reports_given++;
		reported(e);
	} else {
		t->ends_given++;
		e->tell = 0;
	}
	if (e->tell != 0)
		return;
	t->queue_first = e->queue_next;
	if (t->queue_first == 0)
		t->queue_last = 0;
	e->flags &= (uint8_t)~PFLOWI_PF_QUEUED;
	if (what == PFLOWI_PF_TELL_END)
		pflowi_pf_pool_release(&t->pool, i);
}

int
pflowi_pf_track_give(struct pflowi_pf_track *t, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg)
{
	while (t->queue_first != 0 && *budget > 0) {
		size_t n = PFLOWI_ARRAY_LEN(t->batch), taken = 0, i;
		int rc;

		n = fill_batch(t, n < *budget ? n : *budget);
		rc = sink(arg, t->batch, n, now, &taken);
		if (taken > n)
			taken = n;
		for (i = 0; i < taken; i++)
			told(t);
		*budget -= (unsigned)taken;
		if (rc != PFLOW_OK)
			return rc;
		if (taken < n)
			return PFLOW_ERR_AGAIN;
	}
	return PFLOW_OK;
}

PFLOWI_INLINE void
add_up(uint64_t *sum, uint64_t more)
{
	*sum = more > UINT64_MAX - *sum ? UINT64_MAX : *sum + more;
}

void
pflowi_pf_entry_count(struct pflowi_pf_entry *e, const uint64_t old[4],
    const uint64_t now[4])
{
	add_up(&e->st.packets[0], now[0] - old[0]);
	add_up(&e->st.packets[1], now[1] - old[1]);
	add_up(&e->st.octets[0], now[2] - old[2]);
	add_up(&e->st.octets[1], now[3] - old[3]);
}
