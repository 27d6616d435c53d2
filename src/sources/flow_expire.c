/* SPDX-License-Identifier: ISC */
/*
 * How flows leave the table: timing wheel, reports, eviction, flush.
 *
 * An entry is not moved on the wheel when a packet comes. It is looked at when
 * it would be due if none had come, and put back to when it is due now: once
 * an idle timeout, not once a packet.
 */
#include <string.h>

#include "core/bytes.h"
#include "sources/flow_entry.h"

#define SLOT_MASK (PFLOWI_FLOW_SLOTS - 1)

/** Farther ahead than this does not fit on the wheel. */
#define TICKS_AHEAD (PFLOWI_FLOW_SLOTS - 1)

/** Rounds of eviction that spare entries with packets since they were armed. */
#define SECOND_CHANCES 3

static uint64_t
tick_of(uint64_t ns)
{
	return ns >> PFLOWI_FLOW_TICK_SHIFT;
}

/* Reports. */

static void
put_address(const struct pflowi_flow_table *ft, uint32_t entry, int greater,
    uint8_t addr[16])
{
	const struct pflowi_flow *f = &ft->flows[entry];
	const uint64_t *more = ft->cold[entry].addresses6;

	if ((f->rest & 0x0f) == PFLOW_AF_IPV4) {
		pflowi_put_be32(addr, (uint32_t)(greater ? f->addresses
		    : f->addresses >> 32));
		return;
	}
	pflowi_put_be64(addr, greater ? more[1] : f->addresses);
	pflowi_put_be64(addr + 8, greater ? more[2] : more[0]);
}

static void
put_key(const struct pflowi_flow_table *ft, uint32_t entry,
    struct pflow_key *key)
{
	const struct pflowi_flow *f = &ft->flows[entry];
	int greater = (f->state & FLOW_SWAPPED) != 0;
	uint16_t lesser_port = (uint16_t)(f->rest >> 48);
	uint16_t greater_port = (uint16_t)(f->rest >> 32);

	key->af = (uint8_t)(f->rest & 0x0f);
	put_address(ft, entry, greater, key->addr[0]);
	put_address(ft, entry, !greater, key->addr[1]);
	if ((f->rest & (PFLOWI_KIND_QUERY | PFLOWI_KIND_ICMP)) != 0)
		return;
	key->port[0] = greater ? greater_port : lesser_port;
	key->port[1] = greater ? lesser_port : greater_port;
}

/** The full number of a flow: those alive are among the last 2^32. */
static uint64_t
flow_id(const struct pflowi_flow_table *ft, uint32_t serial)
{
	return ft->stats.created -
	    (uint32_t)((uint32_t)ft->stats.created - serial);
}

void
pflowi_flow_report(struct pflowi_flow_table *ft, uint32_t entry,
    uint8_t reason)
{
	const struct pflowi_flow *f = &ft->flows[entry];
	const struct pflowi_flow_cold *cold = &ft->cold[entry];
	struct pflow_state *st = &ft->out[ft->out_tail++];
	int i;

	pflow_state_init(st);
	put_key(ft, entry, &st->key[PFLOW_WIRE]);
	st->key[PFLOW_STACK] = st->key[PFLOW_WIRE];
	for (i = 0; i < 2; i++) {
		st->packets[i] = f->packets[i];
		st->octets[i] = f->octets[i];
		st->tcp_flags[i] = f->tcp_flags[i];
		st->icmp[i] = cold->icmp[i];
	}
	st->start_ns = f->start_ns;
	st->last_ns = f->last_ns;
	st->flow_id = flow_id(ft, cold->serial);
	st->protocol = (uint8_t)(f->rest >> 8);
	st->tos = f->tos;
	st->end_reason = reason;
	st->present = PFLOW_HAS_TOS | PFLOW_HAS_END_REASON | PFLOW_HAS_FLOW_ID;
	if (st->protocol == PFLOWI_PROTO_TCP)
		st->present |= PFLOW_HAS_TCP_FLAGS;
	if (f->state & FLOW_ICMP_ANY)
		st->present |= PFLOW_HAS_ICMP;
	if (f->rest >> 16 & PFLOWI_VLAN_PRESENT) {
		st->present |= PFLOW_HAS_VLAN;
		st->vlan = f->rest >> 16 & 0x0fffu;
	}
}

