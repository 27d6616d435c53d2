/* SPDX-License-Identifier: ISC */
/*
 * What a process may no longer do; a system is a file (sandbox_linux.c,
 * sandbox_openbsd.c, sandbox_freebsd.c, sandbox_none.c).
 */
#ifndef PFLOWD_SANDBOX_H
#define PFLOWD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/** "seccomp", "pledge", "capsicum"; "none": not in this build. */
extern const char *const pflowd_sandbox_name;

/**
 * From here on the process reads, writes and waits, on descriptors that it
 * has or is given: it opens no file, makes no socket, starts no program.
 *
 * @return false, err says why
 */
bool pflowd_sandbox_worker(char *err, size_t err_len);

/** Asks for names, which reads files and makes sockets, and nothing else. */
bool pflowd_sandbox_resolver(char *err, size_t err_len);

#endif /* PFLOWD_SANDBOX_H */
