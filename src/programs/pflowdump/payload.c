/* SPDX-License-Identifier: ISC */
#include "programs/pflowdump/payload.h"

#include <string.h>

#include "core/reader.h"

#define PROTO_UDP 17
#define UDP_HEADER_LEN 8
#define IPV4_HEADER_LEN 20
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8

/** IPv6 extension headers that a datagram may stand behind (RFC 8200, 4). */
#define NEXT_HOP_BY_HOP 0
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_DEST_OPTIONS 60

/** Step over the link layer. The IP version is in the IP header itself. */
static void
skip_link(struct pflowi_reader *r, enum pflowdump_link link)
{
	uint16_t type;

	switch (link) {
	case PFLOWDUMP_LINK_ETHERNET:
		(void)pflowi_r_take(r, 12);
		type = pflowi_r_u16(r);
		while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) {
			(void)pflowi_r_take(r, 2);
			type = pflowi_r_u16(r);
		}
		return;
	case PFLOWDUMP_LINK_SLL:
		(void)pflowi_r_take(r, 16);
		return;
	case PFLOWDUMP_LINK_SLL2:
		(void)pflowi_r_take(r, 20);
		return;
	case PFLOWDUMP_LINK_NULL:
		(void)pflowi_r_take(r, 4);
		return;
	case PFLOWDUMP_LINK_RAW:
		return;
	}
}

/** UDP header and payload; left counts octets of the IP payload. */
static enum pflowdump_found
take_udp(struct pflowi_reader *r, size_t left, struct pflowdump_ends *ends,
    const uint8_t **data, size_t *data_len)
{
	size_t len;

	ends->port[0] = pflowi_r_u16(r);
	ends->port[1] = pflowi_r_u16(r);
	len = pflowi_r_u16(r);
	(void)pflowi_r_u16(r);
	if (r->status != PFLOW_OK)
		return PFLOWDUMP_CUT_SHORT;
	if (len < UDP_HEADER_LEN || len > left)
		return PFLOWDUMP_NOT_UDP;
	*data_len = len - UDP_HEADER_LEN;
	*data = pflowi_r_take(r, *data_len);
	return *data == NULL ? PFLOWDUMP_CUT_SHORT : PFLOWDUMP_DATAGRAM;
}

static enum pflowdump_found
take_ipv4(struct pflowi_reader *r, struct pflowdump_ends *ends,
    const uint8_t **data, size_t *data_len)
{
	const uint8_t *ip = pflowi_r_take(r, IPV4_HEADER_LEN);
	size_t head, total;

	if (ip == NULL)
		return PFLOWDUMP_CUT_SHORT;
	head = (size_t)(ip[0] & 0x0f) * 4;
	total = pflowi_get_be16(ip + 2);
	if (head < IPV4_HEADER_LEN || total < head || ip[9] != PROTO_UDP)
		return PFLOWDUMP_NOT_UDP;
	/* More fragments, or an offset. */
	if ((pflowi_get_be16(ip + 6) & 0x3fff) != 0)
		return PFLOWDUMP_FRAGMENT;
	memcpy(ends->addr[0], ip + 12, 4);
	memcpy(ends->addr[1], ip + 16, 4);
	ends->af = PFLOW_AF_IPV4;
	(void)pflowi_r_take(r, head - IPV4_HEADER_LEN);
	return take_udp(r, total - head, ends, data, data_len);
}

static enum pflowdump_found
take_ipv6(struct pflowi_reader *r, struct pflowdump_ends *ends,
    const uint8_t **data, size_t *data_len)
{
	const uint8_t *ip = pflowi_r_take(r, 40);
	uint8_t next;
	size_t left;

	if (ip == NULL)
		return PFLOWDUMP_CUT_SHORT;
	left = pflowi_get_be16(ip + 4);
	next = ip[6];
	memcpy(ends->addr[0], ip + 8, 16);
	memcpy(ends->addr[1], ip + 24, 16);
	ends->af = PFLOW_AF_IPV6;
	while (next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING ||
	    next == NEXT_DEST_OPTIONS) {
		size_t len;

		next = pflowi_r_u8(r);
		len = ((size_t)pflowi_r_u8(r) + 1) * 8;
		(void)pflowi_r_take(r, len - 2);
		if (r->status != PFLOW_OK)
			return PFLOWDUMP_CUT_SHORT;
		if (len > left)
			return PFLOWDUMP_NOT_UDP;
		left -= len;
	}
	if (next == NEXT_FRAGMENT)
		return PFLOWDUMP_FRAGMENT;
	if (next != PROTO_UDP)
		return PFLOWDUMP_NOT_UDP;
	return take_udp(r, left, ends, data, data_len);
}

enum pflowdump_found
pflowdump_payload(enum pflowdump_link link, const uint8_t *frame, size_t len,
    struct pflowdump_ends *ends, const uint8_t **data, size_t *data_len)
{
	struct pflowi_reader r;

	memset(ends, 0, sizeof(*ends));
	pflowi_r_init(&r, frame, len);
	skip_link(&r, link);
	if (pflowi_r_left(&r) == 0)
		return PFLOWDUMP_NOT_UDP;
	if (r.buf[r.pos] >> 4 == 4)
		return take_ipv4(&r, ends, data, data_len);
	if (r.buf[r.pos] >> 4 == 6)
		return take_ipv6(&r, ends, data, data_len);
	return PFLOWDUMP_NOT_UDP;
}
