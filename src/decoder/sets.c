/* SPDX-License-Identifier: ISC */
/* The sets of a v9 or IPFIX message, and the records of Data Sets. */
#include "decoder/flows.h"
#include "decoder/internal.h"
#include "decoder/values.h"

/** A template of the store, looked up for one Data Set. */
struct layout {
	const uint8_t *t;
	uint32_t min_len;
	uint8_t plan;
	uint8_t is_options;
};

/** An options record may say when the exporter's machine came up. */
static void
learn_boot(struct pflowi_message *m, const struct pflowi_values *v)
{
	struct pflowi_store_key key = { m->hdr.domain_id, 0,
		PFLOW_WIRE_IPFIX_VERSION };
	uint64_t boot_ms = pflowi_value(v, PFLOWI_BOOT_MS);
	size_t at;

	/* v9 says it in every header. */
	if (!pflowi_has(v, PFLOWI_BOOT_MS) ||
	    m->hdr.version != PFLOW_WIRE_IPFIX_VERSION)
		return;
	m->boot.uptime_ms = (uint32_t)(m->boot.now_ms - boot_ms);
	m->boot.known = 1;
	at = pflowi_store_find(m->dec, key);
	if (at == 0)
		return;
	m->dec->store[at + PFLOWI_D_HAS_BOOT] = 1;
	pflowi_put_be64(m->dec->store + at + PFLOWI_D_BOOT_MS, boot_ms);
}

static void
clear_events(struct pflowi_message *m)
{
	m->hdr.nat_event = 0;
	m->hdr.firewall_event = 0;
	m->hdr.biflow_direction = 0;
}

static int
options_record(struct pflowi_message *m, const struct pflowi_values *v)
{
	m->dec->stats.options_records++;
	clear_events(m);
	learn_boot(m, v);
	pflowi_checksum_check(m);
	return pflowi_give_other(m);
}

static PFLOWI_NOINLINE int
flow_record(struct pflowi_message *m, const struct pflowi_values *v)
{
	struct pflow_state st;

	if (pflowi_values_state(v, &m->boot, &m->hdr, &st) != PFLOW_OK) {
		if (m->dec->other == NULL)
			m->dec->stats.not_flows++;
		return pflowi_give_other(m);
	}
	m->dec->stats.times_guessed += pflowi_times_guessed(v, &m->boot);
	return pflowi_give(m, &st);
}

/** Records one after the other, whatever their template. */
static int
walk_records(struct pflowi_message *m, const struct layout *l,
    struct pflowi_reader *set)
{
	struct pflowi_values v;
	int rc = PFLOW_OK;

	while (rc == PFLOW_OK && pflowi_r_left(set) >= l->min_len) {
		size_t start = set->pos;

		if (pflowi_values_read(&v, l->t, set, m->hdr.export_ns) !=
		    PFLOW_OK) {
			m->dec->stats.malformed_sets++;
			m->uncounted = 1;
			return PFLOW_OK;
		}
		m->hdr.record.octets = set->buf + start;
		m->hdr.record.len = (uint32_t)(set->pos - start);
		m->data_records++;
		rc = l->is_options ? options_record(m, &v)
				   : flow_record(m, &v);
	}
	return rc;
}

/**
 * The same for a built-in shape. What its records do not set, none of them
 * does, so the state is made once.
 */
PFLOWI_INLINE int
flow_records(struct pflowi_message *m, struct pflowi_reader *set,
    pflowi_get_fn *get, uint8_t af, uint32_t octets)
{
	struct pflow_state st;
	struct pflowi_raw raw;
	int rc = PFLOW_OK;

	pflowi_begin_flows(&st, af);
	clear_events(m);
	m->hdr.record.len = octets;
	while (rc == PFLOW_OK && pflowi_r_left(set) >= octets) {
		const uint8_t *p = pflowi_r_take(set, octets);

		m->hdr.record.octets = p;
		m->data_records++;
		get(p, &st, &raw);
		pflowi_finish_flow(&st, PFLOW_HAS_TOS | PFLOW_HAS_IFINDEX);
		rc = pflowi_give(m, &st);
	}
	return rc;
}

static PFLOWI_NOINLINE int
flow4_records(struct pflowi_message *m, struct pflowi_reader *set)
{
	return flow_records(m, set, pflowi_get_flow4, PFLOW_AF_IPV4,
	    PFLOWI_FLOW4_LEN);
}

static PFLOWI_NOINLINE int
flow6_records(struct pflowi_message *m, struct pflowi_reader *set)
{
	return flow_records(m, set, pflowi_get_flow6, PFLOW_AF_IPV6,
	    PFLOWI_FLOW6_LEN);
}

int
pflowi_data_set(struct pflowi_message *m, struct pflowi_reader *set,
    uint16_t id)
{
	struct pflowi_store_key key = { m->hdr.domain_id, id,
		(uint8_t)m->hdr.version };
	size_t at = pflowi_store_find(m->dec, key);
	struct layout l;

	if (at == 0) {
		m->dec->stats.unknown_template_sets++;
		m->uncounted = 1;
		return PFLOW_OK;
	}
	l.t = m->dec->store + at;
	l.min_len = pflowi_get_be16(l.t + PFLOWI_T_MIN_LEN);
	l.plan = l.t[PFLOWI_T_PLAN];
	l.is_options = l.t[PFLOWI_E_KIND] == PFLOWI_ENTRY_OPTIONS;
	if (pflowi_r_left(set) < l.min_len) {
		m->dec->stats.malformed_sets++;
		return PFLOW_OK;
	}
	m->hdr.template_id = id;
	m->hdr.record.fields = l.t + PFLOWI_T_LEN;
	m->hdr.record.field_count = pflowi_get_be16(l.t + PFLOWI_T_FIELDS);
	m->hdr.record.scope_count = pflowi_get_be16(l.t + PFLOWI_T_SCOPES);
	if (l.plan == PFLOWI_PLAN_FLOW4)
		return flow4_records(m, set);
	if (l.plan == PFLOWI_PLAN_FLOW6)
		return flow6_records(m, set);
	return walk_records(m, &l, set);
}

/** v9 and IPFIX have the same sets under different ids. */
static int
one_set(struct pflowi_message *m, struct pflowi_reader *set, uint16_t id)
{
	uint16_t first = m->hdr.version == PFLOWI_V9_VERSION
	    ? 0
	    : PFLOW_WIRE_SET_TEMPLATE;

	if (id >= PFLOW_WIRE_SET_DATA_MIN)
		return pflowi_data_set(m, set, id);
	if (id == first)
		pflowi_template_set(m, set, 0);
	else if (id == first + 1)
		pflowi_template_set(m, set, 1);
	else
		m->dec->stats.malformed_sets++;
	return PFLOW_OK;
}

int
pflowi_sets(struct pflowi_message *m, struct pflowi_reader *r)
{
	int rc = PFLOW_OK;

	while (rc == PFLOW_OK && pflowi_r_left(r) >= PFLOWI_SET_HEADER_LEN) {
		uint16_t id = pflowi_r_u16(r);
		uint16_t len = pflowi_r_u16(r);
		struct pflowi_reader set;

		if (len < PFLOWI_SET_HEADER_LEN ||
		    len - PFLOWI_SET_HEADER_LEN > pflowi_r_left(r)) {
			/* Nobody knows where the next set begins. */
			m->dec->stats.malformed_sets++;
			m->uncounted = 1;
			return PFLOW_OK;
		}
		set = pflowi_r_sub(r, len - PFLOWI_SET_HEADER_LEN);
		rc = one_set(m, &set, id);
	}
	return rc;
}
