/* SPDX-License-Identifier: ISC */
/* Chosen templates, v9, biflows, NAT events: fed, then decoded again. */
#include "got.h"

Suite *suite_planned(void);

START_TEST(test_extended_sends_all_that_is_known_and_nothing_else)
{
	struct rig rig;
	struct got got;
	struct pflow_state st, icmp;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig_start(&rig, 8);
	test_state4(&st);
	st.present |= PFLOW_HAS_END_REASON | PFLOW_HAS_VLAN |
	    PFLOW_HAS_FLOW_ID | PFLOW_HAS_TOS;
	st.end_reason = PFLOW_END_DETECTED;
	st.vlan = 100;
	st.flow_id = UINT64_C(0x123456789abcdef0);
	st.tos = 0x10;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	test_state6(&icmp);
	icmp.protocol = 58;
	icmp.key[0].port[0] = icmp.key[0].port[1] = 0;
	icmp.present = PFLOW_HAS_ICMP;
	icmp.icmp[0] = 0x8000;
	ck_assert_int_eq(rig_feed(&rig, &icmp), PFLOW_OK);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 3);
	ck_assert_uint_eq(got.st[0].octets[0], 1500);
	ck_assert_uint_eq(got.st[0].end_reason, PFLOW_END_DETECTED);
	ck_assert_uint_eq(got.st[0].vlan, 100);
	ck_assert_uint_eq(got.st[0].flow_id, st.flow_id);
	ck_assert_uint_eq(got.st[0].tos, 0x10);
	ck_assert_uint_eq(got.st[0].tcp_flags[0], 0x1b);
	ck_assert_uint_eq(got.st[1].tcp_flags[0], 0x12);
	ck_assert_uint_eq(got.st[1].ifindex[0], 2);
	ck_assert_uint_eq(got.st[0].start_ns, st.start_ns);
	ck_assert_uint_eq(got.st[2].present, PFLOW_HAS_ICMP);
	ck_assert_uint_eq(got.st[2].icmp[0], 0x8000);
	ck_assert_uint_ne(got.hdr[0].template_id, got.hdr[2].template_id);
	ck_assert_uint_ge(got.hdr[0].template_id, 256);
	rig_free(&rig);
}
END_TEST

START_TEST(test_custom_list_is_walked_in_its_own_order)
{
	static const struct pflow_field fields[] = {
		{ 4, 1, 0 }, { 2, 4, 0 }, { 1, 3, 0 }, { 12, 4, 0 },
		{ 161, 4, 0 }, { 154, 8, 0 }, { 206, 1, 0 }, { 210, 3, 0 },
		{ 8, 4, 0 }, { 150, 4, 0 },
	};
	static const uint8_t want[] = { 6, 0, 0, 0, 10, 0, 0x05, 0xdc, 198, 51,
		100, 2, 0, 0, 0x0f, 0xa0, 0xe8, 0xfe, 0x6f, 0x7b, 0, 0, 0, 0, 0,
		0, 0, 0, 192, 0, 2, 1, 0x65, 0x53, 0xf0, 0xfb };
	struct rig rig;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.fields = fields;
	rig.cfg.field_count = sizeof(fields) / sizeof(fields[0]);
	rig_start(&rig, 4);
	test_state4(&st);
	st.octets[1] = 0;
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	m = rig_message(&rig, rig_pending(&rig) - 1);
	/* Template Set first (TM-03): 4 + 4 + 40 octets, then the data. */
	ck_assert_uint_eq(rig_u16(&m, 16), 2);
	ck_assert_uint_eq(rig_u16(&m, 18), 48);
	ck_assert_uint_eq(rig_u16(&m, 66), sizeof(want) + 4);
	ck_assert_uint_eq(rig_u16(&m, 64), rig_u16(&m, 20));
	ck_assert_mem_eq(m.data + 68, want, sizeof(want));
	rig_free(&rig);
}
END_TEST

