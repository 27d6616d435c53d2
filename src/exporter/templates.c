/* SPDX-License-Identifier: ISC */
/* Which templates live, and the messages that tell of them. */
#include "exporter/exporter.h"

/** Conditions that cut a list down; the others are as if always met. */
#define FAMILIES (PFLOWI_WHEN_IPV4 | PFLOWI_WHEN_IPV6)
#define NAT_RESPECTS                                                           \
	(FAMILIES | PFLOWI_WHEN_POST_IPV4 | PFLOWI_WHEN_POST_IPV6 |            \
	    PFLOWI_WHEN_NOT_NAT44)

/**
 * pflow(4)'s fields are always all there; others only where known. What no
 * field of the list asks for makes no difference.
 */
static uint32_t
respects(const struct pflow_exporter *ex, unsigned list)
{
	return ex->cares[list];
}

static uint32_t
conditions(const struct pflow_exporter *ex, unsigned list)
{
	if (list == PFLOWI_LIST_NAT)
		return NAT_RESPECTS;
	return ex->standard ? FAMILIES | PFLOWI_WHEN_REVERSE : UINT32_MAX;
}

static int
compile(struct pflow_exporter *ex, unsigned list,
    const struct pflow_field *fields, uint32_t count)
{
	uint32_t i;
	int rc = PFLOW_OK;

	ex->cares[list] = 0;
	for (i = 0; i < count && rc == PFLOW_OK; i++) {
		rc = pflowi_op_compile(&ex->ops[list][i], &fields[i]);
		ex->cares[list] |= ex->ops[list][i].when;
	}
	ex->cares[list] &= conditions(ex, list);
	return rc;
}

static int
append_field(struct pflow_exporter *ex, uint16_t element, uint16_t length,
    uint32_t enterprise)
{
	struct pflow_field *f;

	if (ex->field_count == PFLOW_TEMPLATE_FIELDS_MAX)
		return PFLOW_ERR_INVALID;
	f = &ex->fields[ex->field_count++];
	f->element = element;
	f->length = length;
	f->enterprise = enterprise;
	return PFLOW_OK;
}

/** The reverse elements behind the list (RFC 5103, 6). */
static int
append_reverse(struct pflow_exporter *ex)
{
	int rc = append_field(ex, PFLOWI_IE_OCTETS, 8, PFLOW_REVERSE_PEN);

	if (rc == PFLOW_OK)
		rc = append_field(ex, PFLOWI_IE_PACKETS, 8, PFLOW_REVERSE_PEN);
	if (rc == PFLOW_OK && ex->cfg.biflow == PFLOW_BIFLOW_FULL &&
	    !ex->standard)
		rc = append_field(ex, PFLOWI_IE_TCP_FLAGS, 2,
		    PFLOW_REVERSE_PEN);
	if (rc == PFLOW_OK && ex->cfg.biflow == PFLOW_BIFLOW_FULL)
		rc = append_field(ex, 239, 1, 0);
	return rc;
}

/**
 * Octets of the shortest record. A record of none cannot be sent, and a
 * template of none is a withdrawal (RFC 7011, 8.1).
 *
 * @param fields  checked
 */
static uint32_t
least_len(const struct pflow_field *fields, size_t count)
{
	uint32_t ipv4 = 0, ipv6 = 0, len;
	struct pflowi_op op;
	size_t i;

	for (i = 0; i < count; i++) {
		(void)pflowi_op_compile(&op, &fields[i]);
		len = op.octets == PFLOW_WIRE_VARIABLE_LENGTH ? 1 : op.octets;
		if ((op.when & ~(uint32_t)PFLOWI_WHEN_IPV4) == 0)
			ipv4 += len;
		if ((op.when & ~(uint32_t)PFLOWI_WHEN_IPV6) == 0)
			ipv6 += len;
	}
	return ipv4 < ipv6 ? ipv4 : ipv6;
}

static int
check_fields(const struct pflow_exporter *ex, const struct pflow_field *fields,
    size_t count)
{
	/* v9's padding must be shorter than a record (RFC 3954, 5.3). */
	uint32_t least = pflowi_is_v9(ex) ? 4 : 1;
	size_t bad;
	int rc = pflow_template_check(fields, count, ex->cfg.version, &bad);

	if (rc == PFLOW_OK && least_len(fields, count) < least)
		rc = PFLOW_ERR_INVALID;
	return rc;
}

