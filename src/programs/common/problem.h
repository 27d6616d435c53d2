/* SPDX-License-Identifier: ISC */
/*
 * What is wrong with something a person wrote: one line that names the thing
 * and what would be right, and which word it is.  The caller knows the place
 * (a file and line, an operand) and says it in front.
 */
#ifndef PFLOWI_PROBLEM_H
#define PFLOWI_PROBLEM_H

#include <stddef.h>

#include "core/port.h"

#define PFLOWI_PROBLEM_LEN 512
#define PFLOWI_NOWHERE SIZE_MAX /**< problem.at: of no single word */

struct pflowi_problem {
	size_t at; /**< index of the word, or PFLOWI_NOWHERE */
	char text[PFLOWI_PROBLEM_LEN];
};

/**
 * Fill in a problem. Control characters of hostile words become '?', so that
 * the line stays one line and leaves a terminal alone.
 *
 * @return status, for `return pflowi_problem_set(...)`
 */
int pflowi_problem_set(struct pflowi_problem *p, int status, size_t at,
    const char *fmt, ...) PFLOWI_PRINTF(4, 5);

/** Make a string fit for a one-line message, in place. */
void pflowi_printable(char *text);

#endif /* PFLOWI_PROBLEM_H */
