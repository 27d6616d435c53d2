/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "gen/gen.h"
#include "sources/pf_recognize.h"

Suite *suite_pf_recognize(void);

/* Layouts that tables are recognized in, and what must come out. */
static const struct {
	enum gen_layout gen;
	enum pflowi_pf_layout_id layout;
	enum pflowi_pf_order order;
} rows[] = {
	{ GEN_OPENBSD, PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG },
	{ GEN_1301, PFLOWI_PF_LAYOUT_freebsd_1301, PFLOWI_PF_BIG },
	{ GEN_1400, PFLOWI_PF_LAYOUT_freebsd_1400, PFLOWI_PF_BIG },
	{ GEN_1500, PFLOWI_PF_LAYOUT_freebsd_1500, PFLOWI_PF_BIG },
	{ GEN_V2_LITTLE, PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE },
	{ GEN_V2_BIG, PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_BIG },
	{ GEN_MACOS_LITTLE, PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_LITTLE },
	{ GEN_MACOS_BIG, PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_BIG },
	{ GEN_PFSYNC4, PFLOWI_PF_LAYOUT_pfsync_4, PFLOWI_PF_BIG },
	{ GEN_PFSYNC5, PFLOWI_PF_LAYOUT_pfsync_4, PFLOWI_PF_BIG },
	{ GEN_PFSYNC3, PFLOWI_PF_LAYOUT_pfsync_3, PFLOWI_PF_BIG },
	{ GEN_PFSYNC2, PFLOWI_PF_LAYOUT_pfsync_2, PFLOWI_PF_BIG },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
table(struct gen_buf *b, enum gen_layout layout, size_t n)
{
	size_t i;

	b->len = 0;
	for (i = 0; i < n; i++)
		gen_state(b, layout,
		    &gen_example[i % gen_example_count].st);
}

START_TEST(test_every_layout_is_recognized_from_any_number_of_states)
{
	/* Without af-to and nothing else that a layout cannot carry. */
	static const size_t counts[] = { 1, 2, 3, 5, 10, 24, 200 };
	size_t r, c;

	for (r = 0; r < ROWS; r++) {
		for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			struct gen_buf b = { NULL, 0, 0 };
			struct pflowi_pf_format f;
			char err[300];
			size_t n = counts[c] < 24 ? counts[c] : 24;

			table(&b, rows[r].gen, n);
			ck_assert_msg(pflowi_pf_recognize(b.p, b.len, b.len, &f,
			    err, sizeof(err)) == PFLOW_OK, "layout %d, %zu: %s",
			    (int)rows[r].gen, n, err);
			ck_assert(!f.text);
			ck_assert_msg(f.layout == rows[r].layout,
			    "layout %d of %zu states taken for %s",
			    (int)rows[r].gen, n,
			    pflowi_pf_layout_info(f.layout)->name);
			ck_assert_int_eq(f.order, rows[r].order);
			gen_free(&b);
		}
	}
}
END_TEST

START_TEST(test_every_state_of_the_example_is_recognized_alone)
{
	size_t r, i;

	for (r = 0; r < 4; r++) {
		for (i = 0; i < gen_example_count; i++) {
			struct gen_buf b = { NULL, 0, 0 };
			struct pflowi_pf_format f;
			char err[300];

			gen_state(&b, rows[r].gen, &gen_example[i].st);
			ck_assert_int_eq(pflowi_pf_recognize(b.p, b.len, b.len,
			    &f, err, sizeof(err)), PFLOW_OK);
			ck_assert_int_eq(f.layout, rows[r].layout);
			gen_free(&b);
		}
	}
}
END_TEST

START_TEST(test_a_table_cut_inside_a_record_is_still_recognized)
{
	size_t r, cut;

	for (r = 0; r < ROWS; r++) {
		struct gen_buf b = { NULL, 0, 0 };
		size_t size = gen_state_size(rows[r].gen);

		table(&b, rows[r].gen, 8);
		for (cut = size * 2 + 1; cut < b.len; cut += 13) {
			struct pflowi_pf_format f;
			char err[300];

			ck_assert_int_eq(pflowi_pf_recognize(b.p, cut, cut, &f,
			    err, sizeof(err)), PFLOW_OK);
			ck_assert_int_eq(f.layout, rows[r].layout);
		}
		gen_free(&b);
	}
}
END_TEST

