/* SPDX-License-Identifier: ISC */
/*
 * The fast way of a plan.  What most lists are made of is written once into a
 * block, as on the wire, in an order in which fields often stand side by side;
 * a record is then a few copies out of it, each a run of fields.  Fields that
 * are not of the block are written one by one, behind the copies.
 */
#ifndef PFLOWI_PROGRAM_H
#define PFLOWI_PROGRAM_H

#include "core/bytes.h"
#include "encoder/plan.h"

/** A copy moves so many octets, whatever its length: what is too much is
 *  written over by what follows. */
#define PFLOWI_MOVE_LEN 16u

/** Octets of a block: B(name, octets), one behind the other. */
#define PFLOWI_BLOCK(B)                                                        \
	B(SRC, 16) /* IPv4: both addresses */                                  \
	B(DST, 16)                                                             \
	B(SRC_PORT, 2) B(DST_PORT, 2) B(PROTOCOL, 1) B(VERSION, 1)             \
	B(FLAGS, 1) B(TOS, 1) B(END_REASON, 1)                                 \
	B(START, 8) B(END, 8) B(OCTETS, 8) B(PACKETS, 8)                       \
	B(IN, 4) B(OUT, 4) B(DIRECTION, 1) B(VLAN, 2) B(FLOW_ID, 8)            \
	B(ICMP, 2) B(FLAGS_WIDE, 2) B(START_UPTIME, 4) B(END_UPTIME, 4)        \
	B(POST_SRC, 16) /* IPv4: both addresses */                             \
	B(POST_DST, 16) B(POST_SRC_PORT, 2) B(POST_DST_PORT, 2)                \
	B(SLACK, PFLOWI_MOVE_LEN)

/** Where the members of a block are. */
struct pflowi_block {
#define PFLOWI_BLOCK_MEMBER(name, octets) uint8_t name[octets];
	PFLOWI_BLOCK(PFLOWI_BLOCK_MEMBER)
#undef PFLOWI_BLOCK_MEMBER
};

/**
 * Compile the fields of a mask.
 *
 * @return PFLOW_OK; PFLOW_ERR_UNSUPPORTED: of variable length, or too long
 */
int pflowi_program_compile(struct pflowi_program *g,
    const struct pflowi_op *ops, const struct pflow_field *fields,
    uint64_t mask);

/** Write the fields that are not of the block. */
void pflowi_program_late(const struct pflowi_program *g, uint8_t *record,
    const struct pflowi_op *ops, const struct pflow_field *fields,
    const struct pflowi_values *v, pflow_value_fn *fn, void *arg);

PFLOWI_INLINE void
pflowi_block_addresses(uint8_t *first, const uint8_t *src, const uint8_t *dst,
    int ipv4)
{
	if (ipv4) {
		pflowi_copy(first, src, 4);
		pflowi_copy(first + 4, dst, 4);
	} else {
		pflowi_copy(first, src, 16);
		pflowi_copy(first + 16, dst, 16);
	}
}

/** The times, which depend on the message. @return 1: they were clamped */
PFLOWI_INLINE unsigned
pflowi_block_times(struct pflowi_block *b, const struct pflow_state *st,
    uint64_t boot_ms)
{
	struct pflowi_times t = pflowi_times_of(st, boot_ms);

	pflowi_put_be64(b->START, t.start_ms);
	pflowi_put_be64(b->END, t.end_ms);
	pflowi_put_be32(b->START_UPTIME, (uint32_t)(t.start_ms - boot_ms));
	pflowi_put_be32(b->END_UPTIME, (uint32_t)(t.end_ms - boot_ms));
	return t.clamped;
}

/** What both directions of a state have in common besides. */
PFLOWI_INLINE void
pflowi_block_state(struct pflowi_block *b, const struct pflow_state *st,
    const struct pflow_key *key)
{
	b->PROTOCOL[0] = st->protocol;
	b->VERSION[0] = key->af;
	b->TOS[0] = st->tos;
	b->END_REASON[0] = st->end_reason;
	pflowi_put_be16(b->VLAN, st->vlan);
	pflowi_put_be64(b->FLOW_ID, st->flow_id);
}

/** What they have not; an ICMP type stands where a port does. */
PFLOWI_INLINE void
pflowi_block_way(struct pflowi_block *b, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir)
{
	int icmp = pflowi_is_icmp(st->protocol);

	pflowi_block_addresses(b->SRC, key->addr[dir], key->addr[dir ^ 1],
	    key->af == PFLOW_AF_IPV4);
	pflowi_put_be16(b->SRC_PORT, icmp ? 0 : key->port[dir]);
	pflowi_put_be16(b->DST_PORT, icmp ? st->icmp[dir]
					  : key->port[dir ^ 1]);
	pflowi_put_be64(b->OCTETS, st->octets[dir]);
	pflowi_put_be64(b->PACKETS, st->packets[dir]);
	pflowi_put_be32(b->IN, st->ifindex[dir]);
	pflowi_put_be32(b->OUT, st->ifindex[dir ^ 1]);
	pflowi_put_be16(b->ICMP, st->icmp[dir]);
	pflowi_put_be16(b->FLAGS_WIDE, st->tcp_flags[dir]);
	/* RFC 9565: one octet is the low octet. */
	b->FLAGS[0] = (uint8_t)st->tcp_flags[dir];
	b->DIRECTION[0] =
	    (uint8_t)((st->direction == PFLOW_DIR_OUT) ^ dir);
}

/** The side behind a translation. */
PFLOWI_INLINE void
pflowi_block_post(struct pflowi_block *b, const struct pflow_key *post,
    unsigned dir)
{
	pflowi_block_addresses(b->POST_SRC, post->addr[dir],
	    post->addr[dir ^ 1], post->af == PFLOW_AF_IPV4);
	pflowi_put_be16(b->POST_SRC_PORT, post->port[dir]);
	pflowi_put_be16(b->POST_DST_PORT, post->port[dir ^ 1]);
}

/** Write the fields that are of the block; the last copy may write up to
 *  PFLOWI_MOVE_LEN octets behind the record. */
PFLOWI_INLINE void
pflowi_program_run(const struct pflowi_program *g, uint8_t *record,
    const struct pflowi_block *b)
{
	const uint8_t *from = (const uint8_t *)b;
	unsigned i;

	for (i = 0; i < g->moves; i++)
		pflowi_copy(record + g->move[i].to, from + g->move[i].from,
		    PFLOWI_MOVE_LEN);
}

#endif /* PFLOWI_PROGRAM_H */
