/* SPDX-License-Identifier: ISC */
#include <sys/capsicum.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "programs/pflowd/sandbox.h"

const char *const pflowd_sandbox_name = "capsicum";

bool
pflowd_sandbox_worker(char *err, size_t err_len)
{
	/* ENOSYS: a kernel without it, which -V and the log tell. */
	if (cap_enter() == 0 || errno == ENOSYS)
		return true;
	(void)snprintf(err, err_len, "cap_enter: %s", strerror(errno));
	return false;
}

/** Names need files and sockets, which that mode has not. */
bool
pflowd_sandbox_resolver(char *err, size_t err_len)
{
	(void)err;
	(void)err_len;
	return true;
}
