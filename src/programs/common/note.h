/* SPDX-License-Identifier: ISC */
/* Lines of a program to people, and its exit codes. */
#ifndef PFLOWI_NOTE_H
#define PFLOWI_NOTE_H

#include "core/port.h"

#define PFLOWI_EXIT_OK 0
#define PFLOWI_EXIT_FAILED 1 /**< failed while running */
#define PFLOWI_EXIT_USAGE 2  /**< wrong options or operands */
#define PFLOWI_EXIT_CONFIG 3 /**< wrong settings */

/** The name in front of every line; a constant. */
void pflowi_note_as(const char *program);

/** One line on standard error: "PROGRAM: ...". Control characters become '?',
 *  whoever wrote them. */
void pflowi_note(const char *fmt, ...) PFLOWI_PRINTF(1, 2);

/** Takes a line without the program's name and without an end. */
typedef void pflowi_note_fn(void *arg, const char *line);

/** Lines go there from now on; NULL: to standard error. */
void pflowi_note_to(pflowi_note_fn *fn, void *arg);

/**
 * Close standard output.
 *
 * @return 0, or PFLOWI_EXIT_FAILED after a line if not all could be written
 */
int pflowi_finish_output(void);

#endif /* PFLOWI_NOTE_H */
