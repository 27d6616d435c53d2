/* SPDX-License-Identifier: ISC */
/* IPv4 and IPv6 headers, extension headers, and the head of the transport. */
#include <string.h>

#include "core/bytes.h"
#include "core/state.h"
#include "sources/dissect.h"

#define IPV4_MIN 20u
#define IPV6_HEADER 40u
#define IPV4_MORE 0x2000u
#define IPV4_OFFSET 0x1fffu
#define FRAG6_MORE 0x0001u
#define FRAG6_OFFSET 0xfff8u

/** Longer chains are not walked: the packet counts, without ports. */
#define MAX_EXTENSIONS 16

#define NEXT_HOP_BY_HOP 0
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_AH 51
#define NEXT_NONE 59
#define NEXT_DESTINATION 60
#define NEXT_MOBILITY 135
#define NEXT_HIP 139
#define NEXT_SHIM6 140

#define OPTION_PAD1 0x00
#define OPTION_JUMBO 0xc2

/** What of an IP packet lies behind its header. */
struct body {
	const uint8_t *p;
	size_t left; /**< captured, and inside the packet */
	size_t wire; /**< inside the packet, and inside the frame */
};

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
has_ports(uint8_t protocol)
{
	switch (protocol) {
	case PFLOWI_PROTO_TCP:
	case PFLOWI_PROTO_UDP:
	case PFLOWI_PROTO_DCCP:
	case PFLOWI_PROTO_SCTP:
	case PFLOWI_PROTO_UDPLITE:
		return 1;
	default:
		return 0;
	}
}

/**
 * Messages with an identifier at octet 4: RFC 792, RFC 950, RFC 4443,
 * extended echo of RFC 8335 (8-bit sequence, same place for the identifier).
 */
static uint8_t
icmp_query_facts(uint8_t protocol, uint8_t type)
{
	if (protocol == PFLOWI_PROTO_IPV6_ICMP) {
		switch (type) {
		case 128:
		case 160:
			return PFLOWI_IS_QUERY;
		case 129:
		case 161:
			return PFLOWI_IS_QUERY | PFLOWI_IS_REPLY;
		default:
			return 0;
		}
	}
	switch (type) {
	case 8:
	case 13:
	case 15:
	case 17:
	case 42:
		return PFLOWI_IS_QUERY;
	case 0:
	case 14:
	case 16:
	case 18:
	case 43:
		return PFLOWI_IS_QUERY | PFLOWI_IS_REPLY;
	default:
		return 0;
	}
}

static enum pflowi_verdict
icmp(const struct body *b, struct pflowi_packet *pk)
{
	uint8_t facts;

	if (b->left < 2)
		return b->wire < 2 ? PFLOWI_PACKET_IP : PFLOWI_PACKET_CUT_IP;
	pk->icmp = pflowi_get_be16(b->p);
	pk->facts |= PFLOWI_HAS_ICMP;
	facts = icmp_query_facts(pk->protocol, b->p[0]);
	if (facts != 0 && b->left >= 6) {
		pk->icmp_id = pflowi_get_be16(b->p + 4);
		pk->facts |= facts;
	}
	return PFLOWI_PACKET_IP;
}

/**
 * The head of the transport. A packet whose own length leaves no room for it
 * counts without ports; one that the capture cut does not count.
 */
static enum pflowi_verdict
transport(const struct body *b, struct pflowi_packet *pk)
{
	if (pk->facts & PFLOWI_FRAGMENT_LATER)
		return PFLOWI_PACKET_IP;
	if (pflowi_is_icmp(pk->protocol))
		return icmp(b, pk);
	if (!has_ports(pk->protocol))
		return PFLOWI_PACKET_IP;
	if (b->left < 4)
		return b->wire < 4 ? PFLOWI_PACKET_IP : PFLOWI_PACKET_CUT_IP;
	pk->port[0] = pflowi_get_be16(b->p);
	pk->port[1] = pflowi_get_be16(b->p + 2);
	pk->facts |= PFLOWI_HAS_PORTS;
	if (pk->protocol == PFLOWI_PROTO_TCP && b->left >= 14) {
		/* RFC 9565: without the data offset, with AE. */
		pk->tcp_flags = pflowi_get_be16(b->p + 12) & 0x0fffu;
		pk->facts |= PFLOWI_HAS_FLAGS;
	}
	return PFLOWI_PACKET_IP;
}

