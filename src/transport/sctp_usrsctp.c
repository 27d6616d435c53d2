/* SPDX-License-Identifier: ISC */
/*
 * sctp: one message an SCTP user message, all on stream 0 in order (RFC 7011,
 * 10.2), so that one sequence numbers them all. SCTP is libusrsctp's, over IP
 * where we may, else over UDP (RFC 6951).
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/net.h"
#include "transport/sctp.h"
#include "transport/sctp_stack.h"

#define HEARTBEAT_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC) /* RFC 9260, 16 */
/** Chunks in a packet: what libusrsctp takes as a path. */
#define PAYLOAD_MIN 512u
#define PAYLOAD_MAX 65000u
/** And with the headers of IPv6, UDP and SCTP. */
#define MTU_MIN 576u
#define UDP_HEADER 8u
/** A path that takes less than it should is believed if it is refused so
 *  often in a row: anyone can send one such answer. */
#define REFUSALS 3

/** All counters beyond those of a session: C(name, "help", kind). */
#define SCTP_COUNTERS(C)                                                   \
	C(given_up_messages, "their lifetime was over", INFO)              \
	C(given_up_records, "Data Records: their lifetime was over", DROP) \
	C(untaken_packets, "the system had no room, sent again", INFO)     \
	C(refused_packets, "answered with port unreachable", INFO)

struct sctp {
	struct pflowi_session s; /**< first */
	struct pflowi_sctp_assoc a;
	uint16_t port;	      /**< of SCTP */
	uint16_t source_port; /**< 0: any */
	uint16_t encap;	      /**< UDP port; 0: over IP */
	bool encap_given;
	uint32_t mtu;
	uint32_t path_mtu; /**< learned; 0: no less than mtu */
	uint32_t buffer;
	uint32_t lifetime_ms;
	struct {
#define MEMBER(name, help, kind) uint64_t name;
		SCTP_COUNTERS(MEMBER)
#undef MEMBER
	} n; /**< of associations that are over */
};

static struct sctp *
sctp_of(struct pflowi_session *s)
{
	return (struct sctp *)s;
}

static const struct sctp *
const_sctp_of(const struct pflowi_session *s)
{
	return (const struct sctp *)s;
}

/** IP, and UDP if there is one. */
static uint32_t
outer_headers(const struct sctp *c, int family)
{
	return pflowi_udp_overhead(family) - (c->encap == 0 ? UDP_HEADER : 0);
}

static void
set_overhead(struct sctp *c, int family)
{
	c->s.base.overhead = outer_headers(c, family) + PFLOWI_SCTP_OVERHEAD;
}

static uint32_t
payload_max(const struct sctp *c)
{
	uint32_t mtu =
	    c->path_mtu != 0 && c->path_mtu < c->mtu ? c->path_mtu : c->mtu;
	uint32_t headers = 12 + outer_headers(c, c->s.conn.at.sa.ss_family);

	if (mtu < PAYLOAD_MIN + headers)
		return PAYLOAD_MIN;
	return (uint32_t)pflowi_min_u64(
	    (mtu - headers) & ~UINT32_C(3), PAYLOAD_MAX);
}

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct sctp *c = sctp_of(s);
	struct pflowi_sctp_params p = {.source_port = c->source_port,
	    .port = c->port,
	    .has_ip_header =
		c->encap == 0 && s->conn.at.sa.ss_family == AF_INET,
	    .buffer = c->buffer};

	set_overhead(c, s->conn.at.sa.ss_family);
	p.payload_max = payload_max(c);
	p.heartbeat_ns =
	    pflowi_min_u64(HEARTBEAT_NS, s->conn.peer_timeout_ns / 4);
	if (pflowi_sctp_stack_begin(&c->a, s->conn.fd, &p, now) == PFLOW_OK)
		return PFLOW_OK;
	pflowi_say(r->why, sizeof(r->why), "%s", c->a.why);
	return PFLOW_ERR_CLOSED;
}

