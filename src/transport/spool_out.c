/* SPDX-License-Identifier: ISC */
/* Messages out of the log, into sessions that come and go. */
#include <string.h>

#include "core/bytes.h"
#include "transport/spool.h"

/** Messages offered to the inner transport at once. */
#define BATCH 64
/** Octets handed over in one call: other receivers want to live too. */
#define BUDGET ((size_t)4 << 20)
/** The position is kept at most so often. */
#define KEEP_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)
/** Acknowledgements wake nobody up. */
#define LOOK_NS (UINT64_C(100) * PFLOWI_NS_PER_MS)

static void
keep_position(struct pflowi_spool *s, struct pflow_now now)
{
	if (!s->dirty || now.mono_ns < s->keep_ns)
		return;
	if (pflowi_spool_store_keep(&s->store, s->window.safe) != PFLOW_OK) {
		pflowi_say(s->error, sizeof(s->error), "%s", s->store.error);
	} else {
		s->dirty = false;
		pflowi_spool_store_forget(&s->store, s->window.safe);
	}
	s->keep_ns = pflowi_time_add(now.mono_ns, KEEP_NS);
}

/** What the inner transport knows of this session. */
static void
confirm(struct pflowi_spool *s)
{
	struct pflow_progress progress;

	memset(&progress, 0, sizeof(progress));
	progress.in_order = true;
	progress.confirmed = s->taken + s->window.flying_count;
	if (s->inner->ops->progress != NULL)
		s->inner->ops->progress(s->inner, &progress);
	s->in_order = progress.in_order;
	if (progress.confirmed <= s->taken)
		return;
	pflowi_spool_window_confirm(&s->window,
	    (size_t)(progress.confirmed - s->taken), s->replay_octets);
	s->taken = progress.confirmed;
	s->dirty = true;
}

/** What is in memory or on its way, of files that are gone, can not be sent
 *  again. */
static void
count_gone(struct pflowi_spool *s, uint64_t oldest)
{
	uint64_t end = s->buf_end - (s->buf_len - s->buf_at);
	/* After a break, what was confirmed may not have been read. */
	bool all = !(s->ended && s->in_order);
	struct pflowi_spool_loss early, loss;
	size_t at, len;

	pflowi_spool_window_before(&s->window, all,
	    pflowi_min_u64(oldest, s->begin), &early);
	pflowi_spool_window_before(&s->window, all, oldest, &loss);
	loss.messages -= early.messages;
	loss.records -= early.records;
	for (at = s->buf_at; at < s->buf_len; at += len) {
		len = pflowi_get_be16(s->buf + at + 2);
		end += len;
		if (end > oldest)
			break;
		pflowi_spool_loss_add(end <= s->begin ? &early : &loss,
		    pflowi_get_be32(s->buf + at + 4),
		    pflowi_templates_count(&s->known, s->buf + at, len));
	}
	pflowi_spool_tell_loss(s, &early, true);
	pflowi_spool_tell_loss(s, &loss, false);
}

/** The session is over: where does the next one begin? */
static void
end_session(struct pflowi_spool *s)
{
	uint64_t oldest = pflowi_spool_store_seek(&s->store, 0), from;

	from = s->ended && s->in_order ? s->window.confirmed : s->window.safe;
	if (from < oldest) {
		count_gone(s, oldest);
		from = oldest;
	}
	pflowi_spool_window_begin(&s->window, from);
	s->in_session = false;
	s->dirty = true;
	s->keep_ns = 0;
}

/** Messages that are whole, at the start of buf. */
static size_t
whole_octets(const struct pflowi_spool *s, size_t n)
{
	size_t whole = 0, len;

	while (n - whole >= PFLOWI_IPFIX_HEADER) {
		len = pflowi_get_be16(s->buf + whole + 2);
		if (len < PFLOWI_IPFIX_HEADER || len > n - whole)
			break;
		whole += len;
	}
	return whole;
}

/** Read on: whole messages of one file. false: there are none. */
static bool
fill(struct pflowi_spool *s)
{
	uint64_t from = s->window.read, at = from;
	const struct pflowi_spool_segment *seg;
	bool gone;
	size_t n;

	for (;;) {
		at = pflowi_spool_store_seek(&s->store, at);
		n = pflowi_spool_store_read(
		    &s->store, at, s->buf, PFLOWI_SPOOL_CHUNK, &gone);
		s->buf_at = 0;
		s->buf_len = whole_octets(s, n);
		s->buf_end = at + s->buf_len;
		s->skip = at - from;
		if (s->buf_len > 0)
			return true;
		if (n == 0 && !gone)
			return false;
		/* Someone has been at the file: on with the next. */
		seg = pflowi_spool_store_segment(&s->store, at);
		s->store.damaged_octets += seg->base + seg->size - at;
		at = seg->base + seg->size;
	}
}

/** Templates that hold where the session begins go first, under the number
 *  and the time of the message that follows. */
static void
greet(struct pflowi_spool *s)
{
	pflowi_spool_store_templates(&s->store,
	    pflowi_spool_store_seek(&s->store, s->window.read), &s->known);
	s->greeted = true;
	s->greeting_len = pflowi_templates_message(
	    &s->known, s->buf, s->greeting, UINT16_MAX);
}

