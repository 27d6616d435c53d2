/* SPDX-License-Identifier: ISC */
/*
 * Every layout x direction x kind of translation x family x protocol, written
 * by the generator and read by the walker, against ends, counters and times
 * that stand here. One logical state is the same through every layout.
 */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pf_layout.h"

Suite *suite_pf_layout(void);

#define NOW UINT64_C(1700000000000000000)
#define SECOND UINT64_C(1000000000)

static const struct {
	enum gen_layout gen;
	enum pflowi_pf_layout_id id;
	enum pflowi_pf_order order;
	const char *name;
	bool two_families;  /* can carry af-to */
	bool carries_flag;  /* pf's pflow */
	bool icmp_typed;    /* type known even if it equals the id */
	bool orig;	    /* original interface */
	bool wide;	    /* 64-bit counters */
} layouts[] = {
	{ GEN_OPENBSD, PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG,
	    "openbsd", true, true, true, false, true },
	{ GEN_1301, PFLOWI_PF_LAYOUT_freebsd_1301, PFLOWI_PF_BIG,
	    "freebsd-1301", false, true, false, false, true },
	{ GEN_1400, PFLOWI_PF_LAYOUT_freebsd_1400, PFLOWI_PF_BIG,
	    "freebsd-1400", false, true, false, false, true },
	{ GEN_1500, PFLOWI_PF_LAYOUT_freebsd_1500, PFLOWI_PF_BIG,
	    "freebsd-1500", true, true, true, true, true },
	{ GEN_V2_LITTLE, PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE,
	    "freebsd-v2", false, true, false, true, true },
	{ GEN_V2_BIG, PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_BIG,
	    "freebsd-v2", false, true, false, true, true },
	{ GEN_MACOS_LITTLE, PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_LITTLE,
	    "macos", true, false, false, false, true },
	{ GEN_MACOS_BIG, PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_BIG,
	    "macos", true, false, false, false, true },
	{ GEN_PFSYNC5, PFLOWI_PF_LAYOUT_pfsync_5, PFLOWI_PF_BIG,
	    "pfsync-5", false, true, false, false, true },
	{ GEN_PFSYNC4, PFLOWI_PF_LAYOUT_pfsync_4, PFLOWI_PF_BIG,
	    "pfsync-4", false, false, false, false, true },
	{ GEN_PFSYNC3, PFLOWI_PF_LAYOUT_pfsync_3, PFLOWI_PF_BIG,
	    "pfsync-3", false, false, false, false, true },
	{ GEN_PFSYNC2, PFLOWI_PF_LAYOUT_pfsync_2, PFLOWI_PF_BIG,
	    "pfsync-2", false, false, false, false, false },
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

/* Ends by family: 0 IPv4, 1 IPv6. */
static const char *const inside[2] = { "10.1.2.3", "2001:db8:1::3" };
static const char *const outside[2] = { "203.0.113.77", "2001:db8:ffff::77" };
static const char *const remote[2] = { "198.51.100.9", "2001:db8:2::9" };
static const char *const mapped = "64:ff9b::c633:6409";

enum nat { NONE, NAT, RDR, BINAT, AF_TO, NATS };

static const uint8_t protocols[] = { 6, 17, 1, 47 };

/** What a row describes, for the message of a failure. */
static char row[200];

static bool
make(struct gen_state *st, size_t layout, int direction, enum nat nat, int six,
    uint8_t proto)
{
	bool ports = proto == 6 || proto == 17;

	memset(st, 0, sizeof(*st));
	snprintf(row, sizeof(row), "%s(%zu) %s nat %d ipv%d proto %d",
	    layouts[layout].name, layout, direction == GEN_IN ? "in" : "out",
	    (int)nat, six ? 6 : 4, proto);
	st->id = UINT64_C(0x0102030405060708);
	st->creatorid = 0xa1b2c3d4;
	st->ifname = "em0";
	st->orig_ifname = "em1";
	st->direction = direction;
	st->proto = proto == 1 && six ? 58 : proto;
	st->age = 100;
	st->expire = 86390;
	st->packets[0] = 11;
	st->packets[1] = 7;
	st->bytes[0] = layouts[layout].wide ? UINT64_C(0x500000111) : 1111;
	st->bytes[1] = 777;
	st->rule = 42;
	st->anchor = 3;
	st->timeout = 2;
	st->flags = GEN_PFLOW;
	st->src.addr = direction == GEN_OUT ? inside[six] : remote[six];
	st->dst.addr = direction == GEN_OUT ? remote[six] : outside[six];
	st->src.port = ports ? 40001 : proto == 1 ? 4242 : 0;
	st->dst.port = ports ? 443 : proto == 1 ? (six ? 128 : 8) : 0;
	st->nat_src = st->src;
	st->nat_dst = st->dst;
	switch (nat) {
	case NONE:
		if (direction == GEN_IN)
			st->dst.addr = st->nat_dst.addr = inside[six];
		return true;
	case NAT: /* source, outbound */
		st->nat_src.addr = outside[six];
		st->nat_src.port = ports ? 51111 : proto == 1 ? 5252 : 0;
		return direction == GEN_OUT;
	case RDR: /* destination, inbound */
		st->nat_dst.addr = inside[six];
		st->nat_dst.port = ports ? 8443 : st->dst.port;
		return direction == GEN_IN;
	case BINAT: /* addresses, either way */
		if (direction == GEN_OUT)
			st->nat_src.addr = outside[six];
		else
			st->nat_dst.addr = inside[six];
		return true;
	case AF_TO:
		st->nat_src.addr = six ? outside[0] : outside[1];
		st->nat_dst.addr = six ? remote[0] : mapped;
		st->src.addr = inside[six];
		st->dst.addr = six ? mapped : remote[0];
		if (proto == 1)
			st->nat_dst.port = six ? 8 : 128;
		return layouts[layout].two_families;
	case NATS:
		break;
	}
	return false;
}

static void
check_end(const struct pflow_key *key, size_t end, const char *addr,
    uint16_t port)
{
	uint8_t want[16] = { 0 };
	int six = strchr(addr, ':') != NULL;

	ck_assert_int_eq(inet_pton(six ? AF_INET6 : AF_INET, addr, want), 1);
	ck_assert_msg(memcmp(key->addr[end], want, 16) == 0, "%s: end %zu", row,
	    end);
	ck_assert_msg(key->port[end] == port, "%s: port %zu is %u", row, end,
	    key->port[end]);
	ck_assert_msg(key->af == (six ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4), "%s",
	    row);
}

static void
check(const struct gen_state *g, const struct pflow_state *st)
{
	bool ports = g->proto == 6 || g->proto == 17;
	bool icmp = g->proto == 1 || g->proto == 58;
	const struct pflow_key *pre = pflow_state_pre(st);
	const struct pflow_key *post = pflow_state_post(st);
	bool differs = memcmp(&st->key[0], &st->key[1], sizeof(st->key[0])) != 0;

	check_end(pre, 0, g->src.addr, ports ? g->src.port : 0);
	check_end(pre, 1, g->dst.addr, ports ? g->dst.port : 0);
	check_end(post, 0, g->nat_src.addr, ports ? g->nat_src.port : 0);
	check_end(post, 1, g->nat_dst.addr, ports ? g->nat_dst.port : 0);
	ck_assert_msg(((st->flags & PFLOW_STATE_TRANSLATED) != 0) == differs,
	    "%s", row);
	ck_assert_msg(st->packets[0] == 11 && st->packets[1] == 7, "%s", row);
	ck_assert_msg(st->octets[0] == g->bytes[0], "%s", row);
	ck_assert_msg(st->octets[1] == 777, "%s", row);
	ck_assert_msg(st->direction == g->direction, "%s", row);
	ck_assert_msg(st->protocol == g->proto, "%s: protocol %u", row,
	    st->protocol);
	ck_assert_msg(st->start_ns == NOW - 100 * SECOND, "%s", row);
	ck_assert_msg(st->last_ns == NOW - 10 * SECOND, "%s", row);
	ck_assert_msg(st->flow_id == g->id && st->creator_id == g->creatorid,
	    "%s", row);
	ck_assert_msg(st->rule == 42 && st->anchor == 3, "%s", row);
	ck_assert_msg(((st->present & PFLOW_HAS_ICMP) != 0) == icmp, "%s", row);
	if (icmp) {
		ck_assert_msg(st->icmp[0] == (g->proto == 1 ? 0x0800 : 0x8000),
		    "%s: icmp %x", row, st->icmp[0]);
		ck_assert_msg(st->icmp[1] == (g->proto == 1 ? 0x0000 : 0x8100),
		    "%s", row);
	}
}

START_TEST(test_every_layout_direction_translation_family_and_protocol)
{
	size_t l, p, rows = 0;
	int direction, six, nat;

	for (l = 0; l < LAYOUTS; l++)
	for (direction = GEN_IN; direction <= GEN_OUT; direction++)
	for (nat = NONE; nat < NATS; nat++)
	for (six = 0; six < 2; six++)
	for (p = 0; p < sizeof(protocols); p++) {
		struct gen_buf b = { NULL, 0, 0 };
		struct pflowi_pf_raw raw;
		struct gen_state g;
		struct pflow_state st;

		if (!make(&g, l, direction, (enum nat)nat, six, protocols[p]))
			continue;
		gen_state(&b, layouts[l].gen, &g);
		ck_assert_uint_eq(b.len,
		    pflowi_pf_layout_info(layouts[l].id)->size);
		pflowi_pf_unpack(layouts[l].id, layouts[l].order, b.p, &raw);
		ck_assert_msg(pflowi_pf_state(&raw, NOW, &st) == PFLOWI_PF_GOOD,
		    "%s", row);
		check(&g, &st);
		ck_assert_msg(((st.flags & PFLOW_STATE_EXPORT) != 0) ==
		    layouts[l].carries_flag, "%s", row);
		ck_assert_str_eq(raw.ifname, "em0");
		ck_assert_str_eq(raw.orig_ifname, layouts[l].orig ? "em1" : "");
		gen_free(&b);
		rows++;
	}
	/* 12 layouts x 2 families x 4 protocols x 6 kinds of translation and
	 * direction; af-to in 4 of them, both directions. */
	ck_assert_uint_eq(rows, 12 * 8 * 6 + 4 * 8 * 2);
}
END_TEST

START_TEST(test_one_state_is_the_same_through_every_layout)
{
	size_t l, p;
	int direction, six, nat;

	for (direction = GEN_IN; direction <= GEN_OUT; direction++)
	for (nat = NONE; nat < NATS; nat++)
	for (six = 0; six < 2; six++)
	for (p = 0; p < sizeof(protocols); p++) {
		struct pflow_state first, st;
		bool have = false;

		for (l = 0; l < LAYOUTS; l++) {
			struct gen_buf b = { NULL, 0, 0 };
			struct pflowi_pf_raw raw;
			struct gen_state g;

			if (!make(&g, l, direction, (enum nat)nat, six,
			    protocols[p]))
				continue;
			g.bytes[0] = 1111;
			gen_state(&b, layouts[l].gen, &g);
			pflowi_pf_unpack(layouts[l].id, layouts[l].order, b.p,
			    &raw);
			ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
			    PFLOWI_PF_GOOD);
			/* What a layout has no room for is not compared. */
			st.flags &= ~PFLOW_STATE_EXPORT;
			if (!have)
				first = st;
			have = true;
			ck_assert_msg(memcmp(&first, &st, sizeof(st)) == 0,
			    "%s", row);
			gen_free(&b);
		}
	}
}
END_TEST

