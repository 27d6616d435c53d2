/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/transports.h>

#include "conformance.h"

Suite *suite_file(void);

static const struct pflow_now now = {1, 1};
static char dir[64], path[96], dest[128], err[256];

static void
setup(void)
{
	strcpy(dir, "/tmp/pflow-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out.ipfix", dir);
	snprintf(dest, sizeof(dest), "file:%s", path);
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

static struct pflow_transport *
make(const char *word)
{
	struct pflow_transport *t;

	ck_assert_msg(pflow_transport_create(
			  word, NULL, &t, err, sizeof(err)) == PFLOW_OK,
	    "%s", err);
	return t;
}

/** Read a file, or a FIFO's read end, as the peer. */
static struct pflow_transport *
begin_file(struct conformance_peer *p)
{
	struct pflow_transport *t = make(dest);
	int *fd = malloc(sizeof(*fd));

	ck_assert_ptr_nonnull(fd);
	*fd = open(path, O_RDONLY | O_CREAT, 0600);
	p->arg = fd;
	conformance_log_session(p);
	return t;
}

static struct pflow_transport *
begin_fifo(struct conformance_peer *p)
{
	int *fd = malloc(sizeof(*fd));

	ck_assert_ptr_nonnull(fd);
	(void)unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	*fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ne(*fd, -1);
	p->arg = fd;
	conformance_log_session(p);
	return make(dest);
}

static void
step(struct conformance_peer *p, size_t octets)
{
	uint8_t buf[4096];
	int fd = *(int *)p->arg;

	while (octets > 0) {
		ssize_t n =
		    read(fd, buf, octets < sizeof(buf) ? octets : sizeof(buf));

		if (n <= 0)
			return;
		conformance_log_add(p, buf, (size_t)n);
		octets -= (size_t)n;
	}
}

static void
reset(struct conformance_peer *p)
{
	close(*(int *)p->arg);
	*(int *)p->arg = -1;
}

static void
end(struct conformance_peer *p)
{
	close(*(int *)p->arg);
	free(p->arg);
}

static const struct conformance_adapter adapters[] = {
    {.name = "file",
	.message_max = 65535,
	.begin = begin_file,
	.step = step,
	.end = end},
    {.name = "file on a FIFO",
	.message_max = 65535,
	.can_stall = true,
	.can_reset = true,
	.begin = begin_fifo,
	.step = step,
	.reset = reset,
	.end = end},
};

START_TEST(test_file_keeps_the_contract)
{
	conformance_case(&adapters[0], _i);
}
END_TEST

START_TEST(test_file_on_a_fifo_keeps_the_contract)
{
	conformance_case(&adapters[1], _i);
}
END_TEST

static off_t
size_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return st.st_size;
}

START_TEST(test_file_empties_what_was_there_at_open_and_not_before)
{
	struct pflow_transport *t;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	ck_assert_int_eq(write(fd, "old octets", 10), 10);
	close(fd);
	t = make(dest);
	ck_assert_int_eq(size_of(path), 10);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(size_of(path), 0);
	ck_assert_uint_eq(t->generation, 1);
	ck_assert_uint_eq(t->overhead, 0);
	t->ops->close(t);
}
END_TEST

START_TEST(test_file_says_why_a_path_can_not_be_opened)
{
	struct pflow_transport *t = make("file:/no/such/directory/x.ipfix");

	ck_assert_int_eq(t->ops->open(t, now), PFLOW_ERR_SYSTEM);
	ck_assert_str_eq(t->ops->error_text(t),
	    "file:/no/such/directory/x.ipfix: can not be opened: "
	    "No such file or directory");
	t->ops->close(t);
	(void)mkfifo(path, 0600);
	t = make(dest);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "nobody reads this pipe"));
	t->ops->close(t);
}
END_TEST

/** RLIMIT_FSIZE stands for the full disk: a short write, then an error. */
START_TEST(test_file_on_a_full_disk_ends_on_a_whole_message)
{
	static uint8_t octets[400];
	struct pflow_message m[4] = {{octets, 400, 2}, {octets, 400, 2},
	    {octets, 400, 2}, {octets, 400, 2}};
	struct rlimit old, tight;
	struct pflow_transport *t = make(dest);
	size_t sent;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	tight = old;
	tight.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &tight), 0);
	ck_assert_int_eq(t->ops->send(t, m, 4, &sent, now), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_uint_eq(sent, 2);
	ck_assert_int_eq(size_of(path), 800);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(t->ops->error_text(t), path));
	ck_assert_uint_eq(conformance_counter(t, "write_errors"), 1);
	ck_assert_uint_eq(conformance_counter(t, "sent_records"), 4);
	/* There is room again: it goes on where it was. */
	ck_assert_int_eq(t->ops->send(t, m + 2, 2, &sent, now), PFLOW_OK);
	ck_assert_int_eq(size_of(path), 1600);
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	t->ops->close(t);
}
END_TEST

