/* SPDX-License-Identifier: ISC */
#include "transport/templates.h"

#include "core/reader.h"
#include "core/writer.h"

#include <string.h>

#define IPFIX 10u
#define SET_TEMPLATES 2u
#define SET_OPTIONS 3u
#define SET_DATA_MIN 256u
#define ENTERPRISE 0x8000u
#define VARIABLE 65535u /* RFC 7011, 7 */

bool
pflowi_ipfix_is_message(const uint8_t *msg, size_t len)
{
	return len >= PFLOWI_IPFIX_HEADER && pflowi_get_be16(msg) == IPFIX &&
	    pflowi_get_be16(msg + 2) == len;
}

static const struct pflowi_template *
find(const struct pflowi_templates *ts, uint16_t id)
{
	size_t i;

	for (i = 0; i < ts->count; i++)
		if (ts->list[i].id == id)
			return &ts->list[i];
	return NULL;
}

static void
forget(struct pflowi_templates *ts, uint16_t id)
{
	size_t i, n;
	uint16_t at, len;

	for (i = 0; i < ts->count && ts->list[i].id != id; i++)
		continue;
	if (i == ts->count)
		return;
	at = ts->list[i].at;
	len = ts->list[i].len;
	memmove(ts->pool + at, ts->pool + at + len, ts->used - at - len);
	ts->used -= len;
	ts->count--;
	memmove(&ts->list[i], &ts->list[i + 1],
	    (ts->count - i) * sizeof(ts->list[0]));
	for (n = 0; n < ts->count; n++)
		if (ts->list[n].at > at)
			ts->list[n].at = (uint16_t)(ts->list[n].at - len);
}

/** Octets of a record; 0: they vary. */
static uint32_t
record_octets(uint16_t set, const uint8_t *record, size_t len)
{
	struct pflowi_reader r;
	uint16_t fields, element, length, i;
	uint32_t octets = 0;

	pflowi_r_init(&r, record, len);
	(void)pflowi_r_u16(&r);
	fields = pflowi_r_u16(&r);
	if (set == SET_OPTIONS)
		(void)pflowi_r_u16(&r);
	for (i = 0; i < fields; i++) {
		element = pflowi_r_u16(&r);
		length = pflowi_r_u16(&r);
		if (element & ENTERPRISE)
			(void)pflowi_r_u32(&r);
		if (length == VARIABLE)
			return 0;
		octets += length;
	}
	return octets;
}

static void
remember(struct pflowi_templates *ts, uint16_t id, uint16_t set,
    const uint8_t *record, size_t len)
{
	struct pflowi_template *t;

	forget(ts, id);
	if (ts->count == PFLOWI_TEMPLATES_MAX ||
	    len > PFLOWI_TEMPLATES_POOL - ts->used) {
		ts->refused++;
		return;
	}
	t = &ts->list[ts->count++];
	t->id = id;
	t->set = set;
	t->at = (uint16_t)ts->used;
	t->len = (uint16_t)len;
	t->record = record_octets(set, record, len);
	memcpy(ts->pool + ts->used, record, len);
	ts->used += len;
}

/** One record of a set of templates; false: no more, or no sense. */
static bool
next_template(struct pflowi_reader *r, uint16_t set, uint16_t *id,
    uint16_t *fields, const uint8_t **record, size_t *len)
{
	size_t start = r->pos, i;

	if (pflowi_r_left(r) < 4)
		return false; /* padding */
	*record = r->buf + start;
	*id = pflowi_r_u16(r);
	*fields = pflowi_r_u16(r);
	if (*fields > 0 && set == SET_OPTIONS)
		(void)pflowi_r_u16(r);
	for (i = 0; i < *fields; i++) {
		uint16_t element = pflowi_r_u16(r);

		(void)pflowi_r_u16(r);
		if (element & ENTERPRISE)
			(void)pflowi_r_u32(r);
	}
	*len = r->pos - start;
	return r->status == PFLOW_OK && *id != 0;
}

/** All templates are withdrawn (RFC 7011, 8.1): the id is that of the set. */
static void
forget_all(struct pflowi_templates *ts, uint16_t set)
{
	size_t i = 0;

	while (i < ts->count) {
		if (ts->list[i].set == set)
			forget(ts, ts->list[i].id);
		else
			i++;
	}
}

static void
learn_set(struct pflowi_templates *ts, const struct pflowi_templates *known,
    uint16_t set, struct pflowi_reader *r,
    struct pflowi_templates_effect *effect)
{
	const struct pflowi_template *old;
	const uint8_t *record;
	uint16_t id, fields;
	size_t len;

