/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sources/conntrack_track.h"

Suite *suite_conntrack_track(void);

#define SEC UINT64_C(1000000000)
#define T0 (UINT64_C(1700000000) * SEC)
#define AT(s) ((struct pflow_now) { (s) * SEC, T0 + (s) * SEC })

static const uint64_t seed[2] = { 1, 2 };
static struct pflowi_ct_tracker tr;
static struct pflow_state out;

static void
begin(const char *argument, uint64_t active_s)
{
	char err[200];

	memset(&tr, 0, sizeof(tr));
	ck_assert_int_eq(pflowi_ct_settings_parse(&tr.set, argument, err,
	    sizeof(err)), PFLOW_OK);
	pflowi_ct_table_init(&tr.table, 1 << 20, seed);
	tr.recent = calloc(1, sizeof(*tr.recent));
	tr.active_ns = active_s * SEC;
	tr.since_ns = T0;
	tr.timeouts.s[PFLOWI_CT_T_UDP] = 30;
	tr.timeouts.s[PFLOWI_CT_T_TCP_TIME_WAIT] = 120;
}

static void
end(void)
{
	pflowi_ct_table_fini(&tr.table);
	free(tr.recent);
}

/** A UDP flow number `id` that began at second `start` of T0 (< 0: before). */
static struct pflowi_ct_flow
flow(uint32_t id, int64_t start, uint64_t packets)
{
	struct pflowi_ct_flow f;

	memset(&f, 0, sizeof(f));
	pflow_state_init(&f.st);
	pflow_state_set_key(&f.st, PFLOW_AF_IPV4, "\x0a\0\0\1", 1000,
	    "\x0a\0\0\2", 53);
	f.st.protocol = 17;
	f.kind = PFLOWI_CT_UPDATE;
	f.has = PFLOWI_CT_HAS_ID | PFLOWI_CT_HAS_COUNTERS;
	f.id = id;
	f.start_ns = (uint64_t)((int64_t)T0 + start * (int64_t)SEC);
	f.st.packets[0] = packets;
	f.st.packets[1] = packets / 2;
	f.st.octets[0] = packets * 100;
	f.st.octets[1] = packets * 1000;
	f.st.flow_id = id;
	return f;
}

static bool
destroy(struct pflowi_ct_flow f, uint64_t at)
{
	f.kind = PFLOWI_CT_DESTROY;
	if (f.start_ns != 0 && f.stop_ns == 0)
		f.stop_ns = T0 + at * SEC;
	return pflowi_ct_on_event(&tr, &f, AT(at), &out);
}

static bool
seen(struct pflowi_ct_flow f, uint64_t at)
{
	return pflowi_ct_on_entry(&tr, &f, AT(at), &out);
}

static void
assert_counts(uint64_t packets, uint64_t octets)
{
	ck_assert_uint_eq(out.packets[0], packets);
	ck_assert_uint_eq(out.octets[0], octets);
}

START_TEST(test_without_reports_the_end_gives_totals_and_nothing_is_kept)
{
	begin("", 0);
	ck_assert(!pflowi_ct_tracks(&tr));
	ck_assert(destroy(flow(1, -100, 10), 5));
	assert_counts(10, 1000);
	ck_assert_uint_eq(out.octets[1], 10000);
	ck_assert_uint_eq(out.start_ns, T0 - 100 * SEC);
	ck_assert_uint_eq(out.last_ns, T0 + 5 * SEC);
	ck_assert(out.flags & PFLOW_STATE_EXPORT);
	ck_assert_uint_eq(tr.table.used, 0);
	ck_assert_uint_eq(tr.n.end_events, 1);
	end();
}
END_TEST

START_TEST(test_end_without_traffic_of_a_flow_never_told_is_given)
{
	begin("", 0);
	ck_assert(destroy(flow(1, 1, 0), 5));
	assert_counts(0, 0);
	end();
}
END_TEST

