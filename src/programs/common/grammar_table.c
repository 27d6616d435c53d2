/* SPDX-License-Identifier: ISC */
/* The table of settings, and nothing else. */
#include <pflow/exporter.h>

#include "programs/common/grammar.h"

#define EXPORT PFLOWI_FOR_EXPORT
#define INTERFACE PFLOWI_FOR_INTERFACE
#define SOURCE PFLOWI_FOR_SOURCE

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)

#define CHOICE(list) .kind = PFLOWI_VALUE_CHOICE, .choices = (list)
#define RANGE(value_kind, low, high)                                           \
	.kind = PFLOWI_VALUE_##value_kind, .min = (low), .max = (high)
#define TEXT .kind = PFLOWI_VALUE_TEXT

#define IS(name, number) { .word = (name), .value = (number), .built = true }
#define END { .word = NULL }

static const struct pflowi_choice protos[] = { IS("5", 5), IS("9", 9),
	IS("10", 10), END };
static const struct pflowi_choice yes_no[] = { IS("yes", 1), IS("no", 0),
	END };
static const struct pflowi_choice biflows[] = {
	IS("yes", PFLOW_BIFLOW_COUNTERS), IS("full", PFLOW_BIFLOW_FULL),
	IS("no", PFLOW_BIFLOW_NO), END };
static const struct pflowi_choice selects[] = {
	IS("pflow", PFLOW_SELECT_PFLOW), IS("all", PFLOW_SELECT_ALL), END };
static const struct pflowi_choice sides[] = { IS("in", PFLOW_SIDE_IN),
	IS("out", PFLOW_SIDE_OUT), IS("both", PFLOW_SIDE_BOTH), END };
static const struct pflowi_choice shares[] = {
	{ .word = "all", .value = PFLOWI_SHARE_ALL, .built = true,
	    .help = "each dst gets everything; the default" },
	{ .word = "balance", .value = PFLOWI_SHARE_BALANCE, .built = true,
	    .help = "each flow, both directions, goes to one dst" },
	{ .word = "failover", .value = PFLOWI_SHARE_FAILOVER, .built = true,
	    .help = "the first dst that is up gets everything" },
	END };

