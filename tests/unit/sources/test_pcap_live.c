/* SPDX-License-Identifier: ISC */
/* pcap-live:IFACE as far as it goes without an interface. */
#include <check.h>
#include <string.h>

#include <pflow/sources.h>

Suite *suite_pcap_live(void);

static struct pflow_source *src;
static char err[300];

/** A build without libpcap has only its refusal to show. */
static int
create(const char *spec, const char *filter)
{
	struct pflow_source_config cfg;

	pflow_source_config_init(&cfg);
	cfg.memory_limit = 1 << 20;
	cfg.filter = filter;
	src = (struct pflow_source *)&cfg;
	return pflow_source_create(spec, &cfg, &src, err, sizeof(err));
}

START_TEST(test_no_interface_is_refused_with_what_would_be_right)
{
	int rc = create("pcap-live:", NULL);

	ck_assert_ptr_null(src);
	if (rc == PFLOW_ERR_UNSUPPORTED)
		return;
	ck_assert_int_eq(rc, PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "pcap-live:IFACE"));
}
END_TEST

START_TEST(test_filter_that_means_nothing_is_refused_before_capture)
{
	int rc = create("pcap-live:nowhere0", "udp prot 53");

	ck_assert_ptr_null(src);
	if (rc == PFLOW_ERR_UNSUPPORTED)
		return;
	ck_assert_int_eq(rc, PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "\"udp prot 53\""));
}
END_TEST

START_TEST(test_interface_that_is_not_there_is_named_when_opened)
{
	struct pflow_now now = { 1, 1 };
	int rc = create("pcap-live:nowhere0", "udp");
	const char *why;
	size_t half;

	if (rc == PFLOW_ERR_UNSUPPORTED)
		return;
	ck_assert_int_eq(rc, PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_eq(strstr(src->ops->error_text(src),
	    "pcap-live:nowhere0: "), src->ops->error_text(src));
	/* Once is enough: not "X: X". */
	why = src->ops->error_text(src) + strlen("pcap-live:nowhere0: ");
	half = strlen(why) / 2;
	ck_assert_uint_gt(half, 0);
	ck_assert_int_ne(strncmp(why, why + half + 1, half - 1), 0);
	ck_assert_int_eq(src->ops->progress(src), -1);
	src->ops->close(src);
}
END_TEST

Suite *
suite_pcap_live(void)
{
	Suite *s = suite_create("sources/pcap_live");
	TCase *t = tcase_create("pcap_live");

	tcase_add_test(t,
	    test_no_interface_is_refused_with_what_would_be_right);
	tcase_add_test(t,
	    test_filter_that_means_nothing_is_refused_before_capture);
	tcase_add_test(t,
	    test_interface_that_is_not_there_is_named_when_opened);
	suite_add_tcase(s, t);
	return s;
}
