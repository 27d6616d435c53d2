/* SPDX-License-Identifier: ISC */
/* States through the programs of their templates: the fast path of lists of
 * fields. */
#include "encoder/program.h"
#include "exporter/drop.h"

/** A template that has no program. */
#define NO_PROGRAM UINT8_MAX

/** What a run keeps in locals; octets may alias the exporter. */
struct run {
	uint8_t *p;	 /**< where the next record goes */
	uint32_t room;	 /**< octets behind it */
	uint32_t records;
	uint64_t packets;
	uint64_t octets;
};

/** What of a state its key depends on; see pflowi_key_of(). */
static uint64_t
signature_of(const struct pflow_state *st, const struct pflow_key *key)
{
	return (uint64_t)st->present << 32 |
	    (uint64_t)(st->flags & PFLOW_STATE_TRANSLATED) << 24 |
	    (uint64_t)st->protocol << 16 |
	    (uint64_t)pflowi_state_post(st)->af << 8 | key->af;
}

/** The template of a state's flow records; few kinds of states are most. */
PFLOWI_INLINE struct pflowi_variant *
flow_variant(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key)
{
	uint64_t signature = signature_of(st, key);
	struct pflowi_signature *known = &ex->signatures[
	    signature * UINT64_C(0x9e3779b97f4a7c15) >> 60];

	PFLOW_STATIC_ASSERT(PFLOWI_SIGNATURES == 1 << 4, "see the shift");
	if (PFLOWI_UNLIKELY(signature != known->signature)) {
		const struct pflowi_variant *v = pflowi_variant_of(ex,
		    PFLOWI_LIST_FLOW, pflowi_key_of(st, key));

		known->signature = signature;
		known->variant = (uint64_t)(v - ex->variants);
	}
	return &ex->variants[known->variant];
}

/** The program of a template; NULL: it has none. */
static const struct pflowi_program *
program_of(struct pflow_exporter *ex, struct pflowi_variant *v)
{
	uint8_t index = (uint8_t)(v - ex->variants), n = v->program;

	if (PFLOWI_LIKELY(n != 0 && n != NO_PROGRAM &&
	    ex->programs[n - 1].owner == index))
		return &ex->programs[n - 1];
	if (n == NO_PROGRAM)
		return NULL;
	n = ex->program_next;
	if (pflowi_program_compile(&ex->programs[n],
	    ex->ops[PFLOWI_LIST_FLOW], ex->fields, v->mask) != PFLOW_OK) {
		ex->programs[n].owner = NO_PROGRAM; /* overwritten all the same */
		v->program = NO_PROGRAM;
		return NULL;
	}
	ex->programs[n].owner = index;
	ex->program_next = (uint8_t)((n + 1u) % PFLOWI_PROGRAMS);
	v->program = (uint8_t)(n + 1);
	return &ex->programs[n];
}

PFLOW_STATIC_ASSERT(PFLOWI_SLOT_SLACK >= PFLOWI_MOVE_LEN,
    "a copy writes behind its slot");

/** Where the open message goes on. */
static void
run_resume(const struct pflow_exporter *ex, struct run *run)
{
	const struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	run->p = pflowi_slot_payload(ex, m->slot) + m->len;
	run->room = ex->message_max - m->len;
}

/** The open message and the sums become what they are. */
static void
run_settle(struct pflow_exporter *ex, struct run *run)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	m->len = ex->message_max - run->room;
	m->records += run->records;
	m->packets += run->packets;
	m->octets += run->octets;
	ex->stats.records += run->records;
	ex->stats.records_waiting += run->records;
	ex->stats.packets += run->packets;
	ex->stats.octets += run->octets;
	run->records = 0;
	run->packets = 0;
	run->octets = 0;
}

/** Fields that are not of the block. */
static PFLOWI_NOINLINE void
put_late(const struct pflow_exporter *ex, const struct pflowi_program *g,
    uint8_t *record, const struct pflow_state *st, const struct pflow_key *key,
    unsigned dir)
{
	struct pflowi_values v;
	struct pflowi_times t;

	v.boot_ms = ex->open[PFLOWI_MIXED].boot_ms;
	t = pflowi_times_of(st, v.boot_ms);
	pflowi_values_fill(ex, &v, st, key, dir, &t);
	pflowi_program_late(g, record, ex->ops[PFLOWI_LIST_FLOW], ex->fields,
	    &v, ex->cfg.value_fn, ex->cfg.value_arg);
}

