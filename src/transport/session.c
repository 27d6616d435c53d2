/* SPDX-License-Identifier: ISC */
#include "transport/session.h"

#include <stdlib.h>
#include <string.h>

#include "transport/stream.h"

#define MESSAGE_MAX 65535 /* RFC 7011, 3.1: Length is 16 bits wide */

static struct pflowi_session *
self(struct pflow_transport *t)
{
	return (void *)t;
}

static const struct pflowi_session *
const_self(const struct pflow_transport *t)
{
	return (const void *)t;
}

int
pflowi_session_init(struct pflowi_session *s,
    const struct pflow_transport_ops *ops, const struct pflowi_layer *layer,
    int socktype, const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len)
{
	memset(s, 0, sizeof(*s));
	s->base.ops = ops;
	s->layer = layer;
	s->told = true;
	s->handshake_due_ns = PFLOW_NEVER;
	s->tail = malloc(MESSAGE_MAX);
	if (s->tail == NULL) {
		pflowi_say(
		    err, err_len, "%s:%s: out of memory", ops->name, argument);
		s->conn.fd = -1;
		return PFLOW_ERR_NOMEM;
	}
	return pflowi_conn_init(&s->conn, ops->name, socktype, argument,
	    default_port, cfg, err, err_len);
}

void
pflowi_session_fini(struct pflowi_session *s)
{
	if (s->started)
		s->layer->stop(s, s->up && !s->begun);
	pflowi_conn_fini(&s->conn);
	free(s->tail);
}

int
pflowi_session_open(struct pflow_transport *t, struct pflow_now now)
{
	int rc = pflowi_conn_open(&self(t)->conn, now);

	if (rc == PFLOW_OK)
		(void)pflowi_session_service(t, now);
	return rc;
}

/** What the peer's system has acknowledged meanwhile. */
static void
confirm(struct pflowi_session *s)
{
	uint64_t octets;

	if (s->layer->acknowledged != NULL &&
	    s->layer->acknowledged(s, &octets))
		pflowi_flight_confirm(&s->flight, octets);
}

/** in_order: whoever ended it, nothing was broken off. */
static void
end_session(struct pflowi_session *s, struct pflow_now now, const char *why,
    bool in_order)
{
	char text[PFLOWI_ERROR_MAX];

	if (s->up) {
		confirm(s);
		s->in_order = in_order;
		s->n.unconfirmed_messages += s->flight.messages;
		s->n.unconfirmed_records += s->flight.records;
		s->n.cut_messages += s->begun;
		s->told = false;
	} else
		s->n.handshake_failures++;
	if (s->started)
		s->layer->stop(s, false);
	pflowi_flight_end(&s->flight);
	s->started = s->up = false;
	s->events = 0;
	s->begun = false;
	s->offset = 0;
	s->handshake_due_ns = PFLOW_NEVER;
	pflowi_say(text, sizeof(text), "%s: %s", s->conn.peer.name, why);
	pflowi_conn_lost(&s->conn, now, text);
}

static void
begin_session(struct pflowi_session *s)
{
	s->up = true;
	s->told = true;
	s->events = 0;
	s->begun = false;
	s->offset = 0;
	s->octets = 0;
	s->session_messages = 0;
	s->handshake_due_ns = PFLOW_NEVER;
	s->base.generation++;
	s->n.sessions++;
	pflowi_flight_reset(&s->flight);
	pflowi_conn_success(&s->conn);
}

/** From a connected socket to a session. */
static void
shake_hands(struct pflowi_session *s, struct pflow_now now)
{
	struct pflowi_layer_result r = {.events = 0};
	int rc;

	if (!s->started) {
		s->handshake_due_ns =
		    pflowi_time_add(now.mono_ns, s->conn.timeout_ns);
		rc = s->layer->start(s, now, &r);
		s->started = rc == PFLOW_OK;
		if (rc != PFLOW_OK) {
			end_session(s, now, r.why, false);
			return;
		}
	}
	rc = s->layer->handshake(s, now, &r);
	s->events = r.events;
	if (rc == PFLOW_OK)
		begin_session(s);
	else if (rc != PFLOW_ERR_AGAIN)
		end_session(s, now, r.why, false);
	else if (now.mono_ns >= s->handshake_due_ns)
		end_session(
		    s, now, "the handshake was not done in time", false);
}

static void
listen_to_peer(struct pflowi_session *s, struct pflow_now now)
{
	struct pflowi_layer_result r = {.events = 0};
	int rc = s->layer->read(s, now, &r);

	s->n.unexpected_octets += r.octets;
	if (rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN)
		return;
	if (r.renew)
		s->n.renewed_sessions++;
	else if (rc == PFLOW_EOF)
		s->n.ended_by_peer++;
	else
		s->n.broken_sessions++;
	end_session(s, now, r.why, r.in_order);
	if (r.renew)
		pflowi_conn_renew(&s->conn, now);
}

