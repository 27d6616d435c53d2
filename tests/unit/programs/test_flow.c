/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "programs/pflowdump/flow.h"

Suite *suite_flow(void);

static char text[2048];

static void
example(struct pflow_state *st, struct pflow_decoded_header *hdr)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 };
	static const uint8_t dst[4] = { 198, 51, 100, 2 };

	pflow_state_init(st);
	pflow_state_set_key(st, PFLOW_AF_IPV4, src, 49152, dst, 443);
	st->protocol = 6;
	st->packets[0] = 10;
	st->octets[0] = 1500;
	st->start_ns = UINT64_C(1700000000123456789);
	st->last_ns = UINT64_C(1700000002999999999);
	st->present = PFLOW_HAS_TCP_FLAGS | PFLOW_HAS_TOS | PFLOW_HAS_IFINDEX;
	st->tcp_flags[0] = 0x1b;
	st->ifindex[0] = 3;
	memset(hdr, 0, sizeof(*hdr));
	hdr->version = 10;
	hdr->domain_id = 42;
}

static const char *
write_flow(enum pflowdump_format format, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, const char *exporter)
{
	struct pflowdump_writer w;
	FILE *f = fmemopen(text, sizeof(text), "w");

	pflowdump_writer_init(&w, f, format);
	pflowdump_writer_flow(&w, st, hdr, exporter);
	fclose(f);
	return text;
}

START_TEST(test_flow_is_a_row_in_utc_with_milliseconds)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	ck_assert_str_eq(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "2023-11-14 22:13:20.123       2.876  tcp     192.0.2.1:49152      "
	    "  198.51.100.2:443               10          1500  ...AP.SF     "
	    "0      3      0\n");
}
END_TEST

START_TEST(test_row_stands_under_its_heading)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;
	struct pflowdump_writer w;
	FILE *f = fmemopen(text, sizeof(text), "w");
	const char *row;

	example(&st, &hdr);
	pflowdump_writer_init(&w, f, PFLOWDUMP_TABLE);
	pflowdump_writer_heading(&w);
	pflowdump_writer_flow(&w, &st, &hdr, "");
	fclose(f);
	row = strchr(text, '\n') + 1;
	ck_assert_int_eq(row - text, (long)strlen(row));
	ck_assert_int_eq(strstr(text, "source") - text,
	    strstr(row, "192") - row);
	ck_assert_int_eq(strstr(text, "flags") - text, strstr(row, "...") - row);
}
END_TEST

START_TEST(test_flow_says_nothing_that_the_record_did_not)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	st.present = 0;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "1500  -            -      -      -\n"));
	ck_assert_ptr_null(strstr(write_flow(PFLOWDUMP_JSON, &st, &hdr, ""),
	    "tos"));
}
END_TEST

START_TEST(test_flow_of_icmp_shows_type_and_code)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	st.protocol = 1;
	st.key[0].port[0] = st.key[1].port[0] = 0;
	st.key[0].port[1] = st.key[1].port[1] = 0x0303;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "icmp    192.0.2.1              198.51.100.2:3.3 "));
	st.present |= PFLOW_HAS_ICMP;
	st.icmp[0] = 0x0b01;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "198.51.100.2:11.1 "));
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_JSON, &st, &hdr, ""),
	    "\"icmp_type\":11,\"icmp_code\":1,"));
	ck_assert_ptr_null(strstr(text, "port"));
}
END_TEST

START_TEST(test_flow_is_a_line_of_json)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	ck_assert_str_eq(write_flow(PFLOWDUMP_JSON, &st, &hdr, "192.0.2.9:7"),
	    "{\"start\":\"2023-11-14T22:13:20.123Z\","
	    "\"end\":\"2023-11-14T22:13:22.999Z\",\"protocol\":6,"
	    "\"source\":\"192.0.2.1\",\"destination\":\"198.51.100.2\","
	    "\"source_port\":49152,\"destination_port\":443,\"packets\":10,"
	    "\"octets\":1500,\"tcp_flags\":27,\"tos\":0,\"in\":3,\"out\":0,"
	    "\"version\":10,\"domain\":42,\"exporter\":\"192.0.2.9:7\"}\n");
}
END_TEST

