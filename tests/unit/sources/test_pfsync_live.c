/* SPDX-License-Identifier: ISC */
/* pfsync-live:IFACE as far as it goes without an interface. */
#include <check.h>
#include <string.h>

#include <pflow/sources.h>

Suite *suite_pfsync_live(void);

static struct pflow_source *src;
static char err[300];

/** A build without libpcap has only its refusal to show. */
static int
create(const char *spec, size_t memory_limit)
{
	struct pflow_source_config cfg;

	pflow_source_config_init(&cfg);
	cfg.memory_limit = memory_limit;
	src = (struct pflow_source *)&cfg;
	return pflow_source_create(spec, &cfg, &src, err, sizeof(err));
}

static void
check_refusal(void)
{
	ck_assert_ptr_null(src);
	ck_assert_ptr_nonnull(strstr(err, "pfsync-live: not in this build"));
}

START_TEST(test_no_interface_is_refused_with_what_would_be_right)
{
	int rc = create("pfsync-live:", (size_t)8 << 20);

	ck_assert_ptr_null(src);
	if (rc == PFLOW_ERR_UNSUPPORTED) {
		check_refusal();
		return;
	}
	ck_assert_int_eq(rc, PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err, "pfsync-live:IFACE"));
}
END_TEST

START_TEST(test_memory_that_does_not_suffice_is_refused_by_name)
{
	int rc = create("pfsync-live:em0", 4096);

	ck_assert_ptr_null(src);
	if (rc == PFLOW_ERR_UNSUPPORTED) {
		check_refusal();
		return;
	}
	ck_assert_int_eq(rc, PFLOW_ERR_INVALID);
	ck_assert_ptr_eq(strstr(err, "pfsync-live:em0: "), err);
	ck_assert_ptr_nonnull(strstr(err, "4096"));
}
END_TEST

START_TEST(test_interface_that_is_not_there_is_named_when_opened)
{
	struct pflow_now now = { 1, 1 };
	int rc = create("pfsync-live:nowhere0", (size_t)8 << 20);

	if (rc == PFLOW_ERR_UNSUPPORTED) {
		check_refusal();
		return;
	}
	ck_assert_int_eq(rc, PFLOW_OK);
	ck_assert_int_eq(src->ops->open(src, now), PFLOW_ERR_SYSTEM);
	ck_assert_ptr_eq(strstr(src->ops->error_text(src),
	    "pfsync-live:nowhere0: "), src->ops->error_text(src));
	ck_assert_int_eq(src->ops->progress(src), -1);
	src->ops->close(src);
}
END_TEST

Suite *
suite_pfsync_live(void)
{
	Suite *s = suite_create("sources/pfsync_live");
	TCase *t = tcase_create("pfsync_live");

	tcase_add_test(t,
	    test_no_interface_is_refused_with_what_would_be_right);
	tcase_add_test(t, test_memory_that_does_not_suffice_is_refused_by_name);
	tcase_add_test(t,
	    test_interface_that_is_not_there_is_named_when_opened);
	suite_add_tcase(s, t);
	return s;
}
