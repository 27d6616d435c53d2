/* SPDX-License-Identifier: ISC */
/* pfsync-live: in builds that have it not. */
#include "sources/sources.h"

static int
create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	(void)argument;
	(void)cfg;
	*out = NULL;
	return pflowi_source_refuse(&pflowi_source_pfsync_live, "needs libpcap", err,
	    err_len);
}

const struct pflow_source_kind pflowi_source_pfsync_live = {
	.name = "pfsync-live",
	.argument = "IFACE",
	.help = "pfsync packets of an interface",
	.available = false,
	.create = create,
};
