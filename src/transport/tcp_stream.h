/* SPDX-License-Identifier: ISC */
/* What tcp: and tls: do with a TCP socket of theirs. */
#ifndef PFLOWI_TCP_STREAM_H
#define PFLOWI_TCP_STREAM_H

#include "transport/session.h"

/** A connected socket: no waiting for more, notice a peer that is dead. */
void pflowi_tcp_prepare(struct pflowi_session *s);

/** Of so many octets that went into the socket, those that the peer's system
 *  has acknowledged. @return false: not known */
bool pflowi_tcp_acknowledged(
    const struct pflowi_session *s, uint64_t written, uint64_t *octets);

#endif /* PFLOWI_TCP_STREAM_H */
