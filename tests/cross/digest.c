/* SPDX-License-Identifier: ISC */
/*
 * The same states, clocks and refusals through every kind of exporter, and
 * what comes out through the decoder: one line each, with a hash of all
 * messages, of all that was decoded and of all counters. A machine of any
 * byte order and word size prints the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/pflow.h>

#define STEPS 4000u
#define SLOTS 12u

/** FNV-1a, 64 bits. */
struct hash {
	uint64_t v;
};

static void
hash_octets(struct hash *h, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n-- > 0) {
		h->v ^= *p++;
		h->v *= UINT64_C(0x100000001b3);
	}
}

static void
hash_number(struct hash *h, uint64_t v)
{
	uint8_t p[8];

	pflow_wire_set_u64(p, v);
	hash_octets(h, p, sizeof(p));
}

/** splitmix64: the same numbers everywhere. */
static uint64_t
next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t
below(uint64_t *seed, uint64_t n)
{
	return next(seed) % n;
}

/** Mostly small, sometimes over 32 bits, sometimes nothing. */
static uint64_t
counter(uint64_t *seed)
{
	switch (below(seed, 12)) {
	case 0:
		return 0;
	case 1:
		return next(seed) >> 30;
	default:
		return below(seed, 100000) + 1;
	}
}

static void
random_key(uint64_t *seed, struct pflow_key *key)
{
	unsigned i, len = key->af == PFLOW_AF_IPV4 ? 4 : 16;

	for (i = 0; i < len; i++) {
		key->addr[0][i] = (uint8_t)next(seed);
		key->addr[1][i] = (uint8_t)next(seed);
	}
	key->port[0] = (uint16_t)next(seed);
	key->port[1] = (uint16_t)next(seed);
}

static void
random_state(uint64_t *seed, struct pflow_state *st, struct pflow_now now)
{
	static const uint8_t protocols[] = { 6, 17, 1, 58, 132, 47 };
	static const uint8_t zero[16];
	uint8_t af = below(seed, 4) == 0 ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4;
	unsigned i;

	pflow_state_init(st);
	(void)pflow_state_set_key(st, af, zero, 0, zero, 0);
	random_key(seed, &st->key[0]);
	st->key[1] = st->key[0];
	if (below(seed, 4) == 0) {
		random_key(seed, &st->key[1]);
		st->flags |= PFLOW_STATE_TRANSLATED;
	}
	if (below(seed, 16) == 0)
		st->flags |= PFLOW_STATE_CREATED;
	if (below(seed, 16) == 0)
		st->flags &= ~PFLOW_STATE_EXPORT;
	for (i = 0; i < 2; i++) {
		st->packets[i] = counter(seed);
		st->octets[i] = counter(seed);
		st->ifindex[i] = (uint32_t)next(seed);
		st->icmp[i] = (uint16_t)next(seed);
		st->tcp_flags[i] = (uint16_t)next(seed);
	}
	/* Some of them in the future, some before the machine came up. */
	st->start_ns = now.wall_ns - next(seed) % (now.mono_ns * 2);
	st->last_ns = st->start_ns + next(seed) % 100000000000u;
	st->flow_id = next(seed);
	/* What a source knows it knows of nearly all its states. */
	st->present = below(seed, 64) == 0 ? 0 : 0x3ff;
	st->rule = (uint32_t)next(seed);
	st->vlan = (uint16_t)below(seed, 4096);
	st->protocol = protocols[below(seed, sizeof(protocols))];
	st->tos = (uint8_t)next(seed);
	st->direction = (uint8_t)below(seed, 3);
	st->end_reason = (uint8_t)below(seed, 6);
}

struct run {
	struct pflow_exporter ex;
	struct pflow_decoder dec;
	struct hash sent, decoded, counted;
	unsigned long messages, flows;
};

static int
take_flow(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct run *r = arg;
	struct hash *h = &r->decoded;
	unsigned i;

	r->flows++;
	hash_number(h, hdr->sequence);
	hash_number(h, hdr->export_ns);
	for (i = 0; i < 2; i++) {
		hash_octets(h, st->key[i].addr, sizeof(st->key[i].addr));
		hash_number(h, st->key[i].port[0]);
		hash_number(h, st->key[i].port[1]);
		hash_number(h, st->key[i].af);
		hash_number(h, st->packets[i]);
		hash_number(h, st->octets[i]);
		hash_number(h, st->ifindex[i]);
		hash_number(h, st->icmp[i]);
		hash_number(h, st->tcp_flags[i]);
	}
	hash_number(h, st->start_ns);
	hash_number(h, st->last_ns);
	hash_number(h, st->flow_id);
	hash_number(h, st->present);
	hash_number(h, st->flags);
	hash_number(h, st->vlan);
	hash_number(h, st->protocol);
	hash_number(h, st->tos);
	hash_number(h, st->end_reason);
	return 0;
}

