/* SPDX-License-Identifier: ISC */
#include "programs/common/resolve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/time.h"
#include "programs/common/digest.h"
#include "programs/common/scalar.h"
#include "programs/common/tap.h"

#define V5 5
#define IPFIX 10

/** An attempt to connect takes no longer. */
#define CONNECT_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC)

static uint64_t
number(const struct pflowi_settings *s, enum pflowi_setting_id id)
{
	return s->value[id].number;
}

static bool
is_kind(const struct pflowi_to *to, const char *kind)
{
	return strcmp(to->dest.kind, kind) == 0;
}

/** Is any dst of one of two kinds? */
static bool
any_kind(const struct pflowi_interface *in, const char *kind,
    const char *other)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (is_kind(&in->to[i], kind) || is_kind(&in->to[i], other))
			return true;
	return false;
}

static bool
is_session(const struct pflowi_to *to)
{
	return !is_kind(to, "udp") && !is_kind(to, "file");
}

static bool
is_datagram(const struct pflowi_to *to)
{
	return is_kind(to, "udp") || is_kind(to, "dtls");
}

/** A setting that was given is of no use together with another one. */
static int
no_use(const struct pflowi_settings *s, enum pflowi_setting_id id,
    const char *with, const char *right, struct pflowi_problem *problem)
{
	return pflowi_problem_set(problem, PFLOW_ERR_INVALID, s->value[id].at,
	    "%s: of no use with %s, expected %s", pflowi_setting(id)->word,
	    with, right);
}

/** Would an exporter take these settings? */
static int
try_exporter(const struct pflow_exporter_config *cfg)
{
	static const struct pflow_now now = { 0, 0 };
	size_t len = pflow_exporter_block_size(cfg, 2);
	struct pflow_exporter ex;
	void *block;
	int status;

	if (len == 0)
		return PFLOW_ERR_RANGE;
	block = malloc(len);
	if (block == NULL)
		return PFLOW_ERR_NOMEM;
	status = pflow_exporter_init(&ex, cfg, block, len, now);
	free(block);
	return status;
}

static int
resolve_version(const struct pflowi_settings *s, struct pflowi_interface *out,
    struct pflowi_problem *problem)
{
	const struct pflowi_value *proto = &s->value[PFLOWI_SET_PROTO];
	struct pflow_exporter_config probe;
	unsigned version = pflowi_settings_version(s);
	size_t i;

	out->exporter.version = (uint16_t)version;
	pflow_exporter_config_init(&probe);
	probe.version = out->exporter.version;
	if (pflow_exporter_block_size(&probe, 2) == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
		    proto->at, "proto %u: not yet supported, expected 5 or 10",
		    version);
	/* Files of v9 could not be read: its messages have no length. */
	for (i = 0; i < out->count; i++)
		if (version != IPFIX && !is_kind(&out->to[i], "udp") &&
		    !(version == V5 && is_kind(&out->to[i], "file")))
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    proto->at, "proto %u: does not go over %s:, "
			    "expected proto 10", version,
			    out->to[i].dest.kind);
	return PFLOW_OK;
}

unsigned
pflowi_settings_version(const struct pflowi_settings *s)
{
	const struct pflowi_value *proto = &s->value[PFLOWI_SET_PROTO];
	const char *at = s->value[PFLOWI_SET_DST].text;
	char word[PFLOWI_DEST_LEN];

	if (proto->given)
		return (unsigned)proto->number;
	while (pflowi_settings_next_dest(&at, word, sizeof(word)))
		if (strncmp(word, "udp:", 4) != 0)
			return IPFIX;
	return V5;
}

/** Are other fields than pflow(4)'s wanted? */
static bool
names_fields(const struct pflowi_settings *s)
{
	const char *text = s->value[PFLOWI_SET_TEMPLATE].text;

	return text != NULL && strcmp(text, "standard") != 0;
}

