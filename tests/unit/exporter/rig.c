/* SPDX-License-Identifier: ISC */
#include "rig.h"

#include <stdlib.h>

void
rig_config(struct rig *rig, uint16_t version)
{
	memset(rig, 0, sizeof(*rig));
	pflow_exporter_config_init(&rig->cfg);
	rig->cfg.version = version;
	rig->now_secs = 1000;
}

void
rig_start(struct rig *rig, size_t messages)
{
	size_t len = pflow_exporter_block_size(&rig->cfg, messages);

	ck_assert_uint_gt(len, 0);
	rig->block = malloc(len);
	ck_assert_ptr_nonnull(rig->block);
	ck_assert_int_eq(pflow_exporter_init(&rig->ex, &rig->cfg, rig->block,
	    len, rig_now(rig)), PFLOW_OK);
}

void
rig_stop(struct rig *rig)
{
	rig_check_messages(rig);
	rig_check_sums(rig);
	free(rig->block);
}

struct pflow_now
rig_now(const struct rig *rig)
{
	return test_now(rig->now_secs);
}

int
rig_feed(struct rig *rig, const struct pflow_state *st)
{
	return pflow_exporter_feed(&rig->ex, st, rig_now(rig));
}

struct pflow_message
rig_message(const struct rig *rig, size_t i)
{
	struct pflow_message msgs[256];
	size_t n = pflow_exporter_pending(&rig->ex, msgs, 256);

	ck_assert_uint_lt(i, n);
	return msgs[i];
}

size_t
rig_pending(const struct rig *rig)
{
	struct pflow_message msgs[256];

	return pflow_exporter_pending(&rig->ex, msgs, 256);
}

uint16_t
rig_u16(const struct pflow_message *m, size_t at)
{
	ck_assert_uint_le(at + 2, m->len);
	return pflow_wire_u16(m->data + at);
}

uint32_t
rig_u32(const struct pflow_message *m, size_t at)
{
	ck_assert_uint_le(at + 4, m->len);
	return pflow_wire_u32(m->data + at);
}

void
rig_check_sums(const struct rig *rig)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&rig->ex);
	uint64_t dropped = 0;
	unsigned i;

	for (i = 0; i < PFLOW_DROP_COUNT; i++) {
		if (i != PFLOW_DROP_discarded)
			dropped += s->drops[i].count;
	}
	ck_assert_uint_eq(s->states, s->states_exported + dropped);
	ck_assert_uint_eq(s->records, s->records_sent + s->records_waiting +
	    s->drops[PFLOW_DROP_discarded].count);
}

static void
check_ipfix(const struct rig *rig, const struct pflow_message *m)
{
	size_t at = 16, records = 0;

	ck_assert_uint_eq(rig_u16(m, 0), 10);
	ck_assert_uint_eq(rig_u16(m, 2), m->len);
	ck_assert_uint_eq(rig_u32(m, 12), rig->cfg.domain_id);
	ck_assert_uint_lt(at, m->len);
	while (at < m->len) {
		uint16_t id = rig_u16(m, at), len = rig_u16(m, at + 2);

		if (id == 256)
			records += (len - 4u) / 54;
		else if (id == 257)
			records += (len - 4u) / 78;
		else if (id >= 270 && id < 280)
			records++; /* options: one in a set */
		else if (id != 3 || !rig->cfg.options)
			ck_assert_uint_eq(id, 2);
		ck_assert_uint_gt(len, 4);
		at += len;
	}
	ck_assert_uint_eq(at, m->len);
	ck_assert_uint_eq(records, m->records);
}

void
rig_check_messages(const struct rig *rig)
{
	size_t i, n = rig_pending(rig);

	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(rig, i);

		ck_assert_uint_le(m.len + rig->cfg.overhead, rig->cfg.mtu);
		if (rig->cfg.version == 10) {
			check_ipfix(rig, &m);
			continue;
		}
		ck_assert_uint_eq(rig_u16(&m, 0), 5);
		ck_assert_uint_eq(rig_u16(&m, 2), m.records);
		ck_assert_uint_eq(m.len, 24 + 48 * m.records);
	}
}
