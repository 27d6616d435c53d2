/* SPDX-License-Identifier: ISC */
/*
 * Link layers: a walk from header to header until IP is found. Each layer
 * takes its header and says what comes next.
 */
#include "sources/dissect.h"

#include <stdbool.h>

#include "core/bytes.h"
#include "core/port.h"

/** Headers of all kinds before IP; more is not a frame anyone sends. */
#define MAX_LAYERS 32
#define MAX_LABELS 64

/** What comes next: an EtherType, or one of these. */
enum layer {
	LAYER_LLC = 0x10000, /**< 802.3: a length, then 802.2 */
	LAYER_ETHERNET,
	LAYER_PPP,
	LAYER_BY_NIBBLE, /**< IPv4 or IPv6, as its first four bits say */
	LAYER_IEEE802_11,
	LAYER_LINK, /**< a link type again, in walk.linktype */
	LAYER_NOT_IP,
	LAYER_SHORT,
	LAYER_UNKNOWN
};

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define ETHERTYPE_MIN 0x0600u

struct walk {
	struct pflowi_frame_rest rest;
	uint32_t linktype;
	uint16_t vlan;
	bool wlan_padded;
};

/** Take n octets of header; NULL if the frame or its capture has fewer. */
static const uint8_t *
take(struct walk *w, size_t n)
{
	const uint8_t *p = w->rest.p;

	if (w->rest.left < n)
		return NULL;
	w->rest.p += n;
	w->rest.left -= n;
	w->rest.wire -= n;
	return p;
}

/** Skip n octets, then read the EtherType that ends the header. */
static uint32_t
skip_to_type(struct walk *w, size_t n)
{
	const uint8_t *p = take(w, n + 2);

	if (p == NULL)
		return LAYER_SHORT;
	return pflowi_get_be16(p + n);
}

static uint32_t
skip_to(struct walk *w, size_t n, uint32_t next)
{
	return take(w, n) == NULL ? (uint32_t)LAYER_SHORT : next;
}

static uint32_t
layer_ethernet(struct walk *w)
{
	uint32_t type = skip_to_type(w, 12);

	return type < ETHERTYPE_MIN ? (uint32_t)LAYER_LLC : type;
}

/** 802.2: SNAP with a zero or bridge-tunnel OUI, or the SAP of IP itself. */
static uint32_t
layer_llc(struct walk *w)
{
	const uint8_t *p = w->rest.p;

	if (w->rest.left < 3)
		return LAYER_SHORT;
	if (p[0] == 0x06 && p[1] == 0x06 && p[2] == 0x03)
		return skip_to(w, 3, ETHERTYPE_IPV4);
	if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03)
		return LAYER_NOT_IP;
	p = take(w, 8);
	if (p == NULL)
		return LAYER_SHORT;
	if (p[3] != 0 || p[4] != 0 || (p[5] != 0 && p[5] != 0xf8))
		return LAYER_NOT_IP;
	return pflowi_get_be16(p + 6);
}

/** The outermost tag with a VLAN id; id 0 is a priority, no VLAN. */
static uint32_t
layer_vlan(struct walk *w)
{
	const uint8_t *p = take(w, 4);
	uint32_t type;
	uint16_t id;

	if (p == NULL)
		return LAYER_SHORT;
	id = pflowi_get_be16(p) & 0x0fffu;
	if (w->vlan == 0 && id != 0)
		w->vlan = (uint16_t)(PFLOWI_VLAN_PRESENT | id);
	type = pflowi_get_be16(p + 2);
	return type < ETHERTYPE_MIN ? (uint32_t)LAYER_LLC : type;
}

/** Is p + at an EtherType that a pseudowire's frame may well have? */
static bool
likely_type(const struct walk *w, size_t at)
{
	if (w->rest.left < at + 2)
		return false;
	switch (pflowi_get_be16(w->rest.p + at)) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
	case 0x0806:
	case 0x8100:
	case 0x88a8:
	case 0x8847:
	case 0x8863:
	case 0x8864:
		return true;
	default:
		return false;
	}
}

/**
 * Behind the last label nothing says what comes; the first nibble tells IP.
 * Zero starts a control word (RFC 4385), but also many a MAC address of a
 * pseudowire that has none (RFC 4448).
 */
