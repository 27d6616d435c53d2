/* SPDX-License-Identifier: ISC */
#include "sources/pf_layout.h"

#include <string.h>

#include "core/bytes.h"

/** The layout has no such field. */
#define NONE UINT16_MAX

/** pf's "pflow" among the state flags. */
#define FLAG_PFLOW 0x0004u

/** From this one on DIOCGETSTATESV2 has 16 state flags. */
#define V2_VERSION 20230404u

/** How a pair of counters is stored. */
enum counter {
	COUNT32, /**< u32 each: pfsync 2 */
	COUNT64, /**< u64 each */
	HILO	 /**< two words each, the high one first */
};

/** The state flags, where their 0x04 is pf's "pflow". */
enum flags {
	FLAGS_NONE,
	FLAGS_8,
	FLAGS_16,
	FLAGS_V2 /**< 16 bits, in older versions 8 bits 4 octets before */
};

struct layout {
	bool host;	   /**< version and counters are in the sender's order */
	bool host_all;	   /**< and all other integers but identity and ports */
	bool swaps;	   /**< af-to swaps the ends of the second key */
	uint8_t counter;   /**< enum counter */
	uint8_t flag_kind; /**< enum flags */
	uint8_t icmp;	   /**< enum pflowi_pf_icmp */
	uint8_t system;	   /**< enum pflowi_pf_system */
	uint8_t codes;	   /**< timeout codes that exist */
	uint8_t age_size;  /**< octets of creation and of expire: 4 or 8 */
	uint16_t version;  /**< u64 */
	uint16_t id;
	uint16_t ifname;
	uint16_t orig_ifname;
	uint16_t addr[2][2];
	uint16_t port[2][2];
	uint16_t key_af[2]; /**< 0 in the record: af holds */
	uint16_t af;
	uint16_t proto[2];
	uint16_t rule;
	uint16_t anchor;
	uint16_t creation;
	uint16_t expire;
	uint16_t packets; /**< initiator's way; the way back follows */
	uint16_t bytes;
	uint16_t creatorid;
	uint16_t rtable;
	uint16_t direction;
	uint16_t timeout;
	uint16_t flags;
};

static const struct layout openbsd = {
	.counter = COUNT64,
	.codes = 20,
	.flag_kind = FLAGS_16,
	.icmp = PFLOWI_PF_ICMP_TYPED,
	.age_size = 4,
	.swaps = true,
	.version = NONE,
	.id = 0,
	.ifname = 8,
	.orig_ifname = NONE,
	.addr = { { 24, 40 }, { 64, 80 } },
	.port = { { 56, 58 }, { 96, 98 } },
	.key_af = { 62, 102 },
	.rule = 184,
	.anchor = 188,
	.creation = 196,
	.expire = 200,
	.packets = 204,
	.bytes = 220,
	.creatorid = 236,
	.rtable = 240,
	.af = 250,
	.proto = { 251, 251 },
	.direction = 252,
	.timeout = 255,
	.flags = 260,
};

/* What 1301, 1400, 1500, pfsync 4 and OpenBSD's pfsync 5 begin with. */
#define TWO_KEYS                                                               \
	.counter = COUNT64, .age_size = 4, .swaps = true, .version = NONE,     \
	.id = 0, .ifname = 8, .addr = { { 24, 40 }, { 60, 76 } },                  \
	.port = { { 56, 58 }, { 92, 94 } }, .rule = 176, .anchor = 180,        \
	.creation = 188, .expire = 192, .packets = 196, .bytes = 212,          \
	.creatorid = 228

/* The same, with the family, protocol and direction that all but 1500 have. */
#define ONE_FAMILY                                                             \
	TWO_KEYS, .orig_ifname = NONE, .key_af = { NONE, NONE }, .af = 232,    \
	.proto = { 233, 233 }, .direction = 234, .icmp = PFLOWI_PF_ICMP_MIXED

static const struct layout freebsd_1301 = {
	ONE_FAMILY,
	.codes = 25,
	.flag_kind = FLAGS_8,
	.flags = 238,
	.rtable = NONE,
	.timeout = 239,
};

static const struct layout freebsd_1400 = {
	ONE_FAMILY,
	.codes = 25,
	.flag_kind = FLAGS_16,
	.flags = 235,
	.rtable = 250,
	.timeout = 239,
};

static const struct layout freebsd_1500 = {
	TWO_KEYS,
	.codes = 25,
	.flag_kind = FLAGS_16,
	.icmp = PFLOWI_PF_ICMP_TYPED,
	.orig_ifname = 312,
	.rtable = 328,
	.flags = 332,
	.af = 344,
	.key_af = { 344, 345 },
	.proto = { 347, 348 },
	.timeout = 350,
	.direction = 351,
};

