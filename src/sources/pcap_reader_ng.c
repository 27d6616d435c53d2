/* SPDX-License-Identifier: ISC */
/* pcapng (draft-ietf-opsawg-pcapng): the blocks that bring packets. */
#include <pflow/status.h>

#include "core/bytes.h"
#include "sources/pcap_reader.h"

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 2u /* obsolete */
#define BLOCK_SIMPLE 3u
#define BLOCK_ENHANCED 6u

#define BLOCK_MIN 12u /* type, length, length again */
#define BODY 8u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du

#define OPTION_END 0
#define OPTION_TSRESOL 9
#define OPTION_TSOFFSET 14

#define CAPLEN_MAX (UINT32_C(128) << 20)
#define NS_PER_SEC UINT64_C(1000000000)

/** A block as far as the window shows it. */
struct block {
	const uint8_t *p; /**< from its type on */
	size_t left;	  /**< in the window */
	uint32_t length;  /**< as it says, rounded up to 4 */
};

static uint16_t
get16(const struct pflowi_capture *c, const uint8_t *p)
{
	return c->little ? pflowi_get_le16(p) : pflowi_get_be16(p);
}

static uint32_t
get32(const struct pflowi_capture *c, const uint8_t *p)
{
	return c->little ? pflowi_get_le32(p) : pflowi_get_be32(p);
}

static int
malformed(struct pflowi_capture *c, const char *problem)
{
	c->problem = problem;
	return PFLOW_ERR_MALFORMED;
}

/** Units in a second, and what one second's rest is worth; at most 10^19. */
static uint64_t
units_per_second(uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;
	uint64_t units = 1;

	if (resolution & 0x80)
		return exponent > 63 ? 0 : UINT64_C(1) << exponent;
	if (exponent > 19)
		return 0;
	while (exponent-- > 0)
		units *= 10;
	return units;
}

/** rest / units of a second in nanoseconds, where rest < units. */
static uint64_t
rest_to_ns(uint64_t rest, uint64_t units)
{
	/* Keep 2^34 * 10^9 below 2^64; what is lost is below a nanosecond. */
	while (units >= UINT64_C(1) << 34) {
		units >>= 1;
		rest >>= 1;
	}
	return rest * NS_PER_SEC / units;
}

uint64_t
pflowi_capture_time(uint64_t units, uint8_t resolution, int64_t offset_s)
{
	const int64_t most = (int64_t)(UINT64_MAX / NS_PER_SEC) - 1;
	uint64_t per_second = units_per_second(resolution);
	uint64_t seconds = 0, ns = 0;
	int64_t sum;

	if (per_second != 0) { /* else: all of time is below one second */
		seconds = units / per_second;
		ns = rest_to_ns(units % per_second, per_second);
	}
	if (seconds > (uint64_t)most)
		seconds = (uint64_t)most;
	if (offset_s > most)
		offset_s = most;
	if (offset_s < -most)
		offset_s = -most;
	sum = (int64_t)seconds + offset_s;
	if (sum < 0)
		return 0;
	return (uint64_t)(sum > most ? most : sum) * NS_PER_SEC + ns;
}

/** A new section: byte order and interfaces begin anew. */
static int
section(struct pflowi_capture *c, const struct block *b)
{
	if (b->length < BLOCK_MIN + 16)
		return malformed(c, "a section header that is too short");
	if (get16(c, b->p + BODY + 4) != 1) {
		c->problem = "a pcapng version that is not 1";
		return PFLOW_ERR_UNSUPPORTED;
	}
	c->interfaces = 0;
	return PFLOW_OK;
}

static void
interface_option(const struct pflowi_capture *c,
    struct pflowi_capture_interface *i, uint16_t code, const uint8_t *value,
    size_t len)
{
	if (code == OPTION_TSRESOL && len >= 1)
		i->resolution = value[0];
	if (code == OPTION_TSOFFSET && len >= 8)
		i->offset_s = (int64_t)(c->little ? pflowi_get_le64(value)
						  : pflowi_get_be64(value));
}

static int
interface(struct pflowi_capture *c, const struct block *b)
{
	struct pflowi_capture_interface *i;
	const uint8_t *p = b->p + BODY;
	size_t at = 8, len = b->length - BLOCK_MIN;

	if (len < 8)
		return malformed(c, "an interface block that is too short");
	if (c->interfaces == PFLOWI_CAPTURE_INTERFACES) {
		c->problem = "more than 1024 interfaces in a section";
		return PFLOW_ERR_UNSUPPORTED;
	}
	i = &c->interface[c->interfaces++];
	i->linktype = get16(c, p);
	i->snaplen = get32(c, p + 4);
	i->resolution = 6;
	i->offset_s = 0;
	while (len - at >= 4) {
		uint16_t code = get16(c, p + at);
		size_t value = get16(c, p + at + 2);

		at += 4;
		if (code == OPTION_END || value > len - at)
			break;
		interface_option(c, i, code, p + at, value);
		value = (value + 3) & ~(size_t)3;
		at += value < len - at ? value : len - at;
	}
	return PFLOW_OK;
}

/** Where the packet of a block is and what is known of it. */
struct packet {
	uint32_t interface;
	uint32_t caplen;
	uint32_t wirelen;
	size_t header; /**< octets of the body before the packet */
	uint64_t units;
	bool timed;
};

