/* SPDX-License-Identifier: ISC */
/*
 * Templates as data: the input makes a list of fields, settings and states;
 * what the exporter says of them is decoded and compared value by value with
 * what the states say. Biflows, NAT events and options come along.
 *
 * It must hold that
 *  - a list that is not valid is refused, and for the reason that the check
 *    of lists gives, and one of which some states know nothing;
 *  - every record has just the fields that its state knows, in the order of
 *    the list, with the state's values;
 *  - the decoder makes the same state of them;
 *  - no message is longer than the budget, malformed, late, or before its
 *    templates; v9's sets are padded and its counts right.
 */
#include "planned.h"

#define QUEUE 512u
#define STATES_MAX 160u

struct queue {
	struct expected *e;
	unsigned head, count;
};

struct world {
	struct fuzz_input in;
	struct pflow_exporter_config cfg;
	struct pflow_field fields[PFLOW_TEMPLATE_FIELDS_MAX + 4];
	size_t field_count;	/* the reverse elements included */
	int standard;
	struct pflow_exporter ex;
	struct pflow_decoder dec;
	struct pflow_now now;
	unsigned states;
	uint64_t data;		/* records of the message at hand */
	struct queue flows[2];	/* pflow(4)'s own shapes: IPv4, IPv6 */
	struct queue events;
	int lost;		/* messages were discarded: look no further */
	uint8_t *block;
};

static struct world w;
static struct expected rings[3][QUEUE];
static uint8_t store[65536];

/* ---- what the decoder made of it ---- */

static const struct pflow_key *
pre(const struct expected *e)
{
	return pflow_state_pre(&e->st);
}

static int
is_icmp(const struct expected *e)
{
	return e->st.protocol == 1 || e->st.protocol == 58;
}

static int
listed(uint16_t element, uint16_t length)
{
	size_t i;

	for (i = 0; i < w.field_count; i++)
		if (w.fields[i].element == element &&
		    w.fields[i].enterprise == 0)
			return w.fields[i].length == length;
	return 0;
}

/** Once, so that no second field of another length has the last word. */
static int
listed_once(uint16_t element, uint16_t length)
{
	size_t i, n = 0;

	for (i = 0; i < w.field_count; i++)
		n += w.fields[i].element == element &&
		    w.fields[i].enterprise == 0;
	return n == 1 && listed(element, length);
}

static void
check_state(const struct expected *e, const struct pflow_state *st)
{
	const struct pflow_key *got = pflow_state_pre(st);
	unsigned from = e->dir, to = from ^ 1;
	size_t len = pre(e)->af == PFLOW_AF_IPV4 ? 4 : 16;

	if (listed_once(8, 4) && listed_once(27, 16))
		FUZZ_CHECK(got->af == pre(e)->af &&
		    memcmp(got->addr[0], pre(e)->addr[from], len) == 0);
	if (listed_once(12, 4) && listed_once(28, 16))
		FUZZ_CHECK(got->af == pre(e)->af &&
		    memcmp(got->addr[1], pre(e)->addr[to], len) == 0);
	if (listed_once(1, 8))
		FUZZ_CHECK(st->octets[0] == e->st.octets[from]);
	if (listed_once(2, 8))
		FUZZ_CHECK(st->packets[0] == e->st.packets[from]);
	FUZZ_CHECK(st->octets[1] == (e->biflow ? e->st.octets[to] : 0));
	FUZZ_CHECK(st->packets[1] == (e->biflow ? e->st.packets[to] : 0));
	if (!listed_once(4, 1))
		return;
	FUZZ_CHECK(st->protocol == e->st.protocol);
	if (!is_icmp(e) && listed_once(11, 2))
		FUZZ_CHECK(got->port[1] == pre(e)->port[to]);
	if (is_icmp(e) && listed_once(32, 2) && listed_once(139, 2) &&
	    !listed(176, 1) && !listed(178, 1) && !w.standard)
		FUZZ_CHECK(st->icmp[0] == ((e->st.present & PFLOW_HAS_ICMP)
			? e->st.icmp[from]
			: st->icmp[0]));
}

