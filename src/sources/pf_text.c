/* SPDX-License-Identifier: ISC */
#include "sources/pf_text.h"

#include <stdint.h>
#include <string.h>

#include "core/bytes.h"
#include "core/state.h"
#include "sources/pf_text_scan.h"

/** A host as printed: after translation, and before it if that differs. */
struct host {
	struct pflowi_pf_address post, pre;
};

void
pflowi_pf_text_init(struct pflowi_pf_text *t)
{
	memset(t, 0, sizeof(*t));
}

/* host := [ "(" rdomain ") " ] addr [ ":" port | "[" port "]" ] */
static bool
scan_address(struct pflowi_pf_scan *s, struct pflowi_pf_address *out)
{
	struct pflowi_pf_scan before = *s;
	uint64_t rdomain;

	if (pflowi_pf_scan_word(s, "(")) {
		if (!pflowi_pf_scan_number(s, 10, &rdomain) ||
		    !pflowi_pf_scan_word(s, ") "))
			*s = before;
	}
	return pflowi_pf_scan_address(s, out);
}

/* host2 [ " (" host2o ")" ] [ " {" rtaddr "}" ] */
static bool
scan_host(struct pflowi_pf_scan *s, struct host *h)
{
	struct pflowi_pf_scan before;
	struct pflowi_pf_address next_hop;

	if (!scan_address(s, &h->post))
		return false;
	h->pre = h->post;
	before = *s;
	if (pflowi_pf_scan_word(s, " (")) {
		if (!scan_address(s, &h->pre) || !pflowi_pf_scan_word(s, ")"))
			return false;
		before = *s;
	}
	if (!pflowi_pf_scan_word(s, " {")) {
		*s = before;
		return true;
	}
	return pflowi_pf_scan_address(s, &next_hop) &&
	    pflowi_pf_scan_word(s, "}");
}

static void
put_end(struct pflowi_pf_raw *raw, size_t key, size_t end,
    const struct pflowi_pf_address *a)
{
	memcpy(raw->addr[key][end], a->addr, 16);
	raw->port[key][end] = a->port;
	raw->af[key] = a->af;
}

/**
 * Both ends into the keys. Outside the parentheses stands what is behind the
 * translation, inside them what the initiator sent.
 */
static bool
set_keys(struct pflowi_pf_raw *raw, const struct host *src,
    const struct host *dst, uint8_t direction)
{
	size_t pre = direction == PFLOW_DIR_OUT ? PFLOW_STACK : PFLOW_WIRE;
	size_t source = direction == PFLOW_DIR_OUT;

	if (src->pre.af != dst->pre.af || src->post.af != dst->post.af)
		return false;
	put_end(raw, pre, source, &src->pre);
	put_end(raw, pre, source ^ 1, &dst->pre);
	put_end(raw, pre ^ 1, source, &src->post);
	put_end(raw, pre ^ 1, source ^ 1, &dst->post);
	raw->direction = direction;
	return true;
}

/** PFTM_ code of a TCP state, as pf chooses it from both peers. */
static uint8_t
tcp_timeout(uint8_t a, uint8_t b)
{
	uint8_t low = a < b ? a : b, high = a < b ? b : a;

	if (low >= 9) /* FIN_WAIT_2 */
		return 5;
	if (low >= 7) /* CLOSING */
		return 4;
	if (low == 0 && high == 2)
		return 0;
	if (low < 4) /* ESTABLISHED */
		return 1;
	return high >= 7 ? 3 : 2;
}

/** The text does not tell the timeout code; the states of the peers do. */
static uint8_t
timeout_of(uint8_t proto, const uint8_t peer[2])
{
	uint8_t base = proto == 17 ? 6 : 11;

	if (proto == 6)
		return tcp_timeout(peer[0], peer[1]);
	if (pflowi_is_icmp(proto))
		return 9;
	if (peer[0] == 2 && peer[1] == 2)
		return (uint8_t)(base + 2);
	return peer[1] == 0 ? base : (uint8_t)(base + 1);
}

