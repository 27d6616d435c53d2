/* SPDX-License-Identifier: ISC */
/* Frames written by hand, octet by octet, and what is to be seen in them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/dissect.h"
#include "unit/sources/hex.h"

Suite *suite_dissect(void);

/* Addresses, then the EtherType. */
#define ETH "020000000001 020000000002 "

/* 10.0.0.1 -> 10.0.0.2; header of 20, total length 28: UDP 1000 -> 53. */
#define UDP4                                                                   \
	"45000020 00010000 40110000 0a000001 0a000002 "                        \
	"03e80035 000c0000 61626364 "
/* The same with IPv6: fd00::1 -> fd00::2, payload 12. */
#define IP6_ADDRESSES                                                          \
	"fd000000000000000000000000000001 fd000000000000000000000000000002 "
#define UDP6 "60000000 000c1140 " IP6_ADDRESSES "03e80035 000c0000 61626364 "
#define UDP "03e80035 000c0000 61626364 "
/* TCP 1000 -> 80, SYN. */
#define TCP "03e80050 00000001 00000000 50020064 00000000 "

struct expect {
	const char *name;
	uint32_t linktype;
	const char *hex;
	size_t cut;  /**< octets the capture cut off at the end */
	size_t more; /**< octets on the wire behind what is written here */
	enum pflowi_verdict verdict;
	uint32_t octets;
	uint8_t af, protocol;
	uint16_t sport, dport;
	uint16_t vlan;
};

static uint8_t frame[2048];

/** From a block of its own size, so that a sanitizer sees what is read. */
static enum pflowi_verdict
dissect(uint32_t linktype, const char *hex, size_t cut, size_t more,
    struct pflowi_packet *pk)
{
	size_t len = hex_put(frame, 0, sizeof(frame), hex);
	uint8_t *exact = malloc(len - cut == 0 ? 1 : len - cut);
	enum pflowi_verdict v;

	memcpy(exact, frame, len - cut);
	memset(pk, 0xa5, sizeof(*pk));
	v = pflowi_dissect(linktype, exact, len - cut, len + more, pk);
	free(exact);
	return v;
}

#define V4UDP PFLOWI_PACKET_IP, 32, 4, 17, 1000, 53
#define V6UDP PFLOWI_PACKET_IP, 52, 6, 17, 1000, 53
#define NOTIP(n) PFLOWI_PACKET_NOT_IP, n, 0, 0, 0, 0, 0
#define SHORT(n) PFLOWI_PACKET_BAD_FRAME, n, 0, 0, 0, 0, 0
#define TAG(id) (PFLOWI_VLAN_PRESENT | (id))

