/* SPDX-License-Identifier: ISC */
/* Messages into the log. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/bytes.h"
#include "transport/spool.h"

/** A full disk is looked at again. */
#define RETRY_NS (UINT64_C(1) * PFLOWI_NS_PER_SEC)

/** "2026-01-02T03:04:05Z" */
static void
time_text(uint32_t secs, char *out, size_t len)
{
	time_t t = (time_t)secs;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, len, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		pflowi_say(out, len, "%lu", (unsigned long)secs);
}

void
pflowi_spool_tell_loss(
    struct pflowi_spool *s, const struct pflowi_spool_loss *loss, bool earlier)
{
	char from[32], to[32];

	if (loss->messages == 0)
		return;
	if (s->pushed_first_secs == 0)
		s->pushed_first_secs = loss->first_secs;
	s->pushed_last_secs = loss->last_secs;
	s->n.pushed_out_messages += loss->messages;
	if (earlier)
		s->n.pushed_out_earlier_records += loss->records;
	else
		s->n.pushed_out_records += loss->records;
	time_text(loss->first_secs, from, sizeof(from));
	time_text(loss->last_secs, to, sizeof(to));
	pflowi_say(s->error, sizeof(s->error),
	    "spool %s: full, %llu records exported from %s to %s are lost",
	    s->store.dir, (unsigned long long)loss->records, from, to);
}

/** The oldest file goes. What was handed over of it, or is in memory to be,
 *  is not lost with it. */
static void
evict(struct pflowi_spool *s)
{
	struct pflowi_spool_loss loss;
	uint64_t from = s->window.read;
	bool earlier;

	if (s->buf_len > s->buf_at)
		from = s->buf_end;
	earlier = s->store.segment[0].base < s->begin;
	pflowi_spool_store_evict(&s->store, from, &loss);
	pflowi_spool_tell_loss(s, &loss, earlier);
	s->dirty = true;
}

/**
 * The Sequence Number in the log. Gaps that the exporter made stay; a number
 * that falls is an exporter that began anew, and goes on where the log is.
 */
static uint32_t
number(struct pflowi_spool *s, const uint8_t *msg, uint32_t records)
{
	uint32_t in = pflowi_get_be32(msg + 8), out, gap;
	bool same_domain =
	    pflowi_get_be32(s->store.last + 12) == pflowi_get_be32(msg + 12);

	if (pflowi_get_be16(s->store.last) == 0 || !same_domain)
		out = in;
	else {
		out = pflowi_get_be32(s->store.last + 8);
		gap = in - s->expected_in;
		if (s->counting && gap < UINT32_MAX / 2)
			out += gap;
	}
	s->counting = true;
	s->expected_in = in + records;
	return out;
}

/** Only templates that are known already: there is nothing to keep. */
static bool
is_known(const struct pflowi_spool *s, const struct pflow_message *msg,
    struct pflowi_templates_effect *effect)
{
	pflowi_templates_learn(
	    NULL, &s->store.templates, msg->data, msg->len, effect);
	return !effect->data && effect->added == 0 && effect->redefined == 0 &&
	    effect->withdrawn == 0;
}

/** A template with another layout begins a file, and a session (RFC 7011, 8:
 *  what is known must be withdrawn before it may change). */
static int
redefine(struct pflowi_spool *s, const struct pflow_message *msg)
{
	struct pflowi_templates_effect effect;

	pflowi_templates_learn(&s->store.templates, &s->store.templates,
	    msg->data, msg->len, &effect);
	return pflowi_spool_store_rotate(&s->store);
}

static int
take_one(struct pflowi_spool *s, const struct pflow_message *msg)
{
	struct pflowi_templates_effect effect;
	uint32_t expected = s->expected_in;
	bool counting = s->counting;
	int rc = PFLOW_OK;

	if (!pflowi_ipfix_is_message(msg->data, msg->len)) {
		s->n.not_ipfix_messages++;
		s->n.not_ipfix_records += msg->records;
		pflowi_say(s->error, sizeof(s->error),
		    "spool %s: keeps IPFIX (proto 10) alone", s->store.dir);
		return PFLOW_OK;
	}
	if (is_known(s, msg, &effect)) {
		s->n.known_templates++;
		return PFLOW_OK;
	}
	while (s->store.count > 0 &&
	    pflowi_spool_store_is_full(&s->store, msg->len)) {
		uint64_t before = s->store.octets;

		evict(s);
		if (s->store.octets >= before)
			break;
	}
	memcpy(s->scratch, msg->data, msg->len);
	pflowi_put_be32(s->scratch + 8, number(s, msg->data, msg->records));
	if (effect.redefined > 0)
		rc = redefine(s, msg);
	if (rc == PFLOW_OK)
		rc = pflowi_spool_store_append(
		    &s->store, s->scratch, msg->len, msg->records);
	if (rc != PFLOW_OK) {
		s->expected_in = expected;
		s->counting = counting;
		return rc;
	}
	s->n.spooled_messages++;
	s->n.spooled_records += msg->records;
	return PFLOW_OK;
}

int
pflowi_spool_take(struct pflowi_spool *s, const struct pflow_message *msgs,
    size_t count, size_t *taken, struct pflow_now now)
{
	int rc = PFLOW_OK;

	*taken = 0;
	if (s->full && now.mono_ns < s->retry_ns)
		return PFLOW_ERR_AGAIN;
	if (s->full)
		s->error[0] = '\0';
	s->full = false;
	while (rc == PFLOW_OK && *taken < count) {
		rc = take_one(s, &msgs[*taken]);
		if (rc == PFLOW_OK)
			++*taken;
	}
	if (rc == PFLOW_OK)
		rc = pflowi_spool_store_flush(&s->store);
	if (rc == PFLOW_OK)
		return rc;
	s->full = true;
	s->retry_ns = pflowi_time_add(now.mono_ns, RETRY_NS);
	s->n.write_waits++;
	pflowi_say(s->error, sizeof(s->error), "%s", s->store.error);
	return PFLOW_ERR_AGAIN;
}