START_TEST(test_records_without_a_family_do_not_hide_the_layout)
{
	struct gen_buf b = { NULL, 0, 0 };
	struct pflowi_pf_format f;
	char err[300];

	table(&b, GEN_OPENBSD, 6);
	b.p[62] = b.p[102] = b.p[250] = 0;
	b.p[264 + 252] = 0;
	ck_assert_int_eq(pflowi_pf_recognize(b.p, b.len, b.len, &f, err,
	    sizeof(err)), PFLOW_OK);
	ck_assert_int_eq(f.layout, PFLOWI_PF_LAYOUT_openbsd);
	gen_free(&b);
}
END_TEST

START_TEST(test_what_is_no_table_is_refused_with_a_reason)
{
	static const uint8_t pcap[24] = { 0xd4, 0xc3, 0xb2, 0xa1 };
	uint8_t noise[4096];
	struct pflowi_pf_format f;
	uint32_t x = 1;
	char err[300];
	size_t i;

	ck_assert_int_eq(pflowi_pf_recognize(pcap, 24, 24, &f, err,
	    sizeof(err)), PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err, "pfsync:PATH"));
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
	for (i = 64; i < sizeof(noise); i += 7) {
		ck_assert_int_eq(pflowi_pf_recognize(noise, i, i, &f, err,
		    sizeof(err)), PFLOW_ERR_UNSUPPORTED);
		ck_assert_ptr_nonnull(strstr(err, "layout=NAME"));
	}
	memset(noise, 0, sizeof(noise));
	ck_assert_int_eq(pflowi_pf_recognize(noise, 264 * 15, 264 * 15, &f, err,
	    sizeof(err)), PFLOW_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(test_text_is_recognized)
{
	static const char s[] = "all tcp 10.0.0.2:22 <- 10.0.0.7:5555  A:B\n";
	struct pflowi_pf_format f;
	char err[300];

	ck_assert_int_eq(pflowi_pf_recognize((const uint8_t *)s, sizeof(s) - 1,
	    0, &f, err, sizeof(err)), PFLOW_OK);
	ck_assert(f.text);
}
END_TEST

START_TEST(test_formats_have_names_and_orders)
{
	static const struct {
		const char *name;
		bool known, text;
		enum pflowi_pf_layout_id layout;
		enum pflowi_pf_order order;
	} names[] = {
		{ "text", true, true, PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_LITTLE },
		{ "openbsd", true, false, PFLOWI_PF_LAYOUT_openbsd,
		    PFLOWI_PF_LITTLE },
		{ "freebsd-v2", true, false, PFLOWI_PF_LAYOUT_freebsd_v2,
		    PFLOWI_PF_LITTLE },
		{ "freebsd-v2-be", true, false, PFLOWI_PF_LAYOUT_freebsd_v2,
		    PFLOWI_PF_BIG },
		{ "macos-le", true, false, PFLOWI_PF_LAYOUT_macos,
		    PFLOWI_PF_LITTLE },
		{ "pfsync-5", true, false, PFLOWI_PF_LAYOUT_pfsync_5,
		    PFLOWI_PF_LITTLE },
		{ "openbsd-be", false, false, PFLOWI_PF_LAYOUT_openbsd,
		    PFLOWI_PF_LITTLE },
		{ "", false, false, PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_LITTLE },
		{ "freebsd", false, false, PFLOWI_PF_LAYOUT_openbsd,
		    PFLOWI_PF_LITTLE },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pflowi_pf_format f;
		char err[360] = "";

		ck_assert_int_eq(pflowi_pf_format_by_name(names[i].name,
		    strlen(names[i].name), &f, err, sizeof(err)),
		    names[i].known);
		if (!names[i].known) {
			ck_assert_ptr_nonnull(strstr(err, "openbsd"));
			ck_assert_ptr_nonnull(strstr(err, "pfsync-2"));
			continue;
		}
		ck_assert_int_eq(f.text, names[i].text);
		if (!f.text) {
			ck_assert_int_eq(f.layout, names[i].layout);
			ck_assert_int_eq(f.order, names[i].order);
		}
	}
}
END_TEST

Suite *
suite_pf_recognize(void)
{
	Suite *s = suite_create("sources/pf_recognize");
	TCase *t = tcase_create("pf_recognize");

	tcase_add_test(t,
	    test_every_layout_is_recognized_from_any_number_of_states);
	tcase_add_test(t, test_every_state_of_the_example_is_recognized_alone);
	tcase_add_test(t,
	    test_a_table_cut_inside_a_record_is_still_recognized);
	tcase_add_test(t,
	    test_records_without_a_family_do_not_hide_the_layout);
	tcase_add_test(t, test_what_is_no_table_is_refused_with_a_reason);
	tcase_add_test(t, test_text_is_recognized);
	tcase_add_test(t, test_formats_have_names_and_orders);
	suite_add_tcase(s, t);
	return s;
}
