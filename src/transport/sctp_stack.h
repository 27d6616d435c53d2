/* SPDX-License-Identifier: ISC */
/*
 * Associations of libusrsctp, without its threads: packets come and go over a
 * connected socket of ours, time goes on where a turn says so.
 *
 * The library has one stack in a process. A lock goes around every call of
 * it; the program may not use libusrsctp beside this. An association has one
 * address at each end.
 */
#ifndef PFLOWI_SCTP_STACK_H
#define PFLOWI_SCTP_STACK_H

#include <pflow/transport.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket;

enum pflowi_sctp_state {
	PFLOWI_SCTP_OPENING,
	PFLOWI_SCTP_UP,
	PFLOWI_SCTP_LEAVING, /**< the peer wants to end; takes nothing new */
	PFLOWI_SCTP_ENDED,   /**< in order */
	PFLOWI_SCTP_LOST
};

struct pflowi_sctp_params {
	uint16_t source_port; /**< of SCTP; 0: any */
	uint16_t port;
	bool has_ip_header;    /**< packets come with that of IPv4 */
	uint32_t payload_max;  /**< octets of chunks in a packet */
	uint64_t heartbeat_ns; /**< of silence, then the peer is asked */
	uint32_t buffer;       /**< octets of messages on their way */
};

/** What the stack tells. A turn of any association may change those of all. */
struct pflowi_sctp_facts {
	enum pflowi_sctp_state state;
	uint64_t acked; /**< octets of messages; what was given up included */
	uint64_t unexpected;	    /**< octets of messages from the peer */
	uint64_t given_up_messages; /**< their lifetime was over */
	uint64_t given_up_records;
	uint64_t untaken_packets; /**< the system had no room for them */
	uint64_t refused_packets; /**< answered with port unreachable */
	unsigned refused_in_row;
	bool too_large; /**< a packet did not fit the path */
	char why[128];
};

struct pflowi_sctp_assoc {
	struct pflowi_sctp_assoc *next; /**< of all that are begun */
	uintptr_t id;			/**< 0: not begun */
	struct socket *so;
	int fd; /**< connected; the caller's */
	struct pflowi_sctp_params params;
	uint16_t source_port; /**< as the stack chose; 0: not yet known */
	uint64_t written;     /**< octets of messages */
	uint32_t messages;    /**< of them */
	uint64_t turn_ns;     /**< the last turn */
	uint64_t silent_ns;   /**< of turns, since a packet came */
	uint64_t probed_ns;   /**< silent_ns when it was last asked */
	struct pflowi_sctp_facts live; /**< locked */
	struct pflowi_sctp_facts seen; /**< as the last call found them */
	/** Given up since the last turn: if the association is lost too,
	 *  they are among what was on its way. Locked. */
	uint64_t pending_messages;
	uint64_t pending_records;
	uint32_t last_context;
};

/** Prepare the stack; before a program gives up its rights. */
void pflowi_sctp_stack_open(void);

/**
 * Send INIT.
 *
 * @return PFLOW_OK, or PFLOW_ERR_CLOSED and why
 */
int pflowi_sctp_stack_begin(struct pflowi_sctp_assoc *a, int fd,
    const struct pflowi_sctp_params *params, struct pflow_now now);

/** Take packets in, let time go on. */
void pflowi_sctp_stack_turn(struct pflowi_sctp_assoc *a, struct pflow_now now);

/** When the next turn is due at the latest. */
uint64_t pflowi_sctp_stack_deadline(const struct pflowi_sctp_assoc *a);

/**
 * One message, whole, on stream 0, in order.
 *
 * @param lifetime_ms  given up when so old; 0: never
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: no room; PFLOW_ERR_CLOSED
 */
int pflowi_sctp_stack_send(struct pflowi_sctp_assoc *a,
    const struct pflow_message *msg, uint32_t lifetime_ms);

/**
 * Send what waits, then SHUTDOWN; waits for it as long as the peer makes
 * progress, at most a few seconds.
 */
void pflowi_sctp_stack_leave(struct pflowi_sctp_assoc *a, struct pflow_now now);

/** ABORT whatever is left of it. */
void pflowi_sctp_stack_end(struct pflowi_sctp_assoc *a);

#endif /* PFLOWI_SCTP_STACK_H */
