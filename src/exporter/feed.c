/* SPDX-License-Identifier: ISC */
/* From states to records: the fast path. */
#include "encoder/field.h"
#include "encoder/record.h"
#include "exporter/drop.h"

static void
count_drop(struct pflow_exporter *ex, enum pflow_drop why,
    const struct pflow_state *st)
{
	ex->stats.states++;
	ex->stats.drops[why].count++;
	ex->stats.drops[why].packets += st->packets[0] + st->packets[1];
	ex->stats.drops[why].octets += st->octets[0] + st->octets[1];
}

/** v5 records of one direction; 0 if it has no octets. */
static uint64_t
v5_records(const struct pflow_state *st, unsigned dir)
{
	if (st->octets[dir] == 0)
		return 0;
	return pflow_v5_split_count(st->packets[dir], st->octets[dir]);
}

/**
 * Refuse, but see to it that something can be acknowledged: a driver that is
 * told "no room" with nothing pending could never go on.
 */
static PFLOWI_NOINLINE int
refuse(struct pflow_exporter *ex, unsigned shape, struct pflow_now now)
{
	ex->stats.refused++;
	if (pflowi_is_open(&ex->open[shape]))
		pflowi_open_seal(ex, shape, now);
	if (ex->queue_len == 0)
		(void)pflow_exporter_flush(ex, now);
	return PFLOW_ERR_AGAIN;
}

/** Fresh slots for `records` more of one of pflow(4)'s shapes. */
static uint64_t
slots_for(const struct pflow_exporter *ex, unsigned shape, uint64_t records)
{
	uint64_t each = pflowi_capacity(ex, shape), more;

	if (records <= ex->open[shape].room)
		return 0;
	more = records - ex->open[shape].room;
	return more / each + (more % each != 0);
}

/**
 * Room for `records` more of a shape and a NAT event, all of it or nothing.
 *
 * @param nat  NULL: no event
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: not before messages are acknowledged;
 *         PFLOW_ERR_RANGE: never, the block is too small
 */
static PFLOWI_NOINLINE int
reserve(struct pflow_exporter *ex, unsigned shape, uint64_t records,
    const struct pflowi_item *nat)
{
	uint64_t each = pflowi_capacity(ex, shape);
	uint64_t slots = slots_for(ex, shape, records);

	if (nat != NULL)
		slots += pflowi_mixed_slots(ex, nat, 1);
	if (slots <= ex->slots_free)
		return PFLOW_OK;
	if (records / each + (records % each != 0) + (nat != NULL) >
	    ex->slot_count || slots >= UINT32_MAX)
		return PFLOW_ERR_RANGE;
	return PFLOW_ERR_AGAIN;
}

/** The open message of a shape, with room for one record. */
PFLOWI_INLINE struct pflowi_open_message *
open_for_one(struct pflow_exporter *ex, unsigned shape, struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[shape];

	if (PFLOWI_UNLIKELY(m->room == 0)) {
		if (pflowi_is_open(m))
			pflowi_open_seal(ex, shape, now);
		pflowi_open_begin(ex, shape, now);
	}
	return m;
}

PFLOWI_INLINE void
count_record(struct pflow_exporter *ex, struct pflowi_open_message *m,
    const struct pflow_record *rec)
{
	m->packets += rec->packets;
	m->octets += rec->octets;
	ex->stats.records++;
	ex->stats.records_waiting++;
	ex->stats.packets += rec->packets;
	ex->stats.octets += rec->octets;
}

/** Where the next record goes; the message has room for it. */
PFLOWI_INLINE uint8_t *
take_record(struct pflow_exporter *ex, struct pflowi_open_message *m,
    uint32_t len)
{
	uint8_t *p = pflowi_slot_payload(ex, m->slot) + m->len;

	m->len += len;
	m->records++;
	m->room--;
	return p;
}

PFLOWI_INLINE void
put_ipfix(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, struct pflow_now now,
    unsigned *clamped)
{
	unsigned shape = key->af == PFLOW_AF_IPV4 ? PFLOWI_FLOW4 : PFLOWI_FLOW6;
	struct pflowi_open_message *m = open_for_one(ex, shape, now);
	struct pflowi_times t = pflowi_times_of(st, m->boot_ms);
	struct pflow_record rec;

	*clamped |= t.clamped;
	pflowi_record_fill(&rec, st, key, dir,
	    pflowi_is_icmp(st->protocol), &t);
	if (shape == PFLOWI_FLOW4)
		pflowi_put_flow4(take_record(ex, m, PFLOWI_FLOW4_LEN), &rec);
	else
		pflowi_put_flow6(take_record(ex, m, PFLOWI_FLOW6_LEN), &rec);
	count_record(ex, m, &rec);
}