START_TEST(test_reports_are_differences_and_the_end_gives_the_rest)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 10), 60));
	assert_counts(10, 1000);
	ck_assert_uint_eq(out.start_ns, T0 + 1 * SEC);
	ck_assert_uint_eq(out.last_ns, T0 + 60 * SEC);
	ck_assert_uint_eq(out.end_reason, PFLOW_END_ACTIVE);
	ck_assert(out.present & PFLOW_HAS_END_REASON);
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 25), 120));
	assert_counts(15, 1500);
	ck_assert_uint_eq(out.start_ns, T0 + 60 * SEC);
	ck_assert_uint_eq(out.last_ns, T0 + 120 * SEC);
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(flow(1, 1, 30), 130));
	assert_counts(5, 500);
	ck_assert_uint_eq(out.start_ns, T0 + 120 * SEC);
	ck_assert_uint_eq(tr.table.used, 0);
	end();
}
END_TEST

START_TEST(test_flow_is_not_reported_before_it_is_due_nor_long_after)
{
	uint64_t t, last = 0;

	begin("", 60);
	for (t = 7; t < 1000; t += pflowi_ct_interval(&tr) / SEC) {
		bool given;

		pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
		given = seen(flow(1, 0, t), t);
		pflowi_ct_dump_end(&tr, true);
		if (!given)
			continue;
		ck_assert_uint_ge(t - last, 37);
		ck_assert_uint_le(t - last, 68);
		ck_assert_uint_eq(out.start_ns, T0 + last * SEC);
		last = t;
	}
	ck_assert_uint_gt(last, 900);
	end();
}
END_TEST

START_TEST(test_silent_flow_gives_no_report_and_no_end)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 10), 60));
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(!seen(flow(1, 1, 10), 120));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(!destroy(flow(1, 1, 10), 150));
	ck_assert_uint_eq(tr.n.nothing_new, 1);
	ck_assert_uint_eq(tr.table.used, 0);
	end();
}
END_TEST

START_TEST(test_baseline_keeps_back_what_was_counted_before_the_start)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_BASELINE);
	ck_assert(!seen(flow(1, -500, 1000), 0));
	ck_assert(!seen(flow(2, 0, 7), 0)); /* began with us: all of it ours */
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(flow(1, -500, 1010), 9));
	assert_counts(10, 1000);
	ck_assert_uint_eq(out.start_ns, T0);
	ck_assert(destroy(flow(2, 0, 8), 9));
	assert_counts(8, 800);
	end();
}
END_TEST

START_TEST(test_final_dump_gives_everything_as_forced_and_ends_do_not_repeat)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 10), 60));
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_FINAL);
	ck_assert(seen(flow(1, 1, 12), 61));
	assert_counts(2, 200);
	ck_assert_uint_eq(out.end_reason, PFLOW_END_FORCED);
	/* We end, it does not: its translation goes on. */
	ck_assert(out.flags & PFLOW_STATE_ALIVE);
	ck_assert(seen(flow(2, 60, 3), 61));
	assert_counts(3, 300);
	ck_assert(!destroy(flow(2, 60, 3), 61));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(!destroy(flow(1, 1, 12), 62));
	end();
}
END_TEST

/** Negative differences (another flow with the same tuple and id). */
START_TEST(test_reused_tuple_and_id_begin_a_new_flow)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 1000), 60));
	pflowi_ct_dump_end(&tr, true);
	/* Its end was lost; by the start time it is another one. */
	ck_assert(destroy(flow(1, 70, 2000), 80));
	assert_counts(2000, 200000);
	ck_assert_uint_eq(out.start_ns, T0 + 70 * SEC);
	ck_assert_uint_eq(tr.n.vanished_flows, 1);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(2, 1, 1000), 120));
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(2, 121, 5), 180));
	assert_counts(5, 500);
	pflowi_ct_dump_end(&tr, true);
	end();
}
END_TEST

