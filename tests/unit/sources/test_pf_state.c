/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "pf_vectors.h"
#include "sources/pf_layout.h"

Suite *suite_pf_state(void);

#define NOW UINT64_C(1700000000000000000)
#define SECOND UINT64_C(1000000000)

static struct pflowi_pf_raw
a_raw(void)
{
	struct pflowi_pf_raw raw;

	memset(&raw, 0, sizeof(raw));
	raw.af[0] = raw.af[1] = 2;
	raw.proto[0] = raw.proto[1] = 6;
	raw.direction = PFLOW_DIR_IN;
	raw.timeout = 2;
	raw.swaps = true;
	raw.addr[0][0][0] = raw.addr[1][0][0] = 192;
	raw.addr[0][1][0] = raw.addr[1][1][0] = 198;
	raw.port[0][0] = raw.port[1][0] = 1024;
	raw.port[0][1] = raw.port[1][1] = 80;
	raw.rule = 1;
	return raw;
}

START_TEST(test_vector_a_means_a_translated_outbound_connection)
{
	static const uint8_t lan[16] = { 10, 0, 0, 5 };
	static const uint8_t nat[16] = { 203, 0, 113, 7 };
	static const uint8_t ext[16] = { 198, 51, 100, 9 };
	struct pflowi_pf_raw raw;
	struct pflow_state st;
	uint8_t p[512];

	pf_vector(pf_vector_a, p, sizeof(p));
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG, p + 44, &raw);
	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st), PFLOWI_PF_GOOD);
	ck_assert_mem_eq(st.key[PFLOW_STACK].addr[0], lan, 16);
	ck_assert_mem_eq(st.key[PFLOW_STACK].addr[1], ext, 16);
	ck_assert_mem_eq(st.key[PFLOW_WIRE].addr[0], nat, 16);
	ck_assert_mem_eq(st.key[PFLOW_WIRE].addr[1], ext, 16);
	ck_assert_uint_eq(st.key[PFLOW_STACK].port[0], 40000);
	ck_assert_uint_eq(st.key[PFLOW_WIRE].port[0], 51234);
	ck_assert_uint_eq(st.key[PFLOW_WIRE].port[1], 443);
	ck_assert_uint_eq(st.flags, PFLOW_STATE_EXPORT | PFLOW_STATE_TRANSLATED);
	ck_assert_uint_eq(st.start_ns, NOW - SECOND);
	ck_assert_uint_eq(st.last_ns, NOW - SECOND);
	ck_assert_uint_eq(st.packets[0], 3);
	ck_assert_uint_eq(st.octets[1], 120);
	ck_assert_uint_eq(st.rule, 7);
	ck_assert_uint_eq(st.anchor, UINT32_MAX);
}
END_TEST

START_TEST(test_vector_b_means_an_inbound_ipv6_question)
{
	static const uint8_t src[16] = { 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 9 };
	struct pflowi_pf_raw raw;
	struct pflow_state st;
	uint8_t p[512];

	pf_vector(pf_vector_b, p, sizeof(p));
	pflowi_pf_unpack(PFLOWI_PF_LAYOUT_freebsd_1301, PFLOWI_PF_BIG, p + 44,
	    &raw);
	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st), PFLOWI_PF_GOOD);
	ck_assert_mem_eq(st.key[PFLOW_WIRE].addr[0], src, 16);
	ck_assert_uint_eq(st.key[PFLOW_WIRE].port[0], 5353);
	ck_assert_uint_eq(st.key[PFLOW_WIRE].port[1], 53);
	ck_assert_uint_eq(st.key[PFLOW_WIRE].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st.flags, 0);
	/* 60 seconds at first, 59 left. */
	ck_assert_uint_eq(st.start_ns, NOW);
	ck_assert_uint_eq(st.last_ns, NOW);
	ck_assert_uint_eq(st.present, PFLOW_HAS_RULE | PFLOW_HAS_DIRECTION |
	    PFLOW_HAS_FLOW_ID | PFLOW_HAS_CREATOR);
}
END_TEST

START_TEST(test_families_of_three_systems_are_known_and_no_others)
{
	int af;

	for (af = 0; af < 256; af++) {
		struct pflowi_pf_raw raw = a_raw();
		struct pflow_state st;
		enum pflowi_pf_verdict v;

		raw.af[0] = raw.af[1] = (uint8_t)af;
		v = pflowi_pf_state(&raw, NOW, &st);
		if (af == 0)
			ck_assert_int_eq(v, PFLOWI_PF_no_family);
		else if (af == 2 || af == 24 || af == 28 || af == 30)
			ck_assert_int_eq(v, PFLOWI_PF_GOOD);
		else
			ck_assert_int_eq(v, PFLOWI_PF_bad_family);
		if (v == PFLOWI_PF_GOOD)
			ck_assert_uint_eq(st.key[0].af, af == 2 ? 4 : 6);
	}
}
END_TEST

