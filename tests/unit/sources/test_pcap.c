/* SPDX-License-Identifier: ISC */
#define _DEFAULT_SOURCE /* mkdtemp() */
/* pcap:PATH as its drivers see it, on files the tests write themselves. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/sources.h>

#include "unit/sources/hex.h"

Suite *suite_pcap(void);

#define SEC UINT64_C(1000000000)
#define FIRST UINT64_C(1700000000)
#define DAY (UINT64_C(86400) * SEC)

/* Raw IPv4; a record of 32 octets, its time is put in. */
#define HEADER "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 000000e4 "
#define UDP_HEX                                                                \
	"45000020 00010000 40110000 0a000001 0a000002 03e80035 000c0000 "     \
	"61626364"

static char dir[] = "/tmp/pflow-test-XXXXXX";
static char path[64];
static uint8_t octets[1 << 20];
static size_t len;

static struct pflow_source_config cfg;
static struct pflow_source *src;
static char err[300];
static struct pflow_now zero;

/** What a sink took, and how it behaves. */
static struct {
	struct pflow_state states[2000];
	size_t count;
	uint64_t packets;
	struct pflow_now now;
	size_t most;	/**< takes this many, then says AGAIN */
	int answer;	/**< instead of PFLOW_OK */
} sink;

static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	size_t i, n = count < sink.most ? count : sink.most;

	ck_assert_ptr_eq(arg, &sink);
	ck_assert_uint_ge(count, 1);
	for (i = 0; i < n; i++) {
		ck_assert_uint_lt(sink.count, 2000);
		sink.states[sink.count++] = states[i];
		sink.packets += states[i].packets[0] + states[i].packets[1];
	}
	sink.now = now;
	sink.most -= n;
	*taken = n;
	if (sink.answer != PFLOW_OK)
		return sink.answer;
	return n == count ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static void
set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	pflow_source_config_init(&cfg);
	cfg.memory_limit = 1 << 20;
	memset(&sink, 0, sizeof(sink));
	sink.most = SIZE_MAX;
	src = NULL;
	len = 0;
}

static void
tear_down(void)
{
	if (src != NULL)
		src->ops->close(src);
	unlink(path);
	rmdir(dir);
}

static void
put(const char *hex)
{
	len = hex_put(octets, len, sizeof(octets), hex);
}

/** One UDP packet of 32 octets; the client's port and the time as given. */
static void
put_udp(unsigned port, uint64_t seconds, unsigned us)
{
	char hex[200];

	snprintf(hex, sizeof(hex), "%08x %08x 00000020 00000020 "
	    "45000020 00010000 40110000 0a000001 0a000002 %04x0035 000c0000 "
	    "61626364", (unsigned)seconds, us, port);
	put(hex);
}

static void
save(void)
{
	FILE *f = fopen(path, "wb");

	ck_assert_uint_eq(fwrite(octets, 1, len, f), len);
	fclose(f);
}

static int
create(void)
{
	char spec[80];

	snprintf(spec, sizeof(spec), "pcap:%s", path);
	return pflow_source_create(spec, &cfg, &src, err, sizeof(err));
}

static void
open_it(void)
{
	ck_assert_int_eq(create(), PFLOW_OK);
	ck_assert_msg(src->ops->open(src, zero) == PFLOW_OK, "%s",
	    src->ops->error_text(src));
}

static int
pump(unsigned budget)
{
	return src->ops->pump(src, zero, budget, take, &sink);
}

static int
pump_to_end(void)
{
	int rc;

	do
		rc = pump(64);
	while (rc == PFLOW_MORE);
	return rc;
}

static const char *wanted;
static uint64_t wanted_value;
static int wanted_kind;

static void
match(void *arg, const struct pflow_counter *c)
{
	ck_assert_ptr_null(arg);
	ck_assert_ptr_nonnull(c->help);
	if (strcmp(wanted, c->name) == 0) {
		wanted_value = c->value;
		wanted_kind = (int)c->kind;
	}
}

static uint64_t
counter(const char *name)
{
	wanted = name;
	wanted_value = UINT64_MAX;
	src->ops->counters(src, match, NULL);
	ck_assert_msg(wanted_value != UINT64_MAX, "no counter %s", name);
	return wanted_value;
}

