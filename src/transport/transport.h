/* SPDX-License-Identifier: ISC */
/* What the transports share inside the room. */
#ifndef PFLOWI_TRANSPORT_H
#define PFLOWI_TRANSPORT_H

#include <pflow/transports.h>

/** Every kind, in the order it is printed: K(symbol). */
#define PFLOWI_TRANSPORT_KINDS(K)                                              \
	K(udp)                                                                 \
	K(tcp)                                                                 \
	K(tls)                                                                 \
	K(dtls)                                                                \
	K(sctp)                                                                \
	K(file)

#define PFLOWI_TRANSPORT_DECLARE(symbol)                                       \
	extern const struct pflow_transport_kind pflowi_transport_##symbol;
PFLOWI_TRANSPORT_KINDS(PFLOWI_TRANSPORT_DECLARE)
#undef PFLOWI_TRANSPORT_DECLARE

#endif /* PFLOWI_TRANSPORT_H */
