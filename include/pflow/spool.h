/* SPDX-License-Identifier: ISC */
/*
 * Nothing lost while the receiver is away: a transport in front of another
 * one that keeps messages in files until the other has delivered them (link
 * pflow::transport).
 *
 * The files are IPFIX files (RFC 5655): whole messages one after another,
 * each file with the templates that it needs at its start; any reader of
 * such files reads them. They survive the end of the process, in whatever
 * way it ends, and are sent when the receiver is back: in order, each record
 * once, as far as the receiver's system tells.
 *
 * It can not tell all: what a collector's system has acknowledged, the
 * collector itself may not have read when it dies. So when a session breaks,
 * or this process was killed, the last replay_octets are sent again. To let
 * the collector throw away what it has, messages keep their Sequence Numbers
 * for ever: they go on from session to session and from process to process,
 * and do not begin at 0 with each session (RFC 7011, 3.1). A message comes
 * again with the same octets.
 */
#ifndef PFLOW_SPOOL_H
#define PFLOW_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/transport.h>

PFLOW_BEGIN_DECLS

/** Settings. Always begin with pflow_spool_config_init(). */
struct pflow_spool_config {
	size_t struct_size; /**< set by pflow_spool_config_init() */
	const char *dir;    /**< made if it is not there (mode 0700); one
				 process at a time. Copied */
	uint64_t max_octets;	 /**< of all files; default 256 MiB, at least
				      1 MiB. Beyond it the oldest file goes,
				      and what was not delivered of it is
				      counted */
	uint64_t segment_octets; /**< of one file; 0: max_octets / 16, at most
				      16 MiB */
	uint64_t replay_octets;	 /**< to send again after a session that did
				      not end in order; default 8 MiB, more
				      than a peer's receive buffer holds */
	bool sync; /**< fdatasync(2) before a message counts as taken: it
			survives the power supply too */
};

/** Defaults; dir is NULL and must be set. */
PFLOW_API void pflow_spool_config_init(struct pflow_spool_config *cfg);

/**
 * Put a spool in front of a transport.
 *
 * The result takes IPFIX only; anything else is counted and refused. It
 * always has room, unless the disk has none; its generation stays 1, since
 * sessions come and go behind it.
 *
 * @param cfg    borrowed for the call
 * @param inner  a stream, not yet open; owned by the result. On failure it
 *               stays the caller's
 * @return PFLOW_OK; PFLOW_ERR_INVALID: settings, or inner is no stream;
 *         PFLOW_ERR_NOMEM; with err. What is wrong with dir, open() says
 */
PFLOW_API int pflow_spool_create(const struct pflow_spool_config *cfg,
    struct pflow_transport *inner, struct pflow_transport **out, char *err,
    size_t err_len);

/** What is in the files and not yet confirmed. */
struct pflow_spool_backlog {
	uint64_t octets;    /**< not yet confirmed, an upper bound */
	uint64_t in_flight; /**< messages handed over, not yet confirmed */
	bool empty;	    /**< everything is handed over and confirmed */
};

/** For a program that wants to end when everything is delivered. */
PFLOW_API void pflow_spool_backlog(
    struct pflow_transport *t, struct pflow_spool_backlog *out);

PFLOW_END_DECLS

#endif /* PFLOW_SPOOL_H */
