/* SPDX-License-Identifier: ISC */
#include "decoder/elements.h"

/*
 * E(element, target, class, rank), IANA. Ranks: deltas before totals before
 * counts after a middlebox (which v9 exporters of egress flows send alone)
 * before payload alone; finer times before coarser ones; addresses before
 * prefixes.
 */
#define ELEMENTS(E)                                                            \
	E(1, OCTETS, U64, 4)	       /* octetDeltaCount */                   \
	E(2, PACKETS, U64, 4)	       /* packetDeltaCount */                  \
	E(4, PROTOCOL, U8, 1)	       /* protocolIdentifier */                \
	E(5, TOS, U8, 1)	       /* ipClassOfService */                  \
	E(6, FLAGS, U16, 1)	       /* tcpControlBits */                    \
	E(7, SRC_PORT, U16, 1)	       /* sourceTransportPort */               \
	E(8, SRC4, ADDRESS4, 2)	       /* sourceIPv4Address */                 \
	E(10, IN_IFINDEX, U32, 1)      /* ingressInterface */                  \
	E(11, DST_PORT, U16, 1)	       /* destinationTransportPort */          \
	E(12, DST4, ADDRESS4, 2)       /* destinationIPv4Address */            \
	E(14, OUT_IFINDEX, U32, 1)     /* egressInterface */                   \
	E(21, END_UPTIME, MOD32, 1)    /* flowEndSysUpTime */                  \
	E(22, START_UPTIME, MOD32, 1)  /* flowStartSysUpTime */                \
	E(23, OCTETS, U64, 2)	       /* postOctetDeltaCount */               \
	E(24, PACKETS, U64, 2)	       /* postPacketDeltaCount */              \
	E(27, SRC6, ADDRESS6, 2)       /* sourceIPv6Address */                 \
	E(28, DST6, ADDRESS6, 2)       /* destinationIPv6Address */            \
	E(32, ICMP4, U16, 1)	       /* icmpTypeCodeIPv4 */                  \
	E(44, SRC4, ADDRESS4, 1)       /* sourceIPv4Prefix */                  \
	E(45, DST4, ADDRESS4, 1)       /* destinationIPv4Prefix */             \
	E(58, VLAN, U16, 2)	       /* vlanId */                            \
	E(60, IP_VERSION, U8, 1)       /* ipVersion */                         \
	E(61, DIRECTION, U8, 1)	       /* flowDirection */                     \
	E(85, OCTETS, U64, 3)	       /* octetTotalCount */                   \
	E(86, PACKETS, U64, 3)	       /* packetTotalCount */                  \
	E(136, END_REASON, U8, 1)      /* flowEndReason */                     \
	E(139, ICMP6, U16, 1)	       /* icmpTypeCodeIPv6 */                  \
	E(148, FLOW_ID, U64, 1)	       /* flowId */                            \
	E(150, START, SECONDS, 1)      /* flowStartSeconds */                  \
	E(151, END, SECONDS, 1)	       /* flowEndSeconds */                    \
	E(152, START, MILLI, 3)	       /* flowStartMilliseconds */             \
	E(153, END, MILLI, 3)	       /* flowEndMilliseconds */               \
	E(154, START, MICRO, 4)	       /* flowStartMicroseconds */             \
	E(155, END, MICRO, 4)	       /* flowEndMicroseconds */               \
	E(156, START, NANO, 5)	       /* flowStartNanoseconds */              \
	E(157, END, NANO, 5)	       /* flowEndNanoseconds */                \
	E(158, START, BEFORE_US, 2)    /* flowStartDeltaMicroseconds */        \
	E(159, END, BEFORE_US, 2)      /* flowEndDeltaMicroseconds */          \
	E(160, BOOT_MS, U64, 1)	       /* systemInitTimeMilliseconds */        \
	E(161, DURATION, SPAN_MS, 1)   /* flowDurationMilliseconds */          \
	E(162, DURATION, SPAN_US, 2)   /* flowDurationMicroseconds */          \
	E(169, DST6, ADDRESS6, 1)      /* destinationIPv6Prefix */             \
	E(170, SRC6, ADDRESS6, 1)      /* sourceIPv6Prefix */                  \
	E(176, ICMP4_TYPE, U8, 1)      /* icmpTypeIPv4 */                      \
	E(177, ICMP4_CODE, U8, 1)      /* icmpCodeIPv4 */                      \
	E(178, ICMP6_TYPE, U8, 1)      /* icmpTypeIPv6 */                      \
	E(179, ICMP6_CODE, U8, 1)      /* icmpCodeIPv6 */                      \
	E(180, SRC_PORT, U16, 1)       /* udpSourcePort */                     \
	E(181, DST_PORT, U16, 1)       /* udpDestinationPort */                \
	E(182, SRC_PORT, U16, 1)       /* tcpSourcePort */                     \
	E(183, DST_PORT, U16, 1)       /* tcpDestinationPort */                \
	E(225, POST_SRC4, ADDRESS4, 1) /* postNATSourceIPv4Address */          \
	E(226, POST_DST4, ADDRESS4, 1) /* postNATDestinationIPv4Address */     \
	E(227, POST_SRC_PORT, U16, 1)  /* postNAPTSourceTransportPort */       \
	E(228, POST_DST_PORT, U16, 1)  /* postNAPTDestinationTransportPort */  \
	E(230, NAT_EVENT, U8, 1)       /* natEvent */                          \
	E(231, OCTETS, U64, 1)	       /* initiatorOctets */                   \
	E(232, R_OCTETS, U64, 1)       /* responderOctets */                   \
	E(233, FIREWALL_EVENT, U8, 1)  /* firewallEvent */                     \
	E(239, BIFLOW_DIRECTION, U8, 1) /* biflowDirection */                  \
	E(243, VLAN, U16, 1)	       /* dot1qVlanId */                       \
	E(281, POST_SRC6, ADDRESS6, 1) /* postNATSourceIPv6Address */          \
	E(282, POST_DST6, ADDRESS6, 1) /* postNATDestinationIPv6Address */     \
	E(298, PACKETS, U64, 1)	       /* initiatorPackets */                  \
	E(299, R_PACKETS, U64, 1)      /* responderPackets */                  \
	E(322, OBSERVED, SECONDS, 1)   /* observationTimeSeconds */            \
	E(323, OBSERVED, MILLI, 3)     /* observationTimeMilliseconds */       \
	E(324, OBSERVED, MICRO, 4)     /* observationTimeMicroseconds */       \
	E(325, OBSERVED, NANO, 5)      /* observationTimeNanoseconds */

