/* SPDX-License-Identifier: ISC */
/* The harnesses as tests: edges of every range, and values in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/any.h"

static uint64_t state;

/** splitmix64: every seed gives another sequence. */
uint64_t
any_u64(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
any_between(uint64_t least, uint64_t most)
{
	uint64_t pick = any_u64();

	switch (pick & 7) {
	case 0:
		return least;
	case 1:
		return most;
	default:
		pick >>= 3;
		return most - least == UINT64_MAX
		    ? pick
		    : least + pick % (most - least + 1);
	}
}

/** Runs of zeros and of ones are where arithmetic goes wrong. */
void
any_octets(void *to, size_t n)
{
	uint64_t pick = any_u64();
	uint8_t *p = to;
	size_t i;

	if ((pick & 3) == 0) {
		memset(to, (pick & 4) != 0 ? 0xff : 0, n);
		return;
	}
	for (i = 0; i < n; i++) {
		if (i % 8 == 0)
			pick = any_u64();
		p[i] = (uint8_t)(pick >> 8 * (i % 8));
	}
}

void
any_holds(int truth, const char *what, const char *file, int line)
{
	if (truth)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

int
main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	unsigned long i;

	for (i = 0; i < runs; i++) {
		state = i;
		prove();
	}
	printf("%lu runs\n", runs);
	return EXIT_SUCCESS;
}
