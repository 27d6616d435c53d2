/* SPDX-License-Identifier: ISC */
/*
 * A list of fields, compiled: for each field how to load its value out of a
 * struct pflowi_values, how many octets to write, and when it is there. The
 * walk is a loop over the bits of a mask of fields.
 */
#ifndef PFLOWI_PLAN_H
#define PFLOWI_PLAN_H

#include <pflow/template.h>

#include "core/shapes.h"
#include "core/writer.h"
#include "encoder/record.h"

/** What a state must have for a field to be there; bits of a key. */
enum pflowi_when {
	PFLOWI_WHEN_IPV4 = 1u << 0,
	PFLOWI_WHEN_IPV6 = 1u << 1,
	PFLOWI_WHEN_PORTS = 1u << 2, /**< any protocol but ICMP */
	PFLOWI_WHEN_ICMP4 = 1u << 3,
	PFLOWI_WHEN_ICMP6 = 1u << 4,
	PFLOWI_WHEN_TCP_FLAGS = 1u << 5,
	PFLOWI_WHEN_TOS = 1u << 6,
	PFLOWI_WHEN_IFINDEX = 1u << 7,
	PFLOWI_WHEN_VLAN = 1u << 8,
	PFLOWI_WHEN_END_REASON = 1u << 9,
	PFLOWI_WHEN_FLOW_ID = 1u << 10,
	PFLOWI_WHEN_DIRECTION = 1u << 11,
	PFLOWI_WHEN_POST_IPV4 = 1u << 12, /**< translated, to IPv4 */
	PFLOWI_WHEN_POST_IPV6 = 1u << 13,
	PFLOWI_WHEN_REVERSE = 1u << 14,	  /**< biflow with a way back */
	PFLOWI_WHEN_NOT_NAT44 = 1u << 15,
	PFLOWI_WHEN_TCP = 1u << 16,
	PFLOWI_WHEN_UDP = 1u << 17,
	PFLOWI_WHEN_EVENT = 1u << 18, /**< an event, not a flow */
	PFLOWI_WHEN_TRANSLATED = 1u << 19,
	PFLOWI_WHEN_POST_PORTS = PFLOWI_WHEN_TRANSLATED | PFLOWI_WHEN_PORTS
};

/** Everything that a field may say of one record. */
struct pflowi_values {
	struct pflow_record rec;
	const uint8_t *post_src;
	const uint8_t *post_dst;
	uint64_t reverse_packets;
	uint64_t reverse_octets;
	uint64_t event_ms;
	uint64_t boot_ms; /**< what the message's SysUptime counts from */
	uint32_t domain_id;
	uint16_t post_src_port;
	uint16_t post_dst_port;
	uint16_t reverse_tcp_flags;
	uint16_t icmp;
	uint8_t nat_event;
	uint8_t nat_type;
	uint8_t flow_direction;	  /**< 0 ingress, 1 egress */
	uint8_t biflow_direction;
	uint8_t firewall_event;
};

/** How a value is written. */
enum pflowi_op_kind {
	PFLOWI_OP_U64,	   /**< 8 octets of an 8-octet member */
	PFLOWI_OP_U32,
	PFLOWI_OP_U16,
	PFLOWI_OP_U8,
	PFLOWI_OP_COPY4,   /**< octets behind a pointer member */
	PFLOWI_OP_COPY16,
	PFLOWI_OP_REDUCED, /**< other octets than the member has */
	PFLOWI_OP_COMPUTE, /**< by element number */
	PFLOWI_OP_CALLER   /**< pflow_value_fn */
};

/** Compile one field. PFLOW_ERR_* as pflow_template_check(). */
int pflowi_op_compile(struct pflowi_op *op, const struct pflow_field *field);

/** The fields of a list that a state with this key has. */
uint64_t pflowi_plan_mask(const struct pflowi_op *ops, uint32_t count,
    uint32_t respect, uint32_t key);

/** Octets of a record at most, and of its template record. */
uint32_t pflowi_plan_record_len(const struct pflowi_op *ops, uint64_t mask);
uint32_t pflowi_plan_template_len(const struct pflow_field *fields,
    uint64_t mask);

/** Append a Template Record (RFC 7011, 3.4.1; RFC 3954, 5.2). */
void pflowi_w_template_record(struct pflowi_writer *w, uint16_t id,
    const struct pflow_field *fields, uint64_t mask);

/**
 * Write a Data Record.
 *
 * @param p  room for pflowi_plan_record_len() octets
 * @return where the next one goes
 */
uint8_t *pflowi_put_planned(uint8_t *p, const struct pflowi_op *ops,
    const struct pflow_field *fields, uint64_t mask,
    const struct pflowi_values *v, pflow_value_fn *fn, void *arg);

/** What a state is: bits of enum pflowi_when. */
uint32_t pflowi_key_of(const struct pflow_state *st,
    const struct pflow_key *pre);

/** NAT session events (RFC 8158), as pflow(4)'s template 258 where both
 *  sides are IPv4. */
const struct pflow_field *pflowi_nat_fields(uint32_t *count);

#endif /* PFLOWI_PLAN_H */
