/* SPDX-License-Identifier: ISC */
#include "transport/sctp_stack.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <usrsctp.h>

#include "core/bytes.h"
#include "core/time.h"
#include "transport/transport.h"

#define COMMON_HEADER 12u /* RFC 9260, 3.1 */
#define PACKET_MAX 65536u
/** Packets taken in by one turn. */
#define PACKETS_MAX 512
/** The library tells no deadline: a turn this often while something waits
 *  for the peer, and while nothing does. RTO.Min is a second. */
#define BUSY_NS (UINT64_C(20) * PFLOWI_NS_PER_MS)
#define IDLE_NS (UINT64_C(250) * PFLOWI_NS_PER_MS)
/** A pause of the program is not the peer's silence. */
#define SILENT_STEP_NS PFLOWI_NS_PER_SEC
#define RTO_INITIAL_MS 1000u /* RFC 9260, 16 */
#define RTO_MIN_MS 1000u
/** An outage is over sooner than RFC 9260's 60 s would tell. */
#define RTO_MAX_MS 10000u
/** The peer's silence is timed by the caller. */
#define RETRANSMISSIONS_MAX 10000u
/** leave(): waits for the end alone, without progress, in all. */
#define LEAVE_STEP_MS 10
#define LEAVE_IDLE_MS 200
#define LEAVE_STILL_MS 2000
#define LEAVE_ALL_MS 10000
/** A context tells of which message the library speaks, and its records. */
#define CONTEXT_RECORDS 0x7fffu
#define CONTEXT_SHIFT 15

static struct {
	pthread_mutex_t lock;
	bool running;
	uint64_t at_ns; /**< the library's time */
	uintptr_t last_id;
	struct pflowi_sctp_assoc *begun;
	uint8_t packet[PACKET_MAX];
} stack = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
lock(void)
{
	(void)pthread_mutex_lock(&stack.lock);
}

static void
unlock(void)
{
	(void)pthread_mutex_unlock(&stack.lock);
}

/** Unlock; its owner may look at what is told of it. */
static void
unlock_with(struct pflowi_sctp_assoc *a)
{
	a->seen = a->live;
	unlock();
}

/** The library names associations by the address of our choice. */
static struct pflowi_sctp_assoc *
find(const void *addr)
{
	struct pflowi_sctp_assoc *a = stack.begun;

	while (a != NULL && a->id != (uintptr_t)addr)
		a = a->next;
	return a;
}

static void
note_error(struct pflowi_sctp_assoc *a, int error)
{
	/* Port, or protocol, unreachable. */
	if (error == ECONNREFUSED || error == ENOPROTOOPT) {
		a->live.refused_packets++;
		a->live.refused_in_row++;
	} else if (error == EMSGSIZE)
		a->live.too_large = true;
	else
		a->live.untaken_packets++;
}

/** A packet to the peer. What the system does not take is lost like any
 *  other packet: the stack sends it again. */
static int
output(void *addr, void *octets, size_t len, uint8_t tos, uint8_t set_df)
{
	struct pflowi_sctp_assoc *a = find(addr);
	int tries;

	(void)tos;
	(void)set_df;
	if (a == NULL || len < COMMON_HEADER)
		return 0;
	a->source_port = pflowi_get_be16(octets);
	/* An error may be about an earlier packet: then this one is not out. */
	for (tries = 0; tries < 2; tries++) {
		if (send(a->fd, octets, len, MSG_NOSIGNAL) != -1)
			break;
		if (errno != EINTR)
			note_error(a, errno);
		if (errno != ECONNREFUSED && errno != ENOPROTOOPT &&
		    errno != EINTR)
			break;
	}
	return 0;
}

void
pflowi_sctp_stack_open(void)
{
	lock();
	if (!stack.running) {
		usrsctp_init_nothreads(0, output, NULL);
		/* Of RFC 9260's extensions RFC 3758 alone is of use here. */
		usrsctp_sysctl_set_sctp_ecn_enable(0);
		usrsctp_sysctl_set_sctp_asconf_enable(0);
		usrsctp_sysctl_set_sctp_auth_enable(0);
		usrsctp_sysctl_set_sctp_reconfig_enable(0);
		usrsctp_sysctl_set_sctp_nrsack_enable(0);
		usrsctp_sysctl_set_sctp_pktdrop_enable(0);
		usrsctp_sysctl_set_sctp_pr_enable(1);
		stack.running = true;
	}
	unlock();
}

