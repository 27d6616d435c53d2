/* SPDX-License-Identifier: ISC */
/*
 * OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; this
 * one does not, and it knows how many octets went out and why not. Datagrams
 * that the system refuses are dropped, as the road may drop any.
 */
#include <errno.h>
#include <sys/socket.h>

#include "transport/tls.h"

static bool
is_again(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
	    error == ENOBUFS;
}

static int
bio_write(BIO *bio, const char *data, int len)
{
	struct pflowi_tls *t = BIO_get_data(bio);
	ssize_t n;

	BIO_clear_retry_flags(bio);
	n = send(t->s.conn.fd, data, (size_t)len, MSG_NOSIGNAL);
	if (n >= 0) {
		t->wire += (uint64_t)n;
		return (int)n;
	}
	if (is_again(errno)) {
		BIO_set_retry_write(bio);
		return -1;
	}
	t->bio_error = errno;
	return t->datagram ? len : -1;
}

static int
bio_read(BIO *bio, char *data, int len)
{
	struct pflowi_tls *t = BIO_get_data(bio);
	ssize_t n;

	BIO_clear_retry_flags(bio);
	n = recv(t->s.conn.fd, data, (size_t)len, 0);
	if (n > 0)
		return (int)n;
	if (n == 0 && !t->datagram) {
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
		return 0;
	}
	if (n == -1 && !is_again(errno))
		t->bio_error = errno;
	if (t->datagram || (n == -1 && is_again(errno)))
		BIO_set_retry_read(bio);
	return -1;
}

/** DTLS asks some: it gets what it needs to know nothing of sockets. */
static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP:
		return 1;
	case BIO_CTRL_EOF:
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	default:
		return 0;
	}
}

static int
bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *
pflowi_tls_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "pflow socket");

	if (m == NULL || BIO_meth_set_write(m, bio_write) != 1 ||
	    BIO_meth_set_read(m, bio_read) != 1 ||
	    BIO_meth_set_ctrl(m, bio_ctrl) != 1 ||
	    BIO_meth_set_create(m, bio_create) != 1) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}
