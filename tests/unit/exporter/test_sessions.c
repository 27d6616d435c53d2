/* SPDX-License-Identifier: ISC */
/* Templates of what waits: in a new session, and after a discard. */
#include "got.h"

Suite *suite_sessions(void);

/** A list of many fields: its templates are long. */
static void
use_long_list(struct rig *rig)
{
	static struct pflow_field fields[40];
	size_t i;

	for (i = 0; i < 40; i++) {
		fields[i].element = i < 8 ? 1 : 3;
		fields[i].length = 1;
	}
	fields[0].length = 8;
	fields[36].element = 8;
	fields[36].length = 4;
	fields[37].element = 27;
	fields[37].length = 16;
	fields[38].element = 58;
	fields[38].length = 2;
	fields[39].element = 136;
	fields[39].length = 1;
	rig->cfg.fields = fields;
	rig->cfg.field_count = 40;
}

/** The i-th kind of state: each has a template of its own. */
static void
feed_kind(struct rig *rig, unsigned i)
{
	struct pflow_state st;

	if (i & 1)
		test_state6(&st);
	else
		test_state4(&st);
	st.octets[1] = 0;
	st.octets[0] = 100 + i;
	st.present = 0;
	st.present |= i & 2 ? PFLOW_HAS_VLAN : 0;
	st.present |= i & 4 ? PFLOW_HAS_END_REASON : 0;
	ck_assert_int_eq(rig_feed(rig, &st), PFLOW_OK);
}

START_TEST(test_TM_07_templates_of_waiting_data_come_first_in_a_new_session)
{
	struct rig rig;
	struct got got;
	unsigned i;

	/* eight templates of about 150 octets, of which five fit */
	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	rig.cfg.mtu = 900 + 28;
	use_long_list(&rig);
	rig_start(&rig, 8);
	for (i = 0; i < 8; i++)
		feed_kind(&rig, i);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_ack(&rig.ex, 999);
	/* what waits uses the last of them */
	feed_kind(&rig, 7);
	feed_kind(&rig, 5);
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	/* and what comes then one that did not fit */
	for (i = 0; i < 8; i++)
		feed_kind(&rig, i);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 10);
	ck_assert_uint_eq(got.st[0].octets[0], 107);
	ck_assert_uint_eq(got.st[9].octets[0], 107);
	ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded].count, 0);
	rig_free(&rig);
}
END_TEST

START_TEST(test_TM_07_templates_of_what_waits_take_several_messages)
{
	struct rig rig;
	struct got got;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_FILE;
	rig.cfg.options = 1;
	rig.cfg.mtu = 400 + 28;
	use_long_list(&rig);
	rig_start(&rig, 16);
	for (i = 0; i < 6; i++) {
		feed_kind(&rig, i);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
	}
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	rig_check_sums(&rig);
	finish(&rig, &got);
	ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded].count, 0);
	ck_assert_uint_eq(got.n, 6);
	rig_free(&rig);
}
END_TEST

/** The first of what waits has a template that the others use, too. */
static void
begin_with_inline_template(struct rig *rig)
{
	rig_config(rig, 10);
	rig->cfg.nature = PFLOW_TRANSPORT_STREAM;
	use_long_list(rig);
	rig_start(rig, 16);
	feed_kind(rig, 0);
	pflow_exporter_flush(&rig->ex, rig_now(rig));
	feed_kind(rig, 0);
	pflow_exporter_flush(&rig->ex, rig_now(rig));
	feed_kind(rig, 0);
}

START_TEST(test_discarding_one_by_one_comes_to_an_end)
{
	struct rig rig;
	unsigned turns;

	/* Templates that are repeated are in front each time. */
	begin_with_inline_template(&rig);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_refresh(&rig.ex);
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	for (turns = 0; rig_pending(&rig) > 0; turns++) {
		ck_assert_uint_lt(turns, 16);
		pflow_exporter_discard(&rig.ex, 1);
	}
	ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded].count, 3);
	rig_check_sums(&rig);
	rig_free(&rig);
}
END_TEST

START_TEST(test_discard_of_a_message_with_templates_repeats_them)
{
	struct rig rig;
	struct got got;
	uint32_t next;

	begin_with_inline_template(&rig);
	next = rig_u32(&(struct pflow_message){ rig_message(&rig, 1).data,
	    16, 0 }, 8);
	pflow_exporter_discard(&rig.ex, 1);
	ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded].count, 1);
	/* Templates take no number: the gap is where it was. */
	ck_assert_uint_eq(rig_message(&rig, 0).records, 0);
	ck_assert_uint_eq(rig_u32(&(struct pflow_message){
	    rig_message(&rig, 0).data, 16, 0 }, 8), next);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 2);
	rig_check_sums(&rig);
	rig_free(&rig);
}
END_TEST