/** Does the value of a setting ask for something? */
static bool
asks(const struct pflowi_settings *s, enum pflowi_setting_id id)
{
	if (id == PFLOWI_SET_TEMPLATE)
		return names_fields(s);
	if (id == PFLOWI_SET_ROTATE)
		return s->value[id].given;
	return s->value[id].given && s->value[id].number != 0;
}

/** Settings that only some versions have. */
static int
check_version(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflowi_problem *problem)
{
	static const enum pflowi_setting_id templates[] = {
		PFLOWI_SET_TEMPLATE, PFLOWI_SET_OPTIONS, PFLOWI_SET_NAT };
	static const enum pflowi_setting_id ipfix[] = { PFLOWI_SET_BIFLOW,
		PFLOWI_SET_CHECKSUM };
	unsigned version = in->exporter.version;
	char with[16];
	size_t i;

	(void)snprintf(with, sizeof(with), "proto %u", version);
	if (version != V5 && s->value[PFLOWI_SET_ENGINE].given)
		return no_use(s, PFLOWI_SET_ENGINE, with,
		    "domain N, or proto 5", problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(ipfix); i++)
		if (version != IPFIX && asks(s, ipfix[i]))
			return no_use(s, ipfix[i], with, "proto 10", problem);
	if (version != V5)
		return PFLOW_OK;
	if (s->value[PFLOWI_SET_DOMAIN].given)
		return no_use(s, PFLOWI_SET_DOMAIN, with,
		    "engine TYPE:ID, or proto 9 or 10", problem);
	if (s->value[PFLOWI_SET_REFRESH].given)
		return no_use(s, PFLOWI_SET_REFRESH, with, "proto 9 or 10",
		    problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(templates); i++)
		if (asks(s, templates[i]))
			return no_use(s, templates[i], with, "proto 9 or 10",
			    problem);
	return PFLOW_OK;
}

/** Settings that only some destinations take. */
static int
check_uses(const struct pflowi_settings *s, const struct pflowi_interface *in,
    struct pflowi_problem *problem)
{
	static const enum pflowi_setting_id tls[] = { PFLOWI_SET_TLS_CA,
		PFLOWI_SET_TLS_CERT, PFLOWI_SET_TLS_KEY };
	static const enum pflowi_setting_id sctp[] = { PFLOWI_SET_ENCAP,
		PFLOWI_SET_LIFETIME };
	static const enum pflowi_setting_id net[] = { PFLOWI_SET_SRC,
		PFLOWI_SET_DEVICE, PFLOWI_SET_RATE };
	static const enum pflowi_setting_id file[] = { PFLOWI_SET_ROTATE,
		PFLOWI_SET_CHECKSUM };
	static const enum pflowi_setting_id sessions[] = { PFLOWI_SET_RETRY,
		PFLOWI_SET_TIMEOUT };
	bool files = true, session = false;
	char with[16];
	size_t i;

	for (i = 0; i < in->count; i++) {
		files = files && is_kind(&in->to[i], "file");
		session = session || is_session(&in->to[i]);
	}
	(void)snprintf(with, sizeof(with), "dst %s:", in->to[0].dest.kind);
	for (i = 0; i < PFLOWI_ARRAY_LEN(tls); i++)
		if (s->value[tls[i]].given && !any_kind(in, "tls", "dtls"))
			return no_use(s, tls[i], with, "dst tls: or dtls:",
			    problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(sctp); i++)
		if (s->value[sctp[i]].given && !any_kind(in, "sctp", "sctp"))
			return no_use(s, sctp[i], with, "dst sctp:", problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(net); i++)
		if (s->value[net[i]].given && files)
			return no_use(s, net[i], with, "a dst in the network",
			    problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(file); i++)
		if (asks(s, file[i]) && !any_kind(in, "file", "file"))
			return no_use(s, file[i], with, "dst file:", problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(sessions); i++)
		if (s->value[sessions[i]].given && !session)
			return no_use(s, sessions[i], with,
			    "dst tcp:, tls:, dtls: or sctp:", problem);
	if (s->value[PFLOWI_SET_REFRESH].given && !any_kind(in, "udp", "dtls"))
		return no_use(s, PFLOWI_SET_REFRESH, with,
		    "dst udp: or dtls:", problem);
	return PFLOW_OK;
}

