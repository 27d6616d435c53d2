/* SPDX-License-Identifier: ISC */
/*
 * The exporter: one `pflow` interface as a state machine.  States go in, whole
 * messages come out.  It does no I/O, reads no clock and allocates nothing:
 * the caller gives memory, time and states, and takes messages.
 *
 * Any number of exporters may live side by side; one exporter is used by one
 * thread at a time.
 */
#ifndef PFLOW_EXPORTER_H
#define PFLOW_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/counter.h>
#include <pflow/digest.h>
#include <pflow/export.h>
#include <pflow/message.h>
#include <pflow/state.h>
#include <pflow/status.h>
#include <pflow/template.h>

PFLOW_BEGIN_DECLS

/** Which states an exporter takes. */
enum pflow_select {
	PFLOW_SELECT_PFLOW, /**< only those with PFLOW_STATE_EXPORT */
	PFLOW_SELECT_ALL
};

/** Which side of a forwarded connection an exporter takes. */
enum pflow_side { PFLOW_SIDE_BOTH, PFLOW_SIDE_IN, PFLOW_SIDE_OUT };

/** Both directions in one record (RFC 5103); IPFIX alone. */
enum pflow_biflow {
	PFLOW_BIFLOW_NO,       /**< a record for each direction */
	PFLOW_BIFLOW_COUNTERS, /**< reverse octets and packets, which every
				    collector survives */
	PFLOW_BIFLOW_FULL      /**< and all that is known of the way back */
};

/** A name for an interface index, for options records. */
struct pflow_interface {
	uint32_t index;
	const char *name; /**< UTF-8, terminated */
};

/** What an enterprise element is, for options records (RFC 5610). */
struct pflow_enterprise_element {
	uint32_t enterprise;
	uint16_t element;
	uint16_t units;	       /**< PFLOW_UNITS_* */
	uint8_t type;	       /**< PFLOW_TYPE_* */
	uint8_t semantics;     /**< PFLOW_SEMANTICS_* */
	uint64_t range_begin;  /**< both 0: the whole range of the type */
	uint64_t range_end;
	const char *name;      /**< UTF-8, terminated; 32 octets are sent */
};

/** Settings. Always begin with pflow_exporter_config_init(). */
struct pflow_exporter_config {
	size_t struct_size;   /**< set by pflow_exporter_config_init() */
	uint16_t version;     /**< 5, 9 or 10; default 5, as pflow(4) */
	uint16_t sampling;    /**< v5 header's sampling field; default 0 */
	uint8_t engine_type;  /**< v5; default 42 */
	uint8_t engine_id;    /**< v5; default 42 */
	uint32_t domain_id;   /**< Observation Domain ID; default 42 */
	uint32_t mtu;	      /**< octets of an IP packet; default 1500 */
	uint32_t overhead;    /**< octets around a message; default UDP/IPv4;
				   0 for streams and files */
	enum pflow_transport_nature nature; /**< default datagram */
	enum pflow_select select;	    /**< default PFLOW_SELECT_PFLOW */
	enum pflow_side side;		    /**< default PFLOW_SIDE_BOTH */
	uint64_t hold_ns;     /**< longest stay of a record; default 30 s */
	uint64_t refresh_ns;  /**< templates on datagrams; default 60 s */
	uint32_t refresh_messages; /**< and every N messages; default 100; 0: by
					time alone */
	uint32_t template_copies;  /**< template messages at the start of a
					datagram session, the first before
					the first data, the others before the
					next data messages; default 3 */
	uint64_t boot_ns;     /**< wall clock when the machine came up; 0 (the
				   default): wall_ns - mono_ns of each feed,
				   right where the monotonic clock is uptime */
	const struct pflow_field *fields; /**< template of the flow records,
				   copied; NULL: standard. A state is sent with
				   those of them that it has */
	size_t field_count;
	enum pflow_biflow biflow; /**< default PFLOW_BIFLOW_NO */
	uint8_t nat_events;   /**< 1: NAT session records (RFC 8158) */
	uint8_t options;      /**< 1: options records about ourselves */
	uint32_t process_id;  /**< meteringProcessId, exportingProcessId */
	uint64_t options_ns;  /**< repeat options; default 600 s */
	pflow_value_fn *value_fn; /**< of enterprise elements; NULL: zeros */
	void *value_arg;
	const struct pflow_interface *interfaces; /**< borrowed while in use */
	size_t interface_count;
	/** Told before the first template that uses them; borrowed. */
	const struct pflow_enterprise_element *enterprise_elements;
	size_t enterprise_count;
	/** A checksum in each message (RFC 5655, 8.1.1); NULL: none. Called
	 *  for the message that is sealed, and when it is numbered anew. */
	pflow_digest_fn *digest_fn;
	void *digest_arg;
};