static void
check_times(const struct expected *e, const struct pflow_state *st)
{
	unsigned other = 0, id;

	for (id = 150; id <= 162; id++)
		other |= id != 152 && id != 153 && listed((uint16_t)id, 8);
	if (!other && listed_once(152, 8) && listed_once(153, 8) &&
	    !listed(150, 4) && !listed(151, 4)) {
		FUZZ_CHECK(st->start_ns == expected_start_ms(e) * NS_PER_MS);
		FUZZ_CHECK(st->last_ns == expected_end_ms(e) * NS_PER_MS);
	}
	if (w.standard && w.cfg.version == 9) {
		FUZZ_CHECK((uint32_t)(st->last_ns / NS_PER_MS - expected_end_ms(e)) ==
		    0);
		FUZZ_CHECK((uint32_t)(st->start_ns / NS_PER_MS -
			       expected_start_ms(e)) == 0);
	}
}

static struct expected *
pop(struct queue *q)
{
	struct expected *e = &q->e[q->head];

	FUZZ_CHECK(q->count > 0);
	q->head = (q->head + 1) % QUEUE;
	q->count--;
	FUZZ_CHECK(w.now.mono_ns - e->fed_ns <= w.cfg.hold_ns);
	return e;
}

/** pflow(4)'s own shapes fill messages of their own, by family. */
static int
has_shapes(void)
{
	return w.standard && w.cfg.version == 10 &&
	    w.cfg.biflow == PFLOW_BIFLOW_NO;
}

static int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	const struct expected *e;

	(void)arg;
	w.data++;
	if (hdr->nat_event != 0) {
		e = pop(&w.events);
		FUZZ_CHECK(hdr->nat_event == expected_nat_event(e));
		expected_check_event(e, &hdr->record);
		return 0;
	}
	e = pop(&w.flows[has_shapes() && st->key[0].af == PFLOW_AF_IPV6]);
	expected_check(e, &hdr->record, w.fields, w.field_count);
	check_state(e, st);
	check_times(e, st);
	FUZZ_CHECK(!e->biflow || w.cfg.biflow != PFLOW_BIFLOW_FULL ||
	    hdr->biflow_direction == 1);
	return 0;
}

/** Options, or flows by a list without addresses. */
static int
take_other(void *arg, const struct pflow_decoded_header *hdr)
{
	(void)arg;
	w.data++;
	if (hdr->record.scope_count == 0)
		expected_check(pop(&w.flows[0]), &hdr->record, w.fields,
		    w.field_count);
	return 0;
}

/** v9: sets end on a boundary of 4 octets; the count is of all records. */
static void
check_v9(const struct pflow_message *m, uint64_t templates)
{
	size_t at = 20;

	FUZZ_CHECK(pflow_wire_u16(m->data + 2) == templates + w.data);
	while (at < m->len) {
		FUZZ_CHECK(at % 4 == 0 && m->len - at >= 4);
		at += pflow_wire_u16(m->data + at + 2);
	}
	FUZZ_CHECK(at == m->len);
}

static void
deliver(void)
{
	struct pflow_message m[16];
	size_t n = pflow_exporter_pending(&w.ex, m, 16), i;
	const struct pflow_decoder_stats *s = &w.dec.stats;

	for (i = 0; i < n; i++) {
		uint64_t templates = s->templates;

		FUZZ_CHECK(m[i].len <= w.cfg.mtu - w.cfg.overhead);
		w.data = 0;
		FUZZ_CHECK(pflow_decoder_message(&w.dec, m[i].data, m[i].len,
		    take, NULL) == PFLOW_OK);
		FUZZ_CHECK(w.data == m[i].records);
		if (w.cfg.version == 9)
			check_v9(&m[i], s->templates - templates);
	}
	FUZZ_CHECK(s->malformed_sets == 0 && s->malformed_templates == 0);
	FUZZ_CHECK(s->unknown_template_sets == 0 && s->templates_refused == 0);
	FUZZ_CHECK(s->sequence_gaps == 0 && s->trailing_octets == 0);
	FUZZ_CHECK(s->withdrawals == 0 && s->redefinitions == 0);
	pflow_exporter_ack(&w.ex, n);
}

/* ---- what goes in ---- */

