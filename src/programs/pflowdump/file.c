/* SPDX-License-Identifier: ISC */
/* Files: messages one after another (RFC 5655, or v5 datagrams), captures. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pflow/wire.h>

#include "core/time.h"
#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/common/stop.h"
#include "programs/pflowdump/dump.h"

/** Holds the largest message, and more so that reads are large. */
#define BUFFER ((size_t)256 << 10)

struct stream {
	const char *path;
	uint8_t *buf; /**< BUFFER octets */
	size_t begin; /**< first octet not yet decoded */
	size_t end;
	uint64_t at;  /**< place of buf[begin] in the file */
	uint64_t wrong; /**< checksums */
	int fd;
	bool damaged;
};

/** Octets of the message at the head; as pflow_decoder_frame(). */
static int
frame(const uint8_t *buf, size_t len, size_t *need)
{
	uint16_t count;

	*need = 4;
	if (len < 4)
		return PFLOW_ERR_TRUNCATED;
	if (pflow_wire_u16(buf) != PFLOW_WIRE_V5_VERSION)
		return pflow_decoder_frame(buf, len, need);
	count = pflow_wire_u16(buf + 2);
	if (count == 0 || count > PFLOW_WIRE_V5_MAX_RECORDS)
		return PFLOW_ERR_MALFORMED;
	*need = sizeof(struct pflow_wire_v5_header) +
	    count * sizeof(struct pflow_wire_v5_record);
	return PFLOW_OK;
}

/** Step over octets that are no message, and say so once. */
static void
skip_damage(struct pflowdump *d, struct stream *s)
{
	size_t skip = 1;

	if (!s->damaged)
		pflowi_note("%s: octet %" PRIu64 ": no NetFlow v5 or IPFIX "
		    "message begins here", s->path, s->at);
	s->damaged = true;
	(void)pflow_decoder_resync(s->buf + s->begin, s->end - s->begin,
	    &skip);
	if (skip == 0)
		skip = 1;
	d->skipped_octets += skip;
	s->begin += skip;
	s->at += skip;
}

/** A message that was changed; what it says was printed all the same. */
static void
tell_checksum(const struct pflowdump *d, struct stream *s)
{
	uint64_t wrong = pflowdump_checksums_wrong(d);

	if (wrong == s->wrong)
		return;
	s->wrong = wrong;
	pflowi_note("%s: octet %" PRIu64 ": the checksum of this message is "
	    "wrong", s->path, s->at);
}

/** Decode the whole messages in the buffer. */
static void
take_messages(struct pflowdump *d, struct stream *s)
{
	static const struct pflowdump_ends none;

	while (!d->done) {
		size_t len = s->end - s->begin, need;
		int status = frame(s->buf + s->begin, len, &need);

		if (status == PFLOW_ERR_MALFORMED) {
			skip_damage(d, s);
			continue;
		}
		if (status != PFLOW_OK || need > len)
			return;
		(void)pflowdump_message(d, &none, s->buf + s->begin, need);
		tell_checksum(d, s);
		s->begin += need;
		s->at += need;
	}
}

/** Wait for octets of a pipe; files have them always. */
static bool
wait_for_octets(const struct pflowdump *d, const struct stream *s)
{
	struct pollfd fds[2] = { { s->fd, POLLIN, 0 },
		{ pflowi_stop_fd(), POLLIN, 0 } };
	int ms = -1;

	if (d->idle_ns != PFLOW_NEVER)
		ms = (int)pflowi_min_u64(d->idle_ns / PFLOWI_NS_PER_MS,
		    INT32_MAX);
	for (;;) {
		int n = poll(fds, 2, ms);

		if (pflowi_stop_wanted() || n == 0)
			return false;
		if (n > 0 || errno != EINTR)
			return true;
	}
}

/** @return octets; 0: the end, or no more is wanted; -1: failed */
static ssize_t
refill(struct pflowdump *d, struct stream *s)
{
	ssize_t n;

	memmove(s->buf, s->buf + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = 0;
	do {
		if (fflush(d->writer.out) != 0 || !wait_for_octets(d, s)) {
			d->done = true;
			return 0;
		}
		n = read(s->fd, s->buf + s->end, BUFFER - s->end);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		s->end += (size_t)n;
	return n;
}

static int
read_stream(struct pflowdump *d, struct stream *s)
{
	ssize_t n;

	do {
		take_messages(d, s);
		n = d->done ? 0 : refill(d, s);
	} while (n > 0);
	if (n == -1) {
		pflowi_note("%s: %s", s->path, strerror(errno));
		return PFLOWI_EXIT_FAILED;
	}
	if (!d->done && s->begin != s->end) {
		pflowi_note("%s: octet %" PRIu64 ": the file ends inside this "
		    "message", s->path, s->at);
		return PFLOWI_EXIT_FAILED;
	}
	return s->damaged || s->wrong != 0 ? PFLOWI_EXIT_FAILED
					   : PFLOWI_EXIT_OK;
}

/** @param first  octet that was read already */
static int
dump_stream(struct pflowdump *d, FILE *file, const char *path, int first)
{
	struct stream s = { path, malloc(BUFFER), 0, 1, 0, 0,
		fileno(file), false };
	int code = PFLOWI_EXIT_FAILED;

	if (s.buf == NULL) {
		pflowi_note("out of memory");
	} else {
		s.buf[0] = (uint8_t)first;
		code = read_stream(d, &s);
	}
	free(s.buf);
	return code;
}

int
pflowdump_file(struct pflowdump *d, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	int code, first;

	if (file == NULL) {
		pflowi_note("%s: %s", path, strerror(errno));
		return PFLOWI_EXIT_FAILED;
	}
	/* So that exactly one octet is gone, and libpcap can have it back. */
	(void)setvbuf(file, NULL, _IONBF, 0);
	first = getc(file);
	if (first == EOF) {
		code = PFLOWI_EXIT_OK;
		if (ferror(file)) {
			pflowi_note("%s: %s", name, strerror(errno));
			code = PFLOWI_EXIT_FAILED;
		}
	} else if (first == 0) {
		/* Versions 5 and 10; no capture begins with zero. */
		code = dump_stream(d, file, name, first);
	} else {
		(void)ungetc(first, file);
		return pflowdump_capture(d, file, name);
	}
	(void)fclose(file);
	return code;
}
