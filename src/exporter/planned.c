/* SPDX-License-Identifier: ISC */
/* States through a plan: chosen fields, biflows, NAT events. */
#include "exporter/exporter.h"

/** natEvent (IANA; RFC 8158, 5) and natType of a translation. */
enum {
	NAT_CREATE = 1, /* between other families than those below */
	NAT44_CREATE = 4,
	NAT64_CREATE = 6,
	NAT_TYPE_44 = 1,
	NAT_TYPE_64 = 2,
	NAT_TYPE_46 = 3,
	NAT_TYPE_66 = 5
};

/** natType (297) of a translation. */
PFLOWI_INLINE uint8_t
nat_type_of(const struct pflow_key *pre, const struct pflow_key *post)
{
	if (pre->af == PFLOW_AF_IPV4)
		return post->af == PFLOW_AF_IPV4 ? NAT_TYPE_44 : NAT_TYPE_46;
	return post->af == PFLOW_AF_IPV4 ? NAT_TYPE_64 : NAT_TYPE_66;
}

void
pflowi_values_fill(const struct pflow_exporter *ex, struct pflowi_values *v,
    const struct pflow_state *st, const struct pflow_key *key, unsigned dir,
    const struct pflowi_times *t)
{
	const struct pflow_key *post = pflowi_state_post(st);

	pflowi_record_fill(&v->rec, st, key, dir,
	    pflowi_is_icmp(st->protocol), t);
	v->post_src = post->addr[dir];
	v->post_dst = post->addr[dir ^ 1];
	v->post_src_port = post->port[dir];
	v->post_dst_port = post->port[dir ^ 1];
	v->icmp = st->icmp[dir];
	v->domain_id = ex->cfg.domain_id;
	v->reverse_packets = st->packets[dir ^ 1];
	v->reverse_octets = st->octets[dir ^ 1];
	v->reverse_tcp_flags = st->tcp_flags[dir ^ 1];
	/* flowDirection (61): pf's side of the initiator; the answers go the
	 * other way. */
	v->flow_direction = (uint8_t)((st->direction == PFLOW_DIR_OUT) ^ dir);
	/* biflowDirection (239): 1 the record begins with the initiator. */
	v->biflow_direction = dir == PFLOW_FORWARD ? 1 : 2;
	/* firewallEvent (233): 2 flow deleted, 5 a report while it lives. */
	v->firewall_event = st->end_reason == PFLOW_END_ACTIVE ? 5 : 2;
	v->nat_event = 0;
	v->nat_type = nat_type_of(key, post);
	v->event_ms = 0;
}

/** Times are clamped to the boot of the message that the record goes to; it
 *  differs between messages only by the drift of the clocks. */
static struct pflowi_times
times_now(const struct pflow_exporter *ex, const struct pflow_state *st,
    struct pflow_now now)
{
	uint64_t uptime = now.mono_ns + ex->uptime_base_ns;

	return pflowi_times_of(st,
	    pflowi_time_sub(now.wall_ns, uptime) / PFLOWI_NS_PER_MS);
}

int
pflowi_has_nat_event(const struct pflow_exporter *ex,
    const struct pflow_state *st)
{
	if (!ex->cfg.nat_events || !(st->flags & PFLOW_STATE_TRANSLATED))
		return 0;
	/* A report of a living flow is neither creation nor end. */
	return (st->flags & PFLOW_STATE_CREATED) ||
	    (st->end_reason != PFLOW_END_ACTIVE &&
		!(st->flags & PFLOW_STATE_ALIVE));
}

void
pflowi_nat_item(const struct pflow_state *st, const struct pflow_key *key,
    struct pflowi_item *item)
{
	item->list = PFLOWI_LIST_NAT;
	item->dir = PFLOW_FORWARD;
	item->key = pflowi_key_of(st, key);
}

void
pflowi_put_nat(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, const struct pflowi_item *item,
    struct pflow_now now)
{
	struct pflowi_times t = times_now(ex, st, now);
	int created = (st->flags & PFLOW_STATE_CREATED) != 0;
	struct pflowi_values v;

	pflowi_values_fill(ex, &v, st, key, PFLOW_FORWARD, &t);
	/* RFC 8158 wants an ICMP query id here, which no state gives. */
	if (pflowi_is_icmp(st->protocol))
		v.rec.dst_port = 0;
	v.nat_event = NAT_CREATE;
	if (v.nat_type == NAT_TYPE_44)
		v.nat_event = NAT44_CREATE;
	else if (v.nat_type == NAT_TYPE_64)
		v.nat_event = NAT64_CREATE;
	if (!created)
		v.nat_event++; /* its delete */
	/* RFC 8158, 5: when the session was deleted, which may be some time
	 * after its last packet. */
	v.event_ms = created ? t.start_ms : t.end_ms + st->lingered_ms;
	pflowi_mixed_put(ex, item, &v, now);
	ex->stats.nat_events++;
}

/** The flow records of a state: one, two, or a biflow. */
static unsigned
flow_items(const struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, struct pflowi_item *items)
{
	uint32_t k = pflowi_key_of(st, key);
	unsigned n = 0, dir;

	if (ex->cfg.biflow != PFLOW_BIFLOW_NO && st->octets[0] != 0 &&
	    st->octets[1] != 0) {
		items[0].key = k | PFLOWI_WHEN_REVERSE;
		items[0].list = PFLOWI_LIST_FLOW;
		items[0].dir = PFLOW_FORWARD;
		return 1;
	}
	for (dir = 0; dir < 2; dir++) {
		if (st->octets[dir] == 0)
			continue;
		items[n].key = k;
		items[n].list = PFLOWI_LIST_FLOW;
		items[n].dir = (uint8_t)dir;
		n++;
	}
	return n;
}

int
pflowi_feed_planned(struct pflow_exporter *ex, const struct pflow_state *st,
    const struct pflow_key *key, struct pflow_now now)
{
	struct pflowi_item items[3];
	unsigned i, flows = 0, count;
	struct pflowi_times t;
	struct pflowi_values v;
	uint32_t slots;

	if (!(st->flags & PFLOW_STATE_CREATED))
		flows = flow_items(ex, st, key, items);
	count = flows;
	if (pflowi_has_nat_event(ex, st))
		pflowi_nat_item(st, key, &items[count++]);
	slots = pflowi_mixed_slots(ex, items, count);
	if (slots > ex->slot_count)
		return PFLOW_ERR_RANGE;
	if (slots > ex->slots_free)
		return PFLOW_ERR_AGAIN;
	t = times_now(ex, st, now);
	ex->stats.times_clamped += flows > 0 ? t.clamped : 0;
	for (i = 0; i < flows; i++) {
		pflowi_values_fill(ex, &v, st, key, items[i].dir, &t);
		pflowi_mixed_put(ex, &items[i], &v, now);
		ex->stats.packets += st->packets[items[i].dir];
		ex->stats.octets += st->octets[items[i].dir];
	}
	if (flows > 0 && (items[0].key & PFLOWI_WHEN_REVERSE)) {
		ex->stats.packets += st->packets[PFLOW_REVERSE];
		ex->stats.octets += st->octets[PFLOW_REVERSE];
	}
	if (count > flows)
		pflowi_put_nat(ex, st, key, &items[flows], now);
	return PFLOW_OK;
}
