/* SPDX-License-Identifier: ISC */
#include "sources/pf_nlmsg.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

#define ROOM 65536u

/* struct nlmsghdr: length, type, flags, sequence, port. */
#define HEADER 16u
#define GENERIC_HEADER 4u

#define TYPE_ERROR 2u
#define TYPE_DONE 3u
#define TYPE_CONTROL 16u

#define FLAG_REQUEST 0x0001u
#define FLAG_ACK 0x0004u
#define FLAG_DUMP_INTR 0x0010u
#define FLAG_DUMP 0x0300u

#define CONTROL_GET_FAMILY 3u
#define CONTROL_FAMILY_ID 1u
#define CONTROL_FAMILY_NAME 2u

#define PF_GET_STATES 1u

enum pflowi_pf_order
pflowi_pf_nlmsg_order(void)
{
	static const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 1 ? PFLOWI_PF_LITTLE : PFLOWI_PF_BIG;
}

int
pflowi_pf_nlmsg_init(struct pflowi_pf_nlmsg *nl, size_t limit)
{
	memset(nl, 0, sizeof(*nl));
	nl->limit = limit;
	nl->buf = malloc(ROOM);
	if (nl->buf == NULL)
		return PFLOW_ERR_NOMEM;
	nl->room = ROOM;
	return PFLOW_OK;
}

void
pflowi_pf_nlmsg_fini(struct pflowi_pf_nlmsg *nl)
{
	free(nl->buf);
	memset(nl, 0, sizeof(*nl));
}

int
pflowi_pf_nlmsg_grow(struct pflowi_pf_nlmsg *nl)
{
	uint8_t *buf;

	if (nl->room > nl->limit / 2)
		return PFLOW_ERR_NOMEM;
	buf = realloc(nl->buf, nl->room * 2);
	if (buf == NULL)
		return PFLOW_ERR_NOMEM;
	nl->buf = buf;
	nl->room *= 2;
	return PFLOW_OK;
}

void
pflowi_pf_nlmsg_set(struct pflowi_pf_nlmsg *nl, size_t len)
{
	nl->len = len;
	nl->pos = 0;
}

/** Integers of requests are in this machine's own order. */
static size_t
put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
	return sizeof(v);
}

static size_t
put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
	return sizeof(v);
}

/** Header and generic header, for `len` octets in all. */
static size_t
put_headers(struct pflowi_pf_nlmsg *nl, uint8_t *out, size_t len, uint16_t type,
    uint16_t flags, uint8_t command)
{
	size_t at = 0;

	nl->len = nl->pos = 0;
	nl->dump = flags == FLAG_DUMP;
	memset(out, 0, PFLOWI_PF_NLMSG_MAX);
	at += put32(out + at, (uint32_t)len);
	at += put16(out + at, type);
	at += put16(out + at, (uint16_t)(FLAG_REQUEST | FLAG_ACK | flags));
	at += put32(out + at, ++nl->sequence);
	at += put32(out + at, 0);
	out[at++] = command;
	out[at++] = 1;
	return at + 2;
}

size_t
pflowi_pf_nlmsg_family(struct pflowi_pf_nlmsg *nl,
    uint8_t out[PFLOWI_PF_NLMSG_MAX])
{
	static const char name[] = "pfctl";
	size_t len = HEADER + GENERIC_HEADER + 4 + 8;
	size_t at = put_headers(nl, out, len, TYPE_CONTROL, 0,
	    CONTROL_GET_FAMILY);

	at += put16(out + at, 4 + sizeof(name));
	at += put16(out + at, CONTROL_FAMILY_NAME);
	memcpy(out + at, name, sizeof(name));
	return len;
}

void
pflowi_pf_nlmsg_family_of(struct pflowi_pf_nlmsg *nl,
    const struct pflowi_pf_nlpart *part)
{
	enum pflowi_pf_order order = pflowi_pf_nlmsg_order();
	struct pflowi_pf_attrs it = { part->p, part->len, order };
	struct pflowi_pf_attr a;
	bool bad = false;

	while (pflowi_pf_attrs_next(&it, &a, &bad))
		if (a.type == CONTROL_FAMILY_ID && a.len == 2)
			nl->family = (uint16_t)pflowi_pf_attr_uint(&a, order);
}

size_t
pflowi_pf_nlmsg_states(struct pflowi_pf_nlmsg *nl,
    uint8_t out[PFLOWI_PF_NLMSG_MAX])
{
	return put_headers(nl, out, HEADER + GENERIC_HEADER, nl->family,
	    FLAG_DUMP, PF_GET_STATES);
}

/** An error of 0 acknowledges, which ends a request that is no dump. */
static int
status_of(struct pflowi_pf_nlmsg *nl, uint16_t type, const uint8_t *p,
    size_t len)
{
	int32_t error = 0;

	if (len >= sizeof(error))
		memcpy(&error, p, sizeof(error));
	if (error == 0)
		return nl->dump && type == TYPE_ERROR ? PFLOW_ERR_AGAIN
						      : PFLOW_EOF;
	/* FreeBSD has it positive, Linux negative. */
	nl->error = error > 0 ? error : error == INT32_MIN ? INT32_MAX : -error;
	return PFLOW_ERR_SYSTEM;
}

int
pflowi_pf_nlmsg_next(struct pflowi_pf_nlmsg *nl, struct pflowi_pf_nlpart *out)
{
	while (nl->len - nl->pos >= HEADER) {
		const uint8_t *p = nl->buf + nl->pos;
		size_t left = nl->len - nl->pos, step;
		uint32_t len, sequence;
		uint16_t type, flags;

		memcpy(&len, p, 4);
		memcpy(&type, p + 4, 2);
		memcpy(&flags, p + 6, 2);
		memcpy(&sequence, p + 8, 4);
		if (len < HEADER || len > left)
			return PFLOW_ERR_MALFORMED;
		step = ((size_t)len + 3) & ~(size_t)3;
		nl->pos += step < left ? step : left;
		if (sequence != nl->sequence)
			continue;
		if ((flags & FLAG_DUMP_INTR) != 0)
			return PFLOW_ERR_MALFORMED;
		if (type == TYPE_ERROR || type == TYPE_DONE) {
			int rc = status_of(nl, type, p + HEADER, len - HEADER);

			if (rc == PFLOW_ERR_AGAIN)
				continue;
			return rc;
		}
		if (len < HEADER + GENERIC_HEADER)
			return PFLOW_ERR_MALFORMED;
		out->p = p + HEADER + GENERIC_HEADER;
		out->len = len - HEADER - GENERIC_HEADER;
		return PFLOW_OK;
	}
	return PFLOW_ERR_AGAIN;
}
