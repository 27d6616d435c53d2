/* SPDX-License-Identifier: ISC */
/*
 * Whole messages, as they pass from exporter to transport, and what both
 * sides must agree on.
 */
#ifndef PFLOW_MESSAGE_H
#define PFLOW_MESSAGE_H

#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

/** pflow_want.events */
#define PFLOW_WANT_READ 1u
#define PFLOW_WANT_WRITE 2u

/** Octets of IP and UDP headers in front of a message. */
#define PFLOW_OVERHEAD_UDP_IPV4 28u
#define PFLOW_OVERHEAD_UDP_IPV6 48u

/** What an object waits for; filled by its want(). */
struct pflow_want {
	int fd;		      /**< -1: nothing to poll */
	unsigned events;      /**< PFLOW_WANT_* */
	uint64_t deadline_ns; /**< mono_ns; PFLOW_NEVER; 0: call me now */
};

/** One whole message; borrowed from the exporter's slot until ack. */
struct pflow_message {
	const uint8_t *data;
	uint32_t len;	  /**< octets */
	uint32_t records; /**< Data Records in it; 0: templates only */
};

/** How messages travel: what the exporter must know of a transport. */
enum pflow_transport_nature {
	PFLOW_TRANSPORT_DATAGRAM, /**< may lose: templates are refreshed */
	PFLOW_TRANSPORT_STREAM,	  /**< reliable session: templates once */
	PFLOW_TRANSPORT_FILE	  /**< a stream that is never read back */
};

PFLOW_END_DECLS

#endif /* PFLOW_MESSAGE_H */
