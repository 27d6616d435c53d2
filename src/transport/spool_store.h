/* SPDX-License-Identifier: ISC */
/*
 * A log of messages in files (RFC 5655). A position is the octets of the log
 * before it since the log began; a file is named after the position of its
 * first octet, in hexadecimal.
 */
#ifndef PFLOWI_SPOOL_STORE_H
#define PFLOWI_SPOOL_STORE_H

#include "transport/spool_window.h"
#include "transport/templates.h"
#include "transport/transport.h"

struct pflowi_spool_segment {
	uint64_t base; /**< position of its first octet */
	uint64_t size;
	uint32_t head; /**< octets of the templates at its start */
};

struct pflowi_spool_store {
	char *dir; /**< owned */
	int dir_fd;
	int lock_fd;
	int write_fd; /**< of the newest segment */
	int read_fd;  /**< of segment[read_base] */
	uint64_t read_base;
	struct pflowi_spool_segment *segment; /**< owned; oldest first, the
						   last one is written to */
	size_t count;
	size_t room;
	uint64_t octets; /**< of all */
	uint64_t max_octets;
	uint64_t segment_octets;
	bool sync;
	struct pflowi_templates templates; /**< as of the end of the log */
	uint8_t last[PFLOWI_IPFIX_HEADER]; /**< header of the newest message,
					       its sequence already the next
					       one's; version 0: none */
	uint64_t damaged_octets;
	char error[PFLOWI_ERROR_MAX];
};

/** Open or make the directory; find what is there, cut off what is broken.
 *  @return PFLOW_OK, or a status and error */
int pflowi_spool_store_open(struct pflowi_spool_store *s);
void pflowi_spool_store_close(struct pflowi_spool_store *s);

/** Begin a new file, with the templates of now. @return PFLOW_OK, or
 *  PFLOW_ERR_SYSTEM and error */
int pflowi_spool_store_rotate(struct pflowi_spool_store *s);

/** Append a whole message, with so many Data Records; all or nothing. */
int pflowi_spool_store_append(struct pflowi_spool_store *s, const uint8_t *msg,
    size_t len, uint32_t records);

/** With `sync`: have the disk take what was appended. */
int pflowi_spool_store_flush(struct pflowi_spool_store *s);

/** Must the oldest file go before so many octets are appended? */
bool pflowi_spool_store_is_full(
    const struct pflowi_spool_store *s, size_t octets);

/** Remove the oldest file. loss: what of it lies behind a position. */
void pflowi_spool_store_evict(struct pflowi_spool_store *s, uint64_t from,
    struct pflowi_spool_loss *loss);

/** Remove the files that end at or before a position. */
void pflowi_spool_store_forget(struct pflowi_spool_store *s, uint64_t position);

/** The position of the first message at or behind one: beyond templates at
 *  the start of files, and beyond what is gone. */
uint64_t pflowi_spool_store_seek(
    const struct pflowi_spool_store *s, uint64_t position);

/** The end of the log. */
uint64_t pflowi_spool_store_end(const struct pflowi_spool_store *s);

/** The segment that a position is in; NULL: none. */
const struct pflowi_spool_segment *pflowi_spool_store_segment(
    const struct pflowi_spool_store *s, uint64_t position);

/** Octets of one file from a position. @return how many; 0: none there
 *  @param gone  out: some should be there, and never will be again */
size_t pflowi_spool_store_read(struct pflowi_spool_store *s, uint64_t position,
    uint8_t *out, size_t room, bool *gone);

/** The templates that hold at a position, from its file alone. */
void pflowi_spool_store_templates(struct pflowi_spool_store *s,
    uint64_t position, struct pflowi_templates *out);

/** Where a later process is to begin; kept in a file of its own. */
int pflowi_spool_store_keep(struct pflowi_spool_store *s, uint64_t position);
uint64_t pflowi_spool_store_kept(struct pflowi_spool_store *s);

/* spool_scan.c */

/** Called with each whole message. @return false: enough */
typedef bool pflowi_spool_visit_fn(void *arg, const uint8_t *msg, uint32_t len);

/** Walk over the messages of a file between two offsets. @return the offset
 *  where it ended: before anything that is no whole message */
uint64_t pflowi_spool_walk(
    int fd, uint64_t from, uint64_t to, pflowi_spool_visit_fn *fn, void *arg);

/** The name of the file of a segment. */
#define PFLOWI_SPOOL_NAME_MAX 32
void pflowi_spool_name(uint64_t base, char *out);

/** Open the file of a segment. @return fd, or -1 with errno */
int pflowi_spool_open_segment(
    const struct pflowi_spool_store *s, uint64_t base, int flags);

/** Find what is in the directory: fills segment, count, octets, last,
 *  templates. */
int pflowi_spool_scan(struct pflowi_spool_store *s);

/** One more segment at the end. @return 0, -1: out of memory */
int pflowi_spool_add_segment(
    struct pflowi_spool_store *s, const struct pflowi_spool_segment *seg);

#endif /* PFLOWI_SPOOL_STORE_H */
