/* SPDX-License-Identifier: ISC */
/*
 * The contract between whole messages and the road to a collector.  Third
 * parties write transports against this header alone
 * (examples/own_transport.c); tests/unit/transport holds a test that any of
 * them must pass.
 */
#ifndef PFLOW_TRANSPORT_H
#define PFLOW_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/export.h>
#include <pflow/message.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

struct pflow_transport;

/** What became of the messages of a session. */
struct pflow_progress {
	/** Messages of the running session, or of the last one if none runs,
	 *  that the collector's system has acknowledged. */
	uint64_t confirmed;
	/** The last session ended in order and the collector had read all of
	 *  it: what was confirmed has arrived. */
	bool in_order;
	/** There is evidence that nobody is there: a session that can not be
	 *  had, datagrams that are refused. */
	bool down;
};

/** What a transport can do. A constant; shared by all instances. Functions are
 *  called from one thread at a time. */
struct pflow_transport_ops {
	const char *name; /**< the word of the grammar: "udp" */
	enum pflow_transport_nature nature;

	/**
	 * Begin. A name that does not resolve yet or a peer that is away is
	 * not an error: the transport goes on trying in service().
	 *
	 * @return PFLOW_OK, or a negative status with error_text()
	 */
	int (*open)(struct pflow_transport *t, struct pflow_now now);

	/**
	 * Hand over messages, oldest first, whole ones only.
	 *
	 * After PFLOW_ERR_AGAIN the same head message must be offered again
	 * with the same octets: a stream may have sent a part of it. A message
	 * that a datagram transport could not send counts as sent here and in
	 * its error counters: it is gone.
	 *
	 * @param msgs   borrowed for the call
	 * @param count  at least 1
	 * @param sent   out: how many of the first are handed over, also if
	 *               the result is negative
	 * @return PFLOW_OK: *sent == count; PFLOW_ERR_AGAIN: the road is full
	 *         or not yet open, see want(); PFLOW_ERR_CLOSED: the session
	 *         ended, a new one begins in service(), generation rises
	 */
	int (*send)(struct pflow_transport *t, const struct pflow_message *msgs,
	    size_t count, size_t *sent, struct pflow_now now);

	/**
	 * Do what is due: connect, handshakes, timers, errors from the peer.
	 *
	 * @return PFLOW_OK, PFLOW_ERR_AGAIN: not yet open, or PFLOW_ERR_SYSTEM:
	 *         it can never work, error_text() says why
	 */
	int (*service)(struct pflow_transport *t, struct pflow_now now);

	/** What to wait for. Never fails. */
	void (*want)(const struct pflow_transport *t, struct pflow_want *out);

	/** Tell all counters. NULL: there are none. */
	void (*counters)(const struct pflow_transport *t, pflow_counter_fn *fn,
	    void *arg);

	/** One line about the last error. "" if none. */
	const char *(*error_text)(const struct pflow_transport *t);

	/** Release everything, the instance included. What is not sent by
	 *  then is the driver's to count. */
	void (*close)(struct pflow_transport *t);

	/** How far the collector is. NULL: what is handed over counts as
	 *  confirmed, and no session ever ends in disorder. */
	void (*progress)(struct pflow_transport *t, struct pflow_progress *out);

	/** End the running session in order; service() begins another and
	 *  generation rises. NULL: can not be done. */
	void (*restart)(struct pflow_transport *t, struct pflow_now now);
};

/** The first member of every instance. */
struct pflow_transport {
	const struct pflow_transport_ops *ops;
	/** Rises with every new session; the driver then calls
	 *  pflow_exporter_session_restart(). 0: never been up. */
	uint32_t generation;
	/** Octets around a message on the wire (IP, UDP, DTLS record); the
	 *  driver gives them to the exporter. Known after open(). */
	uint32_t overhead;
	/** Largest message that the path took lately, 0: not known to be
	 *  smaller than the configured mtu. */
	uint32_t message_limit;
	/** Rises when the collector may have missed templates (datagrams were
	 *  lost or refused, and it takes them again); the driver then calls
	 *  pflow_exporter_refresh(). */
	uint32_t refreshes;
};

PFLOW_END_DECLS

#endif /* PFLOW_TRANSPORT_H */
