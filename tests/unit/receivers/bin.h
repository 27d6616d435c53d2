/* SPDX-License-Identifier: ISC */
/* A transport that reads what it is given, and does what the test says. */
#ifndef BIN_H
#define BIN_H

#include <pflow/pflow.h>
#include <pflow/transport.h>

struct bin {
	struct pflow_transport base;
	struct pflow_transport_ops ops;
	struct pflow_decoder decoder;
	uint8_t store[8192];
	bool blocked;	     /**< says AGAIN */
	bool half;	     /**< and has begun the head message */
	bool closes;	     /**< says CLOSED once */
	int open_status;     /**< what open() gives */
	uint8_t head[65535]; /**< the message that was begun */
	uint32_t head_len;   /**< 0: none */
	unsigned *closed;    /**< counts close() */
	uint64_t messages;
	uint64_t octets[2]; /**< of the flows: by their low port, mod 2 */
	uint64_t states;
};

/** Owned by whoever it is given to. */
struct bin *bin_new(enum pflow_transport_nature nature, unsigned *closed);

#endif /* BIN_H */
