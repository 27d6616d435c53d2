/* SPDX-License-Identifier: ISC */
#include "spool_rig.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance.h"
#include "ipfix_maker.h"
#include "loopback.h"

Suite *suite_spool(void);

START_TEST(test_spool_delivers_at_once_when_the_receiver_is_there)
{
	ck_assert_int_eq(start(), PFLOW_OK);
	ck_assert_uint_eq(spool->generation, 1);
	bring_up(inner);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	feed_template();
	feed_data(10);
	acknowledge(inner, 9);
	read_messages(inner, 9);
	ck_assert_uint_eq(collector.next, 10);
	ck_assert_uint_eq(conformance_counter(spool, "spooled_records"), 10);
}
END_TEST

START_TEST(test_spool_keeps_everything_while_the_receiver_is_away)
{
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 1000; i++)
		feed_data(7);
	ck_assert_uint_eq(spool->generation, 1);
	drain();
	ck_assert_uint_eq(collector.next, 7000);
	ck_assert_uint_eq(collector.gaps, 0);
	ck_assert_uint_eq(collector.repeated, 0);
}
END_TEST

START_TEST(test_spool_forgets_files_that_are_delivered)
{
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 1000; i++)
		feed_data(7);
	ck_assert_uint_gt(conformance_counter(spool, "spool_octets"), 70000);
	drain();
	now.mono_ns += 2 * SEC;
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	/* What may have to come again, and the file that is written to. */
	ck_assert_uint_le(conformance_counter(spool, "spool_octets"), 3 * 8192);
}
END_TEST

START_TEST(test_spool_survives_the_end_of_the_process)
{
	int life;

	for (life = 0; life < 5; life++) {
		ck_assert_int_eq(start(), PFLOW_OK);
		feed_template();
		feed_data(100);
		feed_data(50);
		if (life % 2 == 0)
			spool->ops->close(spool);
		else
			pflowi_spool_abandon(spool);
	}
	ck_assert_int_eq(start(), PFLOW_OK);
	drain();
	ck_assert_uint_eq(collector.next, 750);
	ck_assert_uint_eq(collector.gaps, 0);
}
END_TEST

START_TEST(test_spool_sends_nothing_twice_after_an_end_in_order)
{
	ck_assert_int_eq(start(), PFLOW_OK);
	bring_up(inner);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	feed_template();
	feed_data(100);
	acknowledge(inner, 9);
	feed_data(100); /* in flight: the system never had it */
	break_session(inner, true);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	drain();
	ck_assert_uint_eq(collector.next, 200);
	ck_assert_uint_eq(collector.repeated, 0);
	ck_assert_uint_eq(conformance_counter(spool, "repeated_messages"), 1);
}
END_TEST

START_TEST(test_spool_sends_again_what_may_be_lost_after_a_break)
{
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	bring_up(inner);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	feed_template();
	for (i = 0; i < 20; i++)
		feed_data(10);
	acknowledge(inner, 15);
	read_messages(inner, 5);
	break_session(inner, false);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	drain();
	ck_assert_uint_eq(collector.next, 200);
	ck_assert_uint_eq(collector.gaps, 0);
	ck_assert_uint_eq(collector.repeated, 4);
}
END_TEST

START_TEST(test_spool_settles_when_it_is_closed_and_all_is_confirmed)
{
	ck_assert_int_eq(start(), PFLOW_OK);
	bring_up(inner);
	ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	feed_template();
	feed_data(100);
	acknowledge(inner, 9);
	spool->ops->close(spool);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(1);
	drain();
	ck_assert_uint_eq(collector.next, 101);
	ck_assert_uint_eq(collector.repeated, 0);
}
END_TEST

/** One thing that may happen. */
static void
event(void)
{
	switch (chance(12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		feed_data(1 + chance(20));
		break;
	case 4:
		feed_template(); /* a driver that refreshes */
		break;
	case 5:
		acknowledge(inner, chance(20));
		break;
	case 6:
		read_messages(inner, chance(20));
		break;
	case 7:
		inner->room = chance(10);
		break;
	case 8:
		if (inner->up && chance(8) == 0)
			break_session(inner, chance(3) == 0);
		break;
	case 9:
		if (!inner->up && chance(4) == 0)
			bring_up(inner);
		break;
	case 10:
		now.mono_ns += SEC / 4 * chance(8);
		now.wall_ns += SEC / 4 * chance(8);
		break;
	default:
		ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
	}
}

/** kill -9: of this process, and half of the time of the collector too. */
static void
kill_process(void)
{
	if (chance(2) == 0)
		break_session(inner, false);
	pflowi_spool_abandon(spool);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
}

START_TEST(test_spool_delivers_each_record_through_any_chaos)
{
	int i;

	seed = (uint32_t)_i * 7919u + 1;
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 4000; i++) {
		event();
		if (chance(200) == 0)
			kill_process();
	}
	drain();
	ck_assert_uint_eq(collector.next, fed);
	ck_assert_uint_eq(collector.gaps, 0);
	ck_assert_uint_eq(conformance_counter(spool, "pushed_out_records"), 0);
	ck_assert_uint_eq(conformance_counter(spool, "damaged_octets"), 0);
}
END_TEST

