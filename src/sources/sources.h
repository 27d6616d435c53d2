/* SPDX-License-Identifier: ISC */
/* What the sources share inside the room. */
#ifndef PFLOWI_SOURCES_H
#define PFLOWI_SOURCES_H

#include <pflow/sources.h>

/** Every kind, in the order it is printed: K(symbol). */
#define PFLOWI_SOURCE_KINDS(K)                                                 \
	K(pcap)                                                                \
	K(pcap_live)                                                           \
	K(pfsync)                                                              \
	K(pfsync_live)                                                         \
	K(pf)                                                                  \
	K(conntrack)

#define PFLOWI_SOURCE_DECLARE(symbol)                                          \
	extern const struct pflow_source_kind pflowi_source_##symbol;
PFLOWI_SOURCE_KINDS(PFLOWI_SOURCE_DECLARE)
#undef PFLOWI_SOURCE_DECLARE

/**
 * What create() of a kind that is not in this build answers: one line with the
 * kind, why, and the kinds that are there.
 *
 * @return PFLOW_ERR_UNSUPPORTED
 */
int pflowi_source_refuse(const struct pflow_source_kind *kind, const char *why,
    char *err, size_t err_len);

#endif /* PFLOWI_SOURCES_H */
