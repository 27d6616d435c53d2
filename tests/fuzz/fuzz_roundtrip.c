/* SPDX-License-Identifier: ISC */
/*
 * The input drives an exporter: settings, states, clocks, a transport that
 * takes, refuses and loses messages, sessions. What comes out is decoded and
 * compared with what went in.
 *
 * It must hold that
 *  - every state comes back, in order, with its values, once each way;
 *  - counters are conserved, also where v5 splits a state;
 *  - no record waits longer than `hold` if deadlines are served;
 *  - no message is longer than the budget, and all are sound;
 *  - the sequence shows just the loss that there was;
 *  - a refused state changes nothing;
 *  - feed_many() is feed() many times, octet for octet (a twin is fed so).
 */
#include <string.h>

#include <pflow/pflow.h>

#include "fuzz/fuzz.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)
#define WALL_BASE (UINT64_C(1000000000) * NS_PER_SEC)
#define QUEUE 1024u
#define SLOTS_MAX 8u
#define STATES_MAX 400u
#define MANY 8u

/** One direction of a state, on its way. */
struct expected {
	struct pflow_state st;
	unsigned dir;
	uint64_t packets, octets; /* still to come */
	uint64_t parts;		  /* records still to come */
	uint64_t fed_ns;	  /* mono */
	uint64_t boot_ms;	  /* if it opens a message */
};

struct queue {
	struct expected e[QUEUE];
	unsigned head, count;
};

struct world {
	struct fuzz_input in;
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex, twin;
	struct pflow_now now;
	uint64_t uptime_base_ns;
	size_t message_max;
	unsigned states;

	struct queue queue[2];	/* IPv4, IPv6 */
	struct pflow_decoder look;	/* sees messages when they are sealed */
	uint64_t looked;	/* messages seen, of those made */
	uint64_t message_boot_ms;
	unsigned in_message;

	struct pflow_decoder collector; /* sees what is acknowledged */
	uint64_t delivered;	/* records */
	uint64_t lost, lost_shown, lost_hidden;
	uint32_t sequence;	/* of the next message of this session */
	int sequence_known;	/* the collector got one of this session */
	int template_lost;	/* ever */

	uint8_t look_store[512], collector_store[512];
	uint8_t *block, *twin_block;
};

static struct world w;

/* ---- settings ---- */

static void
begin(void)
{
	struct pflow_exporter_config *cfg = &w.cfg;
	uint8_t how = fuzz_u8(&w.in), more = fuzz_u8(&w.in);
	static const uint32_t overheads[] = { 28, 48, 0, 85 };
	size_t len, slots;

	pflow_exporter_config_init(cfg);
	cfg->version = (how & 1) != 0 ? 10 : 5;
	cfg->select = (how & 2) != 0 ? PFLOW_SELECT_ALL : PFLOW_SELECT_PFLOW;
	cfg->side = (enum pflow_side)((how >> 2 & 3) % 3);
	cfg->nature = (enum pflow_transport_nature)((how >> 4 & 3) % 3);
	cfg->overhead = overheads[how >> 6];
	cfg->mtu = cfg->overhead + (cfg->version == 10 ? 124 : 72) +
	    (uint32_t)fuzz_uint(&w.in, 2) % 1500;
	/* With hold 0 feed() seals what the feed() before it opened. */
	cfg->hold_ns = (more & 1) != 0 ? 1 + fuzz_uint(&w.in, 5)
				       : 30 * NS_PER_SEC;
	cfg->refresh_ns = (more & 2) != 0 ? fuzz_uint(&w.in, 5)
					  : 60 * NS_PER_SEC;
	cfg->refresh_messages = (more & 4) != 0 ? fuzz_u8(&w.in) : 100;
	cfg->template_copies = more >> 3 & 3;
	w.now.mono_ns = fuzz_uint(&w.in, 6);
	w.now.wall_ns = WALL_BASE + fuzz_uint(&w.in, 7);
	if ((more & 32) != 0)
		cfg->boot_ns = WALL_BASE + fuzz_uint(&w.in, 7);
	if (cfg->boot_ns != 0)
		w.uptime_base_ns = (w.now.wall_ns > cfg->boot_ns
			? w.now.wall_ns - cfg->boot_ns
			: 0) - w.now.mono_ns;
	slots = 2 + (more >> 6) * 2u;
	w.message_max = cfg->mtu - cfg->overhead;
	len = pflow_exporter_block_size(cfg, slots);
	FUZZ_CHECK(len > 0);
	w.block = malloc(len);
	w.twin_block = malloc(len);
	if (w.block == NULL || w.twin_block == NULL)
		abort();
	FUZZ_CHECK(pflow_exporter_init(&w.ex, cfg, w.block, len, w.now) ==
	    PFLOW_OK);
	FUZZ_CHECK(pflow_exporter_init(&w.twin, cfg, w.twin_block, len,
	    w.now) == PFLOW_OK);
	pflow_decoder_init(&w.look, w.look_store, sizeof(w.look_store));
	pflow_decoder_init(&w.collector, w.collector_store,
	    sizeof(w.collector_store));
}

