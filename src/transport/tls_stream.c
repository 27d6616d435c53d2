/* SPDX-License-Identifier: ISC */
/* tls: a stream of messages under TLS 1.2 or later (RFC 7011, 11). */
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "transport/tcp_stream.h"
#include "transport/tls.h"

/**
 * In TLS 1.3 a client is done before the server has seen its certificate. A
 * ticket says that it was accepted; servers that give none are believed after
 * this time.
 */
#define SETTLE_NS (UINT64_C(500) * PFLOWI_NS_PER_MS)

static struct pflowi_tls *
tls_of(struct pflowi_session *s)
{
	return (struct pflowi_tls *)s;
}

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	(void)now;
	pflowi_tcp_prepare(s);
	return pflowi_tls_start(tls_of(s), r);
}

/** Has a TLS 1.3 server taken our certificate? */
static int
settle(
    struct pflowi_tls *t, struct pflow_now now, struct pflowi_layer_result *r)
{
	int rc;

	if (t->settle_ns == PFLOW_NEVER)
		t->settle_ns = pflowi_time_add(now.mono_ns, SETTLE_NS);
	rc = pflowi_tls_read(t, r);
	if (rc == PFLOW_EOF)
		return PFLOW_ERR_CLOSED;
	if (rc == PFLOW_ERR_AGAIN && !t->ticket && now.mono_ns < t->settle_ns)
		return PFLOW_ERR_AGAIN;
	if (rc == PFLOW_ERR_AGAIN)
		rc = PFLOW_OK;
	t->settle_ns = PFLOW_NEVER;
	return rc;
}

static int
handshake(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct pflowi_tls *t = tls_of(s);
	int rc = pflowi_tls_handshake(t, r);

	if (rc != PFLOW_OK || SSL_version(t->ssl) < TLS1_3_VERSION)
		return rc;
	return settle(t, now, r);
}

/** A record a message: TLS gathers nothing. */
static int
write_some(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	struct pflowi_tls *t = tls_of(s);
	int n, rc;

	(void)count;
	ERR_clear_error();
	n = SSL_write(t->ssl, msgs[0].data + offset,
	    (int)(msgs[0].len - (uint32_t)offset));
	s->octets = t->wire;
	if (n > 0) {
		r->octets = (size_t)n;
		return PFLOW_OK;
	}
	rc = pflowi_tls_result(t, n, r);
	r->begun = rc == PFLOW_ERR_AGAIN;
	return rc == PFLOW_EOF ? PFLOW_ERR_CLOSED : rc;
}

static int
read_some(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	int rc = pflowi_tls_read(tls_of(s), r);
	char octet;

	(void)now;
	/* close_notify tells nothing of what was read; FIN behind it does. */
	if (rc == PFLOW_EOF)
		r->in_order = recv(s->conn.fd, &octet, 1, 0) == 0;
	return rc;
}

/** Records of the handshake are octets on the wire too. */
static bool
acknowledged(const struct pflowi_session *s, uint64_t *octets)
{
	const struct pflowi_tls *t = (const struct pflowi_tls *)s;

	return pflowi_tcp_acknowledged(s, t->wire, octets);
}

static void
stop(struct pflowi_session *s, bool polite)
{
	struct pflowi_tls *t = tls_of(s);
	struct pflowi_layer_result r = {.events = 0};

	if (polite) {
		ERR_clear_error();
		(void)SSL_shutdown(t->ssl);
		(void)shutdown(s->conn.fd, SHUT_WR);
		/* What is unread would turn the end into a reset. */
		(void)pflowi_tls_read(t, &r);
	}
	pflowi_tls_drop(t);
}

static uint64_t
deadline(const struct pflowi_session *s)
{
	return ((const struct pflowi_tls *)s)->settle_ns;
}

static const struct pflowi_layer layer = {
    .start = start,
    .handshake = handshake,
    .write = write_some,
    .read = read_some,
    .acknowledged = acknowledged,
    .stop = stop,
    .deadline = deadline,
};

static void
tls_close(struct pflow_transport *t)
{
	struct pflowi_tls *tls = (void *)t;

	pflowi_session_fini(&tls->s);
	pflowi_tls_fini(tls);
	free(tls);
}

static const struct pflow_transport_ops ops = {
    .name = "tls",
    .nature = PFLOW_TRANSPORT_STREAM,
    .open = pflowi_session_open,
    .send = pflowi_session_send,
    .service = pflowi_session_service,
    .want = pflowi_session_want,
    .counters = pflowi_session_counters,
    .error_text = pflowi_session_error_text,
    .close = tls_close,
    .progress = pflowi_session_progress,
    .restart = pflowi_session_restart,
};

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct pflowi_tls *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (t == NULL) {
		pflowi_say(err, err_len, "tls:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	rc = pflowi_session_init(&t->s, &ops, &layer, SOCK_STREAM, argument,
	    "4740", cfg, err, err_len);
	if (rc == PFLOW_OK)
		rc = pflowi_tls_init(
		    t, TLS_client_method(), TLS1_2_VERSION, cfg, err, err_len);
	if (rc != PFLOW_OK) {
		tls_close(&t->s.base);
		return rc;
	}
	*out = &t->s.base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_tls = {
    .name = "tls",
    .argument = "HOST:PORT",
    .help = "TLS over TCP (RFC 7011, 11)",
    .available = true,
    .nature = PFLOW_TRANSPORT_STREAM,
    .create = create,
};
