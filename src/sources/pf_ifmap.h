/* SPDX-License-Identifier: ISC */
/*
 * From the names of interfaces to their indexes: what a file says, then what
 * this machine has. Read once; looked up without a system call.
 */
#ifndef PFLOWI_PF_IFMAP_H
#define PFLOWI_PF_IFMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/source.h>

#include "sources/pf_state.h"
#include "sources/system.h"

struct pflowi_pf_ifname {
	char name[PFLOWI_PF_IFNAME_LEN]; /**< padded with NUL */
	uint32_t index;
	bool given; /**< a file said so */
};

struct pflowi_pf_ifmap {
	struct pflowi_pf_ifname *names; /**< sorted */
	size_t count;
	size_t room;
	bool recent;	   /**< the last answer, for it is asked again and again */
	uint32_t recent_index;
	char recent_name[PFLOWI_PF_IFNAME_LEN];
};

/** An empty map. */
void pflowi_pf_ifmap_init(struct pflowi_pf_ifmap *map);

void pflowi_pf_ifmap_fini(struct pflowi_pf_ifmap *map);

/**
 * Add the "NAME INDEX" lines of a file; # begins a comment.
 *
 * @param err  one line with file and line if it fails
 * @return PFLOW_OK, PFLOW_ERR_SYSTEM, PFLOW_ERR_INVALID, PFLOW_ERR_NOMEM
 */
int pflowi_pf_ifmap_load(struct pflowi_pf_ifmap *map, const char *path,
    const struct pflow_system *sys,
    char *err, size_t err_len);

/**
 * Add the interfaces this machine has now. What a file said stays; what this
 * said before is brought up to date.
 */
void pflowi_pf_ifmap_local(struct pflowi_pf_ifmap *map);

/** Tell all names. */
void pflowi_pf_ifmap_tell(const struct pflowi_pf_ifmap *map,
    pflow_interface_fn *fn, void *arg);

/** The index of a name; 0: unknown. */
uint32_t pflowi_pf_ifmap_index(const struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN]);

/** The same, faster for the same name again. */
uint32_t pflowi_pf_ifmap_find(struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN]);

/**
 * Set the interfaces of a state from the names its source gave.
 *
 * pf says where a state was made: the side a packet came in by for an inbound
 * one, the side it left by for an outbound one. The other side is not known.
 * "all" (a floating state) is no name; then the original interface counts.
 *
 * @return false: there was a name, and nobody knows it
 */
bool pflowi_pf_ifmap_apply(struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN],
    const char original[PFLOWI_PF_IFNAME_LEN], struct pflow_state *st);

#endif /* PFLOWI_PF_IFMAP_H */
