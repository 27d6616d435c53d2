/* SPDX-License-Identifier: ISC */
/*
 * Several receivers of which one gets everything: the first that is up. A
 * transport made of transports (link pflow::transport).
 */
#ifndef PFLOW_FAILOVER_H
#define PFLOW_FAILOVER_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/transport.h>

PFLOW_BEGIN_DECLS

/** Receivers that one failover can have. */
#define PFLOW_FAILOVER_MAX 8

/** Settings. */
struct pflow_failover_config {
	size_t struct_size; /**< set by pflow_failover_config_init() */
	uint64_t grace_ns;  /**< how long a better receiver that is neither up
				 nor known to be down is waited for; default
				 3 s */
	uint64_t return_ns; /**< how long a better one must have been up before
				 it takes over again; default 5 s */
};

/** Defaults. */
PFLOW_API void pflow_failover_config_init(struct pflow_failover_config *cfg);

/**
 * Make one transport of several, the best one first.
 *
 * All are opened and kept ready. The first that is up gets the messages; when
 * it is down by its own evidence (pflow_progress.down), or its session ends,
 * the next one takes over at once, and a better one takes over again when it
 * has been up for return_ns. Each change is a new session: generation rises.
 * udp: knows that it is down from refused datagrams alone, and is then asked
 * with empty datagrams whether it is back.
 *
 * Messages handed over and then lost with a session are lost here too: a
 * spool in front of a failover sends them again (spool.h).
 *
 * @param children  owned by the result; not yet open. On failure they stay
 *                  the caller's
 * @param count     1 to PFLOW_FAILOVER_MAX
 * @param cfg       NULL: defaults
 * @param out       its nature is datagram if that of any child is, and its
 *                  overhead the largest
 * @return PFLOW_OK; PFLOW_ERR_INVALID; PFLOW_ERR_NOMEM; with err
 */
PFLOW_API int pflow_failover_create(struct pflow_transport *const *children,
    size_t count, const struct pflow_failover_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len);

/** Which child has the messages now; count if none. For people. */
PFLOW_API size_t pflow_failover_active(const struct pflow_transport *t);

PFLOW_END_DECLS

#endif /* PFLOW_FAILOVER_H */
