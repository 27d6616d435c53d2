/* SPDX-License-Identifier: ISC */
/*
 * The value of `template`: a name, or "{ ELEMENT ELEMENT/OCTETS ... }" with
 * IANA's names of information elements.
 */
#ifndef PFLOWI_FIELDS_H
#define PFLOWI_FIELDS_H

#include <pflow/template.h>

#include "programs/common/problem.h"

/** Longest normal form of a list: 60 names of 40 octets, lengths, braces. */
#define PFLOWI_FIELDS_LEN 3072

/** A template as the settings have it. */
struct pflowi_fields {
	struct pflow_field field[PFLOW_TEMPLATE_FIELDS_MAX];
	size_t count; /**< 0: a name */
};

/**
 * How many words a value that begins here takes: 1, or those up to "}".
 *
 * @param words  the first is the value's
 * @return 0: "}" is missing
 */
size_t pflowi_fields_words(const char *const *words, size_t count);

/**
 * Parse "{ a b/4 }", braces and elements apart or together in words.
 *
 * @param text  words joined by spaces
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE, PFLOW_ERR_NOTFOUND
 *         with a problem that names the word
 */
int pflowi_fields_parse(const char *text, struct pflowi_fields *out,
    struct pflowi_problem *problem);

/** The normal form: lengths only where they are not the element's own. */
void pflowi_fields_print(const struct pflowi_fields *fields, char *out,
    size_t len);

#endif /* PFLOWI_FIELDS_H */
