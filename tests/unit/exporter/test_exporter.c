/* SPDX-License-Identifier: ISC */
/* Settings, memory, deadlines, queue, sessions. */
#include "rig.h"

#include <stdlib.h>

Suite *suite_exporter(void);

START_TEST(test_exporter_defaults_are_pflows_own)
{
	struct pflow_exporter_config cfg;

	pflow_exporter_config_init(&cfg);
	ck_assert_uint_eq(cfg.version, 5);
	ck_assert_uint_eq(cfg.domain_id, 42);
	ck_assert_uint_eq(cfg.engine_type, 42);
	ck_assert_uint_eq(cfg.engine_id, 42);
	ck_assert_uint_eq(cfg.hold_ns, 30 * TEST_SEC);
	ck_assert_uint_eq(cfg.mtu, 1500);
	ck_assert_int_eq(cfg.select, PFLOW_SELECT_PFLOW);
}
END_TEST

START_TEST(test_exporter_init_refuses_bad_settings)
{
	static uint8_t block[8192];
	struct pflow_exporter_config good, cfg;
	struct pflow_exporter ex;
	struct pflow_now now = test_now(1000);

	pflow_exporter_config_init(&good);
#define REFUSED(set, status)                                                   \
	cfg = good;                                                            \
	set;                                                                   \
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),  \
	    now), status)
	REFUSED(cfg.struct_size--, PFLOW_ERR_INVALID);
	REFUSED(cfg.version = 4, PFLOW_ERR_INVALID);
	REFUSED(cfg.version = 11, PFLOW_ERR_INVALID);
	REFUSED(cfg.select = (enum pflow_select)7, PFLOW_ERR_INVALID);
	REFUSED(cfg.side = (enum pflow_side)7, PFLOW_ERR_INVALID);
	REFUSED(cfg.nature = (enum pflow_transport_nature)7, PFLOW_ERR_INVALID);
	REFUSED(cfg.mtu = 0, PFLOW_ERR_RANGE);
	REFUSED(cfg.mtu = 65536, PFLOW_ERR_RANGE);
	REFUSED(cfg.mtu = 28 + 24 + 47, PFLOW_ERR_RANGE);
	REFUSED(cfg.version = 10; cfg.mtu = 28 + 123, PFLOW_ERR_RANGE);
	REFUSED(cfg.mtu = 28 + 24 + 48, PFLOW_OK);
	REFUSED(cfg.version = 10; cfg.mtu = 28 + 124, PFLOW_OK);
#undef REFUSED
	ck_assert_int_eq(pflow_exporter_init(&ex, &good, block,
	    pflow_exporter_block_size(&good, 2) - 1, now), PFLOW_ERR_NOSPACE);
	ck_assert_int_eq(pflow_exporter_init(&ex, &good, block,
	    pflow_exporter_block_size(&good, 2), now), PFLOW_OK);
	ck_assert_uint_eq(pflow_exporter_block_size(&good, 1), 0);
	ck_assert_uint_eq(pflow_exporter_block_size(&good, SIZE_MAX), 0);
	cfg = good;
	cfg.version = 7;
	ck_assert_uint_eq(pflow_exporter_block_size(&cfg, 2), 0);
}
END_TEST

START_TEST(test_exporter_holds_no_pointer_into_itself_and_any_alignment_does)
{
	struct rig rig;
	struct pflow_exporter moved;
	struct pflow_state st;
	uint8_t *block;
	size_t len;

	rig_config(&rig, 10);
	len = pflow_exporter_block_size(&rig.cfg, 4);
	block = malloc(len + 1);
	ck_assert_int_eq(pflow_exporter_init(&moved, &rig.cfg, block + 1, len,
	    rig_now(&rig)), PFLOW_OK);
	rig.ex = moved;
	memset(&moved, 0xff, sizeof(moved));
	test_state4(&st);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_pending(&rig), 2);
	rig_check_messages(&rig);
	rig_check_sums(&rig);
	free(block);
}
END_TEST

