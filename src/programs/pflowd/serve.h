/* SPDX-License-Identifier: ISC */
/* The parent opens what the worker asks for, if it may have it. */
#ifndef PFLOWD_SERVE_H
#define PFLOWD_SERVE_H

#include "programs/pflowd/grants.h"
#include "programs/pflowd/message.h"

struct pflowd_served {
	const struct pflowd_grants *grants;
	const char *conf; /**< being loaded; NULL: none */
	size_t conf_len;
};

/**
 * Take one question from the channel and answer it.
 *
 * @return PFLOW_OK; PFLOW_ERR_CLOSED: nobody asks any more;
 *         PFLOW_ERR_MALFORMED: the worker is not what it was
 */
int pflowd_serve(int ask_fd, const struct pflowd_served *served);

#endif /* PFLOWD_SERVE_H */
