/* SPDX-License-Identifier: ISC */
/*
 * Messages back to states, against making them, turn by turn.
 *
 *	bench_decode [-c PASSES]	-c: no clock, for counting instructions
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define STATES 1024u
#define SLOTS 256u
#define PASSES 400u

static struct pflow_now now = { UINT64_C(1000000000000), BENCH_WALL_NS };

struct work {
	struct pflow_exporter ex;
	struct pflow_decoder dec;
	struct pflow_state states[STATES];
	struct pflow_message messages[SLOTS];
	size_t count;
	uint8_t store[4096];
	uint64_t octets;
};

static int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct work *w = arg;

	(void)hdr;
	w->octets += st->octets[0];
	__asm__ volatile("" : : "r"(st) : "memory");
	return 0;
}

/** Make the messages and leave them pending. */
static void
encode(struct work *w)
{
	size_t taken;

	pflow_exporter_ack(&w->ex, SLOTS);
	(void)pflow_exporter_feed_many(&w->ex, w->states, STATES, now, &taken);
	(void)pflow_exporter_flush(&w->ex, now);
}

static void
decode(struct work *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		(void)pflow_decoder_message(&w->dec, w->messages[i].data,
		    w->messages[i].len, take, w);
}

static void
begin(struct work *w, uint16_t version, int ipv6)
{
	struct pflow_exporter_config cfg;
	size_t i, len;
	uint8_t *block;

	pflow_exporter_config_init(&cfg);
	cfg.version = version;
	len = pflow_exporter_block_size(&cfg, SLOTS);
	block = malloc(len);
	if (block == NULL ||
	    pflow_exporter_init(&w->ex, &cfg, block, len, now) != PFLOW_OK)
		abort();
	for (i = 0; i < STATES; i++)
		bench_state(&w->states[i], (uint32_t)i, ipv6);
	pflow_decoder_init(&w->dec, w->store, sizeof(w->store));
	encode(w);
	w->count = pflow_exporter_pending(&w->ex, w->messages, SLOTS);
	decode(w);
	if (w->dec.stats.records != 2 * STATES)
		abort();
}

static void
bench(const char *name, uint16_t version, int ipv6)
{
	static struct work w;
	double made[BENCH_RUNS], read[BENCH_RUNS], a, b;
	unsigned i, j;

	begin(&w, version, ipv6);
	for (i = 0; i < BENCH_RUNS; i++) {
		double t = bench_seconds();

		for (j = 0; j < PASSES; j++)
			encode(&w);
		made[i] = bench_seconds() - t;
		w.count = pflow_exporter_pending(&w.ex, w.messages, SLOTS);
		t = bench_seconds();
		for (j = 0; j < PASSES; j++)
			decode(&w);
		read[i] = bench_seconds() - t;
	}
	a = bench_median(made, BENCH_RUNS) / PASSES / (2 * STATES);
	b = bench_median(read, BENCH_RUNS) / PASSES / (2 * STATES);
	printf("%-24s encode %6.2f ns/record  decode %6.2f ns/record  ratio "
	       "%5.2f\n", name, a * 1e9, b * 1e9, b / a);
	free(w.ex.block);
}

int
main(int argc, char **argv)
{
	static struct work w;

	if (argc == 3 && strcmp(argv[1], "-c") == 0) {
		long passes = strtol(argv[2], NULL, 10);

		begin(&w, 10, 0);
		while (passes-- > 0)
			decode(&w);
		free(w.ex.block);
		return 0;
	}
	bench("v5", 5, 0);
	bench("ipfix 256", 10, 0);
	bench("ipfix 257", 10, 1);
	return 0;
}
