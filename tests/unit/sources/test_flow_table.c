/* SPDX-License-Identifier: ISC */
/* Keys, ends, timeouts and memory of the flow table. */
#include "flow_rig.h"

Suite *suite_flow_table(void);

START_TEST(test_both_directions_are_one_flow_with_the_initiator_first)
{
	/* Once with the initiator as lesser endpoint, once as greater. */
	unsigned first = _i == 0 ? 1 : 2, second = 3 - first;
	struct pflowi_packet pk;

	udp(first, second, 0);
	pk = packet(second, first, second < first ? 1000 : 53,
	    second < first ? 53 : 1000, 17, 5 * MS);
	pk.octets = 400;
	add(pk);
	udp(first, second, 9 * MS);
	flush();
	ck_assert_uint_eq(out_count, 1);
	is_from(&out[0], first, first == 1 ? 1000 : 53, first == 1 ? 53 : 1000);
	ck_assert_uint_eq(out[0].packets[0], 2);
	ck_assert_uint_eq(out[0].packets[1], 1);
	ck_assert_uint_eq(out[0].octets[0], 200);
	ck_assert_uint_eq(out[0].octets[1], 400);
	ck_assert_uint_eq(out[0].start_ns, T0);
	ck_assert_uint_eq(out[0].last_ns, T0 + 9 * MS);
	ck_assert_uint_eq(out[0].protocol, 17);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(out[0].flags, PFLOW_STATE_EXPORT);
	ck_assert_uint_eq(out[0].direction, PFLOW_DIR_UNKNOWN);
	ck_assert_uint_eq(out[0].present,
	    PFLOW_HAS_TOS | PFLOW_HAS_END_REASON | PFLOW_HAS_FLOW_ID);
}
END_TEST

START_TEST(test_syn_ack_seen_first_comes_from_the_responder)
{
	tcp(2, SYN | ACK, 0);
	tcp(1, ACK, MS);
	flush();
	ck_assert_uint_eq(out_count, 1);
	is_from(&out[0], 1, 1000, 80);
	ck_assert_uint_eq(out[0].packets[0], 1);
	ck_assert_uint_eq(out[0].tcp_flags[0], ACK);
	ck_assert_uint_eq(out[0].tcp_flags[1], SYN | ACK);
	ck_assert(out[0].present & PFLOW_HAS_TCP_FLAGS);
}
END_TEST

START_TEST(test_land_packet_is_a_flow_of_one_direction)
{
	add(packet(1, 1, 7, 7, 17, 0));
	add(packet(1, 1, 7, 7, 17, 1));
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 2);
	ck_assert_uint_eq(out[0].packets[1], 0);
}
END_TEST

START_TEST(test_vlan_is_part_of_the_key)
{
	struct pflowi_packet pk = packet(1, 2, 1, 2, 17, 0);

	add(pk);
	pk.vlan = PFLOWI_VLAN_PRESENT | 12;
	add(pk);
	pk.vlan = PFLOWI_VLAN_PRESENT | 13;
	add(pk);
	flush();
	ck_assert_uint_eq(out_count, 3);
	ck_assert_uint_eq(out[0].present & PFLOW_HAS_VLAN, 0);
	ck_assert(out[1].present & PFLOW_HAS_VLAN);
	ck_assert_uint_eq(out[1].vlan, 12);
	ck_assert_uint_eq(out[2].vlan, 13);
}
END_TEST

START_TEST(test_ipv6_addresses_are_compared_whole)
{
	struct pflowi_packet pk = packet(1, 2, 1, 2, 17, 0);
	unsigned i;

	pk.af = PFLOW_AF_IPV6;
	memset(pk.addr, 0xfe, sizeof(pk.addr));
	add(pk);
	for (i = 0; i < 32; i++) {
		struct pflowi_packet other = pk;

		((uint8_t *)other.addr)[i] ^= 1;
		add(other);
	}
	flush();
	/* One bit more in the source, or in the destination: 33 flows. */
	ck_assert_uint_eq(out_count, 33);
	ck_assert_mem_eq(out[0].key[0].addr, pk.addr, 32);
	ck_assert_uint_eq(out[32].key[0].addr[1][15], 0xff);
	ck_assert_uint_eq(out[0].key[0].af, PFLOW_AF_IPV6);
}
END_TEST

