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

static uint64_t
number(const struct pflowi_settings *s, enum pflowi_setting_id id)
{
	return s->value[id].number;
}

static bool
is_kind(const struct pflowi_interface *in, const char *kind)
{
	return strcmp(in->dest.kind, kind) == 0;
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
	unsigned version = is_kind(out, "udp") ? V5 : IPFIX;

	if (proto->given)
		version = (unsigned)proto->number;
	out->exporter.version = (uint16_t)version;
	pflow_exporter_config_init(&probe);
	probe.version = out->exporter.version;
	if (pflow_exporter_block_size(&probe, 2) == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
		    proto->at, "proto %u: not yet supported, expected 5 or 10",
		    version);
	/* Files of v9 could not be read: its messages have no length. */
	if (version == IPFIX || is_kind(out, "udp") ||
	    (version == V5 && is_kind(out, "file")))
		return PFLOW_OK;
	return pflowi_problem_set(problem, PFLOW_ERR_INVALID, proto->at,
	    "proto %u: does not go over %s:, expected proto 10", version,
	    out->dest.kind);
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
	char with[16];
	size_t i;

	(void)snprintf(with, sizeof(with), "dst %s:", in->dest.kind);
	for (i = 0; i < PFLOWI_ARRAY_LEN(tls); i++)
		if (s->value[tls[i]].given && !is_kind(in, "tls") &&
		    !is_kind(in, "dtls"))
			return no_use(s, tls[i], with, "dst tls: or dtls:",
			    problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(sctp); i++)
		if (s->value[sctp[i]].given && !is_kind(in, "sctp"))
			return no_use(s, sctp[i], with, "dst sctp:", problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(net); i++)
		if (s->value[net[i]].given && is_kind(in, "file"))
			return no_use(s, net[i], with, "a dst in the network",
			    problem);
	for (i = 0; i < PFLOWI_ARRAY_LEN(file); i++)
		if (asks(s, file[i]) && !is_kind(in, "file"))
			return no_use(s, file[i], with, "dst file:", problem);
	if (s->value[PFLOWI_SET_REFRESH].given && !is_kind(in, "udp") &&
	    !is_kind(in, "dtls"))
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

static int
check_families(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflowi_problem *problem)
{
	const struct pflowi_value *src = &s->value[PFLOWI_SET_SRC];
	struct pflowi_problem ignored;
	struct pflowi_source_addr addr;

	if (!src->given || in->dest.ip_version == 0)
		return PFLOW_OK;
	if (pflowi_source_addr_parse(src->text, &addr, &ignored) != PFLOW_OK ||
	    addr.ip_version == in->dest.ip_version)
		return PFLOW_OK;
	return pflowi_problem_set(problem, PFLOW_ERR_INVALID, src->at,
	    "src '%s': is IPv%u, but dst is IPv%u, expected the same", src->text,
	    addr.ip_version, in->dest.ip_version);
}

/** Octets around a message, as far as they are known before the road is. */
static uint32_t
probable_overhead(const struct pflowi_interface *in)
{
	if (!is_kind(in, "udp") && !is_kind(in, "dtls"))
		return 0;
	return in->dest.ip_version == 6 ? PFLOW_OVERHEAD_UDP_IPV6
					: PFLOW_OVERHEAD_UDP_IPV4;
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
	int status = pflow_transport_create(in->dest_word, &in->transport,
	    &transport, err, sizeof(err));

	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status,
		    s->value[PFLOWI_SET_DST].at, "dst %s", err);
	transport->ops->close(transport);
	return PFLOW_OK;
}

int
pflowi_interface_transport(const struct pflowi_settings *s,
    const struct pflowi_interface *in, struct pflow_transport **out, char *err,
    size_t err_len)
{
	struct pflow_transport *transport;
	struct pflowi_tap_config tap;
	int status = pflow_transport_create(in->dest_word, &in->transport,
	    out, err, err_len);

	if (status != PFLOW_OK || !s->value[PFLOWI_SET_TAP].given)
		return status;
	tap.path = s->value[PFLOWI_SET_TAP].text;
	tap.size = number(s, PFLOWI_SET_TAP_SIZE);
	tap.files = (unsigned)number(s, PFLOWI_SET_TAP_FILES);
	transport = *out;
	status = pflowi_tap_create(&tap, transport, out, err, err_len);
	if (status != PFLOW_OK) {
		transport->ops->close(transport);
		*out = NULL;
	}
	return status;
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
}

int
pflowi_interface_resolve(const struct pflowi_settings *s,
    struct pflowi_interface *out, struct pflowi_problem *problem)
{
	const struct pflowi_value *dst = &s->value[PFLOWI_SET_DST];
	int status;

	memset(out, 0, sizeof(*out));
	if (!dst->given)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
		    PFLOWI_NOWHERE, "dst is missing, expected dst HOST:PORT, "
		    "dst file:PATH or another DEST");
	status = pflowi_dest_parse(dst->text, &out->dest, problem);
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
		status = check_families(s, out, problem);
	if (status == PFLOW_OK)
		status = check_mtu(s, out, problem);
	if (status != PFLOW_OK)
		return status;
	if (out->dest.port == 0)
		out->dest.port = pflowi_dest_default_port(&out->dest,
		    out->exporter.version);
	pflowi_dest_print(out->dest_word, sizeof(out->dest_word), &out->dest);
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

uint32_t
pflowi_interface_rate(const struct pflowi_settings *s,
    const struct pflowi_interface *in, const char *source_word)
{
	bool datagrams = is_kind(in, "udp") || is_kind(in, "dtls");

	if (s->value[PFLOWI_SET_RATE].given)
		return (uint32_t)number(s, PFLOWI_SET_RATE);
	return datagrams && !is_live(source_word) ? PFLOWI_RECORDING_RATE : 0;
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
