/* SPDX-License-Identifier: ISC */
/* What --help and -V print, made from the tables. */
#ifndef PFLOWI_USAGE_H
#define PFLOWI_USAGE_H

#include <stdio.h>

/** The settings that a program takes, one a line, with defaults. */
void pflowi_usage_settings(FILE *out, unsigned taker);

/** The sources and transports of this build. */
void pflowi_usage_sources(FILE *out);
void pflowi_usage_transports(FILE *out);

/** "PROGRAM 1.2.3, libpflow 1.2.3". */
void pflowi_usage_version(FILE *out, const char *program);

#endif /* PFLOWI_USAGE_H */
