/* SPDX-License-Identifier: ISC */
/*
 * udp receive PORT... [ADDR/PORT...]
 *	datagrams to these ports of any address, one line each:
 *	wall-clock-ns  port  sender  hex
 *	and those to ADDR/PORT go back to where they came from.
 * udp send ADDR PORT
 *	one datagram, and wait a little for an answer.
 * udp now
 *	prints the wall clock in ns.
 *
 * Linked statically: it runs where there is nothing else.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SOCKETS_MAX 8

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_on(const char *word)
{
	struct sockaddr_in6 at;
	const char *port = strchr(word, '/');
	char addr[INET6_ADDRSTRLEN] = "::";
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), room = 1 << 20, off = 0;

	if (port != NULL && (size_t)(port - word) + 8 < sizeof(addr))
		snprintf(addr, sizeof(addr), "::ffff:%.*s", (int)(port - word),
		    word);
	memset(&at, 0, sizeof(at));
	at.sin6_family = AF_INET6;
	at.sin6_port = htons((uint16_t)atoi(port == NULL ? word : port + 1));
	if (fd < 0 || inet_pton(AF_INET6, addr, &at.sin6_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) != 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		fail(word);
	return fd;
}

static void
print_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	printf("%lld%09ld", (long long)ts.tv_sec, ts.tv_nsec);
}

static void
take(int fd, const char *word)
{
	static unsigned char buf[65536];
	struct sockaddr_in6 from;
	socklen_t from_len = sizeof(from);
	char addr[INET6_ADDRSTRLEN];
	ssize_t i, n = recvfrom(fd, buf, sizeof(buf), 0,
	    (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return;
	if (strchr(word, '/') != NULL) {
		(void)sendto(fd, buf, (size_t)n, 0,
		    (const struct sockaddr *)&from, from_len);
		return;
	}
	print_clock();
	inet_ntop(AF_INET6, &from.sin6_addr, addr, sizeof(addr));
	printf(" %s %s ", word, addr);
	for (i = 0; i < n; i++)
		printf("%02x", buf[i]);
	printf("\n");
	fflush(stdout);
}

static _Noreturn void
receive(char **words, int n)
{
	struct pollfd fds[SOCKETS_MAX];
	int i;

	for (i = 0; i < n; i++) {
		fds[i].fd = listen_on(words[i]);
		fds[i].events = POLLIN;
	}
	for (;;) {
		if (poll(fds, (nfds_t)n, -1) < 0)
			continue;
		for (i = 0; i < n; i++) {
			if (fds[i].revents != 0)
				take(fds[i].fd, words[i]);
		}
	}
}

static int
send_one(const char *addr, const char *port)
{
	struct sockaddr_in to;
	struct pollfd answer = { socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0 };
	char text[64] = "question";

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)atoi(port));
	if (answer.fd < 0 || inet_pton(AF_INET, addr, &to.sin_addr) != 1 ||
	    connect(answer.fd, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
	    send(answer.fd, text, sizeof(text), 0) < 0)
		fail(addr);
	if (poll(&answer, 1, 500) == 1 &&
	    recv(answer.fd, text, sizeof(text), 0) > 0)
		return 0;
	return 1;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "now") == 0) {
		print_clock();
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "send") == 0)
		return send_one(argv[2], argv[3]);
	if (argc >= 3 && argc - 2 <= SOCKETS_MAX &&
	    strcmp(argv[1], "receive") == 0)
		receive(argv + 2, argc - 2);
	fprintf(stderr, "usage: udp receive port ... | send address port | now\n");
	return 2;
}