PFLOWI_INLINE void
put_v5_part(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, uint64_t index, int whole,
    struct pflow_now now, unsigned *clamped)
{
	struct pflowi_open_message *m = open_for_one(ex, PFLOWI_V5, now);
	struct pflowi_times t = pflowi_times_of(st, m->boot_ms);
	struct pflow_record rec;
	uint32_t packets, octets;

	pflowi_record_fill(&rec, st, key, dir,
	    pflowi_is_icmp(st->protocol), &t);
	*clamped |= t.clamped | pflowi_v5_bound_duration(&rec);
	if (!whole) {
		pflow_v5_split(st->packets[dir], st->octets[dir], index,
		    &packets, &octets);
		rec.packets = packets;
		rec.octets = octets;
	}
	pflowi_put_v5(take_record(ex, m, PFLOWI_V5_LEN), &rec, m->boot_ms);
	count_record(ex, m, &rec);
}

static PFLOWI_NOINLINE void
put_v5_split(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, uint64_t parts,
    struct pflow_now now, unsigned *clamped)
{
	uint64_t i;

	for (i = 0; i < parts; i++)
		put_v5_part(ex, st, key, dir, i, 0, now, clamped);
	ex->stats.splits += parts - 1;
}

PFLOWI_INLINE int
feed_v5(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, struct pflow_now now)
{
	uint64_t parts[2];
	unsigned dir;
	unsigned clamped = 0;
	int rc;

	parts[0] = v5_records(st, 0);
	parts[1] = v5_records(st, 1);
	rc = reserve(ex, PFLOWI_V5, parts[0] + parts[1], NULL);
	if (rc != PFLOW_OK)
		return rc;
	for (dir = 0; dir < 2; dir++) {
		if (PFLOWI_LIKELY(parts[dir] == 1))
			put_v5_part(ex, st, key, dir, 0, 1, now, &clamped);
		else if (parts[dir] > 1)
			put_v5_split(ex, st, key, dir, parts[dir], now,
			    &clamped);
	}
	ex->stats.times_clamped += clamped;
	return PFLOW_OK;
}

static int
feed_ipfix(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, struct pflow_now now)
{
	unsigned shape = key->af == PFLOW_AF_IPV4 ? PFLOWI_FLOW4 : PFLOWI_FLOW6;
	int event = pflowi_has_nat_event(ex, st);
	int created = (st->flags & PFLOW_STATE_CREATED) != 0;
	struct pflowi_item nat;
	unsigned clamped = 0, dir;
	uint32_t records = 0;
	int rc;

	for (dir = 0; dir < 2 && !created; dir++)
		records += st->octets[dir] != 0;
	if (event)
		pflowi_nat_item(st, key, &nat);
	rc = reserve(ex, shape, records, event ? &nat : NULL);
	if (rc != PFLOW_OK)
		return rc;
	for (dir = 0; dir < 2 && !created; dir++) {
		if (st->octets[dir] != 0)
			put_ipfix(ex, st, key, dir, now, &clamped);
	}
	if (event)
		pflowi_put_nat(ex, st, key, &nat, now);
	ex->stats.times_clamped += clamped;
	return PFLOW_OK;
}

static PFLOWI_NOINLINE int
feed_one(struct pflow_exporter *ex, const struct pflow_state *st,
    struct pflow_now now)
{
	const struct pflow_key *key = pflowi_state_pre(st);
	enum pflow_drop why = pflowi_drop_reason(ex, st, key);
	unsigned shape = PFLOWI_MIXED;
	int rc;

	if (why != PFLOW_DROP_COUNT) {
		count_drop(ex, why, st);
		return PFLOW_OK;
	}
	if (!ex->planned)
		shape = pflowi_is_v5(ex) || key->af == PFLOW_AF_IPV4
		    ? PFLOWI_FLOW4
		    : PFLOWI_FLOW6;
	if (ex->planned)
		rc = pflowi_feed_planned(ex, st, key, now);
	else if (pflowi_is_v5(ex))
		rc = feed_v5(ex, st, key, now);
	else
		rc = feed_ipfix(ex, st, key, now);
	if (rc == PFLOW_ERR_AGAIN)
		return refuse(ex, shape, now);
	if (rc == PFLOW_ERR_RANGE) {
		count_drop(ex, PFLOW_DROP_too_large, st);
		return PFLOW_OK;
	}
	ex->stats.states++;
	ex->stats.states_exported++;
	return PFLOW_OK;
}

