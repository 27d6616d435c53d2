/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pfsync_frame.h"

Suite *suite_pfsync_frame(void);

#define GOOD PFLOWI_PFSYNC_FRAME_GOOD

static struct gen_buf packet, frame;

static void
setup(void)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, 7, 12, 1);
	gen_del_c(&packet, 0, 1, 2);
	gen_packet_end(&packet);
}

static void
teardown(void)
{
	gen_free(&packet);
	gen_free(&frame);
}

static enum pflowi_pfsync_frame_verdict
look(uint32_t link, struct pflowi_pfsync_payload *out)
{
	return pflowi_pfsync_frame(link, frame.p, frame.len, frame.len, out);
}

static void
check_good(uint32_t link, const char *sender)
{
	struct pflowi_pfsync_payload out;
	uint8_t addr[16];

	ck_assert_msg(look(link, &out) == GOOD, "link %u", link);
	ck_assert_uint_eq(out.len, packet.len);
	ck_assert_uint_eq(out.wire, packet.len);
	ck_assert_mem_eq(out.p, packet.p, packet.len);
	gen_addr(sender, addr);
	ck_assert_mem_eq(out.sender, addr, 16);
}

static void
make(const uint8_t *head, size_t len, const char *sender)
{
	frame.len = 0;
	gen_bytes(&frame, head, len);
	gen_ip(&frame, sender, &packet);
}

START_TEST(test_pfsync_links_with_and_without_ip_header)
{
	static const uint32_t links[] = { 246, 18, 121 };
	size_t i;

	for (i = 0; i < 3; i++) {
		frame.len = 0;
		gen_bytes(&frame, packet.p, packet.len);
		check_good(links[i], "0.0.0.0");
		make(NULL, 0, "192.0.2.1");
		check_good(links[i], "192.0.2.1");
		make(NULL, 0, "fe80::1");
		check_good(links[i], "fe80::1");
	}
}
END_TEST

