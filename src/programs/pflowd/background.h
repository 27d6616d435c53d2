/* SPDX-License-Identifier: ISC */
/*
 * Service without a terminal: the process that was started stays until the
 * service runs or failed, and ends with the exit code that tells which.
 */
#ifndef PFLOWD_BACKGROUND_H
#define PFLOWD_BACKGROUND_H

#include <stdbool.h>

/**
 * Go on in a process of its own, without terminal, in "/".
 *
 * @param ready_fd  out: for pflowd_background_done()
 * @return false after a line
 */
bool pflowd_background_begin(int *ready_fd);

/**
 * The starter ends with this exit code. After 0 standard input, output and
 * error lead nowhere.
 */
void pflowd_background_done(int ready_fd, int code);

/** Tells one line to the system's log. */
typedef void pflowd_syslog_fn(const char *line);

/** Lines go to the system's log, before done() to standard error too.
 *  @param fn  NULL: syslog(3) as a daemon, priority notice */
void pflowd_background_log(pflowd_syslog_fn *fn);

/**
 * Write our number into a file that no other living pflowd holds, and hold
 * it until the end.
 *
 * @return a descriptor; -1 after a line
 */
int pflowd_pid_file(const char *path);

/** Remove it. fd -1 is fine. */
void pflowd_pid_file_end(const char *path, int fd);

#endif /* PFLOWD_BACKGROUND_H */
