/* SPDX-License-Identifier: ISC */
/* Builds without libpcap have no filter expressions. */
#include "sources/pcap_filter.h"

#include <stdio.h>

#include <pflow/status.h>

int
pflowi_filter_new(struct pflowi_filter **out, const char *expression,
    char *err, size_t err_len)
{
	*out = NULL;
	snprintf(err, err_len,
	    "filter \"%s\": not in this build (needs libpcap)", expression);
	return PFLOW_ERR_UNSUPPORTED;
}

int
pflowi_filter_match(struct pflowi_filter *filter,
    const struct pflowi_capture_frame *frame, char *err, size_t err_len)
{
	(void)filter;
	(void)frame;
	snprintf(err, err_len, "filters need libpcap");
	return PFLOW_ERR_INVALID;
}

void
pflowi_filter_free(struct pflowi_filter *filter)
{
	(void)filter;
}