START_TEST(test_packets_become_flows_and_the_end_gives_all)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	put_udp(1001, FIRST, 5);
	put_udp(1000, FIRST + 1, 0);
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_int_eq(pump(64), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[0].packets[0], 2);
	ck_assert_uint_eq(sink.states[0].octets[0], 64);
	ck_assert_uint_eq(sink.states[0].start_ns, FIRST * SEC);
	ck_assert_uint_eq(sink.states[0].last_ns, (FIRST + 1) * SEC);
	ck_assert_uint_eq(sink.states[0].end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(counter("read_packets"), 3);
	ck_assert_uint_eq(counter("ip_packets"), 3);
	ck_assert_uint_eq(counter("ip_octets"), 96);
	ck_assert_uint_eq(counter("created_flows"), 2);
	ck_assert_str_eq(src->ops->error_text(src), "");
	ck_assert_int_eq(src->ops->progress(src), 1000);
}
END_TEST

START_TEST(test_clock_is_the_recordings_24_days_after_its_origin)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	put_udp(1001, FIRST + 100, 0);
	put_udp(1002, FIRST + 40, 0);
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.now.wall_ns, (FIRST + 100) * SEC);
	ck_assert_uint_eq(sink.now.mono_ns, 24 * DAY + 100 * SEC);
}
END_TEST

START_TEST(test_clock_of_a_recording_of_1970_starts_at_0)
{
	put(HEADER);
	put_udp(1000, 5, 0);
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.now.wall_ns, 5 * SEC);
	ck_assert_uint_eq(sink.now.mono_ns, 5 * SEC);
}
END_TEST

START_TEST(test_every_kind_of_loss_has_its_counter)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	/* no IP; total length 10; capture cut in the header; 3 octets */
	put("65540000 00000000 00000014 00000014 10000020 00010000 40110000 "
	    "0a000001 0a000002");
	put("65540000 00000000 00000014 00000014 4500000a 00010000 40110000 "
	    "0a000001 0a000002");
	put("65540000 00000000 00000010 00000028 45000028 00010000 40110000 "
	    "0a000001");
	put("65540000 00000000 00000003 00000003 450000");
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(counter("not_ip_packets"), 1);
	ck_assert_uint_eq(counter("not_ip_octets"), 20);
	ck_assert_int_eq(wanted_kind, PFLOW_COUNTER_DROP);
	ck_assert_uint_eq(counter("malformed_ip_packets"), 1);
	ck_assert_uint_eq(counter("malformed_ip_octets"), 10);
	ck_assert_uint_eq(counter("truncated_ip_packets"), 1);
	ck_assert_uint_eq(counter("truncated_ip_octets"), 40);
	ck_assert_uint_eq(counter("bad_frame_packets"), 1);
	ck_assert_uint_eq(counter("unknown_link_packets"), 0);
	ck_assert_uint_eq(counter("read_packets"), 5);
	ck_assert_uint_eq(counter("ip_packets"), 1);
}
END_TEST

START_TEST(test_budget_is_kept_and_used)
{
	unsigned i;

	put(HEADER);
	for (i = 0; i < 500; i++)
		put_udp(i, FIRST, i);
	save();
	open_it();
	for (i = 0; i < 500; i += 7) {
		int rc = pump(7);

		if (rc != PFLOW_MORE)
			break;
		ck_assert_uint_eq(sink.count, i + 7);
	}
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 500);
}
END_TEST

START_TEST(test_what_the_sink_refuses_comes_again)
{
	unsigned i;
	int rc;

	put(HEADER);
	for (i = 0; i < 300; i++)
		put_udp(i, FIRST, i);
	save();
	open_it();
	sink.most = 3;
	while ((rc = pump(1000)) == PFLOW_ERR_AGAIN)
		sink.most = 3;
	ck_assert_int_eq(rc, PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 300);
	for (i = 0; i < 300; i++)
		ck_assert_uint_eq(sink.states[i].key[0].port[0], i);
}
END_TEST

START_TEST(test_what_the_sink_says_is_passed_on)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	save();
	open_it();
	sink.most = 0;
	sink.answer = PFLOW_ERR_CLOSED;
	ck_assert_int_eq(pump_to_end(), PFLOW_ERR_CLOSED);
	sink.answer = PFLOW_OK;
	sink.most = SIZE_MAX;
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 1);
}
END_TEST

