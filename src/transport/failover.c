/* SPDX-License-Identifier: ISC */
#include <pflow/failover.h>

#include <stdlib.h>
#include <string.h>

#include "transport/tally.h"
#include "transport/transport.h"
#include "transport/udp.h"

/** A transport has one descriptor to wait for, that of the active child: the
 *  others are looked after by the clock, faster while they connect. */
#define LOOK_IDLE_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)
#define LOOK_BUSY_NS (UINT64_C(20) * PFLOWI_NS_PER_MS)
/** Half of udp's time of quiet: a dead one stays known as dead. */
#define PROBE_NS (PFLOWI_UDP_QUIET_NS / 2)

struct child {
	struct pflow_transport *t;
	uint32_t generation; /**< of the session that was seen last */
	uint32_t refreshes;
	uint64_t up_since_ns; /**< PFLOW_NEVER: it is not up */
	uint64_t waiting_ns;  /**< neither up nor down since; PFLOW_NEVER */
	uint64_t probe_ns;    /**< when to ask again */
	bool hopeless;	      /**< PFLOW_ERR_SYSTEM */
};

struct failover {
	struct pflow_transport base;
	struct pflow_transport_ops ops; /**< nature is that of the children */
	struct pflow_failover_config cfg;
	struct child child[PFLOW_FAILOVER_MAX];
	size_t count;
	size_t active; /**< count: none */
	bool told;     /**< the driver knows that the session ended */
	bool in_order; /**< how the last one ended */
	uint64_t look_ns;
	uint64_t n_switches;
	uint64_t n_returns;
	char error[PFLOWI_ERROR_MAX];
};

static struct failover *
self(struct pflow_transport *t)
{
	return (struct failover *)t;
}

static const struct failover *
const_self(const struct pflow_transport *t)
{
	return (const struct failover *)t;
}

void
pflow_failover_config_init(struct pflow_failover_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->grace_ns = UINT64_C(3) * PFLOWI_NS_PER_SEC;
	cfg->return_ns = UINT64_C(5) * PFLOWI_NS_PER_SEC;
}

static void
get_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	memset(out, 0, sizeof(*out));
	out->in_order = true;
	if (t->ops->progress != NULL)
		t->ops->progress(t, out);
}

/** Is it up, down, or does nobody know yet? */
static void
look_at(struct child *c, struct pflow_now now)
{
	struct pflow_progress progress;
	int rc = c->t->ops->service(c->t, now);

	get_progress(c->t, &progress);
	c->hopeless = rc == PFLOW_ERR_SYSTEM;
	if (rc != PFLOW_OK || progress.down)
		c->up_since_ns = PFLOW_NEVER;
	else if (c->up_since_ns == PFLOW_NEVER)
		c->up_since_ns = now.mono_ns;
	if (rc == PFLOW_OK || progress.down || c->hopeless)
		c->waiting_ns = PFLOW_NEVER;
	else if (c->waiting_ns == PFLOW_NEVER)
		c->waiting_ns = now.mono_ns;
	if (progress.down && now.mono_ns >= c->probe_ns &&
	    pflowi_udp_probe(c->t, now))
		c->probe_ns = pflowi_time_add(now.mono_ns, PROBE_NS);
}

/** May this one have the messages, as far as it goes itself? */
static bool
is_ready(const struct failover *f, const struct child *c, struct pflow_now now)
{
	if (c->up_since_ns == PFLOW_NEVER)
		return false;
	return f->active == f->count ||
	    pflowi_time_sub(now.mono_ns, c->up_since_ns) >= f->cfg.return_ns;
}

/** A better one that may still come up is waited for. */
static bool
is_awaited(
    const struct failover *f, const struct child *c, struct pflow_now now)
{
	return c->waiting_ns != PFLOW_NEVER &&
	    pflowi_time_sub(now.mono_ns, c->waiting_ns) < f->cfg.grace_ns;
}

static size_t
choose(const struct failover *f, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < f->active; i++) {
		if (is_ready(f, &f->child[i], now))
			return i;
		if (f->active == f->count && is_awaited(f, &f->child[i], now))
			return f->count;
	}
	return f->active;
}