/** Has the path, or the lack of one, ended it? */
static bool
is_cut_off(struct sctp *c, struct pflowi_layer_result *r)
{
	uint32_t mtu;

	if (c->a.refused_in_row >= (c->s.up ? REFUSALS : 1)) {
		pflowi_say(r->why, sizeof(r->why),
		    "nobody listens there (UDP port %u unreachable)",
		    (unsigned)c->encap);
		return true;
	}
	if (!c->a.too_large)
		return false;
	c->a.too_large = false;
	mtu = pflowi_net_path_mtu(c->s.conn.fd, c->s.conn.at.sa.ss_family);
	if (mtu == 0 || mtu >= c->mtu)
		return false;
	/* What is cut into chunks stays so: another association. */
	c->path_mtu = mtu;
	c->s.base.message_limit =
	    mtu > c->s.base.overhead ? mtu - c->s.base.overhead : 0;
	r->renew = true;
	pflowi_say(r->why, sizeof(r->why),
	    "the path takes packets of %u octets only", (unsigned)mtu);
	return true;
}

static int
handshake(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct sctp *c = sctp_of(s);

	pflowi_sctp_stack_turn(&c->a, now);
	r->events = PFLOW_WANT_READ;
	switch (c->a.state) {
	case PFLOWI_SCTP_UP:
	case PFLOWI_SCTP_LEAVING:
		return PFLOW_OK;
	case PFLOWI_SCTP_OPENING:
		return is_cut_off(c, r) ? PFLOW_ERR_CLOSED : PFLOW_ERR_AGAIN;
	default:
		pflowi_say(r->why, sizeof(r->why), "%s",
		    c->a.why[0] != '\0' ? c->a.why
					: "the collector ended at once");
		return PFLOW_ERR_CLOSED;
	}
}

static int
write_one(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	struct sctp *c = sctp_of(s);
	uint32_t lifetime =
	    pflowi_sctp_is_data_only(&msgs[0]) ? c->lifetime_ms : 0;
	int rc = pflowi_sctp_stack_send(&c->a, &msgs[0], lifetime);

	(void)count;
	(void)offset; /* never in part */
	if (rc == PFLOW_OK) {
		r->octets = msgs[0].len;
		s->octets += msgs[0].len;
	} else if (rc == PFLOW_ERR_AGAIN)
		r->events = PFLOW_WANT_READ;
	else
		pflowi_say(r->why, sizeof(r->why), "%s", c->a.why);
	return rc;
}

static int
read_some(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct sctp *c = sctp_of(s);
	uint64_t before = c->a.unexpected;

	pflowi_sctp_stack_turn(&c->a, now);
	r->octets = (size_t)(c->a.unexpected - before);
	if (c->a.state == PFLOWI_SCTP_ENDED) {
		pflowi_say(r->why, sizeof(r->why),
		    "the collector ended the association");
		return PFLOW_EOF;
	}
	if (c->a.state == PFLOWI_SCTP_LOST)
		pflowi_say(r->why, sizeof(r->why), "%s", c->a.why);
	else if (c->a.silent_ns >= s->conn.peer_timeout_ns)
		pflowi_say(r->why, sizeof(r->why),
		    "the collector is silent, even asked for a sign of life");
	else if (!is_cut_off(c, r))
		return PFLOW_ERR_AGAIN;
	return PFLOW_ERR_CLOSED;
}

static bool
acknowledged(const struct pflowi_session *s, uint64_t *octets)
{
	*octets = const_sctp_of(s)->a.acked;
	return true;
}

static void
keep_counters(struct sctp *c)
{
#define KEEP(name, help, kind) c->n.name += c->a.name, c->a.name = 0;
	SCTP_COUNTERS(KEEP)
#undef KEEP
}

/** There is no system behind us that goes on: what is on its way gets a
 *  little time here, what is left then is lost. */
static void
stop(struct pflowi_session *s, bool polite)
{
	struct sctp *c = sctp_of(s);

	if (polite) {
		struct pflow_now now = {c->a.turn_ns, 0};

		pflowi_sctp_stack_leave(&c->a, now);
		pflowi_flight_confirm(&s->flight, c->a.acked);
		s->n.unconfirmed_messages += s->flight.messages;
		s->n.unconfirmed_records += s->flight.records;
	}
	pflowi_sctp_stack_end(&c->a);
	keep_counters(c);
}

