/* SPDX-License-Identifier: ISC */
/* What pflowd answers to one line of the control socket. */
#ifndef PFLOWD_ANSWER_H
#define PFLOWD_ANSWER_H

#include <event2/buffer.h>

#include "programs/pflowd/engine.h"
#include "programs/pflowd/request.h"

/**
 * Execute one line; the whole answer goes into out.
 *
 * @param line   changed
 * @param right  of the one who asks
 * @return did it what was asked for?
 */
bool pflowd_answer(struct pflowd_engine *e, char *line,
    enum pflowd_right right, struct pflow_now now, struct evbuffer *out);

#endif /* PFLOWD_ANSWER_H */
