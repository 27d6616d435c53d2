/* SPDX-License-Identifier: ISC */
#include "sources/pfsync_decode.h"

#include <string.h>

#include "core/bytes.h"

#define HEADER_V2 4u
#define HEADER 20u
#define SUBHEADER 4u
#define EOF_ACTION 12u
#define CLR_BARE 8u /* the first version 2: creatorid and padding */

/** One action of one dialect. */
struct action {
	uint8_t kind;	/**< enum pflowi_pfsync_kind */
	uint8_t layout;	/**< enum pflowi_pf_layout_id */
	uint16_t size;	/**< octets of a message; 0: not known */
};

#define FULL(kind, symbol, octets)                                             \
	{ PFLOWI_PFSYNC_##kind, PFLOWI_PF_LAYOUT_##symbol, octets }
#define SMALL(kind, octets)                                                    \
	{ PFLOWI_PFSYNC_##kind, 0, octets }
#define NO_SIZE { PFLOWI_PFSYNC_UNKNOWN, 0, 0 }

static const struct action v6_actions[] = {
	SMALL(CLR, 20),
	SMALL(OBSOLETE, 0),
	SMALL(IGNORED, 12), /* INS_ACK */
	SMALL(OBSOLETE, 0),
	SMALL(UPD_C, 84),
	SMALL(IGNORED, 12), /* UPD_REQ */
	FULL(DEL, openbsd, 264),
	SMALL(DEL_C, 12),
	NO_SIZE, /* INS_F */
	NO_SIZE, /* DEL_F */
	SMALL(BUS, 12),
	SMALL(IGNORED, 48), /* OTDB */
	SMALL(IGNORED, 0),  /* EOF, deprecated */
	FULL(INS, openbsd, 264),
	FULL(UPD, openbsd, 264),
	SMALL(IGNORED, 52), /* TDB */
};

/* FreeBSD's. OpenBSD 4.5 to 4.7 had 0 to 12, with states of 240 octets. */
static const struct action v5_actions[] = {
	SMALL(CLR, 20),
	FULL(INS, freebsd_1301, 242),
	SMALL(IGNORED, 12),
	FULL(UPD, freebsd_1301, 242),
	SMALL(UPD_C, 84),
	SMALL(IGNORED, 12),
	FULL(DEL, freebsd_1301, 242),
	SMALL(DEL_C, 12),
	NO_SIZE,
	NO_SIZE,
	SMALL(BUS, 12),
	SMALL(IGNORED, 48), /* TDB */
	SMALL(IGNORED, 0),  /* EOF */
	FULL(INS, freebsd_1400, 277),
	FULL(UPD, freebsd_1400, 277),
	FULL(INS, freebsd_1500, 360),
	FULL(UPD, freebsd_1500, 360),
};

#define OLD_ACTIONS(layout, octets)                                            \
	{                                                                      \
		SMALL(CLR, 24), FULL(INS, layout, octets),                     \
		    FULL(UPD, layout, octets), FULL(DEL, layout, octets),      \
		    SMALL(UPD_C, 88), SMALL(DEL_C, 16), NO_SIZE, NO_SIZE,      \
		    SMALL(IGNORED, 16), SMALL(BUS, 16), SMALL(IGNORED, 48)     \
	}

static const struct action v4_actions[] = OLD_ACTIONS(pfsync_4, 240);
static const struct action v3_actions[] = OLD_ACTIONS(pfsync_3, 240);
static const struct action v2_actions[] = OLD_ACTIONS(pfsync_2, 224);

static const struct {
	const struct action *actions;
	size_t count;
} dialects[] = {
	[2] = { v2_actions, PFLOWI_ARRAY_LEN(v2_actions) },
	[3] = { v3_actions, PFLOWI_ARRAY_LEN(v3_actions) },
	[4] = { v4_actions, PFLOWI_ARRAY_LEN(v4_actions) },
	[5] = { v5_actions, PFLOWI_ARRAY_LEN(v5_actions) },
	[6] = { v6_actions, PFLOWI_ARRAY_LEN(v6_actions) },
};

/** What an action number means; NULL: nothing in this version. */
static const struct action *
find_action(uint8_t version, uint8_t number)
{
	return number < dialects[version].count
	    ? &dialects[version].actions[number] : NULL;
}

static bool
is_state(const struct action *a)
{
	return a->kind == PFLOWI_PFSYNC_INS || a->kind == PFLOWI_PFSYNC_UPD ||
	    a->kind == PFLOWI_PFSYNC_DEL;
}

/** Octets of a version 5 message, if its 1301 states had `state` octets. */
static size_t
v5_size(const struct action *a, size_t state)
{
	return is_state(a) && a->layout == PFLOWI_PF_LAYOUT_freebsd_1301 ? state
									 : a->size;
}

/**
 * Does a whole version 5 packet fit, its old states having `state` octets? Its
 * end is an EOF, or, if that is not asked for, the end of the octets.
 */
static bool
v5_fits(const uint8_t *p, size_t left, size_t state, bool eof)
{
	while (left >= SUBHEADER) {
		const struct action *a = find_action(5, p[0]);
		size_t count = pflowi_get_be16(p + 2), body;

		if (p[0] == EOF_ACTION)
			return count <= 1;
		if (a == NULL || a->size == 0)
			return false;
		body = count * v5_size(a, state);
		if (body > left - SUBHEADER)
			return false;
		p += SUBHEADER + body;
		left -= SUBHEADER + body;
	}
	return left == 0 && !eof;
}

/** 242: FreeBSD, 240: OpenBSD 4.5 to 4.7, 0: neither fits. */
static size_t
v5_state_size(const uint8_t *p, size_t left)
{
	static const size_t sizes[] = { 242, 240 };
	size_t i;

	for (i = 0; i < 4; i++)
		if (v5_fits(p, left, sizes[i % 2], i < 2))
			return sizes[i % 2];
	return 0;
}

enum pflowi_pfsync_fault
pflowi_pfsync_begin(struct pflowi_pfsync *it, const uint8_t *p, size_t len,
    size_t wire)
{
	size_t header, total;

	memset(it, 0, sizeof(*it));
	it->done = true;
	if (len < 1)
		return PFLOWI_PFSYNC_truncated;
	it->version = p[0];
	if (it->version < 2 || it->version > 6)
		return PFLOWI_PFSYNC_bad_version;
	header = it->version == 2 ? HEADER_V2 : HEADER;
	if (len < header)
		return PFLOWI_PFSYNC_truncated;
	it->done = false;
	if (it->version < 5) {
		it->p = p;
		it->left = len;
		it->cut = wire > len;
		return PFLOWI_PFSYNC_NO_FAULT;
	}
	total = pflowi_get_be16(p + 2);
	if (total < HEADER || total > wire) {
		it->done = true;
		return PFLOWI_PFSYNC_bad_length;
	}
	it->cut = total > len;
	it->p = p + header;
	it->left = (it->cut ? len : total) - header;
	if (it->version == 6)
		return PFLOWI_PFSYNC_NO_FAULT;
	/* A cut packet does not tell which of the two sizes it was made of. */
	if (!it->cut)
		it->v5_state = v5_state_size(it->p, it->left);
	return PFLOWI_PFSYNC_NO_FAULT;
}

/**
 * Take `count` messages of `size` octets, the size not 0. A packet that was
 * cut gives those that are whole; one that was not, and lies, gives none.
 */
static bool
take_body(struct pflowi_pfsync *it, size_t skip, size_t size, size_t count,
    struct pflowi_pfsync_section *out, enum pflowi_pfsync_fault *fault)
{
	size_t left = it->left - skip, there = left / size;

	if (count > there && !it->cut) {
		*fault = PFLOWI_PFSYNC_bad_length;
		return false;
	}
	out->body = it->p + skip;
	out->size = size;
	out->count = count < there ? count : there;
	out->missing = count - out->count;
	it->p += skip + out->count * size;
	it->left = left - out->count * size;
	return true;
}

/** Versions 2 to 4: one header, one action, `count` records. */
static bool
next_old(struct pflowi_pfsync *it, struct pflowi_pfsync_section *out,
    enum pflowi_pfsync_fault *fault)
{
	size_t header = it->version == 2 ? HEADER_V2 : HEADER;
	size_t left = it->left - header, count = it->p[3], size;
	const struct action *a = find_action(it->version, it->p[2]);

	it->done = true;
	if (a == NULL || a->size == 0) {
		*fault = PFLOWI_PFSYNC_bad_action;
		return false;
	}
	size = a->size;
	if (a->kind == PFLOWI_PFSYNC_CLR && it->version == 2 && !it->cut &&
	    left < count * size && left >= count * CLR_BARE)
		size = CLR_BARE;
	out->kind = (enum pflowi_pfsync_kind)a->kind;
	out->layout = (enum pflowi_pf_layout_id)a->layout;
	return take_body(it, header, size, count, out, fault);
}

static bool
next_v5(struct pflowi_pfsync *it, struct pflowi_pfsync_section *out,
    enum pflowi_pfsync_fault *fault)
{
	const struct action *a = find_action(5, it->p[0]);
	size_t count = pflowi_get_be16(it->p + 2);

	if (it->p[0] == EOF_ACTION) {
		it->done = true;
		return false;
	}
	if (a == NULL || a->size == 0) {
		*fault = PFLOWI_PFSYNC_bad_action;
		return false;
	}
	out->kind = (enum pflowi_pfsync_kind)a->kind;
	out->layout = (enum pflowi_pf_layout_id)a->layout;
	if (v5_size(a, 240) != a->size) {
		if (it->v5_state == 0 || it->cut) {
			*fault = it->cut ? PFLOWI_PFSYNC_truncated
					 : PFLOWI_PFSYNC_ambiguous;
			return false;
		}
		if (it->v5_state == 240)
			out->layout = PFLOWI_PF_LAYOUT_pfsync_5;
	}
	return take_body(it, SUBHEADER,
	    v5_size(a, it->v5_state == 240 ? 240 : 242), count, out, fault);
}

static bool
next_v6(struct pflowi_pfsync *it, struct pflowi_pfsync_section *out,
    enum pflowi_pfsync_fault *fault)
{
	const struct action *a = find_action(6, it->p[0]);
	size_t size = (size_t)it->p[1] * 4, count = pflowi_get_be16(it->p + 2);

	if (it->p[0] == EOF_ACTION && size == 0) {
		it->done = true;
		return false;
	}
	out->kind = PFLOWI_PFSYNC_UNKNOWN;
	if (a != NULL) {
		out->kind = (enum pflowi_pfsync_kind)a->kind;
		out->layout = (enum pflowi_pf_layout_id)a->layout;
	}
	if (a == NULL || a->size == 0 || size < a->size) {
		if (size == 0 || count == 0) {
			*fault = PFLOWI_PFSYNC_bad_action;
			return false;
		}
		if (out->kind != PFLOWI_PFSYNC_OBSOLETE)
			out->kind = PFLOWI_PFSYNC_UNKNOWN;
	}
	return take_body(it, SUBHEADER, size, count, out, fault);
}

bool
pflowi_pfsync_next(struct pflowi_pfsync *it, struct pflowi_pfsync_section *out,
    enum pflowi_pfsync_fault *fault)
{
	bool more;

	*fault = PFLOWI_PFSYNC_NO_FAULT;
	if (it->done) {
		if (it->cut_inside)
			*fault = PFLOWI_PFSYNC_truncated;
		it->cut_inside = false;
		return false;
	}
	memset(out, 0, sizeof(*out));
	out->version = it->version;
	if (it->version >= 5 && it->left < SUBHEADER) {
		it->done = true;
		if (it->cut)
			*fault = PFLOWI_PFSYNC_truncated;
		return false;
	}
	if (it->version == 6)
		more = next_v6(it, out, fault);
	else if (it->version == 5)
		more = next_v5(it, out, fault);
	else
		more = next_old(it, out, fault);
	if (more && out->missing > 0)
		it->cut_inside = true;
	if (!more || it->cut_inside)
		it->done = true;
	return more;
}

uint64_t
pflowi_pfsync_id(const uint8_t *message)
{
	return pflowi_get_be64(message);
}

void
pflowi_pfsync_get_clr(const struct pflowi_pfsync_section *section,
    const uint8_t *message, struct pflowi_pfsync_clr *out)
{
	memset(out, 0, sizeof(*out));
	if (section->size == CLR_BARE) {
		out->creatorid = pflowi_get_be32(message);
		return;
	}
	pflowi_pf_get_name(message, out->ifname);
	out->creatorid = pflowi_get_be32(message + 16);
}

void
pflowi_pfsync_get_upd_c(const uint8_t *message,
    struct pflowi_pfsync_upd_c *out)
{
	out->id = pflowi_get_be64(message);
	out->creatorid = pflowi_get_be32(message + 72);
	out->timeout = message[80];
}

void
pflowi_pfsync_get_bus(const uint8_t *message, struct pflowi_pfsync_bus *out)
{
	out->creatorid = pflowi_get_be32(message);
	out->status = message[8];
}

uint32_t
pflowi_pfsync_del_c_creatorid(const uint8_t *message)
{
	return pflowi_get_be32(message + 8);
}