START_TEST(test_directions_other_than_in_and_out_are_refused)
{
	int dir;

	for (dir = 0; dir < 256; dir++) {
		struct pflowi_pf_raw raw = a_raw();
		struct pflow_state st;

		raw.direction = (uint8_t)dir;
		ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
		    dir == 1 || dir == 2 ? PFLOWI_PF_GOOD
					 : PFLOWI_PF_bad_direction);
	}
}
END_TEST

START_TEST(test_octets_behind_an_ipv4_address_do_not_matter)
{
	struct pflowi_pf_raw raw = a_raw();
	struct pflow_state a, b;

	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &a), PFLOWI_PF_GOOD);
	memset(raw.addr[0][0] + 4, 0xee, 12);
	memset(raw.addr[1][1] + 4, 0xdd, 12);
	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &b), PFLOWI_PF_GOOD);
	ck_assert_mem_eq(&a, &b, sizeof(a));
}
END_TEST

START_TEST(test_times_are_clamped_to_start_and_now)
{
	static const struct {
		uint64_t age, expire;
		uint8_t timeout;
		uint64_t start, last; /* seconds before now */
	} rows[] = {
		{ 100, 86400, 2, 100, 0 },
		{ 100, 86340, 2, 100, 60 },
		{ 100, 86000, 2, 100, 100 }, /* before its start */
		{ 100, 0, 5, 100, 90 },
		{ 100, 90000, 2, 100, 0 },   /* a rule's own timeout */
		{ 0, 5, 6, 0, 0 },
		{ 100, 5, 200, 100, 0 },     /* no such timeout */
		{ UINT64_MAX, 0, 2, 1700000000, 86400 },
		{ 2000000000, 0, 2, 1700000000, 86400 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pflowi_pf_raw raw = a_raw();
		struct pflow_state st;

		raw.age_s = rows[i].age;
		raw.expire_s = rows[i].expire;
		raw.timeout = rows[i].timeout;
		ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
		    PFLOWI_PF_GOOD);
		ck_assert_uint_eq(st.start_ns, NOW - rows[i].start * SECOND);
		ck_assert_uint_eq(st.last_ns, NOW - rows[i].last * SECOND);
	}
}
END_TEST

START_TEST(test_timeouts_are_those_of_the_system)
{
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 0), 120);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 2), 86400);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 10), 10);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 13), 60);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 22), 86400);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 25), 0);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_BSD, 255), 0);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_MACOS, 2), 86400);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_MACOS, 11), 0);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_MACOS, 19), 60);
	ck_assert_uint_eq(pflowi_pf_timeout_s(PFLOWI_PF_MACOS, 20), 0);
}
END_TEST

START_TEST(test_icmp_type_is_known_or_not_there)
{
	static const struct {
		uint8_t proto;
		uint8_t kind;
		uint16_t sport, dport; /* of the initiator */
		int type;	       /* -1: not known */
		int reply;
	} rows[] = {
		{ 1, PFLOWI_PF_ICMP_TYPED, 4660, 8, 8, 0 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 4660, 13, 13, 14 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 8, 4660, 0, 8 }, /* reply first */
		{ 1, PFLOWI_PF_ICMP_TYPED, 8, 8, 8, 0 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 0, 10, 10, 9 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 0, 3, -1, 0 },  /* which code? */
		{ 1, PFLOWI_PF_ICMP_TYPED, 0, 0, -1, 0 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 77, 77, -1, 0 },
		{ 1, PFLOWI_PF_ICMP_TYPED, 77, 300, -1, 0 },
		{ 1, PFLOWI_PF_ICMP_MIXED, 4660, 8, 8, 0 },
		{ 1, PFLOWI_PF_ICMP_MIXED, 4660, 4660, -1, 0 },
		{ 1, PFLOWI_PF_ICMP_MIXED, 8, 8, -1, 0 },
		{ 58, PFLOWI_PF_ICMP_TYPED, 77, 128, 128, 129 },
		{ 58, PFLOWI_PF_ICMP_TYPED, 128, 77, 129, 128 },
		{ 58, PFLOWI_PF_ICMP_TYPED, 51966, 135, 135, 136 },
		{ 58, PFLOWI_PF_ICMP_TYPED, 0, 143, 143, 143 },
		{ 58, PFLOWI_PF_ICMP_TYPED, 0, 1, -1, 0 },
		{ 58, PFLOWI_PF_ICMP_MIXED, 77, 77, -1, 0 },
	};
	size_t i;
	unsigned dir;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (dir = 1; dir <= 2; dir++) {
			struct pflowi_pf_raw raw = a_raw();
			struct pflow_state st;
			size_t source = dir == PFLOW_DIR_OUT;

			raw.direction = (uint8_t)dir;
			raw.icmp = rows[i].kind;
			raw.af[0] = raw.af[1] = rows[i].proto == 1 ? 2 : 24;
			raw.proto[0] = raw.proto[1] = rows[i].proto;
			raw.port[0][source] = raw.port[1][source] = rows[i].sport;
			raw.port[0][!source] = raw.port[1][!source] =
			    rows[i].dport;
			ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
			    PFLOWI_PF_GOOD);
			ck_assert_uint_eq(st.key[0].port[0], 0);
			ck_assert_uint_eq(st.key[1].port[1], 0);
			if (rows[i].type == -1) {
				ck_assert_uint_eq(st.present & PFLOW_HAS_ICMP, 0);
				ck_assert_uint_eq(st.icmp[0], 0);
				continue;
			}
			ck_assert_uint_ne(st.present & PFLOW_HAS_ICMP, 0);
			ck_assert_uint_eq(st.icmp[0], rows[i].type * 256);
			ck_assert_uint_eq(st.icmp[1], rows[i].reply * 256);
		}
	}
}
END_TEST