void
pflowi_flow_report_end(struct pflowi_flow_table *ft, uint32_t entry,
    uint8_t reason)
{
	const struct pflowi_flow *f = &ft->flows[entry];

	if (!pflowi_flow_counted(f))
		return;
	if (f->state & FLOW_ENDED)
		reason = PFLOW_END_DETECTED;
	pflowi_flow_report(ft, entry, reason);
}

/* The wheel. */

uint64_t
pflowi_flow_due_ns(const struct pflowi_flow_table *ft,
    const struct pflowi_flow *f)
{
	uint64_t due = pflowi_time_add(f->last_ns, pflowi_flow_quiet(ft, f));

	uint64_t start = pflowi_flow_counted(f) ? f->start_ns : ft->clock_ns;

	if (ft->active_ns == 0)
		return due;
	return pflowi_min_u64(due, pflowi_time_add(start, ft->active_ns));
}

static uint32_t *
list_of(struct pflowi_flow_table *ft, uint32_t entry)
{
	return &ft->wheel[ft->flows[entry].slot].head[entry %
	    PFLOWI_FLOW_LANES];
}

void
pflowi_flow_arm(struct pflowi_flow_table *ft, uint32_t entry, uint64_t due_ns)
{
	struct pflowi_flow_cold *cold = &ft->cold[entry];
	uint64_t now = tick_of(ft->clock_ns);
	uint64_t tick = tick_of(due_ns) + 1; /* when that tick is over */
	uint32_t *head;

	if (tick <= now)
		tick = now + 1;
	if (tick > now + TICKS_AHEAD)
		tick = now + TICKS_AHEAD;
	ft->flows[entry].slot = (uint16_t)(tick & SLOT_MASK);
	head = list_of(ft, entry);
	cold->prev = 0;
	cold->next = *head;
	if (cold->next != 0)
		ft->cold[cold->next].prev = entry;
	*head = entry;
}

void
pflowi_flow_disarm(struct pflowi_flow_table *ft, uint32_t entry)
{
	const struct pflowi_flow_cold *cold = &ft->cold[entry];

	if (cold->prev != 0)
		ft->cold[cold->prev].next = cold->next;
	else
		*list_of(ft, entry) = cold->next;
	if (cold->next != 0)
		ft->cold[cold->next].prev = cold->prev;
}

static void
release(struct pflowi_flow_table *ft, uint32_t entry)
{
	pflowi_flow_index_erase(&ft->index, entry);
	ft->flows[entry].state = 0;
	ft->cold[entry].chain = ft->unused;
	ft->unused = entry;
	ft->live--;
}

/** An entry of the slot whose time has come; it is in no list. */
static void
visit_one(struct pflowi_flow_table *ft, uint32_t entry)
{
	struct pflowi_flow *f = &ft->flows[entry];

	if (pflowi_time_add(f->last_ns, pflowi_flow_quiet(ft, f)) <=
	    ft->clock_ns) {
		pflowi_flow_report_end(ft, entry, PFLOW_END_IDLE);
		release(ft, entry);
		return;
	}
	if (pflowi_flow_due_ns(ft, f) <= ft->clock_ns) {
		pflowi_flow_report(ft, entry, PFLOW_END_ACTIVE);
		pflowi_flow_restart_counters(f);
		ft->stats.reported++;
	}
	pflowi_flow_arm(ft, entry, pflowi_flow_due_ns(ft, f));
}

/** One entry of each lane, their cache misses side by side. */
static bool
visit_round(struct pflowi_flow_table *ft)
{
	uint32_t *head = ft->visit.head;
	bool more = false;
	unsigned i;

	for (i = 0; i < PFLOWI_FLOW_LANES; i++)
		pflowi_flow_prefetch(ft, head[i]);
	for (i = 0; i < PFLOWI_FLOW_LANES; i++) {
		if (head[i] != 0)
			PFLOWI_PREFETCH(pflowi_flow_index_bucket(&ft->index,
			    ft->cold[head[i]].hash));
	}
	for (i = 0; i < PFLOWI_FLOW_LANES; i++) {
		uint32_t entry = head[i];

		if (entry == 0)
			continue;
		head[i] = ft->cold[entry].next;
		more |= head[i] != 0;
		visit_one(ft, entry);
	}
	return more;
}

