/* SPDX-License-Identifier: ISC */
/* The worker asks its parent, and waits for the answer. */
#ifndef PFLOWD_HELPER_H
#define PFLOWD_HELPER_H

#include <pflow/system.h>

#include "programs/pflowd/conf.h"

struct pflowd_helper {
	struct pflow_system system; /**< for the libraries */
	int ask_fd;		    /**< borrowed */
	int lookup_fd;
	uint8_t *buf; /**< owned */
};

/** @return false: out of memory */
bool pflowd_helper_init(struct pflowd_helper *h, int ask_fd, int lookup_fd);
void pflowd_helper_fini(struct pflowd_helper *h);

/** As pflow_request_fn; arg is the helper. */
int pflowd_helper_request(void *arg, int fd, const void *data, size_t len);

/** A listening socket for metrics. @return a descriptor, or -1 with errno */
int pflowd_helper_listen(struct pflowd_helper *h, const char *word);

/**
 * The new configuration, as the parent has read it.
 *
 * @return malloc()ed; NULL: it can not be had
 */
char *pflowd_helper_conf(struct pflowd_helper *h, size_t len);

#endif /* PFLOWD_HELPER_H */
