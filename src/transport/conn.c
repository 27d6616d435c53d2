/* SPDX-License-Identifier: ISC */
#include "transport/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/** Without a maximum of its own the back-off ends at 5 times its start. */
#define RETRY_GROWTH 5

static uint64_t
or_default(uint64_t value, uint64_t otherwise)
{
	return value == 0 ? otherwise : value;
}

int
pflowi_conn_init(struct pflowi_conn *c, const char *kind, int socktype,
    const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len)
{
	int rc;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->due_ns = c->resolve_ns = PFLOW_NEVER;
	c->retry_ns = or_default(cfg->retry_ns, PFLOWI_RETRY_NS);
	c->retry_max_ns = or_default(cfg->retry_max_ns,
	    c->retry_ns > PFLOW_NEVER / RETRY_GROWTH
		? PFLOW_NEVER
		: c->retry_ns * RETRY_GROWTH);
	c->timeout_ns =
	    or_default(cfg->connect_timeout_ns, PFLOWI_CONNECT_TIMEOUT_NS);
	c->peer_timeout_ns =
	    or_default(cfg->peer_timeout_ns, PFLOWI_PEER_TIMEOUT_NS);
	rc = pflowi_peer_init(
	    &c->peer, kind, argument, default_port, cfg, err, err_len);
	c->peer.socktype = socktype;
	c->resolver.system = cfg->system;
	return rc;
}

static void
close_socket(struct pflowi_conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

/** So that a thousand exporters do not come back in the same instant. */
static uint64_t
jitter(const struct pflowi_conn *c, struct pflow_now now, uint64_t range)
{
	uint64_t x = now.wall_ns ^ now.mono_ns ^ (uint64_t)(uintptr_t)c;

	x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
	x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return range == 0 ? 0 : (x ^ x >> 33) % range;
}

/** When the next attempt may begin: never sooner than retry_ns after the
 *  last one began. */
static void
schedule(struct pflowi_conn *c, struct pflow_now now)
{
	uint64_t delay = c->retry_ns, due;
	unsigned i;

	for (i = 1; i < c->failures && delay < c->retry_max_ns; i++)
		delay = pflowi_time_add(delay, delay);
	if (delay > c->retry_max_ns && c->retry_max_ns >= c->retry_ns)
		delay = c->retry_max_ns;
	due = pflowi_time_add(c->attempt_ns, delay);
	if (due < now.mono_ns)
		due = now.mono_ns;
	c->due_ns = pflowi_time_add(due, jitter(c, now, delay / 8));
	c->state = PFLOWI_CONN_WAITING;
	c->resolve_ns = PFLOW_NEVER;
}

void
pflowi_conn_lost(struct pflowi_conn *c, struct pflow_now now, const char *why)
{
	char text[PFLOWI_ERROR_MAX];

	close_socket(c);
	pflowi_resolver_drop(&c->resolver);
	c->failures++;
	schedule(c, now);
	pflowi_say(text, sizeof(text), "%s", why);
	pflowi_say(c->error, sizeof(c->error), "%.*s; next attempt in %llu s",
	    (int)sizeof(c->error) - 48, text,
	    (unsigned long long)((c->due_ns - now.mono_ns + PFLOWI_NS_PER_SEC -
				     1) /
		PFLOWI_NS_PER_SEC));
}

void
pflowi_conn_renew(struct pflowi_conn *c, struct pflow_now now)
{
	c->failures = 0;
	c->due_ns = pflowi_time_add(c->attempt_ns, c->retry_ns);
	if (c->due_ns < now.mono_ns)
		c->due_ns = now.mono_ns;
}

void
pflowi_conn_success(struct pflowi_conn *c)
{
	c->failures = 0;
}

static void
give_up(struct pflowi_conn *c, struct pflow_now now, const char *why)
{
	c->n_failures++;
	pflowi_conn_lost(c, now, why);
}

/** TCP may connect a socket with itself if nobody listens on a local port
 *  of the ephemeral range (RFC 9293, 3.5, simultaneous open). */
static bool
is_self(int fd)
{
	struct pflowi_addr here, there;

	memset(&here, 0, sizeof(here));
	memset(&there, 0, sizeof(there));
	here.len = there.len = sizeof(here.sa);
	return getsockname(fd, (struct sockaddr *)&here.sa, &here.len) == 0 &&
	    getpeername(fd, (struct sockaddr *)&there.sa, &there.len) == 0 &&
	    pflowi_addr_equal(&here, &there);
}

static void
is_up(struct pflowi_conn *c, struct pflow_now now)
{
	c->state = PFLOWI_CONN_UP;
	c->due_ns = PFLOW_NEVER;
	c->resolve_ns = c->peer.to.literal
	    ? PFLOW_NEVER
	    : pflowi_time_add(now.mono_ns, PFLOWI_CONN_RESOLVE_NS);
}

/** The next address of this round, or the end of the round. */
static void
connect_next(struct pflowi_conn *c, struct pflow_now now)
{
	char why[PFLOWI_ERROR_MAX];
	int rc;

	pflowi_say(why, sizeof(why), "%s", c->error);
	while (c->next_addr < c->addrs.count) {
		c->at = c->addrs.addr[c->next_addr++];
		rc = pflowi_peer_connect(
		    &c->peer, &c->at, &c->fd, why, sizeof(why));
		if (rc == PFLOW_OK) {
			is_up(c, now);
			return;
		}
		if (rc == PFLOW_ERR_AGAIN) {
			c->state = PFLOWI_CONN_CONNECTING;
			c->due_ns = pflowi_time_add(now.mono_ns, c->timeout_ns);
			return;
		}
	}
	give_up(c, now, why);
}

/** An address did not work: its error, then the next one. */
static void
connect_failed(struct pflowi_conn *c, struct pflow_now now, const char *why)
{
	char at[PFLOWI_ENDPOINT_TEXT_MAX];

	pflowi_addr_text(&c->at, at, sizeof(at));
	pflowi_say(c->error, sizeof(c->error), "%s: connect to %s: %s",
	    c->peer.name, at, why);
	close_socket(c);
	connect_next(c, now);
}

static void
go_on_connecting(struct pflowi_conn *c, struct pflow_now now)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&pfd, 1, 0) <= 0) {
		if (now.mono_ns >= c->due_ns)
			connect_failed(c, now, "no answer in time");
		return;
	}
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0)
		connect_failed(c, now, strerror(error));
	else if (is_self(c->fd))
		connect_failed(c, now, "Connection refused");
	else
		is_up(c, now);
}

