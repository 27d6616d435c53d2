/* SPDX-License-Identifier: ISC */
/*
 * Capture files, as octets come: pcap (both byte orders, microseconds and
 * nanoseconds) and pcapng (any number of sections, interfaces, link types).
 * Pure: reads nothing, allocates nothing.
 */
#ifndef PFLOWI_PCAP_READER_H
#define PFLOWI_PCAP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Of a frame so much is given; nothing that is looked at lies behind. */
#define PFLOWI_CAPTURE_HEAD 65536u

/** With this many octets in the window, next() always makes progress. */
#define PFLOWI_CAPTURE_WINDOW (PFLOWI_CAPTURE_HEAD + 64u)

#define PFLOWI_CAPTURE_INTERFACES 1024u

struct pflowi_capture_frame {
	const uint8_t *data; /**< in the window */
	uint32_t caplen;     /**< octets at data */
	uint32_t wirelen;
	uint32_t linktype;
	uint64_t time_ns;
};

/** What an Interface Description Block said. */
struct pflowi_capture_interface {
	int64_t offset_s;
	uint32_t linktype;
	uint32_t snaplen;
	uint8_t resolution; /**< if_tsresol */
};

enum pflowi_capture_format {
	PFLOWI_CAPTURE_NEW, /**< nothing was read yet */
	PFLOWI_CAPTURE_PCAP,
	PFLOWI_CAPTURE_PCAPNG
};

struct pflowi_capture {
	enum pflowi_capture_format format;
	bool little;	     /**< byte order of the file or section */
	uint32_t fraction;   /**< pcap: nanoseconds in a unit */
	uint32_t linktype;   /**< pcap */
	uint32_t caplen_max; /**< more is damage */
	uint32_t interfaces;
	uint64_t skip;	   /**< octets to pass over before the next header */
	uint64_t last_ns;  /**< for packets that carry no time */
	const char *problem; /**< what is wrong, after an error; constant */
	struct pflowi_capture_interface interface[PFLOWI_CAPTURE_INTERFACES];
};

void pflowi_capture_init(struct pflowi_capture *c);

/**
 * The next frame of a stream.
 *
 * @param window  its octets from where the last call ended
 * @param len     how many there are; the more, the fewer calls are in vain
 * @param used    out: how many of them are done with, whatever is returned
 * @param frame   out, if PFLOW_OK; points into the window
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: no whole frame, more octets are needed;
 *         PFLOW_ERR_UNSUPPORTED: not a format this reads, PFLOW_ERR_MALFORMED:
 *         damaged, cannot go on; problem says what
 */
int pflowi_capture_next(struct pflowi_capture *c, const uint8_t *window,
    size_t len, size_t *used, struct pflowi_capture_frame *frame);

/** Is the stream at a place where it may end? */
bool pflowi_capture_may_end(const struct pflowi_capture *c);

/** pcapng, if_tsresol: units since 1970 to nanoseconds, saturating. */
uint64_t pflowi_capture_time(uint64_t units, uint8_t resolution,
    int64_t offset_s);

/** pcapng: one block or part of it (pcap_reader_ng.c). */
int pflowi_capture_block(struct pflowi_capture *c, const uint8_t *window,
    size_t len, size_t *used, struct pflowi_capture_frame *frame, bool *got);

#endif /* PFLOWI_PCAP_READER_H */