/** Time of the stack; a clock that went back begins anew. */
static void
tick(struct pflow_now now)
{
	uint64_t ms;

	if (now.mono_ns < stack.at_ns || stack.at_ns == 0)
		stack.at_ns = now.mono_ns;
	ms = (now.mono_ns - stack.at_ns) / PFLOWI_NS_PER_MS;
	stack.at_ns += ms * PFLOWI_NS_PER_MS;
	if (ms > 0)
		usrsctp_handle_timers((uint32_t)pflowi_min_u64(ms, UINT32_MAX));
}

/** RFC 9260, 3.3.10 */
static const char *
cause_text(unsigned cause)
{
	static const char *const text[] = {
	    [1] = "invalid stream identifier",
	    [2] = "missing mandatory parameter",
	    [3] = "stale cookie",
	    [4] = "out of resource",
	    [5] = "unresolvable address",
	    [6] = "unrecognized chunk type",
	    [7] = "invalid mandatory parameter",
	    [8] = "unrecognized parameters",
	    [9] = "no user data",
	    [10] = "cookie received while shutting down",
	    [11] = "restart with new addresses",
	    [12] = "user-initiated abort",
	    [13] = "protocol violation",
	};

	if (cause >= PFLOWI_ARRAY_LEN(text) || text[cause] == NULL)
		return "no cause given";
	return text[cause];
}

static void
lose(struct pflowi_sctp_assoc *a, const char *what, unsigned cause)
{
	a->live.state = PFLOWI_SCTP_LOST;
	pflowi_say(a->live.why, sizeof(a->live.why), "%s: ABORT, %s", what,
	    cause_text(cause));
}

static void
on_change(struct pflowi_sctp_assoc *a, unsigned state, unsigned error)
{
	switch (state) {
	case SCTP_COMM_UP:
		a->live.state = PFLOWI_SCTP_UP;
		break;
	case SCTP_SHUTDOWN_COMP:
		a->live.state = PFLOWI_SCTP_ENDED;
		break;
	case SCTP_CANT_STR_ASSOC:
		lose(a, "the collector refused the association", error);
		break;
	case SCTP_RESTART:
		a->live.state = PFLOWI_SCTP_LOST;
		pflowi_say(a->live.why, sizeof(a->live.why),
		    "the association broke: restart");
		break;
	default:
		lose(a, "the association broke", error);
		break;
	}
}

/** A message, or one of its fragments, was given up. */
static void
on_given_up(struct pflowi_sctp_assoc *a, uint32_t context)
{
	if (context == a->last_context)
		return;
	a->last_context = context;
	a->pending_messages++;
	a->pending_records += context & CONTEXT_RECORDS;
}

/** The library's notifications are C structures in an octet buffer. */
static void
on_notification(struct pflowi_sctp_assoc *a, const uint8_t *octets, size_t len)
{
	struct sctp_assoc_change change;
	struct sctp_send_failed_event failed;
	uint16_t type;

	if (len < sizeof(type))
		return;
	memcpy(&type, octets, sizeof(type));
	if (type == SCTP_ASSOC_CHANGE && len >= sizeof(change)) {
		memcpy(&change, octets, sizeof(change));
		on_change(a, change.sac_state, change.sac_error);
	} else if (type == SCTP_SHUTDOWN_EVENT &&
	    a->live.state == PFLOWI_SCTP_UP) {
		a->live.state = PFLOWI_SCTP_LEAVING;
	} else if (type == SCTP_SEND_FAILED_EVENT && len >= sizeof(failed)) {
		memcpy(&failed, octets, sizeof(failed));
		on_given_up(a, failed.ssfe_info.snd_context);
	}
}

/** What the peer says; data is ours to free. */
static int
received(struct socket *so, union sctp_sockstore addr, void *data, size_t len,
    struct sctp_rcvinfo info, int flags, void *id)
{
	struct pflowi_sctp_assoc *a = find(id);