static void
ask(struct pflowi_conn *c, struct pflow_now now)
{
	pflowi_resolver_ask(
	    &c->resolver, &c->peer.to, pflowi_peer_family(&c->peer), now);
}

static void
begin_attempt(struct pflowi_conn *c, struct pflow_now now)
{
	c->attempt_ns = now.mono_ns;
	c->n_attempts++;
	c->next_addr = 0;
	c->state = PFLOWI_CONN_RESOLVING;
	ask(c, now);
}

/** The answer; an old one is better than none. */
static void
take_answer(struct pflowi_conn *c, struct pflow_now now)
{
	struct pflowi_addrs addrs;
	char why[PFLOWI_ERROR_MAX];
	int rc;

	if (now.mono_ns < c->resolver.look_ns &&
	    pflowi_resolver_busy(&c->resolver))
		return;
	rc = pflowi_resolver_take(
	    &c->resolver, now, &addrs, why, sizeof(why));
	if (rc == PFLOW_ERR_AGAIN)
		return;
	if (rc == PFLOW_OK)
		c->addrs = addrs;
	else {
		pflowi_say(c->error, sizeof(c->error), "%s: %s", c->peer.name,
		    why);
		c->n_resolve_failures++;
	}
	if (c->state == PFLOWI_CONN_RESOLVING)
		connect_next(c, now);
}

static void
service_up(struct pflowi_conn *c, struct pflow_now now)
{
	if (pflowi_resolver_busy(&c->resolver))
		take_answer(c, now);
	else if (now.mono_ns >= c->resolve_ns) {
		c->resolve_ns =
		    pflowi_time_add(now.mono_ns, PFLOWI_CONN_RESOLVE_NS);
		ask(c, now);
	}
}

int
pflowi_conn_service(struct pflowi_conn *c, struct pflow_now now)
{
	if (c->state == PFLOWI_CONN_WAITING && now.mono_ns >= c->due_ns)
		begin_attempt(c, now);
	if (c->state == PFLOWI_CONN_RESOLVING)
		take_answer(c, now);
	if (c->state == PFLOWI_CONN_CONNECTING)
		go_on_connecting(c, now);
	else if (c->state == PFLOWI_CONN_UP)
		service_up(c, now);
	return c->state == PFLOWI_CONN_UP ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

int
pflowi_conn_open(struct pflowi_conn *c, struct pflow_now now)
{
	int rc = pflowi_peer_check(&c->peer, c->error, sizeof(c->error));

	if (rc == PFLOW_OK)
		c->due_ns = now.mono_ns;
	return rc;
}

void
pflowi_conn_want(const struct pflowi_conn *c, struct pflow_want *out)
{
	out->fd = c->fd;
	out->events = c->state == PFLOWI_CONN_CONNECTING ? PFLOW_WANT_WRITE : 0;
	out->deadline_ns = pflowi_min_u64(c->due_ns, c->resolve_ns);
	if (pflowi_resolver_busy(&c->resolver))
		out->deadline_ns =
		    pflowi_min_u64(out->deadline_ns, c->resolver.look_ns);
	if (c->state == PFLOWI_CONN_RESOLVING)
		out->deadline_ns = c->resolver.look_ns;
}

void
pflowi_conn_fini(struct pflowi_conn *c)
{
	close_socket(c);
	pflowi_resolver_drop(&c->resolver);
}
