/* SPDX-License-Identifier: ISC */
/*
 * What `pfctl -s states -vv` prints, OpenBSD's and FreeBSD's, back into
 * states: line by line, without memory of more than one state. Pure.
 */
#ifndef PFLOWI_PF_TEXT_H
#define PFLOWI_PF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "sources/pf_state.h"

/** Longer lines are not read. */
#define PFLOWI_PF_LINE_MAX 1024

/** Lines and states that could not be read: X(name, "help"). */
#define PFLOWI_PF_TEXT_REJECTS(X)                                              \
	X(unreadable_lines, "lines that are no state of pfctl -s states")      \
	X(unreadable_details, "lines below a state that could not be read")    \
	X(cut_states, "states of a text that ended inside one of their lines") \
	X(without_counters, "states printed without counters (pfctl -vv)")

struct pflowi_pf_text {
	struct pflowi_pf_raw raw; /**< the state at hand */
	bool has_state;
	bool has_counters;
	bool has_id;
	bool freebsd;	  /**< with something that only FreeBSD prints */
	bool elsewhere;	  /**< in a section of `pfctl -s all` without states */
	uint8_t peer[2];  /**< initiator's, responder's state */
#define PFLOWI_PF_TEXT_MEMBER(name, help) uint64_t name;
	PFLOWI_PF_TEXT_REJECTS(PFLOWI_PF_TEXT_MEMBER)
#undef PFLOWI_PF_TEXT_MEMBER
};

void pflowi_pf_text_init(struct pflowi_pf_text *t);

/**
 * Take one line.
 *
 * @param line  len octets, without their newline; need not end with NUL
 * @param out   the state before this line, if it ended that state
 * @return true: *out was set
 */
bool pflowi_pf_text_line(struct pflowi_pf_text *t, const char *line,
    size_t len, struct pflowi_pf_raw *out);

/** The text ended. @return true: *out is its last state */
bool pflowi_pf_text_end(struct pflowi_pf_text *t, struct pflowi_pf_raw *out);

/** The text ended inside a line: what that line was to say is not known. */
void pflowi_pf_text_cut(struct pflowi_pf_text *t);

/** Does this look like text of pfctl, not like a saved table? */
bool pflowi_pf_text_looks(const uint8_t *p, size_t len);

#endif /* PFLOWI_PF_TEXT_H */
