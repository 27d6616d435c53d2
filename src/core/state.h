/* SPDX-License-Identifier: ISC */
/* What the hot paths need of struct pflow_state without a call. */
#ifndef PFLOWI_STATE_H
#define PFLOWI_STATE_H

#include <pflow/state.h>

#include "core/port.h"

#define PFLOWI_PROTO_ICMP 1
#define PFLOWI_PROTO_IPV6_ICMP 58

/** pf: an inbound packet created it, so the wire saw it untranslated. */
PFLOWI_INLINE const struct pflow_key *
pflowi_state_pre(const struct pflow_state *st)
{
	return &st->key[st->direction == PFLOW_DIR_OUT ? PFLOW_STACK
						       : PFLOW_WIRE];
}

PFLOWI_INLINE const struct pflow_key *
pflowi_state_post(const struct pflow_state *st)
{
	return &st->key[st->direction == PFLOW_DIR_OUT ? PFLOW_WIRE
						       : PFLOW_STACK];
}

PFLOWI_INLINE int
pflowi_is_icmp(uint8_t protocol)
{
	return protocol == PFLOWI_PROTO_ICMP ||
	    protocol == PFLOWI_PROTO_IPV6_ICMP;
}

#endif /* PFLOWI_STATE_H */
