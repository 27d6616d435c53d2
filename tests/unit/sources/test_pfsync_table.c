/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "gen/gen.h"
#include "pf_sink.h"
#include "sources/pfsync_table.h"

Suite *suite_pfsync_table(void);

#define T0 (UINT64_C(1700000000) * 1000000000u)
#define SECOND UINT64_C(1000000000)
#define HOST 0xa1b2c3d4u

enum { CLR = 0, UPD_C = 4, DEL = 6, DEL_C = 7, BUS = 10, INS = 13, UPD = 14 };

static struct pflowi_pfsync_table *table;
static struct pflowi_pf_ifmap ifmap;
static struct pf_sink sink;
static struct gen_buf packet;
static const uint8_t *sender;
static uint64_t now;
static bool lazy; /* leave the work of clears undone */

static void
make_table(size_t limit, unsigned active)
{
	struct pflowi_pf_config cfg = {
		.memory_limit = limit,
		.active_ns = active * SECOND,
		.nat_events = true,
		.key = { 1, 2 },
		.ifmap = &ifmap,
	};

	pflowi_pf_ifmap_init(&ifmap);
	ck_assert_int_eq(pflowi_pfsync_table_new(&cfg, &table), PFLOW_OK);
	memset(&sink, 0, sizeof(sink));
	sender = NULL;
	lazy = false;
	now = T0;
}

static void
setup(void)
{
	make_table((size_t)64 << 20, 0);
}

static const struct pflowi_pfsync_tally *
tally(void)
{
	return pflowi_pfsync_table_tally(table);
}

/** What always holds. */
static void
check_sums(void)
{
	const struct pflowi_pfsync_tally *t = tally();
	uint64_t rejects = 0;
	size_t i;

	for (i = 0; i < PFLOWI_PF_VERDICT_COUNT; i++)
		rejects += t->rejects[i];
	ck_assert_uint_eq(t->full_states, t->states + t->refreshes +
	    t->late_states + rejects);
	ck_assert_uint_eq(t->states, t->states_given + t->states_tracked);
}

static void
teardown(void)
{
	check_sums();
	pflowi_pfsync_table_free(table);
	pflowi_pf_ifmap_fini(&ifmap);
	pf_sink_free(&sink);
	gen_free(&packet);
}

static void
give(void)
{
	struct pflow_now clock = { 0, now };
	unsigned budget = 1000000;

	ck_assert_int_eq(pflowi_pfsync_table_give(table, clock, &budget,
	    pf_sink_take, &sink), PFLOW_OK);
}

static void
wait_s(unsigned seconds)
{
	now += seconds * SECOND;
	while (!pflowi_pfsync_table_advance(table, now))
		give();
	give();
}

static void
flush(void)
{
	while (!pflowi_pfsync_table_flush(table))
		give();
	give();
}

static void
send(void)
{
	if (packet.p[0] >= 5)
		gen_packet_end(&packet);
	while (!pflowi_pfsync_table_ready(table))
		give();
	pflowi_pfsync_table_packet(table, packet.p, packet.len, packet.len,
	    sender, now);
	if (!lazy)
		(void)pflowi_pfsync_table_advance(table, now);
	check_sums();
}

static struct gen_state
a_state(uint64_t id, uint64_t packets, uint64_t bytes)
{
	struct gen_state st = {
		.id = id,
		.creatorid = HOST,
		.ifname = "em0",
		.direction = GEN_IN,
		.proto = 6,
		.src = { "192.0.2.1", 1024 },
		.dst = { "192.0.2.2", 80 },
		.age = 1,
		.expire = 86400,
		.packets = { packets, 0 },
		.bytes = { bytes, 0 },
		.rule = 1,
		.anchor = GEN_NONE,
		.timeout = 2,
		.flags = GEN_PFLOW,
	};

	return st;
}

static void
full(int action, const struct gen_state *st)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, action, 264, 1);
	gen_state(&packet, GEN_OPENBSD, st);
	send();
}

static void
insert(uint64_t id, uint64_t packets, uint64_t bytes)
{
	struct gen_state st = a_state(id, packets, bytes);

	full(INS, &st);
}

static void
update(uint64_t id, uint64_t packets, uint64_t bytes)
{
	struct gen_state st = a_state(id, packets, bytes);

	full(UPD, &st);
}

static void
compressed(uint64_t id, uint8_t timeout)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, UPD_C, 84, 1);
	gen_upd_c(&packet, 0, id, HOST, timeout);
	send();
}

