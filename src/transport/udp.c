/* SPDX-License-Identifier: ISC */
/* udp: datagrams to a connected socket (RFC 7011, 10.3). */
#include "transport/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/net.h"

/** Datagrams read in one service(): nobody should send us any. */
#define DRAIN_MAX 16

static struct pflowi_udp *
self(struct pflow_transport *t)
{
	return (void *)t;
}

static const struct pflowi_udp *
const_self(const struct pflow_transport *t)
{
	return (const void *)t;
}

static void
drop_socket(struct pflowi_udp *u)
{
	if (u->fd != -1)
		close(u->fd);
	u->fd = -1;
	u->block = PFLOWI_UDP_OPEN_ROAD;
	u->stalled_ns = PFLOW_NEVER;
	u->reopen_ns = PFLOW_NEVER;
	u->base.message_limit = 0;
	u->limit_ns = PFLOW_NEVER;
}

/** A new session (RFC 7011, 10.3.4): the socket, its port, the peer. */
static void
begin_session(struct pflowi_udp *u, int fd, const struct pflowi_addr *addr,
    struct pflow_now now)
{
	drop_socket(u);
	u->fd = fd;
	u->at = *addr;
	u->batch.no_segments = false;
	u->base.overhead = pflowi_udp_overhead(addr->sa.ss_family);
	u->base.generation++;
	u->n.sessions++;
	u->sent_before = u->n.sent_messages;
	u->explained = 0;
	u->quiet_ns = PFLOW_NEVER;
	pflowi_udp_learn_mtu(u, now);
}

/** Connect to the first address that works; the one in use is kept. */
static int
adopt(struct pflowi_udp *u, const struct pflowi_addrs *addrs,
    struct pflow_now now)
{
	size_t i;
	int fd = -1, rc = PFLOW_ERR_NOTFOUND;

	for (i = 0; u->fd != -1 && i < addrs->count; i++)
		if (pflowi_addr_equal(&u->at, &addrs->addr[i]))
			return PFLOW_OK;
	for (i = 0; i < addrs->count; i++) {
		rc = pflowi_peer_connect(
		    &u->peer, &addrs->addr[i], &fd, u->error, sizeof(u->error));
		if (rc != PFLOW_OK)
			continue;
		begin_session(u, fd, &addrs->addr[i], now);
		return PFLOW_OK;
	}
	return rc;
}

static void
ask(struct pflowi_udp *u, struct pflow_now now)
{
	u->resolve_ns = PFLOW_NEVER;
	u->resolved_ns = now.mono_ns;
	pflowi_resolver_ask(
	    &u->resolver, &u->peer.to, pflowi_peer_family(&u->peer), now);
	if (!pflowi_resolver_busy(&u->resolver))
		u->resolve_ns =
		    pflowi_time_add(now.mono_ns, PFLOWI_UDP_RETRY_NS);
}

static void
take_answer(struct pflowi_udp *u, struct pflow_now now)
{
	struct pflowi_addrs addrs;
	uint64_t again = PFLOWI_UDP_RETRY_NS;
	char why[PFLOWI_ERROR_MAX];
	int rc;

	rc = pflowi_resolver_take(
	    &u->resolver, now, &addrs, why, sizeof(why));
	if (rc == PFLOW_ERR_AGAIN)
		return;
	if (rc != PFLOW_OK) {
		pflowi_say(u->error, sizeof(u->error), "%s: %s", u->peer.name,
		    why);
		u->n.resolve_failures++;
		u->explained = 0;
		if (u->fd != -1) /* the old address is kept */
			again = PFLOWI_RERESOLVE_FAILED_NS;
	} else if (adopt(u, &addrs, now) == PFLOW_OK)
		again = u->peer.to.literal ? PFLOW_NEVER : PFLOWI_RERESOLVE_NS;
	u->resolve_ns = pflowi_time_add(now.mono_ns, again);
}

