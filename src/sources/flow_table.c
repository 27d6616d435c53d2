/* SPDX-License-Identifier: ISC */
/* Packets into flows. */
#include "sources/flow_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/state.h"
#include "sources/flow_entry.h"

/** Packets whose cache misses are in flight together. */
#define BATCH 64u

#define MIN_FLOWS 64u
#define MAX_FLOWS (UINT32_C(1) << 30)

/** pflowi_packet.facts: the fragment cache was asked. */
#define FRAGMENT_ASKED 0x80u

/** What is known of a packet before its flow. */
struct look {
	struct pflowi_flow_key key;
	uint32_t hash;
	uint32_t guess; /**< likely entry, 0: none known */
	bool swapped;	/**< the sender is the greater endpoint */
};

static size_t
flows_in(size_t limit)
{
	size_t fixed = sizeof(struct pflowi_flow_table);
	size_t each = sizeof(struct pflowi_flow) +
	    sizeof(struct pflowi_flow_cold) +
	    sizeof(struct pflowi_flow_bucket) / PFLOWI_BUCKET_LOAD + 1;
	size_t n;

	if (limit <= fixed)
		return 0;
	n = (limit - fixed) / each;
	return n > MAX_FLOWS ? MAX_FLOWS : n;
}

/** Whole cache lines, not cleared: memory counts from when it is used. */
static void *
lines(size_t n, size_t size)
{
	return aligned_alloc(64, (n * size + 63) / 64 * 64);
}

int
pflowi_flow_table_init(struct pflowi_flow_table *ft,
    const struct pflowi_flow_config *cfg)
{
	size_t n = flows_in(cfg->memory_limit);

	memset(ft, 0, sizeof(*ft));
	if (n < MIN_FLOWS)
		return PFLOW_ERR_INVALID;
	ft->max = (uint32_t)n;
	ft->active_ns = cfg->active_ns;
	ft->idle_ns = cfg->idle_ns;
	ft->seed[0] = cfg->seed[0];
	ft->seed[1] = cfg->seed[1];
	ft->index.max = pflowi_flow_index_size(ft->max);
	ft->flows = lines(n + 1, sizeof(*ft->flows));
	ft->cold = lines(n + 1, sizeof(*ft->cold));
	ft->index.buckets = lines(ft->index.max, sizeof(*ft->index.buckets));
	if (ft->flows == NULL || ft->cold == NULL ||
	    ft->index.buckets == NULL) {
		pflowi_flow_table_fini(ft);
		return PFLOW_ERR_NOMEM;
	}
	ft->index.flows = ft->flows;
	ft->index.cold = ft->cold;
	pflowi_flow_index_clear(&ft->index);
	memset(&ft->flows[0], 0, sizeof(ft->flows[0]));
	memset(&ft->cold[0], 0, sizeof(ft->cold[0]));
	return PFLOW_OK;
}

void
pflowi_flow_table_fini(struct pflowi_flow_table *ft)
{
	free(ft->flows);
	free(ft->cold);
	free(ft->index.buckets);
	ft->flows = NULL;
	ft->cold = NULL;
	ft->index.buckets = NULL;
}

/* Keys. */

/** The request of a query or reply, so that both give one key. */
static uint16_t
request_type(const struct pflowi_packet *pk)
{
	if ((pk->facts & PFLOWI_IS_REPLY) == 0)
		return pk->icmp >> 8;
	return pflow_icmp_reply(pk->protocol, pk->icmp) >> 8;
}

/** Ports, or what stands for them: lesser endpoint in the upper half. */
static uint32_t
key_ports(const struct pflowi_packet *pk, bool swapped)
{
	if (pflowi_is_icmp(pk->protocol)) {
		if (pk->facts & PFLOWI_IS_QUERY)
			return (uint32_t)pk->icmp_id << 16 | request_type(pk);
		return (uint32_t)pk->icmp << 16;
	}
	return (uint32_t)pk->port[swapped] << 16 | pk->port[!swapped];
}

static uint32_t
key_kind(const struct pflowi_packet *pk)
{
	if (pk->facts & PFLOWI_IS_QUERY)
		return pk->af | PFLOWI_KIND_QUERY;
	return pk->facts & PFLOWI_HAS_ICMP ? pk->af | PFLOWI_KIND_ICMP : pk->af;
}

