/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/conntrack_decode.h"
#include "test_conntrack_writer.h"

Suite *suite_conntrack_decode(void);

static const struct ct_spec tcp_nat = {
	.type = CT_DESTROY,
	.proto = 6,
	.src = "\x0a\x00\x00\x02",
	.dst = "\xc6\x33\x64\x07",
	.reply_src = "\xc6\x33\x64\x07",
	.reply_dst = "\xcb\x00\x71\x01",
	.sport = 40000,
	.dport = 443,
	.reply_dport = 61000,
	.id = 0x8a7b6c5d,
	.mark = 0x10,
	.status = 0x20e,
	.zone = 7,
	.counters = true,
	.packets = { 12, UINT64_C(0x123456789) },
	.octets = { 3456, UINT64_C(0xabcdef0123) },
	.start_ns = UINT64_C(1700000000000000001),
	.stop_ns = UINT64_C(1700000009000000002),
	.event_ns = UINT64_C(1700000009000000003),
	.timeout_s = 9,
	.tcp_state = 7,
	.label = 66,
};

static struct nlw w;

static int
decode(struct pflowi_ct_flow *out)
{
	struct pflowi_nl_msg msg;
	size_t pos = 0;

	ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg), PFLOW_OK);
	return pflowi_ct_decode(&msg, out);
}

static void
decode_spec(const struct ct_spec *s, struct pflowi_ct_flow *out)
{
	w.len = 0;
	nlw_flow(&w, s);
	ck_assert_int_eq(decode(out), PFLOW_OK);
}

START_TEST(test_destroy_of_a_translated_tcp_flow_gives_every_member)
{
	struct pflowi_ct_flow f;
	const struct pflow_key *pre, *post;

	decode_spec(&tcp_nat, &f);
	pre = pflow_state_pre(&f.st);
	post = pflow_state_post(&f.st);
	ck_assert_int_eq(f.kind, PFLOWI_CT_DESTROY);
	ck_assert_uint_eq(pre->af, PFLOW_AF_IPV4);
	ck_assert_mem_eq(pre->addr[0], "\x0a\x00\x00\x02", 4);
	ck_assert_mem_eq(pre->addr[1], "\xc6\x33\x64\x07", 4);
	ck_assert_uint_eq(pre->port[0], 40000);
	ck_assert_uint_eq(pre->port[1], 443);
	ck_assert_mem_eq(post->addr[0], "\xcb\x00\x71\x01", 4);
	ck_assert_mem_eq(post->addr[1], "\xc6\x33\x64\x07", 4);
	ck_assert_uint_eq(post->port[0], 61000);
	ck_assert_uint_eq(post->port[1], 443);
	ck_assert(f.st.flags & PFLOW_STATE_TRANSLATED);
	ck_assert_uint_eq(f.st.protocol, 6);
	ck_assert_uint_eq(f.st.packets[0], 12);
	ck_assert_uint_eq(f.st.packets[1], UINT64_C(0x123456789));
	ck_assert_uint_eq(f.st.octets[0], 3456);
	ck_assert_uint_eq(f.st.octets[1], UINT64_C(0xabcdef0123));
	ck_assert_uint_eq(f.st.flow_id, 0x8a7b6c5d);
	ck_assert_uint_eq(f.st.present, PFLOW_HAS_FLOW_ID);
	ck_assert_uint_eq(f.st.direction, PFLOW_DIR_UNKNOWN);
	ck_assert_uint_eq(f.id, 0x8a7b6c5d);
	ck_assert_uint_eq(f.mark, 0x10);
	ck_assert_uint_eq(f.status, 0x20e);
	ck_assert_uint_eq(f.zone, 7);
	ck_assert_uint_eq(f.start_ns, UINT64_C(1700000000000000001));
	ck_assert_uint_eq(f.stop_ns, UINT64_C(1700000009000000002));
	ck_assert_uint_eq(f.event_ns, UINT64_C(1700000009000000003));
	ck_assert_uint_eq(f.timeout_s, 9);
	ck_assert_uint_eq(f.tcp_state, 7);
	ck_assert(pflowi_ct_label(&f, 65));
	ck_assert(!pflowi_ct_label(&f, 64));
	ck_assert(!pflowi_ct_label(&f, 127));
	ck_assert(!pflowi_ct_label(&f, 128));
}
END_TEST

