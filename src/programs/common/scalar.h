/* SPDX-License-Identifier: ISC */
/*
 * Numbers, durations and sizes as people write them: the whole word or
 * nothing, never wrapped.  What print gives, parse takes back.
 */
#ifndef PFLOWI_SCALAR_H
#define PFLOWI_SCALAR_H

#include <stddef.h>
#include <stdint.h>

/** Octets that any print function of this file needs, terminator included. */
#define PFLOWI_SCALAR_LEN 64

/**
 * Decimal digits only: no sign, no space, no prefix.
 *
 * @return PFLOW_OK; PFLOW_ERR_INVALID: no number; PFLOW_ERR_RANGE: over 64
 *         bits; *out is untouched then
 */
int pflowi_parse_u64(const char *word, uint64_t *out);

/**
 * `90` (seconds), `1h30m`, `2d`, `500ms`: units d h m s ms, largest first,
 * each once.
 *
 * @param ns  out
 * @return as pflowi_parse_u64()
 */
int pflowi_parse_duration(const char *word, uint64_t *ns);

/**
 * Octets: `1048576`, `512K`, `256M`, `2G` (powers of 1024).
 *
 * @return as pflowi_parse_u64()
 */
int pflowi_parse_size(const char *word, uint64_t *octets);

/**
 * `100M`, `1h`, `100M,1h`: a size with its unit, a time with its unit, or both.
 * The units' letters differ: K M G and d h m s ms.
 *
 * @param octets,ns  out; 0: not given
 * @return as pflowi_parse_u64(); PFLOW_ERR_RANGE also for 0
 */
int pflowi_parse_rotate(const char *word, uint64_t *octets, uint64_t *ns);

/** "1h30m", "0"; below a millisecond is cut off. */
void pflowi_print_duration(char out[PFLOWI_SCALAR_LEN], uint64_t ns);

/** "100M,1h"; what is 0 is left out. */
void pflowi_print_rotate(char out[2 * PFLOWI_SCALAR_LEN], uint64_t octets,
    uint64_t ns);

/** "256M": the largest unit that keeps it whole. */
void pflowi_print_size(char out[PFLOWI_SCALAR_LEN], uint64_t octets);

#endif /* PFLOWI_SCALAR_H */
