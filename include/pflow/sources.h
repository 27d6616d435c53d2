/* SPDX-License-Identifier: ISC */
/*
 * The sources that come with the library (link pflow::sources).
 */
#ifndef PFLOW_SOURCES_H
#define PFLOW_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/source.h>
#include <pflow/system.h>

PFLOW_BEGIN_DECLS

/**
 * Sends a request for a source that may have lost the right to do so itself:
 * Linux wants CAP_NET_ADMIN with every request for the connection table, so a
 * program that gives up its rights after open() leaves this to one that kept
 * them and shares the descriptor.
 *
 * @param fd    a socket of the source, open since open()
 * @param data  one whole netlink message
 * @return 0: sent; else an errno
 */
typedef int pflow_request_fn(void *arg, int fd, const void *data, size_t len);

/** Settings common to all sources; those that mean nothing are ignored. */
struct pflow_source_config {
	size_t struct_size;	  /**< set by pflow_source_config_init() */
	uint64_t active_ns;	  /**< report living flows this often; 0: only
				       at their end (pflow(4)'s behaviour) */
	uint64_t idle_ns;	  /**< a flow without packets ends after this */
	size_t memory_limit;	  /**< octets the flow or state table may use */
	const char *filter;	  /**< pcap-filter(7) expression; NULL: none */
	const char *interface_map;/**< file of "NAME INDEX" lines; NULL: none */
	pflow_request_fn *request;/**< conntrack: only; NULL: sends itself */
	void *request_arg;	  /**< of request; must outlive the source */
	bool nat_events;	  /**< tell translations as they are made too
				       (PFLOW_STATE_CREATED) */
	const struct pflow_system *system; /**< opens files; NULL: opens them
				       itself; must outlive the source */
};

/**
 * Defaults: active 60 s, idle 15 s, memory 256 MiB, no filter, no map.
 *
 * @param cfg  caller's storage
 */
PFLOW_API void pflow_source_config_init(struct pflow_source_config *cfg);

/** One kind of source of this build. */
struct pflow_source_kind {
	const char *name;	/**< "pcap" */
	const char *argument;	/**< "PATH", "IFACE", "" */
	const char *help;	/**< one line for people */
	bool available;		/**< false: it exists, but not in this build */
	uint64_t active_default_ns; /**< what `active` means if not set */

	/**
	 * @param argument  what follows "NAME:"; copied
	 * @param cfg       borrowed for the call, strings are copied
	 * @param out       the instance, not yet open; owned by the caller,
	 *                  released by ops->close()
	 * @param err       one line if it fails; always terminated
	 * @return PFLOW_OK, PFLOW_ERR_INVALID, PFLOW_ERR_UNSUPPORTED,
	 *         PFLOW_ERR_NOMEM
	 */
	int (*create)(const char *argument,
	    const struct pflow_source_config *cfg, struct pflow_source **out,
	    char *err, size_t err_len);

	/** As pflow_source_create_parts(). NULL: it cannot be parted. */
	int (*create_parts)(const char *argument,
	    const struct pflow_source_config *cfg, struct pflow_source **out,
	    size_t parts, char *err, size_t err_len);
};

#define PFLOW_SOURCE_PARTS_MAX 64

/**
 * The sources of this build, the unavailable ones included.
 *
 * @param count  out: how many
 * @return a constant array of pointers, sorted as they are to be printed
 */
PFLOW_API const struct pflow_source_kind *const *pflow_source_kinds(
    size_t *count);

/**
 * Make a source from its SOURCE word ("pcap:PATH", "pfsync:-", ...).
 *
 * @param spec  the word; copied
 * @param cfg   borrowed for the call; NULL: defaults
 * @param out   the instance, not yet open; NULL on failure
 * @param err   one line that names what is wrong and what would be right
 * @return PFLOW_OK; PFLOW_ERR_INVALID: no such kind or bad argument;
 *         PFLOW_ERR_UNSUPPORTED: not in this build; PFLOW_ERR_NOMEM
 */
PFLOW_API int pflow_source_create(const char *spec,
    const struct pflow_source_config *cfg, struct pflow_source **out,
    char *err, size_t err_len);

/**
 * Make a source of packets in parts, one for each thread. What goes between
 * two addresses, in both directions, is of one part; the states of all parts
 * together are those of the undivided source, and so are the sums of their
 * counters. Whichever part has nothing else to do reads the packets for all.
 *
 * All are opened before one is pumped, and closed by threads that know of each
 * other; in between each part is its thread's alone. finish() of one of them
 * ends all. An error of the input is told by one part, the others end. A part
 * that is not pumped any more holds the others up, unless finish() was called.
 *
 * @param spec   as in pflow_source_create()
 * @param cfg    the same; its memory_limit is of all parts together
 * @param out    the instances, not yet open; all NULL on failure
 * @param parts  1..PFLOW_SOURCE_PARTS_MAX
 * @param err    one line that names what is wrong and what would be right
 * @return as pflow_source_create(); PFLOW_ERR_RANGE: so many parts cannot be;
 *         PFLOW_ERR_UNSUPPORTED also: this kind has no parts
 */
PFLOW_API int pflow_source_create_parts(const char *spec,
    const struct pflow_source_config *cfg, struct pflow_source **out,
    size_t parts, char *err, size_t err_len);

PFLOW_END_DECLS

#endif /* PFLOW_SOURCES_H */
