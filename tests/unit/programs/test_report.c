/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/report.h"

Suite *suite_report(void);

static void
fill(struct pflowi_report *r)
{
	static const struct pflow_counter counters[] = {
		{ "read_packets", "packets read", 12345, PFLOW_COUNTER_INFO },
		{ "cut_packets", "packets cut short", 7, PFLOW_COUNTER_DROP },
		{ "bad_packets", "packets that are bad", 0,
		    PFLOW_COUNTER_DROP },
	};
	size_t i;

	pflowi_report_init(r);
	pflowi_report_text(r, "source", "pcap:a\"b");
	pflowi_report_bool(r, "agree", true);
	pflowi_report_number(r, "records", UINT64_MAX, "made");
	pflowi_report_section(r, "source");
	for (i = 0; i < 3; i++)
		pflowi_report_counter(r, &counters[i]);
}

static void
render(char *out, size_t len, enum pflowi_detail detail, bool json)
{
	struct pflowi_report r;
	FILE *f = fmemopen(out, len, "w");

	fill(&r);
	if (json)
		ck_assert_int_eq(pflowi_report_json(&r, f), PFLOW_OK);
	else
		pflowi_report_print(&r, f, detail);
	fclose(f);
	pflowi_report_fini(&r);
}

START_TEST(test_report_shows_numbers_and_drops_that_are_not_zero)
{
	char out[512];

	render(out, sizeof(out), PFLOWI_DETAIL_DROPS, false);
	ck_assert_str_eq(out,
	    "records             18446744073709551615  made\n"
	    "source.cut_packets                     7  packets cut short\n");
}
END_TEST

START_TEST(test_report_shows_everything_when_asked)
{
	char out[512];

	render(out, sizeof(out), PFLOWI_DETAIL_ALL, false);
	ck_assert_str_eq(out,
	    "records              18446744073709551615  made\n"
	    "source.read_packets                 12345  packets read\n"
	    "source.cut_packets                      7  packets cut short\n"
	    "source.bad_packets                      0  packets that are "
	    "bad\n");
}
END_TEST

START_TEST(test_report_is_one_line_of_json_with_counters_by_section)
{
	char out[512];

	if (!pflowi_report_has_json())
		return;
	render(out, sizeof(out), PFLOWI_DETAIL_DROPS, true);
	ck_assert_str_eq(out, "{\"source\":\"pcap:a\\\"b\",\"agree\":true,"
	    "\"records\":9223372036854775807,\"counters\":{\"source\":{"
	    "\"read_packets\":12345,\"cut_packets\":7,\"bad_packets\":0}}}\n");
}
END_TEST

Suite *
suite_report(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_add_test(tc,
	    test_report_shows_numbers_and_drops_that_are_not_zero);
	tcase_add_test(tc, test_report_shows_everything_when_asked);
	tcase_add_test(tc,
	    test_report_is_one_line_of_json_with_counters_by_section);
	suite_add_tcase(s, tc);
	return s;
}
