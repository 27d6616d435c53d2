/* SPDX-License-Identifier: ISC */
/* One part of a source of packets: a flow table behind a ring. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "sources/pcap_spread.h"

/** Packets that one pump() accounts, whether or not they give states. */
#define PACKETS_A_PUMP 16384u

/** So often the other threads are let go first, before this one sleeps. */
#define PATIENCE 32

enum phase { READING, FLUSHING, DONE };

struct part {
	struct pflow_source src;
	enum phase phase;
	int end; /**< what pump() returns when all was given */
	unsigned index;
	bool asleep;		 /**< want is what to wait for */
	struct pflow_want want;
	struct pflow_now now;	 /**< of the last pump() */
	struct pflowi_spread *spread;
	char text[600];
	struct pflowi_account account;
};

static struct part *
of(struct pflow_source *src)
{
	return (struct part *)(void *)src;
}

static const struct part *
of_const(const struct pflow_source *src)
{
	return (const struct part *)(const void *)src;
}

static int
part_open(struct pflow_source *src, struct pflow_now now)
{
	struct part *p = of(src);
	struct pflow_source *reader = p->spread->reader;

	p->now = now;
	if (p->spread->opened == PFLOW_MORE)
		p->spread->opened = reader->ops->open(reader, now);
	if (p->spread->opened != PFLOW_OK)
		snprintf(p->text, sizeof(p->text), "%s",
		    reader->ops->error_text(reader));
	return p->spread->opened;
}

/** When the wheel turns next, on the clock drivers wait by. */
static uint64_t
table_deadline(const struct part *p)
{
	uint64_t due = p->spread->ops->live
	    ? pflowi_flow_table_due(&p->account.table) : PFLOW_NEVER;

	if (due == PFLOW_NEVER)
		return PFLOW_NEVER;
	return pflowi_time_add(p->now.mono_ns,
	    pflowi_time_sub(due, p->now.wall_ns));
}

static void
part_want(const struct pflow_source *src, struct pflow_want *out)
{
	const struct part *p = of_const(src);
	size_t waiting;

	pflowi_flow_table_ready(&p->account.table, &waiting);
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = 0;
	if (p->phase == DONE && waiting == 0)
		out->deadline_ns = PFLOW_NEVER;
	if (p->phase != READING || waiting != 0 || !p->asleep)
		return;
	*out = p->want;
	out->deadline_ns = pflowi_min_u64(out->deadline_ns,
	    table_deadline(p));
}

/** What waits in the ring, as far as there is room for its reports. */
static size_t
settle(struct part *p)
{
	struct pflowi_flow_table *ft = &p->account.table;
	size_t count, n = 0;
	struct pflowi_packet *pk = pflowi_spread_ready(p->spread, p->index,
	    &count);

	if (count == 0)
		return 0;
	p->account.first_ns = p->spread->first_ns;
	if (count > PFLOWI_SPREAD_CHUNK)
		count = PFLOWI_SPREAD_CHUNK;
	if (pk->af == 0) {
		n = pflowi_flow_table_follow(ft, pk->time_ns);
	} else {
		while (n < count && pk[n].af != 0)
			n++;
		n = pflowi_flow_table_add(ft, pk, n);
	}
	if (n != 0)
		pflowi_spread_taken(p->spread, p->index, n);
	return count;
}

/** As pflowi_spread_read(). Of the parts, one sees how the input ended. */
static int
read_more(struct part *p)
{
	int rc = pflowi_spread_read(p->spread, p->index, &p->account, p->now,
	    &p->want, p->text, sizeof(p->text));

	if (rc != PFLOW_OK && rc != PFLOW_ERR_AGAIN)
		p->end = rc;
	return rc;
}

/** Nothing to do: wait a little, then sleep. false: there is something. */
static bool
fall_asleep(struct part *p)
{
	size_t count;
	int i;

	for (i = 0; i < PATIENCE && p->want.fd == -1; i++) {
		(void)sched_yield();
		pflowi_spread_ready(p->spread, p->index, &count);
		if (count != 0 || pflowi_spread_has_ended(p->spread))
			return false;
		if (read_more(p) != PFLOW_ERR_AGAIN)
			return false;
	}
	p->asleep = pflowi_spread_sleep(p->spread, p->index, &p->want);
	return p->asleep;
}

/** Read and account. @return false: there is nothing to do now */
static bool
work(struct part *p, size_t *packets)
{
	size_t n;
	int rc = read_more(p);

	n = settle(p);
	*packets += n;
	if (n != 0 || rc == PFLOW_OK)
		return true;
	if (!pflowi_spread_has_ended(p->spread))
		return false;
	/* What was put in before it ended is seen now. */
	pflowi_spread_ready(p->spread, p->index, &n);
	if (n == 0)
		p->phase = FLUSHING;
	return true;
}