START_TEST(test_reduced_counters_are_bounded_and_never_cut)
{
	static const struct pflow_field fields[] = { { 8, 4, 0 }, { 12, 4, 0 },
		{ 1, 2, 0 }, { 2, 1, 0 }, { 6, 1, 0 } };
	struct rig rig;
	struct got got;
	struct pflow_state st;

	rig_config(&rig, 10);
	rig.cfg.fields = fields;
	rig.cfg.field_count = 5;
	rig_start(&rig, 4);
	test_state4(&st);
	st.octets[0] = 70000;
	st.packets[0] = 300;
	st.tcp_flags[0] = 0x0112;
	rig_feed(&rig, &st);
	finish(&rig, &got);
	ck_assert_uint_eq(got.st[0].octets[0], 65535);
	ck_assert_uint_eq(got.st[0].packets[0], 255);
	ck_assert_uint_eq(got.st[0].tcp_flags[0], 0x12);
	ck_assert_uint_eq(got.st[1].octets[0], 9000);
	rig_free(&rig);
}
END_TEST

static size_t
give_name(void *arg, const struct pflow_state *st, unsigned dir,
    const struct pflow_field *field, uint8_t *out, size_t room)
{
	size_t len = *(const size_t *)arg;

	(void)st;
	ck_assert_uint_eq(field->enterprise, 64512);
	if (field->element == 2) {
		ck_assert_uint_eq(room, 4);
		out[0] = (uint8_t)(7 + dir);
		return 1;
	}
	ck_assert_uint_eq(room, PFLOW_VALUE_MAX);
	memset(out, 'x', len < room ? len : room);
	return len;
}

START_TEST(test_ENC_15_to_17_values_of_the_caller_fixed_and_variable)
{
	static const struct pflow_field fields[] = { { 8, 4, 0 }, { 12, 4, 0 },
		{ 1, 8, 0 }, { 1, 65535, 64512 }, { 2, 4, 64512 } };
	static const size_t lens[] = { 0, 1, 254, 255, 4000 };
	static const size_t sent[] = { 1, 2, 255, 258, 258 };
	size_t i;

	for (i = 0; i < 5; i++) {
		struct rig rig;
		struct pflow_state st;
		struct pflow_message m;
		size_t len = lens[i], at;

		rig_config(&rig, 10);
		rig.cfg.fields = fields;
		rig.cfg.field_count = 5;
		rig.cfg.value_fn = give_name;
		rig.cfg.value_arg = &len;
		rig_start(&rig, 4);
		test_state4(&st);
		st.octets[1] = 0;
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
		m = rig_message(&rig, rig_pending(&rig) - 1);
		at = 16 + rig_u16(&m, 18);
		ck_assert_uint_eq(rig_u16(&m, at + 2),
		    4 + 16 + sent[i] + 4);
		ck_assert_uint_eq(m.data[at + 4 + 16],
		    lens[i] < 255 ? lens[i] : 255);
		/* A short value in a fixed field is followed by zeros. */
		ck_assert_mem_eq(m.data + m.len - 4, "\x07\0\0\0", 4);
		rig_free(&rig);
	}
}
END_TEST

START_TEST(test_new_templates_are_announced_before_their_data_and_repeated)
{
	struct rig rig;
	struct got got;
	struct pflow_state st4, st6;
	unsigned i;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig.cfg.template_copies = 3;
	rig_start(&rig, 16);
	test_state4(&st4);
	test_state6(&st6);
	for (i = 0; i < 6; i++) {
		rig_feed(&rig, i % 2 ? &st6 : &st4);
		pflow_exporter_flush(&rig.ex, rig_now(&rig));
	}
	decode_all(&rig, &got);
	ck_assert_uint_eq(got.n, 9);
	ck_assert_uint_ge(got.stats.templates, 2);
	pflow_exporter_ack(&rig.ex, 99);
	rig.now_secs += 60;
	pflow_exporter_tick(&rig.ex, rig_now(&rig));
	/* The refresh has both, in one set of one message. */
	ck_assert_uint_eq(rig_pending(&rig), 1);
	decode_all(&rig, &got);
	ck_assert_uint_eq(got.stats.templates, 2);
	rig_free(&rig);
}
END_TEST

