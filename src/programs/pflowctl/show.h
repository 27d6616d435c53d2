/* SPDX-License-Identifier: ISC */
/* How pflowctl prints what pflowd answered. */
#ifndef PFLOWCTL_SHOW_H
#define PFLOWCTL_SHOW_H

#include "programs/pflowctl/talk.h"

/** -l: FreeBSD's lines; verbose adds the second one; JSON: one object a
 *  line. @return false: out of memory */
bool pflowctl_show_list(const struct pflowctl_answer *a, bool verbose,
    bool json);

/** Statistics: a table, or JSON, one object for each interface and source. */
bool pflowctl_show_stats(const struct pflowctl_answer *a, bool verbose,
    bool json);

#endif /* PFLOWCTL_SHOW_H */
