/* SPDX-License-Identifier: ISC */
/*
 * Sources and interfaces, and what runs between them: every batch of states
 * goes to every interface.  It polls nothing and asks no clock; the loop does.
 */
#ifndef PFLOWD_ENGINE_H
#define PFLOWD_ENGINE_H

#include <pflow/source.h>

#include "programs/pflowd/conf.h"
#include "programs/pflowd/helper.h"
#include "programs/pflowd/iface.h"

/** Between the wish to end and the end: sources give what they track, then
 *  interfaces send what waits. */
#define PFLOWD_STOP_NS UINT64_C(5000000000)

/** A spool makes and removes files all the time. */
#define PFLOWD_SPOOL_SEALED                                                    \
	"spool: a worker in a sandbox has no directories, expected a line "    \
	"'sandbox no'"

struct pflowd_source {
	char *word;			 /**< owned */
	struct pflowi_settings settings; /**< owned */
	struct pflow_source *source;	 /**< owned, open */
	struct pflowd_fault fault;
	uint64_t states;  /**< given */
	uint64_t packets; /**< in them, both ways */
	uint64_t octets;
	bool recording; /**< its states' clock is not the machine's */
	bool held;	/**< waits for crowded interfaces */
	bool ended;	/**< no more states will come */
	bool more;	/**< can go on at once */
	bool ready;	/**< its descriptor is */
};

struct pflowd_engine {
	struct pflowd_source **sources; /**< owned */
	size_t source_count;
	struct pflowd_iface **ifaces;	/**< owned, by number */
	size_t iface_count;
	struct pflowi_about about;	/**< told to the interfaces */
	struct pflow_now now;		/**< of this turn */
	struct pflowd_source *feeding;	/**< of this pump */
	struct pflowd_helper *helper;	/**< opens what is to be opened; NULL:
					     done here; borrowed */
	bool sealed;			/**< live sources cannot be opened */
	uint64_t stop_at_ns;		/**< 0: not asked to end */
	bool flushed;
};

void pflowd_engine_init(struct pflowd_engine *e);

/** Release everything; stop it first, or what waits is lost uncounted. */
void pflowd_engine_fini(struct pflowd_engine *e);

/**
 * Become what a configuration says, all or nothing: what is the same stays
 * untouched, interfaces that no file ever named stay too.
 *
 * @param line  out: the line of a problem
 * @return PFLOW_OK; a negative status with a problem: nothing was changed
 */
int pflowd_engine_load(struct pflowd_engine *e, const struct pflowd_conf *conf,
    struct pflow_now now, unsigned *line, struct pflowi_problem *problem);

/** Check without opening anything. @return as load */
int pflowd_engine_check(const struct pflowd_conf *conf, unsigned *line,
    struct pflowi_problem *problem);

/** Who opens files and sockets. @return NULL: nobody else */
const struct pflow_system *pflowd_engine_system(
    const struct pflowd_engine *e);

/** @return NULL: none */
struct pflowd_iface *pflowd_engine_find(const struct pflowd_engine *e,
    unsigned number);

/**
 * A new interface, with the lowest number that is free.
 *
 * @return NULL: too many, or out of memory
 */
struct pflowd_iface *pflowd_engine_create(struct pflowd_engine *e);

void pflowd_engine_destroy(struct pflowd_engine *e, struct pflowd_iface *i);

/** One turn: pump, export, send. @return false: the end was asked for and
 *  all is done */
bool pflowd_engine_turn(struct pflowd_engine *e, struct pflow_now now);

/** When the next turn is due, whatever descriptors do. */
uint64_t pflowd_engine_due(const struct pflowd_engine *e);

/** Remember what went wrong last, if anything did. */
void pflowd_source_look(struct pflowd_source *s, struct pflow_now now);

/** What a source waits for; fd -1 if it is not to be pumped now. */
void pflowd_source_want(const struct pflowd_source *s,
    struct pflow_want *want);

/** All counters of a source, and what it gave. */
void pflowd_source_counters(const struct pflowd_source *s,
    struct pflowi_report *report);

/** Ask for the end. */
void pflowd_engine_stop(struct pflowd_engine *e, struct pflow_now now);

#endif /* PFLOWD_ENGINE_H */