/** Checksums need MD5, which is not ours. */
static int
resolve_checksum(const struct pflowi_settings *s, struct pflowi_interface *out,
    struct pflowi_problem *problem)
{
	const char *why;

	if (!asks(s, PFLOWI_SET_CHECKSUM))
		return PFLOW_OK;
	out->exporter.digest_fn = pflowi_digest(&why);
	if (out->exporter.digest_fn != NULL)
		return PFLOW_OK;
	return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
	    s->value[PFLOWI_SET_CHECKSUM].at, "checksum yes: %s, expected "
	    "checksum no", why);
}

/** What several dst, and the spools before them, need. */
static int
check_several(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflowi_problem *problem)
{
	char with[24];
	size_t i, k;

	for (i = 0; i < in->count; i++)
		for (k = 0; k < i; k++)
			if (memcmp(&in->to[i].dest, &in->to[k].dest,
				sizeof(in->to[i].dest)) == 0)
				return pflowi_problem_set(problem,
				    PFLOW_ERR_INVALID,
				    s->value[PFLOWI_SET_DST].at,
				    "dst '%.120s' is given twice, expected "
				    "once", in->to[i].dest.host[0] != '\0'
				    ? in->to[i].dest.host
				    : in->to[i].dest.path);
	if (in->count == 1 && s->value[PFLOWI_SET_SHARE].given &&
	    in->share != PFLOWI_SHARE_ALL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
		    s->value[PFLOWI_SET_SHARE].at,
		    "%s: of no use with one dst, expected dst A dst B",
		    in->share == PFLOWI_SHARE_BALANCE ? "balance"
						      : "failover");
	if (s->value[PFLOWI_SET_SPOOL_SIZE].given && in->spool == NULL)
		return no_use(s, PFLOWI_SET_SPOOL_SIZE, "no spool",
		    "spool DIR", problem);
	if (s->value[PFLOWI_SET_TAP].given && in->count > 1 &&
	    in->share != PFLOWI_SHARE_FAILOVER)
		return no_use(s, PFLOWI_SET_TAP, "several dst",
		    "one dst, or failover", problem);
	if (in->spool == NULL)
		return PFLOW_OK;
	for (i = 0; i < in->count; i++) {
		(void)snprintf(with, sizeof(with), "dst %s:",
		    in->to[i].dest.kind);
		if (!is_session(&in->to[i]) || is_datagram(&in->to[i]))
			return no_use(s, PFLOWI_SET_SPOOL, with,
			    "dst tcp:, tls: or sctp:", problem);
	}
	return PFLOW_OK;
}

static int
check_families(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflowi_problem *problem)
{
	const struct pflowi_value *src = &s->value[PFLOWI_SET_SRC];
	struct pflowi_problem ignored;
	struct pflowi_source_addr addr;
	size_t i;

	if (!src->given ||
	    pflowi_source_addr_parse(src->text, &addr, &ignored) != PFLOW_OK)
		return PFLOW_OK;
	for (i = 0; i < in->count; i++) {
		unsigned version = in->to[i].dest.ip_version;

		if (version != 0 && version != addr.ip_version)
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    src->at, "src '%s': is IPv%u, but dst is IPv%u, "
			    "expected the same", src->text, addr.ip_version,
			    version);
	}
	return PFLOW_OK;
}

/** Octets around a message, as far as they are known before the road is. */
static uint32_t
probable_overhead(const struct pflowi_interface *in)
{
	uint32_t overhead = 0;
	size_t i;

	for (i = 0; i < in->count; i++) {
		if (!is_datagram(&in->to[i]))
			continue;
		if (in->to[i].dest.ip_version == 6)
			return PFLOW_OVERHEAD_UDP_IPV6;
		overhead = PFLOW_OVERHEAD_UDP_IPV4;
	}
	return overhead;
}

