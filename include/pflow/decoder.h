/* SPDX-License-Identifier: ISC */
/*
 * The decoder: NetFlow v5, NetFlow v9 and IPFIX messages back into states.
 * It allocates nothing; templates are kept in the caller's memory.  Whatever
 * the octets are, it never reads past them and takes time linear in their
 * number (and, once a message, in the size of the store if it withdraws all
 * templates of a domain).
 */
#ifndef PFLOW_DECODER_H
#define PFLOW_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/digest.h>
#include <pflow/export.h>
#include <pflow/state.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/**
 * A record as it came, value by value: pflow_decoded_field_next(). Borrowed
 * for the callback; members are private.
 */
struct pflow_decoded_record {
	const uint8_t *fields;
	const uint8_t *octets;
	uint32_t len;
	uint16_t field_count;
	uint16_t scope_count;
};

/** Where a walk over a record stands. Begins with all members 0. */
struct pflow_decoded_cursor {
	uint32_t field;
	uint32_t octet;
};

/** One value of a record. */
struct pflow_decoded_field {
	const uint8_t *value; /**< as on the wire, big-endian */
	uint32_t enterprise;  /**< Private Enterprise Number; 0: IANA */
	uint16_t element;     /**< v9: field type, or type of a scope */
	uint16_t length;      /**< octets of value */
	uint8_t is_scope;     /**< 1: scope field of an options record */
	uint8_t reserved[7];
};

/** The message that a record came in, and what of it a state cannot hold. */
struct pflow_decoded_header {
	uint16_t version;     /**< 5, 9 or 10 */
	uint16_t count;	      /**< v5, v9: as in the header; IPFIX: 0 */
	uint32_t sequence;
	uint32_t domain_id;   /**< v5: engine_type * 256 + engine_id;
				   v9: source id */
	uint64_t export_ns;   /**< wall clock of the exporter */
	uint32_t uptime_ms;   /**< v5, v9; IPFIX: 0 */
	uint16_t sampling;    /**< v5: as in the header, not applied; else 0 */
	uint16_t template_id; /**< of this record; v5: 0 */
	uint8_t nat_event;	  /**< natEvent (230) of this record, or 0 */
	uint8_t firewall_event;	  /**< firewallEvent (233), or 0 */
	uint8_t biflow_direction; /**< biflowDirection (239), or 0 */
	uint8_t reserved[5];
	struct pflow_decoded_record record; /**< v5: has no fields */
};

/**
 * Takes the flow records of a message.
 *
 * A record is one direction: packets[0] and octets[0] are its own, [1] are 0
 * unless it is a biflow (RFC 5103). The keys differ if it carries addresses
 * or ports after translation: pflow_state_pre() is the record's own key,
 * pflow_state_post() that after translation. Times that it does not carry are
 * 0; an event's time (323) is both start and end. The start may lie after the
 * end if the exporter said so. present says what the record carried.
 *
 * @param arg  the caller's
 * @param st   borrowed for the call
 * @param hdr  borrowed for the call
 * @return 0: go on; anything else stops, pflow_decoder_message() returns it
 */
typedef int pflow_decoded_fn(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr);

/**
 * Takes the records that are no flows: those of options templates
 * (hdr->record has scopes), and those without addresses.
 *
 * @param arg  the caller's
 * @param hdr  borrowed for the call; hdr->record is the record
 * @return as pflow_decoded_fn
 */
typedef int pflow_decoded_other_fn(void *arg,
    const struct pflow_decoded_header *hdr);

/** What was seen: C(name, kind, "help"). */
#define PFLOW_DECODER_COUNTER_LIST(C)                                          \
	C(messages, INFO, "messages decoded")                                  \
	C(records, INFO, "flow records given out")                             \
	C(templates, INFO, "templates learned, repeats included")              \
	C(redefinitions, INFO, "templates learned anew with another layout")   \
	C(withdrawals, INFO, "templates withdrawn")                            \
	C(options_records, INFO, "records of options templates")               \
	C(sequence_gaps, INFO, "messages whose sequence was not as expected")  \
	C(records_lost, INFO, "records missing by sequence numbers")           \
	C(messages_lost, INFO, "v9 messages missing by sequence numbers")      \
	C(sequences_ignored, INFO, "messages of domains that did not fit")     \
	C(times_guessed, INFO, "records with uptimes, but no boot time")       \
	C(checksums_right, INFO, "messages whose checksum is right")           \
	C(trailing_octets, INFO, "octets after the end of a message")          \
	C(malformed_messages, DROP, "messages that break the format")          \
	C(checksums_wrong, DROP, "messages changed since they were written")   \
	C(malformed_sets, DROP, "sets that break the format")                  \
	C(malformed_templates, DROP, "templates that describe no record")      \
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
 * members are private. Holds no pointer into itself.
 */
