/* SPDX-License-Identifier: ISC */
/* From states to records. */
#include "rig.h"

Suite *suite_feed(void);

static uint64_t
dropped(const struct rig *rig, enum pflow_drop why)
{
	return pflow_exporter_stats(&rig->ex)->drops[why].count;
}

START_TEST(test_feed_drops_what_is_not_wanted_and_counts_it_by_name)
{
	struct rig rig;
	struct pflow_state st, st6;

	rig_config(&rig, 5);
	rig.cfg.side = PFLOW_SIDE_IN;
	rig_start(&rig, 4);
	test_state4(&st);
	test_state6(&st6);
	st.flags = 0;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_not_selected), 1);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
	    ->drops[PFLOW_DROP_not_selected].octets, 10500);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
	    ->drops[PFLOW_DROP_not_selected].packets, 18);
	st.flags = PFLOW_STATE_EXPORT;
	st.direction = PFLOW_DIR_OUT;
	rig_feed(&rig, &st);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_wrong_side), 1);
	st.direction = PFLOW_DIR_IN;
	rig_feed(&rig, &st);
	st.direction = PFLOW_DIR_UNKNOWN;
	rig_feed(&rig, &st);
	st.octets[0] = st.octets[1] = 0;
	rig_feed(&rig, &st);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_no_octets), 1);
	rig_feed(&rig, &st6);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_ipv6_in_v5), 1);
	st6.key[0].af = 9;
	rig_feed(&rig, &st6);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_invalid), 1);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->states_exported, 2);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records, 4);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_select_all_takes_unmarked_states)
{
	struct rig rig;
	struct pflow_state st;

	rig_config(&rig, 10);
	rig.cfg.select = PFLOW_SELECT_ALL;
	rig.cfg.side = PFLOW_SIDE_OUT;
	rig_start(&rig, 4);
	test_state4(&st);
	st.flags = 0;
	rig_feed(&rig, &st);
	st.direction = PFLOW_DIR_IN;
	rig_feed(&rig, &st);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->states_exported, 1);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_wrong_side), 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_gives_no_record_for_a_direction_without_octets)
{
	uint16_t version;

	for (version = 5; version <= 10; version += 5) {
		struct rig rig;
		struct pflow_state st;
		struct pflow_message m;

		rig_config(&rig, version);
		rig_start(&rig, 4);
		test_state4(&st);
		st.octets[0] = 0;
		rig_feed(&rig, &st);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		m = rig_message(&rig, rig_pending(&rig) - 1);
		ck_assert_uint_eq(m.records, 1);
		/* It is the reverse one: from 198.51.100.2. */
		ck_assert_uint_eq(m.data[version == 5 ? 24 : 20], 198);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_feed_forward_record_comes_first)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(m.data[24], 192);
	ck_assert_uint_eq(m.data[72], 198);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_refuses_whole_states_and_goes_on_after_ack)
{
	struct rig rig;
	struct pflow_state st;
	unsigned fed = 0;

	rig_config(&rig, 5);
	rig_start(&rig, 2);
	test_state4(&st);
	while (rig_feed(&rig, &st) == PFLOW_OK)
		fed++;
	ck_assert_uint_eq(fed, 30);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->refused, 1);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->states, 30);
	ck_assert_uint_eq(rig_pending(&rig), 2);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_ERR_AGAIN);
	pflow_exporter_ack(&rig.ex, 1);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_refusal_always_leaves_something_to_acknowledge)
{
	struct rig rig;
	struct pflow_state st4, st6;
	unsigned i;

	/* Two slots, both open, one shape each, neither full. */
	rig_config(&rig, 10);
	rig.cfg.mtu = 28 + 16 + 4 + 108;
	rig_start(&rig, 2);
	test_state4(&st4);
	test_state6(&st6);
	for (i = 0; i < 100; i++) {
		const struct pflow_state *st = i % 2 ? &st6 : &st4;

		while (rig_feed(&rig, st) == PFLOW_ERR_AGAIN) {
			ck_assert_uint_gt(rig_pending(&rig), 0);
			pflow_exporter_ack(&rig.ex, 1);
		}
	}
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->states, 100);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_many_is_feed_one_by_one_octet_for_octet)
{
	struct pflow_state states[200];
	struct rig a, b;
	size_t i, taken, n;

	for (i = 0; i < 200; i++) {
		if (i % 3 == 0)
			test_state6(&states[i]);
		else
			test_state4(&states[i]);
		states[i].packets[0] = i + 1;
		if (i % 7 == 0)
			states[i].flags = 0;
		if (i % 11 == 0)
			states[i].octets[1] = 0;
	}
	rig_config(&a, 10);
	rig_config(&b, 10);
	rig_start(&a, 32);
	rig_start(&b, 32);
	for (i = 0; i < 200; i++)
		ck_assert_int_eq(rig_feed(&a, &states[i]), PFLOW_OK);
	ck_assert_int_eq(pflow_exporter_feed_many(&b.ex, states, 200,
	    rig_now(&b), &taken), PFLOW_OK);
	ck_assert_uint_eq(taken, 200);
	pflow_exporter_flush(&a.ex, rig_now(&a));
	pflow_exporter_flush(&b.ex, rig_now(&b));
	n = rig_pending(&a);
	ck_assert_uint_eq(rig_pending(&b), n);
	for (i = 0; i < n; i++) {
		struct pflow_message x = rig_message(&a, i);
		struct pflow_message y = rig_message(&b, i);

		ck_assert_uint_eq(x.len, y.len);
		ck_assert_mem_eq(x.data, y.data, x.len);
	}
	rig_stop(&a);
	rig_stop(&b);
}
END_TEST

