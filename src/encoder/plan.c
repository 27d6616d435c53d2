/* SPDX-License-Identifier: ISC */
#include "encoder/plan.h"

#include <pflow/element.h>
#include <pflow/value.h>

#define VARIABLE PFLOW_WIRE_VARIABLE_LENGTH
#define ALWAYS 0u

/**
 * Which elements a state feeds: F(element, member, conditions). The member's
 * size is that of the element, or that of the pointer to its octets.
 */
#define FED_BY_MEMBER(F)                                                       \
	F(1, rec.octets, ALWAYS)                                               \
	F(2, rec.packets, ALWAYS)                                              \
	F(4, rec.protocol, ALWAYS)                                             \
	F(5, rec.tos, PFLOWI_WHEN_TOS)                                         \
	F(6, rec.tcp_flags, PFLOWI_WHEN_TCP_FLAGS)                             \
	F(7, rec.src_port, PFLOWI_WHEN_PORTS)                                  \
	F(8, rec.src, PFLOWI_WHEN_IPV4)                                        \
	F(10, rec.in_ifindex, PFLOWI_WHEN_IFINDEX)                             \
	F(11, rec.dst_port, PFLOWI_WHEN_PORTS)                                 \
	F(12, rec.dst, PFLOWI_WHEN_IPV4)                                       \
	F(14, rec.out_ifindex, PFLOWI_WHEN_IFINDEX)                            \
	F(27, rec.src, PFLOWI_WHEN_IPV6)                                       \
	F(28, rec.dst, PFLOWI_WHEN_IPV6)                                       \
	F(32, icmp, PFLOWI_WHEN_ICMP4)                                         \
	F(61, flow_direction, PFLOWI_WHEN_DIRECTION)                           \
	F(139, icmp, PFLOWI_WHEN_ICMP6)                                        \
	F(149, domain_id, ALWAYS)                                              \
	F(152, rec.start_ms, ALWAYS)                                           \
	F(153, rec.end_ms, ALWAYS)                                             \
	F(160, boot_ms, ALWAYS)                                                \
	F(180, rec.src_port, PFLOWI_WHEN_UDP)                                  \
	F(181, rec.dst_port, PFLOWI_WHEN_UDP)                                  \
	F(182, rec.src_port, PFLOWI_WHEN_TCP)                                  \
	F(183, rec.dst_port, PFLOWI_WHEN_TCP)                                  \
	F(225, post_src, PFLOWI_WHEN_POST_IPV4)                                \
	F(226, post_dst, PFLOWI_WHEN_POST_IPV4)                                \
	F(227, post_src_port, PFLOWI_WHEN_POST_PORTS)                          \
	F(228, post_dst_port, PFLOWI_WHEN_POST_PORTS)                          \
	F(230, nat_event, PFLOWI_WHEN_EVENT)                                   \
	F(233, firewall_event, PFLOWI_WHEN_END_REASON)                         \
	F(239, biflow_direction, PFLOWI_WHEN_REVERSE)                          \
	F(281, post_src, PFLOWI_WHEN_POST_IPV6)                                \
	F(282, post_dst, PFLOWI_WHEN_POST_IPV6)                                \
	F(297, nat_type, PFLOWI_WHEN_NOT_NAT44)                                \
	F(323, event_ms, PFLOWI_WHEN_EVENT)

