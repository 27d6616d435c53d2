/* SPDX-License-Identifier: ISC */
#include "sources/conntrack_iface.h"

#include <string.h>

#include "core/bytes.h"
#include "core/state.h"
#include "core/time.h"

/** Where an address may be. It takes the seed of the tables to aim. */
static size_t
slot_of(const uint64_t seed[2], uint8_t af, const uint8_t addr[16])
{
	uint64_t x = seed[0] ^ af;

	x = (x ^ pflowi_get_le64(addr)) * UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 32 ^ pflowi_get_le64(addr + 8)) *
	    (seed[1] | UINT64_C(1));
	return (size_t)(x >> 40) & (PFLOWI_CT_ROUTES - 1);
}

PFLOW_STATIC_ASSERT(PFLOWI_CT_IFNAME == PFLOWI_PF_IFNAME_LEN,
    "names of interfaces differ in length");

/** fe80::/10 is on every link: no route says on which. */
static bool
is_link_local(uint8_t af, const uint8_t *addr)
{
	return af == PFLOW_AF_IPV6 && addr[0] == 0xfe &&
	    (addr[1] & 0xc0) == 0x80;
}

static uint32_t
look_up(struct pflowi_ct_routes *routes, struct pflowi_ct_link *link,
    uint8_t af, const uint8_t *addr)
{
	char name[PFLOWI_CT_IFNAME];
	uint32_t index, given;

	if (is_link_local(af, addr))
		return 0;
	index = link->ops->route(link, af, addr);
	if (index == 0 || routes->map.count == 0)
		return index;
	link->ops->name(link, index, name);
	given = pflowi_pf_ifmap_find(&routes->map, name);
	return given == 0 ? index : given;
}

static uint32_t
interface_of(struct pflowi_ct_routes *routes, struct pflowi_ct_link *link,
    struct pflow_now now, uint8_t af, const uint8_t addr[16])
{
	size_t i = slot_of(link->seed, af, addr);

	if (now.mono_ns < routes->slots[i].until_ns &&
	    routes->slots[i].af == af &&
	    memcmp(routes->slots[i].addr, addr, 16) == 0)
		return routes->slots[i].ifindex;
	routes->slots[i].ifindex = look_up(routes, link, af, addr);
	routes->slots[i].until_ns = pflowi_time_add(now.mono_ns,
	    (uint64_t)PFLOWI_CT_ROUTE_S * PFLOWI_NS_PER_SEC);
	routes->slots[i].af = af;
	memcpy(routes->slots[i].addr, addr, 16);
	return routes->slots[i].ifindex;
}

void
pflowi_ct_tell_interfaces(const struct pflowi_ct_routes *routes,
    pflow_interface_fn *fn, void *arg)
{
	struct pflowi_pf_ifmap all;
	size_t i;

	pflowi_pf_ifmap_init(&all);
	pflowi_pf_ifmap_local(&all);
	for (i = 0; i < all.count; i++) {
		uint32_t given = pflowi_pf_ifmap_index(&routes->map,
		    all.names[i].name);

		fn(arg, given != 0 ? given : all.names[i].index,
		    all.names[i].name);
	}
	pflowi_pf_ifmap_fini(&all);
}

void
pflowi_ct_set_interfaces(struct pflowi_ct_routes *routes,
    struct pflowi_ct_link *link, struct pflow_now now, struct pflow_state *st)
{
	const struct pflow_key *pre = pflowi_state_pre(st);
	const struct pflow_key *post = pflowi_state_post(st);

	st->ifindex[0] = interface_of(routes, link, now, pre->af,
	    pre->addr[0]);
	st->ifindex[1] = interface_of(routes, link, now, post->af,
	    post->addr[1]);
	st->present |= PFLOW_HAS_IFINDEX;
}
