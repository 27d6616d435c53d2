/* SPDX-License-Identifier: ISC */
/*
 * What a service manager is told, by the protocol of sd_notify(3): datagrams
 * of "NAME=VALUE" lines to the socket that NOTIFY_SOCKET names.
 */
#ifndef PFLOWD_NOTIFY_H
#define PFLOWD_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#define PFLOWD_NOTIFY_LEN 512 /**< octets of a message, terminator included */

enum pflowd_phase {
	PFLOWD_PHASE_READY,
	PFLOWD_PHASE_RELOADING,
	PFLOWD_PHASE_STOPPING,
	PFLOWD_PHASE_SAME /**< only the status is other */
};

/**
 * The message. Pure.
 *
 * @param mono_ns  the clock, which RELOADING=1 must tell
 * @param status   one line for people; NULL: none
 */
void pflowd_notify_text(char out[PFLOWD_NOTIFY_LEN], enum pflowd_phase phase,
    uint64_t mono_ns, const char *status);

/** Tell it; without NOTIFY_SOCKET nothing happens. What fails is told once
 *  by a line: nobody can do more about it. */
void pflowd_notify(enum pflowd_phase phase, const char *status);

#endif /* PFLOWD_NOTIFY_H */
