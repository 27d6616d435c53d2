/* SPDX-License-Identifier: ISC */
/*
 * Options as POSIX has them: single letters that may be grouped, in front of
 * the operands, "--" ends them.  Beside them --help and --version.
 * No global state, and no permutation: a setting's value may begin with '-'.
 */
#ifndef PFLOWI_OPTIONS_H
#define PFLOWI_OPTIONS_H

#include "programs/common/problem.h"

struct pflowi_options {
	int argc;
	const char *const *argv;
	const char *letters; /**< as getopt(3)'s: "jn:V", ':' wants a value */
	int next;	     /**< index of the first operand, at the end */
	const char *group;   /**< rest of a group of letters */
	const char *value;   /**< of the last option, if it wants one */
};

#define PFLOWI_OPTION_END (-1)
#define PFLOWI_OPTION_BAD '?'

void pflowi_options_init(struct pflowi_options *o, int argc,
    const char *const *argv, const char *letters);

/**
 * The next option.
 *
 * @return its letter ('h' for --help, 'V' for --version); PFLOWI_OPTION_END;
 *         PFLOWI_OPTION_BAD with a problem
 */
int pflowi_options_next(struct pflowi_options *o,
    struct pflowi_problem *problem);

#endif /* PFLOWI_OPTIONS_H */
