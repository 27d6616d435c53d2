/* SPDX-License-Identifier: ISC */
#include "sources/pf_netlink.h"

#include <string.h>

#include "core/bytes.h"

#define HEADER 4u
#define TYPE_MASK 0x3fffu

/* Attributes of a state. */
enum {
	ST_ID = 1,
	ST_CREATORID = 2,
	ST_IFNAME = 3,
	ST_ORIG_IFNAME = 4,
	ST_KEY_WIRE = 5,
	ST_KEY_STACK = 6,
	ST_RULE = 10,
	ST_ANCHOR = 11,
	ST_CREATION = 13,
	ST_EXPIRE = 14,
	ST_PACKETS0 = 15,
	ST_PACKETS1 = 16,
	ST_BYTES0 = 17,
	ST_BYTES1 = 18,
	ST_AF = 19,
	ST_PROTO = 21,
	ST_DIRECTION = 22,
	ST_TIMEOUT = 24,
	ST_STATE_FLAGS = 25,
};

/* Attributes of a key. */
enum { KEY_ADDR0 = 1, KEY_ADDR1, KEY_PORT0, KEY_PORT1, KEY_AF, KEY_PROTO };

#define FLAG_PFLOW 0x0004u

/** Without these a state is none. */
#define NEEDED                                                                 \
	(1u << ST_ID | 1u << ST_KEY_WIRE | 1u << ST_KEY_STACK |                \
	    1u << ST_PACKETS0 | 1u << ST_PACKETS1 | 1u << ST_BYTES0 |          \
	    1u << ST_BYTES1 | 1u << ST_DIRECTION)

/**
 * A state that is due has the machine's uptime where its seconds left should
 * be (seen in 15.0). More than a week, or twice its timeout, is taken as that.
 */
#define EXPIRE_MAX 604800u

bool
pflowi_pf_attrs_next(struct pflowi_pf_attrs *it, struct pflowi_pf_attr *out,
    bool *bad)
{
	bool little = it->order == PFLOWI_PF_LITTLE;
	size_t len, step;

	if (it->left < HEADER) {
		if (it->left > 0)
			*bad = true;
		return false;
	}
	len = little ? pflowi_get_le16(it->p) : pflowi_get_be16(it->p);
	if (len < HEADER || len > it->left) {
		*bad = true;
		return false;
	}
	out->type = (little ? pflowi_get_le16(it->p + 2)
			    : pflowi_get_be16(it->p + 2)) & TYPE_MASK;
	out->p = it->p + HEADER;
	out->len = len - HEADER;
	step = (len + 3) & ~(size_t)3;
	if (step > it->left)
		step = it->left;
	it->p += step;
	it->left -= step;
	return true;
}

uint64_t
pflowi_pf_attr_uint(const struct pflowi_pf_attr *a, enum pflowi_pf_order order)
{
	bool little = order == PFLOWI_PF_LITTLE;

	switch (a->len) {
	case 1:
		return a->p[0];
	case 2:
		return little ? pflowi_get_le16(a->p) : pflowi_get_be16(a->p);
	case 4:
		return little ? pflowi_get_le32(a->p) : pflowi_get_be32(a->p);
	case 8:
		return little ? pflowi_get_le64(a->p) : pflowi_get_be64(a->p);
	default:
		return 0;
	}
}

static void
get_name(const struct pflowi_pf_attr *a, char out[PFLOWI_PF_IFNAME_LEN])
{
	size_t len = a->len < PFLOWI_PF_IFNAME_LEN ? a->len
						   : PFLOWI_PF_IFNAME_LEN;
	uint8_t name[PFLOWI_PF_IFNAME_LEN] = { 0 };

	memcpy(name, a->p, len);
	pflowi_pf_get_name(name, out);
}