START_TEST(test_icmp_id_is_never_a_type_where_old_kernels_have_it_twice)
{
	size_t l;

	for (l = 0; l < LAYOUTS; l++) {
		struct gen_buf b = { NULL, 0, 0 };
		struct pflowi_pf_raw raw;
		struct gen_state g;
		struct pflow_state st;

		make(&g, l, GEN_IN, NONE, 0, 1);
		g.src.port = g.dst.port = g.nat_src.port = g.nat_dst.port = 8;
		gen_state(&b, layouts[l].gen, &g);
		pflowi_pf_unpack(layouts[l].id, layouts[l].order, b.p, &raw);
		ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
		    PFLOWI_PF_GOOD);
		ck_assert_msg(((st.present & PFLOW_HAS_ICMP) != 0) ==
		    layouts[l].icmp_typed, "%s", row);
		ck_assert_uint_eq(st.key[0].port[0], 0);
		ck_assert_uint_eq(st.key[0].port[1], 0);
		ck_assert_uint_eq(st.key[1].port[0], 0);
		ck_assert_uint_eq(st.key[1].port[1], 0);
		gen_free(&b);
	}
}
END_TEST

START_TEST(test_export_v2_older_than_20230404_has_its_flags_in_one_octet)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw raw;
	struct gen_state g;

	make(&g, 4, GEN_IN, NONE, 0, 6);
	gen_state(&b, GEN_V2_LITTLE, &g);
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE, b.p,
	    &raw);
	ck_assert(raw.marked);
	b.p[273] = 0; /* the 16 bits */
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE, b.p,
	    &raw);
	ck_assert(!raw.marked);
	b.p[0]--; /* an older version */
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE, b.p,
	    &raw);
	ck_assert(raw.marked);
	gen_free(&b);
}
END_TEST

