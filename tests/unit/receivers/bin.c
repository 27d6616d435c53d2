/* SPDX-License-Identifier: ISC */
#include "bin.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bin *
bin(struct pflow_transport *t)
{
	return (struct bin *)t;
}

static int
b_open(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	t->generation = bin(t)->blocked ? 0 : 1;
	return bin(t)->open_status;
}

static int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct bin *b = arg;

	(void)hdr;
	b->states++;
	b->octets[0] += st->octets[0];
	return 0;
}

static int
b_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct bin *b = bin(t);

	(void)now;
	*sent = 0;
	if (b->closes) {
		b->closes = false;
		b->head_len = 0;
		return PFLOW_ERR_CLOSED;
	}
	/* The contract: the same head, with the same octets. */
	if (b->head_len > 0) {
		ck_assert_uint_eq(msgs[0].len, b->head_len);
		ck_assert_mem_eq(msgs[0].data, b->head, b->head_len);
	}
	if (b->blocked) {
		if (b->half) {
			b->head_len = msgs[0].len;
			memcpy(b->head, msgs[0].data, b->head_len);
		}
		return PFLOW_ERR_AGAIN;
	}
	b->head_len = 0;
	for (; *sent < count; ++*sent) {
		ck_assert_int_eq(
		    pflow_decoder_message(&b->decoder, msgs[*sent].data,
			msgs[*sent].len, take, b),
		    PFLOW_OK);
		b->messages++;
	}
	return PFLOW_OK;
}

static int
b_service(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	if (t->generation == 0 && !bin(t)->blocked)
		t->generation = 1;
	return PFLOW_OK;
}

static void
b_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
}

static const char *
b_error_text(const struct pflow_transport *t)
{
	(void)t;
	return "bin: refuses to open";
}

static void
b_close(struct pflow_transport *t)
{
	++*bin(t)->closed;
	free(t);
}

struct bin *
bin_new(enum pflow_transport_nature nature, unsigned *closed)
{
	struct bin *b = calloc(1, sizeof(*b));

	ck_assert_ptr_nonnull(b);
	b->ops = (struct pflow_transport_ops){.name = "bin",
	    .nature = nature,
	    .open = b_open,
	    .send = b_send,
	    .service = b_service,
	    .want = b_want,
	    .error_text = b_error_text,
	    .close = b_close};
	b->base.ops = &b->ops;
	b->closed = closed;
	pflow_decoder_init(&b->decoder, b->store, sizeof(b->store));
	return b;
}
