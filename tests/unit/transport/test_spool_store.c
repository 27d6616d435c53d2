/* SPDX-License-Identifier: ISC */
#include "spool_rig.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance.h"
#include "ipfix_maker.h"
#include "loopback.h"

Suite *suite_spool_store(void);

START_TEST(test_spool_of_a_directory_in_use_says_so)
{
	struct pflow_transport *first;

	ck_assert_int_eq(start(), PFLOW_OK);
	first = spool;
	ck_assert_int_eq(start(), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(spool->ops->error_text(spool),
	    "is in use by another process or interface"));
	first->ops->close(first);
}
END_TEST

START_TEST(test_spool_makes_its_directory_and_says_why_if_it_can_not)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/new", dir);
	cfg.dir = path;
	ck_assert_int_eq(start(), PFLOW_OK);
	spool->ops->close(spool);
	snprintf(err, sizeof(err), "rm -r %s", path);
	ck_assert_int_eq(system(err), 0);
	snprintf(path, sizeof(path), "%s/no/such", dir);
	ck_assert_int_eq(start(), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(spool->ops->error_text(spool),
	    "can not be made: No such file or directory"));
}
END_TEST

START_TEST(test_spool_on_a_full_disk_says_again_and_goes_on_later)
{
	static uint8_t msg[8192];
	struct rlimit old, tight;
	size_t len;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(100);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &tight), 0);
	len = maker_data(msg, secs(), life_sequence, fed, 100);
	ck_assert_int_eq(feed(msg, len, 100), PFLOW_ERR_AGAIN);
	ck_assert_ptr_nonnull(
	    strstr(spool->ops->error_text(spool), "can not be written"));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	/* Not before a second has passed. */
	ck_assert_int_eq(feed(msg, len, 100), PFLOW_ERR_AGAIN);
	now.mono_ns += SEC;
	feed_data(100);
	drain();
	ck_assert_uint_eq(collector.next, 200);
	ck_assert_uint_eq(collector.gaps, 0);
	ck_assert_uint_eq(conformance_counter(spool, "write_waits"), 1);
}
END_TEST

/** The files of dir, oldest first; how many. */
static int
list_files(char paths[][512], int max)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), i, found = 0;

	for (i = 0; i < n; i++) {
		if (strstr(names[i]->d_name, ".ipfix") != NULL && found < max)
			snprintf(paths[found++], 512, "%s/%s", dir,
			    names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return found;
}

START_TEST(test_spool_cuts_off_a_message_that_was_half_written)
{
	char paths[64][512];
	struct stat st;
	int n;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(10);
	feed_data(10);
	pflowi_spool_abandon(spool);
	n = list_files(paths, 64);
	ck_assert_int_eq(stat(paths[n - 1], &st), 0);
	ck_assert_int_eq(truncate(paths[n - 1], st.st_size - 3), 0);
	ck_assert_int_eq(start(), PFLOW_OK);
	ck_assert_uint_eq(
	    conformance_counter(spool, "damaged_octets"), 100 - 3);
	/* Ten records are gone, and their numbers are given anew. */
	fed = 10;
	feed_template();
	feed_data(5);
	drain();
	ck_assert_uint_eq(collector.next, 15);
}
END_TEST

START_TEST(test_spool_steps_over_a_file_that_has_only_its_templates)
{
	char paths[64][512];
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 100; i++)
		feed_data(20);
	pflowi_spool_abandon(spool);
	ck_assert_int_ge(list_files(paths, 64), 3);
	ck_assert_int_eq(truncate(paths[1], 28), 0);
	ck_assert_int_eq(start(), PFLOW_OK);
	drain();
	ck_assert_uint_gt(collector.gaps, 0);
	ck_assert_uint_eq(collector.next, fed);
}
END_TEST

START_TEST(test_spool_of_octets_without_sense_does_no_harm)
{
	char paths[64][512];
	int round, n, i, fd;
	uint8_t octet;

	seed = (uint32_t)_i;
	for (round = 0; round < 30; round++) {
		clean();
		ck_assert_int_eq(mkdir(dir, 0700), 0);
		memset(&collector, 0, sizeof(collector));
		ck_assert_int_eq(start(), PFLOW_OK);
		fed = 0;
		feed_template();
		for (i = 0; i < 100; i++)
			feed_data(20);
		pflowi_spool_abandon(spool);
		n = list_files(paths, 64);
		for (i = 0; i < 8; i++) {
			fd = open(paths[chance((uint32_t)n)], O_RDWR);
			octet = (uint8_t)chance(256);
			(void)pwrite(fd, &octet, 1, chance(8000));
			close(fd);
		}
		ck_assert_int_eq(start(), PFLOW_OK);
		/* Whatever it sends, it comes to an end. */
		for (i = 0; i < 2000; i++) {
			struct pflow_spool_backlog backlog;

			if (!inner->up)
				bring_up(inner);
			ck_assert_int_eq(
			    spool->ops->service(spool, now), PFLOW_OK);
			inner->confirmed += inner->flying;
			drop_front(inner, inner->flying);
			pflow_spool_backlog(spool, &backlog);
			if (backlog.empty)
				break;
		}
		ck_assert_int_lt(i, 2000);
		pflowi_spool_abandon(spool);
		spool = NULL;
	}
}
END_TEST