/* pfsync 4: OpenBSD 4.4, DragonFly. 0x04 is not "pflow" there. */
static const struct layout pfsync_4 = {
	ONE_FAMILY,
	.codes = 20,
	.flag_kind = FLAGS_NONE,
	.flags = NONE,
	.rtable = NONE,
	.timeout = 237,
};

/* pfsync 5 of OpenBSD 4.5 to 4.7. */
static const struct layout pfsync_5 = {
	ONE_FAMILY,
	.codes = 20,
	.flag_kind = FLAGS_8,
	.flags = 236,
	.rtable = NONE,
	.timeout = 237,
};

/* DIOCGETSTATESV2: host order, but only where the kernel forgot to turn it. */
static const struct layout freebsd_v2 = {
	.host = true,
	.counter = COUNT64,
	.codes = 25,
	.flag_kind = FLAGS_V2,
	.icmp = PFLOWI_PF_ICMP_MIXED,
	.age_size = 4,
	.swaps = true,
	.version = 0,
	.id = 8,
	.ifname = 16,
	.orig_ifname = 32,
	.addr = { { 48, 64 }, { 84, 100 } },
	.port = { { 80, 82 }, { 116, 118 } },
	.key_af = { NONE, NONE },
	.rule = 200,
	.anchor = 204,
	.creation = 212,
	.expire = 216,
	.packets = 224,
	.bytes = 240,
	.creatorid = 256,
	.rtable = 284,
	.af = 264,
	.proto = { 265, 265 },
	.direction = 266,
	.timeout = 269,
	.flags = 272,
};

/* macOS, LP64. The identity is raw octets, as everywhere. */
static const struct layout macos = {
	.host = true,
	.host_all = true,
	.counter = HILO,
	.codes = 26,
	.flag_kind = FLAGS_NONE,
	.icmp = PFLOWI_PF_ICMP_MIXED,
	.age_size = 8,
	.swaps = false,
	.version = NONE,
	.id = 0,
	.ifname = 8,
	.orig_ifname = NONE,
	.addr = { { 96, 48 }, { 72, 24 } },
	.port = { { 112, 64 }, { 88, 40 } },
	.key_af = { 283, 282 },
	.rule = 216,
	.anchor = 220,
	.creation = 228,
	.expire = 236,
	.packets = 244,
	.bytes = 260,
	.creatorid = 276,
	.rtable = NONE,
	.af = 282,
	.proto = { 284, 284 },
	.direction = 285,
	.timeout = 288,
	.system = PFLOWI_PF_MACOS,
	.flags = NONE,
};

/* pfsync 2 and 3: three hosts of 24 octets. */
#define THREE_HOSTS                                                            \
	.flag_kind = FLAGS_NONE, .icmp = PFLOWI_PF_ICMP_MIXED, .codes = 20,    \
	.age_size = 4, .version = NONE, .id = 0, .ifname = 8,                  \
	.orig_ifname = NONE, .addr = { { 72, 48 }, { 72, 24 } },               \
	.port = { { 88, 64 }, { 88, 40 } }, .key_af = { NONE, NONE },          \
	.rule = 176, .anchor = 180, .creation = 188, .expire = 192,            \
	.packets = 196, .rtable = NONE, .flags = NONE

static const struct layout pfsync_3 = {
	THREE_HOSTS,
	.counter = COUNT64,
	.bytes = 212,
	.creatorid = 228,
	.af = 232,
	.proto = { 233, 233 },
	.direction = 234,
	.timeout = 237,
};

static const struct layout pfsync_2 = {
	THREE_HOSTS,
	.counter = COUNT32,
	.bytes = 204,
	.creatorid = 212,
	.af = 216,
	.proto = { 217, 217 },
	.direction = 218,
	.timeout = 221,
};

static const struct pflowi_pf_layout_info infos[] = {
#define INFO(symbol, word, octets)                                             \
	[PFLOWI_PF_LAYOUT_##symbol] = { word, octets,                          \
		PFLOWI_PF_LAYOUT_##symbol == PFLOWI_PF_LAYOUT_freebsd_v2 ||    \
		    PFLOWI_PF_LAYOUT_##symbol == PFLOWI_PF_LAYOUT_macos },
	PFLOWI_PF_LAYOUTS(INFO)
#undef INFO
};

const struct pflowi_pf_layout_info *
pflowi_pf_layout_info(unsigned id)
{
	return id < PFLOWI_PF_LAYOUT_COUNT ? &infos[id] : NULL;
}

unsigned
pflowi_pf_layout_by_name(const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < PFLOWI_PF_LAYOUT_COUNT; i++)
		if (strlen(infos[i].name) == len &&
		    memcmp(infos[i].name, name, len) == 0)
			break;
	return i;
}

/** An integer that the layout keeps in the sender's order, if `host`. */
PFLOWI_INLINE uint32_t
get32(const uint8_t *p, bool little)
{
	return little ? pflowi_get_le32(p) : pflowi_get_be32(p);
}

