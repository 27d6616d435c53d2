/* SPDX-License-Identifier: ISC */
/* Octets from a file descriptor into the reader's window. */
#include "sources/pcap_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/status.h>

#include "core/bytes.h"

#define BUFFER ((size_t)256 * 1024)

_Static_assert(BUFFER >= 2 * PFLOWI_CAPTURE_WINDOW, "buffer too small");

static int
fail(struct pflowi_input *in, int status, const char *what)
{
	snprintf(in->text, sizeof(in->text), "%s: %s", in->path, what);
	return status;
}

static int
fail_errno(struct pflowi_input *in, const char *verb)
{
	int error = errno;

	snprintf(in->text, sizeof(in->text), "%s: cannot %s: %s", in->path,
	    verb, strerror(error));
	return error == ENOMEM ? PFLOW_ERR_NOMEM : PFLOW_ERR_SYSTEM;
}

/** What people pass by mistake. */
static const char *
what_it_is(const uint8_t *p, size_t len)
{
	size_t i;

	if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b)
		return "gzip data, decompress it first";
	if (len >= 4 && pflowi_get_be32(p) == 0x28b52ffdu)
		return "zstd data, decompress it first";
	if (len >= 4 && pflowi_get_be32(p) == 0xfd377a58u)
		return "xz data, decompress it first";
	for (i = 0; i < len && i < 16; i++) {
		if (p[i] != '\n' && p[i] != '\t' && p[i] != '\r' &&
		    (p[i] < 0x20 || p[i] > 0x7e))
			return "unknown format";
	}
	return "it is text";
}

/** Not a format of ours: libpcap may know it, if it can read it itself. */
static int
try_other(struct pflowi_input *in, int status)
{
	const uint8_t *p = in->buf + in->pos;
	char text[300];

	if (in->regular && in->fd != STDIN_FILENO &&
	    pflowi_other_open(&in->other, in->fd, text, sizeof(text)) ==
	    PFLOW_OK)
		return PFLOW_OK;
	snprintf(in->text, sizeof(in->text), "%s: %s (%s)", in->path,
	    in->capture.problem, what_it_is(p, in->len - in->pos));
	return status;
}

/** More octets; PFLOW_OK also at the end, which sets ended. */
static int
refill(struct pflowi_input *in)
{
	ssize_t n;

	if (!in->regular) {
		struct pollfd pfd = { .fd = in->fd, .events = POLLIN };

		if (poll(&pfd, 1, 0) == 0)
			return PFLOW_ERR_AGAIN;
	}
	if (in->pos != 0) {
		memmove(in->buf, in->buf + in->pos, in->len - in->pos);
		in->len -= in->pos;
		in->pos = 0;
	}
	n = read(in->fd, in->buf + in->len, BUFFER - in->len);
	if (n < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return in->regular ? PFLOW_OK : PFLOW_ERR_AGAIN;
		return fail_errno(in, "read");
	}
	in->len += (size_t)n;
	in->ended = n == 0;
	return PFLOW_OK;
}

/** The octets ended inside something. */
static int
cut_short(struct pflowi_input *in)
{
	uint64_t left = in->len - in->pos;

	if (in->capture.format == PFLOWI_CAPTURE_NEW)
		return fail(in, PFLOW_ERR_TRUNCATED, left == 0
			? "empty, not a packet capture"
			: "too short for a packet capture");
	in->cut_octets = left;
	snprintf(in->text, sizeof(in->text),
	    "%s: cut short: ends inside what follows packet %llu", in->path,
	    (unsigned long long)in->frames);
	return PFLOW_EOF;
}

static int
damaged(struct pflowi_input *in, int status)
{
	if (in->capture.format == PFLOWI_CAPTURE_NEW)
		return try_other(in, status);
	snprintf(in->text, sizeof(in->text), "%s: %s at octet %llu: %s",
	    in->path,
	    status == PFLOW_ERR_MALFORMED ? "damaged" : "cannot be read",
	    (unsigned long long)in->offset, in->capture.problem);
	return status;
}

/** A frame, or what keeps from it; PFLOW_OK with data NULL: none was asked. */
static int
parse(struct pflowi_input *in, struct pflowi_capture_frame *frame)
{
	for (;;) {
		size_t used;
		int rc = pflowi_capture_next(&in->capture, in->buf + in->pos,
		    in->len - in->pos, &used, frame);

		in->pos += used;
		in->offset += used;
		if (PFLOWI_LIKELY(rc == PFLOW_OK)) {
			in->frames++;
			return rc;
		}
		if (rc != PFLOW_ERR_AGAIN)
			return damaged(in, rc);
		if (in->ended)
			return in->pos == in->len &&
			    pflowi_capture_may_end(&in->capture)
			    ? PFLOW_EOF : cut_short(in);
		rc = refill(in);
		if (rc != PFLOW_OK)
			return rc;
	}
}

int
pflowi_input_next(struct pflowi_input *in, struct pflowi_capture_frame *frame)
{
	int rc;

	if (in->other == NULL) {
		rc = parse(in, frame);
		if (in->other == NULL || rc != PFLOW_OK)
			return rc;
	}
	rc = pflowi_other_next(in->other, frame, in->text, sizeof(in->text));
	if (rc == PFLOW_OK)
		in->frames++;
	return rc;
}

/** Judge the header of a regular file, without taking a frame. */
static int
peek(struct pflowi_input *in)
{
	struct pflowi_capture probe;
	struct pflowi_capture_frame frame;
	size_t used;
	int rc;

	rc = refill(in);
	if (rc != PFLOW_OK)
		return rc;
	probe = in->capture;
	rc = pflowi_capture_next(&probe, in->buf, in->len, &used, &frame);
	in->capture.problem = probe.problem;
	if (probe.format != PFLOWI_CAPTURE_NEW)
		return PFLOW_OK;
	return rc == PFLOW_ERR_AGAIN ? cut_short(in) : damaged(in, rc);
}

int
pflowi_input_open(struct pflowi_input *in, const char *path,
    const struct pflow_system *sys)
{
	struct stat st;

	memset(in, 0, sizeof(*in));
	pflowi_capture_init(&in->capture);
	in->fd = -1;
	in->path = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
	in->buf = malloc(BUFFER);
	if (in->path == NULL || in->buf == NULL) {
		snprintf(in->text, sizeof(in->text), "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: pflowi_system_open(sys, path);
	if (in->fd == -1)
		return fail_errno(in, "open");
	if (fstat(in->fd, &st) == -1)
		return fail_errno(in, "stat");
	if (S_ISDIR(st.st_mode))
		return fail(in, PFLOW_ERR_UNSUPPORTED,
		    "is a directory, not a packet capture");
	in->regular = S_ISREG(st.st_mode);
	in->size = in->regular ? (uint64_t)st.st_size : 0;
	return in->regular ? peek(in) : PFLOW_OK;
}

int
pflowi_input_progress(const struct pflowi_input *in)
{
	if (!in->regular || in->other != NULL)
		return -1;
	if (in->offset >= in->size)
		return 1000;
	return (int)((double)in->offset / (double)in->size * 1000);
}

void
pflowi_input_close(struct pflowi_input *in)
{
	if (in->other != NULL)
		pflowi_other_close(in->other);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
	free(in->path);
	in->other = NULL;
	in->fd = -1;
	in->buf = NULL;
	in->path = NULL;
}
