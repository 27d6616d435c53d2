/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake/pf_fake.h"
#include "sources/pf_live.h"

Suite *suite_pf_live(void);

#define LIMIT ((size_t)64 << 20)

static char err[300];

static void
setup(void)
{
	pf_fake_reset();
	err[0] = '\0';
}

/** Read a whole table and compare it with the faked one. */
static int
read_table(const struct pf_system *sys, struct pflowi_pf_live *live, unsigned *n)
{
	struct pflowi_pf_raw raw;
	int rc = sys->begin(live, err, sizeof(err));

	*n = 0;
	while (rc == PFLOW_OK) {
		struct gen_state want;
		struct pflow_state st;

		rc = sys->next(live, &raw, err, sizeof(err));
		if (rc != PFLOW_OK)
			break;
		pf_fake_state((*n)++, &want);
		ck_assert_uint_eq(raw.id, want.id);
		ck_assert_uint_eq(raw.creatorid, want.creatorid);
		ck_assert_uint_eq(raw.bytes[0], want.bytes[0]);
		ck_assert_uint_eq(raw.bytes[1], want.bytes[1]);
		ck_assert_uint_eq(raw.packets[1], want.packets[1]);
		ck_assert_str_eq(raw.ifname, want.ifname);
		ck_assert_uint_eq(raw.age_s, want.age);
		ck_assert_int_eq(raw.marked, want.flags == GEN_PFLOW);
		ck_assert_int_eq(pflowi_pf_state(&raw, UINT64_C(1) << 60, &st),
		    PFLOWI_PF_GOOD);
		ck_assert_uint_eq(pflow_state_pre(&st)->port[1] != 0,
		    want.proto == 6 || want.proto == 17);
	}
	return rc;
}

static struct pflowi_pf_live *
open_live(const struct pf_system *sys)
{
	struct pflowi_pf_live *live;

	ck_assert_int_eq(sys->open(&live, LIMIT, err, sizeof(err)), PFLOW_OK);
	ck_assert_ptr_nonnull(live);
	ck_assert(*sys->available);
	return live;
}

static void
check_closed(const struct pf_system *sys, struct pflowi_pf_live *live)
{
	sys->close(live);
	ck_assert_uint_eq(pf_fake.closes, pf_fake.opens);
}

START_TEST(test_openbsd_reads_the_table_again_and_again)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_openbsd);
	unsigned n, pass;

	for (pass = 0; pass < 3; pass++) {
		pf_fake.states = 300 + pass * 1000;
		ck_assert_int_eq(read_table(&pf_fake_openbsd, live, &n),
		    PFLOW_EOF);
		ck_assert_uint_eq(n, pf_fake.states);
	}
	pf_fake.states = 0;
	ck_assert_int_eq(read_table(&pf_fake_openbsd, live, &n), PFLOW_EOF);
	ck_assert_uint_eq(n, 0);
	check_closed(&pf_fake_openbsd, live);
}
END_TEST

START_TEST(test_openbsd_asks_again_with_more_room_while_the_table_grows)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_openbsd);
	unsigned n;

	pf_fake.states = 10;
	pf_fake.growth = 900;
	ck_assert_int_eq(read_table(&pf_fake_openbsd, live, &n), PFLOW_EOF);
	ck_assert_uint_gt(pf_fake.requests, 2);
	ck_assert_uint_eq(n, pf_fake.states); /* none was left out */
	ck_assert_uint_eq(pf_fake.command & 0xffff, 0x4419);
	check_closed(&pf_fake_openbsd, live);
}
END_TEST

