/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pfsync_decode.h"
#include "pf_vectors.h"

Suite *suite_pfsync_decode(void);

/** All sections of a packet; how many, and why it ended. */
static size_t
walk(const uint8_t *p, size_t len, size_t wire,
    struct pflowi_pfsync_section *out, size_t max,
    enum pflowi_pfsync_fault *fault)
{
	struct pflowi_pfsync it;
	size_t n = 0;

	*fault = pflowi_pfsync_begin(&it, p, len, wire);
	if (*fault != PFLOWI_PFSYNC_NO_FAULT)
		return 0;
	while (n < max && pflowi_pfsync_next(&it, &out[n], fault))
		n++;
	return n;
}

static struct gen_state
a_state(uint64_t id)
{
	struct gen_state st = {
		.id = id,
		.creatorid = 0xa1b2c3d4,
		.ifname = "em0",
		.direction = GEN_IN,
		.proto = 6,
		.src = { "192.0.2.1", 1024 },
		.dst = { "192.0.2.2", 80 },
		.packets = { 1, 2 },
		.bytes = { 100, 200 },
		.expire = 10,
		.timeout = 2,
	};

	return st;
}

START_TEST(test_vector_a_is_an_insert_an_update_and_a_delete)
{
	struct pflowi_pfsync_section s[8];
	struct pflowi_pfsync_upd_c upd;
	enum pflowi_pfsync_fault fault;
	struct pflowi_pf_raw raw;
	uint8_t p[512];
	size_t len = pf_vector(pf_vector_a, p, sizeof(p));

	ck_assert_uint_eq(len, 412);
	ck_assert_uint_eq(walk(p + 20, len - 20, len - 20, s, 8, &fault), 3);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
	ck_assert_int_eq(s[0].kind, PFLOWI_PFSYNC_INS);
	ck_assert_int_eq(s[0].layout, PFLOWI_PF_LAYOUT_openbsd);
	ck_assert_uint_eq(s[0].count, 1);
	ck_assert_uint_eq(s[0].size, 264);
	pflowi_pf_unpack(s[0].layout, PFLOWI_PF_BIG, s[0].body, &raw);
	ck_assert_uint_eq(raw.id, 0x1234);
	ck_assert_uint_eq(raw.creatorid, 0xa1b2c3d4);
	ck_assert_str_eq(raw.ifname, "em0");
	ck_assert_uint_eq(raw.direction, 2);
	ck_assert_uint_eq(raw.proto[0], 6);
	ck_assert_uint_eq(raw.age_s, 1);
	ck_assert_uint_eq(raw.expire_s, 86399);
	ck_assert_uint_eq(raw.packets[0], 3);
	ck_assert_uint_eq(raw.packets[1], 2);
	ck_assert_uint_eq(raw.bytes[0], 180);
	ck_assert_uint_eq(raw.bytes[1], 120);
	ck_assert_uint_eq(raw.rule, 7);
	ck_assert_uint_eq(raw.anchor, UINT32_MAX);
	ck_assert_uint_eq(raw.timeout, 2);
	ck_assert(raw.marked);
	ck_assert_uint_eq(raw.port[PFLOW_WIRE][1], 51234);
	ck_assert_uint_eq(raw.port[PFLOW_STACK][1], 40000);
	ck_assert_int_eq(s[1].kind, PFLOWI_PFSYNC_UPD_C);
	pflowi_pfsync_get_upd_c(s[1].body, &upd);
	ck_assert_uint_eq(upd.id, 0x1234);
	ck_assert_uint_eq(upd.creatorid, 0xa1b2c3d4);
	ck_assert_uint_eq(upd.timeout, 5);
	ck_assert_int_eq(s[2].kind, PFLOWI_PFSYNC_DEL_C);
	ck_assert_uint_eq(pflowi_pfsync_id(s[2].body), 0x1234);
	ck_assert_uint_eq(pflowi_pfsync_del_c_creatorid(s[2].body), 0xa1b2c3d4);
}
END_TEST

