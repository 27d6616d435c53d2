/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "sources/conntrack_idle.h"

Suite *suite_conntrack_idle(void);

#define SEC UINT64_C(1000000000)

/* The defaults of the kernel. */
static const struct pflowi_ct_timeouts defaults = { .s = {
	[PFLOWI_CT_T_GENERIC] = 600,
	[PFLOWI_CT_T_ICMP] = 30,
	[PFLOWI_CT_T_ICMPV6] = 30,
	[PFLOWI_CT_T_UDP] = 30,
	[PFLOWI_CT_T_UDP_STREAM] = 120,
	[PFLOWI_CT_T_GRE] = 30,
	[PFLOWI_CT_T_GRE_STREAM] = 180,
	[PFLOWI_CT_T_TCP_SYN_SENT] = 120,
	[PFLOWI_CT_T_TCP_SYN_RECV] = 60,
	[PFLOWI_CT_T_TCP_ESTABLISHED] = 432000,
	[PFLOWI_CT_T_TCP_FIN_WAIT] = 120,
	[PFLOWI_CT_T_TCP_CLOSE_WAIT] = 60,
	[PFLOWI_CT_T_TCP_LAST_ACK] = 30,
	[PFLOWI_CT_T_TCP_TIME_WAIT] = 120,
	[PFLOWI_CT_T_TCP_CLOSE] = 10,
	[PFLOWI_CT_T_TCP_MAX_RETRANS] = 300,
	[PFLOWI_CT_T_TCP_UNACKNOWLEDGED] = 300,
} };

static struct pflowi_ct_flow
flow(uint8_t protocol, uint32_t status, uint8_t tcp_state)
{
	struct pflowi_ct_flow f;

	memset(&f, 0, sizeof(f));
	f.kind = PFLOWI_CT_DESTROY;
	f.st.protocol = protocol;
	f.status = status;
	f.tcp_state = tcp_state;
	if (tcp_state != 0)
		f.has |= PFLOWI_CT_HAS_TCP_STATE;
	return f;
}

static uint64_t
idle_s(uint8_t protocol, uint32_t status, uint8_t tcp_state, uint32_t left)
{
	struct pflowi_ct_flow f = flow(protocol, status, tcp_state);

	return pflowi_ct_idle_ns(&defaults, &f, left) / SEC;
}

START_TEST(test_expired_flows_were_idle_for_their_timeout)
{
	ck_assert_uint_eq(idle_s(1, 0, 0, 0), 30);
	ck_assert_uint_eq(idle_s(58, 0, 0, 0), 30);
	ck_assert_uint_eq(idle_s(17, 0, 0, 0), 30);
	ck_assert_uint_eq(idle_s(17, PFLOWI_CT_S_ASSURED, 0, 0), 120);
	ck_assert_uint_eq(idle_s(136, PFLOWI_CT_S_ASSURED, 0, 0), 120);
	ck_assert_uint_eq(idle_s(47, 0, 0, 0), 30);
	ck_assert_uint_eq(idle_s(47, PFLOWI_CT_S_ASSURED, 0, 0), 180);
	ck_assert_uint_eq(idle_s(50, 0, 0, 0), 600);
	ck_assert_uint_eq(idle_s(6, 0, 7, 0), 120);
	ck_assert_uint_eq(idle_s(6, 0, 8, 0), 10);
	ck_assert_uint_eq(idle_s(6, 0, 6, 0), 30);
}
END_TEST

START_TEST(test_tcp_takes_the_shortest_timeout_that_could_have_held)
{
	/* Established: five days, 300 s unacknowledged, 10 s after a reset. */
	ck_assert_uint_eq(idle_s(6, 0, 3, 0), 10);
	ck_assert_uint_eq(idle_s(6, 0, 3, 10), 0);
	ck_assert_uint_eq(idle_s(6, 0, 3, 100), 199);
	ck_assert_uint_eq(idle_s(6, 0, 3, 400000), 31999);
}
END_TEST

START_TEST(test_what_is_left_shortens_the_time_rounded_towards_the_flow)
{
	ck_assert_uint_eq(idle_s(17, 0, 0, 29), 0);
	ck_assert_uint_eq(idle_s(17, 0, 0, 20), 9);
	ck_assert_uint_eq(idle_s(17, 0, 0, 30), 0);
	ck_assert_uint_eq(idle_s(17, 0, 0, 31), 0);
	ck_assert_uint_eq(idle_s(17, 0, 0, UINT32_MAX), 0);
}
END_TEST

START_TEST(test_nothing_is_said_where_nothing_is_known)
{
	struct pflowi_ct_timeouts none = { .s = { 0 } };
	struct pflowi_ct_flow f = flow(17, 0, 0);

	ck_assert_uint_eq(pflowi_ct_idle_ns(&none, &f, 0), 0);
	ck_assert_uint_eq(idle_s(6, 0, 0, 0), 0);    /* no state told */
	ck_assert_uint_eq(idle_s(6, 0, 200, 0), 0);  /* a state to come */
	ck_assert_uint_eq(idle_s(132, 0, 0, 0), 0);
	ck_assert_uint_eq(idle_s(17, PFLOWI_CT_S_OFFLOAD, 0, 0), 0);
	ck_assert_uint_eq(idle_s(17, PFLOWI_CT_S_HW_OFFLOAD, 0, 0), 0);
	ck_assert_uint_eq(idle_s(17, PFLOWI_CT_S_FIXED_TIMEOUT, 0, 0), 0);
}
END_TEST

START_TEST(test_end_reason_is_what_the_event_really_says)
{
	struct pflowi_ct_flow f;
	uint8_t state;

	for (state = 6; state <= 8; state++) {
		f = flow(6, 0, state);
		ck_assert_uint_eq(pflowi_ct_end_reason(&f, true),
		    PFLOW_END_DETECTED);
	}
	f = flow(6, 0, 3);
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, true), PFLOW_END_IDLE);
	f.has |= PFLOWI_CT_HAS_TIMEOUT;
	f.timeout_s = 100; /* pushed out before its time */
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, true), PFLOW_END_UNKNOWN);
	f.portid = 77;	   /* by conntrack -D */
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, true), PFLOW_END_FORCED);
	f = flow(17, 0, 0);
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, true), PFLOW_END_IDLE);
	/* An old kernel: no timeout in the event says nothing. */
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, false), PFLOW_END_UNKNOWN);
	f.has |= PFLOWI_CT_HAS_SCTP_STATE;
	f.sctp_state = 1;
	ck_assert_uint_eq(pflowi_ct_end_reason(&f, true), PFLOW_END_DETECTED);
}
END_TEST

Suite *
suite_conntrack_idle(void)
{
	Suite *s = suite_create("sources/conntrack_idle");
	TCase *t = tcase_create("idle");

	tcase_add_test(t, test_expired_flows_were_idle_for_their_timeout);
	tcase_add_test(t,
	    test_tcp_takes_the_shortest_timeout_that_could_have_held);
	tcase_add_test(t,
	    test_what_is_left_shortens_the_time_rounded_towards_the_flow);
	tcase_add_test(t, test_nothing_is_said_where_nothing_is_known);
	tcase_add_test(t, test_end_reason_is_what_the_event_really_says);
	suite_add_tcase(s, t);
	return s;
}
