/* SPDX-License-Identifier: ISC */
#include "sources/conntrack_track.h"

#include "core/time.h"

bool
pflowi_ct_tracks(const struct pflowi_ct_tracker *tr)
{
	return tr->active_ns != 0 || tr->set.by_label;
}

uint64_t
pflowi_ct_interval(const struct pflowi_ct_tracker *tr)
{
	/* For labels alone: often enough to forget flows that ended untold. */
	return tr->active_ns != 0 ? tr->active_ns / 2
				  : UINT64_C(60) * PFLOWI_NS_PER_SEC;
}

/** The same connection, not a later one with the same tuple and id? */
static bool
same_flow(const struct pflowi_ct_track *track,
    const struct pflowi_ct_flow *flow)
{
	unsigned d;

	if (track->start_ns != 0 && flow->start_ns != 0)
		return track->start_ns == flow->start_ns;
	for (d = 0; d < 2; d++)
		if (flow->st.packets[d] < track->packets[d] ||
		    flow->st.octets[d] < track->octets[d])
			return false;
	return true;
}

/** Remember a flow. Its pass keeps the dump on its way from forgetting it. */
static struct pflowi_ct_track *
remember(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    uint64_t hash)
{
	struct pflowi_ct_track *track = pflowi_ct_table_insert(&tr->table,
	    hash, flow->id);

	if (track == NULL)
		return NULL;
	track->start_ns = flow->start_ns;
	track->pass = tr->pass;
	return track;
}

/** All of its traffic so far has been given, or is none of ours. */
static void
account(struct pflowi_ct_track *track, const struct pflowi_ct_flow *flow,
    uint64_t upto_ns)
{
	unsigned d;

	for (d = 0; d < 2; d++) {
		track->packets[d] = flow->st.packets[d];
		track->octets[d] = flow->st.octets[d];
	}
	if (track->start_ns == 0)
		track->start_ns = flow->start_ns;
	track->upto_ns = upto_ns;
	track->flags |= PFLOWI_CT_T_REPORTED;
}

/** Labels are told when they change, not at the end: note them. */
static struct pflowi_ct_track *
learn_label(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    uint64_t hash, struct pflowi_ct_track *track)
{
	if (!tr->set.by_label || !(flow->has & PFLOWI_CT_HAS_LABELS))
		return track;
	if (!pflowi_ct_label(flow, tr->set.label)) {
		if (track != NULL)
			track->flags &= (uint16_t)~PFLOWI_CT_T_SELECTED;
		return track;
	}
	if (track == NULL)
		track = remember(tr, flow, hash);
	if (track == NULL)
		tr->n.untracked_flows++;
	else
		track->flags |= PFLOWI_CT_T_SELECTED;
	return track;
}

/** The flow less what was accounted. False: nothing is left. */
static bool
subtract(const struct pflowi_ct_flow *flow,
    const struct pflowi_ct_track *track, struct pflow_state *out)
{
	unsigned d;

	*out = flow->st;
	for (d = 0; track != NULL && d < 2; d++) {
		/* same_flow() by its start alone does not see a reset. */
		if (out->packets[d] < track->packets[d] ||
		    out->octets[d] < track->octets[d])
			continue;
		out->packets[d] -= track->packets[d];
		out->octets[d] -= track->octets[d];
	}
	return (out->packets[0] | out->packets[1] | out->octets[0] |
	    out->octets[1]) != 0;
}

static void
stamp(const struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    const struct pflowi_ct_track *track, uint64_t until_ns,
    struct pflow_state *out)
{
	uint64_t from_ns = flow->start_ns;
	uint64_t idle_ns = 0;

	if (track != NULL && track->flags & PFLOWI_CT_T_REPORTED &&
	    track->upto_ns > from_ns)
		from_ns = track->upto_ns;
	/* Without a timeout, a destroy event means that none was left. */
	if (flow->has & PFLOWI_CT_HAS_TIMEOUT)
		idle_ns = pflowi_ct_idle_ns(&tr->timeouts, flow,
		    flow->timeout_s);
	else if (flow->kind == PFLOWI_CT_DESTROY && tr->tells)
		idle_ns = pflowi_ct_idle_ns(&tr->timeouts, flow, 0);
	out->last_ns = pflowi_time_sub(until_ns, idle_ns);
	if (from_ns > until_ns)
		from_ns = until_ns; /* the clock was set back */
	if (out->last_ns < from_ns)
		out->last_ns = from_ns;
	out->start_ns = from_ns == 0 ? out->last_ns : from_ns;
}

static void
select_state(const struct pflowi_ct_tracker *tr,
    const struct pflowi_ct_flow *flow, const struct pflowi_ct_track *track,
    struct pflow_state *out)
{
	bool known = track != NULL && track->flags & PFLOWI_CT_T_SELECTED;

