/* SPDX-License-Identifier: ISC */
/* Frames of a capture to the datagrams inside. Pure. */
#ifndef PFLOWDUMP_PAYLOAD_H
#define PFLOWDUMP_PAYLOAD_H

#include "programs/pflowdump/peers.h"

/** What stands in front of the IP header. */
enum pflowdump_link {
	PFLOWDUMP_LINK_ETHERNET,
	PFLOWDUMP_LINK_SLL,  /**< Linux "cooked", 16 octets */
	PFLOWDUMP_LINK_SLL2, /**< its second version, 20 octets */
	PFLOWDUMP_LINK_NULL, /**< 4 octets of address family, any order */
	PFLOWDUMP_LINK_RAW   /**< nothing */
};

enum pflowdump_found {
	PFLOWDUMP_DATAGRAM,
	PFLOWDUMP_NOT_UDP,
	PFLOWDUMP_FRAGMENT,
	PFLOWDUMP_CUT_SHORT
};

/**
 * Find the datagram of a frame.
 *
 * @param frame  len octets as captured
 * @param ends   out: its addresses and ports
 * @param data   out: inside frame
 * @param data_len  out
 */
enum pflowdump_found pflowdump_payload(enum pflowdump_link link,
    const uint8_t *frame, size_t len, struct pflowdump_ends *ends,
    const uint8_t **data, size_t *data_len);

#endif /* PFLOWDUMP_PAYLOAD_H */