START_TEST(test_vector_b_is_an_insert_of_freebsd_1301)
{
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	struct pflowi_pf_raw raw;
	uint8_t p[512];
	size_t len = pf_vector(pf_vector_b, p, sizeof(p));

	ck_assert_uint_eq(len, 290);
	ck_assert_uint_eq(walk(p + 20, len - 20, len - 20, s, 8, &fault), 1);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
	ck_assert_int_eq(s[0].kind, PFLOWI_PFSYNC_INS);
	ck_assert_int_eq(s[0].layout, PFLOWI_PF_LAYOUT_freebsd_1301);
	pflowi_pf_unpack(s[0].layout, PFLOWI_PF_BIG, s[0].body, &raw);
	ck_assert_uint_eq(raw.id, UINT64_C(0x0300000062fa9466));
	ck_assert_uint_eq(raw.creatorid, 0x11223344);
	ck_assert_str_eq(raw.ifname, "all");
	ck_assert_uint_eq(raw.direction, 1);
	ck_assert_uint_eq(raw.proto[1], 17);
	ck_assert_uint_eq(raw.af[0], 28);
	ck_assert_uint_eq(raw.port[PFLOW_WIRE][0], 5353);
	ck_assert_uint_eq(raw.port[PFLOW_WIRE][1], 53);
	ck_assert_uint_eq(raw.age_s, 0);
	ck_assert_uint_eq(raw.expire_s, 59);
	ck_assert_uint_eq(raw.packets[0], 1);
	ck_assert_uint_eq(raw.packets[1], 0);
	ck_assert_uint_eq(raw.bytes[0], 72);
	ck_assert_uint_eq(raw.timeout, 6);
	ck_assert_uint_eq(raw.rule, 3);
}
END_TEST

START_TEST(test_every_dialect_names_its_full_state_layout)
{
	static const struct {
		int version, action;
		enum gen_layout gen;
		enum pflowi_pfsync_kind kind;
		enum pflowi_pf_layout_id layout;
	} rows[] = {
		{ 6, 13, GEN_OPENBSD, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_openbsd },
		{ 6, 14, GEN_OPENBSD, PFLOWI_PFSYNC_UPD, PFLOWI_PF_LAYOUT_openbsd },
		{ 6, 6, GEN_OPENBSD, PFLOWI_PFSYNC_DEL, PFLOWI_PF_LAYOUT_openbsd },
		{ 5, 1, GEN_1301, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_freebsd_1301 },
		{ 5, 3, GEN_1301, PFLOWI_PFSYNC_UPD, PFLOWI_PF_LAYOUT_freebsd_1301 },
		{ 5, 6, GEN_1301, PFLOWI_PFSYNC_DEL, PFLOWI_PF_LAYOUT_freebsd_1301 },
		{ 5, 13, GEN_1400, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_freebsd_1400 },
		{ 5, 14, GEN_1400, PFLOWI_PFSYNC_UPD, PFLOWI_PF_LAYOUT_freebsd_1400 },
		{ 5, 15, GEN_1500, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_freebsd_1500 },
		{ 5, 16, GEN_1500, PFLOWI_PFSYNC_UPD, PFLOWI_PF_LAYOUT_freebsd_1500 },
		{ 5, 1, GEN_PFSYNC5, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_pfsync_5 },
		{ 4, 1, GEN_PFSYNC4, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_pfsync_4 },
		{ 4, 3, GEN_PFSYNC4, PFLOWI_PFSYNC_DEL, PFLOWI_PF_LAYOUT_pfsync_4 },
		{ 3, 1, GEN_PFSYNC3, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_pfsync_3 },
		{ 3, 2, GEN_PFSYNC3, PFLOWI_PFSYNC_UPD, PFLOWI_PF_LAYOUT_pfsync_3 },
		{ 2, 1, GEN_PFSYNC2, PFLOWI_PFSYNC_INS, PFLOWI_PF_LAYOUT_pfsync_2 },
	};
	const struct gen_state st = a_state(7);
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gen_buf b = { NULL, 0, 0 };
		struct pflowi_pfsync_section s[4];
		enum pflowi_pfsync_fault fault;
		struct pflowi_pf_raw raw;

		if (rows[i].version < 5) {
			gen_old_packet(&b, rows[i].version, rows[i].action, 2);
		} else {
			gen_packet_begin(&b, rows[i].version);
			gen_section(&b, rows[i].action,
			    gen_state_size(rows[i].gen), 2);
		}
		gen_state(&b, rows[i].gen, &st);
		gen_state(&b, rows[i].gen, &st);
		if (rows[i].version >= 5)
			gen_packet_end(&b);
		ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 4, &fault), 1);
		ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
		ck_assert_int_eq(s[0].kind, rows[i].kind);
		ck_assert_int_eq(s[0].layout, rows[i].layout);
		ck_assert_uint_eq(s[0].count, 2);
		ck_assert_uint_eq(s[0].size, gen_state_size(rows[i].gen));
		pflowi_pf_unpack(s[0].layout, PFLOWI_PF_BIG,
		    s[0].body + s[0].size, &raw);
		ck_assert_uint_eq(raw.id, 7);
		ck_assert_uint_eq(raw.creatorid, 0xa1b2c3d4);
		ck_assert_uint_eq(raw.creatorid,
		    pflowi_pf_creatorid(s[0].layout, s[0].body));
		gen_free(&b);
	}
}
END_TEST

