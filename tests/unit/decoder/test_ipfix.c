/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_ipfix(void);

static struct pflow_decoder dec;
static struct sink got;
static struct maker m;
static uint8_t store[4096];

static const char *const vectors[] = { "ipfix-biflow", "ipfix-md5",
	"ipfix-microseconds", "ipfix-nat44-create",
	"ipfix-options-reliability", "ipfix-pflow-flow4-2rec",
	"ipfix-pflow-flow6-1rec", "ipfix-pflow-templates",
	"ipfix-template-2rec", "ipfix-variable-length", "ipfix-withdraw-300",
	"ipfix-withdraw-all" };
#define VECTORS (int)(sizeof(vectors) / sizeof(vectors[0]))

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
}

START_TEST(test_msg_03_header_is_given)
{
	const struct pflow_decoded_header *h = &got.hdr[0];

	ck_assert_int_eq(decode_vector(&dec, "ipfix-nat44-create", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(h->version, 10);
	ck_assert_uint_eq(h->count, 0);
	ck_assert_uint_eq(h->sequence, 4);
	ck_assert_uint_eq(h->domain_id, 7);
	ck_assert_uint_eq(h->export_ns, UINT64_C(1700000004000000000));
	ck_assert_uint_eq(h->uptime_ms, 0);
	ck_assert_uint_eq(h->sampling, 0);
	ck_assert_uint_eq(h->template_id, 302);
	ck_assert_uint_eq(h->record.field_count, 11);
}
END_TEST

START_TEST(test_vectors_hold_nothing_malformed)
{
	ck_assert_int_eq(decode_vector(&dec, vectors[_i], &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.messages, 1);
	ck_assert_uint_eq(dec.stats.malformed_messages, 0);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.malformed_templates, 0);
	ck_assert_uint_eq(dec.stats.trailing_octets, 0);
	ck_assert_uint_eq(dec.stats.records, got.count);
}
END_TEST

START_TEST(test_msg_02_every_truncation_is_told_and_gives_nothing)
{
	size_t len, n;
	uint8_t *buf = vector(vectors[_i], &len);

	for (n = 0; n < len; n++)
		ck_assert_int_eq(decode_octets(&dec, buf, n, &got),
		    PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.templates, 0);
	ck_assert_uint_eq(dec.stats.malformed_messages, len);
	free(buf);
}
END_TEST

START_TEST(test_message_cut_off_with_its_length_set_right_is_read_so_far)
{
	size_t len, n;
	uint8_t *buf = vector(vectors[_i], &len);

	for (n = 16; n < len; n++) {
		pflow_decoder_session_restart(&dec);
		dec.stats.malformed_sets = 0;
		buf[2] = (uint8_t)(n >> 8);
		buf[3] = (uint8_t)n;
		ck_assert_int_eq(decode_octets(&dec, buf, n, &got), PFLOW_OK);
		ck_assert_uint_le(dec.stats.malformed_sets, 1);
	}
	ck_assert_uint_eq(dec.stats.malformed_messages, 0);
	free(buf);
}
END_TEST

START_TEST(test_every_octet_of_a_vector_may_be_wrong)
{
	size_t len, n;
	uint8_t *buf = vector(vectors[_i], &len);
	unsigned bit;
	int rc;

	for (n = 0; n < len; n++) {
		for (bit = 0; bit < 8; bit++) {
			buf[n] ^= (uint8_t)(1u << bit);
			rc = decode_octets(&dec, buf, len, &got);
			ck_assert(rc == PFLOW_OK || n < 4);
			buf[n] ^= (uint8_t)(1u << bit);
		}
	}
	ck_assert_uint_eq(dec.stats.messages + dec.stats.malformed_messages,
	    8 * len);
	free(buf);
}
END_TEST

START_TEST(test_msg_02_length_below_the_header_is_malformed)
{
	ipfix(&m, 0);
	m.buf[3] = 15;
	ck_assert_int_eq(decode_octets(&dec, m.buf, 16, &got),
	    PFLOW_ERR_MALFORMED);
	ck_assert_uint_eq(dec.stats.malformed_messages, 1);
}
END_TEST

START_TEST(test_header_alone_is_an_empty_message)
{
	ipfix(&m, 5);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.messages, 1);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_msg_07_octets_behind_the_message_are_counted)
{
	ipfix(&m, 0);
	put_set(&m, 2, FLOW4_TEMPLATE);
	put_set(&m, 256, FLOW4_RECORD);
	m.buf[2] = (uint8_t)(m.len >> 8);
	m.buf[3] = (uint8_t)m.len;
	put(&m, 5, 0);
	ck_assert_int_eq(decode_octets(&dec, m.buf, m.len, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.trailing_octets, 5);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
}
END_TEST

START_TEST(test_longest_message_of_shortest_sets_is_read)
{
	unsigned i;

	memset(&m, 0, sizeof(m));
	ipfix(&m, 0);
	put_set(&m, 2, "012c0001 00040001");
	for (i = 0; m.len + 5 <= 65535; i++)
		put_set(&m, 300, "06");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.not_flows, i);
	ck_assert_uint_gt(i, 13000);
}
END_TEST

START_TEST(test_msg_01_frame_knows_a_message_by_four_octets)
{
	static const uint8_t head[4] = { 0, 10, 0x01, 0x02 };
	size_t need = 99;

	ck_assert_int_eq(pflow_decoder_frame(head, 0, &need),
	    PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(need, 4);
	ck_assert_int_eq(pflow_decoder_frame(head, 3, &need),
	    PFLOW_ERR_TRUNCATED);
	ck_assert_int_eq(pflow_decoder_frame(head, 4, &need), PFLOW_OK);
	ck_assert_uint_eq(need, 0x102);
}
END_TEST

START_TEST(test_msg_01_frame_refuses_another_version_at_once)
{
	size_t need;

	ck_assert_int_eq(pflow_decoder_frame("\x01", 1, &need),
	    PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(pflow_decoder_frame("\x00\x09", 2, &need),
	    PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(pflow_decoder_frame("\x00\x0a\x00\x0f", 4, &need),
	    PFLOW_ERR_MALFORMED);
	ck_assert_int_eq(pflow_decoder_frame("\x00\x0a\x00\x10", 4, &need),
	    PFLOW_OK);
}
END_TEST

/** A file: rubbish of n octets between two messages. */
static size_t
damaged(uint8_t *out, size_t rubbish, uint8_t octet, size_t *first)
{
	size_t a, b;
	uint8_t *one = vector("ipfix-template-2rec", &a);
	uint8_t *two = vector("ipfix-biflow", &b);

	memcpy(out, one, a);
	memset(out + a, octet, rubbish);
	memcpy(out + a + rubbish, two, b);
	*first = a;
	free(one);
	free(two);
	return a + rubbish + b;
}

START_TEST(test_resync_finds_the_next_message_behind_rubbish)
{
	static const uint8_t octets[] = { 0x00, 0x0a, 0xff, 0x02 };
	uint8_t buf[2048];
	size_t first, len, need, skip, n;
	unsigned i;

	for (i = 0; i < sizeof(octets); i++) {
		for (n = 1; n < 300; n++) {
			len = damaged(buf, n, octets[i], &first);
			/* rubbish that looks like a header is judged by what
			 * follows; what frame() takes is no rubbish */
			if (pflow_decoder_frame(buf + first, len - first,
			    &need) != PFLOW_ERR_MALFORMED)
				continue;
			ck_assert_int_eq(pflow_decoder_resync(buf + first,
			    len - first, &skip), PFLOW_OK);
			ck_assert_uint_eq(skip, n);
		}
	}
}
END_TEST

START_TEST(test_resync_with_too_few_octets_keeps_what_may_be_a_beginning)
{
	uint8_t buf[2048];
	size_t first, len, skip, n, at;

	len = damaged(buf, 100, 0xee, &first);
	for (n = 0; n <= len - first; n++) {
		uint8_t *cut = malloc(n == 0 ? 1 : n);
		int rc;

		memcpy(cut, buf + first, n);
		rc = pflow_decoder_resync(cut, n, &skip);
		ck_assert_uint_le(skip, 100);
		ck_assert_uint_le(skip, n);
		ck_assert_int_eq(rc, n < 120 ? PFLOW_ERR_TRUNCATED : PFLOW_OK);
		/* reading on from there finds it */
		ck_assert_int_eq(pflow_decoder_resync(buf + first + skip,
		    len - first - skip, &at), PFLOW_OK);
		ck_assert_uint_eq(skip + at, 100);
		free(cut);
	}
}
END_TEST

START_TEST(test_resync_asks_header_set_and_next_header)
{
	static const char *const no[] = {
		"000a0013 6553f100 00000000 00000007 0002 0004", /* length */
		"000a0018 6553f100 00000000 00000007 0001 0008", /* set id */
		"000a0018 6553f100 00000000 00000007 00ff 0008",
		"000a0018 6553f100 00000000 00000007 0002 0003", /* its length */
		"000a0018 6553f100 00000000 00000007 0002 0009",
		"000b0018 6553f100 00000000 00000007 0002 0008", /* version */
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 000b",
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 01",
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 000a000f",
	};
	static const char *const yes[] = {
		"000a0018 6553f100 00000000 00000007 0002 0008",
		"000a0018 6553f100 00000000 00000007 0003 0008",
		"000a0018 6553f100 00000000 00000007 0100 0004 012c0000",
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 00",
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 000a",
		"000a0018 6553f100 00000000 00000007 0002 0008 012c0000 000a0010",
	};
	size_t skip;
	unsigned i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		m.len = 0;
		put_hex(&m, no[i]);
		ck_assert_int_eq(pflow_decoder_resync(m.buf, m.len, &skip),
		    PFLOW_ERR_TRUNCATED);
		ck_assert_uint_ge(skip, 1);
	}
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		m.len = 0;
		put_hex(&m, yes[i]);
		ck_assert_int_eq(pflow_decoder_resync(m.buf, m.len, &skip),
		    PFLOW_OK);
		ck_assert_uint_eq(skip, 0);
	}
}
END_TEST

Suite *
suite_ipfix(void)
{
	Suite *s = suite_create("ipfix");
	TCase *tc = tcase_create("ipfix");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_msg_03_header_is_given);
	tcase_add_loop_test(tc, test_vectors_hold_nothing_malformed, 0,
	    VECTORS);
	tcase_add_loop_test(tc,
	    test_msg_02_every_truncation_is_told_and_gives_nothing, 0, VECTORS);
	tcase_add_loop_test(tc,
	    test_message_cut_off_with_its_length_set_right_is_read_so_far, 0,
	    VECTORS);
	tcase_add_loop_test(tc, test_every_octet_of_a_vector_may_be_wrong, 0,
	    VECTORS);
	tcase_add_test(tc, test_msg_02_length_below_the_header_is_malformed);
	tcase_add_test(tc, test_header_alone_is_an_empty_message);
	tcase_add_test(tc, test_msg_07_octets_behind_the_message_are_counted);
	tcase_add_test(tc, test_longest_message_of_shortest_sets_is_read);
	tcase_add_test(tc, test_msg_01_frame_knows_a_message_by_four_octets);
	tcase_add_test(tc, test_msg_01_frame_refuses_another_version_at_once);
	tcase_add_test(tc, test_resync_finds_the_next_message_behind_rubbish);
	tcase_add_test(tc,
	    test_resync_with_too_few_octets_keeps_what_may_be_a_beginning);
	tcase_add_test(tc, test_resync_asks_header_set_and_next_header);
	suite_add_tcase(s, tc);
	return s;
}
