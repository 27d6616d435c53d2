/* SPDX-License-Identifier: ISC */
/* The control socket: who may connect is a matter of its mode, who may change
 * anything one of who it is. */
#ifndef PFLOWD_CONTROL_H
#define PFLOWD_CONTROL_H

#include <event2/event.h>

#include "programs/pflowd/access.h"
#include "programs/pflowd/engine.h"

struct pflowd_control;

/**
 * Listen. A socket that nobody answers is taken over; one that a living
 * pflowd answers is left alone.
 *
 * @param err  one line if it fails
 * @return NULL: failed
 */
struct pflowd_control *pflowd_control_open(struct event_base *base,
    const char *path, const struct pflowd_access *access, char *err,
    size_t err_len);

/** Owner, group, mode and rights are these from now on. */
bool pflowd_control_allow(struct pflowd_control *c,
    const struct pflowd_access *access, char *err, size_t err_len);

/** Answer what has come in. */
void pflowd_control_turn(struct pflowd_control *c, struct pflowd_engine *e,
    struct pflow_now now);

/** Close all and remove the socket. NULL is fine. */
void pflowd_control_close(struct pflowd_control *c);

#endif /* PFLOWD_CONTROL_H */
