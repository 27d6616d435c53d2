/* SPDX-License-Identifier: ISC */
/*
 * What systems do differently with sockets: one file each (net_linux.c,
 * net_generic.c), the same symbols in all. Functions that return int give 0,
 * or -1 with errno; ENOTSUP where the system has no such thing.
 */
#ifndef PFLOWI_NET_H
#define PFLOWI_NET_H

#include <pflow/message.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/** A socket that neither blocks nor survives exec. */
int pflowi_net_socket(int family, int type, int protocol);

/** Bind to an interface or VRF. */
int pflowi_net_device(int fd, const char *device);

/** Never let IP fragment what this socket sends. */
int pflowi_net_dont_fragment(int fd, int family);

/** The MTU of the path of a connected socket; 0: not known. */
uint32_t pflowi_net_path_mtu(int fd, int family);

/**
 * A stream that notices when its peer is gone: keep-alive when it is idle,
 * and an end to waiting for acknowledgements.
 */
void pflowi_net_watch_peer(int fd, uint64_t timeout_ns);

/** Octets of a stream that the peer's system has not acknowledged. */
int pflowi_net_unacknowledged(int fd, uint64_t *octets);

/** Write to a stream: as many octets of the vector as there is room for. */
ssize_t pflowi_net_send_vector(int fd, struct iovec *iov, int count);

/** What a socket has shown that it can not do. Zero at first. */
struct pflowi_net_batch {
	bool no_segments;   /**< the road refuses segmentation offload */
	uint64_t calls;	    /**< system calls made */
	uint64_t segmented; /**< messages that went out in one piece with
				 others */
};

/**
 * Send datagrams on a connected socket, as many as one call takes, from
 * where they are.
 *
 * @return how many of the first were sent, at least 1; -1 with errno, which
 *         is about the first or about one sent earlier
 */
int pflowi_net_send_many(int fd, struct pflowi_net_batch *batch,
    const struct pflow_message *msgs, size_t count);

#endif /* PFLOWI_NET_H */