	out->flags &= ~PFLOW_STATE_EXPORT;
	if (known || pflowi_ct_selected(&tr->set, flow))
		out->flags |= PFLOW_STATE_EXPORT;
}

static void
set_reason(struct pflow_state *out, uint8_t reason)
{
	out->end_reason = reason;
	if (reason != PFLOW_END_UNKNOWN)
		out->present |= PFLOW_HAS_END_REASON;
}

/** A translation as it is made: no traffic yet. */
static bool
on_new(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    const struct pflowi_ct_track *track, struct pflow_now now,
    struct pflow_state *out)
{
	uint64_t at = flow->event_ns != 0 ? flow->event_ns : now.wall_ns;

	if (!tr->set.nat_events || !(flow->st.flags & PFLOW_STATE_TRANSLATED))
		return false;
	*out = flow->st;
	out->packets[0] = out->packets[1] = 0;
	out->octets[0] = out->octets[1] = 0;
	out->flags |= PFLOW_STATE_CREATED;
	out->start_ns = out->last_ns = at;
	select_state(tr, flow, track, out);
	return true;
}

/**
 * An entry of the dump on its way may be older than this end: keep the dead
 * until the dump is through, so that it is not taken for alive.
 */
static void
forget(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    uint64_t hash, struct pflowi_ct_track *track)
{
	if (tr->dump == PFLOWI_CT_DUMP_NONE) {
		if (track != NULL)
			pflowi_ct_table_remove(&tr->table, track);
		return;
	}
	if (track == NULL)
		track = remember(tr, flow, hash);
	if (track == NULL) {
		tr->dead_untracked = true;
		return;
	}
	track->start_ns = flow->start_ns;
	track->flags = PFLOWI_CT_T_USED | PFLOWI_CT_T_DEAD;
}

static void
count_end(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow)
{
	tr->n.end_events++;
	tr->n.flows_without_counters += !(flow->has & PFLOWI_CT_HAS_COUNTERS);
	tr->n.flows_without_times += flow->start_ns == 0;
	tr->n.offloaded_flows += (flow->status & (PFLOWI_CT_S_OFFLOAD |
	    PFLOWI_CT_S_HW_OFFLOAD)) != 0;
	/* Once seen, the absence of a timeout says that it was over. */
	if (flow->has & (PFLOWI_CT_HAS_TIMEOUT | PFLOWI_CT_HAS_TCP_STATE |
	    PFLOWI_CT_HAS_SCTP_STATE))
		tr->tells = true;
}

static uint64_t
end_time(const struct pflowi_ct_flow *flow, struct pflow_now now)
{
	if (flow->stop_ns != 0)
		return flow->stop_ns;
	return flow->event_ns != 0 ? flow->event_ns : now.wall_ns;
}

/** How long the kernel kept what it translated after the last packet. */
static void
linger(struct pflow_state *out, uint64_t removed_ns)
{
	uint64_t ms = pflowi_time_sub(removed_ns, out->last_ns) /
	    PFLOWI_NS_PER_MS;

	out->lingered_ms = (uint32_t)pflowi_min_u64(ms, UINT32_MAX);
}

static bool
on_destroy(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    uint64_t hash, struct pflowi_ct_track *track, struct pflow_now now,
    struct pflow_state *out)
{
	struct pflowi_ct_track *known = track;
	bool give;

	if (flow->stop_ns != 0 &&
	    pflowi_ct_recent_seen(tr->recent, hash, flow->stop_ns)) {
		tr->n.repeated_events++;
		return false;
	}
	count_end(tr, flow);
	if (known != NULL && known->flags & PFLOWI_CT_T_DEAD) {
		known = NULL;
	} else if (known != NULL && !same_flow(known, flow)) {
		tr->n.vanished_flows++;
		known = NULL;
	}
	give = subtract(flow, known, out);
	if (!give && known != NULL && known->flags & PFLOWI_CT_T_REPORTED)
		tr->n.nothing_new++;
	else
		give = true; /* even of nothing: the flow was never told */
	if (tr->set.nat_events && flow->st.flags & PFLOW_STATE_TRANSLATED)
		give = true; /* the translation ends, with or without traffic */
	stamp(tr, flow, known, end_time(flow, now), out);
	linger(out, end_time(flow, now));
	select_state(tr, flow, track, out);
	set_reason(out, pflowi_ct_end_reason(flow, tr->tells));
	forget(tr, flow, hash, track);
	return give;
}

bool
pflowi_ct_on_event(struct pflowi_ct_tracker *tr,
    const struct pflowi_ct_flow *flow, struct pflow_now now,
    struct pflow_state *out)
{
	uint64_t hash = pflowi_ct_hash(tr->table.seed, flow);
	struct pflowi_ct_track *track = pflowi_ct_table_find(&tr->table, hash,
	    flow->id);

