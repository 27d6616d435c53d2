/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_v9(void);

#define SEC UINT64_C(1000000000)
#define WALL_NS (UINT64_C(1700000000) * SEC)

static struct pflow_decoder dec;
static struct sink got;
static struct maker m;
static uint8_t store[4096];

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
	pflow_decoder_set_other(&dec, sink_other);
}

START_TEST(test_v9_01_vector_gives_the_flow_that_went_in)
{
	const struct pflow_state *st = &got.st[0];
	const struct pflow_decoded_header *h = &got.hdr[0];

	ck_assert_int_eq(decode_vector(&dec, "netflow-v9-template-data", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_mem_eq(st->key[0].addr[1], "\xc6\x33\x64\x02", 4);
	ck_assert_uint_eq(st->key[0].port[0], 49152);
	ck_assert_uint_eq(st->protocol, 6);
	ck_assert_uint_eq(st->tcp_flags[0], 0x1b);
	ck_assert_uint_eq(st->octets[0], 1500);
	ck_assert_uint_eq(st->packets[0], 10);
	ck_assert_uint_eq(st->start_ns, WALL_NS - 5 * SEC);
	ck_assert_uint_eq(st->last_ns, WALL_NS - 1 * SEC);
	ck_assert_uint_eq(h->version, 9);
	ck_assert_uint_eq(h->count, 2);
	ck_assert_uint_eq(h->domain_id, 7);
	ck_assert_uint_eq(h->uptime_ms, 1000000);
	ck_assert_uint_eq(h->export_ns, WALL_NS);
	ck_assert_uint_eq(h->template_id, 256);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.times_guessed, 0);
}
END_TEST

START_TEST(test_v9_options_vector_has_lengths_where_ipfix_has_counts)
{
	ck_assert_int_eq(decode_vector(&dec, "netflow-v9-options", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.other_fields, 3);
	ck_assert_uint_eq(got.field[0].is_scope, 1);
	ck_assert_uint_eq(got.field[0].element, 1);
	ck_assert_uint_eq(got.field[1].element, 34);
	ck_assert_uint_eq(got.field[1].is_scope, 0);
	ck_assert_uint_eq(got.field[2].element, 35);
	ck_assert_uint_eq(dec.stats.options_records, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_v9_every_truncation_of_the_header_is_told)
{
	size_t n;

	v9(&m, 0);
	for (n = 0; n < 20; n++)
		ck_assert_int_eq(decode_octets(&dec, m.buf, n, &got),
		    PFLOW_ERR_TRUNCATED);
	ck_assert_int_eq(decode_octets(&dec, m.buf, 20, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.malformed_messages, 20);
	ck_assert_uint_eq(dec.stats.messages, 1);
}
END_TEST

START_TEST(test_v9_every_truncation_behind_the_header_is_counted)
{
	size_t len, n;
	uint8_t *buf = vector("netflow-v9-template-data", &len);

	for (n = 21; n < len; n++) {
		uint64_t bad = dec.stats.malformed_sets +
		    dec.stats.trailing_octets;

		if (n == 68)
			continue; /* between the two sets */
		ck_assert_int_eq(decode_octets(&dec, buf, n, &got), PFLOW_OK);
		ck_assert_uint_gt(dec.stats.malformed_sets +
		    dec.stats.trailing_octets, bad);
	}
	ck_assert_uint_eq(got.count, 0);
	free(buf);
}
END_TEST

START_TEST(test_v9_templates_and_ipfix_templates_are_two_things)
{
	v9(&m, 0);
	put_set(&m, 0, "012c0002 00080004 00010004");
	put_set(&m, 300, "c0000201 00000007");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ipfix(&m, 0);
	put_set(&m, 300, "c0000201 00000007");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

START_TEST(test_v9_types_from_32768_have_no_enterprise_number)
{
	v9(&m, 0);
	put_set(&m, 0, "012c0003 80e80002 00080004 00010004");
	put_set(&m, 300, "abcd c0000201 00000007");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].octets[0], 7);
}
END_TEST

START_TEST(test_v9_has_no_withdrawals)
{
	v9(&m, 0);
	put_set(&m, 0, "012c0002 00080004 00010004");
	put_set(&m, 0, "012c0000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.withdrawals, 0);
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
}
END_TEST

START_TEST(test_v9_ids_2_to_255_are_counted_and_skipped)
{
	v9(&m, 0);
	put_set(&m, 2, "012c0002 00080004 00010004");
	put_set(&m, 255, "00");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.templates, 0);
	ck_assert_uint_eq(dec.stats.malformed_sets, 2);
}
END_TEST

START_TEST(test_v9_option_lengths_that_are_no_specifiers_are_refused)
{
	v9(&m, 0);
	put_set(&m, 1, "012c 0003 0008 00010004 00220004");
	put_set(&m, 1, "012c 0004 0006 00010004 00220004");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.malformed_templates, 2);
	ck_assert_uint_eq(dec.stats.malformed_sets, 2);
}
END_TEST

START_TEST(test_v9_options_without_a_scope_are_read)
{
	v9(&m, 0);
	put_set(&m, 1, "012c 0000 0008 00220004 00230001 0000");
	put_set(&m, 300, "00000064 01 000000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.field[0].is_scope, 0);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_v9_scope_types_are_not_elements)
{
	/* scope 4 (cache) is not protocolIdentifier, 8 not an address */
	v9(&m, 0);
	put_set(&m, 1, "012c 0008 0004 00040001 00080004 00a00008");
	put_set(&m, 300, "06 c0000201 0000018bcfd625c0");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.field[1].element, 8);
}
END_TEST

START_TEST(test_v9_uptimes_wrap)
{
	v9(&m, 0);
	m.buf[4] = m.buf[5] = m.buf[6] = 0;
	m.buf[7] = 100; /* SysUptime 100 ms after the wrap */
	put_set(&m, 0, "012c0003 00080004 00160004 00150004");
	put_set(&m, 300, "c0000201 fffffc7c fffffe70");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].start_ns, WALL_NS - SEC);
	ck_assert_uint_eq(got.st[0].last_ns, WALL_NS - SEC / 2);
}
END_TEST

START_TEST(test_v9_absolute_times_are_taken_where_they_are)
{
	v9(&m, 0);
	put_set(&m, 0, "012c0005 00080004 00160004 00150004 00980008 00990008");
	put_set(&m, 300, "c0000201 00000001 00000002 0000018bcfe55478"
	    "0000018bcfe56418");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].start_ns, WALL_NS - 5 * SEC);
}
END_TEST

