/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_sequence(void);

static struct pflow_decoder dec;
static struct sink got;
static struct maker m;
static uint8_t store[4096];

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
}

/** A message of a domain with some records. */
static void
message(uint8_t domain, uint32_t sequence, unsigned records)
{
	ipfix(&m, sequence);
	m.buf[15] = domain;
	if (sequence == 0 || dec.stats.templates == 0)
		put_set(&m, 2, FLOW4_TEMPLATE);
	if (records > 0) {
		set(&m, 256);
		while (records-- > 0)
			put_hex(&m, FLOW4_RECORD);
	}
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
}

START_TEST(test_seq_01_seq_03_data_records_of_earlier_messages_are_counted)
{
	message(7, 0, 3);
	message(7, 3, 5);
	message(7, 8, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_seq_02_templates_do_not_advance_it)
{
	message(7, 0, 0);
	message(7, 0, 0);
	message(7, 0, 2);
	message(7, 2, 0);
	ipfix(&m, 2);
	put_set(&m, 2, "012c0000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	message(7, 2, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(test_seq_01_options_data_advances_it)
{
	ipfix(&m, 0);
	put_set(&m, 3, "012c0002 0001 00950004 00290004");
	put_set(&m, 300, "0000000700000001 0000000700000002");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	message(7, 2, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(dec.stats.options_records, 2);
}
END_TEST

START_TEST(test_seq_01_records_that_are_no_flows_advance_it)
{
	ipfix(&m, 0);
	put_set(&m, 2, "012c0001 00040001");
	put_set(&m, 300, "010203");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	message(7, 3, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(dec.stats.not_flows, 3);
}
END_TEST

START_TEST(test_seq_05_a_jump_ahead_is_loss)
{
	message(7, 0, 3);
	message(7, 33, 1);
	message(7, 34, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 30);
}
END_TEST

START_TEST(test_seq_06_wraps_without_special_case)
{
	message(7, UINT32_MAX - 1, 3);
	message(7, 1, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	message(7, UINT32_MAX, 1); /* overtaken by the two before */
	message(7, 2, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_seq_06_loss_across_the_wrap_is_counted)
{
	message(7, UINT32_MAX - 1, 1);
	message(7, 9, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 10);
}
END_TEST

START_TEST(test_message_that_was_overtaken_is_not_lost)
{
	message(7, 10, 2);
	message(7, 15, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 3);
	message(7, 12, 3);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
	message(7, 16, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 2);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_message_that_came_twice_does_not_bring_lost_ones_back)
{
	message(7, 10, 2);
	message(7, 10, 2);
	message(7, 12, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_seq_07_a_restart_at_0_is_no_loss)
{
	message(7, UINT32_C(3000000000), 3);
	message(7, 0, 3);
	message(7, 3, 3);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
	message(7, 0, 1);
	message(7, 1, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 2);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_a_jump_of_more_than_2_to_the_28_is_a_restart)
{
	message(7, 5, 1);
	message(7, 6 + (UINT32_C(1) << 28), 1);
	ck_assert_uint_eq(dec.stats.records_lost, UINT32_C(1) << 28);
	message(7, 8 + (UINT32_C(1) << 29), 1);
	message(7, 9 + (UINT32_C(1) << 29), 1);
	ck_assert_uint_eq(dec.stats.records_lost, UINT32_C(1) << 28);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 2);
}
END_TEST

START_TEST(test_a_jump_back_by_more_than_1000_is_a_restart)
{
	message(7, 5000, 1);
	message(7, 4001, 1); /* 1000 behind: overtaken */
	message(7, 5001, 1);
	message(7, 4001, 1); /* 1001 behind */
	message(7, 4002, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 2);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
}
END_TEST

START_TEST(test_seq_04_each_domain_has_a_sequence_of_its_own)
{
	message(7, 0, 3);
	message(8, 0, 1);
	message(7, 3, 1);
	message(8, 1, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(test_what_cannot_be_counted_makes_no_gap)
{
	ipfix(&m, 0);
	put_set(&m, 999, "0102030405060708");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	message(7, 77, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ipfix(&m, 78);
	put_set(&m, 256, FLOW4_RECORD);
	put(&m, 4, 0x01000001);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	message(7, 99, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	got.count = 0;
	got.stop_at = 1;
	ipfix(&m, 100);
	put_set(&m, 256, FLOW4_RECORD FLOW4_RECORD);
	ck_assert_int_eq(decode(&dec, &m, &got), 77);
	got.stop_at = 0;
	message(7, 102, 1);
	message(7, 104, 1);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
}
END_TEST

START_TEST(test_domains_that_do_not_fit_are_not_followed)
{
	unsigned i;

	pflow_decoder_init(&dec, store, 4 + 3 * 30);
	for (i = 0; i < 5; i++) {
		ipfix(&m, 10 * i);
		m.buf[15] = (uint8_t)i;
		ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	}
	ck_assert_uint_eq(dec.stats.sequences_ignored, 2);
	ck_assert_uint_eq(dec.stats.messages, 5);
}
END_TEST

START_TEST(test_session_restart_forgets_sequences)
{
	message(7, 0, 3);
	pflow_decoder_session_restart(&dec);
	message(7, 999, 0);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}
END_TEST

START_TEST(test_v9_02_messages_are_counted)
{
	v9(&m, 7);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	v9(&m, 8);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	v9(&m, 11);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.messages_lost, 2);
	v9(&m, 10);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.messages_lost, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 0);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 2);
}
END_TEST

Suite *
suite_sequence(void)
{
	Suite *s = suite_create("sequence");
	TCase *tc = tcase_create("sequence");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc,
	    test_seq_01_seq_03_data_records_of_earlier_messages_are_counted);
	tcase_add_test(tc, test_seq_02_templates_do_not_advance_it);
	tcase_add_test(tc, test_seq_01_options_data_advances_it);
	tcase_add_test(tc, test_seq_01_records_that_are_no_flows_advance_it);
	tcase_add_test(tc, test_seq_05_a_jump_ahead_is_loss);
	tcase_add_test(tc, test_seq_06_wraps_without_special_case);
	tcase_add_test(tc, test_seq_06_loss_across_the_wrap_is_counted);
	tcase_add_test(tc, test_message_that_was_overtaken_is_not_lost);
	tcase_add_test(tc,
	    test_message_that_came_twice_does_not_bring_lost_ones_back);
	tcase_add_test(tc, test_seq_07_a_restart_at_0_is_no_loss);
	tcase_add_test(tc, test_a_jump_of_more_than_2_to_the_28_is_a_restart);
	tcase_add_test(tc, test_a_jump_back_by_more_than_1000_is_a_restart);
	tcase_add_test(tc, test_seq_04_each_domain_has_a_sequence_of_its_own);
	tcase_add_test(tc, test_what_cannot_be_counted_makes_no_gap);
	tcase_add_test(tc, test_domains_that_do_not_fit_are_not_followed);
	tcase_add_test(tc, test_session_restart_forgets_sequences);
	tcase_add_test(tc, test_v9_02_messages_are_counted);
	suite_add_tcase(s, tc);
	return s;
}
