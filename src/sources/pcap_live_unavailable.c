/* SPDX-License-Identifier: ISC */
/* pcap-live: in builds that have it not. */
#include "sources/sources.h"

static int
create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	(void)argument;
	(void)cfg;
	*out = NULL;
	return pflowi_source_refuse(&pflowi_source_pcap_live, "needs libpcap", err,
	    err_len);
}

const struct pflow_source_kind pflowi_source_pcap_live = {
	.name = "pcap-live",
	.argument = "IFACE",
	.help = "packets of an interface",
	.available = false,
	.create = create,
};
