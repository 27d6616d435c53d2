/* SPDX-License-Identifier: ISC */
/*
 * Frames to states, for files and interfaces alike: dissect, count what is
 * left out, keep flows, hand states to a sink.
 */
#ifndef PFLOWI_PCAP_ACCOUNT_H
#define PFLOWI_PCAP_ACCOUNT_H

#include <pflow/source.h>
#include <pflow/sources.h>

#include "sources/flow_table.h"
#include "sources/pcap_filter.h"

/** Frames that are dissected before the first of them meets the table. */
#define PFLOWI_ACCOUNT_BATCH 64u

struct pflowi_account {
	uint64_t packets; /**< frames read */
	uint64_t octets;  /**< their length on the wire */
	uint64_t filtered_packets;
	uint64_t filtered_octets;
	uint64_t verdict_packets[PFLOWI_VERDICTS];
	uint64_t verdict_octets[PFLOWI_VERDICTS];
	uint64_t first_ns;  /**< time of the first frame */
	struct pflowi_filter *filter; /**< NULL: all pass */
	unsigned batch_at, batch_count;
	struct pflowi_packet batch[PFLOWI_ACCOUNT_BATCH];
	struct pflowi_flow_table table;
};

/**
 * @param a    caller's storage, all zero
 * @param cfg  borrowed for the call
 * @param err  one line, if it fails
 * @return PFLOW_OK, PFLOW_ERR_INVALID, PFLOW_ERR_UNSUPPORTED,
 *         PFLOW_ERR_NOMEM, PFLOW_ERR_SYSTEM; fini() is to be called anyway
 */
int pflowi_account_init(struct pflowi_account *a,
    const struct pflow_source_config *cfg, char *err, size_t err_len);

void pflowi_account_fini(struct pflowi_account *a);

static inline bool
pflowi_account_full(const struct pflowi_account *a)
{
	return a->batch_count == PFLOWI_ACCOUNT_BATCH;
}

/**
 * Count a frame, and find out what it is.
 *
 * @param pk  out
 * @return 1: a packet to account; 0: left out; PFLOW_ERR_INVALID: the filter
 *         cannot be applied to it, err says why
 */
int pflowi_account_look(struct pflowi_account *a,
    const struct pflowi_capture_frame *frame, struct pflowi_packet *pk,
    char *err, size_t err_len);

/**
 * Take one frame into the batch, which is not full.
 *
 * @return PFLOW_OK; PFLOW_ERR_INVALID: the filter cannot be applied to it,
 *         err says why
 */
int pflowi_account_frame(struct pflowi_account *a,
    const struct pflowi_capture_frame *frame, char *err, size_t err_len);

static inline bool
pflowi_account_pending(const struct pflowi_account *a)
{
	return a->batch_count != 0;
}

/** Move the batch, or as much as gives room, into the table. */
void pflowi_account_settle(struct pflowi_account *a);

/**
 * Give states that are ready to the sink.
 *
 * @param now     passed on
 * @param budget  in and out: how many may be given
 * @return PFLOW_OK: none is left; PFLOW_MORE: the budget is used;
 *         what the sink said
 */
int pflowi_account_give(struct pflowi_account *a, struct pflow_now now,
    unsigned *budget, pflow_sink_fn *sink, void *arg);

/** The clock of a recording, and one that runs 24 days ahead of its start. */
struct pflow_now pflowi_account_now(const struct pflowi_account *a);

/** @param clock  tell the steps of the clock too: all parts of a source see
 *                the same ones */
void pflowi_account_counters(const struct pflowi_account *a, bool clock,
    pflow_counter_fn *fn, void *arg);

/** Octets nobody can foresee (seed_*.c). PFLOW_OK or PFLOW_ERR_SYSTEM. */
int pflowi_seed(void *to, size_t len);

#endif /* PFLOWI_PCAP_ACCOUNT_H */
