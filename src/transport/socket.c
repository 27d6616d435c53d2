/* SPDX-License-Identifier: ISC */
#include "transport/socket.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "transport/net.h"

int
pflowi_peer_init(struct pflowi_peer *peer, const char *kind,
    const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len)
{
	char to[PFLOWI_ENDPOINT_TEXT_MAX];
	int rc;

	memset(peer, 0, sizeof(*peer));
	peer->socktype = SOCK_DGRAM;
	peer->socket_buffer = cfg->socket_buffer;
	peer->ttl = cfg->ttl;
	peer->dscp = cfg->dscp;
	peer->system = cfg->system;
	rc = pflowi_endpoint_parse(kind, argument,
	    cfg->default_port == NULL ? default_port : cfg->default_port,
	    &peer->to, err, err_len);
	if (rc == PFLOW_OK && cfg->source != NULL)
		rc = pflowi_source_parse(
		    cfg->source, &peer->source, err, err_len);
	if (rc != PFLOW_OK)
		return rc;
	pflowi_endpoint_text(&peer->to, to, sizeof(to));
	pflowi_say(peer->name, sizeof(peer->name), "%s:%s", kind, to);
	if (peer->source.len > 0 && peer->to.literal &&
	    peer->source.sa.ss_family != peer->to.family) {
		pflowi_say(err, err_len,
		    "%s: is %s but its source %s is %s, both must be of one "
		    "family",
		    peer->name, pflowi_family_text(peer->to.family),
		    cfg->source, pflowi_family_text(peer->source.sa.ss_family));
		return PFLOW_ERR_INVALID;
	}
	if (cfg->device != NULL &&
	    strlen(cfg->device) >= sizeof(peer->device)) {
		pflowi_say(err, err_len,
		    "device %s: no interface has such a "
		    "long name",
		    cfg->device);
		return PFLOW_ERR_INVALID;
	}
	if (cfg->device != NULL)
		strcpy(peer->device, cfg->device);
	return PFLOW_OK;
}

int
pflowi_peer_family(const struct pflowi_peer *peer)
{
	if (peer->to.literal)
		return peer->to.family;
	return peer->source.len > 0 ? peer->source.sa.ss_family : AF_UNSPEC;
}

uint32_t
pflowi_udp_overhead(int family)
{
	return family == AF_INET ? PFLOW_OVERHEAD_UDP_IPV4
				 : PFLOW_OVERHEAD_UDP_IPV6;
}

static bool
is_multicast(const struct pflowi_addr *addr)
{
	if (addr->sa.ss_family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(
		    &((const struct sockaddr_in6 *)&addr->sa)->sin6_addr);
	return IN_MULTICAST(
	    ntohl(((const struct sockaddr_in *)&addr->sa)->sin_addr.s_addr));
}

static int
set_ttl(int fd, const struct pflowi_addr *to, int ttl)
{
	unsigned char octet = (unsigned char)ttl;

	if (to->sa.ss_family == AF_INET6)
		return setsockopt(fd, IPPROTO_IPV6,
		    is_multicast(to) ? IPV6_MULTICAST_HOPS : IPV6_UNICAST_HOPS,
		    &ttl, sizeof(ttl));
	if (is_multicast(to))
		return setsockopt(
		    fd, IPPROTO_IP, IP_MULTICAST_TTL, &octet, sizeof(octet));
	return setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
}

/** Out of which interface a multicast goes: the source's, the device's. */
static void
set_multicast(
    const struct pflowi_peer *peer, int fd, const struct pflowi_addr *to)
{
	const struct sockaddr_in *from =
	    (const struct sockaddr_in *)&peer->source.sa;
	unsigned index;

	if (!is_multicast(to))
		return;
	if (to->sa.ss_family == AF_INET && peer->source.len > 0)
		(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF,
		    &from->sin_addr, sizeof(from->sin_addr));
	if (to->sa.ss_family == AF_INET6 && peer->device[0] != '\0' &&
	    (index = if_nametoindex(peer->device)) != 0)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index));
}

static int
set_dscp(int fd, int family, int dscp)
{
	int octet = dscp << 2; /* RFC 2474: above the two bits of ECN */

	if (family == AF_INET6)
		return setsockopt(
		    fd, IPPROTO_IPV6, IPV6_TCLASS, &octet, sizeof(octet));
	return setsockopt(fd, IPPROTO_IP, IP_TOS, &octet, sizeof(octet));
}

/** Does somebody else make its sockets? */
static bool
is_helped(const struct pflowi_peer *peer)
{
	return peer->system != NULL && peer->system->open_socket != NULL &&
	    (peer->source.len > 0 || peer->device[0] != '\0');
}

/** Options that must work; what failed is named in err. */
static int
set_options(const struct pflowi_peer *peer, int fd,
    const struct pflowi_addr *to, bool device, char *err, size_t err_len)
{
	const char *what = NULL;

	if (device && peer->device[0] != '\0' &&
	    pflowi_net_device(fd, peer->device) == -1)
		what = peer->device;
	else if (peer->ttl > 0 && set_ttl(fd, to, peer->ttl) == -1)
		what = "ttl";
	else if (peer->dscp >= 0 &&
	    set_dscp(fd, to->sa.ss_family, peer->dscp) == -1)
		what = "dscp";
	else if (peer->socket_buffer > 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &peer->socket_buffer,
		sizeof(peer->socket_buffer)) == -1)
		what = "socket buffer";
	if (what == NULL) {
		/* UDP-07; TCP does it by itself. */
		if (peer->socktype == SOCK_DGRAM)
			(void)pflowi_net_dont_fragment(fd, to->sa.ss_family);
		set_multicast(peer, fd, to);
		return PFLOW_OK;
	}
	pflowi_say(err, err_len, "%s: %s%s: %s", peer->name,
	    what == peer->device ? "device " : "", what, strerror(errno));
	return PFLOW_ERR_INVALID;
}

