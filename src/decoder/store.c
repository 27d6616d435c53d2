/* SPDX-License-Identifier: ISC */
#include "decoder/store.h"

#define STORE_CHAIN_MAX 16
#define STORE_BUCKETS_MAX 65536u
#define STORE_OCTETS_A_BUCKET 128u

static size_t
first_entry(const struct pflow_decoder *dec)
{
	return 4 * (size_t)dec->store_buckets;
}

static uint32_t
get32(const struct pflow_decoder *dec, size_t at)
{
	return pflowi_get_be32(dec->store + at);
}

static void
put32(struct pflow_decoder *dec, size_t at, size_t v)
{
	pflowi_put_be32(dec->store + at, (uint32_t)v);
}

/** Where the chain of a key begins: the ids of a domain spread evenly. */
static size_t
bucket_of(const struct pflow_decoder *dec, struct pflowi_store_key key)
{
	uint32_t h = key.domain * 2654435761u;

	h = (h >> 16) + key.id + key.version;
	return 4 * (size_t)(h & (dec->store_buckets - 1));
}

static struct pflowi_store_key
key_at(const struct pflow_decoder *dec, size_t at)
{
	const uint8_t *e = dec->store + at;
	struct pflowi_store_key key;

	key.domain = pflowi_get_be32(e + PFLOWI_E_DOMAIN);
	key.id = pflowi_get_be16(e + PFLOWI_E_ID);
	key.version = e[PFLOWI_E_VERSION];
	return key;
}

void
pflowi_store_clear(struct pflow_decoder *dec)
{
	if (dec->store_buckets != 0)
		memset(dec->store, 0, first_entry(dec));
	dec->store_used = first_entry(dec);
	dec->store_waste = 0;
}

void
pflow_decoder_init(struct pflow_decoder *dec, void *store, size_t len)
{
	memset(dec, 0, sizeof(*dec));
	dec->store = store;
	dec->store_len = len < UINT32_MAX ? len : UINT32_MAX;
	if (store != NULL && len >= 4 + PFLOWI_T_LEN + PFLOWI_F_LEN) {
		dec->store_buckets = 1;
		while (dec->store_buckets < STORE_BUCKETS_MAX &&
		    dec->store_buckets < len / (2 * STORE_OCTETS_A_BUCKET))
			dec->store_buckets *= 2;
	}
	pflowi_store_clear(dec);
}

size_t
pflowi_store_find(const struct pflow_decoder *dec, struct pflowi_store_key key)
{
	size_t at;

	if (dec->store_buckets == 0)
		return 0;
	at = get32(dec, bucket_of(dec, key));
	while (at != 0) {
		struct pflowi_store_key k = key_at(dec, at);

		if (k.id == key.id && k.domain == key.domain &&
		    k.version == key.version)
			return at;
		at = get32(dec, at + PFLOWI_E_NEXT);
	}
	return 0;
}

static void
link_entry(struct pflow_decoder *dec, size_t at)
{
	size_t bucket = bucket_of(dec, key_at(dec, at));

	put32(dec, at + PFLOWI_E_NEXT, get32(dec, bucket));
	put32(dec, bucket, at);
}

static void
unlink_entry(struct pflow_decoder *dec, size_t at)
{
	size_t from = bucket_of(dec, key_at(dec, at));

	while (get32(dec, from) != at)
		from = get32(dec, from) + PFLOWI_E_NEXT;
	put32(dec, from, get32(dec, at + PFLOWI_E_NEXT));
}

static unsigned
chain_len(const struct pflow_decoder *dec, struct pflowi_store_key key)
{
	size_t at = get32(dec, bucket_of(dec, key));
	unsigned n = 0;

	for (; at != 0; at = get32(dec, at + PFLOWI_E_NEXT))
		n++;
	return n;
}

/** Move the entries together and chain them anew. */
static void
compact(struct pflow_decoder *dec)
{
	size_t from = first_entry(dec), to = from, end = dec->store_used, size;

	memset(dec->store, 0, first_entry(dec));
	for (; from < end; from += size) {
		size = get32(dec, from + PFLOWI_E_SIZE);
		if (dec->store[from + PFLOWI_E_KIND] == PFLOWI_ENTRY_NONE)
			continue;
		if (to != from)
			memmove(dec->store + to, dec->store + from, size);
		link_entry(dec, to);
		to += size;
	}
	dec->store_used = to;
	dec->store_waste = 0;
}

size_t
pflowi_store_add(struct pflow_decoder *dec, struct pflowi_store_key key,
    enum pflowi_entry_kind kind, size_t size)
{
	uint8_t *e;
	size_t at;

	if (dec->store_buckets == 0 || chain_len(dec, key) >= STORE_CHAIN_MAX)
		return 0;
	if (size > dec->store_len - dec->store_used &&
	    dec->store_waste >= dec->store_len / 4)
		compact(dec);
	if (size > dec->store_len - dec->store_used)
		return 0;
	at = dec->store_used;
	dec->store_used += size;
	e = dec->store + at;
	pflowi_put_be32(e + PFLOWI_E_SIZE, (uint32_t)size);
	pflowi_put_be32(e + PFLOWI_E_DOMAIN, key.domain);
	pflowi_put_be16(e + PFLOWI_E_ID, key.id);
	e[PFLOWI_E_VERSION] = key.version;
	e[PFLOWI_E_KIND] = (uint8_t)kind;
	link_entry(dec, at);
	return at;
}

void
pflowi_store_remove(struct pflow_decoder *dec, size_t at)
{
	size_t size = get32(dec, at + PFLOWI_E_SIZE);

	unlink_entry(dec, at);
	dec->store[at + PFLOWI_E_KIND] = PFLOWI_ENTRY_NONE;
	if (at + size == dec->store_used)
		dec->store_used = at;
	else
		dec->store_waste += size;
}

unsigned
pflowi_store_remove_all(struct pflow_decoder *dec,
    struct pflowi_store_key domain, enum pflowi_entry_kind kind)
{
	size_t at = first_entry(dec), end = dec->store_used, size;
	unsigned removed = 0;

	if (dec->store_buckets == 0)
		return 0;
	for (; at < end; at += size) {
		struct pflowi_store_key key = key_at(dec, at);

		size = get32(dec, at + PFLOWI_E_SIZE);
		if (dec->store[at + PFLOWI_E_KIND] != kind ||
		    key.domain != domain.domain ||
		    key.version != domain.version)
			continue;
		pflowi_store_remove(dec, at);
		removed++;
	}
	/* So that the next time does not step over the same waste. */
	if (dec->store_waste != 0)
		compact(dec);
	return removed;
}