START_TEST(test_feed_many_says_how_many_were_taken)
{
	struct pflow_state states[40];
	struct rig rig;
	size_t i, taken = 99;

	for (i = 0; i < 40; i++)
		test_state4(&states[i]);
	rig_config(&rig, 5);
	rig_start(&rig, 2);
	ck_assert_int_eq(pflow_exporter_feed_many(&rig.ex, states, 40,
	    rig_now(&rig), &taken), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(taken, 30);
	pflow_exporter_ack(&rig.ex, 2);
	ck_assert_int_eq(pflow_exporter_feed_many(&rig.ex, states + 30, 10,
	    rig_now(&rig), &taken), PFLOW_OK);
	ck_assert_uint_eq(taken, 10);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_split_conserves_packets_and_octets_on_the_wire)
{
	const uint64_t packets = 5000000000u, octets = 7000000000000u;
	struct rig rig;
	struct pflow_state st;
	uint64_t sum_p = 0, sum_o = 0;
	size_t i, j, n;

	rig_config(&rig, 5);
	rig_start(&rig, 100);
	test_state4(&st);
	st.packets[0] = packets;
	st.octets[0] = octets;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	n = rig_pending(&rig);
	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(&rig, i);

		for (j = 0; j < m.records; j++) {
			if (m.data[24 + 48 * j] != 192)
				continue;
			sum_p += rig_u32(&m, 24 + 48 * j + 16);
			sum_o += rig_u32(&m, 24 + 48 * j + 20);
			ck_assert_uint_ge(rig_u32(&m, 24 + 48 * j + 16), 1);
		}
	}
	ck_assert_uint_eq(sum_p, packets);
	ck_assert_uint_eq(sum_o, octets);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->octets,
	    octets + 9000);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->splits, 1629);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_split_is_all_or_nothing_and_too_large_is_counted)
{
	struct rig rig;
	struct pflow_state st;

	rig_config(&rig, 5);
	rig_start(&rig, 2);
	test_state4(&st);
	rig_feed(&rig, &st);
	st.octets[0] = (uint64_t)UINT32_MAX * 59;
	/* 60 records want both slots; one is open. */
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records, 2);
	pflow_exporter_ack(&rig.ex, 1);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records, 62);
	st.octets[0] = UINT64_MAX;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	ck_assert_uint_eq(dropped(&rig, PFLOW_DROP_too_large), 1);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records, 62);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_feed_clamps_times_to_boot_and_counts_it)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.boot_ns = (TEST_WALL_SECS - 100) * TEST_SEC;
	rig_start(&rig, 4);
	test_state4(&st);
	st.start_ns = (TEST_WALL_SECS - 101) * TEST_SEC;
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, rig_pending(&rig) - 1);
	ck_assert_uint_eq(pflow_wire_u64(m.data + 20 + 32),
	    (TEST_WALL_SECS - 100) * 1000);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->times_clamped, 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_uptime_counts_from_boot_and_never_precedes_a_record)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 5);
	rig.cfg.boot_ns = (TEST_WALL_SECS - 500) * TEST_SEC;
	rig_start(&rig, 4);
	test_state4(&st);
	st.last_ns = TEST_WALL_SECS * TEST_SEC; /* this very moment */
	rig_feed(&rig, &st);
	rig.now_secs += 7;
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u32(&m, 4), 507000);
	ck_assert_uint_eq(rig_u32(&m, 8), TEST_WALL_SECS + 7);
	ck_assert_uint_eq(rig_u32(&m, 24 + 24), 495000);
	ck_assert_uint_eq(rig_u32(&m, 24 + 28), 500000);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_times_survive_a_step_of_the_wall_clock)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;
	struct pflow_now now;
	uint64_t boot_ms;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	now = rig_now(&rig);
	now.mono_ns += TEST_SEC;
	now.wall_ns += 3600 * TEST_SEC;
	pflow_exporter_flush(&rig.ex, now);
	m = rig_message(&rig, 0);
	/* What a collector works out: unix time - SysUptime + First. */
	boot_ms = (uint64_t)rig_u32(&m, 8) * 1000 - rig_u32(&m, 4);
	ck_assert_uint_eq(boot_ms + rig_u32(&m, 24 + 24),
	    (TEST_WALL_SECS - 5) * 1000);
	rig_stop(&rig);
}
END_TEST