static void
explain_source(
    const struct pflowi_peer *peer, int error, char *err, size_t err_len)
{
	char source[PFLOWI_ENDPOINT_TEXT_MAX] = "";

	if (peer->source.len > 0)
		pflowi_addr_text(&peer->source, source, sizeof(source));
	pflowi_say(err, err_len, "%s: %s%s%s%s: %s", peer->name,
	    peer->source.len > 0 ? "source " : "", source,
	    peer->device[0] != '\0' ? " device " : "", peer->device,
	    error == EADDRNOTAVAIL ? "is not an address of this machine"
				   : strerror(error));
}

static int
bind_source(const struct pflowi_peer *peer, int fd, char *err, size_t err_len)
{
	int one = 1;

	if (peer->source.len == 0)
		return PFLOW_OK;
	/* Several exporters may share a source port, as pflow(4)'s do; a
	 * connected socket gets nothing that is not its own. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&peer->source.sa,
		peer->source.len) == 0)
		return PFLOW_OK;
	explain_source(peer, errno, err, err_len);
	return PFLOW_ERR_INVALID;
}

/** Options that everybody may set are set here, whoever made the socket. */
static int
ask_for_socket(const struct pflowi_peer *peer, const struct pflowi_addr *to,
    char *err, size_t err_len)
{
	struct pflow_socket_wish wish;
	int fd;

	memset(&wish, 0, sizeof(wish));
	wish.version = to->sa.ss_family == AF_INET6 ? 6 : 4;
	wish.stream = peer->socktype == SOCK_STREAM;
	memcpy(wish.device, peer->device, sizeof(wish.device));
	if (peer->source.len > 0) {
		wish.bound = true;
		pflowi_addr_tell(&peer->source, &wish.source, &wish.port);
	}
	fd = peer->system->open_socket(peer->system->arg, &wish);
	if (fd >= 0)
		return fd;
	explain_source(peer, -fd, err, err_len);
	return -1;
}

/** A socket with options and source, not yet connected. */
static int
open_socket(const struct pflowi_peer *peer, const struct pflowi_addr *to,
    int *fd, char *err, size_t err_len)
{
	bool helped = is_helped(peer);
	int rc;

	if (helped) {
		*fd = ask_for_socket(peer, to, err, err_len);
		if (*fd == -1)
			return PFLOW_ERR_INVALID;
	} else
		*fd = pflowi_net_socket(
		    to->sa.ss_family, peer->socktype, peer->protocol);
	if (*fd == -1) {
		pflowi_say(err, err_len, "%s: socket: %s", peer->name,
		    strerror(errno));
		return PFLOW_ERR_SYSTEM;
	}
	rc = set_options(peer, *fd, to, !helped, err, err_len);
	if (rc == PFLOW_OK && !helped)
		rc = bind_source(peer, *fd, err, err_len);
	if (rc != PFLOW_OK) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

int
pflowi_peer_connect(const struct pflowi_peer *peer,
    const struct pflowi_addr *addr, int *fd, char *err, size_t err_len)
{
	char to[PFLOWI_ENDPOINT_TEXT_MAX];
	int rc = open_socket(peer, addr, fd, err, err_len);

	if (rc != PFLOW_OK)
		return rc;
	if (connect(*fd, (const struct sockaddr *)&addr->sa, addr->len) == 0)
		return PFLOW_OK;
	if (errno == EINPROGRESS || errno == EINTR)
		return PFLOW_ERR_AGAIN;
	pflowi_addr_text(addr, to, sizeof(to));
	pflowi_say(err, err_len, "%s: connect to %s: %s", peer->name, to,
	    strerror(errno));
	close(*fd);
	*fd = -1;
	return PFLOW_ERR_SYSTEM;
}

int
pflowi_peer_check(const struct pflowi_peer *peer, char *err, size_t err_len)
{
	struct pflowi_addr to = peer->source;
	int fd, rc;

	if (to.len == 0 && peer->device[0] == '\0')
		return PFLOW_OK;
	if (to.len == 0 && peer->to.literal)
		(void)pflowi_addr_literal(peer->to.host, peer->to.port, &to);
	else if (to.len == 0)
		(void)pflowi_addr_literal("0.0.0.0", "0", &to);
	rc = open_socket(peer, &to, &fd, err, err_len);
	if (rc == PFLOW_OK)
		close(fd);
	return rc;
}

int
pflow_socket_open(const struct pflow_socket_wish *wish)
{
	int type = wish->stream ? SOCK_STREAM : SOCK_DGRAM, one = 1, saved;
	int fd = pflowi_net_socket(
	    wish->version == 6 ? AF_INET6 : AF_INET, type, 0);
	struct pflowi_addr source;
	bool done;

	if (fd == -1)
		return -errno;
	done = wish->device[0] == '\0' ||
	    pflowi_net_device(fd, wish->device) == 0;
	if (done && wish->bound) {
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		pflowi_addr_from(&wish->source, wish->port, &source);
		done = bind(fd, (const struct sockaddr *)&source.sa,
			   source.len) == 0;
	}
	if (done)
		return fd;
	saved = errno;
	close(fd);
	return -saved;
}
