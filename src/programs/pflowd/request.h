/* SPDX-License-Identifier: ISC */
/*
 * The control protocol: lines of words, as in pflowd.conf(5).
 *
 *   request  VERB [pflowN] [WORD ...]
 *   answer   lines "= WORD ..." , then "ok" or "error KIND TEXT"
 *
 * KIND is notfound, full, invalid, denied or failed.  Parsing is pure.
 */
#ifndef PFLOWD_REQUEST_H
#define PFLOWD_REQUEST_H

#include <stddef.h>

#include "programs/common/problem.h"
#include "programs/pflowd/conf.h"
#include "programs/pflowd/peer.h"

enum pflowd_verb {
	PFLOWD_LIST,	/**< list */
	PFLOWD_CREATE,	/**< create */
	PFLOWD_DESTROY, /**< destroy pflowN */
	PFLOWD_SET,	/**< set pflowN SETTING VALUE ... */
	PFLOWD_STATS,	/**< stats [pflowN] */
	PFLOWD_FLUSH,	/**< flush [pflowN] */
	PFLOWD_TEMPLATE /**< send-template [pflowN] */
};

struct pflowd_request {
	enum pflowd_verb verb;
	bool named;		       /**< number is given */
	unsigned number;
	struct pflowi_settings settings; /**< of set */
};

/**
 * Parse one line, without its end.
 *
 * @param line  changed
 * @param out   release with fini after PFLOW_OK
 * @return PFLOW_OK; PFLOW_ERR_INVALID and others with a problem
 */
int pflowd_request_parse(char *line, struct pflowd_request *out,
    struct pflowi_problem *problem);

/** What one must be allowed to for this. Files are opened with rights that
 *  not everybody has who may change an interface. */
enum pflowd_right pflowd_request_right(const struct pflowd_request *r);

/** The sentence for one who may not. */
const char *pflowd_request_denial(const struct pflowd_request *r);

void pflowd_request_fini(struct pflowd_request *r);

#endif /* PFLOWD_REQUEST_H */