static void
get_key(const struct pflowi_pf_attr *nested, enum pflowi_pf_order order,
    size_t which, struct pflowi_pf_raw *raw, bool *bad)
{
	struct pflowi_pf_attrs it = { nested->p, nested->len, order };
	struct pflowi_pf_attr a;

	while (pflowi_pf_attrs_next(&it, &a, bad)) {
		switch (a.type) {
		case KEY_ADDR0:
		case KEY_ADDR1:
			if (a.len != 4 && a.len != 16)
				*bad = true;
			else
				memcpy(raw->addr[which][a.type - KEY_ADDR0],
				    a.p, a.len);
			break;
		case KEY_PORT0:
		case KEY_PORT1: /* as on the wire, whatever the machine */
			if (a.len == 2)
				raw->port[which][a.type - KEY_PORT0] =
				    pflowi_get_be16(a.p);
			break;
		case KEY_AF:
			raw->af[which] = (uint8_t)pflowi_pf_attr_uint(&a, order);
			break;
		case KEY_PROTO:
			raw->proto[which] =
			    (uint8_t)pflowi_pf_attr_uint(&a, order);
			break;
		}
	}
}

static void
get_id(const struct pflowi_pf_attr *a, struct pflowi_pf_raw *raw, bool *bad)
{
	if (a->len == 8)
		raw->id = pflowi_get_be64(a->p);
	else
		*bad = true;
}

/** Numbers of a state; the others are left alone. */
static void
get_number(struct pflowi_pf_raw *raw, unsigned type, uint64_t v)
{
	switch (type) {
	case ST_CREATORID:
		raw->creatorid = (uint32_t)v;
		break;
	case ST_RULE:
		raw->rule = (uint32_t)v;
		break;
	case ST_ANCHOR:
		raw->anchor = (uint32_t)v;
		break;
	case ST_CREATION:
		raw->age_s = v;
		break;
	case ST_EXPIRE:
		raw->expire_s = v;
		break;
	case ST_PACKETS0:
	case ST_PACKETS1:
		raw->packets[type - ST_PACKETS0] = v;
		break;
	case ST_BYTES0:
	case ST_BYTES1:
		raw->bytes[type - ST_BYTES0] = v;
		break;
	case ST_DIRECTION:
		raw->direction = (uint8_t)v;
		break;
	case ST_TIMEOUT:
		raw->timeout = (uint8_t)v;
		break;
	case ST_STATE_FLAGS:
		raw->marked = (v & FLAG_PFLOW) != 0;
		break;
	}
}

/** What a state says once holds for the keys that do not say it. */
static void
complete(struct pflowi_pf_raw *raw, uint8_t af, uint8_t proto)
{
	uint32_t life = pflowi_pf_timeout_s(PFLOWI_PF_BSD, raw->timeout);
	size_t key;

	for (key = 0; key < 2; key++) {
		if (raw->af[key] == 0)
			raw->af[key] = af;
		if (raw->proto[key] == 0)
			raw->proto[key] = proto;
	}
	if (raw->expire_s > EXPIRE_MAX && raw->expire_s > (uint64_t)life * 2)
		raw->expire_s = 0;
}

int
pflowi_pf_netlink_state(const uint8_t *p, size_t len,
    enum pflowi_pf_order order, struct pflowi_pf_raw *raw)
{
	struct pflowi_pf_attrs it = { p, len, order };
	struct pflowi_pf_attr a;
	uint8_t af = 0, proto = 0;
	uint32_t seen = 0;
	bool bad = false;

	memset(raw, 0, sizeof(*raw));
	raw->icmp = PFLOWI_PF_ICMP_MIXED;
	raw->codes = 25;
	raw->swaps = true;
	raw->rule = raw->anchor = UINT32_MAX;
	while (pflowi_pf_attrs_next(&it, &a, &bad)) {
		if (a.type < 32)
			seen |= 1u << a.type;
		if (a.type == ST_KEY_WIRE || a.type == ST_KEY_STACK)
			get_key(&a, order, a.type - ST_KEY_WIRE, raw, &bad);
		else if (a.type == ST_ID)
			get_id(&a, raw, &bad);
		else if (a.type == ST_IFNAME)
			get_name(&a, raw->ifname);
		else if (a.type == ST_ORIG_IFNAME)
			get_name(&a, raw->orig_ifname);
		else if (a.type == ST_AF)
			af = (uint8_t)pflowi_pf_attr_uint(&a, order);
		else if (a.type == ST_PROTO)
			proto = (uint8_t)pflowi_pf_attr_uint(&a, order);
		else
			get_number(raw, a.type, pflowi_pf_attr_uint(&a, order));
	}
	if (bad || (seen & NEEDED) != NEEDED)
		return PFLOW_ERR_MALFORMED;
	complete(raw, af, proto);
	return PFLOW_OK;
}