/** Why states or records were not exported: S(name, "help"). */
#define PFLOW_DROP_LIST(D)                                                     \
	D(not_selected, "rule without the pflow keyword")                      \
	D(wrong_side, "other side of a forwarded connection (side)")           \
	D(no_octets, "no octets in either direction")                          \
	D(ipv6_in_v5, "NetFlow v5 has no IPv6")                                \
	D(invalid, "address family neither IPv4 nor IPv6")                     \
	D(too_large, "needs more or longer messages than the block holds")     \
	D(event_not_wanted, "creation event, and NAT events are off")          \
	D(discarded, "message dropped before it was sent")

/** Index of pflow_exporter_stats.drops[]. */
enum pflow_drop {
#define PFLOWI_DROP_ENUM(name, help) PFLOW_DROP_##name,
	PFLOW_DROP_LIST(PFLOWI_DROP_ENUM)
#undef PFLOWI_DROP_ENUM
	    PFLOW_DROP_COUNT
};

/**
 * Statistics. Two sums always hold:
 *   states = states_exported + sum of drops[reason].count (discarded excluded)
 *   records = records_sent + records_waiting + drops[discarded].count
 */
struct pflow_exporter_stats {
	uint64_t states;	  /**< fed and not refused */
	uint64_t states_exported; /**< gave at least one record */
	uint64_t records;	  /**< Data Records made */
	uint64_t records_sent;	  /**< in messages that were acknowledged */
	uint64_t records_waiting; /**< open or pending */
	uint64_t packets;	  /**< sum over the records made */
	uint64_t octets;	  /**< sum over the records made */
	uint64_t messages;	  /**< sealed, template messages included */
	uint64_t message_octets;  /**< their length */
	uint64_t template_messages;
	uint64_t messages_sent;	  /**< acknowledged */
	uint64_t refused;	  /**< feed calls answered "no room" */
	uint64_t times_clamped;	  /**< states whose times were clamped */
	uint64_t splits;	  /**< extra v5 records of states > 32 bits */
	uint64_t nat_events;	  /**< of the records, NAT session events */
	uint64_t options_records; /**< of the records, options */
	struct {
		uint64_t count;	  /**< states; records for `discarded` */
		uint64_t packets; /**< both directions; of these records */
		uint64_t octets;
	} drops[PFLOW_DROP_COUNT];
};

/** Messages that are still being filled: one for each of pflow(4)'s shapes,
 *  one for all others. */
#define PFLOWI_SHAPES_MAX 3

/** Templates that live at the same time; the oldest makes room. A source with
 *  all that states can have, biflows and translations needs some fifty. */
#define PFLOWI_VARIANTS_MAX 64

/** Kinds of states whose template is remembered. */
#define PFLOWI_SIGNATURES 16

/** Private: what a template depends on, and which it is. */
struct pflowi_signature {
	uint64_t signature;
	uint64_t variant;
};

/** Templates of flows that are written the fast way at the same time. */
#define PFLOWI_PROGRAMS 8