static uint64_t
deadline(const struct pflowi_session *s)
{
	return pflowi_sctp_stack_deadline(&const_sctp_of(s)->a);
}

static const struct pflowi_layer layer = {
    .start = start,
    .handshake = handshake,
    .write = write_one,
    .read = read_some,
    .acknowledged = acknowledged,
    .stop = stop,
    .deadline = deadline,
};

/** May we speak SCTP over IP ourselves? One who makes sockets for us makes
 *  none for that. */
static bool
may_use_ip(const struct pflowi_peer *peer)
{
	int fd;

	if (peer->system != NULL && peer->system->open_socket != NULL)
		return false;
	fd = pflowi_net_socket(AF_INET, SOCK_RAW, IPPROTO_SCTP);
	if (fd != -1)
		close(fd);
	return fd != -1;
}

/** What the sockets below are: their port is not SCTP's. */
static void
choose_road(struct sctp *c)
{
	struct pflowi_peer *peer = &c->s.conn.peer;

	if (!c->encap_given)
		c->encap = may_use_ip(peer) ? 0 : PFLOWI_SCTP_ENCAP_PORT;
	peer->socktype = c->encap == 0 ? SOCK_RAW : SOCK_DGRAM;
	peer->protocol = c->encap == 0 ? IPPROTO_SCTP : 0;
	pflowi_say(peer->to.port, sizeof(peer->to.port), "%u",
	    (unsigned)c->encap);
	set_overhead(c, pflowi_peer_family(peer));
}

static int
sctp_open(struct pflow_transport *t, struct pflow_now now)
{
	choose_road((void *)t);
	return pflowi_session_open(t, now);
}

static void
sctp_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct sctp *c = (const void *)t;

	pflowi_session_counters(t, fn, arg);
#define TELL(name, help, kind)                              \
	pflowi_tell(fn, arg, #name, help, c->n.name + c->a.name, \
	    PFLOW_COUNTER_##kind);
	SCTP_COUNTERS(TELL)
#undef TELL
	pflowi_tell(fn, arg, "udp_encapsulation_port",
	    "UDP port of the encapsulation, 0: none", c->encap,
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

/** The ports that the words name are SCTP's. */
static void
take_ports(struct sctp *c)
{
	struct pflowi_peer *peer = &c->s.conn.peer;
	/* At the same place in sockaddr_in6. */
	struct sockaddr_in *source = (struct sockaddr_in *)&peer->source.sa;

	c->port = (uint16_t)strtoul(peer->to.port, NULL, 10);
	if (peer->source.len == 0)
		return;
	c->source_port = ntohs(source->sin_port);
	source->sin_port = 0;
}

static void
take_settings(struct sctp *c, const struct pflow_transport_config *cfg)
{
	c->mtu = cfg->mtu;
	c->encap = cfg->sctp_encap;
	c->encap_given = cfg->sctp_encap != 0;
	c->buffer = PFLOWI_SCTP_BUFFER;
	if (cfg->socket_buffer > (int)PFLOWI_SCTP_BUFFER)
		c->buffer = (uint32_t)cfg->socket_buffer;
	c->lifetime_ms = (uint32_t)pflowi_min_u64(
	    cfg->sctp_lifetime_ns / PFLOWI_NS_PER_MS +
		(cfg->sctp_lifetime_ns % PFLOWI_NS_PER_MS != 0),
	    UINT32_MAX);
	take_ports(c);
	choose_road(c);
}

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct sctp *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (c == NULL) {
		pflowi_say(err, err_len, "sctp:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	rc = pflowi_session_init(&c->s, &ops, &layer, SOCK_DGRAM, argument,
	    "4739", cfg, err, err_len);
	if (rc == PFLOW_OK && cfg->mtu < MTU_MIN) {
		pflowi_say(err, err_len, "%s: mtu %u: expected at least %u",
		    c->s.conn.peer.name, (unsigned)cfg->mtu, MTU_MIN);
		rc = PFLOW_ERR_INVALID;
	}
	if (rc != PFLOW_OK) {
		sctp_close(&c->s.base);
		return rc;
	}
	take_settings(c, cfg);
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
