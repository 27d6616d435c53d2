/* SPDX-License-Identifier: ISC */
/*
 * Writes a capture file for measuring: Ethernet, IPv4, TCP and UDP.
 *
 *	capture mix PACKETS FLOWS FILE	 about 300 octets a packet, flows drawn
 *					 with a heavy head, both directions
 *	capture worst PACKETS FLOWS FILE 60 octets a packet, flows at random
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/wire.h>

static uint64_t seed = 88172645463325252u;

static uint32_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static void
put_le32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

/** Record header and frame of one packet; gives their length. */
static size_t
packet(uint8_t *p, uint32_t flow, int reverse, uint32_t len, uint64_t us)
{
	uint8_t *ip = p + 16 + 14, *l4 = ip + 20;
	uint32_t a = 0x0a000000 + flow % 0xffff00, b = 0xc6336401 + flow % 50;
	uint16_t sport = (uint16_t)(1024 + flow % 60000);
	int udp = flow % 5 == 0;
	uint16_t dport = udp ? 53 : 443;

	memset(p, 0, 16 + 14 + 20 + 20);
	put_le32(p, (uint32_t)(1700000000 + us / 1000000));
	put_le32(p + 4, (uint32_t)(us % 1000000));
	put_le32(p + 8, len);
	put_le32(p + 12, len);
	pflow_wire_set_u16(p + 16 + 12, 0x0800);
	ip[0] = 0x45;
	pflow_wire_set_u16(ip + 2, (uint16_t)(len - 14));
	ip[8] = 64;
	ip[9] = udp ? 17 : 6;
	pflow_wire_set_u32(ip + 12, reverse ? b : a);
	pflow_wire_set_u32(ip + 16, reverse ? a : b);
	pflow_wire_set_u16(l4, reverse ? dport : sport);
	pflow_wire_set_u16(l4 + 2, reverse ? sport : dport);
	if (!udp) {
		l4[12] = 0x50;
		l4[13] = 0x10;
	}
	return 16 + len;
}

/** Lengths as on a real line: acknowledgements, some middle, full packets. */
static uint32_t
mixed_len(uint32_t r)
{
	if (r % 100 < 55)
		return 60 + r % 40;
	return r % 100 < 85 ? 100 + r % 400 : 600 + r % 500;
}

int
main(int argc, char **argv)
{
	static const uint8_t file_header[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0,
		4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1 };
	static uint8_t buf[16 + 2048];
	unsigned long i, packets, flows;
	int mix;
	FILE *f;

	if (argc != 5)
		return 2;
	mix = strcmp(argv[1], "mix") == 0;
	packets = strtoul(argv[2], NULL, 10);
	flows = strtoul(argv[3], NULL, 10);
	f = fopen(argv[4], "wb");
	if (f == NULL || flows == 0 || fwrite(file_header, 24, 1, f) != 1) {
		perror(argv[4]);
		return 1;
	}
	for (i = 0; i < packets; i++) {
		uint32_t r = next_random(), flow = r % (uint32_t)flows;
		size_t n;

		if (mix && r % 4 != 0) /* most packets are of few flows */
			flow = (uint32_t)((uint64_t)flow * flow / flows *
			    flow / flows);
		n = packet(buf, flow, next_random() & 1,
		    mix ? mixed_len(next_random()) : 60, i * 10);
		if (fwrite(buf, n, 1, f) != 1)
			break;
	}
	return fclose(f) != 0 || i != packets;
}