/** Look at what is due; false: no room for reports. */
static bool
run_wheel(struct pflowi_flow_table *ft)
{
	uint64_t now = tick_of(ft->clock_ns);

	for (;;) {
		if (ft->visiting) {
			if (pflowi_flow_room(ft) < PFLOWI_FLOW_LANES)
				return false;
			ft->visiting = visit_round(ft);
			continue;
		}
		if (ft->tick >= now || ft->live == 0)
			break;
		/* After one whole turn all that was armed was seen. */
		if (now - ft->tick > PFLOWI_FLOW_SLOTS)
			ft->tick = now - PFLOWI_FLOW_SLOTS;
		ft->tick++;
		ft->visit = ft->wheel[ft->tick & SLOT_MASK];
		memset(&ft->wheel[ft->tick & SLOT_MASK], 0,
		    sizeof(ft->visit));
		ft->visiting = true;
	}
	ft->tick = now;
	return true;
}

bool
pflowi_flow_table_advance(struct pflowi_flow_table *ft, uint64_t now_ns)
{
	if (now_ns > ft->clock_ns) {
		ft->clock_ns = now_ns;
		if (now_ns > ft->latest_ns)
			ft->latest_ns = now_ns;
	}
	if (PFLOWI_LIKELY(tick_of(ft->clock_ns) == ft->tick && !ft->visiting))
		return true;
	return run_wheel(ft);
}

static bool
slot_is_empty(const struct pflowi_flow_slot *slot)
{
	static const struct pflowi_flow_slot empty;

	return memcmp(slot, &empty, sizeof(empty)) == 0;
}

uint64_t
pflowi_flow_table_due(const struct pflowi_flow_table *ft)
{
	uint64_t tick;

	if (ft->out_head != ft->out_tail || ft->visiting)
		return 0;
	for (tick = ft->tick + 1; ft->live != 0; tick++) {
		if (!slot_is_empty(&ft->wheel[tick & SLOT_MASK]))
			return tick << PFLOWI_FLOW_TICK_SHIFT;
	}
	return PFLOW_NEVER;
}

/* Eviction. */

/** Push out the first of each lane; spared are those that had packets. */
static unsigned
evict_round(struct pflowi_flow_table *ft, uint64_t tick, bool spare)
{
	struct pflowi_flow_slot *slot = &ft->wheel[tick & SLOT_MASK];
	unsigned i, count = 0;

	for (i = 0; i < PFLOWI_FLOW_LANES; i++)
		pflowi_flow_prefetch(ft, slot->head[i]);
	for (i = 0; i < PFLOWI_FLOW_LANES; i++) {
		uint32_t entry = slot->head[i];
		struct pflowi_flow *f = &ft->flows[entry];
		uint64_t silent;

		if (entry == 0)
			continue;
		silent = pflowi_time_add(f->last_ns, pflowi_flow_quiet(ft, f));
		pflowi_flow_disarm(ft, entry);
		if (spare && tick_of(silent) + 1 > tick) {
			pflowi_flow_arm(ft, entry, silent);
			continue;
		}
		pflowi_flow_report_end(ft, entry, PFLOW_END_RESOURCES);
		release(ft, entry);
		count++;
	}
	ft->stats.evicted += count;
	return count;
}

void
pflowi_flow_evict(struct pflowi_flow_table *ft)
{
	uint64_t tick = ft->tick + 1;
	int tries = SECOND_CHANCES;

	for (;;) {
		while (slot_is_empty(&ft->wheel[tick & SLOT_MASK]))
			tick++;
		if (evict_round(ft, tick, tries > 0) != 0)
			return;
		tries--;
	}
}

/* Flush. */

static void
start_over(struct pflowi_flow_table *ft)
{
	pflowi_flow_index_clear(&ft->index);
	memset(ft->wheel, 0, sizeof(ft->wheel));
	ft->visiting = false;
	ft->live = 0;
	ft->high = 0;
	ft->unused = 0;
	ft->sweep = 0;
}

bool
pflowi_flow_table_flush(struct pflowi_flow_table *ft)
{
	if (ft->sweep == 0)
		ft->sweep = 1;
	for (; ft->sweep <= ft->high; ft->sweep++) {
		struct pflowi_flow *f = &ft->flows[ft->sweep];

		if (f->state == 0)
			continue;
		if (pflowi_flow_room(ft) == 0)
			return false;
		pflowi_flow_report_end(ft, ft->sweep, PFLOW_END_FORCED);
		f->state = 0;
	}
	start_over(ft);
	return true;
}