/** Compile the flow list of the settings. */
static int
plan_flows(struct pflow_exporter *ex)
{
	const struct pflow_field *fields = ex->cfg.fields;
	size_t count = ex->cfg.field_count;
	int rc;

	ex->standard = fields == NULL;
	if (fields == NULL)
		fields = pflow_template_named(
		    pflowi_is_v9(ex) ? "standard-v9" : "standard", &count);
	rc = check_fields(ex, fields, count);
	if (rc != PFLOW_OK)
		return rc;
	memcpy(ex->fields, fields, count * sizeof(*fields));
	ex->field_count = (uint32_t)count;
	if (ex->cfg.biflow != PFLOW_BIFLOW_NO)
		rc = append_reverse(ex);
	if (rc == PFLOW_OK)
		rc = compile(ex, PFLOWI_LIST_FLOW, ex->fields, ex->field_count);
	/* pflow(4)'s fast path has its ids alone. */
	ex->planned = pflowi_is_v9(ex) || !ex->standard || ex->renewed ||
	    ex->cfg.biflow != PFLOW_BIFLOW_NO;
	/* Copied: the caller's list may go away. */
	ex->cfg.fields = NULL;
	ex->cfg.field_count = 0;
	return rc;
}

int
pflowi_plan_init(struct pflow_exporter *ex)
{
	const struct pflow_field *nat;
	uint32_t nat_count;
	int rc;

	ex->next_id = PFLOWI_TEMPLATE_FIRST_FREE;
	if (pflowi_is_v5(ex))
		return ex->cfg.fields != NULL ||
			ex->cfg.biflow != PFLOW_BIFLOW_NO ||
			ex->cfg.nat_events || ex->cfg.options ||
			pflowi_has_checksum(ex)
		    ? PFLOW_ERR_UNSUPPORTED
		    : PFLOW_OK;
	if (pflowi_is_v9(ex) && (ex->cfg.biflow != PFLOW_BIFLOW_NO ||
	    pflowi_has_checksum(ex)))
		return PFLOW_ERR_UNSUPPORTED;
	rc = plan_flows(ex);
	nat = pflowi_nat_fields(&nat_count);
	if (rc == PFLOW_OK)
		rc = compile(ex, PFLOWI_LIST_NAT, nat, nat_count);
	return rc;
}

/** The id of a fresh variant: pflow(4)'s own where it is its template. */
static uint16_t
id_of(struct pflow_exporter *ex, unsigned list, uint32_t key)
{
	if (list == PFLOWI_LIST_NAT && (key & PFLOWI_WHEN_NOT_NAT44) == 0)
		return PFLOWI_TEMPLATE_NAT44;
	if (list == PFLOWI_LIST_FLOW && ex->standard &&
	    !ex->renewed && (key & PFLOWI_WHEN_REVERSE) == 0)
		return key & PFLOWI_WHEN_IPV4 ? PFLOW_WIRE_TEMPLATE_FLOW4
					      : PFLOW_WIRE_TEMPLATE_FLOW6;
	/* A layout never takes an id that another one had (V9-08, TM-08),
	 * until all are used up. */
	if (ex->next_id == UINT16_MAX)
		ex->next_id = PFLOWI_TEMPLATE_FIRST_FREE;
	return ex->next_id++;
}

/** Variants moved. */
static void
forget_signatures(struct pflow_exporter *ex)
{
	unsigned i;

	for (i = 0; i < PFLOWI_SIGNATURES; i++)
		ex->signatures[i].signature = UINT64_MAX;
}

static struct pflowi_variant *
add_variant(struct pflow_exporter *ex, unsigned list, uint32_t key)
{
	uint32_t nat_count, count = ex->field_count;
	struct pflowi_variant *v = &ex->variants[ex->variant_next];

	ex->variant_next =
	    (uint8_t)((ex->variant_next + 1u) % PFLOWI_VARIANTS_MAX);
	if (ex->variant_count < PFLOWI_VARIANTS_MAX)
		ex->variant_count++;
	if (list == PFLOWI_LIST_NAT)
		(void)pflowi_nat_fields(&nat_count), count = nat_count;
	forget_signatures(ex);
	memset(v, 0, sizeof(*v));
	v->list = (uint8_t)list;
	v->key = key;
	v->mask = pflowi_plan_mask(ex->ops[list], count, respects(ex, list),
	    key);
	v->len = pflowi_plan_record_len(ex->ops[list], v->mask);
	v->id = id_of(ex, list, key);
	return v;
}

