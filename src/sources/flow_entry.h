/* SPDX-License-Identifier: ISC */
/* What flow_table.c and flow_expire.c share. */
#ifndef PFLOWI_FLOW_ENTRY_H
#define PFLOWI_FLOW_ENTRY_H

#include "core/time.h"
#include "sources/flow_table.h"

/** pflowi_flow.state; FIN and ICMP: shifted left by the direction. */
#define FLOW_LIVE 0x01u
#define FLOW_SWAPPED 0x02u /**< the initiator is the greater endpoint */
#define FLOW_ENDED 0x04u   /**< FIN both ways, or RST */
#define FLOW_FIN 0x08u
#define FLOW_FIN_BOTH (FLOW_FIN | FLOW_FIN << 1)
#define FLOW_ICMP 0x20u /**< icmp[] is known */
#define FLOW_ICMP_ANY (FLOW_ICMP | FLOW_ICMP << 1)

static inline uint32_t
pflowi_flow_room(const struct pflowi_flow_table *ft)
{
	return PFLOWI_FLOW_OUT - ft->out_tail;
}

/** Anything counted since the last report? */
static inline bool
pflowi_flow_counted(const struct pflowi_flow *f)
{
	return (f->packets[0] | f->packets[1]) != 0;
}

static inline void
pflowi_flow_restart_counters(struct pflowi_flow *f)
{
	f->packets[0] = f->packets[1] = 0;
	f->octets[0] = f->octets[1] = 0;
	f->tcp_flags[0] = f->tcp_flags[1] = 0;
}

/** How long it may be silent. */
static inline uint64_t
pflowi_flow_quiet(const struct pflowi_flow_table *ft,
    const struct pflowi_flow *f)
{
	uint64_t idle = ft->idle_ns == 0 ? PFLOW_NEVER : ft->idle_ns;

	if (f->state & FLOW_ENDED)
		return pflowi_min_u64(idle, PFLOWI_FLOW_LINGER_NS);
	return idle;
}

/** All of an entry. */
static inline void
pflowi_flow_prefetch(const struct pflowi_flow_table *ft, uint32_t entry)
{
	PFLOWI_PREFETCH(&ft->flows[entry]);
	PFLOWI_PREFETCH(&ft->cold[entry]);
}

/** Write a report of what was counted; there must be room for it. */
void pflowi_flow_report(struct pflowi_flow_table *ft, uint32_t entry,
    uint8_t reason);

/** Report the end of a flow, if anything is left to report. */
void pflowi_flow_report_end(struct pflowi_flow_table *ft, uint32_t entry,
    uint8_t reason);

/** Put an entry that is in no list on the wheel, to be looked at in time. */
void pflowi_flow_arm(struct pflowi_flow_table *ft, uint32_t entry,
    uint64_t due_ns);

/** Take it off again. */
void pflowi_flow_disarm(struct pflowi_flow_table *ft, uint32_t entry);

/** When something is to be done about it. */
uint64_t pflowi_flow_due_ns(const struct pflowi_flow_table *ft,
    const struct pflowi_flow *f);

/** Make room: push out some of those that were silent longest. */
void pflowi_flow_evict(struct pflowi_flow_table *ft);

/** Most reports that pflowi_flow_evict() writes. */
#define PFLOWI_FLOW_EVICTS PFLOWI_FLOW_LANES

#endif /* PFLOWI_FLOW_ENTRY_H */
