/* SPDX-License-Identifier: ISC */
#include "pf_fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The prototypes that the renamed system headers declare. */
int fake_open(const char *path, int flags, ...);
int fake_close(int fd);
int fake_ioctl(int fd, unsigned long command, ...);
int fake_socket(int domain, int type, int protocol);
ssize_t fake_send(int fd, const void *buf, size_t len, int flags);
ssize_t fake_recv(int fd, void *buf, size_t len, int flags);
ssize_t fake_recvmsg(int fd, struct msghdr *m, int flags);

#define DEV 1001
#define NETLINK 1002
#define FAMILY 0x42

struct pf_fake pf_fake;

/** Datagrams that wait to be received. */
static struct gen_buf queue[64];
static unsigned queued, taken;

void
pf_fake_reset(void)
{
	while (queued > 0)
		gen_free(&queue[--queued]);
	taken = 0;
	memset(&pf_fake, 0, sizeof(pf_fake));
	pf_fake.layout = GEN_OPENBSD;
	pf_fake.per_datagram = 7;
}

void
pf_fake_state(unsigned n, struct gen_state *st)
{
	*st = gen_example[n % gen_example_count].st;
	st->id += (uint64_t)n << 8;
}

int
fake_open(const char *path, int flags, ...)
{
	(void)flags;
	if (strcmp(path, "/dev/pf") != 0)
		abort();
	errno = pf_fake.open_errno;
	if (pf_fake.open_errno != 0)
		return -1;
	pf_fake.opens++;
	return DEV;
}

int
fake_close(int fd)
{
	if (fd != DEV && fd != NETLINK)
		abort();
	pf_fake.closes++;
	return 0;
}

/** The table as an array, as much of it as fits; octets wanted or filled. */
static size_t
fill(void *buf, size_t room)
{
	size_t size = gen_state_size(pf_fake.layout), wanted, fits, i;
	struct gen_buf b = { NULL, 0, 0 };

	wanted = pf_fake.states * size;
	if (room > pf_fake.largest)
		pf_fake.largest = room;
	if (room == 0)
		return wanted;
	fits = room / size;
	if (fits >= pf_fake.states)
		fits = pf_fake.states;
	else if (fits * size > pf_fake.row)
		fits -= pf_fake.row / size; /* a row is left out whole */
	for (i = 0; i < fits; i++) {
		struct gen_state st;

		pf_fake_state((unsigned)i, &st);
		gen_state(&b, pf_fake.layout, &st);
	}
	if (b.len > 0)
		memcpy(buf, b.p, b.len);
	wanted = b.len;
	gen_free(&b);
	return wanted;
}

/* The three requests, as the kernels declare them. */
struct openbsd_states {
	size_t len;
	void *buf;
};
struct freebsd_states {
	int len;
	void *buf;
};
struct freebsd_states_v2 {
	int len;
	uint64_t version;
	void *buf;
};

int
fake_ioctl(int fd, unsigned long command, ...)
{
	va_list ap;
	void *arg;

	if (fd != DEV)
		abort();
	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	pf_fake.requests++;
	pf_fake.command = command;
	pf_fake.states += pf_fake.growth;
	if ((command & 0xff) == 93) {
		struct freebsd_states_v2 *req = arg;

		errno = pf_fake.ioctl_v2_errno;
		if (errno != 0)
			return -1;
		if (req->version != 20230404)
			abort();
		req->len = (int)fill(req->buf, (size_t)req->len);
		return 0;
	}
	errno = pf_fake.ioctl_errno;
	if (errno != 0)
		return -1;
	if (pf_fake.layout == GEN_OPENBSD) {
		struct openbsd_states *req = arg;

		req->len = fill(req->buf, req->len);
	} else {
		struct freebsd_states *req = arg;

		req->len = (int)fill(req->buf, (size_t)req->len);
	}
	return 0;
}

/* Netlink. */

int
fake_socket(int domain, int type, int protocol)
{
	(void)type;
	if (domain != 38 || protocol != 16)
		abort();
	errno = pf_fake.socket_errno;
	if (errno != 0)
		return -1;
	pf_fake.opens++;
	return NETLINK;
}

