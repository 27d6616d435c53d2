/* SPDX-License-Identifier: ISC */
/*
 * SIGINT and SIGTERM ask a program to end in good order.  A second one of the
 * same kind ends it at once, as if there were no handler.
 */
#ifndef PFLOWI_STOP_H
#define PFLOWI_STOP_H

#include <stdbool.h>

/** @return PFLOW_OK, or PFLOW_ERR_SYSTEM with errno */
int pflowi_stop_install(void);

/** Ask for it as a signal would: one of several threads failed. */
void pflowi_stop_raise(void);

/** Was the end asked for? */
bool pflowi_stop_wanted(void);

/** Becomes readable when it is; for poll(2). -1 before install. */
int pflowi_stop_fd(void);

#endif /* PFLOWI_STOP_H */
