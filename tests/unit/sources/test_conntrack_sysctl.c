/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/conntrack_link.h"

Suite *suite_conntrack_sysctl(void);

static char dir[] = "/tmp/pflow-sysctl-XXXXXX";
static const char *const names[] = { "nf_conntrack_acct",
	"nf_conntrack_timestamp", "nf_conntrack_events",
	"nf_conntrack_udp_timeout" };
static char notes[640];

static void
put(const char *name, const char *value)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(value, f);
	fclose(f);
}

static void
setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	notes[0] = '\0';
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

START_TEST(test_nothing_is_noted_when_all_is_on)
{
	put("nf_conntrack_acct", "1\n");
	put("nf_conntrack_timestamp", "1\n");
	put("nf_conntrack_events", "1\n");
	pflowi_ct_check_sysctls(dir, 1000, true, notes, sizeof(notes));
	ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(test_each_switch_that_is_off_is_named_with_its_sysctl)
{
	put("nf_conntrack_acct", "0\n");
	put("nf_conntrack_timestamp", "0\n");
	put("nf_conntrack_events", "0\n");
	pflowi_ct_check_sysctls(dir, 0, true, notes, sizeof(notes));
	ck_assert_ptr_eq(strstr(notes, "conntrack: "), notes);
	ck_assert_ptr_nonnull(strstr(notes,
	    "sysctl -w net.netfilter.nf_conntrack_acct=1"));
	ck_assert_ptr_nonnull(strstr(notes,
	    "sysctl -w net.netfilter.nf_conntrack_timestamp=1"));
	ck_assert_ptr_nonnull(strstr(notes,
	    "sysctl -w net.netfilter.nf_conntrack_events=1"));
	ck_assert_ptr_null(strchr(notes, '\n'));
}
END_TEST

START_TEST(test_events_on_demand_are_noted_only_with_flows_older_than_us)
{
	put("nf_conntrack_acct", "1\n");
	put("nf_conntrack_timestamp", "1\n");
	put("nf_conntrack_events", "2\n");
	pflowi_ct_check_sysctls(dir, 0, false, notes, sizeof(notes));
	ck_assert_str_eq(notes, "");
	pflowi_ct_check_sysctls(dir, 42, false, notes, sizeof(notes));
	ck_assert_ptr_nonnull(strstr(notes, "42 flows are older"));
	ck_assert_ptr_nonnull(strstr(notes, "nf_conntrack_events=1"));
}
END_TEST

START_TEST(test_notes_before_are_kept_and_missing_files_are_named)
{
	put("nf_conntrack_acct", "1\n");
	put("nf_conntrack_timestamp", "gibberish\n");
	strcpy(notes, "conntrack: something before");
	pflowi_ct_check_sysctls(dir, 0, false, notes, sizeof(notes));
	ck_assert_ptr_eq(strstr(notes, "conntrack: something before; "),
	    notes);
	ck_assert_ptr_nonnull(strstr(notes, "/nf_conntrack_timestamp: "));
	ck_assert_ptr_nonnull(strstr(notes, "/nf_conntrack_events: "));
	ck_assert_ptr_null(strstr(notes, "acct"));
}
END_TEST

START_TEST(test_notes_never_pass_their_end)
{
	size_t n;

	for (n = 1; n < 300; n++) {
		char *small = malloc(n);

		ck_assert_ptr_nonnull(small);
		small[0] = '\0';
		pflowi_ct_check_sysctls(dir, 0, false, small, n);
		ck_assert_uint_lt(strlen(small), n);
		free(small);
	}
}
END_TEST

START_TEST(test_timeouts_are_read_and_unknown_ones_stay_zero)
{
	struct pflowi_ct_timeouts t;

	memset(&t, 0xff, sizeof(t));
	put("nf_conntrack_udp_timeout", "45\n");
	pflowi_ct_read_timeouts(dir, &t);
	ck_assert_uint_eq(t.s[PFLOWI_CT_T_UDP], 45);
	ck_assert_uint_eq(t.s[PFLOWI_CT_T_ICMP], 0);
	ck_assert_uint_eq(t.s[PFLOWI_CT_T_TCP_ESTABLISHED], 0);
}
END_TEST

Suite *
suite_conntrack_sysctl(void)
{
	Suite *s = suite_create("sources/conntrack_sysctl");
	TCase *t = tcase_create("sysctl");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_nothing_is_noted_when_all_is_on);
	tcase_add_test(t,
	    test_each_switch_that_is_off_is_named_with_its_sysctl);
	tcase_add_test(t,
	    test_events_on_demand_are_noted_only_with_flows_older_than_us);
	tcase_add_test(t,
	    test_notes_before_are_kept_and_missing_files_are_named);
	tcase_add_test(t, test_notes_never_pass_their_end);
	tcase_add_test(t, test_timeouts_are_read_and_unknown_ones_stay_zero);
	suite_add_tcase(s, t);
	return s;
}
