/* SPDX-License-Identifier: ISC */
#include "transport/spool_window.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

static struct pflowi_spool_entry *
at(const struct pflowi_spool_window *w, size_t i)
{
	return &w->ring[(w->head + i) & (w->room - 1)];
}

void
pflowi_spool_window_begin(struct pflowi_spool_window *w, uint64_t position)
{
	w->head = 0;
	w->confirmed_count = w->flying_count = 0;
	w->frozen = 0;
	w->kept = 0;
	w->safe = w->confirmed = w->read = position;
}

static int
grow(struct pflowi_spool_window *w)
{
	size_t room = w->room == 0 ? ROOM_FIRST : 2 * w->room, i, n;
	struct pflowi_spool_entry *ring = calloc(room, sizeof(*ring));

	if (ring == NULL)
		return -1;
	n = w->confirmed_count + w->flying_count;
	for (i = 0; i < n; i++)
		ring[i] = *at(w, i);
	free(w->ring);
	w->ring = ring;
	w->room = room;
	w->head = 0;
	return 0;
}

void
pflowi_spool_window_push(
    struct pflowi_spool_window *w, const struct pflowi_spool_entry *entry)
{
	size_t n = w->confirmed_count + w->flying_count;

	w->read += entry->advance;
	if (w->frozen || (n == w->room && grow(w) == -1)) {
		w->frozen = 1;
		return;
	}
	*at(w, n) = *entry;
	w->flying_count++;
}

void
pflowi_spool_window_confirm(
    struct pflowi_spool_window *w, size_t n, uint64_t keep)
{
	if (w->frozen)
		return;
	for (; n > 0 && w->flying_count > 0; n--) {
		w->confirmed += at(w, w->confirmed_count)->advance;
		w->kept += at(w, w->confirmed_count)->len;
		w->confirmed_count++;
		w->flying_count--;
	}
	while (w->confirmed_count > 0 && w->kept - at(w, 0)->len >= keep) {
		w->safe += at(w, 0)->advance;
		w->kept -= at(w, 0)->len;
		w->head = (w->head + 1) & (w->room - 1);
		w->confirmed_count--;
	}
}

void
pflowi_spool_window_before(const struct pflowi_spool_window *w, bool all,
    uint64_t position, struct pflowi_spool_loss *out)
{
	uint64_t end = all ? w->safe : w->confirmed;
	size_t i = all ? 0 : w->confirmed_count;

	memset(out, 0, sizeof(*out));
	for (; i < w->confirmed_count + w->flying_count; i++) {
		end += at(w, i)->advance;
		if (end > position)
			break;
		if (at(w, i)->len > 0)
			pflowi_spool_loss_add(
			    out, at(w, i)->secs, at(w, i)->records);
	}
}

void
pflowi_spool_loss_add(
    struct pflowi_spool_loss *loss, uint32_t secs, uint32_t records)
{
	if (loss->messages++ == 0)
		loss->first_secs = secs;
	loss->last_secs = secs;
	loss->records += records;
}

void
pflowi_spool_window_fini(struct pflowi_spool_window *w)
{
	free(w->ring);
	memset(w, 0, sizeof(*w));
}
