/* SPDX-License-Identifier: ISC */
/*
 * linux/netfilter/nfnetlink_conntrack.h. Headers of messages and attributes
 * are in the byte order of the machine, values in network order.
 */
#include "sources/conntrack_decode.h"

#include <string.h>

#include "core/reader.h"
#include "core/state.h"

#define NL_HEADER 16u
#define NFGEN_HEADER 4u
#define NLA_HEADER 4u
#define NLA_TYPE_MASK 0x3fffu /* without NLA_F_NESTED, NLA_F_NET_BYTEORDER */
#define ALIGN4(n) (((n) + 3u) & ~(size_t)3u)

#define MSG_CT_NEW 0u
#define MSG_CT_DELETE 2u

#define PROTO_TCP 6u
#define PROTO_UDP 17u
#define PROTO_DCCP 33u
#define PROTO_SCTP 132u
#define PROTO_UDPLITE 136u

enum { /* enum ctattr_type */
	CTA_TUPLE_ORIG = 1,
	CTA_TUPLE_REPLY = 2,
	CTA_STATUS = 3,
	CTA_PROTOINFO = 4,
	CTA_TIMEOUT = 7,
	CTA_MARK = 8,
	CTA_COUNTERS_ORIG = 9,
	CTA_COUNTERS_REPLY = 10,
	CTA_ID = 12,
	CTA_ZONE = 18,
	CTA_TIMESTAMP = 20,
	CTA_LABELS = 22,
	CTA_TIMESTAMP_EVENT = 27
};
enum { CTA_TUPLE_IP = 1, CTA_TUPLE_PROTO = 2, CTA_TUPLE_ZONE = 3 };
enum { CTA_IP_V4_SRC = 1, CTA_IP_V4_DST, CTA_IP_V6_SRC, CTA_IP_V6_DST };
enum { /* enum ctattr_l4proto */
	CTA_PROTO_NUM = 1,
	CTA_PROTO_SRC_PORT,
	CTA_PROTO_DST_PORT,
	CTA_PROTO_ICMP_ID,
	CTA_PROTO_ICMP_TYPE,
	CTA_PROTO_ICMP_CODE,
	CTA_PROTO_ICMPV6_ID,
	CTA_PROTO_ICMPV6_TYPE,
	CTA_PROTO_ICMPV6_CODE
};
enum { CTA_PROTOINFO_TCP = 1, CTA_PROTOINFO_SCTP = 3 };
enum { CTA_PROTOINFO_STATE = 1 }; /* of TCP and of SCTP */
enum { CTA_COUNTERS_PACKETS = 1, CTA_COUNTERS_BYTES = 2 };
enum { CTA_TIMESTAMP_START = 1, CTA_TIMESTAMP_STOP = 2 };

/** One attribute; points into the message. */
struct attr {
	const uint8_t *data;
	size_t len;
	unsigned type;
};

/** One tuple, not yet turned into a key. */
struct tuple {
	uint8_t addr[2][16];
	uint16_t inner[2]; /* ports, GRE keys; ICMP id in [0] */
	uint16_t zone;
	uint8_t af;	   /* 0: an address is missing */
	uint8_t seen;	   /* bit 0: source, bit 1: destination */
	uint8_t protocol;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t has_icmp;
};

static uint16_t
host16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
host32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

int
pflowi_nl_next(const uint8_t *buf, size_t len, size_t *pos,
    struct pflowi_nl_msg *out)
{
	size_t left = len - *pos, n;

	if (left == 0)
		return PFLOW_EOF;
	if (left < NL_HEADER)
		return PFLOW_ERR_TRUNCATED;
	n = host32(buf + *pos);
	if (n < NL_HEADER || n > left)
		return PFLOW_ERR_TRUNCATED;
	out->type = host16(buf + *pos + 4);
	out->flags = host16(buf + *pos + 6);
	out->seq = host32(buf + *pos + 8);
	out->portid = host32(buf + *pos + 12);
	out->data = buf + *pos + NL_HEADER;
	out->len = n - NL_HEADER;
	*pos += ALIGN4(n) < left ? ALIGN4(n) : left;
	return PFLOW_OK;
}

int
pflowi_nl_errno(const struct pflowi_nl_msg *msg)
{
	uint32_t v;

	if (msg->len < 4)
		return 0;
	v = host32(msg->data); /* int, 0 or a negative errno */
	return v == 0 || v < UINT32_C(0xfffff001) ? 0 : (int)(~v + 1u);
}