/* ---- states ---- */

static uint64_t
counter(unsigned how)
{
	static const unsigned octets[] = { 1, 2, 3, 4, 4, 5, 6, 8 };

	return fuzz_uint(&w.in, octets[how & 7]);
}

static void
make_state(struct pflow_state *st)
{
	static const uint8_t protocols[] = { 6, 17, 1, 58 };
	uint8_t how = fuzz_u8(&w.in), more = fuzz_u8(&w.in);
	uint8_t addr[2][16];
	unsigned i;

	pflow_state_init(st);
	for (i = 0; i < 32; i++)
		addr[i / 16][i % 16] = (more & 1) != 0 ? fuzz_u8(&w.in)
						       : (uint8_t)(i + more);
	(void)pflow_state_set_key(st, (how & 1) != 0 ? PFLOW_AF_IPV6
						     : PFLOW_AF_IPV4,
	    addr[0], (uint16_t)fuzz_uint(&w.in, 2), addr[1],
	    (uint16_t)fuzz_uint(&w.in, 2));
	st->protocol = (how & 2) != 0 ? fuzz_u8(&w.in)
				      : protocols[how >> 2 & 3];
	if ((how & 16) != 0)
		st->flags = 0;
	st->direction = (uint8_t)((how >> 5 & 3) % 3);
	if (st->direction != 0)
		st->present |= PFLOW_HAS_DIRECTION;
	for (i = 0; i < 2; i++) {
		st->packets[i] = counter(more >> 1);
		st->octets[i] = counter(more >> 4);
	}
	st->icmp[0] = (uint16_t)fuzz_uint(&w.in, 2);
	st->icmp[1] = (uint16_t)fuzz_uint(&w.in, 2);
	st->tos = fuzz_u8(&w.in);
	st->tcp_flags[0] = fuzz_u8(&w.in);
	st->tcp_flags[1] = fuzz_u8(&w.in);
	st->ifindex[0] = (uint32_t)fuzz_uint(&w.in, 2);
	st->ifindex[1] = (uint32_t)fuzz_uint(&w.in, 2);
	st->present |= PFLOW_HAS_ICMP | PFLOW_HAS_TOS | PFLOW_HAS_TCP_FLAGS |
	    PFLOW_HAS_IFINDEX;
	if ((how & 128) != 0) {
		st->start_ns = fuzz_uint(&w.in, 8);
		st->last_ns = fuzz_uint(&w.in, 8);
	} else {
		st->last_ns = w.now.wall_ns - fuzz_uint(&w.in, 4);
		st->start_ns = st->last_ns - fuzz_uint(&w.in, 5);
	}
	if ((more & 128) != 0) {
		st->key[PFLOW_STACK].port[0] ^= 0x5555;
		st->flags |= PFLOW_STATE_TRANSLATED;
	}
}