START_TEST(test_message_without_optional_attributes_has_none)
{
	struct ct_spec s = { .type = CT_DESTROY, .proto = 17,
		.src = "\x0a\x00\x00\x02", .dst = "\x0a\x00\x00\x03",
		.sport = 5, .dport = 53 };
	struct pflowi_ct_flow f;

	w.len = 0;
	nlw_begin(&w, s.type, 0, 0, 0);
	nlw_tuples(&w, &s);
	nlw_finish(&w);
	ck_assert_int_eq(decode(&f), PFLOW_OK);
	ck_assert_uint_eq(f.has, 0);
	ck_assert_uint_eq(f.st.present, 0);
	ck_assert(!(f.st.flags & PFLOW_STATE_TRANSLATED));
	ck_assert_mem_eq(&f.st.key[0], &f.st.key[1], sizeof(f.st.key[0]));
	ck_assert_uint_eq(f.start_ns, 0);
	ck_assert(!pflowi_ct_label(&f, 0));
}
END_TEST

START_TEST(test_ipv6_flow_keeps_sixteen_octets_of_each_address)
{
	struct ct_spec s = { .type = CT_DESTROY, .v6 = true, .proto = 17,
		.src = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
		.dst = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02",
		.reply_dst = "\x20\x01\x0d\xb8\xff\xff\0\0\0\0\0\0\0\0\0\x03",
		.sport = 1, .dport = 2 };
	struct pflowi_ct_flow f;

	decode_spec(&s, &f);
	ck_assert_uint_eq(f.st.key[0].af, PFLOW_AF_IPV6);
	ck_assert_mem_eq(f.st.key[0].addr[0], s.src, 16);
	ck_assert_mem_eq(f.st.key[0].addr[1], s.dst, 16);
	ck_assert_mem_eq(f.st.key[1].addr[0], s.reply_dst, 16);
	ck_assert_mem_eq(f.st.key[1].addr[1], s.dst, 16);
	ck_assert(f.st.flags & PFLOW_STATE_TRANSLATED);
}
END_TEST

START_TEST(test_icmp_id_is_no_port_and_the_reply_type_answers)
{
	struct ct_spec s = { .type = CT_DESTROY, .proto = 1,
		.src = "\x0a\x00\x00\x02", .dst = "\x0a\x00\x00\x03",
		.icmp_id = 4711, .icmp_type = 8 };
	struct pflowi_ct_flow f;

	decode_spec(&s, &f);
	ck_assert_uint_eq(f.st.key[0].port[0], 0);
	ck_assert_uint_eq(f.st.key[0].port[1], 0);
	ck_assert_uint_eq(f.st.key[1].port[0], 0);
	ck_assert_uint_eq(f.st.key[1].port[1], 0);
	ck_assert(f.st.present & PFLOW_HAS_ICMP);
	ck_assert_uint_eq(f.st.icmp[0], 0x0800);
	ck_assert_uint_eq(f.st.icmp[1], 0x0000);
	ck_assert_uint_eq(f.inner[0], 4711);
	s.proto = 58;
	s.icmp_type = 128;
	s.icmp_code = 3;
	s.v6 = true;
	s.src = "abcdefghijklmnop";
	s.dst = "ABCDEFGHIJKLMNOP";
	decode_spec(&s, &f);
	ck_assert_uint_eq(f.st.icmp[0], 128 << 8 | 3);
	ck_assert_uint_eq(f.st.icmp[1], 129 << 8);
	ck_assert_uint_eq(f.st.key[0].port[0], 0);
}
END_TEST