static int
part_pump(struct pflow_source *src, struct pflow_now now, unsigned budget,
    pflow_sink_fn *sink, void *arg)
{
	struct part *p = of(src);
	struct pflowi_account *a = &p->account;
	bool live = p->spread->ops->live;
	size_t packets = 0, waiting;
	int rc;

	p->now = now;
	p->asleep = false;
	pflowi_spread_awake(p->spread, p->index);
	for (;;) {
		rc = pflowi_account_give(a, live ? now : pflowi_account_now(a),
		    &budget, sink, arg);
		/* Others may have left it to this part to read on. */
		if (rc == PFLOW_ERR_AGAIN)
			pflowi_spread_wake(p->spread);
		if (rc != PFLOW_OK)
			return rc;
		if (p->phase == FLUSHING) {
			if (pflowi_flow_table_flush(&a->table))
				p->phase = DONE;
			continue;
		}
		if (p->phase == DONE)
			return p->end;
		if (packets >= PACKETS_A_PUMP)
			return PFLOW_MORE;
		if (work(p, &packets))
			continue;
		if (live && !pflowi_flow_table_advance(&a->table, now.wall_ns))
			continue;
		pflowi_flow_table_ready(&a->table, &waiting);
		if (waiting == 0 && fall_asleep(p))
			return PFLOW_OK;
	}
}

static void
part_finish(struct pflow_source *src, struct pflow_now now)
{
	struct part *p = of(src);

	p->now = now;
	p->asleep = false;
	pflowi_spread_stop(p->spread);
}

static void
part_counters(const struct pflow_source *src, pflow_counter_fn *fn, void *arg)
{
	const struct part *p = of_const(src);

	pflowi_account_counters(&p->account, p->index == 0, fn, arg);
	if (p->index != 0)
		return;
	pflowi_spread_lock(p->spread);
	p->spread->ops->counters(p->spread->reader, fn, arg);
	pflowi_spread_unlock(p->spread);
}

static const char *
part_error_text(const struct pflow_source *src)
{
	return of_const(src)->text;
}

static int
part_progress(const struct pflow_source *src)
{
	return atomic_load_explicit(&of_const(src)->spread->permille,
	    memory_order_relaxed);
}

static void
part_close(struct pflow_source *src)
{
	struct part *p = of(src);

	pflowi_account_fini(&p->account);
	pflowi_spread_release(p->spread);
	free(p);
}

static const struct pflow_source_ops part_ops = {
	.name = "pcap",
	.open = part_open,
	.want = part_want,
	.pump = part_pump,
	.finish = part_finish,
	.counters = part_counters,
	.error_text = part_error_text,
	.progress = part_progress,
	.close = part_close,
};

static int
new_part(struct pflowi_spread *sp, unsigned index,
    const struct pflow_source_config *cfg, struct pflow_source **out,
    char *err, size_t err_len)
{
	struct part *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL) {
		snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	rc = pflowi_account_init(&p->account, cfg, err, err_len);
	if (rc != PFLOW_OK) {
		pflowi_account_fini(&p->account);
		free(p);
		return rc;
	}
	p->src.ops = &part_ops;
	p->end = PFLOW_EOF;
	p->index = index;
	p->spread = sp;
	p->want.fd = -1;
	*out = &p->src;
	return PFLOW_OK;
}

int
pflowi_parts_new(const struct pflowi_spread_ops *ops,
    struct pflow_source *reader, const struct pflow_source_config *cfg,
    struct pflow_source **out, size_t parts, char *err, size_t err_len)
{
	struct pflow_source_config each = *cfg;
	struct pflowi_spread *sp;
	unsigned i;
	int rc;

	rc = pflowi_spread_new(&sp, ops, reader, (unsigned)parts, cfg->idle_ns,
	    err, err_len);
	if (rc != PFLOW_OK)
		return rc;
	each.memory_limit = cfg->memory_limit / parts;
	for (i = 0; i < parts && rc == PFLOW_OK; i++)
		rc = new_part(sp, i, &each, &out[i], err, err_len);
	if (rc == PFLOW_OK)
		return rc;
	for (i = 0; i < parts; i++) {
		if (out[i] != NULL)
			part_close(out[i]);
		else
			pflowi_spread_release(sp);
		out[i] = NULL;
	}
	return rc;
}
