/* SPDX-License-Identifier: ISC */
/*
 * A transport of your own: one message a line in hexadecimal, as text2pcap(1)
 * of Wireshark reads it:
 *
 *   own_transport | text2pcap -u 40000,4739 - flows.pcap
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/pflow.h>
#include <pflow/transport.h>

struct hex {
	struct pflow_transport base; /* always first */
	FILE *out;
	uint64_t messages;
	const char *error;
};

static int
hex_open(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	t->generation = 1; /* the one session there is has begun */
	return PFLOW_OK;
}

static int
hex_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct hex *h = (struct hex *)t;
	uint32_t i;

	(void)now;
	for (*sent = 0; *sent < count; ++*sent) {
		fputs("000000", h->out);
		for (i = 0; i < msgs[*sent].len; i++)
			fprintf(h->out, " %02x", msgs[*sent].data[i]);
		fputc('\n', h->out);
		if (ferror(h->out)) {
			h->error = "hex: can not write";
			return PFLOW_ERR_CLOSED;
		}
		h->messages++;
	}
	return PFLOW_OK;
}

static int
hex_service(struct pflow_transport *t, struct pflow_now now)
{
	struct hex *h = (struct hex *)t;

	(void)now;
	return h->error[0] == '\0' ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}

static void
hex_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1; /* it never says AGAIN: nothing to wait for */
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
}

static void
hex_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct hex *h = (const struct hex *)t;
	struct pflow_counter c = {
	    "sent_messages", "lines written", h->messages, PFLOW_COUNTER_INFO};

	fn(arg, &c);
}

static const char *
hex_error_text(const struct pflow_transport *t)
{
	return ((const struct hex *)t)->error;
}

static void
hex_close(struct pflow_transport *t)
{
	free(t);
}

static const struct pflow_transport_ops hex_ops = {.name = "hex",
    .nature = PFLOW_TRANSPORT_FILE,
    .open = hex_open,
    .send = hex_send,
    .service = hex_service,
    .want = hex_want,
    .counters = hex_counters,
    .error_text = hex_error_text,
    .close = hex_close};

static struct pflow_transport *
hex_new(FILE *out)
{
	struct hex *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->base.ops = &hex_ops;
	h->out = out;
	h->error = "";
	return &h->base;
}

/** One TCP connection, seen both ways. */
static void
example_state(struct pflow_state *st, uint16_t sport, struct pflow_now now)
{
	static const uint8_t src[4] = {192, 0, 2, 1};
	static const uint8_t dst[4] = {198, 51, 100, 2};

	pflow_state_init(st);
	pflow_state_set_key(st, PFLOW_AF_IPV4, src, sport, dst, 443);
	st->protocol = 6;
	st->packets[PFLOW_FORWARD] = 10;
	st->octets[PFLOW_FORWARD] = 1500;
	st->packets[PFLOW_REVERSE] = 12;
	st->octets[PFLOW_REVERSE] = 9000;
	st->start_ns = now.wall_ns - 2000000000u;
	st->last_ns = now.wall_ns;
}

int
main(void)
{
	static uint8_t block[16384];
	struct pflow_now now = {
	    .mono_ns = 60000000000u, .wall_ns = 1700000000000000000u};
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex;
	struct pflow_message msgs[8];
	struct pflow_state st;
	struct pflow_transport *t = hex_new(stdout);
	size_t count, sent;

	if (t == NULL || t->ops->open(t, now) != PFLOW_OK)
		return 1;
	pflow_exporter_config_init(&cfg);
	cfg.version = 10;
	cfg.nature = t->ops->nature;
	cfg.overhead = t->overhead;
	if (pflow_exporter_init(&ex, &cfg, block, sizeof(block), now) !=
	    PFLOW_OK)
		return 1;
	example_state(&st, 49152, now);
	pflow_exporter_feed(&ex, &st, now);
	example_state(&st, 49153, now);
	pflow_exporter_feed(&ex, &st, now);
	pflow_exporter_flush(&ex, now);
	while ((count = pflow_exporter_pending(&ex, msgs, 8)) > 0) {
		if (t->ops->send(t, msgs, count, &sent, now) != PFLOW_OK) {
			fprintf(stderr, "%s\n", t->ops->error_text(t));
			return 1;
		}
		pflow_exporter_ack(&ex, sent);
	}
	t->ops->close(t);
	return 0;
}
