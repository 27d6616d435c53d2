/* SPDX-License-Identifier: ISC */
/*
 * All counters as Prometheus reads them (text format 0.0.4).  Names are made
 * from the counters' own: docs/metrics.md says how, and lists them.
 */
#ifndef PFLOWD_EXPOSITION_H
#define PFLOWD_EXPOSITION_H

#include <event2/buffer.h>

#include "programs/pflowd/engine.h"

#define PFLOWD_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** @return PFLOW_OK; PFLOW_ERR_NOMEM */
int pflowd_exposition_write(const struct pflowd_engine *e,
    struct evbuffer *out);

#endif /* PFLOWD_EXPOSITION_H */
