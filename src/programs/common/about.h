/* SPDX-License-Identifier: ISC */
/*
 * What sources know beside their states, for options records: the names of
 * interfaces, and the packets that they saw but did not meter.
 */
#ifndef PFLOWI_ABOUT_H
#define PFLOWI_ABOUT_H

#include <stdbool.h>

#include <pflow/exporter.h>
#include <pflow/source.h>

/** How often sources are asked. */
#define PFLOWI_ABOUT_NS UINT64_C(1000000000)

/** Octets of a name, terminator included; options records carry 32. */
#define PFLOWI_ABOUT_NAME 33

struct pflowi_about_name {
	uint32_t index;
	char text[PFLOWI_ABOUT_NAME];
};

/** Begins with all members 0. */
struct pflowi_about {
	struct pflowi_about_name *names;    /**< owned, sorted by index */
	struct pflow_interface *interfaces; /**< owned, the same for exporters */
	size_t count;
	size_t room;
	uint64_t ignored_packets;
	uint64_t ignored_octets;
	uint64_t due_ns; /**< when to ask again */
};

void pflowi_about_fini(struct pflowi_about *a);

/** Begin to ask all sources anew. */
void pflowi_about_begin(struct pflowi_about *a, struct pflow_now now);

/** Ask a source. What there is no memory for is left out. */
void pflowi_about_source(struct pflowi_about *a,
    const struct pflow_source *src);

/** All were asked: interfaces[] is filled in. */
void pflowi_about_end(struct pflowi_about *a);

#endif /* PFLOWI_ABOUT_H */