START_TEST(test_finish_gives_what_is_tracked_and_ends)
{
	unsigned i;

	put(HEADER);
	for (i = 0; i < 2000; i++)
		put_udp(i % 3, FIRST + i * 20, 0);
	save();
	open_it();
	ck_assert_int_eq(pump(5), PFLOW_MORE);
	src->ops->finish(src, zero);
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.packets, counter("ip_packets"));
	ck_assert_uint_lt(sink.packets, 2000);
}
END_TEST

START_TEST(test_tail_cut_off_is_told_and_all_before_it_is_given)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	put_udp(1001, FIRST, 0);
	len -= 5;
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(counter("cut_short_octets"), 43);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), path));
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), "cut short"));
}
END_TEST

START_TEST(test_damage_is_told_and_all_before_it_is_given)
{
	put(HEADER);
	put_udp(1000, FIRST, 0);
	put("65540000 00000000 ffffffff 00000014 00");
	save();
	open_it();
	ck_assert_int_eq(pump_to_end(), PFLOW_ERR_MALFORMED);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    "damaged at octet 72"));
}
END_TEST

static const struct {
	const char *text;
	int status;
	const char *says;
} no_captures[] = {
	{ "", PFLOW_ERR_TRUNCATED, "empty" },
	{ "\xd4\xc3\xb2\xa1\x02", PFLOW_ERR_TRUNCATED, "too short" },
	{ "a", PFLOW_ERR_TRUNCATED, "too short" },
	{ "../../default/pcap/1kxun.pcap", PFLOW_ERR_UNSUPPORTED,
	    "it is text" },
	{ "\x1f\x8b\x08\x08 zzz", PFLOW_ERR_UNSUPPORTED, "gzip" },
	{ "\x28\xb5\x2f\xfd zzz", PFLOW_ERR_UNSUPPORTED, "zstd" },
	{ "\x7f" "ELF\x02\x01\x01", PFLOW_ERR_UNSUPPORTED, "unknown format" },
};

START_TEST(test_what_is_no_capture_is_said_in_one_line)
{
	len = strlen(no_captures[_i].text);
	memcpy(octets, no_captures[_i].text, len);
	save();
	ck_assert_int_eq(create(), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, zero), no_captures[_i].status);
	ck_assert_ptr_eq(strstr(src->ops->error_text(src), path),
	    src->ops->error_text(src));
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src),
	    no_captures[_i].says));
	ck_assert_ptr_null(strchr(src->ops->error_text(src), '\n'));
}
END_TEST

START_TEST(test_missing_file_and_directory_are_named)
{
	ck_assert_int_eq(create(), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, zero), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), "No such"));
	src->ops->close(src);
	snprintf(path, sizeof(path), "%s", dir);
	ck_assert_int_eq(create(), PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, zero), PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), "directory"));
}
END_TEST

