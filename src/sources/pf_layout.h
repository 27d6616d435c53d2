/* SPDX-License-Identifier: ISC */
/*
 * The full-state layouts of pf, each described once: where a field stands,
 * how wide it is, in which order its octets come. One walker reads them all.
 *
 * Index 0 of every pair is what pf calls 0: key WIRE before STACK, and inside
 * a key the end that is the source of an inbound and the destination of an
 * outbound state. Layouts older than the two keys name hosts (lan, gwy, ext);
 * those are the same places: WIRE is { ext, gwy }, STACK is { ext, lan }.
 */
#ifndef PFLOWI_PF_LAYOUT_H
#define PFLOWI_PF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_state.h"

/** Every layout: L(symbol, "word of ?layout=", octets of a record). */
#define PFLOWI_PF_LAYOUTS(L)                                                   \
	L(openbsd, "openbsd", 264)                                             \
	L(freebsd_1301, "freebsd-1301", 242)                                   \
	L(freebsd_1400, "freebsd-1400", 277)                                   \
	L(freebsd_1500, "freebsd-1500", 360)                                   \
	L(freebsd_v2, "freebsd-v2", 384)                                       \
	L(macos, "macos", 297)                                                 \
	L(pfsync_5, "pfsync-5", 240)                                           \
	L(pfsync_4, "pfsync-4", 240)                                           \
	L(pfsync_3, "pfsync-3", 240)                                           \
	L(pfsync_2, "pfsync-2", 224)

enum pflowi_pf_layout_id {
#define PFLOWI_PF_LAYOUT_ENUM(symbol, word, size) PFLOWI_PF_LAYOUT_##symbol,
	PFLOWI_PF_LAYOUTS(PFLOWI_PF_LAYOUT_ENUM)
#undef PFLOWI_PF_LAYOUT_ENUM
	    PFLOWI_PF_LAYOUT_COUNT
};

/** The largest record of all. */
#define PFLOWI_PF_RECORD_MAX 384

/** Octet order of the integers that a layout keeps in host order. */
enum pflowi_pf_order { PFLOWI_PF_LITTLE, PFLOWI_PF_BIG };

/** What is known of a layout without reading records. */
struct pflowi_pf_layout_info {
	const char *name;
	size_t size;
	bool host; /**< the order matters */
};

/** @param id  any; out of range gives NULL */
const struct pflowi_pf_layout_info *pflowi_pf_layout_info(unsigned id);

/** @return PFLOWI_PF_LAYOUT_COUNT if no layout has this name */
unsigned pflowi_pf_layout_by_name(const char *name, size_t len);

/** The creatorid of a record, without taking it apart. */
uint32_t pflowi_pf_creatorid(enum pflowi_pf_layout_id id, const uint8_t *p);

/**
 * Take one record apart; nothing in it is believed yet.
 *
 * @param id     a layout
 * @param order  of integers in host order; means nothing to the others
 * @param p      the record, its whole size; only read
 * @param raw    out: every member set
 */
void pflowi_pf_unpack(enum pflowi_pf_layout_id id, enum pflowi_pf_order order,
    const uint8_t *p, struct pflowi_pf_raw *raw);

#endif /* PFLOWI_PF_LAYOUT_H */
