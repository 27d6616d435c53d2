/* SPDX-License-Identifier: ISC */
/*
 * libpflow, the codec: everything that needs no operating system (link
 * pflow::pflow).  Sources and transports have headers of their own
 * (<pflow/sources.h>, <pflow/transports.h>).
 *
 * Conventions common to all headers:
 *  - Functions return PFLOW_OK or a negative status (status.h); sizes come
 *    back through pointers.  A refusal changes nothing.
 *  - Integers are in host order, addresses in network order, lengths in
 *    octets; a unit ends the name (hold_ns, start_ms).
 *  - Contexts are the caller's storage and need no release.  Pointers that
 *    are given to a function are borrowed for the call, unless said.
 *  - Time is an argument (struct pflow_now), deadlines come back as mono_ns.
 *  - Different contexts may be used by different threads at the same time,
 *    one context by one thread at a time.  There is no global state.
 */
#ifndef PFLOW_PFLOW_H
#define PFLOW_PFLOW_H

#include <pflow/counter.h>
#include <pflow/decoder.h>
#include <pflow/element.h>
#include <pflow/export.h>
#include <pflow/exporter.h>
#include <pflow/ipfix.h>
#include <pflow/message.h>
#include <pflow/record.h>
#include <pflow/state.h>
#include <pflow/status.h>
#include <pflow/template.h>
#include <pflow/v5.h>
#include <pflow/value.h>
#include <pflow/version.h>
#include <pflow/wire.h>

#endif /* PFLOW_PFLOW_H */