/** Elements whose value is worked out: C(element, conditions, value). */
#define FED_BY_VALUE(C)                                                        \
	C(3, ALWAYS, 1)                                                        \
	C(21, ALWAYS, (uint32_t)(v->rec.end_ms - v->boot_ms))                  \
	C(22, ALWAYS, (uint32_t)(v->rec.start_ms - v->boot_ms))                \
	C(58, PFLOWI_WHEN_VLAN, v->rec.state->vlan)                            \
	C(60, ALWAYS, v->rec.af)                                               \
	C(136, PFLOWI_WHEN_END_REASON, v->rec.state->end_reason)               \
	C(148, PFLOWI_WHEN_FLOW_ID, v->rec.state->flow_id)                     \
	C(150, ALWAYS, (uint32_t)(v->rec.start_ms / 1000))                     \
	C(151, ALWAYS, (uint32_t)(v->rec.end_ms / 1000))                       \
	C(161, ALWAYS, bounded32(v->rec.end_ms - v->rec.start_ms))             \
	C(162, ALWAYS, bounded32((v->rec.end_ms - v->rec.start_ms) * 1000))    \
	C(176, PFLOWI_WHEN_ICMP4, v->icmp >> 8)                                \
	C(177, PFLOWI_WHEN_ICMP4, v->icmp & 0xff)                              \
	C(178, PFLOWI_WHEN_ICMP6, v->icmp >> 8)                                \
	C(179, PFLOWI_WHEN_ICMP6, v->icmp & 0xff)                              \
	C(195, PFLOWI_WHEN_TOS, v->rec.tos >> 2)                               \
	C(196, PFLOWI_WHEN_TOS, v->rec.tos >> 5)                               \
	C(206, ALWAYS, multicast_bits(&v->rec))                                \
	C(210, ALWAYS, 0)                                                      \
	C(243, PFLOWI_WHEN_VLAN, v->rec.state->vlan)

/** NTP times, written by value.c: N(element, which). */
#define FED_BY_TIME(N)                                                         \
	N(154, microseconds, start_ns)                                         \
	N(155, microseconds, last_ns)                                          \
	N(156, nanoseconds, start_ns)                                          \
	N(157, nanoseconds, last_ns)

PFLOWI_INLINE uint64_t
bounded32(uint64_t v)
{
	return pflowi_min_u64(v, UINT32_MAX);
}

/** A value that is too large for its octets is bounded, never cut. */
PFLOWI_INLINE uint64_t
bounded(uint64_t v, unsigned octets)
{
	return octets < 8 ? pflowi_min_u64(v, (UINT64_C(1) << (8 * octets)) - 1)
			  : v;
}

/** isMulticast (206), of the destination. */
static uint64_t
multicast_bits(const struct pflow_record *rec)
{
	const uint8_t *d = rec->dst;

	if (rec->af == PFLOW_AF_IPV4)
		return (d[0] & 0xf0) == 0xe0 ? 0x01 : 0;
	if (d[0] != 0xff)
		return 0;
	return (uint64_t)((d[1] & 0x0f) << 4) | (d[1] & 0x10 ? 0x08 : 0);
}

/** A NTP time of the state, not before the machine came up. */
PFLOWI_INLINE uint64_t
exact_ns(uint64_t ns, uint64_t clamped_ms)
{
	return ns / PFLOWI_NS_PER_MS == clamped_ms
	    ? ns
	    : clamped_ms * PFLOWI_NS_PER_MS;
}

static void
compute(uint8_t *p, const struct pflowi_op *op, const struct pflowi_values *v)
{
	uint64_t value = 0;

	switch (op->element) {
#define VALUE(id, cond, expr)                                                  \
	case id:                                                               \
		value = (expr);                                                \
		break;
		FED_BY_VALUE(VALUE)
#undef VALUE
#define TIME(id, form, member)                                                 \
	case id:                                                               \
		pflow_value_##form(p, exact_ns(v->rec.state->member,           \
		    (id) % 2 == 0 ? v->rec.start_ms : v->rec.end_ms));         \
		return;
		FED_BY_TIME(TIME)
#undef TIME
	}
	if (op->octets > 8) {
		memset(p, 0, op->octets);
		return;
	}
	pflowi_put_be(p, op->octets, bounded(value, op->octets));
}

/** Where a member is and how wide. */
struct feed {
	uint16_t element;
	uint16_t offset;
	uint32_t when;
	uint8_t width;
	uint8_t kind;
};