static unsigned
queue_of(const struct pflow_state *st)
{
	return pflow_state_pre(st)->af == PFLOW_AF_IPV6;
}

/** Is it one that the settings let through? */
static int
is_wanted(const struct pflow_state *st)
{
	if (w.cfg.select == PFLOW_SELECT_PFLOW &&
	    (st->flags & PFLOW_STATE_EXPORT) == 0)
		return 0;
	if ((w.cfg.side == PFLOW_SIDE_IN && st->direction == PFLOW_DIR_OUT) ||
	    (w.cfg.side == PFLOW_SIDE_OUT && st->direction == PFLOW_DIR_IN))
		return 0;
	return w.cfg.version == 10 || queue_of(st) == 0;
}

static void
expect(const struct pflow_state *st, uint64_t records)
{
	struct queue *q = &w.queue[queue_of(st)];
	uint64_t uptime = w.now.mono_ns + w.uptime_base_ns, made = 0;
	unsigned dir;

	for (dir = 0; dir < 2; dir++) {
		struct expected *e = &q->e[(q->head + q->count) % QUEUE];

		if (!is_wanted(st) || st->octets[dir] == 0 || records == 0)
			continue;
		FUZZ_CHECK(q->count < QUEUE);
		e->st = *st;
		e->dir = dir;
		e->packets = st->packets[dir];
		e->octets = st->octets[dir];
		e->parts = w.cfg.version == 10
		    ? 1
		    : pflow_v5_split_count(e->packets, e->octets);
		e->fed_ns = w.now.mono_ns;
		e->boot_ms = (w.now.wall_ns > uptime ? w.now.wall_ns - uptime
						     : 0) / NS_PER_MS;
		made += e->parts;
		q->count++;
	}
	FUZZ_CHECK(made == records);
}

/* ---- looking at what was made ---- */

static void
check_times(const struct expected *e, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	uint64_t boot = w.message_boot_ms, start, end, diff;

	start = e->st.start_ns / NS_PER_MS;
	end = e->st.last_ns / NS_PER_MS;
	if (end < boot)
		end = boot;
	if (start < boot || start > end)
		start = boot;
	if (w.cfg.version == 10) {
		FUZZ_CHECK(st->start_ns == start * NS_PER_MS);
		FUZZ_CHECK(st->last_ns == end * NS_PER_MS);
		return;
	}
	/* v5 has 32 bits: what lies too far away comes back 2^32 ms off. */
	if (end - start > UINT32_MAX)
		start = end - UINT32_MAX;
	diff = end - st->last_ns / NS_PER_MS;
	FUZZ_CHECK((uint32_t)diff == 0);
	FUZZ_CHECK(st->last_ns - st->start_ns == (end - start) * NS_PER_MS);
	if (end <= hdr->export_ns / NS_PER_MS &&
	    hdr->export_ns / NS_PER_MS - end < UINT32_MAX - 100000)
		FUZZ_CHECK(diff == 0);
}

static void
check_record(const struct expected *e, const struct pflow_state *st)
{
	const struct pflow_key *in = pflow_state_pre(&e->st);
	const struct pflow_key *out = &st->key[0];
	unsigned from = e->dir, to = from ^ 1;
	int icmp = e->st.protocol == 1 || e->st.protocol == 58;

	FUZZ_CHECK(out->af == in->af);
	FUZZ_CHECK(memcmp(out, &st->key[1], sizeof(*out)) == 0);
	FUZZ_CHECK(memcmp(out->addr[0], in->addr[from], 16) == 0);
	FUZZ_CHECK(memcmp(out->addr[1], in->addr[to], 16) == 0);
	FUZZ_CHECK(out->port[0] == (icmp ? 0 : in->port[from]));
	FUZZ_CHECK(out->port[1] == (icmp ? 0 : in->port[to]));
	FUZZ_CHECK(st->icmp[0] == (icmp ? e->st.icmp[from] : 0));
	FUZZ_CHECK(st->ifindex[0] == e->st.ifindex[from]);
	FUZZ_CHECK(st->ifindex[1] == e->st.ifindex[to]);
	FUZZ_CHECK(st->protocol == e->st.protocol && st->tos == e->st.tos);
	FUZZ_CHECK(w.cfg.version == 10 || st->protocol != 6 ||
	    st->tcp_flags[0] == e->st.tcp_flags[from]);
	FUZZ_CHECK(st->packets[1] == 0 && st->octets[1] == 0);
}

