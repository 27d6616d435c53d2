/* SPDX-License-Identifier: ISC */
/* tcp: a stream of messages (RFC 7011, 10.4). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/net.h"
#include "transport/stream.h"
#include "transport/tcp_stream.h"

/** Reads in one service(): nothing but the end is expected. */
#define READS_MAX 8

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	(void)now;
	(void)r;
	pflowi_tcp_prepare(s);
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
write_some(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	struct iovec iov[PFLOWI_STREAM_IOV];
	int vecs = pflowi_stream_iov(msgs, count, offset, iov);
	ssize_t n;

	do
		n = pflowi_net_send_vector(s->conn.fd, iov, vecs);
	while (n == -1 && errno == EINTR);
	if (n >= 0) {
		r->octets = (size_t)n;
		s->octets += (uint64_t)n;
		return PFLOW_OK;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
		r->events = PFLOW_WANT_WRITE;
		return PFLOW_ERR_AGAIN;
	}
	pflowi_say(
	    r->why, sizeof(r->why), "the session broke: %s", strerror(errno));
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
			/* A system that closes over unread octets resets
			 * instead (RFC 9293, 3.10.4; RFC 2525, 2.17). */
			r->in_order = true;
			pflowi_say(r->why, sizeof(r->why),
			    "the collector ended the session");
			return PFLOW_EOF;
		}
		pflowi_say(r->why, sizeof(r->why), "the session broke: %s",
		    strerror(errno));
		return PFLOW_ERR_CLOSED;
	}
	return PFLOW_OK;
}

static bool
acknowledged(const struct pflowi_session *s, uint64_t *octets)
{
	return pflowi_tcp_acknowledged(s, s->octets, octets);
}

/** close(2) sends what is left and FIN, unless octets from the peer wait:
 *  then it would reset (RFC 9293, 3.10.4) and what is left be lost. */
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
    .write = write_some,
    .read = read_some,
    .acknowledged = acknowledged,
    .stop = stop,
};

static void
tcp_close(struct pflow_transport *t)
{
	pflowi_session_fini((void *)t);
	free(t);
}

static const struct pflow_transport_ops ops = {
    .name = "tcp",
    .nature = PFLOW_TRANSPORT_STREAM,
    .open = pflowi_session_open,
    .send = pflowi_session_send,
    .service = pflowi_session_service,
    .want = pflowi_session_want,
    .counters = pflowi_session_counters,
    .error_text = pflowi_session_error_text,
    .close = tcp_close,
    .progress = pflowi_session_progress,
    .restart = pflowi_session_restart,
};

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct pflowi_session *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL) {
		pflowi_say(err, err_len, "tcp:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	rc = pflowi_session_init(
	    s, &ops, &layer, SOCK_STREAM, argument, "4739", cfg, err, err_len);
	if (rc != PFLOW_OK) {
		tcp_close(&s->base);
		return rc;
	}
	*out = &s->base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_tcp = {
    .name = "tcp",
    .argument = "HOST:PORT",
    .help = "a reliable stream (RFC 7011, 10.4)",
    .available = true,
    .nature = PFLOW_TRANSPORT_STREAM,
    .create = create,
};
