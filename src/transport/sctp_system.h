/* SPDX-License-Identifier: ISC */
/* What systems do differently with SCTP: sctp_system_NAME.c, one of them. */
#ifndef PFLOWI_SCTP_SYSTEM_H
#define PFLOWI_SCTP_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/** No waiting for more to send; a peer that is silent for so long is dead. */
void pflowi_sctp_system_tune(int fd, uint64_t timeout_ns);

/** Has the peer's system acknowledged everything? */
bool pflowi_sctp_system_is_idle(int fd);

#endif /* PFLOWI_SCTP_SYSTEM_H */