START_TEST(test_TM_08_a_layout_never_takes_the_id_of_another)
{
	struct rig rig;
	struct got got;
	struct pflow_state st;
	uint32_t bits;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig_start(&rig, 64);
	for (bits = 0; bits < 48; bits++) {
		test_state4(&st);
		st.octets[1] = 0;
		st.present = (bits & 1 ? PFLOW_HAS_TOS : 0) |
		    (bits & 2 ? PFLOW_HAS_VLAN : 0) |
		    (bits & 4 ? PFLOW_HAS_END_REASON : 0) |
		    (bits & 8 ? PFLOW_HAS_FLOW_ID : 0) |
		    (bits & 16 ? PFLOW_HAS_IFINDEX : 0) |
		    (bits & 32 ? PFLOW_HAS_DIRECTION : 0);
		st.vlan = 5;
		st.flow_id = bits;
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	}
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 48);
	ck_assert_uint_eq(got.stats.redefinitions, 0);
	for (bits = 0; bits < 48; bits++) {
		ck_assert_uint_eq(got.st[bits].octets[0], 1500);
		ck_assert_uint_eq(got.st[bits].flow_id, bits & 8 ? bits : 0);
	}
	rig_free(&rig);
}
END_TEST

START_TEST(test_V9_02_04_header_counts_records_and_sequence_messages)
{
	struct rig rig;
	struct got got;
	struct pflow_state st4, st6;
	struct pflow_message m;
	size_t i, n;

	rig_config(&rig, 9);
	rig_start(&rig, 16);
	test_state4(&st4);
	test_state6(&st6);
	for (i = 0; i < 42; i++)
		ck_assert_int_eq(rig_feed(&rig, i % 2 ? &st6 : &st4), 0);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	n = rig_pending(&rig);
	for (i = 0; i < n; i++) {
		m = rig_message(&rig, i);
		ck_assert_uint_eq(rig_u16(&m, 0), 9);
		ck_assert_uint_eq(rig_u32(&m, 12), i);
		ck_assert_uint_eq(m.len % 4, 0);
		ck_assert_uint_le(m.len + 28, 1500);
	}
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(rig_u16(&m, 2), 2); /* two template records */
	ck_assert_uint_eq(rig_u16(&m, 20), 0);
	decode_all(&rig, &got);
	ck_assert_uint_eq(got.n, 63);
	rig_free(&rig);
}
END_TEST

START_TEST(test_v9_records_come_out_as_they_went_in)
{
	struct rig rig;
	struct got got;
	struct pflow_state st4, st6;

	rig_config(&rig, 9);
	rig_start(&rig, 16);
	test_state4(&st4);
	test_state6(&st6);
	rig_feed(&rig, &st4);
	rig_feed(&rig, &st6);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 3);
	ck_assert_uint_eq(got.st[0].start_ns, st4.start_ns);
	ck_assert_uint_eq(got.st[0].last_ns, st4.last_ns);
	ck_assert_uint_eq(got.st[1].octets[0], 9000);
	ck_assert_mem_eq(got.st[2].key[0].addr[1], st6.key[0].addr[1], 16);
	ck_assert_uint_eq(got.hdr[0].template_id, 256);
	ck_assert_uint_eq(got.hdr[2].template_id, 257);
	rig_free(&rig);
}
END_TEST

START_TEST(test_v9_times_are_exact_to_the_millisecond)
{
	struct rig rig;
	struct got got;
	struct pflow_state st;
	struct pflow_now now;
	struct pflow_message m;

	rig_config(&rig, 9);
	rig_start(&rig, 8);
	test_state4(&st);
	st.start_ns += 123 * UINT64_C(1000000);
	st.last_ns += 987 * UINT64_C(1000000);
	rig_feed(&rig, &st);
	now = rig_now(&rig);
	now.mono_ns += 371 * UINT64_C(1000000);
	now.wall_ns += 371 * UINT64_C(1000000);
	pflow_exporter_flush(&rig.ex, now);
	decode_all(&rig, &got);
	ck_assert_uint_eq(got.st[0].start_ns, st.start_ns);
	ck_assert_uint_eq(got.st[0].last_ns, st.last_ns);
	/* A5: no record ends after the header's SysUptime. */
	m = rig_message(&rig, rig_pending(&rig) - 1);
	ck_assert_uint_eq(rig_u32(&m, 4), 1001000);
	rig_free(&rig);
}
END_TEST