START_TEST(test_no_record_is_held_longer_than_hold_in_any_shape)
{
	struct rig rig;
	struct pflow_state st4, st6;

	rig_config(&rig, 10);
	rig.cfg.refresh_ns = 0;
	rig.cfg.refresh_messages = 0;
	rig.cfg.template_copies = 1;
	rig_start(&rig, 8);
	test_state4(&st4);
	test_state6(&st6);
	rig_feed(&rig, &st4); /* 1000 */
	pflow_exporter_ack(&rig.ex, 1);
	rig.now_secs = 1010;
	rig_feed(&rig, &st6);
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 1030 * TEST_SEC);
	rig.now_secs = 1029;
	rig_feed(&rig, &st4);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	rig.now_secs = 1030;
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)), PFLOW_OK);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	ck_assert_uint_eq(rig_message(&rig, 0).records, 4);
	/* Sending the IPv4 message must not touch the IPv6 deadline. */
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 1040 * TEST_SEC);
	rig.now_secs = 1040;
	/* A feed serves deadlines too. */
	rig_feed(&rig, &st4);
	ck_assert_uint_eq(rig_pending(&rig), 2);
	ck_assert_uint_eq(rig_message(&rig, 1).records, 1);
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 1070 * TEST_SEC);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), PFLOW_NEVER);
	rig_stop(&rig);
}
END_TEST

/** Pseudo-random numbers that are the same everywhere. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/** When each record of a shape was fed, oldest first. */
struct fed {
	uint64_t secs[4096];
	size_t head, tail;
};

/** The records of a message left now: none may have waited over 30 s. */
static void
check_age(struct fed *fed, const struct pflow_message *m, uint64_t secs)
{
	uint32_t i;

	for (i = 0; i < m->records; i++) {
		ck_assert_uint_lt(fed->head, fed->tail);
		ck_assert_uint_le(secs - fed->secs[fed->head++ % 4096], 30);
	}
}

static void
mixed_traffic(uint16_t version)
{
	static struct fed fed[2];
	struct rig rig;
	struct pflow_state st[2];
	uint32_t seed = 1;
	unsigned i, j;

	memset(fed, 0, sizeof(fed));
	rig_config(&rig, version);
	rig_start(&rig, 64);
	test_state4(&st[0]);
	test_state6(&st[1]);
	for (i = 0; i < 20000; i++) {
		/* Long silences, bursts, and seldom IPv6. */
		unsigned n = next_random(&seed) % 50 ? 0
						     : next_random(&seed) % 90;
		struct pflow_message msgs[64];

		rig.now_secs++;
		if (pflow_exporter_deadline(&rig.ex) <= rig.now_secs * TEST_SEC)
			ck_assert_int_eq(pflow_exporter_tick(&rig.ex,
			    rig_now(&rig)), PFLOW_OK);
		for (j = 0; j < n; j++) {
			unsigned v6 = next_random(&seed) % 8 == 0;
			unsigned k, records = v6 ? version == 10 : 2;

			ck_assert_int_eq(rig_feed(&rig, &st[v6]), PFLOW_OK);
			for (k = 0; k < records; k++)
				fed[v6].secs[fed[v6].tail++ % 4096] =
				    rig.now_secs;
		}
		rig_check_messages(&rig);
		n = (unsigned)pflow_exporter_pending(&rig.ex, msgs, 64);
		for (j = 0; j < n; j++)
			check_age(&fed[version == 10 &&
			    rig_u16(&msgs[j], 16) == 257], &msgs[j],
			    rig.now_secs);
		pflow_exporter_ack(&rig.ex, n);
	}
	ck_assert_uint_gt(fed[0].tail, 10000);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	rig_stop(&rig);
}

START_TEST(test_deadlines_hold_under_mixed_traffic)
{
	mixed_traffic(5);
	mixed_traffic(10);
}
END_TEST

