/* SPDX-License-Identifier: ISC */
/*
 * One flow as a NetFlow v5 datagram, without scheduler, source or transport:
 * begin, add, end, and send it with a socket of our own.
 *
 *	encode_v5 127.0.0.1 2055	sends it to a collector
 *	encode_v5			prints it as hex
 *
 * Build: cc encode_v5.c $(pkg-config --cflags --libs libpflow)
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netdb.h>
#include <sys/socket.h>

#include <pflow/pflow.h>

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static uint64_t
wall_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* A TCP connection of four seconds: ten packets there, eight back. */
static void
make_flow(struct pflow_state *st, uint64_t now_ns)
{
	static const uint8_t client[4] = { 192, 0, 2, 1 };
	static const uint8_t server[4] = { 198, 51, 100, 2 };

	pflow_state_init(st);
	pflow_state_set_key(st, PFLOW_AF_IPV4, client, 49152, server, 443);
	st->protocol = 6;
	st->packets[PFLOW_FORWARD] = 10;
	st->octets[PFLOW_FORWARD] = 1500;
	st->packets[PFLOW_REVERSE] = 8;
	st->octets[PFLOW_REVERSE] = 9000;
	st->start_ns = now_ns - 5 * NS_PER_SEC;
	st->last_ns = now_ns - 1 * NS_PER_SEC;
}

/* Both directions into one datagram. */
static int
encode(uint8_t *buf, size_t cap, size_t *len, uint64_t now_ns)
{
	/* Anything before the first flow will do; the machine's boot is best. */
	const uint64_t boot_ms = now_ns / NS_PER_MS - 3600 * 1000;
	const struct pflow_v5_header_values header = {
		.now_ns = now_ns,
		.sequence = 0, /* records sent before this datagram */
		.engine_type = 42,
		.engine_id = 42
	};
	struct pflow_v5_msg msg;
	struct pflow_record rec;
	struct pflow_state st;
	unsigned dir;
	int rc;

	make_flow(&st, now_ns);
	rc = pflow_v5_begin(&msg, buf, cap, boot_ms);
	for (dir = PFLOW_FORWARD; dir <= PFLOW_REVERSE && rc == PFLOW_OK; dir++) {
		rc = pflow_record_init(&rec, &st, dir, boot_ms);
		if (rc == PFLOW_OK)
			rc = pflow_v5_add(&msg, &rec);
	}
	if (rc == PFLOW_OK)
		rc = pflow_v5_end(&msg, &header, len);
	return rc;
}

static int
send_to(const char *host, const char *port, const uint8_t *buf, size_t len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *res;
	int fd, rc;

	rc = getaddrinfo(host, port, &hints, &res);
	if (rc != 0) {
		fprintf(stderr, "%s:%s: %s\n", host, port, gai_strerror(rc));
		return 1;
	}
	fd = socket(res->ai_family, res->ai_socktype, 0);
	if (fd == -1 || sendto(fd, buf, len, 0, res->ai_addr,
	    res->ai_addrlen) != (ssize_t)len) {
		perror(host);
		rc = 1;
	}
	if (fd != -1)
		close(fd);
	freeaddrinfo(res);
	return rc;
}

int
main(int argc, char **argv)
{
	uint8_t buf[1464]; /* header and thirty records */
	size_t i, len;
	int rc;

	rc = encode(buf, sizeof(buf), &len, wall_clock_ns());
	if (rc != PFLOW_OK) {
		fprintf(stderr, "encode: %s\n", pflow_status_text(rc));
		return 1;
	}
	if (argc == 3)
		return send_to(argv[1], argv[2], buf, len);
	for (i = 0; i < len; i++)
		printf("%02x%s", buf[i], i % 16 == 15 || i + 1 == len ? "\n" : " ");
	return 0;
}
