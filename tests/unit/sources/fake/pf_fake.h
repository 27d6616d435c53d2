/* SPDX-License-Identifier: ISC */
/*
 * The system's end of pf_openbsd.c and pf_freebsd.c, faked: a table that
 * grows while it is asked for, buffers that are too short, errors.
 */
#ifndef PFLOW_TESTS_PF_FAKE_H
#define PFLOW_TESTS_PF_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gen/gen.h"
#include "sources/pf_live.h"

struct pf_fake {
	int open_errno;	   /**< 0: open() works */
	int ioctl_errno;   /**< 0: DIOCGETSTATES works */
	int ioctl_v2_errno; /**< 0: DIOCGETSTATESV2 works */
	int socket_errno;  /**< 0: there is netlink */
	int family_errno;  /**< what the control family answers; 0: found */
	int dump_errno;	   /**< what the dump ends with */
	int receive_errno; /**< of recvmsg(), after the first datagram */
	bool interrupted;  /**< the dump says that it changed on the way */
	bool acknowledge;  /**< an acknowledgement comes before the dump */
	unsigned states;   /**< in the table */
	unsigned growth;   /**< more of them at each request */
	unsigned per_datagram; /**< states in one datagram */
	size_t row;	   /**< octets left unused when it does not fit */
	enum gen_layout layout; /**< of the array requests */
	/* What happened. */
	unsigned opens, closes, requests, receives;
	size_t largest;	   /**< longest buffer that was offered */
	unsigned long command; /**< of the last ioctl() */
};

extern struct pf_fake pf_fake;

/** Everything works, nothing happened. */
void pf_fake_reset(void);

/** The n-th state of the table. */
void pf_fake_state(unsigned n, struct gen_state *st);

/** One of the two systems. */
struct pf_system {
	const char *name;
	int (*open)(struct pflowi_pf_live **, size_t, char *, size_t);
	int (*begin)(struct pflowi_pf_live *, char *, size_t);
	int (*next)(struct pflowi_pf_live *, struct pflowi_pf_raw *, char *,
	    size_t);
	void (*close)(struct pflowi_pf_live *);
	const bool *available;
};

extern const struct pf_system pf_fake_openbsd, pf_fake_freebsd;

#endif /* PFLOW_TESTS_PF_FAKE_H */