static uint32_t
below_mpls(struct walk *w)
{
	const uint8_t *p = w->rest.p;

	if (w->rest.left < 1)
		return LAYER_SHORT;
	switch (p[0] >> 4) {
	case 4:
		return ETHERTYPE_IPV4;
	case 6:
		return ETHERTYPE_IPV6;
	case 0:
		if (!likely_type(w, 16) && likely_type(w, 12))
			return LAYER_ETHERNET;
		return skip_to(w, 4, LAYER_ETHERNET);
	case 1: /* associated channel, RFC 4385 */
		if (take(w, 4) == NULL)
			return LAYER_SHORT;
		if (pflowi_get_be16(p + 2) == 0x0021)
			return ETHERTYPE_IPV4;
		if (pflowi_get_be16(p + 2) == 0x0057)
			return ETHERTYPE_IPV6;
		return LAYER_NOT_IP;
	default:
		return likely_type(w, 12) ? LAYER_ETHERNET : LAYER_NOT_IP;
	}
}

static uint32_t
layer_mpls(struct walk *w)
{
	int i;

	for (i = 0; i < MAX_LABELS; i++) {
		const uint8_t *p = take(w, 4);

		if (p == NULL)
			return LAYER_SHORT;
		if ((p[2] & 1) != 0)
			return below_mpls(w);
	}
	return LAYER_NOT_IP;
}

static uint32_t
ppp_protocol(uint32_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return ETHERTYPE_IPV4;
	case 0x0057:
		return ETHERTYPE_IPV6;
	case 0x0281:
	case 0x0283:
		return 0x8847;
	default:
		return LAYER_NOT_IP;
	}
}

/** RFC 1661: a protocol whose first octet is odd is one octet long. */
static uint32_t
layer_ppp(struct walk *w)
{
	const uint8_t *p;

	if (w->rest.left >= 2 && w->rest.p[0] == 0xff && w->rest.p[1] == 0x03)
		take(w, 2);
	p = take(w, 1);
	if (p == NULL)
		return LAYER_SHORT;
	if (p[0] & 1)
		return ppp_protocol(p[0]);
	p = take(w, 1);
	if (p == NULL)
		return LAYER_SHORT;
	return ppp_protocol((uint32_t)p[-1] << 8 | p[0]);
}

/** PPP in HDLC framing, or Cisco's: address 0x0f or 0x8f, an EtherType. */
static uint32_t
link_hdlc(struct walk *w)
{
	if (w->rest.left < 2)
		return LAYER_SHORT;
	if (w->rest.p[0] == 0x0f || w->rest.p[0] == 0x8f)
		return skip_to_type(w, 2);
	return LAYER_PPP;
}

/** A 32-bit address family in the byte order of whoever captured it. */
static uint32_t
link_family(struct walk *w, size_t skip)
{
	const uint8_t *p = take(w, skip);
	uint32_t family;

	if (p == NULL)
		return LAYER_SHORT;
	family = pflowi_get_be32(p);
	if (family > 0xffff)
		family = pflowi_get_le32(p);
	switch (family) {
	case 2:
		return ETHERTYPE_IPV4;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		return ETHERTYPE_IPV6;
	default:
		return LAYER_NOT_IP;
	}
}

/** pf's log: its own length first, padded to 4; then the address family. */
static uint32_t
link_pflog(struct walk *w)
{
	size_t length;

	if (w->rest.left < 2)
		return LAYER_SHORT;
	length = ((size_t)w->rest.p[0] + 3) & ~(size_t)3;
	return skip_to(w, length, LAYER_BY_NIBBLE);
}

/** Octets of an 802.11 header, or 0 if it is not data in the clear. */
static size_t
wlan_header(const uint8_t *p, size_t left)
{
	size_t length = 24;

	if (left < 24 || (p[0] & 0x0f) != 0x08 || (p[0] & 0x40) != 0)
		return 0;
	if ((p[1] & 0x40) != 0 || (p[22] & 0x0f) != 0)
		return 0; /* protected, or a later fragment */
	if ((p[1] & 0x03) == 0x03)
		length += 6;
	if ((p[0] & 0x80) != 0) {
		length += 2;
		if ((p[1] & 0x80) != 0)
			length += 4;
	}
	return length;
}