static void
make_fields(void)
{
	static const uint16_t known[] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12,
		14, 21, 22, 27, 28, 32, 58, 60, 61, 136, 139, 148, 149, 150,
		151, 152, 153, 154, 155, 156, 157, 160, 161, 162, 176, 177,
		178, 179, 180, 181, 182, 183, 195, 196, 206, 210, 225, 226,
		227, 228, 230, 233, 239, 243, 281, 282, 297, 323 };
	size_t n = sizeof(known) / sizeof(known[0]), i;

	w.field_count = 1 + fuzz_u8(&w.in) % PFLOW_TEMPLATE_FIELDS_MAX;
	for (i = 0; i < w.field_count; i++) {
		uint8_t which = fuzz_u8(&w.in), how = fuzz_u8(&w.in);
		struct pflow_field *f = &w.fields[i];

		f->enterprise = 0;
		f->length = how;
		if (which >= 250) {
			f->element = 1 + which;
			f->enterprise = ENTERPRISE;
			if (how == 0)
				f->length = 65535;
			continue;
		}
		f->element = known[which % n];
		/* mostly the length that the registry gives */
		if (how < 200 && pflow_element_by_id(f->element) != NULL)
			f->length = pflow_element_by_id(f->element)->octets;
		if (f->length == 65535)
			f->length = 1 + how % 16;
		if (how >= 200)
			f->length = how % 9;
	}
}

/** Is there a record for a state of which nothing optional is known? */
static int
serves_all(void)
{
	struct expected e;
	unsigned af;
	size_t i, len;

	for (af = PFLOW_AF_IPV4; af <= PFLOW_AF_IPV6; af += 2) {
		memset(&e, 0, sizeof(e));
		e.cfg = &w.cfg;
		e.standard = w.standard;
		e.st.protocol = 1;
		e.st.key[0].af = e.st.key[1].af = (uint8_t)af;
		for (i = 0, len = 0; i < w.field_count; i++)
			if (expected_has(&e, &w.fields[i]))
				len += w.fields[i].length == 65535
				    ? 1
				    : w.fields[i].length;
		if (len < (w.cfg.version == 9 ? 4 : 1))
			return 0;
	}
	return 1;
}

static void
add_reverse(void)
{
	static const struct pflow_field reverse[] = {
		{ 1, 8, PFLOW_REVERSE_PEN }, { 2, 8, PFLOW_REVERSE_PEN },
		{ 6, 2, PFLOW_REVERSE_PEN }, { 239, 1, 0 }
	};
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (w.cfg.biflow == PFLOW_BIFLOW_NO ||
		    (i >= 2 && w.cfg.biflow != PFLOW_BIFLOW_FULL) ||
		    (i == 2 && w.standard))
			continue;
		w.fields[w.field_count++] = reverse[i];
	}
}

/** @return 0: the settings are refused, as they must be */
static int
begin(void)
{
	struct pflow_exporter_config *cfg = &w.cfg;
	uint8_t how = fuzz_u8(&w.in), more = fuzz_u8(&w.in);
	static const struct pflow_interface names[] = { { 1, "em0" },
		{ 2, "wg0" } };
	size_t len, bad;
	int rc = PFLOW_OK;

	pflow_exporter_config_init(cfg);
	cfg->version = (how & 1) != 0 ? 9 : 10;
	cfg->biflow = (enum pflow_biflow)((how >> 1 & 3) % 3);
	cfg->nat_events = how >> 3 & 1;
	cfg->options = how >> 4 & 1;
	cfg->interfaces = names;
	cfg->interface_count = how >> 5 & 2;
	cfg->value_fn = (how & 128) != 0 ? expected_own_value : NULL;
	cfg->nature = (more & 1) != 0 ? PFLOW_TRANSPORT_STREAM
				      : PFLOW_TRANSPORT_DATAGRAM;
	cfg->select = PFLOW_SELECT_ALL;
	cfg->template_copies = more >> 1 & 3;
	cfg->refresh_messages = more >> 3 & 3;
	cfg->mtu = 1500;
	w.standard = (more & 32) != 0;
	w.now.mono_ns = UPTIME_NS;
	w.now.wall_ns = WALL_NS;
	if (w.standard) {
		const struct pflow_field *list = pflow_template_named(
		    cfg->version == 9 ? "standard-v9" : "standard",
		    &w.field_count);

		memcpy(w.fields, list, w.field_count * sizeof(*list));
	} else {
		make_fields();
		cfg->fields = w.fields;
		cfg->field_count = w.field_count;
		rc = pflow_template_check(w.fields, w.field_count,
		    cfg->version, &bad);
		FUZZ_CHECK((bad == w.field_count) == (rc == PFLOW_OK));
	}
	if (cfg->version == 9 && cfg->biflow != PFLOW_BIFLOW_NO)
		rc = PFLOW_ERR_UNSUPPORTED;
	else if (rc == PFLOW_OK && cfg->biflow != PFLOW_BIFLOW_NO &&
	    w.field_count + (cfg->biflow == PFLOW_BIFLOW_FULL ? 4 : 2) >
		PFLOW_TEMPLATE_FIELDS_MAX)
		rc = PFLOW_ERR_INVALID;
	else if (rc == PFLOW_OK && !serves_all())
		rc = PFLOW_ERR_INVALID;
	len = pflow_exporter_block_size(cfg, 6);
	w.block = malloc(len);
	if (w.block == NULL)
		abort();
	FUZZ_CHECK(pflow_exporter_init(&w.ex, cfg, w.block, len, w.now) == rc);
	if (rc == PFLOW_OK)
		add_reverse();
	else
		w.ex.block = NULL;
	pflow_decoder_init(&w.dec, store, sizeof(store));
	pflow_decoder_set_other(&w.dec, take_other);
	return rc == PFLOW_OK;
}

