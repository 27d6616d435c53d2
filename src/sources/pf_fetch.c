/* SPDX-License-Identifier: ISC */
#include "sources/pf_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Records more than were wanted: the table grows while it is asked for. */
#define SPARE 128u

static int
make_room(struct pflowi_pf_fetch *f, size_t room, char *err, size_t err_len)
{
	uint8_t *buf;

	if (room <= f->room)
		return PFLOW_OK;
	if (room > f->limit) {
		snprintf(err, err_len,
		    "pf: the state table takes %zu octets, more than the "
		    "memory limit of %zu", room, f->limit);
		return PFLOW_ERR_NOMEM;
	}
	buf = realloc(f->buf, room);
	if (buf == NULL) {
		snprintf(err, err_len, "pf: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	f->buf = buf;
	f->room = room;
	return PFLOW_OK;
}

static int
fail(const char *what, char *err, size_t err_len)
{
	snprintf(err, err_len, "%s: %s", what, strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

/**
 * OpenBSD stops at the last state that fits, FreeBSD leaves out a whole row of
 * its hash: only with room to spare is it sure that all came.
 */
int
pflowi_pf_fetch(struct pflowi_pf_fetch *f, pflowi_pf_ask_fn *ask, void *arg,
    const char *what, char *err, size_t err_len)
{
	size_t spare = pflowi_pf_layout_info(f->layout)->size * SPARE;
	size_t len = 0, room;
	int rc;

	f->len = f->pos = 0;
	if (ask(arg, NULL, 0, &len) != PFLOW_OK)
		return fail(what, err, err_len);
	room = len > f->limit ? len : len + len / 4 + 2 * spare;
	for (;;) {
		rc = make_room(f, room, err, err_len);
		if (rc != PFLOW_OK)
			return rc;
		len = f->room;
		if (ask(arg, f->buf, f->room, &len) != PFLOW_OK)
			return fail(what, err, err_len);
		if (len <= f->room && f->room - len >= spare)
			break;
		room = f->room * 2;
	}
	f->len = len;
	return PFLOW_OK;
}

int
pflowi_pf_fetch_next(struct pflowi_pf_fetch *f, struct pflowi_pf_raw *raw)
{
	size_t size = pflowi_pf_layout_info(f->layout)->size;

	if (f->len - f->pos < size)
		return PFLOW_EOF;
	pflowi_pf_unpack(f->layout, f->order, f->buf + f->pos, raw);
	f->pos += size;
	return PFLOW_OK;
}

void
pflowi_pf_fetch_fini(struct pflowi_pf_fetch *f)
{
	free(f->buf);
	memset(f, 0, sizeof(*f));
}
