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

/** Settings of one pflow interface, ready for use. */
struct pflowi_interface {
	struct pflow_exporter_config exporter;   /**< but overhead and nature:
						      the transport knows */
	struct pflowi_fields fields;		 /**< of exporter.fields, if it
						      has a list of its own */
	struct pflow_transport_config transport; /**< texts are borrowed from
						      the settings */
	struct pflowi_dest dest;		 /**< its port is filled in */
	char dest_word[PFLOWI_DEST_LEN];	 /**< normal form */
};

/**
 * @param s    must outlive out->transport
 * @param out  filled in
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE, PFLOW_ERR_UNSUPPORTED
 *         with a problem
 */
int pflowi_interface_resolve(const struct pflowi_settings *s,
    struct pflowi_interface *out, struct pflowi_problem *problem);

/**
 * Make the transport, and the tap around it if one is wanted. The tap's files
 * are opened here.
 *
 * @return PFLOW_OK, or a negative status with err
 */
int pflowi_interface_transport(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflow_transport **out, char *err,
    size_t err_len);

/**
 * Settings of a source.
 *
 * @param word  the SOURCE word; its kind decides which settings it takes
 * @return as pflowi_interface_resolve()
 */
int pflowi_source_resolve(const struct pflowi_settings *s, const char *word,
    struct pflow_source_config *out, struct pflowi_problem *problem);

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
