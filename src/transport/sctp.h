/* SPDX-License-Identifier: ISC */
/*
 * sctp: one message an SCTP user message, all on stream 0 in order (RFC 7011,
 * 10.2), so that one sequence numbers them all. The SCTP is the system's
 * (sctp_system*.c) or libusrsctp's (sctp_layer.c, sctp_stack.c).
 */
#ifndef PFLOWI_SCTP_H
#define PFLOWI_SCTP_H

#include "transport/sctp_stack.h"
#include "transport/session.h"

/** All counters beyond those of a session: C(name, "help", kind). */
#define PFLOWI_SCTP_COUNTERS(C)                                            \
	C(given_up_messages, "their lifetime was over", INFO)              \
	C(given_up_records, "Data Records: their lifetime was over", DROP) \
	C(untaken_packets, "the system had no room, sent again", INFO)     \
	C(refused_packets, "answered with port unreachable", INFO)

enum pflowi_sctp_road {
	PFLOWI_SCTP_SYSTEM, /**< sockets of the system's SCTP */
	PFLOWI_SCTP_IP,	    /**< libusrsctp's over a raw socket */
	PFLOWI_SCTP_UDP	    /**< libusrsctp's over UDP (RFC 6951) */
};

struct pflowi_sctp {
	struct pflowi_session s;    /**< first */
	struct pflowi_sctp_assoc a; /**< but of the system's */
	enum pflowi_sctp_road road;
	uint16_t port;	/**< of SCTP */
	uint16_t encap; /**< UDP port as configured; 0: none */
	uint32_t mtu;
	uint32_t path_mtu; /**< learned; 0: no less than mtu */
	uint32_t buffer;
	uint32_t lifetime_ms;
	struct pflowi_addr source; /**< with the port of SCTP */
	struct {
#define PFLOWI_SCTP_MEMBER(name, help, kind) uint64_t name;
		PFLOWI_SCTP_COUNTERS(PFLOWI_SCTP_MEMBER)
#undef PFLOWI_SCTP_MEMBER
	} n; /**< of associations that are over */
};

/** What this build has; NULL: it has not. */
extern const struct pflowi_layer *const pflowi_sctp_stack_layer;
extern const struct pflowi_layer *const pflowi_sctp_system_layer;

/** Octets of IP, and of UDP if there is one. */
uint32_t pflowi_sctp_outer_headers(const struct pflowi_sctp *c, int family);

void pflowi_sctp_set_overhead(struct pflowi_sctp *c, int family);

/**
 * May this message be given up?  Not if it holds templates or withdrawals
 * (RFC 7011, 8.3), nor if it is not understood.
 */
bool pflowi_sctp_is_data_only(const struct pflow_message *msg);

#endif /* PFLOWI_SCTP_H */
