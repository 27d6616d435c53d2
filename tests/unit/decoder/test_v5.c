/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_v5(void);

#define WRAP_MS UINT64_C(4294967296) /* 49 d 17 h 2 min 47.296 s */
#define WALL_MS UINT64_C(1700000000000)
#define NS UINT64_C(1000000)

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

/** A header at 1700000000 s, engine 1/2. */
static void
v5(unsigned count, uint32_t uptime_ms, uint32_t sequence)
{
	memset(&m, 0, sizeof(m));
	put(&m, 2, 5);
	put(&m, 2, count);
	put(&m, 4, uptime_ms);
	put(&m, 4, 1700000000);
	put(&m, 4, 0);
	put(&m, 4, sequence);
	put(&m, 4, 0x01020000);
}

static void
record(uint32_t first, uint32_t last, uint16_t dport, uint8_t protocol)
{
	put_hex(&m, "c0000201 c6336402 00000000 0001 0002 0000000a 000005dc");
	put(&m, 4, first);
	put(&m, 4, last);
	put(&m, 2, 0xc000);
	put(&m, 2, dport);
	put(&m, 2, 0x001b);
	put(&m, 1, protocol);
	put(&m, 1, 0x10);
	put(&m, 8, 0);
}

/** start and end of one record, ms since 1970 */
static void
times(uint32_t uptime, uint32_t first, uint32_t last, uint64_t *start_ms,
    uint64_t *end_ms)
{
	got.count = 0;
	v5(1, uptime, 0);
	record(first, last, 443, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	*start_ms = got.st[0].start_ns / NS;
	*end_ms = got.st[0].last_ns / NS;
}

START_TEST(test_v5_vector_gives_the_flow_that_went_in)
{
	const struct pflow_state *st = &got.st[0];

	ck_assert_int_eq(decode_vector(&dec, "netflow-v5-1rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_mem_eq(st->key[0].addr[0], "\xc0\x00\x02\x01", 4);
	ck_assert_mem_eq(st->key[0].addr[1], "\xc6\x33\x64\x02", 4);
	ck_assert_uint_eq(st->key[0].port[0], 49152);
	ck_assert_uint_eq(st->key[0].port[1], 443);
	ck_assert_uint_eq(st->key[0].af, PFLOW_AF_IPV4);
	ck_assert_mem_eq(&st->key[0], &st->key[1], sizeof(st->key[0]));
	ck_assert_uint_eq(st->packets[0], 10);
	ck_assert_uint_eq(st->octets[0], 1500);
	ck_assert_uint_eq(st->packets[1], 0);
	ck_assert_uint_eq(st->octets[1], 0);
	ck_assert_uint_eq(st->protocol, 6);
	ck_assert_uint_eq(st->tos, 0);
	ck_assert_uint_eq(st->tcp_flags[0], 0x1b);
	ck_assert_uint_eq(st->ifindex[0], 1);
	ck_assert_uint_eq(st->ifindex[1], 2);
	ck_assert_uint_eq(st->present,
	    PFLOW_HAS_TOS | PFLOW_HAS_IFINDEX | PFLOW_HAS_TCP_FLAGS);
	ck_assert_uint_eq(st->flags, PFLOW_STATE_EXPORT);
	ck_assert_uint_eq(st->start_ns / NS, WALL_MS + 250 - 5000);
	ck_assert_uint_eq(st->last_ns / NS, WALL_MS + 250 - 1000);
}
END_TEST

START_TEST(test_v5_header_is_given_and_sampling_is_not_applied)
{
	const struct pflow_decoded_header *h = &got.hdr[0];

	ck_assert_int_eq(decode_vector(&dec, "netflow-v5-1rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(h->version, 5);
	ck_assert_uint_eq(h->count, 1);
	ck_assert_uint_eq(h->sequence, 42);
	ck_assert_uint_eq(h->domain_id, 1);
	ck_assert_uint_eq(h->uptime_ms, 1000000);
	ck_assert_uint_eq(h->export_ns, WALL_MS * NS + 250000000);
	ck_assert_uint_eq(h->sampling, 0x4064);
	ck_assert_uint_eq(h->template_id, 0);
	ck_assert_uint_eq(h->record.field_count, 0);
	ck_assert_uint_eq(got.st[0].octets[0], 1500);
}
END_TEST

START_TEST(test_v5_vector_of_pflow_gives_both_directions)
{
	ck_assert_int_eq(decode_vector(&dec, "netflow-v5-pflow-2rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.st[1].key[0].port[0], 443);
	ck_assert_uint_eq(got.st[1].ifindex[0], 2);
	ck_assert_uint_eq(got.st[1].octets[0], 9000);
	ck_assert_uint_eq(got.hdr[1].domain_id, 42 * 256 + 42);
	ck_assert_uint_eq(dec.stats.records, 2);
	ck_assert_uint_eq(dec.stats.messages, 1);
}
END_TEST

START_TEST(test_v5_works_without_a_store)
{
	pflow_decoder_init(&dec, NULL, 0);
	ck_assert_int_eq(decode_vector(&dec, "netflow-v5-1rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.sequences_ignored, 1);
}
END_TEST

START_TEST(test_v5_icmp_type_and_code_are_in_the_destination_port)
{
	v5(2, 1000000, 0);
	record(1, 2, 0x0304, 1);
	record(1, 2, 0x0304, 17);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].icmp[0], 0x0304);
	ck_assert(got.st[0].present & PFLOW_HAS_ICMP);
	ck_assert_uint_eq(got.st[0].key[0].port[0], 0);
	ck_assert_uint_eq(got.st[0].key[1].port[1], 0);
	/* ... of this record, and the next one has ports again */
	ck_assert_uint_eq(got.st[1].icmp[0], 0);
	ck_assert(!(got.st[1].present & PFLOW_HAS_ICMP));
	ck_assert_uint_eq(got.st[1].key[0].port[0], 49152);
	ck_assert_uint_eq(got.st[1].key[1].port[1], 0x0304);
}
END_TEST

START_TEST(test_v5_tcp_flags_are_those_of_tcp_alone)
{
	v5(2, 1000000, 0);
	record(1, 2, 53, 17);
	record(1, 2, 53, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].tcp_flags[0], 0);
	ck_assert(!(got.st[0].present & PFLOW_HAS_TCP_FLAGS));
	ck_assert_uint_eq(got.st[1].tcp_flags[0], 0x1b);
	ck_assert(got.st[1].present & PFLOW_HAS_TCP_FLAGS);
}
END_TEST

START_TEST(test_v5_05_times_without_a_wrap)
{
	uint64_t start, end;

	times(1000000, 995000, 999000, &start, &end);
	ck_assert_uint_eq(start, WALL_MS - 5000);
	ck_assert_uint_eq(end, WALL_MS - 1000);
}
END_TEST

START_TEST(test_v5_uptime_just_below_and_just_above_the_wrap)
{
	uint64_t start, end;

	times(UINT32_MAX, UINT32_MAX - 2000, UINT32_MAX - 1000, &start, &end);
	ck_assert_uint_eq(start, WALL_MS - 2000);
	ck_assert_uint_eq(end, WALL_MS - 1000);
	times(0, UINT32_MAX - 1999, UINT32_MAX - 999, &start, &end);
	ck_assert_uint_eq(start, WALL_MS - 2000);
	ck_assert_uint_eq(end, WALL_MS - 1000);
}
END_TEST

START_TEST(test_v5_first_before_the_wrap_and_last_after_it)
{
	uint64_t start, end;

	times(5000, UINT32_MAX - 999, 3000, &start, &end);
	ck_assert_uint_eq(start, WALL_MS - 6000);
	ck_assert_uint_eq(end, WALL_MS - 2000);
}
END_TEST

START_TEST(test_v5_both_before_the_wrap_and_export_after_it)
{
	uint64_t start, end;

	/* Last is more than 100 s ahead of SysUptime: it is of before */
	times(60000, UINT32_MAX - 59999, UINT32_MAX - 49999, &start, &end);
	ck_assert_uint_eq(start, WALL_MS - 120000);
	ck_assert_uint_eq(end, WALL_MS - 110000);
}
END_TEST

START_TEST(test_v5_last_up_to_100_s_ahead_is_taken_at_face_value)
{
	uint64_t start, end;

	times(1000000, 1000000, 1000999, &start, &end);
	ck_assert_uint_eq(start, WALL_MS);
	ck_assert_uint_eq(end, WALL_MS + 999);
	times(1000000, 1000000, 1100000, &start, &end);
	ck_assert_uint_eq(end, WALL_MS + 100000);
	times(1000000, 1000000, 1100001, &start, &end);
	ck_assert_uint_eq(end, WALL_MS + 100001 - WRAP_MS);
	ck_assert_uint_eq(start, WALL_MS - WRAP_MS);
}
END_TEST

START_TEST(test_v5_longest_duration_is_49_days)
{
	uint64_t start, end;

	times(1000, 1001, 1000, &start, &end);
	ck_assert_uint_eq(end, WALL_MS);
	ck_assert_uint_eq(start, WALL_MS - (WRAP_MS - 1));
}
END_TEST

START_TEST(test_v5_times_before_1970_are_1970)
{
	v5(1, 5000, 0);
	memset(m.buf + 8, 0, 4);
	record(1000, 2000, 443, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].start_ns, 0);
	ck_assert_uint_eq(got.st[0].last_ns, 0);
}
END_TEST

START_TEST(test_v5_02_count_out_of_range_is_malformed)
{
	v5(0, 1, 0);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_ERR_MALFORMED);
	v5(31, 1, 0);
	while (m.len < 24 + 31 * 48)
		put(&m, 8, 0);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_ERR_MALFORMED);
	ck_assert_uint_eq(dec.stats.malformed_messages, 2);
	ck_assert_uint_eq(dec.stats.messages, 0);
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

START_TEST(test_v5_02_thirty_records_are_given_in_order)
{
	unsigned i;

	v5(30, 1000000, 0);
	for (i = 0; i < 30; i++)
		record(1, 2, (uint16_t)i, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 30);
	for (i = 0; i < 30; i++)
		ck_assert_uint_eq(got.st[i].key[0].port[1], i);
}
END_TEST

START_TEST(test_v5_02_every_truncation_is_told_and_gives_nothing)
{
	size_t len, n;
	uint8_t *buf = vector("netflow-v5-pflow-2rec", &len);

	for (n = 0; n < len; n++)
		ck_assert_int_eq(decode_octets(&dec, buf, n, &got),
		    PFLOW_ERR_TRUNCATED);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.malformed_messages, len);
	free(buf);
}
END_TEST

START_TEST(test_v5_octets_behind_the_records_are_counted)
{
	v5(1, 1000000, 0);
	record(1, 2, 3, 6);
	put(&m, 3, 0);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(dec.stats.trailing_octets, 3);
}
END_TEST

START_TEST(test_v5_01_sequence_counts_records)
{
	uint32_t seq;

	for (seq = 100; seq < 106; seq += 2) {
		v5(2, 1000000, seq);
		record(1, 2, 3, 6);
		record(1, 2, 3, 6);
		ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	}
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	v5(1, 1000000, 136);
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 1);
	ck_assert_uint_eq(dec.stats.records_lost, 30);
}
END_TEST

START_TEST(test_v5_03_each_engine_has_a_sequence_of_its_own)
{
	v5(1, 1000000, 100);
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	v5(1, 1000000, 7);
	m.buf[21] = 9;
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	v5(1, 1000000, 101);
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(got.hdr[1].domain_id, 0x0109);
}
END_TEST

START_TEST(test_v5_stops_when_the_sink_says_so_and_keeps_the_sequence)
{
	got.stop_at = 1;
	v5(2, 1000000, 0);
	record(1, 2, 3, 6);
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), 77);
	ck_assert_uint_eq(got.count, 1);
	v5(1, 1000000, 2);
	record(1, 2, 3, 6);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}