START_TEST(test_every_link_type_finds_protocol_240)
{
	static const uint8_t ether[14] = { [12] = 8 };
	static const uint8_t ether6[14] = { [12] = 0x86, [13] = 0xdd };
	static const uint8_t vlan[18] = { [12] = 0x81, [16] = 8 };
	static const uint8_t qinq[22] = { [12] = 0x88, [13] = 0xa8,
		[16] = 0x81, [20] = 8 };
	static const uint8_t sll[16] = { [14] = 8 };
	static const uint8_t sll2[20] = { 8 };
	static const uint8_t null_le[4] = { 2, 0, 0, 0 };
	static const uint8_t null_be[4] = { 0, 0, 0, 24 };
	static const uint8_t enc[12] = { 2 };
	static const struct {
		uint32_t link;
		const uint8_t *head;
		size_t len;
		const char *sender;
	} rows[] = {
		{ 1, ether, 14, "192.0.2.1" },
		{ 1, ether6, 14, "fe80::1" },
		{ 1, vlan, 18, "192.0.2.1" },
		{ 1, qinq, 22, "192.0.2.1" },
		{ 113, sll, 16, "192.0.2.1" },
		{ 276, sll2, 20, "192.0.2.1" },
		{ 0, null_le, 4, "192.0.2.1" },
		{ 0, null_be, 4, "fe80::1" },
		{ 108, null_be, 4, "fe80::1" },
		{ 12, NULL, 0, "192.0.2.1" },
		{ 14, NULL, 0, "192.0.2.1" },
		{ 101, NULL, 0, "fe80::1" },
		{ 228, NULL, 0, "192.0.2.1" },
		{ 229, NULL, 0, "fe80::1" },
		{ 109, enc, 12, "192.0.2.1" },
		{ 13, enc, 12, "192.0.2.1" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(rows[i].head, rows[i].len, rows[i].sender);
		check_good(rows[i].link, rows[i].sender);
	}
}
END_TEST

START_TEST(test_padding_behind_the_ip_packet_is_not_part_of_it)
{
	static const uint8_t ether[14] = { [12] = 8 }, pad[40];

	make(ether, 14, "192.0.2.1");
	gen_bytes(&frame, pad, sizeof(pad));
	check_good(1, "192.0.2.1");
}
END_TEST

START_TEST(test_options_and_extension_headers_are_stepped_over)
{
	static const uint8_t hop[8] = { 240, 0 };
	struct pflowi_pfsync_payload out;
	struct gen_buf copy = { NULL, 0, 0 };

	make(NULL, 0, "192.0.2.1");
	gen_bytes(&copy, frame.p, 20);
	gen_bytes(&copy, "\1\1\1\1", 4);
	gen_bytes(&copy, frame.p + 20, frame.len - 20);
	copy.p[0] = 0x46;
	copy.p[3] = (uint8_t)(copy.p[3] + 4);
	ck_assert_int_eq(pflowi_pfsync_frame(101, copy.p, copy.len, copy.len,
	    &out), GOOD);
	ck_assert_uint_eq(out.len, packet.len);
	make(NULL, 0, "fe80::1");
	copy.len = 0;
	gen_bytes(&copy, frame.p, 40);
	gen_bytes(&copy, hop, 8);
	gen_bytes(&copy, frame.p + 40, frame.len - 40);
	copy.p[5] = (uint8_t)(copy.p[5] + 8);
	copy.p[6] = 0;
	ck_assert_int_eq(pflowi_pfsync_frame(101, copy.p, copy.len, copy.len,
	    &out), GOOD);
	ck_assert_uint_eq(out.len, packet.len);
	copy.p[6] = 44; /* a fragment, and more to come */
	copy.p[43] = 1;
	ck_assert_int_eq(pflowi_pfsync_frame(101, copy.p, copy.len, copy.len,
	    &out), PFLOWI_PFSYNC_FRAME_fragments);
	gen_free(&copy);
}
END_TEST

START_TEST(test_what_a_kernel_would_drop_is_dropped_by_name)
{
	struct pflowi_pfsync_payload out;

	make(NULL, 0, "192.0.2.1");
	frame.p[8] = 64;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_wrong_ttl);
	make(NULL, 0, "fe80::1");
	frame.p[7] = 254;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_wrong_ttl);
	make(NULL, 0, "192.0.2.1");
	frame.p[7] = 1;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_fragments);
	frame.p[7] = 0;
	frame.p[6] = 0x20;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_fragments);
	make(NULL, 0, "192.0.2.1");
	frame.p[0] = 0x44;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_bad_frames);
	make(NULL, 0, "192.0.2.1");
	frame.p[2] = 0xff;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_bad_frames);
	make(NULL, 0, "192.0.2.1");
	frame.p[9] = 6;
	ck_assert_int_eq(look(101, &out), PFLOWI_PFSYNC_FRAME_other_frames);
	ck_assert_int_eq(look(105, &out), PFLOWI_PFSYNC_FRAME_unknown_links);
	frame.p[0] = 0xa0;
	ck_assert_int_eq(look(246, &out), PFLOWI_PFSYNC_FRAME_other_frames);
}
END_TEST

START_TEST(test_frames_cut_anywhere_say_so)
{
	static const uint8_t qinq[22] = { [12] = 0x88, [13] = 0xa8,
		[16] = 0x81, [20] = 8 };
	size_t cut;

	make(qinq, 22, "192.0.2.1");
	for (cut = 0; cut < frame.len; cut++) {
		struct pflowi_pfsync_payload out;
		uint8_t *p = malloc(cut + 1);
		enum pflowi_pfsync_frame_verdict v;

		ck_assert_ptr_nonnull(p);
		memcpy(p, frame.p, cut);
		v = pflowi_pfsync_frame(1, p, cut, frame.len, &out);
		if (cut < 42) {
			ck_assert_int_eq(v, PFLOWI_PFSYNC_FRAME_cut_frames);
		} else {
			ck_assert_int_eq(v, GOOD);
			ck_assert_uint_eq(out.len, cut - 42);
			ck_assert_uint_eq(out.wire, packet.len);
		}
		free(p);
	}
}
END_TEST

Suite *
suite_pfsync_frame(void)
{
	Suite *s = suite_create("sources/pfsync_frame");
	TCase *t = tcase_create("pfsync_frame");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_pfsync_links_with_and_without_ip_header);
	tcase_add_test(t, test_every_link_type_finds_protocol_240);
	tcase_add_test(t, test_padding_behind_the_ip_packet_is_not_part_of_it);
	tcase_add_test(t, test_options_and_extension_headers_are_stepped_over);
	tcase_add_test(t, test_what_a_kernel_would_drop_is_dropped_by_name);
	tcase_add_test(t, test_frames_cut_anywhere_say_so);
	suite_add_tcase(s, t);
	return s;
}
