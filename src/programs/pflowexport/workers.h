/* SPDX-License-Identifier: ISC */
/*
 * The threads of a run: each has a part of the source, exporters and
 * transports of its own, and shares nothing with the others but the wish to
 * end. The first is the program's own.
 */
#ifndef PFLOWEXPORT_WORKERS_H
#define PFLOWEXPORT_WORKERS_H

#include <pthread.h>

#include "programs/common/driver.h"
#include "programs/common/progress.h"
#include "programs/common/resolve.h"

struct pflowexport_workers;

struct pflowexport_worker {
	struct pflowexport_workers *all;
	struct pflowi_interface interface; /**< its domain or engine ID is one
						more than of the one before */
	struct pflowi_lanes lanes;
	struct pflowi_driver driver;
	struct pflowi_progress progress;
	struct pflowi_figures figures; /**< under the lock of all */
	pthread_t thread;
	bool started;
	int status; /**< of the driver */
};

/** Caller's storage. */
struct pflowexport_workers {
	struct pflowexport_worker *one; /**< owned */
	size_t count;
	pthread_mutex_t lock;
};

/**
 * Refuse what cannot be had more than once.
 *
 * @return PFLOW_OK, or PFLOW_ERR_INVALID, PFLOW_ERR_RANGE with a problem
 */
int pflowexport_workers_check(const struct pflowi_settings *s,
    const struct pflowi_interface *in, size_t count,
    struct pflowi_problem *problem);

/**
 * @param sources   count of them, open; borrowed
 * @param in        borrowed
 * @param rate_pps  of all together; 0: no limit
 * @param err       one line, if it fails
 * @return PFLOW_OK or a negative status; close it in both cases
 */
int pflowexport_workers_open(struct pflowexport_workers *w,
    struct pflow_source *const *sources, size_t count,
    const struct pflowi_interface *in, uint32_t rate_pps, struct pflow_now now,
    char *err, size_t err_len);

/** @param source_word  and dest_word: for people; borrowed, as by progress */
void pflowexport_workers_show(struct pflowexport_workers *w,
    const char *source_word, const char *dest_word, bool quiet);

/**
 * Run all to their end; one that fails ends the others in good order.
 *
 * @return PFLOW_OK, or what the first of those said that failed
 */
int pflowexport_workers_run(struct pflowexport_workers *w);

void pflowexport_workers_close(struct pflowexport_workers *w);

#endif /* PFLOWEXPORT_WORKERS_H */