static const struct expect links[] = {
	{ "ethernet", 1, ETH "0800" UDP4, 0, 0, V4UDP, 0 },
	{ "ethernet, ipv6", 1, ETH "86dd" UDP6, 0, 0, V6UDP, 0 },
	{ "padding counts for nothing", 1, ETH "0800" UDP4 "000000000000", 0, 0,
	    V4UDP, 0 },
	{ "ipv6 under the type of ipv4", 1, ETH "0800" UDP6, 0, 0, V6UDP, 0 },
	{ "arp", 1, ETH "0806 0001 0800 0604 0001", 0, 0, NOTIP(22) },
	{ "802.1q", 1, ETH "8100 6005 0800" UDP4, 0, 0, V4UDP, TAG(5) },
	{ "priority tag", 1, ETH "8100 e000 0800" UDP4, 0, 0, V4UDP, 0 },
	{ "priority, then a vlan", 1, ETH "8100 e000 8100 0007 0800" UDP4, 0, 0,
	    V4UDP, TAG(7) },
	{ "qinq, the outer one", 1, ETH "88a8 0064 8100 0005 86dd" UDP6, 0, 0,
	    V6UDP, TAG(100) },
	{ "old qinq types", 1, ETH "9100 0001 9200 0002 0800" UDP4, 0, 0, V4UDP,
	    TAG(1) },
	{ "highest vlan", 1, ETH "8100 ffff 0800" UDP4, 0, 0, V4UDP,
	    TAG(4095) },
	{ "mpls", 1, ETH "8847 00011140" UDP4, 0, 0, V4UDP, 0 },
	{ "mpls, three labels, ipv6", 1,
	    ETH "8848 00011040 00012040 00003140" UDP6, 0, 0, V6UDP, 0 },
	{ "pseudowire with control word", 1,
	    ETH "8847 00011140 00000000" ETH "0800" UDP4, 0, 0, V4UDP, 0 },
	{ "pseudowire without one", 1, ETH "8847 00011140" ETH "0800" UDP4, 0,
	    0, V4UDP, 0 },
	{ "associated channel", 1, ETH "8847 00011140 10000021" UDP4, 0, 0,
	    V4UDP, 0 },
	{ "mpls over nothing known", 1, ETH "8847 00011140 5000 0000", 0, 0,
	    NOTIP(22) },
	{ "pppoe", 1, ETH "8864 11000001 0022 0021" UDP4, 0, 0, V4UDP, 0 },
	{ "pppoe, ipv6", 1, ETH "8864 11000001 0022 0057" UDP6, 0, 0, V6UDP,
	    0 },
	{ "pppoe, short protocol", 1, ETH "8864 11000001 0022 21" UDP4, 0, 0,
	    V4UDP, 0 },
	{ "pppoe, link control", 1, ETH "8864 11000001 0022 c021 01", 0, 0,
	    NOTIP(23) },
	{ "pppoe discovery", 1, ETH "8863 11090000 0000", 0, 0, NOTIP(20) },
	{ "snap", 1, ETH "0028 aaaa03 000000 0800" UDP4, 0, 0, V4UDP, 0 },
	{ "llc of ip", 1, ETH "0023 060603" UDP4, 0, 0, V4UDP, 0 },
	{ "spanning tree", 1, ETH "0026 424203 0000000000", 0, 0, NOTIP(22) },
	{ "snap in a vlan", 1, ETH "8100 0009 0028 aaaa03 000000 0800" UDP4, 0,
	    0, V4UDP, TAG(9) },
	{ "provider backbone", 1, ETH "88e7 00000001" ETH "0800" UDP4, 0, 0,
	    V4UDP, 0 },
	{ "extension tag", 1, ETH "893f 000000000000 0800" UDP4, 0, 0, V4UDP,
	    0 },
	{ "vn-tag", 1, ETH "8926 00000000 0800" UDP4, 0, 0, V4UDP, 0 },
	{ "cooked v1", 113, "0000 0001 0006 0200000000010000 0800" UDP4, 0, 0,
	    V4UDP, 0 },
	{ "cooked v1, vlan", 113,
	    "0000 0001 0006 0200000000010000 8100 0005 86dd" UDP6, 0, 0, V6UDP,
	    TAG(5) },
	{ "cooked v2", 276,
	    "86dd 0000 00000001 0001 00 06 0200000000010000" UDP6, 0, 0, V6UDP,
	    0 },
	{ "cooked v2, arp", 276,
	    "0806 0000 00000001 0001 00 06 0200000000010000 0001", 0, 0,
	    NOTIP(22) },
	{ "raw, 101", 101, UDP4, 0, 0, V4UDP, 0 },
	{ "raw, 12", 12, UDP6, 0, 0, V6UDP, 0 },
	{ "raw, 14", 14, UDP4, 0, 0, V4UDP, 0 },
	{ "raw, neither", 101, "50000000", 0, 0, NOTIP(4) },
	{ "raw ipv4", 228, UDP4, 0, 0, V4UDP, 0 },
	{ "raw ipv6", 229, UDP6, 0, 0, V6UDP, 0 },
	{ "raw ipv6 that is ipv4", 229, UDP4, 0, 0, NOTIP(32) },
	{ "null, little endian", 0, "02000000" UDP4, 0, 0, V4UDP, 0 },
	{ "null, big endian", 0, "00000002" UDP4, 0, 0, V4UDP, 0 },
	{ "null, linux ipv6", 0, "0a000000" UDP6, 0, 0, V6UDP, 0 },
	{ "null, openbsd ipv6", 0, "18000000" UDP6, 0, 0, V6UDP, 0 },
	{ "null, freebsd ipv6", 0, "0000001c" UDP6, 0, 0, V6UDP, 0 },
	{ "null, darwin ipv6", 0, "1e000000" UDP6, 0, 0, V6UDP, 0 },
	{ "null, osi", 0, "07000000" UDP4, 0, 0, NOTIP(36) },
	{ "loop", 108, "00000018" UDP6, 0, 0, V6UDP, 0 },
	{ "enc", 109, "02000000 00001234 00000000" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp", 9, "ff030021" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp, no address", 9, "0057" UDP6, 0, 0, V6UDP, 0 },
	{ "ppp, one octet", 9, "21" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp, mpls", 9, "ff030281 00011140" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp in hdlc", 50, "ff030021" UDP4, 0, 0, V4UDP, 0 },
	{ "cisco hdlc", 104, "0f000800" UDP4, 0, 0, V4UDP, 0 },
	{ "cisco hdlc, multicast", 50, "8f0086dd" UDP6, 0, 0, V6UDP, 0 },
	{ "pppoe as link type", 51, "11000001 0022 0021" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp with direction", 204, "01 ff030021" UDP4, 0, 0, V4UDP, 0 },
	{ "ppp of pppd", 166, "0003 0021" UDP4, 0, 0, V4UDP, 0 },
	{ "mpls as link type", 219, "00011140" UDP4, 0, 0, V4UDP, 0 },
	{ "802.11 data", 105,
	    "0802 0000 000000000000 000000000000 000000000000 0000 "
	    "aaaa03 000000 0800" UDP4, 0, 0, V4UDP, 0 },
	{ "802.11 qos, four addresses", 105,
	    "8803 0000 000000000000 000000000000 000000000000 0000 "
	    "000000000000 0000 aaaa03 000000 86dd" UDP6, 0, 0, V6UDP, 0 },
	{ "802.11, aggregated", 105,
	    "8802 0000 000000000000 000000000000 000000000000 0000 8000 "
	    "000000000000 000000000000 0028 aaaa03 000000 0800" UDP4, 0, 0,
	    V4UDP, 0 },
	{ "802.11, protected", 105,
	    "0842 0000 000000000000 000000000000 000000000000 0000 0000", 0, 0,
	    NOTIP(26) },
	{ "radiotap", 127,
	    "0000 0800 00000000 0802 0000 000000000000 000000000000 "
	    "000000000000 0000 aaaa03 000000 0800" UDP4, 0, 0, V4UDP, 0 },
	{ "radiotap, padded header", 127,
	    "0000 0900 02000000 20 8802 0000 000000000000 000000000000 "
	    "000000000000 0000 0000 0000 aaaa03 000000 0800" UDP4, 0, 0, V4UDP,
	    0 },
	{ "per-packet information", 192, "00 00 0800 01000000" ETH "0800" UDP4,
	    0, 0, V4UDP, 0 },
	{ "per-packet information of itself", 192,
	    "00 00 0800 c0000000 00 00 0800 c0000000", 0, 0, NOTIP(16) },
	{ "unknown link type", 147, UDP4, 0, 0, PFLOWI_PACKET_UNKNOWN_LINK, 32,
	    0, 0, 0, 0, 0 },
	{ "no octet at all", 1, "", 0, 0, SHORT(0) },
	{ "half an address", 1, "0200", 0, 0, SHORT(2) },
	{ "ends with the type", 1, ETH "0800", 0, 0, SHORT(14) },
	{ "ends in a tag", 1, ETH "8100 00", 0, 0, SHORT(15) },
	{ "ends in a label", 1, ETH "8847 0001", 0, 0, SHORT(16) },
	{ "radiotap longer than the frame", 127, "0000 ff00 00000000", 0, 0,
	    SHORT(8) },
};

static const struct expect packets[] = {
	{ "options", 228,
	    "46000024 00010000 40110000 0a000001 0a000002 01010101" UDP, 0, 0,
	    PFLOWI_PACKET_IP, 36, 4, 17, 1000, 53, 0 },
	{ "options up to the end", 228,
	    "4f000020 00010000 40110000 0a000001 0a000002" UDP, 0, 0,
	    PFLOWI_PACKET_BAD_IP, 32, 0, 0, 0, 0, 0 },
	{ "header of 16", 228,
	    "44000020 00010000 40110000 0a000001 0a000002" UDP, 0, 0,
	    NOTIP(32) },
	{ "version 5", 228,
	    "55000020 00010000 40110000 0a000001 0a000002" UDP, 0, 0,
	    NOTIP(32) },
	{ "total length below the header", 228,
	    "45000013 00010000 40110000 0a000001 0a000002" UDP, 0, 0,
	    PFLOWI_PACKET_BAD_IP, 19, 0, 0, 0, 0, 0 },
	{ "total length 0: what the frame carries", 228,
	    "45000000 00010000 40060000 0a000001 0a000002" TCP, 0, 100000,
	    PFLOWI_PACKET_IP, 100040, 4, 6, 1000, 80, 0 },
	{ "total length beyond the frame", 228,
	    "450005dc 00010000 40060000 0a000001 0a000002" TCP, 0, 0,
	    PFLOWI_PACKET_IP, 1500, 4, 6, 1000, 80, 0 },
	{ "ports are not read from the padding", 228,
	    "45000016 00010000 40110000 0a000001 0a000002" UDP, 0, 0,
	    PFLOWI_PACKET_IP, 22, 4, 17, 0, 0, 0 },
	{ "cut behind the ports", 228, UDP4, 8, 0, V4UDP, 0 },
	{ "cut in the ports", 228, UDP4, 9, 0, PFLOWI_PACKET_CUT_IP, 32, 0, 0,
	    0, 0, 0 },
	{ "cut in the header", 228, UDP4, 20, 0, PFLOWI_PACKET_CUT_IP, 32, 0, 0,
	    0, 0, 0 },
	{ "cut behind the length", 228, UDP4, 28, 0, PFLOWI_PACKET_CUT_IP, 32,
	    0, 0, 0, 0, 0 },
	{ "cut in the length", 228, UDP4, 29, 0, SHORT(32) },
	{ "cut ipv6 header", 229, UDP6, 13, 0, PFLOWI_PACKET_CUT_IP, 52, 0, 0,
	    0, 0, 0 },
	{ "cut ipv6 length", 229, UDP6, 47, 0, SHORT(52) },
	{ "half a header", 228, "45000020 0001", 0, 0, PFLOWI_PACKET_BAD_IP, 32,
	    0, 0, 0, 0, 0 },
	{ "sctp", 228,
	    "45000020 00010000 40840000 0a000001 0a000002 0b590b5a 00000000 "
	    "00000000", 0, 0, PFLOWI_PACKET_IP, 32, 4, 132, 2905, 2906, 0 },
	{ "dccp", 228,
	    "45000018 00010000 40210000 0a000001 0a000002 138b138c", 0, 0,
	    PFLOWI_PACKET_IP, 24, 4, 33, 5003, 5004, 0 },
	{ "udp-lite", 228,
	    "45000018 00010000 40880000 0a000001 0a000002 00010002", 0, 0,
	    PFLOWI_PACKET_IP, 24, 4, 136, 1, 2, 0 },
	{ "gre has no ports", 228,
	    "4500001c 00010000 402f0000 0a000001 0a000002 00000800 45000020",
	    0, 0, PFLOWI_PACKET_IP, 28, 4, 47, 0, 0, 0 },
	{ "a tunnel is its outer flow", 228,
	    "45000034 00010000 40040000 0a000001 0a000002" UDP4, 0, 0,
	    PFLOWI_PACKET_IP, 52, 4, 4, 0, 0, 0 },
	{ "hop-by-hop, routing, destination", 229,
	    "60000000 00240040" IP6_ADDRESSES "2b00 010400000000 "
	    "3c00 000000000000 1100 010400000000" UDP, 0, 0, PFLOWI_PACKET_IP,
	    76, 6, 17, 1000, 53, 0 },
	{ "authentication header", 229,
	    "60000000 00243340" IP6_ADDRESSES "1104 0000 00000001 00000001 "
	    "000000000000000000000000" UDP, 0, 0, PFLOWI_PACKET_IP, 76, 6, 17,
	    1000, 53, 0 },
	{ "no next header", 229, "60000000 00003b40" IP6_ADDRESSES "00000000",
	    0, 0, PFLOWI_PACKET_IP, 40, 6, 59, 0, 0, 0 },
	{ "mobility", 229,
	    "60000000 00088740" IP6_ADDRESSES "3b00 0000 0000 0000", 0, 0,
	    PFLOWI_PACKET_IP, 48, 6, 135, 0, 0, 0 },
	{ "extension header beyond the packet", 229,
	    "60000000 000c0040" IP6_ADDRESSES "11ff 010400000000 00000000", 0,
	    0, PFLOWI_PACKET_IP, 52, 6, 0, 0, 0, 0 },
	{ "extension header beyond the capture", 229,
	    "60000000 00140040" IP6_ADDRESSES "1101 010400000000 "
	    "0000000000000000" UDP, 20, 0, PFLOWI_PACKET_CUT_IP, 60, 0, 0, 0,
	    0, 0 },
	{ "extension header captured in part", 229,
	    "60000000 001c0040" IP6_ADDRESSES "1101 010400000000 "
	    "0000000000000000" UDP, 22, 0, PFLOWI_PACKET_CUT_IP, 68, 0, 0, 0,
	    0, 0 },
	{ "jumbogram", 229,
	    "60000000 00000040" IP6_ADDRESSES "0600 c204 00011170" TCP, 0,
	    69972, PFLOWI_PACKET_IP, 70040, 6, 6, 1000, 80, 0 },
	{ "jumbogram that lies", 229,
	    "60000000 00000040" IP6_ADDRESSES "0600 c204 00011170" TCP, 0, 0,
	    PFLOWI_PACKET_IP, 68, 6, 6, 1000, 80, 0 },
	{ "offloaded: what the frame carries", 229,
	    "60000000 00000640" IP6_ADDRESSES TCP, 0, 100000, PFLOWI_PACKET_IP,
	    100060, 6, 6, 1000, 80, 0 },
	{ "options that never end", 229,
	    "60000000 00000040" IP6_ADDRESSES "0600 0000 0000 00ff" TCP, 0, 0,
	    PFLOWI_PACKET_IP, 68, 6, 6, 1000, 80, 0 },
};

static void
check(const struct expect *e)
{
	struct pflowi_packet pk;
	enum pflowi_verdict v =
	    dissect(e->linktype, e->hex, e->cut, e->more, &pk);

	ck_assert_msg(v == e->verdict, "%s: verdict %d", e->name, v);
	ck_assert_msg(pk.octets == e->octets, "%s: %u octets", e->name,
	    pk.octets);
	if (v != PFLOWI_PACKET_IP)
		return;
	ck_assert_msg(pk.af == e->af, "%s: family %u", e->name, pk.af);
	ck_assert_msg(pk.protocol == e->protocol, "%s: protocol %u", e->name,
	    pk.protocol);
	ck_assert_msg(pk.port[0] == e->sport && pk.port[1] == e->dport,
	    "%s: ports %u %u", e->name, pk.port[0], pk.port[1]);
	ck_assert_msg(pk.vlan == e->vlan, "%s: vlan %x", e->name, pk.vlan);
	if (pk.af == PFLOW_AF_IPV4) {
		ck_assert_mem_eq(pk.addr[0], "\x0a\x00\x00\x01", 4);
		ck_assert_mem_eq(pk.addr[1], "\x0a\x00\x00\x02", 4);
	} else {
		ck_assert_uint_eq(pk.addr[0][0], 0xfd);
		ck_assert_uint_eq(pk.addr[0][15], 1);
		ck_assert_uint_eq(pk.addr[1][15], 2);
	}
}

START_TEST(test_every_link_type_leads_to_the_packet_inside)
{
	check(&links[_i]);
}
END_TEST

START_TEST(test_headers_of_all_kinds_are_read_within_their_bounds)
{
	check(&packets[_i]);
}
END_TEST

/** With or without a verdict: no octet behind the capture is touched. */
START_TEST(test_every_cut_of_every_frame_stays_inside_it)
{
	const struct expect *e = _i < (int)(sizeof(links) / sizeof(links[0]))
	    ? &links[_i]
	    : &packets[_i - (int)(sizeof(links) / sizeof(links[0]))];
	size_t len = hex_put(frame, 0, sizeof(frame), e->hex), cut;
	struct pflowi_packet pk;

	for (cut = 0; cut <= len; cut++) {
		dissect(e->linktype, e->hex, cut, 0, &pk);
		dissect(e->linktype, e->hex, cut, 65000, &pk);
	}
}
END_TEST

START_TEST(test_label_stack_without_bottom_ends)
{
	struct pflowi_packet pk;
	uint8_t stack[14 + 4 * 100];
	size_t at = hex_put(stack, 0, sizeof(stack), ETH "8847");

	while (at + 4 <= sizeof(stack))
		at = hex_put(stack, at, sizeof(stack), "00010040");
	ck_assert_int_eq(pflowi_dissect(1, stack, at, at, &pk),
	    PFLOWI_PACKET_NOT_IP);
}
END_TEST

START_TEST(test_tags_without_end_end)
{
	struct pflowi_packet pk;
	uint8_t tags[14 + 4 * 100];
	size_t at = hex_put(tags, 0, sizeof(tags), ETH "8100");

	while (at + 4 <= sizeof(tags))
		at = hex_put(tags, at, sizeof(tags), "00018100");
	ck_assert_int_eq(pflowi_dissect(1, tags, at, at, &pk),
	    PFLOWI_PACKET_NOT_IP);
}
END_TEST

START_TEST(test_extension_headers_without_end_still_count)
{
	struct pflowi_packet pk;
	uint8_t chain[40 + 8 * 100];
	size_t at = hex_put(chain, 0, sizeof(chain),
	    "60000000 03203c40" IP6_ADDRESSES);

	while (at + 8 <= sizeof(chain))
		at = hex_put(chain, at, sizeof(chain), "3c00 010400000000");
	ck_assert_int_eq(pflowi_dissect(229, chain, at, at, &pk),
	    PFLOWI_PACKET_IP);
	ck_assert_uint_eq(pk.protocol, 60);
	ck_assert_uint_eq(pk.octets, 840);
	ck_assert_uint_eq(pk.facts, 0);
}
END_TEST

START_TEST(test_tcp_flags_have_ae_but_no_data_offset)
{
	struct pflowi_packet pk;

	ck_assert_int_eq(dissect(228,
	    "45b80028 00010000 40060000 0a000001 0a000002 "
	    "03e80050 00000001 00000000 51c20064 00000000", 0, 0, &pk),
	    PFLOWI_PACKET_IP);
	ck_assert_uint_eq(pk.tcp_flags, 0x1c2);
	ck_assert_uint_eq(pk.tos, 0xb8);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS | PFLOWI_HAS_FLAGS);
}
END_TEST