	while (next_template(r, set, &id, &fields, &record, &len)) {
		if (fields == 0) {
			effect->withdrawn++;
			if (ts != NULL && id == set)
				forget_all(ts, set);
			else if (ts != NULL)
				forget(ts, id);
			continue;
		}
		if (id < SET_DATA_MIN)
			return;
		old = find(known, id);
		if (old == NULL)
			effect->added++;
		else if (old->len == len && old->set == set &&
		    memcmp(known->pool + old->at, record, len) == 0) {
			effect->same++;
			continue;
		} else
			effect->redefined++;
		if (ts != NULL)
			remember(ts, id, set, record, len);
	}
}

void
pflowi_templates_learn(struct pflowi_templates *ts,
    const struct pflowi_templates *known, const uint8_t *msg, size_t len,
    struct pflowi_templates_effect *effect)
{
	struct pflowi_reader r, body;
	uint16_t id, set_len;

	memset(effect, 0, sizeof(*effect));
	pflowi_r_init(&r, msg, len);
	(void)pflowi_r_take(&r, PFLOWI_IPFIX_HEADER);
	while (pflowi_r_left(&r) >= 4) {
		id = pflowi_r_u16(&r);
		set_len = pflowi_r_u16(&r);
		if (set_len < 4)
			return;
		body = pflowi_r_sub(&r, set_len - 4u);
		if (id == SET_TEMPLATES || id == SET_OPTIONS)
			learn_set(ts, known, id, &body, effect);
		else
			effect->data = true;
	}
}

static void
write_set(
    const struct pflowi_templates *ts, uint16_t set, struct pflowi_writer *w)
{
	size_t start = w->len, len_at = 0, i;

	for (i = 0; i < ts->count; i++) {
		if (ts->list[i].set != set)
			continue;
		if (w->len == start) {
			pflowi_w_u16(w, set);
			len_at = pflowi_w_hole16(w);
		}
		pflowi_w_bytes(w, ts->pool + ts->list[i].at, ts->list[i].len);
	}
	if (w->len > start)
		pflowi_w_fill16(w, len_at, w->len - start);
}

size_t
pflowi_templates_message(const struct pflowi_templates *ts, const uint8_t *like,
    uint8_t *out, size_t room)
{
	struct pflowi_writer w;

	if (ts->count == 0)
		return 0;
	pflowi_w_init(&w, out, room);
	pflowi_w_bytes(&w, like, PFLOWI_IPFIX_HEADER);
	write_set(ts, SET_TEMPLATES, &w);
	write_set(ts, SET_OPTIONS, &w);
	pflowi_w_fill16(&w, 2, w.len);
	return w.status == PFLOW_OK ? w.len : 0;
}

/** Step over one record; false: what is left is padding, or no sense. */
static bool
skip_record(const struct pflowi_templates *ts, const struct pflowi_template *t,
    struct pflowi_reader *r)
{
	struct pflowi_reader def;
	uint16_t fields, element, length, i;
	size_t start = r->pos;

	pflowi_r_init(&def, ts->pool + t->at, t->len);
	(void)pflowi_r_u16(&def);
	fields = pflowi_r_u16(&def);
	if (t->set == SET_OPTIONS)
		(void)pflowi_r_u16(&def);
	for (i = 0; i < fields; i++) {
		element = pflowi_r_u16(&def);
		length = pflowi_r_u16(&def);
		if (element & ENTERPRISE)
			(void)pflowi_r_u32(&def);
		if (length == VARIABLE) {
			length = pflowi_r_u8(r);
			if (length == 255)
				length = pflowi_r_u16(r);
		}
		(void)pflowi_r_take(r, length);
	}
	return r->status == PFLOW_OK && r->pos > start;
}

uint32_t
pflowi_templates_count(
    const struct pflowi_templates *ts, const uint8_t *msg, size_t len)
{
	const struct pflowi_template *t;
	struct pflowi_reader r, body;
	uint16_t id, set_len;
	uint32_t n = 0;

	pflowi_r_init(&r, msg, len);
	(void)pflowi_r_take(&r, PFLOWI_IPFIX_HEADER);
	while (pflowi_r_left(&r) >= 4) {
		id = pflowi_r_u16(&r);
		set_len = pflowi_r_u16(&r);
		if (set_len < 4)
			break;
		body = pflowi_r_sub(&r, set_len - 4u);
		t = id < SET_DATA_MIN ? NULL : find(ts, id);
		if (t != NULL && t->record > 0)
			n += (uint32_t)pflowi_r_left(&body) / t->record;
		else
			while (t != NULL && skip_record(ts, t, &body))
				n++;
	}
	return n;
}