static int
look_at(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct queue *q = &w.queue[st->key[0].af == PFLOW_AF_IPV6];
	struct expected *e = &q->e[q->head];

	(void)arg;
	FUZZ_CHECK(q->count > 0);
	FUZZ_CHECK(w.now.mono_ns - e->fed_ns <= w.cfg.hold_ns);
	if (w.in_message++ == 0)
		w.message_boot_ms = e->boot_ms;
	check_record(e, st);
	check_times(e, st, hdr);
	FUZZ_CHECK(st->packets[0] <= e->packets && st->octets[0] <= e->octets);
	e->packets -= st->packets[0];
	e->octets -= st->octets[0];
	if (--e->parts == 0) {
		FUZZ_CHECK(e->packets == 0 && e->octets == 0);
		q->head = (q->head + 1) % QUEUE;
		q->count--;
	}
	return 0;
}

static void
look(const struct pflow_message *m)
{
	uint64_t before = w.look.stats.records;

	FUZZ_CHECK(m->len <= w.message_max);
	w.in_message = 0;
	FUZZ_CHECK(pflow_decoder_message(&w.look, m->data, m->len, look_at,
	    NULL) == PFLOW_OK);
	FUZZ_CHECK(w.look.stats.records - before == m->records);
	FUZZ_CHECK(w.look.stats.malformed_sets == 0);
	FUZZ_CHECK(w.look.stats.trailing_octets == 0);
}

/** pflow(4)'s templates, so that the order of messages does not matter. */
static void
teach(void)
{
	struct pflow_ipfix_msg msg;
	uint8_t buf[124];
	size_t len;

	FUZZ_CHECK(pflow_ipfix_begin(&msg, buf, sizeof(buf)) == PFLOW_OK);
	FUZZ_CHECK(pflow_ipfix_add_templates(&msg) == PFLOW_OK);
	FUZZ_CHECK(pflow_ipfix_end(&msg, 0, 0, w.cfg.domain_id, &len, NULL) ==
	    PFLOW_OK);
	FUZZ_CHECK(pflow_decoder_message(&w.look, buf, len, look_at, NULL) ==
	    PFLOW_OK);
}

static void
check_stats(void)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&w.ex);
	uint64_t dropped = 0;
	unsigned i;

	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		if (i != PFLOW_DROP_discarded)
			dropped += s->drops[i].count;
	FUZZ_CHECK(s->states == s->states_exported + dropped);
	FUZZ_CHECK(s->records == s->records_sent + s->records_waiting +
	    s->drops[PFLOW_DROP_discarded].count);
}

/** Look at each message once, when it is new in the queue. */
static void
observe(void)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&w.ex);
	struct pflow_message m[SLOTS_MAX + 1], t[SLOTS_MAX + 1];
	size_t n = pflow_exporter_pending(&w.ex, m, SLOTS_MAX + 1), i;
	uint64_t made = s->messages - s->template_messages;
	uint64_t fresh = made - w.looked, data = 0;

	check_stats();
	FUZZ_CHECK(pflow_exporter_pending(&w.twin, t, SLOTS_MAX + 1) == n);
	for (i = 0; i < n; i++) {
		FUZZ_CHECK(t[i].len == m[i].len && t[i].records == m[i].records);
		FUZZ_CHECK(memcmp(t[i].data, m[i].data, m[i].len) == 0);
		data += m[i].records != 0;
	}
	FUZZ_CHECK(fresh <= data);
	for (i = 0; i < n; i++) {
		if (m[i].records == 0)
			continue;
		if (data-- <= fresh)
			look(&m[i]);
	}
	w.looked = made;
}

