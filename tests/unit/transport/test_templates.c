/* SPDX-License-Identifier: ISC */
#include "transport/templates.h"

#include <check.h>
#include <stdlib.h>

#include "ipfix_maker.h"

Suite *suite_templates(void);

static struct pflowi_templates *ts;
static struct pflowi_templates_effect effect;
static uint8_t msg[65535], out[65535];

static void
setup(void)
{
	ts = calloc(1, sizeof(*ts));
	ck_assert_ptr_nonnull(ts);
}

static void
teardown(void)
{
	free(ts);
}

static void
learn(size_t len)
{
	pflowi_templates_learn(ts, ts, msg, len, &effect);
}

START_TEST(test_templates_are_told_apart_as_new_known_and_redefined)
{
	learn(maker_template(msg, 1, 0, 8));
	ck_assert_uint_eq(effect.added, 1);
	ck_assert(!effect.data);
	learn(maker_template(msg, 2, 7, 8));
	ck_assert_uint_eq(effect.added, 0);
	ck_assert_uint_eq(effect.same, 1);
	learn(maker_template(msg, 3, 7, 4));
	ck_assert_uint_eq(effect.redefined, 1);
	ck_assert_uint_eq(ts->count, 1);
	learn(maker_data(msg, 4, 7, 0, 3));
	ck_assert(effect.data);
}
END_TEST

START_TEST(test_templates_message_gives_back_what_was_learned)
{
	struct pflowi_templates *again = calloc(1, sizeof(*again));
	uint8_t like[16];
	size_t len;

	ck_assert_ptr_nonnull(again);
	learn(maker_template(msg, 1, 0, 8));
	maker_data(msg, 77, 99, 0, 1);
	memcpy(like, msg, sizeof(like));
	len = pflowi_templates_message(ts, like, out, sizeof(out));
	ck_assert_uint_eq(len, 28);
	ck_assert(pflowi_ipfix_is_message(out, len));
	ck_assert_uint_eq(pflowi_get_be32(out + 4), 77);
	ck_assert_uint_eq(pflowi_get_be32(out + 8), 99);
	ck_assert_uint_eq(pflowi_get_be32(out + 12), MAKER_DOMAIN);
	pflowi_templates_learn(again, again, out, len, &effect);
	ck_assert_uint_eq(effect.added, 1);
	ck_assert_uint_eq(
	    pflowi_templates_message(again, like, msg, sizeof(msg)), 28);
	ck_assert_mem_eq(msg, out, 28);
	ck_assert_uint_eq(pflowi_templates_message(ts, like, out, 20), 0);
	free(again);
}
END_TEST

START_TEST(test_templates_count_records_of_fixed_length_and_padding)
{
	size_t len;

	learn(maker_template(msg, 1, 0, 8));
	len = maker_data(msg, 1, 0, 5, 9);
	ck_assert_uint_eq(pflowi_templates_count(ts, msg, len), 9);
	/* Three octets of padding (RFC 7011, 3.3.1). */
	memset(msg + len, 0, 3);
	pflowi_put_be16(msg + 2, (uint16_t)(len + 3));
	pflowi_put_be16(msg + 18, (uint16_t)(4 + 72 + 3));
	ck_assert_uint_eq(pflowi_templates_count(ts, msg, len + 3), 9);
	/* A set of a template that nobody defined. */
	pflowi_put_be16(msg + 16, 257);
	ck_assert_uint_eq(pflowi_templates_count(ts, msg, len + 3), 0);
}
END_TEST

START_TEST(test_templates_count_records_of_variable_length)
{
	struct pflowi_writer w;
	uint8_t text[300];

	memset(text, 'x', sizeof(text));
	learn(maker_template(msg, 1, 0, 65535));
	pflowi_w_init(&w, msg, sizeof(msg));
	maker_header(&w, 1, 0);
	pflowi_w_u16(&w, 256);
	pflowi_w_u16(&w, 4 + 1 + 5 + 3 + 300 + 1);
	pflowi_w_u8(&w, 5);
	pflowi_w_bytes(&w, text, 5);
	pflowi_w_u8(&w, 255);
	pflowi_w_u16(&w, 300);
	pflowi_w_bytes(&w, text, 300);
	pflowi_w_u8(&w, 0);
	pflowi_w_fill16(&w, 2, w.len);
	ck_assert_uint_eq(pflowi_templates_count(ts, msg, w.len), 3);
}
END_TEST