/* ifname proto host2 arrow host1 "       " peerstates */
static bool
scan_state(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	struct pflowi_pf_raw *raw = &t->raw;
	struct host left, right;
	bool out, ok;
	uint8_t proto;

	memset(raw, 0, sizeof(*raw));
	if (!pflowi_pf_scan_name(s, raw->ifname) ||
	    !pflowi_pf_scan_word(s, " ") || !pflowi_pf_scan_proto(s, &proto) ||
	    !pflowi_pf_scan_word(s, " ") || !scan_host(s, &left))
		return false;
	out = pflowi_pf_scan_word(s, " -> ");
	if ((!out && !pflowi_pf_scan_word(s, " <- ")) || !scan_host(s, &right))
		return false;
	raw->proto[0] = raw->proto[1] = proto;
	raw->icmp = PFLOWI_PF_ICMP_MIXED;
	raw->codes = 25;
	raw->rule = raw->anchor = UINT32_MAX;
	/* An inbound state with af-to is the one that is printed "->". */
	if (out)
		ok = set_keys(raw, &left, &right, left.pre.af != left.post.af
		    ? PFLOW_DIR_IN : PFLOW_DIR_OUT);
	else
		ok = set_keys(raw, &right, &left, PFLOW_DIR_IN);
	if (!ok || !pflowi_pf_scan_peers(s, t->peer))
		return false;
	if (!out) {
		uint8_t peer = t->peer[0];

		t->peer[0] = t->peer[1];
		t->peer[1] = peer;
	}
	raw->timeout = timeout_of(proto, t->peer);
	return true;
}

/** HH:MM:SS, hours of any width. */
static bool
scan_hms(struct pflowi_pf_scan *s, uint64_t *seconds)
{
	uint64_t h, m, sec;

	if (!pflowi_pf_scan_number(s, 10, &h) || !pflowi_pf_scan_word(s, ":") ||
	    !pflowi_pf_scan_number(s, 10, &m) || !pflowi_pf_scan_word(s, ":") ||
	    !pflowi_pf_scan_number(s, 10, &sec) || m > 59 || sec > 59 ||
	    h > UINT32_MAX)
		return false;
	*seconds = h * 3600 + m * 60 + sec;
	return true;
}

static bool
scan_pair(struct pflowi_pf_scan *s, uint64_t pair[2], const char *unit)
{
	return pflowi_pf_scan_number(s, 10, &pair[0]) &&
	    pflowi_pf_scan_word(s, ":") &&
	    pflowi_pf_scan_number(s, 10, &pair[1]) && pflowi_pf_scan_word(s, unit);
}

/** The words after the counters: those that matter, the others passed over. */
static void
scan_words(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	while (pflowi_pf_scan_word(s, ", ")) {
		uint64_t number;

		if (pflowi_pf_scan_word(s, "rule ")) {
			if (pflowi_pf_scan_number(s, 10, &number) &&
			    number <= UINT32_MAX)
				t->raw.rule = (uint32_t)number;
		} else if (pflowi_pf_scan_word(s, "anchor ")) {
			if (pflowi_pf_scan_number(s, 10, &number) &&
			    number <= UINT32_MAX)
				t->raw.anchor = (uint32_t)number;
		} else if (pflowi_pf_scan_whole(s, "pflow")) {
			t->raw.marked = true;
		}
		pflowi_pf_scan_past_flag(s);
	}
}

/* age HH:MM:SS, expires in HH:MM:SS, p0:p1 pkts, b0:b1 bytes[, ...] */
static bool
scan_age(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	uint64_t age, expire, packets[2], bytes[2];

	if (!scan_hms(s, &age) || !pflowi_pf_scan_word(s, ", expires in ") ||
	    !scan_hms(s, &expire) || !pflowi_pf_scan_word(s, ", ") ||
	    !scan_pair(s, packets, " pkts, ") || !scan_pair(s, bytes, " bytes"))
		return false;
	t->raw.age_s = age;
	t->raw.expire_s = expire;
	memcpy(t->raw.packets, packets, sizeof(packets));
	memcpy(t->raw.bytes, bytes, sizeof(bytes));
	t->has_counters = true;
	scan_words(t, s);
	return true;
}