START_TEST(test_a_clock_that_stands_still_or_steps_back_breaks_nothing)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_now now;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	now = rig_now(&rig);
	now.wall_ns -= 3600 * TEST_SEC; /* the wall clock alone */
	now.mono_ns += 30 * TEST_SEC;
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, now), PFLOW_OK);
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(m.records, 2);
	/* TM-01: Export Time does not fall below that of the templates. */
	ck_assert_uint_eq(rig_u32(&m, 4), TEST_WALL_SECS);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_deadline_at_the_end_of_time_is_not_never)
{
	struct rig rig;
	struct pflow_state st;

	rig_config(&rig, 5);
	rig.cfg.hold_ns = UINT64_MAX;
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_uint_lt(pflow_exporter_deadline(&rig.ex), PFLOW_NEVER);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_ack_frees_in_order_and_takes_no_more_than_there_is)
{
	struct rig rig;
	struct pflow_state st;
	unsigned i;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	for (i = 0; i < 45; i++)
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_pending(&rig), 3);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records_waiting, 90);
	pflow_exporter_ack(&rig.ex, 1);
	ck_assert_uint_eq(rig_pending(&rig), 2);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records_waiting, 60);
	pflow_exporter_ack(&rig.ex, 99);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records_sent, 90);
	pflow_exporter_ack(&rig.ex, 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_discard_counts_records_and_keeps_the_sequence_gap)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;
	unsigned i;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	for (i = 0; i < 30; i++)
		rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_discard(&rig.ex, 1);
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u32(&m, 16), 30);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
	    ->drops[PFLOW_DROP_discarded].count, 30);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_discard_behind_keeps_the_first_and_the_templates)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message first, m;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	rig.cfg.overhead = 0;
	rig_start(&rig, 8);
	test_state4(&st);
	for (i = 0; i < 40; i++)
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	/* templates 27 27 26: not the templates, though they are oldest */
	ck_assert_uint_eq(rig_pending(&rig), 4);
	ck_assert_uint_eq(pflow_exporter_discard_behind(&rig.ex, 0, 1), 1);
	ck_assert_uint_eq(rig_pending(&rig), 3);
	ck_assert_uint_eq(rig_message(&rig, 0).records, 0);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
	    ->drops[PFLOW_DROP_discarded].count, 27);
	/* templates 27 26: the first of the rest is half out */
	pflow_exporter_ack(&rig.ex, 1);
	first = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u32(&first, 8), 27);
	ck_assert_uint_eq(pflow_exporter_discard_behind(&rig.ex, 1, 9), 1);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	m = rig_message(&rig, 0);
	ck_assert_ptr_eq(m.data, first.data);
	ck_assert_uint_eq(pflow_exporter_discard_behind(&rig.ex, 1, 1), 0);
	rig_check_sums(&rig);
	/* The queue still works at both ends. */
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_pending(&rig), 2);
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(rig_u32(&m, 8), 80);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_discarded_templates_are_due_again)
{
	struct rig rig;
	struct pflow_state st;

	rig_config(&rig, 10);
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	pflow_exporter_discard(&rig.ex, 1);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 0);
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_pending(&rig), 1);
	ck_assert_uint_eq(rig_message(&rig, 0).records, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_session_restart_puts_templates_first_and_numbers_from_zero)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	rig.cfg.overhead = 0;
	rig_start(&rig, 8);
	test_state4(&st);
	for (i = 0; i < 40; i++)
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	/* templates 27 27 26 */
	ck_assert_uint_eq(rig_pending(&rig), 4);
	pflow_exporter_ack(&rig.ex, 2);
	rig.now_secs += 60;
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_pending(&rig), 3);
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(m.records, 0);
	ck_assert_uint_eq(rig_u32(&m, 8), 0);
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(rig_u32(&m, 8), 0);
	ck_assert_uint_eq(rig_u32(&m, 4), TEST_WALL_SECS + 60);
	ck_assert_uint_eq(m.records, 27);
	m = rig_message(&rig, 2);
	ck_assert_uint_eq(rig_u32(&m, 8), 27);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, 3);
	ck_assert_uint_eq(rig_u32(&m, 8), 53);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_session_restart_moves_waiting_templates_to_the_front)
{
	struct rig rig;
	struct pflow_state st;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.refresh_messages = 1;
	rig.cfg.template_copies = 1;
	rig_start(&rig, 8);
	test_state4(&st);
	for (i = 0; i < 14; i++)
		rig_feed(&rig, &st);
	pflow_exporter_ack(&rig.ex, 1);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	for (i = 0; i < 14; i++)
		rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	/* data, templates, data, data */
	ck_assert_uint_eq(rig_message(&rig, 0).records, 26);
	ck_assert_uint_eq(rig_message(&rig, 1).records, 0);
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(rig_message(&rig, 0).records, 0);
	ck_assert_uint_eq(rig_message(&rig, 1).records, 26);
	ck_assert_uint_eq(rig_message(&rig, 2).records, 2);
	rig_check_messages(&rig);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_session_restart_means_nothing_to_v5)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	pflow_exporter_refresh(&rig.ex);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(rig_u32(&m, 16), 2);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_set_mtu_lowers_messages_to_come_and_refuses_nonsense)
{
	struct rig rig;
	struct pflow_state st;
	unsigned i;

	rig_config(&rig, 10);
	rig.cfg.template_copies = 1;
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_int_eq(pflow_exporter_set_mtu(&rig.ex, 1501, rig_now(&rig)),
	    PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_exporter_set_mtu(&rig.ex, 100, rig_now(&rig)),
	    PFLOW_ERR_RANGE);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	ck_assert_int_eq(pflow_exporter_set_mtu(&rig.ex, 576, rig_now(&rig)),
	    PFLOW_OK);
	ck_assert_uint_eq(rig_pending(&rig), 2);
	for (i = 0; i < 20; i++)
		rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	/* (576 - 28 - 20) / 54 = 9 */
	ck_assert_uint_eq(rig_message(&rig, 2).records, 9);
	ck_assert_int_eq(pflow_exporter_set_mtu(&rig.ex, 1500, rig_now(&rig)),
	    PFLOW_OK);
	rig_stop(&rig);
}
END_TEST