/** Of aggregated frames (A-MSDU) the first is taken. */
static uint32_t
layer_wlan(struct walk *w)
{
	const uint8_t *p = w->rest.p;
	size_t length = wlan_header(p, w->rest.left), qos;

	if (length == 0)
		return LAYER_NOT_IP;
	if (w->rest.left < length)
		return LAYER_SHORT;
	qos = (p[1] & 0x03) == 0x03 ? 30 : 24;
	if ((p[0] & 0x80) != 0 && (p[qos] & 0x80) != 0)
		return skip_to(w, length + 14, LAYER_LLC);
	if (w->wlan_padded)
		length = (length + 3) & ~(size_t)3;
	return skip_to(w, length, LAYER_LLC);
}

static uint32_t
skip_radio(struct walk *w, size_t length)
{
	return length < 4 ? (uint32_t)LAYER_NOT_IP
			  : skip_to(w, length, LAYER_IEEE802_11);
}

/**
 * Does radiotap say that the 802.11 header is padded? Its flags come first
 * behind the words of presence, or behind an aligned timestamp.
 */
static bool
radiotap_padded(const uint8_t *p, size_t length)
{
	uint32_t present = pflowi_get_le32(p + 4);
	size_t at = 4;

	if ((present & 2) == 0)
		return false;
	do {
		at += 4;
		if (at > length)
			return false;
	} while (pflowi_get_le32(p + at - 4) >> 31 != 0);
	if (present & 1)
		at = ((at + 7) & ~(size_t)7) + 8;
	return at < length && (p[at] & 0x20) != 0;
}

static uint32_t
link_radiotap(struct walk *w)
{
	size_t length;

	if (w->rest.left < 8)
		return LAYER_SHORT;
	length = pflowi_get_le16(w->rest.p + 2);
	if (length >= 8 && length <= w->rest.left)
		w->wlan_padded = radiotap_padded(w->rest.p, length);
	return skip_radio(w, length);
}

static uint32_t
link_ppi(struct walk *w)
{
	const uint8_t *p = w->rest.p;
	size_t length;

	if (w->rest.left < 8)
		return LAYER_SHORT;
	length = pflowi_get_le16(p + 2);
	w->linktype = pflowi_get_le32(p + 4);
	if (length < 8 || w->linktype == PFLOWI_LINK_PPI)
		return LAYER_NOT_IP;
	return skip_to(w, length, LAYER_LINK);
}

/** AVS tells its length in network order, Prism in that of the machine. */
static uint32_t
link_avs_or_prism(struct walk *w)
{
	const uint8_t *p = w->rest.p;

	if (w->rest.left < 8)
		return LAYER_SHORT;
	if (pflowi_get_be32(p) >> 8 == 0x802110)
		return skip_radio(w, pflowi_get_be32(p + 4));
	return skip_radio(w, pflowi_get_le32(p + 4));
}

/** The header a link type starts with. */
static uint32_t
layer_link(struct walk *w)
{
	switch (w->linktype) {
	case PFLOWI_LINK_ETHERNET:
		return layer_ethernet(w);
	case PFLOWI_LINK_NULL:
	case PFLOWI_LINK_LOOP:
		return link_family(w, 4);
	case PFLOWI_LINK_ENC:
	case 13: /* DLT_ENC of OpenBSD */
		return link_family(w, 12);
	case 12: /* DLT_RAW where it was written as it is */
	case 14:
	case PFLOWI_LINK_RAW:
		return LAYER_BY_NIBBLE;
	case PFLOWI_LINK_IPV4:
		return ETHERTYPE_IPV4;
	case PFLOWI_LINK_IPV6:
		return ETHERTYPE_IPV6;
	case PFLOWI_LINK_LINUX_SLL:
		return skip_to_type(w, 14);
	case PFLOWI_LINK_LINUX_SLL2:
		if (w->rest.left < 2)
			return LAYER_SHORT;
		return skip_to(w, 20, pflowi_get_be16(w->rest.p));
	case PFLOWI_LINK_PPP:
	case PFLOWI_LINK_PPP_HDLC:
	case PFLOWI_LINK_C_HDLC:
		return link_hdlc(w);
	case PFLOWI_LINK_PPP_WITH_DIR:
		return skip_to(w, 1, LAYER_PPP);
	case PFLOWI_LINK_PPP_PPPD:
		return skip_to(w, 2, LAYER_PPP);
	case PFLOWI_LINK_PPP_ETHER:
		return 0x8864;
	case PFLOWI_LINK_MPLS:
		return 0x8847;
	case PFLOWI_LINK_PFLOG:
		return link_pflog(w);
	case PFLOWI_LINK_IEEE802_11:
		return LAYER_IEEE802_11;
	case PFLOWI_LINK_RADIOTAP:
		return link_radiotap(w);
	case PFLOWI_LINK_PRISM:
	case PFLOWI_LINK_AVS:
		return link_avs_or_prism(w);
	case PFLOWI_LINK_PPI:
		return link_ppi(w);
	default:
		return LAYER_UNKNOWN;
	}
}

