/* SPDX-License-Identifier: ISC */
#include "sources/conntrack_idle.h"

#include "core/time.h"

#define PROTO_TCP 6u
#define PROTO_UDP 17u
#define PROTO_GRE 47u
#define PROTO_SCTP 132u
#define PROTO_UDPLITE 136u
#define PROTO_DCCP 33u

enum { /* linux/netfilter/nf_conntrack_tcp.h */
	TCP_SYN_SENT = 1,
	TCP_SYN_RECV,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_SYN_SENT2
};

/* linux/netfilter/nf_conntrack_sctp.h */
#define SCTP_CLOSED 1u
#define SCTP_SHUTDOWN_ACK_SENT 7u

/** Keep the smallest timeout that can have `left` left of it. */
static void
consider(uint32_t timeout, uint32_t left, uint32_t *best)
{
	if (timeout != 0 && timeout >= left && timeout < *best)
		*best = timeout;
}

/*
 * The kernel shortens the timeout of a state while data is unacknowledged or
 * retransmitted, and after a reset that it doubts; a destroy event does not
 * tell which of them held, so the shortest does.
 */
static uint32_t
tcp_timeout(const struct pflowi_ct_timeouts *t, uint8_t state, uint32_t left)
{
	static const uint8_t of_state[] = {
		[TCP_SYN_SENT] = PFLOWI_CT_T_TCP_SYN_SENT,
		[TCP_SYN_RECV] = PFLOWI_CT_T_TCP_SYN_RECV,
		[TCP_ESTABLISHED] = PFLOWI_CT_T_TCP_ESTABLISHED,
		[TCP_FIN_WAIT] = PFLOWI_CT_T_TCP_FIN_WAIT,
		[TCP_CLOSE_WAIT] = PFLOWI_CT_T_TCP_CLOSE_WAIT,
		[TCP_LAST_ACK] = PFLOWI_CT_T_TCP_LAST_ACK,
		[TCP_TIME_WAIT] = PFLOWI_CT_T_TCP_TIME_WAIT,
		[TCP_CLOSE] = PFLOWI_CT_T_TCP_CLOSE,
		[TCP_SYN_SENT2] = PFLOWI_CT_T_TCP_SYN_SENT,
	};
	uint32_t best = UINT32_MAX;

	if (state < TCP_SYN_SENT || state > TCP_SYN_SENT2)
		return 0;
	consider(t->s[of_state[state]], left, &best);
	consider(t->s[PFLOWI_CT_T_TCP_MAX_RETRANS], left, &best);
	consider(t->s[PFLOWI_CT_T_TCP_UNACKNOWLEDGED], left, &best);
	if (state == TCP_ESTABLISHED)
		consider(t->s[PFLOWI_CT_T_TCP_CLOSE], left, &best);
	return best == UINT32_MAX ? 0 : best;
}

static uint32_t
timeout_of(const struct pflowi_ct_timeouts *t,
    const struct pflowi_ct_flow *flow, uint32_t left)
{
	/* The flag goes up with the packet that first gets the longer one. */
	bool stream = (flow->status & PFLOWI_CT_S_ASSURED) != 0;

	switch (flow->st.protocol) {
	case 1:
		return t->s[PFLOWI_CT_T_ICMP];
	case 58:
		return t->s[PFLOWI_CT_T_ICMPV6];
	case PROTO_TCP:
		if (!(flow->has & PFLOWI_CT_HAS_TCP_STATE))
			return 0;
		return tcp_timeout(t, flow->tcp_state, left);
	case PROTO_UDP:
	case PROTO_UDPLITE:
		return t->s[stream ? PFLOWI_CT_T_UDP_STREAM : PFLOWI_CT_T_UDP];
	case PROTO_GRE:
		return t->s[stream ? PFLOWI_CT_T_GRE_STREAM : PFLOWI_CT_T_GRE];
	case PROTO_SCTP:
	case PROTO_DCCP:
		return 0;
	default:
		return t->s[PFLOWI_CT_T_GENERIC];
	}
}

uint64_t
pflowi_ct_idle_ns(const struct pflowi_ct_timeouts *t,
    const struct pflowi_ct_flow *flow, uint32_t left_s)
{
	uint32_t timeout;

	/* Offloaded and fixed timeouts are not renewed by packets. */
	if (flow->status & (PFLOWI_CT_S_FIXED_TIMEOUT | PFLOWI_CT_S_OFFLOAD |
	    PFLOWI_CT_S_HW_OFFLOAD))
		return 0;
	timeout = timeout_of(t, flow, left_s);
	if (timeout <= left_s)
		return 0;
	timeout -= left_s;
	/* What is left was cut down to a whole second. */
	if (left_s != 0)
		timeout--;
	return (uint64_t)timeout * PFLOWI_NS_PER_SEC;
}

uint8_t
pflowi_ct_end_reason(const struct pflowi_ct_flow *flow, bool tells)
{
	if (flow->has & PFLOWI_CT_HAS_TCP_STATE &&
	    (flow->tcp_state == TCP_LAST_ACK ||
		flow->tcp_state == TCP_TIME_WAIT ||
		flow->tcp_state == TCP_CLOSE))
		return PFLOW_END_DETECTED;
	if (flow->has & PFLOWI_CT_HAS_SCTP_STATE &&
	    (flow->sctp_state == SCTP_CLOSED ||
		flow->sctp_state == SCTP_SHUTDOWN_ACK_SENT))
		return PFLOW_END_DETECTED;
	if (flow->portid != 0)
		return PFLOW_END_FORCED; /* somebody deleted it */
	if (flow->has & PFLOWI_CT_HAS_TIMEOUT && flow->timeout_s != 0)
		return PFLOW_END_UNKNOWN; /* pushed out, device went, ... */
	return tells ? PFLOW_END_IDLE : PFLOW_END_UNKNOWN;
}
