/* SPDX-License-Identifier: ISC */
/* What each message of pfsync does to the table. */
#include <string.h>

#include "core/time.h"
#include "sources/pfsync_memory.h"

/** Messages that are taken together, so that their look-ups overlap. */
#define TOGETHER 8u

/** pf purges every 10 s, an update may be a second late, packets get lost. */
#define SLACK_S 60u

/** A keyed message on its way. */
struct keyed {
	const uint8_t *p;
	uint32_t hash;
	enum pflowi_pf_verdict verdict; /**< of a full state */
	struct pflowi_pf_raw raw;
	struct pflow_state st;
};

static uint64_t
lifetime_s(const struct pflowi_pf_raw *raw)
{
	uint64_t life = pflowi_pf_timeout_s(
	    (enum pflowi_pf_system)raw->system, raw->timeout);

	/* A rule may have timeouts of its own; then more is left than that. */
	return (raw->expire_s > life ? raw->expire_s : life) + SLACK_S;
}

static uint32_t
learn(struct pflowi_pfsync_table *t, uint32_t hash,
    const struct pflowi_pf_raw *raw, struct pflow_state *st)
{
	struct pflowi_pf_entry *e;
	uint32_t i;

	st->flags |= PFLOW_STATE_SYNCED | PFLOW_STATE_PARTIAL;
	memset(st->packets, 0, sizeof(st->packets));
	memset(st->octets, 0, sizeof(st->octets));
	if (!pflowi_pf_ifmap_apply(t->ifmap, raw->ifname, raw->orig_ifname, st))
		t->tally.unknown_interfaces++;
	i = pflowi_pf_track_add(&t->track, hash, st);
	if (i == 0)
		return 0;
	e = pflowi_pf_entry_at(&t->track, i);
	e->sender = (uint16_t)t->sender;
	e->reported_ns = t->now_ns;
	pflowi_pfsync_group_join(t, i, raw->ifname);
	t->tally.states++;
	if ((st->flags & PFLOW_STATE_EXPORT) == 0)
		t->tally.unmarked_states++;
	if (t->nat_events && (st->flags & PFLOW_STATE_TRANSLATED) != 0)
		pflowi_pf_track_tell(&t->track, i, PFLOWI_PF_TELL_CREATED);
	return i;
}

/** The entry of a key, an end by a clear message worked in. */
static uint32_t
find(struct pflowi_pfsync_table *t, uint32_t hash, uint64_t id,
    uint32_t creatorid)
{
	uint32_t i = pflowi_pf_track_find(&t->track, hash, id, creatorid);
	const struct pflowi_pf_entry *e;

	if (i == 0)
		return 0;
	e = pflowi_pf_entry_at(&t->track, i);
	if (pflowi_pfsync_group_is_cleared(t, e))
		pflowi_pfsync_linger(t, i, PFLOW_END_FORCED, t->now_ns);
	return i;
}

/** A report while it lives, if there is something new and it is time. */
static void
report(struct pflowi_pfsync_table *t, uint32_t i)
{
	struct pflowi_pf_entry *e = pflowi_pf_entry_at(&t->track, i);

	if (t->active_ns == 0 || (e->flags & PFLOWI_PF_ENDED) != 0 ||
	    t->now_ns - e->reported_ns < t->active_ns ||
	    (e->st.octets[0] | e->st.octets[1]) == 0)
		return;
	e->reported_ns = t->now_ns;
	pflowi_pf_track_tell(&t->track, i, PFLOWI_PF_TELL_ACTIVE);
}

/**
 * When the state last moved: a message is sent when something happened, but
 * in a bulk update when its turn comes; then pf's own reckoning is better.
 */
static uint64_t
moved_ns(const struct pflowi_pfsync_table *t, const struct pflow_state *st)
{
	if (t->bulk[t->sender])
		return st->last_ns;
	return t->now_ns > st->start_ns ? t->now_ns : st->start_ns;
}

