/* SPDX-License-Identifier: ISC */
/*
 * From settings to what the libraries take.  What this build or this
 * combination cannot honour is refused here, never ignored.
 */
#ifndef PFLOWI_RESOLVE_H
#define PFLOWI_RESOLVE_H

#include <pflow/exporter.h>
#include <pflow/sources.h>
#include <pflow/transports.h>

#include "programs/common/endpoint.h"
#include "programs/common/fields.h"
#include "programs/common/grammar.h"
#include "programs/common/tap.h"

/** Room for several DEST words. */
#define PFLOWI_DESTS_LEN 2048

/** One dst. */
struct pflowi_to {
	struct pflowi_dest dest;    /**< its port is filled in */
	char word[PFLOWI_DEST_LEN]; /**< normal form */
};

/** Settings of one pflow interface, ready for use. */
struct pflowi_interface {
	struct pflow_exporter_config exporter;   /**< but overhead and nature:
						      the transport knows */
	struct pflowi_fields fields;		 /**< of exporter.fields, if it
						      has a list of its own */
	struct pflow_transport_config transport; /**< texts are borrowed from
						      the settings */
	struct pflowi_to to[PFLOWI_DESTS_MAX];
	size_t count;				 /**< of these; at least 1 */
	enum pflowi_share share;
	const char *spool;			 /**< NULL: none; borrowed */
	uint64_t spool_octets;
	struct pflowi_tap_config tap;		 /**< its path NULL: none */
	char dest_word[PFLOWI_DESTS_LEN];	 /**< all of them, as the words
						      behind dst; cut if it is
						      longer */
};

/** The version that settings ask for, or that their dst have by default. */
unsigned pflowi_settings_version(const struct pflowi_settings *s);

/**
 * @param s    must outlive out->transport
 * @param out  filled in
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE, PFLOW_ERR_UNSUPPORTED
 *         with a problem
 */
int pflowi_interface_resolve(const struct pflowi_settings *s,
    struct pflowi_interface *out, struct pflowi_problem *problem);

/**
 * Settings of a source.
 *
 * @param word  the SOURCE word; its kind decides which settings it takes
 * @return as pflowi_interface_resolve()
 */
int pflowi_source_resolve(const struct pflowi_settings *s, const char *word,
    struct pflow_source_config *out, struct pflowi_problem *problem);

/** Does any dst take datagrams, that a recording must not flood? */
bool pflowi_interface_is_paced(const struct pflowi_interface *in);

/** Messages a second that a recording is sent at, unless `rate` says more: a
 *  collector's socket holds about ninety messages (Linux, 208 KiB). */
#define PFLOWI_RECORDING_RATE 2000

/**
 * The rate in messages a second: `rate` as given; else none, but
 * PFLOWI_RECORDING_RATE for a recording that goes out as datagrams, since
 * nothing else would keep it from coming all at once.
 *
 * @return 0: no limit
 */
uint32_t pflowi_interface_rate(const struct pflowi_settings *s,
    const struct pflowi_interface *in, const char *source_word);

/** "NetFlow v5, engine 42:42" or "IPFIX, domain 42". */
void pflowi_interface_describe(const struct pflowi_interface *in, char *out,
    size_t len);

#endif /* PFLOWI_RESOLVE_H */
