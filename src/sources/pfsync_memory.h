/* SPDX-License-Identifier: ISC */
/* Inside of pfsync's table: what it remembers besides the states. */
#ifndef PFLOWI_PFSYNC_MEMORY_H
#define PFLOWI_PFSYNC_MEMORY_H

#include "sources/pfsync_table.h"

/** How long an end waits for overtaken messages. */
#define PFLOWI_PFSYNC_LINGER_S 5u

/** How long a key is remembered after its end. */
#define PFLOWI_PFSYNC_GRAVE_S 60u

/**
 * The states of one creator on one interface: what a clear message names.
 * The group without a name heads all groups of its creator.
 */
struct pflowi_pfsync_group {
	uint32_t link;	/**< the pool's */
	uint32_t hash;
	uint32_t creatorid;
	char ifname[PFLOWI_PF_IFNAME_LEN];
	uint32_t head;	/**< itself, if it is one */
	uint32_t prev, next; /**< other groups of the head */
	uint32_t members; /**< of a head: first of these */
	uint32_t first;	/**< first entry */
	uint32_t count;	/**< entries */
	uint32_t cleared_next;
	uint32_t cleared; /**< 1: all entries ended at cleared_ns */
	uint64_t cleared_ns;
};

/** What a further sender last told of a state. */
struct pflowi_pfsync_share {
	uint32_t link; /**< the pool's */
	uint32_t next;
	uint64_t seen[4];
	uint32_t sender;
	uint32_t reserved;
};

/** A key that ended. */
struct pflowi_pfsync_grave {
	uint64_t id;
	uint64_t at_ns;
	uint32_t creatorid;
	uint32_t kind; /**< enum pflowi_pfsync_grave_kind */
};

enum pflowi_pfsync_grave_kind {
	PFLOWI_PFSYNC_NO_GRAVE,
	PFLOWI_PFSYNC_EXPORTED,	/**< it was given out */
	PFLOWI_PFSYNC_UNKNOWN_END /**< only its end was seen */
};

struct pflowi_pfsync_table {
	struct pflowi_pf_track track;
	struct pflowi_pf_pool groups;
	struct pflowi_pf_pool shares;
	struct pflowi_pf_index group_index;
	struct pflowi_pfsync_grave *graves;
	uint32_t grave_mask;
	uint32_t cleared_first, cleared_last; /**< groups to be worked off */
	uint32_t recent_group; /**< joined last; 0: none, or it is gone */
	struct pflowi_pf_ifmap *ifmap;
	uint64_t active_ns;
	bool nat_events;
	uint64_t now_ns;
	uint64_t due_ns; /**< no list has anything due before */
	uint32_t sender; /**< of the packet at hand */
	uint32_t sender_count;
	uint8_t senders[PFLOWI_PFSYNC_SENDERS][16];
	bool bulk[PFLOWI_PFSYNC_SENDERS]; /**< in a bulk update */
	struct pflowi_pfsync_tally tally;
};

/* Groups. */

/** Put an entry into the group of its creator and interface. */
void pflowi_pfsync_group_join(struct pflowi_pfsync_table *t, uint32_t i,
    const char ifname[PFLOWI_PF_IFNAME_LEN]);

void pflowi_pfsync_group_leave(struct pflowi_pfsync_table *t, uint32_t i);

/** Clear: the groups are cut off at once, their entries end one by one. */
void pflowi_pfsync_group_clear(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_clr *clr);

/** The next entry that a clear ended; 0: there is none. */
uint32_t pflowi_pfsync_group_cleared(struct pflowi_pfsync_table *t);

/** Did a clear end this entry? */
bool pflowi_pfsync_group_is_cleared(const struct pflowi_pfsync_table *t,
    const struct pflowi_pf_entry *e);

/* Shares: one sender's counters of one state. */

/**
 * Take new counters from the sender of the packet at hand.
 *
 * @param now  packets and octets, both ways
 */
void pflowi_pfsync_share_count(struct pflowi_pfsync_table *t,
    struct pflowi_pf_entry *e, const uint64_t now[4]);

void pflowi_pfsync_share_forget(struct pflowi_pfsync_table *t,
    struct pflowi_pf_entry *e);

/* Graves. */

void pflowi_pfsync_bury(struct pflowi_pfsync_table *t, uint32_t hash,
    uint64_t id, uint32_t creatorid, enum pflowi_pfsync_grave_kind kind);

PFLOWI_INLINE void
pflowi_pfsync_grave_prefetch(const struct pflowi_pfsync_table *t, uint32_t hash)
{
	PFLOWI_PREFETCH(&t->graves[hash & t->grave_mask]);
}

enum pflowi_pfsync_grave_kind pflowi_pfsync_grave_of(
    const struct pflowi_pfsync_table *t, uint32_t hash, uint64_t id,
    uint32_t creatorid);

/* Life and end. */

/** A sign of life now: the entry then lives as long as the code says. */
void pflowi_pfsync_live(struct pflowi_pfsync_table *t, uint32_t i,
    uint64_t seconds);

/** Its end was seen now; it is given out a little later. */
void pflowi_pfsync_linger(struct pflowi_pfsync_table *t, uint32_t i,
    uint8_t reason, uint64_t at_ns);

/* Messages. */

void pflowi_pfsync_section(struct pflowi_pfsync_table *t,
    const struct pflowi_pfsync_section *s);

#endif /* PFLOWI_PFSYNC_MEMORY_H */
