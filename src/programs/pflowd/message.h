/* SPDX-License-Identifier: ISC */
/*
 * What the processes of pflowd tell each other: one datagram a message, the
 * first octet its kind, numbers in network byte order, a rest of text or
 * octets.  Which members a kind has is written in one table (message.c); the
 * rest has bounds.  Pure: no descriptor is touched.
 *
 *   parent     holds the rights: opens what is configured, listens
 *   worker     sources, interfaces; gave its rights up
 *   resolver   asks for names; gave its rights up, but sees files
 */
#ifndef PFLOWD_MESSAGE_H
#define PFLOWD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/system.h>

/** No message is longer. */
#define PFLOWD_MESSAGE_MAX 33000u

/** Octets of the configuration in one answer. */
#define PFLOWD_CHUNK 32768u

enum pflowd_kind {
	/* The worker asks and waits for the answer. */
	PFLOWD_ASK_FILE = 1, /**< flags: enum pflow_file_use; rest: path */
	PFLOWD_ASK_SOCKET,   /**< rest: as pflowd_wish_put() */
	PFLOWD_ASK_REQUEST,  /**< with fd; rest: a netlink request */
	PFLOWD_ASK_ASIDE,    /**< a, b: time, high and low; rest: path */
	PFLOWD_ASK_LISTEN,   /**< rest: the word of a metrics line */
	PFLOWD_ASK_CONF,     /**< a: from this octet on */
	PFLOWD_ANSWER,	     /**< a: errno; perhaps fd; rest: octets */

	/* The parent tells the worker. */
	PFLOWD_TELL_CLIENT = 16, /**< with fd; id */
	PFLOWD_TELL_LINE,	 /**< id, flags: the right; rest: a request */
	PFLOWD_TELL_GONE,	 /**< id */
	PFLOWD_TELL_RELOAD,	 /**< a: octets of the new configuration */
	PFLOWD_TELL_STOP,

	/* The worker tells the parent. */
	PFLOWD_TELL_RUNNING = 32, /**< flags: it did as told; a: sources,
				       b: interfaces */
	PFLOWD_TELL_DONE,	  /**< id; flags: it did as told */
	PFLOWD_TELL_NOTE,	  /**< rest: a line for people */

	/* A thread of the worker asks the resolver and waits. */
	PFLOWD_ASK_HOST = 48, /**< with fd for the answer; flags: IP version;
				   rest: name */
	PFLOWD_HOST_FOUND,    /**< rest: as pflowd_addresses_put() */
	PFLOWD_HOST_UNKNOWN   /**< rest: why */
};

struct pflowd_message {
	enum pflowd_kind kind;
	uint8_t id;
	uint8_t flags;
	uint32_t a, b;
	const uint8_t *rest; /**< borrowed; text has no NUL in it */
	size_t rest_len;
};

/**
 * @param cap  room of out
 * @return octets; 0: it is none of its kind, or too long
 */
size_t pflowd_message_put(const struct pflowd_message *m, uint8_t *out,
    size_t cap);

/** @return PFLOW_OK; PFLOW_ERR_MALFORMED: not to be believed */
int pflowd_message_get(const uint8_t *in, size_t len,
    struct pflowd_message *m);

/** Must a descriptor come with it? PFLOWD_ANSWER may bring one. */
bool pflowd_message_has_fd(enum pflowd_kind kind);

/** The rest as a string. @return false: it does not fit */
bool pflowd_message_text(const struct pflowd_message *m, char *out,
    size_t len);

#define PFLOWD_WISH_OCTETS (53u + PFLOW_DEVICE_LEN)

void pflowd_wish_put(const struct pflow_socket_wish *wish,
    uint8_t out[PFLOWD_WISH_OCTETS]);

/** @return PFLOW_OK, PFLOW_ERR_MALFORMED */
int pflowd_wish_get(const uint8_t *in, size_t len,
    struct pflow_socket_wish *wish);

#define PFLOWD_ADDRESS_OCTETS 21u
#define PFLOWD_ADDRESSES_MAX 16u

/** @param count  at most PFLOWD_ADDRESSES_MAX. @return octets */
size_t pflowd_addresses_put(const struct pflow_address *in, size_t count,
    uint8_t out[PFLOWD_ADDRESSES_MAX * PFLOWD_ADDRESS_OCTETS]);

/** @return how many; 0: malformed */
size_t pflowd_addresses_get(const uint8_t *in, size_t len,
    struct pflow_address *out, size_t max);

/**
 * Is this netlink message the request for a dump of the connection table,
 * and nothing else?  It is of this machine's byte order.
 */
bool pflowd_is_table_request(const uint8_t *in, size_t len);

#endif /* PFLOWD_MESSAGE_H */
