/* SPDX-License-Identifier: ISC */
/* Where one more or one less makes the difference. */
#include "rig.h"

Suite *suite_edges(void);

static struct pflow_message
last_message(const struct rig *rig)
{
	return rig_message(rig, rig_pending(rig) - 1);
}

START_TEST(test_defaults_of_templates_and_options)
{
	struct pflow_exporter_config cfg;

	pflow_exporter_config_init(&cfg);
	ck_assert_uint_eq(cfg.refresh_ns, 60 * TEST_SEC);
	ck_assert_uint_eq(cfg.refresh_messages, 100);
	ck_assert_uint_eq(cfg.template_copies, 3);
	ck_assert_uint_eq(cfg.options_ns, 600 * TEST_SEC);
	ck_assert_uint_eq(cfg.overhead, PFLOW_OVERHEAD_UDP_IPV4);
	ck_assert_int_eq(cfg.side, PFLOW_SIDE_BOTH);
	ck_assert_int_eq(cfg.nature, PFLOW_TRANSPORT_DATAGRAM);
}
END_TEST

START_TEST(test_v9_needs_seven_octets_more_than_ipfix)
{
	static uint8_t block[8192];
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex;

	pflow_exporter_config_init(&cfg);
	cfg.version = 9;
	cfg.mtu = 28 + 124 + 4 + 3;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    test_now(1000)), PFLOW_OK);
	cfg.mtu--;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    test_now(1000)), PFLOW_ERR_RANGE);
}
END_TEST