struct pflowi_variant *
pflowi_variant_of(struct pflow_exporter *ex, unsigned list, uint32_t key)
{
	struct pflowi_variant *v = &ex->variants[ex->last_variant[list]];
	unsigned i;

	key &= respects(ex, list);
	if (PFLOWI_LIKELY(v->key == key && v->list == list && v->id != 0))
		return v;
	for (i = 0; i < ex->variant_count; i++) {
		v = &ex->variants[i];
		if (v->key == key && v->list == list)
			break;
	}
	if (i == ex->variant_count)
		v = add_variant(ex, list, key);
	ex->last_variant[list] = (uint8_t)(v - ex->variants);
	return v;
}

void
pflowi_templates_init(struct pflow_exporter *ex)
{
	if (pflowi_is_v5(ex))
		return;
	if (ex->standard) {
		(void)pflowi_variant_of(ex, PFLOWI_LIST_FLOW, PFLOWI_WHEN_IPV4);
		(void)pflowi_variant_of(ex, PFLOWI_LIST_FLOW, PFLOWI_WHEN_IPV6);
	}
	if (ex->cfg.nat_events)
		(void)pflowi_variant_of(ex, PFLOWI_LIST_NAT,
		    PFLOWI_WHEN_IPV4 | PFLOWI_WHEN_POST_IPV4);
}

/** Padding of v9's FlowSets to 4 octets (RFC 3954, 5.3). */
static void
pad_set(const struct pflow_exporter *ex, struct pflowi_writer *w, size_t start)
{
	if (pflowi_is_v9(ex))
		pflowi_w_zero(w, (4 - (w->len - start) % 4) % 4);
}

static int
fits(const struct pflow_exporter *ex, const struct pflowi_variant *v,
    const struct pflowi_writer *w)
{
	/* v9 pads the set. */
	return w->status == PFLOW_OK &&
	    pflowi_plan_template_len(pflowi_list_fields(ex, v->list),
		v->mask) + (pflowi_is_v9(ex) ? 3 : 0) <= w->cap - w->len;
}

static void
write_variant(struct pflow_exporter *ex, struct pflowi_variant *v,
    struct pflowi_writer *w)
{
	pflowi_w_template_record(w, v->id, pflowi_list_fields(ex, v->list),
	    v->mask);
	v->announced = 1;
}

/** Begin a Template Set; gives where it begins. */
static size_t
begin_set(const struct pflow_exporter *ex, struct pflowi_writer *w)
{
	size_t start = w->len;

	pflowi_w_u16(w, pflowi_is_v9(ex) ? 0 : PFLOW_WIRE_SET_TEMPLATE);
	(void)pflowi_w_hole16(w);
	return start;
}

/** End it; without records it has never been. */
static void
end_set(const struct pflow_exporter *ex, struct pflowi_writer *w,
    size_t start, uint32_t records)
{
	if (records == 0) {
		pflowi_w_rewind(w, start);
		return;
	}
	pad_set(ex, w, start);
	pflowi_w_fill16(w, start + 2, w->len - start);
}

/** As many variants as fit, from the cursor on, in one Template Set. */
static uint32_t
write_variants(struct pflow_exporter *ex, struct pflowi_writer *w)
{
	size_t start = begin_set(ex, w);
	uint32_t n = 0;

	for (; ex->template_cursor < ex->variant_count; n++) {
		struct pflowi_variant *v = &ex->variants[ex->template_cursor];

		if (!fits(ex, v, w))
			break;
		write_variant(ex, v, w);
		ex->template_cursor++;
	}
	end_set(ex, w, start, n);
	return n;
}

/** As many as fit of those that are not announced: the awaited ones, or the
 *  others. */
