/* SPDX-License-Identifier: ISC */
/* Netlink by libmnl: what is read of the kernel, and what routing knows. */
#ifndef PFLOWI_CONNTRACK_ROUTE_H
#define PFLOWI_CONNTRACK_ROUTE_H

#include <libmnl/libmnl.h>
#include <sys/types.h>

#include "sources/conntrack_link.h"

/**
 * recvmsg() without waiting, but only of the kernel.
 *
 * @param status  PFLOW_OK; PFLOW_ERR_SYSTEM: see errno; PFLOW_ERR_INVALID:
 *                of somebody else; PFLOW_ERR_TRUNCATED
 * @return as recvmsg()
 */
ssize_t pflowi_ct_from_kernel(const struct mnl_socket *sock, void *buf,
    size_t cap, int *status);

/** As pflowi_ct_link_ops.route, on a NETLINK_ROUTE socket. */
uint32_t pflowi_ct_ask_route(const struct mnl_socket *sock, uint32_t seq,
    uint8_t af, const uint8_t *addr);

/** As pflowi_ct_link_ops.name; `name` is all zero before. */
void pflowi_ct_ask_name(const struct mnl_socket *sock, uint32_t seq,
    uint32_t index, char name[PFLOWI_CT_IFNAME]);

#endif /* PFLOWI_CONNTRACK_ROUTE_H */
