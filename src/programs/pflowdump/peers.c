/* SPDX-License-Identifier: ISC */
#include "programs/pflowdump/peers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Templates of one exporter: dozens of them, in a few domains. */
#define STORE_LEN ((size_t)16 << 10)

void
pflowdump_address_text(char *out, size_t len, uint8_t af, const uint8_t *addr,
    unsigned port)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(af == PFLOW_AF_IPV6 ? AF_INET6 : AF_INET, addr, text,
	    sizeof(text)) == NULL)
		(void)snprintf(text, sizeof(text), "?");
	(void)snprintf(out, len, af == PFLOW_AF_IPV6 ? "[%s]:%u" : "%s:%u",
	    text, port);
}

static void
add_stats(struct pflow_decoder_stats *sum, const struct pflow_decoder_stats *s)
{
#define ADD(name, kind, help) sum->name += s->name;
	PFLOW_DECODER_COUNTER_LIST(ADD)
#undef ADD
}

static size_t
longest_silent(const struct pflowdump_peers *p)
{
	size_t i, found = 0;

	for (i = 1; i < p->count; i++)
		if (p->all[i]->heard < p->all[found]->heard)
			found = i;
	return found;
}

/** A peer that may be taken: a fresh one, or one that is forgotten. */
static struct pflowdump_peer *
take(struct pflowdump_peers *p)
{
	struct pflowdump_peer *peer;

	if (p->count == PFLOWDUMP_PEERS_MAX) {
		p->last = longest_silent(p);
		peer = p->all[p->last];
		add_stats(&p->gone, &peer->decoder.stats);
		p->forgotten++;
		return peer;
	}
	peer = calloc(1, sizeof(*peer));
	if (peer != NULL)
		peer->store = malloc(STORE_LEN);
	if (peer == NULL || peer->store == NULL) {
		free(peer);
		return NULL;
	}
	p->last = p->count;
	p->all[p->count++] = peer;
	return peer;
}

static struct pflowdump_peer *
find(struct pflowdump_peers *p, const struct pflowdump_ends *ends)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		size_t at = (p->last + i) % p->count;

		if (memcmp(&p->all[at]->ends, ends, sizeof(*ends)) == 0) {
			p->last = at;
			return p->all[at];
		}
	}
	return NULL;
}

struct pflowdump_peer *
pflowdump_peers_find(struct pflowdump_peers *p,
    const struct pflowdump_ends *ends)
{
	struct pflowdump_peer *peer = find(p, ends);

	if (peer == NULL) {
		peer = take(p);
		if (peer == NULL)
			return NULL;
		peer->ends = *ends;
		peer->text[0] = '\0';
		if (ends->af != 0)
			pflowdump_address_text(peer->text, sizeof(peer->text),
			    ends->af, ends->addr[0], ends->port[0]);
		pflow_decoder_init(&peer->decoder, peer->store, STORE_LEN);
	}
	peer->heard = ++p->turn;
	return peer;
}

void
pflowdump_peers_sum(const struct pflowdump_peers *p,
    struct pflow_decoder_stats *sum)
{
	size_t i;

	*sum = p->gone;
	for (i = 0; i < p->count; i++)
		add_stats(sum, &p->all[i]->decoder.stats);
}

void
pflowdump_peers_fini(struct pflowdump_peers *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->all[i]->store);
		free(p->all[i]);
	}
	p->count = 0;
}