static uint32_t
write_awaited(struct pflow_exporter *ex, struct pflowi_writer *w,
    unsigned awaited)
{
	size_t start = begin_set(ex, w);
	uint32_t n = 0, i;

	for (i = 0; i < ex->variant_count; i++) {
		struct pflowi_variant *v = &ex->variants[i];

		if (v->awaited != awaited || v->announced || !fits(ex, v, w))
			continue;
		write_variant(ex, v, w);
		n++;
	}
	end_set(ex, w, start, n);
	return n;
}

/** When the next template message is due, after this one. */
static void
schedule_refresh(struct pflow_exporter *ex, struct pflow_now now, int more)
{
	ex->messages_since_refresh = 0;
	if (more) {
		ex->refresh_due_ns = now.mono_ns;
		return;
	}
	ex->template_cursor = 0;
	if (ex->copies_left > 0)
		ex->copies_left--;
	/* Streams keep templates for the session (RFC 7011, 8.1). */
	ex->refresh_due_ns = PFLOW_NEVER;
	if (pflowi_is_datagram(ex) && ex->cfg.refresh_ns != 0)
		ex->refresh_due_ns =
		    pflowi_time_add(now.mono_ns, ex->cfg.refresh_ns);
}

/** An empty message of templates. */
static struct pflowi_writer
begin_message(struct pflow_exporter *ex, uint32_t slot)
{
	struct pflowi_writer w;

	pflowi_w_init(&w, pflowi_slot_payload(ex, slot), ex->message_max);
	w.len = pflowi_header_len(ex);
	pflowi_w_checksum_template(ex, &w);
	return w;
}

/** Queue it behind the first `at` ones, unless it is empty. */
static int
end_message(struct pflow_exporter *ex, uint32_t slot,
    const struct pflowi_writer *w, uint32_t count, struct pflow_now now,
    size_t at)
{
	uint64_t uptime = now.mono_ns + ex->uptime_base_ns;
	uint32_t len = (uint32_t)w->len, records = 0;
	struct pflowi_writer h = *w;

	if (len == pflowi_header_len(ex))
		return 0;
	if (pflowi_has_checksum(ex)) {
		len += pflowi_checksum_append(ex, w->buf, len);
		records = 1;
	}
	h.len = 0;
	pflowi_write_header(ex, &h, len, count,
	    pflowi_time_sub(now.wall_ns, uptime) / PFLOWI_NS_PER_MS, now);
	pflowi_checksum_fill(ex, w->buf, len);
	pflowi_slot_insert(ex, slot, len, records, at);
	pflowi_count_message(ex, len, records);
	ex->stats.template_messages++;
	return 1;
}

/** All options templates, if they fit. */
static void
write_options(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t *count)
{
	if (!ex->cfg.options ||
	    pflowi_options_templates_len(ex) > w->cap - w->len)
		return;
	pflowi_w_options_templates(ex, w, count);
	ex->options_announced = 1;
}

void
pflowi_emit_templates(struct pflow_exporter *ex, struct pflow_now now)
{
	struct pflowi_writer w;
	uint32_t count;
	size_t empty;
	int more;

	if (ex->template_pending)
		return;
	w = begin_message(ex, ex->slot_count);
	empty = w.len;
	count = write_variants(ex, &w);
	more = ex->template_cursor < ex->variant_count;
	if (!more && ex->cfg.options) {
		size_t len = w.len;

		write_options(ex, &w, &count);
		more = w.len == len && len > empty;
	}
	(void)end_message(ex, ex->slot_count, &w, count, now, SIZE_MAX);
	schedule_refresh(ex, now, more);
	pflowi_update_due(ex);
}

/** Walks the sets of a waiting message. @return 0: there are no more */
static int
next_set(const struct pflow_exporter *ex, uint32_t slot, uint32_t *at,
    uint16_t *id)
{
	const uint8_t *set = pflowi_slot_payload(ex, slot) + *at;

	if (*at >= pflowi_slot_len(ex, slot))
		return 0;
	*id = pflowi_get_be16(set);
	*at += pflowi_get_be16(set + 2);
	return 1;
}

/** @return index; variant_count: none, or no more */
static uint32_t
variant_of_id(const struct pflow_exporter *ex, uint16_t id)
{
	uint32_t i;

	for (i = 0; i < ex->variant_count; i++) {
		if (ex->variants[i].id == id)
			break;
	}
	return i;
}

