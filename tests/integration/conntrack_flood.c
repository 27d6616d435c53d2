/* SPDX-License-Identifier: ISC */
/*
 * Short TCP connections to itself over loopback, for the integration tests:
 *
 *   conntrack_flood RATE SECONDS
 *
 * Each is opened, accepted, and ended by a reset.  Prints how many were made
 * and how many milliseconds that took.  Destinations go round in 127/8 so
 * that no two of a run have the same addresses and ports.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "conntrack_flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int
listener(uint16_t *port)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		die("listening");
	*port = sin.sin_port;
	return fd;
}

/** Over loopback a connection is there when connect() returns. */
static void
connect_once(int lfd, uint16_t port, uint32_t n)
{
	struct linger reset = { 1, 0 };
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = port;
	sin.sin_addr.s_addr = htonl(0x7f000001u + n % 0xfffff0u);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0)
		die("connecting");
	peer = accept(lfd, NULL, NULL);
	if (peer < 0)
		die("accepting");
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) != 0)
		die("SO_LINGER");
	close(fd);
	close(peer);
}

int
main(int argc, char **argv)
{
	uint64_t rate, wanted, begin, n;
	uint16_t port;
	int lfd;

	if (argc != 3) {
		fprintf(stderr, "usage: conntrack_flood rate seconds\n");
		return 2;
	}
	rate = strtoull(argv[1], NULL, 10);
	wanted = rate * strtoull(argv[2], NULL, 10);
	lfd = listener(&port);
	begin = now_ns();
	for (n = 0; n < wanted; n++) {
		/* Not ahead of the rate; behind it, no pause. */
		while ((now_ns() - begin) * rate < n * UINT64_C(1000000000)) {
			struct timespec pause = { 0, 200000 };

			nanosleep(&pause, NULL);
		}
		connect_once(lfd, port, (uint32_t)n);
	}
	printf("%llu %llu\n", (unsigned long long)n,
	    (unsigned long long)((now_ns() - begin) / 1000000));
	return 0;
}