static void
make_state(struct pflow_state *st)
{
	static const uint8_t protocols[] = { 6, 17, 1, 58, 132, 0, 255, 2 };
	uint8_t how = fuzz_u8(&w.in), more = fuzz_u8(&w.in);
	uint8_t addr[2][16];
	unsigned i;

	pflow_state_init(st);
	for (i = 0; i < 32; i++)
		addr[i / 16][i % 16] = (uint8_t)(1 + i * 7 + how);
	addr[1][0] = (more & 1) != 0 ? 0xff : 0xe1;
	(void)pflow_state_set_key(st, (how & 1) != 0 ? PFLOW_AF_IPV6
						     : PFLOW_AF_IPV4,
	    addr[0], (uint16_t)fuzz_uint(&w.in, 2), addr[1],
	    (uint16_t)fuzz_uint(&w.in, 2));
	st->protocol = protocols[how >> 1 & 7];
	st->direction = (uint8_t)((how >> 4 & 3) % 3);
	st->present = (uint32_t)fuzz_uint(&w.in, 2) & 0x03ff;
	if (st->direction == 0)
		st->present &= ~PFLOW_HAS_DIRECTION;
	st->packets[0] = fuzz_uint(&w.in, 1 + (more >> 1 & 7));
	st->packets[1] = fuzz_u8(&w.in);
	st->octets[0] = fuzz_uint(&w.in, 1 + (more >> 1 & 7));
	st->octets[1] = fuzz_u8(&w.in);
	st->tos = (st->present & PFLOW_HAS_TOS) ? fuzz_u8(&w.in) : 0;
	st->tcp_flags[0] = (uint16_t)(more * 5);
	st->tcp_flags[1] = how;
	st->ifindex[0] = how;
	st->ifindex[1] = more * 70000u;
	st->icmp[0] = (uint16_t)(more * 257);
	st->icmp[1] = (uint16_t)(how * 3);
	st->vlan = (uint16_t)(how * 16u) & 0x0fff;
	st->end_reason = more % 6;
	st->flow_id = UINT64_C(0x0123456789abcdef) * how;
	if ((more & 64) != 0) {
		st->start_ns = fuzz_uint(&w.in, 8);
		st->last_ns = fuzz_uint(&w.in, 8);
	} else {
		st->last_ns = w.now.wall_ns - fuzz_uint(&w.in, 4);
		st->start_ns = st->last_ns - fuzz_uint(&w.in, 4);
	}
	if ((more & 128) != 0) {
		st->key[PFLOW_STACK].port[0] ^= 0x1111;
		st->key[PFLOW_STACK].addr[0][1] ^= 0x22;
		if ((how & 64) != 0)
			st->key[PFLOW_STACK].af ^=
			    PFLOW_AF_IPV4 ^ PFLOW_AF_IPV6;
		st->flags |= PFLOW_STATE_TRANSLATED;
	}
	if ((how & 128) != 0)
		st->flags |= PFLOW_STATE_CREATED;
}

static void
push(struct queue *q, const struct pflow_state *st, unsigned dir, int biflow,
    int event)
{
	struct expected *e = &q->e[(q->head + q->count++) % QUEUE];

	FUZZ_CHECK(q->count <= QUEUE);
	e->st = *st;
	e->cfg = &w.cfg;
	e->standard = w.standard;
	e->dir = dir;
	e->biflow = biflow;
	e->event = event;
	e->fed_ns = w.now.mono_ns;
}