START_TEST(test_pings_of_different_id_are_different_flows)
{
	icmp(1, 0x0800, 5, 0);
	icmp(2, 0x0000, 5, MS);
	icmp(1, 0x0800, 6, 2 * MS);
	flush();
	ck_assert_uint_eq(out_count, 2);
	is_from(&out[0], 1, 0, 0);
	ck_assert_uint_eq(out[0].packets[0], 1);
	ck_assert_uint_eq(out[0].packets[1], 1);
	ck_assert_uint_eq(out[0].icmp[0], 0x0800);
	ck_assert_uint_eq(out[0].icmp[1], 0x0000);
	ck_assert(out[0].present & PFLOW_HAS_ICMP);
}
END_TEST

START_TEST(test_echo_reply_seen_first_comes_from_the_responder)
{
	icmp(2, 0x0000, 5, 0);
	flush();
	ck_assert_uint_eq(out_count, 1);
	is_from(&out[0], 1, 0, 0);
	ck_assert_uint_eq(out[0].packets[0], 0);
	ck_assert_uint_eq(out[0].packets[1], 1);
}
END_TEST

START_TEST(test_host_that_pings_itself_has_both_directions)
{
	struct pflowi_packet pk = packet(1, 1, 0, 0, 1, 0);

	/* Request or reply first, IPv4 or IPv6. */
	pk.af = _i & 2 ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4;
	pk.icmp = _i & 1 ? 0x0000 : 0x0800;
	pk.facts = PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY;
	if (_i & 1)
		pk.facts |= PFLOWI_IS_REPLY;
	add(pk);
	pk.icmp ^= 0x0800;
	pk.facts ^= PFLOWI_IS_REPLY;
	add(pk);
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 1);
	ck_assert_uint_eq(out[0].packets[1], 1);
	ck_assert_uint_eq(out[0].icmp[0], 0x0800);
	ck_assert_uint_eq(out[0].icmp[1], 0x0000);
}
END_TEST

START_TEST(test_icmp_errors_are_flows_by_type_and_code)
{
	icmp(1, 0x0301, -1, 0);
	icmp(1, 0x0303, -1, MS);
	icmp(1, 0x0301, -1, 2 * MS);
	/* An echo whose id looks like a type. */
	icmp(1, 0x0800, 0x0301, 3 * MS);
	flush();
	ck_assert_uint_eq(out_count, 3);
	ck_assert_uint_eq(out[0].icmp[0], 0x0301);
	ck_assert_uint_eq(out[0].packets[0], 2);
	ck_assert_uint_eq(out[1].icmp[0], 0x0303);
}
END_TEST

START_TEST(test_tos_is_that_of_the_first_packet)
{
	struct pflowi_packet pk = packet(1, 2, 1, 2, 17, 0);

	pk.tos = 0xb8;
	add(pk);
	pk.tos = 0;
	add(pk);
	flush();
	ck_assert_uint_eq(out[0].tos, 0xb8);
}
END_TEST

/* TCP ends. */

static void
whole_connection(uint64_t at)
{
	tcp(1, SYN, at);
	tcp(2, SYN | ACK, at + MS);
	tcp(1, ACK, at + 2 * MS);
	tcp(1, FIN | ACK, at + 3 * MS);
	tcp(2, FIN | ACK, at + 4 * MS);
	tcp(1, ACK, at + 5 * MS);
}

START_TEST(test_fin_both_ways_ends_a_flow_soon_last_ack_included)
{
	whole_connection(0);
	advance(T0 + 1900 * MS);
	ck_assert_uint_eq(out_count, 0);
	advance(T0 + 2300 * MS);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_DETECTED);
	ck_assert_uint_eq(out[0].packets[0], 4);
	ck_assert_uint_eq(out[0].packets[1], 2);
	ck_assert_uint_eq(out[0].tcp_flags[0], SYN | ACK | FIN);
	ck_assert_uint_eq(ft->live, 0);
}
END_TEST

START_TEST(test_fin_one_way_does_not_end_a_flow)
{
	tcp(1, SYN, 0);
	tcp(1, FIN | ACK, MS);
	advance(T0 + 10 * SEC);
	ck_assert_uint_eq(out_count, 0);
	advance(T0 + 16 * SEC);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_IDLE);
}
END_TEST