/* ---- the transport ---- */

static int
collect(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	(void)arg;
	(void)st;
	(void)hdr;
	w.delivered++;
	return 0;
}

/** The n oldest messages arrive, or are lost. */
static void
transport(size_t n, int arrive)
{
	struct pflow_message m[SLOTS_MAX + 1];
	size_t pending = pflow_exporter_pending(&w.ex, m, SLOTS_MAX + 1), i;
	size_t data = 0;

	n = n < pending ? n : pending;
	/* Messages of templates alone are lost with those behind them. */
	while (!arrive && n > 0 && m[n - 1].records == 0)
		n--;
	for (i = 0; i < n; i++) {
		data += m[i].records > 0;
		FUZZ_CHECK(pflow_wire_u32(m[i].data +
		    (w.cfg.version == 10 ? 8 : 16)) == w.sequence);
		w.sequence += m[i].records;
		if (!arrive) {
			w.lost += m[i].records;
			w.lost_hidden += w.sequence_known ? m[i].records : 0;
			if (m[i].records == 0)
				w.template_lost = 1;
			continue;
		}
		FUZZ_CHECK(pflow_decoder_message(&w.collector, m[i].data,
		    m[i].len, collect, NULL) == PFLOW_OK);
		w.lost_shown += w.lost_hidden;
		w.lost_hidden = 0;
		w.sequence_known = 1;
	}
	if (arrive) {
		pflow_exporter_ack(&w.ex, n);
		pflow_exporter_ack(&w.twin, n);
	} else {
		pflow_exporter_discard(&w.ex, data);
		pflow_exporter_discard(&w.twin, data);
	}
}

static void
new_session(void)
{
	pflow_exporter_session_restart(&w.ex, w.now);
	pflow_exporter_session_restart(&w.twin, w.now);
	if (w.cfg.version == 5)
		return;
	pflow_decoder_session_restart(&w.collector);
	w.lost_hidden = 0;
	w.sequence = 0;
	w.sequence_known = 0;
}

static void
check_collector(void)
{
	const struct pflow_decoder_stats *s = &w.collector.stats;

	FUZZ_CHECK(s->malformed_messages == 0 && s->malformed_sets == 0);
	FUZZ_CHECK(s->records == w.delivered);
	if (s->unknown_template_sets != 0) {
		FUZZ_CHECK(w.template_lost);
		return;
	}
	FUZZ_CHECK(s->records_lost == w.lost_shown);
	FUZZ_CHECK(w.delivered == w.ex.stats.records_sent);
}

/* ---- the clock ---- */

/**
 * On to a moment, stopping at each deadline on the way.
 *
 * @return 0: not so far, templates are due all the time
 */
static int
advance(uint64_t mono_ns)
{
	unsigned rounds = 0;

	for (;;) {
		uint64_t due = pflow_exporter_deadline(&w.ex);
		uint64_t to = due < mono_ns ? due : mono_ns;
		int rc, last;

		if (to > w.now.mono_ns) {
			w.now.wall_ns += to - w.now.mono_ns;
			w.now.mono_ns = to;
		}
		last = due > mono_ns;
		rc = pflow_exporter_tick(&w.ex, w.now);
		FUZZ_CHECK(pflow_exporter_tick(&w.twin, w.now) == rc);
		FUZZ_CHECK(rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN);
		observe();
		if (last)
			return 1;
		if (rc == PFLOW_ERR_AGAIN ||
		    pflow_exporter_deadline(&w.ex) <= w.now.mono_ns)
			transport(1, 1);
		if (++rounds > 64)
			return 0;
	}
}

/* ---- what the input may ask for ---- */