START_TEST(test_errors_of_the_device_are_named)
{
	static const struct pf_system *const systems[] = { &pf_fake_openbsd,
		&pf_fake_freebsd };
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct pf_system *sys = systems[i];
		struct pflowi_pf_live *live;
		unsigned n;

		pf_fake_reset();
		pf_fake.socket_errno = EAFNOSUPPORT;
		pf_fake.open_errno = EACCES;
		ck_assert_int_eq(sys->open(&live, LIMIT, err, sizeof(err)),
		    PFLOW_ERR_SYSTEM);
		ck_assert_ptr_null(live);
		ck_assert_ptr_nonnull(strstr(err, "/dev/pf: "));
		ck_assert_ptr_nonnull(strstr(err, strerror(EACCES)));
		pf_fake.open_errno = 0;
		live = open_live(sys);
		pf_fake.ioctl_errno = pf_fake.ioctl_v2_errno = EPERM;
		ck_assert_int_eq(read_table(sys, live, &n), PFLOW_ERR_SYSTEM);
		ck_assert_ptr_nonnull(strstr(err, "DIOCGETSTATES"));
		ck_assert_ptr_nonnull(strstr(err, strerror(EPERM)));
		check_closed(sys, live);
	}
}
END_TEST

START_TEST(test_a_table_larger_than_the_memory_limit_is_refused)
{
	struct pflowi_pf_live *live;
	unsigned n;

	ck_assert_int_eq(pf_fake_openbsd.open(&live, 1000000, err, sizeof(err)),
	    PFLOW_OK);
	pf_fake.states = 5000;
	ck_assert_int_eq(read_table(&pf_fake_openbsd, live, &n),
	    PFLOW_ERR_NOMEM);
	ck_assert_ptr_nonnull(strstr(err, "1320000"));
	ck_assert_ptr_nonnull(strstr(err, "1000000"));
	check_closed(&pf_fake_openbsd, live);
}
END_TEST

START_TEST(test_freebsd_reads_over_netlink)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_freebsd);
	unsigned n, pass;

	for (pass = 0; pass < 3; pass++) {
		pf_fake.states = 20 + pass;
		pf_fake.acknowledge = pass == 1;
		ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
		    PFLOW_EOF);
		ck_assert_uint_eq(n, pf_fake.states);
	}
	ck_assert_uint_eq(pf_fake.opens, 1); /* no device */
	check_closed(&pf_fake_freebsd, live);
}
END_TEST

START_TEST(test_freebsd_takes_datagrams_longer_than_its_buffer)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_freebsd);
	unsigned n;

	pf_fake.states = 2000;
	pf_fake.per_datagram = 1500; /* some 600 KB */
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n), PFLOW_EOF);
	ck_assert_uint_eq(n, 2000);
	ck_assert_uint_gt(pf_fake.largest, 65536);
	check_closed(&pf_fake_freebsd, live);
}
END_TEST

START_TEST(test_freebsd_without_the_family_asks_for_v2_then_for_1301)
{
	static const int nothing[][2] = { { EAFNOSUPPORT, 0 }, { 0, ENOENT } };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct pflowi_pf_live *live;
		unsigned n;

		pf_fake_reset();
		pf_fake.socket_errno = nothing[i][0];
		pf_fake.family_errno = nothing[i][1];
		pf_fake.layout = gen_is_big() ? GEN_V2_BIG : GEN_V2_LITTLE;
		pf_fake.states = 24;
		live = open_live(&pf_fake_freebsd);
		ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
		    PFLOW_EOF);
		ck_assert_uint_eq(n, 24);
		ck_assert_uint_eq(pf_fake.command & 0xffff, 0x445d);
		pf_fake.ioctl_v2_errno = ENODEV;
		pf_fake.layout = GEN_1301;
		ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
		    PFLOW_EOF);
		ck_assert_uint_eq(n, 24);
		ck_assert_uint_eq(pf_fake.command & 0xffff, 0x4419);
		check_closed(&pf_fake_freebsd, live);
	}
}
END_TEST