START_TEST(test_flow_of_csv_has_as_many_columns_as_the_heading)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;
	struct pflowdump_writer w;
	FILE *f = fmemopen(text, sizeof(text), "w");
	const char *p;
	int commas[2] = { 0, 0 }, line = 0;

	example(&st, &hdr);
	pflowdump_writer_init(&w, f, PFLOWDUMP_CSV);
	pflowdump_writer_heading(&w);
	pflowdump_writer_flow(&w, &st, &hdr, "");
	fclose(f);
	for (p = text; *p != '\0' && line < 2; p++) {
		commas[line] += *p == ',';
		line += *p == '\n';
	}
	ck_assert_int_eq(commas[0], 26);
	ck_assert_int_eq(commas[1], 26);
	ck_assert_ptr_nonnull(strstr(text, "2023-11-14T22:13:20.123Z,"
	    "2023-11-14T22:13:22.999Z,6,192.0.2.1,49152,198.51.100.2,443,,,10,"
	    "1500,,,27,0,3,0,,,,,,,,10,42,\n"));
}
END_TEST

START_TEST(test_flow_shows_translation_and_the_other_way_of_a_biflow)
{
	static const uint8_t nat[4] = { 203, 0, 113, 7 };
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	st.direction = PFLOW_DIR_IN;
	st.flags |= PFLOW_STATE_TRANSLATED;
	memcpy(st.key[PFLOW_STACK].addr[0], nat, 4);
	st.key[PFLOW_STACK].port[0] = 1024;
	st.packets[1] = 8;
	st.octets[1] = 9000;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_JSON, &st, &hdr, ""),
	    "\"reverse_packets\":8,\"reverse_octets\":9000,"));
	ck_assert_ptr_nonnull(strstr(text, "\"source\":\"192.0.2.1\""));
	ck_assert_ptr_nonnull(strstr(text, "\"translated_source\":"
	    "\"203.0.113.7\",\"translated_source_port\":1024,"));
	write_flow(PFLOWDUMP_TABLE, &st, &hdr, "");
	ck_assert_ptr_nonnull(strstr(strchr(text, '\n') + 1,
	    "198.51.100.2:443       192.0.2.1:49152                 8          "
	    "9000"));
}
END_TEST

START_TEST(test_flow_that_is_a_nat_event_says_so)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	hdr.nat_event = 4;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "  nat44new  "));
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_JSON, &st, &hdr, ""),
	    ",\"nat_event\":4,"));
}
END_TEST

START_TEST(test_flow_of_a_time_beyond_calendars_is_still_a_row)
{
	struct pflow_state st;
	struct pflow_decoded_header hdr;

	example(&st, &hdr);
	st.start_ns = UINT64_MAX;
	st.last_ns = 0;
	ck_assert_ptr_nonnull(strstr(write_flow(PFLOWDUMP_TABLE, &st, &hdr, ""),
	    "2554-07-21 23:34:33.709       0.000  tcp"));
}
END_TEST

Suite *
suite_flow(void)
{
	Suite *s = suite_create("flow");
	TCase *tc = tcase_create("flow");

	tcase_add_test(tc, test_flow_is_a_row_in_utc_with_milliseconds);
	tcase_add_test(tc, test_row_stands_under_its_heading);
	tcase_add_test(tc, test_flow_says_nothing_that_the_record_did_not);
	tcase_add_test(tc, test_flow_of_icmp_shows_type_and_code);
	tcase_add_test(tc, test_flow_is_a_line_of_json);
	tcase_add_test(tc, test_flow_of_csv_has_as_many_columns_as_the_heading);
	tcase_add_test(tc,
	    test_flow_shows_translation_and_the_other_way_of_a_biflow);
	tcase_add_test(tc, test_flow_that_is_a_nat_event_says_so);
	tcase_add_test(tc, test_flow_of_a_time_beyond_calendars_is_still_a_row);
	suite_add_tcase(s, tc);
	return s;
}
