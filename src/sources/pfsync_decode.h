/* SPDX-License-Identifier: ISC */
/*
 * pfsync packets, versions 2 to 6, as sections of messages. Pure: octets in,
 * views of the same octets out. Nothing is believed that was not checked to
 * lie inside the packet.
 */
#ifndef PFLOWI_PFSYNC_DECODE_H
#define PFLOWI_PFSYNC_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/pf_layout.h"

/** What a message means, whatever number its dialect gives it. */
enum pflowi_pfsync_kind {
	PFLOWI_PFSYNC_CLR,
	PFLOWI_PFSYNC_INS,
	PFLOWI_PFSYNC_UPD,
	PFLOWI_PFSYNC_DEL,	/**< with a full state */
	PFLOWI_PFSYNC_UPD_C,
	PFLOWI_PFSYNC_DEL_C,
	PFLOWI_PFSYNC_BUS,
	PFLOWI_PFSYNC_IGNORED,	/**< acknowledgements, requests, IPsec */
	PFLOWI_PFSYNC_OBSOLETE,	/**< states in a layout nobody recorded */
	PFLOWI_PFSYNC_UNKNOWN	/**< skipped by its own length */
};

/** `count` messages of one kind, `size` octets each, one after the other. */
struct pflowi_pfsync_section {
	enum pflowi_pfsync_kind kind;
	enum pflowi_pf_layout_id layout; /**< of INS, UPD, DEL */
	uint8_t version;
	const uint8_t *body;
	size_t size;
	size_t count;	/**< whole messages in body */
	size_t missing;	/**< announced, but cut off */
};

/** Why a packet, or the rest of one, was not read: W(name, "help"). */
#define PFLOWI_PFSYNC_FAULTS(W)                                                \
	W(truncated, "pfsync packets cut off")                                 \
	W(bad_version, "packets of no pfsync version from 2 to 6")             \
	W(bad_length, "lengths or counts that do not fit their packet")        \
	W(bad_action, "messages of unknown size, rest of the packet skipped")  \
	W(ambiguous, "version 5 packets that fit no known state size")

enum pflowi_pfsync_fault {
	PFLOWI_PFSYNC_NO_FAULT,
#define PFLOWI_PFSYNC_FAULT_ENUM(name, help) PFLOWI_PFSYNC_##name,
	PFLOWI_PFSYNC_FAULTS(PFLOWI_PFSYNC_FAULT_ENUM)
#undef PFLOWI_PFSYNC_FAULT_ENUM
	    PFLOWI_PFSYNC_FAULT_COUNT
};

/** A walk over one packet; private. */
struct pflowi_pfsync {
	const uint8_t *p;
	size_t left;
	bool cut;	/**< the packet was longer than what is there */
	bool cut_inside; /**< and the last section shows it */
	bool done;
	uint8_t version;
	size_t v5_state;/**< octets of actions 1, 3, 6 in version 5 */
};

/**
 * Begin with a packet.
 *
 * @param it   caller's storage
 * @param p    from the pfsync header on; borrowed while `it` is used
 * @param len  octets that are there
 * @param wire octets that were sent; len or more
 * @return PFLOWI_PFSYNC_NO_FAULT, or why nothing of it can be read
 */
enum pflowi_pfsync_fault pflowi_pfsync_begin(struct pflowi_pfsync *it,
    const uint8_t *p, size_t len, size_t wire);

/**
 * The next section.
 *
 * @param out    the section, if true
 * @param fault  out: why the walk ended early, if false
 * @return false: the packet ended
 */
bool pflowi_pfsync_next(struct pflowi_pfsync *it,
    struct pflowi_pfsync_section *out, enum pflowi_pfsync_fault *fault);

/** The members of the small messages. */
struct pflowi_pfsync_clr {
	char ifname[PFLOWI_PF_IFNAME_LEN]; /**< all NUL: every interface */
	uint32_t creatorid;
};

struct pflowi_pfsync_upd_c {
	uint64_t id;
	uint32_t creatorid;
	uint8_t timeout;
};

struct pflowi_pfsync_bus {
	uint32_t creatorid;
	uint8_t status; /**< 1: bulk update starts, 2: ends */
};

/** Where INS, UPD, UPD_C, DEL_C keep their id: 8 octets, then creatorid. */
uint64_t pflowi_pfsync_id(const uint8_t *message);

/** @param section  of kind CLR; message: one of its messages */
void pflowi_pfsync_get_clr(const struct pflowi_pfsync_section *section,
    const uint8_t *message, struct pflowi_pfsync_clr *out);

void pflowi_pfsync_get_upd_c(const uint8_t *message,
    struct pflowi_pfsync_upd_c *out);

void pflowi_pfsync_get_bus(const uint8_t *message,
    struct pflowi_pfsync_bus *out);

/** creatorid of a DEL_C. */
uint32_t pflowi_pfsync_del_c_creatorid(const uint8_t *message);

#endif /* PFLOWI_PFSYNC_DECODE_H */
