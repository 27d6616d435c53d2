/* SPDX-License-Identifier: ISC */
/* pf:, the live table, on systems that have no pf to read. */
#include <stdio.h>

#include "sources/pf_live.h"

const bool pflowi_pf_live_available = false;

int
pflowi_pf_live_open(struct pflowi_pf_live **out, size_t memory_limit, char *err,
    size_t err_len)
{
	(void)memory_limit;
	*out = NULL;
	snprintf(err, err_len,
	    "pf: this system has no pf; read a saved table (pf:PATH, pf:- for "
	    "pfctl -s states -vv), pfsync:PATH, pcap:PATH or conntrack:");
	return PFLOW_ERR_UNSUPPORTED;
}

int
pflowi_pf_live_begin(struct pflowi_pf_live *live, char *err, size_t err_len)
{
	(void)live;
	(void)err;
	(void)err_len;
	return PFLOW_ERR_UNSUPPORTED;
}

int
pflowi_pf_live_next(struct pflowi_pf_live *live, struct pflowi_pf_raw *raw,
    char *err, size_t err_len)
{
	(void)live;
	(void)raw;
	(void)err;
	(void)err_len;
	return PFLOW_ERR_UNSUPPORTED;
}

void
pflowi_pf_live_close(struct pflowi_pf_live *live)
{
	(void)live;
}