START_TEST(test_tcp_without_its_flags_counts_by_its_ports)
{
	struct pflowi_packet pk;

	ck_assert_int_eq(dissect(228,
	    "45000028 00010000 40060000 0a000001 0a000002" TCP, 7, 0, &pk),
	    PFLOWI_PACKET_IP);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS);
	ck_assert_uint_eq(pk.tcp_flags, 0);
	ck_assert_uint_eq(pk.port[1], 80);
}
END_TEST

START_TEST(test_traffic_class_of_ipv6_is_the_tos)
{
	struct pflowi_packet pk;

	ck_assert_int_eq(dissect(229,
	    "6b8abcde 000c1140" IP6_ADDRESSES UDP, 0, 0, &pk),
	    PFLOWI_PACKET_IP);
	ck_assert_uint_eq(pk.tos, 0xb8);
}
END_TEST

static const struct {
	const char *hex;
	uint32_t linktype;
	uint16_t icmp;
	uint16_t id;
	uint8_t facts;
} icmp[] = {
	{ "4500001c 00010000 40010000 0a000001 0a000002 08000000 12340001", 228,
	    0x0800, 0x1234, PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY },
	{ "4500001c 00010000 40010000 0a000001 0a000002 00000000 12340001", 228,
	    0x0000, 0x1234,
	    PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY | PFLOWI_IS_REPLY },
	{ "4500001c 00010000 40010000 0a000001 0a000002 03030000 00001234", 228,
	    0x0303, 0, PFLOWI_HAS_ICMP },
	{ "45000016 00010000 40010000 0a000001 0a000002 0b01", 228, 0x0b01, 0,
	    PFLOWI_HAS_ICMP },
	{ "60000000 00083a40" IP6_ADDRESSES "80000000 00070001", 229, 0x8000, 7,
	    PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY },
	{ "60000000 00083a40" IP6_ADDRESSES "81000000 00070001", 229, 0x8100, 7,
	    PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY | PFLOWI_IS_REPLY },
	{ "60000000 00083a40" IP6_ADDRESSES "87000000 00000000", 229, 0x8700, 0,
	    PFLOWI_HAS_ICMP },
};

