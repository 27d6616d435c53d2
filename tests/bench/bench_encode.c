/* SPDX-License-Identifier: ISC */
/*
 * States to sealed messages, against memcpy of the same number of output
 * octets (hot), and against a read sweep over the same states (memory).
 *
 *	bench_encode
 *	bench_encode -c KIND PASSES	no clock, for counting instructions;
 *					KIND: v5, flow4, flow6, v9, extended
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define HOT 1024u
#define COLD (1u << 20)
#define SLOTS 64u

static struct pflow_now now = { UINT64_C(1000000000000), BENCH_WALL_NS };
static volatile uint64_t sink;

struct work {
	struct pflow_exporter ex;
	uint8_t *block;
	const struct pflow_state *states;
	size_t count;
};

static uint64_t
export_all(struct work *w)
{
	uint64_t before = w->ex.stats.message_octets;
	size_t at = 0, taken;

	while (at < w->count) {
		(void)pflow_exporter_feed_many(&w->ex, w->states + at,
		    w->count - at, now, &taken);
		at += taken;
		pflow_exporter_ack(&w->ex, SLOTS);
	}
	(void)pflow_exporter_flush(&w->ex, now);
	pflow_exporter_ack(&w->ex, SLOTS);
	return w->ex.stats.message_octets - before;
}

static void
copy(uint8_t *to, const uint8_t *from, size_t len, size_t window)
{
	size_t at;

	for (at = 0; at < len; at += window) {
		memcpy(to, from, window < len - at ? window : len - at);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
}

static void
sweep(const struct pflow_state *states, size_t count)
{
	const uint64_t *p = (const void *)states;
	size_t i, n = count * sizeof(*states) / sizeof(*p);
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (i = 0; i + 4 <= n; i += 4) {
		a += p[i];
		b += p[i + 1];
		c += p[i + 2];
		d += p[i + 3];
	}
	sink += a + b + c + d;
}

static void
begin(struct work *w, uint16_t version, const char *list,
    struct pflow_state *states, size_t count, int ipv6)
{
	struct pflow_exporter_config cfg;
	size_t i, len;

	pflow_exporter_config_init(&cfg);
	cfg.version = version;
	if (list != NULL)
		cfg.fields = pflow_template_named(list, &cfg.field_count);
	len = pflow_exporter_block_size(&cfg, SLOTS);
	w->block = malloc(len);
	if (w->block == NULL ||
	    pflow_exporter_init(&w->ex, &cfg, w->block, len, now) != PFLOW_OK)
		abort();
	w->states = states;
	w->count = count;
	for (i = 0; i < count; i++)
		bench_state(&states[i], (uint32_t)i, ipv6);
}

static void
bench(const char *name, uint16_t version, const char *list, int ipv6,
    struct pflow_state *states, size_t count, unsigned passes, uint8_t *from,
    uint8_t *to)
{
	double ours[BENCH_RUNS], theirs[BENCH_RUNS], a, b;
	struct work w;
	uint64_t octets = 0;
	unsigned i, j;

	begin(&w, version, list, states, count, ipv6);
	for (i = 0; i < BENCH_RUNS; i++) {
		double t = bench_seconds();

		for (j = 0; j < passes; j++)
			octets = export_all(&w);
		ours[i] = bench_seconds() - t;
		t = bench_seconds();
		for (j = 0; j < passes; j++) {
			if (count == HOT)
				copy(to, from, (size_t)octets, SLOTS * 1472);
			else
				sweep(states, count);
		}
		theirs[i] = bench_seconds() - t;
	}
	a = bench_median(ours, BENCH_RUNS) / passes;
	b = bench_median(theirs, BENCH_RUNS) / passes;
	printf("%-24s %8.2f ns/record %7.2f GB/s  %s %8.2f ns/record  ratio "
	       "%5.2f\n", name, a / (double)count / 2 * 1e9,
	    (double)octets / a * 1e-9,
	    count == HOT ? "memcpy" : "sweep ", b / (double)count / 2 * 1e9,
	    a / b);
	free(w.block);
}

/** Passes over the hot states and nothing else. */
static int
count_one(const char *kind, long passes, struct pflow_state *states)
{
	static const struct {
		const char *kind;
		uint16_t version;
		const char *list;
		int ipv6;
	} kinds[] = { { "v5", 5, NULL, 0 }, { "flow4", 10, NULL, 0 },
		{ "flow6", 10, NULL, 1 }, { "v9", 9, NULL, 0 },
		{ "extended", 10, "extended", 0 } };
	struct work w;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		begin(&w, kinds[i].version, kinds[i].list, states, HOT,
		    kinds[i].ipv6);
		while (passes-- > 0)
			(void)export_all(&w);
		printf("%u\n", 2 * HOT);
		return 0;
	}
	return 2;
}

int
main(int argc, char **argv)
{
	struct pflow_state *states = malloc(COLD * sizeof(*states));
	uint8_t *from = malloc(1 << 20), *to = malloc(1 << 20);

	if (states == NULL || from == NULL || to == NULL)
		return 1;
	memset(from, 1, 1 << 20);
	memset(to, 2, 1 << 20);
	if (argc == 4 && strcmp(argv[1], "-c") == 0)
		return count_one(argv[2], strtol(argv[3], NULL, 10), states);
	bench("v5, hot", 5, NULL, 0, states, HOT, 400, from, to);
	bench("ipfix 256, hot", 10, NULL, 0, states, HOT, 400, from, to);
	bench("ipfix 257, hot", 10, NULL, 1, states, HOT, 400, from, to);
	bench("v9, hot", 9, NULL, 0, states, HOT, 400, from, to);
	bench("extended, hot", 10, "extended", 0, states, HOT, 400, from, to);
	bench("custom, hot", 10, "standard", 0, states, HOT, 400, from, to);
	bench("v5, memory", 5, NULL, 0, states, COLD, 1, from, to);
	bench("ipfix 256, memory", 10, NULL, 0, states, COLD, 1, from, to);
	bench("ipfix 257, memory", 10, NULL, 1, states, COLD, 1, from, to);
	return 0;
}