/* The same in the other direction (RFC 5103). */
#define REVERSE_ELEMENTS(E)                                                    \
	E(1, R_OCTETS, U64, 4)                                                 \
	E(2, R_PACKETS, U64, 4)                                                \
	E(6, R_FLAGS, U16, 1)                                                  \
	E(23, R_OCTETS, U64, 2)                                                \
	E(24, R_PACKETS, U64, 2)                                               \
	E(85, R_OCTETS, U64, 3)                                                \
	E(86, R_PACKETS, U64, 3)                                               \
	E(150, R_START, SECONDS, 1)                                            \
	E(151, R_END, SECONDS, 1)                                              \
	E(152, R_START, MILLI, 3)                                              \
	E(153, R_END, MILLI, 3)                                                \
	E(154, R_START, MICRO, 4)                                              \
	E(155, R_END, MICRO, 4)                                                \
	E(156, R_START, NANO, 5)                                               \
	E(157, R_END, NANO, 5)

/* Field types of Cisco ASA's v9 before version 8.4, since then 225-228, 233. */
#define ASA_ELEMENTS(E)                                                        \
	E(40001, POST_SRC4, ADDRESS4, 1)                                       \
	E(40002, POST_DST4, ADDRESS4, 1)                                       \
	E(40003, POST_SRC_PORT, U16, 1)                                        \
	E(40004, POST_DST_PORT, U16, 1)                                        \
	E(40005, FIREWALL_EVENT, U8, 1)

#define USE(element, target, class, rank)                                      \
	[element] = { PFLOWI_##target, PFLOWI_##class, rank },

static const struct pflowi_use iana[] = { ELEMENTS(USE) };
static const struct pflowi_use reverse[] = { REVERSE_ELEMENTS(USE) };

#define CASE(element, target, class, rank)                                     \
	case element:                                                          \
		use = (struct pflowi_use){ PFLOWI_##target, PFLOWI_##class,    \
			rank };                                                \
		break;

struct pflowi_use
pflowi_element_use(uint32_t enterprise, uint16_t element)
{
	struct pflowi_use use = { 0, PFLOWI_SKIP, 0 };

	if (enterprise == PFLOWI_REVERSE_PEN) {
		if (element < PFLOWI_ARRAY_LEN(reverse))
			use = reverse[element];
		return use;
	}
	if (enterprise != 0)
		return use;
	if (element < PFLOWI_ARRAY_LEN(iana))
		return iana[element];
	switch (element) {
		ASA_ELEMENTS(CASE)
	default:
		break;
	}
	return use;
}