START_TEST(test_icmp_has_type_code_and_the_id_of_queries)
{
	struct pflowi_packet pk;

	ck_assert_int_eq(dissect(icmp[_i].linktype, icmp[_i].hex, 0, 0, &pk),
	    PFLOWI_PACKET_IP);
	ck_assert_uint_eq(pk.icmp, icmp[_i].icmp);
	ck_assert_uint_eq(pk.icmp_id, icmp[_i].id);
	ck_assert_uint_eq(pk.facts, icmp[_i].facts);
	ck_assert_uint_eq(pk.port[0] | pk.port[1], 0);
}
END_TEST

START_TEST(test_fragments_of_ipv4)
{
	struct pflowi_packet pk;

	dissect(228, "45000020 abcd2000 40110000 0a000001 0a000002" UDP, 0, 0,
	    &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS | PFLOWI_FRAGMENT_FIRST);
	ck_assert_uint_eq(pk.fragment_id, 0xabcd);
	dissect(228, "45000020 abcd2001 40110000 0a000001 0a000002" UDP, 0, 0,
	    &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_FRAGMENT_LATER);
	ck_assert_uint_eq(pk.port[0] | pk.port[1], 0);
	dissect(228, "45000020 abcd0001 40060000 0a000001 0a000002" UDP, 0, 0,
	    &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_FRAGMENT_LATER);
	dissect(228, "45000020 abcdc000 40110000 0a000001 0a000002" UDP, 0, 0,
	    &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS);
}
END_TEST

