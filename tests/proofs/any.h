/* SPDX-License-Identifier: ISC */
/*
 * Any value at all: for the prover all of them at once, in the test of the
 * same harness one after the other, from a seed (any.c).
 */
#ifndef PFLOW_PROOFS_ANY_H
#define PFLOW_PROOFS_ANY_H

#include <stddef.h>
#include <stdint.h>

/** What a harness looks at; the test runs it again and again. */
void prove(void);

/*@ assigns \result \from \nothing; */
uint64_t any_u64(void);

/*@ requires least <= most;
  @ assigns \result \from least, most;
  @ ensures least <= \result <= most;
  @*/
uint64_t any_between(uint64_t least, uint64_t most);

/*@ requires \valid((uint8_t *)to + (0 .. n - 1));
  @ assigns ((uint8_t *)to)[0 .. n - 1] \from \nothing;
  @ ensures \initialized((uint8_t *)to + (0 .. n - 1));
  @*/
void any_octets(void *to, size_t n);

/** What must hold for all of them. */
#define HOLDS(cond) any_holds((cond) ? 1 : 0, #cond, __FILE__, __LINE__)

/*@ requires truth == 1;
  @ assigns \nothing;
  @*/
void any_holds(int truth, const char *what, const char *file, int line);

#endif /* PFLOW_PROOFS_ANY_H */