START_TEST(test_file_dash_is_standard_output_and_leaves_it_open)
{
	struct pflow_message m = {(const uint8_t *)"abc", 3, 1};
	struct pflow_transport *t;
	int saved = dup(STDOUT_FILENO);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t sent;

	ck_assert_int_ne(dup2(fd, STDOUT_FILENO), -1);
	t = make("file:-");
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, now), PFLOW_OK);
	t->ops->close(t);
	ck_assert_int_eq(write(STDOUT_FILENO, "d", 1), 1);
	ck_assert_int_ne(dup2(saved, STDOUT_FILENO), -1);
	close(saved);
	close(fd);
	ck_assert_int_eq(size_of(path), 4);
}
END_TEST

static struct pflow_transport *
make_rotating(uint64_t octets, uint64_t ns)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;

	pflow_transport_config_init(&cfg);
	cfg.rotate_octets = octets;
	cfg.rotate_ns = ns;
	ck_assert_int_eq(
	    pflow_transport_create(dest, &cfg, &t, err, sizeof(err)),
	    PFLOW_OK);
	return t;
}

static const char *
beside(const char *name)
{
	static char full[128];

	snprintf(full, sizeof(full), "%s/%s", dir, name);
	return full;
}

static struct pflow_now
later(uint64_t ns)
{
	struct pflow_now n = {
	    1000000000 + ns, UINT64_C(1700000000123000000) + ns};

	return n;
}

