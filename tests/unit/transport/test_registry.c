/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "transport/socket.h"
#include "transport/transport.h"
#include "transport/udp.h"

Suite *suite_registry(void);

static struct pflow_transport *t;
static char err[PFLOWI_ERROR_MAX];

static int
make(const char *dest, const struct pflow_transport_config *cfg)
{
	t = (struct pflow_transport *)err; /* must be set in any case */
	return pflow_transport_create(dest, cfg, &t, err, sizeof(err));
}

static void
refuses(const char *dest, int status, const char *words)
{
	ck_assert_msg(make(dest, NULL) == status, "%s was not refused", dest);
	ck_assert_ptr_null(t);
	ck_assert_msg(strstr(err, words) != NULL, "%s: \"%s\" without \"%s\"",
	    dest, err, words);
	ck_assert_ptr_null(strchr(err, '\n'));
}

static void
accepts(const char *dest, const char *name)
{
	ck_assert_msg(make(dest, NULL) == PFLOW_OK, "%s: %s", dest, err);
	ck_assert_str_eq(t->ops->name, "udp");
	ck_assert_str_eq(((struct pflowi_udp *)t)->peer.name, name);
	t->ops->close(t);
}

START_TEST(test_registry_lists_every_kind_and_the_nature_of_each)
{
	const struct pflow_transport_kind *const *kinds;
	size_t count, i;

	kinds = pflow_transport_kinds(&count);
	ck_assert_uint_eq(count, 6);
	ck_assert_str_eq(kinds[0]->name, "udp");
	ck_assert_str_eq(kinds[5]->name, "file");
	for (i = 0; i < count; i++) {
		ck_assert_ptr_nonnull(kinds[i]->argument);
		ck_assert_ptr_nonnull(kinds[i]->help);
		ck_assert_ptr_nonnull(kinds[i]->create);
	}
	ck_assert_int_eq(kinds[0]->nature, PFLOW_TRANSPORT_DATAGRAM);
	ck_assert_int_eq(kinds[5]->nature, PFLOW_TRANSPORT_FILE);
}
END_TEST

START_TEST(test_registry_takes_every_form_of_a_udp_destination)
{
	accepts("udp:127.0.0.1:2055", "udp:127.0.0.1:2055");
	accepts("udp://127.0.0.1:2055", "udp:127.0.0.1:2055");
	accepts("127.0.0.1:2055", "udp:127.0.0.1:2055");
	accepts("127.0.0.1", "udp:127.0.0.1:4739");
	accepts("udp:[::1]:65535", "udp:[::1]:65535");
	accepts("udp://[::1]:1", "udp:[::1]:1");
	accepts("[::1]:4739", "udp:[::1]:4739");
	accepts("[::1]", "udp:[::1]:4739");
	accepts("collector.example:2055", "udp:collector.example:2055");
	accepts("collector.example", "udp:collector.example:4739");
	accepts("udp:file.example:1", "udp:file.example:1");
}
END_TEST

START_TEST(test_registry_names_what_is_wrong_with_a_word)
{
	refuses("", PFLOW_ERR_INVALID, "no host");
	refuses("udp:", PFLOW_ERR_INVALID, "no host");
	refuses("udp::2055", PFLOW_ERR_INVALID, "no host");
	refuses("upd:127.0.0.1:2055", PFLOW_ERR_INVALID,
	    "\"upd\" is not a transport, expected one of udp:HOST:PORT");
	refuses("http://127.0.0.1", PFLOW_ERR_INVALID,
	    "\"http\" is not a transport");
	refuses("2001:db8::1", PFLOW_ERR_INVALID, "stands in brackets");
	refuses(
	    "udp:2001:db8::1:2055", PFLOW_ERR_INVALID, "stands in brackets");
	refuses("udp:[2001:db8::1:2055", PFLOW_ERR_INVALID, "'[' without ']'");
	refuses("udp:[2001:db8::1]2055", PFLOW_ERR_INVALID, "after ']'");
	refuses("udp:[127.0.0.1]:1", PFLOW_ERR_INVALID, "not an IPv6 address");
	refuses("udp:[]:1", PFLOW_ERR_INVALID, "not an IPv6 address");
	refuses("udp:127.0.0.1:0", PFLOW_ERR_INVALID, "port \"0\"");
	refuses("udp:127.0.0.1:65536", PFLOW_ERR_INVALID, "port \"65536\"");
	refuses("udp:127.0.0.1:123456", PFLOW_ERR_INVALID, "1 to 65535");
	refuses("udp:127.0.0.1:", PFLOW_ERR_INVALID, "port \"\"");
	refuses("udp:127.0.0.1:-1", PFLOW_ERR_INVALID, "port \"-1\"");
	refuses("udp:127.0.0.1:no-such-service", PFLOW_ERR_INVALID,
	    "name of a service");
	refuses("udp:256.1.1.1:1", PFLOW_ERR_INVALID, "not an IPv4 address");
	refuses("udp:127.1:1", PFLOW_ERR_INVALID, "not an IPv4 address");
	refuses("udp:a b:1", PFLOW_ERR_INVALID, "character");
	refuses("udp:a/b:1", PFLOW_ERR_INVALID, "character");
	refuses("udp:-a:1", PFLOW_ERR_INVALID, "begins with");
	refuses("file:", PFLOW_ERR_INVALID, "no path");
}
END_TEST