static void
feed(unsigned count)
{
	struct pflow_state st[MANY];
	size_t taken = 0, i;
	uint64_t before, records = w.ex.stats.records;
	int rc, twin = PFLOW_OK;

	for (i = 0; i < count; i++)
		make_state(&st[i]);
	w.states += count;
	/* deadlines that have come are served by feeding; look before */
	(void)advance(w.now.mono_ns);
	rc = pflow_exporter_feed_many(&w.ex, st, count, w.now, &taken);
	for (i = 0; i < count && twin == PFLOW_OK; i++) {
		before = w.twin.stats.records;
		twin = pflow_exporter_feed(&w.twin, &st[i], w.now);
		if (twin == PFLOW_OK)
			expect(&st[i], w.twin.stats.records - before);
		else
			FUZZ_CHECK(w.twin.stats.records == before &&
			    i == taken);
	}
	FUZZ_CHECK(rc == twin && (rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN));
	FUZZ_CHECK(rc != PFLOW_OK || taken == count);
	FUZZ_CHECK(w.ex.stats.records - records ==
	    w.twin.stats.records - records);
	FUZZ_CHECK(memcmp(&w.ex.stats, &w.twin.stats, sizeof(w.ex.stats)) == 0);
	observe();
	if (rc == PFLOW_ERR_AGAIN) {
		struct pflow_message m;

		/* something can be acknowledged, or nobody could go on */
		FUZZ_CHECK(pflow_exporter_pending(&w.ex, &m, 1) == 1);
	}
}

static void
one_step(void)
{
	uint8_t op = fuzz_u8(&w.in);

	switch (op % 10) {
	case 0:
	case 1:
		feed(1);
		break;
	case 2:
		feed(1 + (op / 10) % MANY);
		break;
	case 3:
		(void)advance(w.now.mono_ns + fuzz_uint(&w.in, 1 + (op / 10) % 5));
		break;
	case 4:
		transport(1 + (op / 10) % SLOTS_MAX, 1);
		break;
	case 5:
		transport(1 + (op / 10) % 2, 0);
		break;
	case 6:
		(void)pflow_exporter_flush(&w.ex, w.now);
		(void)pflow_exporter_flush(&w.twin, w.now);
		break;
	case 7:
		if ((op / 10) % 2 == 0) {
			new_session();
		} else {
			pflow_exporter_refresh(&w.ex);
			pflow_exporter_refresh(&w.twin);
		}
		break;
	case 8: {
		uint32_t mtu = (uint32_t)fuzz_uint(&w.in, 2);
		int rc = pflow_exporter_set_mtu(&w.ex, mtu, w.now);

		FUZZ_CHECK(rc == pflow_exporter_set_mtu(&w.twin, mtu, w.now));
		break;
	}
	default: /* the wall clock is set */
		w.now.wall_ns = WALL_BASE + fuzz_uint(&w.in, 7);
		break;
	}
	observe();
}

static void
finish(void)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&w.ex);

	/* `hold` after the last state nothing waits that is not sealed */
	if (advance(w.now.mono_ns + w.cfg.hold_ns))
		FUZZ_CHECK(w.queue[0].count == 0 && w.queue[1].count == 0);
	(void)pflow_exporter_flush(&w.ex, w.now);
	(void)pflow_exporter_flush(&w.twin, w.now);
	observe();
	FUZZ_CHECK(w.queue[0].count == 0 && w.queue[1].count == 0);
	transport(SLOTS_MAX + 1, 1);
	FUZZ_CHECK(s->records_waiting == 0);
	FUZZ_CHECK(w.look.stats.records == s->records);
	FUZZ_CHECK(w.lost == s->drops[PFLOW_DROP_discarded].count);
	check_collector();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&w, 0, sizeof(w));
	w.in.data = data;
	w.in.left = size;
	begin();
	teach();
	while (w.in.left > 0 && w.states < STATES_MAX) {
		one_step();
		check_collector();
	}
	finish();
	free(w.block);
	free(w.twin_block);
	return 0;
}
