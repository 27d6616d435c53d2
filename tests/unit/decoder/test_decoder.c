/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_decoder(void);

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

START_TEST(test_versions_that_are_not_spoken_are_refused)
{
	unsigned version;

	for (version = 0; version < 300; version++) {
		uint8_t buf[64] = { (uint8_t)(version >> 8), (uint8_t)version };

		if (version == 5 || version == 9 || version == 10)
			continue;
		ck_assert_int_eq(pflow_decoder_message(&dec, buf, sizeof(buf),
		    sink_state, &got), PFLOW_ERR_UNSUPPORTED);
	}
	ck_assert_uint_eq(dec.stats.malformed_messages, 297);
	ck_assert_uint_eq(dec.stats.messages, 0);
}
END_TEST

START_TEST(test_message_of_no_octets_is_truncated)
{
	ck_assert_int_eq(pflow_decoder_message(&dec, NULL, 0, sink_state, &got),
	    PFLOW_ERR_TRUNCATED);
	ck_assert_int_eq(pflow_decoder_message(&dec, "", 1, sink_state, &got),
	    PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(dec.stats.malformed_messages, 2);
}
END_TEST

START_TEST(test_decoder_may_be_moved)
{
	struct pflow_decoder moved;

	ipfix(&m, 0);
	put_set(&m, 2, FLOW4_TEMPLATE);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	moved = dec;
	memset(&dec, 0xff, sizeof(dec));
	ipfix(&m, 0);
	put_set(&m, 256, FLOW4_RECORD);
	ck_assert_int_eq(decode(&moved, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
}
END_TEST

START_TEST(test_message_is_read_at_any_alignment)
{
	size_t len, i;
	uint8_t *buf = vector("ipfix-template-2rec", &len);
	uint8_t room[300];

	for (i = 0; i < 8; i++) {
		memcpy(room + i, buf, len);
		ck_assert_int_eq(pflow_decoder_message(&dec, room + i, len,
		    sink_state, &got), PFLOW_OK);
		ck_assert_uint_eq(got.st[2 * i].octets[0], 123456);
	}
	free(buf);
}
END_TEST

struct told {
	unsigned count;
	uint64_t records, lost;
};

static void
tell(void *arg, const struct pflow_counter *c)
{
	struct told *t = arg;

	t->count++;
	ck_assert_ptr_nonnull(c->help);
	if (strcmp(c->name, "records") == 0)
		t->records = c->value;
	if (strcmp(c->name, "malformed_sets") == 0) {
		t->lost = c->value;
		ck_assert_int_eq(c->kind, PFLOW_COUNTER_DROP);
	}
}

START_TEST(test_counters_are_told_by_name)
{
	struct told t = { 0, 0, 0 };

	ipfix(&m, 0);
	put_set(&m, 2, FLOW4_TEMPLATE);
	put_set(&m, 256, FLOW4_RECORD);
	put_set(&m, 1, "00");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	pflow_decoder_counters(&dec, tell, &t);
	ck_assert_uint_eq(t.count * sizeof(uint64_t), sizeof(dec.stats));
	ck_assert_uint_eq(t.records, 1);
	ck_assert_uint_eq(t.lost, 1);
}
END_TEST

START_TEST(test_field_walk_ends_with_the_octets_of_the_record)
{
	/* a record that is shorter than its fields: never made by us */
	static const uint8_t fields[20] = { 0, 0, 0, 1, 0, 4, 0, 0, 0, 0, 0, 0,
		0, 2, 0, 4, 0, 0, 0, 0 };
	static const uint8_t octets[6];
	struct pflow_decoded_record rec = { fields, octets, 6, 2, 0 };
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;

	ck_assert_int_eq(pflow_decoded_field_next(&rec, &at, &f), PFLOW_OK);
	ck_assert_uint_eq(f.element, 1);
	ck_assert_uint_eq(f.length, 4);
	ck_assert_int_eq(pflow_decoded_field_next(&rec, &at, &f), PFLOW_EOF);
	ck_assert_uint_eq(f.element, 1);
}
END_TEST

Suite *
suite_decoder(void)
{
	Suite *s = suite_create("decoder");
	TCase *tc = tcase_create("decoder");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_versions_that_are_not_spoken_are_refused);
	tcase_add_test(tc, test_message_of_no_octets_is_truncated);
	tcase_add_test(tc, test_decoder_may_be_moved);
	tcase_add_test(tc, test_message_is_read_at_any_alignment);
	tcase_add_test(tc, test_counters_are_told_by_name);
	tcase_add_test(tc, test_field_walk_ends_with_the_octets_of_the_record);
	suite_add_tcase(s, tc);
	return s;
}