START_TEST(test_fragments_of_ipv6)
{
	struct pflowi_packet pk;

	dissect(229, "60000000 00142c40" IP6_ADDRESSES "11000001 00abcdef" UDP,
	    0, 0, &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS | PFLOWI_FRAGMENT_FIRST);
	ck_assert_uint_eq(pk.fragment_id, 0xabcdef);
	ck_assert_uint_eq(pk.octets, 60);
	dissect(229, "60000000 00142c40" IP6_ADDRESSES "11000009 00abcdef" UDP,
	    0, 0, &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_FRAGMENT_LATER);
	ck_assert_uint_eq(pk.protocol, 17);
	/* RFC 6946: offset 0 and no more to come is a whole packet. */
	dissect(229, "60000000 00142c40" IP6_ADDRESSES "11000000 00abcdef" UDP,
	    0, 0, &pk);
	ck_assert_uint_eq(pk.facts, PFLOWI_HAS_PORTS);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *
suite_dissect(void)
{
	Suite *s = suite_create("sources/dissect");
	TCase *t = tcase_create("dissect");

	tcase_add_loop_test(t,
	    test_every_link_type_leads_to_the_packet_inside, 0, COUNT(links));
	tcase_add_loop_test(t,
	    test_headers_of_all_kinds_are_read_within_their_bounds, 0,
	    COUNT(packets));
	tcase_add_loop_test(t, test_every_cut_of_every_frame_stays_inside_it, 0,
	    COUNT(links) + COUNT(packets));
	tcase_add_test(t, test_label_stack_without_bottom_ends);
	tcase_add_test(t, test_tags_without_end_end);
	tcase_add_test(t, test_extension_headers_without_end_still_count);
	tcase_add_test(t, test_tcp_flags_have_ae_but_no_data_offset);
	tcase_add_test(t, test_tcp_without_its_flags_counts_by_its_ports);
	tcase_add_test(t, test_traffic_class_of_ipv6_is_the_tos);
	tcase_add_loop_test(t, test_icmp_has_type_code_and_the_id_of_queries, 0,
	    COUNT(icmp));
	tcase_add_test(t, test_fragments_of_ipv4);
	tcase_add_test(t, test_fragments_of_ipv6);
	suite_add_tcase(s, t);
	return s;
}
