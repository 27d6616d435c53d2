/* SPDX-License-Identifier: ISC */
/* Records about ourselves. */
#include "rig.h"

Suite *suite_options(void);

struct seen {
	unsigned records;
	uint64_t value[512]; /* by element; the last one wins */
	unsigned names;
	char name[40];
	unsigned scopes;
};

static int
ignore_flow(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	(void)arg;
	(void)st;
	(void)hdr;
	return 0;
}

static int
see(void *arg, const struct pflow_decoded_header *hdr)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	struct seen *seen = arg;
	size_t i;

	seen->records++;
	while (pflow_decoded_field_next(&hdr->record, &at, &f) == PFLOW_OK) {
		uint64_t v = 0;

		ck_assert_uint_lt(f.element, 512);
		seen->scopes += f.is_scope;
		if (f.length == 32) {
			seen->names++;
			memcpy(seen->name, f.value, 32);
			continue;
		}
		for (i = 0; i < f.length; i++)
			v = v << 8 | f.value[i];
		seen->value[f.element] = v;
	}
	return 0;
}

static void
decode(const struct rig *rig, struct seen *seen)
{
	static uint8_t store[8192];
	struct pflow_decoder dec;
	size_t i, n = rig_pending(rig);

	memset(seen, 0, sizeof(*seen));
	pflow_decoder_init(&dec, store, sizeof(store));
	pflow_decoder_set_other(&dec, see);
	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(rig, i);

		ck_assert_int_eq(pflow_decoder_message(&dec, m.data, m.len,
		    ignore_flow, seen), PFLOW_OK);
	}
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.malformed_templates, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 0);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}

static const struct pflow_interface interfaces[] = { { 1, "em0" },
	{ 7, "vlan100 - a name that is longer than the field" } };

static void
options_of(uint16_t version)
{
	struct rig rig;
	struct seen seen;
	struct pflow_state st;

	rig_config(&rig, version);
	rig.cfg.options = 1;
	rig.cfg.process_id = 77;
	rig.cfg.sampling = 100;
	rig.cfg.interfaces = interfaces;
	rig.cfg.interface_count = 2;
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	decode(&rig, &seen);
	/* Sampling, metering, two interfaces; there were no losses. IPFIX has
	 * flow keys of two templates besides. */
	ck_assert_uint_eq(seen.records, version == 9 ? 4 : 6);
	ck_assert_uint_eq(seen.value[305], 1);
	ck_assert_uint_eq(seen.value[306], 99);
	ck_assert_uint_eq(seen.value[34], 0); /* nfdump would add it */
	ck_assert_uint_eq(seen.value[304], 1);
	ck_assert_uint_eq(seen.value[143], 77);
	ck_assert_uint_eq(seen.names, 2);
	ck_assert_str_eq(seen.name, "vlan100 - a name that is longer ");
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->options_records,
	    version == 9 ? 4 : 6);
	if (version == 10) {
		/* STAT-44: template 257; 27, 28, 7, 11 and 4 are keys, the
		 * first, second, ninth, tenth and twelfth. */
		ck_assert_uint_eq(seen.value[145], 257);
		ck_assert_uint_eq(seen.value[173], 0xb03);
	}
	rig_check_sums(&rig);
	pflow_exporter_ack(&rig.ex, 99);
	/* Nothing more for ten minutes, then again. */
	ck_assert_uint_eq(rig.ex.options_due_ns, 1600 * TEST_SEC);
	rig.now_secs = 1600;
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->options_records,
	    version == 9 ? 8 : 12);
	pflow_exporter_ack(&rig.ex, 99);
	rig_stop(&rig);
}

START_TEST(test_options_tell_sampling_names_and_statistics)
{
	options_of(10);
	options_of(9);
}
END_TEST

