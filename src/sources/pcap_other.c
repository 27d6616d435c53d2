/* SPDX-License-Identifier: ISC */
/* Capture files that only libpcap knows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include <pflow/status.h>

#include "sources/pcap_filter.h"
#include "sources/pcap_input.h"

struct pflowi_other {
	pcap_t *pcap;
	uint32_t linktype;
};

/** The same file from its start, as libpcap takes it. */
static FILE *
reopen(int fd)
{
	int copy = dup(fd);
	FILE *file;

	if (copy == -1)
		return NULL;
	if (lseek(copy, 0, SEEK_SET) == 0 &&
	    (file = fdopen(copy, "rb")) != NULL)
		return file;
	close(copy);
	return NULL;
}

int
pflowi_other_open(struct pflowi_other **out, int fd, char *text,
    size_t text_len)
{
	char err[PCAP_ERRBUF_SIZE] = "";
	struct pflowi_other *other = malloc(sizeof(*other));
	FILE *file;

	*out = NULL;
	if (other == NULL) {
		snprintf(text, text_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	file = reopen(fd);
	if (file == NULL)
		snprintf(err, sizeof(err), "%s", strerror(errno));
	other->pcap = file == NULL ? NULL
	    : pcap_fopen_offline_with_tstamp_precision(file,
	    PCAP_TSTAMP_PRECISION_NANO, err);
	if (other->pcap == NULL) {
		if (file != NULL)
			fclose(file);
		free(other);
		snprintf(text, text_len, "%s", err);
		return PFLOW_ERR_UNSUPPORTED;
	}
	other->linktype = pflowi_linktype(pcap_datalink(other->pcap));
	*out = other;
	return PFLOW_OK;
}

int
pflowi_other_next(struct pflowi_other *other,
    struct pflowi_capture_frame *frame, char *text, size_t text_len)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int rc = pcap_next_ex(other->pcap, &h, &data);

	if (rc == PCAP_ERROR_BREAK)
		return PFLOW_EOF;
	if (rc != 1) {
		snprintf(text, text_len, "%s", pcap_geterr(other->pcap));
		return PFLOW_ERR_MALFORMED;
	}
	frame->data = data;
	frame->caplen = h->caplen;
	frame->wirelen = h->len;
	frame->linktype = other->linktype;
	frame->time_ns = (uint64_t)h->ts.tv_sec * 1000000000u +
	    (uint64_t)h->ts.tv_usec;
	return PFLOW_OK;
}

void
pflowi_other_close(struct pflowi_other *other)
{
	pcap_close(other->pcap);
	free(other);
}
