/* SPDX-License-Identifier: ISC */
/* A spool from inside: what goes into the files, what comes out of them. */
#ifndef PFLOWI_SPOOL_H
#define PFLOWI_SPOOL_H

#include <pflow/spool.h>

#include "core/time.h"
#include "transport/spool_store.h"
#include "transport/spool_window.h"

/** All counters beyond the inner transport's: S(name, "help", kind). */
#define PFLOWI_SPOOL_COUNTERS(S)                                              \
	S(spooled_messages, "messages written into files", INFO)              \
	S(spooled_records, "Data Records in them", INFO)                      \
	S(repeated_messages, "sent again after a session that broke", INFO)   \
	S(known_templates, "template messages that told nothing new", INFO)   \
	S(write_waits, "times the disk took nothing", INFO)                   \
	S(pushed_out_messages, "messages that the bound pushed out", INFO)    \
	S(pushed_out_records, "Data Records that the bound pushed out", DROP) \
	S(pushed_out_earlier_records,                                         \
	    "Data Records of an earlier process that it pushed out", INFO)    \
	S(not_ipfix_messages, "refused: a spool keeps IPFIX alone", INFO)     \
	S(not_ipfix_records, "records of messages that are no IPFIX", DROP)

struct pflowi_spool {
	struct pflow_transport base;
	struct pflow_transport *inner; /**< owned */
	struct pflowi_spool_store store;
	struct pflowi_spool_window window;
	uint64_t replay_octets;
	uint64_t begin; /**< what is behind it is of this process */
	bool inner_open;

	/* What comes in. */
	uint8_t *scratch; /**< a message, its number changed; 65535 octets */
	bool counting;	  /**< expected_in is set */
	uint32_t expected_in; /**< Sequence Number of the exporter's next */
	bool full;	      /**< the disk takes nothing until retry_ns */
	uint64_t retry_ns;

	/* The session, if any, and what is on its way into it. */
	bool in_session;
	bool ended;	     /**< it is over, but the next is not there yet */
	bool in_order;	     /**< how it ended */
	bool greeted;	     /**< its templates are there, or in greeting */
	uint32_t generation; /**< of the inner transport */
	uint64_t taken;	     /**< confirmed messages already told */
	uint64_t sent_end;   /**< how far any session ever came */
	struct pflowi_templates known; /**< to this session's collector */
	uint8_t *buf;	     /**< read from the log; PFLOWI_SPOOL_CHUNK */
	size_t buf_at;	     /**< the message that is next */
	size_t buf_len;	     /**< whole messages up to here */
	uint64_t buf_end;    /**< position after the last of them */
	uint8_t *greeting;   /**< templates for a new session; 65535 octets */
	size_t greeting_len; /**< 0: sent, or none */
	uint64_t skip;	     /**< octets of the log between the last message
				  handed over and the next: templates at the
				  start of a file, files that are gone */

	bool more;	  /**< there is something to do at once */
	uint64_t look_ns; /**< when to look for acknowledgements */
	bool dirty;	  /**< the position has changed since it was kept */
	uint64_t keep_ns;
	uint32_t pushed_first_secs;
	uint32_t pushed_last_secs;
	struct {
#define PFLOWI_SPOOL_MEMBER(name, help, kind) uint64_t name;
		PFLOWI_SPOOL_COUNTERS(PFLOWI_SPOOL_MEMBER)
#undef PFLOWI_SPOOL_MEMBER
	} n;
	char error[PFLOWI_ERROR_MAX];
	char inner_error[PFLOWI_ERROR_MAX]; /**< as it was told last */
};

/** Room of buf: several of the largest messages. */
#define PFLOWI_SPOOL_CHUNK ((size_t)256 << 10)

/** spool_in.c: append messages. @return PFLOW_OK: all; PFLOW_ERR_AGAIN: the
 *  disk takes no more */
int pflowi_spool_take(struct pflowi_spool *s, const struct pflow_message *msgs,
    size_t count, size_t *taken, struct pflow_now now);

/** spool_in.c: count and tell what is lost.
 *  @param earlier  an earlier process exported it */
void pflowi_spool_tell_loss(
    struct pflowi_spool *s, const struct pflowi_spool_loss *loss, bool earlier);

/** spool_out.c: service the inner transport, and what follows from it. */
void pflowi_spool_follow(struct pflowi_spool *s, struct pflow_now now);

/** spool_out.c: hand over what the inner transport takes. @return true: there
 *  is more, and it might take it at once */
bool pflowi_spool_pump(struct pflowi_spool *s, struct pflow_now now);

/** spool_out.c: the end of the process. What a session that lives has
 *  confirmed is not to come again. */
void pflowi_spool_settle(struct pflowi_spool *s);

/** spool.c: release everything as the end of the process would: nothing is
 *  written any more. */
void pflowi_spool_abandon(struct pflow_transport *t);

#endif /* PFLOWI_SPOOL_H */
