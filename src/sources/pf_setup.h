/* SPDX-License-Identifier: ISC */
/*
 * What every source of pf's states is made of first: settings, a secret for
 * its hash, the names of interfaces.
 */
#ifndef PFLOWI_PF_SETUP_H
#define PFLOWI_PF_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/sources.h>

#include "sources/pf_ifmap.h"

/** How states are followed. */
struct pflowi_pf_config {
	size_t memory_limit;
	uint64_t active_ns;	/**< 0: nothing before the end */
	bool nat_events;	/**< tell when translated states are made */
	uint64_t key[2];	/**< secret of the hash */
	struct pflowi_pf_ifmap *ifmap; /**< borrowed while states are followed */
};

/** Does not move: cfg.ifmap points into it. */
struct pflowi_pf_setup {
	struct pflowi_pf_config cfg;
	struct pflowi_pf_ifmap ifmap;
	char *map_path; /**< NULL: none */
	const struct pflow_system *system; /**< borrowed; NULL: no help */
};

/**
 * Take the settings; nothing is opened.
 *
 * @param setup  all zero; fini() is to be called whatever is returned
 * @param who    the source in its own words, for the error: "pfsync:PATH"
 * @param least  octets without which the source cannot work
 * @param err    one line if it fails
 * @return PFLOW_OK, PFLOW_ERR_INVALID, PFLOW_ERR_NOMEM, PFLOW_ERR_SYSTEM
 */
int pflowi_pf_setup_init(struct pflowi_pf_setup *setup, const char *who,
    size_t least, const struct pflow_source_config *cfg, char *err,
    size_t err_len);

/**
 * Learn the names of interfaces.
 *
 * @return PFLOW_OK, or as pflowi_pf_ifmap_load()
 */
int pflowi_pf_setup_open(struct pflowi_pf_setup *setup, char *err,
    size_t err_len);

void pflowi_pf_setup_fini(struct pflowi_pf_setup *setup);

/** Tell a counter. */
void pflowi_pf_tell(pflow_counter_fn *fn, void *arg, const char *name,
    const char *help, uint64_t value, enum pflow_counter_kind kind);

/**
 * A recording has no uptime. The machine is taken to have come up 24 days
 * before it begins: in the past for nearly all states, and near enough for
 * the 32 bits of milliseconds that NetFlow v5 counts from there.
 *
 * @param first_ns  when it begins
 * @return when the machine came up
 */
uint64_t pflowi_pf_origin(uint64_t first_ns);

#endif /* PFLOWI_PF_SETUP_H */