START_TEST(test_without_timestamps_falling_counters_tell_a_new_flow)
{
	struct pflowi_ct_flow f = flow(1, 0, 50);

	begin("", 60);
	f.start_ns = 0;
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_BASELINE);
	ck_assert(!seen(f, 0));
	pflowi_ct_dump_end(&tr, true);
	f = flow(1, 0, 20);
	f.start_ns = 0;
	ck_assert(destroy(f, 30));
	assert_counts(20, 2000);
	ck_assert_uint_eq(out.start_ns, out.last_ns);
	ck_assert_uint_eq(tr.n.flows_without_times, 1);
	end();
}
END_TEST

START_TEST(test_without_timestamps_a_flow_starts_when_it_is_first_seen)
{
	struct pflowi_ct_flow f = flow(1, 0, 50);

	begin("", 60);
	f.start_ns = 0;
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(!seen(f, 10));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(f, 25));
	assert_counts(50, 5000);
	ck_assert_uint_eq(out.start_ns, T0 + 10 * SEC);
	ck_assert_uint_eq(out.last_ns, T0 + 25 * SEC);
	end();
}
END_TEST

START_TEST(test_entry_of_a_dump_that_is_older_than_its_end_is_not_given)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(destroy(flow(1, 1, 10), 70));
	assert_counts(10, 1000);
	ck_assert(!seen(flow(1, 1, 9), 70));
	/* But one with the same tuple and id that began later is. */
	ck_assert(seen(flow(1, 2, 4), 70));
	assert_counts(4, 400);
	pflowi_ct_dump_end(&tr, true);
	ck_assert_uint_eq(tr.table.used, 1);
	ck_assert_uint_eq(tr.n.vanished_flows, 0);
	end();
}
END_TEST

START_TEST(test_dead_of_a_dump_are_forgotten_with_it_whole_or_not)
{
	unsigned whole;

	for (whole = 0; whole < 2; whole++) {
		begin("", 60);
		pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
		ck_assert(seen(flow(2, 1, 5), 70));
		ck_assert(destroy(flow(1, 1, 10), 70));
		ck_assert_uint_eq(tr.table.used, 2);
		pflowi_ct_dump_end(&tr, whole);
		ck_assert_uint_eq(tr.table.used, 1);
		ck_assert_uint_eq(tr.n.vanished_flows, 0);
		end();
	}
}
END_TEST

START_TEST(test_interrupted_dump_forgets_nobody)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 10), 60));
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	pflowi_ct_dump_end(&tr, false);
	ck_assert_uint_eq(tr.table.used, 1);
	ck_assert(destroy(flow(1, 1, 11), 90));
	assert_counts(1, 100);
	end();
}
END_TEST

START_TEST(test_flow_that_a_whole_dump_does_not_show_is_counted_as_vanished)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 10), 60));
	pflowi_ct_dump_end(&tr, true);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	pflowi_ct_dump_end(&tr, true);
	ck_assert_uint_eq(tr.n.vanished_flows, 1);
	ck_assert_uint_eq(tr.table.used, 0);
	end();
}
END_TEST

START_TEST(test_full_table_reports_nobody_new_and_loses_nothing_at_the_end)
{
	begin("", 60);
	pflowi_ct_table_init(&tr.table, 10, seed);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(!seen(flow(1, 1, 10), 60));
	ck_assert_uint_eq(tr.n.untracked_flows, 1);
	ck_assert(destroy(flow(1, 1, 12), 70));
	assert_counts(12, 1200);
	/* It could not be noted as dead: nobody unknown is believed now. */
	pflowi_ct_table_init(&tr.table, 1 << 20, seed);
	ck_assert(!seen(flow(1, 1, 10), 70));
	pflowi_ct_dump_end(&tr, true);
	end();
}
END_TEST

START_TEST(test_same_end_told_twice_is_given_once)
{
	begin("", 0);
	ck_assert(destroy(flow(1, 1, 10), 5));
	ck_assert(!destroy(flow(1, 1, 10), 5));
	ck_assert(!destroy(flow(1, 1, 10), 5));
	ck_assert_uint_eq(tr.n.repeated_events, 2);
	ck_assert_uint_eq(tr.n.end_events, 1);
	ck_assert(destroy(flow(1, 6, 10), 9));
	end();
}
END_TEST