START_TEST(test_openbsd_key_without_family_falls_back_to_that_of_the_state)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_raw raw;
	struct gen_state g;

	make(&g, 0, GEN_IN, NONE, 1, 6);
	gen_state(&b, GEN_OPENBSD, &g);
	b.p[62] = b.p[102] = 0;
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG, b.p, &raw);
	ck_assert_uint_eq(raw.af[0], 24);
	ck_assert_uint_eq(raw.af[1], 24);
	gen_free(&b);
}
END_TEST

START_TEST(test_layouts_are_found_by_name_and_nothing_else_is)
{
	unsigned i;

	for (i = 0; i < PFLOWI_PF_LAYOUT_COUNT; i++) {
		const struct pflowi_pf_layout_info *info =
		    pflowi_pf_layout_info(i);

		ck_assert_uint_eq(pflowi_pf_layout_by_name(info->name,
		    strlen(info->name)), i);
		ck_assert_uint_eq(pflowi_pf_layout_by_name(info->name,
		    strlen(info->name) - 1), PFLOWI_PF_LAYOUT_COUNT);
		ck_assert_uint_le(info->size, PFLOWI_PF_RECORD_MAX);
	}
	ck_assert_ptr_null(pflowi_pf_layout_info(i));
	ck_assert_uint_eq(pflowi_pf_layout_by_name("", 0), i);
}
END_TEST

Suite *
suite_pf_layout(void)
{
	Suite *s = suite_create("sources/pf_layout");
	TCase *t = tcase_create("pf_layout");

	tcase_add_test(t,
	    test_every_layout_direction_translation_family_and_protocol);
	tcase_add_test(t, test_one_state_is_the_same_through_every_layout);
	tcase_add_test(t,
	    test_icmp_id_is_never_a_type_where_old_kernels_have_it_twice);
	tcase_add_test(t,
	    test_export_v2_older_than_20230404_has_its_flags_in_one_octet);
	tcase_add_test(t,
	    test_openbsd_key_without_family_falls_back_to_that_of_the_state);
	tcase_add_test(t, test_layouts_are_found_by_name_and_nothing_else_is);
	suite_add_tcase(s, t);
	return s;
}