static uint32_t
learn_or_refresh(struct pflowi_pfsync_table *t, uint32_t hash,
    const struct pflowi_pf_raw *raw, struct pflow_state *st)
{
	uint32_t i = find(t, hash, raw->id, raw->creatorid);
	struct pflowi_pf_entry *e;
	enum pflowi_pfsync_grave_kind grave;

	st->last_ns = moved_ns(t, st);
	if (i != 0) {
		t->tally.refreshes++;
		e = pflowi_pf_entry_at(&t->track, i);
		e->st.flags |= st->flags & PFLOW_STATE_EXPORT;
		if ((e->flags & PFLOWI_PF_ENDED) == 0) {
			if (st->last_ns > e->st.last_ns)
				e->st.last_ns = st->last_ns;
			pflowi_pfsync_live(t, i, lifetime_s(raw));
		}
		return i;
	}
	grave = pflowi_pfsync_grave_of(t, hash, raw->id, raw->creatorid);
	if (grave == PFLOWI_PFSYNC_EXPORTED) {
		t->tally.late_states++;
		return 0;
	}
	i = learn(t, hash, raw, st);
	if (i == 0)
		return 0;
	if (grave == PFLOWI_PFSYNC_UNKNOWN_END) {
		t->tally.unknown_deletes--; /* known now */
		pflowi_pfsync_linger(t, i, PFLOW_END_DETECTED, t->now_ns);
	} else {
		pflowi_pfsync_live(t, i, lifetime_s(raw));
	}
	return i;
}

/** Take a full state apart. */
static void
read_full(const struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s, struct keyed *k)
{
	pflowi_pf_unpack(s->layout, PFLOWI_PF_BIG, k->p, &k->raw);
	k->verdict = PFLOWI_PF_bad_timeout;
	if (k->raw.timeout < k->raw.codes)
		k->verdict = pflowi_pf_state(&k->raw, t->now_ns, &k->st);
}

static void
apply_full(struct pflowi_pfsync_table *t, enum pflowi_pfsync_kind kind,
    struct keyed *k)
{
	uint64_t counters[4];
	uint32_t i;

	t->tally.full_states++;
	if (k->verdict != PFLOWI_PF_GOOD) {
		t->tally.rejects[k->verdict]++;
		return;
	}
	memcpy(counters, k->st.packets, sizeof(k->st.packets));
	memcpy(counters + 2, k->st.octets, sizeof(k->st.octets));
	i = learn_or_refresh(t, k->hash, &k->raw, &k->st);
	if (i == 0)
		return;
	pflowi_pfsync_share_count(t, pflowi_pf_entry_at(&t->track, i), counters);
	report(t, i);
	if (kind != PFLOWI_PFSYNC_DEL)
		return;
	t->tally.deletes++;
	pflowi_pf_entry_at(&t->track, i)->flags |= PFLOWI_PF_FINAL;
	pflowi_pfsync_linger(t, i, PFLOW_END_DETECTED, t->now_ns);
}

static void
apply_upd_c(struct pflowi_pfsync_table *t, const uint8_t *message,
    uint32_t hash)
{
	struct pflowi_pfsync_upd_c upd;
	struct pflowi_pf_entry *e;
	uint32_t i;

	t->tally.compressed_updates++;
	pflowi_pfsync_get_upd_c(message, &upd);
	i = find(t, hash, upd.id, upd.creatorid);
	if (i == 0) {
		if (pflowi_pfsync_grave_of(t, hash, upd.id, upd.creatorid) ==
		    PFLOWI_PFSYNC_NO_GRAVE)
			t->tally.unknown_updates++;
		else
			t->tally.late_updates++;
		return;
	}
	e = pflowi_pf_entry_at(&t->track, i);
	if ((e->flags & PFLOWI_PF_ENDED) != 0) {
		t->tally.late_updates++;
		return;
	}
	if (t->now_ns > e->st.last_ns)
		e->st.last_ns = t->now_ns;
	pflowi_pfsync_live(t, i,
	    (uint64_t)pflowi_pf_timeout_s(PFLOWI_PF_BSD, upd.timeout) + SLACK_S);
}

static void
apply_del_c(struct pflowi_pfsync_table *t, const uint8_t *message,
    uint32_t hash)
{
	uint64_t id = pflowi_pfsync_id(message);
	uint32_t creatorid = pflowi_pfsync_del_c_creatorid(message);
	uint32_t i = find(t, hash, id, creatorid);

	t->tally.deletes++;
	if (i != 0) {
		if ((pflowi_pf_entry_at(&t->track, i)->flags &
		    PFLOWI_PF_ENDED) != 0)
			t->tally.repeated_deletes++;
		else
			pflowi_pfsync_linger(t, i, PFLOW_END_DETECTED,
			    t->now_ns);
		return;
	}
	if (pflowi_pfsync_grave_of(t, hash, id, creatorid) !=
	    PFLOWI_PFSYNC_NO_GRAVE) {
		t->tally.repeated_deletes++;
		return;
	}
	t->tally.unknown_deletes++;
	pflowi_pfsync_bury(t, hash, id, creatorid, PFLOWI_PFSYNC_UNKNOWN_END);
}

