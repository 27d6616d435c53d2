/* SPDX-License-Identifier: ISC */
/*
 * pflowd.conf(5): lines `source SOURCE [SETTING VALUE ...]`,
 * `pflowN [SETTING VALUE ...]` and those of service.h.  Pure: no file is opened, no name resolved.
 * What print gives, parse takes back.
 */
#ifndef PFLOWD_CONF_H
#define PFLOWD_CONF_H

#include <stddef.h>

#include "programs/common/grammar.h"
#include "programs/common/resolve.h"
#include "programs/pflowd/metrics_conf.h"
#include "programs/pflowd/service.h"

#define PFLOWD_LINE_LEN 8192   /**< octets of a line */
#define PFLOWD_WORDS_MAX 256   /**< words of a line */
#define PFLOWD_IFACES_MAX 1024 /**< pflow interfaces of one pflowd */
#define PFLOWD_SOURCES_MAX 64
#define PFLOWD_CONF_LEN (1u << 20) /**< octets of a file */

/** A line of either kind. */
struct pflowd_entry {
	char *word;		     /**< SOURCE; NULL: an interface; owned */
	unsigned number;	     /**< N of pflowN */
	unsigned line;		     /**< where it stands, from 1 */
	struct pflowi_settings settings;
};

struct pflowd_conf {
	struct pflowd_entry *entries; /**< owned, in the order of the file */
	size_t count;
	struct pflowd_service service;
	struct pflowd_metrics_conf metrics;
};

/**
 * Parse a whole file.
 *
 * @param text     may hold any octets; not changed
 * @param conf     out; release it with fini after PFLOW_OK
 * @param line     out: the line of a problem
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE, PFLOW_ERR_UNSUPPORTED,
 *         PFLOW_ERR_NOSPACE, PFLOW_ERR_NOMEM with a problem
 */
int pflowd_conf_parse(const char *text, size_t len, struct pflowd_conf *conf,
    unsigned *line, struct pflowi_problem *problem);

void pflowd_conf_fini(struct pflowd_conf *conf);

/**
 * One entry in normal form.
 *
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE
 */
int pflowd_entry_print(const struct pflowd_entry *entry, char *line,
    size_t len);

/**
 * "pflow7" or, if numbers are welcome, "7": the whole word.
 *
 * @return PFLOW_OK; PFLOW_ERR_INVALID; PFLOW_ERR_RANGE
 */
int pflowd_number_parse(const char *word, bool bare, unsigned *number);

/** Settings a = b, word for word? */
bool pflowd_settings_same(const struct pflowi_settings *a,
    const struct pflowi_settings *b);

/** @return PFLOW_OK, PFLOW_ERR_NOMEM; to is begun here */
int pflowd_settings_copy(struct pflowi_settings *to,
    const struct pflowi_settings *from);

/**
 * What is given in from takes its place in to.
 *
 * @return PFLOW_OK; PFLOW_ERR_NOMEM: to is only fit for fini
 */
int pflowd_settings_merge(struct pflowi_settings *to,
    const struct pflowi_settings *from);

/** version as `pflowctl -l` tells it. */
unsigned pflowd_version(const struct pflowi_settings *settings);

/**
 * Would these settings work? Nothing is opened. Without dst all is well.
 *
 * @param in  out: resolved, if there is a dst; borrows from settings
 * @return PFLOW_OK or a negative status with a problem
 */
int pflowd_settings_check(const struct pflowi_settings *settings,
    struct pflowi_interface *in, struct pflowi_problem *problem);

#endif /* PFLOWD_CONF_H */
