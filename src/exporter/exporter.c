/* SPDX-License-Identifier: ISC */
/* Life of an exporter: settings, memory, deadlines, queue, sessions. */
#include "exporter/exporter.h"

void
pflow_exporter_config_init(struct pflow_exporter_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->version = PFLOW_WIRE_V5_VERSION;
	cfg->engine_type = 42;
	cfg->engine_id = 42;
	cfg->domain_id = 42;
	cfg->mtu = 1500;
	cfg->overhead = PFLOW_OVERHEAD_UDP_IPV4;
	cfg->nature = PFLOW_TRANSPORT_DATAGRAM;
	cfg->select = PFLOW_SELECT_PFLOW;
	cfg->side = PFLOW_SIDE_BOTH;
	cfg->hold_ns = UINT64_C(30) * PFLOWI_NS_PER_SEC;
	cfg->refresh_ns = UINT64_C(60) * PFLOWI_NS_PER_SEC;
	cfg->refresh_messages = 100;
	cfg->template_copies = 3;
	cfg->options_ns = UINT64_C(600) * PFLOWI_NS_PER_SEC;
}

/** The largest message of a version under an mtu; 0: not even one record. */
static uint32_t
message_max_of(const struct pflow_exporter_config *cfg, uint32_t mtu)
{
	uint32_t max, least;

	if (mtu > UINT16_MAX || mtu <= cfg->overhead)
		return 0;
	max = mtu - cfg->overhead;
	if (cfg->version == PFLOW_WIRE_V5_VERSION) {
		uint32_t most = PFLOWI_V5_HEADER_LEN +
		    PFLOW_WIRE_V5_MAX_RECORDS * PFLOWI_V5_LEN;

		least = PFLOWI_V5_HEADER_LEN + PFLOWI_V5_LEN;
		max = max < most ? max : most;
	} else {
		/* pflow(4)'s template message, or the largest of NAT64; v9's
		 * header is longer, and its sets may want padding. */
		least = PFLOWI_TEMPLATE_MESSAGE_LEN;
		if (cfg->version == PFLOWI_V9_VERSION)
			least += PFLOWI_V9_HEADER_LEN -
			    PFLOWI_IPFIX_HEADER_LEN + 3;
		if (cfg->digest_fn != NULL)
			least += PFLOWI_CHECKSUM_TEMPLATE_LEN +
			    PFLOWI_CHECKSUM_LEN;
	}
	return max < least ? 0 : max;
}

/** Octets of each message that are kept for its checksum. */
static uint32_t
checksum_len(const struct pflow_exporter_config *cfg)
{
	return cfg->digest_fn != NULL ? PFLOWI_CHECKSUM_LEN : 0;
}

static int
config_check(const struct pflow_exporter_config *cfg)
{
	if (cfg->struct_size != sizeof(*cfg))
		return PFLOW_ERR_INVALID;
	if (cfg->version != PFLOW_WIRE_V5_VERSION &&
	    cfg->version != PFLOWI_V9_VERSION &&
	    cfg->version != PFLOW_WIRE_IPFIX_VERSION)
		return PFLOW_ERR_INVALID;
	if ((unsigned)cfg->biflow > PFLOW_BIFLOW_FULL ||
	    (unsigned)cfg->nature > PFLOW_TRANSPORT_FILE ||
	    (unsigned)cfg->select > PFLOW_SELECT_ALL ||
	    (unsigned)cfg->side > PFLOW_SIDE_OUT)
		return PFLOW_ERR_INVALID;
	if (message_max_of(cfg, cfg->mtu) == 0)
		return PFLOW_ERR_RANGE;
	return PFLOW_OK;
}

size_t
pflow_exporter_block_size(const struct pflow_exporter_config *cfg,
    size_t messages)
{
	size_t slot;

	if (messages < 2 || config_check(cfg) != PFLOW_OK)
		return 0;
	slot = PFLOWI_SLOT_HEADER + message_max_of(cfg, cfg->mtu) +
	    PFLOWI_SLOT_SLACK;
	/* One slot more, for templates. */
	if (messages >= SIZE_MAX / slot)
		return 0;
	return (messages + 1) * slot;
}

/** The first template message of a session is due now. */
static void
begin_session(struct pflow_exporter *ex, struct pflow_now now)
{
	ex->sequence = 0;
	ex->export_secs = 0;
	ex->messages_since_refresh = 0;
	ex->copies_left = 0;
	ex->template_cursor = 0;
	ex->options_cursor = 0;
	ex->refresh_due_ns = PFLOW_NEVER;
	ex->options_due_ns = PFLOW_NEVER;
	if (pflowi_is_v5(ex))
		return;
	ex->refresh_due_ns = now.mono_ns;
	if (ex->cfg.options)
		ex->options_due_ns = now.mono_ns;
	if (pflowi_is_datagram(ex))
		ex->copies_left = ex->cfg.template_copies;
}