	(void)so;
	(void)addr;
	(void)info;
	if (a != NULL && data != NULL && flags & MSG_NOTIFICATION)
		on_notification(a, data, len);
	else if (a != NULL && data != NULL)
		a->live.unexpected += len;
	free(data);
	return 1;
}

/** The peer acknowledged: so much of the buffer is free now. */
static int
acknowledged(struct socket *so, uint32_t room, void *id)
{
	struct pflowi_sctp_assoc *a = find(id);
	uint64_t waiting;

	(void)so;
	if (a == NULL)
		return 1;
	waiting = room < a->params.buffer ? a->params.buffer - room : 0;
	if (waiting <= a->written && a->written - waiting > a->live.acked)
		a->live.acked = a->written - waiting;
	return 1;
}

static bool
set(struct socket *so, int level, int option, const void *value, size_t len)
{
	return usrsctp_setsockopt(so, level, option, value, (socklen_t)len) ==
	    0;
}

static bool
want_events(struct socket *so)
{
	static const uint16_t type[] = {
	    SCTP_ASSOC_CHANGE, SCTP_SHUTDOWN_EVENT, SCTP_SEND_FAILED_EVENT};
	struct sctp_event event;
	size_t i;

	memset(&event, 0, sizeof(event));
	event.se_assoc_id = SCTP_FUTURE_ASSOC;
	event.se_on = 1;
	for (i = 0; i < PFLOWI_ARRAY_LEN(type); i++) {
		event.se_type = type[i];
		if (!set(so, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof(event)))
			return false;
	}
	return true;
}

static bool
set_options(struct socket *so, const struct pflowi_sctp_params *p)
{
	/* close: ABORT, and nothing stays behind */
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	struct sctp_initmsg init = {.sinit_num_ostreams = 1};
	struct sctp_rtoinfo rto = {.srto_initial = RTO_INITIAL_MS,
	    .srto_min = RTO_MIN_MS,
	    .srto_max = RTO_MAX_MS};
	struct sctp_assocparams assoc = {
	    .sasoc_asocmaxrxt = RETRANSMISSIONS_MAX};
	struct sctp_paddrparams path;
	int on = 1, buffer = (int)p->buffer;

	memset(&path, 0, sizeof(path));
	/* The library times heartbeats by a clock of its own: see probe(). */
	path.spp_flags = SPP_HB_DISABLE | SPP_PMTUD_DISABLE;
	path.spp_pathmtu = p->payload_max;
	return usrsctp_set_non_blocking(so, 1) == 0 &&
	    set(so, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) &&
	    set(so, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) &&
	    set(so, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on)) &&
	    set(so, IPPROTO_SCTP, SCTP_INITMSG, &init, sizeof(init)) &&
	    set(so, IPPROTO_SCTP, SCTP_RTOINFO, &rto, sizeof(rto)) &&
	    set(so, IPPROTO_SCTP, SCTP_ASSOCINFO, &assoc, sizeof(assoc)) &&
	    set(so, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path)) &&
	    want_events(so);
}

/** Both ends have the address that names the association. */
static struct sockaddr_conn
address(const struct pflowi_sctp_assoc *a, uint16_t port)
{
	struct sockaddr_conn sconn;

	memset(&sconn, 0, sizeof(sconn));
	sconn.sconn_family = AF_CONN;
	pflowi_put_be16((uint8_t *)&sconn.sconn_port, port);
	sconn.sconn_addr = (void *)a->id;
	return sconn;
}

/** Locked. @return false with errno */
static bool
connect_locked(struct pflowi_sctp_assoc *a)
{
	struct sockaddr_conn here = address(a, a->params.source_port);
	struct sockaddr_conn there = address(a, a->params.port);

	a->so = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, received,
	    acknowledged, 0, (void *)a->id);
	return a->so != NULL && set_options(a->so, &a->params) &&
	    usrsctp_bind(a->so, (struct sockaddr *)&here, sizeof(here)) == 0 &&
	    (usrsctp_connect(a->so, (struct sockaddr *)&there, sizeof(there)) ==
		    0 ||
		errno == EINPROGRESS);
}

