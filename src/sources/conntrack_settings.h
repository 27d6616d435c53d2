/* SPDX-License-Identifier: ISC */
/* What may follow "conntrack:", and which flows it selects. */
#ifndef PFLOWI_CONNTRACK_SETTINGS_H
#define PFLOWI_CONNTRACK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/conntrack_decode.h"

#define PFLOWI_CT_ARGUMENT "[SETTING,...]"

#define PFLOWI_CT_LABEL_BITS (8u * PFLOWI_CT_LABEL_OCTETS)
#define PFLOWI_CT_BUFFER_DEFAULT (UINT32_C(16) << 20)
#define PFLOWI_CT_BUFFER_MIN (UINT32_C(4) << 10)
#define PFLOWI_CT_BUFFER_MAX (UINT32_C(1) << 30)

/** The words after "conntrack:", comma between. */
struct pflowi_ct_settings {
	uint32_t mark;	  /**< mark=VALUE/MASK: (ct mark & mask) == mark */
	uint32_t mask;
	uint32_t buffer;  /**< buffer=: octets of the receive buffer */
	uint8_t label;	  /**< label=: bit number */
	bool by_mark;
	bool by_label;
	bool nat_events;  /**< tell translations as they are created */
	bool interfaces;  /**< look up interface indexes */
	bool reliable;	  /**< the kernel holds what it could not tell */
};

/**
 * Parse the argument.
 *
 * @param err  one line that names the wrong word and what would be right
 * @return PFLOW_OK; PFLOW_ERR_INVALID
 */
int pflowi_ct_settings_parse(struct pflowi_ct_settings *set,
    const char *argument, char *err, size_t err_len);

/** What the message itself says of PFLOW_STATE_EXPORT. */
bool pflowi_ct_selected(const struct pflowi_ct_settings *set,
    const struct pflowi_ct_flow *flow);

#endif /* PFLOWI_CONNTRACK_SETTINGS_H */