static void
begin_session(struct pflowi_spool *s)
{
	s->in_session = true;
	s->ended = false;
	s->greeted = false;
	s->generation = s->inner->generation;
	s->taken = 0;
	s->buf_at = s->buf_len = 0;
	s->greeting_len = 0;
	memset(&s->known, 0, sizeof(s->known));
}

/** The last error is told, whoever had it. */
static void
hear_inner(struct pflowi_spool *s)
{
	const char *text = s->inner->ops->error_text(s->inner);

	if (strcmp(text, s->inner_error) == 0)
		return;
	pflowi_say(s->inner_error, sizeof(s->inner_error), "%s", text);
	pflowi_say(s->error, sizeof(s->error), "%s", text);
}

void
pflowi_spool_follow(struct pflowi_spool *s, struct pflow_now now)
{
	int rc = s->inner->ops->service(s->inner, now);

	/* A session that is over is known by the next one: until then its
	 * progress can be asked for. */
	if (s->inner->generation != s->generation) {
		if (s->in_session)
			end_session(s);
		begin_session(s);
	} else if (s->in_session) {
		confirm(s);
		s->ended = rc != PFLOW_OK;
	}
	s->look_ns = pflowi_time_add(now.mono_ns, LOOK_NS);
	keep_position(s, now);
	hear_inner(s);
}

void
pflowi_spool_settle(struct pflowi_spool *s)
{
	if (!s->in_session || s->ended)
		return;
	confirm(s);
	if (s->window.flying_count == 0 && !s->window.frozen)
		s->window.safe = s->window.confirmed;
}

/**
 * A file begins: does the collector know its templates as they are?
 *
 * @return false: one has another layout, a new session must begin
 */
static bool
enter_file(struct pflowi_spool *s)
{
	struct pflowi_templates next;
	size_t i, k;

	pflowi_spool_store_templates(&s->store, s->buf_end - s->buf_len, &next);
	for (i = 0; i < next.count; i++) {
		const struct pflowi_template *t = &next.list[i];

		for (k = 0; k < s->known.count; k++) {
			const struct pflowi_template *o = &s->known.list[k];

			if (o->id == t->id &&
			    (o->len != t->len ||
				memcmp(s->known.pool + o->at, next.pool + t->at,
				    t->len) != 0))
				return false;
		}
	}
	return true;
}

/** The collector knows other templates: a new session, as soon as this one is
 *  confirmed. */
static size_t
leave_session(struct pflowi_spool *s, struct pflow_now now)
{
	s->buf_at = s->buf_len = 0;
	confirm(s);
	if (s->window.flying_count > 0)
		return 0;
	s->inner->ops->restart(s->inner, now);
	confirm(s);
	s->ended = true;
	return 0;
}

/** The next messages that may go. @return how many; 0: none now */
static size_t
gather(struct pflowi_spool *s, struct pflow_message *msgs, struct pflow_now now)
{
	struct pflowi_templates_effect effect;
	size_t n = 0, at;

	if (s->buf_at == s->buf_len) {
		if (!fill(s))
			return 0;
		if (!s->greeted)
			greet(s);
		else if (s->skip > 0 && s->inner->ops->restart != NULL &&
		    !enter_file(s))
			return leave_session(s, now);
	}
	if (s->greeting_len > 0) {
		msgs[0] = (struct pflow_message){
		    s->greeting, (uint32_t)s->greeting_len, 0};
		n = 1;
	}
	for (at = s->buf_at; at < s->buf_len && n < BATCH; n++) {
		const uint8_t *msg = s->buf + at;
		uint32_t len = pflowi_get_be16(msg + 2);

		pflowi_templates_learn(&s->known, &s->known, msg, len, &effect);
		msgs[n] = (struct pflow_message){
		    msg, len, pflowi_templates_count(&s->known, msg, len)};
		at += len;
	}
	return n;
}

/** This one is handed over. */
static void
handed_over(struct pflowi_spool *s, const struct pflow_message *msg)
{
	struct pflowi_spool_entry entry = {0, 0, 0, 0};

	if (s->greeting_len > 0)
		s->greeting_len = 0;
	else {
		entry.advance = msg->len + s->skip;
		entry.len = msg->len;
		entry.records = msg->records;
		entry.secs = pflowi_get_be32(msg->data + 4);
		s->skip = 0;
		s->buf_at += msg->len;
	}
	pflowi_spool_window_push(&s->window, &entry);
	if (entry.len > 0 && s->window.read <= s->sent_end)
		s->n.repeated_messages++;
	if (s->window.read > s->sent_end)
		s->sent_end = s->window.read;
}

bool
pflowi_spool_pump(struct pflowi_spool *s, struct pflow_now now)
{
	struct pflow_message msgs[BATCH];
	size_t octets = 0;

	while (s->in_session && octets < BUDGET) {
		size_t n = gather(s, msgs, now), sent = 0, i;
		int rc;

		if (n == 0)
			return false;
		rc = s->inner->ops->send(s->inner, msgs, n, &sent, now);
		for (i = 0; i < sent; i++) {
			octets += msgs[i].len;
			handed_over(s, &msgs[i]);
		}
		if (rc == PFLOW_ERR_CLOSED) {
			confirm(s);
			s->ended = true;
		}
		if (rc != PFLOW_OK)
			return false;
	}
	return s->in_session && !s->ended;
}