#define MEMBER(id, member, cond)                                               \
	{ id, offsetof(struct pflowi_values, member), cond,                    \
		sizeof(((struct pflowi_values *)0)->member), 0 },
#define COMPUTED(id, cond, expr) { id, 0, cond, 0, PFLOWI_OP_COMPUTE },
#define TIMED(id, form, member) { id, 0, ALWAYS, 0, PFLOWI_OP_COMPUTE },

static const struct feed feeds[] = { FED_BY_MEMBER(MEMBER)
	FED_BY_VALUE(COMPUTED) FED_BY_TIME(TIMED) };

#define REVERSE(id, member)                                                    \
	{ id, offsetof(struct pflowi_values, member), PFLOWI_WHEN_REVERSE,     \
		sizeof(((struct pflowi_values *)0)->member), 0 },

/* RFC 5103: only what is known of the way back alone. */
static const struct feed reverse_feeds[] = { REVERSE(1, reverse_octets)
	REVERSE(2, reverse_packets) REVERSE(6, reverse_tcp_flags) };

static const struct feed *
find_feed(const struct feed *list, size_t count, uint16_t element)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].element == element)
			return &list[i];
	}
	return NULL;
}

static uint8_t
kind_of(const struct feed *feed, const struct pflow_element *e,
    uint16_t octets)
{
	if (feed->kind == PFLOWI_OP_COMPUTE)
		return PFLOWI_OP_COMPUTE;
	if (e->type == PFLOW_TYPE_IPV4)
		return PFLOWI_OP_COPY4;
	if (e->type == PFLOW_TYPE_IPV6)
		return PFLOWI_OP_COPY16;
	if (octets != feed->width)
		return PFLOWI_OP_REDUCED;
	switch (octets) {
	case 8:
		return PFLOWI_OP_U64;
	case 4:
		return PFLOWI_OP_U32;
	case 2:
		return PFLOWI_OP_U16;
	default:
		return PFLOWI_OP_U8;
	}
}

int
pflowi_op_compile(struct pflowi_op *op, const struct pflow_field *field)
{
	const struct pflow_element *e = pflow_element_by_id(field->element);
	const struct feed *feed;

	if (field->element == 0 || field->element > 32767)
		return PFLOW_ERR_INVALID;
	memset(op, 0, sizeof(*op));
	op->element = field->element;
	op->octets = field->length;
	if (field->enterprise != 0 &&
	    field->enterprise != PFLOW_REVERSE_PEN) {
		op->kind = PFLOWI_OP_CALLER;
		return field->length == 0 ? PFLOW_ERR_RANGE : PFLOW_OK;
	}
	if (field->enterprise == 0)
		feed = find_feed(feeds, PFLOWI_ARRAY_LEN(feeds),
		    field->element);
	else
		feed = find_feed(reverse_feeds,
		    PFLOWI_ARRAY_LEN(reverse_feeds), field->element);
	if (e == NULL || feed == NULL)
		return PFLOW_ERR_NOTFOUND;
	if (!pflow_element_fits(e, field->length) || field->length == VARIABLE)
		return PFLOW_ERR_RANGE;
	op->when = feed->when;
	op->offset = feed->offset;
	op->width = feed->width;
	op->kind = kind_of(feed, e, field->length);
	return PFLOW_OK;
}

int
pflow_template_check(const struct pflow_field *fields, size_t count,
    uint16_t version, size_t *bad)
{
	struct pflowi_op op;
	size_t i;
	int rc;

	*bad = count;
	if (count == 0 || count > PFLOW_TEMPLATE_FIELDS_MAX)
		return PFLOW_ERR_INVALID;
	for (i = 0; i < count; i++) {
		*bad = i;
		if (version == 9 && (fields[i].enterprise != 0 ||
		    fields[i].length == VARIABLE))
			return PFLOW_ERR_UNSUPPORTED;
		rc = pflowi_op_compile(&op, &fields[i]);
		if (rc != PFLOW_OK)
			return rc;
	}
	*bad = count;
	return PFLOW_OK;
}

