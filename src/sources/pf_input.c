/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include "sources/pf_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/status.h>

#include "core/time.h"

static const char *
shown(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int
fail_errno(struct pflowi_pf_input *in, const char *path)
{
	snprintf(in->error, sizeof(in->error), "%s: %s", shown(path),
	    strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

/** Where and when the table lies. */
static int
look_at(struct pflowi_pf_input *in, const char *path)
{
	struct stat st;

	if (fstat(in->fd, &st) == -1)
		return fail_errno(in, path);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return fail_errno(in, path);
	}
	in->regular = S_ISREG(st.st_mode);
	if (!in->regular)
		return PFLOW_OK;
	in->size = (uint64_t)st.st_size;
	if (st.st_mtime > 0)
		in->mtime_ns = (uint64_t)st.st_mtime * PFLOWI_NS_PER_SEC;
	return PFLOW_OK;
}

int
pflowi_pf_input_open(struct pflowi_pf_input *in, const char *path,
    const struct pflowi_pf_format *format, const struct pflow_system *sys)
{
	memset(in, 0, sizeof(*in));
	pflowi_pf_text_init(&in->text);
	if (format != NULL) {
		in->format = *format;
		in->known = in->named = true;
	}
	in->fd = -1;
	in->window = malloc(PFLOWI_PF_WINDOW);
	if (in->window == NULL) {
		snprintf(in->error, sizeof(in->error), "%s: out of memory",
		    shown(path));
		return PFLOW_ERR_NOMEM;
	}
	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: pflowi_system_open(sys, path);
	if (in->fd == -1)
		return fail_errno(in, path);
	snprintf(in->error, sizeof(in->error), "%s", shown(path));
	return look_at(in, path);
}

void
pflowi_pf_input_close(struct pflowi_pf_input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->window);
	in->fd = -1;
	in->window = NULL;
}

/** More octets into the window, which has room. */
static int
fill(struct pflowi_pf_input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	ssize_t n;

	if (in->pos > 0) {
		memmove(in->window, in->window + in->pos, in->len - in->pos);
		in->done += in->pos;
		in->len -= in->pos;
		in->pos = 0;
	}
	if (!in->regular && poll(&p, 1, 0) == 0)
		return PFLOW_ERR_AGAIN;
	do
		n = read(in->fd, in->window + in->len,
		    PFLOWI_PF_WINDOW - in->len);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return PFLOW_ERR_AGAIN;
	if (n == -1) {
		size_t at = strlen(in->error);

		snprintf(in->error + at, sizeof(in->error) - at, ": %s",
		    strerror(errno));
		return PFLOW_ERR_SYSTEM;
	}
	in->ended = n == 0;
	in->len += (size_t)n;
	return PFLOW_OK;
}

/** Enough of the beginning, then what it is. */
static int
recognize(struct pflowi_pf_input *in)
{
	char why[300];
	size_t at;
	int rc;

	while (!in->ended && in->len < PFLOWI_PF_SAMPLE) {
		rc = fill(in);
		if (rc != PFLOW_OK)
			return rc;
	}
	if (in->len == 0)
		return PFLOW_EOF; /* an empty table is a table */
	rc = pflowi_pf_recognize(in->window, in->len,
	    in->regular ? in->size : in->ended ? in->len : 0, &in->format, why,
	    sizeof(why));
	in->known = rc == PFLOW_OK;
	if (in->known)
		return PFLOW_OK;
	at = strlen(in->error);
	snprintf(in->error + at, sizeof(in->error) - at, ": %s", why);
	return rc;
}

static int
next_record(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw)
{
	size_t size = pflowi_pf_layout_info(in->format.layout)->size;
	int rc;

	while (in->len - in->pos < size) {
		if (in->ended) {
			in->left_over = in->len - in->pos;
			in->pos = in->len;
			return PFLOW_EOF;
		}
		rc = fill(in);
		if (rc != PFLOW_OK)
			return rc;
	}
	pflowi_pf_unpack(in->format.layout, in->format.order,
	    in->window + in->pos, raw);
	in->pos += size;
	return PFLOW_OK;
}

/** One line; false: more octets are needed. */
static bool
take_line(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw, bool *got)
{
	const char *p = (const char *)in->window + in->pos;
	size_t left = in->len - in->pos;
	const char *newline = left == 0 ? NULL : memchr(p, '\n', left);
	size_t len = newline == NULL ? left : (size_t)(newline - p);

	*got = false;
	if (newline == NULL && left <= PFLOWI_PF_LINE_MAX)
		return false;
	if (len > PFLOWI_PF_LINE_MAX || in->skipping) {
		in->long_lines += !in->skipping;
		in->skipping = newline == NULL;
	} else {
		*got = pflowi_pf_text_line(&in->text, p, len, raw);
	}
	in->pos += newline == NULL ? len : len + 1;
	return true;
}

/** What follows the last newline was cut off, or is nothing. */
static int
end_text(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw)
{
	in->left_over += in->len - in->pos;
	if (in->pos < in->len)
		pflowi_pf_text_cut(&in->text);
	in->pos = in->len;
	return pflowi_pf_text_end(&in->text, raw) ? PFLOW_OK : PFLOW_EOF;
}

static int
next_text(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw)
{
	bool got;
	int rc;

	for (;;) {
		if (take_line(in, raw, &got)) {
			if (got)
				return PFLOW_OK;
			continue;
		}
		if (in->ended)
			return end_text(in, raw);
		rc = fill(in);
		if (rc != PFLOW_OK)
			return rc;
	}
}

int
pflowi_pf_input_next(struct pflowi_pf_input *in, struct pflowi_pf_raw *raw)
{
	int rc;

	if (!in->known) {
		rc = recognize(in);
		if (rc != PFLOW_OK)
			return rc;
	}
	return in->format.text ? next_text(in, raw) : next_record(in, raw);
}
