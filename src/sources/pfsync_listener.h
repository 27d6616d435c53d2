/* SPDX-License-Identifier: ISC */
/*
 * What hears pfsync, in a file or on an interface: frames to its table, states
 * to the sink. Where the frames come from is the business of a read function.
 */
#ifndef PFLOWI_PFSYNC_LISTENER_H
#define PFLOWI_PFSYNC_LISTENER_H

#include <pflow/source.h>

#include "sources/pcap_reader.h"
#include "sources/pf_setup.h"
#include "sources/pfsync_frame.h"
#include "sources/pfsync_table.h"

struct pflowi_pfsync_listener;

/**
 * Read one frame and pflowi_pfsync_listener_take() it.
 *
 * @return PFLOW_OK; PFLOW_ERR_AGAIN: there is none now; else the end, of
 *         which `text` says more
 */
typedef int pflowi_pfsync_read_fn(struct pflowi_pfsync_listener *l);

enum pflowi_pfsync_phase {
	PFLOWI_PFSYNC_READING,
	PFLOWI_PFSYNC_FLUSHING,
	PFLOWI_PFSYNC_DONE
};

/** The first member of a source that listens. */
struct pflowi_pfsync_listener {
	struct pflow_source src;
	enum pflowi_pfsync_phase phase;
	int end; /**< what pump() returns when all was given */
	bool live; /**< the clock is the driver's, not the recording's */
	pflowi_pfsync_read_fn *read;
	char *who; /**< the source in its own words: "pfsync:PATH" */
	struct pflowi_pf_setup setup;
	struct pflowi_pfsync_table *table;
	struct pflow_now now; /**< of the last pump() */
	uint64_t origin_ns;
	uint64_t frames;
	uint64_t packets;
	uint64_t verdicts[PFLOWI_PFSYNC_FRAME_COUNT];
	char text[900];
};

/**
 * @param l     all zero but src and read; fini() is to be called anyway
 * @param kind  "pfsync"; name: what follows the colon
 * @return as pflowi_pf_setup_init()
 */
int pflowi_pfsync_listener_init(struct pflowi_pfsync_listener *l,
    const char *kind, const char *name, const struct pflow_source_config *cfg,
    char *err, size_t err_len);

void pflowi_pfsync_listener_fini(struct pflowi_pfsync_listener *l);

/** The table, and the names. @return PFLOW_OK, or a status and a text */
int pflowi_pfsync_listener_open(struct pflowi_pfsync_listener *l,
    struct pflow_now now);

/** One frame; the read function was asked for it. */
void pflowi_pfsync_listener_take(struct pflowi_pfsync_listener *l,
    const struct pflowi_capture_frame *frame);

/** Is it frames that it waits for? If not, *out says what. */
bool pflowi_pfsync_listener_want(const struct pflowi_pfsync_listener *l,
    struct pflow_want *out);

/** When the table has something to do, on the clock drivers wait by. */
uint64_t pflowi_pfsync_listener_due(const struct pflowi_pfsync_listener *l);

/** The rest of struct pflow_source_ops. */
int pflowi_pfsync_listener_pump(struct pflow_source *src,
    struct pflow_now now, unsigned budget, pflow_sink_fn *sink, void *arg);
void pflowi_pfsync_listener_finish(struct pflow_source *src,
    struct pflow_now now);
void pflowi_pfsync_listener_interfaces(const struct pflow_source *src,
    pflow_interface_fn *fn, void *arg);
const char *pflowi_pfsync_listener_text(const struct pflow_source *src);

/** All that is told of frames, packets and states. */
void pflowi_pfsync_listener_counters(const struct pflowi_pfsync_listener *l,
    pflow_counter_fn *fn, void *arg);

#endif /* PFLOWI_PFSYNC_LISTENER_H */
