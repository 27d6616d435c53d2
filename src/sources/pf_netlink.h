/* SPDX-License-Identifier: ISC */
/*
 * States as FreeBSD's "pfctl" generic netlink family tells them, attribute by
 * attribute. Pure: octets in, raw states out.
 */
#ifndef PFLOWI_PF_NETLINK_H
#define PFLOWI_PF_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_layout.h"

/** An attribute: its type, and len octets at p. */
struct pflowi_pf_attr {
	unsigned type;
	const uint8_t *p;
	size_t len;
};

/** A walk over attributes. */
struct pflowi_pf_attrs {
	const uint8_t *p;
	size_t left;
	enum pflowi_pf_order order; /**< of the machine that wrote them */
};

/**
 * The next attribute.
 *
 * @param bad  out: set if it ended because the rest makes no sense
 * @return false: there is none
 */
bool pflowi_pf_attrs_next(struct pflowi_pf_attrs *it,
    struct pflowi_pf_attr *out, bool *bad);

/** An integer of 1, 2, 4 or 8 octets. @return 0 if it is none */
uint64_t pflowi_pf_attr_uint(const struct pflowi_pf_attr *a,
    enum pflowi_pf_order order);

/**
 * One state.
 *
 * @param p    its attributes, behind the generic netlink header
 * @param raw  out: every member set
 * @return PFLOW_OK; PFLOW_ERR_MALFORMED: lengths that do not fit, or no id,
 *         keys or counters
 */
int pflowi_pf_netlink_state(const uint8_t *p, size_t len,
    enum pflowi_pf_order order, struct pflowi_pf_raw *raw);

#endif /* PFLOWI_PF_NETLINK_H */