static void
delete(uint64_t id)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, DEL_C, 12, 1);
	gen_del_c(&packet, 0, id, HOST);
	send();
}

static void
clear(const char *ifname, uint32_t creatorid)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, CLR, 20, 1);
	gen_clr(&packet, 0, ifname, creatorid);
	send();
}

static void
bulk(uint8_t status)
{
	gen_packet_begin(&packet, 6);
	gen_section(&packet, BUS, 12, 1);
	gen_bus(&packet, 0, HOST, status);
	send();
}

START_TEST(test_a_bare_delete_exports_what_the_insert_told)
{
	const struct pflow_state *st;

	insert(1, 3, 180);
	wait_s(7);
	delete(1);
	give();
	ck_assert_uint_eq(sink.count, 0); /* it waits for what was overtaken */
	wait_s(6);
	ck_assert_uint_eq(sink.count, 1);
	st = pf_sink_end(&sink, 1);
	ck_assert_uint_eq(st->packets[0], 3);
	ck_assert_uint_eq(st->octets[0], 180);
	ck_assert_uint_eq(st->flags, PFLOW_STATE_EXPORT | PFLOW_STATE_SYNCED |
	    PFLOW_STATE_PARTIAL);
	ck_assert_uint_eq(st->end_reason, PFLOW_END_DETECTED);
	ck_assert_uint_ne(st->present & PFLOW_HAS_END_REASON, 0);
	ck_assert_uint_eq(st->start_ns, T0 - SECOND);
	ck_assert_uint_eq(st->last_ns, T0);
	ck_assert_uint_eq(tally()->ended_by_delete, 1);
}
END_TEST

START_TEST(test_a_state_never_heard_of_again_ends_when_its_delete_came)
{
	struct gen_state st = a_state(1, 1, 60);

	st.age = 0;
	full(INS, &st);
	wait_s(9);
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->start_ns, T0);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns, T0 + 9 * SECOND);
}
END_TEST

START_TEST(test_updates_replace_counters_unless_they_are_lower)
{
	insert(1, 3, 180);
	update(1, 10, 1000);
	update(1, 5, 500); /* overtaken */
	insert(1, 3, 180); /* sent again */
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->packets[0], 10);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 1000);
	ck_assert_uint_eq(tally()->stale_counters, 2);
	ck_assert_uint_eq(tally()->refreshes, 3);
}
END_TEST

START_TEST(test_an_update_of_an_unknown_state_is_learned)
{
	update(5, 7, 700);
	flush();
	ck_assert_uint_eq(pf_sink_end(&sink, 5)->octets[0], 700);
	ck_assert_uint_eq(pf_sink_end(&sink, 5)->end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(tally()->ended_by_flush, 1);
}
END_TEST

START_TEST(test_a_compressed_update_moves_the_end_and_no_counter)
{
	insert(1, 3, 180);
	wait_s(20);
	compressed(1, 2);
	wait_s(20);
	compressed(1, 5);
	wait_s(30);
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns, T0 + 40 * SECOND);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 180);
	ck_assert_uint_eq(tally()->compressed_updates, 2);
}
END_TEST

START_TEST(test_messages_about_states_never_announced_are_counted)
{
	compressed(1, 2);
	ck_assert_uint_eq(tally()->unknown_updates, 1);
	delete(1);
	ck_assert_uint_eq(tally()->unknown_deletes, 1);
	delete(1);
	ck_assert_uint_eq(tally()->unknown_deletes, 1);
	ck_assert_uint_eq(tally()->repeated_deletes, 1);
	compressed(1, 2);
	ck_assert_uint_eq(tally()->late_updates, 1);
	flush();
	ck_assert_uint_eq(sink.count, 0);
}
END_TEST

START_TEST(test_a_delete_that_overtook_the_insert_still_ends_it)
{
	delete(1);
	ck_assert_uint_eq(tally()->unknown_deletes, 1);
	insert(1, 3, 180);
	ck_assert_uint_eq(tally()->unknown_deletes, 0);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 180);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason,
	    PFLOW_END_DETECTED);
}
END_TEST

START_TEST(test_a_delete_that_overtook_the_last_update_exports_it)
{
	insert(1, 3, 180);
	delete(1);
	wait_s(2);
	update(1, 9, 900);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 900);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason,
	    PFLOW_END_DETECTED);
}
END_TEST