START_TEST(test_discard_behind_of_a_message_with_templates_repeats_them)
{
	static uint8_t store[8192];
	struct pflow_decoder dec;
	struct rig rig;
	struct got got;
	const uint8_t *head;
	size_t i;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	use_long_list(&rig);
	rig_start(&rig, 16);
	feed_kind(&rig, 0);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	feed_kind(&rig, 2);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	feed_kind(&rig, 2);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	/* Of the head a part may have been sent: the next one goes. */
	head = rig_message(&rig, 0).data;
	ck_assert_uint_eq(pflow_exporter_discard_behind(&rig.ex, 1, 1), 1);
	ck_assert_ptr_eq(rig_message(&rig, 0).data, head);
	rig_check_sums(&rig);
	memset(&got, 0, sizeof(got));
	pflow_decoder_init(&dec, store, sizeof(store));
	ck_assert_uint_eq(rig_pending(&rig), 3);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pflow_decoder_message(&dec,
		    rig_message(&rig, i).data, rig_message(&rig, i).len, take,
		    &got), PFLOW_OK);
	ck_assert_uint_eq(dec.stats.records, 2);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 0);
	/* The one that was discarded shows, and nothing else. */
	ck_assert_uint_eq(dec.stats.records_lost, 1);
	rig_free(&rig);
}
END_TEST

START_TEST(test_discard_of_everything_leaves_nothing_and_templates_come_again)
{
	struct rig rig;
	struct got got;

	begin_with_inline_template(&rig);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_discard(&rig.ex, SIZE_MAX);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	feed_kind(&rig, 0);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 1);
	rig_free(&rig);
}
END_TEST

START_TEST(test_TM_07_data_whose_templates_do_not_fit_is_counted_not_sent)
{
	struct rig rig;
	struct got got;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	rig.cfg.mtu = 400 + 28;
	use_long_list(&rig);
	rig_start(&rig, 4); /* no slot is left for more templates */
	for (i = 0; i < 4; i++) {
		feed_kind(&rig, i);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
	}
	ck_assert_uint_ge(rig_pending(&rig), 4);
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	rig_check_sums(&rig);
	finish(&rig, &got);
	ck_assert_uint_eq(rig.ex.stats.drops[PFLOW_DROP_discarded].count, 2);
	ck_assert_uint_eq(got.n, 2);
	rig_free(&rig);
}
END_TEST

/** The i-th of 48 kinds of states, each with fields of its own. */
static void
many_kinds(struct pflow_state *st, unsigned i)
{
	static const uint16_t present[6] = { 0, PFLOW_HAS_VLAN,
		PFLOW_HAS_END_REASON, PFLOW_HAS_FLOW_ID,
		PFLOW_HAS_VLAN | PFLOW_HAS_FLOW_ID, PFLOW_HAS_TOS };

	if (i & 1)
		test_state6(st);
	else
		test_state4(st);
	st->present = present[i / 2 % 6];
	st->protocol = i / 12 % 2 ? 17 : 6;
	if (st->protocol == 6)
		st->present |= PFLOW_HAS_TCP_FLAGS;
	if (i / 24) {
		st->key[PFLOW_STACK].port[0]++;
		st->flags |= PFLOW_STATE_TRANSLATED;
	}
}

START_TEST(test_templates_of_many_kinds_of_states_keep_their_ids)
{
	struct rig rig;
	struct got got;
	struct pflow_state st;
	unsigned round, i;
	uint16_t next = 0;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig_start(&rig, 64);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 48; i++) {
			many_kinds(&st, i);
			ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
		}
		if (round == 0)
			next = rig.ex.next_id;
		ck_assert_uint_eq(rig.ex.next_id, next);
	}
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 3 * 48 / 2 * 3);
	rig_free(&rig);
}
END_TEST

START_TEST(test_what_no_field_asks_for_makes_no_template)
{
	static const struct pflow_field fields[] = { { 1, 8, 0 },
		{ 2, 8, 0 } };
	struct rig rig;
	struct pflow_state st;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.fields = fields;
	rig.cfg.field_count = 2;
	rig_start(&rig, 16);
	for (i = 0; i < 48; i++) {
		many_kinds(&st, i);
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	}
	ck_assert_uint_eq(rig.ex.variant_count, 1);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	rig_free(&rig);
}
END_TEST

Suite *
suite_sessions(void)
{
	Suite *s = suite_create("sessions");
	TCase *tc = tcase_create("sessions");

	tcase_add_test(tc,
	    test_TM_07_templates_of_waiting_data_come_first_in_a_new_session);
	tcase_add_test(tc,
	    test_TM_07_templates_of_what_waits_take_several_messages);
	tcase_add_test(tc, test_discarding_one_by_one_comes_to_an_end);
	tcase_add_test(tc,
	    test_discard_of_a_message_with_templates_repeats_them);
	tcase_add_test(tc,
	    test_discard_behind_of_a_message_with_templates_repeats_them);
	tcase_add_test(tc,
	    test_discard_of_everything_leaves_nothing_and_templates_come_again);
	tcase_add_test(tc,
	    test_TM_07_data_whose_templates_do_not_fit_is_counted_not_sent);
	tcase_add_test(tc,
	    test_templates_of_many_kinds_of_states_keep_their_ids);
	tcase_add_test(tc, test_what_no_field_asks_for_makes_no_template);
	suite_add_tcase(s, tc);
	return s;
}
