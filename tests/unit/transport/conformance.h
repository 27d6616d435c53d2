/* SPDX-License-Identifier: ISC */
/*
 * The test that any transport must pass (include/pflow/transport.h). An
 * adapter tells how to make one and how to be its peer; conformance_case()
 * runs it through AGAIN, CLOSED, partial progress, reconnects, slow peers.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <pflow/transport.h>

/** What a peer has received in one session. */
struct conformance_log {
	uint8_t *data;
	size_t len, cap;
};

#define CONFORMANCE_SESSIONS 8

struct conformance_peer {
	struct conformance_log session[CONFORMANCE_SESSIONS];
	size_t sessions; /**< session[sessions - 1] is the running one */
	void *arg;	 /**< the adapter's own */
};

struct conformance_adapter {
	const char *name;
	uint32_t message_max; /**< octets of the largest message */
	uint32_t message_min; /**< 0: 16 */
	bool can_stall;	      /**< a peer that does not read stops it */
	bool can_reset;	      /**< peer_reset() works */
	bool reconnects;      /**< and a new session comes after it */
	bool restarts;	      /**< step() sees restart() as another session */

	/** A peer that listens, and a transport, not open, that leads to it. */
	struct pflow_transport *(*begin)(struct conformance_peer *peer);
	/** Accept, take at most so many octets, log them. Never waits. */
	void (*step)(struct conformance_peer *peer, size_t octets);
	/** Break the session off. */
	void (*reset)(struct conformance_peer *peer);
	/** Release what begin() made, but for the transport. */
	void (*end)(struct conformance_peer *peer);
};

/** How many cases there are. */
extern const int conformance_cases;

/** Run case number i; aborts the test if it fails. */
void conformance_case(const struct conformance_adapter *adapter, int i);

/** For step(): n octets came in the running session. */
void conformance_log_add(
    struct conformance_peer *peer, const void *data, size_t n);

/** For step(): a session began. */
void conformance_log_session(struct conformance_peer *peer);

/** For tests: wait until t wants to be called or ms are over; now goes on. */
void conformance_wait(
    const struct pflow_transport *t, struct pflow_now *now, int ms);

/** For tests: the value of a counter; aborts if there is none such. */
uint64_t conformance_counter(const struct pflow_transport *t, const char *name);

#endif /* CONFORMANCE_H */