/** Private: a list of fields cut down to what a kind of state has. */
struct pflowi_variant {
	uint64_t mask;
	uint32_t key;
	uint32_t len;
	uint16_t id;
	uint8_t list;
	uint8_t announced; /**< in this session */
	uint8_t program;   /**< its number, from 1; 0: none yet */
	uint32_t awaited;  /**< 1: by messages that wait, in a new session */
};

/** Private. Public only so that callers can allot it. */
struct pflowi_open_message {
	uint64_t deadline_ns; /**< of the oldest record; PFLOW_NEVER: closed */
	uint64_t boot_ms;     /**< when the machine came up, as of its opening */
	uint64_t packets;     /**< in its records */
	uint64_t octets;
	uint32_t slot;
	uint32_t len;	      /**< octets, headers included */
	uint32_t records;
	uint32_t room;	      /**< records that still fit; 0: closed or full */
	uint32_t set_at;      /**< of the open set; 0: none */
	uint16_t set_id;
	uint16_t templates;   /**< template records in it */
};

/**
 * An exporter. Caller's storage, any kind; members are private. Holds no
 * pointer into itself: it may be moved with memcpy().
 */
struct pflow_exporter {
	struct pflow_exporter_config cfg;
	struct pflow_exporter_stats stats;
	uint8_t *block;
	uint64_t uptime_base_ns; /**< uptime is mono_ns plus this, mod 2^64 */
	uint64_t refresh_due_ns; /**< templates; PFLOW_NEVER: not again */
	uint64_t due_ns;	 /**< the earliest deadline of all */
	uint32_t message_max;	 /**< octets of a message */
	uint32_t payload_len;	 /**< octets of a slot's message area */
	uint32_t slot_count;
	uint32_t slots_free;
	uint32_t free_head;
	uint32_t queue_head;	 /**< sealed messages, oldest first */
	uint32_t queue_tail;
	uint32_t queue_len;
	uint32_t sequence;
	uint32_t messages_since_refresh;
	uint32_t copies_left;	 /**< of the first templates */
	uint32_t export_secs;	 /**< of the last message; never falls */
	uint32_t slow_flags;	 /**< states with one of these: no fast path */
	uint32_t field_count;
	uint32_t template_cursor;/**< the next variant to repeat */
	uint64_t options_due_ns;
	uint64_t wall_ns;	 /**< the latest that was told */
	uint64_t dropped_first_ns; /**< wall clock, of `discarded` */
	uint64_t dropped_last_ns;
	uint64_t ignored_packets;
	uint64_t ignored_octets;
	uint64_t ignored_first_ns;
	uint64_t ignored_last_ns;
	uint32_t options_cursor;
	uint16_t next_id;	 /**< of templates */
	uint8_t planned;	 /**< flows go through a plan */
	uint8_t template_pending;
	uint8_t standard;	 /**< the fields are pflow(4)'s */
	uint8_t renewed;	 /**< fields were changed: ids are fresh ones */
	uint8_t variant_count;
	uint8_t variant_next;
	uint8_t last_variant[2];
	uint8_t options_announced; /**< their templates, in this session */
	uint8_t program_next;
	uint32_t cares[2];	 /**< conditions that matter to a list */
	struct pflowi_signature signatures[PFLOWI_SIGNATURES];
	struct pflowi_open_message open[PFLOWI_SHAPES_MAX];
	struct pflowi_variant variants[PFLOWI_VARIANTS_MAX];
	struct pflow_field fields[PFLOW_TEMPLATE_FIELDS_MAX];
	struct pflowi_op ops[2][PFLOW_TEMPLATE_FIELDS_MAX];
	struct pflowi_program programs[PFLOWI_PROGRAMS];
};

/**
 * Default settings, pflow(4)'s own.
 *
 * @param cfg  caller's storage
 */
PFLOW_API void pflow_exporter_config_init(struct pflow_exporter_config *cfg);

/**
 * How much memory an exporter wants for a number of messages.
 *
 * @param cfg       settings
 * @param messages  how many messages may be open or pending at once; at
 *                  least 2
 * @return octets for pflow_exporter_init(); 0: cfg is invalid
 */
