/* SPDX-License-Identifier: ISC */
/*
 * What a record ought to say, worked out from its state by the registry and
 * the RFCs alone, with nothing of the encoder's.
 */
#include "planned.h"

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

int
expected_has(const struct expected *e, const struct pflow_field *f)
{
	if (f->enterprise == PFLOW_REVERSE_PEN)
		return e->biflow;
	if (f->enterprise != 0)
		return 1;
	/* pflow(4)'s fields are always there, but for the other family. */
	if (e->standard && f->element != 8 && f->element != 12 &&
	    f->element != 27 && f->element != 28 && f->element != 239)
		return 1;
	return knows(e, f->element);
}

uint64_t
expected_start_ms(const struct expected *e)
{
	uint64_t start = e->st.start_ns / NS_PER_MS;
	uint64_t end = e->st.last_ns / NS_PER_MS;

	if (end < BOOT_MS)
		end = BOOT_MS;
	return start < BOOT_MS || start > end ? BOOT_MS : start;
}

uint64_t
expected_end_ms(const struct expected *e)
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

uint64_t
expected_nat_event(const struct expected *e)
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
		return (uint32_t)(expected_end_ms(e) - BOOT_MS);
	case 22:
		return (uint32_t)(expected_start_ms(e) - BOOT_MS);
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
		return e->cfg->domain_id;
	case 150:
		return (uint32_t)(expected_start_ms(e) / 1000);
	case 151:
		return (uint32_t)(expected_end_ms(e) / 1000);
	case 152:
		return expected_start_ms(e);
	case 153:
		return expected_end_ms(e);
	case 160:
		return BOOT_MS;
	case 161:
		return least(expected_end_ms(e) - expected_start_ms(e), UINT32_MAX);
	case 162:
		return least(expected_end_ms(e) - expected_start_ms(e), UINT32_MAX) * 1000 >
			UINT32_MAX
		    ? UINT32_MAX
		    : (expected_end_ms(e) - expected_start_ms(e)) * 1000;
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
		return expected_nat_event(e);
	case 233:
		return st->end_reason == PFLOW_END_ACTIVE ? 5 : 2;
	case 239:
		return from == 0 ? 1 : 2;
	case 297:
		return nat_type(e);
	case 323:
		return st->flags & PFLOW_STATE_CREATED ? expected_start_ms(e)
						       : expected_end_ms(e);
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

size_t
expected_own_value(void *arg, const struct pflow_state *st, unsigned dir,
    const struct pflow_field *field, uint8_t *out, size_t room)
{
	size_t n = (size_t)((st->octets[dir] + field->element) % (room + 1)), i;

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
	size_t n = (size_t)((e->st.octets[e->dir] + want->element) %
	    (room + 1)), i;

	if (e->cfg->value_fn == NULL)
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
			? exact_ns(e->st.start_ns, expected_start_ms(e))
			: exact_ns(e->st.last_ns, expected_end_ms(e)));
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

void
expected_check(const struct expected *e, const struct pflow_decoded_record *rec,
    const struct pflow_field *list, size_t count)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!expected_has(e, &list[i]))
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

void
expected_check_event(const struct expected *e, const struct pflow_decoded_record *rec)
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
