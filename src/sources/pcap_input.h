/* SPDX-License-Identifier: ISC */
/*
 * A capture file, or a pipe that brings one: frame after frame. Plain pcap and
 * pcapng are read here; what else libpcap knows is left to it.
 */
#ifndef PFLOWI_PCAP_INPUT_H
#define PFLOWI_PCAP_INPUT_H

#include "sources/pcap_reader.h"
#include "sources/system.h"

struct pflowi_other;

struct pflowi_input {
	struct pflowi_capture capture;
	struct pflowi_other *other; /**< libpcap reads it; usually NULL */
	char *path;
	uint8_t *buf;
	size_t pos, len; /**< window in buf */
	uint64_t offset; /**< octets of the file before buf[pos] */
	uint64_t size;	 /**< of a regular file */
	uint64_t frames;
	uint64_t cut_octets; /**< at the end, not a whole frame */
	int fd;		     /**< -1: closed */
	bool regular;	     /**< never waits */
	bool ended;
	char text[512]; /**< the last error or warning; "" if none */
};

/**
 * Open a capture. Of a regular file the header is read and judged.
 *
 * @param in    caller's storage; to be closed whatever is returned
 * @param path  copied; "-": standard input
 * @param sys   opens it; NULL: no help
 * @return PFLOW_OK; else text says what is wrong: PFLOW_ERR_SYSTEM,
 *         PFLOW_ERR_NOMEM, PFLOW_ERR_TRUNCATED: empty or too short,
 *         PFLOW_ERR_UNSUPPORTED: not a capture
 */
int pflowi_input_open(struct pflowi_input *in, const char *path,
    const struct pflow_system *sys);

/**
 * The next frame; valid until the next call.
 *
 * @return PFLOW_OK; PFLOW_EOF (with a text if the file is cut short);
 *         PFLOW_ERR_AGAIN: nothing there yet, wait for in->fd; as open();
 *         PFLOW_ERR_MALFORMED: damaged from here on
 */
int pflowi_input_next(struct pflowi_input *in,
    struct pflowi_capture_frame *frame);

/** How far a regular file was read, 0..1000; -1: it is none. */
int pflowi_input_progress(const struct pflowi_input *in);

void pflowi_input_close(struct pflowi_input *in);

/*
 * What libpcap reads (pcap_other.c; pcap_other_none.c in builds without it).
 */

/** @param fd  of a file, read from its start; stays the caller's
 *  @return PFLOW_OK, or a status and one line without the path in text. */
int pflowi_other_open(struct pflowi_other **out, int fd, char *text,
    size_t text_len);
int pflowi_other_next(struct pflowi_other *other,
    struct pflowi_capture_frame *frame, char *text, size_t text_len);
void pflowi_other_close(struct pflowi_other *other);

#endif /* PFLOWI_PCAP_INPUT_H */
