/* SPDX-License-Identifier: ISC */
/* Capture files written in hex, read whole and in pieces. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>

#include "sources/pcap_reader.h"
#include "unit/sources/hex.h"

Suite *suite_pcap_reader(void);

#define SEC UINT64_C(1000000000)

#define LITTLE_US "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define BIG_US "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001 "
#define LITTLE_NS "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define BIG_NS "a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001 "
/* Second 2, fraction 3, 4 octets of 60. */
#define LITTLE_RECORD "02000000 03000000 04000000 3c000000 aabbccdd "
#define BIG_RECORD "00000002 00000003 00000004 0000003c aabbccdd "

/* pcapng, big endian and little endian. */
#define SHB "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c "
#define SHB_LE "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000 "
#define IDB "00000001 00000014 0001 0000 00000000 00000014 "
#define IDB_LE "01000000 14000000 0100 0000 00000000 14000000 "
/* Interface 0, 2000003 units, 3 octets of 60. */
#define EPB                                                                    \
	"00000006 00000024 00000000 00000000 001e8483 00000003 0000003c "     \
	"aabbcc00 00000024 "
#define EPB_LE                                                                 \
	"06000000 24000000 00000000 00000000 83841e00 03000000 3c000000 "     \
	"aabbcc00 24000000 "

static uint8_t file[300000];
static struct pflowi_capture *c;

static void
set_up(void)
{
	c = malloc(sizeof(*c));
	pflowi_capture_init(c);
}

static void
tear_down(void)
{
	free(c);
}

struct got {
	struct pflowi_capture_frame frame[8];
	uint8_t first[8]; /**< first octet of each */
	size_t count;
	int status; /**< what ended it */
	size_t used;
};

/** Read all, showing at most `step` octets more each time. */
static void
read_all(const uint8_t *data, size_t len, size_t step, struct got *got)
{
	size_t shown = 0, pos = 0;

	memset(got, 0, sizeof(*got));
	for (;;) {
		struct pflowi_capture_frame f = { 0 };
		size_t used;
		int rc = pflowi_capture_next(c, data + pos, shown - pos, &used,
		    &f);

		ck_assert_uint_le(used, shown - pos);
		pos += used;
		if (rc == PFLOW_OK) {
			ck_assert_uint_lt(got->count, 8);
			if (f.caplen != 0)
				got->first[got->count] = f.data[0];
			got->frame[got->count++] = f;
			continue;
		}
		if (rc != PFLOW_ERR_AGAIN || shown == len) {
			got->status = rc;
			got->used = pos;
			return;
		}
		shown = len - shown < step ? len : shown + step;
	}
}

static void
read_hex(const char *hex, struct got *got)
{
	size_t len = hex_put(file, 0, sizeof(file), hex);
	uint8_t *exact = malloc(len + 1);
	struct got pieces;
	size_t step, i;

	memcpy(exact, file, len);
	read_all(exact, len, len + 1, got);
	for (step = 1; step < 40; step++) {
		pflowi_capture_init(c);
		read_all(exact, len, step, &pieces);
		ck_assert_uint_eq(pieces.count, got->count);
		ck_assert_int_eq(pieces.status, got->status);
		for (i = 0; i < got->count; i++) {
			ck_assert_uint_eq(pieces.frame[i].time_ns,
			    got->frame[i].time_ns);
			ck_assert_uint_eq(pieces.first[i], got->first[i]);
		}
	}
	free(exact);
}

static const struct {
	const char *hex;
	uint64_t ns;
} plain[] = {
	{ LITTLE_US LITTLE_RECORD, 2 * SEC + 3000 },
	{ BIG_US BIG_RECORD, 2 * SEC + 3000 },
	{ LITTLE_NS LITTLE_RECORD, 2 * SEC + 3 },
	{ BIG_NS BIG_RECORD, 2 * SEC + 3 },
};

