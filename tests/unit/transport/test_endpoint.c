/* SPDX-License-Identifier: ISC */
#include "transport/endpoint.h"

#include <check.h>
#include <netdb.h>
#include <string.h>

#include <pflow/status.h>

Suite *suite_endpoint(void);

static char err[256];

static void
source_is(const char *text, const char *expected)
{
	char out[PFLOWI_ENDPOINT_TEXT_MAX];
	struct pflowi_addr addr;

	ck_assert_msg(
	    pflowi_source_parse(text, &addr, err, sizeof(err)) == 0, "%s", err);
	pflowi_addr_text(&addr, out, sizeof(out));
	ck_assert_str_eq(out, expected);
}

START_TEST(test_endpoint_source_takes_address_and_port_in_every_form)
{
	source_is("192.0.2.1", "192.0.2.1:0");
	source_is("192.0.2.1:2055", "192.0.2.1:2055");
	source_is("[2001:db8::1]", "[2001:db8::1]:0");
	source_is("[2001:db8::1]:9", "[2001:db8::1]:9");
	source_is("2001:db8::1", "[2001:db8::1]:0");
}
END_TEST

START_TEST(test_endpoint_source_refuses_what_is_no_address)
{
	static const char *const bad[] = {"", "host.example",
	    "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2",
	    "[192.0.2.1]", "[::1", "2001:db8::x", "192.0.2.1:x y"};
	struct pflowi_addr addr;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(pflowi_source_parse(bad[i], &addr, err,
				  sizeof(err)) == PFLOW_ERR_INVALID,
		    "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(err, "source "));
	}
}
END_TEST

START_TEST(test_endpoint_without_a_port_needs_a_default)
{
	struct pflowi_endpoint ep;

	ck_assert_int_eq(
	    pflowi_endpoint_parse("udp", "h", NULL, &ep, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "no port"));
	ck_assert_int_eq(
	    pflowi_endpoint_parse("udp", "h", "53", &ep, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_str_eq(ep.port, "53");
	ck_assert(!ep.literal);
}
END_TEST

START_TEST(test_endpoint_takes_the_name_of_a_service)
{
	struct pflowi_endpoint ep;

	if (getservbyname("domain", "udp") == NULL)
		return; /* a machine without services(5) */
	ck_assert_int_eq(pflowi_endpoint_parse(
			     "udp", "h:domain", NULL, &ep, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_str_eq(ep.port, "53");
}
END_TEST

START_TEST(test_endpoint_addresses_are_equal_with_their_ports)
{
	struct pflowi_addr a, b;

	ck_assert(pflowi_addr_literal("192.0.2.1", "1", &a));
	ck_assert(pflowi_addr_literal("192.0.2.1", "1", &b));
	ck_assert(pflowi_addr_equal(&a, &b));
	ck_assert(pflowi_addr_literal("192.0.2.1", "2", &b));
	ck_assert(!pflowi_addr_equal(&a, &b));
	ck_assert(pflowi_addr_literal("::1", "1", &b));
	ck_assert(!pflowi_addr_equal(&a, &b));
}
END_TEST

Suite *
suite_endpoint(void)
{
	Suite *s = suite_create("endpoint");
	TCase *tc = tcase_create("endpoint");

	tcase_add_test(
	    tc, test_endpoint_source_takes_address_and_port_in_every_form);
	tcase_add_test(tc, test_endpoint_source_refuses_what_is_no_address);
	tcase_add_test(tc, test_endpoint_without_a_port_needs_a_default);
	tcase_add_test(tc, test_endpoint_takes_the_name_of_a_service);
	tcase_add_test(tc, test_endpoint_addresses_are_equal_with_their_ports);
	suite_add_tcase(s, tc);
	return s;
}
