/* SPDX-License-Identifier: ISC */
/*
 * A collector's side of SCTP (RFC 9260), no more than tests need: one
 * association at a time, over UDP (RFC 6951) or IP. It notes what RFC
 * 7011, 10.2 forbids.
 */
#ifndef SCTP_PEER_H
#define SCTP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SCTP_PEER_WINDOW 200000u
/** Chunks that are kept though one before them is missing. */
#define SCTP_PEER_HELD 128
#define SCTP_PEER_CHUNK 2048

struct sctp_peer_chunk {
	bool there;
	uint8_t flags;
	size_t len;
	uint8_t data[SCTP_PEER_CHUNK];
};

struct sctp_peer {
	int fd;
	bool over_ip;
	uint16_t port;	   /**< of SCTP, here */
	uint16_t udp_port; /**< of the encapsulation, here */
	struct sockaddr_storage from;
	socklen_t from_len;
	bool up;
	bool begun; /**< an association began since this was last cleared */
	uint16_t peer_port;
	uint32_t tag, peer_tag;
	uint32_t tsn;				     /**< the last one taken */
	struct sctp_peer_chunk held[SCTP_PEER_HELD]; /**< by TSN */
	uint8_t data[SCTP_PEER_WINDOW + SCTP_PEER_HELD * SCTP_PEER_CHUNK];
	size_t len;    /**< of data */
	size_t whole;  /**< of data: messages that are whole */
	uint32_t told; /**< window that the other side knows of */
	/* What a test may want. */
	unsigned lose_every; /**< packets from the other side; 0: none */
	bool mute;	     /**< take, and answer nothing */
	bool holds;	     /**< take no DATA */
	/* What it saw. */
	unsigned packets, inits, associations, messages, fragments;
	unsigned forwards; /**< FORWARD-TSN */
	unsigned largest;  /**< packet, with the common header */
	unsigned heartbeats;
	bool shut_down; /**< the other side ended in order */
	bool aborted;	/**< the other side broke off */
	/* Faults of the other side. */
	unsigned bad_checksums, bad_streams, bad_ppids, unordered;
	unsigned stray; /**< packets of no association */
};

/** Listen. @return false with errno */
bool sctp_peer_open(struct sctp_peer *p, const char *addr, uint16_t udp_port,
    uint16_t sctp_port, bool over_ip);

/** All packets that are there. */
void sctp_peer_turn(struct sctp_peer *p);

/** At most so many octets of whole messages. @return how many */
size_t sctp_peer_take(struct sctp_peer *p, uint8_t *out, size_t max);

void sctp_peer_abort(struct sctp_peer *p);
void sctp_peer_shut_down(struct sctp_peer *p);
/** A message on stream 0. */
void sctp_peer_say(struct sctp_peer *p, const void *octets, size_t len);
void sctp_peer_close(struct sctp_peer *p);

#endif /* SCTP_PEER_H */
