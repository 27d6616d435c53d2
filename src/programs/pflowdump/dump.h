/* SPDX-License-Identifier: ISC */
/* What all inputs of pflowdump share: messages go in, rows and sums come out. */
#ifndef PFLOWDUMP_DUMP_H
#define PFLOWDUMP_DUMP_H

#include <stdbool.h>

#include "programs/common/endpoint.h"
#include "programs/pflowdump/flow.h"
#include "programs/pflowdump/peers.h"

struct pflowdump {
	struct pflowdump_writer writer;
	struct pflowdump_peers peers;
	uint64_t left;	      /**< flows until the end (-n) */
	uint64_t idle_ns;     /**< end after so long a silence (-t);
				   PFLOW_NEVER: do not */
	uint64_t flows;
	uint64_t packets;
	uint64_t octets;
	uint64_t messages;    /**< that were offered to a decoder */
	uint64_t not_netflow; /**< datagrams of no version that we know */
	uint64_t unreadable;  /**< datagrams that break their format */
	uint64_t not_udp;     /**< captures: packets that carry no datagram */
	uint64_t cut_short;   /**< captures: datagrams not captured whole */
	uint64_t skipped_octets; /**< files: where no message begins */
	uint64_t fragments;   /**< captures: parts of datagrams */
	uint64_t no_memory;   /**< messages of peers that found no room */
	pflow_digest_fn *digest; /**< NULL: checksums are not compared */
	bool quiet;
	bool done;	      /**< enough flows */
};

/** Messages whose checksum was wrong, so far. */
uint64_t pflowdump_checksums_wrong(const struct pflowdump *d);

/**
 * Decode one message and write its flows.
 *
 * @return as pflow_decoder_message(), but PFLOW_OK also where d->done stops
 *         it; PFLOW_ERR_NOMEM
 */
int pflowdump_message(struct pflowdump *d, const struct pflowdump_ends *ends,
    const uint8_t *buf, size_t len);

/** Each input: @return an exit code, after a line if it is not 0. */

/** Messages of a bound datagram socket, until a signal. */
int pflowdump_listen(struct pflowdump *d, const struct pflowi_dest *at);

/** A file, or standard input for "-": messages or a capture. */
int pflowdump_file(struct pflowdump *d, const char *path);

/** A capture of exported datagrams; takes the file over. */
int pflowdump_capture(struct pflowdump *d, FILE *file, const char *path);

/** Version of the library that reads captures, or NULL. */
const char *pflowdump_capture_version(void);

#endif /* PFLOWDUMP_DUMP_H */
