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
#include <string.h>

#include <pflow/pflow.h>

#include "fuzz/fuzz.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)
#define WALL_NS (UINT64_C(1700000000) * NS_PER_SEC)
#define UPTIME_NS (UINT64_C(5000000) * NS_PER_SEC) /* over 2^32 ms */
#define BOOT_MS ((WALL_NS - UPTIME_NS) / NS_PER_MS)
#define QUEUE 512u
#define STATES_MAX 160u
#define ENTERPRISE 4711u

/** A record on its way. */
struct expected {
	struct pflow_state st;
	unsigned dir;
	int biflow;
	int event;
	uint64_t fed_ns;
};

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

/* ---- what a record ought to say ---- */

static const struct pflow_key *
pre(const struct expected *e)
{
	return pflow_state_pre(&e->st);
}

static const struct pflow_key *
post(const struct expected *e)
{
	return pflow_state_post(&e->st);
}

static int
is_icmp(const struct expected *e)
{
	return e->st.protocol == 1 || e->st.protocol == 58;
}

static int
translated_to(const struct expected *e, uint8_t af)
{
	return (e->st.flags & PFLOW_STATE_TRANSLATED) && post(e)->af == af;
}

/** Does a flow record know this element? */
static int
knows(const struct expected *e, uint16_t element)
{
	uint32_t has = e->st.present;

	switch (element) {
	case 8:
	case 12:
		return pre(e)->af == PFLOW_AF_IPV4;
	case 27:
	case 28:
		return pre(e)->af == PFLOW_AF_IPV6;
	case 5:
	case 195:
	case 196:
		return (has & PFLOW_HAS_TOS) != 0;
	case 6:
		return (has & PFLOW_HAS_TCP_FLAGS) && e->st.protocol == 6;
	case 7:
	case 11:
		return !is_icmp(e);
	case 10:
	case 14:
		return (has & PFLOW_HAS_IFINDEX) != 0;
	case 32:
	case 176:
	case 177:
		return (has & PFLOW_HAS_ICMP) && e->st.protocol == 1;
	case 139:
	case 178:
	case 179:
		return (has & PFLOW_HAS_ICMP) && e->st.protocol == 58;
	case 58:
	case 243:
		return (has & PFLOW_HAS_VLAN) != 0;
	case 61:
		return (has & PFLOW_HAS_DIRECTION) != 0;
	case 136:
	case 233:
		return (has & PFLOW_HAS_END_REASON) != 0;
	case 148:
		return (has & PFLOW_HAS_FLOW_ID) != 0;
	case 180:
	case 181:
		return e->st.protocol == 17;
	case 182:
	case 183:
		return e->st.protocol == 6;
	case 225:
	case 226:
		return translated_to(e, PFLOW_AF_IPV4);
	case 281:
	case 282:
		return translated_to(e, PFLOW_AF_IPV6);
	case 227:
	case 228:
		return (e->st.flags & PFLOW_STATE_TRANSLATED) && !is_icmp(e);
	case 230:
	case 323:
		return 0;
	case 239:
		return e->biflow;
	case 297:
		return (e->st.flags & PFLOW_STATE_TRANSLATED) &&
		    !(pre(e)->af == PFLOW_AF_IPV4 &&
			post(e)->af == PFLOW_AF_IPV4);
	default:
		return 1;
	}
}

static int
is_there(const struct expected *e, const struct pflow_field *f)
{
	if (f->enterprise == PFLOW_REVERSE_PEN)
		return e->biflow;
	if (f->enterprise != 0)
		return 1;
	/* pflow(4)'s fields are always there, but for the other family. */
	if (w.standard && f->element != 8 && f->element != 12 &&
	    f->element != 27 && f->element != 28 && f->element != 239)
		return 1;
	return knows(e, f->element);
}

static uint64_t
start_ms(const struct expected *e)
{
	uint64_t start = e->st.start_ns / NS_PER_MS;
	uint64_t end = e->st.last_ns / NS_PER_MS;

	if (end < BOOT_MS)
		end = BOOT_MS;
	return start < BOOT_MS || start > end ? BOOT_MS : start;
}

static uint64_t
end_ms(const struct expected *e)
{
	uint64_t end = e->st.last_ns / NS_PER_MS;

	return end < BOOT_MS ? BOOT_MS : end;
}