START_TEST(test_export_times_after_2038_are_told)
{
	static const uint64_t secs[] = { 2147483647, 2147483648, 2500000000,
		4294967295 };
	struct pflow_now now = { 1000 * TEST_SEC, 0 };
	struct pflow_state st;
	struct pflow_message m;
	struct rig rig;
	size_t i;

	for (i = 0; i < sizeof(secs) / sizeof(secs[0]); i++) {
		rig_config(&rig, 10);
		rig_start(&rig, 4);
		now.wall_ns = secs[i] * TEST_SEC;
		test_state4(&st);
		ck_assert_int_eq(pflow_exporter_feed(&rig.ex, &st, now),
		    PFLOW_OK);
		pflow_exporter_flush(&rig.ex, now);
		m = last_message(&rig);
		ck_assert_uint_eq(rig_u32(&m, 4), secs[i]);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_losses_keep_their_first_and_last_time)
{
	struct pflow_state st;
	struct rig rig;
	uint64_t first = 0;
	unsigned i;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	for (i = 0; i < 3; i++) {
		rig_feed(&rig, &st);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		first = first == 0 ? rig_now(&rig).wall_ns : first;
		pflow_exporter_discard(&rig.ex, 1);
		ck_assert_uint_eq(rig.ex.dropped_first_ns, first);
		ck_assert_uint_eq(rig.ex.dropped_last_ns,
		    rig_now(&rig).wall_ns);
		rig.now_secs += 10;
	}
	rig_stop(&rig);
}
END_TEST

/** Of those that are pending, how many are template messages? Takes them. */
static unsigned
template_messages(struct rig *rig)
{
	unsigned n = 0;

	while (rig_pending(rig) > 0) {
		n += rig_message(rig, 0).records == 0;
		pflow_exporter_ack(&rig->ex, 1);
	}
	return n;
}

START_TEST(test_a_new_session_has_its_copies_and_options_again)
{
	struct pflow_state st;
	struct rig rig;
	uint64_t options;
	unsigned i, session, n;

	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig_start(&rig, 8);
	test_state4(&st);
	for (session = 0; session < 2; session++) {
		options = rig.ex.stats.options_records;
		for (i = 0, n = 0; i < 6; i++) {
			rig_feed(&rig, &st);
			pflow_exporter_flush(&rig.ex, rig_now(&rig));
			(void)pflow_exporter_tick(&rig.ex, rig_now(&rig));
			n += template_messages(&rig);
		}
		ck_assert_uint_eq(n, 3);
		ck_assert_uint_gt(rig.ex.stats.options_records, options);
		rig.now_secs++;
		pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(test_a_new_mtu_is_the_setting_from_then_on)
{
	struct rig rig;

	rig_config(&rig, 10);
	rig_start(&rig, 4);
	ck_assert_int_eq(pflow_exporter_set_mtu(&rig.ex, 600, rig_now(&rig)),
	    PFLOW_OK);
	ck_assert_uint_eq(rig.ex.cfg.mtu, 600);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_a_nat_event_without_room_refuses_the_whole_state)
{
	struct pflow_state st;
	struct rig rig;

	rig_config(&rig, 10);
	rig.cfg.nat_events = 1;
	rig_start(&rig, 2);
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_ack(&rig.ex, 99);
	test_state4(&st);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	test_state6(&st);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	/* room for its flows, none for its event */
	test_state4(&st);
	st.flags |= PFLOW_STATE_TRANSLATED;
	st.key[PFLOW_STACK].port[0]++;
	ck_assert_uint_eq(rig.ex.slots_free, 0);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(rig.ex.stats.nat_events, 0);
	ck_assert_uint_eq(rig.ex.stats.states, 2);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_counts_clamped_times_on_every_path)
{
	struct pflow_state st;
	struct rig rig;
	unsigned i;

	rig_config(&rig, 5);
	rig_start(&rig, 8);
	test_state4(&st);
	/* before the machine came up */
	st.start_ns = st.last_ns = 1;
	for (i = 0; i < 4; i++) {
		/* plain; split, which is not */
		if (i == 2)
			st.octets[0] = UINT64_C(1) << 32;
		rig_feed(&rig, &st);
		ck_assert_uint_eq(rig.ex.stats.times_clamped, i + 1);
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(test_v5_durations_of_32_bits_and_one_more)
{
	static const uint64_t ms[] = { UINT32_MAX, (uint64_t)UINT32_MAX + 1 };
	struct pflow_now now = { UINT64_C(6000000) * TEST_SEC,
		TEST_WALL_SECS * TEST_SEC };
	struct pflow_state st;
	struct rig rig;
	unsigned i, slow;

	for (i = 0; i < 4; i++) {
		slow = i / 2;
		rig_config(&rig, 5);
		rig_start(&rig, 8);
		test_state4(&st);
		st.last_ns = now.wall_ns;
		st.start_ns = st.last_ns - ms[i % 2] * 1000000;
		st.octets[0] = slow ? UINT64_C(1) << 32 : 100;
		/* a message is open: the first state never is a plain one */
		pflow_exporter_feed(&rig.ex, &st, now);
		pflow_exporter_feed(&rig.ex, &st, now);
		ck_assert_uint_eq(rig.ex.stats.times_clamped, 2 * (i % 2));
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_every_counter_alone_over_32_bits_is_split_in_v5)
{
	struct pflow_state st;
	struct rig rig;
	unsigned i;

	for (i = 0; i < 4; i++) {
		uint64_t *counter;

		rig_config(&rig, 5);
		rig_start(&rig, 8);
		test_state4(&st);
		rig_feed(&rig, &st);
		counter = i < 2 ? &st.packets[i] : &st.octets[i - 2];
		*counter = UINT32_MAX;
		rig_feed(&rig, &st);
		ck_assert_uint_eq(rig.ex.stats.splits, 0);
		*counter = (uint64_t)UINT32_MAX + 1;
		rig_feed(&rig, &st);
		ck_assert_uint_eq(rig.ex.stats.splits, 1);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_discarded_records_have_the_sums_of_their_states)
{
	static const uint16_t versions[] = { 5, 9, 10 };
	struct pflow_state st[2];
	struct rig rig;
	unsigned i, n;
	size_t taken;

	for (i = 0; i < 3; i++) {
		rig_config(&rig, versions[i]);
		rig_start(&rig, 8);
		test_state4(&st[0]);
		test_state4(&st[1]);
		for (n = 0; n < 3; n++)
			ck_assert_int_eq(pflow_exporter_feed_many(&rig.ex, st,
			    2, rig_now(&rig), &taken), PFLOW_OK);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		pflow_exporter_discard(&rig.ex, 99);
		ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded]
		    .packets, 6 * 18);
		ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded]
		    .octets, 6 * 10500);
		rig_stop(&rig);
	}
}
END_TEST

Suite *
suite_edges(void)
{
	Suite *s = suite_create("edges");
	TCase *tc = tcase_create("edges");

	tcase_add_test(tc, test_defaults_of_templates_and_options);
	tcase_add_test(tc, test_v9_needs_seven_octets_more_than_ipfix);
	tcase_add_test(tc, test_export_times_after_2038_are_told);
	tcase_add_test(tc, test_losses_keep_their_first_and_last_time);
	tcase_add_test(tc,
	    test_a_new_session_has_its_copies_and_options_again);
	tcase_add_test(tc, test_a_new_mtu_is_the_setting_from_then_on);
	tcase_add_test(tc,
	    test_a_nat_event_without_room_refuses_the_whole_state);
	tcase_add_test(tc, test_v5_counts_clamped_times_on_every_path);
	tcase_add_test(tc, test_v5_durations_of_32_bits_and_one_more);
	tcase_add_test(tc,
	    test_every_counter_alone_over_32_bits_is_split_in_v5);
	tcase_add_test(tc,
	    test_discarded_records_have_the_sums_of_their_states);
	suite_add_tcase(s, tc);
	return s;
}
