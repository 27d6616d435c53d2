/* SPDX-License-Identifier: ISC */
#ifndef PFLOWEXPORT_SUMMARY_H
#define PFLOWEXPORT_SUMMARY_H

#include <stdbool.h>

#include "programs/pflowexport/workers.h"

/**
 * Print what was done.
 *
 * Standard output, or standard error where the messages themselves go to
 * standard output.
 *
 * @return an exit code: not 0 if the sums do not agree or nothing could be
 *         printed
 */
int pflowexport_summary(const struct pflowexport_workers *w,
    const struct pflowi_interface *in, const char *source_word, bool json,
    bool quiet, bool verbose);

#endif /* PFLOWEXPORT_SUMMARY_H */
