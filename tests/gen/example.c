/* SPDX-License-Identifier: ISC */
/*
 * examples/data/pfsync.pcap, told as a list of states.
 *
 * A firewall with a network inside (10.0.0.0/24, 2001:db8:1::/64), one
 * translated address outside (203.0.113.7) and a web server that is reached
 * through it. It announces its states, updates them without counters, tells
 * all counters in one bulk update, and ends most of them; a second node of the
 * pair clears its own. The counters below are those of the last full message.
 */
#include "gen/gen.h"

#define A 0xa1b2c3d4u /* the node all but the last states were made on */
#define B 0x0badcafeu

#define T0 (UINT64_C(1768478400) * 1000000000u) /* 2026-01-15 12:00:00 UTC */
#define SECOND UINT64_C(1000000000)

#define TCP 6
#define UDP 17
#define ICMP 1
#define ICMP6 58
#define GRE 47

/* Timeout codes: established, closed, UDP multiple, ICMP first, other. */
#define EST 2
#define CLOSED 5
#define UDPM 8
#define ICMPF 9
#define OTHER 13

/* Seconds left: a little less than the timeouts pf.conf(5) tells. */
#define LEFT(to)                                                               \
	((to) == EST ? 86395 : (to) == CLOSED ? 85 : (to) == ICMPF ? 15 : 55)

#define STATE(n, host, ifn, dir, pr, s, sp, d, dp, ns, nsp, nd, ndp, p0, p1,   \
    b0, b1, to, fl, fate)                                                      \
	{ { .id = 0x6968d08000000000u + (n), .creatorid = host, .ifname = ifn, \
		.direction = GEN_##dir, .proto = pr, .src = { s, sp },         \
		.dst = { d, dp }, .nat_src = { ns, nsp },                      \
		.nat_dst = { nd, ndp }, .age = 60, .expire = LEFT(to),         \
		.packets = { p0, p1 }, .bytes = { b0, b1 }, .rule = (n) % 7,   \
		.anchor = GEN_NONE, .timeout = to, .flags = fl,                \
		.peer = { 4, 4 } },                                            \
	    fate }

#define MARK GEN_PFLOW
#define PLAIN(n, ifn, dir, pr, s, sp, d, dp, p0, p1, b0, b1, to, fl, fate)     \
	STATE(n, A, ifn, dir, pr, s, sp, d, dp, NULL, 0, NULL, 0, p0, p1, b0,  \
	    b1, to, fl, fate)
#define NAT "203.0.113.7"
#define NATTED(n, pr, s, sp, np, d, dp, p0, p1, b0, b1, to, fl, fate)          \
	STATE(n, A, "em0", OUT, pr, s, sp, d, dp, NAT, np, d, dp, p0, p1, b0,  \
	    b1, to, fl, fate)