/**
 * What a run of states of one shape keeps in locals: octets are written
 * through uint8_t pointers, which may alias the exporter, so members would be
 * loaded and stored anew for every field.
 */
struct run {
	uint8_t *p;	  /**< where the next record goes */
	uint64_t packets;
	uint64_t octets;
	uint64_t clamped;
	uint32_t room;	  /**< records that still fit */
};

/** What came of a run into the open message and the sums. */
PFLOWI_INLINE void
run_count(struct pflow_exporter *ex, struct pflowi_open_message *m,
    const struct run *run, uint32_t record_len, size_t states)
{
	uint32_t records = m->room - run->room;

	m->len += records * record_len;
	m->records += records;
	m->room -= records;
	m->packets += run->packets;
	m->octets += run->octets;
	ex->stats.records += records;
	ex->stats.records_waiting += records;
	ex->stats.packets += run->packets;
	ex->stats.octets += run->octets;
	ex->stats.states += states;
	ex->stats.states_exported += states;
	ex->stats.times_clamped += run->clamped;
}

/** One record of a known shape; its message has room for it. */
PFLOWI_INLINE void
put_plain(struct run *run, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, int icmp,
    const struct pflowi_times *t, uint64_t boot_ms, int v5, int ipv4)
{
	struct pflow_record rec;

	run->packets += st->packets[dir];
	run->octets += st->octets[dir];
	run->room--;
	pflowi_record_fill(&rec, st, key, dir, icmp, t);
	if (v5) {
		pflowi_put_v5(run->p, &rec, boot_ms);
		run->p += PFLOWI_V5_LEN;
	} else if (ipv4) {
		pflowi_put_flow4(run->p, &rec);
		run->p += PFLOWI_FLOW4_LEN;
	} else {
		pflowi_put_flow6(run->p, &rec);
		run->p += PFLOWI_FLOW6_LEN;
	}
}

/** What makes a state plain, of all that the settings say. */
struct plain {
	uint32_t flags;	 /**< of these ... */
	uint32_t marked; /**< ... exactly these are set */
	int other_side;	 /**< the direction that is left out; -1: none */
};

PFLOWI_INLINE struct plain
plain_of(const struct pflow_exporter *ex)
{
	struct plain plain;

	plain.marked = ex->cfg.select == PFLOW_SELECT_PFLOW
	    ? PFLOW_STATE_EXPORT
	    : 0;
	plain.flags = ex->slow_flags | plain.marked;
	plain.other_side = -1;
	if (ex->cfg.side != PFLOW_SIDE_BOTH)
		plain.other_side = ex->cfg.side == PFLOW_SIDE_IN
		    ? PFLOW_DIR_OUT
		    : PFLOW_DIR_IN;
	return plain;
}

/**
 * A state for the fast path: nothing to drop, to split, to refuse or to tell
 * besides. v5: all counters and the duration fit 32 bits, whatever the times
 * are clamped to.
 */
PFLOWI_INLINE int
is_plain(const struct plain *plain, const struct pflow_state *st,
    const struct pflow_key *key, int v5, int ipv4)
{
	if ((st->flags & plain->flags) != plain->marked ||
	    key->af != (ipv4 ? PFLOW_AF_IPV4 : PFLOW_AF_IPV6) ||
	    st->direction == plain->other_side ||
	    (st->octets[0] | st->octets[1]) == 0)
		return 0;
	return !v5 ||
	    (((st->packets[0] | st->packets[1] | st->octets[0] |
		  st->octets[1]) >> 32) == 0 &&
		st->last_ns - st->start_ns <
		    (uint64_t)UINT32_MAX * PFLOWI_NS_PER_MS);
}

/**
 * Feed plain states of one shape into its open message, as long as there is
 * room for two records; feed_one() does the others. Same octets, same sums.
 *
 * @return how many of the first states were taken
 */