START_TEST(test_pcap_is_read_in_both_orders_and_units)
{
	struct got got;

	read_hex(plain[_i].hex, &got);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_int_eq(got.status, PFLOW_ERR_AGAIN);
	ck_assert(pflowi_capture_may_end(c));
	ck_assert_uint_eq(got.frame[0].caplen, 4);
	ck_assert_uint_eq(got.frame[0].wirelen, 60);
	ck_assert_uint_eq(got.frame[0].linktype, 1);
	ck_assert_uint_eq(got.frame[0].time_ns, plain[_i].ns);
	ck_assert_uint_eq(got.first[0], 0xaa);
}
END_TEST

START_TEST(test_link_type_is_without_the_frame_check_bits)
{
	struct got got;

	read_hex("a1b2c3d4 0002 0004 00000000 00000000 0000ffff 54000114 "
	    BIG_RECORD, &got);
	ck_assert_uint_eq(got.frame[0].linktype, 276);
}
END_TEST

START_TEST(test_seconds_are_unsigned)
{
	struct got got;

	read_hex(BIG_NS "ffffffff ffffffff 00000000 00000000", &got);
	ck_assert_uint_eq(got.frame[0].time_ns,
	    UINT64_C(4294967295) * SEC + 4294967295u);
}
END_TEST

static const struct {
	const char *hex;
	int status;
	const char *problem;
} refused[] = {
	{ "2e2e2f2e", PFLOW_ERR_UNSUPPORTED, "not a packet capture" },
	{ "a1b2cd34 0002 0004 00000000", PFLOW_ERR_UNSUPPORTED,
	    "not a packet capture" },
	{ "a1b2c3d4 0002 0003 00000000 00000000 0000ffff 00000001",
	    PFLOW_ERR_UNSUPPORTED, "not 2.4" },
	{ BIG_US "00000002 00000003 00040001 00040001", PFLOW_ERR_MALFORMED,
	    "longer than any" },
	{ BIG_US BIG_RECORD "00000002 00000003 ffffffff 00000001",
	    PFLOW_ERR_MALFORMED, "longer than any" },
	{ "0a0d0d0a 0000001c 1a2b3c4e 0001 0000", PFLOW_ERR_MALFORMED,
	    "byte order" },
	{ "0a0d0d0a 00000018 1a2b3c4d 0001 0000 ffffffff 00000018",
	    PFLOW_ERR_MALFORMED, "too short" },
	{ "0a0d0d0a 0000001c 1a2b3c4d 0002 0000 ffffffffffffffff 0000001c",
	    PFLOW_ERR_UNSUPPORTED, "version" },
	{ SHB "00000005 00000008 00000008", PFLOW_ERR_MALFORMED,
	    "impossible length" },
	{ SHB "00000005 ffffffff 00000000", PFLOW_ERR_MALFORMED,
	    "impossible length" },
	{ SHB "00000005 00000010 00000000 00000014", PFLOW_ERR_MALFORMED,
	    "lengths differ" },
	{ SHB "00000001 00000010 00010000 00000010", PFLOW_ERR_MALFORMED,
	    "too short" },
	{ SHB EPB, PFLOW_ERR_MALFORMED, "never described" },
	{ SHB IDB "00000006 00000020 00000000 00000000 00000000 00000001 "
	    "00000001 00000020", PFLOW_ERR_MALFORMED, "longer than its block" },
	{ SHB IDB "00000006 00000018 00000000 00000000 00000000 00000018",
	    PFLOW_ERR_MALFORMED, "too short" },
	{ SHB "00000001 00020000 00010000 00000000", PFLOW_ERR_MALFORMED,
	    "too long" },
};

START_TEST(test_what_cannot_be_read_is_named)
{
	struct got got;

	read_hex(refused[_i].hex, &got);
	ck_assert_int_eq(got.status, refused[_i].status);
	ck_assert_msg(strstr(c->problem, refused[_i].problem) != NULL, "%s",
	    c->problem);
}
END_TEST

