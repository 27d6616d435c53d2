/* SPDX-License-Identifier: ISC */
/* Messages over a pair of sockets, descriptors with them. */
#ifndef PFLOWD_CHANNEL_H
#define PFLOWD_CHANNEL_H

#include "programs/pflowd/message.h"

/** Both ends close on exec. @return false with errno */
bool pflowd_channel_pair(int fds[2]);

/** Sends and receives give PFLOW_ERR_AGAIN instead of waiting. */
void pflowd_channel_never_wait(int fd);

/**
 * Send one message.
 *
 * @param pass  a descriptor that goes with it, stays the caller's; -1: none
 * @return PFLOW_OK; PFLOW_ERR_AGAIN; PFLOW_ERR_INVALID: no such message;
 *         PFLOW_ERR_CLOSED: nobody is there; PFLOW_ERR_SYSTEM with errno
 */
int pflowd_channel_send(int fd, const struct pflowd_message *m, int pass);

/**
 * Receive one message.
 *
 * @param buf     what m->rest is in afterwards
 * @param passed  out: a descriptor, the caller's from now on; -1: none. Those
 *                that do not belong to the message are closed here.
 * @return PFLOW_OK; PFLOW_ERR_AGAIN; PFLOW_ERR_CLOSED: nobody is there;
 *         PFLOW_ERR_MALFORMED: not to be believed
 */
int pflowd_channel_receive(int fd, uint8_t buf[PFLOWD_MESSAGE_MAX + 1],
    struct pflowd_message *m, int *passed);

#endif /* PFLOWD_CHANNEL_H */