/** What is left to be refused is the size of messages. */
static int
check_mtu(const struct pflowi_settings *s, const struct pflowi_interface *in,
    struct pflowi_problem *problem)
{
	struct pflow_exporter_config probe = in->exporter;
	int status;

	probe.overhead = probable_overhead(in);
	status = try_exporter(&probe);
	if (status == PFLOW_OK)
		return PFLOW_OK;
	while (status == PFLOW_ERR_RANGE && probe.mtu < UINT16_MAX) {
		probe.mtu++;
		status = try_exporter(&probe);
	}
	if (status == PFLOW_ERR_INVALID && probe.fields != NULL)
		return pflowi_problem_set(problem, status,
		    s->value[PFLOWI_SET_TEMPLATE].at, "template: some states "
		    "know too few of its fields, expected one that all know, "
		    "such as octetDeltaCount");
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, PFLOWI_NOWHERE,
		    "proto %u: these settings do not go together: %s",
		    probe.version, pflow_status_text(status));
	return pflowi_problem_set(problem, PFLOW_ERR_RANGE,
	    s->value[PFLOWI_SET_MTU].at, "mtu '%" PRIu64 "': too small for "
	    "proto %u to this dst, expected %u or more",
	    number(s, PFLOWI_SET_MTU), probe.version, (unsigned)probe.mtu);
}

static int
check_transport(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflowi_problem *problem)
{
	struct pflow_transport *transport;
	char err[400];
	size_t i;

	for (i = 0; i < in->count; i++) {
		int status = pflow_transport_create(in->to[i].word,
		    &in->transport, &transport, err, sizeof(err));

		if (status != PFLOW_OK)
			return pflowi_problem_set(problem, status,
			    s->value[PFLOWI_SET_DST].at, "dst %s", err);
		transport->ops->close(transport);
	}
	return PFLOW_OK;
}

static void
fill_exporter(const struct pflowi_settings *s, struct pflow_exporter_config *cfg)
{
	cfg->engine_type = (uint8_t)(number(s, PFLOWI_SET_ENGINE) >> 8);
	cfg->engine_id = (uint8_t)number(s, PFLOWI_SET_ENGINE);
	cfg->domain_id = (uint32_t)number(s, PFLOWI_SET_DOMAIN);
	cfg->mtu = (uint32_t)number(s, PFLOWI_SET_MTU);
	cfg->select = (enum pflow_select)number(s, PFLOWI_SET_SELECT);
	cfg->side = (enum pflow_side)number(s, PFLOWI_SET_SIDE);
	cfg->hold_ns = number(s, PFLOWI_SET_HOLD);
	cfg->refresh_ns = number(s, PFLOWI_SET_REFRESH);
	cfg->biflow = (enum pflow_biflow)number(s, PFLOWI_SET_BIFLOW);
	cfg->nat_events = number(s, PFLOWI_SET_NAT) != 0;
	cfg->options = number(s, PFLOWI_SET_OPTIONS) != 0;
	cfg->process_id = (uint32_t)getpid();
}

/** The fields of `template`; the standard ones go the fast way. */
static void
fill_fields(const struct pflowi_settings *s, struct pflowi_interface *out)
{
	const char *text = s->value[PFLOWI_SET_TEMPLATE].text;
	struct pflow_exporter_config *cfg = &out->exporter;
	struct pflowi_problem ignored;

	if (!names_fields(s))
		return;
	if (text[0] != '{') {
		cfg->fields = pflow_template_named(
		    cfg->version == IPFIX ? "extended" : "extended-v9",
		    &cfg->field_count);
	} else if (pflowi_fields_parse(text, &out->fields, &ignored) ==
	    PFLOW_OK) {
		cfg->fields = out->fields.field;
		cfg->field_count = out->fields.count;
	}
}