/** Begin a message; the place of its length is returned. */
static size_t
message(struct gen_buf *b, uint16_t type, uint16_t flags, uint32_t sequence)
{
	static const uint8_t zero[8];
	size_t at = b->len;

	gen_bytes(b, zero, 4);
	gen_bytes(b, &type, 2);
	gen_bytes(b, &flags, 2);
	gen_bytes(b, &sequence, 4);
	gen_bytes(b, zero, 4);
	return at;
}

static void
end_message(struct gen_buf *b, size_t at)
{
	uint32_t len = (uint32_t)(b->len - at);
	static const uint8_t zero[4];

	memcpy(b->p + at, &len, 4);
	gen_bytes(b, zero, (4 - len % 4) % 4);
}

static struct gen_buf *
datagram(void)
{
	if (queued == sizeof(queue) / sizeof(queue[0]))
		abort();
	return &queue[queued++];
}

static void
answer_status(uint16_t type, uint32_t sequence, int error)
{
	struct gen_buf *b = datagram();
	size_t at = message(b, type, 0, sequence);

	gen_bytes(b, &error, sizeof(error));
	end_message(b, at);
}

static void
answer_family(uint32_t sequence)
{
	static const uint8_t attr[] = { 1, 2, 0, 0 };
	uint16_t head[2] = { 6, 1 }, family = FAMILY, pad = 0;
	struct gen_buf *b;
	size_t at;

	if (pf_fake.family_errno != 0) {
		answer_status(2, sequence, pf_fake.family_errno);
		return;
	}
	b = datagram();
	at = message(b, 16, 0, sequence);
	gen_bytes(b, attr, 4);
	gen_bytes(b, head, 4);
	gen_bytes(b, &family, 2);
	gen_bytes(b, &pad, 2);
	end_message(b, at);
	answer_status(2, sequence, 0);
}

static void
answer_states(uint32_t sequence)
{
	static const uint8_t generic[4] = { 1, 1, 0, 0 };
	struct gen_buf *b = NULL;
	unsigned i;

	if (pf_fake.acknowledge)
		answer_status(2, sequence, 0);
	for (i = 0; i < pf_fake.states; i++) {
		struct gen_state st;
		size_t at;

		if (i % pf_fake.per_datagram == 0)
			b = datagram();
		at = message(b, FAMILY, pf_fake.interrupted ? 0x12 : 2, sequence);
		gen_bytes(b, generic, 4);
		pf_fake_state(i, &st);
		gen_netlink(b, &st, gen_is_big());
		end_message(b, at);
	}
	answer_status(3, sequence, pf_fake.dump_errno);
}

ssize_t
fake_send(int fd, const void *buf, size_t len, int flags)
{
	uint32_t size, sequence;
	uint16_t type;

	(void)flags;
	if (fd != NETLINK || len < 20)
		abort();
	memcpy(&size, buf, 4);
	memcpy(&type, (const uint8_t *)buf + 4, 2);
	memcpy(&sequence, (const uint8_t *)buf + 8, 4);
	if (size != len)
		abort();
	pf_fake.requests++;
	pf_fake.states += pf_fake.growth;
	if (type == 16)
		answer_family(sequence);
	else if (type == FAMILY)
		answer_states(sequence);
	else
		abort();
	return (ssize_t)len;
}

ssize_t
fake_recvmsg(int fd, struct msghdr *m, int flags)
{
	size_t room = m->msg_iov[0].iov_len, len;

	if (fd != NETLINK || flags != MSG_PEEK)
		abort();
	errno = EAGAIN;
	if (taken == queued)
		return -1;
	errno = pf_fake.receive_errno;
	if (pf_fake.receives > 3 && pf_fake.receive_errno != 0)
		return -1;
	len = queue[taken].len;
	if (room > pf_fake.largest)
		pf_fake.largest = room;
	m->msg_flags = len > room ? MSG_TRUNC : 0;
	if (len > room)
		len = room;
	memcpy(m->msg_iov[0].iov_base, queue[taken].p, len);
	return (ssize_t)len;
}

ssize_t
fake_recv(int fd, void *buf, size_t len, int flags)
{
	size_t n = queue[taken].len;

	if (fd != NETLINK || flags != 0 || taken == queued || n > len)
		abort();
	memcpy(buf, queue[taken].p, n);
	taken++;
	pf_fake.receives++;
	return (ssize_t)n;
}
