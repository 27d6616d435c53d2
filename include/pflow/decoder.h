/* SPDX-License-Identifier: ISC */
/*
 * The decoder: NetFlow v5 and IPFIX messages back into states.  It allocates
 * nothing; templates are kept in the caller's memory.  Whatever the octets
 * are, it never reads past them and takes time linear in their number.
 */
#ifndef PFLOW_DECODER_H
#define PFLOW_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/export.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** The message that a record came in. */
struct pflow_decoded_header {
	uint16_t version;     /**< 5 or 10 */
	uint16_t count;	      /**< v5: records; IPFIX: 0 */
	uint32_t sequence;
	uint32_t domain_id;   /**< v5: engine_type * 256 + engine_id */
	uint64_t export_ns;   /**< wall clock of the exporter */
	uint32_t uptime_ms;   /**< v5; IPFIX: 0 */
	uint16_t sampling;    /**< v5; IPFIX: 0 */
	uint16_t template_id; /**< IPFIX: of this record; v5: 0 */
};

/**
 * Takes the records of a message.
 *
 * @param arg  the caller's
 * @param st   one direction: packets[0], octets[0] are the record's, [1] are
 *             0; both keys are equal; present says what the record carried;
 *             borrowed for the call
 * @param hdr  borrowed for the call
 * @return 0: go on; anything else stops, pflow_decoder_message() returns it
 */
typedef int pflow_decoded_fn(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr);

/** What was seen: C(name, kind, "help"). */
#define PFLOW_DECODER_COUNTER_LIST(C)                                          \
	C(messages, INFO, "messages decoded")                                  \
	C(records, INFO, "flow records given out")                             \
	C(templates, INFO, "templates learned, repeats included")              \
	C(withdrawals, INFO, "templates withdrawn")                            \
	C(options_records, INFO, "records of options templates, skipped")      \
	C(sequence_gaps, INFO, "messages whose sequence was not as expected")  \
	C(records_lost, INFO, "records missing by sequence numbers")           \
	C(malformed_messages, DROP, "messages that break the format")          \
	C(malformed_sets, DROP, "sets that break the format")                  \
	C(unknown_template_sets, DROP, "data sets without their template")     \
	C(templates_refused, DROP, "templates that did not fit the store")     \
	C(not_flows, DROP, "records without addresses")

/** Statistics. */
struct pflow_decoder_stats {
#define PFLOWI_DECODER_MEMBER(name, kind, help) uint64_t name;
	PFLOW_DECODER_COUNTER_LIST(PFLOWI_DECODER_MEMBER)
#undef PFLOWI_DECODER_MEMBER
};

/**
 * A decoder: one exporter's session, any number of domains. Caller's storage,
 * members are private.
 */
struct pflow_decoder {
	struct pflow_decoder_stats stats;
	uint8_t *store;
	size_t store_len;
	size_t store_used;
};

/**
 * Begin.
 *
 * @param dec    caller's storage
 * @param store  templates and domains live here; borrowed while in use; any
 *               alignment; 4 KiB do for an exporter with its own few templates
 * @param len    octets; 0 with NULL: only NetFlow v5
 */
PFLOW_API void pflow_decoder_init(struct pflow_decoder *dec, void *store,
    size_t len);

/** Forget templates and sequences: a new session begins. Statistics stay. */
PFLOW_API void pflow_decoder_session_restart(struct pflow_decoder *dec);

/**
 * Decode one whole message.
 *
 * What is wrong in a part of it is counted and skipped; what can be read is
 * given out.
 *
 * @param buf  only read, and only during the call
 * @param len  octets of the datagram or of the framed message
 * @param fn   takes the records
 * @return PFLOW_OK: also if parts were skipped; PFLOW_ERR_UNSUPPORTED: the
 *         version is neither 5 nor 10; PFLOW_ERR_TRUNCATED: shorter than its
 *         own header says; PFLOW_ERR_MALFORMED: nothing of it can be trusted;
 *         what fn returned, if not 0
 */
PFLOW_API int pflow_decoder_message(struct pflow_decoder *dec,
    const void *buf, size_t len, pflow_decoded_fn *fn, void *arg);

/**
 * How many octets the message at the head of a stream has.
 *
 * @param buf  the stream
 * @param len  octets at hand
 * @param need  out: octets of the message; if PFLOW_ERR_TRUNCATED, octets
 *              needed to know
 * @return PFLOW_OK: known (the message itself may not be whole yet);
 *         PFLOW_ERR_TRUNCATED: too few octets to know;
 *         PFLOW_ERR_MALFORMED: no IPFIX Message begins here
 */
PFLOW_API int pflow_decoder_frame(const void *buf, size_t len, size_t *need);

/** The statistics, by name. */
PFLOW_API void pflow_decoder_counters(const struct pflow_decoder *dec,
    pflow_counter_fn *fn, void *arg);

PFLOW_END_DECLS

#endif /* PFLOW_DECODER_H */
