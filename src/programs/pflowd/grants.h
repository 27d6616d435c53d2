/* SPDX-License-Identifier: ISC */
/*
 * What the worker may have opened: what the configuration names, and what
 * requests of people with the right to it do.  Pure: nothing is opened here.
 */
#ifndef PFLOWD_GRANTS_H
#define PFLOWD_GRANTS_H

#include <pflow/system.h>

#include "programs/pflowd/conf.h"

#define PFLOWD_CLIENTS_MAX 16 /**< connections to the control socket */

struct pflowd_grants {
	struct pflowd_conf conf; /**< that runs; owned */
	struct pflowd_conf next; /**< that is being loaded; owned */
	struct pflowd_conf sets; /**< interfaces as they were set; owned */
	/** Requests that the worker has not answered yet; owned. */
	struct pflowd_entry pending[PFLOWD_CLIENTS_MAX];
	bool is_pending[PFLOWD_CLIENTS_MAX];
	bool loading; /**< next is there */
};

void pflowd_grants_init(struct pflowd_grants *g);
void pflowd_grants_fini(struct pflowd_grants *g);

/** A configuration may be loaded. @param conf  emptied */
void pflowd_grants_offer(struct pflowd_grants *g, struct pflowd_conf *conf);

/** It was, or was not. What was set before yields to what it names. */
void pflowd_grants_settle(struct pflowd_grants *g, bool loaded);

/**
 * Somebody with the right to it asks for these settings.
 *
 * @return PFLOW_OK, PFLOW_ERR_NOMEM
 */
int pflowd_grants_ask(struct pflowd_grants *g, unsigned client,
    unsigned number, const struct pflowi_settings *settings);

/** They are in force, or are not. Without a request nothing happens. */
void pflowd_grants_done(struct pflowd_grants *g, unsigned client, bool done);

bool pflowd_may_file(const struct pflowd_grants *g, const char *path,
    enum pflow_file_use use);
bool pflowd_may_socket(const struct pflowd_grants *g,
    const struct pflow_socket_wish *wish);

/** May it have the connection table read? */
bool pflowd_may_request(const struct pflowd_grants *g);

/** The line with this word. @return NULL: there is none */
const struct pflowd_metrics_line *pflowd_may_listen(
    const struct pflowd_grants *g, const char *word);

#endif /* PFLOWD_GRANTS_H */