START_TEST(test_spool_counts_by_name_and_time_what_its_bound_pushes_out)
{
	uint32_t began = secs();
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 2000; i++) {
		feed_data(200);
		now.wall_ns += SEC;
	}
	ck_assert_uint_le(conformance_counter(spool, "spool_octets"), 1 << 20);
	ck_assert_uint_ge(
	    conformance_counter(spool, "spool_octets"), 900 << 10);
	ck_assert_ptr_nonnull(strstr(spool->ops->error_text(spool),
	    ": full, 1000 records exported from 2023-11-1"));
	ck_assert_uint_eq(
	    conformance_counter(spool, "pushed_out_from_seconds"), began);
	drain();
	ck_assert_uint_eq(collector.next, fed);
	ck_assert_uint_gt(collector.gaps, 0);
	ck_assert_uint_eq(
	    collector.gaps, conformance_counter(spool, "pushed_out_records"));
	ck_assert_uint_eq(collector.gaps,
	    200 * conformance_counter(spool, "pushed_out_messages"));
	ck_assert_uint_eq(
	    conformance_counter(spool, "pushed_out_until_seconds"),
	    began + collector.gaps / 200 - 1);
}
END_TEST

START_TEST(test_spool_counts_apart_what_an_earlier_process_exported)
{
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 300; i++)
		feed_data(200);
	pflowi_spool_abandon(spool);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 1000; i++)
		feed_data(200);
	drain();
	ck_assert_uint_eq(
	    conformance_counter(spool, "pushed_out_earlier_records"),
	    UINT64_C(300) * 200);
	ck_assert_uint_eq(collector.gaps,
	    conformance_counter(spool, "pushed_out_records") +
		conformance_counter(spool, "pushed_out_earlier_records"));
}
END_TEST

START_TEST(test_spool_loses_no_count_when_the_bound_meets_a_session)
{
	int i;

	seed = (uint32_t)_i + 77;
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 3000; i++) {
		feed_data(1 + chance(300));
		if (chance(2) == 0)
			event();
	}
	drain();
	ck_assert_uint_eq(collector.next, fed);
	/* Of what was on its way, more may be counted than was lost. */
	ck_assert_uint_le(
	    collector.gaps, conformance_counter(spool, "pushed_out_records"));
}
END_TEST

START_TEST(test_spool_keeps_the_gaps_that_its_exporter_made)
{
	uint8_t msg[4096];

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(10);
	/* The queue before the spool has dropped 5 records. */
	fed += 5;
	life_sequence += 5;
	feed_data(10);
	/* A session_restart that is none of our business: numbers fall. */
	ck_assert_int_eq(
	    feed(msg, maker_data(msg, secs(), 0, fed, 3), 3), PFLOW_OK);
	fed += 3;
	drain();
	ck_assert_uint_eq(collector.next, 28);
	ck_assert_uint_eq(collector.gaps, 5);
}
END_TEST

START_TEST(test_spool_begins_a_session_when_a_template_changes)
{
	uint8_t msg[64];
	struct pflowi_writer w;

	ck_assert_int_eq(start(), PFLOW_OK);
	bring_up(inner);
	feed_template();
	feed_data(10);
	ck_assert_int_eq(
	    feed(msg, maker_template(msg, secs(), life_sequence, 4), 0),
	    PFLOW_OK);
	/* Records of 4 octets: the first tells the number in 8 with the
	 * second. */
	pflowi_w_init(&w, msg, sizeof(msg));
	maker_header(&w, secs(), life_sequence);
	pflowi_w_u16(&w, 256);
	pflowi_w_u16(&w, 4 + 8);
	pflowi_w_u64(&w, fed);
	pflowi_w_fill16(&w, 2, w.len);
	ck_assert_int_eq(feed(msg, w.len, 2), PFLOW_OK);
	drain();
	ck_assert_uint_eq(inner->restarts, 1);
	ck_assert_uint_eq(collector.sessions, 2);
	ck_assert_uint_eq(collector.width, 4);
	ck_assert_uint_eq(collector.next, 12);
}
END_TEST

START_TEST(test_spool_refuses_and_counts_what_is_no_ipfix)
{
	static const uint8_t v5[48] = {0, 5, 0, 1};

	ck_assert_int_eq(start(), PFLOW_OK);
	ck_assert_int_eq(feed(v5, sizeof(v5), 1), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(spool, "not_ipfix_records"), 1);
	ck_assert_ptr_nonnull(
	    strstr(spool->ops->error_text(spool), "IPFIX (proto 10) alone"));
}
END_TEST

