/* SPDX-License-Identifier: ISC */
#include "transport/sctp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/net.h"

/** Common header and DATA chunk's (RFC 9260, 3.1 and 3.3.1). */
#define OVERHEAD 28u
#define UDP_HEADER 8u
#define ENCAP_PORT 9899 /* RFC 6951, 5.1 */
/** Messages on their way: the largest one fits several times. */
#define BUFFER 262144u
/** libusrsctp takes no less for a path. */
#define MTU_MIN 576u

uint32_t
pflowi_sctp_outer_headers(const struct pflowi_sctp *c, int family)
{
	return pflowi_udp_overhead(family) -
	    (c->road == PFLOWI_SCTP_UDP ? 0 : UDP_HEADER);
}

void
pflowi_sctp_set_overhead(struct pflowi_sctp *c, int family)
{
	c->s.base.overhead = pflowi_sctp_outer_headers(c, family) + OVERHEAD;
}

static bool
can_open(int type)
{
	int fd = pflowi_net_socket(AF_INET, type, IPPROTO_SCTP);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

/** Where the system has SCTP it would answer for libusrsctp's over IP. One
 *  who makes sockets for us makes those of TCP and UDP alone. */
static enum pflowi_sctp_road
choose(const struct pflowi_sctp *c)
{
	const struct pflow_system *system = c->s.conn.peer.system;

	if (c->encap != 0 || (system != NULL && system->open_socket != NULL))
		return PFLOWI_SCTP_UDP;
	if (can_open(SOCK_STREAM))
		return pflowi_sctp_system_layer != NULL ? PFLOWI_SCTP_SYSTEM
							: PFLOWI_SCTP_UDP;
	return can_open(SOCK_RAW) ? PFLOWI_SCTP_IP : PFLOWI_SCTP_UDP;
}

/** What the sockets below are; the ports of the words are SCTP's. */
static void
take_road(struct pflowi_sctp *c)
{
	static const int type[] = {[PFLOWI_SCTP_SYSTEM] = SOCK_STREAM,
	    [PFLOWI_SCTP_IP] = SOCK_RAW,
	    [PFLOWI_SCTP_UDP] = SOCK_DGRAM};
	struct pflowi_peer *peer = &c->s.conn.peer;
	unsigned port = 0;

	c->road = choose(c);
	if (c->road == PFLOWI_SCTP_SYSTEM)
		port = c->port;
	else if (c->road == PFLOWI_SCTP_UDP)
		port = c->encap == 0 ? ENCAP_PORT : c->encap;
	peer->socktype = type[c->road];
	peer->protocol = c->road == PFLOWI_SCTP_UDP ? 0 : IPPROTO_SCTP;
	peer->source = c->source;
	/* At the same place in sockaddr_in6. */
	if (c->road != PFLOWI_SCTP_SYSTEM)
		((struct sockaddr_in *)&peer->source.sa)->sin_port = 0;
	pflowi_say(peer->to.port, sizeof(peer->to.port), "%u", port);
	c->s.layer = c->road == PFLOWI_SCTP_SYSTEM ? pflowi_sctp_system_layer
						   : pflowi_sctp_stack_layer;
	pflowi_sctp_set_overhead(c, pflowi_peer_family(peer));
}

/** Can it work at all? */
static int
check(const struct pflowi_sctp *c, char *err, size_t err_len)
{
	const char *name = c->s.conn.peer.name;

	if (c->s.layer == NULL) {
		pflowi_say(err, err_len,
		    "%s: %s, and this build has no libusrsctp", name,
		    c->encap != 0
			? "encap: the system's SCTP is not asked for that"
			: "this system has no SCTP");
		return PFLOW_ERR_UNSUPPORTED;
	}
	if (c->road != PFLOWI_SCTP_SYSTEM && c->mtu < MTU_MIN) {
		pflowi_say(err, err_len, "%s: mtu %u: expected at least %u",
		    name, (unsigned)c->mtu, MTU_MIN);
		return PFLOW_ERR_INVALID;
	}
	if (c->road == PFLOWI_SCTP_SYSTEM && c->lifetime_ms != 0) {
		pflowi_say(err, err_len,
		    "%s: lifetime: the system's SCTP does not tell what it "
		    "gave up, expected encap PORT, or no lifetime",
		    name);
		return PFLOW_ERR_UNSUPPORTED;
	}
	return PFLOW_OK;
}

/** Rights may have gone since create(). */
static int
sctp_open(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_sctp *c = (void *)t;
	int rc;

	take_road(c);
	rc = check(c, c->s.conn.error, sizeof(c->s.conn.error));
	return rc == PFLOW_OK ? pflowi_session_open(t, now) : rc;
}

static void
sctp_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct pflowi_sctp *c = (const void *)t;
	uint64_t port = 0;

	pflowi_session_counters(t, fn, arg);
#define TELL(name, help, kind)                                        \
	pflowi_tell(fn, arg, #name, help, c->n.name + c->a.seen.name, \
	    PFLOW_COUNTER_##kind);
	PFLOWI_SCTP_COUNTERS(TELL)
#undef TELL
	if (c->road == PFLOWI_SCTP_UDP)
		port = c->encap == 0 ? ENCAP_PORT : c->encap;
	pflowi_tell(fn, arg, "udp_encapsulation_port",
	    "UDP port of the encapsulation, 0: none", port,
	    PFLOW_COUNTER_GAUGE);
}

static void
sctp_close(struct pflow_transport *t)
{
	pflowi_session_fini((void *)t);
	free(t);
}

static const struct pflow_transport_ops ops = {
    .name = "sctp",
    .nature = PFLOW_TRANSPORT_STREAM,
    .open = sctp_open,
    .send = pflowi_session_send,
    .service = pflowi_session_service,
    .want = pflowi_session_want,
    .counters = sctp_counters,
    .error_text = pflowi_session_error_text,
    .close = sctp_close,
    .progress = pflowi_session_progress,
    .restart = pflowi_session_restart,
};

static void
take_settings(struct pflowi_sctp *c, const struct pflow_transport_config *cfg)
{
	uint64_t ms = cfg->sctp_lifetime_ns / PFLOWI_NS_PER_MS +
	    (cfg->sctp_lifetime_ns % PFLOWI_NS_PER_MS != 0);

	c->mtu = cfg->mtu;
	c->encap = cfg->sctp_encap;
	c->buffer = BUFFER;
	if (cfg->socket_buffer > (int)BUFFER)
		c->buffer = (uint32_t)cfg->socket_buffer;
	c->lifetime_ms = (uint32_t)pflowi_min_u64(ms, UINT32_MAX);
	c->port = (uint16_t)strtoul(c->s.conn.peer.to.port, NULL, 10);
	c->source = c->s.conn.peer.source;
}

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct pflowi_sctp *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (c == NULL) {
		pflowi_say(err, err_len, "sctp:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	rc = pflowi_session_init(&c->s, &ops, pflowi_sctp_stack_layer,
	    SOCK_DGRAM, argument, "4739", cfg, err, err_len);
	if (rc == PFLOW_OK) {
		take_settings(c, cfg);
		take_road(c);
		rc = check(c, err, err_len);
	}
	if (rc != PFLOW_OK) {
		sctp_close(&c->s.base);
		return rc;
	}
	pflowi_sctp_stack_open();
	*out = &c->s.base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_sctp = {
    .name = "sctp",
    .argument = "HOST:PORT",
    .help = "SCTP, over IP or UDP (RFC 7011, 10.2; RFC 6951)",
    .available = true,
    .nature = PFLOW_TRANSPORT_STREAM,
    .create = create,
};