START_TEST(test_stream_may_end_only_between_packets)
{
	struct got got;
	size_t len = hex_put(file, 0, sizeof(file), BIG_US BIG_RECORD), cut;

	for (cut = 0; cut < len; cut++) {
		pflowi_capture_init(c);
		read_all(file, cut, cut + 1, &got);
		ck_assert_int_eq(got.status, PFLOW_ERR_AGAIN);
		ck_assert_int_eq(pflowi_capture_may_end(c) && got.used == cut,
		    cut == 24);
	}
}
END_TEST

START_TEST(test_of_a_huge_frame_the_head_is_given)
{
	struct got got;
	size_t len = hex_put(file, 0, sizeof(file),
	    BIG_US "00000002 00000003 00030000 00030000"), step;

	memset(file + len, 0xee, 0x30000);
	len = hex_put(file, len + 0x30000, sizeof(file), BIG_RECORD);
	for (step = 999; step < 300000; step += 99999) {
		pflowi_capture_init(c);
		read_all(file, len, step, &got);
		ck_assert_uint_eq(got.count, 2);
		ck_assert_uint_eq(got.frame[0].caplen, PFLOWI_CAPTURE_HEAD);
		ck_assert_uint_eq(got.frame[0].wirelen, 0x30000);
		ck_assert_uint_eq(got.first[0], 0xee);
		ck_assert_uint_eq(got.first[1], 0xaa);
	}
}
END_TEST

START_TEST(test_pcapng_is_read_in_both_orders)
{
	struct got got;

	read_hex(_i == 0 ? SHB IDB EPB : SHB_LE IDB_LE EPB_LE, &got);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_int_eq(got.status, PFLOW_ERR_AGAIN);
	ck_assert(pflowi_capture_may_end(c));
	ck_assert_uint_eq(got.frame[0].caplen, 3);
	ck_assert_uint_eq(got.frame[0].wirelen, 60);
	ck_assert_uint_eq(got.frame[0].linktype, 1);
	ck_assert_uint_eq(got.frame[0].time_ns, 2 * SEC + 3000);
	ck_assert_uint_eq(got.first[0], 0xaa);
}
END_TEST

START_TEST(test_sections_of_other_order_and_interfaces_follow)
{
	struct got got;

	read_hex(SHB IDB EPB SHB_LE IDB_LE EPB_LE, &got);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.frame[1].time_ns, 2 * SEC + 3000);
	ck_assert_uint_eq(c->interfaces, 1);
}
END_TEST

START_TEST(test_interfaces_have_link_types_and_clocks_of_their_own)
{
	struct got got;

	/* The second: raw IP, nanoseconds, one hour back. */
	read_hex(SHB IDB
	    "00000001 0000002c 0065 0000 00000000 0009 0001 09000000 "
	    "000e 0008 fffffffffffff1f0 0000 0000 0000002c"
	    "00000006 00000020 00000001 00000346 30b8a000 00000000 00000014 "
	    "00000020" EPB, &got);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.frame[0].linktype, 101);
	ck_assert_uint_eq(got.frame[0].time_ns, 0);
	ck_assert_uint_eq(got.frame[0].wirelen, 20);
	ck_assert_uint_eq(got.frame[1].linktype, 1);
}
END_TEST

START_TEST(test_other_blocks_are_passed_over)
{
	struct got got;

	read_hex(SHB "00000bad 00000010 01020304 00000010" IDB
	    "00000005 0000000c 0000000c" EPB, &got);
	ck_assert_uint_eq(got.count, 1);
}
END_TEST

START_TEST(test_simple_and_obsolete_packet_blocks_are_read)
{
	struct got got;

	read_hex(SHB "00000001 00000014 0001 0000 00000004 00000014 "
	    "00000002 00000024 0000 0001 00000000 000f4240 00000002 0000003c "
	    "bbcc0000 00000024 "
	    "00000003 00000014 00000009 ddeeff00 00000014", &got);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.frame[0].caplen, 2);
	ck_assert_uint_eq(got.frame[0].time_ns, SEC);
	ck_assert_uint_eq(got.first[0], 0xbb);
	ck_assert_uint_eq(got.frame[1].caplen, 4); /* snaplen 4 */
	ck_assert_uint_eq(got.frame[1].wirelen, 9);
	ck_assert_uint_eq(got.frame[1].time_ns, SEC); /* has none itself */
	ck_assert_uint_eq(got.first[1], 0xdd);
}
END_TEST