static void
take_counter(void *arg, const struct pflow_counter *c)
{
	struct hash *h = arg;

	hash_octets(h, c->name, strlen(c->name));
	hash_number(h, c->value);
}

/** Send up to `max` messages. */
static void
send_some(struct run *r, size_t max)
{
	struct pflow_message msgs[SLOTS];
	size_t i, n = pflow_exporter_pending(&r->ex, msgs, max);

	for (i = 0; i < n; i++) {
		hash_number(&r->sent, msgs[i].len);
		hash_number(&r->sent, msgs[i].records);
		hash_octets(&r->sent, msgs[i].data, msgs[i].len);
		hash_number(&r->decoded, (uint64_t)(int64_t)
		    pflow_decoder_message(&r->dec, msgs[i].data, msgs[i].len,
		    take_flow, r));
		r->messages++;
	}
	pflow_exporter_ack(&r->ex, n);
}

/** Seconds pass; now and then something out of the ordinary happens. */
static void
step(struct run *r, uint64_t *seed, struct pflow_now *now)
{
	struct pflow_state st;
	uint64_t ns = below(seed, 3000000000u);

	now->mono_ns += ns;
	now->wall_ns += ns;
	switch (below(seed, 200)) {
	case 0:
		now->wall_ns -= below(seed, 100000000000u); /* clock set */
		break;
	case 1:
		pflow_exporter_session_restart(&r->ex, *now);
		break;
	case 2:
		pflow_exporter_refresh(&r->ex);
		break;
	case 3:
		pflow_exporter_discard(&r->ex, 1);
		break;
	case 4:
		(void)pflow_exporter_flush(&r->ex, *now);
		break;
	default:
		break;
	}
	random_state(seed, &st, *now);
	while (pflow_exporter_feed(&r->ex, &st, *now) == PFLOW_ERR_AGAIN)
		send_some(r, 2);
	if (pflow_exporter_deadline(&r->ex) <= now->mono_ns)
		hash_number(&r->sent, (uint64_t)(int64_t)
		    pflow_exporter_tick(&r->ex, *now));
	if (below(seed, 3) == 0)
		send_some(r, SLOTS);
}

static void
run(const char *name, const struct pflow_exporter_config *cfg)
{
	static struct run r;
	static uint8_t store[1 << 18];
	uint64_t seed = 20231114;
	struct pflow_now now = { UINT64_C(5000000000000),
		UINT64_C(1700000000123456789) };
	size_t len = pflow_exporter_block_size(cfg, SLOTS);
	uint8_t *block = malloc(len + 1);
	unsigned i;
	int rc;

	memset(&r, 0, sizeof(r));
	r.sent.v = r.decoded.v = r.counted.v = UINT64_C(0xcbf29ce484222325);
	if (block == NULL)
		abort();
	pflow_decoder_init(&r.dec, store, sizeof(store));
	/* An odd address: alignment is nobody's promise. */
	rc = pflow_exporter_init(&r.ex, cfg, block + 1, len, now);
	if (len == 0 || rc != PFLOW_OK) {
		printf("%s: %s\n", name, pflow_status_name(rc));
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < STEPS; i++)
		step(&r, &seed, &now);
	(void)pflow_exporter_flush(&r.ex, now);
	send_some(&r, SLOTS);
	pflow_exporter_counters(&r.ex, take_counter, &r.counted);
	pflow_decoder_counters(&r.dec, take_counter, &r.counted);
	printf("%-14s %5lu messages %016llx %6lu flows %016llx counters %016llx\n",
	    name, r.messages, (unsigned long long)r.sent.v, r.flows,
	    (unsigned long long)r.decoded.v, (unsigned long long)r.counted.v);
	free(block);
}

int
main(void)
{
	static const struct pflow_interface names[] = { { 1, "lo" },
		{ 7, "eth0" } };
	struct pflow_exporter_config cfg, plain;

	pflow_exporter_config_init(&plain);
	cfg = plain;
	run("v5", &cfg);
	cfg.mtu = 500;
	cfg.sampling = 0x4001;
	run("v5-small", &cfg);
	cfg = plain;
	cfg.version = 9;
	run("v9", &cfg);
	cfg.fields = pflow_template_named("extended-v9", &cfg.field_count);
	cfg.nat_events = 1;
	run("v9-extended", &cfg);
	cfg = plain;
	cfg.version = 10;
	run("ipfix", &cfg);
	cfg.nature = PFLOW_TRANSPORT_STREAM;
	cfg.overhead = 0;
	cfg.nat_events = 1;
	run("ipfix-nat", &cfg);
	cfg = plain;
	cfg.version = 10;
	cfg.mtu = 600;
	cfg.fields = pflow_template_named("extended", &cfg.field_count);
	cfg.options = 1;
	cfg.process_id = 77;
	cfg.interfaces = names;
	cfg.interface_count = 2;
	run("ipfix-extended", &cfg);
	cfg.biflow = PFLOW_BIFLOW_FULL;
	run("ipfix-biflow", &cfg);
	return EXIT_SUCCESS;
}
