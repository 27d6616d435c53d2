/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_sets(void);

static struct pflow_decoder dec;
static struct sink got;
static struct maker m;
static uint8_t store[4096];

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
	ipfix(&m, 0);
}

START_TEST(test_flow4_and_flow6_vectors_of_pflow_give_their_states)
{
	const struct pflow_state *st = got.st;

	ck_assert_int_eq(decode_vector(&dec, "ipfix-pflow-templates", &got),
	    PFLOW_OK);
	ck_assert_int_eq(decode_vector(&dec, "ipfix-pflow-flow4-2rec", &got),
	    PFLOW_OK);
	ck_assert_int_eq(decode_vector(&dec, "ipfix-pflow-flow6-1rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 3);
	ck_assert_mem_eq(st[0].key[0].addr[0], "\xc0\x00\x02\x01", 4);
	ck_assert_mem_eq(st[0].key[0].addr[1], "\xc6\x33\x64\x02", 4);
	ck_assert_mem_eq(&st[0].key[0], &st[0].key[1], sizeof(st[0].key[0]));
	ck_assert_uint_eq(st[0].key[0].port[0], 49152);
	ck_assert_uint_eq(st[0].key[0].port[1], 443);
	ck_assert_uint_eq(st[0].packets[0], 10);
	ck_assert_uint_eq(st[0].octets[0], 1500);
	ck_assert_uint_eq(st[0].ifindex[0], 1);
	ck_assert_uint_eq(st[0].ifindex[1], 2);
	ck_assert_uint_eq(st[0].start_ns, UINT64_C(1699999995000000000));
	ck_assert_uint_eq(st[0].last_ns, UINT64_C(1699999999000000000));
	ck_assert_uint_eq(st[0].protocol, 6);
	ck_assert_uint_eq(st[0].present, PFLOW_HAS_TOS | PFLOW_HAS_IFINDEX);
	ck_assert_uint_eq(st[1].octets[0], 9000);
	ck_assert_uint_eq(st[1].key[1].port[0], 443);
	ck_assert_uint_eq(st[2].key[0].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st[2].key[0].addr[0][15], 1);
	ck_assert_uint_eq(st[2].key[1].addr[1][15], 2);
	ck_assert_uint_eq(st[2].icmp[0], 0x8000);
	ck_assert_uint_eq(st[2].key[0].port[1], 0);
	ck_assert(st[2].present & PFLOW_HAS_ICMP);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(got.hdr[2].template_id, 257);
	ck_assert_uint_eq(got.hdr[2].domain_id, 42);
}
END_TEST

/** The same fields in another order, so that no fast path knows them. */
#define FLOW4_SLOW                                                             \
	"0101000c 000c0004 00080004 000a0004 000e0004 00020008 00010008"       \
	"00980008 00990008 00070002 000b0002 00050001 00040001"

START_TEST(test_fast_path_gives_what_the_walk_gives)
{
	unsigned i;

	put_set(&m, 2, FLOW4_TEMPLATE FLOW4_SLOW);
	put_set(&m, 256, FLOW4_RECORD FLOW4_RECORD);
	put_set(&m, 257, FLOW4_RECORD FLOW4_RECORD);
	for (i = 1; i <= 4; i++) /* protocol 1 in the second of each */
		if (i % 2 == 0)
			m.buf[m.len - 1 - (i == 2 ? 112 : 0)] = 1;
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 4);
	for (i = 0; i < 2; i++) {
		struct pflow_state *slow = &got.st[i + 2];
		uint8_t a[16];
		unsigned k;

		for (k = 0; k < 2; k++) {
			memcpy(a, slow->key[k].addr[0], 16);
			memcpy(slow->key[k].addr[0], slow->key[k].addr[1], 16);
			memcpy(slow->key[k].addr[1], a, 16);
		}
		ck_assert_mem_eq(&got.st[i], slow, sizeof(*slow));
	}
	ck_assert_uint_eq(got.st[1].icmp[0], 443);
}
END_TEST

START_TEST(test_built_in_layout_is_known_under_any_id)
{
	put_set(&m, 2, "03e8000c 00080004 000c0004 000a0004 000e0004 00020008"
	    "00010008 00980008 00990008 00070002 000b0002 00050001 00040001");
	put_set(&m, 1000, FLOW4_RECORD);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].octets[0], 1500);
	ck_assert_uint_eq(got.hdr[0].template_id, 1000);
}
END_TEST

START_TEST(test_id_256_of_another_layout_is_read_by_that_layout)
{
	put_set(&m, 2, "01000002 00080004 00010004");
	put_set(&m, 256, "c0000201 00000009");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].octets[0], 9);
}
END_TEST

