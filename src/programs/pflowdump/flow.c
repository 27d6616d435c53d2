/* SPDX-License-Identifier: ISC */
#include "programs/pflowdump/flow.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/state.h"
#include "core/time.h"

#define ENDPOINT_TEXT 64
#define TIME_TEXT 48

/* What the columns hold of IPv4. */
#define ADDRESS_WIDTH 21

void
pflowdump_writer_init(struct pflowdump_writer *w, FILE *out,
    enum pflowdump_format format)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->format = format;
	w->source_width = ADDRESS_WIDTH;
	w->dest_width = ADDRESS_WIDTH;
	w->second = UINT64_MAX;
}

void
pflowdump_writer_heading(const struct pflowdump_writer *w)
{
	if (w->format == PFLOWDUMP_TABLE)
		(void)fprintf(w->out, "%-23s  %10s  %-6s  %-*s  %-*s  %10s  "
		    "%12s  %-8s  %4s  %5s  %5s\n", "start (UTC)", "seconds",
		    "proto", w->source_width, "source", w->dest_width,
		    "destination", "packets", "octets", "flags", "tos", "in",
		    "out");
	else if (w->format == PFLOWDUMP_CSV)
		(void)fputs("start,end,protocol,source,source_port,"
		    "destination,destination_port,icmp_type,icmp_code,packets,"
		    "octets,reverse_packets,reverse_octets,tcp_flags,tos,in,"
		    "out,vlan,end_reason,translated_source,"
		    "translated_source_port,translated_destination,"
		    "translated_destination_port,nat_event,version,domain,"
		    "exporter\n",
		    w->out);
}

/** "2026-11-23 20:01:02" of a second, kept since flows come in clusters. */
static const char *
date_of(struct pflowdump_writer *w, uint64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;

	if (second == w->second)
		return w->date;
	if ((uint64_t)t != second || gmtime_r(&t, &tm) == NULL ||
	    strftime(w->date, sizeof(w->date), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(w->date, sizeof(w->date), "%" PRIu64, second);
	w->second = second;
	return w->date;
}

/** @param iso  as RFC 3339 has it, for programs */
static void
time_text(struct pflowdump_writer *w, char out[TIME_TEXT], uint64_t ns,
    int iso)
{
	(void)snprintf(out, TIME_TEXT, "%s.%03u%s",
	    date_of(w, ns / PFLOWI_NS_PER_SEC),
	    (unsigned)(ns % PFLOWI_NS_PER_SEC / PFLOWI_NS_PER_MS),
	    iso ? "Z" : "");
	if (iso)
		out[strcspn(out, " ")] = 'T';
}

static void
address_text(char *out, size_t len, const struct pflow_key *key, unsigned side)
{
	if (inet_ntop(key->af == PFLOW_AF_IPV6 ? AF_INET6 : AF_INET,
	    key->addr[side], out, (socklen_t)len) == NULL)
		(void)snprintf(out, len, "?");
}

static uint16_t
icmp_of(const struct pflow_state *st)
{
	return (st->present & PFLOW_HAS_ICMP) != 0
	    ? st->icmp[0] : pflowi_state_pre(st)->port[1];
}

/** Address and port of a table; ICMP has type.code behind the destination. */
static void
key_end_text(char *out, size_t len, const struct pflow_state *st,
    const struct pflow_key *key, unsigned side)
{
	char addr[INET6_ADDRSTRLEN];
	const char *open = key->af == PFLOW_AF_IPV6 ? "[" : "";
	const char *close = key->af == PFLOW_AF_IPV6 ? "]" : "";

	address_text(addr, sizeof(addr), key, side);
	if (!pflowi_is_icmp(st->protocol))
		(void)snprintf(out, len, "%s%s%s:%u", open, addr, close,
		    key->port[side]);
	else if (side == 0)
		(void)snprintf(out, len, "%s", addr);
	else
		(void)snprintf(out, len, "%s%s%s:%u.%u", open, addr, close,
		    icmp_of(st) >> 8, icmp_of(st) & 0xff);
}

static void
endpoint_text(char *out, size_t len, const struct pflow_state *st,
    unsigned side)
{
	key_end_text(out, len, st, pflowi_state_pre(st), side);
}

static const char *
protocol_text(char out[8], uint8_t protocol)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" },
		{ 17, "udp" }, { 41, "ipv6" }, { 47, "gre" }, { 50, "esp" },
		{ 51, "ah" }, { 58, "icmp6" }, { 89, "ospf" },
		{ 112, "carp" }, { 132, "sctp" }, { 240, "pfsync" } };
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	(void)snprintf(out, 8, "%u", protocol);
	return out;
}

/** TCP flags from CWR to FIN, '.' where not set. */
static void
flags_text(char out[16], uint16_t flags)
{
	static const char letters[] = "CEUAPRSF";
	unsigned i;

	for (i = 0; i < 8; i++)
		out[i] = (flags & 0x80u >> i) != 0 ? letters[i] : '.';
	out[8] = '\0';
}

