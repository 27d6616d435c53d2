/* SPDX-License-Identifier: ISC */
/* udp: what errors mean, and which counter they go to. */
#include "transport/udp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "transport/net.h"

enum reason { NO_BUFFER, TOO_LARGE, UNREACHABLE, REFUSED, FAILED };

static enum reason
reason_of(int error)
{
	switch (error) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return NO_BUFFER;
	case EMSGSIZE:
		return TOO_LARGE;
	case ECONNREFUSED:
		return REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EADDRNOTAVAIL:
	case ENODEV:
	case ENXIO:
		return UNREACHABLE;
	default:
		return FAILED;
	}
}

static void
explain(struct pflowi_udp *u, int error)
{
	char at[PFLOWI_ENDPOINT_TEXT_MAX];

	/* Every other send may be refused: the line is written once. */
	if (error == u->explained)
		return;
	u->explained = error;
	pflowi_addr_text(&u->at, at, sizeof(at));
	pflowi_say(u->error, sizeof(u->error), "%s: %s: %s", u->peer.name, at,
	    error == ECONNREFUSED ? "nobody listens there (port unreachable)"
				  : strerror(error));
}

/** Ask the name again, but not more often than every 30 s. */
static void
hurry_resolve(struct pflowi_udp *u)
{
	u->resolve_ns = pflowi_min_u64(u->resolve_ns,
	    pflowi_time_add(u->resolved_ns, PFLOWI_RERESOLVE_FAILED_NS));
}

void
pflowi_udp_note(struct pflowi_udp *u, int error, struct pflow_now now)
{
	explain(u, error);
	switch (reason_of(error)) {
	case REFUSED:
		u->n.refused_datagrams++;
		u->quiet_ns = pflowi_time_add(now.mono_ns, PFLOWI_UDP_QUIET_NS);
		hurry_resolve(u);
		break;
	case UNREACHABLE:
		/* The source address chosen at connect may be gone. */
		u->reopen_ns = pflowi_min_u64(u->reopen_ns,
		    pflowi_time_add(now.mono_ns, PFLOWI_UDP_RETRY_NS));
		hurry_resolve(u);
		break;
	case TOO_LARGE:
		pflowi_udp_learn_mtu(u, now);
		break;
	case NO_BUFFER:
	case FAILED:
		break;
	}
}

void
pflowi_udp_learn_mtu(struct pflowi_udp *u, struct pflow_now now)
{
	uint32_t path = pflowi_net_path_mtu(u->fd, u->at.sa.ss_family);

	if (path <= u->base.overhead || path >= u->mtu)
		return;
	u->base.message_limit = path - u->base.overhead;
	u->limit_ns = pflowi_time_add(now.mono_ns, PFLOWI_UDP_LIMIT_NS);
}

void
pflowi_udp_lose(struct pflowi_udp *u, const struct pflow_message *msg,
    int error, struct pflow_now now)
{
	switch (reason_of(error)) {
	case NO_BUFFER:
		u->n.no_buffer_messages++;
		u->n.no_buffer_records += msg->records;
		break;
	case TOO_LARGE:
		u->n.too_large_messages++;
		u->n.too_large_records += msg->records;
		pflowi_udp_shrink(u, msg->len, now);
		break;
	case UNREACHABLE:
		u->n.unreachable_messages++;
		u->n.unreachable_records += msg->records;
		break;
	case REFUSED:
		u->n.refused_messages++;
		u->n.refused_records += msg->records;
		break;
	case FAILED:
		u->n.failed_messages++;
		u->n.failed_records += msg->records;
		break;
	}
	/* What the collector missed may have been templates. */
	u->quiet_ns = pflowi_time_add(now.mono_ns, PFLOWI_UDP_QUIET_NS);
}

/** RFC 1191, 7.1: the steps below a size, where the system does not tell. */
static uint32_t
plateau_below(uint32_t mtu)
{
	static const uint32_t steps[] = {
	    32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 576};
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(steps); i++)
		if (steps[i] < mtu)
			return steps[i];
	return steps[PFLOWI_ARRAY_LEN(steps) - 1];
}

void
pflowi_udp_shrink(struct pflowi_udp *u, uint32_t len, struct pflow_now now)
{
	uint32_t mtu = pflowi_net_path_mtu(u->fd, u->at.sa.ss_family);

	if (mtu == 0 || mtu >= len + u->base.overhead)
		mtu = plateau_below(len + u->base.overhead);
	u->base.message_limit = mtu - u->base.overhead;
	u->limit_ns = pflowi_time_add(now.mono_ns, PFLOWI_UDP_LIMIT_NS);
}