START_TEST(test_set_04_octets_that_hold_no_record_are_padding)
{
	put_set(&m, 2, FLOW4_TEMPLATE);
	put_set(&m, 256, FLOW4_RECORD FLOW4_RECORD "000000");
	put_set(&m, 256, FLOW4_RECORD "00000000000000000000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 3);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_set_05_data_set_without_a_whole_record_is_counted)
{
	put_set(&m, 2, FLOW4_TEMPLATE "012c0001 00080004");
	put_set(&m, 256, "");
	put_set(&m, 300, "c00002");
	put_set(&m, 256, FLOW4_RECORD);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 2);
}
END_TEST

START_TEST(test_set_01_unassigned_ids_are_counted_and_skipped)
{
	static const uint16_t id[] = { 0, 1, 4, 255 };
	unsigned i;

	put_set(&m, 2, FLOW4_TEMPLATE);
	for (i = 0; i < 4; i++)
		put_set(&m, id[i], "0102030405060708");
	put_set(&m, 256, FLOW4_RECORD);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 4);
}
END_TEST

START_TEST(test_set_length_below_its_header_or_past_the_end_stops)
{
	static const uint8_t len[] = { 0, 3, 200 };
	unsigned i;

	for (i = 0; i < 3; i++) {
		ipfix(&m, 0);
		put_set(&m, 2, FLOW4_TEMPLATE);
		put_set(&m, 256, FLOW4_RECORD);
		put(&m, 4, 0x01000000u | len[i]);
		put_set(&m, 256, FLOW4_RECORD);
		ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
		ck_assert_uint_eq(got.count, i + 1);
		ck_assert_uint_eq(dec.stats.malformed_sets, i + 1);
	}
}
END_TEST

START_TEST(test_msg_07_octets_between_sets_and_end_are_counted)
{
	put_set(&m, 2, FLOW4_TEMPLATE);
	put_set(&m, 256, FLOW4_RECORD);
	put(&m, 3, 0);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 1);
}
END_TEST