/** Of a host that pings itself only the reply tells the way back. */
static bool
answers_itself(const struct pflowi_packet *pk)
{
	return (pk->facts & PFLOWI_IS_REPLY) != 0;
}

static void
look_ipv4(const struct pflowi_packet *pk, struct look *lk)
{
	uint64_t src = pflowi_get_be32(pk->addr[0]);
	uint64_t dst = pflowi_get_be32(pk->addr[1]);

	src = src << 16 | pk->port[0];
	dst = dst << 16 | pk->port[1];
	lk->swapped = src > dst || (src == dst && answers_itself(pk));
	src >>= 16;
	dst >>= 16;
	lk->key.word[0] = lk->swapped ? dst << 32 | src : src << 32 | dst;
	lk->key.word[1] = 0;
	lk->key.word[2] = 0;
	lk->key.word[3] = 0;
}

static void
look_ipv6(const struct pflowi_packet *pk, struct look *lk)
{
	uint64_t *word = lk->key.word;
	int order = memcmp(pk->addr[0], pk->addr[1], sizeof(pk->addr[0]));
	int lesser;

	if (order == 0)
		order = pk->port[0] > pk->port[1] ||
		    (pk->port[0] == pk->port[1] && answers_itself(pk));
	lk->swapped = order > 0;
	lesser = lk->swapped;
	word[0] = pflowi_get_be64(pk->addr[lesser]);
	word[1] = pflowi_get_be64(pk->addr[lesser] + 8);
	word[2] = pflowi_get_be64(pk->addr[!lesser]);
	word[3] = pflowi_get_be64(pk->addr[!lesser] + 8);
}

static void
look_at(const struct pflowi_flow_table *ft, const struct pflowi_packet *pk,
    struct look *lk)
{
	uint64_t *word = lk->key.word;

	if (PFLOWI_LIKELY(pk->af == PFLOW_AF_IPV4))
		look_ipv4(pk, lk);
	else
		look_ipv6(pk, lk);
	word[4] = (uint64_t)key_ports(pk, lk->swapped) << 32 |
	    (uint64_t)pk->vlan << 16 | (uint64_t)pk->protocol << 8 |
	    key_kind(pk);
	if (PFLOWI_LIKELY(pk->af == PFLOW_AF_IPV4)) {
		uint64_t short_key[2] = { word[0], word[4] };

		lk->hash = pflowi_flow_hash(short_key, 2, ft->seed);
	} else {
		lk->hash = pflowi_flow_hash(word, PFLOWI_FLOW_WORDS, ft->seed);
	}
}

static void
resolve_fragment(struct pflowi_flow_table *ft, struct pflowi_packet *pk)
{
	if (pk->facts & FRAGMENT_ASKED)
		return;
	pk->facts |= FRAGMENT_ASKED;
	if (pk->facts & PFLOWI_FRAGMENT_FIRST)
		pflowi_fragment_learn(&ft->fragments, pk, ft->seed);
	else if (!pflowi_fragment_complete(&ft->fragments, pk, ft->seed))
		ft->stats.fragments_unmatched++;
}

/* Entries. */

/** Is the sender of a flow's first packet the one who answers? */
static bool
is_answer(const struct pflowi_packet *pk)
{
	const unsigned synack = PFLOWI_TCP_SYN | PFLOWI_TCP_ACK;

	return (pk->facts & PFLOWI_IS_REPLY) != 0 ||
	    (pk->tcp_flags & synack) == synack;
}

static bool
opens(const struct pflowi_packet *pk)
{
	return (pk->tcp_flags & (PFLOWI_TCP_SYN | PFLOWI_TCP_ACK)) ==
	    PFLOWI_TCP_SYN;
}

/** Make an entry a new flow, whose first packet this is. */
static void
begin(struct pflowi_flow_table *ft, uint32_t entry,
    const struct pflowi_packet *pk, bool swapped)
{
	struct pflowi_flow *f = &ft->flows[entry];
	struct pflowi_flow_cold *cold = &ft->cold[entry];

	f->state = FLOW_LIVE;
	if (swapped != is_answer(pk))
		f->state |= FLOW_SWAPPED;
	f->tos = pk->tos;
	f->start_ns = pk->time_ns;
	f->last_ns = pk->time_ns;
	pflowi_flow_restart_counters(f);
	cold->icmp[0] = 0;
	cold->icmp[1] = 0;
	cold->serial = (uint32_t)++ft->stats.created;
}