static void
clear(struct pflowi_packet *pk, uint8_t af)
{
	pk->fragment_id = 0;
	pk->port[0] = 0;
	pk->port[1] = 0;
	pk->tcp_flags = 0;
	pk->icmp = 0;
	pk->icmp_id = 0;
	pk->af = af;
	pk->facts = 0;
}

enum pflowi_verdict
pflowi_dissect_ipv4(const struct pflowi_frame_rest *rest,
    struct pflowi_packet *pk)
{
	const uint8_t *p = rest->p;
	size_t header, total;
	struct body b;
	uint16_t frag;

	if (rest->left < 4)
		return PFLOWI_PACKET_BAD_FRAME;
	header = (size_t)(p[0] & 0x0f) * 4;
	if (p[0] >> 4 != 4 || header < IPV4_MIN)
		return PFLOWI_PACKET_NOT_IP;
	total = pflowi_get_be16(p + 2);
	if (total == 0) /* segmentation offload: as much as there is */
		total = rest->wire;
	pk->octets = (uint32_t)total;
	if (total < header || rest->wire < IPV4_MIN)
		return PFLOWI_PACKET_BAD_IP;
	if (rest->left < IPV4_MIN)
		return PFLOWI_PACKET_CUT_IP;
	clear(pk, PFLOW_AF_IPV4);
	pk->tos = p[1];
	pk->protocol = p[9];
	memcpy(pk->addr[0], p + 12, 4);
	memcpy(pk->addr[1], p + 16, 4);
	frag = pflowi_get_be16(p + 6);
	if ((frag & (IPV4_MORE | IPV4_OFFSET)) != 0) {
		pk->fragment_id = pflowi_get_be16(p + 4);
		pk->facts |= (frag & IPV4_OFFSET) != 0 ? PFLOWI_FRAGMENT_LATER
						       : PFLOWI_FRAGMENT_FIRST;
	}
	b.p = p + min_size(header, rest->left);
	b.left = min_size(rest->left, total);
	b.left -= min_size(header, b.left);
	b.wire = min_size(rest->wire, total);
	b.wire -= min_size(header, b.wire);
	return transport(&b, pk);
}

/** RFC 2675: the jumbo payload option of a hop-by-hop header, or 0. */
static uint32_t
jumbo_length(const struct pflowi_frame_rest *rest)
{
	const uint8_t *p = rest->p + IPV6_HEADER;
	size_t left = rest->left - IPV6_HEADER, at = 2, end;

	if (rest->p[6] != NEXT_HOP_BY_HOP || left < 8)
		return 0;
	end = min_size(((size_t)p[1] + 1) * 8, left);
	while (at < end) {
		if (p[at] == OPTION_PAD1) {
			at++;
			continue;
		}
		if (end - at < 2)
			break;
		if (p[at] == OPTION_JUMBO && p[at + 1] == 4 && end - at >= 6)
			return pflowi_get_be32(p + at + 2);
		at += 2 + (size_t)p[at + 1];
	}
	return 0;
}

/**
 * Octets behind the fixed header. A length of zero means: none, a jumbogram,
 * or a packet that segmentation offload left open.
 */
static size_t
ipv6_payload(const struct pflowi_frame_rest *rest)
{
	size_t carried = rest->wire - IPV6_HEADER;
	size_t length = pflowi_get_be16(rest->p + 4);

	if (length != 0 || rest->p[6] == NEXT_NONE)
		return length;
	length = jumbo_length(rest);
	return length == 0 || length > carried ? carried : length;
}

