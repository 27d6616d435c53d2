/* SPDX-License-Identifier: ISC */
/*
 * ctnetlink messages to flows.  Pure: octets in, numbers out; builds and is
 * tested on every system, whatever headers it has.
 */
#ifndef PFLOWI_CONNTRACK_DECODE_H
#define PFLOWI_CONNTRACK_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/state.h>

/* linux/netlink.h, linux/netfilter/nfnetlink.h: values of the kernel's ABI. */
#define PFLOWI_NL_NOOP 1u
#define PFLOWI_NL_ERROR 2u
#define PFLOWI_NL_DONE 3u
#define PFLOWI_NL_OVERRUN 4u
#define PFLOWI_NL_F_DUMP_INTR 0x10u
#define PFLOWI_NL_F_EXCL 0x200u
#define PFLOWI_NL_F_CREATE 0x400u
#define PFLOWI_NL_SUBSYS_CTNETLINK 1u

/* linux/netfilter/nf_conntrack_common.h: bits of CTA_STATUS. */
#define PFLOWI_CT_S_SEEN_REPLY 0x0002u
#define PFLOWI_CT_S_ASSURED 0x0004u
#define PFLOWI_CT_S_FIXED_TIMEOUT 0x0400u
#define PFLOWI_CT_S_OFFLOAD 0x4000u
#define PFLOWI_CT_S_HW_OFFLOAD 0x8000u

/** One message of a netlink datagram; points into it. */
struct pflowi_nl_msg {
	const uint8_t *data; /**< behind the header */
	size_t len;
	uint32_t seq;
	uint32_t portid; /**< who asked for what is told; 0: the kernel */
	uint16_t type;
	uint16_t flags;
};

/** What a message tells of. In a dump every entry is a PFLOWI_CT_UPDATE. */
enum pflowi_ct_kind { PFLOWI_CT_NEW, PFLOWI_CT_UPDATE, PFLOWI_CT_DESTROY };

/** Which members of struct pflowi_ct_flow the message had. */
#define PFLOWI_CT_HAS_ID 0x01u
#define PFLOWI_CT_HAS_COUNTERS 0x02u
#define PFLOWI_CT_HAS_TIMEOUT 0x04u
#define PFLOWI_CT_HAS_TCP_STATE 0x08u
#define PFLOWI_CT_HAS_SCTP_STATE 0x10u
#define PFLOWI_CT_HAS_LABELS 0x20u

#define PFLOWI_CT_LABEL_OCTETS 16 /* NF_CT_LABELS_MAX_SIZE */

/** One conntrack entry as a message tells it. */
struct pflowi_ct_flow {
	/**
	 * Keys, protocol, ICMP, flow id and the totals since the entry was
	 * made.  The original tuple is key[WIRE], the reply tuple turned
	 * round is key[STACK]; direction stays unknown, so pflow_state_pre()
	 * is what the initiator sent.  Times are 0.
	 */
	struct pflow_state st;
	uint64_t start_ns; /**< CTA_TIMESTAMP; 0: not told */
	uint64_t stop_ns;  /**< CTA_TIMESTAMP; 0: not told */
	uint64_t event_ns; /**< CTA_TIMESTAMP_EVENT, Linux 6.14; 0: not told */
	enum pflowi_ct_kind kind;
	uint32_t has;	   /**< PFLOWI_CT_HAS_* */
	uint32_t id;
	uint32_t status;   /**< PFLOWI_CT_S_* */
	uint32_t mark;	   /**< 0 is not told apart from none */
	uint32_t timeout_s; /**< left to live */
	uint32_t portid;   /**< who deleted it; 0: the kernel itself */
	uint16_t zone;
	uint16_t inner[2]; /**< ports, GRE keys or ICMP id of the tuple */
	uint8_t tcp_state; /**< enum tcp_conntrack */
	uint8_t sctp_state; /**< enum sctp_conntrack */
	uint8_t labels[PFLOWI_CT_LABEL_OCTETS]; /**< unsigned long[], as told */
	uint8_t label_octets;
};

/**
 * Step to the next message of a datagram.
 *
 * @param pos  in and out: octets consumed; begins at 0
 * @return PFLOW_OK; PFLOW_EOF: no more; PFLOW_ERR_TRUNCATED: lengths lie, the
 *         rest of the datagram can not be read
 */
int pflowi_nl_next(const uint8_t *buf, size_t len, size_t *pos,
    struct pflowi_nl_msg *out);

/**
 * The errno of an NLMSG_ERROR or NLMSG_DONE message, positive; 0: none.
 */
int pflowi_nl_errno(const struct pflowi_nl_msg *msg);

/**
 * Decode one message. Attributes that are not known are stepped over.
 *
 * @return PFLOW_OK; PFLOW_ERR_UNSUPPORTED: of another subsystem or type;
 *         PFLOW_ERR_TRUNCATED: an attribute passes its end;
 *         PFLOW_ERR_MALFORMED: a tuple is missing or makes no sense
 */
int pflowi_ct_decode(const struct pflowi_nl_msg *msg,
    struct pflowi_ct_flow *out);

/** True if connlabel bit `bit` is set. */
int pflowi_ct_label(const struct pflowi_ct_flow *flow, unsigned bit);

#endif /* PFLOWI_CONNTRACK_DECODE_H */