static const struct pflowi_setting table[PFLOWI_SET_COUNT] = {
	[PFLOWI_SET_SRC] = { .word = "src", .argument = "ADDR[:PORT]",
	    .help = "address that messages come from",
	    .kind = PFLOWI_VALUE_SOURCE_ADDR, .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_DST] = { .word = "dst", .argument = "DEST",
	    .help = "where messages go: [KIND:]HOST[:PORT] or file:PATH; up to "
	    "8 times",
	    .kind = PFLOWI_VALUE_DEST, .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_SHARE] = { .word = "all, balance, failover",
	    .argument = "", .help = "how several dst share the states",
	    .kind = PFLOWI_VALUE_WORD, .choices = shares,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_PROTO] = { .word = "proto", .argument = "5|9|10",
	    .help = "NetFlow v5, v9 or IPFIX; default 5, or 10 where only "
	    "IPFIX goes", CHOICE(protos), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_DOMAIN] = { .word = "domain", .argument = "N",
	    .preset = "42",
	    .help = "Observation Domain ID of IPFIX, Source ID of v9",
	    RANGE(NUMBER, 0, UINT32_MAX), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_ENGINE] = { .word = "engine", .argument = "TYPE[:ID]",
	    .preset = "42:42", .help = "engine of NetFlow v5; ID is TYPE if "
	    "left out", RANGE(ENGINE, 0, UINT16_MAX),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_MTU] = { .word = "mtu", .argument = "OCTETS",
	    .preset = "1500", .help = "largest IP packet to send",
	    RANGE(NUMBER, 68, UINT16_MAX), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_HOLD] = { .word = "hold", .argument = "TIME",
	    .preset = "30", .help = "longest stay of a record",
	    RANGE(DURATION, 0, HOUR), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_REFRESH] = { .word = "refresh", .argument = "TIME",
	    .preset = "60", .help = "how often templates are repeated on "
	    "datagrams", RANGE(DURATION, SECOND, DAY),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TEMPLATE] = { .word = "template",
	    .argument = "standard|extended|LIST",
	    .help = "fields of records: of pflow(4), all, or { ELEMENT ... }",
	    .kind = PFLOWI_VALUE_FIELDS,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_OPTIONS] = { .word = "options", .argument = "yes|no",
	    .preset = "no", .help = "options records about the exporter",
	    CHOICE(yes_no),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_BIFLOW] = { .word = "biflow", .argument = "yes|full|no",
	    .preset = "no", .help = "both directions in one record (RFC 5103): "
	    "counters, or all that is known", CHOICE(biflows),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_NAT] = { .word = "nat", .argument = "yes|no",
	    .preset = "no", .help = "NAT events (RFC 8158)", CHOICE(yes_no),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_SELECT] = { .word = "select", .argument = "pflow|all",
	    .preset = "pflow", .help = "states of rules with the pflow "
	    "keyword, or all", CHOICE(selects), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_SIDE] = { .word = "side", .argument = "in|out|both",
	    .preset = "both", .help = "which of the two states of a forwarded "
	    "connection", CHOICE(sides), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_DEVICE] = { .word = "device", .argument = "NAME",
	    .help = "interface or VRF that messages leave by", TEXT,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_RATE] = { .word = "rate", .argument = "PPS",
	    .help = "messages a second at most, 0: no limit; "
	    "default 2000 for a recording as datagrams, else 0",
	    RANGE(NUMBER, 0, 10000000), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_SPOOL] = { .word = "spool", .argument = "DIR",
	    .help = "keep messages here while the collector is away", TEXT,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_SPOOL_SIZE] = { .word = "spool-size", .argument = "SIZE",
	    .preset = "256M", .help = "bound of each spool; beyond it the "
	    "oldest messages go", RANGE(SIZE, MIB, UINT64_C(1) << 50),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_RETRY] = { .word = "retry", .argument = "TIME",
	    .preset = "60", .help = "least time between two attempts to "
	    "connect; it grows to 5 times that",
	    RANGE(DURATION, 10 * MS, DAY), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_TIMEOUT] = { .word = "timeout", .argument = "TIME",
	    .preset = "180", .help = "a collector whose system acknowledges "
	    "nothing for so long is gone", RANGE(DURATION, SECOND, DAY),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_ROTATE] = { .word = "rotate",
	    .argument = "SIZE|TIME|SIZE,TIME",
	    .help = "begin another file when one is so large or so old (file:)",
	    .kind = PFLOWI_VALUE_ROTATE, .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_CHECKSUM] = { .word = "checksum", .argument = "yes|no",
	    .preset = "no", .help = "a checksum in each message (file:)",
	    CHOICE(yes_no), .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_ENCAP] = { .word = "encap", .argument = "PORT",
	    .help = "UDP port that SCTP goes to (sctp:); default: none with "
	    "the system's SCTP or the right to send it over IP, else 9899",
	    RANGE(NUMBER, 1, UINT16_MAX), .takers = EXPORT | INTERFACE,
	    .built = true },
	[PFLOWI_SET_LIFETIME] = { .word = "lifetime", .argument = "TIME",
	    .preset = "0", .help = "give up data that could not be delivered "
	    "for so long, 0: never (sctp:)", RANGE(DURATION, 0, DAY),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TAP] = { .word = "tap", .argument = "FILE",
	    .help = "write every message that was sent into this capture too",
	    TEXT, .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TAP_SIZE] = { .word = "tap-size", .argument = "SIZE",
	    .preset = "64M", .help = "a tap's file is no larger, the next one "
	    "is FILE.1", RANGE(SIZE, UINT64_C(128) << 10, TIB),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TAP_FILES] = { .word = "tap-files", .argument = "N",
	    .preset = "2", .help = "files of a tap; behind the last one it "
	    "begins anew with the first", RANGE(NUMBER, 1, 16),
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TLS_CA] = { .word = "tls-ca", .argument = "FILE",
	    .help = "PEM file of the authorities to trust (tls:, dtls:)", TEXT,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TLS_CERT] = { .word = "tls-cert", .argument = "FILE",
	    .help = "PEM file of our certificate chain (tls:, dtls:)", TEXT,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_TLS_KEY] = { .word = "tls-key", .argument = "FILE",
	    .help = "PEM file of its key (tls:, dtls:)", TEXT,
	    .takers = EXPORT | INTERFACE, .built = true },
	[PFLOWI_SET_ACTIVE] = { .word = "active", .argument = "TIME",
	    .help = "report living flows this often, 0: only at their end; "
	    "default: the source's own", RANGE(DURATION, 0, 7 * DAY),
	    .takers = EXPORT | SOURCE, .built = true },
	[PFLOWI_SET_IDLE] = { .word = "idle", .argument = "TIME",
	    .preset = "15", .help = "a flow without packets ends after this",
	    RANGE(DURATION, MS, 7 * DAY), .takers = EXPORT | SOURCE,
	    .built = true },
	[PFLOWI_SET_FILTER] = { .word = "filter", .argument = "EXPR",
	    .help = "pcap-filter(7) expression, one word (pcap:, pcap-live:)",
	    TEXT, .takers = EXPORT | SOURCE, .built = true },
	[PFLOWI_SET_MEMORY] = { .word = "memory", .argument = "SIZE",
	    .preset = "256M", .help = "bound of the source's flow or state "
	    "table", RANGE(SIZE, MIB, SIZE_MAX), .takers = EXPORT | SOURCE,
	    .built = true },
	[PFLOWI_SET_INTERFACE_MAP] = { .word = "interface-map",
	    .argument = "FILE", .help = "NAME INDEX lines: numbers of "
	    "interfaces", TEXT, .takers = EXPORT | SOURCE, .built = true },
};

const struct pflowi_setting *
pflowi_setting(enum pflowi_setting_id id)
{
	return &table[id];
}
