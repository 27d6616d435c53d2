/* SPDX-License-Identifier: ISC */
/* The plain pcap format (draft-ietf-opsawg-pcap), and which format it is. */
#include "sources/pcap_reader.h"

#include <string.h>

#include <pflow/status.h>

#include "core/bytes.h"

#define FILE_HEADER 24u
#define RECORD_HEADER 16u

/** libpcap's own limit for captures that do not announce more. */
#define CAPLEN_USUAL 262144u
#define CAPLEN_EVER (UINT32_C(128) << 20)

#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define MAGIC_NG 0x0a0d0d0au

void
pflowi_capture_init(struct pflowi_capture *c)
{
	memset(c, 0, sizeof(*c));
}

static uint32_t
get32(const struct pflowi_capture *c, const uint8_t *p)
{
	return c->little ? pflowi_get_le32(p) : pflowi_get_be32(p);
}

static int
unsupported(struct pflowi_capture *c, const char *problem)
{
	c->problem = problem;
	return PFLOW_ERR_UNSUPPORTED;
}

static int
read_magic(struct pflowi_capture *c, const uint8_t *p)
{
	uint32_t be = pflowi_get_be32(p), le = pflowi_get_le32(p);

	if (be == MAGIC_NG) {
		c->format = PFLOWI_CAPTURE_PCAPNG;
		return PFLOW_OK;
	}
	c->little = le == MAGIC_US || le == MAGIC_NS;
	if (!c->little && be != MAGIC_US && be != MAGIC_NS)
		return unsupported(c, "not a packet capture");
	c->fraction = be == MAGIC_NS || le == MAGIC_NS ? 1 : 1000;
	return PFLOW_OK;
}

static int
read_file_header(struct pflowi_capture *c, const uint8_t *p, size_t len,
    size_t *used)
{
	uint32_t snaplen;
	uint16_t major, minor;
	int rc;

	if (len < 4)
		return PFLOW_ERR_AGAIN;
	rc = read_magic(c, p);
	if (rc != PFLOW_OK || c->format == PFLOWI_CAPTURE_PCAPNG)
		return rc;
	if (len < FILE_HEADER)
		return PFLOW_ERR_AGAIN;
	major = c->little ? pflowi_get_le16(p + 4) : pflowi_get_be16(p + 4);
	minor = c->little ? pflowi_get_le16(p + 6) : pflowi_get_be16(p + 6);
	/* Older ones have lengths in another order. */
	if (major != 2 || minor != 4)
		return unsupported(c, "a pcap version that is not 2.4");
	snaplen = get32(c, p + 16);
	c->caplen_max = snaplen > CAPLEN_USUAL ? snaplen : CAPLEN_USUAL;
	if (c->caplen_max > CAPLEN_EVER)
		c->caplen_max = CAPLEN_EVER;
	c->linktype = get32(c, p + 20) & 0x03ffffffu; /* above: FCS length */
	c->format = PFLOWI_CAPTURE_PCAP;
	*used = FILE_HEADER;
	return PFLOW_OK;
}

static int
read_record(struct pflowi_capture *c, const uint8_t *p, size_t len,
    size_t *used, struct pflowi_capture_frame *frame)
{
	uint32_t caplen, given;

	if (len < RECORD_HEADER)
		return PFLOW_ERR_AGAIN;
	caplen = get32(c, p + 8);
	if (caplen > c->caplen_max) {
		c->problem = "a packet longer than any capture has";
		return PFLOW_ERR_MALFORMED;
	}
	given = caplen < PFLOWI_CAPTURE_HEAD ? caplen : PFLOWI_CAPTURE_HEAD;
	if (len - RECORD_HEADER < given)
		return PFLOW_ERR_AGAIN;
	frame->data = p + RECORD_HEADER;
	frame->caplen = given;
	frame->wirelen = get32(c, p + 12);
	frame->linktype = c->linktype;
	frame->time_ns = (uint64_t)get32(c, p) * 1000000000u +
	    (uint64_t)get32(c, p + 4) * c->fraction;
	c->skip = caplen - given;
	*used = RECORD_HEADER + given;
	return PFLOW_OK;
}

bool
pflowi_capture_may_end(const struct pflowi_capture *c)
{
	return c->format != PFLOWI_CAPTURE_NEW && c->skip == 0;
}

int
pflowi_capture_next(struct pflowi_capture *c, const uint8_t *window,
    size_t len, size_t *used, struct pflowi_capture_frame *frame)
{
	*used = 0;
	for (;;) {
		const uint8_t *p = window + *used;
		size_t left = len - *used, step = 0;
		bool got = false;
		int rc;

		if (c->skip != 0) {
			step = left < c->skip ? left : (size_t)c->skip;
			c->skip -= step;
			*used += step;
			if (c->skip != 0)
				return PFLOW_ERR_AGAIN;
			continue;
		}
		switch (c->format) {
		case PFLOWI_CAPTURE_PCAP:
			rc = read_record(c, p, left, &step, frame);
			got = true;
			break;
		case PFLOWI_CAPTURE_PCAPNG:
			rc = pflowi_capture_block(c, p, left, &step, frame,
			    &got);
			break;
		case PFLOWI_CAPTURE_NEW:
		default:
			rc = read_file_header(c, p, left, &step);
			break;
		}
		*used += step;
		if (rc != PFLOW_OK || got)
			return rc;
	}
}