START_TEST(test_what_comes_after_the_export_is_counted_and_not_exported_again)
{
	insert(1, 3, 180);
	delete(1);
	wait_s(6);
	update(1, 9, 900);
	compressed(1, 2);
	delete(1);
	ck_assert_uint_eq(tally()->late_states, 1);
	ck_assert_uint_eq(tally()->late_updates, 1);
	ck_assert_uint_eq(tally()->repeated_deletes, 1);
	flush();
	ck_assert_uint_eq(sink.count, 1);
	/* Much later it is another state of the same name. */
	wait_s(120);
	insert(1, 4, 240);
	flush();
	ck_assert_uint_eq(sink.count, 2);
}
END_TEST

START_TEST(test_a_full_delete_has_the_last_word_on_counters)
{
	struct gen_state st = a_state(1, 40, 4000);

	insert(1, 3, 180);
	full(DEL, &st);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 4000);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->flags & PFLOW_STATE_PARTIAL, 0);
	st = a_state(2, 1, 60);
	full(DEL, &st);
	wait_s(6);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->octets[0], 60);
}
END_TEST

static void
three_states(void)
{
	struct gen_state st;

	insert(1, 1, 100);
	st = a_state(2, 1, 200);
	st.ifname = "em1";
	full(INS, &st);
	st = a_state(3, 1, 300);
	st.creatorid = 7;
	full(INS, &st);
}

START_TEST(test_clear_ends_all_states_of_its_creator)
{
	three_states();
	clear("", HOST);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason, PFLOW_END_FORCED);
	ck_assert_ptr_nonnull(pf_sink_end(&sink, 2));
	ck_assert_uint_eq(tally()->ended_by_clear, 2);
	ck_assert_uint_eq(tally()->states_tracked, 1);
	flush();
	ck_assert_uint_eq(sink.count, 3);
}
END_TEST

START_TEST(test_clear_with_an_interface_ends_only_its_states)
{
	three_states();
	clear("em1", HOST);
	clear("em2", HOST);
	clear("em1", 99);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_ptr_nonnull(pf_sink_end(&sink, 2));
	clear("em0", 7);
	clear("em0", HOST);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 3);
	ck_assert_uint_eq(tally()->ended_by_clear, 3);
}
END_TEST

START_TEST(test_a_message_between_clear_and_its_work_finds_the_end)
{
	insert(1, 1, 100);
	insert(2, 1, 100);
	lazy = true;
	clear("", HOST);
	delete(1);
	update(2, 5, 500);
	ck_assert_uint_eq(tally()->repeated_deletes, 1);
	insert(3, 1, 100); /* a new state, after the clear */
	wait_s(6);
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->octets[0], 500);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->end_reason, PFLOW_END_FORCED);
	ck_assert_uint_eq(tally()->states_tracked, 1);
}
END_TEST

START_TEST(test_states_without_a_delete_end_by_their_timeout)
{
	struct gen_state st = a_state(1, 1, 60);

	st.proto = 17;
	st.timeout = 6; /* 60 s */
	st.expire = 60;
	full(INS, &st);
	insert(2, 1, 60); /* a day */
	wait_s(110);
	ck_assert_uint_eq(sink.count, 0);
	wait_s(50);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason, PFLOW_END_IDLE);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns, T0);
	ck_assert_uint_eq(tally()->ended_by_timeout, 1);
	wait_s(86400);
	ck_assert_uint_eq(sink.count, 1); /* a quarter more is granted */
	wait_s(86400);
	ck_assert_uint_eq(sink.count, 2);
}
END_TEST

START_TEST(test_a_rule_with_a_longer_timeout_is_believed)
{
	struct gen_state st = a_state(1, 1, 60);

	st.timeout = 8;
	st.expire = 7200;
	full(INS, &st);
	wait_s(7000);
	ck_assert_uint_eq(sink.count, 0);
	wait_s(3000);
	ck_assert_uint_eq(sink.count, 1);
}
END_TEST

START_TEST(test_updates_keep_a_state_alive)
{
	struct gen_state st = a_state(1, 1, 60);
	unsigned i;

	st.timeout = 8;
	st.expire = 60;
	full(INS, &st);
	for (i = 0; i < 20; i++) {
		wait_s(100);
		compressed(1, 8);
	}
	ck_assert_uint_eq(sink.count, 0);
	wait_s(200);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns,
	    T0 + 2000 * SECOND);
}
END_TEST

