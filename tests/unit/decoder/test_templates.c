/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_templates(void);

static struct pflow_decoder dec;
static struct sink got;
static struct maker m;
static uint8_t store[4096];

/** Template 300: protocolIdentifier, octetDeltaCount in 4 octets. */
#define SMALL "012c0002 00040001 00010004"
#define SMALL_ADDR "012c0003 00080004 00040001 00010004"

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
	pflow_decoder_set_other(&dec, sink_other);
}

static void
decode_set(uint16_t id, const char *hex)
{
	ipfix(&m, 0);
	put_set(&m, id, hex);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
}

START_TEST(test_tpl_03_tm_03_template_then_data_in_one_message)
{
	ipfix(&m, 0);
	put_set(&m, 2, SMALL_ADDR);
	put_set(&m, 300, "c0000201 11 00000064 c0000202 06 00000065");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.st[1].octets[0], 0x65);
	ck_assert_uint_eq(got.hdr[1].template_id, 300);
	ck_assert_uint_eq(dec.stats.templates, 1);
}
END_TEST

START_TEST(test_templates_outlive_their_message)
{
	decode_set(2, SMALL_ADDR);
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 1);
}
END_TEST

START_TEST(test_tm_03_data_before_its_template_is_counted_and_skipped)
{
	ipfix(&m, 0);
	put_set(&m, 300, "c0000201 11 00000064");
	put_set(&m, 2, SMALL_ADDR);
	put_set(&m, 300, "c0000201 11 00000064");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

START_TEST(test_tpl_01_domains_have_templates_of_their_own)
{
	decode_set(2, SMALL_ADDR);
	ipfix(&m, 0);
	m.buf[15] = 8;
	put_set(&m, 300, "c0000201 11 00000064");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

START_TEST(test_template_repeats_take_no_room)
{
	size_t used;

	decode_set(2, SMALL FLOW4_TEMPLATE);
	used = dec.store_used;
	decode_set(2, SMALL FLOW4_TEMPLATE);
	ck_assert_uint_eq(dec.store_used, used);
	ck_assert_uint_eq(dec.stats.templates, 4);
	ck_assert_uint_eq(dec.stats.redefinitions, 0);
}
END_TEST

START_TEST(test_tm_08_redefinition_replaces_the_layout)
{
	decode_set(2, SMALL_ADDR);
	decode_set(2, "012c0002 00080004 00010008");
	decode_set(300, "c0000201 0000000000000007");
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].octets[0], 7);
	ck_assert_uint_eq(dec.stats.redefinitions, 1);
	ck_assert_uint_eq(dec.stats.templates, 2);
}
END_TEST

START_TEST(test_redefinition_of_one_length_or_element_or_enterprise_is_one)
{
	decode_set(2, "012c0002 00080004 80010004 00007279");
	decode_set(2, "012c0002 00080004 80010008 00007279");
	decode_set(2, "012c0002 00080004 80020008 00007279");
	decode_set(2, "012c0002 00080004 80020008 00007280");
	decode_set(2, "012c0002 00080004 80020008 00007280");
	ck_assert_uint_eq(dec.stats.redefinitions, 3);
	ck_assert_uint_eq(dec.stats.templates, 5);
}
END_TEST

START_TEST(test_redefinition_of_the_number_of_scopes_is_one)
{
	decode_set(3, "012c0003 0001 00950004 008f0004 00290008");
	decode_set(3, "012c0003 0002 00950004 008f0004 00290008");
	decode_set(3, "012c0002 0002 00950004 008f0004");
	ck_assert_uint_eq(dec.stats.redefinitions, 2);
}
END_TEST

START_TEST(test_tpl_01_options_template_replaces_a_template_of_its_id)
{
	decode_set(2, SMALL_ADDR);
	decode_set(3, "012c0002 0001 00080004 00010004");
	decode_set(300, "c0000201 00000007");
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(dec.stats.options_records, 1);
	ck_assert_uint_eq(dec.stats.redefinitions, 1);
}
END_TEST

