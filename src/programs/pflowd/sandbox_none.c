/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/sandbox.h"

const char *const pflowd_sandbox_name = "none";

bool
pflowd_sandbox_worker(char *err, size_t err_len)
{
	(void)err;
	(void)err_len;
	return true;
}

bool
pflowd_sandbox_resolver(char *err, size_t err_len)
{
	(void)err;
	(void)err_len;
	return true;
}