static void
leave(struct failover *f, struct pflow_now now)
{
	struct child *c = &f->child[f->active];
	struct pflow_progress progress;

	/* When it is needed again it begins with a session of its own. */
	if (c->up_since_ns != PFLOW_NEVER && c->t->ops->restart != NULL)
		c->t->ops->restart(c->t, now);
	get_progress(c->t, &progress);
	f->in_order = progress.in_order;
}

static void
switch_to(struct failover *f, size_t to, struct pflow_now now)
{
	struct child *c;

	if (f->active < f->count) {
		f->n_returns++;
		leave(f, now);
	}
	f->active = to;
	c = &f->child[to];
	c->generation = c->t->generation;
	c->refreshes = c->t->refreshes;
	f->base.generation++;
	f->n_switches++;
	f->told = true;
}

/** The active one is down: nobody has the messages now. */
static void
lose_active(struct failover *f, struct pflow_now now)
{
	struct child *c = &f->child[f->active];

	pflowi_say(f->error, sizeof(f->error),
	    "receiver %zu of %zu is down: %.*s", f->active + 1, f->count,
	    (int)sizeof(f->error) - 64, c->t->ops->error_text(c->t));
	leave(f, now);
	f->active = f->count;
	f->told = false;
}

/** What the active child learned is ours. */
static void
follow(struct failover *f, struct pflow_now now)
{
	struct child *c = &f->child[f->active];

	if (f->active == f->count)
		return;
	if (c->up_since_ns == PFLOW_NEVER) {
		lose_active(f, now);
		return;
	}
	f->base.message_limit = c->t->message_limit;
	if (c->t->generation != c->generation) {
		c->generation = c->t->generation;
		f->base.generation++;
	}
	if (c->t->refreshes != c->refreshes) {
		c->refreshes = c->t->refreshes;
		f->base.refreshes++;
	}
}

static int
failover_service(struct pflow_transport *t, struct pflow_now now)
{
	struct failover *f = self(t);
	bool hopeless = true, busy = false;
	size_t i, to;

	for (i = 0; i < f->count; i++) {
		look_at(&f->child[i], now);
		hopeless = hopeless && f->child[i].hopeless;
		busy = busy || f->child[i].waiting_ns != PFLOW_NEVER;
	}
	follow(f, now);
	to = choose(f, now);
	if (to != f->active) {
		switch_to(f, to, now);
		follow(f, now);
	}
	f->look_ns =
	    pflowi_time_add(now.mono_ns, busy ? LOOK_BUSY_NS : LOOK_IDLE_NS);
	if (f->active < f->count)
		return PFLOW_OK;
	return hopeless ? PFLOW_ERR_SYSTEM : PFLOW_ERR_AGAIN;
}

static int
failover_open(struct pflow_transport *t, struct pflow_now now)
{
	struct failover *f = self(t);
	size_t i;
	int rc;

	for (i = 0; i < f->count; i++) {
		struct pflow_transport *c = f->child[i].t;

		rc = c->ops->open(c, now);
		if (rc != PFLOW_OK) {
			pflowi_say(f->error, sizeof(f->error), "%s",
			    c->ops->error_text(c));
			return rc;
		}
		if (c->overhead > t->overhead)
			t->overhead = c->overhead;
	}
	(void)failover_service(t, now);
	return PFLOW_OK;
}

static int
failover_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct failover *f = self(t);
	struct pflow_transport *c;
	int rc = f->told ? PFLOW_ERR_AGAIN : PFLOW_ERR_CLOSED;

	*sent = 0;
	f->told = true;
	if (f->active == f->count)
		return rc;
	c = f->child[f->active].t;
	rc = c->ops->send(c, msgs, count, sent, now);
	if (rc == PFLOW_ERR_CLOSED) {
		f->child[f->active].up_since_ns = PFLOW_NEVER;
		lose_active(f, now);
		f->told = true;
	}
	return rc;
}

static void
failover_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct failover *f = const_self(t);
	struct pflow_want want;
	size_t i;

	out->fd = -1;
	out->events = 0;
	out->deadline_ns = f->look_ns;
	for (i = 0; i < f->count; i++) {
		f->child[i].t->ops->want(f->child[i].t, &want);
		if (i == f->active) {
			out->fd = want.fd;
			out->events = want.events;
		}
		out->deadline_ns =
		    pflowi_min_u64(out->deadline_ns, want.deadline_ns);
	}
}

