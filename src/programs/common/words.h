/* SPDX-License-Identifier: ISC */
/*
 * A line of a configuration file as words, and words as a line.  A word with
 * spaces, quotes or '#' in it stands in double quotes, where \" \\ \n \t \r
 * are the characters they name.  What print gives, split takes back.
 */
#ifndef PFLOWI_WORDS_H
#define PFLOWI_WORDS_H

#include <stddef.h>

#include "programs/common/problem.h"

/**
 * Split a line in place. '#' at the beginning of a word begins a comment.
 *
 * @param line   changed; the words point into it
 * @param words  out
 * @param max    length of words
 * @param count  out: how many
 * @return PFLOW_OK; PFLOW_ERR_INVALID: a quote that does not end, or a word
 *         glued to one; PFLOW_ERR_NOSPACE: more than max words
 */
int pflowi_words_split(char *line, char **words, size_t max, size_t *count,
    struct pflowi_problem *problem);

/**
 * Append a word to a line, with a space in front if the line is not empty.
 *
 * @param at  in/out: length of the line so far
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: line is as it was
 */
int pflowi_words_append(char *line, size_t len, size_t *at, const char *word);

#endif /* PFLOWI_WORDS_H */
