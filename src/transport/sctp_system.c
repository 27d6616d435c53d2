/* SPDX-License-Identifier: ISC */
/*
 * Sessions over sockets of the system's SCTP, one-to-one style (RFC 6458, 4):
 * one send is one user message, whole or not at all, by default on stream 0,
 * in order, with PPID 0. After close(2) the system goes on, as with TCP.
 */
#include "transport/sctp_system.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "transport/sctp.h"

/** Reads in one service(): nothing but the end is expected. */
#define READS_MAX 8

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	(void)now;
	(void)r;
	pflowi_sctp_set_overhead((void *)s, s->conn.at.sa.ss_family);
	pflowi_sctp_system_tune(s->conn.fd, s->conn.peer_timeout_ns);
	return PFLOW_OK;
}

static int
handshake(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	(void)s;
	(void)now;
	(void)r;
	return PFLOW_OK;
}

static int
write_one(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	ssize_t n;

	(void)count;
	(void)offset; /* never in part */
	do
		n = send(s->conn.fd, msgs[0].data, msgs[0].len, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n >= 0) {
		r->octets = msgs[0].len;
		s->octets += msgs[0].len;
		return PFLOW_OK;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
		r->events = PFLOW_WANT_WRITE;
		return PFLOW_ERR_AGAIN;
	}
	pflowi_say(r->why, sizeof(r->why), "the association broke: %s",
	    strerror(errno));
	return PFLOW_ERR_CLOSED;
}

static int
read_some(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	char octets[1024];
	int i;

	(void)now;
	for (i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(s->conn.fd, octets, sizeof(octets), 0);

		if (n > 0) {
			r->octets += (size_t)n;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return PFLOW_ERR_AGAIN;
		if (n == 0) {
			pflowi_say(r->why, sizeof(r->why),
			    "the collector ended the association");
			return PFLOW_EOF;
		}
		pflowi_say(r->why, sizeof(r->why), "the association broke: %s",
		    strerror(errno));
		return PFLOW_ERR_CLOSED;
	}
	return PFLOW_OK;
}

/** All or nothing is known of it. */
static bool
acknowledged(const struct pflowi_session *s, uint64_t *octets)
{
	if (!pflowi_sctp_system_is_idle(s->conn.fd))
		return false;
	*octets = s->octets;
	return true;
}

/** close(2) sends what is left and SHUTDOWN, unless octets from the peer
 *  wait: then it would be ABORT. */
static void
stop(struct pflowi_session *s, bool polite)
{
	struct pflowi_layer_result r = {.events = 0};

	if (!polite)
		return;
	(void)shutdown(s->conn.fd, SHUT_WR);
	(void)read_some(s, (struct pflow_now){0, 0}, &r);
}

static const struct pflowi_layer layer = {
    .start = start,
    .handshake = handshake,
    .write = write_one,
    .read = read_some,
    .acknowledged = acknowledged,
    .stop = stop,
};

const struct pflowi_layer *const pflowi_sctp_system_layer = &layer;
