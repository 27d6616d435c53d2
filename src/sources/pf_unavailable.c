/* SPDX-License-Identifier: ISC */
/* pf: in builds that have it not. */
#include "sources/sources.h"

static int
create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	(void)argument;
	(void)cfg;
	*out = NULL;
	return pflowi_source_refuse(&pflowi_source_pf, "needs the pf decoder", err,
	    err_len);
}

const struct pflow_source_kind pflowi_source_pf = {
	.name = "pf",
	.argument = "PATH",
	.help = "state table of pf, or a saved one",
	.available = false,
	.create = create,
};