const struct gen_example gen_example[] = {
	/* Out through address translation; the inside half on em1. */
	NATTED(1, TCP, "10.0.0.5", 40000, 51234, "198.51.100.9", 443, 48, 61,
	    5120, 71200, EST, MARK, GEN_DELETED),
	PLAIN(2, "em1", IN, TCP, "10.0.0.5", 40000, "198.51.100.9", 443, 48, 61,
	    5120, 71200, EST, MARK, GEN_DELETED),
	NATTED(3, TCP, "10.0.0.6", 40001, 51235, "198.51.100.10", 443, 12, 10,
	    1490, 8300, EST, MARK, GEN_DELETED),
	NATTED(4, TCP, "10.0.0.6", 40002, 51236, "198.51.100.10", 80, 7, 6, 690,
	    4210, CLOSED, MARK, GEN_DELETED),
	NATTED(5, UDP, "10.0.0.7", 5353, 51237, "198.51.100.53", 53, 1, 1, 72,
	    180, UDPM, MARK, GEN_DELETED),
	NATTED(6, UDP, "10.0.0.7", 123, 51238, "198.51.100.123", 123, 4, 4, 304,
	    304, UDPM, MARK, GEN_ALIVE),
	NATTED(7, ICMP, "10.0.0.5", 4660, 4661, "198.51.100.1", 8, 5, 5, 420,
	    420, ICMPF, MARK, GEN_DELETED),
	NATTED(8, TCP, "10.0.0.8", 40003, 51239, "198.51.100.22", 22, 310, 290,
	    21400, 48800, EST, 0, GEN_ALIVE),
	/* Redirected to a server inside. */
	STATE(9, A, "em0", IN, TCP, "198.51.100.20", 60001, NAT, 80,
	    "198.51.100.20", 60001, "10.0.0.80", 8080, 12, 10, 1500, 90000, EST,
	    MARK, GEN_DELETED),
	STATE(10, A, "em0", IN, TCP, "198.51.100.21", 60002, NAT, 80,
	    "198.51.100.21", 60002, "10.0.0.80", 8080, 9, 8, 1100, 12000, EST,
	    MARK, GEN_DELETED),
	STATE(11, A, "em0", IN, TCP, "198.51.100.22", 60003, NAT, 80,
	    "198.51.100.22", 60003, "10.0.0.80", 8080, 3, 2, 180, 104, CLOSED,
	    0, GEN_DELETED),
	/* Both addresses exchanged (binat), both ways. */
	STATE(12, A, "em0", OUT, TCP, "10.0.0.25", 2525, "198.51.100.25", 25,
	    "203.0.113.25", 2525, "198.51.100.25", 25, 22, 19, 14100, 1700, EST,
	    MARK, GEN_DELETED),
	STATE(13, A, "em0", IN, TCP, "198.51.100.26", 3535, "203.0.113.25", 25,
	    "198.51.100.26", 3535, "10.0.0.25", 25, 18, 20, 9100, 2100, EST,
	    MARK, GEN_DELETED),
	/* Nothing translated, states that float. */
	PLAIN(14, "all", IN, UDP, "2001:db8:1::9", 5353, "2001:db8::53", 53, 2,
	    2, 144, 388, UDPM, MARK, GEN_DELETED),
	PLAIN(15, "all", OUT, UDP, "2001:db8:1::9", 5353, "2001:db8::53", 53, 2,
	    2, 144, 388, UDPM, MARK, GEN_DELETED),
	PLAIN(16, "all", IN, TCP, "2001:db8:1::10", 49152, "2001:db8:2::443",
	    443, 90, 120, 9400, 150200, EST, MARK, GEN_DELETED),
	PLAIN(17, "all", OUT, TCP, "2001:db8:1::10", 49152, "2001:db8:2::443",
	    443, 90, 120, 9400, 150200, EST, MARK, GEN_DELETED),
	PLAIN(18, "all", IN, ICMP6, "2001:db8:1::10", 77, "2001:db8:2::1", 128,
	    3, 3, 312, 312, ICMPF, MARK, GEN_DELETED),
	PLAIN(19, "em1", IN, ICMP, "10.0.0.9", 321, "10.0.0.1", 8, 10, 10, 840,
	    840, ICMPF, MARK, GEN_DELETED),
	PLAIN(20, "em1", IN, UDP, "10.0.0.9", 68, "10.0.0.1", 67, 1, 1, 328, 328,
	    UDPM, 0, GEN_DELETED),
	PLAIN(21, "em0", OUT, GRE, "203.0.113.7", 0, "198.51.100.47", 0, 400,
	    380, 188000, 171000, OTHER, MARK, GEN_ALIVE),
	PLAIN(22, "em0", IN, TCP, "198.51.100.99", 6666, "203.0.113.7", 22, 1, 0,
	    60, 0, CLOSED, MARK, GEN_DELETED),
	/* More than 32 bits of octets. */
	PLAIN(23, "em1", IN, TCP, "10.0.0.30", 50000, "10.0.9.30", 873, 5200000,
	    9100000, 270400000, 13650000000, EST, MARK, GEN_DELETED),
	/* Alive when the capture ends, though nobody is told to export it. */
	PLAIN(24, "em1", IN, TCP, "10.0.0.31", 50001, "10.0.9.31", 5432, 770,
	    760, 99000, 410000, EST, 0, GEN_ALIVE),
	/* From IPv6 to IPv4 (af-to). */
	STATE(25, A, "em1", IN, TCP, "2001:db8:1::64", 41000,
	    "64:ff9b::c633:6440", 443, "203.0.113.64", 41000, "198.51.100.64",
	    443, 14, 13, 1900, 10100, EST, MARK, GEN_DELETED),
	/* The other node's, until it is told to forget them. */
	STATE(26, B, "em1", IN, TCP, "10.0.0.40", 42000, "198.51.100.9", 443,
	    NULL, 0, NULL, 0, 33, 30, 4100, 29800, EST, MARK, GEN_CLEARED),
	STATE(27, B, "em1", IN, UDP, "10.0.0.41", 42001, "198.51.100.53", 53,
	    NULL, 0, NULL, 0, 1, 1, 70, 150, UDPM, MARK, GEN_CLEARED),
	STATE(28, B, "em0", OUT, UDP, "10.0.0.41", 42001, "198.51.100.53", 53,
	    NAT, 51300, "198.51.100.53", 53, 1, 1, 70, 150, UDPM, MARK,
	    GEN_CLEARED),
};

