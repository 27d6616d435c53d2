/* SPDX-License-Identifier: ISC */
/*
 * Datagrams of 1,400 octets a second on loopback: the udp: transport against
 * bare loops of sendto(2), sendmmsg(2) and segmentation offload, once to a
 * socket that nobody reads and once to one that is read on another processor;
 * and records from fed states to the loopback, all in.
 *
 *	bench_send [DATAGRAMS]		default 200000, of each kind and turn
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pflow/transports.h>

#include "bench.h"

#define LEN 1400u
#define RUN 46u /* of LEN, in one buffer */
#define TURNS 7
#define STATES 4096u
#define SLOTS 256u

static uint8_t octets[RUN * LEN];
static struct sockaddr_in peer;
static atomic_bool reading, stop;

static void
must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static int
receiver(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 1 << 22;
	socklen_t len = sizeof(peer);

	must(fd >= 0, "socket");
	peer.sin_family = AF_INET;
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	must(bind(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0, "bind");
	must(getsockname(fd, (struct sockaddr *)&peer, &len) == 0, "name");
	return fd;
}

static void *
read_all(void *arg)
{
	static uint8_t in[64][2048];
	int fd = *(int *)arg;
	struct mmsghdr hdr[64];
	struct iovec iov[64];
	unsigned i;

	for (i = 0; i < 64; i++) {
		iov[i] = (struct iovec){ in[i], sizeof(in[i]) };
		memset(&hdr[i], 0, sizeof(hdr[i]));
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	while (!atomic_load(&stop)) {
		if (!atomic_load(&reading))
			usleep(1000);
		else
			(void)recvmmsg(fd, hdr, 64, MSG_DONTWAIT, NULL);
	}
	return NULL;
}

static int
sender(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(fd >= 0, "socket");
	must(connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0,
	    "connect");
	return fd;
}

static void
by_sendto(size_t count)
{
	int fd = sender();

	while (count-- > 0)
		must(send(fd, octets, LEN, 0) == LEN, "send");
	close(fd);
}

static void
by_sendmmsg(size_t count)
{
	struct iovec iov = { octets, LEN };
	struct mmsghdr hdr[64];
	int fd = sender(), n;
	unsigned i;

	memset(hdr, 0, sizeof(hdr));
	for (i = 0; i < 64; i++) {
		hdr[i].msg_hdr.msg_iov = &iov;
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	while (count > 0) {
		n = sendmmsg(fd, hdr, count < 64 ? (unsigned)count : 64, 0);
		must(n > 0, "sendmmsg");
		count -= (size_t)n;
	}
	close(fd);
}

static void
by_segments(size_t count)
{
	int fd = sender(), segment = LEN;

	must(setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)) ==
	    0, "UDP_SEGMENT");
	while (count > 0) {
		size_t n = count < RUN ? count : RUN;

		must(send(fd, octets, n * LEN, 0) == (ssize_t)(n * LEN),
		    "send");
		count -= n;
	}
	close(fd);
}

static struct pflow_now
now_of(void)
{
	uint64_t ns = (uint64_t)(bench_seconds() * 1e9);
	struct pflow_now now = { ns, BENCH_WALL_NS + ns };

	return now;
}

static struct pflow_transport *
transport(void)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;
	char dest[64], err[256];

	pflow_transport_config_init(&cfg);
	snprintf(dest, sizeof(dest), "udp:127.0.0.1:%u",
	    (unsigned)ntohs(peer.sin_port));
	if (pflow_transport_create(dest, &cfg, &t, err, sizeof(err)) !=
	    PFLOW_OK || t->ops->open(t, now_of()) != PFLOW_OK) {
		fprintf(stderr, "bench_send: %s\n", err);
		exit(1);
	}
	(void)t->ops->service(t, now_of());
	return t;
}

static void
hand_over(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count)
{
	size_t sent;

	while (count > 0) {
		(void)t->ops->send(t, msgs, count, &sent, now_of());
		msgs += sent;
		count -= sent;
		if (sent == 0)
			(void)t->ops->service(t, now_of());
	}
}

static void
by_transport(size_t count)
{
	struct pflow_transport *t = transport();
	struct pflow_message msgs[SLOTS];
	unsigned i;

	for (i = 0; i < SLOTS; i++)
		msgs[i] = (struct pflow_message){ octets, LEN, 26 };
	while (count > 0) {
		size_t n = count < SLOTS ? count : SLOTS;

		hand_over(t, msgs, n);
		count -= n;
	}
	t->ops->close(t);
}

/** Nanoseconds a record, fed to sent. */
static double
records(size_t passes)
{
	static struct pflow_state states[STATES];
	struct pflow_transport *t = transport();
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex;
	struct pflow_message msgs[SLOTS];
	struct pflow_now now = now_of();
	size_t len, at, taken, n, i;
	uint8_t *block;
	double start;

	pflow_exporter_config_init(&cfg);
	len = pflow_exporter_block_size(&cfg, SLOTS);
	block = malloc(len);
	if (block == NULL ||
	    pflow_exporter_init(&ex, &cfg, block, len, now) != PFLOW_OK)
		abort();
	for (i = 0; i < STATES; i++)
		bench_state(&states[i], (uint32_t)i, 0);
	start = bench_seconds();
	for (i = 0; i < passes; i++) {
		for (at = 0; at < STATES; at += taken) {
			(void)pflow_exporter_feed_many(&ex, states + at,
			    STATES - at, now, &taken);
			n = pflow_exporter_pending(&ex, msgs, SLOTS);
			hand_over(t, msgs, n);
			pflow_exporter_ack(&ex, n);
		}
	}
	start = bench_seconds() - start;
	t->ops->close(t);
	free(block);
	return start / (double)(passes * STATES * 2) * 1e9;
}

static const struct {
	const char *name;
	void (*send)(size_t count);
} ways[] = { { "sendto", by_sendto }, { "sendmmsg", by_sendmmsg },
	{ "segments", by_segments }, { "udp:", by_transport } };

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void
measure(size_t count)
{
	double spent[WAYS][TURNS], median[WAYS], per_record[TURNS];
	unsigned i, j;

	for (j = 0; j < TURNS; j++) {
		for (i = 0; i < WAYS; i++) {
			double t = bench_seconds();

			ways[i].send(count);
			spent[i][j] = bench_seconds() - t;
		}
		per_record[j] = records(count * 26 / (STATES * 2) + 1);
	}
	for (i = 0; i < WAYS; i++)
		median[i] = bench_median(spent[i], TURNS);
	for (i = 0; i < WAYS; i++)
		printf("%-8s  %-9s %8.0f ns a datagram   udp:/this %6.2f in "
		       "datagrams a second\n",
		    atomic_load(&reading) ? "read" : "not read", ways[i].name,
		    median[i] / (double)count * 1e9,
		    median[i] / median[WAYS - 1]);
	printf("%-8s  %-9s %8.1f ns a record, from fed state to sent\n",
	    atomic_load(&reading) ? "read" : "not read", "all in",
	    bench_median(per_record, TURNS));
}

int
main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
	int fd = receiver();
	pthread_t thread;

	must(pthread_create(&thread, NULL, read_all, &fd) == 0, "thread");
	measure(count);
	atomic_store(&reading, true);
	measure(count);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	close(fd);
	return 0;
}