/** There is room for the reports of an eviction. */
static uint32_t
new_entry(struct pflowi_flow_table *ft, const struct pflowi_packet *pk,
    const struct look *lk)
{
	const uint64_t *word = lk->key.word;
	uint32_t entry;

	if (ft->unused == 0 && ft->high == ft->max)
		pflowi_flow_evict(ft);
	if (ft->unused != 0) {
		entry = ft->unused;
		ft->unused = ft->cold[entry].chain;
	} else {
		entry = ++ft->high;
	}
	ft->flows[entry].addresses = word[0];
	ft->flows[entry].rest = word[4];
	memcpy(ft->cold[entry].addresses6, &word[1],
	    sizeof(ft->cold[entry].addresses6));
	ft->cold[entry].hash = lk->hash;
	begin(ft, entry, pk, lk->swapped);
	ft->live++;
	pflowi_flow_index_insert(&ft->index, entry, ft->live);
	pflowi_flow_arm(ft, entry, pflowi_flow_due_ns(ft, &ft->flows[entry]));
	return entry;
}

/** FIN both ways, or RST: look at it earlier than was planned. */
static void
note_end(struct pflowi_flow_table *ft, uint32_t entry, unsigned flags,
    unsigned dir)
{
	struct pflowi_flow *f = &ft->flows[entry];

	if (flags & PFLOWI_TCP_FIN)
		f->state |= (uint8_t)(FLOW_FIN << dir);
	if (f->state & FLOW_ENDED)
		return;
	if ((flags & PFLOWI_TCP_RST) == 0 &&
	    (f->state & FLOW_FIN_BOTH) != FLOW_FIN_BOTH)
		return;
	f->state |= FLOW_ENDED;
	pflowi_flow_disarm(ft, entry);
	pflowi_flow_arm(ft, entry, pflowi_flow_due_ns(ft, f));
}

static void
note_icmp(struct pflowi_flow_table *ft, uint32_t entry, uint16_t icmp,
    unsigned dir)
{
	struct pflowi_flow *f = &ft->flows[entry];

	if ((f->state & FLOW_ICMP << dir) != 0)
		return;
	f->state |= (uint8_t)(FLOW_ICMP << dir);
	ft->cold[entry].icmp[dir] = icmp;
}

static void
count(struct pflowi_flow_table *ft, uint32_t entry,
    const struct pflowi_packet *pk, bool swapped)
{
	struct pflowi_flow *f = &ft->flows[entry];
	unsigned dir = swapped != ((f->state & FLOW_SWAPPED) != 0);

	if (!pflowi_flow_counted(f)) {
		f->start_ns = pk->time_ns;
		f->last_ns = pk->time_ns;
	} else if (pk->time_ns < f->start_ns) {
		f->start_ns = pk->time_ns;
	} else if (pk->time_ns > f->last_ns) {
		f->last_ns = pk->time_ns;
	}
	f->packets[dir]++;
	f->octets[dir] += pk->octets;
	f->tcp_flags[dir] |= pk->tcp_flags;
	if (pk->facts & PFLOWI_HAS_ICMP)
		note_icmp(ft, entry, pk->icmp, dir);
	if (pk->tcp_flags & (PFLOWI_TCP_FIN | PFLOWI_TCP_RST))
		note_end(ft, entry, pk->tcp_flags, dir);
}

/**
 * Before the packet is counted: does it still belong to what was counted?
 * Timeouts here are exact; the wheel's are a tick late.
 */
static void
settle(struct pflowi_flow_table *ft, uint32_t entry,
    const struct pflowi_packet *pk, bool swapped)
{
	struct pflowi_flow *f = &ft->flows[entry];
	uint64_t start = pflowi_min_u64(f->start_ns, pk->time_ns);
	uint64_t last = f->last_ns > pk->time_ns ? f->last_ns : pk->time_ns;

	if (pflowi_time_sub(pk->time_ns, f->last_ns) >=
	    pflowi_flow_quiet(ft, f) ||
	    ((f->state & FLOW_ENDED) != 0 && opens(pk))) {
		pflowi_flow_report_end(ft, entry, PFLOW_END_IDLE);
		begin(ft, entry, pk, swapped);
		return;
	}
	if (!pflowi_flow_counted(f))
		return;
	if ((ft->active_ns != 0 && last - start >= ft->active_ns) ||
	    f->packets[0] == UINT32_MAX || f->packets[1] == UINT32_MAX) {
		pflowi_flow_report(ft, entry, PFLOW_END_ACTIVE);
		pflowi_flow_restart_counters(f);
		ft->stats.reported++;
	}
}

