/* SPDX-License-Identifier: ISC */
/* Message sizes, sequence numbers, templates. */
#include "rig.h"

Suite *suite_seal(void);

START_TEST(test_messages_fill_the_mtu_and_never_pass_it)
{
	static const struct {
		uint16_t version;
		int ipv6_flows;
		uint32_t mtu, overhead, records;
	} cases[] = {
		{ 5, 0, 1500, 28, 30 },	   /* pflow(4)'s own numbers */
		{ 5, 0, 1500, 48, 29 },	   /* E1: IPv6 collector */
		{ 10, 0, 1500, 28, 26 },
		{ 10, 1, 1500, 28, 18 },
		{ 10, 0, 1500, 48, 26 },
		{ 10, 1, 1500, 48, 18 },
		{ 10, 0, 28 + 20 + 54 * 3, 28, 3 },
		{ 10, 0, 28 + 20 + 54 * 3 - 1, 28, 2 },
		{ 5, 0, 9000, 28, 30 },
		{ 10, 0, 65535, 28, (65535 - 48) / 54 },
	};
	size_t c;

	for (c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct rig rig;
		struct pflow_state st;

		rig_config(&rig, cases[c].version);
		rig.cfg.mtu = cases[c].mtu;
		rig.cfg.overhead = cases[c].overhead;
		rig.cfg.template_copies = 1;
		rig_start(&rig, 3);
		if (cases[c].ipv6_flows)
			test_state6(&st);
		else
			test_state4(&st);
		st.octets[1] = 0;
		rig_feed(&rig, &st);
		while (rig_pending(&rig) == (cases[c].version == 10))
			rig_feed(&rig, &st);
		ck_assert_uint_eq(rig_message(&rig, cases[c].version == 10)
		    .records, cases[c].records);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_SEQ_01_counts_data_records_before_the_message)
{
	struct rig rig;
	struct pflow_state st4, st6;
	struct pflow_message m;
	uint32_t expect = 0;
	size_t i, n;

	rig_config(&rig, 10);
	rig_start(&rig, 32);
	test_state4(&st4);
	test_state6(&st6);
	for (i = 0; i < 150; i++)
		rig_feed(&rig, i % 4 ? &st4 : &st6);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	n = rig_pending(&rig);
	ck_assert_uint_gt(n, 10);
	for (i = 0; i < n; i++) {
		m = rig_message(&rig, i);
		ck_assert_uint_eq(rig_u32(&m, 8), expect);
		expect += m.records; /* SEQ-02: templates add nothing */
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(test_SEQ_06_sequence_wraps_without_special_case)
{
	uint16_t version;

	for (version = 5; version <= 10; version += 5) {
		struct rig rig;
		struct pflow_state st;
		struct pflow_message m;
		size_t at = version == 5 ? 16 : 8;

		rig_config(&rig, version);
		rig.cfg.template_copies = 0;
		rig_start(&rig, 4);
		test_state4(&st);
		rig_feed(&rig, &st);
		pflow_exporter_ack(&rig.ex, 9);
		rig.ex.sequence = UINT32_MAX;
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		rig_feed(&rig, &st);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		m = rig_message(&rig, 0);
		ck_assert_uint_eq(rig_u32(&m, at), UINT32_MAX);
		m = rig_message(&rig, 1);
		ck_assert_uint_eq(rig_u32(&m, at), 1);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_V5_01_sequence_counts_records_before_the_datagram)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;
	size_t i;

	rig_config(&rig, 5);
	rig_start(&rig, 8);
	test_state4(&st);
	for (i = 0; i < 40; i++)
		rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	for (i = 0; i < 3; i++) {
		m = rig_message(&rig, i);
		ck_assert_uint_eq(rig_u32(&m, 16), i * 30);
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(test_templates_come_before_the_first_data_and_in_copies)
{
	struct rig rig;
	struct pflow_state st;
	size_t i;

	rig_config(&rig, 10);
	rig_start(&rig, 8);
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 1000 * TEST_SEC);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_uint_eq(rig_pending(&rig), 1);
	ck_assert_uint_eq(rig_message(&rig, 0).len, 124);
	pflow_exporter_ack(&rig.ex, 1);
	for (i = 0; i < 4; i++) {
		/* Second and third copy before the first two data messages. */
		rig_feed(&rig, &st);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		ck_assert_uint_eq(rig_pending(&rig), i < 2 ? 2 : 1);
		ck_assert_uint_eq(rig_message(&rig, 0).records == 0, i < 2);
		pflow_exporter_ack(&rig.ex, 9);
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(test_UDP_01_templates_are_repeated_by_time_and_by_messages)
{
	struct rig rig;
	struct pflow_state st;
	unsigned i, templates = 0;

	rig_config(&rig, 10);
	rig.cfg.template_copies = 1;
	rig.cfg.refresh_messages = 10;
	rig_start(&rig, 8);
	test_state4(&st);
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)), PFLOW_OK);
	pflow_exporter_ack(&rig.ex, 9);
	/* By time, without any data. */
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), 1060 * TEST_SEC);
	rig.now_secs = 1060;
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)), PFLOW_OK);
	ck_assert_uint_eq(rig_message(&rig, 0).len, 124);
	/* One that waits is enough. */
	rig.now_secs = 1200;
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), PFLOW_NEVER);
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)),
	    PFLOW_ERR_AGAIN);
	pflow_exporter_ack(&rig.ex, 9);
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_ack(&rig.ex, 9);
	/* By messages: every ten. */
	for (i = 0; i < 50; i++) {
		rig_feed(&rig, &st);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		templates += rig_pending(&rig) == 2;
		pflow_exporter_ack(&rig.ex, 9);
	}
	ck_assert_uint_eq(templates, 4);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_streams_and_files_get_templates_once)
{
	int nature;

	for (nature = PFLOW_TRANSPORT_STREAM; nature <= PFLOW_TRANSPORT_FILE;
	    nature++) {
		struct rig rig;
		struct pflow_state st;
		unsigned i;

		rig_config(&rig, 10);
		rig.cfg.nature = (enum pflow_transport_nature)nature;
		rig.cfg.overhead = 0;
		rig_start(&rig, 8);
		test_state4(&st);
		for (i = 0; i < 500; i++) {
			rig_feed(&rig, &st);
			pflow_exporter_flush(&rig.ex, rig_now(&rig));
			pflow_exporter_ack(&rig.ex, 9);
			rig.now_secs++;
		}
		ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
		    ->template_messages, 1);
		/* Asked for, they are sent. */
		pflow_exporter_refresh(&rig.ex);
		pflow_exporter_tick(&rig.ex, rig_now(&rig));
		ck_assert_uint_eq(rig_message(&rig, 0).len, 124);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_v5_has_no_templates)
{
	struct rig rig;

	rig_config(&rig, 5);
	rig_start(&rig, 4);
	ck_assert_uint_eq(pflow_exporter_deadline(&rig.ex), PFLOW_NEVER);
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)), PFLOW_OK);
	ck_assert_uint_eq(rig_pending(&rig), 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_headers_carry_the_settings)
{
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	test_state4(&st);
	rig_config(&rig, 5);
	rig.cfg.engine_type = 1;
	rig.cfg.engine_id = 2;
	rig.cfg.sampling = 0x4064;
	rig_start(&rig, 4);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u32(&m, 20), 0x01024064);
	rig_stop(&rig);
	rig_config(&rig, 10);
	rig.cfg.domain_id = 2300000000u;
	rig_start(&rig, 4);
	rig_feed(&rig, &st);
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u32(&m, 12), 2300000000u);
	rig_stop(&rig);
}
END_TEST

Suite *
suite_seal(void)
{
	Suite *s = suite_create("seal");
	TCase *tc = tcase_create("seal");

	tcase_add_test(tc, test_messages_fill_the_mtu_and_never_pass_it);
	tcase_add_test(tc, test_SEQ_01_counts_data_records_before_the_message);
	tcase_add_test(tc, test_SEQ_06_sequence_wraps_without_special_case);
	tcase_add_test(tc,
	    test_V5_01_sequence_counts_records_before_the_datagram);
	tcase_add_test(tc,
	    test_templates_come_before_the_first_data_and_in_copies);
	tcase_add_test(tc,
	    test_UDP_01_templates_are_repeated_by_time_and_by_messages);
	tcase_add_test(tc, test_streams_and_files_get_templates_once);
	tcase_add_test(tc, test_v5_has_no_templates);
	tcase_add_test(tc, test_headers_carry_the_settings);
	suite_add_tcase(s, tc);
	return s;
}
