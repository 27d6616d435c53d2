/* SPDX-License-Identifier: ISC */
/*
 * A source of one's own, written against <pflow/source.h> alone: it counts
 * what passes through a table of pretended hosts and gives one state each.
 * Any driver that pumps the library's sources pumps this one; here main() is
 * the driver, and an exporter the sink.
 *
 * Build: cc own_source.c $(pkg-config --cflags --libs libpflow)
 */
#include <stdio.h>
#include <stdlib.h>

#include <pflow/pflow.h>
#include <pflow/source.h>

#define HOSTS 100u

struct own_source {
	struct pflow_source base; /* first: a pointer to one is both */
	unsigned next;		  /* host that is given next */
	uint64_t given;
};

static int
own_open(struct pflow_source *src, struct pflow_now now)
{
	(void)src;
	(void)now;
	return PFLOW_OK;
}

/* Nothing to poll, always ready. */
static void
own_want(const struct pflow_source *src, struct pflow_want *out)
{
	(void)src;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
}

static void
own_state(unsigned host, struct pflow_now now, struct pflow_state *st)
{
	const uint8_t from[4] = { 10, 0, 0, (uint8_t)host };
	static const uint8_t to[4] = { 192, 0, 2, 53 };

	pflow_state_init(st);
	pflow_state_set_key(st, PFLOW_AF_IPV4, from, 5353, to, 53);
	st->protocol = 17;
	st->packets[PFLOW_FORWARD] = st->packets[PFLOW_REVERSE] = 1;
	st->octets[PFLOW_FORWARD] = 60 + host;
	st->octets[PFLOW_REVERSE] = 200;
	st->start_ns = st->last_ns = now.wall_ns;
}

/* What the sink does not take stays here and is given again. */
static int
own_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct own_source *own = (struct own_source *)src;
	struct pflow_state st;
	size_t taken;
	int rc;

	while (own->next < HOSTS) {
		if (budget-- == 0)
			return PFLOW_MORE;
		own_state(own->next, now, &st);
		rc = sink(arg, &st, 1, now, &taken);
		if (rc != PFLOW_OK)
			return rc;
		own->next++;
		own->given++;
	}
	return PFLOW_EOF;
}

static void
own_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct own_source *own = (const struct own_source *)src;
	const struct pflow_counter given = { "states", "states given out",
		own->given, PFLOW_COUNTER_INFO };

	fn(arg, &given);
}

static const char *
own_error_text(const struct pflow_source *src)
{
	(void)src;
	return "";
}

static int
own_progress(const struct pflow_source *src)
{
	const struct own_source *own = (const struct own_source *)src;

	return (int)(own->next * 1000 / HOSTS);
}

static void
own_close(struct pflow_source *src)
{
	free(src);
}

static const struct pflow_source_ops own_ops = {
	.name = "own",
	.open = own_open,
	.want = own_want,
	.pump = own_pump,
	.counters = own_counters,
	.error_text = own_error_text,
	.progress = own_progress,
	.close = own_close
};

static struct pflow_source *
own_source_new(void)
{
	struct own_source *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return NULL;
	own->base.ops = &own_ops;
	return &own->base;
}

/* The driver's half: states go into an exporter. */
static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	return pflow_exporter_feed_many(arg, states, count, now, taken);
}

static void
print_counter(void *arg, const struct pflow_counter *c)
{
	(void)arg;
	printf("%s %llu\n", c->name, (unsigned long long)c->value);
}

int
main(void)
{
	static uint8_t block[64 * 1500];
	struct pflow_now now = { 1000000000u, 1700000000u * UINT64_C(1000000000) };
	struct pflow_source *src = own_source_new();
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex;
	int rc;

	if (src == NULL || src->ops->open(src, now) != PFLOW_OK)
		return 1;
	pflow_exporter_config_init(&cfg);
	cfg.version = 10;
	rc = pflow_exporter_init(&ex, &cfg, block, sizeof(block), now);
	if (rc == PFLOW_OK) {
		do
			rc = src->ops->pump(src, now, 16, sink, &ex);
		while (rc == PFLOW_MORE);
	}
	pflow_exporter_flush(&ex, now);
	src->ops->counters(src, print_counter, NULL);
	printf("records %llu in %llu messages\n",
	    (unsigned long long)pflow_exporter_stats(&ex)->records,
	    (unsigned long long)pflow_exporter_stats(&ex)->messages);
	src->ops->close(src);
	return rc == PFLOW_EOF ? 0 : 1;
}