int
pflow_exporter_init(struct pflow_exporter *ex,
    const struct pflow_exporter_config *cfg, void *block, size_t block_len,
    struct pflow_now now)
{
	int rc = config_check(cfg);
	size_t slots;
	unsigned i;

	if (rc != PFLOW_OK)
		return rc;
	if (block_len < pflow_exporter_block_size(cfg, 2))
		return PFLOW_ERR_NOSPACE;
	memset(ex, 0, sizeof(*ex));
	ex->cfg = *cfg;
	ex->block = block;
	ex->payload_len = message_max_of(cfg, cfg->mtu);
	ex->message_max = ex->payload_len - checksum_len(cfg);
	slots = block_len / (PFLOWI_SLOT_HEADER + (size_t)ex->payload_len +
	    PFLOWI_SLOT_SLACK) - 1;
	/* The template slot and "none" have numbers of their own. */
	ex->slot_count = slots < UINT32_MAX - 2 ? (uint32_t)slots
						: UINT32_MAX - 2;
	if (cfg->boot_ns != 0)
		ex->uptime_base_ns =
		    pflowi_time_sub(now.wall_ns, cfg->boot_ns) - now.mono_ns;
	for (i = 0; i < PFLOWI_SHAPES_MAX; i++)
		ex->open[i].deadline_ns = PFLOW_NEVER;
	rc = pflowi_plan_init(ex);
	if (rc != PFLOW_OK)
		return rc;
	ex->slow_flags = PFLOW_STATE_CREATED;
	if (cfg->nat_events)
		ex->slow_flags |= PFLOW_STATE_TRANSLATED;
	ex->wall_ns = now.wall_ns;
	pflowi_templates_init(ex);
	pflowi_slots_init(ex);
	begin_session(ex, now);
	pflowi_update_due(ex);
	return PFLOW_OK;
}

int
pflow_exporter_tick(struct pflow_exporter *ex, struct pflow_now now)
{
	unsigned i;

	ex->wall_ns = now.wall_ns;
	for (i = 0; i < PFLOWI_SHAPES_MAX; i++) {
		if (pflowi_is_open(&ex->open[i]) &&
		    now.mono_ns >= ex->open[i].deadline_ns)
			pflowi_open_seal(ex, i, now);
	}
	if (now.mono_ns >= ex->refresh_due_ns)
		pflowi_emit_templates(ex, now);
	if (now.mono_ns >= ex->options_due_ns && ex->options_announced)
		pflowi_emit_options(ex, now);
	return now.mono_ns >= ex->refresh_due_ns ||
	    (now.mono_ns >= ex->options_due_ns && ex->options_announced)
	    ? PFLOW_ERR_AGAIN
	    : PFLOW_OK;
}

uint64_t
pflow_exporter_deadline(const struct pflow_exporter *ex)
{
	return ex->due_ns;
}

size_t
pflow_exporter_pending(const struct pflow_exporter *ex,
    struct pflow_message *out, size_t max)
{
	uint32_t slot = ex->queue_head;
	size_t n;

	for (n = 0; n < max && slot != PFLOWI_SLOT_NONE; n++) {
		out[n].data = pflowi_slot_payload(ex, slot);
		out[n].len = pflowi_slot_len(ex, slot);
		out[n].records = pflowi_slot_records(ex, slot);
		slot = pflowi_slot_next(ex, slot);
	}
	return n;
}

void
pflow_exporter_ack(struct pflow_exporter *ex, size_t n)
{
	for (; n > 0 && ex->queue_len > 0; n--) {
		uint32_t records = pflowi_slot_records(ex, ex->queue_head);

		ex->stats.messages_sent++;
		ex->stats.records_sent += records;
		ex->stats.records_waiting -= records;
		pflowi_slot_pop(ex);
	}
	pflowi_update_due(ex);
}

static void
count_discarded(struct pflow_exporter *ex, const struct pflowi_load *load)
{
	uint64_t *count = &ex->stats.drops[PFLOW_DROP_discarded].count;

	ex->stats.records_waiting -= load->records;
	if (load->records == 0)
		return;
	if (*count == 0)
		ex->dropped_first_ns = ex->wall_ns;
	ex->dropped_last_ns = ex->wall_ns;
	*count += load->records;
	ex->stats.drops[PFLOW_DROP_discarded].packets += load->packets;
	ex->stats.drops[PFLOW_DROP_discarded].octets += load->octets;
}

void
pflow_exporter_discard(struct pflow_exporter *ex, size_t n)
{
	int templates = 0;

	while (n > 0 && ex->queue_len > 0) {
		struct pflowi_load load = pflowi_slot_load(ex, ex->queue_head);

		templates |= pflowi_has_templates(ex, ex->queue_head);
		count_discarded(ex, &load);
		pflowi_slot_pop(ex);
		/* Templates that are repeated must not be all that goes. */
		n -= load.records > 0;
	}
	if (templates)
		pflowi_repeat_templates(ex, 0);
	pflowi_update_due(ex);
}

