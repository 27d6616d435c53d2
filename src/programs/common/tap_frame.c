/* SPDX-License-Identifier: ISC */
#include "programs/common/tap_frame.h"

#include <string.h>

#include "core/time.h"

#define PCAP_MAGIC 0xa1b2c3d4u /* microseconds */
#define UDP 17
#define TTL 64

static uint8_t *
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8 & 0xff);
	p[1] = (uint8_t)(v & 0xff);
	return p + 2;
}

static uint8_t *
put32(uint8_t *p, uint32_t v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

void
pflowi_tap_head(uint8_t out[PFLOWI_TAP_HEAD_LEN], uint32_t linktype)
{
	uint8_t *p = put32(out, PCAP_MAGIC);

	p = put16(p, 2);
	p = put16(p, 4);
	p = put32(p, 0);
	p = put32(p, 0);
	p = put32(p, 262144); /* no frame is cut */
	(void)put32(p, linktype);
}

/** RFC 1071: add octets, of an even number but for the last call. */
static uint32_t
add_sum(uint32_t sum, const uint8_t *octets, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)octets[i] << 8 | octets[i + 1];
	if (i < len)
		sum += (uint32_t)octets[i] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static uint32_t
finish_sum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static uint8_t *
put_ip4(uint8_t *p, const struct pflowi_tap_ends *ends, size_t udp_len)
{
	uint8_t *head = p;

	p = put16(p, 0x4500);
	p = put16(p, (uint32_t)(20 + udp_len));
	p = put32(p, 0x4000); /* one whole datagram: no id, not to be cut */
	p = put16(p, TTL << 8 | UDP);
	p = put16(p, 0);
	memcpy(p, ends->from, 4);
	memcpy(p + 4, ends->to, 4);
	(void)put16(head + 10, finish_sum(add_sum(0, head, 20)));
	return p + 8;
}

static uint8_t *
put_ip6(uint8_t *p, const struct pflowi_tap_ends *ends, size_t udp_len)
{
	p = put32(p, UINT32_C(6) << 28);
	p = put16(p, (uint32_t)udp_len);
	p = put16(p, UDP << 8 | TTL);
	memcpy(p, ends->from, 16);
	memcpy(p + 16, ends->to, 16);
	return p + 32;
}

size_t
pflowi_tap_front(uint8_t *out, const struct pflowi_tap_ends *ends,
    const uint8_t *message, size_t len, uint64_t wall_ns)
{
	size_t six = ends->ip_version == 6, ip_len = six ? 40 : 20;
	size_t address = six ? 16 : 4, udp_len = 8 + len;
	uint8_t *p = out, *udp;
	uint32_t sum;

	if ((six ? udp_len : ip_len + udp_len) > UINT16_MAX)
		return 0;
	p = put32(p, (uint32_t)(wall_ns / PFLOWI_NS_PER_SEC));
	p = put32(p, (uint32_t)(wall_ns % PFLOWI_NS_PER_SEC / 1000));
	p = put32(p, (uint32_t)(ip_len + udp_len));
	p = put32(p, (uint32_t)(ip_len + udp_len));
	p = six ? put_ip6(p, ends, udp_len) : put_ip4(p, ends, udp_len);
	udp = p;
	p = put16(p, ends->from_port);
	p = put16(p, ends->to_port);
	p = put16(p, (uint32_t)udp_len);
	p = put16(p, 0);
	/* RFC 768 and RFC 8200, 8.1: addresses, protocol and length too. */
	sum = add_sum(UDP + (uint32_t)udp_len, ends->from, address);
	sum = add_sum(sum, ends->to, address);
	sum = add_sum(sum, udp, 8);
	sum = finish_sum(add_sum(sum, message, len));
	(void)put16(udp + 6, sum == 0 ? 0xffff : sum);
	return (size_t)(p - out);
}