/** Where the creatorid of a keyed message stands. */
static uint32_t
hash_of(const struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s, const uint8_t *message)
{
	struct pflowi_pfsync_upd_c upd;
	uint32_t creatorid;

	if (s->kind == PFLOWI_PFSYNC_DEL_C) {
		creatorid = pflowi_pfsync_del_c_creatorid(message);
	} else if (s->kind == PFLOWI_PFSYNC_UPD_C) {
		pflowi_pfsync_get_upd_c(message, &upd);
		creatorid = upd.creatorid;
	} else {
		creatorid = pflowi_pf_creatorid(s->layout, message);
	}
	return pflowi_pf_index_hash(&t->track.index, pflowi_pfsync_id(message),
	    creatorid);
}

static void
apply_one(struct pflowi_pfsync_table *t, enum pflowi_pfsync_kind kind,
    struct keyed *k)
{
	if (kind == PFLOWI_PFSYNC_DEL_C)
		apply_del_c(t, k->p, k->hash);
	else if (kind == PFLOWI_PFSYNC_UPD_C)
		apply_upd_c(t, k->p, k->hash);
	else
		apply_full(t, kind, k);
}

/** Ask memory for the slots, then for the entries, then work. */
static void
apply_keyed(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s)
{
	bool full = s->kind != PFLOWI_PFSYNC_DEL_C &&
	    s->kind != PFLOWI_PFSYNC_UPD_C;
	struct keyed keyed[TOGETHER];
	size_t at, n, i;

	for (at = 0; at < s->count; at += n) {
		n = s->count - at < TOGETHER ? s->count - at : TOGETHER;
		for (i = 0; i < n; i++) {
			keyed[i].p = s->body + (at + i) * s->size;
			keyed[i].hash = hash_of(t, s, keyed[i].p);
			pflowi_pf_index_prefetch(&t->track.index,
			    keyed[i].hash);
			pflowi_pfsync_grave_prefetch(t, keyed[i].hash);
		}
		for (i = 0; full && i < n; i++)
			read_full(t, s, &keyed[i]);
		for (i = 0; i < n; i++)
			pflowi_pf_track_prefetch(&t->track, keyed[i].hash);
		for (i = 0; i < n; i++)
			apply_one(t, s->kind, &keyed[i]);
	}
}

static void
apply_clr(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s)
{
	struct pflowi_pfsync_clr clr;
	size_t i;

	for (i = 0; i < s->count; i++) {
		t->tally.clears++;
		pflowi_pfsync_get_clr(s, s->body + i * s->size, &clr);
		pflowi_pfsync_group_clear(t, &clr);
	}
}

static void
apply_bus(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s)
{
	struct pflowi_pfsync_bus bus;
	size_t i;

	for (i = 0; i < s->count; i++) {
		t->tally.bulk_marks++;
		pflowi_pfsync_get_bus(s->body + i * s->size, &bus);
		if (bus.status == 1 || bus.status == 2)
			t->bulk[t->sender] = bus.status == 1;
	}
}

void
pflowi_pfsync_section(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s)
{
	t->tally.cut_messages += s->missing;
	switch (s->kind) {
	case PFLOWI_PFSYNC_INS:
	case PFLOWI_PFSYNC_UPD:
	case PFLOWI_PFSYNC_DEL:
	case PFLOWI_PFSYNC_UPD_C:
	case PFLOWI_PFSYNC_DEL_C:
		apply_keyed(t, s);
		break;
	case PFLOWI_PFSYNC_CLR:
		apply_clr(t, s);
		break;
	case PFLOWI_PFSYNC_BUS:
		apply_bus(t, s);
		break;
	case PFLOWI_PFSYNC_IGNORED:
		t->tally.ignored_messages += s->count;
		break;
	case PFLOWI_PFSYNC_OBSOLETE:
		t->tally.obsolete_messages += s->count;
		break;
	case PFLOWI_PFSYNC_UNKNOWN:
		t->tally.unknown_messages += s->count;
		break;
	}
}