PFLOWI_INLINE size_t
feed_shape(struct pflow_exporter *ex, const struct pflow_state *states,
    size_t count, int v5, int ipv4)
{
	struct pflowi_open_message *m =
	    &ex->open[ipv4 ? PFLOWI_FLOW4 : PFLOWI_FLOW6];
	struct plain plain = plain_of(ex);
	uint64_t boot_ms = m->boot_ms;
	struct run run = { .room = m->room };
	size_t i;

	run.p = pflowi_slot_payload(ex, m->slot) + m->len;
	for (i = 0; i < count && run.room >= 2; i++) {
		const struct pflow_state *st = &states[i];
		const struct pflow_key *key = pflowi_state_pre(st);
		struct pflowi_times t;
		int icmp;

		PFLOWI_PREFETCH(st + 6);
		if (PFLOWI_UNLIKELY(!is_plain(&plain, st, key, v5, ipv4)))
			break;
		t = pflowi_times_of(st, boot_ms);
		run.clamped += t.clamped;
		icmp = pflowi_is_icmp(st->protocol);
		if (PFLOWI_LIKELY(st->octets[0] != 0))
			put_plain(&run, st, key, PFLOW_FORWARD, icmp, &t,
			    boot_ms, v5, ipv4);
		if (PFLOWI_LIKELY(st->octets[1] != 0))
			put_plain(&run, st, key, PFLOW_REVERSE, icmp, &t,
			    boot_ms, v5, ipv4);
	}
	run_count(ex, m, &run, v5 ? PFLOWI_V5_LEN
	    : ipv4 ? PFLOWI_FLOW4_LEN : PFLOWI_FLOW6_LEN, i);
	return i;
}

static PFLOWI_NOINLINE size_t
feed_v5_run(struct pflow_exporter *ex, const struct pflow_state *states,
    size_t count)
{
	return feed_shape(ex, states, count, 1, 1);
}

static PFLOWI_NOINLINE size_t
feed_flow4_run(struct pflow_exporter *ex, const struct pflow_state *states,
    size_t count)
{
	return feed_shape(ex, states, count, 0, 1);
}

static PFLOWI_NOINLINE size_t
feed_flow6_run(struct pflow_exporter *ex, const struct pflow_state *states,
    size_t count)
{
	return feed_shape(ex, states, count, 0, 0);
}

/**
 * The fast path: runs of one shape after another, a fresh message where one
 * is full. Stops where feed_one() has to look.
 *
 * @return how many of the first states were taken
 */
static size_t
feed_plain(struct pflow_exporter *ex, const struct pflow_state *states,
    size_t count, struct pflow_now now)
{
	struct plain plain = plain_of(ex);
	size_t i = 0, n;

	while (i < count) {
		const struct pflow_key *key = pflowi_state_pre(&states[i]);
		int v5 = pflowi_is_v5(ex);
		int ipv4 = v5 || key->af == PFLOW_AF_IPV4;
		unsigned shape = ipv4 ? PFLOWI_FLOW4 : PFLOWI_FLOW6;

		/* None is opened that would stay empty. */
		if (ex->open[shape].room == 0 && ex->slots_free > 0 &&
		    pflowi_capacity(ex, shape) >= 2 &&
		    is_plain(&plain, &states[i], key, v5, ipv4))
			(void)open_for_one(ex, shape, now);
		if (v5)
			n = feed_v5_run(ex, states + i, count - i);
		else if (ipv4)
			n = feed_flow4_run(ex, states + i, count - i);
		else
			n = feed_flow6_run(ex, states + i, count - i);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

int
pflow_exporter_feed_many(struct pflow_exporter *ex,
    const struct pflow_state *states, size_t count, struct pflow_now now,
    size_t *taken)
{
	size_t i = 0;
	int rc = PFLOW_OK;

	ex->wall_ns = now.wall_ns;
	if (now.mono_ns >= ex->due_ns)
		(void)pflow_exporter_tick(ex, now);
	while (i < count) {
		/* Without a hold each state is due at once. */
		size_t n = ex->cfg.hold_ns == 0 ? 1 : count - i;
		size_t done;

		if (ex->cfg.hold_ns == 0 && now.mono_ns >= ex->due_ns)
			(void)pflow_exporter_tick(ex, now);
		done = ex->planned
		    ? pflowi_feed_planned_run(ex, states + i, n, now)
		    : feed_plain(ex, states + i, n, now);
		i += done;
		if (i == count)
			break;
		if (ex->cfg.hold_ns == 0 && done > 0)
			continue;
		rc = feed_one(ex, &states[i], now);
		if (PFLOWI_UNLIKELY(rc != PFLOW_OK))
			break;
		i++;
	}
	*taken = i;
	return rc;
}

int
pflow_exporter_feed(struct pflow_exporter *ex, const struct pflow_state *st,
    struct pflow_now now)
{
	size_t taken;

	return pflow_exporter_feed_many(ex, st, 1, now, &taken);
}
