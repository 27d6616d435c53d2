/* SPDX-License-Identifier: ISC */
/*
 * What every fuzz target shares: the entry point, a check that does not go
 * away with NDEBUG, and a reader that turns input into decisions.
 */
#ifndef PFLOW_TESTS_FUZZ_H
#define PFLOW_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** The one function of a target. Returns 0; a finding aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** The oracle: what must hold for any input. */
#define FUZZ_CHECK(cond)                                                       \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: does not hold: %s\n",          \
			    __FILE__, __LINE__, #cond);                        \
			abort();                                               \
		}                                                              \
	} while (0)

/** Input as a stream of decisions; past its end everything is 0. */
struct fuzz_input {
	const uint8_t *data;
	size_t left;
};

static inline uint8_t
fuzz_u8(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

/** Big-endian, so that seeds can be read in a hex dump. */
static inline uint64_t
fuzz_uint(struct fuzz_input *in, unsigned octets)
{
	uint64_t v = 0;

	while (octets-- > 0)
		v = v << 8 | fuzz_u8(in);
	return v;
}

#endif /* PFLOW_TESTS_FUZZ_H */
