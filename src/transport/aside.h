/* SPDX-License-Identifier: ISC */
/* Where files go that are full: PATH with the time before its extension. */
#ifndef PFLOWI_ASIDE_H
#define PFLOWI_ASIDE_H

#include <stddef.h>
#include <stdint.h>

/** Octets of "20261123T231242.123Z" and what goes around it. */
#define PFLOWI_ASIDE_ROOM 48

/**
 * flows.ipfix becomes flows.20261123T231242.123Z.ipfix: UTC, so that names
 * sort as the files were written.
 *
 * @param out  room for strlen(path) + PFLOWI_ASIDE_ROOM octets
 */
void pflowi_aside_name(char *out, size_t len, const char *path,
    uint64_t wall_ns);

/**
 * Give a file its name for good. What has that name already is left alone:
 * the next free millisecond is taken.
 *
 * @param out  the name that was tried last
 * @return 0, or -1 with errno
 */
int pflowi_aside_move(char *out, size_t len, const char *path,
    uint64_t wall_ns);

#endif /* PFLOWI_ASIDE_H */