START_TEST(test_STAT_42_and_43_tell_losses_with_their_times)
{
	struct rig rig;
	struct seen seen;
	struct pflow_state st;

	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig.cfg.process_id = 77;
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_discard(&rig.ex, 99);
	pflow_exporter_set_ignored(&rig.ex, 5, 700, test_now(1100));
	pflow_exporter_set_ignored(&rig.ex, 6, 800, test_now(1200));
	pflow_exporter_set_ignored(&rig.ex, 6, 800, test_now(1300));
	rig.now_secs = 1600;
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	decode(&rig, &seen);
	/* Sampling, metering, both losses, flow keys of two templates. */
	ck_assert_uint_eq(seen.records, 6);
	ck_assert_uint_eq(seen.value[164], 6);
	ck_assert_uint_eq(seen.value[165], 800);
	/* Two flow records, and the four options records of the start. */
	ck_assert_uint_eq(seen.value[166], 6);
	ck_assert_uint_eq(seen.value[167], 18);
	ck_assert_uint_eq(seen.value[168], 10500);
	ck_assert_uint_eq(seen.value[144], 77);
	rig_check_sums(&rig);
	pflow_exporter_ack(&rig.ex, 99);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_options_of_many_interfaces_are_paced)
{
	struct pflow_interface many[90];
	struct rig rig;
	unsigned i, ticks = 0;

	for (i = 0; i < 90; i++) {
		many[i].index = i + 1;
		many[i].name = "em";
	}
	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig.cfg.interfaces = many;
	rig.cfg.interface_count = 90;
	rig_start(&rig, 8);
	while (pflow_exporter_stats(&rig.ex)->options_records < 94) {
		uint64_t before = pflow_exporter_stats(&rig.ex)
		    ->options_records;

		pflow_exporter_tick(&rig.ex, rig_now(&rig));
		pflow_exporter_ack(&rig.ex, 99);
		ck_assert_uint_le(pflow_exporter_stats(&rig.ex)
		    ->options_records - before, 24);
		rig.now_secs++;
		ck_assert_uint_lt(++ticks, 20);
	}
	ck_assert_uint_eq(ticks, 4);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_ack(&rig.ex, 99);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_options_wait_for_room_and_are_not_lost)
{
	struct rig rig;
	struct pflow_state st4, st6;

	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig_start(&rig, 2);
	test_state4(&st4);
	test_state6(&st6);
	rig_feed(&rig, &st4);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	rig_feed(&rig, &st6);
	rig.now_secs = 1600;
	/* Both slots are taken: the options stay due. */
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_ack(&rig.ex, 99);
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->options_records, 8);
	pflow_exporter_ack(&rig.ex, 99);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_types_of_enterprise_elements_come_before_their_template)
{
	static const struct pflow_field fields[] = { { 8, 4, 0 }, { 12, 4, 0 },
		{ 1, 8, 0 }, { 5, 4, 64512 } };
	static const struct pflow_enterprise_element element = { 64512, 5,
		PFLOW_UNITS_PACKETS, PFLOW_TYPE_UNSIGNED32,
		PFLOW_SEMANTICS_TOTAL, 1, 9, "exampleCount" };
	struct rig rig;
	struct seen seen;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig.cfg.fields = fields;
	rig.cfg.field_count = 4;
	rig.cfg.enterprise_elements = &element;
	rig.cfg.enterprise_count = 1;
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	decode(&rig, &seen);
	ck_assert_uint_eq(seen.value[346], 64512);
	ck_assert_uint_eq(seen.value[303], 5);
	ck_assert_uint_eq(seen.value[339], PFLOW_TYPE_UNSIGNED32);
	ck_assert_uint_eq(seen.value[344], PFLOW_SEMANTICS_TOTAL);
	ck_assert_uint_eq(seen.value[345], PFLOW_UNITS_PACKETS);
	ck_assert_uint_eq(seen.value[343], 9);
	ck_assert_str_eq(seen.name, "exampleCount");
	/* The first message has options templates alone, the next begins with
	 * the type record; the flow template comes in a message after it. */
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u16(&m, 16), 3);
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(rig_u16(&m, 16), 276);
	pflow_exporter_ack(&rig.ex, 99);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_report_tells_the_statistics_of_now)
{
	static const struct pflow_interface other = { 9, "em9" };
	struct rig rig;
	struct seen seen;
	struct pflow_state st;

	rig_config(&rig, 10);
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_int_eq(pflow_exporter_report(&rig.ex, rig_now(&rig)),
	    PFLOW_OK);
	ck_assert_uint_eq(rig.ex.stats.options_records, 0);
	rig_stop(&rig);
	rig_config(&rig, 10);
	rig.cfg.options = 1;
	rig.cfg.interfaces = interfaces;
	rig.cfg.interface_count = 2;
	rig_start(&rig, 8);
	ck_assert_int_eq(pflow_exporter_tick(&rig.ex, rig_now(&rig)), PFLOW_OK);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_exporter_set_interfaces(&rig.ex, &other, 1);
	pflow_exporter_set_ignored(&rig.ex, 5, 500, rig_now(&rig));
	ck_assert_int_eq(pflow_exporter_report(&rig.ex, rig_now(&rig)),
	    PFLOW_OK);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	decode(&rig, &seen);
	ck_assert_uint_eq(seen.value[164], 5);
	ck_assert_uint_eq(seen.value[165], 500);
	ck_assert_uint_eq(seen.value[10], 9);
	ck_assert_str_eq(seen.name, "em9");
	rig_check_sums(&rig);
	rig_stop(&rig);
}
END_TEST

Suite *
suite_options(void)
{
	Suite *s = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, test_options_tell_sampling_names_and_statistics);
	tcase_add_test(tc, test_STAT_42_and_43_tell_losses_with_their_times);
	tcase_add_test(tc, test_options_of_many_interfaces_are_paced);
	tcase_add_test(tc, test_options_wait_for_room_and_are_not_lost);
	tcase_add_test(tc,
	    test_types_of_enterprise_elements_come_before_their_template);
	tcase_add_test(tc, test_report_tells_the_statistics_of_now);
	suite_add_tcase(s, tc);
	return s;
}
