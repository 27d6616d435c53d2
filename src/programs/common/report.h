/* SPDX-License-Identifier: ISC */
/*
 * What a program has to say at its end: facts, and counters by name in
 * sections.  Printed as an aligned table for people or as JSON for programs.
 */
#ifndef PFLOWI_REPORT_H
#define PFLOWI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pflow/counter.h>

enum pflowi_row_kind {
	PFLOWI_ROW_TEXT,    /**< fact: text */
	PFLOWI_ROW_NUMBER,  /**< fact: value */
	PFLOWI_ROW_DECIMAL, /**< fact: thousandths */
	PFLOWI_ROW_BOOL,    /**< fact: value, 0 or 1 */
	PFLOWI_ROW_COUNTER  /**< of a section */
};

struct pflowi_row {
	const char *section; /**< NULL: a fact */
	const char *name;
	const char *text;    /**< fact's text, counter's help */
	uint64_t value;
	enum pflowi_row_kind kind;
	enum pflow_counter_kind counter;
};

/** Texts are borrowed: names and helps are constants, the rest the caller's. */
struct pflowi_report {
	struct pflowi_row *rows; /**< owned */
	size_t count;
	size_t room;
	const char *section;
	bool failed; /**< out of memory: not all rows are there */
};

void pflowi_report_init(struct pflowi_report *r);
void pflowi_report_fini(struct pflowi_report *r);

/** Facts stand at the top, in the order of their calls. Tables show only
 *  numbers, and those only if they have a help. */
void pflowi_report_text(struct pflowi_report *r, const char *name,
    const char *text);
void pflowi_report_number(struct pflowi_report *r, const char *name,
    uint64_t value, const char *help);
void pflowi_report_decimal(struct pflowi_report *r, const char *name,
    uint64_t thousandths);
void pflowi_report_bool(struct pflowi_report *r, const char *name, bool value);

/** Counters that follow belong to this section. */
void pflowi_report_section(struct pflowi_report *r, const char *section);

/** A pflow_counter_fn; arg is the report. */
void pflowi_report_counter(void *arg, const struct pflow_counter *c);

#define PFLOWI_SUM_MAX 96

/** Counters of several things of one kind; zero before. */
struct pflowi_sum {
	struct pflow_counter counter[PFLOWI_SUM_MAX];
	size_t count;
};

/** A pflow_counter_fn; arg is the sum. Those of one name are added up. */
void pflowi_sum_add(void *arg, const struct pflow_counter *c);

/** Tell the sums. */
void pflowi_sum_tell(const struct pflowi_sum *sum, pflow_counter_fn *fn,
    void *arg);

/** What a table shows. */
enum pflowi_detail {
	PFLOWI_DETAIL_DROPS, /**< numbers, and counters of drops that are not 0 */
	PFLOWI_DETAIL_ALL    /**< every counter, with its section and meaning */
};

/** Aligned table for people. */
void pflowi_report_print(const struct pflowi_report *r, FILE *out,
    enum pflowi_detail detail);

/** Can this build write JSON? */
bool pflowi_report_has_json(void);

/** Version of the JSON library, or NULL. */
const char *pflowi_report_json_version(void);

/**
 * One JSON object on one line: the facts, then "counters" with an object for
 * each section.
 *
 * @return PFLOW_OK; PFLOW_ERR_UNSUPPORTED: not in this build;
 *         PFLOW_ERR_NOMEM
 */
int pflowi_report_json(const struct pflowi_report *r, FILE *out);

#endif /* PFLOWI_REPORT_H */