START_TEST(test_v9_octets_behind_the_last_set_are_counted)
{
	v9(&m, 0);
	put_set(&m, 0, "012c0002 00080004 00010004");
	put_set(&m, 300, "c0000201 00000007");
	put(&m, 2, 0);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.trailing_octets, 2);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

Suite *
suite_v9(void)
{
	Suite *s = suite_create("v9");
	TCase *tc = tcase_create("v9");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_v9_01_vector_gives_the_flow_that_went_in);
	tcase_add_test(tc,
	    test_v9_options_vector_has_lengths_where_ipfix_has_counts);
	tcase_add_test(tc, test_v9_every_truncation_of_the_header_is_told);
	tcase_add_test(tc,
	    test_v9_every_truncation_behind_the_header_is_counted);
	tcase_add_test(tc, test_v9_templates_and_ipfix_templates_are_two_things);
	tcase_add_test(tc, test_v9_types_from_32768_have_no_enterprise_number);
	tcase_add_test(tc, test_v9_has_no_withdrawals);
	tcase_add_test(tc, test_v9_ids_2_to_255_are_counted_and_skipped);
	tcase_add_test(tc,
	    test_v9_option_lengths_that_are_no_specifiers_are_refused);
	tcase_add_test(tc, test_v9_options_without_a_scope_are_read);
	tcase_add_test(tc, test_v9_scope_types_are_not_elements);
	tcase_add_test(tc, test_v9_uptimes_wrap);
	tcase_add_test(tc, test_v9_absolute_times_are_taken_where_they_are);
	tcase_add_test(tc, test_v9_octets_behind_the_last_set_are_counted);
	suite_add_tcase(s, tc);
	return s;
}