/** The clock of the packets, which may be set back. */
static bool
follow_clock(struct pflowi_flow_table *ft, uint64_t time_ns)
{
	if (ft->sweep == 0 && pflowi_time_sub(ft->clock_ns, time_ns) <=
	    pflowi_flow_slack(ft->idle_ns))
		return pflowi_flow_table_advance(ft, time_ns);
	/* Times before and after the step cannot be compared. */
	if (!pflowi_flow_table_flush(ft))
		return false;
	ft->stats.clock_steps++;
	ft->clock_ns = time_ns;
	ft->tick = time_ns >> PFLOWI_FLOW_TICK_SHIFT;
	return true;
}

bool
pflowi_flow_table_follow(struct pflowi_flow_table *ft, uint64_t time_ns)
{
	return follow_clock(ft, time_ns);
}

/** The guess is right almost always; it may have become another's since. */
static uint32_t
find(const struct pflowi_flow_table *ft, const struct look *lk)
{
	uint32_t entry = lk->guess;

	if (PFLOWI_LIKELY(entry != 0 && ft->flows[entry].state != 0 &&
	    pflowi_flow_is(&ft->index, entry, &lk->key)))
		return entry;
	return pflowi_flow_index_find(&ft->index, &lk->key, lk->hash);
}

/** false: no room for the reports this packet may cause. */
static bool
add_one(struct pflowi_flow_table *ft, const struct pflowi_packet *pk,
    const struct look *lk)
{
	uint32_t entry;

	if (!follow_clock(ft, pk->time_ns))
		return false;
	if (pflowi_flow_room(ft) < 1 + PFLOWI_FLOW_EVICTS)
		return false;
	entry = find(ft, lk);
	if (entry != 0)
		settle(ft, entry, pk, lk->swapped);
	else
		entry = new_entry(ft, pk, lk);
	count(ft, entry, pk, lk->swapped);
	return true;
}

/** The first entry with this tag; what it needs is fetched. */
static uint32_t
guess(const struct pflowi_flow_table *ft, const struct look *lk)
{
	const struct pflowi_flow_bucket *b =
	    pflowi_flow_index_bucket(&ft->index, lk->hash);
	uint16_t tag = pflowi_flow_tag(lk->hash);
	uint32_t entry = 0;
	int i;

	/* Without a branch on each: where it stands is not predictable. */
	for (i = PFLOWI_BUCKET_SLOTS - 1; i >= 0; i--)
		entry = b->tag[i] == tag ? b->entry[i] : entry;
	if (PFLOWI_UNLIKELY(entry == 0)) {
		pflowi_flow_prefetch(ft, b->chain);
		return 0;
	}
	PFLOWI_PREFETCH(&ft->flows[entry]);
	if ((lk->key.word[4] & 0x0f) != PFLOW_AF_IPV4)
		PFLOWI_PREFETCH(&ft->cold[entry]);
	return entry;
}

size_t
pflowi_flow_table_add(struct pflowi_flow_table *ft, struct pflowi_packet *pk,
    size_t n)
{
	struct look look[BATCH];
	size_t done = 0, i, m;

	for (; done < n; done += m) {
		m = n - done < BATCH ? n - done : BATCH;
		for (i = 0; i < m; i++) {
			struct pflowi_packet *p = &pk[done + i];

			if (p->facts & (PFLOWI_FRAGMENT_FIRST |
			    PFLOWI_FRAGMENT_LATER))
				resolve_fragment(ft, p);
			look_at(ft, p, &look[i]);
			PFLOWI_PREFETCH(pflowi_flow_index_bucket(&ft->index,
			    look[i].hash));
		}
		for (i = 0; i < m; i++)
			look[i].guess = guess(ft, &look[i]);
		for (i = 0; i < m; i++) {
			if (!add_one(ft, &pk[done + i], &look[i]))
				return done + i;
		}
	}
	return done;
}