int
pflowi_is_announced(const struct pflow_exporter *ex, uint32_t slot)
{
	uint32_t at = pflowi_header_len(ex), i;
	uint16_t id;

	while (next_set(ex, slot, &at, &id)) {
		if (id < PFLOW_WIRE_SET_DATA_MIN ||
		    id == PFLOWI_TEMPLATE_CHECKSUM)
			continue; /* that is in every template message */
		i = variant_of_id(ex, id);
		if (i < ex->variant_count ? !ex->variants[i].announced
					  : !ex->options_announced ||
			    !pflowi_is_options_id(id))
			return 0;
	}
	return 1;
}

/**
 * Which templates do the waiting messages use? pflow(4)'s own are always
 * awaited where the fast path uses them: it announces nothing.
 */
static void
find_awaited(struct pflow_exporter *ex)
{
	uint32_t slot, at, i;
	uint16_t id;

	for (i = 0; i < ex->variant_count; i++)
		ex->variants[i].awaited = !ex->planned &&
		    ex->variants[i].id <= PFLOW_WIRE_TEMPLATE_FLOW6;
	for (slot = ex->queue_head; slot != PFLOWI_SLOT_NONE;
	    slot = pflowi_slot_next(ex, slot)) {
		at = pflowi_header_len(ex);
		while (next_set(ex, slot, &at, &id)) {
			i = variant_of_id(ex, id);
			if (i < ex->variant_count)
				ex->variants[i].awaited = 1;
		}
	}
}

static void
forget_announced(struct pflow_exporter *ex)
{
	uint32_t i;

	for (i = 0; i < ex->variant_count; i++)
		ex->variants[i].announced = 0;
	ex->options_announced = 0;
}

/** What the waiting messages use comes first. @return 1: there is more */
static int
write_front(struct pflow_exporter *ex, uint32_t slot, struct pflow_now now,
    int *queued)
{
	struct pflowi_writer w = begin_message(ex, slot);
	uint32_t count = write_awaited(ex, &w, 1), i;

	if (!ex->options_announced)
		write_options(ex, &w, &count);
	count += write_awaited(ex, &w, 0);
	*queued = end_message(ex, slot, &w, count, now, 0);
	for (i = 0; i < ex->variant_count; i++) {
		if (ex->variants[i].awaited && !ex->variants[i].announced)
			return 1;
	}
	return ex->cfg.options && !ex->options_announced;
}

void
pflowi_restart_templates(struct pflow_exporter *ex, struct pflow_now now)
{
	int queued, more;

	find_awaited(ex);
	forget_announced(ex);
	more = write_front(ex, ex->slot_count, now, &queued);
	/* Further messages, as far as there are slots. */
	while (more && queued && ex->slots_free > 0) {
		uint32_t slot = pflowi_slot_take(ex);

		more = write_front(ex, slot, now, &queued);
		if (!queued)
			pflowi_slot_give_back(ex, slot);
	}
	schedule_refresh(ex, now, 0);
	if (ex->cfg.options && !ex->options_announced) {
		ex->template_cursor = ex->variant_count;
		ex->refresh_due_ns = now.mono_ns;
	}
	pflowi_update_due(ex);
}

int
pflowi_has_templates(const struct pflow_exporter *ex, uint32_t slot)
{
	uint32_t at = pflowi_header_len(ex);
	uint16_t id;

	if (pflowi_is_v5(ex))
		return 0;
	while (next_set(ex, slot, &at, &id)) {
		if (id < PFLOW_WIRE_SET_DATA_MIN)
			return 1;
	}
	return 0;
}

/**
 * The header of an inserted message of templates: that of the message behind
 * it, since templates do not count (RFC 7011, 3.1), and its Export Time does
 * not fall.
 */
static void
write_header_like(struct pflow_exporter *ex, struct pflowi_writer *w,
    uint32_t len, size_t at)
{
	uint32_t next = ex->queue_head, sequence = ex->sequence;
	uint32_t secs = ex->export_secs;

	for (; at > 0 && next != PFLOWI_SLOT_NONE; at--)
		next = pflowi_slot_next(ex, next);
	if (next != PFLOWI_SLOT_NONE) {
		const uint8_t *header = pflowi_slot_payload(ex, next);

		secs = pflowi_get_be32(header + 4);
		sequence = pflowi_get_be32(header + 8);
	}
	w->len = 0;
	pflowi_w_ipfix_header(w, len, secs, sequence, ex->cfg.domain_id);
}