/** What waits, all octets behind each other. */
static size_t
octets_of(const struct rig *rig, uint8_t *out)
{
	size_t i, len = 0;

	for (i = 0; i < rig_pending(rig); i++) {
		struct pflow_message m = rig_message(rig, i);

		memcpy(out + len, m.data, m.len);
		len += m.len;
	}
	return len;
}

START_TEST(test_feed_many_without_hold_is_as_feeding_one_by_one)
{
	static const uint16_t versions[] = { 5, 9, 10, 10 };
	static uint8_t one[65536], many[65536];
	struct pflow_state st[6];
	struct rig a, b;
	size_t i, len, taken;

	rig_config(&a, versions[_i]);
	a.cfg.hold_ns = 0;
	if (_i == 3)
		a.cfg.fields = pflow_template_named("extended",
		    &a.cfg.field_count);
	b = a;
	rig_start(&a, 32);
	rig_start(&b, 32);
	for (i = 0; i < 6; i++)
		test_state4(&st[i]);
	for (i = 0; i < 6; i++)
		ck_assert_int_eq(rig_feed(&a, &st[i]), PFLOW_OK);
	ck_assert_int_eq(pflow_exporter_feed_many(&b.ex, st, 6, rig_now(&b),
	    &taken), PFLOW_OK);
	ck_assert_uint_eq(rig_pending(&a), rig_pending(&b));
	ck_assert_uint_ge(rig_pending(&a), 5);
	len = octets_of(&a, one);
	ck_assert_uint_eq(octets_of(&b, many), len);
	ck_assert_mem_eq(one, many, len);
	pflow_exporter_ack(&a.ex, 99);
	pflow_exporter_ack(&b.ex, 99);
	rig_stop(&a);
	rig_stop(&b);
}
END_TEST

Suite *
suite_feed(void)
{
	Suite *s = suite_create("feed");
	TCase *tc = tcase_create("feed");

	tcase_add_test(tc,
	    test_feed_drops_what_is_not_wanted_and_counts_it_by_name);
	tcase_add_test(tc, test_feed_select_all_takes_unmarked_states);
	tcase_add_test(tc,
	    test_feed_gives_no_record_for_a_direction_without_octets);
	tcase_add_test(tc, test_feed_forward_record_comes_first);
	tcase_add_test(tc,
	    test_feed_refuses_whole_states_and_goes_on_after_ack);
	tcase_add_test(tc,
	    test_feed_refusal_always_leaves_something_to_acknowledge);
	tcase_add_test(tc,
	    test_feed_many_is_feed_one_by_one_octet_for_octet);
	tcase_add_test(tc, test_feed_many_says_how_many_were_taken);
	tcase_add_test(tc,
	    test_v5_split_conserves_packets_and_octets_on_the_wire);
	tcase_add_test(tc,
	    test_v5_split_is_all_or_nothing_and_too_large_is_counted);
	tcase_add_test(tc, test_feed_clamps_times_to_boot_and_counts_it);
	tcase_add_test(tc,
	    test_v5_uptime_counts_from_boot_and_never_precedes_a_record);
	tcase_add_test(tc, test_v5_times_survive_a_step_of_the_wall_clock);
	tcase_add_loop_test(tc,
	    test_feed_many_without_hold_is_as_feeding_one_by_one, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}