START_TEST(test_spool_does_not_touch_files_that_are_not_its_own)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/notes.ipfix", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "mine", 4), 4);
	close(fd);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(3);
	drain();
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_uint_eq(collector.next, 3);
}
END_TEST

START_TEST(test_spool_refuses_a_directory_that_others_may_write_into)
{
	ck_assert_int_eq(chmod(dir, 01777), 0);
	ck_assert_int_eq(start(), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(spool->ops->error_text(spool),
	    "others may write into it (mode 1777), expected 0700"));
}
END_TEST

START_TEST(test_spool_waits_for_no_pipe_that_was_put_in_its_place)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/position", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/0000000000001000.ipfix", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(3);
	drain();
	ck_assert_uint_eq(collector.next, 3);
}
END_TEST

START_TEST(test_spool_goes_on_when_a_file_is_taken_away_from_it)
{
	char paths[64][512];
	int i;

	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	for (i = 0; i < 100; i++)
		feed_data(20);
	ck_assert_int_ge(list_files(paths, 64), 3);
	ck_assert_int_eq(unlink(paths[1]), 0);
	drain();
	ck_assert_uint_eq(collector.next, fed);
	ck_assert_uint_gt(collector.gaps, 0);
	ck_assert_uint_gt(conformance_counter(spool, "damaged_octets"), 0);
}
END_TEST

static int
open_descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

START_TEST(test_spool_leaves_no_descriptor_open)
{
	int before = open_descriptors(), i, k;

	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(start(), PFLOW_OK);
		feed_template();
		for (k = 0; k < 50; k++)
			feed_data(50);
		drain();
		ck_assert_int_le(open_descriptors(), before + 4);
		spool->ops->close(spool);
		spool = NULL;
		ck_assert_int_eq(open_descriptors(), before);
	}
	/* Nor when it can not be opened. */
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_assert_int_eq(start(), PFLOW_ERR_SYSTEM);
	spool->ops->close(spool);
	spool = NULL;
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(test_spool_files_are_nobody_elses_business)
{
	char paths[64][512];
	struct stat st;

	umask(0);
	ck_assert_int_eq(start(), PFLOW_OK);
	feed_template();
	feed_data(3);
	ck_assert_int_ge(list_files(paths, 64), 1);
	ck_assert_int_eq(stat(paths[0], &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(test_spool_refuses_settings_that_can_not_work)
{
	struct pflow_transport *udp, *out;

	udp = loopback_make("udp", "127.0.0.1", 9, NULL);
	ck_assert_int_eq(pflow_spool_create(&cfg, udp, &out, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_null(out);
	ck_assert_ptr_nonnull(strstr(err, "udp is not reliable"));
	udp->ops->close(udp);
	udp = loopback_make("tcp", "127.0.0.1", 9, NULL);
	cfg.max_octets = 1000;
	ck_assert_int_eq(pflow_spool_create(&cfg, udp, &out, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "at least 1048576"));
	cfg.dir = NULL;
	ck_assert_int_eq(pflow_spool_create(&cfg, udp, &out, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	udp->ops->close(udp);
}
END_TEST

Suite *
suite_spool_store(void)
{
	Suite *s = suite_create("spool store");
	TCase *tc = tcase_create("spool store");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_spool_of_a_directory_in_use_says_so);
	tcase_add_test(
	    tc, test_spool_makes_its_directory_and_says_why_if_it_can_not);
	tcase_add_test(
	    tc, test_spool_on_a_full_disk_says_again_and_goes_on_later);
	tcase_add_test(tc, test_spool_cuts_off_a_message_that_was_half_written);
	tcase_add_test(
	    tc, test_spool_steps_over_a_file_that_has_only_its_templates);
	tcase_add_loop_test(
	    tc, test_spool_of_octets_without_sense_does_no_harm, 0, 5);
	tcase_add_test(
	    tc, test_spool_does_not_touch_files_that_are_not_its_own);
	tcase_add_test(
	    tc, test_spool_refuses_a_directory_that_others_may_write_into);
	tcase_add_test(
	    tc, test_spool_waits_for_no_pipe_that_was_put_in_its_place);
	tcase_add_test(
	    tc, test_spool_goes_on_when_a_file_is_taken_away_from_it);
	tcase_add_test(tc, test_spool_leaves_no_descriptor_open);
	tcase_add_test(tc, test_spool_files_are_nobody_elses_business);
	tcase_add_test(tc, test_spool_refuses_settings_that_can_not_work);
	suite_add_tcase(s, tc);
	return s;
}
