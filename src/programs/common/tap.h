/* SPDX-License-Identifier: ISC */
/*
 * A tap: a transport around another one, which writes each message that was
 * handed over into a capture file (pcap, raw IP).  Every message stands there
 * as one UDP datagram with the addresses of the session, also where a stream
 * or a file carries it, so that whatever reads flows from captures reads it.
 */
#ifndef PFLOWI_TAP_H
#define PFLOWI_TAP_H

#include <stdbool.h>

#include <pflow/system.h>
#include <pflow/transport.h>

/** LINKTYPE_RAW: a frame is an IP packet. */
#define PFLOWI_TAP_LINKTYPE 101

#define PFLOWI_TAP_FILES_MAX 16

struct pflowi_tap_config {
	const char *path;
	uint64_t size;	/**< octets of a file; it never gets larger */
	unsigned files; /**< PATH, PATH.1, ... in turn; then again from PATH */
	const struct pflow_system *system; /**< opens them; NULL: we do */
};

/** Is path one of a tap's files? */
bool pflowi_tap_has(const char *tap, unsigned files, const char *path);

/**
 * Put a tap around a transport.
 *
 * @param inner  owned by the tap after PFLOW_OK, else the caller's
 * @param out    out: in its place
 * @return PFLOW_OK; PFLOW_ERR_NOMEM, PFLOW_ERR_SYSTEM (the file can not be
 *         begun) with err
 */
int pflowi_tap_create(const struct pflowi_tap_config *cfg,
    struct pflow_transport *inner, struct pflow_transport **out, char *err,
    size_t err_len);

#endif /* PFLOWI_TAP_H */
