/* SPDX-License-Identifier: ISC */
/*
 * What the conntrack source wants of the system, so that all but
 * conntrack_mnl.c can be tested without one.
 */
#ifndef PFLOWI_CONNTRACK_LINK_H
#define PFLOWI_CONNTRACK_LINK_H

#include <pflow/sources.h>

#include "sources/conntrack_idle.h"
#include "sources/conntrack_settings.h"

#define PFLOWI_CT_IFNAME 16 /* IFNAMSIZ */

/** The two netlink sockets. */
enum pflowi_ct_channel { PFLOWI_CT_EVENTS, PFLOWI_CT_DUMP };

struct pflowi_ct_link;

struct pflowi_ct_link_ops {
	/**
	 * Take one datagram of the kernel. Never waits.
	 *
	 * @return PFLOW_OK; PFLOW_ERR_AGAIN: nothing is there;
	 *         PFLOW_ERR_NOSPACE: the receive buffer was full, datagrams
	 *         were lost; PFLOW_ERR_TRUNCATED: longer than cap, dropped;
	 *         PFLOW_ERR_INVALID: not of the kernel, dropped;
	 *         PFLOW_ERR_SYSTEM: *error is the errno
	 */
	int (*receive)(struct pflowi_ct_link *link,
	    enum pflowi_ct_channel channel, uint8_t *buf, size_t cap,
	    size_t *len, int *error);

	/**
	 * Ask for the whole table; the answers carry seq.
	 *
	 * @return PFLOW_OK; PFLOW_ERR_SYSTEM: *error is the errno
	 */
	int (*request)(struct pflowi_ct_link *link, uint32_t seq, int *error);

	/**
	 * Events the kernel could not put into the receive buffer so far,
	 * modulo 2^32.
	 *
	 * @return false: this kernel does not tell (before Linux 4.12)
	 */
	bool (*drops)(const struct pflowi_ct_link *link, uint32_t *drops);

	/**
	 * Index of the interface that leads to an address.
	 *
	 * @param af  PFLOW_AF_*
	 * @return 0: this host, or no route
	 */
	uint32_t (*route)(struct pflowi_ct_link *link, uint8_t af,
	    const uint8_t *addr);

	/**
	 * The name of an interface, padded with NUL.
	 *
	 * @param name  all NUL if there is none
	 */
	void (*name)(struct pflowi_ct_link *link, uint32_t index,
	    char name[PFLOWI_CT_IFNAME]);

	void (*close)(struct pflowi_ct_link *link);
};

/** The first member of every link. */
struct pflowi_ct_link {
	const struct pflowi_ct_link_ops *ops;
	int fd;		     /**< of PFLOWI_CT_EVENTS; -1: none to poll */
	uint64_t entries;    /**< in the kernel's table when it was opened */
	uint64_t seed[2];    /**< random, for the hash of the table */
	const char *proc;    /**< where the settings of net.netfilter are */
	pflow_request_fn *ask; /**< sends what wants privilege; NULL: itself */
	void *ask_arg;
	bool tells;	     /**< destroy events are known to have state and
				  timeout; else it is learnt from them */
};

/**
 * Opens the sockets; events are told from here on.
 *
 * @param notes  one line of what is not as it should be though it works, as
 *               far as the sockets go; "" if nothing
 * @return PFLOW_OK; PFLOW_ERR_SYSTEM, PFLOW_ERR_NOMEM: `notes` says why
 */
typedef int pflowi_ct_open_fn(void *arg, const struct pflowi_ct_settings *set,
    struct pflowi_ct_link **out, char *notes, size_t notes_len);

/**
 * Make an instance on a link of one's own (tests).
 *
 * @return as pflow_source_kind.create
 */
int pflowi_ct_create(const char *argument,
    const struct pflow_source_config *cfg, pflowi_ct_open_fn *open, void *arg,
    struct pflow_source **out, char *err, size_t err_len);

/**
 * Read the timeouts; what can not be read stays 0.
 *
 * @param dir  "/proc/sys/net/netfilter"
 */
void pflowi_ct_read_timeouts(const char *dir, struct pflowi_ct_timeouts *t);

/**
 * Check what the kernel is set to count and tell, and add what is missing to
 * a line of notes, each with the sysctl that mends it.
 *
 * @param entries  in the kernel's table now
 * @param reports  living flows are reported too
 */
void pflowi_ct_check_sysctls(const char *dir, uint64_t entries, bool reports,
    char *notes, size_t notes_len);

#endif /* PFLOWI_CONNTRACK_LINK_H */
