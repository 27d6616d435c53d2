/* SPDX-License-Identifier: ISC */
/* What is dropped, inline for the fast paths. */
#ifndef PFLOWI_DROP_H
#define PFLOWI_DROP_H

#include "exporter/exporter.h"

/** Why a state gives no record, or PFLOW_DROP_COUNT if it does. */
PFLOWI_INLINE enum pflow_drop
pflowi_drop_reason(const struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key)
{
	if (PFLOWI_UNLIKELY((st->flags & PFLOW_STATE_EXPORT) == 0 &&
	    ex->cfg.select == PFLOW_SELECT_PFLOW))
		return PFLOW_DROP_not_selected;
	if (PFLOWI_UNLIKELY(ex->cfg.side != PFLOW_SIDE_BOTH)) {
		uint8_t other = ex->cfg.side == PFLOW_SIDE_IN ? PFLOW_DIR_OUT
							      : PFLOW_DIR_IN;

		if (st->direction == other)
			return PFLOW_DROP_wrong_side;
	}
	if (PFLOWI_UNLIKELY((st->flags & PFLOW_STATE_CREATED) != 0)) {
		if (!pflowi_has_nat_event(ex, st))
			return PFLOW_DROP_event_not_wanted;
	} else if (PFLOWI_UNLIKELY((st->octets[0] | st->octets[1]) == 0) &&
	    !pflowi_has_nat_event(ex, st)) {
		return PFLOW_DROP_no_octets;
	}
	if (PFLOWI_LIKELY(key->af == PFLOW_AF_IPV4))
		return PFLOW_DROP_COUNT;
	if (key->af != PFLOW_AF_IPV6)
		return PFLOW_DROP_invalid;
	return pflowi_is_v5(ex) ? PFLOW_DROP_ipv6_in_v5 : PFLOW_DROP_COUNT;
}

#endif /* PFLOWI_DROP_H */