START_TEST(test_counters_of_several_senders_are_added_up)
{
	static const uint8_t a[16] = { 192, 0, 2, 1 }, b[16] = { 192, 0, 2, 2 };

	sender = a;
	insert(1, 10, 1000);
	sender = b;
	update(1, 0, 0);  /* the backup has forwarded nothing yet */
	update(1, 4, 400);
	sender = a;
	update(1, 12, 1200);
	sender = b;
	update(1, 6, 600);
	delete(1);
	sender = a;
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->packets[0], 18);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 1800);
	ck_assert_uint_eq(tally()->repeated_deletes, 1);
	ck_assert_uint_eq(tally()->stale_counters, 0);
}
END_TEST

START_TEST(test_more_senders_than_told_apart_are_merged_and_counted)
{
	uint8_t addr[16] = { 10 };
	unsigned i;

	sender = addr;
	for (i = 0; i < PFLOWI_PFSYNC_SENDERS + 3; i++) {
		addr[3] = (uint8_t)i;
		insert(1000 + i, 1, 60);
	}
	ck_assert_uint_eq(tally()->merged_senders, 3);
	flush();
	ck_assert_uint_eq(sink.count, PFLOWI_PFSYNC_SENDERS + 3);
}
END_TEST

START_TEST(test_bulk_updates_tell_when_the_state_last_moved)
{
	struct gen_state st = a_state(1, 1, 60);

	st.age = 500;
	st.expire = 86000; /* silent for 400 s */
	bulk(1);
	full(UPD, &st);
	bulk(2);
	st.id = 2;
	full(UPD, &st);
	flush();
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->start_ns, T0 - 500 * SECOND);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->last_ns, T0 - 400 * SECOND);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->last_ns, T0);
	ck_assert_uint_eq(tally()->bulk_marks, 2);
}
END_TEST

START_TEST(test_a_translated_state_is_told_when_it_is_made_and_when_it_ends)
{
	struct gen_state st = a_state(1, 1, 60);

	st.direction = GEN_OUT;
	st.nat_src.addr = "203.0.113.9";
	st.nat_src.port = 50000;
	st.nat_dst = st.dst;
	full(INS, &st);
	give();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].flags & PFLOW_STATE_CREATED,
	    PFLOW_STATE_CREATED);
	ck_assert_uint_eq(sink.states[0].octets[0], 0);
	ck_assert_uint_eq(sink.states[0].start_ns, T0 - SECOND);
	full(INS, &st);
	full(UPD, &st);
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[1].flags & PFLOW_STATE_CREATED, 0);
	ck_assert_uint_eq(sink.states[1].octets[0], 60);
	ck_assert_uint_eq(tally()->creates_given, 1);
	ck_assert_uint_eq(tally()->states_given, 1);
}
END_TEST

START_TEST(test_unreadable_states_are_counted_by_reason)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum pflowi_pf_verdict verdict;
	} rows[] = {
		{ 252, 0, PFLOWI_PF_bad_direction },
		{ 252, 3, PFLOWI_PF_bad_direction },
		{ 62, 9, PFLOWI_PF_bad_family },
		{ 255, 20, PFLOWI_PF_bad_timeout },
		{ 255, 255, PFLOWI_PF_bad_timeout },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gen_state st = a_state(1, 1, 60);
		uint64_t before = tally()->rejects[rows[i].verdict];

		gen_packet_begin(&packet, 6);
		gen_section(&packet, INS, 264, 1);
		gen_state(&packet, GEN_OPENBSD, &st);
		packet.p[24 + rows[i].at] = rows[i].value;
		send();
		ck_assert_uint_eq(tally()->rejects[rows[i].verdict], before + 1);
	}
	ck_assert_uint_eq(tally()->states, 0);
}
END_TEST

START_TEST(test_a_packet_in_the_past_does_not_turn_the_clock_back)
{
	insert(1, 1, 60);
	now -= 100 * SECOND;
	insert(2, 1, 60);
	ck_assert_uint_eq(pflowi_pfsync_table_now(table), T0);
	flush();
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->start_ns, T0 - SECOND);
}
END_TEST

