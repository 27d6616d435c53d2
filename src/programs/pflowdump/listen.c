/* SPDX-License-Identifier: ISC */
/* Datagrams from exporters. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/time.h"
#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/common/stop.h"
#include "programs/pflowdump/dump.h"
#include "programs/pflowdump/socket_buffer.h"

/** Largest payload of a datagram, jumbograms apart. */
#define DATAGRAM_MAX 65535

/** Datagrams between two looks at signals and the output. */
#define TURN 256

/** Turns after a signal: more than any socket holds. */
#define REST_TURNS 256

/** Exporters send in bursts; a second of 10,000 datagrams. */
#define SOCKET_BUFFER (16 << 20)

static int
open_one(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
	int off = 0, saved;

	if (fd == -1)
		return -1;
	/* [::] takes IPv4 too, whatever the system's default. */
	if (ai->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
		    sizeof(off));
	pflowdump_socket_buffer(fd, SOCKET_BUFFER);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/** Bind to the first address of the name that can be. */
static int
open_socket(const struct pflowi_dest *at, const char *word)
{
	struct addrinfo hints, *list, *ai;
	char port[8];
	int fd = -1, rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	(void)snprintf(port, sizeof(port), "%u", at->port);
	rc = getaddrinfo(at->host, port, &hints, &list);
	if (rc != 0) {
		pflowi_note("%s: %s", word, gai_strerror(rc));
		return -1;
	}
	errno = EADDRNOTAVAIL;
	for (ai = list; ai != NULL && fd == -1; ai = ai->ai_next)
		fd = open_one(ai);
	if (fd == -1)
		pflowi_note("%s: cannot listen: %s", word, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

/** One end of a session; IPv4 in IPv6 (RFC 4291, 2.5.5.2) is IPv4. */
static void
take_address(struct pflowdump_ends *ends, unsigned side,
    const struct sockaddr_storage *sa)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (sa->ss_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		memcpy(ends->addr[side], &sin.sin_addr, 4);
		ends->port[side] = ntohs(sin.sin_port);
		ends->af = PFLOW_AF_IPV4;
		return;
	}
	memcpy(&sin6, sa, sizeof(sin6));
	ends->port[side] = ntohs(sin6.sin6_port);
	if (memcmp(&sin6.sin6_addr, mapped, sizeof(mapped)) == 0) {
		memcpy(ends->addr[side], sin6.sin6_addr.s6_addr + 12, 4);
		ends->af = PFLOW_AF_IPV4;
	} else {
		memcpy(ends->addr[side], &sin6.sin6_addr, 16);
		ends->af = PFLOW_AF_IPV6;
	}
}

/** Scripts wait for this line: it names the port that was really bound. */
static void
tell_listening(const struct pflowdump *d, int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct pflowdump_ends ends;
	char text[PFLOWDUMP_PEER_TEXT];

	memset(&sa, 0, sizeof(sa));
	memset(&ends, 0, sizeof(ends));
	if (d->quiet || getsockname(fd, (struct sockaddr *)&sa, &len) == -1)
		return;
	take_address(&ends, 0, &sa);
	pflowdump_address_text(text, sizeof(text), ends.af, ends.addr[0],
	    ends.port[0]);
	pflowi_note("listening on udp:%s", text);
}

/**
 * Take what the socket has.
 *
 * @return how many datagrams; -1: none now; -2: the socket failed
 */
static int
receive(struct pflowdump *d, int fd, uint8_t *buf)
{
	int taken;

	for (taken = 0; taken < TURN && !d->done; taken++) {
		struct sockaddr_storage sa;
		struct pflowdump_ends ends;
		socklen_t sa_len = sizeof(sa);
		ssize_t len = recvfrom(fd, buf, DATAGRAM_MAX, MSG_DONTWAIT,
		    (struct sockaddr *)&sa, &sa_len);

		if (len == -1 && errno == EINTR)
			continue;
		if (len == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return taken == 0 ? -1 : taken;
		if (len == -1) {
			pflowi_note("receiving: %s", strerror(errno));
			return -2;
		}
		memset(&ends, 0, sizeof(ends));
		take_address(&ends, 0, &sa);
		(void)pflowdump_message(d, &ends, buf, (size_t)len);
	}
	return taken;
}

static int
wait_ms(const struct pflowdump *d, uint64_t heard_ns, uint64_t now_ns)
{
	uint64_t due = pflowi_time_add(heard_ns, d->idle_ns);
	uint64_t ms;

	if (due == PFLOW_NEVER)
		return -1;
	ms = (pflowi_time_sub(due, now_ns) + PFLOWI_NS_PER_MS - 1) /
	    PFLOWI_NS_PER_MS;
	return (int)pflowi_min_u64(ms, INT32_MAX);
}

static int
loop(struct pflowdump *d, int fd, uint8_t *buf)
{
	uint64_t heard_ns = pflowi_clock().mono_ns;

	while (!d->done && !pflowi_stop_wanted()) {
		struct pollfd fds[2] = { { fd, POLLIN, 0 },
			{ pflowi_stop_fd(), POLLIN, 0 } };
		uint64_t now_ns;
		int taken = receive(d, fd, buf);

		if (taken == -2)
			return PFLOWI_EXIT_FAILED;
		now_ns = pflowi_clock().mono_ns;
		if (taken >= 0) {
			heard_ns = now_ns;
			if (taken == TURN)
				continue;
		}
		if (fflush(d->writer.out) != 0)
			break;
		if (pflowi_time_sub(now_ns, heard_ns) >= d->idle_ns)
			break;
		(void)poll(fds, 2, wait_ms(d, heard_ns, now_ns));
	}
	return PFLOWI_EXIT_OK;
}

/** What arrived before the signal is still taken, as much as can wait. */
static void
take_rest(struct pflowdump *d, int fd, uint8_t *buf)
{
	unsigned turns;

	for (turns = 0; turns < REST_TURNS; turns++)
		if (receive(d, fd, buf) != TURN)
			return;
}

int
pflowdump_listen(struct pflowdump *d, const struct pflowi_dest *at)
{
	static uint8_t buf[DATAGRAM_MAX];
	char word[PFLOWI_DEST_LEN];
	int code, fd;

	pflowi_dest_print(word, sizeof(word), at);
	fd = open_socket(at, word);
	if (fd == -1)
		return PFLOWI_EXIT_FAILED;
	tell_listening(d, fd);
	code = loop(d, fd, buf);
	if (code == PFLOWI_EXIT_OK)
		take_rest(d, fd, buf);
	(void)close(fd);
	return code;
}
