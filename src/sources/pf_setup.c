/* SPDX-License-Identifier: ISC */
#include "sources/pf_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_account.h"

#define UPTIME_NS (UINT64_C(24) * 86400 * PFLOWI_NS_PER_SEC)

int
pflowi_pf_setup_init(struct pflowi_pf_setup *setup, const char *who,
    size_t least, const struct pflow_source_config *cfg, char *err,
    size_t err_len)
{
	int rc;

	pflowi_pf_ifmap_init(&setup->ifmap);
	if (cfg->memory_limit < least) {
		snprintf(err, err_len,
		    "%s: a memory limit of %zu octets is too small, expected "
		    "%zu or more", who, cfg->memory_limit, least);
		return PFLOW_ERR_INVALID;
	}
	if (cfg->interface_map != NULL &&
	    (setup->map_path = strdup(cfg->interface_map)) == NULL) {
		snprintf(err, err_len, "%s: out of memory", who);
		return PFLOW_ERR_NOMEM;
	}
	setup->system = cfg->system;
	setup->cfg.memory_limit = cfg->memory_limit;
	setup->cfg.active_ns = cfg->active_ns;
	setup->cfg.nat_events = cfg->nat_events;
	setup->cfg.ifmap = &setup->ifmap;
	rc = pflowi_seed(setup->cfg.key, sizeof(setup->cfg.key));
	if (rc != PFLOW_OK)
		snprintf(err, err_len, "%s: the system gives no random octets",
		    who);
	return rc;
}

int
pflowi_pf_setup_open(struct pflowi_pf_setup *setup, char *err, size_t err_len)
{
	int rc = PFLOW_OK;

	if (setup->map_path != NULL)
		rc = pflowi_pf_ifmap_load(&setup->ifmap, setup->map_path,
		    setup->system, err, err_len);
	if (rc == PFLOW_OK)
		pflowi_pf_ifmap_local(&setup->ifmap);
	return rc;
}

void
pflowi_pf_setup_fini(struct pflowi_pf_setup *setup)
{
	pflowi_pf_ifmap_fini(&setup->ifmap);
	free(setup->map_path);
	setup->map_path = NULL;
}

void
pflowi_pf_tell(pflow_counter_fn *fn, void *arg, const char *name,
    const char *help, uint64_t value, enum pflow_counter_kind kind)
{
	struct pflow_counter c = { name, help, value, kind };

	fn(arg, &c);
}

uint64_t
pflowi_pf_origin(uint64_t first_ns)
{
	return pflowi_time_sub(first_ns, UPTIME_NS);
}
