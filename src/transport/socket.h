/* SPDX-License-Identifier: ISC */
/* A collector, and sockets that lead to it. */
#ifndef PFLOWI_SOCKET_H
#define PFLOWI_SOCKET_H

#include "transport/resolve.h"
#include "transport/transport.h"

/** Everything a transport was told about its collector. Owned copy. */
struct pflowi_peer {
	struct pflowi_endpoint to;
	struct pflowi_addr source; /**< len 0: the system's choice */
	char device[64];	   /**< "": none */
	char name[PFLOWI_ENDPOINT_TEXT_MAX + 8]; /**< "udp:HOST:PORT" */
	int socktype;
	int protocol; /**< 0: the one of socktype */
	int socket_buffer;
	int ttl;
	int dscp;
	const struct pflow_system *system; /**< borrowed; NULL: no help */
};

/**
 * Fill a peer from its words.
 *
 * @param kind          "udp"
 * @param default_port  if neither argument nor cfg names one
 */
int pflowi_peer_init(struct pflowi_peer *peer, const char *kind,
    const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len);

/** The family that lookups are to give: the source's, or any. */
int pflowi_peer_family(const struct pflowi_peer *peer);

/** Octets of IP and UDP headers; IPv6's as long as it is not known. */
uint32_t pflowi_udp_overhead(int family);

/**
 * A socket with all its options, bound, and connected or on its way.
 *
 * @return PFLOW_OK: *fd is connected; PFLOW_ERR_AGAIN: *fd is connecting;
 *         PFLOW_ERR_INVALID: source or device are not of this machine;
 *         PFLOW_ERR_SYSTEM: not now. *fd is -1 then and err says why
 */
int pflowi_peer_connect(const struct pflowi_peer *peer,
    const struct pflowi_addr *addr, int *fd, char *err, size_t err_len);

/** Can the source be bound and the device be found? As above. */
int pflowi_peer_check(
    const struct pflowi_peer *peer, char *err, size_t err_len);

#endif /* PFLOWI_SOCKET_H */
