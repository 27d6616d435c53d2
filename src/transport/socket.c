/* SPDX-License-Identifier: ISC */
#include "transport/socket.h"

#include <errno.h>
#include <limits.h>
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

/** Options that must work; what failed is named in err. */
static int
set_options(const struct pflowi_peer *peer, int fd,
    const struct pflowi_addr *to, char *err, size_t err_len)
{
	const char *what = NULL;

	if (peer->device[0] != '\0' &&
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

static int
bind_source(const struct pflowi_peer *peer, int fd, char *err, size_t err_len)
{
	char source[PFLOWI_ENDPOINT_TEXT_MAX];
	int one = 1;

	if (peer->source.len == 0)
		return PFLOW_OK;
	/* Several exporters may share a source port, as pflow(4)'s do; a
	 * connected socket gets nothing that is not its own. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&peer->source.sa,
		peer->source.len) == 0)
		return PFLOW_OK;
	pflowi_addr_text(&peer->source, source, sizeof(source));
	pflowi_say(err, err_len, "%s: source %s: %s", peer->name, source,
	    errno == EADDRNOTAVAIL ? "is not an address of this machine"
				   : strerror(errno));
	return PFLOW_ERR_INVALID;
}

/** A socket with options and source, not yet connected. */
static int
open_socket(const struct pflowi_peer *peer, const struct pflowi_addr *to,
    int *fd, char *err, size_t err_len)
{
	int rc;

	*fd =
	    pflowi_net_socket(to->sa.ss_family, peer->socktype, peer->protocol);
	if (*fd == -1) {
		pflowi_say(err, err_len, "%s: socket: %s", peer->name,
		    strerror(errno));
		return PFLOW_ERR_SYSTEM;
	}
	rc = set_options(peer, *fd, to, err, err_len);
	if (rc == PFLOW_OK)
		rc = bind_source(peer, *fd, err, err_len);
	if (rc != PFLOW_OK) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

/** Errors that settings are the cause of, not the times. */
static bool
is_of_settings(const struct pflowi_peer *peer, int error)
{
	return (peer->source.len > 0 || peer->device[0] != '\0') &&
	    (error == EADDRNOTAVAIL || error == EADDRINUSE ||
		error == EACCES || error == EPERM || error == ENODEV);
}

/** Somebody else makes the socket. A stream is on its way, as far as we know. */
static int
ask_for_socket(const struct pflowi_peer *peer, const struct pflowi_addr *to,
    bool connected, int *fd, char *err, size_t err_len)
{
	struct pflow_socket_wish wish;
	char text[PFLOWI_ENDPOINT_TEXT_MAX];
	bool settings;

	memset(&wish, 0, sizeof(wish));
	wish.stream = peer->socktype == SOCK_STREAM;
	wish.connected = connected;
	pflowi_addr_tell(to, &wish.to, &wish.to_port);
	wish.bound = peer->source.len > 0;
	if (wish.bound)
		pflowi_addr_tell(
		    &peer->source, &wish.source, &wish.source_port);
	memcpy(wish.device, peer->device, sizeof(wish.device));
	wish.socket_buffer = (uint32_t)peer->socket_buffer;
	wish.ttl = (uint8_t)peer->ttl;
	wish.dscp = (int8_t)peer->dscp;
	*fd = peer->system->open_socket(peer->system->arg, &wish);
	if (*fd >= 0)
		return wish.stream && connected ? PFLOW_ERR_AGAIN : PFLOW_OK;
	errno = -*fd;
	*fd = -1;
	settings = is_of_settings(peer, errno);
	pflowi_addr_text(settings ? &peer->source : to, text, sizeof(text));
	pflowi_say(err, err_len, "%s: %s %s: %s", peer->name,
	    !settings ? "connect to" : wish.bound ? "source" : "device",
	    settings && !wish.bound ? peer->device : text,
	    errno == EADDRNOTAVAIL ? "is not an address of this machine"
				   : strerror(errno));
	return settings ? PFLOW_ERR_INVALID : PFLOW_ERR_SYSTEM;
}

static bool
is_helped(const struct pflowi_peer *peer)
{
	return peer->system != NULL && peer->system->open_socket != NULL;
}

int
pflowi_peer_connect(const struct pflowi_peer *peer,
    const struct pflowi_addr *addr, int *fd, char *err, size_t err_len)
{
	char to[PFLOWI_ENDPOINT_TEXT_MAX];
	int rc;

	if (is_helped(peer))
		return ask_for_socket(peer, addr, true, fd, err, err_len);
	rc = open_socket(peer, addr, fd, err, err_len);
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
	rc = is_helped(peer)
	    ? ask_for_socket(peer, &to, false, &fd, err, err_len)
	    : open_socket(peer, &to, &fd, err, err_len);
	if (rc == PFLOW_OK)
		close(fd);
	return rc;
}

int
pflow_socket_open(const struct pflow_socket_wish *wish)
{
	char err[PFLOWI_ERROR_MAX];
	struct pflowi_peer peer;
	struct pflowi_addr to;
	int fd, rc;

	memset(&peer, 0, sizeof(peer));
	peer.socktype = wish->stream ? SOCK_STREAM : SOCK_DGRAM;
	peer.socket_buffer = (int)(wish->socket_buffer & INT_MAX);
	peer.ttl = wish->ttl;
	peer.dscp = wish->dscp;
	memcpy(peer.device, wish->device, sizeof(peer.device) - 1);
	if (wish->bound)
		pflowi_addr_from(
		    &wish->source, wish->source_port, &peer.source);
	pflowi_addr_from(&wish->to, wish->to_port, &to);
	rc = wish->connected
	    ? pflowi_peer_connect(&peer, &to, &fd, err, sizeof(err))
	    : open_socket(&peer, &to, &fd, err, sizeof(err));
	if (rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN)
		return fd;
	return errno == 0 ? -EIO : -errno;
}
