/* SPDX-License-Identifier: ISC */
#include "sources/pfsync_memory.h"

#include <string.h>

#include "core/time.h"

static struct pflowi_pfsync_group *
group_at(const struct pflowi_pfsync_table *t, uint32_t g)
{
	return pflowi_pf_pool_at(&t->groups, g);
}

static bool
is_named(const struct pflowi_pfsync_group *g, uint32_t creatorid,
    const char *ifname)
{
	return g->creatorid == creatorid &&
	    memcmp(g->ifname, ifname, sizeof(g->ifname)) == 0;
}

/** What is looked for. */
struct wanted {
	const struct pflowi_pfsync_table *t;
	const char *ifname;
};

static bool
is_group(const void *arg, uint32_t item, uint64_t id, uint32_t creatorid)
{
	const struct wanted *w = arg;

	(void)id;
	return is_named(group_at(w->t, item), creatorid, w->ifname);
}

static uint32_t
group_hash(const struct pflowi_pfsync_table *t, uint32_t creatorid,
    const char *ifname)
{
	uint64_t words[2];

	memcpy(words, ifname, sizeof(words));
	return pflowi_pf_hash(t->group_index.key, words[0] ^ creatorid,
	    words[1]);
}

static uint32_t
group_find(const struct pflowi_pfsync_table *t, uint32_t hash,
    uint32_t creatorid, const char *ifname)
{
	struct wanted w = { t, ifname };

	return pflowi_pf_index_find(&t->group_index, hash, 0, creatorid,
	    is_group, &w);
}

static uint32_t
group_new(struct pflowi_pfsync_table *t, uint32_t hash, uint32_t creatorid,
    const char *ifname)
{
	struct pflowi_pfsync_group *g;
	uint32_t n;

	if (!pflowi_pf_index_reserve(&t->group_index, 1))
		return 0;
	n = pflowi_pf_pool_new(&t->groups);
	if (n == 0)
		return 0;
	g = group_at(t, n);
	g->hash = hash;
	g->creatorid = creatorid;
	memcpy(g->ifname, ifname, sizeof(g->ifname));
	pflowi_pf_index_add(&t->group_index, hash, n);
	return n;
}

/** Out of the index, and of its creator's list: nobody joins it any more. */
static void
group_cut(struct pflowi_pfsync_table *t, uint32_t n)
{
	struct pflowi_pfsync_group *g = group_at(t, n);

	if (t->recent_group == n)
		t->recent_group = 0;
	pflowi_pf_index_remove(&t->group_index, g->hash, n);
	if (g->head == n)
		return;
	if (g->prev != 0)
		group_at(t, g->prev)->next = g->next;
	else
		group_at(t, g->head)->members = g->next;
	if (g->next != 0)
		group_at(t, g->next)->prev = g->prev;
}

/** A group that nobody needs goes, and its head after it. */
static void
group_drop(struct pflowi_pfsync_table *t, uint32_t n)
{
	struct pflowi_pfsync_group *g = group_at(t, n);
	uint32_t head = g->head;

	if (g->count != 0 || g->members != 0 || g->cleared != 0)
		return;
	group_cut(t, n);
	pflowi_pf_pool_release(&t->groups, n);
	if (head != n)
		group_drop(t, head); /* a head has no head: two steps at most */
}

/** The group; made if it is not there; 0: no memory. */
static uint32_t
group_get(struct pflowi_pfsync_table *t, uint32_t creatorid,
    const char *ifname)
{
	static const char nameless[PFLOWI_PF_IFNAME_LEN];
	uint32_t hash = group_hash(t, creatorid, ifname), head, n;
	struct pflowi_pfsync_group *g;

	n = group_find(t, hash, creatorid, ifname);
	if (n != 0)
		return n;
	if (ifname[0] == '\0') {
		n = group_new(t, hash, creatorid, ifname);
		if (n != 0)
			group_at(t, n)->head = n;
		return n;
	}
	head = group_get(t, creatorid, nameless);
	if (head == 0)
		return 0;
	n = group_new(t, hash, creatorid, ifname);
	if (n == 0) {
		group_drop(t, head);
		return 0;
	}
	g = group_at(t, n);
	g->head = head;
	g->next = group_at(t, head)->members;
	if (g->next != 0)
		group_at(t, g->next)->prev = n;
	group_at(t, head)->members = n;
	return n;
}

void
pflowi_pfsync_group_join(struct pflowi_pfsync_table *t, uint32_t i,
    const char ifname[PFLOWI_PF_IFNAME_LEN])
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&t->track, i);
	struct pflowi_pfsync_group *g;
	uint32_t n = t->recent_group;

	/* Most states are of the interface of the one before. */
	if (n == 0 || !is_named(group_at(t, n), e->st.creator_id, ifname))
		n = group_get(t, e->st.creator_id, ifname);
	t->recent_group = n;
	e->group = n;
	if (n == 0) {
		t->tally.ungrouped_states++;
		return;
	}
	g = group_at(t, n);
	e->group_prev = 0;
	e->group_next = g->first;
	if (g->first != 0)
		pflowi_pf_entry_at(&t->track, g->first)->group_prev = i;
	g->first = i;
	g->count++;
}

