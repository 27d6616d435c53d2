/* SPDX-License-Identifier: ISC */
/* Whoever starts a program may have closed its standard streams. */
#ifndef PFLOWI_STDIO_H
#define PFLOWI_STDIO_H

/**
 * Keep descriptors 0 to 2 from being given to the next file or socket that is
 * opened: one that is closed fails with EBADF when it is read or written.
 * First thing in main().
 *
 * @return PFLOW_OK, or PFLOW_ERR_SYSTEM after a line that says why
 */
int pflowi_stdio_reserve(void);

#endif /* PFLOWI_STDIO_H */
