/* SPDX-License-Identifier: ISC */
/* The process that does the work, and may do nothing else. */
#ifndef PFLOWD_WORKER_H
#define PFLOWD_WORKER_H

#include "programs/pflowd/conf.h"
#include "programs/pflowd/jail.h"

struct pflowd_worker {
	const char *file; /**< the configuration's name */
	const struct pflowd_conf *conf;
	struct pflowd_jail jail;
	int tell_fd;	 /**< requests of the parent */
	int ask_fd;	 /**< questions to it */
	int lookup_fd;	 /**< questions to the resolver */
	bool background; /**< lines go to the parent, not to standard error */
};

/** Run until the end is asked for. @return an exit code */
int pflowd_worker_run(const struct pflowd_worker *setup);

#endif /* PFLOWD_WORKER_H */