START_TEST(test_no_path_and_no_memory_are_refused_at_once)
{
	ck_assert_int_eq(pflow_source_create("pcap:", &cfg, &src, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_null(src);
	ck_assert_ptr_nonnull(strstr(err, "pcap:PATH"));
	cfg.memory_limit = 1000;
	ck_assert_int_eq(create(), PFLOW_ERR_INVALID);
	ck_assert_ptr_null(src);
	ck_assert_ptr_nonnull(strstr(err, "1000 octets"));
}
END_TEST

START_TEST(test_filter_leaves_out_and_counts)
{
	cfg.filter = "udp port 1000";
	put(HEADER);
	put_udp(1000, FIRST, 0);
	put_udp(1001, FIRST, 0);
	save();
	if (create() == PFLOW_ERR_UNSUPPORTED) {
		ck_assert_ptr_nonnull(strstr(err, "needs libpcap"));
		return;
	}
	ck_assert_int_eq(src->ops->open(src, zero), PFLOW_OK);
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(counter("filtered_packets"), 1);
	ck_assert_uint_eq(counter("read_packets"), 2);
}
END_TEST

START_TEST(test_filter_that_means_nothing_is_quoted)
{
	cfg.filter = "udp prot 1000";
	ck_assert_int_lt(create(), 0);
	ck_assert_ptr_null(src);
	ck_assert_ptr_nonnull(strstr(err, "\"udp prot 1000\""));
}
END_TEST

START_TEST(test_filter_without_meaning_for_the_link_type_fails_there)
{
	cfg.filter = "ether host 02:00:00:00:00:01";
	put(HEADER);
	put_udp(1000, FIRST, 0);
	save();
	if (create() == PFLOW_ERR_UNSUPPORTED)
		return;
	ck_assert_int_eq(src->ops->open(src, zero), PFLOW_OK);
	ck_assert_int_eq(pump_to_end(), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(src->ops->error_text(src), "ether host"));
}
END_TEST

START_TEST(test_pipe_is_read_as_it_fills)
{
	struct pflow_want want;
	size_t cut;
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	put(HEADER);
	cut = len + 20;
	put_udp(1000, FIRST, 0);
	put_udp(1001, FIRST + 100, 0);
	open_it();
	ck_assert_int_eq(pump(64), PFLOW_OK);
	src->ops->want(src, &want);
	ck_assert_int_ge(want.fd, 0);
	ck_assert_uint_eq(want.events, PFLOW_WANT_READ);
	ck_assert(want.deadline_ns == PFLOW_NEVER);
	ck_assert_int_eq(write(fd, octets, cut), (int)cut);
	ck_assert_int_eq(pump(64), PFLOW_OK);
	ck_assert_uint_eq(counter("read_packets"), 0);
	ck_assert_int_eq(write(fd, octets + cut, len - cut), (int)(len - cut));
	ck_assert_int_eq(pump(64), PFLOW_OK);
	ck_assert_uint_eq(counter("read_packets"), 2);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_int_eq(src->ops->progress(src), -1);
	close(fd);
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 2);
}
END_TEST

START_TEST(test_what_only_libpcap_knows_is_left_to_it)
{
	/* Kuznetzov's format: 24 octets of header a record. */
	put("a1b2cd34 0002 0004 00000000 00000000 0000ffff 000000e4 "
	    "65540000 00000001 00000020 00000020 00000001 0008 00 00" UDP_HEX);
	save();
	ck_assert_int_eq(create(), PFLOW_OK);
	if (src->ops->open(src, zero) == PFLOW_ERR_UNSUPPORTED)
		return; /* a build without libpcap */
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].octets[0], 32);
	ck_assert_uint_eq(counter("read_packets"), 1);
}
END_TEST

START_TEST(test_many_frames_without_states_give_the_driver_a_turn)
{
	unsigned i;

	put(HEADER);
	for (i = 0; i < 20000; i++)
		put_udp(1000, FIRST, 0);
	save();
	open_it();
	ck_assert_int_eq(pump(64), PFLOW_MORE);
	ck_assert_uint_eq(sink.count, 0);
	ck_assert_int_gt(src->ops->progress(src), 500);
	ck_assert_int_lt(src->ops->progress(src), 1000);
	ck_assert_int_eq(pump_to_end(), PFLOW_EOF);
	ck_assert_uint_eq(sink.packets, 20000);
}
END_TEST

Suite *
suite_pcap(void)
{
	Suite *s = suite_create("sources/pcap");
	TCase *t = tcase_create("pcap");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_packets_become_flows_and_the_end_gives_all);
	tcase_add_test(t,
	    test_clock_is_the_recordings_24_days_after_its_origin);
	tcase_add_test(t, test_clock_of_a_recording_of_1970_starts_at_0);
	tcase_add_test(t, test_every_kind_of_loss_has_its_counter);
	tcase_add_test(t, test_budget_is_kept_and_used);
	tcase_add_test(t, test_what_the_sink_refuses_comes_again);
	tcase_add_test(t, test_what_the_sink_says_is_passed_on);
	tcase_add_test(t, test_finish_gives_what_is_tracked_and_ends);
	tcase_add_test(t,
	    test_tail_cut_off_is_told_and_all_before_it_is_given);
	tcase_add_test(t, test_damage_is_told_and_all_before_it_is_given);
	tcase_add_loop_test(t, test_what_is_no_capture_is_said_in_one_line, 0,
	    (int)(sizeof(no_captures) / sizeof(no_captures[0])));
	tcase_add_test(t, test_missing_file_and_directory_are_named);
	tcase_add_test(t, test_no_path_and_no_memory_are_refused_at_once);
	tcase_add_test(t, test_filter_leaves_out_and_counts);
	tcase_add_test(t, test_filter_that_means_nothing_is_quoted);
	tcase_add_test(t,
	    test_filter_without_meaning_for_the_link_type_fails_there);
	tcase_add_test(t, test_pipe_is_read_as_it_fills);
	tcase_add_test(t, test_what_only_libpcap_knows_is_left_to_it);
	tcase_add_test(t,
	    test_many_frames_without_states_give_the_driver_a_turn);
	suite_add_tcase(s, t);
	return s;
}