static void
fill_transport(const struct pflowi_settings *s,
    struct pflow_transport_config *cfg)
{
	pflow_transport_config_init(cfg);
	cfg->source = s->value[PFLOWI_SET_SRC].text;
	cfg->mtu = (uint32_t)number(s, PFLOWI_SET_MTU);
	cfg->device = s->value[PFLOWI_SET_DEVICE].text;
	cfg->rate_pps = (uint32_t)number(s, PFLOWI_SET_RATE);
	cfg->sctp_encap = (uint16_t)number(s, PFLOWI_SET_ENCAP);
	cfg->sctp_lifetime_ns = number(s, PFLOWI_SET_LIFETIME);
	cfg->tls_ca = s->value[PFLOWI_SET_TLS_CA].text;
	cfg->tls_cert = s->value[PFLOWI_SET_TLS_CERT].text;
	cfg->tls_key = s->value[PFLOWI_SET_TLS_KEY].text;
	if (s->value[PFLOWI_SET_ROTATE].text != NULL)
		(void)pflowi_parse_rotate(s->value[PFLOWI_SET_ROTATE].text,
		    &cfg->rotate_octets, &cfg->rotate_ns);
	cfg->retry_ns = number(s, PFLOWI_SET_RETRY);
	cfg->peer_timeout_ns = number(s, PFLOWI_SET_TIMEOUT);
	cfg->connect_timeout_ns = pflowi_min_u64(CONNECT_NS,
	    cfg->peer_timeout_ns);
}

/** The dst, one by one. */
static int
fill_dests(const struct pflowi_settings *s, struct pflowi_interface *out,
    struct pflowi_problem *problem)
{
	const struct pflowi_value *dst = &s->value[PFLOWI_SET_DST];
	const char *at = dst->text;
	char word[PFLOWI_DEST_LEN];
	int status = PFLOW_OK;

	if (!dst->given)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
		    PFLOWI_NOWHERE, "dst is missing, expected dst HOST:PORT, "
		    "dst file:PATH or another DEST");
	while (status == PFLOW_OK && out->count < PFLOWI_DESTS_MAX &&
	    pflowi_settings_next_dest(&at, word, sizeof(word)))
		status = pflowi_dest_parse(word, &out->to[out->count++].dest,
		    problem);
	out->share = (enum pflowi_share)number(s, PFLOWI_SET_SHARE);
	out->spool = s->value[PFLOWI_SET_SPOOL].text;
	out->spool_octets = number(s, PFLOWI_SET_SPOOL_SIZE);
	out->tap.path = s->value[PFLOWI_SET_TAP].text;
	out->tap.size = number(s, PFLOWI_SET_TAP_SIZE);
	out->tap.files = (unsigned)number(s, PFLOWI_SET_TAP_FILES);
	return status;
}

/** Ports and normal forms: "A dst B failover". */
static void
name_dests(struct pflowi_interface *out)
{
	static const char *const shares[] = { [PFLOWI_SHARE_ALL] = "",
		[PFLOWI_SHARE_BALANCE] = " balance",
		[PFLOWI_SHARE_FAILOVER] = " failover" };
	size_t i, len;

	for (i = 0; i < out->count; i++) {
		struct pflowi_to *to = &out->to[i];

		if (to->dest.port == 0)
			to->dest.port = pflowi_dest_default_port(&to->dest,
			    out->exporter.version);
		pflowi_dest_print(to->word, sizeof(to->word), &to->dest);
		len = strlen(out->dest_word);
		(void)snprintf(out->dest_word + len,
		    sizeof(out->dest_word) - len, "%s%s",
		    i == 0 ? "" : " dst ", to->word);
	}
	len = strlen(out->dest_word);
	(void)snprintf(out->dest_word + len, sizeof(out->dest_word) - len,
	    "%s", shares[out->share]);
}

int
pflowi_interface_resolve(const struct pflowi_settings *s,
    struct pflowi_interface *out, struct pflowi_problem *problem)
{
	int status;

