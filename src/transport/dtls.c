/* SPDX-License-Identifier: ISC */
/*
 * dtls: one message a record, one record a datagram, under DTLS 1.2 (RFC
 * 7011, 11). Retransmission is timed by OpenSSL's own clock; want() tells
 * when it is due.
 *
 * A collector that lost its memory throws our records away in silence, and
 * DTLS does not tell: a session is renewed after a while.
 */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "transport/net.h"
#include "transport/tls.h"

/** DTLS 1.2 with AES-GCM: header 13, explicit nonce 8, tag 16 (RFC 6347,
 *  4.1; RFC 5288, 3); with ChaCha20 it is 8 less. */
#define RECORD_OVERHEAD 37u
/** RFC 6347, 4.1: the most that a record holds. */
#define RECORD_MAX 16384u
/** The life of a session, if peer_timeout_ns does not say. */
#define RENEW_NS (UINT64_C(600) * PFLOWI_NS_PER_SEC)

/** All counters beyond those of a session: D(name, "help", kind). */
#define DTLS_COUNTERS(D)                                                       \
	D(refused_datagrams, "answered with port unreachable", INFO)           \
	D(too_large_messages, "given up: larger than the path takes", INFO)    \
	D(failed_messages, "given up: any other error", INFO)                  \
	D(too_large_records, "Data Records: larger than the path takes", DROP) \
	D(failed_records, "Data Records: any other error", DROP)

struct dtls {
	struct pflowi_tls tls; /**< first */
	uint32_t mtu;
	uint64_t life_ns;
	struct {
#define MEMBER(name, help, kind) uint64_t name;
		DTLS_COUNTERS(MEMBER)
#undef MEMBER
	} n;
};

static struct dtls *
dtls_of(struct pflowi_session *s)
{
	return (struct dtls *)s;
}

static void
set_overhead(struct dtls *d, int family)
{
	struct pflow_transport *t = &d->tls.s.base;

	t->overhead = pflowi_udp_overhead(family) + RECORD_OVERHEAD;
	t->message_limit = d->mtu > RECORD_MAX + t->overhead ? RECORD_MAX : 0;
}

/** What the path takes, as far as the system knows. */
static void
learn_mtu(struct dtls *d)
{
	struct pflow_transport *t = &d->tls.s.base;
	uint32_t path = pflowi_net_path_mtu(
	    d->tls.s.conn.fd, d->tls.s.conn.at.sa.ss_family);

	if (path <= t->overhead || path >= d->mtu)
		return;
	t->message_limit =
	    path - t->overhead < RECORD_MAX ? path - t->overhead : RECORD_MAX;
}

/** When OpenSSL wants to send its last flight again. */
static void
set_timer(struct pflowi_tls *t, struct pflow_now now)
{
	struct timeval left;

	t->timer_ns = PFLOW_NEVER;
	if (DTLSv1_get_timeout(t->ssl, &left) == 1)
		t->timer_ns = pflowi_time_add(now.mono_ns,
		    (uint64_t)left.tv_sec * PFLOWI_NS_PER_SEC +
			(uint64_t)left.tv_usec * 1000u);
}