START_TEST(test_options_that_lie_end_the_options)
{
	struct got got;

	read_hex(SHB "00000001 00000018 0001 0000 00000000 0009 ffff 00000018"
	    EPB, &got);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.frame[0].time_ns, 2 * SEC + 3000);
}
END_TEST

START_TEST(test_more_interfaces_than_fit_are_refused)
{
	size_t len = hex_put(file, 0, sizeof(file), SHB);
	struct got got;
	unsigned i;

	for (i = 0; i <= PFLOWI_CAPTURE_INTERFACES; i++)
		len = hex_put(file, len, sizeof(file), IDB);
	read_all(file, len, len, &got);
	ck_assert_int_eq(got.status, PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(c->problem, "interfaces"));
}
END_TEST

static const struct {
	uint64_t units;
	uint8_t resolution;
	int64_t offset;
	uint64_t ns;
} times[] = {
	{ 1500, 3, 0, 1500000000 },
	{ 1500000001, 9, 0, 1500000001 },
	{ 7, 0, 0, 7 * SEC },
	{ 1500000000999, 12, 0, 1500000000 }, /* picoseconds */
	{ 3, 0x81, 0, 1500000000 },	      /* halves */
	{ (UINT64_C(1) << 32) + (UINT64_C(1) << 31), 0xa0, 0, 1500000000 },
	{ (UINT64_C(3) << 39) + 1, 0xa8, 0, 1500000000 },
	{ 1000000, 6, -2, 0 },
	{ 1000000, 6, 3, 4 * SEC },
	{ UINT64_MAX, 0, 0, UINT64_C(18446744072) * SEC },
	{ UINT64_MAX, 0, INT64_MAX, UINT64_C(18446744072) * SEC },
	{ 5, 6, INT64_MIN, 0 },
	{ UINT64_MAX, 0x7f, 0, 0 },
	{ UINT64_MAX, 0xff, 0, 0 },
};

START_TEST(test_any_resolution_gives_nanoseconds_that_saturate)
{
	ck_assert_uint_eq(pflowi_capture_time(times[_i].units,
	    times[_i].resolution, times[_i].offset), times[_i].ns);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *
suite_pcap_reader(void)
{
	Suite *s = suite_create("sources/pcap_reader");
	TCase *t = tcase_create("pcap_reader");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, test_pcap_is_read_in_both_orders_and_units, 0,
	    COUNT(plain));
	tcase_add_test(t, test_link_type_is_without_the_frame_check_bits);
	tcase_add_test(t, test_seconds_are_unsigned);
	tcase_add_loop_test(t, test_what_cannot_be_read_is_named, 0,
	    COUNT(refused));
	tcase_add_test(t, test_stream_may_end_only_between_packets);
	tcase_add_test(t, test_of_a_huge_frame_the_head_is_given);
	tcase_add_loop_test(t, test_pcapng_is_read_in_both_orders, 0, 2);
	tcase_add_test(t, test_sections_of_other_order_and_interfaces_follow);
	tcase_add_test(t,
	    test_interfaces_have_link_types_and_clocks_of_their_own);
	tcase_add_test(t, test_other_blocks_are_passed_over);
	tcase_add_test(t, test_simple_and_obsolete_packet_blocks_are_read);
	tcase_add_test(t, test_options_that_lie_end_the_options);
	tcase_add_test(t, test_more_interfaces_than_fit_are_refused);
	tcase_add_loop_test(t,
	    test_any_resolution_gives_nanoseconds_that_saturate, 0,
	    COUNT(times));
	suite_add_tcase(s, t);
	return s;
}
