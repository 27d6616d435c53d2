/* SPDX-License-Identifier: ISC */
/*
 * What follows "pf:": nothing (the live table), or tables in order, and
 * settings behind a question mark:
 *
 *   [PATH[,PATH...]][?layout=NAME][&time=SECONDS][&every=SECONDS]
 */
#ifndef PFLOWI_PF_SPEC_H
#define PFLOWI_PF_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_recognize.h"

struct pflowi_pf_spec {
	char *text;	/**< the words the paths point into */
	char **paths;
	size_t count;	/**< 0: live */
	bool has_format;
	struct pflowi_pf_format format;
	bool has_time;
	uint64_t time_ns;  /**< when the first table was made */
	uint64_t every_ns; /**< from one table to the next; 0: not said */
};

/**
 * A file of that very name is one table, whatever characters are in it.
 *
 * @param spec  to be released by fini(), whatever is returned
 * @param err   one line that names the word that is wrong
 * @return PFLOW_OK, PFLOW_ERR_INVALID, PFLOW_ERR_NOMEM
 */
int pflowi_pf_spec_parse(struct pflowi_pf_spec *spec, const char *argument,
    char *err, size_t err_len);

void pflowi_pf_spec_fini(struct pflowi_pf_spec *spec);

#endif /* PFLOWI_PF_SPEC_H */
