/* SPDX-License-Identifier: ISC */
/*
 * What the benches share: a clock, medians of alternating runs, states.
 * A figure is a ratio of two medians that were taken turn by turn in one run.
 */
#ifndef PFLOW_BENCH_H
#define PFLOW_BENCH_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <pflow/pflow.h>

#define BENCH_RUNS 15
#define BENCH_WALL_NS UINT64_C(1700000000000000000)

static inline double
bench_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double
bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), bench_compare);
	return values[n / 2];
}

/** The i-th of many states that differ from each other; two-way TCP. */
static inline void
bench_state(struct pflow_state *st, uint32_t i, int ipv6)
{
	uint8_t src[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint8_t dst[16] = { 0x20, 0x01, 0x0d, 0xb8, 1 };
	uint8_t *tail = ipv6 ? src + 12 : src;

	pflow_state_init(st);
	pflow_wire_set_u32(tail, 0x0a000000 + i * 2654435761u % 0xffffff);
	(void)pflow_state_set_key(st, ipv6 ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4, src,
	    (uint16_t)(1024 + i % 60000), dst, 443);
	st->protocol = 6;
	st->packets[0] = 10 + i % 90;
	st->packets[1] = 8 + i % 70;
	st->octets[0] = 1500 + i;
	st->octets[1] = 90000 + i;
	st->ifindex[0] = 1;
	st->ifindex[1] = 2;
	st->start_ns = BENCH_WALL_NS - UINT64_C(5000000) * (i % 1000);
	st->last_ns = BENCH_WALL_NS - UINT64_C(1000000) * (i % 100);
	st->present = PFLOW_HAS_IFINDEX;
}

#endif /* PFLOW_BENCH_H */