START_TEST(test_faults_and_cut_messages_have_counters)
{
	insert(1, 1, 60);
	pflowi_pfsync_table_packet(table, packet.p, packet.len - 1, packet.len,
	    NULL, now);
	ck_assert_uint_eq(tally()->faults[PFLOWI_PFSYNC_truncated], 1);
	ck_assert_uint_eq(tally()->cut_messages, 1);
	packet.p[0] = 9;
	pflowi_pfsync_table_packet(table, packet.p, packet.len, packet.len, NULL,
	    now);
	ck_assert_uint_eq(tally()->faults[PFLOWI_PFSYNC_bad_version], 1);
	gen_packet_begin(&packet, 6);
	gen_section(&packet, 2, 12, 1);
	gen_del_c(&packet, 0, 1, 1);
	gen_section(&packet, 250, 12, 1);
	gen_del_c(&packet, 0, 1, 1);
	gen_section(&packet, 1, 12, 1);
	gen_del_c(&packet, 0, 1, 1);
	send();
	ck_assert_uint_eq(tally()->ignored_messages, 1);
	ck_assert_uint_eq(tally()->unknown_messages, 1);
	ck_assert_uint_eq(tally()->obsolete_messages, 1);
}
END_TEST

START_TEST(test_a_full_table_pushes_out_what_was_silent_longest)
{
	enum { STATES = 40000 };
	uint64_t i;

	teardown();
	make_table(PFLOWI_PFSYNC_MEMORY_MIN, 0);
	for (i = 1; i <= STATES; i++) {
		insert(i, 1, 60);
		now += 1000;
		if (i % 100 == 0)
			compressed(1, 2); /* the first one talks on */
	}
	ck_assert_uint_gt(tally()->ended_by_memory, STATES / 2);
	ck_assert_uint_eq(tally()->states, STATES);
	ck_assert_ptr_null(pf_sink_end(&sink, 1));
	give();
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->end_reason,
	    PFLOW_END_RESOURCES);
	flush();
	ck_assert_uint_eq(sink.count, STATES);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->end_reason, PFLOW_END_FORCED);
}
END_TEST

START_TEST(test_clears_and_groups_without_end_stay_within_memory)
{
	enum { ROUNDS = 30000 };
	uint64_t i;

	teardown();
	make_table(PFLOWI_PFSYNC_MEMORY_MIN, 0);
	for (i = 1; i <= ROUNDS; i++) {
		struct gen_state st = a_state(i, 1, 60);
		char name[16];

		snprintf(name, sizeof(name), "if%u", (unsigned)i);
		st.ifname = name;
		st.creatorid = (uint32_t)i;
		full(INS, &st);
		if (i % 3 == 0)
			clear("", (uint32_t)i);
		if (i % 3 == 1)
			clear(name, (uint32_t)i);
		if (i % 64 == 0)
			wait_s(1);
	}
	flush();
	ck_assert_uint_eq(tally()->states, ROUNDS);
	ck_assert_uint_eq(sink.count, ROUNDS);
	ck_assert_uint_eq(tally()->states_tracked, 0);
}
END_TEST

START_TEST(test_reports_of_a_living_state_are_deltas)
{
	teardown();
	make_table((size_t)64 << 20, 60);
	insert(1, 1, 100);
	wait_s(30);
	update(1, 5, 500);
	give();
	ck_assert_uint_eq(sink.count, 0); /* not yet time */
	wait_s(30);
	update(1, 9, 900);
	give();
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sink.states[0].end_reason, PFLOW_END_ACTIVE);
	ck_assert_uint_eq(sink.states[0].octets[0], 900);
	ck_assert_uint_eq(sink.states[0].start_ns, T0 - SECOND);
	ck_assert_uint_eq(sink.states[0].last_ns, T0 + 60 * SECOND);
	wait_s(90);
	update(1, 9, 900); /* nothing new: nothing to report */
	give();
	ck_assert_uint_eq(sink.count, 1);
	update(1, 12, 1200);
	delete(1);
	wait_s(6);
	ck_assert_uint_eq(sink.count, 2);
	ck_assert_uint_eq(sink.states[1].octets[0], 300);
	ck_assert_uint_eq(sink.states[1].start_ns, T0 + 60 * SECOND);
	ck_assert_uint_eq(sink.states[1].end_reason, PFLOW_END_DETECTED);
}
END_TEST

START_TEST(test_least_memory_is_refused_below_and_enough_at)
{
	struct pflowi_pf_config cfg = {
		.memory_limit = PFLOWI_PFSYNC_MEMORY_MIN - 1,
		.ifmap = &ifmap,
	};
	struct pflowi_pfsync_table *t;

	ck_assert_int_eq(pflowi_pfsync_table_new(&cfg, &t), PFLOW_ERR_RANGE);
	ck_assert_ptr_null(t);
	cfg.memory_limit++;
	ck_assert_int_eq(pflowi_pfsync_table_new(&cfg, &t), PFLOW_OK);
	ck_assert(pflowi_pfsync_table_ready(t));
	pflowi_pfsync_table_free(t);
}
END_TEST