	memset(out, 0, sizeof(*out));
	status = fill_dests(s, out, problem);
	if (status != PFLOW_OK)
		return status;
	pflow_exporter_config_init(&out->exporter);
	fill_exporter(s, &out->exporter);
	fill_transport(s, &out->transport);
	status = resolve_version(s, out, problem);
	fill_fields(s, out);
	if (status == PFLOW_OK)
		status = check_version(s, out, problem);
	if (status == PFLOW_OK)
		status = check_uses(s, out, problem);
	if (status == PFLOW_OK)
		status = resolve_checksum(s, out, problem);
	if (status == PFLOW_OK)
		status = check_several(s, out, problem);
	if (status == PFLOW_OK)
		status = check_families(s, out, problem);
	if (status == PFLOW_OK)
		status = check_mtu(s, out, problem);
	if (status != PFLOW_OK)
		return status;
	name_dests(out);
	return check_transport(s, out, problem);
}

/** Is the word of this kind of source? */
static bool
is_source(const char *word, const char *kind)
{
	size_t len = strlen(kind);

	return strncmp(word, kind, len) == 0 && word[len] == ':';
}

static uint64_t
active_default(const char *word)
{
	const struct pflow_source_kind *const *kinds;
	size_t count, i;

	kinds = pflow_source_kinds(&count);
	for (i = 0; i < count; i++)
		if (is_source(word, kinds[i]->name))
			return kinds[i]->active_default_ns;
	return 0;
}

int
pflowi_source_resolve(const struct pflowi_settings *s, const char *word,
    struct pflow_source_config *out, struct pflowi_problem *problem)
{
	bool packets = is_source(word, "pcap") || is_source(word, "pcap-live");
	char with[24];

	(void)snprintf(with, sizeof(with), "%.*s:",
	    (int)pflowi_min_u64(strcspn(word, ":"), 20), word);
	if (s->value[PFLOWI_SET_FILTER].given && !packets)
		return no_use(s, PFLOWI_SET_FILTER, with,
		    "pcap: or pcap-live:", problem);
	if (s->value[PFLOWI_SET_INTERFACE_MAP].given && packets)
		return no_use(s, PFLOWI_SET_INTERFACE_MAP, with,
		    "a source of states such as pfsync:", problem);
	if (s->value[PFLOWI_SET_IDLE].given && !packets)
		return no_use(s, PFLOWI_SET_IDLE, with, "pcap: or pcap-live:",
		    problem);
	pflow_source_config_init(out);
	out->active_ns = s->value[PFLOWI_SET_ACTIVE].given
	    ? number(s, PFLOWI_SET_ACTIVE)
	    : active_default(word);
	out->idle_ns = number(s, PFLOWI_SET_IDLE);
	out->memory_limit = (size_t)number(s, PFLOWI_SET_MEMORY);
	out->filter = s->value[PFLOWI_SET_FILTER].text;
	out->interface_map = s->value[PFLOWI_SET_INTERFACE_MAP].text;
	out->nat_events = number(s, PFLOWI_SET_NAT) != 0;
	return PFLOW_OK;
}

/** Does the source give states as they happen? */
static bool
is_live(const char *word)
{
	return is_source(word, "pcap-live") || is_source(word, "pfsync-live") ||
	    is_source(word, "conntrack") || strcmp(word, "pf:") == 0;
}

bool
pflowi_interface_is_paced(const struct pflowi_interface *in)
{
	return any_kind(in, "udp", "dtls");
}

uint32_t
pflowi_interface_rate(const struct pflowi_settings *s,
    const struct pflowi_interface *in, const char *source_word)
{
	if (s->value[PFLOWI_SET_RATE].given)
		return (uint32_t)number(s, PFLOWI_SET_RATE);
	return pflowi_interface_is_paced(in) && !is_live(source_word)
	    ? PFLOWI_RECORDING_RATE : 0;
}

void
pflowi_interface_describe(const struct pflowi_interface *in, char *out,
    size_t len)
{
	unsigned version = in->exporter.version;

	if (version == V5)
		(void)snprintf(out, len, "NetFlow v5, engine %u:%u",
		    in->exporter.engine_type, in->exporter.engine_id);
	else
		(void)snprintf(out, len, "%s, domain %u",
		    version == IPFIX ? "IPFIX" : "NetFlow v9",
		    (unsigned)in->exporter.domain_id);
}
