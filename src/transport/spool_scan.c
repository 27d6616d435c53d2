/* SPDX-License-Identifier: ISC */
/* What a process before us left in the directory. It is not believed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/time.h"
#include "transport/spool_store.h"

#define SUFFIX ".ipfix"
#define DIGITS 16
#define CHUNK ((size_t)256 << 10) /* holds any message, of up to 65535 */

void
pflowi_spool_name(uint64_t base, char *out)
{
	(void)snprintf(out, PFLOWI_SPOOL_NAME_MAX, "%016" PRIx64 SUFFIX, base);
}

int
pflowi_spool_open_segment(
    const struct pflowi_spool_store *s, uint64_t base, int flags)
{
	char name[PFLOWI_SPOOL_NAME_MAX];
	struct stat st;
	int fd;

	pflowi_spool_name(base, name);
	fd = openat(s->dir_fd, name,
	    flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

int
pflowi_spool_add_segment(
    struct pflowi_spool_store *s, const struct pflowi_spool_segment *seg)
{
	struct pflowi_spool_segment *list;
	size_t room = s->room == 0 ? 32 : 2 * s->room;

	if (s->count == s->room) {
		list = realloc(s->segment, room * sizeof(*list));
		if (list == NULL)
			return -1;
		s->segment = list;
		s->room = room;
	}
	s->segment[s->count++] = *seg;
	return 0;
}

/** Whole messages at the start of a buffer. @return octets of them; *stop:
 *  what follows is none, or fn had enough */
static size_t
visit(const uint8_t *buf, size_t len, pflowi_spool_visit_fn *fn, void *arg,
    bool *stop)
{
	size_t at = 0;

	while (len - at >= PFLOWI_IPFIX_HEADER) {
		uint32_t n = pflowi_get_be16(buf + at + 2);

		if (n < PFLOWI_IPFIX_HEADER ||
		    pflowi_get_be16(buf + at) != 10) {
			*stop = true;
			break;
		}
		if (n > len - at)
			break;
		if (!fn(arg, buf + at, n)) {
			*stop = true;
			break;
		}
		at += n;
	}
	return at;
}

uint64_t
pflowi_spool_walk(
    int fd, uint64_t from, uint64_t to, pflowi_spool_visit_fn *fn, void *arg)
{
	uint8_t *buf = malloc(CHUNK);
	bool stop = buf == NULL;
	ssize_t n;
	size_t used;

	while (!stop && from < to) {
		n = pread(fd, buf, (size_t)pflowi_min_u64(CHUNK, to - from),
		    (off_t)from);
		if (n <= 0)
			break;
		used = visit(buf, (size_t)n, fn, arg, &stop);
		if (used == 0)
			break;
		from += used;
	}
	free(buf);
	return from;
}

static bool
parse_name(const char *name, uint64_t *base)
{
	if (strlen(name) != DIGITS + strlen(SUFFIX) ||
	    strspn(name, "0123456789abcdef") != DIGITS ||
	    strcmp(name + DIGITS, SUFFIX) != 0)
		return false;
	*base = strtoull(name, NULL, 16);
	return *base < UINT64_MAX / 2;
}

static int
compare(const void *a, const void *b)
{
	const struct pflowi_spool_segment *x = a, *y = b;

	return x->base < y->base ? -1 : x->base > y->base;
}

static int
list(struct pflowi_spool_store *s)
{
	struct pflowi_spool_segment seg = {0, 0, 0};
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd = fcntl(s->dir_fd, F_DUPFD_CLOEXEC, 0), rc = 0;

	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	rewinddir(dir);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (!parse_name(entry->d_name, &seg.base) ||
		    fstatat(s->dir_fd, entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == -1 ||
		    !S_ISREG(st.st_mode))
			continue;
		seg.size = (uint64_t)st.st_size;
		rc = pflowi_spool_add_segment(s, &seg);
	}
	closedir(dir);
	if (s->count > 0)
		qsort(s->segment, s->count, sizeof(s->segment[0]), compare);
	return rc;
}

/** Looks at all messages of one segment. */
struct check {
	struct pflowi_spool_store *s;
	struct pflowi_templates *templates;
	uint32_t head;
	bool first;
	bool any;
};

static bool
check_message(void *arg, const uint8_t *msg, uint32_t len)
{
	struct check *c = arg;
	struct pflowi_templates_effect effect;
	uint32_t records;

	pflowi_templates_learn(c->templates, c->templates, msg, len, &effect);
	if (c->first && !effect.data)
		c->head = len;
	c->first = false;
	c->any = true;
	records = pflowi_templates_count(c->templates, msg, len);
	memcpy(c->s->last, msg, sizeof(c->s->last));
	pflowi_put_be32(c->s->last + 8, pflowi_get_be32(msg + 8) + records);
	return true;
}

/** A file is as long as it makes sense, and ends where the next begins. */
static void
check_segment(struct pflowi_spool_store *s, size_t i)
{
	struct pflowi_spool_segment *seg = &s->segment[i];
	struct check c = {.s = s, .templates = &s->templates, .first = true};
	uint64_t size = seg->size, end;
	int fd = pflowi_spool_open_segment(s, seg->base, O_RDWR);

	if (i + 1 < s->count)
		size = pflowi_min_u64(size, s->segment[i + 1].base - seg->base);
	if (size > 0)
		memset(&s->templates, 0, sizeof(s->templates));
	end = fd == -1 ? 0 : pflowi_spool_walk(fd, 0, size, check_message, &c);
	s->damaged_octets += seg->size - end;
	if (fd != -1 && end < seg->size && ftruncate(fd, (off_t)end) == -1)
		pflowi_say(s->error, sizeof(s->error),
		    "spool %s: a broken file can not be cut: %s", s->dir,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	seg->size = end;
	seg->head = c.head;
	s->octets += end;
}

/** Files without a message: nothing is lost with them. */
static void
drop_empty(struct pflowi_spool_store *s)
{
	char name[PFLOWI_SPOOL_NAME_MAX];
	size_t i, n = 0;

	for (i = 0; i < s->count; i++) {
		if (s->segment[i].size > 0) {
			s->segment[n++] = s->segment[i];
			continue;
		}
		pflowi_spool_name(s->segment[i].base, name);
		(void)unlinkat(s->dir_fd, name, 0);
	}
	s->count = n;
}

int
pflowi_spool_scan(struct pflowi_spool_store *s)
{
	size_t i;

	if (list(s) == -1) {
		pflowi_say(s->error, sizeof(s->error),
		    "spool %s: can not be listed: %s", s->dir, strerror(errno));
		return PFLOW_ERR_SYSTEM;
	}
	for (i = 0; i < s->count; i++)
		check_segment(s, i);
	drop_empty(s);
	return PFLOW_OK;
}