size_t
pflow_exporter_discard_behind(struct pflow_exporter *ex, size_t keep, size_t n)
{
	struct pflowi_load load;
	int templates = 0;
	uint32_t slot;
	size_t done;

	for (done = 0; done < n; done++) {
		slot = pflowi_slot_behind(ex, keep);
		if (slot == PFLOWI_SLOT_NONE)
			break;
		templates |= pflowi_has_templates(ex, slot);
		load = pflowi_slot_load(ex, slot);
		count_discarded(ex, &load);
		pflowi_slot_remove(ex, slot);
	}
	if (templates)
		pflowi_repeat_templates(ex, keep);
	pflowi_update_due(ex);
	return done;
}

/** The open message with the earliest deadline, PFLOWI_SHAPES_MAX: none. */
static unsigned
oldest_open(const struct pflow_exporter *ex)
{
	unsigned i, oldest = PFLOWI_SHAPES_MAX;
	uint64_t deadline = PFLOW_NEVER;

	for (i = 0; i < PFLOWI_SHAPES_MAX; i++) {
		if (ex->open[i].deadline_ns < deadline) {
			deadline = ex->open[i].deadline_ns;
			oldest = i;
		}
	}
	return oldest;
}

int
pflow_exporter_flush(struct pflow_exporter *ex, struct pflow_now now)
{
	unsigned shape;

	ex->wall_ns = now.wall_ns;
	while ((shape = oldest_open(ex)) != PFLOWI_SHAPES_MAX)
		pflowi_open_seal(ex, shape, now);
	return PFLOW_OK;
}

void
pflow_exporter_refresh(struct pflow_exporter *ex)
{
	if (pflowi_is_v5(ex))
		return;
	ex->refresh_due_ns = 0;
	pflowi_update_due(ex);
}

/**
 * A message whose template does not fit in front of it, or is long forgotten,
 * says nothing in the new session.
 */
static void
discard_unannounced(struct pflow_exporter *ex)
{
	uint32_t slot = ex->queue_head;

	while (slot != PFLOWI_SLOT_NONE) {
		struct pflowi_load load = pflowi_slot_load(ex, slot);
		uint32_t next = pflowi_slot_next(ex, slot);

		if (!pflowi_is_announced(ex, slot)) {
			count_discarded(ex, &load);
			pflowi_slot_remove(ex, slot);
		}
		slot = next;
	}
}

/** Number the waiting messages anew and stamp them as leaving now. */
static void
renumber(struct pflow_exporter *ex)
{
	uint32_t slot = ex->queue_head;

	ex->sequence = 0;
	while (slot != PFLOWI_SLOT_NONE) {
		uint8_t *message = pflowi_slot_payload(ex, slot);
		struct pflowi_writer w;

		pflowi_w_init(&w, message, pflowi_header_len(ex));
		if (pflowi_is_v9(ex)) {
			w.len = 12; /* the clocks of v9 tell record times */
			pflowi_w_u32(&w, ex->sequence++);
		} else {
			pflowi_w_ipfix_header(&w, pflowi_slot_len(ex, slot),
			    ex->export_secs, ex->sequence, ex->cfg.domain_id);
			ex->sequence += pflowi_slot_records(ex, slot);
			/* Templates that were repeated have none. */
			if (pflowi_slot_records(ex, slot) > 0)
				pflowi_checksum_fill(ex, message,
				    pflowi_slot_len(ex, slot));
		}
		slot = pflowi_slot_next(ex, slot);
	}
}

void
pflow_exporter_session_restart(struct pflow_exporter *ex,
    struct pflow_now now)
{
	if (pflowi_is_v5(ex)) {
		ex->wall_ns = now.wall_ns;
		return;
	}
	(void)pflow_exporter_flush(ex, now);
	if (ex->template_pending)
		pflowi_slot_remove(ex, ex->slot_count);
	begin_session(ex, now);
	pflowi_restart_templates(ex, now);
	discard_unannounced(ex);
	renumber(ex);
	pflowi_update_due(ex);
}

int
pflow_exporter_set_mtu(struct pflow_exporter *ex, uint32_t mtu,
    struct pflow_now now)
{
	uint32_t max = message_max_of(&ex->cfg, mtu);

	if (max == 0 || max > ex->payload_len)
		return PFLOW_ERR_RANGE;
	max -= checksum_len(&ex->cfg);
	if (max < ex->message_max)
		pflow_exporter_flush(ex, now);
	ex->cfg.mtu = mtu;
	ex->message_max = max;
	return PFLOW_OK;
}
