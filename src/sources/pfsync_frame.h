/* SPDX-License-Identifier: ISC */
/*
 * From a captured frame to the pfsync packet in it: link types that pfsync is
 * seen on, IP protocol 240 over IPv4 and IPv6. Pure.
 */
#ifndef PFLOWI_PFSYNC_FRAME_H
#define PFLOWI_PFSYNC_FRAME_H

#include <stddef.h>
#include <stdint.h>

/** What a frame was, but for those with a packet in it: F(name, kind, "help"). */
#define PFLOWI_PFSYNC_FRAMES(F)                                                \
	F(unknown_links, DROP, "frames of link types pfsync is not seen on")   \
	F(other_frames, INFO, "frames without IP protocol 240")                \
	F(cut_frames, DROP, "frames cut off before their pfsync header")       \
	F(wrong_ttl, DROP, "pfsync packets that came over a router (TTL)")     \
	F(fragments, DROP, "fragments of pfsync packets")                      \
	F(bad_frames, DROP, "frames whose headers break their rules")

enum pflowi_pfsync_frame_verdict {
	PFLOWI_PFSYNC_FRAME_GOOD,
#define PFLOWI_PFSYNC_FRAME_ENUM(name, kind, help) PFLOWI_PFSYNC_FRAME_##name,
	PFLOWI_PFSYNC_FRAMES(PFLOWI_PFSYNC_FRAME_ENUM)
#undef PFLOWI_PFSYNC_FRAME_ENUM
	    PFLOWI_PFSYNC_FRAME_COUNT
};

/** A pfsync packet, from its own header on. */
struct pflowi_pfsync_payload {
	const uint8_t *p;
	size_t len;	    /**< octets there */
	size_t wire;	    /**< octets sent, at least len */
	uint8_t sender[16]; /**< IPv4 in the first 4; all zero: not known */
};

/**
 * @param link    as the capture file has it: for pfsync that depends on whose
 *                libpcap wrote it
 * @param p       len octets; borrowed as long as `out` is used
 * @param wire    length of the frame on the wire
 * @param out     set if the verdict is good
 */
enum pflowi_pfsync_frame_verdict pflowi_pfsync_frame(uint32_t link,
    const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_payload *out);

#endif /* PFLOWI_PFSYNC_FRAME_H */