START_TEST(test_old_versions_delete_in_full_and_in_short)
{
	struct gen_state st = a_state(1, 2, 120);

	gen_old_packet(&packet, 4, 1, 1);
	gen_state(&packet, GEN_PFSYNC4, &st);
	send();
	gen_old_packet(&packet, 4, 4, 1);
	gen_upd_c(&packet, 1, 1, HOST, 2);
	send();
	gen_old_packet(&packet, 4, 5, 1);
	gen_del_c(&packet, 1, 1, HOST);
	send();
	st = a_state(2, 5, 500);
	gen_old_packet(&packet, 3, 3, 1);
	gen_state(&packet, GEN_PFSYNC3, &st);
	send();
	st = a_state(3, 6, 600);
	gen_old_packet(&packet, 2, 1, 1);
	gen_state(&packet, GEN_PFSYNC2, &st);
	send();
	gen_old_packet(&packet, 2, 0, 1);
	gen_clr(&packet, 1, "", HOST);
	send();
	wait_s(6);
	ck_assert_uint_eq(sink.count, 3);
	ck_assert_uint_eq(pf_sink_end(&sink, 1)->octets[0], 120);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->octets[0], 500);
	ck_assert_uint_eq(pf_sink_end(&sink, 2)->flags & PFLOW_STATE_PARTIAL, 0);
	ck_assert_uint_eq(pf_sink_end(&sink, 3)->octets[0], 600);
	/* None of them can carry pf's flag. */
	ck_assert_uint_eq(tally()->unmarked_states, 3);
}
END_TEST

Suite *
suite_pfsync_table(void)
{
	Suite *s = suite_create("sources/pfsync_table");
	TCase *t = tcase_create("pfsync_table");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_a_bare_delete_exports_what_the_insert_told);
	tcase_add_test(t,
	    test_a_state_never_heard_of_again_ends_when_its_delete_came);
	tcase_add_test(t, test_updates_replace_counters_unless_they_are_lower);
	tcase_add_test(t, test_an_update_of_an_unknown_state_is_learned);
	tcase_add_test(t,
	    test_a_compressed_update_moves_the_end_and_no_counter);
	tcase_add_test(t,
	    test_messages_about_states_never_announced_are_counted);
	tcase_add_test(t, test_a_delete_that_overtook_the_insert_still_ends_it);
	tcase_add_test(t,
	    test_a_delete_that_overtook_the_last_update_exports_it);
	tcase_add_test(t,
	    test_what_comes_after_the_export_is_counted_and_not_exported_again);
	tcase_add_test(t, test_a_full_delete_has_the_last_word_on_counters);
	tcase_add_test(t, test_clear_ends_all_states_of_its_creator);
	tcase_add_test(t, test_clear_with_an_interface_ends_only_its_states);
	tcase_add_test(t,
	    test_a_message_between_clear_and_its_work_finds_the_end);
	tcase_add_test(t, test_states_without_a_delete_end_by_their_timeout);
	tcase_add_test(t, test_a_rule_with_a_longer_timeout_is_believed);
	tcase_add_test(t, test_updates_keep_a_state_alive);
	tcase_add_test(t, test_counters_of_several_senders_are_added_up);
	tcase_add_test(t,
	    test_more_senders_than_told_apart_are_merged_and_counted);
	tcase_add_test(t, test_bulk_updates_tell_when_the_state_last_moved);
	tcase_add_test(t,
	    test_a_translated_state_is_told_when_it_is_made_and_when_it_ends);
	tcase_add_test(t, test_unreadable_states_are_counted_by_reason);
	tcase_add_test(t,
	    test_a_packet_in_the_past_does_not_turn_the_clock_back);
	tcase_add_test(t, test_faults_and_cut_messages_have_counters);
	tcase_add_test(t,
	    test_a_full_table_pushes_out_what_was_silent_longest);
	tcase_add_test(t,
	    test_clears_and_groups_without_end_stay_within_memory);
	tcase_add_test(t, test_reports_of_a_living_state_are_deltas);
	tcase_add_test(t, test_least_memory_is_refused_below_and_enough_at);
	tcase_add_test(t, test_old_versions_delete_in_full_and_in_short);
	suite_add_tcase(s, t);
	return s;
}
