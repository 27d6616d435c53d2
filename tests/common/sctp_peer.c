/* SPDX-License-Identifier: ISC */
#include "common/sctp_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"

#define HEADER 12u
#define CHUNK_HEADER 4u
#define DATA_HEADER 16u

enum {
	DATA = 0,
	INIT = 1,
	INIT_ACK = 2,
	SACK = 3,
	HEARTBEAT = 4,
	HEARTBEAT_ACK = 5,
	ABORT = 6,
	SHUTDOWN = 7,
	SHUTDOWN_ACK = 8,
	COOKIE_ECHO = 10,
	COOKIE_ACK = 11,
	SHUTDOWN_COMPLETE = 14,
	FORWARD_TSN = 192
};

/** CRC32c (RFC 9260, appendix A), bit by bit. */
static uint32_t
crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;
	int bit;

	for (; len > 0; len--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void
put_crc(uint8_t *p, uint32_t crc)
{
	p[0] = (uint8_t)crc;
	p[1] = (uint8_t)(crc >> 8);
	p[2] = (uint8_t)(crc >> 16);
	p[3] = (uint8_t)(crc >> 24);
}

static bool
crc_is_right(uint8_t *packet, size_t len)
{
	uint8_t was[4], is[4];

	memcpy(was, packet + 8, 4);
	memset(packet + 8, 0, 4);
	put_crc(is, crc32c(packet, len));
	return memcmp(was, is, 4) == 0;
}

/** One packet with one chunk. */
static void
answer(struct sctp_peer *p, uint32_t tag, uint8_t type, uint8_t flags,
    const void *value, size_t len)
{
	uint8_t packet[2048] = {0};
	size_t size = HEADER + CHUNK_HEADER + ((len + 3) & ~(size_t)3);

	if (size > sizeof(packet) || p->mute)
		return;
	pflowi_put_be16(packet, p->port);
	pflowi_put_be16(packet + 2, p->peer_port);
	pflowi_put_be32(packet + 4, tag);
	packet[HEADER] = type;
	packet[HEADER + 1] = flags;
	pflowi_put_be16(packet + HEADER + 2, (uint16_t)(CHUNK_HEADER + len));
	if (len > 0)
		memcpy(packet + HEADER + CHUNK_HEADER, value, len);
	put_crc(packet + 8, crc32c(packet, size));
	(void)sendto(p->fd, packet, size, MSG_NOSIGNAL,
	    (const struct sockaddr *)&p->from, p->from_len);
}

static uint32_t
window(const struct sctp_peer *p)
{
	return p->len < SCTP_PEER_WINDOW ? SCTP_PEER_WINDOW - (uint32_t)p->len
					 : 0;
}

static struct sctp_peer_chunk *
held(struct sctp_peer *p, uint32_t tsn)
{
	return &p->held[tsn % SCTP_PEER_HELD];
}

/** What is there beyond the first gap, as runs of offsets. */
static void
sack(struct sctp_peer *p)
{
	uint8_t value[12 + 4 * SCTP_PEER_HELD] = {0};
	uint16_t i, gaps = 0;

	p->told = window(p);
	pflowi_put_be32(value, p->tsn);
	pflowi_put_be32(value + 4, p->told);
	for (i = 2; i < SCTP_PEER_HELD; i++) {
		uint8_t *block;

		if (!held(p, p->tsn + i)->there)
			continue;
		if (!held(p, p->tsn + i - 1)->there)
			gaps++;
		block = value + 12 + 4 * (gaps - 1);
		if (!held(p, p->tsn + i - 1)->there)
			pflowi_put_be16(block, i);
		pflowi_put_be16(block + 2, i);
	}
	pflowi_put_be16(value + 8, gaps);
	answer(p, p->peer_tag, SACK, 0, value, 12 + 4 * (size_t)gaps);
}

/** The cookie is all that is known until it comes back. */
static void
on_init(struct sctp_peer *p, const uint8_t *value, size_t len)
{
	uint8_t ack[16 + 4 + 8 + 4] = {0};

	if (len < 16)
		return;
	p->inits++;
	pflowi_put_be32(ack, 0x70000000u + p->inits);
	pflowi_put_be32(ack + 4, SCTP_PEER_WINDOW);
	pflowi_put_be16(ack + 8, 1);
	pflowi_put_be16(ack + 10, 1);
	pflowi_put_be32(ack + 12, 1000);
	pflowi_put_be16(ack + 16, 7); /* State Cookie */
	pflowi_put_be16(ack + 18, 12);
	memcpy(ack + 20, value, 4);	   /* their tag */
	memcpy(ack + 24, value + 12, 4);   /* their first TSN */
	pflowi_put_be16(ack + 28, 0xc000); /* Forward-TSN-Supported */
	pflowi_put_be16(ack + 30, 4);
	answer(p, pflowi_get_be32(value), INIT_ACK, 0, ack, sizeof(ack));
}

static void
on_cookie(struct sctp_peer *p, uint32_t tag, const uint8_t *value, size_t len)
{
	if (len < 8 || tag != 0x70000000u + p->inits)
		return;
	if (!p->up || p->tag != tag) {
		p->up = p->begun = true;
		p->associations++;
		p->tag = tag;
		p->peer_tag = pflowi_get_be32(value);
		p->tsn = pflowi_get_be32(value + 4) - 1;
		p->len = p->whole = 0;
		memset(p->held, 0, sizeof(p->held));
		p->shut_down = p->aborted = false;
	}
	answer(p, p->peer_tag, COOKIE_ACK, 0, NULL, 0);
}

/** The chunks that follow what is there. */
static void
take_held(struct sctp_peer *p)
{
	struct sctp_peer_chunk *c;

	for (; (c = held(p, p->tsn + 1))->there; p->tsn++) {
		c->there = false;
		p->fragments += (c->flags & 3) != 3;
		memcpy(p->data + p->len, c->data, c->len);
		p->len += c->len;
		if ((c->flags & 1) == 0)
			continue;
		p->whole = p->len;
		p->messages++;
	}
}

static void
on_data(struct sctp_peer *p, uint8_t flags, const uint8_t *value, size_t len)
{
	struct sctp_peer_chunk *c;
	uint32_t tsn, ahead;

	if (len < 12 || len - 12 > SCTP_PEER_CHUNK)
		return;
	tsn = pflowi_get_be32(value);
	ahead = tsn - p->tsn;
	p->bad_streams += pflowi_get_be16(value + 4) != 0;
	p->bad_ppids += pflowi_get_be32(value + 8) != 0;
	p->unordered += (flags & 4) != 0;
	if (ahead == 0 || ahead >= SCTP_PEER_HELD || p->holds ||
	    p->len >= SCTP_PEER_WINDOW)
		return;
	c = held(p, tsn);
	c->there = true;
	c->flags = flags;
	c->len = len - 12;
	memcpy(c->data, value + 12, len - 12);
	take_held(p);
}

/** What was begun and given up is thrown away. */
static void
on_forward(struct sctp_peer *p, const uint8_t *value, size_t len)
{
	uint32_t to;

	if (len < 4 || (int32_t)(pflowi_get_be32(value) - p->tsn) <= 0)
		return;
	to = pflowi_get_be32(value);
	p->forwards++;
	p->len = p->whole;
	for (; p->tsn != to; p->tsn++)
		held(p, p->tsn + 1)->there = false;
	take_held(p);
}

static void
on_chunk(struct sctp_peer *p, uint32_t tag, const uint8_t *chunk, size_t len,
    bool *wants_sack)
{
	const uint8_t *value = chunk + CHUNK_HEADER;

	len -= CHUNK_HEADER;
	if (chunk[0] == INIT || chunk[0] == COOKIE_ECHO) {
		if (chunk[0] == INIT)
			on_init(p, value, len);
		else
			on_cookie(p, tag, value, len);
		return;
	}
	if (!p->up || tag != p->tag) {
		p->stray++;
		if (chunk[0] != ABORT && chunk[0] != SHUTDOWN_COMPLETE)
			answer(p, tag, ABORT, 1, NULL, 0);
		return;
	}
	switch (chunk[0]) {
	case DATA:
		on_data(p, chunk[1], value, len);
		*wants_sack = true;
		break;
	case FORWARD_TSN:
		on_forward(p, value, len);
		*wants_sack = true;
		break;
	case HEARTBEAT:
		p->heartbeats++;
		answer(p, p->peer_tag, HEARTBEAT_ACK, 0, value, len);
		break;
	case SHUTDOWN:
		answer(p, p->peer_tag, SHUTDOWN_ACK, 0, NULL, 0);
		break;
	case SHUTDOWN_ACK:
		answer(p, p->peer_tag, SHUTDOWN_COMPLETE, 0, NULL, 0);
		p->up = false;
		p->shut_down = true;
		break;
	case SHUTDOWN_COMPLETE:
		p->up = false;
		p->shut_down = true;
		break;
	case ABORT:
		p->up = false;
		p->aborted = true;
		break;
	default:
		break;
	}
}

static void
on_packet(struct sctp_peer *p, uint8_t *packet, size_t len)
{
	size_t at = HEADER;
	bool wants_sack = false;

	if (len < HEADER || pflowi_get_be16(packet + 2) != p->port)
		return;
	p->packets++;
	if (p->lose_every != 0 && p->packets % p->lose_every == 0)
		return;
	if (!crc_is_right(packet, len)) {
		p->bad_checksums++;
		return;
	}
	if (len > p->largest)
		p->largest = (unsigned)len;
	p->peer_port = pflowi_get_be16(packet);
	while (len - at >= CHUNK_HEADER) {
		size_t size = pflowi_get_be16(packet + at + 2);

		if (size < CHUNK_HEADER || size > len - at)
			break;
		on_chunk(p, pflowi_get_be32(packet + 4), packet + at, size,
		    &wants_sack);
		size = (size + 3) & ~(size_t)3;
		at = size < len - at ? at + size : len;
	}
	if (wants_sack && p->up)
		sack(p);
}

void
sctp_peer_turn(struct sctp_peer *p)
{
	static uint8_t packet[65536];
	size_t at;
	ssize_t n;

	for (;;) {
		p->from_len = sizeof(p->from);
		n = recvfrom(p->fd, packet, sizeof(packet), 0,
		    (struct sockaddr *)&p->from, &p->from_len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		/* Raw sockets of IPv4 give its header too. */
		at = p->over_ip && p->from.ss_family == AF_INET
		    ? (packet[0] & 15u) * 4u
		    : 0;
		if ((size_t)n > at)
			on_packet(p, packet + at, (size_t)n - at);
	}
}

size_t
sctp_peer_take(struct sctp_peer *p, uint8_t *out, size_t max)
{
	size_t n = p->whole < max ? p->whole : max;

	if (n == 0)
		return 0;
	memcpy(out, p->data, n);
	memmove(p->data, p->data + n, p->len - n);
	p->len -= n;
	p->whole -= n;
	if (p->up && p->told < SCTP_PEER_WINDOW / 4 &&
	    window(p) - p->told > 1500)
		sack(p);
	return n;
}

void
sctp_peer_abort(struct sctp_peer *p)
{
	static const uint8_t cause[4] = {0, 12, 0, 4}; /* user-initiated */

	answer(p, p->peer_tag, ABORT, 0, cause, sizeof(cause));
	p->up = false;
}

void
sctp_peer_shut_down(struct sctp_peer *p)
{
	uint8_t value[4];

	pflowi_put_be32(value, p->tsn);
	answer(p, p->peer_tag, SHUTDOWN, 0, value, sizeof(value));
}

void
sctp_peer_say(struct sctp_peer *p, const void *octets, size_t len)
{
	uint8_t value[12 + 64] = {0};

	if (len > 64)
		return;
	pflowi_put_be32(value, 1000);
	memcpy(value + 12, octets, len);
	answer(p, p->peer_tag, DATA, 3, value, 12 + len);
}

bool
sctp_peer_open(struct sctp_peer *p, const char *addr, uint16_t udp_port,
    uint16_t sctp_port, bool over_ip)
{
	struct sockaddr_storage ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	socklen_t len = sizeof(*sin);
	int room = 1 << 20;

	memset(p, 0, sizeof(*p));
	memset(&ss, 0, sizeof(ss));
	ss.ss_family = AF_INET;
	if (inet_pton(AF_INET, addr, &sin->sin_addr) != 1) {
		ss.ss_family = AF_INET6;
		len = sizeof(*sin6);
		(void)inet_pton(AF_INET6, addr, &sin6->sin6_addr);
	}
	if (!over_ip)
		sin->sin_port = htons(udp_port);
	p->over_ip = over_ip;
	p->port = sctp_port;
	p->fd = socket(ss.ss_family, over_ip ? SOCK_RAW : SOCK_DGRAM,
	    over_ip ? IPPROTO_SCTP : 0);
	if (p->fd == -1)
		return false;
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (fcntl(p->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    bind(p->fd, (struct sockaddr *)&ss, len) == -1 ||
	    getsockname(p->fd, (struct sockaddr *)&ss, &len) == -1) {
		sctp_peer_close(p);
		return false;
	}
	p->udp_port = ntohs(sin->sin_port);
	return true;
}

void
sctp_peer_close(struct sctp_peer *p)
{
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}
