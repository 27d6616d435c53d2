/* SPDX-License-Identifier: ISC */
/* A two-way associative cache of first fragments. */
#include "sources/flow_fragment.h"

#include <string.h>

#include "core/bytes.h"

#define LEARNED                                                                \
	(PFLOWI_HAS_PORTS | PFLOWI_HAS_ICMP | PFLOWI_IS_QUERY | PFLOWI_IS_REPLY)

/** RFC 791: addresses, protocol, identification; RFC 8200: no protocol. */
static void
fragment_key(const struct pflowi_packet *pk, struct pflowi_flow_key *key)
{
	const uint8_t *src = pk->addr[0], *dst = pk->addr[1];
	uint64_t protocol = 0;

	memset(key, 0, sizeof(*key));
	if (pk->af == PFLOW_AF_IPV4) {
		key->word[0] = (uint64_t)pflowi_get_be32(src) << 32 |
		    pflowi_get_be32(dst);
		protocol = pk->protocol;
	} else {
		key->word[0] = pflowi_get_be64(src);
		key->word[1] = pflowi_get_be64(src + 8);
		key->word[2] = pflowi_get_be64(dst);
		key->word[3] = pflowi_get_be64(dst + 8);
	}
	key->word[4] = (uint64_t)pk->fragment_id << 32 |
	    (uint64_t)pk->vlan << 16 | protocol << 8 | pk->af;
}

static size_t
first_way(const struct pflowi_flow_key *key, const uint64_t seed[2])
{
	uint32_t hash = pflowi_flow_hash(key->word, PFLOWI_FLOW_WORDS, seed);

	return hash & (PFLOWI_FRAGMENT_ENTRIES - 1) & ~(size_t)1;
}

void
pflowi_fragment_learn(struct pflowi_fragments *fr,
    const struct pflowi_packet *pk, const uint64_t seed[2])
{
	struct pflowi_flow_key key;
	struct pflowi_fragment *way, *f;

	fragment_key(pk, &key);
	way = &fr->entry[first_way(&key, seed)];
	f = way[1].time_ns < way[0].time_ns ? &way[1] : &way[0];
	if (memcmp(&way[0].key, &key, sizeof(key)) == 0)
		f = &way[0];
	else if (memcmp(&way[1].key, &key, sizeof(key)) == 0)
		f = &way[1];
	f->key = key;
	f->time_ns = pk->time_ns;
	f->port[0] = pk->port[0];
	f->port[1] = pk->port[1];
	f->icmp = pk->icmp;
	f->icmp_id = pk->icmp_id;
	f->facts = pk->facts & LEARNED;
	f->protocol = pk->protocol;
}

bool
pflowi_fragment_complete(const struct pflowi_fragments *fr,
    struct pflowi_packet *pk, const uint64_t seed[2])
{
	struct pflowi_flow_key key;
	const struct pflowi_fragment *f;

	fragment_key(pk, &key);
	f = &fr->entry[first_way(&key, seed)];
	if (memcmp(&f->key, &key, sizeof(key)) != 0)
		f++;
	if (memcmp(&f->key, &key, sizeof(key)) != 0)
		return false;
	if (pk->time_ns > f->time_ns &&
	    pk->time_ns - f->time_ns > PFLOWI_FRAGMENT_LIFE_NS)
		return false;
	pk->port[0] = f->port[0];
	pk->port[1] = f->port[1];
	pk->icmp = f->icmp;
	pk->icmp_id = f->icmp_id;
	pk->facts |= f->facts;
	pk->protocol = f->protocol;
	return true;
}
