/* SPDX-License-Identifier: ISC */
/*
 * Each question brings the descriptor that its answer goes to: any number of
 * threads ask, none waits for another, and no number has to be kept.
 */
#include "programs/pflowd/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/pflowd/channel.h"

/** Questions under way at once. */
#define THREADS_MAX 64

/** Longer than any resolver tries. */
#define ANSWER_MS 120000

struct question {
	atomic_int *running;
	int fd; /**< owned */
	uint8_t version;
	char host[256];
};

static void
send_unknown(int fd, const char *host, const char *why)
{
	char text[512];
	struct pflowd_message m;

	(void)snprintf(text, sizeof(text), "%s does not resolve: %s", host,
	    why);
	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_HOST_UNKNOWN;
	m.rest = (const uint8_t *)text;
	m.rest_len = strlen(text);
	(void)pflowd_channel_send(fd, &m, -1);
}

static size_t
convert(const struct addrinfo *ai, struct pflow_address *out)
{
	size_t count = 0;

	for (; ai != NULL && count < PFLOWD_ADDRESSES_MAX; ai = ai->ai_next) {
		struct pflow_address *a = &out[count];

		memset(a, 0, sizeof(*a));
		if (ai->ai_family == AF_INET6) {
			struct sockaddr_in6 sin6;

			memcpy(&sin6, ai->ai_addr, sizeof(sin6));
			a->version = 6;
			memcpy(a->octets, &sin6.sin6_addr, 16);
			a->scope = sin6.sin6_scope_id;
			count++;
		} else if (ai->ai_family == AF_INET) {
			struct sockaddr_in sin;

			memcpy(&sin, ai->ai_addr, sizeof(sin));
			a->version = 4;
			memcpy(a->octets, &sin.sin_addr, 4);
			count++;
		}
	}
	return count;
}

static void
answer(const struct question *q)
{
	uint8_t octets[PFLOWD_ADDRESSES_MAX * PFLOWD_ADDRESS_OCTETS];
	struct pflow_address found[PFLOWD_ADDRESSES_MAX];
	struct addrinfo hints, *res;
	struct pflowd_message m;
	size_t count;
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = q->version == 4 ? AF_INET : q->version == 6
	    ? AF_INET6 : AF_UNSPEC;
	hints.ai_socktype = SOCK_DGRAM;
	rc = getaddrinfo(q->host, NULL, &hints, &res);
	if (rc != 0) {
		send_unknown(q->fd, q->host, gai_strerror(rc));
		return;
	}
	count = convert(res, found);
	freeaddrinfo(res);
	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_HOST_FOUND;
	m.rest = octets;
	m.rest_len = pflowd_addresses_put(found, count, octets);
	if (count == 0)
		send_unknown(q->fd, q->host, "it has no IP address");
	else
		(void)pflowd_channel_send(q->fd, &m, -1);
}

static void *
thread_main(void *arg)
{
	struct question *q = arg;

	answer(q);
	(void)close(q->fd);
	(void)atomic_fetch_sub(q->running, 1);
	free(q);
	return NULL;
}

/** @param fd  taken over */
static void
take_question(const struct pflowd_message *m, int fd, atomic_int *running)
{
	struct question *q = calloc(1, sizeof(*q));
	pthread_t thread;

	if (q != NULL && pflowd_message_text(m, q->host, sizeof(q->host)) &&
	    atomic_load(running) < THREADS_MAX) {
		q->running = running;
		q->fd = fd;
		q->version = m->flags;
		(void)atomic_fetch_add(running, 1);
		if (pthread_create(&thread, NULL, thread_main, q) == 0) {
			(void)pthread_detach(thread);
			return;
		}
		(void)atomic_fetch_sub(running, 1);
	}
	free(q);
	send_unknown(fd, "it", "too many names are asked for");
	(void)close(fd);
}

void
pflowd_lookup_serve(int channel)
{
	static uint8_t buf[PFLOWD_MESSAGE_MAX + 1];
	static atomic_int running;
	struct pflowd_message m;
	int fd;

	while (pflowd_channel_receive(channel, buf, &m, &fd) == PFLOW_OK) {
		if (m.kind == PFLOWD_ASK_HOST)
			take_question(&m, fd, &running);
		else if (fd != -1)
			(void)close(fd);
	}
}

/** @return how many; 0: err says why */
static size_t
take_answer(int fd, struct pflow_address *out, size_t max, char *err,
    size_t err_len)
{
	uint8_t *buf = malloc(PFLOWD_MESSAGE_MAX + 1);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct pflowd_message m;
	size_t count = 0;
	int passed = -1;

	(void)snprintf(err, err_len, "the resolver does not answer");
	if (buf == NULL || poll(&pfd, 1, ANSWER_MS) != 1 ||
	    pflowd_channel_receive(fd, buf, &m, &passed) != PFLOW_OK) {
		free(buf);
		return 0;
	}
	if (m.kind == PFLOWD_HOST_FOUND)
		count = pflowd_addresses_get(m.rest, m.rest_len, out, max);
	else if (m.kind == PFLOWD_HOST_UNKNOWN)
		(void)pflowd_message_text(&m, err, err_len);
	if (passed != -1)
		(void)close(passed);
	free(buf);
	return count;
}

size_t
pflowd_lookup_ask(void *arg, const char *host, unsigned version,
    struct pflow_address *out, size_t max, char *err, size_t err_len)
{
	const int *channel = arg;
	struct pflowd_message m;
	size_t count = 0;
	int fds[2], rc;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_ASK_HOST;
	m.flags = (uint8_t)version;
	m.rest = (const uint8_t *)host;
	m.rest_len = strlen(host);
	if (!pflowd_channel_pair(fds)) {
		(void)snprintf(err, err_len, "%s: %s", host, strerror(errno));
		return 0;
	}
	rc = pflowd_channel_send(*channel, &m, fds[1]);
	(void)close(fds[1]);
	if (rc == PFLOW_OK)
		count = take_answer(fds[0], out, max, err, err_len);
	else
		(void)snprintf(err, err_len, "%s: the resolver is gone",
		    host);
	(void)close(fds[0]);
	return count;
}
