/* SPDX-License-Identifier: ISC */
/*
 * Netlink messages by hand, for the tests of conntrack: a writer of its own,
 * so that it shares no mistake with the decoder.
 */
#ifndef PFLOW_TEST_CONNTRACK_WRITER_H
#define PFLOW_TEST_CONNTRACK_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CT_NEW 0x0100
#define CT_DESTROY 0x0102
#define CT_F_NEW 0x0600 /* NLM_F_CREATE | NLM_F_EXCL */
#define CT_F_MULTI 0x0002

struct nlw {
	uint8_t buf[65536];
	size_t len;
	size_t msg;	 /* where the message begins */
	size_t nest[8];
	unsigned depth;
};

static inline void
nlw_raw(struct nlw *w, const void *data, size_t len)
{
	memcpy(w->buf + w->len, data, len);
	w->len += len;
}

static inline void
nlw_host16(struct nlw *w, uint16_t v)
{
	nlw_raw(w, &v, sizeof(v));
}

static inline void
nlw_host32(struct nlw *w, uint32_t v)
{
	nlw_raw(w, &v, sizeof(v));
}

static inline void
nlw_pad(struct nlw *w)
{
	while (w->len % 4 != 0)
		w->buf[w->len++] = 0;
}

/** Begin a message without a body. */
static inline void
nlw_head(struct nlw *w, uint16_t type, uint16_t flags, uint32_t seq,
    uint32_t portid)
{
	w->msg = w->len;
	nlw_host32(w, 0);
	nlw_host16(w, type);
	nlw_host16(w, flags);
	nlw_host32(w, seq);
	nlw_host32(w, portid);
}

/** Begin a message of nfnetlink: family, version, resource id. */
static inline void
nlw_begin(struct nlw *w, uint16_t type, uint16_t flags, uint32_t seq,
    uint32_t portid)
{
	static const uint8_t nfgen[4] = { 2, 0, 0, 0 };

	nlw_head(w, type, flags, seq, portid);
	nlw_raw(w, nfgen, sizeof(nfgen));
}

static inline void
nlw_finish(struct nlw *w)
{
	uint32_t len = (uint32_t)(w->len - w->msg);

	memcpy(w->buf + w->msg, &len, sizeof(len));
	nlw_pad(w);
}

static inline void
nlw_attr(struct nlw *w, uint16_t type, const void *data, size_t len)
{
	nlw_host16(w, (uint16_t)(len + 4));
	nlw_host16(w, type);
	nlw_raw(w, data, len);
	nlw_pad(w);
}

static inline void
nlw_uint(struct nlw *w, uint16_t type, unsigned octets, uint64_t v)
{
	uint8_t be[8];
	unsigned i;

	for (i = 0; i < octets; i++)
		be[i] = (uint8_t)(v >> 8 * (octets - 1 - i));
	nlw_attr(w, type, be, octets);
}

static inline void
nlw_nest(struct nlw *w, uint16_t type)
{
	w->nest[w->depth++] = w->len;
	nlw_host16(w, 0);
	nlw_host16(w, (uint16_t)(type | 0x8000));
}

static inline void
nlw_unnest(struct nlw *w)
{
	size_t at = w->nest[--w->depth];
	uint16_t len = (uint16_t)(w->len - at);

	memcpy(w->buf + at, &len, sizeof(len));
}

/** What a test wants to be told of a flow. 0 and NULL: left out. */
struct ct_spec {
	uint16_t type, flags;
	uint32_t seq, portid;
	bool v6;
	uint8_t proto;
	const char *src, *dst;	       /* original tuple: 4 or 16 octets */
	const char *reply_src, *reply_dst; /* NULL: dst and src */
	uint16_t sport, dport;
	uint16_t reply_sport, reply_dport; /* 0: dport and sport */
	uint16_t icmp_id;
	uint8_t icmp_type, icmp_code;
	uint32_t id, mark, status;
	uint16_t zone;
	bool counters;
	uint64_t packets[2], octets[2];
	uint64_t start_ns, stop_ns, event_ns;
	uint32_t timeout_s;
	uint8_t tcp_state;
	int label; /* bit + 1 */
};