uint64_t
pflowi_plan_mask(const struct pflowi_op *ops, uint32_t count,
    uint32_t respect, uint32_t key)
{
	uint64_t mask = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t want = ops[i].when & respect;

		if ((want & key) == want)
			mask |= UINT64_C(1) << i;
	}
	return mask;
}

uint32_t
pflowi_plan_record_len(const struct pflowi_op *ops, uint64_t mask)
{
	uint32_t i, len = 0;

	for (i = 0; mask >> i != 0; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		/* One octet of length: PFLOW_VALUE_MAX is 255 at most, and
		 * 255 itself takes the long form (RFC 7011, 7). */
		len += ops[i].octets == VARIABLE ? 3 + PFLOW_VALUE_MAX
						 : ops[i].octets;
		if (i == 63)
			break;
	}
	return len;
}

uint32_t
pflowi_plan_template_len(const struct pflow_field *fields, uint64_t mask)
{
	uint32_t i, len = 4;

	for (i = 0; i < PFLOW_TEMPLATE_FIELDS_MAX; i++) {
		if (mask >> i & 1)
			len += fields[i].enterprise != 0 ? 8 : 4;
	}
	return len;
}

void
pflowi_w_template_record(struct pflowi_writer *w, uint16_t id,
    const struct pflow_field *fields, uint64_t mask)
{
	size_t count_at;
	uint32_t i, count = 0;

	pflowi_w_u16(w, id);
	count_at = pflowi_w_hole16(w);
	for (i = 0; i < PFLOW_TEMPLATE_FIELDS_MAX; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		count++;
		pflowi_w_u16(w, (uint16_t)(fields[i].element |
		    (fields[i].enterprise != 0 ? PFLOW_WIRE_ENTERPRISE_BIT
					       : 0)));
		pflowi_w_u16(w, fields[i].length);
		if (fields[i].enterprise != 0)
			pflowi_w_u32(w, fields[i].enterprise);
	}
	pflowi_w_fill16(w, count_at, count);
}

/** A value of the caller, of fixed or variable length (RFC 7011, 7). */
static uint8_t *
put_caller(uint8_t *p, const struct pflow_field *field,
    const struct pflowi_values *v, pflow_value_fn *fn, void *arg)
{
	size_t room = field->length == VARIABLE ? PFLOW_VALUE_MAX
						: field->length;
	uint8_t *value = field->length == VARIABLE ? p + 3 : p;
	size_t n = 0;

	if (fn != NULL)
		n = fn(arg, v->rec.state, v->rec.direction, field, value, room);
	if (n > room)
		n = room;
	if (field->length != VARIABLE) {
		memset(p + n, 0, room - n);
		return p + room;
	}
	if (n < 255) {
		*p = (uint8_t)n;
		memmove(p + 1, value, n);
		return p + 1 + n;
	}
	*p = 255;
	pflowi_put_be16(p + 1, (uint16_t)n);
	return p + 3 + n;
}

PFLOWI_INLINE uint64_t
load_uint(const uint8_t *member, uint8_t width)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (width) {
	case 8:
		pflowi_copy(&u64, member, 8);
		return u64;
	case 4:
		pflowi_copy(&u32, member, 4);
		return u32;
	case 2:
		pflowi_copy(&u16, member, 2);
		return u16;
	default:
		return *member;
	}
}

static void
put_reduced(uint8_t *p, const struct pflowi_op *op, const uint8_t *member)
{
	uint64_t value = load_uint(member, op->width);

	if (op->element == 6)
		value &= 0xff; /* RFC 9565: one octet is the low octet */
	pflowi_put_be(p, op->octets, bounded(value, op->octets));
}