START_TEST(test_rst_ends_a_flow)
{
	tcp(1, SYN, 0);
	tcp(2, RST | ACK, MS);
	advance(T0 + 3 * SEC);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_DETECTED);
}
END_TEST

START_TEST(test_syn_after_the_end_is_a_new_flow_at_once)
{
	whole_connection(0);
	tcp(1, SYN, 100 * MS);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_DETECTED);
	ck_assert_uint_eq(out[0].packets[0] + out[0].packets[1], 6);
	flush();
	ck_assert_uint_eq(out_count, 2);
	ck_assert_uint_eq(out[1].packets[0], 1);
	ck_assert_uint_eq(out[1].start_ns, T0 + 100 * MS);
	ck_assert_uint_ne(out[0].flow_id, out[1].flow_id);
}
END_TEST

START_TEST(test_new_connection_the_other_way_has_the_other_initiator)
{
	whole_connection(0);
	tcp(2, SYN, 100 * MS);
	flush();
	ck_assert_uint_eq(out_count, 2);
	is_from(&out[0], 1, 1000, 80);
	is_from(&out[1], 2, 80, 1000);
}
END_TEST

START_TEST(test_repeated_syn_is_no_new_flow)
{
	tcp(1, SYN, 0);
	tcp(1, SYN, SEC);
	tcp(1, SYN, 3 * SEC);
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 3);
}
END_TEST

START_TEST(test_ended_flow_at_the_end_of_input_was_ended)
{
	whole_connection(0);
	flush();
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_DETECTED);
}
END_TEST

/* Timeouts. */

START_TEST(test_silence_of_the_idle_timeout_ends_a_flow)
{
	udp(1, 2, 0);
	udp(1, 2, 15 * SEC - 1);
	ck_assert_uint_eq(out_count, 0);
	udp(1, 2, 30 * SEC - 1);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], 2);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_IDLE);
	flush();
	ck_assert_uint_eq(out[1].start_ns, T0 + 30 * SEC - 1);
}
END_TEST

START_TEST(test_silence_is_noticed_without_packets_within_a_tick)
{
	udp(1, 2, 0);
	ck_assert_uint_le(pflowi_flow_table_due(ft), T0 + 15 * SEC + 135 * MS);
	ck_assert_uint_gt(pflowi_flow_table_due(ft), T0 + 14 * SEC);
	advance(T0 + 15 * SEC - 1);
	ck_assert_uint_eq(out_count, 0);
	advance(T0 + 15 * SEC + 135 * MS);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].last_ns, T0);
	ck_assert(pflowi_flow_table_due(ft) == PFLOW_NEVER);
}
END_TEST

START_TEST(test_packet_at_the_active_timeout_is_not_in_the_report)
{
	uint64_t t;

	for (t = 0; t <= 60 * SEC; t += 10 * SEC)
		udp(1, 2, t);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_ACTIVE);
	ck_assert_uint_eq(out[0].packets[0], 6);
	ck_assert_uint_eq(out[0].last_ns, T0 + 50 * SEC);
	flush();
	ck_assert_uint_eq(out_count, 2);
	ck_assert_uint_eq(out[1].packets[0], 1);
	ck_assert_uint_eq(out[1].octets[0], 100);
	ck_assert_uint_eq(out[1].start_ns, T0 + 60 * SEC);
	ck_assert_uint_eq(out[0].flow_id, out[1].flow_id);
}
END_TEST

START_TEST(test_living_flow_is_reported_on_time_without_packets)
{
	set_up_again(20, 100, 1 << 20);
	udp(1, 2, 0);
	advance(T0 + 20 * SEC + 135 * MS);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_ACTIVE);
	udp(1, 2, 30 * SEC);
	advance(T0 + 50 * SEC + 135 * MS);
	ck_assert_uint_eq(out_count, 2);
	ck_assert_uint_eq(out[1].start_ns, T0 + 30 * SEC);
}
END_TEST

