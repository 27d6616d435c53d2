/* SPDX-License-Identifier: ISC */
/* Builds without libpcap read plain captures only. */
#include <stdio.h>

#include <pflow/status.h>

#include "sources/pcap_input.h"

int
pflowi_other_open(struct pflowi_other **out, int fd, char *text,
    size_t text_len)
{
	(void)fd;
	*out = NULL;
	snprintf(text, text_len, "this build has no libpcap");
	return PFLOW_ERR_UNSUPPORTED;
}

int
pflowi_other_next(struct pflowi_other *other,
    struct pflowi_capture_frame *frame, char *text, size_t text_len)
{
	(void)other;
	(void)frame;
	(void)text;
	(void)text_len;
	return PFLOW_ERR_UNSUPPORTED;
}

void
pflowi_other_close(struct pflowi_other *other)
{
	(void)other;
}
