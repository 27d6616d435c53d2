/* SPDX-License-Identifier: ISC */
/*
 * Who sends to us: one decoder for each exporter's session (its address and
 * port, and ours), a bounded number of them.  When all are taken, the one that
 * was silent longest is forgotten, and counted.
 */
#ifndef PFLOWDUMP_PEERS_H
#define PFLOWDUMP_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/decoder.h>

#define PFLOWDUMP_PEERS_MAX 256
#define PFLOWDUMP_PEER_TEXT 64 /**< "[address]:port", zone left out */

/** A session's ends; all zero where there are none (files). */
struct pflowdump_ends {
	uint8_t addr[2][16]; /**< from, to; IPv4 in the first 4 octets */
	uint16_t port[2];
	uint8_t af;	     /**< PFLOW_AF_*; 0: none */
	uint8_t reserved[3]; /**< zero */
};

struct pflowdump_peer {
	struct pflowdump_ends ends;
	char text[PFLOWDUMP_PEER_TEXT]; /**< from; "" for files */
	uint64_t heard;		       /**< turn of the last message */
	uint8_t *store;		       /**< owned */
	struct pflow_decoder decoder;
};

struct pflowdump_peers {
	struct pflowdump_peer *all[PFLOWDUMP_PEERS_MAX]; /**< owned */
	size_t count;
	size_t last;   /**< the one that was heard last */
	uint64_t turn;
	uint64_t forgotten;
	struct pflow_decoder_stats gone; /**< of the forgotten ones */
};

/** @return the peer of these ends; NULL: out of memory */
struct pflowdump_peer *pflowdump_peers_find(struct pflowdump_peers *p,
    const struct pflowdump_ends *ends);

/** The sum over all peers, the forgotten ones included. */
void pflowdump_peers_sum(const struct pflowdump_peers *p,
    struct pflow_decoder_stats *sum);

void pflowdump_peers_fini(struct pflowdump_peers *p);

/** "192.0.2.1:2055", "[2001:db8::1]:2055". */
void pflowdump_address_text(char *out, size_t len, uint8_t af,
    const uint8_t *addr, unsigned port);

#endif /* PFLOWDUMP_PEERS_H */
