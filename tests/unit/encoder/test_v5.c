/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "common/states.h"

Suite *suite_v5(void);

#define BOOT_MS ((TEST_WALL_SECS - 1000) * 1000 + 250)

static struct pflow_record
forward_of(const struct pflow_state *st, uint64_t boot_ms)
{
	struct pflow_record rec;

	ck_assert_int_eq(pflow_record_init(&rec, st, PFLOW_FORWARD, boot_ms),
	    PFLOW_OK);
	return rec;
}

static const struct pflow_v5_header_values header = {
	.now_ns = TEST_WALL_SECS * 1000000000u + 250000000u,
	.sequence = 82020,
	.engine_type = 42,
	.engine_id = 43,
	.sampling = 0,
};

START_TEST(test_v5_one_record_is_byte_for_byte_right)
{
	/* Header and record typed by hand from the layout. */
	static const char want[] =
	    "00050001" "000f4240" "6553f100" "0ee6b280" "00014064" "2a2b0000"
	    "c0000201" "c6336402" "00000000" "00010002" "0000000a" "000005dc"
	    "000f2dbe" "000f3d5e" "c00001bb" "001b0600" "00000000" "00000000";
	uint8_t buf[1464], expected[72];
	struct pflow_v5_msg msg;
	struct pflow_state st;
	struct pflow_record rec;
	size_t len;

	test_state4(&st);
	memset(buf, 0xee, sizeof(buf));
	rec = forward_of(&st, BOOT_MS);
	ck_assert_int_eq(pflow_v5_begin(&msg, buf, sizeof(buf), BOOT_MS),
	    PFLOW_OK);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_v5_end(&msg, &header, &len), PFLOW_OK);
	ck_assert_uint_eq(len, 72);
	ck_assert_uint_eq(test_unhex(want, expected, sizeof(expected)), 72);
	ck_assert_mem_eq(buf, expected, 72);
	ck_assert_uint_eq(buf[72], 0xee);
}
END_TEST

START_TEST(test_v5_interface_index_that_does_not_fit_is_not_told)
{
	uint8_t buf[72];
	struct pflow_v5_msg msg;
	struct pflow_state st;
	struct pflow_record rec;

	test_state4(&st);
	st.ifindex[0] = 65535;
	st.ifindex[1] = 65537;
	rec = forward_of(&st, BOOT_MS);
	ck_assert_int_eq(pflow_v5_begin(&msg, buf, sizeof(buf), BOOT_MS),
	    PFLOW_OK);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_mem_eq(buf + 24 + 12, "\xff\xff\0\0", 4);
}
END_TEST

START_TEST(test_v5_add_refuses_31st_record)
{
	uint8_t buf[4096];
	struct pflow_v5_msg msg;
	struct pflow_state st;
	struct pflow_record rec;
	size_t len;
	int i;

	test_state4(&st);
	rec = forward_of(&st, 0);
	ck_assert_int_eq(pflow_v5_begin(&msg, buf, sizeof(buf), 0), PFLOW_OK);
	for (i = 0; i < 30; i++)
		ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_v5_end(&msg, &header, &len), PFLOW_OK);
	ck_assert_uint_eq(len, 1464);
	ck_assert_uint_eq(pflow_wire_u16(buf + 2), 30);
}
END_TEST

START_TEST(test_v5_refusals_change_nothing)
{
	uint8_t buf[24 + 48 + 47], before[sizeof(buf)];
	struct pflow_v5_msg msg;
	struct pflow_state st4, st6;
	struct pflow_record rec;
	size_t len;

	ck_assert_int_eq(pflow_v5_begin(&msg, buf, 71, 0), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_v5_begin(&msg, buf, sizeof(buf), 0), PFLOW_OK);
	memset(buf, 0x77, sizeof(buf));
	ck_assert_int_eq(pflow_v5_end(&msg, &header, &len), PFLOW_ERR_INVALID);
	test_state4(&st4);
	test_state6(&st6);
	rec = forward_of(&st4, 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	memcpy(before, buf, sizeof(buf));
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_NOSPACE);
	rec = forward_of(&st6, 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_UNSUPPORTED);
	st4.octets[0] = (uint64_t)UINT32_MAX + 1;
	rec = forward_of(&st4, 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_RANGE);
	st4.octets[0] = UINT32_MAX;
	st4.packets[0] = (uint64_t)UINT32_MAX + 1;
	rec = forward_of(&st4, 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_RANGE);
	ck_assert_mem_eq(buf, before, sizeof(buf));
	ck_assert_int_eq(pflow_v5_end(&msg, &header, &len), PFLOW_OK);
	ck_assert_uint_eq(pflow_wire_u16(buf + 2), 1);
}
END_TEST

