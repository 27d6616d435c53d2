/* SPDX-License-Identifier: ISC */
/*
 * Statuses.  Every function that can fail returns int: PFLOW_OK, or a negative
 * status.  The one positive status is PFLOW_MORE, which only pump() returns.
 */
#ifndef PFLOW_STATUS_H
#define PFLOW_STATUS_H

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

/** The one list of statuses: S(NAME, value, "what it says to a person"). */
#define PFLOW_STATUS_LIST(S)                                                   \
	S(OK, 0, "done")                                                       \
	S(MORE, 1, "budget used, more is waiting")                             \
	S(EOF, -1, "end of input")                                             \
	S(ERR_NOSPACE, -2, "does not fit in the space that is left")           \
	S(ERR_AGAIN, -3, "no room now, try again later")                       \
	S(ERR_RANGE, -4, "value out of range for its field")                   \
	S(ERR_INVALID, -5, "invalid argument or setting")                      \
	S(ERR_MALFORMED, -6, "octets break the rules of their format")         \
	S(ERR_TRUNCATED, -7, "octets end too early")                           \
	S(ERR_UNSUPPORTED, -8, "not supported by this build or format")        \
	S(ERR_NOMEM, -9, "out of memory")                                      \
	S(ERR_SYSTEM, -10, "the operating system refused")                     \
	S(ERR_CLOSED, -11, "the session is closed")                            \
	S(ERR_NOTFOUND, -12, "not found")

/** The statuses; functions return them as int. */
enum pflow_status {
#define PFLOWI_STATUS_ENUM(name, value, text) PFLOW_##name = (value),
	PFLOW_STATUS_LIST(PFLOWI_STATUS_ENUM)
#undef PFLOWI_STATUS_ENUM
};

/**
 * The text of a status, for people.
 *
 * @param status  any int
 * @return a constant string, never NULL; "unknown status" for a strange value
 */
PFLOW_API const char *pflow_status_text(int status);

/**
 * The name of a status, "PFLOW_ERR_AGAIN" and so on, for logs and tests.
 *
 * @param status  any int
 * @return a constant string, never NULL; "PFLOW_?" for a strange value
 */
PFLOW_API const char *pflow_status_name(int status);

PFLOW_END_DECLS

#endif /* PFLOW_STATUS_H */
