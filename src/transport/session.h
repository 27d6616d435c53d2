/* SPDX-License-Identifier: ISC */
/*
 * A transport with sessions: connect, handshake, write whole messages, notice
 * the end, begin again. What the octets look like on the wire is a layer's
 * (tcp.c, tls.c, dtls.c, sctp_*.c).
 */
#ifndef PFLOWI_SESSION_H
#define PFLOWI_SESSION_H

#include "transport/conn.h"
#include "transport/flight.h"

struct pflowi_session;

/** What a layer waits for, and why it failed. */
struct pflowi_layer_result {
	unsigned events; /**< PFLOW_WANT_*; with PFLOW_ERR_AGAIN */
	bool begun;	 /**< AGAIN of write(): the head message is half out
			      though no octet of it counts as written */
	size_t octets;	 /**< written, or read and thrown away */
	bool renew;	 /**< the end is ours: begin again at once */
	bool in_order;	 /**< read(), PFLOW_EOF: the collector has read all
			      that was acknowledged */
	bool lost;	 /**< write(): taken, but nobody will get it */
	char why[PFLOWI_ERROR_MAX];
};

/** All but stop() give PFLOW_OK, PFLOW_ERR_AGAIN or PFLOW_ERR_CLOSED; read()
 *  gives PFLOW_EOF if the peer ended the session in order. */
struct pflowi_layer {
	/** A connected socket: the first step of the handshake follows. */
	int (*start)(struct pflowi_session *s, struct pflow_now now,
	    struct pflowi_layer_result *r);
	int (*handshake)(struct pflowi_session *s, struct pflow_now now,
	    struct pflowi_layer_result *r);
	/** Octets of the messages from offset in the first one. PFLOW_OK: at
	 *  least one octet was taken. */
	int (*write)(struct pflowi_session *s, const struct pflow_message *msgs,
	    size_t count, size_t offset, struct pflowi_layer_result *r);
	/** Whatever the peer says: nothing is expected but the end. With
	 *  PFLOW_EOF and r->renew it is time for a new session. */
	int (*read)(struct pflowi_session *s, struct pflow_now now,
	    struct pflowi_layer_result *r);
	/** Octets of this session that the peer's system has acknowledged;
	 *  false: not known. NULL: it never is. */
	bool (*acknowledged)(const struct pflowi_session *s, uint64_t *octets);
	/** The end. polite: the peer is there and may be told. */
	void (*stop)(struct pflowi_session *s, bool polite);
	/** NULL, or when handshake() wants to be called. */
	uint64_t (*deadline)(const struct pflowi_session *s);
};

/** All counters: S(name, "help", kind). */
#define PFLOWI_SESSION_COUNTERS(S)                                           \
	S(sent_messages, "messages given to the system", INFO)               \
	S(sent_octets, "octets of these messages", INFO)                     \
	S(sent_records, "Data Records in them", INFO)                        \
	S(full_waits, "times the peer or the system had no room", INFO)      \
	S(sessions, "sessions begun", INFO)                                  \
	S(handshake_failures, "handshakes that failed", INFO)                \
	S(ended_by_peer, "sessions the collector ended", INFO)               \
	S(renewed_sessions, "sessions ended to begin anew", INFO)            \
	S(broken_sessions, "sessions that ended in an error", INFO)          \
	S(cut_messages, "cut off by the end of a session", INFO)             \
	S(orphan_messages, "ended though the driver gave them up", INFO)     \
	S(unexpected_octets, "octets from the collector, thrown away", INFO) \
	S(unconfirmed_messages, "on their way when a session ended", INFO)   \
	S(unconfirmed_records,                                               \
	    "Data Records on their way when a session ended", DROP)

struct pflowi_session {
	struct pflow_transport base;
	struct pflowi_conn conn;
	const struct pflowi_layer *layer;
	bool started;	 /**< the layer has the socket */
	bool up;	 /**< the handshake is done */
	bool in_order;	 /**< the last session ended so, all confirmed */
	bool told;	 /**< the driver knows that the last session ended */
	unsigned events; /**< what the layer waits for */
	uint64_t handshake_due_ns;
	uint64_t octets; /**< written in this session, as the wire counts them;
			      write() keeps it */
	uint64_t session_messages; /**< sent in this session */
	bool begun;		   /**< the head message is out in part */
	size_t offset;		   /**< how much of it */
	uint8_t *tail; /**< the rest of it, should it not come again */
	size_t tail_len;
	struct pflowi_flight flight;
	struct {
#define PFLOWI_SESSION_MEMBER(name, help, kind) uint64_t name;
		PFLOWI_SESSION_COUNTERS(PFLOWI_SESSION_MEMBER)
#undef PFLOWI_SESSION_MEMBER
	} n;
};

int pflowi_session_init(struct pflowi_session *s,
    const struct pflow_transport_ops *ops, const struct pflowi_layer *layer,
    int socktype, const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len);

/** Everything but the memory of s itself. */
void pflowi_session_fini(struct pflowi_session *s);

/** The operations of a transport, for its table. */
int pflowi_session_open(struct pflow_transport *t, struct pflow_now now);
int pflowi_session_send(struct pflow_transport *t,
    const struct pflow_message *msgs, size_t count, size_t *sent,
    struct pflow_now now);
int pflowi_session_service(struct pflow_transport *t, struct pflow_now now);
void pflowi_session_want(
    const struct pflow_transport *t, struct pflow_want *out);
void pflowi_session_counters(
    const struct pflow_transport *t, pflow_counter_fn *fn, void *arg);
void pflowi_session_progress(
    struct pflow_transport *t, struct pflow_progress *out);
void pflowi_session_restart(struct pflow_transport *t, struct pflow_now now);
const char *pflowi_session_error_text(const struct pflow_transport *t);

#endif /* PFLOWI_SESSION_H */
