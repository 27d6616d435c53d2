/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/conntrack_iface.h"

Suite *suite_conntrack_iface(void);

#define SEC UINT64_C(1000000000)

static unsigned asked;
static struct pflowi_ct_routes *routes;
static char path[] = "/tmp/pflow-ifmap-XXXXXX";

/** Interface 100 and the last octet, "if101". */
static uint32_t
route(struct pflowi_ct_link *link, uint8_t af, const uint8_t *addr)
{
	(void)link;
	asked++;
	return 100u + addr[af == PFLOW_AF_IPV4 ? 3 : 15];
}

static void
name_of(struct pflowi_ct_link *link, uint32_t index,
    char name[PFLOWI_CT_IFNAME])
{
	(void)link;
	memset(name, 0, PFLOWI_CT_IFNAME);
	snprintf(name, PFLOWI_CT_IFNAME, "if%u", index);
}

static const struct pflowi_ct_link_ops ops = { .route = route,
	.name = name_of };
static struct pflowi_ct_link link_ = { .ops = &ops, .seed = { 3, 4 } };

static void
setup(void)
{
	asked = 0;
	routes = calloc(1, sizeof(*routes));
	ck_assert_ptr_nonnull(routes);
}

static void
teardown(void)
{
	pflowi_pf_ifmap_fini(&routes->map);
	free(routes);
}

static struct pflow_state
state(const char *src, const char *dst, uint8_t af)
{
	struct pflow_state st;

	pflow_state_init(&st);
	ck_assert_int_eq(pflow_state_set_key(&st, af, src, 1, dst, 2),
	    PFLOW_OK);
	return st;
}

static void
set(struct pflow_state *st, uint64_t seconds)
{
	struct pflow_now now = { (seconds + 1) * SEC, SEC };

	pflowi_ct_set_interfaces(routes, &link_, now, st);
}

START_TEST(test_initiator_comes_in_and_the_translated_receiver_is_the_way_out)
{
	struct pflow_state st = state("\x0a\0\0\1", "\x0a\0\0\2",
	    PFLOW_AF_IPV4);

	st.key[PFLOW_STACK].addr[1][3] = 9;
	set(&st, 0);
	ck_assert_uint_eq(st.ifindex[0], 101);
	ck_assert_uint_eq(st.ifindex[1], 109);
	ck_assert(st.present & PFLOW_HAS_IFINDEX);
}
END_TEST

START_TEST(test_route_is_asked_for_once_a_while)
{
	struct pflow_state st = state("\x0a\0\0\1", "\x0a\0\0\2",
	    PFLOW_AF_IPV4);

	set(&st, 0);
	set(&st, PFLOWI_CT_ROUTE_S - 1);
	ck_assert_uint_eq(asked, 2);
	set(&st, PFLOWI_CT_ROUTE_S);
	ck_assert_uint_eq(asked, 4);
}
END_TEST

/** The first octets of an IPv6 address may be an IPv4 address. */
START_TEST(test_families_and_all_octets_tell_addresses_apart)
{
	struct pflow_state six = state("\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\5",
	    "\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\6", PFLOW_AF_IPV6);
	struct pflow_state four = state("\x0a\0\0\1", "\x0a\0\0\1",
	    PFLOW_AF_IPV4);

	set(&six, 0);
	set(&four, 0);
	ck_assert_uint_eq(six.ifindex[0], 105);
	ck_assert_uint_eq(six.ifindex[1], 106);
	ck_assert_uint_eq(four.ifindex[0], 101);
}
END_TEST

START_TEST(test_link_local_addresses_have_no_interface)
{
	struct pflow_state st = state(
	    "\xfe\xbf\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
	    "\xfe\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", PFLOW_AF_IPV6);

	set(&st, 0);
	ck_assert_uint_eq(st.ifindex[0], 0);
	ck_assert_uint_eq(st.ifindex[1], 102);
}
END_TEST

START_TEST(test_map_renumbers_the_names_it_has)
{
	struct pflow_state st = state("\x0a\0\0\1", "\x0a\0\0\2",
	    PFLOW_AF_IPV4);
	char err[200];
	FILE *f;

	f = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(f);
	fputs("if101 77\nother 88\n", f);
	fclose(f);
	ck_assert_int_eq(pflowi_pf_ifmap_load(&routes->map, path, NULL, err,
	    sizeof(err)), PFLOW_OK);
	unlink(path);
	set(&st, 0);
	ck_assert_uint_eq(st.ifindex[0], 77);
	ck_assert_uint_eq(st.ifindex[1], 102);
}
END_TEST

Suite *
suite_conntrack_iface(void)
{
	Suite *s = suite_create("sources/conntrack_iface");
	TCase *t = tcase_create("iface");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t,
	    test_initiator_comes_in_and_the_translated_receiver_is_the_way_out);
	tcase_add_test(t, test_route_is_asked_for_once_a_while);
	tcase_add_test(t, test_families_and_all_octets_tell_addresses_apart);
	tcase_add_test(t, test_link_local_addresses_have_no_interface);
	tcase_add_test(t, test_map_renumbers_the_names_it_has);
	suite_add_tcase(s, t);
	return s;
}