START_TEST(test_nothing_new_is_no_report)
{
	set_up_again(5, 15, 1 << 20);
	udp(1, 2, 0);
	advance(T0 + 100 * SEC);
	ck_assert_uint_eq(out_count, 1);
	/* Not yet forgotten between its report and its idle timeout. */
	set_up_again(5, 15, 1 << 20);
	udp(1, 2, 0);
	advance(T0 + 10 * SEC);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_ACTIVE);
	ck_assert_uint_eq(ft->live, 1);
	flush();
	ck_assert_uint_eq(out_count, 1);
}
END_TEST

START_TEST(test_active_0_reports_only_the_end)
{
	uint64_t t;

	set_up_again(0, 15, 1 << 20);
	for (t = 0; t < 1000 * SEC; t += 10 * SEC)
		udp(1, 2, t);
	ck_assert_uint_eq(out_count, 0);
	flush();
	ck_assert_uint_eq(out[0].packets[0], 100);
	ck_assert_uint_eq(out[0].last_ns - out[0].start_ns, 990 * SEC);
}
END_TEST

START_TEST(test_idle_0_lets_silent_flows_live)
{
	set_up_again(0, 0, 1 << 20);
	udp(1, 2, 0);
	udp(1, 2, 86400 * SEC);
	ck_assert_uint_eq(out_count, 0);
	flush();
	ck_assert_uint_eq(out[0].packets[0], 2);
}
END_TEST

START_TEST(test_counter_that_is_full_is_reported_first)
{
	udp(1, 2, 0);
	ft->flows[1].packets[0] = UINT32_MAX;
	udp(1, 2, MS);
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].packets[0], UINT32_MAX);
	flush();
	ck_assert_uint_eq(out[1].packets[0], 1);
}
END_TEST

START_TEST(test_far_jump_forward_ends_everything)
{
	unsigned i;

	for (i = 1; i < 200; i++)
		add(packet(i, 250, 1, 2, 17, i * 100 * MS));
	advance(T0 + UINT64_C(100) * 365 * 86400 * SEC);
	ck_assert_uint_eq(out_count, 199);
	ck_assert_uint_eq(ft->live, 0);
}
END_TEST

START_TEST(test_clock_a_little_back_moves_the_start)
{
	udp(1, 2, 5 * SEC);
	udp(1, 2, 4 * SEC);
	udp(1, 2, 4500 * MS);
	flush();
	ck_assert_uint_eq(out_count, 1);
	ck_assert_uint_eq(out[0].start_ns, T0 + 4 * SEC);
	ck_assert_uint_eq(out[0].last_ns, T0 + 5 * SEC);
}
END_TEST