static int
start(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct dtls *d = dtls_of(s);
	int family = s->conn.at.sa.ss_family;
	int rc = pflowi_tls_start(&d->tls, r);

	(void)now;
	if (rc != PFLOW_OK)
		return rc;
	set_overhead(d, family);
	learn_mtu(d);
	/* Handshake messages are fragmented to fit; nobody asks the BIO. */
	SSL_set_options(d->tls.ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(d->tls.ssl, (long)(d->mtu - pflowi_udp_overhead(family)));
	return PFLOW_OK;
}

/** An error of the socket while nothing else is wrong. */
static int
socket_error(struct dtls *d, struct pflowi_layer_result *r)
{
	int error = d->tls.bio_error;

	d->tls.bio_error = 0;
	if (error == ECONNREFUSED) {
		d->n.refused_datagrams++;
		pflowi_say(r->why, sizeof(r->why),
		    "nobody listens there (port unreachable)");
		return PFLOW_ERR_CLOSED;
	}
	if (error == EMSGSIZE)
		learn_mtu(d);
	return PFLOW_OK;
}

static int
handshake(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct dtls *d = dtls_of(s);
	int rc;

	if (now.mono_ns >= d->tls.timer_ns)
		(void)DTLSv1_handle_timeout(d->tls.ssl);
	rc = pflowi_tls_handshake(&d->tls, r);
	if (rc == PFLOW_OK) {
		d->tls.renew_ns = pflowi_time_add(now.mono_ns, d->life_ns);
		d->tls.bio_error = 0;
	} else if (rc == PFLOW_ERR_AGAIN && d->tls.bio_error != 0 &&
	    socket_error(d, r) != PFLOW_OK)
		return PFLOW_ERR_CLOSED;
	set_timer(&d->tls, now);
	return rc;
}

/** A message that can not go: it is gone, and counted. */
static int
lose(struct dtls *d, const struct pflow_message *msg, int error,
    struct pflowi_layer_result *r)
{
	struct pflow_transport *t = &d->tls.s.base;

	if (error == EMSGSIZE) {
		d->n.too_large_messages++;
		d->n.too_large_records += msg->records;
		learn_mtu(d);
	} else {
		d->n.failed_messages++;
		d->n.failed_records += msg->records;
	}
	pflowi_say(d->tls.s.conn.error, sizeof(d->tls.s.conn.error),
	    "%s: a message of %u octets is lost: %s", d->tls.s.conn.peer.name,
	    (unsigned)msg->len, strerror(error));
	t->refreshes++;
	r->lost = true;
	r->octets = msg->len;
	return PFLOW_OK;
}

static int
write_one(struct pflowi_session *s, const struct pflow_message *msgs,
    size_t count, size_t offset, struct pflowi_layer_result *r)
{
	struct dtls *d = dtls_of(s);
	int n, rc, error;

	(void)count;
	(void)offset; /* never in part */
	if (msgs[0].len > RECORD_MAX)
		return lose(d, msgs, EMSGSIZE, r);
	ERR_clear_error();
	d->tls.bio_error = 0;
	n = SSL_write(d->tls.ssl, msgs[0].data, (int)msgs[0].len);
	if (n <= 0) {
		rc = pflowi_tls_result(&d->tls, n, r);
		return rc == PFLOW_EOF ? PFLOW_ERR_CLOSED : rc;
	}
	error = d->tls.bio_error;
	if (socket_error(d, r) != PFLOW_OK)
		return PFLOW_ERR_CLOSED;
	if (error != 0)
		return lose(d, msgs, error, r);
	r->octets = msgs[0].len;
	return PFLOW_OK;
}

static int
read_some(struct pflowi_session *s, struct pflow_now now,
    struct pflowi_layer_result *r)
{
	struct dtls *d = dtls_of(s);
	int rc;

	if (now.mono_ns >= d->tls.timer_ns)
		(void)DTLSv1_handle_timeout(d->tls.ssl);
	rc = pflowi_tls_read(&d->tls, r);
	if ((rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN) &&
	    d->tls.bio_error != 0 && socket_error(d, r) != PFLOW_OK)
		return PFLOW_ERR_CLOSED;
	if (rc == PFLOW_ERR_AGAIN && now.mono_ns >= d->tls.renew_ns) {
		(void)SSL_shutdown(d->tls.ssl);
		r->renew = true;
		pflowi_say(r->why, sizeof(r->why), "the session is renewed");
		return PFLOW_EOF;
	}
	set_timer(&d->tls, now);
	return rc;
}

static void
stop(struct pflowi_session *s, bool polite)
{
	struct pflowi_tls *t = &dtls_of(s)->tls;

	if (polite) {
		ERR_clear_error();
		(void)SSL_shutdown(t->ssl);
	}
	pflowi_tls_drop(t);
}

static uint64_t
deadline(const struct pflowi_session *s)
{
	const struct pflowi_tls *t = (const struct pflowi_tls *)s;

	return pflowi_min_u64(t->timer_ns, t->renew_ns);
}

static const struct pflowi_layer layer = {
    .start = start,
    .handshake = handshake,
    .write = write_one,
    .read = read_some,
    .stop = stop,
    .deadline = deadline,
};

static void
dtls_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct dtls *d = (const void *)t;

	pflowi_session_counters(t, fn, arg);
#define TELL(name, help, kind) \
	pflowi_tell(fn, arg, #name, help, d->n.name, PFLOW_COUNTER_##kind);
	DTLS_COUNTERS(TELL)
#undef TELL
}

static void
dtls_close(struct pflow_transport *t)
{
	struct dtls *d = (void *)t;

	pflowi_session_fini(&d->tls.s);
	pflowi_tls_fini(&d->tls);
	free(d);
}

static const struct pflow_transport_ops ops = {
    .name = "dtls",
    .nature = PFLOW_TRANSPORT_DATAGRAM,
    .open = pflowi_session_open,
    .send = pflowi_session_send,
    .service = pflowi_session_service,
    .want = pflowi_session_want,
    .counters = dtls_counters,
    .error_text = pflowi_session_error_text,
    .close = dtls_close,
    .progress = pflowi_session_progress,
    .restart = pflowi_session_restart,
};

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct dtls *d = calloc(1, sizeof(*d));
	int rc;

	*out = NULL;
	if (d == NULL) {
		pflowi_say(err, err_len, "dtls:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	d->mtu = cfg->mtu;
	d->life_ns =
	    cfg->peer_timeout_ns == 0 ? RENEW_NS : cfg->peer_timeout_ns;
	d->tls.datagram = true;
	rc = pflowi_session_init(&d->tls.s, &ops, &layer, SOCK_DGRAM, argument,
	    "4740", cfg, err, err_len);
	if (rc == PFLOW_OK)
		rc = pflowi_tls_init(&d->tls, DTLS_client_method(),
		    DTLS1_2_VERSION, cfg, err, err_len);
	if (rc != PFLOW_OK) {
		dtls_close(&d->tls.s.base);
		return rc;
	}
	set_overhead(d, pflowi_peer_family(&d->tls.s.conn.peer));
	*out = &d->tls.s.base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_dtls = {
    .name = "dtls",
    .argument = "HOST:PORT",
    .help = "DTLS over UDP, may be lost (RFC 7011, 11)",
    .available = true,
    .nature = PFLOW_TRANSPORT_DATAGRAM,
    .create = create,
};
