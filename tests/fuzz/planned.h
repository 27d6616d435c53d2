/* SPDX-License-Identifier: ISC */
/* A record of the target `planned`, and what it ought to say. */
#ifndef PFLOW_FUZZ_PLANNED_H
#define PFLOW_FUZZ_PLANNED_H

#include <string.h>

#include <pflow/pflow.h>

#include "fuzz/fuzz.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)
#define WALL_NS (UINT64_C(1700000000) * NS_PER_SEC)
#define UPTIME_NS (UINT64_C(5000000) * NS_PER_SEC) /* over 2^32 ms */
#define BOOT_MS ((WALL_NS - UPTIME_NS) / NS_PER_MS)
#define ENTERPRISE 4711u

/** A record on its way. */
struct expected {
	struct pflow_state st;
	const struct pflow_exporter_config *cfg;
	unsigned dir;
	int standard; /* by pflow(4)'s list */
	int biflow;
	int event;
	uint64_t fed_ns;
};

/** Is the field in the record? */
int expected_has(const struct expected *e, const struct pflow_field *f);

/** The fields of the list that the state knows, and no others. */
void expected_check(const struct expected *e,
    const struct pflow_decoded_record *rec, const struct pflow_field *list,
    size_t count);

/** Events: every field that is there is right, and those that must be are. */
void expected_check_event(const struct expected *e,
    const struct pflow_decoded_record *rec);

uint64_t expected_start_ms(const struct expected *e);
uint64_t expected_end_ms(const struct expected *e);
uint64_t expected_nat_event(const struct expected *e);

/** The caller's values of elements of ENTERPRISE: a pflow_value_fn. */
size_t expected_own_value(void *arg, const struct pflow_state *st,
    unsigned dir, const struct pflow_field *field, uint8_t *out, size_t room);

#endif /* PFLOW_FUZZ_PLANNED_H */
