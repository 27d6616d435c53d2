/* SPDX-License-Identifier: ISC */
/* Filter expressions, compiled by libpcap, one program a link type. */
#include "sources/pcap_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include <pflow/status.h>

#include "core/port.h"
#include "sources/dissect.h"

#define PROGRAMS 16
#define SNAPLEN 262144

struct program {
	uint32_t linktype;
	struct bpf_program code;
};

struct pflowi_filter {
	char *expression;
	unsigned count;
	struct program programs[PROGRAMS];
};

/** Those whose number in files is not that of some system's libpcap. */
static const struct {
	uint32_t linktype;
	int dlt;
} renumbered[] = {
	{ PFLOWI_LINK_RAW, DLT_RAW },
	{ PFLOWI_LINK_LOOP, DLT_LOOP },
	{ PFLOWI_LINK_ENC, DLT_ENC },
};

uint32_t
pflowi_linktype(int dlt)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(renumbered); i++) {
		if (renumbered[i].dlt == dlt)
			return renumbered[i].linktype;
	}
	return (uint32_t)dlt;
}

static int
dlt_of(uint32_t linktype)
{
	size_t i;

	if (linktype == 12 || linktype == 14)
		linktype = PFLOWI_LINK_RAW;
	for (i = 0; i < PFLOWI_ARRAY_LEN(renumbered); i++) {
		if (renumbered[i].linktype == linktype)
			return renumbered[i].dlt;
	}
	return (int)linktype;
}

static int
compile(const char *expression, uint32_t linktype, struct bpf_program *code,
    char *err, size_t err_len)
{
	pcap_t *dead = pcap_open_dead(dlt_of(linktype), SNAPLEN);
	int rc = PFLOW_OK;

	if (dead == NULL) {
		snprintf(err, err_len, "filter \"%s\": out of memory",
		    expression);
		return PFLOW_ERR_NOMEM;
	}
	if (pcap_compile(dead, code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(err, err_len, "filter \"%s\": %s", expression,
		    pcap_geterr(dead));
		rc = PFLOW_ERR_INVALID;
	}
	pcap_close(dead);
	return rc;
}

/** Is there a link type for which the expression means something? */
static int
check(const char *expression, char *err, size_t err_len)
{
	static const uint32_t tried[] = { PFLOWI_LINK_RAW,
		PFLOWI_LINK_LINUX_SLL2, PFLOWI_LINK_PFLOG,
		PFLOWI_LINK_ETHERNET };
	int rc = PFLOW_ERR_INVALID;
	size_t i;

	for (i = 0; rc != PFLOW_OK && i < PFLOWI_ARRAY_LEN(tried); i++) {
		struct bpf_program code;

		rc = compile(expression, tried[i], &code, err, err_len);
		if (rc == PFLOW_OK)
			pcap_freecode(&code);
	}
	return rc;
}

int
pflowi_filter_new(struct pflowi_filter **out, const char *expression,
    char *err, size_t err_len)
{
	struct pflowi_filter *filter;
	int rc;

	*out = NULL;
	rc = check(expression, err, err_len);
	if (rc != PFLOW_OK)
		return rc;
	filter = calloc(1, sizeof(*filter));
	if (filter != NULL)
		filter->expression = strdup(expression);
	if (filter == NULL || filter->expression == NULL) {
		free(filter);
		snprintf(err, err_len, "filter: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	*out = filter;
	return PFLOW_OK;
}

/** The program of a link type; the last place is shared by those too many. */
static const struct bpf_program *
program_of(struct pflowi_filter *filter, uint32_t linktype, char *err,
    size_t err_len)
{
	struct program *p;
	unsigned i;

	for (i = 0; i < filter->count; i++) {
		if (filter->programs[i].linktype == linktype)
			return &filter->programs[i].code;
	}
	if (filter->count == PROGRAMS)
		pcap_freecode(&filter->programs[--filter->count].code);
	p = &filter->programs[filter->count];
	if (compile(filter->expression, linktype, &p->code, err, err_len) !=
	    PFLOW_OK)
		return NULL;
	p->linktype = linktype;
	filter->count++;
	return &p->code;
}

int
pflowi_filter_match(struct pflowi_filter *filter,
    const struct pflowi_capture_frame *frame, char *err, size_t err_len)
{
	struct pcap_pkthdr h;
	const struct bpf_program *code =
	    program_of(filter, frame->linktype, err, err_len);

	if (code == NULL)
		return PFLOW_ERR_INVALID;
	memset(&h, 0, sizeof(h));
	h.caplen = frame->caplen;
	h.len = frame->wirelen;
	return pcap_offline_filter(code, &h, frame->data) != 0;
}

void
pflowi_filter_free(struct pflowi_filter *filter)
{
	unsigned i;

	if (filter == NULL)
		return;
	for (i = 0; i < filter->count; i++)
		pcap_freecode(&filter->programs[i].code);
	free(filter->expression);
	free(filter);
}
