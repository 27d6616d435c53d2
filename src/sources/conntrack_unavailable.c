/* SPDX-License-Identifier: ISC */
/* conntrack: in builds that have it not. */
#include "sources/sources.h"

static int
create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	(void)argument;
	(void)cfg;
	*out = NULL;
	return pflowi_source_refuse(&pflowi_source_conntrack,
	    "needs Linux and libmnl", err, err_len);
}

const struct pflow_source_kind pflowi_source_conntrack = {
	.name = "conntrack",
	.argument = "[SETTING,...]",
	.help = "connection tracking of Linux",
	.available = false,
	.create = create,
};