PFLOWI_INLINE uint64_t
get64(const uint8_t *p, bool little)
{
	return little ? pflowi_get_le64(p) : pflowi_get_be64(p);
}

PFLOWI_INLINE void
get_counters(const uint8_t *p, uint8_t kind, bool little, uint64_t out[2])
{
	size_t i, size = kind == COUNT32 ? 4 : 8;

	for (i = 0; i < 2; i++, p += size) {
		if (kind == COUNT32)
			out[i] = get32(p, little);
		else if (kind == COUNT64)
			out[i] = get64(p, little);
		else
			out[i] = (uint64_t)get32(p, little) << 32 |
			    get32(p + 4, little);
	}
}

PFLOWI_INLINE bool
get_mark(const struct layout *l, const uint8_t *p, bool little)
{
	switch (l->flag_kind) {
	case FLAGS_8:
		return (p[l->flags] & FLAG_PFLOW) != 0;
	case FLAGS_V2:
		if (get64(p + l->version, little) < V2_VERSION)
			return (p[l->flags - 4] & FLAG_PFLOW) != 0;
		/* FALLTHROUGH */
	case FLAGS_16:
		return (pflowi_get_be16(p + l->flags) & FLAG_PFLOW) != 0;
	default:
		return false;
	}
}

PFLOWI_INLINE void
get_keys(const struct layout *l, const uint8_t *p, struct pflowi_pf_raw *raw)
{
	size_t key, end;

	for (key = 0; key < 2; key++) {
		for (end = 0; end < 2; end++) {
			memcpy(raw->addr[key][end], p + l->addr[key][end], 16);
			raw->port[key][end] =
			    pflowi_get_be16(p + l->port[key][end]);
		}
		raw->af[key] = 0;
		if (l->key_af[key] != NONE)
			raw->af[key] = p[l->key_af[key]];
		if (raw->af[key] == 0)
			raw->af[key] = p[l->af];
		raw->proto[key] = p[l->proto[key]];
	}
}

/** The one walker. Inlined, so that the compiler sees constant tables. */
PFLOWI_INLINE void
walk(const struct layout *l, bool little, const uint8_t *p,
    struct pflowi_pf_raw *raw)
{
	bool swap = l->host && little, swap_all = l->host_all && little;

	get_keys(l, p, raw);
	raw->direction = p[l->direction];
	raw->timeout = p[l->timeout];
	raw->icmp = l->icmp;
	raw->system = l->system;
	raw->codes = l->codes;
	raw->swaps = l->swaps;
	raw->marked = get_mark(l, p, swap);
	raw->anonymous = false;
	raw->creatorid = pflowi_get_be32(p + l->creatorid);
	raw->rule = get32(p + l->rule, swap_all);
	raw->anchor = get32(p + l->anchor, swap_all);
	raw->rtable = l->rtable == NONE
	    ? 0 : (int32_t)pflowi_get_be32(p + l->rtable);
	raw->id = pflowi_get_be64(p + l->id);
	if (l->age_size == 8) {
		raw->age_s = get64(p + l->creation, swap_all);
		raw->expire_s = get64(p + l->expire, swap_all);
	} else {
		raw->age_s = get32(p + l->creation, swap_all);
		raw->expire_s = get32(p + l->expire, swap_all);
	}
	get_counters(p + l->packets, l->counter, swap, raw->packets);
	get_counters(p + l->bytes, l->counter, swap, raw->bytes);
	pflowi_pf_get_name(p + l->ifname, raw->ifname);
	if (l->orig_ifname != NONE)
		pflowi_pf_get_name(p + l->orig_ifname, raw->orig_ifname);
	else
		memset(raw->orig_ifname, 0, sizeof(raw->orig_ifname));
}

void
pflowi_pf_unpack(enum pflowi_pf_layout_id id, enum pflowi_pf_order order,
    const uint8_t *p, struct pflowi_pf_raw *raw)
{
	bool little = order == PFLOWI_PF_LITTLE;

	switch (id) {
#define WALK(symbol, word, octets)                                             \
	case PFLOWI_PF_LAYOUT_##symbol:                                        \
		walk(&symbol, little, p, raw);                                 \
		break;
		PFLOWI_PF_LAYOUTS(WALK)
#undef WALK
	case PFLOWI_PF_LAYOUT_COUNT:
		break;
	}
}

uint32_t
pflowi_pf_creatorid(enum pflowi_pf_layout_id id, const uint8_t *p)
{
	switch (id) {
#define CREATORID(symbol, word, octets)                                        \
	case PFLOWI_PF_LAYOUT_##symbol:                                        \
		return pflowi_get_be32(p + symbol.creatorid);
		PFLOWI_PF_LAYOUTS(CREATORID)
#undef CREATORID
	case PFLOWI_PF_LAYOUT_COUNT:
		break;
	}
	return 0;
}
