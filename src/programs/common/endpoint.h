/* SPDX-License-Identifier: ISC */
/*
 * Where messages come from and go to, as words: DEST and ADDR[:PORT] of the
 * grammar.  Pure: no name is resolved; ports may be names of services(5).
 */
#ifndef PFLOWI_ENDPOINT_H
#define PFLOWI_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "programs/common/problem.h"

#define PFLOWI_HOST_LEN 256  /**< a DNS name has at most 253 characters */
#define PFLOWI_PATH_LEN 1024
#define PFLOWI_DEST_LEN 1300 /**< a DEST word in normal form */

/** A DEST: [udp:|tcp:|tls:|dtls:|sctp:]HOST:PORT or file:PATH. */
struct pflowi_dest {
	const char *kind;	    /**< "udp" ... "file"; a constant */
	char host[PFLOWI_HOST_LEN]; /**< without brackets; "" for file: */
	char path[PFLOWI_PATH_LEN]; /**< file: only */
	uint16_t port;		    /**< 0: not given */
	uint8_t ip_version;	    /**< 4, 6: host is a literal; 0: a name */
};

/** The port that goes without saying (RFC 7011, 10.3.4; NetFlow's custom). */
#define PFLOWI_PORT_NETFLOW 2055
#define PFLOWI_PORT_IPFIX 4739
#define PFLOWI_PORT_IPFIX_TLS 4740

/**
 * Parse a DEST word. `udp://HOST:PORT` and its like are understood too; bare
 * HOST:PORT is udp. The port may be left out.
 *
 * @return PFLOW_OK; PFLOW_ERR_INVALID with a problem, at 0
 */
int pflowi_dest_parse(const char *word, struct pflowi_dest *out,
    struct pflowi_problem *problem);

/** The normal form, "udp:HOST:PORT"; parse takes it back. */
void pflowi_dest_print(char *out, size_t len, const struct pflowi_dest *dest);

/** The default port of a destination: its kind and NetFlow version decide. */
uint16_t pflowi_dest_default_port(const struct pflowi_dest *dest,
    unsigned version);

/** A local address: ADDR or ADDR:PORT, numeric, IPv6 in brackets. */
struct pflowi_source_addr {
	char host[PFLOWI_HOST_LEN];
	uint16_t port; /**< 0: any */
	uint8_t ip_version;
};

/** @return as pflowi_dest_parse() */
int pflowi_source_addr_parse(const char *word, struct pflowi_source_addr *out,
    struct pflowi_problem *problem);

/** The normal form. */
void pflowi_source_addr_print(char *out, size_t len,
    const struct pflowi_source_addr *addr);

#endif /* PFLOWI_ENDPOINT_H */