/** Errors of earlier datagrams, and what the collector should not send. */
static void
drain(struct pflowi_udp *u, struct pflow_now now)
{
	char octet;
	int i;

	for (i = 0; i < DRAIN_MAX; i++) {
		if (recv(u->fd, &octet, sizeof(octet), 0) >= 0) {
			u->n.unexpected_datagrams++;
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		if (errno != EINTR)
			pflowi_udp_note(u, errno, now);
	}
}

static void
timers(struct pflowi_udp *u, struct pflow_now now)
{
	if (now.mono_ns >= u->limit_ns) {
		u->base.message_limit = 0;
		u->limit_ns = PFLOW_NEVER;
	}
	if (now.mono_ns >= u->quiet_ns) {
		u->base.refreshes++;
		u->quiet_ns = PFLOW_NEVER;
	}
	if (now.mono_ns >= u->reopen_ns) {
		drop_socket(u);
		u->resolve_ns = now.mono_ns;
	}
	/* A socket that can be polled was found writable, or will be. */
	if (now.mono_ns >= u->block_until_ns ||
	    u->block == PFLOWI_UDP_FULL_SOCKET) {
		u->block = PFLOWI_UDP_OPEN_ROAD;
		u->block_until_ns = PFLOW_NEVER;
	}
}

static int
udp_service(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_udp *u = self(t);

	u->paced = false; /* the next send() sees */
	if (u->fd != -1)
		drain(u, now);
	timers(u, now);
	if (!pflowi_resolver_busy(&u->resolver) && now.mono_ns >= u->resolve_ns)
		ask(u, now);
	if (pflowi_resolver_busy(&u->resolver) &&
	    now.mono_ns >= u->resolver.look_ns)
		take_answer(u, now);
	return u->fd == -1 ? PFLOW_ERR_AGAIN : PFLOW_OK;
}

static int
udp_open(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_udp *u = self(t);
	int rc;

	rc = pflowi_peer_check(&u->peer, u->error, sizeof(u->error));
	if (rc != PFLOW_OK)
		return rc;
	t->overhead = pflowi_udp_overhead(pflowi_peer_family(&u->peer));
	u->resolve_ns = now.mono_ns;
	(void)udp_service(t, now);
	return PFLOW_OK;
}

/** No room: wait, unless it has lasted too long. */
static bool
wait_for_room(struct pflowi_udp *u, int error, struct pflow_now now)
{
	if (u->stalled_ns == PFLOW_NEVER)
		u->stalled_ns = now.mono_ns;
	if (pflowi_time_sub(now.mono_ns, u->stalled_ns) >= PFLOWI_UDP_STALL_NS)
		return false;
	u->n.full_waits++;
	u->block =
	    error == EAGAIN ? PFLOWI_UDP_FULL_SOCKET : PFLOWI_UDP_FULL_QUEUE;
	u->block_until_ns = pflowi_time_add(now.mono_ns,
	    error == EAGAIN ? PFLOWI_UDP_STALL_NS : PFLOWI_UDP_NOBUFS_NS);
	return true;
}

static void
account(struct pflowi_udp *u, const struct pflow_message *msgs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		u->n.sent_octets += msgs[i].len;
		u->n.sent_records += msgs[i].records;
	}
	u->n.sent_messages += count;
	u->stalled_ns = PFLOW_NEVER;
	u->block = PFLOWI_UDP_OPEN_ROAD;
	u->block_until_ns = PFLOW_NEVER;
}

static bool
is_full(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
	    error == ENOMEM;
}

/** Messages until the first error. @return how many, or -1 with errno;
 *  0: the rate allows no more */
static int
send_run(struct pflowi_udp *u, const struct pflow_message *msgs, size_t count,
    struct pflow_now now)
{
	int n;

	count = pflowi_pace_allow(&u->pace, count, now);
	u->paced = count == 0;
	if (count == 0)
		return 0;
	n = pflowi_net_send_many(u->fd, &u->batch, msgs, count);
	if (n > 0)
		pflowi_pace_take(&u->pace, (size_t)n);
	return n;
}

static int
udp_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct pflowi_udp *u = self(t);
	size_t i = 0;
	bool retried = false;

	*sent = 0;
	if (u->fd == -1)
		return PFLOW_ERR_AGAIN;
	while (i < count) {
		int n = send_run(u, msgs + i, count - i, now);

		if (n == 0) {
			u->n.paced_waits++;
			*sent = i;
			return PFLOW_ERR_AGAIN;
		} else if (n > 0) {
			account(u, msgs + i, (size_t)n);
			i += (size_t)n;
			retried = false;
		} else if (errno == EINTR) {
			continue;
		} else if (is_full(errno) && wait_for_room(u, errno, now)) {
			*sent = i;
			return PFLOW_ERR_AGAIN;
		} else if (!is_full(errno) && !retried) {
			/* It may be about an earlier one: this one again. */
			pflowi_udp_note(u, errno, now);
			retried = true;
		} else {
			pflowi_udp_lose(u, &msgs[i++], errno, now);
			retried = false;
		}
	}
	*sent = count;
	return PFLOW_OK;
}