PFLOW_API size_t pflow_exporter_block_size(
    const struct pflow_exporter_config *cfg, size_t messages);

/**
 * Begin. On IPFIX a template message is made by the first feed or tick.
 *
 * @param ex         caller's storage
 * @param cfg        copied
 * @param block      messages live here; borrowed until the exporter is no
 *                   longer used; any alignment
 * @param block_len  octets; pflow_exporter_block_size()
 * @param now        one sample of the clocks
 * @return PFLOW_OK; PFLOW_ERR_INVALID: version, select or side unknown,
 *         struct_size wrong, too many fields, or those that are known of
 *         every state give no record (v9: none of 4 octets);
 *         PFLOW_ERR_NOTFOUND: a field that no state knows;
 *         PFLOW_ERR_UNSUPPORTED: v5 with fields, biflow or events, v9 with
 *         biflow or enterprise elements, both with checksums; PFLOW_ERR_RANGE: mtu too small for
 *         one record or one template message, or over 65535, or a field of a
 *         length that it cannot have;
 *         PFLOW_ERR_NOSPACE: block holds fewer than two messages
 */
PFLOW_API int pflow_exporter_init(struct pflow_exporter *ex,
    const struct pflow_exporter_config *cfg, void *block, size_t block_len,
    struct pflow_now now);

/**
 * Feed one state: it gives a record for each direction that has octets.
 *
 * All or nothing: of a refused state no record was made and nothing but
 * stats.refused counted; messages that were open may have been sealed, so that
 * there is something to acknowledge. Deadlines that have come are served
 * first, as by pflow_exporter_tick().
 *
 * @param ex   exporter
 * @param st   only read, and only during the call
 * @param now  one sample of the clocks
 * @return PFLOW_OK: taken (exported, or dropped and counted);
 *         PFLOW_ERR_AGAIN: no free slot, acknowledge messages and feed again
 */
PFLOW_API int pflow_exporter_feed(struct pflow_exporter *ex,
    const struct pflow_state *st, struct pflow_now now);

/**
 * Feed many states: the fast path. As feeding them one by one with the same
 * `now`, octet for octet.
 *
 * @param taken  out: how many of the first states were taken
 * @return PFLOW_OK: all; PFLOW_ERR_AGAIN: *taken < count
 */
PFLOW_API int pflow_exporter_feed_many(struct pflow_exporter *ex,
    const struct pflow_state *states, size_t count, struct pflow_now now,
    size_t *taken);

/**
 * Serve the deadlines that have come: seal messages whose oldest record has
 * waited hold_ns, repeat templates that are due.
 *
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: something is due but nothing can be
 *         done before messages are acknowledged
 */
PFLOW_API int pflow_exporter_tick(struct pflow_exporter *ex,
    struct pflow_now now);

/**
 * When pflow_exporter_tick() has something to do.
 *
 * @return mono_ns; PFLOW_NEVER: nothing to wait for
 */
PFLOW_API uint64_t pflow_exporter_deadline(const struct pflow_exporter *ex);

/**
 * The sealed messages, oldest first. They stay until acknowledged and their
 * octets do not change, but by pflow_exporter_session_restart().
 *
 * @param ex   exporter
 * @param out  caller's array
 * @param max  its length
 * @return how many were filled in
 */
PFLOW_API size_t pflow_exporter_pending(const struct pflow_exporter *ex,
    struct pflow_message *out, size_t max);

/**
 * The n oldest pending messages were handed over: forget them.
 *
 * @param n  at most what is pending; more is taken as all
 */
PFLOW_API void pflow_exporter_ack(struct pflow_exporter *ex, size_t n);

/**
 * The n oldest pending messages with Data Records can not be sent: forget
 * them and those in front of them, count their records as `discarded`. The
 * sequence keeps the gap (RFC 7011, 10.2.2). Templates that are needed by
 * what still waits are repeated in front of it, so messages of templates
 * alone do not count: each call frees memory, or nothing waits after it.
 *
 * @param n  at most what is pending; more is taken as all
 */