START_TEST(test_end_time_is_the_last_packet_once_the_kernel_tells_timeouts)
{
	struct pflowi_ct_flow f = flow(1, 1, 10);

	begin("", 0);
	/* Whether this kernel tells is not yet known: the time as told. */
	ck_assert(destroy(f, 100));
	ck_assert_uint_eq(out.last_ns, T0 + 100 * SEC);
	ck_assert_uint_eq(out.lingered_ms, 0);
	ck_assert(!(out.present & PFLOW_HAS_END_REASON));
	f = flow(2, 1, 10);
	f.st.protocol = 6;
	f.has |= PFLOWI_CT_HAS_TCP_STATE;
	f.tcp_state = 7;
	ck_assert(destroy(f, 130));
	ck_assert_uint_eq(out.last_ns, T0 + 10 * SEC);
	ck_assert_uint_eq(out.end_reason, PFLOW_END_DETECTED);
	ck_assert(destroy(flow(3, 1, 10), 100));
	ck_assert_uint_eq(out.last_ns, T0 + 70 * SEC);
	ck_assert_uint_eq(out.lingered_ms, 30000);
	ck_assert(!(out.flags & PFLOW_STATE_ALIVE));
	ck_assert_uint_eq(out.end_reason, PFLOW_END_IDLE);
	/* Never before its start. */
	ck_assert(destroy(flow(4, 90, 10), 100));
	ck_assert_uint_eq(out.last_ns, T0 + 90 * SEC);
	end();
}
END_TEST

START_TEST(test_report_ends_with_the_last_packet_by_what_is_left_to_live)
{
	struct pflowi_ct_flow f = flow(1, 1, 10);

	begin("", 60);
	f.has |= PFLOWI_CT_HAS_TIMEOUT;
	f.timeout_s = 20; /* of 30: silent for 9 s at least */
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(f, 60));
	ck_assert_uint_eq(out.last_ns, T0 + 51 * SEC);
	pflowi_ct_dump_end(&tr, true);
	end();
}
END_TEST

START_TEST(test_clock_set_back_gives_no_end_before_its_start)
{
	begin("", 60);
	ck_assert(destroy(flow(1, 500, 10), 5));
	ck_assert_uint_eq(out.start_ns, T0 + 5 * SEC);
	ck_assert_uint_eq(out.last_ns, T0 + 5 * SEC);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(2, 500, 10), 400)); /* due at once, not in 100 s */
	ck_assert_uint_le(out.start_ns, out.last_ns);
	pflowi_ct_dump_end(&tr, true);
	end();
}
END_TEST

START_TEST(test_mark_at_the_end_selects)
{
	struct pflowi_ct_flow f = flow(1, 1, 10);

	begin("mark=0x10/0x10", 0);
	ck_assert(destroy(f, 5));
	ck_assert(!(out.flags & PFLOW_STATE_EXPORT));
	f = flow(2, 1, 10);
	f.mark = 0x30;
	ck_assert(destroy(f, 5));
	ck_assert(out.flags & PFLOW_STATE_EXPORT);
	end();
}
END_TEST

static bool
change(struct pflowi_ct_flow f, enum pflowi_ct_kind kind, int bit)
{
	unsigned long word = bit < 0 ? 0 : 1ul << bit;

	f.kind = kind;
	f.has |= PFLOWI_CT_HAS_LABELS;
	f.label_octets = 16;
	f.start_ns = 0; /* not told before the end */
	memcpy(f.labels, &word, sizeof(word));
	return pflowi_ct_on_event(&tr, &f, AT(1), &out);
}