/** One header more; IP and the ends are the caller's. */
static uint32_t
step(struct walk *w, uint32_t type)
{
	switch (type) {
	case 0x8100: /* 802.1Q */
	case 0x88a8: /* 802.1ad */
	case 0x9100:
	case 0x9200:
		return layer_vlan(w);
	case 0x8847:
	case 0x8848:
		return layer_mpls(w);
	case 0x8864: /* PPPoE session, RFC 2516 */
		return skip_to(w, 6, LAYER_PPP);
	case 0x88e7: /* 802.1ah: I-TAG, then the customer's addresses */
		return skip_to_type(w, 16);
	case 0x893f: /* 802.1BR E-TAG */
		return skip_to_type(w, 6);
	case 0x8926: /* VN-Tag */
		return skip_to_type(w, 4);
	case 0x8909: /* Cisco metadata */
		return skip_to_type(w, 6);
	case 0x6558: /* transparent Ethernet bridging */
		return layer_ethernet(w);
	case LAYER_LLC:
		return layer_llc(w);
	case LAYER_ETHERNET:
		return layer_ethernet(w);
	case LAYER_PPP:
		return layer_ppp(w);
	case LAYER_IEEE802_11:
		return layer_wlan(w);
	case LAYER_LINK:
		return layer_link(w);
	case LAYER_BY_NIBBLE:
		if (w->rest.left < 1)
			return LAYER_SHORT;
		if (w->rest.p[0] >> 4 == 4)
			return ETHERTYPE_IPV4;
		return w->rest.p[0] >> 4 == 6 ? ETHERTYPE_IPV6 : LAYER_NOT_IP;
	default:
		return LAYER_NOT_IP;
	}
}

/** The EtherType of IPv4 is taken for IP: some senders use it for version 6. */
static enum pflowi_verdict
ip(const struct pflowi_frame_rest *rest, struct pflowi_packet *pk)
{
	if (rest->left != 0 && rest->p[0] >> 4 == 6)
		return pflowi_dissect_ipv6(rest, pk);
	return pflowi_dissect_ipv4(rest, pk);
}

enum pflowi_verdict
pflowi_dissect(uint32_t linktype, const uint8_t *data, size_t caplen,
    size_t wirelen, struct pflowi_packet *pk)
{
	struct walk w;
	uint32_t type;
	int i;

	if (wirelen < caplen)
		wirelen = caplen;
	w.rest.p = data;
	w.rest.left = caplen;
	w.rest.wire = wirelen;
	w.linktype = linktype;
	w.vlan = 0;
	w.wlan_padded = false;
	type = layer_link(&w);
	pk->octets = wirelen > UINT32_MAX ? UINT32_MAX : (uint32_t)wirelen;
	for (i = 0; i < MAX_LAYERS && type < LAYER_NOT_IP; i++) {
		pk->vlan = w.vlan;
		if (PFLOWI_LIKELY(type == ETHERTYPE_IPV4))
			return ip(&w.rest, pk);
		if (type == ETHERTYPE_IPV6)
			return pflowi_dissect_ipv6(&w.rest, pk);
		type = step(&w, type);
	}
	if (type == LAYER_SHORT)
		return PFLOWI_PACKET_BAD_FRAME;
	return type == LAYER_UNKNOWN ? PFLOWI_PACKET_UNKNOWN_LINK
				     : PFLOWI_PACKET_NOT_IP;
}