START_TEST(test_freebsd_leaves_out_rows_that_do_not_fit_and_is_asked_again)
{
	struct pflowi_pf_live *live;
	unsigned n;

	pf_fake.socket_errno = EAFNOSUPPORT;
	pf_fake.layout = gen_is_big() ? GEN_V2_BIG : GEN_V2_LITTLE;
	pf_fake.states = 24;
	pf_fake.growth = 500;
	pf_fake.row = 60 * 384;
	live = open_live(&pf_fake_freebsd);
	/* af-to states of the example lose their second family in V2. */
	ck_assert_int_eq(pf_fake_freebsd.begin(live, err, sizeof(err)),
	    PFLOW_OK);
	for (n = 0;; n++) {
		struct pflowi_pf_raw raw;

		if (pf_fake_freebsd.next(live, &raw, err, sizeof(err)) !=
		    PFLOW_OK)
			break;
	}
	ck_assert_uint_eq(n, pf_fake.states);
	check_closed(&pf_fake_freebsd, live);
}
END_TEST

START_TEST(test_a_dump_that_failed_is_no_whole_table)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_freebsd);
	unsigned n;

	pf_fake.states = 24;
	pf_fake.dump_errno = EPERM;
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
	    PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(err, strerror(EPERM)));
	pf_fake.dump_errno = 0;
	pf_fake.interrupted = true;
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
	    PFLOW_ERR_SYSTEM);
	pf_fake.interrupted = false;
	pf_fake.receive_errno = ENOBUFS;
	pf_fake.receives = 4;
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
	    PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(err, strerror(ENOBUFS)));
	pf_fake.receive_errno = 0;
	/* What is left of the failed dumps is passed over. */
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n), PFLOW_EOF);
	ck_assert_uint_eq(n, 24);
	check_closed(&pf_fake_freebsd, live);
}
END_TEST

START_TEST(test_a_family_without_the_command_leads_to_the_device_next_time)
{
	struct pflowi_pf_live *live = open_live(&pf_fake_freebsd);
	unsigned n;

	pf_fake.layout = gen_is_big() ? GEN_V2_BIG : GEN_V2_LITTLE;
	pf_fake.dump_errno = EOPNOTSUPP;
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n),
	    PFLOW_ERR_SYSTEM);
	pf_fake.states = 5;
	ck_assert_int_eq(read_table(&pf_fake_freebsd, live, &n), PFLOW_EOF);
	ck_assert_uint_eq(n, 5);
	check_closed(&pf_fake_freebsd, live);
}
END_TEST

START_TEST(test_systems_without_pf_name_the_alternatives)
{
	struct pflowi_pf_live *live;

	if (pflowi_pf_live_available)
		return; /* this machine has it */
	ck_assert_int_eq(pflowi_pf_live_open(&live, LIMIT, err, sizeof(err)),
	    PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_null(live);
	ck_assert_ptr_nonnull(strstr(err, "pf:PATH"));
	ck_assert_ptr_nonnull(strstr(err, "pfsync:PATH"));
	pflowi_pf_live_close(live);
}
END_TEST

Suite *
suite_pf_live(void)
{
	Suite *s = suite_create("sources/pf_live");
	TCase *t = tcase_create("pf_live");

	tcase_add_checked_fixture(t, setup, pf_fake_reset);
	tcase_add_test(t, test_openbsd_reads_the_table_again_and_again);
	tcase_add_test(t,
	    test_openbsd_asks_again_with_more_room_while_the_table_grows);
	tcase_add_test(t, test_errors_of_the_device_are_named);
	tcase_add_test(t,
	    test_a_table_larger_than_the_memory_limit_is_refused);
	tcase_add_test(t, test_freebsd_reads_over_netlink);
	tcase_add_test(t,
	    test_freebsd_takes_datagrams_longer_than_its_buffer);
	tcase_add_test(t,
	    test_freebsd_without_the_family_asks_for_v2_then_for_1301);
	tcase_add_test(t,
	    test_freebsd_leaves_out_rows_that_do_not_fit_and_is_asked_again);
	tcase_add_test(t, test_a_dump_that_failed_is_no_whole_table);
	tcase_add_test(t,
	    test_a_family_without_the_command_leads_to_the_device_next_time);
	tcase_add_test(t, test_systems_without_pf_name_the_alternatives);
	suite_add_tcase(s, t);
	return s;
}
