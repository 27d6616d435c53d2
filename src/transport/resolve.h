/* SPDX-License-Identifier: ISC */
/*
 * Names to addresses, without waiting: a thread of its own asks, service()
 * looks whether it has answered. A resolver belongs to one transport.
 */
#ifndef PFLOWI_RESOLVE_H
#define PFLOWI_RESOLVE_H

#include <pflow/transport.h>

#include "transport/endpoint.h"

#define PFLOWI_ADDRS_MAX 8

struct pflowi_addrs {
	struct pflowi_addr addr[PFLOWI_ADDRS_MAX];
	size_t count;
};

/**
 * The question. It may block.
 *
 * @param family  AF_UNSPEC, or the only one that is of use
 * @return PFLOW_OK with at least one address, or PFLOW_ERR_NOTFOUND and why
 */
typedef int pflowi_lookup_fn(void *arg, const struct pflowi_endpoint *ep,
    int family, struct pflowi_addrs *out, char *err, size_t err_len);

struct pflowi_resolve_job;

struct pflowi_resolver {
	struct pflowi_resolve_job *job; /**< NULL: idle */
	uint64_t look_ns;		/**< when to look again */
	uint64_t step_ns;
	pflowi_lookup_fn *lookup; /**< tests: asked at once, no thread */
	void *lookup_arg;
	const struct pflow_system *system; /**< answers; NULL: no help */
};

/** Ask, unless a question is under way. */
void pflowi_resolver_ask(struct pflowi_resolver *r,
    const struct pflowi_endpoint *ep, int family, struct pflow_now now);

bool pflowi_resolver_busy(const struct pflowi_resolver *r);

/**
 * Has the answer come?
 *
 * @return PFLOW_OK: out is filled; PFLOW_ERR_AGAIN: not yet, see look_ns;
 *         PFLOW_ERR_NOTFOUND: err says why
 */
int pflowi_resolver_take(struct pflowi_resolver *r, struct pflow_now now,
    struct pflowi_addrs *out, char *err, size_t err_len);

/** Forget the question; its thread ends by itself. */
void pflowi_resolver_drop(struct pflowi_resolver *r);

#endif /* PFLOWI_RESOLVE_H */