void
pflowi_pfsync_group_leave(struct pflowi_pfsync_table *t, uint32_t i)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&t->track, i);
	struct pflowi_pfsync_group *g;
	uint32_t n = e->group;

	if (n == 0)
		return;
	g = group_at(t, n);
	if (e->group_prev != 0)
		pflowi_pf_entry_at(&t->track, e->group_prev)->group_next =
		    e->group_next;
	else
		g->first = e->group_next;
	if (e->group_next != 0)
		pflowi_pf_entry_at(&t->track, e->group_next)->group_prev =
		    e->group_prev;
	e->group = 0;
	g->count--;
	group_drop(t, n);
}

static void
clear_group(struct pflowi_pfsync_table *t, uint32_t n)
{
	struct pflowi_pfsync_group *g = group_at(t, n);

	group_cut(t, n);
	g->cleared = 1;
	g->cleared_ns = t->now_ns;
	g->cleared_next = 0;
	if (t->cleared_last != 0)
		group_at(t, t->cleared_last)->cleared_next = n;
	else
		t->cleared_first = n;
	t->cleared_last = n;
}

void
pflowi_pfsync_group_clear(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_clr *clr)
{
	uint32_t n = group_find(t, group_hash(t, clr->creatorid, clr->ifname),
	    clr->creatorid, clr->ifname);
	uint32_t head;

	if (n == 0)
		return;
	head = group_at(t, n)->head;
	if (head == n)
		while (group_at(t, head)->members != 0)
			clear_group(t, group_at(t, head)->members);
	if (group_at(t, n)->count != 0)
		clear_group(t, n);
	else
		group_drop(t, n);
	if (head != n)
		group_drop(t, head);
}

uint32_t
pflowi_pfsync_group_cleared(struct pflowi_pfsync_table *t)
{
	while (t->cleared_first != 0) {
		uint32_t n = t->cleared_first;
		struct pflowi_pfsync_group *g = group_at(t, n);

		if (g->first != 0)
			return g->first;
		t->cleared_first = g->cleared_next;
		if (t->cleared_first == 0)
			t->cleared_last = 0;
		pflowi_pf_pool_release(&t->groups, n);
	}
	return 0;
}

bool
pflowi_pfsync_group_is_cleared(const struct pflowi_pfsync_table *t,
    const struct pflowi_pf_entry *e)
{
	return e->group != 0 && group_at(t, e->group)->cleared != 0;
}

static struct pflowi_pfsync_share *
share_at(const struct pflowi_pfsync_table *t, uint32_t n)
{
	return pflowi_pf_pool_at(&t->shares, n);
}

/** Where the counters of this sender are; NULL: no memory. */
static uint64_t *
share_of(struct pflowi_pfsync_table *t, struct pflowi_pf_entry *e)
{
	struct pflowi_pfsync_share *s;
	uint32_t n;

	if (e->sender == t->sender)
		return e->seen;
	for (n = e->others; n != 0; n = s->next) {
		s = share_at(t, n);
		if (s->sender == t->sender)
			return s->seen;
	}
	n = pflowi_pf_pool_new(&t->shares);
	if (n == 0)
		return NULL;
	s = share_at(t, n);
	s->sender = t->sender;
	s->next = e->others;
	e->others = n;
	return s->seen;
}

void
pflowi_pfsync_share_count(struct pflowi_pfsync_table *t,
    struct pflowi_pf_entry *e, const uint64_t now[4])
{
	uint64_t *seen = share_of(t, e);
	size_t i;

	if (seen == NULL) {
		t->tally.unshared_counters++;
		return;
	}
	for (i = 0; i < 4; i++) {
		if (now[i] < seen[i]) {
			t->tally.stale_counters++;
			return;
		}
	}
	pflowi_pf_entry_count(e, seen, now);
	memcpy(seen, now, 4 * sizeof(*seen));
}

void
pflowi_pfsync_share_forget(struct pflowi_pfsync_table *t,
    struct pflowi_pf_entry *e)
{
	while (e->others != 0) {
		uint32_t n = e->others;

		e->others = share_at(t, n)->next;
		pflowi_pf_pool_release(&t->shares, n);
	}
}

void
pflowi_pfsync_bury(struct pflowi_pfsync_table *t, uint32_t hash, uint64_t id,
    uint32_t creatorid, enum pflowi_pfsync_grave_kind kind)
{
	struct pflowi_pfsync_grave *g = &t->graves[hash & t->grave_mask];

	g->id = id;
	g->creatorid = creatorid;
	g->at_ns = t->now_ns;
	g->kind = kind;
}

enum pflowi_pfsync_grave_kind
pflowi_pfsync_grave_of(const struct pflowi_pfsync_table *t, uint32_t hash,
    uint64_t id, uint32_t creatorid)
{
	const struct pflowi_pfsync_grave *g = &t->graves[hash & t->grave_mask];

	if (g->kind == PFLOWI_PFSYNC_NO_GRAVE || g->id != id ||
	    g->creatorid != creatorid ||
	    t->now_ns - g->at_ns >
	    (uint64_t)PFLOWI_PFSYNC_GRAVE_S * PFLOWI_NS_PER_SEC)
		return PFLOWI_PFSYNC_NO_GRAVE;
	return (enum pflowi_pfsync_grave_kind)g->kind;
}
