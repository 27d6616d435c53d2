/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/pf_ifmap.h"

Suite *suite_pf_ifmap(void);

static char path[64];
static char err[300];

static int
load(struct pflowi_pf_ifmap *map, const char *text)
{
	int fd, rc;

	strcpy(path, "/tmp/pflow-ifmap-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	pflowi_pf_ifmap_init(map);
	rc = pflowi_pf_ifmap_load(map, path, NULL, err, sizeof(err));
	unlink(path);
	return rc;
}

static uint32_t
find(struct pflowi_pf_ifmap *map, const char *name)
{
	char padded[PFLOWI_PF_IFNAME_LEN] = { 0 };

	memcpy(padded, name, strlen(name));
	return pflowi_pf_ifmap_find(map, padded);
}

START_TEST(test_names_of_a_file_are_found)
{
	struct pflowi_pf_ifmap map;
	unsigned i;

	ck_assert_int_eq(load(&map, "# of the firewall\n\nem1 2\r\n\tvlan100 "
	    "4294967295 # uplink\nem0\t1\naaaaaaaaaaaaaaa 7\n"), PFLOW_OK);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(find(&map, "em0"), 1);
		ck_assert_uint_eq(find(&map, "em1"), 2);
		ck_assert_uint_eq(find(&map, "vlan100"), UINT32_MAX);
		ck_assert_uint_eq(find(&map, "aaaaaaaaaaaaaaa"), 7);
		ck_assert_uint_eq(find(&map, "em"), 0);
		ck_assert_uint_eq(find(&map, "em00"), 0);
		ck_assert_uint_eq(find(&map, ""), 0);
	}
	pflowi_pf_ifmap_fini(&map);
}
END_TEST

START_TEST(test_wrong_lines_are_named_by_file_and_number)
{
	static const struct {
		const char *text, *where, *why;
	} rows[] = {
		{ "em0\n", ":1: ", "NAME INDEX" },
		{ "em0 1\nem1 x\n", ":2: ", "NAME INDEX" },
		{ "em0 0\n", ":1: ", "index" },
		{ "em0 4294967296\n", ":1: ", "index" },
		{ "em0 99999999999999999999\n", ":1: ", "index" },
		{ "em0 1 2\n", ":1: ", "nothing more" },
		{ "em0 1x\n", ":1: ", "nothing more" },
		{ "aaaaaaaaaaaaaaaa 1\n", ":1: ", "15 octets" },
		{ "em0 -1\n", ":1: ", "NAME INDEX" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pflowi_pf_ifmap map;

		ck_assert_int_eq(load(&map, rows[i].text), PFLOW_ERR_INVALID);
		ck_assert_ptr_eq(strstr(err, path), err);
		ck_assert_ptr_nonnull(strstr(err, rows[i].where));
		ck_assert_ptr_nonnull(strstr(err, rows[i].why));
		pflowi_pf_ifmap_fini(&map);
	}
}
END_TEST

START_TEST(test_what_is_not_text_is_refused_where_it_begins)
{
	struct pflowi_pf_ifmap map;
	char text[400];

	/* Else it would be read to its end, which may never come. */
	pflowi_pf_ifmap_init(&map);
	ck_assert_int_eq(pflowi_pf_ifmap_load(&map, "/dev/zero", NULL, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "/dev/zero:1: "));
	pflowi_pf_ifmap_fini(&map);
	snprintf(text, sizeof(text), "em0 1\nem1 %0300d\n", 2);
	ck_assert_int_eq(load(&map, text), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, ":2: line too long"));
	pflowi_pf_ifmap_fini(&map);
	ck_assert_int_eq(load(&map, "em0 1\nem1 2"), PFLOW_OK);
	ck_assert_uint_eq(find(&map, "em1"), 2);
	pflowi_pf_ifmap_fini(&map);
}
END_TEST

START_TEST(test_a_file_that_is_not_there_is_named)
{
	struct pflowi_pf_ifmap map;

	pflowi_pf_ifmap_init(&map);
	ck_assert_int_eq(pflowi_pf_ifmap_load(&map, "/nonexistent/map", NULL, err,
	    sizeof(err)), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(err, "/nonexistent/map: "));
	pflowi_pf_ifmap_fini(&map);
}
END_TEST