static int
is_extension(uint8_t next)
{
	switch (next) {
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_FRAGMENT:
	case NEXT_AH:
	case NEXT_DESTINATION:
	case NEXT_MOBILITY:
	case NEXT_HIP:
	case NEXT_SHIM6:
		return 1;
	default:
		return 0;
	}
}

static size_t
extension_length(uint8_t next, const uint8_t *p)
{
	if (next == NEXT_FRAGMENT)
		return 8;
	if (next == NEXT_AH)
		return ((size_t)p[1] + 2) * 4;
	return ((size_t)p[1] + 1) * 8;
}

static void
fragment6(const uint8_t *p, struct pflowi_packet *pk)
{
	uint16_t frag = pflowi_get_be16(p + 2);

	/* RFC 6946: an atomic fragment is no fragment. */
	if ((frag & (FRAG6_MORE | FRAG6_OFFSET)) == 0)
		return;
	/* A second one, which nobody may send, is the one that counts. */
	pk->fragment_id = pflowi_get_be32(p + 4);
	pk->facts = (frag & FRAG6_OFFSET) != 0 ? PFLOWI_FRAGMENT_LATER
					       : PFLOWI_FRAGMENT_FIRST;
}

/**
 * Step over extension headers; pk->protocol is the next header all the way.
 * One that does not fit into the packet ends the walk: it is the protocol.
 */
static enum pflowi_verdict
extensions(struct body *b, struct pflowi_packet *pk)
{
	int i;

	for (i = 0; i < MAX_EXTENSIONS && is_extension(pk->protocol); i++) {
		size_t length;
		uint8_t here = pk->protocol;

		if (b->left < 8)
			break;
		length = extension_length(here, b->p);
		/* Mobility, HIP and Shim6 messages carry nothing further. */
		if (b->p[0] == NEXT_NONE && here >= NEXT_MOBILITY)
			return PFLOWI_PACKET_IP;
		if (length > b->wire)
			return PFLOWI_PACKET_IP;
		pk->protocol = b->p[0];
		if (here == NEXT_FRAGMENT)
			fragment6(b->p, pk);
		if (pk->facts & PFLOWI_FRAGMENT_LATER)
			return PFLOWI_PACKET_IP;
		b->wire -= length;
		length = min_size(length, b->left);
		b->p += length;
		b->left -= length;
	}
	if (is_extension(pk->protocol)) {
		if (i < MAX_EXTENSIONS && b->wire >= 8)
			return PFLOWI_PACKET_CUT_IP;
		return PFLOWI_PACKET_IP;
	}
	return transport(b, pk);
}

enum pflowi_verdict
pflowi_dissect_ipv6(const struct pflowi_frame_rest *rest,
    struct pflowi_packet *pk)
{
	const uint8_t *p = rest->p;
	size_t payload;
	struct body b;

	if (rest->left < 6)
		return PFLOWI_PACKET_BAD_FRAME;
	if (p[0] >> 4 != 6)
		return PFLOWI_PACKET_NOT_IP;
	if (rest->left < IPV6_HEADER) {
		pk->octets = IPV6_HEADER + pflowi_get_be16(p + 4);
		return rest->wire < IPV6_HEADER ? PFLOWI_PACKET_BAD_IP
						: PFLOWI_PACKET_CUT_IP;
	}
	payload = ipv6_payload(rest);
	pk->octets = (uint32_t)(IPV6_HEADER + payload);
	clear(pk, PFLOW_AF_IPV6);
	pk->tos = (uint8_t)(pflowi_get_be16(p) >> 4);
	pk->protocol = p[6];
	memcpy(pk->addr[0], p + 8, 16);
	memcpy(pk->addr[1], p + 24, 16);
	b.p = p + IPV6_HEADER;
	b.left = min_size(rest->left - IPV6_HEADER, payload);
	b.wire = min_size(rest->wire - IPV6_HEADER, payload);
	return extensions(&b, pk);
}
