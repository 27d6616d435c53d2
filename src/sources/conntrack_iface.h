/* SPDX-License-Identifier: ISC */
/*
 * Interface indexes by address.  conntrack knows none: the route to the
 * initiator is taken for where it comes in, the route to the receiver for
 * where it goes out.  Routes are remembered for a while.  A file of names may
 * give interfaces other numbers, which stay when the system's change.
 */
#ifndef PFLOWI_CONNTRACK_IFACE_H
#define PFLOWI_CONNTRACK_IFACE_H

#include "sources/conntrack_link.h"
#include "sources/pf_ifmap.h"

#define PFLOWI_CT_ROUTES 4096u
#define PFLOWI_CT_ROUTE_S 30u /* seconds a route is believed */

struct pflowi_ct_routes {
	struct pflowi_pf_ifmap map; /**< what names are to be called */
	struct {
		uint64_t until_ns; /**< 0: free */
		uint8_t addr[16];
		uint32_t ifindex;
		uint8_t af;
	} slots[PFLOWI_CT_ROUTES];
};

/** Tell the interfaces of this machine, by the numbers they are given. */
void pflowi_ct_tell_interfaces(const struct pflowi_ct_routes *routes,
    pflow_interface_fn *fn, void *arg);

/** Set ifindex[] of a state. */
void pflowi_ct_set_interfaces(struct pflowi_ct_routes *routes,
    struct pflowi_ct_link *link, struct pflow_now now,
    struct pflow_state *st);

#endif /* PFLOWI_CONNTRACK_IFACE_H */