START_TEST(test_gre_keys_are_no_ports_but_tell_flows_apart)
{
	struct ct_spec s = { .type = CT_DESTROY, .proto = 47,
		.src = "\x0a\x00\x00\x02", .dst = "\x0a\x00\x00\x03",
		.sport = 77, .dport = 78 };
	struct pflowi_ct_flow f;

	decode_spec(&s, &f);
	ck_assert_uint_eq(f.st.key[0].port[0], 0);
	ck_assert_uint_eq(f.st.key[0].port[1], 0);
	ck_assert_uint_eq(f.inner[0], 77);
	ck_assert_uint_eq(f.inner[1], 78);
}
END_TEST

START_TEST(test_kind_comes_from_type_and_flags)
{
	struct ct_spec s = tcp_nat;
	struct pflowi_ct_flow f;

	s.type = CT_NEW;
	s.flags = CT_F_NEW;
	decode_spec(&s, &f);
	ck_assert_int_eq(f.kind, PFLOWI_CT_NEW);
	s.flags = 0;
	decode_spec(&s, &f);
	ck_assert_int_eq(f.kind, PFLOWI_CT_UPDATE);
	s.flags = CT_F_MULTI;
	decode_spec(&s, &f);
	ck_assert_int_eq(f.kind, PFLOWI_CT_UPDATE);
}
END_TEST

/** IPCTNL_MSG_CT_GET, statistics, expectations, nftables, netlink's own. */
START_TEST(test_messages_of_other_types_are_not_taken_for_flows)
{
	static const uint16_t types[] = { 0x0101, 0x0103, 0x0105, 0x0200,
		0x0202, 0x0a00, 0x0000, 0x0002, 0x0003 };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct ct_spec s = tcp_nat;
		struct pflowi_ct_flow f;

		s.type = types[i];
		w.len = 0;
		nlw_flow(&w, &s);
		ck_assert_int_eq(decode(&f), PFLOW_ERR_UNSUPPORTED);
	}
}
END_TEST

START_TEST(test_unknown_attributes_are_stepped_over)
{
	struct pflowi_ct_flow f;

	w.len = 0;
	nlw_begin(&w, CT_DESTROY, 0, 0, 0);
	nlw_attr(&w, 900, "odd", 3);
	nlw_tuples(&w, &tcp_nat);
	nlw_nest(&w, 901);
	nlw_attr(&w, 1, "x", 1);
	nlw_unnest(&w);
	nlw_attr(&w, 902, "", 0);
	nlw_uint(&w, 12, 4, 99);
	nlw_finish(&w);
	ck_assert_int_eq(decode(&f), PFLOW_OK);
	ck_assert_uint_eq(f.id, 99);
	ck_assert_uint_eq(f.st.key[0].port[1], 443);
}
END_TEST

START_TEST(test_tuple_that_lacks_something_is_malformed)
{
	struct pflowi_ct_flow f;
	unsigned skip;

	for (skip = 0; skip < 4; skip++) {
		uint16_t d;

		w.len = 0;
		nlw_begin(&w, CT_DESTROY, 0, 0, 0);
		for (d = 1; d <= 2; d++) {
			nlw_nest(&w, d);
			nlw_nest(&w, 1);
			if (skip != 2u * d - 2)
				nlw_attr(&w, 1, "\x0a\0\0\1", 4);
			if (skip != 2u * d - 1)
				nlw_attr(&w, 2, "\x0a\0\0\2", 4);
			nlw_unnest(&w);
			nlw_proto(&w, &tcp_nat, d == 2);
			nlw_unnest(&w);
		}
		nlw_finish(&w);
		ck_assert_int_eq(decode(&f), PFLOW_ERR_MALFORMED);
	}
}
END_TEST

