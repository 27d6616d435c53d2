/* SPDX-License-Identifier: ISC */
/* A message as a frame of a capture. Pure. */
#ifndef PFLOWI_TAP_FRAME_H
#define PFLOWI_TAP_FRAME_H

#include <stddef.h>
#include <stdint.h>

/** Octets of the head of a capture. */
#define PFLOWI_TAP_HEAD_LEN 24

/** Octets in front of a message, at most: pcap, IPv6, UDP. */
#define PFLOWI_TAP_FRONT_LEN (16 + 40 + 8)

/** The two ends of a datagram. */
struct pflowi_tap_ends {
	uint8_t ip_version; /**< 4 or 6 */
	uint8_t from[16];   /**< the first 4 or all */
	uint8_t to[16];
	uint16_t from_port;
	uint16_t to_port;
};

/** The head of a capture. */
void pflowi_tap_head(uint8_t out[PFLOWI_TAP_HEAD_LEN], uint32_t linktype);

/**
 * What stands in front of a message.
 *
 * @param out  PFLOWI_TAP_FRONT_LEN octets
 * @return how many; 0: a datagram can not be that long
 */
size_t pflowi_tap_front(uint8_t *out, const struct pflowi_tap_ends *ends,
    const uint8_t *message, size_t len, uint64_t wall_ns);

#endif /* PFLOWI_TAP_FRAME_H */
