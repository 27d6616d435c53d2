/* SPDX-License-Identifier: ISC */
/*
 * When the last packet of a flow was, and why the flow ended.  The kernel
 * stamps an entry when it goes, that is a timeout after its last packet; but
 * for TCP the timeout differs by state, up to five days.  Pure.
 */
#ifndef PFLOWI_CONNTRACK_IDLE_H
#define PFLOWI_CONNTRACK_IDLE_H

#include <stdbool.h>

#include "sources/conntrack_decode.h"

/** Timeouts that are used here: T(NAME, "file of net.netfilter"). */
#define PFLOWI_CT_TIMEOUTS(T)                                                  \
	T(GENERIC, "nf_conntrack_generic_timeout")                             \
	T(ICMP, "nf_conntrack_icmp_timeout")                                   \
	T(ICMPV6, "nf_conntrack_icmpv6_timeout")                               \
	T(UDP, "nf_conntrack_udp_timeout")                                     \
	T(UDP_STREAM, "nf_conntrack_udp_timeout_stream")                       \
	T(GRE, "nf_conntrack_gre_timeout")                                     \
	T(GRE_STREAM, "nf_conntrack_gre_timeout_stream")                       \
	T(TCP_SYN_SENT, "nf_conntrack_tcp_timeout_syn_sent")                   \
	T(TCP_SYN_RECV, "nf_conntrack_tcp_timeout_syn_recv")                   \
	T(TCP_ESTABLISHED, "nf_conntrack_tcp_timeout_established")             \
	T(TCP_FIN_WAIT, "nf_conntrack_tcp_timeout_fin_wait")                   \
	T(TCP_CLOSE_WAIT, "nf_conntrack_tcp_timeout_close_wait")               \
	T(TCP_LAST_ACK, "nf_conntrack_tcp_timeout_last_ack")                   \
	T(TCP_TIME_WAIT, "nf_conntrack_tcp_timeout_time_wait")                 \
	T(TCP_CLOSE, "nf_conntrack_tcp_timeout_close")                         \
	T(TCP_MAX_RETRANS, "nf_conntrack_tcp_timeout_max_retrans")             \
	T(TCP_UNACKNOWLEDGED, "nf_conntrack_tcp_timeout_unacknowledged")

enum pflowi_ct_timeout {
#define PFLOWI_CT_TIMEOUT_ENUM(name, file) PFLOWI_CT_T_##name,
	PFLOWI_CT_TIMEOUTS(PFLOWI_CT_TIMEOUT_ENUM)
#undef PFLOWI_CT_TIMEOUT_ENUM
	    PFLOWI_CT_T_COUNT
};

/** Seconds; 0: not known, flows that need it are not corrected. */
struct pflowi_ct_timeouts {
	uint32_t s[PFLOWI_CT_T_COUNT];
};

/**
 * How long a flow has been without packets, at least, when `left_s` of its
 * timeout was left.
 *
 * Never more than the truth, but for a flow with a timeout policy of its own.
 *
 * @return nanoseconds; 0: not known
 */
uint64_t pflowi_ct_idle_ns(const struct pflowi_ct_timeouts *t,
    const struct pflowi_ct_flow *flow, uint32_t left_s);

/**
 * Why a flow ended.
 *
 * @param flow     of a destroy event
 * @param tells    the kernel is known to put state and timeout into destroy
 *                 events (Linux 5.12, perhaps 5.11)
 * @return PFLOW_END_*; PFLOW_END_UNKNOWN: the event does not say
 */
uint8_t pflowi_ct_end_reason(const struct pflowi_ct_flow *flow, bool tells);

#endif /* PFLOWI_CONNTRACK_IDLE_H */