/** Write a message whose original tuple has these two addresses. */
static int
decode_addresses(uint16_t src_type, size_t src_len, uint16_t dst_type,
    size_t dst_len)
{
	struct pflowi_ct_flow f;

	w.len = 0;
	nlw_begin(&w, CT_DESTROY, 0, 0, 0);
	nlw_nest(&w, 1);
	nlw_nest(&w, 1);
	nlw_attr(&w, src_type, "0123456789abcdef", src_len);
	nlw_attr(&w, dst_type, "0123456789abcdef", dst_len);
	nlw_unnest(&w);
	nlw_proto(&w, &tcp_nat, false);
	nlw_unnest(&w);
	nlw_nest(&w, 2);
	nlw_ip(&w, &tcp_nat, "\x0a\0\0\1", "\x0a\0\0\2");
	nlw_proto(&w, &tcp_nat, true);
	nlw_unnest(&w);
	nlw_finish(&w);
	return decode(&f);
}

START_TEST(test_addresses_of_wrong_length_or_mixed_family_are_malformed)
{
	ck_assert_int_eq(decode_addresses(1, 4, 2, 4), PFLOW_OK);
	ck_assert_int_eq(decode_addresses(3, 16, 4, 16), PFLOW_OK);
	ck_assert_int_eq(decode_addresses(1, 3, 2, 4), PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(decode_addresses(1, 16, 2, 4), PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(decode_addresses(3, 4, 4, 16), PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(decode_addresses(1, 4, 4, 16), PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(decode_addresses(1, 4, 1, 4), PFLOW_ERR_MALFORMED);
}
END_TEST

START_TEST(test_numbers_that_are_too_short_are_malformed)
{
	static const struct {
		uint16_t type;
		size_t len;
	} shorts[] = { { 3, 3 }, { 7, 0 }, { 8, 2 }, { 12, 3 }, { 18, 1 },
		{ 27, 7 } };
	size_t i;

	for (i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
		struct pflowi_ct_flow f;

		w.len = 0;
		nlw_begin(&w, CT_DESTROY, 0, 0, 0);
		nlw_tuples(&w, &tcp_nat);
		nlw_attr(&w, shorts[i].type, "\0\0\0\0\0\0\0", shorts[i].len);
		nlw_finish(&w);
		ck_assert_int_eq(decode(&f), PFLOW_ERR_MALFORMED);
	}
}
END_TEST

START_TEST(test_labels_longer_than_the_kernels_are_cut)
{
	struct pflowi_ct_flow f;
	uint8_t ones[64];

	memset(ones, 0xff, sizeof(ones));
	w.len = 0;
	nlw_begin(&w, CT_DESTROY, 0, 0, 0);
	nlw_tuples(&w, &tcp_nat);
	nlw_attr(&w, 22, ones, sizeof(ones));
	nlw_finish(&w);
	ck_assert_int_eq(decode(&f), PFLOW_OK);
	ck_assert(pflowi_ct_label(&f, 127));
	ck_assert(!pflowi_ct_label(&f, 128));
}
END_TEST

/** Every cut of a message, in memory of just that size. */
START_TEST(test_every_truncation_is_an_error_and_reads_nothing_beyond)
{
	size_t n;

	w.len = 0;
	nlw_flow(&w, &tcp_nat);
	for (n = 0; n < w.len; n++) {
		uint8_t *copy = malloc(n == 0 ? 1 : n);
		struct pflowi_nl_msg msg;
		struct pflowi_ct_flow f;
		uint32_t len = (uint32_t)n;
		size_t pos = 0;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, w.buf, n);
		ck_assert_int_ne(pflowi_nl_next(copy, n, &pos, &msg),
		    PFLOW_OK);
		if (n >= 16) {
			/* A header that agrees: now the attributes lie. */
			memcpy(copy, &len, sizeof(len));
			pos = 0;
			ck_assert_int_eq(pflowi_nl_next(copy, n, &pos, &msg),
			    PFLOW_OK);
			(void)pflowi_ct_decode(&msg, &f);
		}
		free(copy);
	}
}
END_TEST

START_TEST(test_next_steps_over_messages_and_refuses_lengths_that_lie)
{
	struct pflowi_nl_msg msg;
	uint32_t lie;
	size_t pos = 0, second;

	w.len = 0;
	nlw_flow(&w, &tcp_nat);
	second = w.len;
	nlw_head(&w, 3, CT_F_MULTI, 5, 6);
	nlw_host32(&w, 0);
	nlw_finish(&w);
	ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg), PFLOW_OK);
	ck_assert_uint_eq(pos, second);
	ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg), PFLOW_OK);
	ck_assert_uint_eq(msg.type, PFLOWI_NL_DONE);
	ck_assert_uint_eq(msg.seq, 5);
	ck_assert_uint_eq(msg.portid, 6);
	ck_assert_int_eq(pflowi_nl_errno(&msg), 0);
	ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg), PFLOW_EOF);
	for (lie = 0; lie < 16; lie++) {
		pos = 0;
		memcpy(w.buf, &lie, sizeof(lie));
		ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg),
		    PFLOW_ERR_TRUNCATED);
	}
	lie = UINT32_MAX;
	memcpy(w.buf, &lie, sizeof(lie));
	pos = 0;
	ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg),
	    PFLOW_ERR_TRUNCATED);
	pos = 0;
	ck_assert_int_eq(pflowi_nl_next(w.buf, 15, &pos, &msg),
	    PFLOW_ERR_TRUNCATED);
}
END_TEST