START_TEST(test_biflow_is_one_record_and_one_way_flows_have_no_reverse)
{
	int form;

	for (form = PFLOW_BIFLOW_COUNTERS; form <= PFLOW_BIFLOW_FULL; form++) {
		struct rig rig;
		struct got got;
		struct pflow_state st;

		rig_config(&rig, 10);
		use_list(&rig, "extended");
		rig.cfg.biflow = (enum pflow_biflow)form;
		rig_start(&rig, 8);
		test_state4(&st);
		rig_feed(&rig, &st);
		st.octets[0] = 0;
		st.packets[0] = 0;
		rig_feed(&rig, &st);
		finish(&rig, &got);
		ck_assert_uint_eq(got.n, 2);
		ck_assert_uint_eq(got.st[0].octets[0], 1500);
		ck_assert_uint_eq(got.st[0].octets[1], 9000);
		ck_assert_uint_eq(got.st[0].packets[1], 8);
		ck_assert_uint_eq(got.hdr[0].biflow_direction,
		    form == PFLOW_BIFLOW_FULL);
		ck_assert_uint_eq(got.st[0].tcp_flags[1],
		    form == PFLOW_BIFLOW_FULL ? 0x12 : 0);
		ck_assert_uint_eq(got.st[1].octets[0], 9000);
		ck_assert_uint_eq(got.st[1].octets[1], 0);
		ck_assert_uint_eq(got.st[1].key[0].addr[0][0], 198);
		ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->octets,
		    1500 + 9000 + 9000);
		rig_free(&rig);
	}
}
END_TEST

static void
translate(struct pflow_state *st)
{
	st->flags |= PFLOW_STATE_TRANSLATED;
	st->direction = PFLOW_DIR_OUT;
	st->key[PFLOW_STACK] = st->key[PFLOW_WIRE];
	st->key[PFLOW_STACK].addr[0][0] = 10;
	st->key[PFLOW_STACK].port[0] = 40000;
}

START_TEST(test_nat44_events_are_pflows_template_258_once_each)
{
	/* IANA numbers in pflow(4)'s order. */
	static const char want[] = "0102000b" "01430008" "00e60001" "00040001"
	    "00080004" "00070002" "00e10004" "00e30002" "000c0004" "000b0002"
	    "00e20004" "00e40002";
	uint8_t spec[48];
	struct rig rig;
	struct got got;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.nat_events = 1;
	rig_start(&rig, 8);
	test_state4(&st);
	translate(&st);
	st.flags |= PFLOW_STATE_CREATED;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	st.flags &= ~PFLOW_STATE_CREATED;
	st.end_reason = PFLOW_END_ACTIVE; /* still alive: no event */
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	st.end_reason = PFLOW_END_FORCED; /* told for the last time, alive */
	st.flags |= PFLOW_STATE_ALIVE;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	st.flags &= ~PFLOW_STATE_ALIVE;
	st.end_reason = PFLOW_END_DETECTED;
	st.lingered_ms = 30000; /* the translation outlived its traffic */
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	m = rig_message(&rig, 0);
	ck_assert_uint_eq(test_unhex(want, spec, 48), 48);
	ck_assert_mem_eq(m.data + m.len - 48, spec, 48);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 8);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->nat_events, 2);
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->octets, 3 * 10500);
	/* Flows first in the queue or events: find the events. */
	{
		size_t i, creates = 0, deletes = 0;

		for (i = 0; i < got.n; i++) {
			const struct pflow_state *g = &got.st[i];

			if (got.hdr[i].nat_event == 0)
				continue;
			ck_assert_uint_eq(got.hdr[i].template_id, 258);
			creates += got.hdr[i].nat_event == 4;
			deletes += got.hdr[i].nat_event == 5;
			ck_assert_uint_eq(pflow_state_pre(g)->addr[0][0], 10);
			ck_assert_uint_eq(pflow_state_pre(g)->port[0], 40000);
			ck_assert_uint_eq(pflow_state_post(g)->addr[0][0],
			    192);
			ck_assert_uint_eq(pflow_state_post(g)->port[0], 49152);
			ck_assert_uint_eq(g->start_ns,
			    got.hdr[i].nat_event == 4 ? st.start_ns
						      : st.last_ns +
				UINT64_C(30000000000));
		}
		ck_assert_uint_eq(creates, 1);
		ck_assert_uint_eq(deletes, 1);
	}
	rig_free(&rig);
}
END_TEST

