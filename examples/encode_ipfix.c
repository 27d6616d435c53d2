/* SPDX-License-Identifier: ISC */
/*
 * Two flows, IPv4 and IPv6, as one IPFIX Message, without scheduler, source
 * or transport: begin, templates, add, end, and send it with a socket of our
 * own.
 *
 *	encode_ipfix 127.0.0.1 4739	sends it to a collector
 *	encode_ipfix			prints it as hex
 *
 * Build: cc encode_ipfix.c $(pkg-config --cflags --libs libpflow)
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netdb.h>
#include <sys/socket.h>

#include <pflow/pflow.h>

#define NS_PER_SEC UINT64_C(1000000000)

/* A TCP connection over IPv4: ten packets there, eight back. */
static void
make_flow4(struct pflow_state *st)
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
}

/* A ping over IPv6: type and code, never the identifier, and no ports. */
static void
make_flow6(struct pflow_state *st)
{
	static const uint8_t from[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const uint8_t to[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };

	pflow_state_init(st);
	pflow_state_set_key(st, PFLOW_AF_IPV6, from, 0, to, 0);
	st->protocol = 58;
	st->icmp[PFLOW_FORWARD] = 128 * 256;
	st->icmp[PFLOW_REVERSE] = pflow_icmp_reply(58, 128 * 256);
	st->present |= PFLOW_HAS_ICMP;
	st->packets[PFLOW_FORWARD] = st->packets[PFLOW_REVERSE] = 3;
	st->octets[PFLOW_FORWARD] = st->octets[PFLOW_REVERSE] = 312;
}

/* Both directions of a state as Data Records of its template. */
static int
add_state(struct pflow_ipfix_msg *msg, struct pflow_state *st, time_t now)
{
	struct pflow_record rec;
	unsigned dir;
	int rc = PFLOW_OK;

	st->start_ns = ((uint64_t)now - 5) * NS_PER_SEC;
	st->last_ns = ((uint64_t)now - 1) * NS_PER_SEC;
	for (dir = PFLOW_FORWARD; dir <= PFLOW_REVERSE && rc == PFLOW_OK; dir++) {
		rc = pflow_record_init(&rec, st, dir, 0);
		if (rc == PFLOW_OK)
			rc = pflow_ipfix_add(msg, &rec);
	}
	return rc;
}

static int
encode(uint8_t *buf, size_t cap, size_t *len, time_t now)
{
	struct pflow_ipfix_msg msg;
	struct pflow_state st;
	int rc;

	rc = pflow_ipfix_begin(&msg, buf, cap);
	/* Over UDP they are repeated now and then; over TCP once is enough. */
	if (rc == PFLOW_OK)
		rc = pflow_ipfix_add_templates(&msg);
	if (rc == PFLOW_OK) {
		make_flow4(&st);
		rc = add_state(&msg, &st, now);
	}
	if (rc == PFLOW_OK) {
		make_flow6(&st);
		rc = add_state(&msg, &st, now);
	}
	/* Sequence 0: no Data Record was sent before. Domain 42, as pflow(4). */
	if (rc == PFLOW_OK)
		rc = pflow_ipfix_end(&msg, (uint32_t)now, 0, 42, len, NULL);
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
	uint8_t buf[1452]; /* fits into a packet of 1500 octets, IPv6 too */
	size_t i, len;
	int rc;

	rc = encode(buf, sizeof(buf), &len, time(NULL));
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