START_TEST(test_errno_of_error_messages_is_positive_and_bounded)
{
	static const struct {
		uint32_t code;
		int want;
	} codes[] = { { 0, 0 }, { (uint32_t)-1, 1 }, { (uint32_t)-105, 105 },
		{ (uint32_t)-4095, 4095 }, { (uint32_t)-4096, 0 },
		{ 0x80000000u, 0 }, { 1, 0 } };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct pflowi_nl_msg msg;
		size_t pos = 0;

		w.len = 0;
		nlw_head(&w, 2, 0, 1, 0);
		nlw_host32(&w, codes[i].code);
		nlw_finish(&w);
		ck_assert_int_eq(pflowi_nl_next(w.buf, w.len, &pos, &msg),
		    PFLOW_OK);
		ck_assert_int_eq(pflowi_nl_errno(&msg), codes[i].want);
	}
}
END_TEST

Suite *
suite_conntrack_decode(void)
{
	Suite *s = suite_create("sources/conntrack_decode");
	TCase *t = tcase_create("decode");

	tcase_add_test(t,
	    test_destroy_of_a_translated_tcp_flow_gives_every_member);
	tcase_add_test(t, test_message_without_optional_attributes_has_none);
	tcase_add_test(t, test_ipv6_flow_keeps_sixteen_octets_of_each_address);
	tcase_add_test(t, test_icmp_id_is_no_port_and_the_reply_type_answers);
	tcase_add_test(t, test_gre_keys_are_no_ports_but_tell_flows_apart);
	tcase_add_test(t, test_kind_comes_from_type_and_flags);
	tcase_add_test(t, test_messages_of_other_types_are_not_taken_for_flows);
	tcase_add_test(t, test_unknown_attributes_are_stepped_over);
	tcase_add_test(t, test_tuple_that_lacks_something_is_malformed);
	tcase_add_test(t,
	    test_addresses_of_wrong_length_or_mixed_family_are_malformed);
	tcase_add_test(t, test_numbers_that_are_too_short_are_malformed);
	tcase_add_test(t, test_labels_longer_than_the_kernels_are_cut);
	tcase_add_test(t,
	    test_every_truncation_is_an_error_and_reads_nothing_beyond);
	tcase_add_test(t,
	    test_next_steps_over_messages_and_refuses_lengths_that_lie);
	tcase_add_test(t, test_errno_of_error_messages_is_positive_and_bounded);
	suite_add_tcase(s, t);
	return s;
}