/* id: 16hex creatorid: 8hex [ extras ] */
static bool
scan_id(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	uint64_t id, creatorid;

	if (!pflowi_pf_scan_number(s, 16, &id) ||
	    !pflowi_pf_scan_word(s, " creatorid: ") ||
	    !pflowi_pf_scan_number(s, 16, &creatorid) || creatorid > UINT32_MAX)
		return false;
	/* Only FreeBSD says more. */
	if (pflowi_pf_scan_word(s, " "))
		t->freebsd = true;
	t->raw.id = id;
	t->raw.creatorid = (uint32_t)creatorid;
	t->has_id = true;
	return true;
}

static bool
scan_detail(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	if (pflowi_pf_scan_word(s, "["))
		return true; /* sequence numbers */
	if (pflowi_pf_scan_word(s, "age "))
		return scan_age(t, s);
	if (pflowi_pf_scan_word(s, "id: "))
		return scan_id(t, s);
	if (pflowi_pf_scan_word(s, "origif: ")) {
		t->freebsd = true;
		return pflowi_pf_scan_name(s, t->raw.orig_ifname);
	}
	return false;
}

/** Could these be the upper half of an id that OpenBSD made, a time? */
static bool
is_time(uint32_t seconds)
{
	return seconds >= UINT32_C(0x3e000000) && seconds < UINT32_C(0x80000000);
}

/**
 * FreeBSD from 13 on prints the number as it lies in memory, mostly the
 * octets reversed: a time, and behind it at most the number of a CPU. Only
 * what is printed of this one state decides, so that every table says the
 * same of it.
 */
static uint64_t
canonical_id(uint64_t printed, bool freebsd)
{
	uint32_t high = (uint32_t)(printed >> 32), low = (uint32_t)printed;
	uint8_t octets[8];

	pflowi_put_be64(octets, printed);
	if (low <= 0xff && is_time(pflowi_get_le32(octets)) &&
	    (freebsd || low == 0 || !is_time(high)))
		return pflowi_get_le64(octets);
	return printed;
}

bool
pflowi_pf_text_end(struct pflowi_pf_text *t, struct pflowi_pf_raw *out)
{
	if (!t->has_state)
		return false;
	t->has_state = false;
	if (!t->has_counters) {
		t->without_counters++;
		return false;
	}
	*out = t->raw;
	out->anonymous = !t->has_id;
	if (t->has_id)
		out->id = canonical_id(t->raw.id, t->freebsd);
	return true;
}

void
pflowi_pf_text_cut(struct pflowi_pf_text *t)
{
	t->cut_states += t->has_state;
	t->has_state = false;
}

/** A title of `pfctl -s all`: "STATES:", "FILTER RULES:". */
static bool
is_title(const char *line, size_t len)
{
	size_t i;

	if (len < 2 || line[len - 1] != ':')
		return false;
	for (i = 0; i + 1 < len; i++)
		if ((line[i] < 'A' || line[i] > 'Z') && line[i] != ' ')
			return false;
	return true;
}

static void
begin_state(struct pflowi_pf_text *t, struct pflowi_pf_scan *s)
{
	t->has_counters = false;
	t->has_id = false;
	t->freebsd = false;
	t->has_state = scan_state(t, s);
	if (!t->has_state)
		t->unreadable_lines++;
}

bool
pflowi_pf_text_line(struct pflowi_pf_text *t, const char *line, size_t len,
    struct pflowi_pf_raw *out)
{
	struct pflowi_pf_scan s = { line, line + len };
	bool ended;

	if (len > 0 && line[len - 1] == '\r')
		s.end--;
	if (s.p == s.end)
		return false;
	if (pflowi_pf_scan_word(&s, "   ")) {
		if (t->has_state && !scan_detail(t, &s))
			t->unreadable_details++;
		return false;
	}
	ended = pflowi_pf_text_end(t, out);
	if (is_title(s.p, (size_t)(s.end - s.p)))
		t->elsewhere = !pflowi_pf_scan_whole(&s, "STATES:");
	else if (!t->elsewhere)
		begin_state(t, &s);
	return ended;
}

bool
pflowi_pf_text_looks(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' &&
		    p[i] != '\t') || p[i] == 0x7f)
			return false;
	return len > 0;
}
