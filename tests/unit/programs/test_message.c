/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/v5.h>

#include "programs/pflowdump/dump.h"

Suite *suite_message(void);

static struct pflowdump dump;
static uint8_t datagram[1464];
static char text[8192];

/** A v5 datagram of so many records. */
static size_t
build(unsigned records, uint32_t sequence)
{
	static const uint8_t addr[4] = { 192, 0, 2, 1 };
	struct pflow_v5_header_values hdr = { UINT64_C(1700000000000000000),
		sequence, 42, 42, 0 };
	struct pflow_state st;
	struct pflow_record rec;
	struct pflow_v5_msg msg;
	size_t len;

	pflow_state_init(&st);
	pflow_state_set_key(&st, PFLOW_AF_IPV4, addr, 1, addr, 2);
	st.protocol = 17;
	st.packets[0] = 2;
	st.octets[0] = 100;
	st.start_ns = st.last_ns = UINT64_C(1699999999000000000);
	ck_assert_int_eq(pflow_record_init(&rec, &st, 0, 0), PFLOW_OK);
	pflow_v5_begin(&msg, datagram, sizeof(datagram), 1699000000000);
	while (records-- > 0)
		ck_assert_int_eq(pflow_v5_add(&msg, &rec), PFLOW_OK);
	ck_assert_int_eq(pflow_v5_end(&msg, &hdr, &len), PFLOW_OK);
	return len;
}

static void
begin(uint64_t left)
{
	memset(&dump, 0, sizeof(dump));
	dump.left = left;
	pflowdump_writer_init(&dump.writer, fmemopen(text, sizeof(text), "w"),
	    PFLOWDUMP_CSV);
}

static void
end(void)
{
	fclose(dump.writer.out);
	pflowdump_peers_fini(&dump.peers);
}

static int
offer(size_t len, unsigned port)
{
	struct pflowdump_ends ends;

	memset(&ends, 0, sizeof(ends));
	ends.af = PFLOW_AF_IPV4;
	ends.port[0] = (uint16_t)port;
	return pflowdump_message(&dump, &ends, datagram, len);
}

START_TEST(test_messages_add_up)
{
	begin(UINT64_MAX);
	ck_assert_int_eq(offer(build(30, 0), 1), PFLOW_OK);
	ck_assert_int_eq(offer(build(3, 30), 1), PFLOW_OK);
	ck_assert_uint_eq(dump.flows, 33);
	ck_assert_uint_eq(dump.packets, 66);
	ck_assert_uint_eq(dump.octets, 3300);
	ck_assert_uint_eq(dump.messages, 2);
	end();
}
END_TEST

START_TEST(test_messages_lost_show_in_the_sequence_of_their_own_sender)
{
	struct pflow_decoder_stats sum;

	begin(UINT64_MAX);
	(void)offer(build(30, 0), 1);
	(void)offer(build(30, 1000), 2);
	(void)offer(build(30, 90), 1);
	pflowdump_peers_sum(&dump.peers, &sum);
	ck_assert_uint_eq(sum.records_lost, 60);
	end();
}
END_TEST

START_TEST(test_messages_end_after_as_many_flows_as_wanted)
{
	begin(4);
	ck_assert_int_eq(offer(build(3, 0), 1), PFLOW_OK);
	ck_assert(!dump.done);
	ck_assert_int_eq(offer(build(3, 3), 1), PFLOW_OK);
	ck_assert(dump.done);
	ck_assert_uint_eq(dump.flows, 4);
	end();
}
END_TEST

START_TEST(test_messages_that_are_none_are_counted)
{
	begin(UINT64_MAX);
	memset(datagram, 0xff, sizeof(datagram));
	ck_assert_int_eq(offer(100, 1), PFLOW_ERR_UNSUPPORTED);
	ck_assert_uint_eq(dump.not_netflow, 1);
	(void)build(30, 0);
	ck_assert_int_lt(offer(10, 1), 0);
	ck_assert_uint_eq(dump.unreadable, 1);
	ck_assert_uint_eq(dump.flows, 0);
	end();
}
END_TEST

Suite *
suite_message(void)
{
	Suite *s = suite_create("message");
	TCase *tc = tcase_create("message");

	tcase_add_test(tc, test_messages_add_up);
	tcase_add_test(tc,
	    test_messages_lost_show_in_the_sequence_of_their_own_sender);
	tcase_add_test(tc, test_messages_end_after_as_many_flows_as_wanted);
	tcase_add_test(tc, test_messages_that_are_none_are_counted);
	suite_add_tcase(s, tc);
	return s;
}
