/* SPDX-License-Identifier: ISC */
/* The example of a third party's transport must keep the contract too. */
#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

#define main own_transport_main
int own_transport_main(void);
#include "../../../examples/own_transport.c"

Suite *suite_own_transport(void);

static struct pflow_transport *
begin(struct conformance_peer *p)
{
	struct pflow_transport *t;
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	p->arg = f;
	conformance_log_session(p);
	t = hex_new(f);
	ck_assert_ptr_nonnull(t);
	return t;
}

static unsigned
digit(int c)
{
	/* An assertion writes to a file: none for each octet. */
	if (!isxdigit(c) || isupper(c))
		ck_abort_msg("%d is not a digit", c);
	return (unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);
}

/** Read the new lines back: "000000 00 0a 00 ...". */
static void
step(struct conformance_peer *p, size_t octets)
{
	static long at;
	static char line[3 * 65535 + 16];
	static uint8_t octet[65535];
	FILE *f = p->arg;
	size_t n;
	char *c;

	(void)octets;
	fseek(f, p->session[0].len == 0 ? 0 : at, SEEK_SET);
	while (fgets(line, sizeof(line), f) != NULL) {
		ck_assert(strncmp(line, "000000", 6) == 0);
		for (c = line + 6, n = 0; *c == ' '; c += 3)
			octet[n++] = (uint8_t)(digit(c[1]) << 4 | digit(c[2]));
		ck_assert_str_eq(c, "\n");
		conformance_log_add(p, octet, n);
	}
	at = ftell(f);
	fseek(f, 0, SEEK_END);
}

static void
end(struct conformance_peer *p)
{
	fclose(p->arg);
}

static const struct conformance_adapter adapter = {.name = "own_transport",
    .message_max = 65535,
    .begin = begin,
    .step = step,
    .end = end};

START_TEST(test_own_transport_keeps_the_contract)
{
	conformance_case(&adapter, _i);
}
END_TEST

Suite *
suite_own_transport(void)
{
	Suite *s = suite_create("own_transport");
	TCase *tc = tcase_create("own_transport");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, test_own_transport_keeps_the_contract, 0, conformance_cases);
	suite_add_tcase(s, tc);
	return s;
}