START_TEST(test_clock_far_back_gives_all_out_and_begins_anew)
{
	udp(1, 2, 3600 * SEC);
	udp(3, 4, 3600 * SEC);
	udp(1, 2, 0);
	ck_assert_uint_eq(out_count, 2);
	ck_assert_uint_eq(out[0].end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(ft->stats.clock_steps, 1);
	udp(1, 2, SEC);
	advance(T0 + 17 * SEC);
	ck_assert_uint_eq(out_count, 3);
	ck_assert_uint_eq(out[2].packets[0], 2);
	ck_assert_uint_eq(out[2].end_reason, PFLOW_END_IDLE);
}
END_TEST

START_TEST(test_no_report_spans_more_than_the_active_timeout)
{
	static const int steps[] = { 7, -3, 11, 1, -9, 13, 2, -5, 14, 8 };
	uint64_t t = 100 * SEC, packets = 0;
	size_t i;

	set_up_again(20, 15, 1 << 20);
	for (i = 0; i < 500; i++) {
		udp(1, 2, t);
		t += (uint64_t)((int64_t)SEC * steps[i % 10]);
	}
	flush();
	for (i = 0; i < out_count; i++) {
		ck_assert_uint_le(out[i].start_ns, out[i].last_ns);
		ck_assert_uint_lt(out[i].last_ns - out[i].start_ns, 20 * SEC);
		packets += out[i].packets[0];
	}
	ck_assert_uint_eq(packets, 500);
}
END_TEST

/* Memory. */

START_TEST(test_full_table_pushes_out_what_was_silent_longest)
{
	unsigned i;
	uint64_t packets = 0;
	size_t j;

	set_up_again(60, 15, sizeof(*ft) + 200 * 128);
	ck_assert_uint_lt(ft->max, 220);
	for (i = 1; i <= ft->max; i++)
		add(packet(i, 60000, 1, 2, 17, i * MS));
	ck_assert_uint_eq(out_count, 0);
	/* The first ten speak again, a second later: they are not the ones. */
	for (i = 1; i <= 10; i++)
		add(packet(i, 60000, 1, 2, 17, SEC + i * MS));
	for (i = 0; i < 16; i++)
		add(packet(10000 + i, 60000, 1, 2, 17, 2 * SEC));
	ck_assert_uint_ge(out_count, 16);
	ck_assert_uint_eq(out_count, ft->stats.evicted);
	for (j = 0; j < out_count; j++) {
		ck_assert_uint_eq(out[j].end_reason, PFLOW_END_RESOURCES);
		ck_assert_uint_eq(out[j].packets[0], 1);
	}
	flush();
	for (j = 0; j < out_count; j++)
		packets += out[j].packets[0] + out[j].packets[1];
	ck_assert_uint_eq(packets, ft->max + 10 + 16);
}
END_TEST

START_TEST(test_flood_keeps_the_bound_and_every_packet)
{
	uint64_t packets = 0;
	unsigned i;

	set_up_again(60, 15, sizeof(*ft) + 100 * 128);
	for (i = 0; i < 3000; i++)
		add(packet(i, 60000, 1, 2, 17, i));
	ck_assert_uint_le(ft->high, ft->max);
	flush();
	for (i = 0; i < out_count; i++)
		packets += out[i].packets[0] + out[i].packets[1];
	ck_assert_uint_eq(packets, 3000);
}
END_TEST

START_TEST(test_limit_without_room_is_refused)
{
	struct pflowi_flow_config cfg = { .memory_limit = sizeof(*ft) };
	struct pflowi_flow_table *other = malloc(sizeof(*other));

	ck_assert_int_eq(pflowi_flow_table_init(other, &cfg),
	    PFLOW_ERR_INVALID);
	cfg.memory_limit = 0;
	ck_assert_int_eq(pflowi_flow_table_init(other, &cfg),
	    PFLOW_ERR_INVALID);
	free(other);
}
END_TEST

START_TEST(test_full_outbox_stops_and_goes_on_where_it_stopped)
{
	struct pflowi_packet pk[300];
	uint64_t packets = 0;
	size_t done = 0, i, n;

	for (i = 0; i < 300; i++)
		pk[i] = packet((unsigned)i, 60000, 1, 2, 17, i * 20 * SEC);
	n = pflowi_flow_table_add(ft, pk, 300);
	ck_assert_uint_lt(n, 300); /* more reports than the outbox holds */
	ck_assert_uint_eq(pflowi_flow_table_add(ft, pk + n, 300 - n), 0);
	for (done = n; done < 300;) {
		take();
		done += pflowi_flow_table_add(ft, pk + done, 300 - done);
	}
	flush();
	for (i = 0; i < out_count; i++)
		packets += out[i].packets[0] + out[i].packets[1];
	ck_assert_uint_eq(packets, 300);
}
END_TEST

START_TEST(test_flushed_table_can_be_used_again)
{
	unsigned round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 300; i++)
			add(packet(i, 60000, 1, 2, 17, round * SEC));
		ck_assert_uint_eq(ft->live, 300);
		flush();
		ck_assert_uint_eq(ft->live, 0);
	}
	ck_assert_uint_eq(out_count, 900);
}
END_TEST

START_TEST(test_entries_given_back_are_used_again)
{
	unsigned i;

	for (i = 0; i < 2000; i++)
		add(packet(i, 60000, 1, 2, 17, i * SEC));
	/* No more than 15 s and a tick of them live at once. */
	ck_assert_uint_le(ft->high, 17);
}
END_TEST

