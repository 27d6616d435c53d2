/* SPDX-License-Identifier: ISC */
/*
 * Receivers: exporters and transports put together (link pflow::transport).
 * States go in; messages reach one collector or several. Everything a driver
 * has to do between an exporter and its transport is done here.
 *
 * Each receiver has an exporter, a session and a sequence of its own, and a
 * bounded queue, so that one that is dead or slow costs the others nothing.
 * For one receiver that stands in for another see failover.h; for messages
 * that must survive see spool.h. Both make a transport that goes in here.
 */
#ifndef PFLOW_RECEIVERS_H
#define PFLOW_RECEIVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/exporter.h>
#include <pflow/transport.h>

PFLOW_BEGIN_DECLS

/** How states are shared out. */
enum pflow_receivers_mode {
	PFLOW_RECEIVERS_ALL,	/**< each receiver gets every state */
	PFLOW_RECEIVERS_BALANCE /**< each state goes to one, by its flow: both
				     directions, and every report of it, to
				     the same one */
};

/** Receivers that can be had at once. */
#define PFLOW_RECEIVERS_MAX 16

/** Settings. Always begin with pflow_receivers_config_init(). */
struct pflow_receivers_config {
	size_t struct_size; /**< set by pflow_receivers_config_init() */
	enum pflow_receivers_mode mode;
	struct pflow_exporter_config exporter; /**< overhead and nature come
						    from each transport */
	size_t messages; /**< that may wait for each receiver; default 512, at
			      least 8 */
	bool wait; /**< a full queue refuses states; default: it drops its
			oldest message and counts the records */
};

/** Opaque. */
struct pflow_receivers;

/** Defaults: all, pflow_exporter_config_init(), 512 messages, no wait. */
PFLOW_API void pflow_receivers_config_init(struct pflow_receivers_config *cfg);

/**
 * Open transports and begin.
 *
 * @param transports  created, not yet open; owned by the result, and closed
 *                    on failure too
 * @param count       1 to PFLOW_RECEIVERS_MAX
 * @param out         NULL on failure
 * @param err         one line on failure
 * @return PFLOW_OK; PFLOW_ERR_INVALID, PFLOW_ERR_RANGE: settings;
 *         PFLOW_ERR_NOMEM; what a transport's open() gives
 */
PFLOW_API int pflow_receivers_open(const struct pflow_receivers_config *cfg,
    struct pflow_transport *const *transports, size_t count,
    struct pflow_now now, struct pflow_receivers **out, char *err,
    size_t err_len);

/**
 * Feed states.
 *
 * @param taken  out: how many of the first were taken
 * @return PFLOW_OK: all; PFLOW_ERR_AGAIN: only with `wait`
 */
PFLOW_API int pflow_receivers_feed(struct pflow_receivers *r,
    const struct pflow_state *states, size_t count, struct pflow_now now,
    size_t *taken);

/**
 * Do what is due for all: sessions, deadlines, sending.
 *
 * @return PFLOW_OK: nothing waits; PFLOW_ERR_AGAIN: something does;
 *         PFLOW_ERR_SYSTEM: no receiver can ever work
 */
PFLOW_API int pflow_receivers_service(
    struct pflow_receivers *r, struct pflow_now now);

/**
 * What receiver i waits for; its exporter's deadline is included.
 *
 * @param i  less than pflow_receivers_count()
 */
PFLOW_API void pflow_receivers_want(
    const struct pflow_receivers *r, size_t i, struct pflow_want *out);

/** Seal open messages whatever their age. service() sends them. */
PFLOW_API void pflow_receivers_flush(
    struct pflow_receivers *r, struct pflow_now now);

/** Templates again, before the next data, for all. */
PFLOW_API void pflow_receivers_refresh(struct pflow_receivers *r);

/** How many there are. */
PFLOW_API size_t pflow_receivers_count(const struct pflow_receivers *r);

/** The transport of receiver i: counters, error text. Borrowed. */
PFLOW_API struct pflow_transport *pflow_receivers_transport(
    struct pflow_receivers *r, size_t i);

/** The statistics of receiver i's exporter; always current. */
PFLOW_API const struct pflow_exporter_stats *pflow_receivers_stats(
    const struct pflow_receivers *r, size_t i);

/** Which receiver a state goes to by `balance`, of count. */
PFLOW_API size_t pflow_receivers_pick(
    const struct pflow_state *st, size_t count);

/** Count what waits as discarded, so that the statistics are final. */
PFLOW_API void pflow_receivers_abandon(
    struct pflow_receivers *r, struct pflow_now now);

/** Release everything. What waits is gone; abandon it first to count it. */
PFLOW_API void pflow_receivers_close(struct pflow_receivers *r);

PFLOW_END_DECLS

#endif /* PFLOW_RECEIVERS_H */