/** The kernel does not tell labels at the end. */
START_TEST(test_label_is_remembered_to_the_end)
{
	begin("label=5", 0);
	ck_assert(pflowi_ct_tracks(&tr));
	ck_assert(!change(flow(1, 1, 0), PFLOWI_CT_NEW, 5));
	ck_assert(!change(flow(2, 1, 0), PFLOWI_CT_NEW, 6));
	ck_assert(!change(flow(3, 1, 0), PFLOWI_CT_NEW, 5));
	ck_assert(!change(flow(3, 1, 0), PFLOWI_CT_UPDATE, -1));
	ck_assert(!change(flow(4, 1, 0), PFLOWI_CT_UPDATE, 5));
	ck_assert(destroy(flow(1, 1, 10), 5));
	ck_assert(out.flags & PFLOW_STATE_EXPORT);
	assert_counts(10, 1000);
	ck_assert(destroy(flow(2, 1, 10), 5));
	ck_assert(!(out.flags & PFLOW_STATE_EXPORT));
	ck_assert(destroy(flow(3, 1, 10), 5));
	ck_assert(!(out.flags & PFLOW_STATE_EXPORT));
	ck_assert(destroy(flow(4, 1, 10), 5));
	ck_assert(out.flags & PFLOW_STATE_EXPORT);
	ck_assert_uint_eq(tr.table.used, 0);
	end();
}
END_TEST

START_TEST(test_label_told_in_a_dump_counts_as_well)
{
	struct pflowi_ct_flow f = flow(1, -9, 10);
	unsigned long word = 1ul << 5;

	begin("label=5", 0);
	f.has |= PFLOWI_CT_HAS_LABELS;
	f.label_octets = 16;
	memcpy(f.labels, &word, sizeof(word));
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_BASELINE);
	ck_assert(!seen(f, 0));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(flow(1, -9, 11), 5));
	ck_assert(out.flags & PFLOW_STATE_EXPORT);
	assert_counts(11, 1100); /* reports are off: totals */
	end();
}
END_TEST

static struct pflowi_ct_flow
translated(uint32_t id, uint64_t packets)
{
	struct pflowi_ct_flow f = flow(id, 1, packets);

	f.st.key[PFLOW_STACK].addr[0][3] = 99;
	f.st.flags |= PFLOW_STATE_TRANSLATED;
	return f;
}

START_TEST(test_nat_events_tell_translations_as_they_begin)
{
	struct pflowi_ct_flow f = translated(1, 0);

	begin("nat-events", 60);
	f.kind = PFLOWI_CT_NEW;
	f.event_ns = T0 + 123;
	ck_assert(pflowi_ct_on_event(&tr, &f, AT(3), &out));
	ck_assert(out.flags & PFLOW_STATE_CREATED);
	ck_assert_uint_eq(out.start_ns, T0 + 123);
	ck_assert_uint_eq(out.last_ns, T0 + 123);
	assert_counts(0, 0);
	f.event_ns = 0; /* before Linux 6.14 */
	f.id = 2;
	ck_assert(pflowi_ct_on_event(&tr, &f, AT(3), &out));
	ck_assert_uint_eq(out.start_ns, T0 + 3 * SEC);
	f = flow(3, 1, 0);
	f.kind = PFLOWI_CT_NEW;
	ck_assert(!pflowi_ct_on_event(&tr, &f, AT(3), &out));
	end();
}
END_TEST

START_TEST(test_nat_events_tell_the_end_even_without_new_traffic)
{
	begin("nat-events", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(translated(1, 10), 60));
	ck_assert(seen(flow(2, 1, 10), 60));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(translated(1, 10), 70));
	assert_counts(0, 0);
	ck_assert(!(out.flags & PFLOW_STATE_CREATED));
	ck_assert(!destroy(flow(2, 1, 10), 70));
	end();
}
END_TEST

/** A dump may show a flow before its NEW event is read. */
START_TEST(test_creation_told_late_does_not_undo_a_report)
{
	struct pflowi_ct_flow f = translated(1, 10);

	begin("nat-events", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(f, 60));
	f.kind = PFLOWI_CT_NEW;
	f.start_ns = 0;
	ck_assert(pflowi_ct_on_event(&tr, &f, AT(61), &out));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(translated(1, 12), 70));
	assert_counts(2, 200);
	end();
}
END_TEST

