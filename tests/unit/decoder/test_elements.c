/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "decoder/elements.h"

Suite *suite_elements(void);

/* By name, so that the list does not depend on the order of the enums. */
#define TARGETS(T) \
	T(SRC4) T(DST4) T(SRC6) T(DST6) T(POST_SRC4) T(POST_DST4) \
	T(POST_SRC6) T(POST_DST6) T(OCTETS) T(PACKETS) T(R_OCTETS) \
	T(R_PACKETS) T(FLOW_ID) T(START) T(END) T(R_START) T(R_END) \
	T(OBSERVED) T(BOOT_MS) T(DURATION) T(START_UPTIME) T(END_UPTIME) \
	T(PROTOCOL) T(TOS) T(FLAGS) T(R_FLAGS) T(SRC_PORT) T(DST_PORT) \
	T(POST_SRC_PORT) T(POST_DST_PORT) T(IN_IFINDEX) T(OUT_IFINDEX) \
	T(ICMP4) T(ICMP4_TYPE) T(ICMP4_CODE) T(ICMP6) T(ICMP6_TYPE) \
	T(ICMP6_CODE) T(VLAN) T(DIRECTION) T(END_REASON) T(BIFLOW_DIRECTION) \
	T(NAT_EVENT) T(FIREWALL_EVENT) T(IP_VERSION)
#define CLASSES(T) \
	T(SKIP) T(ADDRESS4) T(ADDRESS6) T(U8) T(U16) T(U32) T(U64) T(MOD32) \
	T(SECONDS) T(MILLI) T(MICRO) T(NANO) T(BEFORE_US) T(SPAN_MS) \
	T(SPAN_US)

#define TEXT(name) [PFLOWI_##name] = #name,
static const char *const targets[PFLOWI_TARGETS] = { TARGETS(TEXT) };
static const char *const classes[] = { CLASSES(TEXT) };

/** What the list says of an element, or that it is skipped. */
static void
listed(FILE *f, char *next, size_t size, const char *head, char *out)
{
	size_t len = strlen(head);

	if (strncmp(next, head, len) != 0) {
		(void)strcpy(out, "SKIP");
		return;
	}
	(void)strcpy(out, next + len);
	out[strcspn(out, "\n")] = '\0';
	if (fgets(next, (int)size, f) == NULL)
		next[0] = '\0';
}

static void
told(struct pflowi_use use, char *out, size_t size)
{
	if (use.class == PFLOWI_SKIP)
		(void)snprintf(out, size, "SKIP");
	else
		(void)snprintf(out, size, "%s %s %u", targets[use.target],
		    classes[use.class], use.rank);
}

START_TEST(test_every_element_of_every_number_is_used_as_the_list_says)
{
	static const uint32_t enterprises[] = { 0, PFLOWI_REVERSE_PEN, 1 };
	char next[128], head[32], want[128], got[128];
	FILE *f = fopen(PFLOW_TEST_DIR "/unit/decoder/uses.txt", "r");
	uint32_t element;
	size_t i;

	ck_assert_ptr_nonnull(f);
	while (fgets(next, sizeof(next), f) != NULL && next[0] == '#')
		;
	for (i = 0; i < sizeof(enterprises) / sizeof(enterprises[0]); i++) {
		for (element = 0; element <= UINT16_MAX; element++) {
			(void)snprintf(head, sizeof(head), "%u %u ",
			    (unsigned)enterprises[i], (unsigned)element);
			listed(f, next, sizeof(next), head, want);
			told(pflowi_element_use(enterprises[i],
			    (uint16_t)element), got, sizeof(got));
			if (strcmp(want, got) != 0)
				ck_abort_msg("%s: %s, listed as %s", head,
				    got, want);
		}
	}
	ck_assert_str_eq(next, "");
	fclose(f);
}
END_TEST

Suite *
suite_elements(void)
{
	Suite *s = suite_create("elements");
	TCase *tc = tcase_create("elements");

	tcase_add_test(tc,
	    test_every_element_of_every_number_is_used_as_the_list_says);
	suite_add_tcase(s, tc);
	return s;
}
