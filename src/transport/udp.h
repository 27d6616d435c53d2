/* SPDX-License-Identifier: ISC */
/* udp: inside; tests look in here too. */
#ifndef PFLOWI_UDP_H
#define PFLOWI_UDP_H

#include "core/time.h"
#include "transport/net.h"
#include "transport/pace.h"
#include "transport/socket.h"

/** A name is resolved again this often, and this soon after a failure. */
#define PFLOWI_RERESOLVE_NS (UINT64_C(300) * PFLOWI_NS_PER_SEC)
#define PFLOWI_RERESOLVE_FAILED_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC)
/** A socket that can not be had now is tried again. */
#define PFLOWI_UDP_RETRY_NS (UINT64_C(5) * PFLOWI_NS_PER_SEC)
/** How long a full road may hold a message before it counts as lost. */
#define PFLOWI_UDP_STALL_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)
/** ENOBUFS (a full interface queue) can not be polled for. */
#define PFLOWI_UDP_NOBUFS_NS (UINT64_C(1) * PFLOWI_NS_PER_MS)
/** RFC 1191, 6.3: a path MTU may be raised again after 10 minutes. */
#define PFLOWI_UDP_LIMIT_NS (UINT64_C(600) * PFLOWI_NS_PER_SEC)
/** A peer that refused nothing for so long is back. */
#define PFLOWI_UDP_QUIET_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)

/** All counters: U(name, "help", kind). */
#define PFLOWI_UDP_COUNTERS(U)                                                 \
	U(sent_messages, "messages given to the system", INFO)                 \
	U(sent_octets, "octets of these messages", INFO)                       \
	U(sent_records, "Data Records in them", INFO)                          \
	U(refused_datagrams, "answered with port unreachable", INFO)           \
	U(full_waits, "times the system had no room for a message", INFO)      \
	U(paced_waits, "times the rate allowed no more", INFO)                 \
	U(sessions, "sockets connected to the collector", INFO)                \
	U(resolve_failures, "times the name did not resolve", INFO)            \
	U(unexpected_datagrams, "datagrams from the collector", INFO)          \
	U(no_buffer_messages, "given up: no room for too long", INFO)          \
	U(too_large_messages, "given up: larger than the path takes", INFO)    \
	U(unreachable_messages, "given up: no way to the collector", INFO)     \
	U(refused_messages, "given up: port unreachable", INFO)                \
	U(failed_messages, "given up: any other error", INFO)                  \
	U(no_buffer_records, "Data Records: no room for too long", DROP)       \
	U(too_large_records, "Data Records: larger than the path takes", DROP) \
	U(unreachable_records, "Data Records: no way to the collector", DROP)  \
	U(refused_records, "Data Records: port unreachable", DROP)             \
	U(failed_records, "Data Records: any other error", DROP)

struct pflowi_udp_counters {
#define PFLOWI_UDP_MEMBER(name, help, kind) uint64_t name;
	PFLOWI_UDP_COUNTERS(PFLOWI_UDP_MEMBER)
#undef PFLOWI_UDP_MEMBER
};

enum pflowi_udp_block {
	PFLOWI_UDP_OPEN_ROAD,
	PFLOWI_UDP_FULL_SOCKET, /**< poll for write */
	PFLOWI_UDP_FULL_QUEUE	/**< try again at block_until_ns */
};

struct pflowi_udp {
	struct pflow_transport base;
	struct pflowi_peer peer;
	struct pflowi_resolver resolver;
	struct pflowi_addr at; /**< where fd is connected to */
	int fd;		       /**< -1: not open yet */
	uint32_t mtu;	       /**< as configured */
	bool paced;	       /**< the rate allowed no more */
	struct pflowi_pace pace;
	struct pflowi_net_batch batch;
	enum pflowi_udp_block block;
	uint64_t block_until_ns;
	uint64_t stalled_ns;  /**< since when; PFLOW_NEVER: it is not */
	uint64_t resolve_ns;  /**< when to ask again */
	uint64_t resolved_ns; /**< when it was asked last */
	uint64_t reopen_ns;   /**< fd is worth nothing: a new one then */
	uint64_t limit_ns;    /**< message_limit is forgotten then */
	uint64_t quiet_ns;    /**< the peer is back then; PFLOW_NEVER */
	uint64_t sent_before; /**< messages of earlier sessions */
	struct pflowi_udp_counters n;
	int explained; /**< the errno that error tells of; 0: another thing */
	char error[PFLOWI_ERROR_MAX];
};

/** An error of the socket that tells of earlier datagrams. */
void pflowi_udp_note(struct pflowi_udp *u, int error, struct pflow_now now);

/** A message that can not be sent: count it under its reason. */
void pflowi_udp_lose(struct pflowi_udp *u, const struct pflow_message *msg,
    int error, struct pflow_now now);

/** Ask the system what the path takes, if it knows. */
void pflowi_udp_learn_mtu(struct pflowi_udp *u, struct pflow_now now);

/** The path takes no datagram with a message of len octets. */
void pflowi_udp_shrink(
    struct pflowi_udp *u, uint32_t len, struct pflow_now now);

/** Send an empty datagram, to see whether it is refused. @return false: t is
 *  no udp, or not open */
bool pflowi_udp_probe(struct pflow_transport *t, struct pflow_now now);

#endif /* PFLOWI_UDP_H */