static size_t
options_template(uint16_t id)
{
	struct pflowi_writer w;

	pflowi_w_init(&w, msg, sizeof(msg));
	maker_header(&w, 1, 0);
	pflowi_w_u16(&w, 3);
	pflowi_w_u16(&w, 4 + 6 + 4 + 8 + 2);
	pflowi_w_u16(&w, id);
	pflowi_w_u16(&w, 2);
	pflowi_w_u16(&w, 1);
	pflowi_w_u16(&w, 149);
	pflowi_w_u16(&w, 4);
	pflowi_w_u16(&w, 0x8000 | 41);
	pflowi_w_u16(&w, 8);
	pflowi_w_u32(&w, 29305);
	pflowi_w_u16(&w, 0); /* padding */
	pflowi_w_fill16(&w, 2, w.len);
	return w.len;
}

START_TEST(test_templates_know_options_and_enterprise_fields)
{
	struct pflowi_writer w;

	learn(options_template(300));
	ck_assert_uint_eq(effect.added, 1);
	ck_assert_uint_eq(ts->list[0].record, 12);
	pflowi_w_init(&w, msg, sizeof(msg));
	maker_header(&w, 1, 0);
	pflowi_w_u16(&w, 300);
	pflowi_w_u16(&w, 4 + 24);
	pflowi_w_zero(&w, 24);
	pflowi_w_fill16(&w, 2, w.len);
	ck_assert_uint_eq(pflowi_templates_count(ts, msg, w.len), 2);
}
END_TEST

static size_t
withdrawal(uint16_t set, uint16_t id)
{
	struct pflowi_writer w;

	pflowi_w_init(&w, msg, sizeof(msg));
	maker_header(&w, 1, 0);
	pflowi_w_u16(&w, set);
	pflowi_w_u16(&w, 8);
	pflowi_w_u16(&w, id);
	pflowi_w_u16(&w, 0);
	pflowi_w_fill16(&w, 2, w.len);
	return w.len;
}

START_TEST(test_templates_are_forgotten_when_they_are_withdrawn)
{
	learn(maker_template(msg, 1, 0, 8));
	learn(options_template(300));
	learn(options_template(301));
	ck_assert_uint_eq(ts->count, 3);
	learn(withdrawal(3, 300));
	ck_assert_uint_eq(effect.withdrawn, 1);
	ck_assert_uint_eq(ts->count, 2);
	ck_assert_uint_eq(ts->list[1].id, 301);
	/* All of a kind. */
	learn(withdrawal(3, 3));
	ck_assert_uint_eq(ts->count, 1);
	ck_assert_uint_eq(ts->list[0].id, 256);
	learn(withdrawal(2, 2));
	ck_assert_uint_eq(ts->count, 0);
	ck_assert_uint_eq(ts->used, 0);
}
END_TEST

START_TEST(test_templates_beyond_the_room_are_counted)
{
	uint16_t id;

	for (id = 256; id < 256 + PFLOWI_TEMPLATES_MAX; id++)
		learn(options_template(id));
	ck_assert_uint_eq(ts->count, PFLOWI_TEMPLATES_MAX);
	learn(options_template(id));
	ck_assert_uint_eq(ts->count, PFLOWI_TEMPLATES_MAX);
	ck_assert_uint_eq(ts->refused, 1);
}
END_TEST

START_TEST(test_templates_of_octets_without_sense_do_no_harm)
{
	uint32_t x = 1, i, round;

	for (round = 0; round < 3000; round++) {
		size_t len = 16 + round % 200;

		for (i = 0; i < len; i++) {
			x = x * 1664525u + 1013904223u;
			msg[i] = (uint8_t)(x >> 24);
		}
		pflowi_put_be16(msg, 10);
		pflowi_put_be16(msg + 2, (uint16_t)len);
		if (len >= 24)
			pflowi_put_be16(msg + 16, (uint16_t)(2 + round % 2));
		if (len >= 24 && round % 3 != 0)
			pflowi_put_be16(msg + 18, (uint16_t)(len - 16));
		learn(len);
		(void)pflowi_templates_count(ts, msg, len);
		if (ts->used > PFLOWI_TEMPLATES_POOL)
			ck_abort_msg("the pool is overrun");
	}
}
END_TEST

Suite *
suite_templates(void)
{
	Suite *s = suite_create("templates");
	TCase *tc = tcase_create("templates");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, test_templates_are_told_apart_as_new_known_and_redefined);
	tcase_add_test(tc, test_templates_message_gives_back_what_was_learned);
	tcase_add_test(
	    tc, test_templates_count_records_of_fixed_length_and_padding);
	tcase_add_test(tc, test_templates_count_records_of_variable_length);
	tcase_add_test(tc, test_templates_know_options_and_enterprise_fields);
	tcase_add_test(
	    tc, test_templates_are_forgotten_when_they_are_withdrawn);
	tcase_add_test(tc, test_templates_beyond_the_room_are_counted);
	tcase_add_test(tc, test_templates_of_octets_without_sense_do_no_harm);
	suite_add_tcase(s, tc);
	return s;
}