/** Nanoseconds as they are, unless the time was moved. */
static uint64_t
exact_ns(uint64_t ns, uint64_t ms)
{
	return ns / NS_PER_MS == ms ? ns : ms * NS_PER_MS;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
nat_event(const struct expected *e)
{
	uint64_t event = 1;

	if (post(e)->af == PFLOW_AF_IPV4)
		event = pre(e)->af == PFLOW_AF_IPV4 ? 4 : 6;
	return event + !(e->st.flags & PFLOW_STATE_CREATED);
}

static uint64_t
nat_type(const struct expected *e)
{
	if (pre(e)->af == PFLOW_AF_IPV4)
		return post(e)->af == PFLOW_AF_IPV4 ? 1 : 3;
	return post(e)->af == PFLOW_AF_IPV4 ? 2 : 5;
}

static uint64_t
multicast(const struct expected *e)
{
	const uint8_t *d = pre(e)->addr[e->dir ^ 1];

	if (pre(e)->af == PFLOW_AF_IPV4)
		return d[0] >= 224 && d[0] <= 239 ? 1 : 0;
	if (d[0] != 0xff)
		return 0;
	return (d[1] % 16u) * 16u + (d[1] / 16 % 2 ? 8 : 0);
}

/** The port of one end; NAT events keep no ICMP type there. */
static uint64_t
port(const struct expected *e, unsigned end)
{
	if (!is_icmp(e))
		return pre(e)->port[end];
	return end == (e->dir ^ 1u) && !e->event ? e->st.icmp[e->dir] : 0;
}

static uint64_t
number(const struct expected *e, uint16_t element)
{
	const struct pflow_state *st = &e->st;
	unsigned from = e->dir, to = from ^ 1;

	switch (element) {
	case 1:
		return st->octets[from];
	case 2:
		return st->packets[from];
	case 3:
		return 1;
	case 4:
		return st->protocol;
	case 5:
		return st->tos;
	case 6:
		return st->tcp_flags[from];
	case 7:
	case 180:
	case 182:
		return port(e, from);
	case 11:
	case 181:
	case 183:
		return port(e, to);
	case 10:
		return st->ifindex[from];
	case 14:
		return st->ifindex[to];
	case 21:
		return (uint32_t)(end_ms(e) - BOOT_MS);
	case 22:
		return (uint32_t)(start_ms(e) - BOOT_MS);
	case 32:
	case 139:
		return st->icmp[from];
	case 58:
	case 243:
		return st->vlan;
	case 60:
		return pre(e)->af;
	case 61:
		return (st->direction == PFLOW_DIR_OUT) ^ from;
	case 136:
		return st->end_reason;
	case 148:
		return st->flow_id;
	case 149:
		return w.cfg.domain_id;
	case 150:
		return (uint32_t)(start_ms(e) / 1000);
	case 151:
		return (uint32_t)(end_ms(e) / 1000);
	case 152:
		return start_ms(e);
	case 153:
		return end_ms(e);
	case 160:
		return BOOT_MS;
	case 161:
		return least(end_ms(e) - start_ms(e), UINT32_MAX);
	case 162:
		return least(end_ms(e) - start_ms(e), UINT32_MAX) * 1000 >
			UINT32_MAX
		    ? UINT32_MAX
		    : (end_ms(e) - start_ms(e)) * 1000;
	case 176:
	case 178:
		return st->icmp[from] / 256u;
	case 177:
	case 179:
		return st->icmp[from] % 256u;
	case 195:
		return st->tos / 4u;
	case 196:
		return st->tos / 32u;
	case 206:
		return multicast(e);
	case 227:
		return post(e)->port[from];
	case 228:
		return post(e)->port[to];
	case 230:
		return nat_event(e);
	case 233:
		return st->end_reason == PFLOW_END_ACTIVE ? 5 : 2;
	case 239:
		return from == 0 ? 1 : 2;
	case 297:
		return nat_type(e);
	case 323:
		return st->flags & PFLOW_STATE_CREATED ? start_ms(e)
						       : end_ms(e);
	default:
		return 0;
	}
}

static const uint8_t *
address(const struct expected *e, uint16_t element)
{
	unsigned from = e->dir, to = from ^ 1;

	switch (element) {
	case 8:
	case 27:
		return pre(e)->addr[from];
	case 12:
	case 28:
		return pre(e)->addr[to];
	case 225:
	case 281:
		return post(e)->addr[from];
	case 226:
	case 282:
		return post(e)->addr[to];
	default:
		return NULL;
	}
}

/** RFC 7011, 6.1.9 and 6.1.10: what a flooring receiver makes of it. */
static void
check_ntp(const struct pflow_decoded_field *f, uint64_t ns)
{
	uint64_t whole = f->element < 156 ? 1000000 : 1000000000;
	uint64_t frac = pflow_wire_u32(f->value + 4);

	FUZZ_CHECK(f->length == 8);
	FUZZ_CHECK(pflow_wire_u32(f->value) ==
	    (uint32_t)(ns / NS_PER_SEC + 2208988800u));
	FUZZ_CHECK((frac * whole >> 32) ==
	    ns % NS_PER_SEC / (NS_PER_SEC / whole));
	FUZZ_CHECK(f->element >= 156 || (frac & 0x7ff) == 0);
}

/** The value that the caller supplies, of any length. */
static size_t
own_value(void *arg, const struct pflow_state *st, unsigned dir,
    const struct pflow_field *field, uint8_t *out, size_t room)
{
	size_t n = (st->octets[dir] + field->element) % (room + 1), i;

	(void)arg;
	FUZZ_CHECK(field->enterprise == ENTERPRISE);
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(field->element + i + dir);
	return n;
}

static void
check_own(const struct expected *e, const struct pflow_field *want,
    const struct pflow_decoded_field *f)
{
	size_t room = want->length == 65535 ? PFLOW_VALUE_MAX : want->length;
	size_t n = (e->st.octets[e->dir] + want->element) % (room + 1), i;

	if (w.cfg.value_fn == NULL)
		n = 0;
	FUZZ_CHECK(f->length == (want->length == 65535 ? n : room));
	for (i = 0; i < f->length; i++)
		FUZZ_CHECK(f->value[i] ==
		    (i < n ? (uint8_t)(want->element + i + e->dir) : 0));
}

static uint64_t
big_endian(const struct pflow_decoded_field *f)
{
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < f->length; i++)
		v = v << 8 | f->value[i];
	return v;
}

