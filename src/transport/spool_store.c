/* SPDX-License-Identifier: ISC */
#include "transport/spool_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/time.h"

#define PERMISSIONS (S_IRUSR | S_IWUSR) /* flows are nobody else's business */
#define POSITION "position"
#define POSITION_NEW "position.new"

static int
fail(struct pflowi_spool_store *s, const char *what)
{
	pflowi_say(s->error, sizeof(s->error), "spool %s: %s: %s", s->dir, what,
	    strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

static int
lock(struct pflowi_spool_store *s)
{
	s->lock_fd = openat(s->dir_fd, "lock",
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, PERMISSIONS);
	if (s->lock_fd == -1)
		return fail(s, "lock");
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return PFLOW_OK;
	if (errno != EWOULDBLOCK)
		return fail(s, "lock");
	pflowi_say(s->error, sizeof(s->error),
	    "spool %s: is in use by another process or interface", s->dir);
	return PFLOW_ERR_SYSTEM;
}

/** Whoever may write into it could forge what we are to send. */
static int
check_directory(struct pflowi_spool_store *s)
{
	struct stat st;

	if (fstat(s->dir_fd, &st) == -1)
		return fail(s, "can not be examined");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return PFLOW_OK;
	pflowi_say(s->error, sizeof(s->error),
	    "spool %s: others may write into it (mode %04o), expected 0700",
	    s->dir, (unsigned)(st.st_mode & 07777));
	return PFLOW_ERR_SYSTEM;
}

int
pflowi_spool_store_open(struct pflowi_spool_store *s)
{
	int rc;

	if (mkdir(s->dir, S_IRWXU) == -1 && errno != EEXIST)
		return fail(s, "can not be made");
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd == -1)
		return fail(s, "can not be opened");
	rc = check_directory(s);
	if (rc == PFLOW_OK)
		rc = lock(s);
	if (rc == PFLOW_OK)
		rc = pflowi_spool_scan(s);
	/* A new process writes a new file. */
	if (rc == PFLOW_OK)
		rc = pflowi_spool_store_rotate(s);
	return rc;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
pflowi_spool_store_close(struct pflowi_spool_store *s)
{
	close_fd(&s->write_fd);
	close_fd(&s->read_fd);
	close_fd(&s->lock_fd);
	close_fd(&s->dir_fd);
	free(s->segment);
	free(s->dir);
	s->segment = NULL;
	s->dir = NULL;
	s->count = 0;
}

uint64_t
pflowi_spool_store_end(const struct pflowi_spool_store *s)
{
	const struct pflowi_spool_segment *newest;

	if (s->count == 0)
		return 0;
	newest = &s->segment[s->count - 1];
	return newest->base + newest->size;
}

/** Write all of it at the end of the newest file, or nothing. */
static int
write_whole(struct pflowi_spool_store *s, const uint8_t *octets, size_t len)
{
	struct pflowi_spool_segment *seg = &s->segment[s->count - 1];
	size_t done = 0;
	int saved;

	while (done < len) {
		ssize_t n = pwrite(s->write_fd, octets + done, len - done,
		    (off_t)(seg->size + done));

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			saved = n == 0 ? ENOSPC : errno;
			if (ftruncate(s->write_fd, (off_t)seg->size) == -1)
				saved = errno;
			errno = saved;
			return fail(s, "can not be written");
		}
	}
	seg->size += len;
	s->octets += len;
	return PFLOW_OK;
}

int
pflowi_spool_store_flush(struct pflowi_spool_store *s)
{
	if (s->sync && fdatasync(s->write_fd) == -1)
		return fail(s, "fdatasync");
	return PFLOW_OK;
}

static int
write_head(struct pflowi_spool_store *s)
{
	struct pflowi_spool_segment *seg = &s->segment[s->count - 1];
	uint8_t *head;
	size_t len;
	int rc;

	if (s->templates.count == 0 || pflowi_get_be16(s->last) == 0)
		return PFLOW_OK;
	head = malloc(UINT16_MAX);
	if (head == NULL) {
		errno = ENOMEM;
		return fail(s, "templates");
	}
	len =
	    pflowi_templates_message(&s->templates, s->last, head, UINT16_MAX);
	rc = len == 0 ? PFLOW_OK : write_whole(s, head, len);
	if (rc == PFLOW_OK)
		seg->head = (uint32_t)len;
	free(head);
	return rc;
}

/** The newest segment can not be used: as if it had not been. */
static int
take_back(struct pflowi_spool_store *s, int rc)
{
	char name[PFLOWI_SPOOL_NAME_MAX];

	close_fd(&s->write_fd);
	pflowi_spool_name(s->segment[--s->count].base, name);
	(void)unlinkat(s->dir_fd, name, 0);
	return rc;
}

int
pflowi_spool_store_rotate(struct pflowi_spool_store *s)
{
	struct pflowi_spool_segment seg = {pflowi_spool_store_end(s), 0, 0};
	int rc;

	/* An empty one is good enough, once it has the templates. */
	if (s->write_fd != -1 && s->segment[s->count - 1].size == 0)
		return write_head(s);
	close_fd(&s->write_fd);
	if (pflowi_spool_add_segment(s, &seg) == -1) {
		errno = ENOMEM;
		return fail(s, "segments");
	}
	s->write_fd =
	    pflowi_spool_open_segment(s, seg.base, O_RDWR | O_CREAT | O_TRUNC);
	if (s->write_fd == -1)
		return take_back(s, fail(s, "a file can not be made"));
	if (s->sync && fsync(s->dir_fd) == -1)
		return take_back(s, fail(s, "fsync"));
	rc = write_head(s);
	return rc == PFLOW_OK ? rc : take_back(s, rc);
}

/** Must a message begin a file? */
static bool
is_new_file_due(const struct pflowi_spool_store *s, size_t len)
{
	return s->count == 0 || s->write_fd == -1 ||
	    s->segment[s->count - 1].size + len > s->segment_octets;
}

int
pflowi_spool_store_append(struct pflowi_spool_store *s, const uint8_t *msg,
    size_t len, uint32_t records)
{
	struct pflowi_templates_effect effect;
	int rc = PFLOW_OK;

	if (is_new_file_due(s, len))
		rc = pflowi_spool_store_rotate(s);
	if (rc == PFLOW_OK)
		rc = write_whole(s, msg, len);
	if (rc != PFLOW_OK)
		return rc;
	pflowi_templates_learn(&s->templates, &s->templates, msg, len, &effect);
	memcpy(s->last, msg, sizeof(s->last));
	pflowi_put_be32(s->last + 8, pflowi_get_be32(msg + 8) + records);
	return PFLOW_OK;
}

bool
pflowi_spool_store_is_full(const struct pflowi_spool_store *s, size_t octets)
{
	/* A new file begins with the templates: a header, two sets. */
	if (is_new_file_due(s, octets))
		octets += PFLOWI_IPFIX_HEADER + 8 + s->templates.used;
	return s->octets + octets > s->max_octets;
}

struct loss_walk {
	struct pflowi_templates templates;
	struct pflowi_spool_loss *loss;
};

static bool
count_loss(void *arg, const uint8_t *msg, uint32_t len)
{
	struct loss_walk *w = arg;
	struct pflowi_templates_effect effect;
	uint32_t secs = pflowi_get_be32(msg + 4);

	pflowi_templates_learn(&w->templates, &w->templates, msg, len, &effect);
	if (!effect.data)
		return true;
	pflowi_spool_loss_add(
	    w->loss, secs, pflowi_templates_count(&w->templates, msg, len));
	return true;
}

static void
remove_oldest(struct pflowi_spool_store *s)
{
	char name[PFLOWI_SPOOL_NAME_MAX];

	pflowi_spool_name(s->segment[0].base, name);
	(void)unlinkat(s->dir_fd, name, 0);
	if (s->read_fd != -1 && s->read_base == s->segment[0].base)
		close_fd(&s->read_fd);
	s->octets -= s->segment[0].size;
	s->count--;
	memmove(
	    &s->segment[0], &s->segment[1], s->count * sizeof(s->segment[0]));
}

void
pflowi_spool_store_evict(
    struct pflowi_spool_store *s, uint64_t from, struct pflowi_spool_loss *loss)
{
	struct loss_walk *w;
	uint64_t start;
	int fd;

	memset(loss, 0, sizeof(*loss));
	if (s->count == 1 && pflowi_spool_store_rotate(s) != PFLOW_OK)
		return;
	start = s->segment[0].base + s->segment[0].head;
	if (from > start)
		start = from;
	w = calloc(1, sizeof(*w));
	fd = pflowi_spool_open_segment(s, s->segment[0].base, O_RDONLY);
	if (w != NULL && fd != -1 &&
	    start < s->segment[0].base + s->segment[0].size) {
		w->loss = loss;
		pflowi_spool_store_templates(s, start, &w->templates);
		(void)pflowi_spool_walk(fd, start - s->segment[0].base,
		    s->segment[0].size, count_loss, w);
	}
	free(w);
	close_fd(&fd);
	remove_oldest(s);
}

void
pflowi_spool_store_forget(struct pflowi_spool_store *s, uint64_t position)
{
	while (
	    s->count > 1 && s->segment[0].base + s->segment[0].size <= position)
		remove_oldest(s);
}

const struct pflowi_spool_segment *
pflowi_spool_store_segment(
    const struct pflowi_spool_store *s, uint64_t position)
{
	size_t i;

	for (i = s->count; i > 0; i--)
		if (position >= s->segment[i - 1].base)
			return &s->segment[i - 1];
	return NULL;
}

uint64_t
pflowi_spool_store_seek(const struct pflowi_spool_store *s, uint64_t position)
{
	const struct pflowi_spool_segment *seg;
	size_t i;

	for (i = 0; i < s->count; i++) {
		seg = &s->segment[i];
		/* Its templates may be all that it has. */
		if (position < seg->base + seg->head)
			position = seg->base + seg->head;
		if (position < seg->base + seg->size)
			return position;
	}
	return pflowi_spool_store_end(s);
}

/** Nothing of it will ever be read. */
static bool
is_gone(int error)
{
	return error == ENOENT || error == EIO || error == EACCES ||
	    error == ELOOP || error == EINVAL;
}

size_t
pflowi_spool_store_read(struct pflowi_spool_store *s, uint64_t position,
    uint8_t *out, size_t room, bool *gone)
{
	const struct pflowi_spool_segment *seg =
	    pflowi_spool_store_segment(s, position);
	uint64_t offset;
	ssize_t n;

	*gone = false;
	if (seg == NULL || position >= seg->base + seg->size)
		return 0;
	offset = position - seg->base;
	if (s->read_fd == -1 || s->read_base != seg->base) {
		close_fd(&s->read_fd);
		s->read_base = seg->base;
		s->read_fd = pflowi_spool_open_segment(s, seg->base, O_RDONLY);
	}
	if (s->read_fd == -1) {
		*gone = is_gone(errno);
		(void)fail(s, "a file can not be read");
		return 0;
	}
	n = pread(s->read_fd, out,
	    (size_t)pflowi_min_u64(room, seg->size - offset), (off_t)offset);
	*gone = n == 0 || (n == -1 && is_gone(errno));
	if (n == -1)
		(void)fail(s, "a file can not be read");
	return n > 0 ? (size_t)n : 0;
}

static bool
learn(void *arg, const uint8_t *msg, uint32_t len)
{
	struct pflowi_templates *ts = arg;
	struct pflowi_templates_effect effect;

	pflowi_templates_learn(ts, ts, msg, len, &effect);
	return true;
}

void
pflowi_spool_store_templates(struct pflowi_spool_store *s, uint64_t position,
    struct pflowi_templates *out)
{
	const struct pflowi_spool_segment *seg =
	    pflowi_spool_store_segment(s, position);
	int fd;

	memset(out, 0, sizeof(*out));
	if (seg == NULL)
		return;
	fd = pflowi_spool_open_segment(s, seg->base, O_RDONLY);
	if (fd == -1)
		return;
	(void)pflowi_spool_walk(
	    fd, 0, pflowi_min_u64(position - seg->base, seg->size), learn, out);
	close(fd);
}

int
pflowi_spool_store_keep(struct pflowi_spool_store *s, uint64_t position)
{
	char text[32];
	int fd, len;
	ssize_t n;

	len = snprintf(text, sizeof(text), "%016" PRIx64 "\n", position);
	fd = openat(s->dir_fd, POSITION_NEW,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, PERMISSIONS);
	if (fd == -1)
		return fail(s, POSITION);
	n = write(fd, text, (size_t)len);
	if (n == len && s->sync)
		(void)fdatasync(fd);
	close(fd);
	if (n != len ||
	    renameat(s->dir_fd, POSITION_NEW, s->dir_fd, POSITION) == -1)
		return fail(s, POSITION);
	return PFLOW_OK;
}

uint64_t
pflowi_spool_store_kept(struct pflowi_spool_store *s)
{
	char text[32] = "";
	uint64_t position = 0;
	ssize_t n;
	int fd = openat(s->dir_fd, POSITION,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	/* What makes no sense begins at the oldest. */
	if (n != 17 || strspn(text, "0123456789abcdef") != 16)
		return 0;
	position = strtoull(text, NULL, 16);
	return position > pflowi_spool_store_end(s) ? 0 : position;
}
