/* SPDX-License-Identifier: ISC */
/* How pflowctl prints what pflowd answered. */
#ifndef PFLOWCTL_SHOW_H
#define PFLOWCTL_SHOW_H

#include <stdint.h>

#include "programs/common/report.h"
#include "programs/pflowctl/talk.h"

/** -l: FreeBSD's lines; verbose adds the second one; JSON: one object a
 *  line. @return false: out of memory */
bool pflowctl_show_list(const struct pflowctl_answer *a, bool verbose,
    bool json);

/** Statistics: a table, or JSON, one object for each interface and source. */
bool pflowctl_show_stats(const struct pflowctl_answer *a, bool verbose,
    bool json);

/** Does a row begin an interface or a source in an answer to stats? */
bool pflowctl_is_head(const struct pflowctl_row *row);

/** The number that pflowd wrote; 0 if it is none. */
uint64_t pflowctl_number(const char *word);

/**
 * What an answer to stats says of one interface or source.
 *
 * @param rows   the head and the counters below it; borrowed by r
 * @param table  for people: numbers, and drops that are not 0
 */
void pflowctl_fill(struct pflowi_report *r, const struct pflowctl_row *rows,
    size_t count, bool table);

#endif /* PFLOWCTL_SHOW_H */
