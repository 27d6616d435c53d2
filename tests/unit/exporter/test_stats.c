/* SPDX-License-Identifier: ISC */
#include "rig.h"

Suite *suite_stats(void);

struct seen {
	unsigned count;
	unsigned drops;
	uint64_t states;
	uint64_t not_selected_octets;
};

static void
see(void *arg, const struct pflow_counter *c)
{
	struct seen *seen = arg;

	seen->count++;
	seen->drops += c->kind == PFLOW_COUNTER_DROP;
	ck_assert_uint_gt(strlen(c->help), 0);
	if (strcmp(c->name, "states") == 0)
		seen->states = c->value;
	if (strcmp(c->name, "dropped_not_selected_octets") == 0)
		seen->not_selected_octets = c->value;
}

START_TEST(test_counters_are_told_by_name)
{
	struct rig rig;
	struct pflow_state st;
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	rig_config(&rig, 10);
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	st.flags = 0;
	rig_feed(&rig, &st);
	pflow_exporter_counters(&rig.ex, see, &seen);
	ck_assert_uint_eq(seen.states, 2);
	ck_assert_uint_eq(seen.not_selected_octets, 10500);
	/* Three for each reason: states or records, packets, octets. */
	ck_assert_uint_eq(seen.drops, 3 * PFLOW_DROP_COUNT);
	ck_assert_uint_eq(seen.count, seen.drops + 16);
	rig_stop(&rig);
}
END_TEST

Suite *
suite_stats(void)
{
	Suite *s = suite_create("stats");
	TCase *tc = tcase_create("stats");

	tcase_add_test(tc, test_counters_are_told_by_name);
	suite_add_tcase(s, tc);
	return s;
}
