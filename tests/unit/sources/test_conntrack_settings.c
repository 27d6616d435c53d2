/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "sources/conntrack_settings.h"

Suite *suite_conntrack_settings(void);

static struct pflowi_ct_settings set;
static char err[200];

static int
parse(const char *argument)
{
	return pflowi_ct_settings_parse(&set, argument, err, sizeof(err));
}

START_TEST(test_no_argument_selects_every_flow)
{
	struct pflowi_ct_flow f;

	memset(&f, 0, sizeof(f));
	ck_assert_int_eq(parse(""), PFLOW_OK);
	ck_assert(pflowi_ct_selected(&set, &f));
	ck_assert_uint_eq(set.buffer, PFLOWI_CT_BUFFER_DEFAULT);
	ck_assert(!set.nat_events && !set.interfaces && !set.reliable);
}
END_TEST

START_TEST(test_mark_selects_under_its_mask)
{
	struct pflowi_ct_flow f;

	memset(&f, 0, sizeof(f));
	ck_assert_int_eq(parse("mark=0x10/0xf0"), PFLOW_OK);
	f.mark = 0x1f;
	ck_assert(pflowi_ct_selected(&set, &f));
	f.mark = 0x110;
	ck_assert(pflowi_ct_selected(&set, &f));
	f.mark = 0x30;
	ck_assert(!pflowi_ct_selected(&set, &f));
	ck_assert_int_eq(parse("mark=16"), PFLOW_OK);
	f.mark = 0x110;
	ck_assert(!pflowi_ct_selected(&set, &f));
	f.mark = 0x10;
	ck_assert(pflowi_ct_selected(&set, &f));
	ck_assert_int_eq(parse("mark=0/1"), PFLOW_OK);
	f.mark = 2;
	ck_assert(pflowi_ct_selected(&set, &f));
	f.mark = 3;
	ck_assert(!pflowi_ct_selected(&set, &f));
}
END_TEST

START_TEST(test_label_or_mark_selects)
{
	struct pflowi_ct_flow f;
	unsigned long word = 1ul << 5;

	memset(&f, 0, sizeof(f));
	ck_assert_int_eq(parse("label=5,mark=1"), PFLOW_OK);
	ck_assert(!pflowi_ct_selected(&set, &f));
	f.label_octets = 16;
	memcpy(f.labels, &word, sizeof(word));
	ck_assert(pflowi_ct_selected(&set, &f));
	f.label_octets = 0;
	ck_assert(!pflowi_ct_selected(&set, &f));
	f.mark = 1;
	ck_assert(pflowi_ct_selected(&set, &f));
}
END_TEST

START_TEST(test_all_words_together)
{
	ck_assert_int_eq(parse("nat-events,interfaces,reliable,buffer=64K,"
	    "label=127,mark=0xFFFFFFFF/0xffffffff"), PFLOW_OK);
	ck_assert(set.nat_events && set.interfaces && set.reliable);
	ck_assert(set.by_mark && set.by_label);
	ck_assert_uint_eq(set.label, 127);
	ck_assert_uint_eq(set.mark, UINT32_MAX);
	ck_assert_uint_eq(set.buffer, 65536);
	ck_assert_int_eq(parse("buffer=1024M"), PFLOW_OK);
	ck_assert_uint_eq(set.buffer, UINT32_C(1) << 30);
	ck_assert_int_eq(parse("buffer=4096"), PFLOW_OK);
}
END_TEST

START_TEST(test_wrong_words_are_named_with_what_would_be_right)
{
	static const struct {
		const char *argument, *named, *right;
	} wrong[] = {
		{ "frobnicate", "frobnicate", "expected" },
		{ "mark", "mark", "mark=VALUE" },
		{ "mark=", "mark=", "mark=VALUE" },
		{ "mark=x", "mark=x", "mark=VALUE" },
		{ "mark=0x", "mark=0x", "mark=VALUE" },
		{ "mark=1/", "mark=1/", "mark=VALUE" },
		{ "mark=1/2/3", "mark=1/2/3", "mark=VALUE" },
		{ "mark=4294967296", "mark=4294967296", "32 bits" },
		{ "mark=3/1", "mark=3/1", "outside" },
		{ "mark=-1", "mark=-1", "mark=VALUE" },
		{ "label=128", "label=128", "0 to 127" },
		{ "label=", "label=", "0 to 127" },
		{ "buffer=1", "buffer=1", "4K to 1024M" },
		{ "buffer=1025M", "buffer=1025M", "4K to 1024M" },
		{ "buffer=K", "buffer=K", "4K to 1024M" },
		{ "reliable=1", "reliable=1", "expected reliable" },
		{ "nat-events,", ": ", "no such setting" },
		{ ",", ": ", "no such setting" },
		{ "mark=1,bad=2", "bad=2", "no such setting" },
		{ "=", "=", "no such setting" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(parse(wrong[i].argument), PFLOW_ERR_INVALID);
		ck_assert_ptr_eq(strstr(err, "conntrack: "), err);
		ck_assert_msg(strstr(err, wrong[i].named) != NULL, "%s", err);
		ck_assert_msg(strstr(err, wrong[i].right) != NULL, "%s", err);
		ck_assert_ptr_null(strchr(err, '\n'));
	}
}
END_TEST

Suite *
suite_conntrack_settings(void)
{
	Suite *s = suite_create("sources/conntrack_settings");
	TCase *t = tcase_create("settings");

	tcase_add_test(t, test_no_argument_selects_every_flow);
	tcase_add_test(t, test_mark_selects_under_its_mask);
	tcase_add_test(t, test_label_or_mark_selects);
	tcase_add_test(t, test_all_words_together);
	tcase_add_test(t, test_wrong_words_are_named_with_what_would_be_right);
	suite_add_tcase(s, t);
	return s;
}