static inline void
nlw_ip(struct nlw *w, const struct ct_spec *s, const char *src,
    const char *dst)
{
	size_t n = s->v6 ? 16 : 4;

	nlw_nest(w, 1);
	nlw_attr(w, s->v6 ? 3 : 1, src, n);
	nlw_attr(w, s->v6 ? 4 : 2, dst, n);
	nlw_unnest(w);
}

static inline void
nlw_proto(struct nlw *w, const struct ct_spec *s, bool reply)
{
	uint16_t first = s->proto == 58 ? 7 : 4;

	nlw_nest(w, 2);
	nlw_uint(w, 1, 1, s->proto);
	if (s->proto == 1 || s->proto == 58) {
		uint8_t type = s->icmp_type;

		if (reply)
			type = type == 8 ? 0 : type == 128 ? 129 : type;
		nlw_uint(w, first, 2, s->icmp_id);
		nlw_uint(w, (uint16_t)(first + 1), 1, type);
		nlw_uint(w, (uint16_t)(first + 2), 1, s->icmp_code);
	} else {
		uint16_t back = s->reply_sport ? s->reply_sport : s->dport;
		uint16_t to = s->reply_dport ? s->reply_dport : s->sport;

		nlw_uint(w, 2, 2, reply ? back : s->sport);
		nlw_uint(w, 3, 2, reply ? to : s->dport);
	}
	nlw_unnest(w);
}

static inline void
nlw_tuples(struct nlw *w, const struct ct_spec *s)
{
	nlw_nest(w, 1);
	nlw_ip(w, s, s->src, s->dst);
	nlw_proto(w, s, false);
	nlw_unnest(w);
	nlw_nest(w, 2);
	nlw_ip(w, s, s->reply_src ? s->reply_src : s->dst,
	    s->reply_dst ? s->reply_dst : s->src);
	nlw_proto(w, s, true);
	nlw_unnest(w);
}

static inline void
nlw_counters(struct nlw *w, const struct ct_spec *s)
{
	uint16_t d;

	for (d = 0; s->counters && d < 2; d++) {
		nlw_nest(w, (uint16_t)(9 + d));
		nlw_uint(w, 1, 8, s->packets[d]);
		nlw_uint(w, 2, 8, s->octets[d]);
		nlw_unnest(w);
	}
}

static inline void
nlw_times(struct nlw *w, const struct ct_spec *s)
{
	if (s->start_ns != 0) {
		nlw_nest(w, 20);
		nlw_uint(w, 1, 8, s->start_ns);
		if (s->stop_ns != 0)
			nlw_uint(w, 2, 8, s->stop_ns);
		nlw_unnest(w);
	}
	if (s->event_ns != 0)
		nlw_uint(w, 27, 8, s->event_ns);
}

static inline void
nlw_labels(struct nlw *w, int bit)
{
	unsigned long words[16 / sizeof(unsigned long)] = { 0 };
	unsigned long bits = 8 * sizeof(unsigned long);

	words[(unsigned)bit / bits] |= 1ul << (unsigned)bit % bits;
	nlw_attr(w, 22, words, sizeof(words));
}

/** One whole message in the order in which the kernel writes it. */
static inline void
nlw_flow(struct nlw *w, const struct ct_spec *s)
{
	nlw_begin(w, s->type, s->flags, s->seq, s->portid);
	nlw_tuples(w, s);
	if (s->zone != 0)
		nlw_uint(w, 18, 2, s->zone);
	nlw_uint(w, 12, 4, s->id);
	nlw_uint(w, 3, 4, s->status);
	if (s->timeout_s != 0)
		nlw_uint(w, 7, 4, s->timeout_s);
	nlw_counters(w, s);
	nlw_times(w, s);
	if (s->tcp_state != 0) {
		nlw_nest(w, 4);
		nlw_nest(w, 1);
		nlw_uint(w, 1, 1, s->tcp_state);
		nlw_unnest(w);
		nlw_unnest(w);
	}
	if (s->label != 0)
		nlw_labels(w, s->label - 1);
	if (s->mark != 0)
		nlw_uint(w, 8, 4, s->mark);
	nlw_finish(w);
}

#endif /* PFLOW_TEST_CONNTRACK_WRITER_H */