/** Room for a record in a set of its template: another set, or another
 *  message, as pflowi_mixed_put() has it. */
static PFLOWI_NOINLINE void
make_room(struct pflow_exporter *ex, struct run *run,
    const struct pflowi_variant *v, struct pflow_now now)
{
	struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	run_settle(ex, run);
	if (run->room < PFLOWI_SET_COST + v->len) {
		pflowi_open_seal(ex, PFLOWI_MIXED, now);
		pflowi_open_begin(ex, PFLOWI_MIXED, now);
	}
	if (m->set_id != v->id)
		pflowi_mixed_begin_set(ex, v->id);
	run_resume(ex, run);
}

PFLOWI_INLINE void
put_way(struct pflow_exporter *ex, struct run *run,
    const struct pflowi_program *g, const struct pflowi_variant *v,
    struct pflowi_block *b, const struct pflow_state *st,
    const struct pflow_key *key, unsigned dir, struct pflow_now now)
{
	const struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];

	pflowi_block_way(b, st, key, dir);
	if (PFLOWI_UNLIKELY(g->post))
		pflowi_block_post(b, pflowi_state_post(st), dir);
	if (PFLOWI_UNLIKELY(m->set_id != v->id ||
	    run->room < PFLOWI_SET_COST + v->len)) {
		make_room(ex, run, v, now);
		pflowi_block_times(b, st, m->boot_ms);
	}
	pflowi_program_run(g, run->p, b);
	if (PFLOWI_UNLIKELY(g->lates != 0))
		put_late(ex, g, run->p, st, key, dir);
	run->p += v->len;
	run->room -= v->len;
	run->records++;
	run->packets += st->packets[dir];
	run->octets += st->octets[dir];
}

size_t
pflowi_feed_planned_run(struct pflow_exporter *ex,
    const struct pflow_state *states, size_t count, struct pflow_now now)
{
	const struct pflowi_open_message *m = &ex->open[PFLOWI_MIXED];
	uint32_t longest = ex->message_max - pflowi_header_len(ex) -
	    PFLOWI_SET_COST;
	struct pflowi_block block;
	struct run run;
	size_t i;

	if (!pflowi_is_open(m) || ex->cfg.biflow != PFLOW_BIFLOW_NO)
		return 0;
	memset(&run, 0, sizeof(run));
	run_resume(ex, &run);
	for (i = 0; i < count; i++) {
		const struct pflow_state *st = &states[i];
		const struct pflow_key *key = pflowi_state_pre(st);
		const struct pflowi_program *g;
		struct pflowi_variant *v;

		PFLOWI_PREFETCH(st + 6);
		if (PFLOWI_UNLIKELY((st->flags & ex->slow_flags) != 0 ||
		    pflowi_drop_reason(ex, st, key) != PFLOW_DROP_COUNT))
			break;
		v = flow_variant(ex, st, key);
		g = program_of(ex, v);
		/* Two records take two fresh slots at most, unless they fit
		 * into none. */
		if (PFLOWI_UNLIKELY(g == NULL || !v->announced ||
		    ex->slots_free < 2 || v->len > longest))
			break;
		ex->stats.times_clamped +=
		    pflowi_block_times(&block, st, m->boot_ms);
		pflowi_block_state(&block, st, key);
		if (PFLOWI_LIKELY(st->octets[0] != 0))
			put_way(ex, &run, g, v, &block, st, key,
			    PFLOW_FORWARD, now);
		if (PFLOWI_LIKELY(st->octets[1] != 0))
			put_way(ex, &run, g, v, &block, st, key,
			    PFLOW_REVERSE, now);
	}
	run_settle(ex, &run);
	ex->stats.states += i;
	ex->stats.states_exported += i;
	return i;
}
