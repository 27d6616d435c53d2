/* SPDX-License-Identifier: ISC */
/* A spool as a transport: settings, operations, counters. */
#include "transport/spool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "transport/tally.h"

#define MAX_OCTETS (UINT64_C(256) << 20)
#define MAX_OCTETS_MIN (UINT64_C(1) << 20)
#define SEGMENTS 16u
#define SEGMENT_MAX (UINT64_C(16) << 20)
#define REPLAY_OCTETS (UINT64_C(8) << 20)

static struct pflowi_spool *
self(struct pflow_transport *t)
{
	return (struct pflowi_spool *)t;
}

void
pflow_spool_config_init(struct pflow_spool_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->max_octets = MAX_OCTETS;
	cfg->replay_octets = REPLAY_OCTETS;
}

static int
spool_open(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_spool *s = self(t);
	int rc = pflowi_spool_store_open(&s->store);
	uint64_t at;

	if (rc != PFLOW_OK) {
		pflowi_say(s->error, sizeof(s->error), "%s", s->store.error);
		return rc;
	}
	at = pflowi_spool_store_kept(&s->store);
	pflowi_spool_window_begin(
	    &s->window, pflowi_spool_store_seek(&s->store, at));
	s->begin = s->store.segment[s->store.count - 1].base;
	s->sent_end = s->window.read;
	rc = s->inner->ops->open(s->inner, now);
	if (rc != PFLOW_OK) {
		pflowi_say(s->error, sizeof(s->error), "%s",
		    s->inner->ops->error_text(s->inner));
		return rc;
	}
	s->inner_open = true;
	t->generation = 1;
	pflowi_spool_follow(s, now);
	return PFLOW_OK;
}

static int
spool_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct pflowi_spool *s = self(t);
	int rc = pflowi_spool_take(s, msgs, count, sent, now);

	s->more = pflowi_spool_pump(s, now);
	return rc;
}

static int
spool_service(struct pflow_transport *t, struct pflow_now now)
{
	struct pflowi_spool *s = self(t);

	pflowi_spool_follow(s, now);
	s->more = pflowi_spool_pump(s, now);
	return PFLOW_OK;
}

static void
spool_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct pflowi_spool *s = (const struct pflowi_spool *)t;

	s->inner->ops->want(s->inner, out);
	if (s->full)
		out->deadline_ns =
		    pflowi_min_u64(out->deadline_ns, s->retry_ns);
	if (s->dirty)
		out->deadline_ns = pflowi_min_u64(out->deadline_ns, s->keep_ns);
	/* Acknowledgements wake nobody up. */
	if (s->window.flying_count > 0)
		out->deadline_ns = pflowi_min_u64(out->deadline_ns, s->look_ns);
	if (s->more)
		out->deadline_ns = 0;
}

struct relay {
	pflow_counter_fn *fn;
	void *arg;
};

/** What a session loses is sent again: here that is no loss. */
static void
relay_counter(void *arg, const struct pflow_counter *c)
{
	const struct relay *relay = arg;
	struct pflow_counter told = *c;

	if (told.kind == PFLOW_COUNTER_DROP)
		told.kind = PFLOW_COUNTER_INFO;
	relay->fn(relay->arg, &told);
}

static void
spool_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct pflowi_spool *s = (const struct pflowi_spool *)t;
	struct relay relay = {fn, arg};

	if (s->inner->ops->counters != NULL)
		s->inner->ops->counters(s->inner, relay_counter, &relay);
#define TELL(name, help, kind) \
	pflowi_tell(fn, arg, #name, help, s->n.name, PFLOW_COUNTER_##kind);
	PFLOWI_SPOOL_COUNTERS(TELL)
#undef TELL
	pflowi_tell(fn, arg, "damaged_octets",
	    "octets in files that were no messages", s->store.damaged_octets,
	    PFLOW_COUNTER_INFO);
	pflowi_tell(fn, arg, "pushed_out_from_seconds",
	    "Export Time of the first message that was pushed out",
	    s->pushed_first_secs, PFLOW_COUNTER_GAUGE);
	pflowi_tell(fn, arg, "pushed_out_until_seconds",
	    "Export Time of the last one", s->pushed_last_secs,
	    PFLOW_COUNTER_GAUGE);
	pflowi_tell(fn, arg, "spool_octets", "octets of all files",
	    s->store.octets, PFLOW_COUNTER_GAUGE);
	pflowi_tell(fn, arg, "spool_waiting_octets",
	    "octets that are not confirmed yet",
	    pflowi_spool_store_end(&s->store) - s->window.confirmed,
	    PFLOW_COUNTER_GAUGE);
}

static const char *
spool_error_text(const struct pflow_transport *t)
{
	const struct pflowi_spool *s = (const struct pflowi_spool *)t;

	return s->error;
}

