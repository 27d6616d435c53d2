/* SPDX-License-Identifier: ISC */
/* Peers on loopback that any stream transport can talk to. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <stdbool.h>

#include <pflow/transports.h>

/** A socket that listens on an address of loopback; its port in *port. */
int loopback_listen(int type, const char *addr, unsigned *port);

/** A transport from its kind and where it leads to; aborts on error. */
struct pflow_transport *loopback_make(const char *kind, const char *host,
    unsigned port, const struct pflow_transport_config *cfg);

/** The next close(2) of fd resets the connection. */
void loopback_reset_on_close(int fd);

/** Accept; fd of the connection, non-blocking, -1 if there is none yet. */
int loopback_accept(int fd);

/** Service t until it is up or so many turns are over. */
bool loopback_bring_up(
    struct pflow_transport *t, struct pflow_now *now, int turns);

#endif /* LOOPBACK_H */