START_TEST(test_messages_longer_than_known_are_read_by_their_prefix)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[4];
	enum pflowi_pfsync_fault fault;
	static const uint8_t more[4];

	gen_packet_begin(&b, 6);
	gen_section(&b, 7, 16, 2);
	gen_del_c(&b, 0, 1, 0xaa);
	gen_bytes(&b, more, 4);
	gen_del_c(&b, 0, 2, 0xaa);
	gen_bytes(&b, more, 4);
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 4, &fault), 1);
	ck_assert_int_eq(s[0].kind, PFLOWI_PFSYNC_DEL_C);
	ck_assert_uint_eq(s[0].count, 2);
	ck_assert_uint_eq(pflowi_pfsync_id(s[0].body + s[0].size), 2);
	gen_free(&b);
}
END_TEST

START_TEST(test_unknown_and_short_messages_of_version_6_are_stepped_over)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	static const uint8_t junk[64];

	gen_packet_begin(&b, 6);
	gen_section(&b, 200, 8, 3);
	gen_bytes(&b, junk, 24);
	gen_section(&b, 7, 8, 1);
	gen_bytes(&b, junk, 8);
	gen_section(&b, 1, 16, 2);
	gen_bytes(&b, junk, 32);
	gen_section(&b, 4, 84, 0);
	gen_section(&b, 7, 12, 1);
	gen_del_c(&b, 0, 9, 0xaa);
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 5);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
	ck_assert_int_eq(s[0].kind, PFLOWI_PFSYNC_UNKNOWN);
	ck_assert_uint_eq(s[0].count, 3);
	ck_assert_int_eq(s[1].kind, PFLOWI_PFSYNC_UNKNOWN);
	ck_assert_int_eq(s[2].kind, PFLOWI_PFSYNC_OBSOLETE);
	ck_assert_int_eq(s[3].kind, PFLOWI_PFSYNC_UPD_C);
	ck_assert_uint_eq(s[3].count, 0);
	ck_assert_int_eq(s[4].kind, PFLOWI_PFSYNC_DEL_C);
	gen_free(&b);
}
END_TEST

START_TEST(test_unknown_message_without_length_ends_the_packet)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	static const int actions[] = { 200, 1, 8 };
	size_t i;

	for (i = 0; i < 3; i++) {
		gen_packet_begin(&b, 6);
		gen_section(&b, actions[i], 0, 1);
		gen_section(&b, 7, 12, 1);
		gen_del_c(&b, 0, 9, 0xaa);
		gen_packet_end(&b);
		ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
		ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_action);
	}
	gen_packet_begin(&b, 5);
	gen_section(&b, 17, 0, 1);
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_action);
	gen_old_packet(&b, 4, 6, 1);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_action);
	gen_free(&b);
}
END_TEST

START_TEST(test_version_5_ends_at_eof_whatever_follows)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	static const uint8_t hmac[20] = { 0xff };
	const struct gen_state st = a_state(3);

	gen_packet_begin(&b, 5);
	gen_section(&b, 1, 0, 1);
	gen_state(&b, GEN_PFSYNC5, &st);
	gen_section(&b, 12, 0, 1);
	gen_bytes(&b, hmac, sizeof(hmac));
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 1);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
	ck_assert_int_eq(s[0].layout, PFLOWI_PF_LAYOUT_pfsync_5);
	gen_free(&b);
}
END_TEST

START_TEST(test_version_5_that_fits_neither_size_is_refused_by_name)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	static const uint8_t odd[241];

	gen_packet_begin(&b, 5);
	gen_section(&b, 1, 0, 1);
	gen_bytes(&b, odd, sizeof(odd));
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_ambiguous);
	gen_free(&b);
}
END_TEST

START_TEST(test_first_version_2_clear_has_8_octets_the_later_24)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[2];
	enum pflowi_pfsync_fault fault;
	struct pflowi_pfsync_clr clr;
	static const uint8_t bare[8] = { 1, 2, 3, 4 };

	gen_old_packet(&b, 2, 0, 1);
	gen_bytes(&b, bare, 8);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 2, &fault), 1);
	pflowi_pfsync_get_clr(&s[0], s[0].body, &clr);
	ck_assert_uint_eq(clr.creatorid, 0x01020304);
	ck_assert_str_eq(clr.ifname, "");
	gen_old_packet(&b, 2, 0, 1);
	gen_clr(&b, 1, "em1", 0x01020304);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 2, &fault), 1);
	pflowi_pfsync_get_clr(&s[0], s[0].body, &clr);
	ck_assert_uint_eq(clr.creatorid, 0x01020304);
	ck_assert_str_eq(clr.ifname, "em1");
	gen_free(&b);
}
END_TEST

