/* SPDX-License-Identifier: ISC */
/*
 * Filter expressions of pcap-filter(7), for any link type a capture may have
 * (pcap_filter.c; pcap_filter_none.c in builds without libpcap).
 */
#ifndef PFLOWI_PCAP_FILTER_H
#define PFLOWI_PCAP_FILTER_H

#include "sources/pcap_reader.h"

struct pflowi_filter;

/**
 * @param out  the filter; NULL on failure
 * @param err  one line that quotes the expression
 * @return PFLOW_OK; PFLOW_ERR_INVALID: no link type can make sense of it;
 *         PFLOW_ERR_UNSUPPORTED: no libpcap; PFLOW_ERR_NOMEM
 */
int pflowi_filter_new(struct pflowi_filter **out, const char *expression,
    char *err, size_t err_len);

/**
 * Does the frame pass? It is compiled for a link type when that is first met.
 *
 * @return 1, 0; PFLOW_ERR_INVALID: the expression has no meaning for this link
 *         type, err says why
 */
int pflowi_filter_match(struct pflowi_filter *filter,
    const struct pflowi_capture_frame *frame, char *err, size_t err_len);

void pflowi_filter_free(struct pflowi_filter *filter);

/** The number in files of what libpcap calls dlt on this system. */
uint32_t pflowi_linktype(int dlt);

#endif /* PFLOWI_PCAP_FILTER_H */