START_TEST(test_an_icmp_id_alone_that_was_exchanged_is_no_translation)
{
	struct pflowi_pf_raw raw = a_raw();
	struct pflow_state st;

	raw.proto[0] = raw.proto[1] = 1;
	raw.port[1][0] = 999;
	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st), PFLOWI_PF_GOOD);
	ck_assert_uint_eq(st.flags & PFLOW_STATE_TRANSLATED, 0);
}
END_TEST

START_TEST(test_protocols_without_ports_get_none_whatever_pf_keeps_there)
{
	int proto;

	for (proto = 0; proto < 256; proto++) {
		struct pflowi_pf_raw raw = a_raw();
		struct pflow_state st;
		bool ports = proto == 6 || proto == 17 || proto == 33 ||
		    proto == 132 || proto == 136;

		raw.proto[0] = raw.proto[1] = (uint8_t)proto;
		ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st),
		    PFLOWI_PF_GOOD);
		ck_assert_uint_eq(st.key[0].port[1], ports ? 80 : 0);
		ck_assert_uint_eq(st.key[1].port[0], ports ? 1024 : 0);
	}
}
END_TEST

START_TEST(test_the_event_of_a_creation_has_no_counters_and_one_time)
{
	struct pflowi_pf_raw raw = a_raw();
	struct pflow_state st;

	raw.age_s = 9;
	raw.packets[0] = raw.bytes[1] = 5;
	ck_assert_int_eq(pflowi_pf_state(&raw, NOW, &st), PFLOWI_PF_GOOD);
	st.flags |= PFLOW_STATE_PARTIAL;
	st.present |= PFLOW_HAS_END_REASON;
	pflowi_pf_make_created(&st);
	ck_assert_uint_eq(st.flags, PFLOW_STATE_CREATED);
	ck_assert_uint_eq(st.present & PFLOW_HAS_END_REASON, 0);
	ck_assert_uint_eq(st.packets[0] + st.octets[1], 0);
	ck_assert_uint_eq(st.last_ns, NOW - 9 * SECOND);
	ck_assert_uint_eq(st.start_ns, NOW - 9 * SECOND);
}
END_TEST

Suite *
suite_pf_state(void)
{
	Suite *s = suite_create("sources/pf_state");
	TCase *t = tcase_create("pf_state");

	tcase_add_test(t, test_vector_a_means_a_translated_outbound_connection);
	tcase_add_test(t, test_vector_b_means_an_inbound_ipv6_question);
	tcase_add_test(t,
	    test_families_of_three_systems_are_known_and_no_others);
	tcase_add_test(t, test_directions_other_than_in_and_out_are_refused);
	tcase_add_test(t, test_octets_behind_an_ipv4_address_do_not_matter);
	tcase_add_test(t, test_times_are_clamped_to_start_and_now);
	tcase_add_test(t, test_timeouts_are_those_of_the_system);
	tcase_add_test(t, test_icmp_type_is_known_or_not_there);
	tcase_add_test(t,
	    test_an_icmp_id_alone_that_was_exchanged_is_no_translation);
	tcase_add_test(t,
	    test_protocols_without_ports_get_none_whatever_pf_keeps_there);
	tcase_add_test(t,
	    test_the_event_of_a_creation_has_no_counters_and_one_time);
	suite_add_tcase(s, t);
	return s;
}
