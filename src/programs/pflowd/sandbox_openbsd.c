/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "programs/pflowd/sandbox.h"

const char *const pflowd_sandbox_name = "pledge";

static bool
done(int rc, const char *what, char *err, size_t err_len)
{
	if (rc == 0)
		return true;
	(void)snprintf(err, err_len, "%s: %s", what, strerror(errno));
	return false;
}

bool
pflowd_sandbox_worker(char *err, size_t err_len)
{
	/* bpf: counters of pcap-live; pf: the table of pf:. */
	return done(unveil(NULL, NULL), "unveil", err, err_len) &&
	    done(pledge("stdio sendfd recvfd inet bpf pf", NULL), "pledge",
	    err, err_len);
}

bool
pflowd_sandbox_resolver(char *err, size_t err_len)
{
	return done(pledge("stdio recvfd dns", NULL), "pledge", err, err_len);
}
