/* SPDX-License-Identifier: ISC */
/* What pflowd answers to one line of the control socket. */
#ifndef PFLOWD_ANSWER_H
#define PFLOWD_ANSWER_H

#include <event2/buffer.h>

#include "programs/pflowd/engine.h"
#include "programs/pflowd/request.h"

/** Execute one line; the whole answer goes into out. The line is changed. */
void pflowd_answer(struct pflowd_engine *e, char *line, struct pflow_now now,
    struct evbuffer *out);

#endif /* PFLOWD_ANSWER_H */
