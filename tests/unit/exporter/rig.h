/* SPDX-License-Identifier: ISC */
/* An exporter with its memory, and what the tests ask of it. */
#ifndef PFLOW_TEST_RIG_H
#define PFLOW_TEST_RIG_H

#include <check.h>

#include "common/states.h"

struct rig {
	struct pflow_exporter ex;
	struct pflow_exporter_config cfg;
	uint8_t *block;
	uint64_t now_secs;
};

/** Default settings of a version; change rig->cfg, then rig_start(). */
void rig_config(struct rig *rig, uint16_t version);
/** Begin with `messages` slots at second 1000 of the machine's life. */
void rig_start(struct rig *rig, size_t messages);
void rig_stop(struct rig *rig);
struct pflow_now rig_now(const struct rig *rig);
/** Feed; gives the status. */
int rig_feed(struct rig *rig, const struct pflow_state *st);
/** The i-th pending message; fails the test if there is none. */
struct pflow_message rig_message(const struct rig *rig, size_t i);
size_t rig_pending(const struct rig *rig);
uint16_t rig_u16(const struct pflow_message *m, size_t at);
uint32_t rig_u32(const struct pflow_message *m, size_t at);
/** states = exported + drops; records = sent + waiting + discarded. */
void rig_check_sums(const struct rig *rig);
/** Every pending message is whole: version, lengths, record count. */
void rig_check_messages(const struct rig *rig);

#endif /* PFLOW_TEST_RIG_H */