END_TEST

Suite *
suite_v5(void)
{
	Suite *s = suite_create("v5");
	TCase *tc = tcase_create("v5");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_v5_vector_gives_the_flow_that_went_in);
	tcase_add_test(tc, test_v5_header_is_given_and_sampling_is_not_applied);
	tcase_add_test(tc, test_v5_vector_of_pflow_gives_both_directions);
	tcase_add_test(tc, test_v5_works_without_a_store);
	tcase_add_test(tc,
	    test_v5_icmp_type_and_code_are_in_the_destination_port);
	tcase_add_test(tc, test_v5_tcp_flags_are_those_of_tcp_alone);
	tcase_add_test(tc, test_v5_05_times_without_a_wrap);
	tcase_add_test(tc, test_v5_uptime_just_below_and_just_above_the_wrap);
	tcase_add_test(tc, test_v5_first_before_the_wrap_and_last_after_it);
	tcase_add_test(tc, test_v5_both_before_the_wrap_and_export_after_it);
	tcase_add_test(tc,
	    test_v5_last_up_to_100_s_ahead_is_taken_at_face_value);
	tcase_add_test(tc, test_v5_longest_duration_is_49_days);
	tcase_add_test(tc, test_v5_times_before_1970_are_1970);
	tcase_add_test(tc, test_v5_02_count_out_of_range_is_malformed);
	tcase_add_test(tc, test_v5_02_thirty_records_are_given_in_order);
	tcase_add_test(tc,
	    test_v5_02_every_truncation_is_told_and_gives_nothing);
	tcase_add_test(tc, test_v5_octets_behind_the_records_are_counted);
	tcase_add_test(tc, test_v5_01_sequence_counts_records);
	tcase_add_test(tc, test_v5_03_each_engine_has_a_sequence_of_its_own);
	tcase_add_test(tc,
	    test_v5_stops_when_the_sink_says_so_and_keeps_the_sequence);
	suite_add_tcase(s, tc);
	return s;
}