/** 1: `out` is the next attribute; 0: no more; negative: lengths lie. */
static int
next_attr(struct pflowi_reader *r, struct attr *out)
{
	const uint8_t *head;
	size_t n, pad;

	if (pflowi_r_left(r) == 0)
		return 0;
	head = pflowi_r_take(r, NLA_HEADER);
	if (head == NULL)
		return PFLOW_ERR_TRUNCATED;
	n = host16(head);
	if (n < NLA_HEADER)
		return PFLOW_ERR_TRUNCATED;
	out->type = host16(head + 2) & NLA_TYPE_MASK;
	out->len = n - NLA_HEADER;
	out->data = pflowi_r_take(r, out->len);
	if (out->data == NULL)
		return PFLOW_ERR_TRUNCATED;
	pad = ALIGN4(n) - n;
	if (pad > pflowi_r_left(r))
		pad = pflowi_r_left(r);
	(void)pflowi_r_take(r, pad);
	return 1;
}

static int
get_u8(const struct attr *a, uint8_t *v)
{
	if (a->len < 1)
		return PFLOW_ERR_MALFORMED;
	*v = a->data[0];
	return PFLOW_OK;
}

static int
get_u16(const struct attr *a, uint16_t *v)
{
	if (a->len < 2)
		return PFLOW_ERR_MALFORMED;
	*v = pflowi_get_be16(a->data);
	return PFLOW_OK;
}

static int
get_u32(const struct attr *a, uint32_t *v)
{
	if (a->len < 4)
		return PFLOW_ERR_MALFORMED;
	*v = pflowi_get_be32(a->data);
	return PFLOW_OK;
}

static int
get_u64(const struct attr *a, uint64_t *v)
{
	if (a->len < 8)
		return PFLOW_ERR_MALFORMED;
	*v = pflowi_get_be64(a->data);
	return PFLOW_OK;
}

typedef int attr_fn(const struct attr *a, void *out);

/** Hand every attribute in `data` to `fn`; its first error ends the walk. */
static int
each_attr(const uint8_t *data, size_t len, attr_fn *fn, void *out)
{
	struct pflowi_reader r;
	struct attr a;
	int rc;

	pflowi_r_init(&r, data, len);
	while ((rc = next_attr(&r, &a)) > 0) {
		rc = fn(&a, out);
		if (rc != PFLOW_OK)
			return rc;
	}
	return rc;
}

static int
on_ip(const struct attr *a, void *out)
{
	struct tuple *t = out;
	unsigned end;
	size_t octets;

	switch (a->type) {
	case CTA_IP_V4_SRC:
	case CTA_IP_V4_DST:
		t->af = PFLOW_AF_IPV4;
		octets = 4;
		end = a->type == CTA_IP_V4_DST;
		break;
	case CTA_IP_V6_SRC:
	case CTA_IP_V6_DST:
		t->af = PFLOW_AF_IPV6;
		octets = 16;
		end = a->type == CTA_IP_V6_DST;
		break;
	default:
		return PFLOW_OK;
	}
	/* Each end once: a family that changes half-way makes no tuple. */
	if (a->len != octets || t->seen & 1u << end)
		return PFLOW_ERR_MALFORMED;
	memcpy(t->addr[end], a->data, octets);
	t->seen = (uint8_t)(t->seen | 1u << end | (octets == 4 ? 4u : 8u));
	return PFLOW_OK;
}

static int
on_proto(const struct attr *a, void *out)
{
	struct tuple *t = out;

	switch (a->type) {
	case CTA_PROTO_NUM:
		return get_u8(a, &t->protocol);
	case CTA_PROTO_SRC_PORT:
	case CTA_PROTO_ICMP_ID:
	case CTA_PROTO_ICMPV6_ID:
		return get_u16(a, &t->inner[0]);
	case CTA_PROTO_DST_PORT:
		return get_u16(a, &t->inner[1]);
	case CTA_PROTO_ICMP_TYPE:
	case CTA_PROTO_ICMPV6_TYPE:
		t->has_icmp = 1;
		return get_u8(a, &t->icmp_type);
	case CTA_PROTO_ICMP_CODE:
	case CTA_PROTO_ICMPV6_CODE:
		return get_u8(a, &t->icmp_code);
	default:
		return PFLOW_OK;
	}
}