START_TEST(test_nat64_and_nat66_events_name_their_families)
{
	struct rig rig;
	struct got got;
	struct pflow_state st, four;

	rig_config(&rig, 10);
	rig.cfg.nat_events = 1;
	rig_start(&rig, 8);
	test_state6(&st);
	test_state4(&four);
	st.flags |= PFLOW_STATE_TRANSLATED | PFLOW_STATE_CREATED;
	st.direction = PFLOW_DIR_IN;
	st.key[PFLOW_STACK] = four.key[PFLOW_WIRE];
	rig_feed(&rig, &st); /* NAT64 create */
	st.key[PFLOW_STACK] = st.key[PFLOW_WIRE];
	st.key[PFLOW_STACK].addr[0][15] = 99;
	rig_feed(&rig, &st); /* NAT66 create */
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_eq(got.hdr[0].nat_event, 6);
	ck_assert_uint_eq(pflow_state_pre(&got.st[0])->af, PFLOW_AF_IPV6);
	ck_assert_uint_eq(pflow_state_post(&got.st[0])->af, PFLOW_AF_IPV4);
	ck_assert_uint_eq(got.hdr[1].nat_event, 1);
	ck_assert_uint_eq(pflow_state_post(&got.st[1])->addr[0][15], 99);
	rig_free(&rig);
}
END_TEST

START_TEST(test_creation_events_without_nat_are_counted_not_lost)
{
	uint16_t version;

	for (version = 5; version <= 10; version += 5) {
		struct rig rig;
		struct pflow_state st;

		rig_config(&rig, version);
		rig_start(&rig, 4);
		test_state4(&st);
		translate(&st);
		st.flags |= PFLOW_STATE_CREATED;
		ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
		ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
		    ->drops[PFLOW_DROP_event_not_wanted].count, 1);
		ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records, 0);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(test_planned_states_are_refused_whole_and_go_on_after_ack)
{
	struct rig rig;
	struct pflow_state st4, st6;
	unsigned i;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig.cfg.mtu = 400;
	rig_start(&rig, 3);
	test_state4(&st4);
	test_state6(&st6);
	for (i = 0; i < 300; i++) {
		const struct pflow_state *st = i % 3 ? &st4 : &st6;
		uint64_t before = pflow_exporter_stats(&rig.ex)->records;

		while (rig_feed(&rig, st) == PFLOW_ERR_AGAIN) {
			ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)
			    ->records, before);
			ck_assert_uint_gt(rig_pending(&rig), 0);
			pflow_exporter_ack(&rig.ex, 1);
		}
	}
	ck_assert_uint_eq(pflow_exporter_stats(&rig.ex)->records,
	    100 + 200 * 2);
	rig_check_sums(&rig);
	rig_free(&rig);
}
END_TEST

