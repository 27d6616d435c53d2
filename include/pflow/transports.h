/* SPDX-License-Identifier: ISC */
/*
 * The transports that come with the library (link pflow::transport).
 *
 * sctp: uses the system's SCTP where it has one and no port for UDP is set,
 * else libusrsctp. Of that a process has one: a program that makes sctp:
 * transports can not use it for anything else. It makes no threads; calls of
 * several transports from several threads wait for each other. An association
 * has one address at each end. Since no system goes on with it, close() and
 * restart() wait until what was sent has arrived: while the collector takes
 * it, ten seconds at most, two if it is silent.
 */
#ifndef PFLOW_TRANSPORTS_H
#define PFLOW_TRANSPORTS_H

#include <pflow/system.h>
#include <pflow/transport.h>

PFLOW_BEGIN_DECLS

/** Settings common to all transports; those that mean nothing are ignored. */
struct pflow_transport_config {
	size_t struct_size;	/**< set by pflow_transport_config_init() */
	const char *source;	/**< "ADDR", "ADDR:PORT", "[V6]:PORT"; NULL */
	const char *default_port;/**< if the destination names none; NULL:
				     4739, tls and dtls 4740 */
	uint32_t mtu;		/**< octets of an IP packet */
	const char *device;	/**< interface or VRF to bind to; NULL */
	uint32_t rate_pps;	/**< pace: messages a second; 0: none */
	int socket_buffer;	/**< octets of SO_SNDBUF; 0: the system's */
	int ttl;		/**< TTL or hop limit; 0: the system's */
	int dscp;		/**< 0..63; -1: the system's */
	const char *tls_ca;	/**< PEM file of trusted CAs */
	const char *tls_cert;	/**< PEM file of our certificate chain */
	const char *tls_key;	/**< PEM file of its key */
	const char *tls_name;	/**< reference identity; NULL: the host */
	uint64_t retry_ns;	/**< sessions: least time from one attempt to
				     connect to the next; 0: 60 s (RFC 7011,
				     10.4.4); it doubles with each failure */
	uint64_t retry_max_ns;	/**< and grows to this; 0: 5 times retry_ns */
	uint64_t connect_timeout_ns; /**< an attempt, handshakes included, may
				     take this long; 0: 30 s */
	uint64_t peer_timeout_ns; /**< a session whose peer acknowledges
				     nothing for so long is dead; 0: 180 s */
	uint64_t rotate_octets;	/**< file: a file of so many octets is full; 0:
				     none is */
	uint64_t rotate_ns;	/**< file: and so is one whose first record has
				     been in it for so long; 0: none is */
	const struct pflow_system *system; /**< opens files and sockets and
				     finds addresses; NULL: no help. Must live
				     as long as the program: look-ups are left
				     behind by transports that end */
	uint64_t sctp_lifetime_ns; /**< sctp: Data Records so old are given up
				     (RFC 3758), templates never; 0: nothing */
	uint16_t sctp_encap;	/**< sctp: UDP port of the collector's
				     encapsulation (RFC 6951); 0: the system's
				     SCTP, or over IP, or 9899 where we may
				     not */
};

/**
 * Defaults: mtu 1500, dscp -1, everything else 0 or NULL.
 *
 * @param cfg  caller's storage
 */
PFLOW_API void pflow_transport_config_init(struct pflow_transport_config *cfg);

/** One kind of transport of this build. */
struct pflow_transport_kind {
	const char *name;     /**< "udp" */
	const char *argument; /**< "HOST:PORT", "PATH" */
	const char *help;     /**< one line for people */
	bool available;	      /**< false: it exists, but not in this build */
	enum pflow_transport_nature nature;

	/** As pflow_transport_create(), for what follows "NAME:". */
	int (*create)(const char *argument,
	    const struct pflow_transport_config *cfg,
	    struct pflow_transport **out, char *err, size_t err_len);
};

/**
 * The transports of this build, the unavailable ones included.
 *
 * @param count  out: how many
 * @return a constant array of pointers, sorted as they are to be printed
 */
PFLOW_API const struct pflow_transport_kind *const *pflow_transport_kinds(
    size_t *count);

/**
 * Make a transport from its DEST word: "udp:HOST:PORT", "udp://HOST:PORT",
 * "HOST:PORT" (udp), "file:PATH", ... IPv6 literals in brackets.
 *
 * @param dest  the word; copied
 * @param cfg   borrowed for the call, strings are copied; NULL: defaults
 * @param out   the instance, not yet open; NULL on failure
 * @param err   one line that names what is wrong and what would be right
 * @return PFLOW_OK; PFLOW_ERR_INVALID: bad word; PFLOW_ERR_UNSUPPORTED: not
 *         in this build; PFLOW_ERR_NOMEM
 */
PFLOW_API int pflow_transport_create(const char *dest,
    const struct pflow_transport_config *cfg, struct pflow_transport **out,
    char *err, size_t err_len);

/**
 * Files that hold the authorities a system trusts: what pflow_system.open_file
 * is asked for where tls-ca is not given, the first that opens is taken.
 *
 * @param count  out: how many
 */
PFLOW_API const char *const *pflow_tls_bundles(size_t *count);

/**
 * What pflow_system.set_aside is to do, by one who may: give a file the name
 * that rotation gives.
 *
 * @param wall_ns  when it was full; 0: it is of an earlier run, and keeps its
 *                 name if it is no file or empty
 * @return 0, or a negative errno
 */
PFLOW_API int pflow_file_set_aside(const char *path, uint64_t wall_ns);

/**
 * What pflow_system.open_socket is to do, by one who may: a socket that does
 * not block, with all options, bound, and connected or on its way.
 *
 * @return a descriptor, or a negative errno
 */
PFLOW_API int pflow_socket_open(const struct pflow_socket_wish *wish);

PFLOW_END_DECLS

#endif /* PFLOW_TRANSPORTS_H */
