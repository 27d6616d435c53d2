/* SPDX-License-Identifier: ISC */
/*
 * The messages of a session that may have to be sent again, oldest first:
 * those that the peer's system has confirmed, then those it has not.
 */
#ifndef PFLOWI_SPOOL_WINDOW_H
#define PFLOWI_SPOOL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pflowi_spool_entry {
	uint64_t advance; /**< octets of the log up to its end */
	uint32_t len;	  /**< of the message alone; 0: it is not of the log */
	uint32_t records;
	uint32_t secs; /**< its Export Time */
};

/** What is lost. */
struct pflowi_spool_loss {
	uint64_t messages;
	uint64_t records;
	uint32_t first_secs; /**< Export Time of the oldest, of the newest */
	uint32_t last_secs;
};

/** One more message. */
void pflowi_spool_loss_add(
    struct pflowi_spool_loss *loss, uint32_t secs, uint32_t records);

/** Zero at first. Positions are octets of the log since it began. */
struct pflowi_spool_window {
	struct pflowi_spool_entry *ring; /**< owned */
	size_t room;			 /**< a power of 2, or 0 */
	size_t head;
	size_t confirmed_count;
	size_t flying_count;
	uint64_t kept;	    /**< octets of the confirmed ones */
	int frozen;	    /**< out of memory: nothing is confirmed any more */
	uint64_t safe;	    /**< to begin again from, if all goes wrong */
	uint64_t confirmed; /**< end of what is confirmed */
	uint64_t read;	    /**< end of what is handed over */
};

/** A session begins at a position. */
void pflowi_spool_window_begin(struct pflowi_spool_window *w, uint64_t at);

/** One more message is handed over. */
void pflowi_spool_window_push(
    struct pflowi_spool_window *w, const struct pflowi_spool_entry *entry);

/** The first n of the session's messages that were not are confirmed now;
 *  of those that are, the last ones stay, keep octets at least. */
void pflowi_spool_window_confirm(
    struct pflowi_spool_window *w, size_t n, uint64_t keep);

/** Messages that end at or before a position: of all, or of those that are
 *  not confirmed. */
void pflowi_spool_window_before(const struct pflowi_spool_window *w, bool all,
    uint64_t at, struct pflowi_spool_loss *out);

void pflowi_spool_window_fini(struct pflowi_spool_window *w);

#endif /* PFLOWI_SPOOL_WINDOW_H */