START_TEST(test_tm_05_withdrawal_makes_a_template_unknown)
{
	ck_assert_int_eq(decode_vector(&dec, "ipfix-withdraw-300", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(dec.stats.withdrawals, 0);
	decode_set(2, SMALL_ADDR);
	ck_assert_int_eq(decode_vector(&dec, "ipfix-withdraw-300", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(dec.stats.withdrawals, 1);
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_tm_05_withdrawal_in_the_other_set_withdraws_nothing)
{
	decode_set(2, SMALL_ADDR);
	decode_set(3, "012c0000");
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.withdrawals, 0);
}
END_TEST

START_TEST(test_tm_05_all_templates_withdrawal_is_of_one_kind_and_domain)
{
	decode_set(2, SMALL FLOW4_TEMPLATE);
	decode_set(3, "01900002 0001 00950004 00290008");
	ipfix(&m, 0);
	m.buf[15] = 8;
	put_set(&m, 2, SMALL_ADDR);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	decode_set(2, "00020000");
	ck_assert_uint_eq(dec.stats.withdrawals, 2);
	decode_set(400, "00000007 0000000000000001");
	ck_assert_uint_eq(got.others, 1);
	m.len = 0;
	ipfix(&m, 0);
	m.buf[15] = 8;
	put_set(&m, 300, "c0000201 11 00000064");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	decode_set(3, "00030000");
	ck_assert_uint_eq(dec.stats.withdrawals, 3);
	ck_assert_int_eq(decode_vector(&dec, "ipfix-withdraw-all", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(dec.stats.withdrawals, 3);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_all_templates_withdrawal_works_once_a_message)
{
	decode_set(2, SMALL);
	ipfix(&m, 0);
	put_set(&m, 2, "00020000");
	put_set(&m, 2, SMALL);
	put_set(&m, 2, "00020000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.withdrawals, 1);
}
END_TEST

START_TEST(test_withdrawal_of_an_id_below_256_breaks_the_set)
{
	decode_set(2, "00050000" SMALL);
	ck_assert_uint_eq(dec.stats.malformed_sets, 1);
	ck_assert_uint_eq(dec.stats.templates, 0);
}
END_TEST

START_TEST(test_tpl_01_definition_below_256_breaks_the_set)
{
	decode_set(2, "00ff0001 00040001" SMALL);
	ck_assert_uint_eq(dec.stats.malformed_sets, 1);
	ck_assert_uint_eq(dec.stats.templates, 0);
}
END_TEST

START_TEST(test_tpl_04_record_of_no_octets_is_refused_and_forgets_the_old)
{
	decode_set(2, SMALL_ADDR);
	decode_set(2, "012c0002 00080000 00040000");
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

START_TEST(test_tpl_04_record_longer_than_any_message_is_refused)
{
	decode_set(2, "012c0002 0008ffeb 00040001");
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
	decode_set(2, "012c0001 0008ffeb");
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
	ck_assert_uint_eq(dec.stats.templates, 1);
}
END_TEST

START_TEST(test_fields_of_no_octets_are_left_out)
{
	decode_set(2, "012c0003 00080004 00040000 00010004");
	decode_set(300, "c0000201 00000064");
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].octets[0], 100);
	ck_assert_uint_eq(got.hdr[0].record.field_count, 2);
	decode_set(2, "012c0003 00080004 00040000 00010004");
	ck_assert_uint_eq(dec.stats.redefinitions, 0);
}
END_TEST

START_TEST(test_opt_01_options_template_without_scope_is_refused)
{
	decode_set(3, "012c0002 0000 00080004 00010004" "012d0001 0001 00950004");
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 1);
}
END_TEST

START_TEST(test_opt_02_more_scopes_than_fields_is_refused)
{
	decode_set(3, "012c0002 0003 00080004 00010004");
	ck_assert_uint_eq(dec.stats.malformed_templates, 1);
	ck_assert_uint_eq(dec.stats.templates, 0);
}
END_TEST

START_TEST(test_opt_02_opt_04_scopes_come_first_and_are_counted_as_fields)
{
	unsigned i;

	decode_set(3, "012c0003 0002 00950004 008f0004 00290008");
	decode_set(300, "00000007 00000001 0000000000000005");
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.other_fields, 3);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(got.field[i].is_scope, i < 2);
	ck_assert_uint_eq(got.field[1].element, 143);
	ck_assert_uint_eq(got.field[2].element, 41);
	ck_assert_uint_eq(got.field[2].length, 8);
}
END_TEST

START_TEST(test_set_04_padding_behind_the_last_definition_is_skipped)
{
	decode_set(2, SMALL "0000");
	decode_set(2, SMALL "000000");
	decode_set(3, "01900002 0001 00950004 00290008 0000");
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	/* more than the rules allow, as some exporters send it */
	decode_set(2, SMALL "00000000000000");
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.templates, 4);
	ck_assert_uint_eq(dec.stats.withdrawals, 0);
}
END_TEST

START_TEST(test_set_05_template_set_without_a_definition_is_counted)
{
	decode_set(2, "");
	decode_set(2, "0000");
	decode_set(3, "0000 0000 0000");
	ck_assert_uint_eq(dec.stats.malformed_sets, 3);
}
END_TEST

START_TEST(test_definition_cut_off_breaks_its_set_not_the_next_one)
{
	ipfix(&m, 0);
	put_set(&m, 2, "012c0002 00040001 0001");
	put_set(&m, 2, "012d0002 80040001 00007279 80010004 0000");
	put_set(&m, 3, "012e0002 00");
	put_set(&m, 2, SMALL_ADDR);
	put_set(&m, 300, "c0000201 11 00000064");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.malformed_sets, 3);
	ck_assert_uint_eq(dec.stats.templates, 1);
	ck_assert_uint_eq(got.count, 1);
}
END_TEST

START_TEST(test_definition_of_65535_fields_that_are_not_there_is_harmless)
{
	decode_set(2, "012cffff 00040001 00010004");
	decode_set(3, "012cffff ffff 00040001 00010004");
	ck_assert_uint_eq(dec.stats.malformed_sets, 2);
	ck_assert_uint_eq(dec.stats.templates, 0);
}
END_TEST

START_TEST(test_template_of_many_fields_is_kept_and_read)
{
	static struct pflow_decoder big;
	static uint8_t room[200000];
	unsigned i;

	pflow_decoder_init(&big, room, sizeof(room));
	ipfix(&m, 0);
	set(&m, 2);
	put_hex(&m, "012c");
	put(&m, 2, 10001);
	for (i = 0; i < 10000; i++)
		put(&m, 4, 0x01990001);
	put_hex(&m, "00080004");
	ck_assert_int_eq(decode(&big, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(big.stats.templates, 1);
	ipfix(&m, 0);
	set(&m, 300);
	for (i = 0; i < 10000; i++)
		put(&m, 1, 0xee);
	put_hex(&m, "c0000201");
	ck_assert_int_eq(decode(&big, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_mem_eq(got.st[0].key[0].addr[0], "\xc0\x00\x02\x01", 4);
}
END_TEST

START_TEST(test_template_that_does_not_fit_is_refused_and_forgets_the_old)
{
	unsigned i;

	pflow_decoder_init(&dec, store, 128);
	decode_set(2, SMALL_ADDR);
	ck_assert_uint_eq(dec.stats.templates, 1);
	ipfix(&m, 0);
	set(&m, 2);
	put_hex(&m, "012c0010");
	for (i = 0; i < 16; i++)
		put(&m, 4, 0x00040001);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.templates_refused, 1);
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

START_TEST(test_template_without_a_store_is_refused)
{
	pflow_decoder_init(&dec, NULL, 0);
	decode_set(2, SMALL_ADDR);
	decode_set(2, "00020000");
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(dec.stats.templates_refused, 1);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

START_TEST(test_session_restart_forgets_templates)
{
	decode_set(2, SMALL_ADDR);
	pflow_decoder_session_restart(&dec);
	decode_set(300, "c0000201 11 00000064");
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.templates, 1);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 1);
}
END_TEST

Suite *
suite_templates(void)
{
	Suite *s = suite_create("templates");
	TCase *tc = tcase_create("templates");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_tpl_03_tm_03_template_then_data_in_one_message);
	tcase_add_test(tc, test_templates_outlive_their_message);
	tcase_add_test(tc,
	    test_tm_03_data_before_its_template_is_counted_and_skipped);
	tcase_add_test(tc, test_tpl_01_domains_have_templates_of_their_own);
	tcase_add_test(tc, test_template_repeats_take_no_room);
	tcase_add_test(tc, test_tm_08_redefinition_replaces_the_layout);
	tcase_add_test(tc,
	    test_redefinition_of_one_length_or_element_or_enterprise_is_one);
	tcase_add_test(tc, test_redefinition_of_the_number_of_scopes_is_one);
	tcase_add_test(tc,
	    test_tpl_01_options_template_replaces_a_template_of_its_id);
	tcase_add_test(tc, test_tm_05_withdrawal_makes_a_template_unknown);
	tcase_add_test(tc,
	    test_tm_05_withdrawal_in_the_other_set_withdraws_nothing);
	tcase_add_test(tc,
	    test_tm_05_all_templates_withdrawal_is_of_one_kind_and_domain);
	tcase_add_test(tc, test_all_templates_withdrawal_works_once_a_message);
	tcase_add_test(tc, test_withdrawal_of_an_id_below_256_breaks_the_set);
	tcase_add_test(tc, test_tpl_01_definition_below_256_breaks_the_set);
	tcase_add_test(tc,
	    test_tpl_04_record_of_no_octets_is_refused_and_forgets_the_old);
	tcase_add_test(tc,
	    test_tpl_04_record_longer_than_any_message_is_refused);
	tcase_add_test(tc, test_fields_of_no_octets_are_left_out);
	tcase_add_test(tc,
	    test_opt_01_options_template_without_scope_is_refused);
	tcase_add_test(tc, test_opt_02_more_scopes_than_fields_is_refused);
	tcase_add_test(tc,
	    test_opt_02_opt_04_scopes_come_first_and_are_counted_as_fields);
	tcase_add_test(tc,
	    test_set_04_padding_behind_the_last_definition_is_skipped);
	tcase_add_test(tc,
	    test_set_05_template_set_without_a_definition_is_counted);
	tcase_add_test(tc,
	    test_definition_cut_off_breaks_its_set_not_the_next_one);
	tcase_add_test(tc,
	    test_definition_of_65535_fields_that_are_not_there_is_harmless);
	tcase_add_test(tc, test_template_of_many_fields_is_kept_and_read);
	tcase_add_test(tc,
	    test_template_that_does_not_fit_is_refused_and_forgets_the_old);
	tcase_add_test(tc, test_template_without_a_store_is_refused);
	tcase_add_test(tc, test_session_restart_forgets_templates);
	suite_add_tcase(s, tc);
	return s;
}