/** What the state ought to give; gives the number of records. */
static unsigned
expect(const struct pflow_state *st)
{
	struct queue *q = &w.flows[has_shapes() &&
	    pflow_state_pre(st)->af == PFLOW_AF_IPV6];
	int created = (st->flags & PFLOW_STATE_CREATED) != 0;
	unsigned dir, n = 0;

	if (!created && w.cfg.biflow != PFLOW_BIFLOW_NO &&
	    st->octets[0] != 0 && st->octets[1] != 0) {
		push(q, st, 0, 1, 0);
		n++;
	} else if (!created) {
		for (dir = 0; dir < 2; dir++) {
			if (st->octets[dir] == 0)
				continue;
			push(q, st, dir, 0, 0);
			n++;
		}
	}
	if (w.cfg.nat_events && (st->flags & PFLOW_STATE_TRANSLATED) &&
	    (created || st->end_reason != PFLOW_END_ACTIVE)) {
		push(&w.events, st, 0, 0, 1);
		n++;
	}
	return n;
}

static void
feed(void)
{
	struct pflow_state st;
	uint64_t before = w.ex.stats.records;
	uint64_t options = w.ex.stats.options_records;
	uint64_t too_large = w.ex.stats.drops[PFLOW_DROP_too_large].count;
	unsigned tries;
	int rc = PFLOW_ERR_AGAIN;

	make_state(&st);
	for (tries = 0; tries < 3 && rc == PFLOW_ERR_AGAIN; tries++) {
		deliver();
		rc = pflow_exporter_feed(&w.ex, &st, w.now);
	}
	FUZZ_CHECK(rc == PFLOW_OK);
	w.states++;
	before += w.ex.stats.options_records - options;
	if (w.ex.stats.drops[PFLOW_DROP_too_large].count != too_large)
		FUZZ_CHECK(w.ex.stats.records == before);
	else
		FUZZ_CHECK(expect(&st) == w.ex.stats.records - before);
}

/** On to a moment, stopping at each deadline on the way. */
static void
advance(uint64_t mono_ns)
{
	unsigned rounds = 0;
	int last = 0;

	deliver();
	while (!last && rounds++ < 256) {
		uint64_t due = pflow_exporter_deadline(&w.ex);
		uint64_t to = due < mono_ns ? due : mono_ns;

		last = due > mono_ns;
		if (to > w.now.mono_ns) {
			w.now.wall_ns += to - w.now.mono_ns;
			w.now.mono_ns = to;
		}
		(void)pflow_exporter_tick(&w.ex, w.now);
		deliver();
	}
	FUZZ_CHECK(last);
}

static void
one_step(void)
{
	uint8_t op = fuzz_u8(&w.in);

	switch (op % 8) {
	default:
		feed();
		break;
	case 5:
		advance(w.now.mono_ns + fuzz_uint(&w.in, 1 + op / 8 % 5));
		break;
	case 6:
		(void)pflow_exporter_flush(&w.ex, w.now);
		deliver();
		break;
	case 7:
		if ((op & 8) != 0)
			deliver();
		pflow_exporter_session_restart(&w.ex, w.now);
		pflow_decoder_session_restart(&w.dec);
		/* templates of waiting messages that did not fit */
		w.lost = w.ex.stats.drops[PFLOW_DROP_discarded].count != 0;
		break;
	}
}

static void
finish(void)
{
	advance(w.now.mono_ns + w.cfg.hold_ns);
	FUZZ_CHECK(w.flows[0].count == 0 && w.flows[1].count == 0);
	FUZZ_CHECK(w.events.count == 0);
	/* options that came due on the way may wait */
	(void)pflow_exporter_flush(&w.ex, w.now);
	deliver();
	FUZZ_CHECK(w.ex.stats.records_waiting == 0);
	FUZZ_CHECK(w.dec.stats.options_records == w.ex.stats.options_records);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&w, 0, sizeof(w));
	w.flows[0].e = rings[0];
	w.flows[1].e = rings[1];
	w.events.e = rings[2];
	w.in.data = data;
	w.in.left = size;
	if (begin()) {
		while (w.in.left > 0 && w.states < STATES_MAX && !w.lost)
			one_step();
	}
	if (w.lost)
		pflow_exporter_ack(&w.ex, SIZE_MAX);
	else if (w.ex.block != NULL)
		finish();
	free(w.block);
	return 0;
}
