/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include "gen/gen.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
fail(const char *what)
{
	fprintf(stderr, "gen: %s\n", what);
	abort();
}

/** n zero octets at the end; where they are. */
static uint8_t *
grow(struct gen_buf *b, size_t n)
{
	if (b->p == NULL || b->len + n > b->cap) {
		size_t cap = (b->len + n) * 2 + 1024;
		uint8_t *p = realloc(b->p, cap);

		if (p == NULL)
			fail("out of memory");
		b->p = p;
		b->cap = cap;
	}
	memset(b->p + b->len, 0, n);
	b->len += n;
	return b->p + b->len - n;
}

void
gen_bytes(struct gen_buf *b, const void *p, size_t n)
{
	uint8_t *to = grow(b, n);

	if (n > 0)
		memcpy(to, p, n);
}

void
gen_free(struct gen_buf *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

static void
uint_big(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void
uint_little(uint8_t *p, uint64_t v, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		p[i] = (uint8_t)v;
		v >>= 8;
	}
}

static void
uint_host(uint8_t *p, uint64_t v, int n, bool big)
{
	if (big)
		uint_big(p, v, n);
	else
		uint_little(p, v, n);
}

static void
name(uint8_t *p, const char *text)
{
	if (text != NULL && strlen(text) > 16)
		fail("interface name too long");
	if (text != NULL)
		memcpy(p, text, strlen(text));
}

int
gen_addr(const char *text, uint8_t out[16])
{
	int six = strchr(text, ':') != NULL;

	memset(out, 0, 16);
	if (inet_pton(six ? AF_INET6 : AF_INET, text, out) != 1)
		fail(text);
	return six ? 6 : 4;
}

/** A key as pf stores it. */
struct key {
	uint8_t addr[2][16];
	uint16_t port[2];
	int version; /* 4 or 6 */
};

/**
 * Source and destination into a key: inbound states keep the source first,
 * outbound ones last.
 */
static void
make_key(struct key *k, const struct gen_end *src, const struct gen_end *dst,
    int source)
{
	k->version = gen_addr(src->addr, k->addr[source]);
	if (gen_addr(dst->addr, k->addr[1 - source]) != k->version)
		fail("two families in one key");
	k->port[source] = src->port;
	k->port[1 - source] = dst->port;
}

/** Both keys; swaps: the keys of two families have their ends exchanged. */
static void
make_keys(struct key *wire, struct key *stack, const struct gen_state *st,
    bool swaps)
{
	const struct gen_end *ns = st->nat_src.addr == NULL ? &st->src
							    : &st->nat_src;
	const struct gen_end *nd = st->nat_dst.addr == NULL ? &st->dst
							    : &st->nat_dst;
	struct key pre, post;
	int source = st->direction == GEN_OUT ? 1 : 0;

	make_key(&pre, &st->src, &st->dst, source);
	make_key(&post, ns, nd, source);
	if (swaps && pre.version != post.version)
		make_key(&post, ns, nd, 1 - source);
	*wire = st->direction == GEN_OUT ? post : pre;
	*stack = st->direction == GEN_OUT ? pre : post;
}

/** ICMP has a number of its own in each family. */
static uint8_t
proto_of(const struct gen_state *st, int version)
{
	if (st->proto != 1 && st->proto != 58)
		return st->proto;
	return version == 4 ? 1 : 58;
}

/** Two addresses, two ports: 36 octets. */
static void
put_key(uint8_t *p, const struct key *k)
{
	memcpy(p, k->addr[0], 16);
	memcpy(p + 16, k->addr[1], 16);
	uint_big(p + 32, k->port[0], 2);
	uint_big(p + 34, k->port[1], 2);
}

#define OPENBSD_INET6 24
#define FREEBSD_INET6 28
#define DARWIN_INET6 30

static uint8_t
family(const struct key *k, uint8_t inet6)
{
	return k->version == 4 ? 2 : inet6;
}

static void
put_counters(uint8_t *packets, uint8_t *bytes, const struct gen_state *st)
{
	uint_big(packets, st->packets[0], 8);
	uint_big(packets + 8, st->packets[1], 8);
	uint_big(bytes, st->bytes[0], 8);
	uint_big(bytes + 8, st->bytes[1], 8);
}

static void
openbsd(uint8_t *r, const struct gen_state *st)
{
	struct key wire, stack;

	make_keys(&wire, &stack, st, true);
	uint_big(r, st->id, 8);
	name(r + 8, st->ifname);
	put_key(r + 24, &wire);
	r[62] = family(&wire, OPENBSD_INET6);
	put_key(r + 64, &stack);
	r[102] = family(&stack, OPENBSD_INET6);
	r[104 + 24] = st->peer[0];
	r[136 + 24] = st->peer[1];
	uint_big(r + 184, st->rule, 4);
	uint_big(r + 188, st->anchor, 4);
	uint_big(r + 192, GEN_NONE, 4);
	uint_big(r + 196, st->age, 4);
	uint_big(r + 200, st->expire, 4);
	put_counters(r + 204, r + 220, st);
	uint_big(r + 236, st->creatorid, 4);
	uint_big(r + 240, GEN_NONE, 4);
	uint_big(r + 244, GEN_NONE, 4);
	r[250] = family(&wire, OPENBSD_INET6);
	r[251] = proto_of(st, wire.version);
	r[252] = (uint8_t)st->direction;
	r[255] = st->timeout;
	uint_big(r + 260, st->flags, 2);
}

/** What FreeBSD's formats and pfsync 4 and 5 have in common: 0 to 231. */
static void
two_keys(uint8_t *r, const struct gen_state *st, struct key *wire,
    struct key *stack)
{
	make_keys(wire, stack, st, true);
	uint_big(r, st->id, 8);
	name(r + 8, st->ifname);
	put_key(r + 24, wire);
	put_key(r + 60, stack);
	r[96 + 24] = st->peer[0];
	r[128 + 24] = st->peer[1];
	uint_big(r + 176, st->rule, 4);
	uint_big(r + 180, st->anchor, 4);
	uint_big(r + 184, GEN_NONE, 4);
	uint_big(r + 188, st->age, 4);
	uint_big(r + 192, st->expire, 4);
	put_counters(r + 196, r + 212, st);
	uint_big(r + 228, st->creatorid, 4);
}

static void
one_family(uint8_t *r, const struct gen_state *st, uint8_t inet6)
{
	struct key wire, stack;

	two_keys(r, st, &wire, &stack);
	r[232] = family(&wire, inet6);
	r[233] = proto_of(st, wire.version);
	r[234] = (uint8_t)st->direction;
}

static void
f1301(uint8_t *r, const struct gen_state *st)
{
	one_family(r, st, FREEBSD_INET6);
	r[238] = (uint8_t)st->flags;
	r[239] = st->timeout;
}

static void
f1400(uint8_t *r, const struct gen_state *st)
{
	one_family(r, st, FREEBSD_INET6);
	uint_big(r + 235, st->flags, 2);
	r[239] = st->timeout;
	uint_big(r + 250, GEN_NONE, 4);
}

static void
f1500(uint8_t *r, const struct gen_state *st)
{
	struct key wire, stack;

	two_keys(r, st, &wire, &stack);
	name(r + 312, st->orig_ifname);
	uint_big(r + 328, GEN_NONE, 4);
	uint_big(r + 332, st->flags, 2);
	r[344] = family(&wire, FREEBSD_INET6);
	r[345] = family(&stack, FREEBSD_INET6);
	r[347] = proto_of(st, wire.version);
	r[348] = proto_of(st, stack.version);
	r[350] = st->timeout;
	r[351] = (uint8_t)st->direction;
}

static void
pfsync45(uint8_t *r, const struct gen_state *st)
{
	one_family(r, st, OPENBSD_INET6);
	r[236] = (uint8_t)st->flags;
	r[237] = st->timeout;
}

static void
export_v2(uint8_t *r, const struct gen_state *st, bool big)
{
	struct key wire, stack;

	make_keys(&wire, &stack, st, true);
	uint_host(r, 20230404, 8, big);
	uint_big(r + 8, st->id, 8);
	name(r + 16, st->ifname);
	name(r + 32, st->orig_ifname);
	put_key(r + 48, &wire);
	put_key(r + 84, &stack);
	r[120 + 24] = st->peer[0];
	r[152 + 24] = st->peer[1];
	uint_big(r + 200, st->rule, 4);
	uint_big(r + 204, st->anchor, 4);
	uint_big(r + 208, GEN_NONE, 4);
	uint_big(r + 212, st->age, 4);
	uint_big(r + 216, st->expire, 4);
	uint_host(r + 224, st->packets[0], 8, big);
	uint_host(r + 232, st->packets[1], 8, big);
	uint_host(r + 240, st->bytes[0], 8, big);
	uint_host(r + 248, st->bytes[1], 8, big);
	uint_big(r + 256, st->creatorid, 4);
	r[264] = family(&wire, FREEBSD_INET6);
	r[265] = proto_of(st, wire.version);
	r[266] = (uint8_t)st->direction;
	r[268] = (uint8_t)st->flags;
	r[269] = st->timeout;
	uint_big(r + 272, st->flags, 2);
	uint_big(r + 284, GEN_NONE, 4);
}

/** A host of the old layouts: address, then port, 24 octets in all. */
static void
host(uint8_t *p, const struct key *k, int end)
{
	memcpy(p, k->addr[end], 16);
	uint_big(p + 16, k->port[end], 2);
}

/** Two words in the machine's order, the high one first. */
static void
words(uint8_t *p, uint64_t v, bool big)
{
	uint_host(p, v >> 32, 4, big);
	uint_host(p + 4, v & 0xffffffffu, 4, big);
}

/*
 * lan is the host inside, gwy the same as seen outside, ext the other one:
 * the inside is the source of what goes out, the destination of what comes in.
 */
static void
macos(uint8_t *r, const struct gen_state *st, bool big)
{
	struct key wire, stack;

	make_keys(&wire, &stack, st, false);
	uint_big(r, st->id, 8);
	name(r + 8, st->ifname);
	host(r + 24, &stack, 1);
	host(r + 48, &wire, 1);
	host(r + 72, &stack, 0);
	host(r + 96, &wire, 0);
	uint_host(r + 216, st->rule, 4, big);
	uint_host(r + 220, st->anchor, 4, big);
	uint_host(r + 224, GEN_NONE, 4, big);
	uint_host(r + 228, st->age, 8, big);
	uint_host(r + 236, st->expire, 8, big);
	words(r + 244, st->packets[0], big);
	words(r + 252, st->packets[1], big);
	words(r + 260, st->bytes[0], big);
	words(r + 268, st->bytes[1], big);
	uint_big(r + 276, st->creatorid, 4);
	r[282] = family(&stack, DARWIN_INET6);
	r[283] = family(&wire, DARWIN_INET6);
	r[284] = st->direction == GEN_OUT ? proto_of(st, stack.version)
					  : proto_of(st, wire.version);
	r[285] = (uint8_t)st->direction;
	r[288] = st->timeout;
}

static void
three_hosts(uint8_t *r, const struct gen_state *st)
{
	struct key wire, stack;

	make_keys(&wire, &stack, st, false);
	uint_big(r, st->id, 8);
	name(r + 8, st->ifname);
	host(r + 24, &stack, 1);
	host(r + 48, &wire, 1);
	host(r + 72, &wire, 0);
	uint_big(r + 176, st->rule, 4);
	uint_big(r + 180, st->anchor, 4);
	uint_big(r + 184, GEN_NONE, 4);
	uint_big(r + 188, st->age, 4);
	uint_big(r + 192, st->expire, 4);
}

static void
pfsync3(uint8_t *r, const struct gen_state *st)
{
	three_hosts(r, st);
	put_counters(r + 196, r + 212, st);
	uint_big(r + 228, st->creatorid, 4);
	r[232] = strchr(st->src.addr, ':') == NULL ? 2 : OPENBSD_INET6;
	r[233] = st->proto;
	r[234] = (uint8_t)st->direction;
	r[237] = st->timeout;
}

static void
pfsync2(uint8_t *r, const struct gen_state *st)
{
	three_hosts(r, st);
	uint_big(r + 196, st->packets[0], 4);
	uint_big(r + 200, st->packets[1], 4);
	uint_big(r + 204, st->bytes[0], 4);
	uint_big(r + 208, st->bytes[1], 4);
	uint_big(r + 212, st->creatorid, 4);
	r[216] = strchr(st->src.addr, ':') == NULL ? 2 : OPENBSD_INET6;
	r[217] = st->proto;
	r[218] = (uint8_t)st->direction;
	r[221] = st->timeout;
}

static const size_t sizes[GEN_LAYOUTS] = { 264, 242, 277, 360, 384, 384, 297,
	297, 240, 240, 240, 224 };

size_t
gen_state_size(enum gen_layout layout)
{
	return sizes[layout];
}

void
gen_state(struct gen_buf *b, enum gen_layout layout,
    const struct gen_state *st)
{
	uint8_t *r = grow(b, sizes[layout]);

	switch (layout) {
	case GEN_OPENBSD:
		openbsd(r, st);
		break;
	case GEN_1301:
		f1301(r, st);
		break;
	case GEN_1400:
		f1400(r, st);
		break;
	case GEN_1500:
		f1500(r, st);
		break;
	case GEN_V2_LITTLE:
	case GEN_V2_BIG:
		export_v2(r, st, layout == GEN_V2_BIG);
		break;
	case GEN_MACOS_LITTLE:
	case GEN_MACOS_BIG:
		macos(r, st, layout == GEN_MACOS_BIG);
		break;
	case GEN_PFSYNC5:
	case GEN_PFSYNC4:
		pfsync45(r, st);
		break;
	case GEN_PFSYNC3:
		pfsync3(r, st);
		break;
	case GEN_PFSYNC2:
		pfsync2(r, st);
		break;
	case GEN_LAYOUTS:
		fail("no layout");
	}
}

/* Netlink. */

int
gen_is_big(void)
{
	static const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 0;
}

static void
attr(struct gen_buf *b, unsigned type, const void *p, size_t len, bool big)
{
	static const uint8_t zero[4];
	uint8_t head[4];

	uint_host(head, len + 4, 2, big);
	uint_host(head + 2, type, 2, big);
	gen_bytes(b, head, 4);
	gen_bytes(b, p, len);
	gen_bytes(b, zero, (4 - len % 4) % 4);
}

static void
attr_uint(struct gen_buf *b, unsigned type, uint64_t v, int octets, bool big)
{
	uint8_t p[8];

	uint_host(p, v, octets, big);
	attr(b, type, p, (size_t)octets, big);
}

static void
attr_key(struct gen_buf *b, unsigned type, const struct key *k, uint8_t proto,
    bool big)
{
	struct gen_buf in = { NULL, 0, 0 };
	size_t len = k->version == 4 ? 4 : 16;
	uint8_t port[2];
	unsigned end;

	attr(&in, 1, k->addr[0], len, big);
	attr(&in, 2, k->addr[1], len, big);
	for (end = 0; end < 2; end++) {
		uint_big(port, k->port[end], 2);
		attr(&in, 3 + end, port, 2, big);
	}
	attr_uint(&in, 5, family(k, FREEBSD_INET6), 1, big);
	attr_uint(&in, 6, proto, 2, big);
	attr(b, type, in.p, in.len, big);
	gen_free(&in);
}

void
gen_netlink(struct gen_buf *b, const struct gen_state *st, int is_big)
{
	struct key wire, stack;
	bool big = is_big != 0;
	uint8_t id[8];

	make_keys(&wire, &stack, st, true);
	uint_big(id, st->id, 8);
	attr(b, 1, id, 8, big);
	attr_uint(b, 2, st->creatorid, 4, big);
	attr(b, 3, st->ifname, strlen(st->ifname) + 1, big);
	if (st->orig_ifname != NULL)
		attr(b, 4, st->orig_ifname, strlen(st->orig_ifname) + 1, big);
	attr_key(b, 5, &wire, proto_of(st, wire.version), big);
	attr_key(b, 6, &stack, proto_of(st, stack.version), big);
	attr_uint(b, 10, st->rule, 4, big);
	attr_uint(b, 11, st->anchor, 4, big);
	attr_uint(b, 12, GEN_NONE, 4, big);
	attr_uint(b, 13, st->age, 4, big);
	attr_uint(b, 14, st->expire, 4, big);
	attr_uint(b, 15, st->packets[0], 8, big);
	attr_uint(b, 16, st->packets[1], 8, big);
	attr_uint(b, 17, st->bytes[0], 8, big);
	attr_uint(b, 18, st->bytes[1], 8, big);
	attr_uint(b, 19, family(&wire, FREEBSD_INET6), 1, big);
	attr_uint(b, 21, proto_of(st, wire.version), 1, big);
	attr_uint(b, 22, (uint64_t)st->direction, 1, big);
	attr_uint(b, 23, 0, 1, big);
	attr_uint(b, 24, st->timeout, 1, big);
	attr_uint(b, 25, st->flags, 2, big);
	attr_uint(b, 28, 20230404, 8, big);
	attr_uint(b, 31, GEN_NONE, 4, big);
	attr_uint(b, 99, 7, 4, big); /* of a later kernel */
}

/* Packets. */

void
gen_packet_begin(struct gen_buf *b, int version)
{
	uint8_t *h;
	int i;

	b->len = 0;
	h = grow(b, 20);
	h[0] = (uint8_t)version;
	for (i = 0; version == 5 && i < 16; i++)
		h[4 + i] = (uint8_t)i;
}

void
gen_section(struct gen_buf *b, int action, size_t size, unsigned count)
{
	uint8_t *h = grow(b, 4);

	h[0] = (uint8_t)action;
	if (b->p[0] == 6)
		h[1] = (uint8_t)(size / 4);
	uint_big(h + 2, count, 2);
}

void
gen_packet_end(struct gen_buf *b)
{
	if (b->p[0] == 5)
		gen_section(b, 12, 0, 1);
	uint_big(b->p + 2, b->len, 2);
}

void
gen_old_packet(struct gen_buf *b, int version, int action, unsigned count)
{
	uint8_t *h;

	b->len = 0;
	h = grow(b, version == 2 ? 4 : 20);
	h[0] = (uint8_t)version;
	h[1] = 2;
	h[2] = (uint8_t)action;
	h[3] = (uint8_t)count;
}

void
gen_upd_c(struct gen_buf *b, int old, uint64_t id, uint32_t creatorid,
    uint8_t timeout)
{
	uint8_t *r = grow(b, old ? 88 : 84);

	uint_big(r, id, 8);
	uint_big(r + 72, creatorid, 4);
	r[80] = timeout;
}

void
gen_del_c(struct gen_buf *b, int old, uint64_t id, uint32_t creatorid)
{
	uint8_t *r = grow(b, old ? 16 : 12);

	uint_big(r, id, 8);
	uint_big(r + 8, creatorid, 4);
}

void
gen_clr(struct gen_buf *b, int old, const char *ifname, uint32_t creatorid)
{
	uint8_t *r = grow(b, old ? 24 : 20);

	name(r, ifname);
	uint_big(r + 16, creatorid, 4);
}

void
gen_bus(struct gen_buf *b, int old, uint32_t creatorid, uint8_t status)
{
	uint8_t *r = grow(b, old ? 16 : 12);

	uint_big(r, creatorid, 4);
	r[8] = status;
}

static void
ip4_checksum(uint8_t *h)
{
	uint32_t sum = 0;
	int i;

	for (i = 0; i < 20; i += 2)
		sum += (uint32_t)(h[i] << 8 | h[i + 1]);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	uint_big(h + 10, ~sum & 0xffff, 2);
}

void
gen_ip(struct gen_buf *b, const char *src, const struct gen_buf *packet)
{
	uint8_t addr[16], *h;

	if (gen_addr(src, addr) == 4) {
		h = grow(b, 20);
		h[0] = 0x45;
		h[1] = 0x10;
		uint_big(h + 2, 20 + packet->len, 2);
		h[6] = 0x40;
		h[8] = 255;
		h[9] = 240;
		memcpy(h + 12, addr, 4);
		memcpy(h + 16, "\340\0\0\360", 4);
		ip4_checksum(h);
	} else {
		h = grow(b, 40);
		h[0] = 0x60;
		uint_big(h + 4, packet->len, 2);
		h[6] = 240;
		h[7] = 255;
		memcpy(h + 8, addr, 16);
		h[24] = 0xff;
		h[25] = 0x12;
		h[39] = 0xf0;
	}
	gen_bytes(b, packet->p, packet->len);
}

/* Capture files: little-endian, nanoseconds. */

void
gen_pcap_head(struct gen_buf *b, uint32_t linktype)
{
	uint8_t *h = grow(b, 24);

	uint_little(h, 0xa1b23c4d, 4);
	uint_little(h + 4, 2, 2);
	uint_little(h + 6, 4, 2);
	uint_little(h + 16, 65535, 4);
	uint_little(h + 20, linktype, 4);
}

void
gen_pcap_frame(struct gen_buf *b, uint64_t ns, const struct gen_buf *frame)
{
	uint8_t *h = grow(b, 16);

	uint_little(h, ns / 1000000000u, 4);
	uint_little(h + 4, ns % 1000000000u, 4);
	uint_little(h + 8, frame->len, 4);
	uint_little(h + 12, frame->len, 4);
	gen_bytes(b, frame->p, frame->len);
}