START_TEST(test_lengths_that_lie_give_no_message)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;

	gen_packet_begin(&b, 6);
	gen_section(&b, 7, 12, 3);
	gen_del_c(&b, 0, 1, 2);
	gen_packet_end(&b);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_length);
	b.p[2] = 0xff;
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_length);
	b.p[2] = 0;
	b.p[3] = 19;
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_length);
	gen_old_packet(&b, 4, 5, 2);
	gen_del_c(&b, 1, 1, 2);
	ck_assert_uint_eq(walk(b.p, b.len, b.len, s, 8, &fault), 0);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_length);
	gen_free(&b);
}
END_TEST

START_TEST(test_versions_outside_2_to_6_are_refused)
{
	struct pflowi_pfsync_section s[2];
	enum pflowi_pfsync_fault fault;
	uint8_t p[64] = { 0 };
	int version;

	for (version = 0; version < 256; version++) {
		if (version >= 2 && version <= 6)
			continue;
		p[0] = (uint8_t)version;
		ck_assert_uint_eq(walk(p, sizeof(p), sizeof(p), s, 2, &fault), 0);
		ck_assert_int_eq(fault, PFLOWI_PFSYNC_bad_version);
	}
}
END_TEST

START_TEST(test_octets_beyond_the_length_are_ignored)
{
	uint8_t p[512];
	struct pflowi_pfsync_section s[8];
	enum pflowi_pfsync_fault fault;
	size_t len = pf_vector(pf_vector_a, p, sizeof(p));

	memset(p + len, 7, 40);
	ck_assert_uint_eq(walk(p + 20, len + 20, len + 20, s, 8, &fault), 3);
	ck_assert_int_eq(fault, PFLOWI_PFSYNC_NO_FAULT);
}
END_TEST

START_TEST(test_a_capture_cut_anywhere_gives_whole_messages_only)
{
	static const char *const vectors[] = { pf_vector_a, pf_vector_b };
	size_t v, cut;

	for (v = 0; v < 2; v++) {
		uint8_t p[512];
		size_t len = pf_vector(vectors[v], p, sizeof(p)) - 20;

		for (cut = 0; cut < len; cut++) {
			struct pflowi_pfsync_section s[8];
			enum pflowi_pfsync_fault fault;
			size_t n = walk(p + 20, cut, len, s, 8, &fault), i;

			ck_assert_int_eq(fault, PFLOWI_PFSYNC_truncated);
			for (i = 0; i < n; i++)
				ck_assert(s[i].body + s[i].size * s[i].count <=
				    p + 20 + cut);
			/* Which size the cut states had, nobody can say. */
			if (v == 1)
				ck_assert_uint_eq(n, 0);
			else if (n > 0)
				ck_assert_uint_eq(s[0].count, cut >= 24 + 264);
		}
	}
}
END_TEST

Suite *
suite_pfsync_decode(void)
{
	Suite *s = suite_create("sources/pfsync_decode");
	TCase *t = tcase_create("pfsync_decode");

	tcase_add_test(t, test_vector_a_is_an_insert_an_update_and_a_delete);
	tcase_add_test(t, test_vector_b_is_an_insert_of_freebsd_1301);
	tcase_add_test(t, test_every_dialect_names_its_full_state_layout);
	tcase_add_test(t,
	    test_messages_longer_than_known_are_read_by_their_prefix);
	tcase_add_test(t,
	    test_unknown_and_short_messages_of_version_6_are_stepped_over);
	tcase_add_test(t, test_unknown_message_without_length_ends_the_packet);
	tcase_add_test(t, test_version_5_ends_at_eof_whatever_follows);
	tcase_add_test(t,
	    test_version_5_that_fits_neither_size_is_refused_by_name);
	tcase_add_test(t, test_first_version_2_clear_has_8_octets_the_later_24);
	tcase_add_test(t, test_lengths_that_lie_give_no_message);
	tcase_add_test(t, test_versions_outside_2_to_6_are_refused);
	tcase_add_test(t, test_octets_beyond_the_length_are_ignored);
	tcase_add_test(t, test_a_capture_cut_anywhere_gives_whole_messages_only);
	suite_add_tcase(s, t);
	return s;
}