START_TEST(test_file_that_is_full_is_renamed_and_the_next_begins)
{
	static uint8_t octets[400];
	struct pflow_message m[4] = {{octets, 100, 0}, {octets, 400, 2},
	    {octets, 400, 2}, {octets, 400, 2}};
	struct pflow_transport *t = make_rotating(900, 0);
	const char *first = beside("out.20231114T221320.123Z.ipfix");
	size_t sent;

	ck_assert_int_eq(t->ops->open(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(
	    t->ops->send(t, m, 4, &sent, later(0)), PFLOW_ERR_CLOSED);
	ck_assert_uint_eq(sent, 3);
	ck_assert_uint_eq(t->generation, 1);
	/* Only service() begins another session. */
	ck_assert_int_eq(
	    t->ops->send(t, m + 3, 1, &sent, later(0)), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(t->ops->service(t, later(0)), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 2);
	ck_assert_int_eq(size_of(first), 900);
	ck_assert_int_eq(size_of(path), 0);
	ck_assert_int_eq(
	    t->ops->send(t, m + 3, 1, &sent, later(0)), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(t, "rotations"), 1);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 4);
	t->ops->close(t);
	ck_assert_int_eq(size_of(path), 400);
	(void)unlink(first);
}
END_TEST

START_TEST(test_file_takes_a_message_however_small_the_limit)
{
	static uint8_t octets[400];
	struct pflow_message m[2] = {{octets, 100, 0}, {octets, 400, 2}};
	struct pflow_transport *t = make_rotating(1, 0);
	size_t sent;

	ck_assert_int_eq(t->ops->open(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, m, 2, &sent, later(0)), PFLOW_OK);
	ck_assert_int_eq(size_of(path), 500);
	t->ops->close(t);
}
END_TEST

START_TEST(test_file_that_is_old_is_renamed_once_it_has_records)
{
	static uint8_t octets[400];
	struct pflow_message templates = {octets, 100, 0};
	struct pflow_message data = {octets, 400, 2};
	struct pflow_transport *t = make_rotating(0, 60);
	const char *first = beside("out.20231114T221320.123Z.ipfix");
	struct pflow_want want;
	size_t sent;

	ck_assert_int_eq(t->ops->open(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(
	    t->ops->send(t, &templates, 1, &sent, later(0)), PFLOW_OK);
	t->ops->want(t, &want);
	ck_assert(want.deadline_ns == PFLOW_NEVER);
	ck_assert_int_eq(t->ops->service(t, later(100)), PFLOW_OK);
	ck_assert_int_eq(
	    t->ops->send(t, &data, 1, &sent, later(100)), PFLOW_OK);
	t->ops->want(t, &want);
	ck_assert(want.deadline_ns == later(160).mono_ns);
	ck_assert_int_eq(t->ops->service(t, later(159)), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 1);
	ck_assert_int_eq(t->ops->service(t, later(160)), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 2);
	ck_assert_int_eq(size_of(first), 500);
	t->ops->close(t);
	(void)unlink(first);
}
END_TEST

START_TEST(test_file_with_rotation_overwrites_nothing)
{
	static const struct timespec epoch[2] = {{0, 0}, {0, 0}};
	static uint8_t octets[400];
	struct pflow_message m[2] = {{octets, 400, 2}, {octets, 400, 2}};
	struct pflow_transport *t = make_rotating(500, 0);
	const char *name = beside("out.20231114T221320.123Z.ipfix");
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	size_t sent;

	/* What an earlier run left, and a name that somebody has. */
	ck_assert_int_eq(write(fd, "old octets", 10), 10);
	ck_assert_int_eq(futimens(fd, epoch), 0);
	close(fd);
	close(open(name, O_WRONLY | O_CREAT, 0600));
	ck_assert_int_eq(t->ops->open(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(
	    t->ops->send(t, m, 2, &sent, later(0)), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(t->ops->service(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(size_of(name), 0);
	(void)unlink(name);
	name = beside("out.20231114T221320.124Z.ipfix");
	ck_assert_int_eq(size_of(name), 400);
	(void)unlink(name);
	name = beside("out.19700101T000000.999Z.ipfix");
	ck_assert_int_eq(size_of(name), 10);
	(void)unlink(name);
	t->ops->close(t);
}
END_TEST

START_TEST(test_file_that_can_not_be_rotated_says_so)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;
	int fd;

	pflow_transport_config_init(&cfg);
	cfg.rotate_octets = 1;
	ck_assert_int_eq(
	    pflow_transport_create("file:-", &cfg, &t, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_str_eq(err, "file:-: can not be rotated, expected file:PATH");
	(void)mkfifo(path, 0600);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	t = make_rotating(1, 0);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(t->ops->error_text(t),
	    "can not be rotated, expected a regular file"));
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_file_that_can_not_be_renamed_ends_and_loses_no_message)
{
	static uint8_t octets[400];
	struct pflow_message m[2] = {{octets, 400, 2}, {octets, 400, 2}};
	struct pflow_transport *t = make_rotating(500, 0);
	char moved[96];
	size_t sent;

	snprintf(moved, sizeof(moved), "%s-moved", dir);
	ck_assert_int_eq(t->ops->open(t, later(0)), PFLOW_OK);
	ck_assert_int_eq(
	    t->ops->send(t, m, 2, &sent, later(0)), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(rename(dir, moved), 0);
	ck_assert_int_eq(t->ops->service(t, later(0)), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "can not be renamed to"));
	ck_assert_int_eq(
	    t->ops->send(t, m + 1, 1, &sent, later(0)), PFLOW_ERR_CLOSED);
	ck_assert_uint_eq(sent, 0);
	t->ops->close(t);
	ck_assert_int_eq(rename(moved, dir), 0);
	ck_assert_int_eq(size_of(path), 400);
}
END_TEST

Suite *
suite_file(void)
{
	Suite *s = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, test_file_keeps_the_contract, 0, conformance_cases);
	tcase_add_loop_test(
	    tc, test_file_on_a_fifo_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(
	    tc, test_file_empties_what_was_there_at_open_and_not_before);
	tcase_add_test(tc, test_file_says_why_a_path_can_not_be_opened);
	tcase_add_test(tc, test_file_on_a_full_disk_ends_on_a_whole_message);
	tcase_add_test(
	    tc, test_file_dash_is_standard_output_and_leaves_it_open);
	tcase_add_test(
	    tc, test_file_that_is_full_is_renamed_and_the_next_begins);
	tcase_add_test(tc, test_file_takes_a_message_however_small_the_limit);
	tcase_add_test(
	    tc, test_file_that_is_old_is_renamed_once_it_has_records);
	tcase_add_test(tc, test_file_with_rotation_overwrites_nothing);
	tcase_add_test(tc, test_file_that_can_not_be_rotated_says_so);
	tcase_add_test(
	    tc, test_file_that_can_not_be_renamed_ends_and_loses_no_message);
	suite_add_tcase(s, tc);
	return s;
}
