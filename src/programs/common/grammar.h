/* SPDX-License-Identifier: ISC */
/*
 * The one grammar: words of settings, each with its value, as pflowctl(8) has
 * them.  Operands of pflowexport, lines of pflowd.conf and operands of
 * `pflowctl -s` all go through this table.  Parsing is pure: no file is
 * opened, no name resolved.  What print gives, parse takes back.
 */
#ifndef PFLOWI_GRAMMAR_H
#define PFLOWI_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "programs/common/problem.h"

/** Every setting; the order in which they are printed. */
enum pflowi_setting_id {
	PFLOWI_SET_SRC,
	PFLOWI_SET_DST,
	PFLOWI_SET_SHARE,
	PFLOWI_SET_PROTO,
	PFLOWI_SET_DOMAIN,
	PFLOWI_SET_ENGINE,
	PFLOWI_SET_MTU,
	PFLOWI_SET_HOLD,
	PFLOWI_SET_REFRESH,
	PFLOWI_SET_TEMPLATE,
	PFLOWI_SET_OPTIONS,
	PFLOWI_SET_BIFLOW,
	PFLOWI_SET_NAT,
	PFLOWI_SET_SELECT,
	PFLOWI_SET_SIDE,
	PFLOWI_SET_DEVICE,
	PFLOWI_SET_RATE,
	PFLOWI_SET_SPOOL,
	PFLOWI_SET_SPOOL_SIZE,
	PFLOWI_SET_RETRY,
	PFLOWI_SET_TIMEOUT,
	PFLOWI_SET_ROTATE,
	PFLOWI_SET_CHECKSUM,
	PFLOWI_SET_ENCAP,
	PFLOWI_SET_LIFETIME,
	PFLOWI_SET_TAP,
	PFLOWI_SET_TAP_SIZE,
	PFLOWI_SET_TAP_FILES,
	PFLOWI_SET_TLS_CA,
	PFLOWI_SET_TLS_CERT,
	PFLOWI_SET_TLS_KEY,
	PFLOWI_SET_ACTIVE,
	PFLOWI_SET_IDLE,
	PFLOWI_SET_FILTER,
	PFLOWI_SET_MEMORY,
	PFLOWI_SET_INTERFACE_MAP,
	PFLOWI_SET_COUNT
};

/** What a value looks like, and where it is kept. */
enum pflowi_value_kind {
	PFLOWI_VALUE_NUMBER,	  /**< number */
	PFLOWI_VALUE_DURATION,	  /**< number: nanoseconds */
	PFLOWI_VALUE_SIZE,	  /**< number: octets */
	PFLOWI_VALUE_CHOICE,	  /**< number: pflowi_choice.value */
	PFLOWI_VALUE_ENGINE,	  /**< number: type * 256 + id */
	PFLOWI_VALUE_WORD,	  /**< number, as CHOICE; its word is all */
	PFLOWI_VALUE_DEST,	  /**< text: normal forms, PFLOWI_DEST_SEP
				       between them; the word may come again */
	PFLOWI_VALUE_SOURCE_ADDR, /**< text: normal form */
	PFLOWI_VALUE_ROTATE,	  /**< text: "100M", "1h" or "100M,1h" */
	PFLOWI_VALUE_FIELDS,	  /**< text: a name, or "{ a b/4 }" */
	PFLOWI_VALUE_TEXT	  /**< text, not empty */
};

/** Who takes a setting. */
#define PFLOWI_FOR_EXPORT 1u	/**< operands of pflowexport */
#define PFLOWI_FOR_INTERFACE 2u /**< a pflow interface: pflowd, pflowctl -s */
#define PFLOWI_FOR_SOURCE 4u	/**< a source of pflowd */

struct pflowi_choice {
	const char *word; /**< NULL ends a list */
	uint64_t value;
	bool built; /**< false: of the grammar, not in this build */
	const char *help; /**< PFLOWI_VALUE_WORD: one line */
};

/** How states are shared out among several dst. */
enum pflowi_share {
	PFLOWI_SHARE_ALL,     /**< each gets everything */
	PFLOWI_SHARE_BALANCE, /**< each flow goes to one of them */
	PFLOWI_SHARE_FAILOVER /**< the first that is up gets everything */
};

/** No DEST has it in it. */
#define PFLOWI_DEST_SEP '\n'
/** How many dst there can be. */
#define PFLOWI_DESTS_MAX 8

struct pflowi_setting {
	const char *word;
	const char *argument;  /**< "OCTETS" */
	const char *preset;    /**< default as a word; NULL: see help */
	const char *help;      /**< one line */
	uint64_t min;	       /**< of number */
	uint64_t max;
	const struct pflowi_choice *choices;
	enum pflowi_value_kind kind;
	unsigned takers;       /**< PFLOWI_FOR_* */
	bool built;	       /**< false: refused by this build */
};

struct pflowi_value {
	uint64_t number;
	char *text; /**< owned; NULL if not given */
	size_t at;  /**< which word of the parse it was */
	bool given; /**< false: number is the default */
};

/** A set of values. */
struct pflowi_settings {
	struct pflowi_value value[PFLOWI_SET_COUNT];
};

/** The table's row of a setting. */
const struct pflowi_setting *pflowi_setting(enum pflowi_setting_id id);

/** Begin: nothing given, all numbers their defaults. */
void pflowi_settings_init(struct pflowi_settings *s);

/** Release the texts. */
void pflowi_settings_fini(struct pflowi_settings *s);

/**
 * Take over "WORD VALUE WORD VALUE ...". All or nothing.
 *
 * @param s      what is given here replaces what is there
 * @param taker  one PFLOWI_FOR_*
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE, PFLOW_ERR_UNSUPPORTED
 *         (not in this build), PFLOW_ERR_NOMEM with a problem; s is as it was
 */
int pflowi_settings_parse(struct pflowi_settings *s, unsigned taker,
    const char *const *words, size_t count, struct pflowi_problem *problem);

/**
 * The normal form of what is given, one line, words in the table's order.
 *
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: cut at a whole setting
 */
int pflowi_settings_print(const struct pflowi_settings *s, char *line,
    size_t len);

/** The next DEST of a text. @param at  in, out: the text, what is behind
 *  @return false: there is none */
bool pflowi_settings_next_dest(const char **at, char *out, size_t len);

/** Value of one setting in normal form; "" if there is none. */
void pflowi_settings_print_value(const struct pflowi_settings *s,
    enum pflowi_setting_id id, char *out, size_t len);

#endif /* PFLOWI_GRAMMAR_H */