static void
release(struct pflowi_spool *s)
{
	pflowi_spool_store_close(&s->store);
	pflowi_spool_window_fini(&s->window);
	free(s->scratch);
	free(s->buf);
	free(s->greeting);
	free(s);
}

void
pflowi_spool_abandon(struct pflow_transport *t)
{
	self(t)->inner->ops->close(self(t)->inner);
	release(self(t));
}

static void
spool_close(struct pflow_transport *t)
{
	struct pflowi_spool *s = self(t);

	if (s->inner_open) {
		pflowi_spool_settle(s);
		if (pflowi_spool_store_keep(&s->store, s->window.safe) ==
		    PFLOW_OK)
			pflowi_spool_store_forget(&s->store, s->window.safe);
	}
	pflowi_spool_abandon(t);
}

static void
spool_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	struct pflow_progress inner;

	/* In a file is as good as delivered. */
	out->confirmed = self(t)->n.spooled_messages +
	    self(t)->n.known_templates + self(t)->n.not_ipfix_messages;
	out->in_order = true;
	memset(&inner, 0, sizeof(inner));
	if (self(t)->inner->ops->progress != NULL)
		self(t)->inner->ops->progress(self(t)->inner, &inner);
	out->down = inner.down;
}

void
pflow_spool_backlog(struct pflow_transport *t, struct pflow_spool_backlog *out)
{
	struct pflowi_spool *s = self(t);

	out->octets = pflowi_spool_store_end(&s->store) - s->window.confirmed;
	out->in_flight = s->window.flying_count;
	out->empty = s->window.flying_count == 0 &&
	    pflowi_spool_store_seek(&s->store, s->window.confirmed) ==
		pflowi_spool_store_end(&s->store);
}

static const struct pflow_transport_ops ops = {
    .name = "spool",
    .nature = PFLOW_TRANSPORT_STREAM,
    .open = spool_open,
    .send = spool_send,
    .service = spool_service,
    .want = spool_want,
    .counters = spool_counters,
    .error_text = spool_error_text,
    .close = spool_close,
    .progress = spool_progress,
};

static int
check(const struct pflow_spool_config *cfg, const struct pflow_transport *inner,
    char *err, size_t err_len)
{
	if (cfg->struct_size != sizeof(*cfg) || cfg->dir == NULL ||
	    cfg->dir[0] == '\0')
		pflowi_say(err, err_len,
		    "spool: no directory, or settings that do not begin with "
		    "pflow_spool_config_init()");
	else if (cfg->max_octets < MAX_OCTETS_MIN)
		pflowi_say(err, err_len,
		    "spool %s: at most %llu octets, expected at least %llu",
		    cfg->dir, (unsigned long long)cfg->max_octets,
		    (unsigned long long)MAX_OCTETS_MIN);
	else if (inner->ops->nature != PFLOW_TRANSPORT_STREAM)
		pflowi_say(err, err_len,
		    "spool %s: %s is not reliable, expected tcp, tls or sctp",
		    cfg->dir, inner->ops->name);
	else
		return PFLOW_OK;
	return PFLOW_ERR_INVALID;
}

static uint64_t
segment_octets(const struct pflow_spool_config *cfg)
{
	uint64_t octets = cfg->segment_octets;

	if (octets == 0)
		octets = cfg->max_octets / SEGMENTS;
	if (octets > SEGMENT_MAX && cfg->segment_octets == 0)
		octets = SEGMENT_MAX;
	/* The bound pushes out a whole one: at least two must fit. */
	return pflowi_min_u64(octets, cfg->max_octets / 2);
}

int
pflow_spool_create(const struct pflow_spool_config *cfg,
    struct pflow_transport *inner, struct pflow_transport **out, char *err,
    size_t err_len)
{
	struct pflowi_spool *s;
	int rc = check(cfg, inner, err, err_len);

	*out = NULL;
	if (rc != PFLOW_OK)
		return rc;
	s = calloc(1, sizeof(*s));
	if (s != NULL) {
		s->store.dir_fd = s->store.lock_fd = -1;
		s->store.write_fd = s->store.read_fd = -1;
		s->store.dir = strdup(cfg->dir);
		s->scratch = malloc(UINT16_MAX);
		s->greeting = malloc(UINT16_MAX);
		s->buf = malloc(PFLOWI_SPOOL_CHUNK);
	}
	if (s == NULL || s->store.dir == NULL || s->scratch == NULL ||
	    s->greeting == NULL || s->buf == NULL) {
		pflowi_say(err, err_len, "spool %s: out of memory", cfg->dir);
		if (s != NULL)
			release(s);
		return PFLOW_ERR_NOMEM;
	}
	s->base.ops = &ops;
	s->inner = inner;
	s->replay_octets = cfg->replay_octets;
	s->store.max_octets = cfg->max_octets;
	s->store.segment_octets = segment_octets(cfg);
	s->store.sync = cfg->sync;
	*out = &s->base;
	return PFLOW_OK;
}