START_TEST(test_all_of_many_flows_are_found_again)
{
	enum { FLOWS = 100000 };
	struct pflowi_packet pk;
	uint64_t packets = 0, flows = 0;
	unsigned i, round;
	bool done = false;

	set_up_again(60, 15, 32 << 20);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < FLOWS; i++) {
			pk = packet(i & 0xffff, 60000, (uint16_t)(i >> 16), 2,
			    17, round * SEC);
			ck_assert_uint_eq(pflowi_flow_table_add(ft, &pk, 1), 1);
		}
	}
	ck_assert_uint_eq(ft->live, FLOWS);
	while (!done) {
		const struct pflow_state *st;
		size_t n, j;

		done = pflowi_flow_table_advance(ft, T0 + 60 * SEC);
		st = pflowi_flow_table_ready(ft, &n);
		for (j = 0; j < n; j++) {
			ck_assert_uint_eq(st[j].packets[0], 3);
			packets += 3;
		}
		flows += n;
		pflowi_flow_table_taken(ft, n);
	}
	ck_assert_uint_eq(flows, FLOWS);
	ck_assert_uint_eq(packets, 3 * FLOWS);
	ck_assert_uint_eq(ft->live, 0);
}
END_TEST

static void
add_keys(TCase *t)
{
	tcase_add_test(t, test_syn_ack_seen_first_comes_from_the_responder);
	tcase_add_test(t, test_land_packet_is_a_flow_of_one_direction);
	tcase_add_test(t, test_vlan_is_part_of_the_key);
	tcase_add_test(t, test_ipv6_addresses_are_compared_whole);
	tcase_add_test(t, test_pings_of_different_id_are_different_flows);
	tcase_add_test(t, test_echo_reply_seen_first_comes_from_the_responder);
	tcase_add_loop_test(t,
	    test_host_that_pings_itself_has_both_directions, 0, 4);
	tcase_add_test(t, test_icmp_errors_are_flows_by_type_and_code);
	tcase_add_test(t, test_tos_is_that_of_the_first_packet);
}

static void
add_tcp_ends(TCase *t)
{
	tcase_add_test(t,
	    test_fin_both_ways_ends_a_flow_soon_last_ack_included);
	tcase_add_test(t, test_fin_one_way_does_not_end_a_flow);
	tcase_add_test(t, test_rst_ends_a_flow);
	tcase_add_test(t, test_syn_after_the_end_is_a_new_flow_at_once);
	tcase_add_test(t,
	    test_new_connection_the_other_way_has_the_other_initiator);
	tcase_add_test(t, test_repeated_syn_is_no_new_flow);
	tcase_add_test(t, test_ended_flow_at_the_end_of_input_was_ended);
}

static void
add_timeouts(TCase *t)
{
	tcase_add_test(t, test_silence_of_the_idle_timeout_ends_a_flow);
	tcase_add_test(t,
	    test_silence_is_noticed_without_packets_within_a_tick);
	tcase_add_test(t,
	    test_packet_at_the_active_timeout_is_not_in_the_report);
	tcase_add_test(t, test_living_flow_is_reported_on_time_without_packets);
	tcase_add_test(t, test_nothing_new_is_no_report);
	tcase_add_test(t, test_active_0_reports_only_the_end);
	tcase_add_test(t, test_idle_0_lets_silent_flows_live);
	tcase_add_test(t, test_counter_that_is_full_is_reported_first);
	tcase_add_test(t, test_far_jump_forward_ends_everything);
	tcase_add_test(t, test_clock_a_little_back_moves_the_start);
	tcase_add_test(t, test_clock_far_back_gives_all_out_and_begins_anew);
	tcase_add_test(t, test_no_report_spans_more_than_the_active_timeout);
}

static void
add_memory(TCase *t)
{
	tcase_add_test(t, test_all_of_many_flows_are_found_again);
	tcase_add_test(t, test_full_table_pushes_out_what_was_silent_longest);
	tcase_add_test(t, test_flood_keeps_the_bound_and_every_packet);
	tcase_add_test(t, test_limit_without_room_is_refused);
	tcase_add_test(t, test_full_outbox_stops_and_goes_on_where_it_stopped);
	tcase_add_test(t, test_flushed_table_can_be_used_again);
	tcase_add_test(t, test_entries_given_back_are_used_again);
}

Suite *
suite_flow_table(void)
{
	Suite *s = suite_create("sources/flow_table");
	TCase *t = tcase_create("flow_table");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t,
	    test_both_directions_are_one_flow_with_the_initiator_first, 0, 2);
	add_keys(t);
	add_tcp_ends(t);
	add_timeouts(t);
	add_memory(t);
	suite_add_tcase(s, t);
	return s;
}