const size_t gen_example_count = sizeof(gen_example) / sizeof(gen_example[0]);

#define INS 13
#define UPD 14
#define UPD_C 4
#define DEL_C 7
#define CLR 0
#define BUS 10
#define PER_PACKET 5

static void
send_packet(struct gen_buf *file, struct gen_buf *packet, uint64_t ns)
{
	struct gen_buf frame = { NULL, 0, 0 };

	gen_packet_end(packet);
	gen_ip(&frame, "192.0.2.1", packet);
	gen_pcap_frame(file, ns, &frame);
	gen_free(&frame);
}

/** All states in full: as they begin, or as they are a minute later. */
static void
send_full(struct gen_buf *file, struct gen_buf *packet, int action, uint64_t ns)
{
	size_t i, n;

	for (i = 0; i < gen_example_count; i += PER_PACKET) {
		size_t left = gen_example_count - i;

		gen_packet_begin(packet, 6);
		left = left < PER_PACKET ? left : PER_PACKET;
		gen_section(packet, action, 264, (unsigned)left);
		for (n = 0; n < left; n++) {
			struct gen_state st = gen_example[i + n].st;

			if (action == INS) {
				st.age = 1;
				st.packets[0] = 1;
				st.bytes[0] = st.bytes[0] < 60 ? st.bytes[0] : 60;
				st.packets[1] = st.bytes[1] = 0;
			}
			gen_state(packet, GEN_OPENBSD, &st);
		}
		send_packet(file, packet, ns + i * SECOND / 50);
	}
}

static void
send_updates(struct gen_buf *file, struct gen_buf *packet, uint64_t ns)
{
	size_t i;

	gen_packet_begin(packet, 6);
	gen_section(packet, UPD_C, 84, (unsigned)gen_example_count / 2);
	for (i = 0; i < gen_example_count / 2; i++)
		gen_upd_c(packet, 0, gen_example[i * 2].st.id,
		    gen_example[i * 2].st.creatorid,
		    gen_example[i * 2].st.timeout);
	send_packet(file, packet, ns);
}

static void
send_bus(struct gen_buf *file, struct gen_buf *packet, uint8_t status,
    uint64_t ns)
{
	gen_packet_begin(packet, 6);
	gen_section(packet, BUS, 12, 1);
	gen_bus(packet, 0, A, status);
	send_packet(file, packet, ns);
}

static void
send_ends(struct gen_buf *file, struct gen_buf *packet, uint64_t ns)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < gen_example_count; i++)
		n += gen_example[i].fate == GEN_DELETED;
	gen_packet_begin(packet, 6);
	gen_section(packet, DEL_C, 12, n);
	for (i = 0; i < gen_example_count; i++)
		if (gen_example[i].fate == GEN_DELETED)
			gen_del_c(packet, 0, gen_example[i].st.id,
			    gen_example[i].st.creatorid);
	send_packet(file, packet, ns);
	gen_packet_begin(packet, 6);
	gen_section(packet, CLR, 20, 1);
	gen_clr(packet, 0, "", B);
	send_packet(file, packet, ns + 10 * SECOND);
}

void
gen_example_capture(struct gen_buf *file)
{
	struct gen_buf packet = { NULL, 0, 0 };

	gen_pcap_head(file, 246);
	send_full(file, &packet, INS, T0);
	send_updates(file, &packet, T0 + 20 * SECOND);
	send_updates(file, &packet, T0 + 40 * SECOND);
	send_bus(file, &packet, 1, T0 + 60 * SECOND);
	send_full(file, &packet, UPD, T0 + 60 * SECOND + SECOND / 10);
	send_bus(file, &packet, 2, T0 + 61 * SECOND);
	send_ends(file, &packet, T0 + 65 * SECOND);
	gen_free(&packet);
}