int
pflowi_session_service(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_session *s = self(t);

	s->events = 0; /* the next send() sees */
	if (pflowi_conn_service(&s->conn, now) != PFLOW_OK)
		return PFLOW_ERR_AGAIN;
	if (!s->up)
		shake_hands(s, now);
	else
		listen_to_peer(s, now);
	return s->up ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

/** Messages that are all out; rest: octets written after the last of them. */
static void
account(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t rest)
{
	uint64_t after = rest;
	size_t i;

	for (i = 0; i < count; i++)
		after += i == 0 ? 0 : msgs[i].len;
	for (i = 0; i < count; i++) {
		s->n.sent_octets += msgs[i].len;
		s->n.sent_records += msgs[i].records;
		if (s->layer->acknowledged != NULL)
			pflowi_flight_add(
			    &s->flight, s->octets - after, msgs[i].records);
		after -= i + 1 < count ? msgs[i + 1].len : 0;
	}
	s->n.sent_messages += count;
	s->session_messages += count;
	if (pflowi_flight_crowded(&s->flight))
		confirm(s);
}

/** AGAIN in the middle of a message: it must end before another begins,
 *  even if the driver should give it up meanwhile. */
static int
road_is_full(struct pflowi_session *s, const struct pflow_message *head,
    const struct pflowi_layer_result *r)
{
	s->events = r->events;
	s->n.full_waits++;
	s->begun = s->offset > 0 || r->begun;
	if (s->begun) {
		s->tail_len = head->len - s->offset;
		memcpy(s->tail, head->data + s->offset, s->tail_len);
	}
	return PFLOW_ERR_AGAIN;
}

static int
broken(struct pflowi_session *s, struct pflow_now now, const char *why)
{
	s->n.broken_sessions++;
	end_session(s, now, why, false);
	s->told = true;
	return PFLOW_ERR_CLOSED;
}

static bool
is_same_head(const struct pflowi_session *s, const struct pflow_message *head)
{
	return head->len == s->offset + s->tail_len &&
	    memcmp(head->data + s->offset, s->tail, s->tail_len) == 0;
}

/** The head that was begun did not come again: end it from the copy. */
static int
end_orphan(struct pflowi_session *s, struct pflow_now now)
{
	struct pflowi_layer_result r = {.events = 0};
	struct pflow_message rest;
	int rc;

	while (s->tail_len > 0) {
		rest.data = s->tail;
		rest.len = (uint32_t)s->tail_len;
		rest.records = 0;
		rc = s->layer->write(s, &rest, 1, 0, &r);
		if (rc == PFLOW_ERR_AGAIN) {
			s->events = r.events;
			return rc;
		}
		if (rc != PFLOW_OK)
			return broken(s, now, r.why);
		s->tail_len -= r.octets;
		memmove(s->tail, s->tail + r.octets, s->tail_len);
	}
	s->begun = false;
	s->offset = 0;
	s->n.orphan_messages++;
	return PFLOW_OK;
}

int
pflowi_session_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct pflowi_session *s = self(t);
	struct pflowi_layer_result r = {.events = 0};
	size_t done;
	int rc = PFLOW_OK;

	*sent = 0;
	if (!s->up) {
		rc = s->told ? PFLOW_ERR_AGAIN : PFLOW_ERR_CLOSED;
		s->told = true;
		return rc;
	}
	if (s->begun && !is_same_head(s, msgs))
		rc = end_orphan(s, now);
	for (; rc == PFLOW_OK && *sent < count; *sent += done) {
		rc = s->layer->write(
		    s, msgs + *sent, count - *sent, s->offset, &r);
		if (rc == PFLOW_ERR_AGAIN)
			return road_is_full(s, msgs + *sent, &r);
		if (rc != PFLOW_OK)
			return broken(s, now, r.why);
		done = pflowi_stream_step(
		    msgs + *sent, count - *sent, &s->offset, r.octets);
		s->begun = s->offset > 0;
		if (!r.lost)
			account(s, msgs + *sent, done, s->offset);
		r.lost = false;
	}
	return rc;
}

void
pflowi_session_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct pflowi_session *s = const_self(t);

	pflowi_conn_want(&s->conn, out);
	if (s->conn.state != PFLOWI_CONN_UP)
		return;
	out->events |= s->events | (s->up ? PFLOW_WANT_READ : 0);
	out->deadline_ns =
	    pflowi_min_u64(out->deadline_ns, s->handshake_due_ns);
	if (s->layer->deadline != NULL)
		out->deadline_ns =
		    pflowi_min_u64(out->deadline_ns, s->layer->deadline(s));
	/* Connected, and no service() since. */
	if (!s->started)
		out->deadline_ns = 0;
}

void
pflowi_session_counters(
    const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct pflowi_session *s = const_self(t);

#define TELL(name, help, kind) \
	pflowi_tell(fn, arg, #name, help, s->n.name, PFLOW_COUNTER_##kind);
	PFLOWI_SESSION_COUNTERS(TELL)
#undef TELL
	pflowi_tell(fn, arg, "connect_attempts", "attempts to connect",
	    s->conn.n_attempts, PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "connect_failures", "attempts that failed",
	    s->conn.n_failures, PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "resolve_failures",
	    "times the name did not resolve", s->conn.n_resolve_failures,
	    PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "unacknowledged_messages",
	    "given to the system, not yet acknowledged by the peer's",
	    s->flight.messages, PFLOW_COUNTER_GAUGE);
}

void
pflowi_session_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	struct pflowi_session *s = self(t);

	if (s->up)
		confirm(s);
	out->confirmed = s->layer->acknowledged == NULL ? s->session_messages
							: s->flight.confirmed;
	out->in_order = s->in_order;
	out->down = !s->up && s->conn.failures > 0;
}

void
pflowi_session_restart(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_session *s = self(t);

	if (!s->up)
		return;
	/* What is on its way arrives: the end goes behind it. */
	s->n.renewed_sessions++;
	if (!s->begun) {
		s->layer->stop(s, true);
		s->started = false;
		confirm(s);
		pflowi_flight_end(&s->flight);
	}
	end_session(s, now, "the session is begun anew", true);
	pflowi_conn_renew(&s->conn, now);
}

const char *
pflowi_session_error_text(const struct pflow_transport *t)
{
	return const_self(t)->conn.error;
}
