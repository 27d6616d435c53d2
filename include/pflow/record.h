/* SPDX-License-Identifier: ISC */
/*
 * struct pflow_record: what one direction of a state gives, resolved: which
 * key, which endpoint is the source, whole milliseconds, clamped.  The
 * stateless builders (v5.h, ipfix.h) take it; the exporter makes its own.
 */
#ifndef PFLOW_RECORD_H
#define PFLOW_RECORD_H

#include <stdint.h>

#include <pflow/export.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** One direction of a state, as a record carries it. */
struct pflow_record {
	const uint8_t *src; /**< 4 or 16 octets, inside the state */
	const uint8_t *dst;
	uint64_t packets;
	uint64_t octets;
	uint64_t start_ms;  /**< since 1970 */
	uint64_t end_ms;    /**< since 1970; never before start_ms */
	uint32_t in_ifindex;
	uint32_t out_ifindex;
	uint16_t src_port;  /**< 0 for ICMP */
	uint16_t dst_port;  /**< ICMP: type * 256 + code */
	uint16_t tcp_flags;
	uint8_t af;
	uint8_t protocol;
	uint8_t tos;
	uint8_t direction;  /**< PFLOW_FORWARD or PFLOW_REVERSE */
	const struct pflow_state *state; /**< for what a shape wants besides */
};

/**
 * Resolve one direction of a state.
 *
 * Times before boot_ms are pulled up to it; a start after the end becomes
 * boot_ms (pflow(4), BUGS).
 *
 * @param rec      caller's storage; points into st
 * @param st       must outlive rec
 * @param dir      PFLOW_FORWARD or PFLOW_REVERSE
 * @param boot_ms  when the machine came up, ms since 1970; 0: no lower bound
 * @return PFLOW_OK; PFLOW_ERR_INVALID: address family unknown, rec untouched
 */
PFLOW_API int pflow_record_init(struct pflow_record *rec,
    const struct pflow_state *st, unsigned dir, uint64_t boot_ms);

PFLOW_END_DECLS

#endif /* PFLOW_RECORD_H */