START_TEST(test_TM_05_08_new_fields_withdraw_old_templates_on_streams)
{
	static const struct pflow_field fields[] = { { 8, 4, 0 }, { 12, 4, 0 },
		{ 1, 8, 0 }, { 2, 8, 0 } };
	static const struct pflow_field bad[] = { { 34, 4, 0 } };
	struct rig rig;
	struct got got;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.nature = PFLOW_TRANSPORT_STREAM;
	rig.cfg.overhead = 0;
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, bad, 1,
	    rig_now(&rig)), PFLOW_ERR_NOTFOUND);
	/* The first templates still wait. */
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, fields, 4,
	    rig_now(&rig)), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(rig_pending(&rig), 2);
	pflow_exporter_ack(&rig.ex, 1);
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, fields, 4,
	    rig_now(&rig)), PFLOW_OK);
	/* The data sealed before, then the withdrawal of 256 and 257. */
	ck_assert_uint_eq(rig_pending(&rig), 2);
	m = rig_message(&rig, 1);
	ck_assert_uint_eq(m.len, 28);
	ck_assert_uint_eq(rig_u32(&m, 16), 0x0002000c);
	ck_assert_uint_eq(rig_u32(&m, 20), 0x01000000);
	ck_assert_uint_eq(rig_u32(&m, 24), 0x01010000);
	pflow_exporter_ack(&rig.ex, 1);
	rig_feed(&rig, &st);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_gt(got.hdr[0].template_id, 257);
	ck_assert_uint_eq(got.stats.withdrawals, 0); /* of none it knew */
	ck_assert_uint_eq(got.st[1].octets[0], 9000);
	rig_free(&rig);
}
END_TEST

START_TEST(test_UDP_04_new_fields_withdraw_nothing_on_datagrams)
{
	struct rig rig;
	struct got got;
	struct pflow_state st;
	size_t i, n;

	rig_config(&rig, 10);
	rig_start(&rig, 8);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_ack(&rig.ex, 9);
	use_list(&rig, "extended");
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, rig.cfg.fields,
	    rig.cfg.field_count, rig_now(&rig)), PFLOW_ERR_AGAIN);
	pflow_exporter_ack(&rig.ex, 9);
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, rig.cfg.fields,
	    rig.cfg.field_count, rig_now(&rig)), PFLOW_OK);
	rig_feed(&rig, &st);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_eq(got.st[0].tcp_flags[0], 0x1b);
	n = rig_pending(&rig);
	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(&rig, i);

		ck_assert_uint_gt(m.len, 28);
	}
	/* And back: standard, under fresh ids. */
	pflow_exporter_ack(&rig.ex, 99);
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, NULL, 0,
	    rig_now(&rig)), PFLOW_OK);
	rig_feed(&rig, &st);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_gt(got.hdr[0].template_id, 258);
	ck_assert_uint_eq(got.st[0].octets[0], 1500);
	rig_free(&rig);
}
END_TEST

START_TEST(test_new_fields_that_some_states_know_nothing_of_change_nothing)
{
	static const struct pflow_field ports[] = { { 7, 2, 0 }, { 11, 2, 0 } };
	struct rig rig;
	struct got got;
	struct pflow_state st;

	rig_config(&rig, 10);
	use_list(&rig, "extended");
	rig_start(&rig, 8);
	test_state4(&st);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	ck_assert_int_eq(pflow_exporter_set_fields(&rig.ex, ports, 2,
	    rig_now(&rig)), PFLOW_ERR_INVALID);
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 4);
	ck_assert_uint_eq(got.st[3].octets[0], 9000);
	ck_assert_uint_eq(got.stats.withdrawals, 0);
	rig_free(&rig);
}
END_TEST

START_TEST(test_nat_type_is_in_flow_records_that_ask_for_it)
{
	static const struct pflow_field fields[] = { { 27, 16, 0 },
		{ 28, 16, 0 }, { 8, 4, 0 }, { 297, 1, 0 } };
	struct rig rig;
	struct got got;
	struct pflow_state st;
	struct pflow_message m;

	rig_config(&rig, 10);
	rig.cfg.fields = fields;
	rig.cfg.field_count = 4;
	rig_start(&rig, 8);
	test_state6(&st);
	st.flags |= PFLOW_STATE_TRANSLATED;
	st.key[PFLOW_STACK].addr[0][15] = 99;
	ck_assert_int_eq(rig_feed(&rig, &st), PFLOW_OK);
	finish(&rig, &got);
	ck_assert_uint_eq(got.n, 1);
	m = rig_message(&rig, rig_pending(&rig) - 1);
	ck_assert_uint_eq(m.data[m.len - 1], 5); /* NAT66 */
	rig_free(&rig);
}
END_TEST

