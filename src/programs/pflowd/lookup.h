/* SPDX-License-Identifier: ISC */
/* Names of hosts, found by a process of its own. */
#ifndef PFLOWD_LOOKUP_H
#define PFLOWD_LOOKUP_H

#include "programs/pflowd/message.h"

/** The resolver: answer until nobody is there any more. */
void pflowd_lookup_serve(int channel);

/** As pflow_system.lookup; arg points to the channel's descriptor. */
size_t pflowd_lookup_ask(void *arg, const char *host, unsigned version,
    struct pflow_address *out, size_t max, char *err, size_t err_len);

#endif /* PFLOWD_LOOKUP_H */
