/* SPDX-License-Identifier: ISC */
#include "sources/pfsync_frame.h"

#include <string.h>

#include "core/bytes.h"

#define PROTO_PFSYNC 240u
#define TTL 255u

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu

/* Extension headers that may stand before the payload (RFC 8200, 4). */
#define EXT_HOP_BY_HOP 0u
#define EXT_ROUTING 43u
#define EXT_FRAGMENT 44u
#define EXT_AUTH 51u
#define EXT_DESTINATION 60u
#define EXT_MAX 8u

#define GOOD PFLOWI_PFSYNC_FRAME_GOOD
#define OTHER PFLOWI_PFSYNC_FRAME_other_frames
#define CUT PFLOWI_PFSYNC_FRAME_cut_frames
#define BAD PFLOWI_PFSYNC_FRAME_bad_frames

typedef enum pflowi_pfsync_frame_verdict read_fn(const uint8_t *p,
    size_t len, size_t wire, struct pflowi_pfsync_payload *out);

/** What of `wire` octets is there, given `len` of the frame. */
static void
set_payload(struct pflowi_pfsync_payload *out, const uint8_t *p, size_t len,
    size_t wire)
{
	out->p = p;
	out->wire = wire;
	out->len = len < wire ? len : wire;
}

static enum pflowi_pfsync_frame_verdict
ipv4(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	size_t header, total;

	if (len < 20)
		return CUT;
	header = (size_t)(p[0] & 15) * 4;
	total = pflowi_get_be16(p + 2);
	if (p[9] != PROTO_PFSYNC)
		return OTHER;
	if (header < 20 || total < header || total > wire)
		return BAD;
	if ((pflowi_get_be16(p + 6) & 0x3fff) != 0)
		return PFLOWI_PFSYNC_FRAME_fragments;
	if (p[8] != TTL)
		return PFLOWI_PFSYNC_FRAME_wrong_ttl;
	if (len < header)
		return CUT;
	memcpy(out->sender, p + 12, 4);
	set_payload(out, p + header, len - header, total - header);
	return GOOD;
}

static enum pflowi_pfsync_frame_verdict
ipv6(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	size_t at = 40, end, step, hops;
	uint8_t next;

	if (len < 40)
		return CUT;
	next = p[6];
	end = 40 + (size_t)pflowi_get_be16(p + 4);
	if (end > wire)
		return next == PROTO_PFSYNC ? BAD : OTHER;
	for (hops = 0; hops < EXT_MAX; hops++) {
		if (next != EXT_HOP_BY_HOP && next != EXT_ROUTING &&
		    next != EXT_FRAGMENT && next != EXT_AUTH &&
		    next != EXT_DESTINATION)
			break;
		if (end - at < 8)
			return OTHER;
		if (len < at + 8)
			return CUT;
		if (next == EXT_FRAGMENT && p[at] == PROTO_PFSYNC &&
		    (pflowi_get_be16(p + at + 2) & 0xfff9) != 0)
			return PFLOWI_PFSYNC_FRAME_fragments;
		step = next == EXT_FRAGMENT ? 8
		    : next == EXT_AUTH ? ((size_t)p[at + 1] + 2) * 4
				       : ((size_t)p[at + 1] + 1) * 8;
		if (step > end - at)
			return OTHER;
		next = p[at];
		at += step;
	}
	if (next != PROTO_PFSYNC)
		return OTHER;
	if (p[7] != TTL)
		return PFLOWI_PFSYNC_FRAME_wrong_ttl;
	if (len < at)
		return CUT;
	memcpy(out->sender, p + 8, 16);
	set_payload(out, p + at, len - at, end - at);
	return GOOD;
}

static enum pflowi_pfsync_frame_verdict
ip(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	if (len == 0)
		return CUT;
	if (p[0] >> 4 == 4)
		return ipv4(p, len, wire, out);
	if (p[0] >> 4 == 6)
		return ipv6(p, len, wire, out);
	return OTHER;
}

/**
 * DLT_PFSYNC: with its IPv4 header since OpenBSD's rewrite of 2023, else from
 * the pfsync header on, whose version is no IP version.
 */
static enum pflowi_pfsync_frame_verdict
pfsync(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	if (len == 0)
		return CUT;
	if (p[0] >> 4 == 0) {
		set_payload(out, p, len, wire);
		return GOOD;
	}
	return ip(p, len, wire, out);
}

/** Behind a fixed link header of `skip` octets, an IP packet or not. */
static enum pflowi_pfsync_frame_verdict
behind(const uint8_t *p, size_t len, size_t wire, size_t skip,
    struct pflowi_pfsync_payload *out)
{
	if (len < skip || wire < skip)
		return CUT;
	return ip(p + skip, len - skip, wire - skip, out);
}

/** Null, loop: the family is the sender's affair, IP tells its version. */
static enum pflowi_pfsync_frame_verdict
loop(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	return behind(p, len, wire, 4, out);
}

/** enc(4): family, SPI, flags. */
static enum pflowi_pfsync_frame_verdict
enc(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	return behind(p, len, wire, 12, out);
}

/** From an ethertype at `at` on, VLAN tags included; payload behind `skip`. */
static enum pflowi_pfsync_frame_verdict
typed(const uint8_t *p, size_t len, size_t wire, size_t at, size_t skip,
    struct pflowi_pfsync_payload *out)
{
	unsigned tags;
	uint16_t type;

	if (len < at + 2 || len < skip)
		return CUT;
	type = pflowi_get_be16(p + at);
	for (tags = 0; tags < 3; tags++) {
		if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
			break;
		if (len < skip + 4)
			return CUT;
		type = pflowi_get_be16(p + skip + 2);
		skip += 4;
	}
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return OTHER;
	return behind(p, len, wire, skip, out);
}

static enum pflowi_pfsync_frame_verdict
ethernet(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	return typed(p, len, wire, 12, 14, out);
}

static enum pflowi_pfsync_frame_verdict
sll(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	return typed(p, len, wire, 14, 16, out);
}

static enum pflowi_pfsync_frame_verdict
sll2(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	return typed(p, len, wire, 0, 20, out);
}

static const struct {
	uint32_t link;
	read_fn *read;
} links[] = {
	{ 246, pfsync }, /* LINKTYPE_PFSYNC */
	{ 18, pfsync },	 /* DLT_PFSYNC of OpenBSD, NetBSD, DragonFly, macOS */
	{ 121, pfsync }, /* DLT_PFSYNC of FreeBSD */
	{ 1, ethernet },
	{ 113, sll },
	{ 276, sll2 },
	{ 0, loop },
	{ 108, loop },
	{ 12, ip },
	{ 14, ip },
	{ 101, ip },
	{ 228, ip },
	{ 229, ip },
	{ 109, enc }, /* DLT_ENC */
	{ 13, enc },  /* DLT_ENC of OpenBSD */
};

enum pflowi_pfsync_frame_verdict
pflowi_pfsync_frame(uint32_t link, const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	if (wire < len)
		wire = len;
	for (i = 0; i < PFLOWI_ARRAY_LEN(links); i++)
		if (links[i].link == link)
			return links[i].read(p, len, wire, out);
	return PFLOWI_PFSYNC_FRAME_unknown_links;
}
