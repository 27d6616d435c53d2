/* SPDX-License-Identifier: ISC */
/*
 * Netlink messages for pf_freebsd.c: requests as octets, answers as parts.
 * Everything but the socket.
 */
#ifndef PFLOWI_PF_NLMSG_H
#define PFLOWI_PF_NLMSG_H

#include <stddef.h>
#include <stdint.h>

#include "sources/pf_netlink.h"

/** No request is longer. */
#define PFLOWI_PF_NLMSG_MAX 64

struct pflowi_pf_nlmsg {
	uint8_t *buf;	 /**< the datagram at hand */
	size_t room, len, pos;
	size_t limit;	 /**< room may not pass it */
	uint32_t sequence; /**< of the last request */
	uint16_t family; /**< number of "pfctl"; 0: not yet known */
	bool dump;	 /**< the last request was one: only DONE ends it */
	int error;	 /**< errno that the kernel answered */
};

/** Attributes of one answer. */
struct pflowi_pf_nlpart {
	const uint8_t *p;
	size_t len;
};

/** The order of this machine. */
enum pflowi_pf_order pflowi_pf_nlmsg_order(void);

/** @return PFLOW_OK, PFLOW_ERR_NOMEM */
int pflowi_pf_nlmsg_init(struct pflowi_pf_nlmsg *nl, size_t limit);

void pflowi_pf_nlmsg_fini(struct pflowi_pf_nlmsg *nl);

/** Twice the room. @return PFLOW_OK, PFLOW_ERR_NOMEM */
int pflowi_pf_nlmsg_grow(struct pflowi_pf_nlmsg *nl);

/** A datagram of len octets is in buf. */
void pflowi_pf_nlmsg_set(struct pflowi_pf_nlmsg *nl, size_t len);

/** Ask for the number of the family. @return octets of the request */
size_t pflowi_pf_nlmsg_family(struct pflowi_pf_nlmsg *nl,
    uint8_t out[PFLOWI_PF_NLMSG_MAX]);

/** Take the number from an answer. */
void pflowi_pf_nlmsg_family_of(struct pflowi_pf_nlmsg *nl,
    const struct pflowi_pf_nlpart *part);

/** Ask for all states. */
size_t pflowi_pf_nlmsg_states(struct pflowi_pf_nlmsg *nl,
    uint8_t out[PFLOWI_PF_NLMSG_MAX]);

/**
 * The next part of the answer to the last request; what answers another one
 * is passed over.
 *
 * @return PFLOW_OK; PFLOW_EOF: it was whole; PFLOW_ERR_AGAIN: the next
 *         datagram is needed; PFLOW_ERR_SYSTEM: the kernel said error;
 *         PFLOW_ERR_MALFORMED: lengths do not fit, or the dump was interrupted
 */
int pflowi_pf_nlmsg_next(struct pflowi_pf_nlmsg *nl,
    struct pflowi_pf_nlpart *out);

#endif /* PFLOWI_PF_NLMSG_H */
