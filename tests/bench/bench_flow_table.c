/* SPDX-License-Identifier: ISC */
/*
 * The flow table alone: what a packet costs that begins a flow, that meets a
 * flow drawn at random, and what a flow costs that ends by its idle timeout,
 * from ten thousand to ten million flows; and octets a flow.
 *
 *	bench_flow_table [MAX_FLOWS]	default 10000000
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "sources/flow_entry.h"

#define CHUNK 64u
#define HITS (1u << 22)
#define SEC UINT64_C(1000000000)
#define IDLE_NS (15 * SEC)

static struct pflowi_flow_table ft;
static uint64_t states;
static uint64_t seed = 88172645463325252u;

static uint32_t
next_random(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * below >> 32);
}

/** A UDP packet of the flow of that number: no two have the same addresses. */
static void
fill(struct pflowi_packet *pk, uint32_t flow, uint64_t time_ns)
{
	memset(pk, 0, sizeof(*pk));
	pflow_wire_set_u32(pk->addr[0], 0x0a000000 + flow);
	pflow_wire_set_u32(pk->addr[1], 0xc6336401 + flow % 50);
	pk->time_ns = time_ns;
	pk->octets = 300;
	pk->port[0] = (uint16_t)(1024 + flow % 60000);
	pk->port[1] = 53;
	pk->af = PFLOW_AF_IPV4;
	pk->protocol = 17;
	pk->facts = PFLOWI_HAS_PORTS;
}

static void
take_all(void)
{
	size_t n;

	(void)pflowi_flow_table_ready(&ft, &n);
	states += n;
	pflowi_flow_table_taken(&ft, n);
}

/** Seconds in the table for `count` packets, in order or drawn. */
static double
add(uint32_t count, uint32_t flows, int drawn, uint64_t time_ns)
{
	struct pflowi_packet pk[CHUNK];
	double spent = 0;
	uint32_t i, j;

	for (i = 0; i < count; i += CHUNK) {
		uint32_t n = count - i < CHUNK ? count - i : CHUNK;
		uint32_t at = 0;
		double t;

		for (j = 0; j < n; j++)
			fill(&pk[j], drawn ? next_random(flows) : i + j,
			    time_ns);
		t = bench_seconds();
		while ((at += (uint32_t)pflowi_flow_table_add(&ft, pk + at,
			    n - at)) < n)
			take_all();
		spent += bench_seconds() - t;
	}
	return spent;
}

/** Seconds until all flows have ended, and the longest single call. */
static double
expire(uint64_t now_ns, double *longest)
{
	double t = bench_seconds(), last = t, end;
	bool done;

	*longest = 0;
	do {
		done = pflowi_flow_table_advance(&ft, now_ns);
		take_all();
		end = bench_seconds();
		if (end - last > *longest)
			*longest = end - last;
		last = end;
	} while (!done);
	return end - t;
}

/** Octets of entries and index for so many flows. */
static double
octets_a_flow(uint32_t flows)
{
	return sizeof(struct pflowi_flow) + sizeof(struct pflowi_flow_cold) +
	    (double)ft.index.count * sizeof(struct pflowi_flow_bucket) / flows;
}

static void
measure(uint32_t flows)
{
	struct pflowi_flow_config cfg = {
		.idle_ns = IDLE_NS,
		.memory_limit = (size_t)flows * 160 + (1u << 20),
		.seed = { 1, 2 },
	};
	uint64_t now = BENCH_WALL_NS;
	double insert, hit, end, octets, longest;

	if (pflowi_flow_table_init(&ft, &cfg) != PFLOW_OK)
		abort();
	states = 0;
	insert = add(flows, flows, 0, now);
	octets = octets_a_flow(flows);
	hit = add(HITS, flows, 1, now + SEC);
	end = expire(now + SEC + 2 * IDLE_NS, &longest);
	if (states != flows || ft.stats.created != flows || ft.live != 0)
		abort();
	printf("%9u flows   insert %7.1f ns   hit %7.1f ns   expire %7.1f ns"
	       "   longest call %7.1f us   %6.1f octets a flow\n", flows,
	    insert / flows * 1e9, hit / HITS * 1e9, end / flows * 1e9,
	    longest * 1e6, octets);
	fflush(stdout);
	pflowi_flow_table_fini(&ft);
}

int
main(int argc, char **argv)
{
	uint32_t most = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10)
				 : 10000000u;
	uint32_t flows;

	for (flows = 10000; flows <= most; flows *= 10)
		measure(flows);
	return 0;
}
