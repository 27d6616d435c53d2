/* SPDX-License-Identifier: ISC */
/* pflowd.conf as a file. What is wrong is told by a line. */
#ifndef PFLOWD_CONFILE_H
#define PFLOWD_CONFILE_H

#include "programs/pflowd/conf.h"

/**
 * Read the whole file.
 *
 * @return malloc()ed, not terminated; or NULL after a line
 */
char *pflowd_conf_text(const char *path, size_t *len);

/** Parse and check. @return false after a line that begins with path */
bool pflowd_conf_judge(const char *path, const char *text, size_t len,
    struct pflowd_conf *conf);

/** Read, parse and check. @return false after a line */
bool pflowd_conf_read(const char *path, struct pflowd_conf *conf);

#endif /* PFLOWD_CONFILE_H */
