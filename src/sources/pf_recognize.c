/* SPDX-License-Identifier: ISC */
#include "sources/pf_recognize.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "sources/pf_text.h"

/** Records that are looked at. */
#define RECORDS 64u

/** Ten years of seconds: no state is older, none lives longer. */
#define SECONDS_MAX (UINT64_C(10) * 366 * 86400)

/** More routing tables no system has. */
#define RTABLE_MAX 65535

/** pf_state_export has said 20230404 since there are flags in it. */
#define V2_VERSION_MAX 30000000u

struct candidate {
	enum pflowi_pf_layout_id layout;
	enum pflowi_pf_order order;
};

/**
 * Layouts that tables come in. Of pfsync 4 and 5 only one can be told from
 * the other by what their flags mean, so the one that claims less stands here.
 */
static const struct candidate candidates[] = {
	{ PFLOWI_PF_LAYOUT_openbsd, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_freebsd_1301, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_freebsd_1400, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_freebsd_1500, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_LITTLE },
	{ PFLOWI_PF_LAYOUT_freebsd_v2, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_LITTLE },
	{ PFLOWI_PF_LAYOUT_macos, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_pfsync_4, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_pfsync_3, PFLOWI_PF_BIG },
	{ PFLOWI_PF_LAYOUT_pfsync_2, PFLOWI_PF_BIG },
};

/** A name and nothing behind it, in the record as well. */
static bool
is_ifname(const char name[PFLOWI_PF_IFNAME_LEN])
{
	size_t i;

	for (i = 0; i < PFLOWI_PF_IFNAME_LEN && name[i] != '\0'; i++)
		if (name[i] <= 0x20 || name[i] > 0x7e)
			return false;
	return i > 0 && i < PFLOWI_PF_IFNAME_LEN;
}

/** Octets behind IPv4 addresses that are zero, as they nearly always are. */
static unsigned
address_score(const struct pflowi_pf_raw *raw, const struct pflow_state *st)
{
	static const uint8_t zero[12];
	unsigned score = 0;
	size_t key, end;

	for (key = 0; key < 2; key++)
		for (end = 0; end < 2; end++)
			if (st->key[key].af != PFLOW_AF_IPV4 ||
			    memcmp(raw->addr[key][end] + 4, zero, 12) == 0)
				score++;
	return score;
}

/** pf_state_export begins with a version, a date in decimal. */
static bool
is_version(const struct candidate *c, const uint8_t *p)
{
	uint64_t version = c->order == PFLOWI_PF_LITTLE ? pflowi_get_le64(p)
							: pflowi_get_be64(p);

	return version != 0 && version <= V2_VERSION_MAX;
}

/** How much sense a record makes: 0 none, else 1 to 17. */
static unsigned
score_record(const struct candidate *c, const uint8_t *p)
{
	struct pflowi_pf_raw raw;
	struct pflow_state st;
	unsigned score = 1;
	size_t i;

	pflowi_pf_unpack(c->layout, c->order, p, &raw);
	/* Beyond the codes of its system only PURGE and UNLINKED stand. */
	if (pflowi_pf_state(&raw, UINT64_MAX, &st) != PFLOWI_PF_GOOD ||
	    raw.timeout > raw.codes + 2 || raw.rtable < -1 ||
	    raw.rtable > RTABLE_MAX ||
	    (c->layout == PFLOWI_PF_LAYOUT_freebsd_v2 && !is_version(c, p)))
		return 0;
	score += address_score(&raw, &st);
	score += is_ifname(raw.ifname) ? 2 : 0;
	score += raw.age_s <= SECONDS_MAX;
	score += raw.expire_s <= SECONDS_MAX;
	score += raw.creatorid != 0;
	score += raw.id != 0;
	score += raw.proto[0] == 6 || raw.proto[0] == 17;
	/* An IP packet has 20 octets at least; 2^48 of them nobody counted. */
	for (i = 0; i < 2; i++) {
		score += raw.packets[i] >> 48 == 0;
		score += raw.packets[i] >> 48 == 0 &&
		    raw.bytes[i] >= raw.packets[i] * 20;
	}
	return score;
}

/**
 * The mean over the records; 0 if fewer than half of them make sense. A table
 * that ends inside a record was cut off; one record is not enough to say so.
 */