PFLOW_API void pflow_exporter_discard(struct pflow_exporter *ex, size_t n);

/**
 * Make room without breaking a stream: forget the oldest messages with Data
 * Records, but none of the first `keep` pending ones, of which the transport
 * may have sent a part. Their records count as `discarded`.
 *
 * @param keep  1 after a stream said PFLOW_ERR_AGAIN, else 0
 * @param n     how many to forget
 * @return how many were
 */
PFLOW_API size_t pflow_exporter_discard_behind(struct pflow_exporter *ex,
    size_t keep, size_t n);

/**
 * Seal all open messages now, whatever their age.
 *
 * @return PFLOW_OK
 */
PFLOW_API int pflow_exporter_flush(struct pflow_exporter *ex,
    struct pflow_now now);

/**
 * Templates are due now ("send-template", a collector that came back).
 */
PFLOW_API void pflow_exporter_refresh(struct pflow_exporter *ex);

/**
 * Export other fields from now on (RFC 7011, 8.1). Records made before keep
 * their templates; new templates take fresh ids. On streams the old ones are
 * withdrawn first; on datagrams they just end.
 *
 * @param fields  copied; NULL: standard
 * @param count   fields; ignored with NULL
 * @return PFLOW_OK; what pflow_exporter_init() says of bad fields;
 *         PFLOW_ERR_AGAIN: templates or messages wait, acknowledge them
 *         first; nothing was changed but messages sealed
 */
PFLOW_API int pflow_exporter_set_fields(struct pflow_exporter *ex,
    const struct pflow_field *fields, size_t count, struct pflow_now now);

/**
 * What the metering process saw but did not meter, for the options records
 * of RFC 7011, 4.2. The times of the first and the last change are kept.
 *
 * @param packets,octets  totals, never falling
 */
PFLOW_API void pflow_exporter_set_ignored(struct pflow_exporter *ex,
    uint64_t packets, uint64_t octets, struct pflow_now now);

/**
 * Names of interfaces, for options records: they take the place of those of
 * the settings.
 *
 * @param list  borrowed until it is replaced
 */
PFLOW_API void pflow_exporter_set_interfaces(struct pflow_exporter *ex,
    const struct pflow_interface *list, size_t count);

/**
 * Make options records now, besides those of every options_ns: what is to be
 * said at the end of a recording. Without `options` nothing happens.
 *
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: no room for all of them, acknowledge
 *         messages
 */
PFLOW_API int pflow_exporter_report(struct pflow_exporter *ex,
    struct pflow_now now);

/**
 * A new transport session begins (RFC 7011, 8 and 3.1): messages that are
 * open are sealed, the templates that the pending ones use come first, the
 * sequence starts again at 0, pending messages are numbered anew. A message
 * whose template does not fit there, or was replaced by newer ones, is
 * `discarded`. NetFlow v5 has no sessions: nothing changes.
 */
PFLOW_API void pflow_exporter_session_restart(struct pflow_exporter *ex,
    struct pflow_now now);

/**
 * The path takes less than thought: lower the size of messages to come.
 * Messages already begun are sealed.
 *
 * @param mtu  octets of an IP packet
 * @return PFLOW_OK; PFLOW_ERR_RANGE: too small, or more than at init; nothing
 *         was changed
 */
PFLOW_API int pflow_exporter_set_mtu(struct pflow_exporter *ex, uint32_t mtu,
    struct pflow_now now);

/**
 * The statistics.
 *
 * @return a pointer into ex, always current
 */
PFLOW_API const struct pflow_exporter_stats *pflow_exporter_stats(
    const struct pflow_exporter *ex);

/** The statistics, by name. */
PFLOW_API void pflow_exporter_counters(const struct pflow_exporter *ex,
    pflow_counter_fn *fn, void *arg);

PFLOW_END_DECLS

#endif /* PFLOW_EXPORTER_H */