static void
udp_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct pflowi_udp *u = const_self(t);
	uint64_t due = pflowi_min_u64(u->limit_ns, u->quiet_ns);

	due = pflowi_min_u64(due, u->reopen_ns);
	due = pflowi_min_u64(due, u->block_until_ns);
	due = pflowi_min_u64(due,
	    pflowi_resolver_busy(&u->resolver) ? u->resolver.look_ns
					       : u->resolve_ns);
	if (u->paced)
		due = pflowi_min_u64(due, pflowi_pace_due(&u->pace));
	out->fd = u->fd;
	out->events = 0;
	out->deadline_ns = due;
	if (u->fd != -1)
		out->events = PFLOW_WANT_READ |
		    (u->block == PFLOWI_UDP_FULL_SOCKET ? PFLOW_WANT_WRITE : 0);
}

static void
udp_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct pflowi_udp_counters *n = &const_self(t)->n;

#define TELL(name, help, kind) \
	pflowi_tell(fn, arg, #name, help, n->name, PFLOW_COUNTER_##kind);
	PFLOWI_UDP_COUNTERS(TELL)
#undef TELL
	pflowi_tell(fn, arg, "send_calls", "system calls that sent them",
	    const_self(t)->batch.calls, PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "segmented_messages",
	    "messages handed over in one piece with others",
	    const_self(t)->batch.segmented, PFLOW_COUNTER_INFO);
}

/** Datagrams have no acknowledgement: what is sent counts as there. */
static void
udp_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	const struct pflowi_udp *u = self(t);

	out->confirmed = u->n.sent_messages - u->sent_before;
	out->in_order = true;
	out->down = u->fd == -1
	    ? u->n.resolve_failures > 0 || u->error[0] != '\0'
	    : u->quiet_ns != PFLOW_NEVER;
}

static void
udp_restart(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_udp *u = self(t);

	drop_socket(u);
	u->resolve_ns = now.mono_ns;
}

bool
pflowi_udp_probe(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_udp *u = self(t);

	if (t->ops->open != udp_open || u->fd == -1)
		return false;
	if (send(u->fd, "", 0, MSG_NOSIGNAL) == -1 && !is_full(errno))
		pflowi_udp_note(u, errno, now);
	return true;
}

static const char *
udp_error_text(const struct pflow_transport *t)
{
	return const_self(t)->error;
}

static void
udp_close(struct pflow_transport *t)
{
	struct pflowi_udp *u = self(t);

	drop_socket(u);
	pflowi_resolver_drop(&u->resolver);
	free(u);
}

static const struct pflow_transport_ops ops = {
    .name = "udp",
    .nature = PFLOW_TRANSPORT_DATAGRAM,
    .open = udp_open,
    .send = udp_send,
    .service = udp_service,
    .want = udp_want,
    .counters = udp_counters,
    .error_text = udp_error_text,
    .close = udp_close,
    .progress = udp_progress,
    .restart = udp_restart,
};

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct pflowi_udp *u = calloc(1, sizeof(*u));
	int rc;

	*out = NULL;
	if (u == NULL) {
		pflowi_say(err, err_len, "udp:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	u->base.ops = &ops;
	u->resolver.system = cfg->system;
	u->fd = -1;
	u->mtu = cfg->mtu;
	pflowi_pace_init(&u->pace, cfg->rate_pps);
	u->stalled_ns = u->resolve_ns = u->reopen_ns = PFLOW_NEVER;
	u->limit_ns = u->quiet_ns = u->block_until_ns = PFLOW_NEVER;
	rc = pflowi_peer_init(
	    &u->peer, "udp", argument, "4739", cfg, err, err_len);
	if (rc != PFLOW_OK) {
		free(u);
		return rc;
	}
	*out = &u->base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_udp = {
    .name = "udp",
    .argument = "HOST:PORT",
    .help = "datagrams, may be lost (RFC 7011, 10.3)",
    .available = true,
    .nature = PFLOW_TRANSPORT_DATAGRAM,
    .create = create,
};