/** A number, or `none` where the record did not carry it. */
static void
optional_text(char out[16], const struct pflow_state *st, uint32_t bit,
    uint32_t value, const char *none)
{
	if ((st->present & bit) != 0)
		(void)snprintf(out, 16, "%u", (unsigned)value);
	else
		(void)snprintf(out, 16, "%s", none);
}

/** Columns never shrink, so that most rows stand under each other. */
static int
widen(int *width, const char *text)
{
	int len = (int)strlen(text);

	if (len > *width)
		*width = len;
	return *width;
}

/** natEvent (IANA) as a word that fits its column. */
static void
nat_text(char out[16], uint8_t event)
{
	static const char *const names[] = { "", "nat new", "nat end", "",
		"nat44new", "nat44end", "nat64new", "nat64end" };

	if (event < PFLOWI_ARRAY_LEN(names) && *names[event] != '\0')
		(void)snprintf(out, 16, "%s", names[event]);
	else
		(void)snprintf(out, 16, "nat:%u", event);
}

/** "  as A -> B": what a translated flow looks like on the other side. */
static void
write_translation(struct pflowdump_writer *w, const struct pflow_state *st,
    unsigned dir)
{
	const struct pflow_key *post = pflowi_state_post(st);
	char ends[2][ENDPOINT_TEXT];

	if ((st->flags & PFLOW_STATE_TRANSLATED) == 0)
		return;
	key_end_text(ends[0], sizeof(ends[0]), st, post, 0);
	key_end_text(ends[1], sizeof(ends[1]), st, post, 1);
	(void)fprintf(w->out, "  as %s -> %s", ends[dir], ends[1 - dir]);
}

/** @param dir  PFLOW_REVERSE: the other way of a biflow (RFC 5103) */
static void
write_row(struct pflowdump_writer *w, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, unsigned dir)
{
	uint64_t ms = pflowi_time_sub(st->last_ns, st->start_ns) /
	    PFLOWI_NS_PER_MS;
	char start[TIME_TEXT], ends[2][ENDPOINT_TEXT];
	char proto[8], flags[16] = "-", tos[16], in[16], out[16];
	const char *from = ends[dir], *to = ends[1 - dir];

	time_text(w, start, st->start_ns, 0);
	endpoint_text(ends[0], sizeof(ends[0]), st, 0);
	endpoint_text(ends[1], sizeof(ends[1]), st, 1);
	if (hdr->nat_event != 0)
		nat_text(flags, hdr->nat_event);
	else if ((st->present & PFLOW_HAS_TCP_FLAGS) != 0 && st->protocol == 6)
		flags_text(flags, st->tcp_flags[dir]);
	optional_text(tos, st, PFLOW_HAS_TOS, st->tos, "-");
	optional_text(in, st, PFLOW_HAS_IFINDEX, st->ifindex[dir], "-");
	optional_text(out, st, PFLOW_HAS_IFINDEX, st->ifindex[1 - dir], "-");
	(void)fprintf(w->out, "%-23s  %6" PRIu64 ".%03u  %-6s  %-*s  %-*s  "
	    "%10" PRIu64 "  %12" PRIu64 "  %-8s  %4s  %5s  %5s", start,
	    ms / PFLOWI_MS_PER_SEC, (unsigned)(ms % PFLOWI_MS_PER_SEC),
	    protocol_text(proto, st->protocol), widen(&w->source_width, from),
	    from, widen(&w->dest_width, to), to, st->packets[dir],
	    st->octets[dir], flags, tos, in, out);
	write_translation(w, st, dir);
	(void)fputc('\n', w->out);
}

/** What CSV and JSON have in common. */
struct texts {
	char start[TIME_TEXT], end[TIME_TEXT];
	char addr[2][INET6_ADDRSTRLEN];
	char port[2][16], icmp[2][16]; /**< one of them is empty */
	char post_addr[2][INET6_ADDRSTRLEN], post_port[2][16];
	char reverse[2][24]; /**< packets, octets */
	char flags[16], tos[16], in[16], out[16], vlan[16], reason[16];
	char nat_event[16];
};

static void
fill_keys(const struct pflow_state *st, struct texts *t)
{
	const struct pflow_key *pre = pflowi_state_pre(st);
	const struct pflow_key *post = pflowi_state_post(st);
	bool translated = (st->flags & PFLOW_STATE_TRANSLATED) != 0;
	bool icmp = pflowi_is_icmp(st->protocol);
	unsigned i;

	for (i = 0; i < 2; i++) {
		address_text(t->addr[i], sizeof(t->addr[i]), pre, i);
		t->port[i][0] = t->icmp[i][0] = '\0';
		t->post_addr[i][0] = t->post_port[i][0] = '\0';
		if (!icmp)
			(void)snprintf(t->port[i], 16, "%u", pre->port[i]);
		else
			(void)snprintf(t->icmp[i], 16, "%u",
			    i == 0 ? icmp_of(st) >> 8 : icmp_of(st) & 0xff);
		if (!translated)
			continue;
		address_text(t->post_addr[i], sizeof(t->post_addr[i]), post,
		    i);
		if (!icmp)
			(void)snprintf(t->post_port[i], 16, "%u",
			    post->port[i]);
	}
}

