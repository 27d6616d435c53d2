/* SPDX-License-Identifier: ISC */
#include "decode.h"

Suite *suite_values(void);

#define MS UINT64_C(1000000)
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
}

/**
 * One record of a template: fields as hex, their number from their octets
 * (no enterprise fields), values as hex. Gives the state.
 */
static const struct pflow_state *
read_as(unsigned version, const char *fields, const char *values)
{
	size_t at;

	got.count = 0;
	if (version == 9)
		v9(&m, 0);
	else
		ipfix(&m, 0);
	set(&m, version == 9 ? 0 : 2);
	put_hex(&m, "012c0000");
	at = m.len;
	put_hex(&m, fields);
	m.buf[at - 1] = (uint8_t)((m.len - at) / 4);
	put_set(&m, 300, values);
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	return &got.st[0];
}

#define ADDR4_FIELDS "00080004 000c0004"
#define ADDR4 "c0000201 c6336402"

static const struct pflow_state *
read_v4(const char *fields, const char *values)
{
	char f[512], v[512];

	snprintf(f, sizeof(f), ADDR4_FIELDS "%s", fields);
	snprintf(v, sizeof(v), ADDR4 "%s", values);
	return read_as(10, f, v);
}

START_TEST(test_vector_of_twelve_fields_gives_both_states)
{
	const struct pflow_state *st = got.st;

	ck_assert_int_eq(decode_vector(&dec, "ipfix-template-2rec", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(st[0].key[0].port[0], 49152);
	ck_assert_uint_eq(st[0].protocol, 6);
	ck_assert_uint_eq(st[0].tcp_flags[0], 0x1b);
	ck_assert_uint_eq(st[0].octets[0], 123456);
	ck_assert_uint_eq(st[0].packets[0], 100);
	ck_assert_uint_eq(st[0].end_reason, PFLOW_END_DETECTED);
	ck_assert_uint_eq(st[0].direction, PFLOW_DIR_IN);
	ck_assert_uint_eq(st[0].start_ns, UINT64_C(1699999995) * SEC);
	ck_assert_uint_eq(st[0].last_ns, UINT64_C(1699999999) * SEC);
	ck_assert_uint_eq(st[0].present, PFLOW_HAS_TCP_FLAGS |
	    PFLOW_HAS_END_REASON | PFLOW_HAS_DIRECTION);
	ck_assert_mem_eq(st[1].key[0].addr[0], "\xc0\x00\x02\x03", 4);
	ck_assert_uint_eq(st[1].key[0].port[1], 53);
	ck_assert_uint_eq(st[1].protocol, 17);
	ck_assert_uint_eq(st[1].end_reason, PFLOW_END_IDLE);
	ck_assert(!(st[1].present & PFLOW_HAS_TCP_FLAGS));
	ck_assert_uint_eq(st[1].octets[0], 150);
}
END_TEST

START_TEST(test_vector_of_nat44_gives_both_keys_and_the_event)
{
	const struct pflow_state *st = got.st;

	ck_assert_int_eq(decode_vector(&dec, "ipfix-nat44-create", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.hdr[0].nat_event, 4);
	ck_assert_uint_eq(st->flags, PFLOW_STATE_EXPORT |
	    PFLOW_STATE_TRANSLATED | PFLOW_STATE_CREATED);
	ck_assert_mem_eq(st->key[PFLOW_WIRE].addr[0], "\x0a\x00\x00\x05", 4);
	ck_assert_mem_eq(st->key[PFLOW_STACK].addr[0], "\xcb\x00\x71\x09", 4);
	ck_assert_uint_eq(st->key[PFLOW_WIRE].port[0], 40000);
	ck_assert_uint_eq(st->key[PFLOW_STACK].port[0], 50000);
	ck_assert_mem_eq(st->key[PFLOW_STACK].addr[1], "\xc6\x33\x64\x02", 4);
	ck_assert_uint_eq(st->key[PFLOW_STACK].port[1], 443);
	ck_assert_uint_eq(st->start_ns, UINT64_C(1700000000123) * MS);
	ck_assert_uint_eq(st->last_ns, st->start_ns);
}
END_TEST

START_TEST(test_vector_of_biflow_gives_both_directions)
{
	const struct pflow_state *st = got.st;

	ck_assert_int_eq(decode_vector(&dec, "ipfix-biflow", &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(st->octets[0], 1000);
	ck_assert_uint_eq(st->packets[0], 10);
	ck_assert_uint_eq(st->octets[1], 2000);
	ck_assert_uint_eq(st->packets[1], 20);
	ck_assert_uint_eq(st->tcp_flags[0], 0x1b);
	ck_assert_uint_eq(st->tcp_flags[1], 0x13);
	ck_assert_uint_eq(got.hdr[0].biflow_direction, 1);
	ck_assert_uint_eq(st->start_ns, UINT64_C(1699999995000) * MS);
	ck_assert_uint_eq(st->last_ns, UINT64_C(1699999999000) * MS);
}
END_TEST

START_TEST(test_vector_of_microseconds_gives_them_exactly)
{
	ck_assert_int_eq(decode_vector(&dec, "ipfix-microseconds", &got),
	    PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].start_ns, WALL_NS + 123456000);
	ck_assert_uint_eq(got.st[0].last_ns, WALL_NS + 223456000);
}
END_TEST

START_TEST(test_enc_12_integers_of_any_size)
{
	const struct pflow_state *st;

	st = read_v4("00010001 00020003 000a0002 000e0001", "ff 010203 8001 7f");
	ck_assert_uint_eq(st->octets[0], 255);
	ck_assert_uint_eq(st->packets[0], 0x010203);
	ck_assert_uint_eq(st->ifindex[0], 0x8001);
	ck_assert_uint_eq(st->ifindex[1], 0x7f);
	st = read_v4("00010007 00020008 000a0004",
	    "ffffffffffffff ffffffffffffffff ffffffff");
	ck_assert_uint_eq(st->octets[0], (UINT64_C(1) << 56) - 1);
	ck_assert_uint_eq(st->packets[0], UINT64_MAX);
	ck_assert_uint_eq(st->ifindex[0], UINT32_MAX);
	st = read_v4("00010005 00020006", "0102030405 010203040506");
	ck_assert_uint_eq(st->octets[0], UINT64_C(0x0102030405));
	ck_assert_uint_eq(st->packets[0], UINT64_C(0x010203040506));
}
END_TEST

START_TEST(test_enc_12_integers_of_variable_length)
{
	ck_assert_uint_eq(read_v4("0001ffff 0002ffff", "03010203 00")
	    ->octets[0], 0x010203);
	ck_assert_uint_eq(got.st[0].packets[0], 0);
	ck_assert_uint_eq(read_v4("0001ffff 0002ffff",
	    "09010203040506070809 0105")->octets[0], 0);
	ck_assert_uint_eq(got.st[0].packets[0], 5);
}
END_TEST

START_TEST(test_values_too_wide_for_their_element_are_not_values)
{
	const struct pflow_state *st;

	st = read_v4("00040002 00070004 000b0004 000a0008 00010009 00050002",
	    "0106 00010050 00000050 0000000100000001 010203040506070809 0010");
	ck_assert_uint_eq(st->protocol, 0);
	ck_assert_uint_eq(st->key[0].port[0], 0);
	ck_assert_uint_eq(st->key[0].port[1], 80);
	ck_assert_uint_eq(st->ifindex[0], 0);
	ck_assert(!(st->present & PFLOW_HAS_IFINDEX));
	ck_assert_uint_eq(st->octets[0], 0);
	ck_assert_uint_eq(st->tos, 0x10);
}
END_TEST

START_TEST(test_enc_14_addresses_of_another_length_are_not_addresses)
{
	ipfix(&m, 0);
	put_set(&m, 2, "012c0002 00080003 000c0010");
	put_set(&m, 300, "c00002 c0000201000000000000000000000000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 0);
	ck_assert_uint_eq(dec.stats.not_flows, 1);
}
END_TEST

START_TEST(test_ipv6_addresses_and_one_of_both_alone)
{
	const struct pflow_state *st;

	st = read_as(10, "001b0010 001c0010",
	    "20010db8000000000000000000000001 20010db80000000000000000000000ff");
	ck_assert_uint_eq(st->key[0].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st->key[1].addr[1][15], 0xff);
	st = read_as(10, "000c0004", "c6336402");
	ck_assert_uint_eq(st->key[0].af, PFLOW_AF_IPV4);
	ck_assert_uint_eq(st->key[0].addr[0][0], 0);
	ck_assert_uint_eq(st->key[0].addr[1][0], 0xc6);
}
END_TEST

START_TEST(test_both_families_in_one_template_go_by_version_or_by_zeros)
{
	const char *both = "00080004 000c0004 001b0010 001c0010 003c0001";
	const char *zero16 = "00000000000000000000000000000000";
	const char *six = "20010db8000000000000000000000001";
	char v[256];

	snprintf(v, sizeof(v), ADDR4 "%s%s 00", zero16, zero16);
	ck_assert_uint_eq(read_as(10, both, v)->key[0].af, PFLOW_AF_IPV4);
	snprintf(v, sizeof(v), "0000000000000000 %s%s 00", six, six);
	ck_assert_uint_eq(read_as(10, both, v)->key[0].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(got.st[0].key[0].addr[0][0], 0x20);
	snprintf(v, sizeof(v), "00000000 c6336402 %s%s 00", six, six);
	ck_assert_uint_eq(read_as(10, both, v)->key[0].af, PFLOW_AF_IPV4);
	snprintf(v, sizeof(v), ADDR4 "%s%s 06", six, six);
	ck_assert_uint_eq(read_as(10, both, v)->key[0].af, PFLOW_AF_IPV6);
	snprintf(v, sizeof(v), ADDR4 "%s%s 04", six, six);
	ck_assert_uint_eq(read_as(10, both, v)->key[0].af, PFLOW_AF_IPV4);
}
END_TEST

START_TEST(test_prefixes_stand_in_for_addresses)
{
	const struct pflow_state *st;

	st = read_as(10, "002c0004 002d0004", "c0000200 c6336400");
	ck_assert_uint_eq(st->key[0].addr[1][2], 0x64);
	st = read_as(10, "002c0004 00080004 002d0004",
	    "c0000200 c0000201 c6336400");
	ck_assert_uint_eq(st->key[0].addr[0][3], 1);
	st = read_as(10, "00080004 002c0004 002d0004",
	    "c0000201 c0000200 c6336400");
	ck_assert_uint_eq(st->key[0].addr[0][3], 1);
}
END_TEST

START_TEST(test_ports_of_one_protocol_are_ports)
{
	const struct pflow_state *st;

	st = read_v4("00b40002 00b50002 00b60002 00b70002",
	    "0035 1000 0000 0000");
	ck_assert_uint_eq(st->key[0].port[0], 53);
	ck_assert_uint_eq(st->key[0].port[1], 4096);
	st = read_v4("00b40002 00b50002 00b60002 00b70002",
	    "0000 0000 0050 1001");
	ck_assert_uint_eq(st->key[0].port[0], 80);
	ck_assert_uint_eq(st->key[0].port[1], 4097);
}
END_TEST

START_TEST(test_counters_deltas_win_over_totals_over_post_over_payload)
{
	const struct pflow_state *st;

	st = read_v4("00e70004 00170004 00550004 00010004 00020004 00560004",
	    "00000001 00000002 00000003 00000000 00000005 00000006");
	ck_assert_uint_eq(st->octets[0], 0);
	ck_assert_uint_eq(st->packets[0], 5);
	st = read_v4("00e70004 00170004 00550004 00180004",
	    "00000001 00000002 00000003 00000009");
	ck_assert_uint_eq(st->octets[0], 3);
	ck_assert_uint_eq(st->packets[0], 9);
	st = read_v4("00e70004 00e80004 012a0004 012b0004",
	    "00000001 00000002 00000003 00000004");
	ck_assert_uint_eq(st->octets[0], 1);
	ck_assert_uint_eq(st->octets[1], 2);
	ck_assert_uint_eq(st->packets[0], 3);
	ck_assert_uint_eq(st->packets[1], 4);
	/* the responder's payload does not stand beside the IP octets */
	st = read_v4("00010004 00e80004 00020004 012b0004",
	    "00000001 00000002 00000003 00000004");
	ck_assert_uint_eq(st->octets[1], 0);
	ck_assert_uint_eq(st->packets[1], 0);
}
END_TEST

START_TEST(test_enc_08_times_in_seconds_and_milliseconds)
{
	const struct pflow_state *st;

	st = read_v4("00960004 00970004", "6553f0f0 6553f0ff");
	ck_assert_uint_eq(st->start_ns, WALL_NS - 16 * SEC);
	ck_assert_uint_eq(st->last_ns, WALL_NS - 1 * SEC);
	st = read_v4("00980008 00990008", "0000018bcfe55478 0000018bcfe56418");
	ck_assert_uint_eq(st->start_ns, WALL_NS - 5 * SEC);
	ck_assert_uint_eq(st->last_ns, WALL_NS - 1 * SEC);
	st = read_v4("00980008", "ffffffffffffffff");
	ck_assert_uint_eq(st->start_ns, UINT64_MAX);
	ck_assert_uint_eq(st->last_ns, UINT64_MAX);
}
END_TEST

START_TEST(test_enc_10_ntp_times_of_both_eras)
{
	const struct pflow_state *st;

	/* 1970-01-01, 2036-02-07 06:28:16, 2106-02-07 06:28:15 */
	st = read_v4("009c0008 009d0008", "83aa7e8000000000 0000000080000000");
	ck_assert_uint_eq(st->start_ns, 0);
	ck_assert_uint_eq(st->last_ns,
	    UINT64_C(2085978496) * SEC + 500000000);
	st = read_v4("009c0008 009d0008", "83aa7e7f00000000 83aa7e80ffffffff");
	ck_assert_uint_eq(st->start_ns, UINT64_C(4294967295) * SEC);
	ck_assert_uint_eq(st->last_ns, 999999999);
	/* no time is of reduced size */
	st = read_v4("009c0004 009a0004 00960004", "83aa7e80 83aa7e80 6553f100");
	ck_assert_uint_eq(st->start_ns, WALL_NS);
}
END_TEST

START_TEST(test_enc_09_every_microsecond_survives)
{
	static const uint8_t head[] = { 0x00, 0x0a, 0, 0, 0x65, 0x53, 0xf1, 0 };
	uint8_t msg[16 + 4 + 12];
	uint32_t us;

	ipfix(&m, 0);
	put_set(&m, 2, "012c0002 00080004 009a0008");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	memset(msg, 0, sizeof(msg));
	memcpy(msg, head, sizeof(head));
	msg[3] = sizeof(msg);
	msg[15] = 7;
	msg[16] = 0x01;
	msg[17] = 0x2c;
	msg[19] = 16;
	memcpy(msg + 24, "\xe8\xfe\x6f\x80", 4);
	for (us = 0; us < 1000000; us++) {
		uint64_t f = (((uint64_t)us << 32) + 999999) / 1000000;

		f = (f + 2047) & ~UINT64_C(2047);
		msg[28] = (uint8_t)(f >> 24);
		msg[29] = (uint8_t)(f >> 16);
		msg[30] = (uint8_t)(f >> 8);
		msg[31] = (uint8_t)f;
		got.count = 0;
		(void)pflow_decoder_message(&dec, msg, sizeof(msg), sink_state,
		    &got);
		if (got.st[0].start_ns != WALL_NS + us * 1000)
			break;
	}
	ck_assert_uint_eq(us, 1000000);
}
END_TEST

START_TEST(test_finer_times_win_whatever_their_order)
{
	const struct pflow_state *st;

	st = read_v4("009c0008 00980008 00960004",
	    "e8fe6f80 40000000 0000018bcfe55478 6553f0f0");
	ck_assert_uint_eq(st->start_ns, WALL_NS + 250000000);
	st = read_v4("00960004 00980008 009a0008",
	    "6553f0f0 0000018bcfe55478 e8fe6f80 80000000");
	ck_assert_uint_eq(st->start_ns, WALL_NS + 500000000);
}
END_TEST

START_TEST(test_times_before_the_export_time_and_durations)
{
	const struct pflow_state *st;

	st = read_v4("009e0004 009f0004", "000f4240 00000001");
	ck_assert_uint_eq(st->start_ns, WALL_NS - 1 * SEC);
	ck_assert_uint_eq(st->last_ns, WALL_NS - 1000);
	st = read_v4("00980008 00a10004", "0000018bcfe55478 000003e8");
	ck_assert_uint_eq(st->last_ns - st->start_ns, 1 * SEC);
	ck_assert_uint_eq(st->start_ns, WALL_NS - 5 * SEC);
	st = read_v4("00990008 00a20004", "0000018bcfe55478 000003e8");
	ck_assert_uint_eq(st->last_ns, WALL_NS - 5 * SEC);
	ck_assert_uint_eq(st->last_ns - st->start_ns, 1000000);
	st = read_v4("00990008", "0000018bcfe55478");
	ck_assert_uint_eq(st->start_ns, st->last_ns);
	st = read_v4("00970004 00a10004", "00000001 ffffffff");
	ck_assert_uint_eq(st->start_ns, 0);
}
END_TEST

START_TEST(test_uptimes_with_the_boot_time_in_the_record)
{
	const struct pflow_state *st;

	/* boot 1699999000.000; 995000 .. 999000 */
	st = read_v4("00160004 00150004 00a00008",
	    "000f2eb8 000f3e58 0000018bcfd625c0");
	ck_assert_uint_eq(st->start_ns, UINT64_C(1699999995) * SEC);
	ck_assert_uint_eq(st->last_ns, UINT64_C(1699999999) * SEC);
	/* as 8 octets, of which the wire of 32 bits is meant */
	st = read_v4("00160008 00150008 00a00008",
	    "00000001000f2eb8 00000001000f3e58 0000018bcfd625c0");
	ck_assert_uint_eq(st->start_ns, UINT64_C(1699999995) * SEC);
	ck_assert_uint_eq(dec.stats.times_guessed, 0);
}
END_TEST

START_TEST(test_uptimes_with_the_boot_time_in_an_options_record)
{
	ipfix(&m, 0);
	put_set(&m, 3, "01900002 0001 00950004 00a00008");
	put_set(&m, 400, "00000007 0000018bcfd625c0");
	put_set(&m, 2, "012c0003 00080004 00160004 00150004");
	put_set(&m, 300, "c0000201 000f2eb8 000f3e58");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].start_ns, UINT64_C(1699999995) * SEC);
	/* later messages of the domain remember it, other domains do not */
	ipfix(&m, 2);
	put_set(&m, 300, "c0000201 000f2eb8 000f3e58");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[1].last_ns, UINT64_C(1699999999) * SEC);
	ck_assert_uint_eq(dec.stats.times_guessed, 0);
	ipfix(&m, 0);
	m.buf[15] = 8;
	put_set(&m, 2, "012c0003 00080004 00160004 00150004");
	put_set(&m, 300, "c0000201 000f2eb8 000f3e58");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.times_guessed, 1);
}
END_TEST

START_TEST(test_boot_time_of_a_domain_that_does_not_fit_serves_its_message)
{
	unsigned i;

	/* domains n * 2^32 / 2654435761 share one chain of the store */
	for (i = 0; i < 17; i++) {
		ipfix(&m, 0);
		m.len = 12;
		put(&m, 4, (uint32_t)(i * 244002641u));
		if (i == 16) {
			put_set(&m, 3, "01910002 0001 00950004 00a00008");
			put_set(&m, 401, "00000007 0000018bcfd625c0");
			put_set(&m, 2, "012c0003 00080004 00160004 00150004");
			put_set(&m, 300, "c0000201 000f2eb8 000f3e58");
		}
		ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	}
	ck_assert_uint_eq(dec.stats.sequences_ignored, 1);
	ck_assert_uint_eq(got.st[0].start_ns, UINT64_C(1699999995) * SEC);
	ck_assert_uint_eq(dec.stats.times_guessed, 0);
}
END_TEST

START_TEST(test_uptimes_without_a_boot_time_end_at_the_export_time)
{
	const struct pflow_state *st;

	st = read_v4("00160004 00150004", "000f2eb8 000f3e58");
	ck_assert_uint_eq(st->last_ns, WALL_NS);
	ck_assert_uint_eq(st->start_ns, WALL_NS - 4 * SEC);
	ck_assert_uint_eq(dec.stats.times_guessed, 1);
	st = read_v4("00160004", "000f2eb8");
	ck_assert_uint_eq(st->start_ns, WALL_NS);
	ck_assert_uint_eq(st->last_ns, WALL_NS);
	st = read_v4("00150004", "000f2eb8");
	ck_assert_uint_eq(st->start_ns, WALL_NS);
	ck_assert_uint_eq(st->last_ns, WALL_NS);
	ck_assert_uint_eq(dec.stats.times_guessed, 3);
}
END_TEST

START_TEST(test_records_without_times_have_none_and_events_have_theirs)
{
	const struct pflow_state *st;

	st = read_v4("00040001", "06");
	ck_assert_uint_eq(st->start_ns, 0);
	ck_assert_uint_eq(st->last_ns, 0);
	st = read_v4("01420004", "6553f100");
	ck_assert_uint_eq(st->start_ns, WALL_NS);
	st = read_v4("01440008 01430008",
	    "e8fe6f80 80000000 0000018bcfe55478");
	ck_assert_uint_eq(st->last_ns, WALL_NS + 500000000);
	st = read_v4("01430008 00980008 00990008",
	    "0000018bcfe55478 0000018bcfe55479 0000018bcfe5547a");
	ck_assert_uint_eq(st->last_ns - st->start_ns, MS);
}
END_TEST

START_TEST(test_icmp_has_its_own_elements_or_the_destination_port)
{
	const struct pflow_state *st;

	st = read_v4("00040001 00070002 000b0002 00200002",
	    "01 1234 0800 0301");
	ck_assert_uint_eq(st->icmp[0], 0x0301);
	ck_assert_uint_eq(st->key[0].port[0], 0);
	ck_assert_uint_eq(st->key[1].port[1], 0);
	st = read_v4("00040001 00b00001 00b10001", "01 0b 01");
	ck_assert_uint_eq(st->icmp[0], 0x0b01);
	st = read_v4("00040001 00b20001 00b30001 008b0002",
	    "3a 87 00 0000");
	ck_assert_uint_eq(st->icmp[0], 0x8700);
	st = read_v4("00040001 008b0002", "3a 8000");
	ck_assert_uint_eq(st->icmp[0], 0x8000);
	st = read_v4("00040001 00070002 000b0002", "01 1234 0800");
	ck_assert_uint_eq(st->icmp[0], 0x0800);
	ck_assert(st->present & PFLOW_HAS_ICMP);
	/* v9 exporters have one element for both */
	st = read_v4("00040001 00200002", "3a 8000");
	ck_assert_uint_eq(st->icmp[0], 0x8000);
}
END_TEST

START_TEST(test_no_icmp_where_there_is_none)
{
	const struct pflow_state *st;

	st = read_v4("00040001 00200002", "06 0000");
	ck_assert(!(st->present & PFLOW_HAS_ICMP));
	st = read_v4("00040001", "01");
	ck_assert(!(st->present & PFLOW_HAS_ICMP));
}
END_TEST

START_TEST(test_ports_of_icmp_nat_events_are_identifiers)
{
	const struct pflow_state *st;

	st = read_v4("00e60001 00040001 00070002 00e30002",
	    "05 01 1234 5678");
	ck_assert_uint_eq(st->key[0].port[0], 0x1234);
	ck_assert_uint_eq(st->key[1].port[0], 0x5678);
	ck_assert(!(st->present & PFLOW_HAS_ICMP));
	ck_assert_uint_eq(got.hdr[0].nat_event, 5);
	ck_assert(!(st->flags & PFLOW_STATE_CREATED));
	ck_assert(st->flags & PFLOW_STATE_TRANSLATED);
	st = read_v4("00e60001 00040001 00070002 000b0002 00200002",
	    "05 01 1234 0001 0800");
	ck_assert_uint_eq(st->key[0].port[0], 0x1234);
	ck_assert_uint_eq(st->icmp[0], 0x0800);
}
END_TEST

START_TEST(test_translation_is_there_if_something_differs)
{
	const struct pflow_state *st;
	const char *fields = "00070002 000b0002 00e10004 00e20004 00e30002"
	    "00e40002";

	st = read_v4(fields, "0001 0002" ADDR4 "0001 0002");
	ck_assert(!(st->flags & PFLOW_STATE_TRANSLATED));
	st = read_v4(fields, "0001 0002 00000000 00000000 0000 0000");
	ck_assert(!(st->flags & PFLOW_STATE_TRANSLATED));
	ck_assert_mem_eq(&st->key[0], &st->key[1], sizeof(st->key[0]));
	st = read_v4(fields, "0001 0002 c0000201 cb007101 0001 0003");
	ck_assert(st->flags & PFLOW_STATE_TRANSLATED);
	ck_assert_uint_eq(st->key[1].addr[1][0], 0xcb);
	ck_assert_uint_eq(st->key[1].port[1], 3);
	ck_assert_uint_eq(st->key[0].port[1], 2);
}
END_TEST

START_TEST(test_nat64_has_a_key_of_each_family)
{
	const struct pflow_state *st;

	st = read_as(10, "001b0010 001c0010 00070002 00e10004 00e20004 00e60001",
	    "20010db8000000000000000000000001 0064ff9b0000000000000000c6336402"
	    "0050 cb007101 c6336402 06");
	ck_assert_uint_eq(st->key[0].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st->key[1].af, PFLOW_AF_IPV4);
	ck_assert_mem_eq(st->key[1].addr[0], "\xcb\x00\x71\x01\0\0\0\0", 8);
	ck_assert_uint_eq(st->key[1].port[0], 80);
	ck_assert(st->flags & PFLOW_STATE_CREATED);
	st = read_v4("01190010 011a0010",
	    "20010db8000000000000000000000001 20010db8000000000000000000000002");
	ck_assert_uint_eq(st->key[1].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st->key[1].addr[1][15], 2);
}
END_TEST

START_TEST(test_pre_is_the_records_own_key_whatever_the_direction)
{
	const struct pflow_state *st;

	st = read_v4("003d0001 00e10004", "01 cb007101");
	ck_assert_uint_eq(st->direction, PFLOW_DIR_OUT);
	ck_assert_uint_eq(pflow_state_pre(st)->addr[0][0], 0xc0);
	ck_assert_uint_eq(pflow_state_post(st)->addr[0][0], 0xcb);
	ck_assert_uint_eq(st->key[PFLOW_WIRE].addr[0][0], 0xcb);
	st = read_v4("003d0001 00e10004", "00 cb007101");
	ck_assert_uint_eq(pflow_state_pre(st)->addr[0][0], 0xc0);
	ck_assert_uint_eq(st->key[PFLOW_WIRE].addr[0][0], 0xc0);
	st = read_v4("003d0001", "ff");
	ck_assert(!(st->present & PFLOW_HAS_DIRECTION));
}
END_TEST

START_TEST(test_optional_members_and_their_presence)
{
	const struct pflow_state *st;

	st = read_v4("003a0002 00940008 00880001 00050001 00060002 00040001",
	    "0fff 0102030405060708 05 b8 01c2 06");
	ck_assert_uint_eq(st->vlan, 4095);
	ck_assert_uint_eq(st->flow_id, UINT64_C(0x0102030405060708));
	ck_assert_uint_eq(st->end_reason, PFLOW_END_RESOURCES);
	ck_assert_uint_eq(st->tos, 0xb8);
	ck_assert_uint_eq(st->tcp_flags[0], 0x1c2);
	ck_assert_uint_eq(st->present, PFLOW_HAS_VLAN | PFLOW_HAS_FLOW_ID |
	    PFLOW_HAS_END_REASON | PFLOW_HAS_TOS | PFLOW_HAS_TCP_FLAGS);
	st = read_v4("00f30002 003a0002 00880001", "0005 0006 06");
	ck_assert_uint_eq(st->vlan, 6);
	ck_assert_uint_eq(st->present, PFLOW_HAS_VLAN);
	st = read_v4("00f30002", "0005");
	ck_assert_uint_eq(st->vlan, 5);
	st = read_v4("", "");
	ck_assert_uint_eq(st->present, 0);
}
END_TEST

START_TEST(test_nat_events_that_create_a_session_are_marked)
{
	static const char *const event[] = { "00", "01", "02", "03", "04", "05",
		"06", "07", "08" };
	unsigned i;

	for (i = 0; i < 9; i++) {
		const struct pflow_state *st = read_v4("00e60001", event[i]);

		ck_assert_uint_eq(got.hdr[0].nat_event, i);
		ck_assert_int_eq((st->flags & PFLOW_STATE_CREATED) != 0,
		    i == 1 || i == 4 || i == 6);
	}
}
END_TEST

START_TEST(test_one_address_after_translation_is_enough)
{
	const struct pflow_state *st;

	st = read_v4("00e20004", "cb007101");
	ck_assert_uint_eq(st->key[1].addr[1][0], 0xcb);
	ck_assert_uint_eq(st->key[1].addr[0][0], 0xc0);
	st = read_v4("011a0010", "20010db8000000000000000000000002");
	ck_assert_uint_eq(st->key[1].af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(st->key[1].addr[0][0], 0);
	ck_assert_uint_eq(st->key[1].addr[1][0], 0x20);
	st = read_v4("01190010", "20010db8000000000000000000000002");
	ck_assert_uint_eq(st->key[1].addr[0][0], 0x20);
}
END_TEST

START_TEST(test_firewall_events_are_given)
{
	const struct pflow_state *st;

	st = read_v4("00e90001", "01");
	ck_assert_uint_eq(got.hdr[0].firewall_event, 1);
	ck_assert(st->flags & PFLOW_STATE_CREATED);
	st = read_v4("00e90001", "03");
	ck_assert_uint_eq(got.hdr[0].firewall_event, 3);
	ck_assert(!(st->flags & PFLOW_STATE_CREATED));
	/* and not carried over to a record that has none */
	(void)read_v4("00040001", "06");
	ck_assert_uint_eq(got.hdr[0].firewall_event, 0);
}
END_TEST

START_TEST(test_reverse_elements_widen_the_times_of_the_state)
{
	ipfix(&m, 0);
	put_set(&m, 2, "012c0005 00080004 00980008 00990008 80980008 00007279"
	    "80990008 00007279");
	put_set(&m, 300, "c0000201 0000000000000064 00000000000000c8"
	    "0000000000000032 000000000000012c"
	    "c0000201 0000000000000064 00000000000000c8"
	    "0000000000000000 0000000000000000");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.st[0].start_ns, 50 * MS);
	ck_assert_uint_eq(got.st[0].last_ns, 300 * MS);
	ck_assert_uint_eq(got.st[1].start_ns, 100 * MS);
	ck_assert_uint_eq(got.st[1].last_ns, 200 * MS);
}
END_TEST

START_TEST(test_elements_of_other_enterprises_are_skipped)
{
	ipfix(&m, 0);
	put_set(&m, 2, "012c0004 80080004 00001234 00080004 80010004 00000009"
	    "80ff0002 00007279");
	put_set(&m, 300, "01020304 c0000201 00000063 aabb");
	ck_assert_int_eq(decode(&dec, &m, &got), PFLOW_OK);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.st[0].key[0].addr[0][0], 0xc0);
	ck_assert_uint_eq(got.st[0].octets[0], 0);
}
END_TEST

START_TEST(test_v9_types_of_the_asa_are_known_in_v9_alone)
{
	const struct pflow_state *st;

	st = read_as(9, ADDR4_FIELDS "9c410004 9c430002 9c450001 00010004",
	    ADDR4 "cb007101 0050 01 00000007");
	ck_assert(st->flags & PFLOW_STATE_TRANSLATED);
	ck_assert_uint_eq(st->key[1].addr[0][0], 0xcb);
	ck_assert_uint_eq(st->key[1].port[0], 80);
	ck_assert_uint_eq(got.hdr[0].firewall_event, 1);
	ck_assert_uint_eq(st->octets[0], 7);
}
END_TEST

Suite *
suite_values(void)
{
	Suite *s = suite_create("values");
	TCase *tc = tcase_create("values");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_vector_of_twelve_fields_gives_both_states);
	tcase_add_test(tc, test_vector_of_nat44_gives_both_keys_and_the_event);
	tcase_add_test(tc, test_vector_of_biflow_gives_both_directions);
	tcase_add_test(tc, test_vector_of_microseconds_gives_them_exactly);
	tcase_add_test(tc, test_enc_12_integers_of_any_size);
	tcase_add_test(tc, test_enc_12_integers_of_variable_length);
	tcase_add_test(tc,
	    test_values_too_wide_for_their_element_are_not_values);
	tcase_add_test(tc,
	    test_enc_14_addresses_of_another_length_are_not_addresses);
	tcase_add_test(tc, test_ipv6_addresses_and_one_of_both_alone);
	tcase_add_test(tc,
	    test_both_families_in_one_template_go_by_version_or_by_zeros);
	tcase_add_test(tc, test_prefixes_stand_in_for_addresses);
	tcase_add_test(tc, test_ports_of_one_protocol_are_ports);
	tcase_add_test(tc,
	    test_counters_deltas_win_over_totals_over_post_over_payload);
	tcase_add_test(tc, test_enc_08_times_in_seconds_and_milliseconds);
	tcase_add_test(tc, test_enc_10_ntp_times_of_both_eras);
	tcase_add_test(tc, test_enc_09_every_microsecond_survives);
	tcase_add_test(tc, test_finer_times_win_whatever_their_order);
	tcase_add_test(tc, test_times_before_the_export_time_and_durations);
	tcase_add_test(tc, test_uptimes_with_the_boot_time_in_the_record);
	tcase_add_test(tc,
	    test_uptimes_with_the_boot_time_in_an_options_record);
	tcase_add_test(tc,
	    test_boot_time_of_a_domain_that_does_not_fit_serves_its_message);
	tcase_add_test(tc,
	    test_uptimes_without_a_boot_time_end_at_the_export_time);
	tcase_add_test(tc,
	    test_records_without_times_have_none_and_events_have_theirs);
	tcase_add_test(tc,
	    test_icmp_has_its_own_elements_or_the_destination_port);
	tcase_add_test(tc, test_no_icmp_where_there_is_none);
	tcase_add_test(tc, test_ports_of_icmp_nat_events_are_identifiers);
	tcase_add_test(tc, test_translation_is_there_if_something_differs);
	tcase_add_test(tc, test_nat64_has_a_key_of_each_family);
	tcase_add_test(tc,
	    test_pre_is_the_records_own_key_whatever_the_direction);
	tcase_add_test(tc, test_optional_members_and_their_presence);
	tcase_add_test(tc, test_nat_events_that_create_a_session_are_marked);
	tcase_add_test(tc, test_one_address_after_translation_is_enough);
	tcase_add_test(tc, test_firewall_events_are_given);
	tcase_add_test(tc, test_reverse_elements_widen_the_times_of_the_state);
	tcase_add_test(tc, test_elements_of_other_enterprises_are_skipped);
	tcase_add_test(tc, test_v9_types_of_the_asa_are_known_in_v9_alone);
	suite_add_tcase(s, tc);
	return s;
}
