/* SPDX-License-Identifier: ISC */
/*
 * A saved state table, from a file or standard input, as raw states one after
 * the other. Binary tables and pfctl's text alike.
 */
#ifndef PFLOWI_PF_INPUT_H
#define PFLOWI_PF_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_recognize.h"
#include "sources/pf_text.h"
#include "sources/system.h"

/** Octets of the window. */
#define PFLOWI_PF_WINDOW ((size_t)256 << 10)

struct pflowi_pf_input {
	int fd; /**< -1: closed */
	bool regular;
	bool named;  /**< the format was named, not recognized */
	bool known;  /**< the format is known */
	bool ended;  /**< nothing more to read */
	struct pflowi_pf_format format;
	struct pflowi_pf_text text;
	uint64_t size;	  /**< of a regular file */
	uint64_t mtime_ns; /**< when a regular file was written */
	uint64_t done;	  /**< octets before the window */
	uint64_t left_over; /**< octets at the end, not a whole record */
	uint64_t long_lines; /**< lines too long to be read */
	bool skipping;	  /**< inside one of them */
	size_t pos, len;  /**< what of the window is not yet read */
	uint8_t *window;
	char error[512];
};

/**
 * @param in      caller's storage; to be closed whatever is returned
 * @param path    "-": standard input
 * @param format  NULL: recognize it
 * @param sys     opens it; NULL: no help
 * @return PFLOW_OK; PFLOW_ERR_SYSTEM, PFLOW_ERR_NOMEM,
 *         PFLOW_ERR_UNSUPPORTED; error then says what and where
 */
int pflowi_pf_input_open(struct pflowi_pf_input *in, const char *path,
    const struct pflowi_pf_format *format, const struct pflow_system *sys);

/**
 * The next state.
 *
 * @return PFLOW_OK: *raw was set; PFLOW_EOF; PFLOW_ERR_AGAIN: nothing there
 *         yet, wait for fd; PFLOW_ERR_UNSUPPORTED: not a table that is known;
 *         PFLOW_ERR_SYSTEM
 */
int pflowi_pf_input_next(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw);

void pflowi_pf_input_close(struct pflowi_pf_input *in);

#endif /* PFLOWI_PF_INPUT_H */