static void
fill_texts(struct pflowdump_writer *w, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, struct texts *t)
{
	time_text(w, t->start, st->start_ns, 1);
	time_text(w, t->end, st->last_ns, 1);
	fill_keys(st, t);
	t->reverse[0][0] = t->reverse[1][0] = '\0';
	if ((st->packets[1] | st->octets[1]) != 0) {
		(void)snprintf(t->reverse[0], 24, "%" PRIu64, st->packets[1]);
		(void)snprintf(t->reverse[1], 24, "%" PRIu64, st->octets[1]);
	}
	optional_text(t->flags, st, PFLOW_HAS_TCP_FLAGS, st->tcp_flags[0], "");
	optional_text(t->tos, st, PFLOW_HAS_TOS, st->tos, "");
	optional_text(t->in, st, PFLOW_HAS_IFINDEX, st->ifindex[0], "");
	optional_text(t->out, st, PFLOW_HAS_IFINDEX, st->ifindex[1], "");
	optional_text(t->vlan, st, PFLOW_HAS_VLAN, st->vlan, "");
	optional_text(t->reason, st, PFLOW_HAS_END_REASON, st->end_reason, "");
	t->nat_event[0] = '\0';
	if (hdr->nat_event != 0)
		(void)snprintf(t->nat_event, 16, "%u", hdr->nat_event);
}

static void
write_csv(struct pflowdump_writer *w, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, const char *exporter)
{
	struct texts t;

	fill_texts(w, st, hdr, &t);
	(void)fprintf(w->out, "%s,%s,%u,%s,%s,%s,%s,%s,%s,%" PRIu64 ",%" PRIu64
	    ",%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%u,%u,%s\n", t.start, t.end,
	    st->protocol, t.addr[0], t.port[0], t.addr[1], t.port[1],
	    t.icmp[0], t.icmp[1], st->packets[0], st->octets[0], t.reverse[0],
	    t.reverse[1], t.flags, t.tos, t.in, t.out, t.vlan, t.reason,
	    t.post_addr[0], t.post_port[0], t.post_addr[1], t.post_port[1],
	    t.nat_event, hdr->version, (unsigned)hdr->domain_id, exporter);
}

/** A member with a number; left out if there is none. */
static void
json_number(FILE *out, const char *name, const char *value)
{
	if (*value != '\0')
		(void)fprintf(out, ",\"%s\":%s", name, value);
}

/* All texts are made of digits, letters and ".:[]-": none wants escaping. */
static void
json_text(FILE *out, const char *name, const char *value)
{
	if (*value != '\0')
		(void)fprintf(out, ",\"%s\":\"%s\"", name, value);
}

static void
write_json(struct pflowdump_writer *w, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, const char *exporter)
{
	struct texts t;

	fill_texts(w, st, hdr, &t);
	(void)fprintf(w->out, "{\"start\":\"%s\",\"end\":\"%s\","
	    "\"protocol\":%u,\"source\":\"%s\",\"destination\":\"%s\"",
	    t.start, t.end, st->protocol, t.addr[0], t.addr[1]);
	json_number(w->out, "source_port", t.port[0]);
	json_number(w->out, "destination_port", t.port[1]);
	json_number(w->out, "icmp_type", t.icmp[0]);
	json_number(w->out, "icmp_code", t.icmp[1]);
	(void)fprintf(w->out, ",\"packets\":%" PRIu64 ",\"octets\":%" PRIu64,
	    st->packets[0], st->octets[0]);
	json_number(w->out, "reverse_packets", t.reverse[0]);
	json_number(w->out, "reverse_octets", t.reverse[1]);
	json_number(w->out, "tcp_flags", t.flags);
	json_number(w->out, "tos", t.tos);
	json_number(w->out, "in", t.in);
	json_number(w->out, "out", t.out);
	json_number(w->out, "vlan", t.vlan);
	json_number(w->out, "end_reason", t.reason);
	json_text(w->out, "translated_source", t.post_addr[0]);
	json_number(w->out, "translated_source_port", t.post_port[0]);
	json_text(w->out, "translated_destination", t.post_addr[1]);
	json_number(w->out, "translated_destination_port", t.post_port[1]);
	json_number(w->out, "nat_event", t.nat_event);
	(void)fprintf(w->out, ",\"version\":%u,\"domain\":%u", hdr->version,
	    (unsigned)hdr->domain_id);
	json_text(w->out, "exporter", exporter);
	(void)fputs("}\n", w->out);
}

void
pflowdump_writer_flow(struct pflowdump_writer *w, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr, const char *exporter)
{
	if (w->format == PFLOWDUMP_TABLE) {
		write_row(w, st, hdr, PFLOW_FORWARD);
		if ((st->packets[1] | st->octets[1]) != 0)
			write_row(w, st, hdr, PFLOW_REVERSE);
	} else if (w->format == PFLOWDUMP_CSV) {
		write_csv(w, st, hdr, exporter);
	} else {
		write_json(w, st, hdr, exporter);
	}
}
