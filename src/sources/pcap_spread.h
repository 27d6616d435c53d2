/* SPDX-License-Identifier: ISC */
/*
 * Packets of one capture for several threads. Whoever has the lock reads and
 * dissects, and puts each packet into the ring of the part it belongs to; only
 * that part takes it out. Nobody waits in here: a part that finds nothing to
 * do sleeps on its pipe.
 */
#ifndef PFLOWI_PCAP_SPREAD_H
#define PFLOWI_PCAP_SPREAD_H

#include <stdatomic.h>

#include "sources/pcap_account.h"

/** Packets that wait for one part: a quarter of a megabyte. */
#define PFLOWI_SPREAD_RING 4096u

/** Frames that are read before their packets are seen by the parts. */
#define PFLOWI_SPREAD_CHUNK 64u

/** Takes a frame. @return PFLOW_OK, or an error: stop */
typedef int pflowi_frame_fn(void *arg,
    const struct pflowi_capture_frame *frame);

/** What a source must have beside its own functions to be read for parts. */
struct pflowi_spread_ops {
	bool live; /**< packets are of now */

	/**
	 * Give at most max frames, which is a chunk or less.
	 *
	 * @return PFLOW_OK; PFLOW_ERR_AGAIN: nothing there, see want();
	 *         PFLOW_EOF; what fn said; another error, with an error_text()
	 */
	int (*frames)(struct pflow_source *src, struct pflow_now now,
	    unsigned max, pflowi_frame_fn *fn, void *arg);

	/** Reading is stopped. NULL: nothing is to be done. */
	void (*end)(struct pflow_source *src);

	/** Counters of the reading itself. */
	void (*counters)(const struct pflow_source *src, pflow_counter_fn *fn,
	    void *arg);
};

/** Between the thread that has the lock and a part; cache lines apart. */
struct pflowi_spread_ring {
	unsigned next;	  /**< of the reader: put in, not yet seen */
	uint64_t told_ns; /**< the part's clock when it has seen that */
	atomic_uint head;
	struct pflowi_packet *slot;
	char apart[64];
	atomic_uint tail;
	atomic_bool asleep;
	int wake[2]; /**< a pipe */
	char apart_too[64];
};

struct pflowi_spread {
	const struct pflowi_spread_ops *ops;
	struct pflow_source *reader; /**< owned */
	unsigned count;
	unsigned open; /**< parts that are not closed */
	int opened;    /**< what open() said; PFLOW_MORE: not yet asked */
	uint64_t seed[2];
	uint64_t slack_ns;

	atomic_flag lock; /**< of the reader and what follows */
	bool begun;
	uint64_t first_ns; /**< time of the first frame */
	uint64_t clock_ns; /**< of the packets, as a flow table keeps it */
	char apart[64];

	atomic_bool ended;
	atomic_bool hungry;   /**< somebody waits for room in a ring */
	atomic_uint watcher;  /**< the part that waits for the input */
	atomic_int permille;
	struct pflowi_spread_ring ring[];
};

/**
 * @param reader  owned from now on, also on failure; not open
 * @param err     one line, if it fails
 * @return PFLOW_OK, PFLOW_ERR_NOMEM, PFLOW_ERR_SYSTEM
 */
int pflowi_spread_new(struct pflowi_spread **out,
    const struct pflowi_spread_ops *ops, struct pflow_source *reader,
    unsigned parts, uint64_t idle_ns, char *err, size_t err_len);

/** One part less; the last one takes all with it. */
void pflowi_spread_release(struct pflowi_spread *sp);

/**
 * Read for all, if nobody else does.
 *
 * @param a     of this part: what is read is counted there
 * @param want  out, if this part is to wait for the input
 * @return PFLOW_OK: something was read; PFLOW_ERR_AGAIN: nothing can be done;
 *         PFLOW_EOF or an error: it ended just now, text says why
 */
int pflowi_spread_read(struct pflowi_spread *sp, unsigned part,
    struct pflowi_account *a, struct pflow_now now, struct pflow_want *want,
    char *text, size_t text_len);

/** Packets of the part that lie side by side; times alone have af 0. */
struct pflowi_packet *pflowi_spread_ready(struct pflowi_spread *sp,
    unsigned part, size_t *count);

/** The first n of them are done with. */
void pflowi_spread_taken(struct pflowi_spread *sp, unsigned part, size_t n);

/** Nothing more will be read. */
void pflowi_spread_stop(struct pflowi_spread *sp);

static inline bool
pflowi_spread_has_ended(struct pflowi_spread *sp)
{
	return atomic_load(&sp->ended);
}

/** The part is awake, and watches nothing. */
void pflowi_spread_awake(struct pflowi_spread *sp, unsigned part);

/**
 * Let the part sleep.
 *
 * @param want  of pflowi_spread_read(): the input, if it has nothing; out: what
 *              to wait for, which is the part's pipe unless it is the one that
 *              waits for the input
 * @return false: there is something already
 */
bool pflowi_spread_sleep(struct pflowi_spread *sp, unsigned part,
    struct pflow_want *want);

/** Wake all that sleep. */
void pflowi_spread_wake(struct pflowi_spread *sp);

/** Nobody reads until unlock. */
void pflowi_spread_lock(struct pflowi_spread *sp);
void pflowi_spread_unlock(struct pflowi_spread *sp);

/** The part of a packet: by its addresses, in either order. */
unsigned pflowi_spread_part(const struct pflowi_packet *pk,
    const uint64_t seed[2], unsigned parts);

/** All parts of a source (pcap_part.c); as pflow_source_create_parts(). */
int pflowi_parts_new(const struct pflowi_spread_ops *ops,
    struct pflow_source *reader, const struct pflow_source_config *cfg,
    struct pflow_source **out, size_t parts, char *err, size_t err_len);

#endif /* PFLOWI_PCAP_SPREAD_H */