static unsigned
score_table(const struct candidate *c, const uint8_t *p, size_t len,
    uint64_t total)
{
	size_t size = pflowi_pf_layout_info(c->layout)->size;
	size_t n = len / size < RECORDS ? len / size : RECORDS, i, good = 0;
	bool whole = total % size == 0;
	unsigned sum = 0;

	if (n == 0 || (n == 1 && !whole))
		return 0;
	for (i = 0; i < n; i++) {
		unsigned score = score_record(c, p + i * size);

		good += score != 0;
		sum += score;
	}
	return good * 2 < n ? 0 : sum * 1000 / (unsigned)n + whole * 3000u;
}

/** Files that are often given by mistake. */
static const char *
other_kind(const uint8_t *p, size_t len)
{
	static const uint8_t magics[][4] = {
		{ 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};
	size_t i;

	for (i = 0; len >= 4 && i < PFLOWI_ARRAY_LEN(magics); i++)
		if (memcmp(p, magics[i], 4) == 0)
			return "a packet capture, to be read with pfsync:PATH "
			    "or pcap:PATH";
	return NULL;
}

int
pflowi_pf_recognize(const uint8_t *p, size_t len, uint64_t total,
    struct pflowi_pf_format *out, char *err, size_t err_len)
{
	const char *other = other_kind(p, len);
	unsigned best = 0, equals = 0;
	size_t i, at = 0;

	memset(out, 0, sizeof(*out));
	if (other != NULL) {
		snprintf(err, err_len, "%s", other);
		return PFLOW_ERR_UNSUPPORTED;
	}
	if (pflowi_pf_text_looks(p, len < 4096 ? len : 4096)) {
		out->text = true;
		return PFLOW_OK;
	}
	for (i = 0; i < PFLOWI_ARRAY_LEN(candidates); i++) {
		unsigned score = score_table(&candidates[i], p, len, total);

		equals = score == best ? equals + 1 : score > best ? 0 : equals;
		if (score > best) {
			best = score;
			at = i;
		}
	}
	if (best == 0 || equals > 0) {
		snprintf(err, err_len, best == 0
		    ? "no state table of a known layout; if it is one, name "
		      "the layout (pf:PATH?layout=NAME)"
		    : "fits more than one layout, name the right one "
		      "(pf:PATH?layout=NAME)");
		return PFLOW_ERR_UNSUPPORTED;
	}
	out->layout = candidates[at].layout;
	out->order = candidates[at].order;
	return PFLOW_OK;
}

static void
list_formats(char *err, size_t err_len, const char *name, size_t len)
{
	size_t at;
	unsigned i;
	int n = snprintf(err, err_len,
	    "layout %.*s is not known, expected one of text", (int)len, name);

	for (i = 0; i < PFLOWI_PF_LAYOUT_COUNT; i++) {
		const struct pflowi_pf_layout_info *info =
		    pflowi_pf_layout_info(i);

		if (n < 0 || (size_t)n >= err_len)
			return;
		at = (size_t)n;
		n += snprintf(err + at, err_len - at, ", %s%s", info->name,
		    info->host ? "[-le|-be]" : "");
	}
}

bool
pflowi_pf_format_by_name(const char *name, size_t len,
    struct pflowi_pf_format *out, char *err, size_t err_len)
{
	size_t bare = len;
	unsigned id;

	memset(out, 0, sizeof(*out));
	if (len == 4 && memcmp(name, "text", 4) == 0) {
		out->text = true;
		return true;
	}
	out->order = PFLOWI_PF_LITTLE;
	if (len > 3 && memcmp(name + len - 3, "-le", 3) == 0)
		bare = len - 3;
	if (len > 3 && memcmp(name + len - 3, "-be", 3) == 0) {
		bare = len - 3;
		out->order = PFLOWI_PF_BIG;
	}
	id = pflowi_pf_layout_by_name(name, bare);
	if (id == PFLOWI_PF_LAYOUT_COUNT ||
	    (bare != len && !pflowi_pf_layout_info(id)->host)) {
		list_formats(err, err_len, name, len < 64 ? len : 64);
		return false;
	}
	out->layout = (enum pflowi_pf_layout_id)id;
	return true;
}
