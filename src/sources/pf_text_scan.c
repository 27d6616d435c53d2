/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include "sources/pf_text_scan.h"

#include <arpa/inet.h>
#include <string.h>

#define AF_IPV4 2
#define AF_IPV6 24

static size_t
left(const struct pflowi_pf_scan *s)
{
	return (size_t)(s->end - s->p);
}

bool
pflowi_pf_scan_word(struct pflowi_pf_scan *s, const char *word)
{
	size_t len = strlen(word);

	if (left(s) < len || memcmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return true;
}

bool
pflowi_pf_scan_whole(struct pflowi_pf_scan *s, const char *word)
{
	size_t len = strlen(word);

	if (left(s) < len || memcmp(s->p, word, len) != 0 ||
	    (left(s) > len && s->p[len] != ','))
		return false;
	s->p += len;
	return true;
}

/** The value of a digit, 16 or more if it is none. */
static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

bool
pflowi_pf_scan_number(struct pflowi_pf_scan *s, unsigned base, uint64_t *out)
{
	const char *p = s->p;
	uint64_t v = 0;

	for (; p < s->end && digit(*p) < base; p++) {
		if (v > (UINT64_MAX - digit(*p)) / base)
			return false;
		v = v * base + digit(*p);
	}
	if (p == s->p)
		return false;
	s->p = p;
	*out = v;
	return true;
}

/** Up to a blank or the end. */
static size_t
word_len(const struct pflowi_pf_scan *s)
{
	const char *blank = left(s) == 0 ? NULL : memchr(s->p, ' ', left(s));

	return blank == NULL ? left(s) : (size_t)(blank - s->p);
}

bool
pflowi_pf_scan_name(struct pflowi_pf_scan *s, char out[PFLOWI_PF_IFNAME_LEN])
{
	size_t len = word_len(s), i;

	if (len == 0 || len >= PFLOWI_PF_IFNAME_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (s->p[i] <= ' ' || s->p[i] > '~')
			return false;
	memset(out, 0, PFLOWI_PF_IFNAME_LEN);
	memcpy(out, s->p, len);
	s->p += len;
	return true;
}

/* IANA's names, and those that BSD systems gave their own. */
static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "ipv6-icmp", 58 },
	{ "icmp6", 58 }, { "gre", 47 }, { "esp", 50 }, { "ah", 51 },
	{ "sctp", 132 }, { "igmp", 2 }, { "ipencap", 4 }, { "ipip", 94 },
	{ "ipv6", 41 }, { "ospf", 89 }, { "ospfigp", 89 }, { "pim", 103 },
	{ "carp", 112 }, { "vrrp", 112 }, { "pfsync", 240 }, { "ip", 0 },
	{ "hopopt", 0 }, { "ggp", 3 }, { "st", 5 }, { "egp", 8 }, { "igp", 9 },
	{ "rdp", 27 }, { "dccp", 33 }, { "ipv6-route", 43 },
	{ "ipv6-frag", 44 }, { "rsvp", 46 }, { "mobile", 55 },
	{ "ipv6-nonxt", 59 }, { "ipv6-opts", 60 }, { "eigrp", 88 },
	{ "etherip", 97 }, { "encap", 98 }, { "ipcomp", 108 }, { "l2tp", 115 },
	{ "isis", 124 }, { "mobility-header", 135 }, { "udplite", 136 },
	{ "mpls-in-ip", 137 },
};

bool
pflowi_pf_scan_proto(struct pflowi_pf_scan *s, uint8_t *out)
{
	struct pflowi_pf_scan number = *s;
	size_t len = word_len(s), i;
	uint64_t v;

	if (pflowi_pf_scan_number(&number, 10, &v)) {
		if ((size_t)(number.p - s->p) != len || v > 255)
			return false;
		*out = (uint8_t)v;
		*s = number;
		return true;
	}
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strlen(protocols[i].name) == len &&
		    memcmp(protocols[i].name, s->p, len) == 0) {
			*out = protocols[i].number;
			s->p += len;
			return true;
		}
	}
	return false;
}

static bool
scan_port(struct pflowi_pf_scan *s, uint16_t *port)
{
	uint64_t v;

	if (!pflowi_pf_scan_number(s, 10, &v) || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	return true;
}

bool
pflowi_pf_scan_address(struct pflowi_pf_scan *s, struct pflowi_pf_address *out)
{
	struct pflowi_pf_scan at = *s;
	bool six = false, ok = true;
	char text[INET6_ADDRSTRLEN];
	size_t len = 0, colons = 0;

	while (at.p + len < at.end && len < sizeof(text) - 1 &&
	    (digit(at.p[len]) < 16 || at.p[len] == '.' || at.p[len] == ':'))
		colons += at.p[len++] == ':';
	/* a.b.c.d:port has one colon, an IPv6 address two or more. */
	six = colons > 1;
	if (!six && colons == 1)
		len = (size_t)((const char *)memchr(at.p, ':', len) - at.p);
	memcpy(text, at.p, len);
	text[len] = '\0';
	memset(out, 0, sizeof(*out));
	out->af = six ? AF_IPV6 : AF_IPV4;
	if (inet_pton(six ? AF_INET6 : AF_INET, text, out->addr) != 1)
		return false;
	at.p += len;
	if (six && at.p < at.end && *at.p == '%')
		while (at.p < at.end && *at.p != ' ' && *at.p != '[' &&
		    *at.p != ')')
			at.p++;
	if (six && pflowi_pf_scan_word(&at, "["))
		ok = scan_port(&at, &out->port) && pflowi_pf_scan_word(&at, "]");
	else if (!six && pflowi_pf_scan_word(&at, ":"))
		ok = scan_port(&at, &out->port);
	if (ok)
		*s = at;
	return ok;
}

/* TCP's and the others' names, by the number of the peer state. */
static const struct {
	const char *name;
	uint8_t state;
} peers[] = {
	{ "CLOSED", 0 }, { "LISTEN", 1 }, { "SYN_SENT", 2 }, { "SYN_RCVD", 3 },
	{ "ESTABLISHED", 4 }, { "CLOSE_WAIT", 5 }, { "FIN_WAIT_1", 6 },
	{ "CLOSING", 7 }, { "LAST_ACK", 8 }, { "FIN_WAIT_2", 9 },
	{ "TIME_WAIT", 10 }, { "NO_TRAFFIC", 0 }, { "SINGLE", 1 },
	{ "MULTIPLE", 2 },
};

static uint8_t
peer_of(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
		if (strlen(peers[i].name) == len &&
		    memcmp(peers[i].name, p, len) == 0)
			return peers[i].state;
	return 0;
}

bool
pflowi_pf_scan_peers(struct pflowi_pf_scan *s, uint8_t out[2])
{
	struct pflowi_pf_scan at = *s;
	const char *colon;

	while (pflowi_pf_scan_word(&at, " "))
		;
	colon = left(&at) == 0 ? NULL : memchr(at.p, ':', left(&at));
	if (at.p == s->p || colon == NULL || colon + 1 == at.end)
		return false;
	out[0] = peer_of(at.p, (size_t)(colon - at.p));
	at.p = colon + 1;
	out[1] = peer_of(at.p, word_len(&at));
	*s = at;
	return true;
}

void
pflowi_pf_scan_past_flag(struct pflowi_pf_scan *s)
{
	unsigned depth = 0;

	for (; s->p < s->end; s->p++) {
		if (*s->p == '(')
			depth++;
		else if (*s->p == ')' && depth > 0)
			depth--;
		else if (*s->p == ',' && depth == 0)
			return;
	}
}