struct pflow_decoder {
	struct pflow_decoder_stats stats;
	pflow_decoded_other_fn *other;
	pflow_digest_fn *digest;
	void *digest_arg;
	uint8_t *store;
	size_t store_len;
	size_t store_used;
	size_t store_waste;
	uint32_t store_buckets;
	uint32_t reserved;
};

/**
 * Begin.
 *
 * A repeated template costs nothing. A template takes 23 octets and 10 for
 * each of its fields; a domain takes 30. At least three quarters of the store
 * are there for them. When it is full, new templates are refused and counted,
 * until others are withdrawn or pflow_decoder_session_restart() is called.
 *
 * @param dec    caller's storage
 * @param store  templates and domains live here; borrowed while in use; any
 *               alignment; 4 KiB do for an exporter with its own few templates
 * @param len    octets; 0 with NULL: only NetFlow v5, sequence not followed
 */
PFLOW_API void pflow_decoder_init(struct pflow_decoder *dec, void *store,
    size_t len);

/** Forget templates and sequences: a new session begins. Statistics stay. */
PFLOW_API void pflow_decoder_session_restart(struct pflow_decoder *dec);

/**
 * Want the records that are no flows, too. Without it they are counted only.
 *
 * @param fn  is called with the arg of pflow_decoder_message(); NULL: none
 */
PFLOW_API void pflow_decoder_set_other(struct pflow_decoder *dec,
    pflow_decoded_other_fn *fn);

/**
 * Check the checksums that messages carry (RFC 5655, 8.1.1): the first of each
 * message. A wrong one is counted; by then the records in front of it have
 * been given out.
 *
 * @param fn  NULL: do not
 */
PFLOW_API void pflow_decoder_set_digest(struct pflow_decoder *dec,
    pflow_digest_fn *fn, void *arg);

/**
 * Decode one whole message.
 *
 * What is wrong in a part of it is counted and skipped; what can be read is
 * given out. The callbacks must not use the decoder.
 *
 * @param buf  only read, and only during the call
 * @param len  octets of the datagram or of the framed message
 * @param fn   takes the flow records
 * @return PFLOW_OK: also if parts were skipped; PFLOW_ERR_UNSUPPORTED: the
 *         version is neither 5, 9 nor 10; PFLOW_ERR_TRUNCATED: shorter than
 *         its own header says; PFLOW_ERR_MALFORMED: nothing of it can be
 *         trusted; what fn returned, if not 0
 */
PFLOW_API int pflow_decoder_message(struct pflow_decoder *dec,
    const void *buf, size_t len, pflow_decoded_fn *fn, void *arg);

/**
 * The next value of a record.
 *
 *	struct pflow_decoded_cursor at = { 0, 0 };
 *	while (pflow_decoded_field_next(&hdr->record, &at, &field) == PFLOW_OK)
 *
 * @param at   moved on
 * @param out  points into the message
 * @return PFLOW_OK; PFLOW_EOF: there are no more, out is untouched
 */
PFLOW_API int pflow_decoded_field_next(const struct pflow_decoded_record *rec,
    struct pflow_decoded_cursor *at, struct pflow_decoded_field *out);

/**
 * How many octets the IPFIX Message at the head of a stream has.
 *
 * @param buf  the stream
 * @param len  octets at hand
 * @param need  out: octets of the message; if PFLOW_ERR_TRUNCATED, octets
 *              needed to know
 * @return PFLOW_OK: known (the message itself may not be whole yet);
 *         PFLOW_ERR_TRUNCATED: too few octets to know;
 *         PFLOW_ERR_MALFORMED: no IPFIX Message begins here, see
 *         pflow_decoder_resync()
 */
PFLOW_API int pflow_decoder_frame(const void *buf, size_t len, size_t *need);

/**
 * Where a damaged stream goes on: the first place where an IPFIX Message may
 * begin (its header, its first set and, as far as the octets reach, the
 * header behind it agree).
 *
 * @param skip  out: octets to drop
 * @return PFLOW_OK: a message may begin behind them; PFLOW_ERR_TRUNCATED:
 *         none is found so far, drop them, read more and look again
 */
PFLOW_API int pflow_decoder_resync(const void *buf, size_t len, size_t *skip);

/** The statistics, by name. */
PFLOW_API void pflow_decoder_counters(const struct pflow_decoder *dec,
    pflow_counter_fn *fn, void *arg);

PFLOW_END_DECLS

#endif /* PFLOW_DECODER_H */