static int
on_tuple(const struct attr *a, void *out)
{
	struct tuple *t = out;

	switch (a->type) {
	case CTA_TUPLE_IP:
		return each_attr(a->data, a->len, on_ip, t);
	case CTA_TUPLE_PROTO:
		return each_attr(a->data, a->len, on_proto, t);
	case CTA_TUPLE_ZONE:
		return get_u16(a, &t->zone);
	default:
		return PFLOW_OK;
	}
}

static int
on_state(const struct attr *a, void *out)
{
	return a->type == CTA_PROTOINFO_STATE ? get_u8(a, out) : PFLOW_OK;
}

static int
on_protoinfo(const struct attr *a, void *out)
{
	struct pflowi_ct_flow *f = out;

	switch (a->type) {
	case CTA_PROTOINFO_TCP:
		f->has |= PFLOWI_CT_HAS_TCP_STATE;
		return each_attr(a->data, a->len, on_state, &f->tcp_state);
	case CTA_PROTOINFO_SCTP:
		f->has |= PFLOWI_CT_HAS_SCTP_STATE;
		return each_attr(a->data, a->len, on_state, &f->sctp_state);
	default:
		return PFLOW_OK;
	}
}

/** One direction's counters. */
struct counters {
	uint64_t *packets, *octets;
};

static int
on_counters(const struct attr *a, void *out)
{
	struct counters *c = out;

	switch (a->type) {
	case CTA_COUNTERS_PACKETS:
		return get_u64(a, c->packets);
	case CTA_COUNTERS_BYTES:
		return get_u64(a, c->octets);
	default:
		return PFLOW_OK;
	}
}

static int
on_timestamp(const struct attr *a, void *out)
{
	struct pflowi_ct_flow *f = out;

	switch (a->type) {
	case CTA_TIMESTAMP_START:
		return get_u64(a, &f->start_ns);
	case CTA_TIMESTAMP_STOP:
		return get_u64(a, &f->stop_ns);
	default:
		return PFLOW_OK;
	}
}

static int
take_counters(const struct attr *a, struct pflowi_ct_flow *f, unsigned dir)
{
	struct counters c = { &f->st.packets[dir], &f->st.octets[dir] };

	f->has |= PFLOWI_CT_HAS_COUNTERS;
	return each_attr(a->data, a->len, on_counters, &c);
}

static int
take_labels(const struct attr *a, struct pflowi_ct_flow *f)
{
	size_t n = a->len;

	if (n > PFLOWI_CT_LABEL_OCTETS)
		n = PFLOWI_CT_LABEL_OCTETS;
	memcpy(f->labels, a->data, n);
	f->label_octets = (uint8_t)n;
	f->has |= PFLOWI_CT_HAS_LABELS;
	return PFLOW_OK;
}

/** Where on_entry() puts what it finds. */
struct entry {
	struct pflowi_ct_flow *flow;
	struct tuple tuple[2]; /* original, reply */
};

static int
on_entry(const struct attr *a, void *out)
{
	struct entry *e = out;
	struct pflowi_ct_flow *f = e->flow;

	switch (a->type) {
	case CTA_TUPLE_ORIG:
	case CTA_TUPLE_REPLY:
		return each_attr(a->data, a->len, on_tuple,
		    &e->tuple[a->type == CTA_TUPLE_REPLY]);
	case CTA_STATUS:
		return get_u32(a, &f->status);
	case CTA_PROTOINFO:
		return each_attr(a->data, a->len, on_protoinfo, f);
	case CTA_TIMEOUT:
		f->has |= PFLOWI_CT_HAS_TIMEOUT;
		return get_u32(a, &f->timeout_s);
	case CTA_MARK:
		return get_u32(a, &f->mark);
	case CTA_COUNTERS_ORIG:
		return take_counters(a, f, PFLOW_FORWARD);
	case CTA_COUNTERS_REPLY:
		return take_counters(a, f, PFLOW_REVERSE);
	case CTA_ID:
		f->has |= PFLOWI_CT_HAS_ID;
		return get_u32(a, &f->id);
	case CTA_ZONE:
		return get_u16(a, &f->zone);
	case CTA_TIMESTAMP:
		return each_attr(a->data, a->len, on_timestamp, f);
	case CTA_LABELS:
		return take_labels(a, f);
	case CTA_TIMESTAMP_EVENT:
		return get_u64(a, &f->event_ns);
	default:
		return PFLOW_OK;
	}
}

static int
tuple_is_whole(const struct tuple *t)
{
	/* Both ends, of one family. */
	return t->seen == (3u | 4u) || t->seen == (3u | 8u);
}

