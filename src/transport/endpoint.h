/* SPDX-License-Identifier: ISC */
/* Words that name an end of a road: HOST:PORT and ADDR[:PORT]. */
#ifndef PFLOWI_ENDPOINT_H
#define PFLOWI_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <pflow/system.h>

#define PFLOWI_HOST_MAX 256 /* RFC 1035: 253, and the end */
#define PFLOWI_PORT_MAX 32
/** "[host]:port" and the end. */
#define PFLOWI_ENDPOINT_TEXT_MAX (PFLOWI_HOST_MAX + PFLOWI_PORT_MAX + 4)

/** One address of a socket. len 0: none. */
struct pflowi_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

/** Where to: not yet resolved. */
struct pflowi_endpoint {
	char host[PFLOWI_HOST_MAX]; /**< without brackets */
	char port[PFLOWI_PORT_MAX]; /**< decimal */
	bool literal;		    /**< host is an address */
	int family;		    /**< of a literal; AF_UNSPEC of a name */
};

/**
 * Parse HOST:PORT, [V6]:PORT, HOST or [V6] (default_port).
 *
 * @param kind  the word in front of it, for the error line
 * @return PFLOW_OK; PFLOW_ERR_INVALID with one line in err
 */
int pflowi_endpoint_parse(const char *kind, const char *text,
    const char *default_port, struct pflowi_endpoint *out, char *err,
    size_t err_len);

/** Parse the words of `src`: ADDR, ADDR:PORT, [V6], [V6]:PORT, V6. */
int pflowi_source_parse(
    const char *text, struct pflowi_addr *out, char *err, size_t err_len);

/** An address from a literal; false if it is none. */
bool pflowi_addr_literal(
    const char *host, const char *port, struct pflowi_addr *out);

/** "192.0.2.1:4739", "[2001:db8::1]:4739". */
void pflowi_endpoint_text(
    const struct pflowi_endpoint *ep, char *out, size_t len);
void pflowi_addr_text(const struct pflowi_addr *addr, char *out, size_t len);

/** The same in the words of <pflow/system.h>, and back. */
void pflowi_addr_tell(const struct pflowi_addr *addr,
    struct pflow_address *out, uint16_t *port);
void pflowi_addr_from(
    const struct pflow_address *in, uint16_t port, struct pflowi_addr *out);

/** "IPv4", "IPv6". */
const char *pflowi_family_text(int family);

bool pflowi_addr_equal(
    const struct pflowi_addr *a, const struct pflowi_addr *b);

#endif /* PFLOWI_ENDPOINT_H */