static void
packet_header(const struct pflowi_capture *c, uint32_t type, const uint8_t *p,
    struct packet *pk)
{
	pk->interface = 0;
	pk->timed = type != BLOCK_SIMPLE;
	if (type == BLOCK_SIMPLE) {
		pk->header = 4;
		pk->units = 0;
		pk->wirelen = get32(c, p);
		pk->caplen = pk->wirelen;
		return;
	}
	pk->interface = type == BLOCK_PACKET ? get16(c, p) : get32(c, p);
	pk->header = 20;
	pk->units = (uint64_t)get32(c, p + 4) << 32 | get32(c, p + 8);
	pk->caplen = get32(c, p + 12);
	pk->wirelen = get32(c, p + 16);
}

/** Octets of body needed before a block of packets can be looked at. */
static size_t
packet_header_size(uint32_t type)
{
	return type == BLOCK_SIMPLE ? 4 : 20;
}

static int
packet(struct pflowi_capture *c, const struct block *b, uint32_t type,
    size_t *used, struct pflowi_capture_frame *frame)
{
	const struct pflowi_capture_interface *i;
	struct packet pk;
	size_t room, given;

	if (b->length - BLOCK_MIN < packet_header_size(type))
		return malformed(c, "a packet block that is too short");
	packet_header(c, type, b->p + BODY, &pk);
	if (pk.interface >= c->interfaces)
		return malformed(c, "a packet of an interface never described");
	i = &c->interface[pk.interface];
	room = b->length - BLOCK_MIN - pk.header;
	if (type == BLOCK_SIMPLE) {
		if (i->snaplen != 0 && pk.caplen > i->snaplen)
			pk.caplen = i->snaplen;
		if (pk.caplen > room)
			pk.caplen = (uint32_t)room;
	}
	if (pk.caplen > room || pk.caplen > CAPLEN_MAX)
		return malformed(c, "a packet longer than its block");
	given = pk.caplen < PFLOWI_CAPTURE_HEAD ? pk.caplen
						: PFLOWI_CAPTURE_HEAD;
	if (b->left < BODY + pk.header + given)
		return PFLOW_ERR_AGAIN;
	frame->data = b->p + BODY + pk.header;
	frame->caplen = (uint32_t)given;
	frame->wirelen = pk.wirelen;
	frame->linktype = i->linktype;
	if (pk.timed)
		c->last_ns = pflowi_capture_time(pk.units, i->resolution,
		    i->offset_s);
	frame->time_ns = c->last_ns;
	*used = BODY + pk.header + given;
	c->skip = b->length - *used;
	return PFLOW_OK;
}

/** A section says its byte order itself, behind its length. */
static int
block_order(struct pflowi_capture *c, const struct block *b)
{
	const uint8_t *magic = b->p + BODY;

	if (pflowi_get_be32(magic) == BYTE_ORDER_MAGIC)
		c->little = false;
	else if (pflowi_get_le32(magic) == BYTE_ORDER_MAGIC)
		c->little = true;
	else
		return malformed(c, "a section header without byte order");
	return PFLOW_OK;
}

/**
 * How much of a block has to be in the window before it is looked at: all of
 * it, if it fits there at all.
 */
static size_t
block_need(uint32_t type, uint32_t length)
{
	if (length <= PFLOWI_CAPTURE_WINDOW)
		return length;
	switch (type) {
	case BLOCK_SECTION:
		return 24;
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
	case BLOCK_SIMPLE:
		return BODY + packet_header_size(type);
	default:
		return BODY;
	}
}

static int
block_body(struct pflowi_capture *c, const struct block *b, uint32_t type)
{
	switch (type) {
	case BLOCK_SECTION:
		return section(c, b);
	case BLOCK_INTERFACE:
		if (b->length > PFLOWI_CAPTURE_WINDOW)
			return malformed(c,
			    "an interface block that is too long");
		return interface(c, b);
	default:
		return PFLOW_OK;
	}
}

static bool
is_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_SIMPLE ||
	    type == BLOCK_ENHANCED;
}

int
pflowi_capture_block(struct pflowi_capture *c, const uint8_t *window,
    size_t len, size_t *used, struct pflowi_capture_frame *frame, bool *got)
{
	struct block b = { .p = window, .left = len };
	uint32_t type;
	int rc;

	if (len < BLOCK_MIN)
		return PFLOW_ERR_AGAIN;
	type = pflowi_get_be32(window) == BLOCK_SECTION ? BLOCK_SECTION
							: get32(c, window);
	if (type == BLOCK_SECTION && block_order(c, &b) != PFLOW_OK)
		return PFLOW_ERR_MALFORMED;
	b.length = get32(c, window + 4);
	if (b.length < BLOCK_MIN || b.length > UINT32_MAX - 3)
		return malformed(c, "a block of impossible length");
	b.length = (b.length + 3) & ~UINT32_C(3);
	if (len < block_need(type, b.length))
		return PFLOW_ERR_AGAIN;
	if (b.length <= PFLOWI_CAPTURE_WINDOW &&
	    get32(c, window + b.length - 4) != get32(c, window + 4))
		return malformed(c, "a block whose two lengths differ");
	if (is_packet(type)) {
		rc = packet(c, &b, type, used, frame);
		*got = rc == PFLOW_OK;
		return rc;
	}
	rc = block_body(c, &b, type);
	if (rc == PFLOW_OK)
		c->skip = b.length;
	return rc;
}