START_TEST(test_v5_times_wrap_modulo_2_32_ms)
{
	/* 50 days of uptime: every time field has wrapped once. */
	const uint64_t boot_ms = 1000000, day_ms = 86400000;
	uint64_t start_ms = boot_ms + 49 * day_ms, end_ms = boot_ms + 50 * day_ms;
	struct pflow_v5_header_values hdr = header;
	uint8_t buf[72];
	struct pflow_v5_msg msg;
	struct pflow_state st;
	struct pflow_record rec;
	size_t len;

	test_state4(&st);
	st.start_ns = start_ms * 1000000;
	st.last_ns = end_ms * 1000000;
	hdr.now_ns = end_ms * 1000000 + 999999999;
	rec = forward_of(&st, boot_ms);
	ck_assert_int_eq(pflow_v5_begin(&msg, buf, sizeof(buf), boot_ms), 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_v5_end(&msg, &hdr, &len), PFLOW_OK);
	ck_assert_uint_eq(pflow_wire_u32(buf + 4),
	    (uint32_t)(50 * day_ms + 999));
	ck_assert_uint_lt(pflow_wire_u32(buf + 12), 1000000000);
	ck_assert_uint_eq(pflow_wire_u32(buf + 24 + 24),
	    (uint32_t)(49 * day_ms));
	ck_assert_uint_eq(pflow_wire_u32(buf + 24 + 28),
	    (uint32_t)(50 * day_ms));
}
END_TEST

START_TEST(test_v5_duration_is_bounded_to_32_bits)
{
	uint8_t buf[72];
	struct pflow_v5_msg msg;
	struct pflow_state st;
	struct pflow_record rec;

	test_state4(&st);
	st.start_ns = 0;
	st.last_ns = ((uint64_t)UINT32_MAX + 5000) * 1000000;
	rec = forward_of(&st, 0);
	pflow_v5_begin(&msg, buf, sizeof(buf), 0);
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_uint_eq(pflow_wire_u32(buf + 24 + 28) -
	    pflow_wire_u32(buf + 24 + 24), UINT32_MAX);
}
END_TEST

START_TEST(test_v5_split_conserves_packets_and_octets)
{
	static const uint64_t max = UINT32_MAX;
	const struct {
		uint64_t packets, octets, count;
	} cases[] = {
		{ 10, 1500, 1 },
		{ 0, 0, 1 },
		{ max, max, 1 },
		{ 1, max + 1, 2 },
		{ 7, 2 * max, 2 },
		{ 7, 2 * max + 1, 3 },
		{ 7, max + UINT16_MAX, 2 },
		{ max + 1, 60 * max, 60 },
		{ 61 * max, 60 * max, 61 },
		{ 3000000, UINT64_C(1) << 42, 1025 },
	};
	size_t c;

	for (c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		uint64_t n = pflow_v5_split_count(cases[c].packets,
		    cases[c].octets);
		uint64_t i, packets = 0, octets = 0;

		ck_assert_uint_eq(n, cases[c].count);
		for (i = 0; i < n; i++) {
			uint32_t p, o;

			pflow_v5_split(cases[c].packets, cases[c].octets, i,
			    &p, &o);
			if (cases[c].packets >= n)
				ck_assert_uint_ge(p, 1);
			packets += p;
			octets += o;
		}
		ck_assert_uint_eq(packets, cases[c].packets);
		ck_assert_uint_eq(octets, cases[c].octets);
	}
	ck_assert_uint_eq(pflow_v5_split_count(1, UINT64_MAX),
	    (UINT64_C(1) << 32) + 1);
}
END_TEST

START_TEST(test_v5_counters_of_32_bits_fit_and_one_more_does_not)
{
	static const uint64_t values[] = { 0, 65535, 65536, UINT32_MAX };
	uint8_t buf[24 + 48];
	struct pflow_v5_msg msg;
	struct pflow_record rec;
	struct pflow_state st;
	size_t i;

	test_state4(&st);
	ck_assert_int_eq(pflow_record_init(&rec, &st, 0, 0), PFLOW_OK);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ck_assert_uint_eq(pflow_v5_split_count(values[i], 0), 1);
		ck_assert_uint_eq(pflow_v5_split_count(0, values[i]), 1);
		rec.packets = values[i];
		rec.octets = values[i];
		pflow_v5_begin(&msg, buf, sizeof(buf), 0);
		ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	}
	pflow_v5_begin(&msg, buf, sizeof(buf), 0);
	rec.packets++;
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_RANGE);
	rec.packets--;
	rec.octets++;
	ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_ERR_RANGE);
	ck_assert_uint_eq(pflow_v5_split_count(rec.packets, rec.octets), 2);
}
END_TEST

Suite *
suite_v5(void)
{
	Suite *s = suite_create("v5");
	TCase *tc = tcase_create("v5");

	tcase_add_test(tc, test_v5_one_record_is_byte_for_byte_right);
	tcase_add_test(tc,
	    test_v5_interface_index_that_does_not_fit_is_not_told);
	tcase_add_test(tc, test_v5_add_refuses_31st_record);
	tcase_add_test(tc, test_v5_refusals_change_nothing);
	tcase_add_test(tc, test_v5_times_wrap_modulo_2_32_ms);
	tcase_add_test(tc, test_v5_duration_is_bounded_to_32_bits);
	tcase_add_test(tc, test_v5_split_conserves_packets_and_octets);
	tcase_add_test(tc,
	    test_v5_counters_of_32_bits_fit_and_one_more_does_not);
	suite_add_tcase(s, tc);
	return s;
}