START_TEST(test_spool_files_are_ipfix_files_of_their_own)
{
	struct dirent *entry;
	char path[512];
	uint8_t head[32];
	int i, files = 0, fd;
	DIR *d;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 300; i++)
		feed_data(20);
	d = opendir(dir);
	while ((entry = readdir(d)) != NULL) {
		if (strstr(entry->d_name, ".ipfix") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		fd = open(path, O_RDONLY);
		ck_assert_int_eq(read(fd, head, sizeof(head)), sizeof(head));
		close(fd);
		ck_assert_uint_eq(pflowi_get_be16(head), 10);
		ck_assert_uint_eq(pflowi_get_be16(head + 16), 2);
		files++;
	}
	closedir(d);
	ck_assert_int_ge(files, 5);
}
END_TEST

/* The contract, with tcp behind it. */

struct peer {
	int listener, fd;
	char dir[64];
};

static struct pflow_transport *
begin(struct conformance_peer *p)
{
	struct peer *own = calloc(1, sizeof(*own));
	struct pflow_transport_config tcp;
	struct pflow_transport *t;
	unsigned port;

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	own->fd = -1;
	own->listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	strcpy(own->dir, "/tmp/pflow-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(own->dir));
	pflow_spool_config_init(&cfg);
	cfg.dir = own->dir;
	cfg.max_octets = 64 << 20;
	pflow_transport_config_init(&tcp);
	tcp.retry_ns = SEC;
	ck_assert_int_eq(pflow_spool_create(&cfg,
			     loopback_make("tcp", "127.0.0.1", port, &tcp), &t,
			     err, sizeof(err)),
	    PFLOW_OK);
	return t;
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct peer *own = p->arg;
	uint8_t buf[65536];

	if (own->fd == -1) {
		own->fd = loopback_accept(own->listener);
		if (own->fd == -1)
			return;
		conformance_log_session(p);
	}
	while (octets > 0) {
		ssize_t n = recv(own->fd, buf,
		    octets < sizeof(buf) ? octets : sizeof(buf), 0);

		if (n <= 0)
			return;
		conformance_log_add(p, buf, (size_t)n);
		octets -= (size_t)n;
	}
}

static void
end(struct conformance_peer *p)
{
	struct peer *own = p->arg;
	char was[64];

	if (own->fd != -1)
		close(own->fd);
	close(own->listener);
	strcpy(was, dir);
	strcpy(dir, own->dir);
	clean();
	strcpy(dir, was);
	free(own);
}

static const struct conformance_adapter adapter = {
    .name = "spool",
    .message_max = 65535,
    .message_min = 24,
    .begin = begin,
    .step = step,
    .end = end,
};

START_TEST(test_spool_keeps_the_contract)
{
	conformance_case(&adapter, _i);
}
END_TEST

Suite *
suite_spool(void)
{
	Suite *s = suite_create("spool");
	TCase *tc = tcase_create("spool");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, test_spool_delivers_at_once_when_the_receiver_is_there);
	tcase_add_test(
	    tc, test_spool_keeps_everything_while_the_receiver_is_away);
	tcase_add_test(tc, test_spool_forgets_files_that_are_delivered);
	tcase_add_test(tc, test_spool_survives_the_end_of_the_process);
	tcase_add_test(
	    tc, test_spool_sends_nothing_twice_after_an_end_in_order);
	tcase_add_test(
	    tc, test_spool_sends_again_what_may_be_lost_after_a_break);
	tcase_add_test(
	    tc, test_spool_settles_when_it_is_closed_and_all_is_confirmed);
	tcase_add_loop_test(
	    tc, test_spool_delivers_each_record_through_any_chaos, 0, 20);
	tcase_add_test(
	    tc, test_spool_counts_by_name_and_time_what_its_bound_pushes_out);
	tcase_add_loop_test(
	    tc, test_spool_loses_no_count_when_the_bound_meets_a_session, 0, 5);
	tcase_add_test(
	    tc, test_spool_counts_apart_what_an_earlier_process_exported);
	tcase_add_test(tc, test_spool_keeps_the_gaps_that_its_exporter_made);
	tcase_add_test(tc, test_spool_begins_a_session_when_a_template_changes);
	tcase_add_test(tc, test_spool_refuses_and_counts_what_is_no_ipfix);
	tcase_add_test(tc, test_spool_files_are_ipfix_files_of_their_own);
	tcase_add_loop_test(
	    tc, test_spool_keeps_the_contract, 0, conformance_cases);
	suite_add_tcase(s, tc);
	return s;
}