START_TEST(test_enc_15_variable_length_in_all_three_forms)
{
	unsigned i;

	ck_assert_int_eq(decode_vector(&dec, "ipfix-variable-length", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.not_flows, 1);
	ipfix(&m, 0);
	put_set(&m, 2, "012c0003 0060ffff 00080004 8001ffff 00001234");
	set(&m, 300);
	put_hex(&m, "00 c0000201 00");
	put_hex(&m, "03 646e73 c0000202 ff0003 010203");
	put_hex(&m, "ff012c");
	for (i = 0; i < 300; i++)
		put(&m, 1, 'x');
	put_hex(&m, "c0000203 ff0000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 3);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(got.st[i].key[0].addr[0][3], i + 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_enc_16_variable_length_past_the_end_is_counted)
{
	put_set(&m, 2, "012c0002 00080004 0060ffff");
	put_set(&m, 300, "c0000201 01 61 c0000202 05 61");
	put_set(&m, 300, "c0000203 ff");
	put_set(&m, 300, "c0000203 ff00");
	put_set(&m, 300, "c0000203 ff0001");
	put_set(&m, 300, "c0000204 ff0001 62");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.st[1].key[0].addr[0][3], 4);
	ck_assert_uint_eq(dec.stats.malformed_sets, 4);
}
END_TEST

START_TEST(test_padding_behind_variable_records_is_skipped)
{
	put_set(&m, 2, "012c0002 00080004 0060ffff");
	put_set(&m, 300, "c0000201 01 61 000000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_options_records_are_counted_and_given_to_who_wants_them)
{
	ck_assert_int_eq(decode_vector(&dec, "ipfix-options-reliability",
	    &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(got.others, 0);
	ck_assert_uint_eq(dec.stats.options_records, 1);
	pflow_decoder_set_other(&dec, sink_other);
	ck_assert_int_eq(decode_vector(&dec, "ipfix-options-reliability",
	    &got), PFLOW_OK);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.other_fields, 6);
	ck_assert_uint_eq(got.field[0].element, 144);
	ck_assert_uint_eq(got.field[0].is_scope, 1);
	ck_assert_uint_eq(got.field[1].element, 166);
	ck_assert_uint_eq(got.field[1].length, 8);
	ck_assert_uint_eq(got.field[5].element, 323);
	ck_assert_uint_eq(dec.stats.not_flows, 0);
}
END_TEST

START_TEST(test_records_without_addresses_are_counted_or_given)
{
	put_set(&m, 2, "012c0003 01430008 00e60001 011b0004");
	put_set(&m, 300, "0000018bcfe55478 03 00000009");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.not_flows, 1);
	pflow_decoder_set_other(&dec, sink_other);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.not_flows, 1);
	ck_assert_uint_eq(got.others, 1);
	ck_assert_uint_eq(got.other_fields, 3);
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

START_TEST(test_what_the_callbacks_say_stops_the_message)
{
	put_set(&m, 2, FLOW4_TEMPLATE "01010002 00040001 00080004");
	put_set(&m, 3, "012c0002 0001 00950004 00290004");
	put_set(&m, 256, FLOW4_RECORD FLOW4_RECORD);
	put_set(&m, 257, "01c0000201 02c0000202");
	put_set(&m, 300, "0000000100000002 0000000100000002");
	got.stop_at = 1;
	ck_assert_int_eq(decode(&dec, &m, &got), 77);
	ck_assert_uint_eq(got.count, 1);
	got.count = 0;
	got.stop_at = 3;
	ck_assert_int_eq(decode(&dec, &m, &got), 77);
	ck_assert_uint_eq(got.count, 3);
	got.stop_at = 0;
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	pflow_decoder_set_other(&dec, sink_other);
	got.count = 100;
	got.stop_at = 2;
	ck_assert_int_eq(decode(&dec, &m, &got), 77);
	ck_assert_uint_eq(got.others, 2);
}
END_TEST

/** All the values of a flow record, unknown ones too. */
static int
sink_values(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	struct sink *s = arg;

	(void)st;
	while (pflow_decoded_field_next(&hdr->record, &at, &f) == PFLOW_OK) {
		ck_assert_uint_lt(s->other_fields, 64);
		s->field[s->other_fields++] = f;
	}
	ck_assert_int_eq(pflow_decoded_field_next(&hdr->record, &at, &f),
	    PFLOW_EOF);
	return 0;
}

START_TEST(test_values_of_flow_records_can_be_walked)
{
	put_set(&m, 2, FLOW4_TEMPLATE "012c0003 00080004 0060ffff 80630002"
	    "00001234");
	put_set(&m, 256, FLOW4_RECORD);
	put_set(&m, 300, "c0000201 03 646e73 abcd");
	end_set(&m);
	m.buf[3] = (uint8_t)m.len;
	ck_assert_int_eq(pflow_decoder_message(&dec, m.buf, m.len, sink_values,
	    &got), PFLOW_OK);
	ck_assert_uint_eq(got.other_fields, 15);
	ck_assert_uint_eq(got.field[4].element, 2);
	ck_assert_uint_eq(got.field[4].length, 8);
	ck_assert_uint_eq(got.field[4].value[7], 10);
	ck_assert_uint_eq(got.field[13].element, 96);
	ck_assert_uint_eq(got.field[13].length, 3);
	ck_assert_mem_eq(got.field[13].value, "dns", 3);
	ck_assert_uint_eq(got.field[14].element, 99);
	ck_assert_uint_eq(got.field[14].enterprise, 0x1234);
	ck_assert_uint_eq(got.field[14].value[1], 0xcd);
}
END_TEST

Suite *
suite_sets(void)
{
	Suite *s = suite_create("sets");
	TCase *tc = tcase_create("sets");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc,
	    test_flow4_and_flow6_vectors_of_pflow_give_their_states);
	tcase_add_test(tc, test_fast_path_gives_what_the_walk_gives);
	tcase_add_test(tc, test_built_in_layout_is_known_under_any_id);
	tcase_add_test(tc, test_id_256_of_another_layout_is_read_by_that_layout);
	tcase_add_test(tc, test_set_04_octets_that_hold_no_record_are_padding);
	tcase_add_test(tc,
	    test_set_05_data_set_without_a_whole_record_is_counted);
	tcase_add_test(tc, test_set_01_unassigned_ids_are_counted_and_skipped);
	tcase_add_test(tc,
	    test_set_length_below_its_header_or_past_the_end_stops);
	tcase_add_test(tc,
	    test_msg_07_octets_between_sets_and_end_are_counted);
	tcase_add_test(tc, test_enc_15_variable_length_in_all_three_forms);
	tcase_add_test(tc,
	    test_enc_16_variable_length_past_the_end_is_counted);
	tcase_add_test(tc, test_padding_behind_variable_records_is_skipped);
	tcase_add_test(tc,
	    test_options_records_are_counted_and_given_to_who_wants_them);
	tcase_add_test(tc,
	    test_records_without_addresses_are_counted_or_given);
	tcase_add_test(tc, test_what_the_callbacks_say_stops_the_message);
	tcase_add_test(tc, test_values_of_flow_records_can_be_walked);
	suite_add_tcase(s, tc);
	return s;
}