void
pflowi_repeat_templates(struct pflow_exporter *ex, size_t keep)
{
	struct pflowi_writer w;
	uint32_t count, len;

	pflow_exporter_refresh(ex);
	/* v9 counts messages: there it is the next refresh. */
	if (ex->queue_len <= keep || pflowi_is_v9(ex))
		return;
	if (ex->template_pending && keep > 0 &&
	    ex->queue_head == ex->slot_count)
		return; /* it is on its way, and may be half sent */
	if (ex->template_pending)
		pflowi_slot_remove(ex, ex->slot_count);
	find_awaited(ex);
	forget_announced(ex);
	w = begin_message(ex, ex->slot_count);
	count = write_awaited(ex, &w, 1);
	write_options(ex, &w, &count);
	(void)write_awaited(ex, &w, 0);
	len = (uint32_t)w.len;
	if (len == pflowi_header_len(ex))
		return;
	write_header_like(ex, &w, len, keep);
	pflowi_slot_insert(ex, ex->slot_count, len, 0, keep);
	ex->stats.messages++;
	ex->stats.message_octets += len;
	ex->stats.template_messages++;
}

/** A withdrawal of each flow template (RFC 7011, 8.1), in one message. */
static void
emit_withdrawals(struct pflow_exporter *ex, struct pflow_now now)
{
	struct pflowi_writer w = begin_message(ex, ex->slot_count);
	size_t start = begin_set(ex, &w);
	uint32_t i, n = 0;

	for (i = 0; i < ex->variant_count; i++) {
		if (ex->variants[i].list != PFLOWI_LIST_FLOW ||
		    !ex->variants[i].announced)
			continue;
		pflowi_w_u16(&w, ex->variants[i].id);
		pflowi_w_u16(&w, 0);
		n++;
	}
	end_set(ex, &w, start, n);
	if (n > 0)
		(void)end_message(ex, ex->slot_count, &w, 0, now, SIZE_MAX);
}

/** Forget the flow templates; those of NAT events stay. */
static void
drop_flow_variants(struct pflow_exporter *ex)
{
	unsigned i, n = 0;

	for (i = 0; i < ex->variant_count; i++) {
		if (ex->variants[i].list != PFLOWI_LIST_FLOW)
			ex->variants[n++] = ex->variants[i];
	}
	memset(&ex->variants[n], 0,
	    (PFLOWI_VARIANTS_MAX - n) * sizeof(ex->variants[0]));
	ex->variant_count = (uint8_t)n;
	ex->variant_next = (uint8_t)(n % PFLOWI_VARIANTS_MAX);
	memset(ex->last_variant, 0, sizeof(ex->last_variant));
	forget_signatures(ex);
	ex->template_cursor = 0;
}

int
pflow_exporter_set_fields(struct pflow_exporter *ex,
    const struct pflow_field *fields, size_t count, struct pflow_now now)
{
	int rc;

	if (pflowi_is_v5(ex))
		return PFLOW_ERR_UNSUPPORTED;
	if (fields != NULL) {
		rc = check_fields(ex, fields, count);
		if (rc != PFLOW_OK)
			return rc;
		/* Room for the reverse elements of a biflow. */
		if (ex->cfg.biflow != PFLOW_BIFLOW_NO &&
		    count > PFLOW_TEMPLATE_FIELDS_MAX - 4)
			return PFLOW_ERR_INVALID;
	}
	(void)pflow_exporter_flush(ex, now);
	if (ex->template_pending)
		return PFLOW_ERR_AGAIN;
	if (!pflowi_is_datagram(ex) && !pflowi_is_v9(ex))
		emit_withdrawals(ex, now);
	drop_flow_variants(ex);
	ex->renewed = 1;
	ex->cfg.fields = fields;
	ex->cfg.field_count = count;
	rc = plan_flows(ex);
	pflowi_update_due(ex);
	return rc;
}
