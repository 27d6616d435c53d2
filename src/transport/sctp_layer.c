/* SPDX-License-Identifier: ISC */
/* Sessions over libusrsctp's associations. */
#include <netinet/in.h>

#include "transport/net.h"
#include "transport/sctp.h"

#define HEARTBEAT_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC) /* RFC 9260, 16 */
/** Chunks in a packet: what libusrsctp takes as a path. */
#define PAYLOAD_MIN 512u
#define PAYLOAD_MAX 65000u
/** Refusals in a row that end an association: anyone can send one. */
#define REFUSALS 3

static struct pflowi_sctp *
sctp_of(struct pflowi_session *s)
{
	return (struct pflowi_sctp *)s;
}

static const struct pflowi_sctp *
const_sctp_of(const struct pflowi_session *s)
{
	return (const struct pflowi_sctp *)s;
}

static uint32_t
payload_max(const struct pflowi_sctp *c)
{
	uint32_t mtu =
	    c->path_mtu != 0 && c->path_mtu < c->mtu ? c->path_mtu : c->mtu;
	uint32_t headers =
	    12 + pflowi_sctp_outer_headers(c, c->s.conn.at.sa.ss_family);

	if (mtu < PAYLOAD_MIN + headers)
		return PAYLOAD_MIN;
	return (uint32_t)pflowi_min_u64(
	    (mtu - headers) & ~UINT32_C(3), PAYLOAD_MAX);
}

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct pflowi_sctp *c = sctp_of(s);
	/* At the same place in sockaddr_in6. */
	const struct sockaddr_in *source =
	    (const struct sockaddr_in *)&c->source.sa;
	struct pflowi_sctp_params p = {
	    .source_port = c->source.len > 0 ? ntohs(source->sin_port) : 0,
	    .port = c->port,
	    .has_ip_header =
		c->road == PFLOWI_SCTP_IP && s->conn.at.sa.ss_family == AF_INET,
	    .buffer = c->buffer};

	pflowi_sctp_set_overhead(c, s->conn.at.sa.ss_family);
	p.payload_max = payload_max(c);
	p.heartbeat_ns =
	    pflowi_min_u64(HEARTBEAT_NS, s->conn.peer_timeout_ns / 4);
	if (pflowi_sctp_stack_begin(&c->a, s->conn.fd, &p, now) == PFLOW_OK)
		return PFLOW_OK;
	pflowi_say(r->why, sizeof(r->why), "%s", c->a.seen.why);
	return PFLOW_ERR_CLOSED;
}

/** Has the path, or the lack of one, ended it? */
static bool
is_cut_off(struct pflowi_sctp *c, struct pflowi_layer_result *r)
{
	uint32_t mtu;

	if (c->a.seen.refused_in_row >= (c->s.up ? REFUSALS : 1)) {
		if (c->road == PFLOWI_SCTP_IP)
			pflowi_say(r->why, sizeof(r->why),
			    "the host has no SCTP (protocol unreachable)");
		else
			pflowi_say(r->why, sizeof(r->why),
			    "nobody listens there (UDP port %s unreachable)",
			    c->s.conn.peer.to.port);
		return true;
	}
	if (!c->a.seen.too_large)
		return false;
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
	struct pflowi_sctp *c = sctp_of(s);

	pflowi_sctp_stack_turn(&c->a, now);
	r->events = PFLOW_WANT_READ;
	switch (c->a.seen.state) {
	case PFLOWI_SCTP_UP:
	case PFLOWI_SCTP_LEAVING:
		return PFLOW_OK;
	case PFLOWI_SCTP_OPENING:
		return is_cut_off(c, r) ? PFLOW_ERR_CLOSED : PFLOW_ERR_AGAIN;
	default:
		pflowi_say(r->why, sizeof(r->why), "%s",
		    c->a.seen.why[0] != '\0' ? c->a.seen.why
					     : "the collector ended at once");
		return PFLOW_ERR_CLOSED;
	}
}

static int
write_one(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	struct pflowi_sctp *c = sctp_of(s);
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
		pflowi_say(r->why, sizeof(r->why), "%s", c->a.seen.why);
	return rc;
}

static int
read_some(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct pflowi_sctp *c = sctp_of(s);
	uint64_t before = c->a.seen.unexpected;

	pflowi_sctp_stack_turn(&c->a, now);
	r->octets = (size_t)(c->a.seen.unexpected - before);
	if (c->a.seen.state == PFLOWI_SCTP_ENDED) {
		pflowi_say(r->why, sizeof(r->why),
		    "the collector ended the association");
		return PFLOW_EOF;
	}
	if (c->a.seen.state == PFLOWI_SCTP_LOST)
		pflowi_say(r->why, sizeof(r->why), "%s", c->a.seen.why);
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
	*octets = const_sctp_of(s)->a.seen.acked;
	return true;
}

static void
keep_counters(struct pflowi_sctp *c)
{
#define KEEP(name, help, kind) c->n.name += c->a.seen.name, c->a.seen.name = 0;
	PFLOWI_SCTP_COUNTERS(KEEP)
#undef KEEP
}

/** There is no system behind us that goes on: what is on its way gets a
 *  little time here, what is left then is lost. */
static void
stop(struct pflowi_session *s, bool polite)
{
	struct pflowi_sctp *c = sctp_of(s);

	if (polite) {
		struct pflow_now now = {c->a.turn_ns, 0};

		pflowi_sctp_stack_leave(&c->a, now);
		pflowi_flight_confirm(&s->flight, c->a.seen.acked);
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

const struct pflowi_layer *const pflowi_sctp_stack_layer = &layer;