Suite *
suite_exporter(void)
{
	Suite *s = suite_create("exporter");
	TCase *tc = tcase_create("exporter");

	tcase_add_test(tc, test_exporter_defaults_are_pflows_own);
	tcase_add_test(tc, test_exporter_init_refuses_bad_settings);
	tcase_add_test(tc,
	    test_exporter_holds_no_pointer_into_itself_and_any_alignment_does);
	tcase_add_test(tc,
	    test_no_record_is_held_longer_than_hold_in_any_shape);
	tcase_add_test(tc, test_deadlines_hold_under_mixed_traffic);
	tcase_add_test(tc,
	    test_a_clock_that_stands_still_or_steps_back_breaks_nothing);
	tcase_add_test(tc, test_deadline_at_the_end_of_time_is_not_never);
	tcase_add_test(tc,
	    test_ack_frees_in_order_and_takes_no_more_than_there_is);
	tcase_add_test(tc,
	    test_discard_counts_records_and_keeps_the_sequence_gap);
	tcase_add_test(tc,
	    test_discard_behind_keeps_the_first_and_the_templates);
	tcase_add_test(tc, test_discarded_templates_are_due_again);
	tcase_add_test(tc,
	    test_session_restart_puts_templates_first_and_numbers_from_zero);
	tcase_add_test(tc,
	    test_session_restart_moves_waiting_templates_to_the_front);
	tcase_add_test(tc, test_session_restart_means_nothing_to_v5);
	tcase_add_test(tc,
	    test_set_mtu_lowers_messages_to_come_and_refuses_nonsense);
	suite_add_tcase(s, tc);
	return s;
}