int
pflowi_sctp_stack_begin(struct pflowi_sctp_assoc *a, int fd,
    const struct pflowi_sctp_params *params, struct pflow_now now)
{
	bool ok;

	memset(a, 0, sizeof(*a));
	a->fd = fd;
	a->params = *params;
	a->turn_ns = now.mono_ns;
	a->last_context = UINT32_MAX;
	lock();
	tick(now);
	a->id = ++stack.last_id;
	a->next = stack.begun;
	stack.begun = a;
	usrsctp_register_address((void *)a->id);
	ok = connect_locked(a);
	if (!ok)
		pflowi_say(a->live.why, sizeof(a->live.why),
		    "SCTP association: %s", strerror(errno));
	unlock_with(a);
	if (ok)
		return PFLOW_OK;
	pflowi_sctp_stack_end(a);
	return PFLOW_ERR_CLOSED;
}

/** Is it one of ours? Raw sockets get what others of the machine do too. */
static bool
is_ours(const struct pflowi_sctp_assoc *a, const uint8_t *packet, size_t len)
{
	return len >= COMMON_HEADER && a->source_port != 0 &&
	    pflowi_get_be16(packet) == a->params.port &&
	    pflowi_get_be16(packet + 2) == a->source_port;
}

/** Locked. @return false: there is no more */
static bool
take_packet(struct pflowi_sctp_assoc *a)
{
	ssize_t n = recv(a->fd, stack.packet, sizeof(stack.packet), 0);
	size_t at = 0;

	if (n == -1) {
		if (errno == EINTR)
			return true;
		if (errno != ECONNREFUSED && errno != ENOPROTOOPT)
			return false;
		note_error(a, errno);
		return true;
	}
	if (a->params.has_ip_header && n > 0)
		at = (stack.packet[0] & 0xfu) * 4u;
	if (at >= (size_t)n || !is_ours(a, stack.packet + at, (size_t)n - at))
		return true;
	a->silent_ns = a->probed_ns = 0;
	a->live.refused_in_row = 0;
	usrsctp_conninput((void *)a->id, stack.packet + at, (size_t)n - at, 0);
	return true;
}

/** What was given up is counted once: here, or as lost on its way. */
static void
settle_given_up(struct pflowi_sctp_assoc *a)
{
	if (a->live.state != PFLOWI_SCTP_LOST) {
		a->live.given_up_messages += a->pending_messages;
		a->live.given_up_records += a->pending_records;
	}
	a->pending_messages = a->pending_records = 0;
}

/** Ask a silent peer for a sign of life (RFC 9260, 8.3). Locked. */
static void
probe(struct pflowi_sctp_assoc *a)
{
	struct sockaddr_conn there = address(a, a->params.port);
	struct sctp_paddrparams path;

	if (a->live.state != PFLOWI_SCTP_UP ||
	    a->silent_ns - a->probed_ns < a->params.heartbeat_ns)
		return;
	a->probed_ns = a->silent_ns;
	memset(&path, 0, sizeof(path));
	memcpy(&path.spp_address, &there, sizeof(there));
	path.spp_assoc_id = SCTP_CURRENT_ASSOC;
	path.spp_flags = SPP_HB_DEMAND;
	(void)set(
	    a->so, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
}

void
pflowi_sctp_stack_turn(struct pflowi_sctp_assoc *a, struct pflow_now now)
{
	uint64_t passed = pflowi_time_sub(now.mono_ns, a->turn_ns);
	int i;

	a->silent_ns += pflowi_min_u64(passed, SILENT_STEP_NS);
	a->turn_ns = now.mono_ns;
	lock();
	for (i = 0; i < PACKETS_MAX && take_packet(a); i++)
		;
	tick(now);
	probe(a);
	settle_given_up(a);
	unlock_with(a);
}

static bool
is_over(const struct pflowi_sctp_assoc *a)
{
	return a->seen.state == PFLOWI_SCTP_ENDED ||
	    a->seen.state == PFLOWI_SCTP_LOST;
}

uint64_t
pflowi_sctp_stack_deadline(const struct pflowi_sctp_assoc *a)
{
	bool idle =
	    a->seen.state == PFLOWI_SCTP_UP && a->seen.acked == a->written;

	if (a->id == 0)
		return PFLOW_NEVER;
	if (is_over(a))
		return 0;
	return pflowi_time_add(a->turn_ns, idle ? IDLE_NS : BUSY_NS);
}

/** The peer wants to end, or has: the next turn tells. */
static bool
is_leaving(const struct pflowi_sctp_assoc *a)
{
	return a->seen.state == PFLOWI_SCTP_LEAVING ||
	    a->seen.state == PFLOWI_SCTP_ENDED;
}

static int
send_error(struct pflowi_sctp_assoc *a, int error)
{
	if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
	    error == ENOMEM)
		return PFLOW_ERR_AGAIN;
	if (is_leaving(a))
		return PFLOW_ERR_AGAIN;
	if (a->seen.why[0] == '\0')
		pflowi_say(a->seen.why, sizeof(a->seen.why),
		    "the association broke: %s", strerror(error));
	return PFLOW_ERR_CLOSED;
}