	if (flow->kind == PFLOWI_CT_DESTROY)
		return on_destroy(tr, flow, hash, track, now, out);
	if (flow->kind == PFLOWI_CT_UPDATE) {
		tr->n.update_events++;
		(void)learn_label(tr, flow, hash, track);
		return false;
	}
	/* A dump may have shown it already: what is known of it stays. */
	tr->n.create_events++;
	track = learn_label(tr, flow, hash, track);
	return on_new(tr, flow, track, now, out);
}

/** Would it be overdue at the next dump? */
static bool
is_due(const struct pflowi_ct_tracker *tr, uint64_t upto_ns, uint64_t now_ns)
{
	if (tr->dump == PFLOWI_CT_DUMP_FINAL || upto_ns > now_ns)
		return true; /* the last one, or the clock was set back */
	/* A quarter of an interval: dumps are spread and so come unevenly. */
	return now_ns - upto_ns >=
	    tr->active_ns - pflowi_ct_interval(tr) / 4 * 3;
}

static bool
report(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    struct pflowi_ct_track *track, struct pflow_now now,
    struct pflow_state *out)
{
	bool give = subtract(flow, track, out);

	stamp(tr, flow, track, now.wall_ns, out);
	select_state(tr, flow, track, out);
	/* We end, it does not. */
	out->flags |= PFLOW_STATE_ALIVE;
	set_reason(out, tr->dump == PFLOWI_CT_DUMP_FINAL ? PFLOW_END_FORCED
							 : PFLOW_END_ACTIVE);
	account(track, flow, now.wall_ns);
	return give;
}

/** A living flow that was not seen in a dump before. */
static bool
on_unknown(struct pflowi_ct_tracker *tr, const struct pflowi_ct_flow *flow,
    uint64_t hash, struct pflowi_ct_track *track, struct pflow_now now,
    struct pflow_state *out)
{
	bool young = flow->start_ns != 0 && flow->start_ns >= tr->since_ns;
	bool first = tr->dump == PFLOWI_CT_DUMP_BASELINE;
	bool timeless = flow->start_ns == 0 &&
	    tr->dump == PFLOWI_CT_DUMP_REPORT;

	if (first && young)
		return false; /* all of it is ours */
	if (!first && !timeless && !is_due(tr, flow->start_ns, now.wall_ns))
		return false;
	if (track == NULL && !tr->dead_untracked)
		track = remember(tr, flow, hash);
	if (track == NULL) {
		tr->n.untracked_flows++;
		return false;
	}
	if (first) {
		account(track, flow, now.wall_ns);
		return false;
	}
	if (timeless) {
		/* It began some time before now: all of it is yet to tell. */
		track->upto_ns = now.wall_ns;
		track->flags |= PFLOWI_CT_T_REPORTED;
		return false;
	}
	return report(tr, flow, track, now, out);
}

bool
pflowi_ct_on_entry(struct pflowi_ct_tracker *tr,
    const struct pflowi_ct_flow *flow, struct pflow_now now,
    struct pflow_state *out)
{
	uint64_t hash = pflowi_ct_hash(tr->table.seed, flow);
	struct pflowi_ct_track *track = pflowi_ct_table_find(&tr->table, hash,
	    flow->id);

	tr->n.dump_entries++;
	if (track != NULL && track->flags & PFLOWI_CT_T_DEAD &&
	    same_flow(track, flow))
		return false; /* this entry is older than its end */
	if (track != NULL && (track->flags & PFLOWI_CT_T_DEAD ||
		!same_flow(track, flow))) {
		tr->n.vanished_flows += !(track->flags & PFLOWI_CT_T_DEAD);
		pflowi_ct_table_remove(&tr->table, track);
		track = NULL;
	}
	if (track != NULL)
		track->pass = tr->pass;
	track = learn_label(tr, flow, hash, track);
	if (tr->active_ns == 0)
		return false;
	if (track == NULL || !(track->flags & PFLOWI_CT_T_REPORTED))
		return on_unknown(tr, flow, hash, track, now, out);
	if (tr->dump == PFLOWI_CT_DUMP_BASELINE ||
	    !is_due(tr, track->upto_ns, now.wall_ns))
		return false;
	return report(tr, flow, track, now, out);
}

void
pflowi_ct_dump_begin(struct pflowi_ct_tracker *tr, enum pflowi_ct_dump dump)
{
	tr->dump = dump;
	tr->pass++;
	tr->dead_untracked = false;
	tr->n.dumps++;
}

void
pflowi_ct_dump_end(struct pflowi_ct_tracker *tr, bool whole)
{
	uint64_t gone = 0;

	tr->dump = PFLOWI_CT_DUMP_NONE;
	if (whole)
		pflowi_ct_table_sweep(&tr->table, tr->pass, &gone);
	else
		pflowi_ct_table_bury(&tr->table);
	tr->n.vanished_flows += gone;
}