static int
has_ports(uint8_t protocol)
{
	return protocol == PROTO_TCP || protocol == PROTO_UDP ||
	    protocol == PROTO_SCTP || protocol == PROTO_UDPLITE ||
	    protocol == PROTO_DCCP;
}

/** The key of a tuple; `turn` makes the receiver of a reply the sender. */
static void
tuple_to_key(const struct tuple *t, unsigned turn, struct pflow_key *key)
{
	memset(key, 0, sizeof(*key));
	key->af = t->af;
	memcpy(key->addr[turn], t->addr[0], sizeof(key->addr[0]));
	memcpy(key->addr[1 - turn], t->addr[1], sizeof(key->addr[0]));
	/* Not an ICMP id, not a GRE key: those are no ports. */
	if (!has_ports(t->protocol))
		return;
	key->port[turn] = t->inner[0];
	key->port[1 - turn] = t->inner[1];
}

static void
fill_state(const struct entry *e, struct pflowi_ct_flow *f)
{
	const struct tuple *orig = &e->tuple[0];
	struct pflow_state *st = &f->st;

	tuple_to_key(orig, 0, &st->key[PFLOW_WIRE]);
	tuple_to_key(&e->tuple[1], 1, &st->key[PFLOW_STACK]);
	if (memcmp(&st->key[PFLOW_WIRE], &st->key[PFLOW_STACK],
		sizeof(st->key[0])) != 0)
		st->flags |= PFLOW_STATE_TRANSLATED;
	st->protocol = orig->protocol;
	f->inner[0] = orig->inner[0];
	f->inner[1] = orig->inner[1];
	/* A zone of one direction only stands in that tuple (Linux 4.3). */
	if (f->zone == 0)
		f->zone = orig->zone;
	if (pflowi_is_icmp(orig->protocol) && orig->has_icmp) {
		st->icmp[PFLOW_FORWARD] = (uint16_t)(orig->icmp_type << 8 |
		    orig->icmp_code);
		st->icmp[PFLOW_REVERSE] = pflow_icmp_reply(orig->protocol,
		    st->icmp[PFLOW_FORWARD]);
		st->present |= PFLOW_HAS_ICMP;
	}
	if (f->has & PFLOWI_CT_HAS_ID) {
		st->flow_id = f->id;
		st->present |= PFLOW_HAS_FLOW_ID;
	}
}

int
pflowi_ct_decode(const struct pflowi_nl_msg *msg, struct pflowi_ct_flow *out)
{
	struct entry e;
	int rc;

	if (msg->type >> 8 != PFLOWI_NL_SUBSYS_CTNETLINK)
		return PFLOW_ERR_UNSUPPORTED;
	memset(out, 0, sizeof(*out));
	if ((msg->type & 0xffu) == MSG_CT_DELETE)
		out->kind = PFLOWI_CT_DESTROY;
	else if ((msg->type & 0xffu) != MSG_CT_NEW)
		return PFLOW_ERR_UNSUPPORTED;
	else
		out->kind = msg->flags & PFLOWI_NL_F_CREATE ? PFLOWI_CT_NEW
							    : PFLOWI_CT_UPDATE;
	if (msg->len < NFGEN_HEADER)
		return PFLOW_ERR_TRUNCATED;
	out->portid = msg->portid;
	pflow_state_init(&out->st);
	memset(&e, 0, sizeof(e));
	e.flow = out;
	rc = each_attr(msg->data + NFGEN_HEADER, msg->len - NFGEN_HEADER,
	    on_entry, &e);
	if (rc != PFLOW_OK)
		return rc;
	if (!tuple_is_whole(&e.tuple[0]) || !tuple_is_whole(&e.tuple[1]) ||
	    e.tuple[0].protocol != e.tuple[1].protocol)
		return PFLOW_ERR_MALFORMED;
	fill_state(&e, out);
	return PFLOW_OK;
}

int
pflowi_ct_label(const struct pflowi_ct_flow *flow, unsigned bit)
{
	/* The kernel's bitmap: unsigned longs in the order of the machine. */
	const unsigned word_bits = 8u * (unsigned)sizeof(unsigned long);
	size_t at = bit / word_bits * sizeof(unsigned long);
	unsigned long word;

	if (at + sizeof(word) > flow->label_octets)
		return 0;
	memcpy(&word, flow->labels + at, sizeof(word));
	return (int)(word >> bit % word_bits & 1u);
}
