/* SPDX-License-Identifier: ISC */
/*
 * One pflow interface of pflowd: settings, and its lanes as soon as there is
 * a destination.  Nothing that happens to it is felt by another one.
 */
#ifndef PFLOWD_IFACE_H
#define PFLOWD_IFACE_H

#include "programs/common/lanes.h"
#include "programs/common/report.h"
#include "programs/common/resolve.h"
#include "programs/pflowd/fault.h"

/** The road of an interface; two live for a moment while it is changed. */
struct pflowd_road {
	struct pflowi_lanes lanes;
	char dest_word[PFLOWI_DESTS_LEN];
};

struct pflowd_iface {
	unsigned number;
	struct pflowi_settings settings; /**< owned */
	struct pflowd_road *road;	 /**< owned; NULL: no destination */
	struct pflow_exporter_stats past; /**< of roads that ended */
	uint64_t states;		 /**< offered */
	uint64_t unrouted;		 /**< of these: there was no road */
	uint64_t past_offered;		 /**< to lanes of roads that ended */
	uint64_t past_overflow;		 /**< of these: no room for them */
	struct pflowd_fault fault;	 /**< of its transports */
	const struct pflow_system *system; /**< opens its road; NULL: itself */
	uint32_t rate;			 /**< messages a second if not set */
	bool from_file;			 /**< pflowd.conf names it */
	bool ready;			 /**< its descriptor is */
	bool dead;			 /**< the transport can never work */
};

/**
 * Open the road of settings.
 *
 * @param system  opens what it wants of the system; NULL: done here
 * @param road  out: NULL without dst; the caller's
 * @return PFLOW_OK or a negative status with a problem
 */
int pflowd_road_open(const struct pflowi_settings *settings,
    const struct pflow_system *system, uint32_t rate, struct pflow_now now,
    struct pflowd_road **road, struct pflowi_problem *problem);

/** Release it. What waits is lost uncounted: see pflowd_iface_end_road(). */
void pflowd_road_close(struct pflowd_road *road);

/** Flush, send what goes at once, count the rest, close. */
void pflowd_iface_end_road(struct pflowd_iface *iface, struct pflow_now now);

/**
 * Change settings, all or nothing. If nothing changes, nothing is touched.
 *
 * @param settings  taken over (emptied) after PFLOW_OK
 * @return PFLOW_OK or a negative status with a problem
 */
int pflowd_iface_change(struct pflowd_iface *iface,
    struct pflowi_settings *settings, struct pflow_now now,
    struct pflowi_problem *problem);

/** All states are taken: exported, or counted. */
void pflowd_iface_feed(struct pflowd_iface *iface,
    const struct pflow_state *states, size_t count, struct pflow_now data_now,
    struct pflow_now now);

/** Do what is due. */
void pflowd_iface_turn(struct pflowd_iface *iface, struct pflow_now now,
    bool idle);

/** Remember what went wrong last, if anything did. */
void pflowd_iface_look(struct pflowd_iface *iface, struct pflow_now now);

/** Is it about to be full although its transport moves? Then a recording
 *  can wait a moment. */
bool pflowd_iface_is_crowded(const struct pflowd_iface *iface,
    struct pflow_now now);

/** All that was ever counted, of roads that ended too. */
void pflowd_iface_stats(const struct pflowd_iface *iface,
    struct pflow_exporter_stats *out);

/** States for which there was no room, of roads that ended too. */
uint64_t pflowd_iface_overflow(const struct pflowd_iface *iface);

/** Do the sums of <pflow/exporter.h> hold, and was all fed? */
bool pflowd_iface_sums_agree(const struct pflowd_iface *iface);

/** Does it have a session, or a socket that took something? */
bool pflowd_iface_is_connected(const struct pflowd_iface *iface);

/** Facts and counters. */
void pflowd_iface_counters(const struct pflowd_iface *iface,
    struct pflowi_report *report);

#endif /* PFLOWD_IFACE_H */
