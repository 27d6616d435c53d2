/* SPDX-License-Identifier: ISC */
/*
 * NetFlow v5 datagrams over the caller's buffer, for those who want no
 * scheduler: begin, add, add, ..., end.
 */
#ifndef PFLOW_V5_H
#define PFLOW_V5_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>
#include <pflow/record.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** A datagram being built. Caller's storage, members are private. */
struct pflow_v5_msg {
	uint8_t *buf;
	size_t cap;
	uint64_t boot_ms;
	uint16_t count;
};

/** What the header says besides the count. */
struct pflow_v5_header_values {
	uint64_t now_ns;    /**< wall clock at the moment of sending */
	uint32_t sequence;  /**< records sent before this datagram */
	uint8_t engine_type;
	uint8_t engine_id;
	uint16_t sampling;  /**< 0: not sampled */
};

/**
 * Begin a datagram.
 *
 * @param msg      caller's storage
 * @param buf      borrowed until pflow_v5_end(); any alignment
 * @param len      octets of buf; more than 1464 are not used
 * @param boot_ms  when the machine came up, ms since 1970: what First, Last
 *                 and SysUptime count from
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: fewer than 72 octets
 */
PFLOW_API int pflow_v5_begin(struct pflow_v5_msg *msg, void *buf, size_t len,
    uint64_t boot_ms);

/**
 * Append one record to the open datagram.
 *
 * All or nothing: on error the datagram is what it was before.
 *
 * @param msg  pflow_v5_begin()
 * @param rec  pflow_record_init(); only read, and only during the call
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: full (30 records or the end of the
 *         buffer), end it and begin another; PFLOW_ERR_UNSUPPORTED: IPv6;
 *         PFLOW_ERR_RANGE: packets or octets over 32 bits, split it
 *         (pflow_v5_split())
 */
PFLOW_API int pflow_v5_add(struct pflow_v5_msg *msg,
    const struct pflow_record *rec);

/**
 * Write the header.
 *
 * @param msg  at least one record
 * @param hdr  values of the header
 * @param len  out: octets of the datagram
 * @return PFLOW_OK; PFLOW_ERR_INVALID: no record, nothing was written
 */
PFLOW_API int pflow_v5_end(struct pflow_v5_msg *msg,
    const struct pflow_v5_header_values *hdr, size_t *len);

/**
 * How many v5 records carry these counters: each at most 2^32 - 1 octets and
 * 2^32 - 1 packets, each at least one packet where the packets suffice.
 *
 * @return 1 .. 2^32 + 1
 */
PFLOW_API uint64_t pflow_v5_split_count(uint64_t packets, uint64_t octets);

/**
 * The counters of one of these records. They add up to the whole, exactly.
 *
 * @param packets,octets  the whole
 * @param index           0 .. pflow_v5_split_count() - 1
 * @param part_packets,part_octets  out
 */
PFLOW_API void pflow_v5_split(uint64_t packets, uint64_t octets,
    uint64_t index, uint32_t *part_packets, uint32_t *part_octets);

PFLOW_END_DECLS

#endif /* PFLOW_V5_H */