START_TEST(test_settings_that_a_version_cannot_have_are_refused)
{
	static uint8_t block[16384];
	static const struct pflow_field bad[] = { { 1, 8, 0 }, { 34, 4, 0 } };
	static const struct pflow_field ports[] = { { 7, 2, 0 }, { 11, 2, 0 },
		{ 8, 4, 0 }, { 27, 16, 0 } };
	struct pflow_exporter ex;
	struct pflow_exporter_config good, cfg;

	pflow_exporter_config_init(&good);
#define REFUSED(set, status)                                                   \
	cfg = good;                                                            \
	set;                                                                   \
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),  \
	    test_now(1)), status)
	REFUSED(cfg.nat_events = 1, PFLOW_ERR_UNSUPPORTED);
	REFUSED(cfg.options = 1, PFLOW_ERR_UNSUPPORTED);
	REFUSED(cfg.biflow = PFLOW_BIFLOW_FULL, PFLOW_ERR_UNSUPPORTED);
	good.version = 9;
	REFUSED(cfg.biflow = PFLOW_BIFLOW_FULL, PFLOW_ERR_UNSUPPORTED);
	REFUSED(cfg.nat_events = 1, PFLOW_OK);
	good.version = 10;
	REFUSED(cfg.biflow = (enum pflow_biflow)9, PFLOW_ERR_INVALID);
	REFUSED(cfg.fields = bad; cfg.field_count = 2, PFLOW_ERR_NOTFOUND);
	REFUSED(cfg.fields = bad; cfg.field_count = 0, PFLOW_ERR_INVALID);
	/* of a list that some states know nothing of, no record can be made */
	REFUSED(cfg.fields = ports; cfg.field_count = 2, PFLOW_ERR_INVALID);
	REFUSED(cfg.fields = ports; cfg.field_count = 3, PFLOW_ERR_INVALID);
	REFUSED(cfg.fields = ports; cfg.field_count = 4, PFLOW_OK);
#undef REFUSED
}
END_TEST

Suite *
suite_planned(void)
{
	Suite *s = suite_create("planned");
	TCase *tc = tcase_create("planned");

	tcase_add_test(tc,
	    test_extended_sends_all_that_is_known_and_nothing_else);
	tcase_add_test(tc, test_custom_list_is_walked_in_its_own_order);
	tcase_add_test(tc, test_reduced_counters_are_bounded_and_never_cut);
	tcase_add_test(tc,
	    test_ENC_15_to_17_values_of_the_caller_fixed_and_variable);
	tcase_add_test(tc,
	    test_new_templates_are_announced_before_their_data_and_repeated);
	tcase_add_test(tc, test_TM_08_a_layout_never_takes_the_id_of_another);
	tcase_add_test(tc,
	    test_V9_02_04_header_counts_records_and_sequence_messages);
	tcase_add_test(tc, test_v9_records_come_out_as_they_went_in);
	tcase_add_test(tc, test_v9_times_are_exact_to_the_millisecond);
	tcase_add_test(tc,
	    test_biflow_is_one_record_and_one_way_flows_have_no_reverse);
	tcase_add_test(tc, test_nat44_events_are_pflows_template_258_once_each);
	tcase_add_test(tc, test_nat64_and_nat66_events_name_their_families);
	tcase_add_test(tc,
	    test_creation_events_without_nat_are_counted_not_lost);
	tcase_add_test(tc,
	    test_planned_states_are_refused_whole_and_go_on_after_ack);
	tcase_add_test(tc,
	    test_TM_05_08_new_fields_withdraw_old_templates_on_streams);
	tcase_add_test(tc,
	    test_UDP_04_new_fields_withdraw_nothing_on_datagrams);
	tcase_add_test(tc,
	    test_new_fields_that_some_states_know_nothing_of_change_nothing);
	tcase_add_test(tc, test_nat_type_is_in_flow_records_that_ask_for_it);
	tcase_add_test(tc,
	    test_settings_that_a_version_cannot_have_are_refused);
	suite_add_tcase(s, tc);
	return s;
}