START_TEST(test_registry_refuses_a_host_that_is_too_long)
{
	char dest[600];

	memset(dest, 'a', sizeof(dest));
	memcpy(dest, "udp:", 4);
	dest[599] = '\0';
	refuses(dest, PFLOW_ERR_INVALID, "longer than 255");
}
END_TEST

START_TEST(test_registry_explains_kinds_that_are_not_in_this_build)
{
	const struct pflow_transport_kind *const *kinds;
	char dest[64];
	size_t count, i;

	kinds = pflow_transport_kinds(&count);
	for (i = 0; i < count; i++) {
		if (kinds[i]->available)
			continue;
		snprintf(
		    dest, sizeof(dest), "%s:127.0.0.1:4739", kinds[i]->name);
		refuses(dest, PFLOW_ERR_UNSUPPORTED, "not in this build");
		refuses(dest, PFLOW_ERR_UNSUPPORTED, "udp:HOST:PORT");
	}
}
END_TEST

START_TEST(test_registry_takes_the_default_port_from_the_configuration)
{
	struct pflow_transport_config cfg;

	pflow_transport_config_init(&cfg);
	cfg.default_port = "2055";
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_OK);
	ck_assert_str_eq(((struct pflowi_udp *)t)->peer.to.port, "2055");
	t->ops->close(t);
	cfg.default_port = "0";
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_ERR_INVALID);
}
END_TEST

START_TEST(test_registry_refuses_settings_out_of_range)
{
	struct pflow_transport_config cfg;

	pflow_transport_config_init(&cfg);
	cfg.dscp = 64;
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "dscp 64"));
	pflow_transport_config_init(&cfg);
	cfg.ttl = 256;
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "ttl 256"));
	pflow_transport_config_init(&cfg);
	cfg.socket_buffer = -1;
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_ERR_INVALID);
	memset(&cfg, 0, sizeof(cfg));
	ck_assert_int_eq(make("192.0.2.1", &cfg), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "pflow_transport_config_init"));
}
END_TEST

START_TEST(test_registry_explains_source_and_destination_of_two_families)
{
	struct pflow_transport_config cfg;

	pflow_transport_config_init(&cfg);
	cfg.source = "192.0.2.7";
	ck_assert_int_eq(make("udp:[::1]:1", &cfg), PFLOW_ERR_INVALID);
	ck_assert_str_eq(err,
	    "udp:[::1]:1: is IPv6 but its source 192.0.2.7 "
	    "is IPv4, both must be of one family");
}
END_TEST

START_TEST(test_registry_error_fits_any_buffer)
{
	char small[8] = "xxxxxxx";

	ck_assert_int_eq(
	    pflow_transport_create("upd:a:1", NULL, &t, small, sizeof(small)),
	    PFLOW_ERR_INVALID);
	ck_assert_uint_eq(strlen(small), 7);
	ck_assert_int_eq(pflow_transport_create("upd:a:1", NULL, &t, small, 0),
	    PFLOW_ERR_INVALID);
}
END_TEST

Suite *
suite_registry(void)
{
	Suite *s = suite_create("transport registry");
	TCase *tc = tcase_create("registry");

	tcase_add_test(
	    tc, test_registry_lists_every_kind_and_the_nature_of_each);
	tcase_add_test(tc, test_registry_takes_every_form_of_a_udp_destination);
	tcase_add_test(tc, test_registry_names_what_is_wrong_with_a_word);
	tcase_add_test(tc, test_registry_refuses_a_host_that_is_too_long);
	tcase_add_test(
	    tc, test_registry_explains_kinds_that_are_not_in_this_build);
	tcase_add_test(
	    tc, test_registry_takes_the_default_port_from_the_configuration);
	tcase_add_test(tc, test_registry_refuses_settings_out_of_range);
	tcase_add_test(
	    tc, test_registry_explains_source_and_destination_of_two_families);
	tcase_add_test(tc, test_registry_error_fits_any_buffer);
	suite_add_tcase(s, tc);
	return s;
}