PFLOWI_INLINE uint8_t *
put_op(uint8_t *p, const struct pflowi_op *op, const struct pflowi_values *v)
{
	const uint8_t *member = (const uint8_t *)v + op->offset;
	const uint8_t *octets;

	switch (op->kind) {
	case PFLOWI_OP_U64:
		pflowi_put_be64(p, load_uint(member, 8));
		return p + 8;
	case PFLOWI_OP_U32:
		pflowi_put_be32(p, (uint32_t)load_uint(member, 4));
		return p + 4;
	case PFLOWI_OP_U16:
		pflowi_put_be16(p, (uint16_t)load_uint(member, 2));
		return p + 2;
	case PFLOWI_OP_U8:
		*p = *member;
		return p + 1;
	case PFLOWI_OP_COPY4:
		pflowi_copy(&octets, member, sizeof(octets));
		pflowi_copy(p, octets, 4);
		return p + 4;
	case PFLOWI_OP_COPY16:
		pflowi_copy(&octets, member, sizeof(octets));
		pflowi_copy(p, octets, 16);
		return p + 16;
	case PFLOWI_OP_REDUCED:
		put_reduced(p, op, member);
		return p + op->octets;
	default:
		compute(p, op, v);
		return p + op->octets;
	}
}

uint8_t *
pflowi_put_planned(uint8_t *p, const struct pflowi_op *ops,
    const struct pflow_field *fields, uint64_t mask,
    const struct pflowi_values *v, pflow_value_fn *fn, void *arg)
{
	while (mask != 0) {
		unsigned i = PFLOWI_LOWEST_BIT(mask);

		mask &= mask - 1;
		if (PFLOWI_UNLIKELY(ops[i].kind == PFLOWI_OP_CALLER))
			p = put_caller(p, &fields[i], v, fn, arg);
		else
			p = put_op(p, &ops[i], v);
	}
	return p;
}

uint32_t
pflowi_key_of(const struct pflow_state *st, const struct pflow_key *pre)
{
	/* Presence bits that are conditions as they are. */
	static const struct {
		uint32_t has, when;
	} pairs[] = {
		{ PFLOW_HAS_TOS, PFLOWI_WHEN_TOS },
		{ PFLOW_HAS_IFINDEX, PFLOWI_WHEN_IFINDEX },
		{ PFLOW_HAS_VLAN, PFLOWI_WHEN_VLAN },
		{ PFLOW_HAS_END_REASON, PFLOWI_WHEN_END_REASON },
		{ PFLOW_HAS_FLOW_ID, PFLOWI_WHEN_FLOW_ID },
		{ PFLOW_HAS_DIRECTION, PFLOWI_WHEN_DIRECTION },
	};
	const struct pflow_key *post = pflowi_state_post(st);
	int ipv4 = pre->af == PFLOW_AF_IPV4;
	uint32_t key = ipv4 ? PFLOWI_WHEN_IPV4 : PFLOWI_WHEN_IPV6;
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(pairs); i++)
		key |= st->present & pairs[i].has ? pairs[i].when : 0;
	if (!pflowi_is_icmp(st->protocol))
		key |= PFLOWI_WHEN_PORTS;
	else if (st->present & PFLOW_HAS_ICMP)
		key |= st->protocol == PFLOWI_PROTO_ICMP ? PFLOWI_WHEN_ICMP4
							 : PFLOWI_WHEN_ICMP6;
	if (st->protocol == 6) {
		key |= PFLOWI_WHEN_TCP;
		if (st->present & PFLOW_HAS_TCP_FLAGS)
			key |= PFLOWI_WHEN_TCP_FLAGS;
	} else if (st->protocol == 17) {
		key |= PFLOWI_WHEN_UDP;
	}
	if (st->flags & PFLOW_STATE_TRANSLATED) {
		int post4 = post->af == PFLOW_AF_IPV4;

		key |= PFLOWI_WHEN_TRANSLATED;
		key |= post4 ? PFLOWI_WHEN_POST_IPV4 : PFLOWI_WHEN_POST_IPV6;
		if (!ipv4 || !post4)
			key |= PFLOWI_WHEN_NOT_NAT44;
	}
	return key;
}