START_TEST(test_what_an_entry_lacks_is_counted)
{
	struct pflowi_ct_flow f = flow(1, 1, 0);

	begin("", 0);
	f.has &= ~PFLOWI_CT_HAS_COUNTERS;
	f.status = PFLOWI_CT_S_OFFLOAD;
	ck_assert(destroy(f, 5));
	f.start_ns = 0;
	ck_assert(destroy(f, 6));
	ck_assert_uint_eq(out.last_ns, T0 + 6 * SEC);
	ck_assert_uint_eq(tr.n.flows_without_counters, 2);
	ck_assert_uint_eq(tr.n.flows_without_times, 1);
	ck_assert_uint_eq(tr.n.offloaded_flows, 2);
	end();
}
END_TEST

/** conntrack -L -z: the same flow, counted from zero again. */
START_TEST(test_counters_set_to_zero_give_no_negative_difference)
{
	begin("", 60);
	pflowi_ct_dump_begin(&tr, PFLOWI_CT_DUMP_REPORT);
	ck_assert(seen(flow(1, 1, 1000), 60));
	pflowi_ct_dump_end(&tr, true);
	ck_assert(destroy(flow(1, 1, 7), 70));
	assert_counts(7, 700);
	end();
}
END_TEST

Suite *
suite_conntrack_track(void)
{
	Suite *s = suite_create("sources/conntrack_track");
	TCase *t = tcase_create("track");

	tcase_add_test(t,
	    test_without_reports_the_end_gives_totals_and_nothing_is_kept);
	tcase_add_test(t,
	    test_end_without_traffic_of_a_flow_never_told_is_given);
	tcase_add_test(t,
	    test_reports_are_differences_and_the_end_gives_the_rest);
	tcase_add_test(t,
	    test_flow_is_not_reported_before_it_is_due_nor_long_after);
	tcase_add_test(t, test_silent_flow_gives_no_report_and_no_end);
	tcase_add_test(t,
	    test_baseline_keeps_back_what_was_counted_before_the_start);
	tcase_add_test(t,
	    test_final_dump_gives_everything_as_forced_and_ends_do_not_repeat);
	tcase_add_test(t, test_reused_tuple_and_id_begin_a_new_flow);
	tcase_add_test(t,
	    test_without_timestamps_falling_counters_tell_a_new_flow);
	tcase_add_test(t,
	    test_without_timestamps_a_flow_starts_when_it_is_first_seen);
	tcase_add_test(t,
	    test_entry_of_a_dump_that_is_older_than_its_end_is_not_given);
	tcase_add_test(t,
	    test_dead_of_a_dump_are_forgotten_with_it_whole_or_not);
	tcase_add_test(t, test_interrupted_dump_forgets_nobody);
	tcase_add_test(t,
	    test_flow_that_a_whole_dump_does_not_show_is_counted_as_vanished);
	tcase_add_test(t,
	    test_full_table_reports_nobody_new_and_loses_nothing_at_the_end);
	tcase_add_test(t, test_same_end_told_twice_is_given_once);
	tcase_add_test(t,
	    test_end_time_is_the_last_packet_once_the_kernel_tells_timeouts);
	tcase_add_test(t,
	    test_report_ends_with_the_last_packet_by_what_is_left_to_live);
	tcase_add_test(t, test_clock_set_back_gives_no_end_before_its_start);
	tcase_add_test(t, test_mark_at_the_end_selects);
	tcase_add_test(t, test_label_is_remembered_to_the_end);
	tcase_add_test(t, test_label_told_in_a_dump_counts_as_well);
	tcase_add_test(t, test_nat_events_tell_translations_as_they_begin);
	tcase_add_test(t,
	    test_nat_events_tell_the_end_even_without_new_traffic);
	tcase_add_test(t, test_creation_told_late_does_not_undo_a_report);
	tcase_add_test(t, test_what_an_entry_lacks_is_counted);
	tcase_add_test(t,
	    test_counters_set_to_zero_give_no_negative_difference);
	suite_add_tcase(s, t);
	return s;
}
