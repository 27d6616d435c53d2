/* SPDX-License-Identifier: ISC */
/* Files of a source, opened by it or for it. */
#ifndef PFLOWI_SOURCES_SYSTEM_H
#define PFLOWI_SOURCES_SYSTEM_H

#include <pflow/system.h>

/** @param sys  NULL: no help
 *  @return a descriptor to read from, or -1 with errno */
int pflowi_system_open(const struct pflow_system *sys, const char *path);

#endif /* PFLOWI_SOURCES_SYSTEM_H */