static void
check_value(const struct expected *e, const struct pflow_field *want,
    const struct pflow_decoded_field *f)
{
	const uint8_t *addr = address(e, f->element);
	struct expected back = *e;
	uint64_t v;
	unsigned i;

	if (f->enterprise == ENTERPRISE) {
		check_own(e, want, f);
		return;
	}
	if (f->element >= 154 && f->element <= 157) {
		check_ntp(f, f->element % 2 == 0
			? exact_ns(e->st.start_ns, start_ms(e))
			: exact_ns(e->st.last_ns, end_ms(e)));
		return;
	}
	if (addr != NULL) {
		FUZZ_CHECK(memcmp(f->value, addr, f->length) == 0);
		return;
	}
	if (f->element == 210) {
		for (i = 0; i < f->length; i++)
			FUZZ_CHECK(f->value[i] == 0);
		return;
	}
	if (f->enterprise == PFLOW_REVERSE_PEN)
		back.dir ^= 1;
	v = number(&back, f->element);
	/* Bounded, never cut; flags are cut (RFC 9565). */
	if (f->length < 8 && v >> (8 * f->length) != 0)
		v = f->element == 6 ? v & 0xff
				    : (UINT64_C(1) << (8 * f->length)) - 1;
	FUZZ_CHECK(big_endian(f) == v);
}

/** The fields of the list that the state knows, and no others. */
static void
check_fields(const struct expected *e, const struct pflow_decoded_record *rec,
    const struct pflow_field *list, size_t count)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_there(e, &list[i]))
			continue;
		FUZZ_CHECK(pflow_decoded_field_next(rec, &at, &f) == PFLOW_OK);
		FUZZ_CHECK(f.element == list[i].element);
		FUZZ_CHECK(f.enterprise == list[i].enterprise);
		FUZZ_CHECK(list[i].length == 65535 ||
		    f.length == list[i].length);
		check_value(e, &list[i], &f);
	}
	FUZZ_CHECK(pflow_decoded_field_next(rec, &at, &f) == PFLOW_EOF);
}

/** Events: every field that is there is right, and those that must be are. */
static void
check_event(const struct expected *e, const struct pflow_decoded_record *rec)
{
	static const uint16_t must[] = { 323, 230, 4, 7, 11, 227, 228 };
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	unsigned found = 0, i;

	while (pflow_decoded_field_next(rec, &at, &f) == PFLOW_OK) {
		struct pflow_field want = { f.element, f.length, f.enterprise };

		check_value(e, &want, &f);
		for (i = 0; i < sizeof(must) / sizeof(must[0]); i++)
			found |= f.element == must[i] ? 1u << i : 0;
	}
	FUZZ_CHECK(found == 0x7f);
}

/* ---- what the decoder made of it ---- */

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
		FUZZ_CHECK(st->start_ns == start_ms(e) * NS_PER_MS);
		FUZZ_CHECK(st->last_ns == end_ms(e) * NS_PER_MS);
	}
	if (w.standard && w.cfg.version == 9) {
		FUZZ_CHECK((uint32_t)(st->last_ns / NS_PER_MS - end_ms(e)) ==
		    0);
		FUZZ_CHECK((uint32_t)(st->start_ns / NS_PER_MS -
			       start_ms(e)) == 0);
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
		FUZZ_CHECK(hdr->nat_event == nat_event(e));
		check_event(e, &hdr->record);
		return 0;
	}
	e = pop(&w.flows[has_shapes() && st->key[0].af == PFLOW_AF_IPV6]);
	check_fields(e, &hdr->record, w.fields, w.field_count);
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
		check_fields(pop(&w.flows[0]), &hdr->record, w.fields,
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
		e.st.protocol = 1;
		e.st.key[0].af = e.st.key[1].af = (uint8_t)af;
		for (i = 0, len = 0; i < w.field_count; i++)
			if (is_there(&e, &w.fields[i]))
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
	cfg->value_fn = (how & 128) != 0 ? own_value : NULL;
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