START_TEST(test_this_machine_adds_what_the_file_does_not_say)
{
	struct if_nameindex *list = if_nameindex();
	struct pflowi_pf_ifmap map;
	char text[100];

	if (list == NULL || list[0].if_index == 0) {
		if (list != NULL)
			if_freenameindex(list);
		return; /* a machine without interfaces */
	}
	snprintf(text, sizeof(text), "notthere0 77\n");
	ck_assert_int_eq(load(&map, text), PFLOW_OK);
	pflowi_pf_ifmap_local(&map);
	pflowi_pf_ifmap_local(&map);
	ck_assert_uint_eq(find(&map, list[0].if_name), list[0].if_index);
	ck_assert_uint_eq(find(&map, "notthere0"), 77);
	pflowi_pf_ifmap_fini(&map);
	snprintf(text, sizeof(text), "%s 4711\n", list[0].if_name);
	ck_assert_int_eq(load(&map, text), PFLOW_OK);
	pflowi_pf_ifmap_local(&map);
	ck_assert_uint_eq(find(&map, list[0].if_name), 4711);
	pflowi_pf_ifmap_fini(&map);
	if_freenameindex(list);
}
END_TEST

START_TEST(test_a_state_gets_the_side_pf_knows_and_no_other)
{
	static const char em0[PFLOWI_PF_IFNAME_LEN] = "em0";
	static const char em1[PFLOWI_PF_IFNAME_LEN] = "em1";
	static const char all[PFLOWI_PF_IFNAME_LEN] = "all";
	static const char none[PFLOWI_PF_IFNAME_LEN] = "";
	static const struct {
		const char *name, *original;
		uint8_t direction;
		uint32_t in, out;
		bool known;
	} rows[] = {
		{ em0, none, PFLOW_DIR_IN, 1, 0, true },
		{ em0, none, PFLOW_DIR_OUT, 0, 1, true },
		{ em0, em1, PFLOW_DIR_IN, 1, 0, true },
		{ all, em1, PFLOW_DIR_IN, 2, 0, true },
		{ all, em1, PFLOW_DIR_OUT, 0, 2, true },
		{ all, none, PFLOW_DIR_OUT, 0, 0, true },
		{ none, none, PFLOW_DIR_OUT, 0, 0, true },
		{ all, all, PFLOW_DIR_OUT, 0, 0, true },
	};
	static const char em9[PFLOWI_PF_IFNAME_LEN] = "em9";
	struct pflowi_pf_ifmap map;
	struct pflow_state st;
	size_t i;

	ck_assert_int_eq(load(&map, "em0 1\nem1 2\n"), PFLOW_OK);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pflow_state_init(&st);
		st.direction = rows[i].direction;
		ck_assert_int_eq(pflowi_pf_ifmap_apply(&map, rows[i].name,
		    rows[i].original, &st), rows[i].known);
		ck_assert_uint_eq(st.ifindex[0], rows[i].in);
		ck_assert_uint_eq(st.ifindex[1], rows[i].out);
		ck_assert_uint_eq((st.present & PFLOW_HAS_IFINDEX) != 0,
		    rows[i].in + rows[i].out != 0);
	}
	ck_assert(!pflowi_pf_ifmap_apply(&map, em9, none, &st));
	pflowi_pf_ifmap_fini(&map);
}
END_TEST

Suite *
suite_pf_ifmap(void)
{
	Suite *s = suite_create("sources/pf_ifmap");
	TCase *t = tcase_create("pf_ifmap");

	tcase_add_test(t, test_names_of_a_file_are_found);
	tcase_add_test(t, test_wrong_lines_are_named_by_file_and_number);
	tcase_add_test(t, test_what_is_not_text_is_refused_where_it_begins);
	tcase_add_test(t, test_a_file_that_is_not_there_is_named);
	tcase_add_test(t, test_this_machine_adds_what_the_file_does_not_say);
	tcase_add_test(t, test_a_state_gets_the_side_pf_knows_and_no_other);
	suite_add_tcase(s, t);
	return s;
}
