/* SPDX-License-Identifier: ISC */
/*
 * The parent's side of the control socket: accepts, judges who is there, and
 * hands requests to the worker, one of each connection at a time.
 */
#ifndef PFLOWD_FRONT_H
#define PFLOWD_FRONT_H

#include <poll.h>

#include "programs/pflowd/access.h"
#include "programs/pflowd/grants.h"

struct pflowd_front;

/**
 * Listen. A socket that nobody answers is taken over; one that a living
 * pflowd answers is left alone.
 *
 * @param err  one line if it fails
 * @return NULL: failed
 */
struct pflowd_front *pflowd_front_open(const char *path,
    const struct pflowd_access *access, char *err, size_t err_len);

/** Owner, group, mode and rights are these from now on. */
bool pflowd_front_allow(struct pflowd_front *f,
    const struct pflowd_access *access, char *err, size_t err_len);

#define PFLOWD_FRONT_FDS (PFLOWD_CLIENTS_MAX + 1)

/**
 * What to wait for.
 *
 * @param fds  filled in, PFLOWD_FRONT_FDS
 * @return does something wait for room in the channel?
 */
bool pflowd_front_want(const struct pflowd_front *f, struct pollfd *fds);

/** Take what came. @param fds  as poll(2) left them */
void pflowd_front_turn(struct pflowd_front *f, const struct pollfd *fds,
    int tell_fd, struct pflowd_grants *grants);

/** The worker has answered a request. */
void pflowd_front_done(struct pflowd_front *f, unsigned id);

/** Close all. NULL is fine. @param remove  the socket's path, too */
void pflowd_front_close(struct pflowd_front *f, bool remove);

#endif /* PFLOWD_FRONT_H */