int
pflowi_sctp_stack_send(struct pflowi_sctp_assoc *a,
    const struct pflow_message *msg, uint32_t lifetime_ms)
{
	struct sctp_sendv_spa spa;
	uint32_t records = msg->records;
	int error = 0;

	if (is_leaving(a))
		return PFLOW_ERR_AGAIN;
	if (a->seen.state == PFLOWI_SCTP_LOST)
		return PFLOW_ERR_CLOSED;
	memset(&spa, 0, sizeof(spa));
	spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
	/* Stream 0, in order, PPID 0: none is registered for IPFIX. */
	spa.sendv_sndinfo.snd_context = a->messages << CONTEXT_SHIFT |
	    (records < CONTEXT_RECORDS ? records : CONTEXT_RECORDS);
	if (lifetime_ms > 0) {
		spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
		spa.sendv_prinfo.pr_policy = SCTP_PR_SCTP_TTL;
		spa.sendv_prinfo.pr_value = lifetime_ms;
	}
	lock();
	a->written += msg->len;
	if (usrsctp_sendv(a->so, msg->data, msg->len, NULL, 0, &spa,
		sizeof(spa), SCTP_SENDV_SPA, 0) == -1)
		error = errno;
	if (error != 0)
		a->written -= msg->len;
	unlock_with(a);
	if (error != 0)
		return send_error(a, error);
	a->messages++;
	return PFLOW_OK;
}

void
pflowi_sctp_stack_leave(struct pflowi_sctp_assoc *a, struct pflow_now now)
{
	struct pollfd pfd = {.fd = a->fd, .events = POLLIN};
	int still = 0, all = 0, step;

	if (a->seen.state == PFLOWI_SCTP_UP) {
		lock();
		(void)usrsctp_shutdown(a->so, SHUT_WR);
		unlock_with(a);
	}
	while (
	    all < LEAVE_ALL_MS && !is_over(a) && a->seen.refused_in_row == 0) {
		uint64_t acked = a->seen.acked;

		if (still >=
		    (acked < a->written ? LEAVE_STILL_MS : LEAVE_IDLE_MS))
			return;
		/* How long a wait was that a packet ended is not known. */
		step = poll(&pfd, 1, LEAVE_STEP_MS) == 0 ? LEAVE_STEP_MS : 1;
		now.mono_ns += (uint64_t)step * PFLOWI_NS_PER_MS;
		pflowi_sctp_stack_turn(a, now);
		still = a->seen.acked > acked ? 0 : still + step;
		all += step;
	}
}

void
pflowi_sctp_stack_end(struct pflowi_sctp_assoc *a)
{
	struct pflowi_sctp_assoc **at = &stack.begun;

	if (a->id == 0)
		return;
	lock();
	if (a->so != NULL)
		usrsctp_close(a->so);
	usrsctp_deregister_address((void *)a->id);
	while (*at != NULL && *at != a)
		at = &(*at)->next;
	if (*at != NULL)
		*at = a->next;
	unlock_with(a);
	a->so = NULL;
	a->id = 0;
}
