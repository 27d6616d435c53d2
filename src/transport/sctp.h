/* SPDX-License-Identifier: ISC */
/* sctp: what its roads share (RFC 7011, 10.2). */
#ifndef PFLOWI_SCTP_H
#define PFLOWI_SCTP_H

#include "transport/session.h"

/** RFC 6951, 5.1 */
#define PFLOWI_SCTP_ENCAP_PORT 9899
/** Of packet and DATA chunk (RFC 9260, 3.1 and 3.3.1). */
#define PFLOWI_SCTP_OVERHEAD 28u
/** Messages on their way: the largest one fits several times. */
#define PFLOWI_SCTP_BUFFER 262144u

/**
 * May this message be given up?  Not if it holds templates or withdrawals
 * (RFC 7011, 8.3), nor if it is not understood.
 */
bool pflowi_sctp_is_data_only(const struct pflow_message *msg);

#endif /* PFLOWI_SCTP_H */