static void
failover_counters(
    const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct failover *f = const_self(t);
	struct pflowi_tally tally;
	size_t i;

	tally.count = 0;
	for (i = 0; i < f->count; i++)
		pflowi_tally_add(&tally, f->child[i].t);
	pflowi_tally_tell(&tally, fn, arg);
	pflowi_tell(fn, arg, "failover_switches",
	    "times another receiver got the messages", f->n_switches,
	    PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "failover_returns",
	    "times a better one took over again", f->n_returns,
	    PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "failover_active",
	    "which receiver has the messages; 0: none",
	    f->active == f->count ? 0 : f->active + 1, PFLOW_COUNTER_GAUGE);
}

static const char *
failover_error_text(const struct pflow_transport *t)
{
	const struct failover *f = const_self(t);
	const struct pflow_transport *first = f->child[0].t;

	return f->error[0] != '\0' ? f->error : first->ops->error_text(first);
}

static void
failover_close(struct pflow_transport *t)
{
	struct failover *f = self(t);
	size_t i;

	for (i = 0; i < f->count; i++)
		f->child[i].t->ops->close(f->child[i].t);
	free(f);
}

static void
failover_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	struct failover *f = self(t);

	memset(out, 0, sizeof(*out));
	out->in_order = f->in_order;
	out->down = f->active == f->count;
	if (f->active < f->count)
		get_progress(f->child[f->active].t, out);
}

static void
failover_restart(struct pflow_transport *t, struct pflow_now now)
{
	struct failover *f = self(t);
	struct pflow_transport *c;

	if (f->active == f->count)
		return;
	c = f->child[f->active].t;
	if (c->ops->restart != NULL)
		c->ops->restart(c, now);
}

static const struct pflow_transport_ops failover_ops = {
    .name = "failover",
    .open = failover_open,
    .send = failover_send,
    .service = failover_service,
    .want = failover_want,
    .counters = failover_counters,
    .error_text = failover_error_text,
    .close = failover_close,
    .progress = failover_progress,
    .restart = failover_restart,
};

static enum pflow_transport_nature
common_nature(struct pflow_transport *const *children, size_t count)
{
	enum pflow_transport_nature nature = children[0]->ops->nature;
	size_t i;

	for (i = 1; i < count; i++) {
		if (children[i]->ops->nature == nature)
			continue;
		if (nature == PFLOW_TRANSPORT_DATAGRAM ||
		    children[i]->ops->nature == PFLOW_TRANSPORT_DATAGRAM)
			nature = PFLOW_TRANSPORT_DATAGRAM;
		else
			nature = PFLOW_TRANSPORT_STREAM;
	}
	return nature;
}

int
pflow_failover_create(struct pflow_transport *const *children, size_t count,
    const struct pflow_failover_config *cfg, struct pflow_transport **out,
    char *err, size_t err_len)
{
	struct failover *f;
	size_t i;

	*out = NULL;
	if (count < 1 || count > PFLOW_FAILOVER_MAX ||
	    (cfg != NULL && cfg->struct_size != sizeof(*cfg))) {
		pflowi_say(err, err_len,
		    "failover: %zu receivers, expected 1 to %d, and settings "
		    "that begin with pflow_failover_config_init()",
		    count, PFLOW_FAILOVER_MAX);
		return PFLOW_ERR_INVALID;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		pflowi_say(err, err_len, "failover: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	f->ops = failover_ops;
	f->ops.nature = common_nature(children, count);
	f->base.ops = &f->ops;
	pflow_failover_config_init(&f->cfg);
	if (cfg != NULL)
		f->cfg = *cfg;
	f->count = f->active = count;
	f->told = true;
	for (i = 0; i < count; i++) {
		f->child[i].t = children[i];
		f->child[i].up_since_ns = PFLOW_NEVER;
		f->child[i].waiting_ns = PFLOW_NEVER;
	}
	*out = &f->base;
	return PFLOW_OK;
}

size_t
pflow_failover_active(const struct pflow_transport *t)
{
	return const_self(t)->active;
}
