/* SPDX-License-Identifier: ISC */
/*
 * file: messages one after another, the format of RFC 5655 for IPFIX. PATH is
 * created or emptied at open(), as converters do; "-" is standard output.
 *
 * With rotation PATH is the file that is being written. One that is full is
 * given a name with the time, and so is one that an earlier run left: nothing
 * is ever emptied. A new file is a new session (RFC 5655, 5): it begins with
 * its own templates.
 *
 * A file ends on a whole message: what a full disk cut short is taken back.
 * Pipes can not take back; a reader that is gone raises SIGPIPE unless the
 * program ignores it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"
#include "transport/aside.h"
#include "transport/stream.h"
#include "transport/transport.h"

/** All counters: F(name, "help", kind). */
#define FILE_COUNTERS(F)                                                       \
	F(sent_messages, "messages written", INFO)                             \
	F(sent_octets, "octets of these messages", INFO)                       \
	F(sent_records, "Data Records in them", INFO)                          \
	F(full_waits, "times a pipe had no room", INFO)                        \
	F(write_errors, "writes that failed", INFO)                            \
	F(cut_messages, "messages cut short where they can not be taken back", \
	    INFO)                                                          \
	F(rotations, "files that were full and were given another name", INFO)

struct file {
	struct pflow_transport base;
	char *path;
	const struct pflow_system *system; /**< borrowed; NULL: no help */
	int fd;
	bool regular;  /**< can be cut back */
	bool blocked;  /**< a pipe is full */
	bool failed;   /**< the last write was refused */
	size_t offset; /**< how much of the head message is written */
	off_t whole;   /**< octets of whole messages */
	uint64_t rotate_octets; /**< largest file; 0: any */
	uint64_t rotate_ns;	/**< longest time in a file; 0: any */
	uint64_t begun_ns;	/**< mono_ns of its first record */
	uint64_t records;	/**< Data Records in it */
	bool full;		/**< service() begins the next */
	struct {
#define MEMBER(name, help, kind) uint64_t name;
		FILE_COUNTERS(MEMBER)
#undef MEMBER
	} n;
	char error[PFLOWI_ERROR_MAX];
};

static struct file *
self(struct pflow_transport *t)
{
	return (void *)t;
}

static int
fail(struct file *f, const char *what, int error)
{
	pflowi_say(f->error, sizeof(f->error), "file:%s: %s: %s", f->path, what,
	    strerror(error));
	return PFLOW_ERR_SYSTEM;
}

static bool
rotates(const struct file *f)
{
	return f->rotate_octets != 0 || f->rotate_ns != 0;
}

static int
open_fd(const struct pflow_system *sys, const char *path)
{
	int fd;

	/* Non-blocking for the sake of FIFOs; files do not care. */
	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (sys != NULL && sys->open_file != NULL) {
		fd = sys->open_file(sys->arg, path, PFLOW_FILE_BEGIN);
		if (fd >= 0)
			return fd;
		errno = -fd;
		return -1;
	}
	return open(path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
}

static int
open_path(struct file *f)
{
	struct stat st;

	f->fd = open_fd(f->system, f->path);
	if (f->fd == -1)
		return fail(f,
		    errno == ENXIO ? "nobody reads this pipe"
				   : "can not be opened",
		    errno);
	if (fstat(f->fd, &st) == -1)
		return fail(f, "fstat", errno);
	f->regular = S_ISREG(st.st_mode) && strcmp(f->path, "-") != 0;
	if (rotates(f) && !f->regular) {
		pflowi_say(f->error, sizeof(f->error),
		    "file:%s: can not be rotated, expected a regular file",
		    f->path);
		return PFLOW_ERR_SYSTEM;
	}
	f->whole = 0;
	f->records = 0;
	f->base.generation++;
	return PFLOW_OK;
}

/** When a file of an earlier run was full; 0: there is none to be kept. */
static uint64_t
full_since(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	return ((uint64_t)st.st_mtime + 1) * PFLOWI_NS_PER_SEC -
	    PFLOWI_NS_PER_MS;
}

int
pflow_file_set_aside(const char *path, uint64_t wall_ns)
{
	size_t len = strlen(path) + PFLOWI_ASIDE_ROOM;
	char *name;
	int rc = 0;

	if (wall_ns == 0)
		wall_ns = full_since(path);
	if (wall_ns == 0)
		return 0;
	name = malloc(len);
	if (name == NULL)
		return -ENOMEM;
	if (pflowi_aside_move(name, len, path, wall_ns) == -1)
		rc = -errno;
	free(name);
	return rc;
}

static int
ask_to_set_aside(struct file *f, uint64_t wall_ns)
{
	int rc = f->system->set_aside(f->system->arg, f->path, wall_ns);

	return rc == 0 ? PFLOW_OK : fail(f, "can not be renamed", -rc);
}

static bool
is_helped(const struct file *f)
{
	return f->system != NULL && f->system->set_aside != NULL;
}

/** Give the file its name with the time. */
static int
move_aside(struct file *f, uint64_t wall_ns)
{
	size_t len = strlen(f->path) + PFLOWI_ASIDE_ROOM;
	char *name = malloc(len);
	int rc = PFLOW_OK;

	if (is_helped(f)) {
		free(name);
		return ask_to_set_aside(f, wall_ns);
	}
	if (name == NULL) {
		rc = fail(f, "can not be renamed", ENOMEM);
	} else if (pflowi_aside_move(name, len, f->path, wall_ns) == -1) {
		pflowi_say(f->error, sizeof(f->error),
		    "file:%s: can not be renamed to %s: %s", f->path, name,
		    strerror(errno));
		rc = PFLOW_ERR_SYSTEM;
	}
	free(name);
	return rc;
}

/** What an earlier run left is kept, under the time of its last message: as
 *  the last file of that second. */
static int
keep_old(struct file *f)
{
	uint64_t wall_ns = is_helped(f) ? 0 : full_since(f->path);

	if (wall_ns == 0 && !is_helped(f))
		return PFLOW_OK;
	return move_aside(f, wall_ns);
}

static int
file_open(struct pflow_transport *t, struct pflow_now now)
{
	struct file *f = self(t);
	int rc = PFLOW_OK;

	(void)now;
	if (rotates(f))
		rc = keep_old(f);
	return rc == PFLOW_OK ? open_path(f) : rc;
}

/** The file is full: the next one. */
static int
rotate(struct file *f, struct pflow_now now)
{
	int rc = PFLOW_OK, fd = f->fd;

	f->full = false;
	f->failed = true;
	f->fd = -1;
	/* Some systems tell here what they could not write. */
	if (close(fd) == -1)
		return fail(f, "close", errno);
	rc = move_aside(f, now.wall_ns);
	if (rc == PFLOW_OK)
		rc = open_path(f);
	if (rc == PFLOW_OK) {
		f->n.rotations++;
		f->failed = false;
	}
	return rc;
}

/** Back to the last whole message, so that a reader finds no half one. */
static void
cut_back(struct file *f)
{
	if (f->offset == 0)
		return;
	f->offset = 0;
	if (f->regular && ftruncate(f->fd, f->whole) == 0 &&
	    lseek(f->fd, f->whole, SEEK_SET) == f->whole)
		return;
	f->n.cut_messages++;
}

static int
refused(struct file *f, int error)
{
	(void)fail(f, "write", error);
	f->n.write_errors++;
	f->failed = true;
	cut_back(f);
	return PFLOW_ERR_CLOSED;
}

static void
account(struct file *f, const struct pflow_message *msgs, size_t count,
    struct pflow_now now)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (f->records == 0 && msgs[i].records != 0)
			f->begun_ns = now.mono_ns;
		f->n.sent_octets += msgs[i].len;
		f->n.sent_records += msgs[i].records;
		f->records += msgs[i].records;
		f->whole += (off_t)msgs[i].len;
	}
	f->n.sent_messages += count;
}

static bool
is_old(const struct file *f, struct pflow_now now)
{
	return f->rotate_ns != 0 && f->records != 0 &&
	    pflowi_time_sub(now.mono_ns, f->begun_ns) >= f->rotate_ns;
}

/**
 * How many of the messages this file takes. One that has no records yet takes
 * one more, however small the limit: or there would be files without end.
 */
static size_t
that_fit(const struct file *f, const struct pflow_message *msgs, size_t count,
    struct pflow_now now)
{
	uint64_t octets = (uint64_t)f->whole;
	size_t n = 0;

	if (f->offset != 0 || !rotates(f))
		return count;
	if (is_old(f, now))
		return 0;
	for (n = 0; n < count && f->rotate_octets != 0; n++) {
		octets += msgs[n].len;
		if (octets > f->rotate_octets)
			break;
	}
	if (f->rotate_octets == 0)
		return count;
	return n == 0 && f->records == 0 ? 1 : n;
}

/** @return as write(2): octets of the messages that were taken */
static ssize_t
write_some(struct file *f, const struct pflow_message *msgs, size_t count)
{
	struct iovec iov[PFLOWI_STREAM_IOV];
	int vecs = pflowi_stream_iov(msgs, count, f->offset, iov);
	ssize_t n;

	do {
		n = writev(f->fd, iov, vecs);
	} while (n == -1 && errno == EINTR);
	return n;
}

static int
file_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct file *f = self(t);
	size_t done;

	f->blocked = false;
	for (*sent = 0; *sent < count; *sent += done) {
		size_t fit = that_fit(f, msgs + *sent, count - *sent, now);
		ssize_t n;

		if (f->failed && f->fd == -1)
			return PFLOW_ERR_CLOSED;
		if (fit == 0) {
			f->full = true;
			return PFLOW_ERR_CLOSED;
		}
		n = write_some(f, msgs + *sent, fit);
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			f->blocked = true;
			f->n.full_waits++;
			return PFLOW_ERR_AGAIN;
		}
		if (n <= 0)
			return refused(f, n == 0 ? ENOSPC : errno);
		f->failed = false;
		done = pflowi_stream_step(
		    msgs + *sent, fit, &f->offset, (size_t)n);
		account(f, msgs + *sent, done, now);
	}
	return PFLOW_OK;
}

static int
file_service(struct pflow_transport *t, struct pflow_now now)
{
	struct file *f = self(t);

	f->blocked = false; /* the next send() sees */
	if (f->full || (f->offset == 0 && is_old(f, now)))
		return rotate(f, now);
	return f->failed ? PFLOW_ERR_SYSTEM : PFLOW_OK;
}

static void
file_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct file *f = (const void *)t;

	out->fd = f->blocked ? f->fd : -1;
	out->events = f->blocked ? PFLOW_WANT_WRITE : 0;
	out->deadline_ns = PFLOW_NEVER;
	if (f->full)
		out->deadline_ns = 0;
	else if (f->rotate_ns != 0 && f->records != 0 && f->fd != -1)
		out->deadline_ns = pflowi_time_add(f->begun_ns, f->rotate_ns);
}

static void
file_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct file *f = (const void *)t;

#define TELL(name, help, kind) \
	pflowi_tell(fn, arg, #name, help, f->n.name, PFLOW_COUNTER_##kind);
	FILE_COUNTERS(TELL)
#undef TELL
}

static const char *
file_error_text(const struct pflow_transport *t)
{
	const struct file *f = (const void *)t;

	return f->error;
}

static void
file_close(struct pflow_transport *t)
{
	struct file *f = self(t);

	if (f->fd != -1) {
		cut_back(f);
		close(f->fd);
	}
	free(f->path);
	free(f);
}

static const struct pflow_transport_ops ops = {
    .name = "file",
    .nature = PFLOW_TRANSPORT_FILE,
    .open = file_open,
    .send = file_send,
    .service = file_service,
    .want = file_want,
    .counters = file_counters,
    .error_text = file_error_text,
    .close = file_close,
};

static int
create(const char *argument, const struct pflow_transport_config *cfg,
    struct pflow_transport **out, char *err, size_t err_len)
{
	struct file *f;

	*out = NULL;
	if (argument[0] == '\0') {
		pflowi_say(err, err_len,
		    "file:: no path, expected file:PATH, or file:- for "
		    "standard output");
		return PFLOW_ERR_INVALID;
	}
	if (strcmp(argument, "-") == 0 &&
	    (cfg->rotate_octets != 0 || cfg->rotate_ns != 0)) {
		pflowi_say(err, err_len,
		    "file:-: can not be rotated, expected file:PATH");
		return PFLOW_ERR_INVALID;
	}
	f = calloc(1, sizeof(*f));
	if (f != NULL)
		f->path = strdup(argument);
	if (f == NULL || f->path == NULL) {
		free(f);
		pflowi_say(err, err_len, "file:%s: out of memory", argument);
		return PFLOW_ERR_NOMEM;
	}
	f->base.ops = &ops;
	f->system = cfg->system;
	f->fd = -1;
	f->rotate_octets = cfg->rotate_octets;
	f->rotate_ns = cfg->rotate_ns;
	*out = &f->base;
	return PFLOW_OK;
}

const struct pflow_transport_kind pflowi_transport_file = {
    .name = "file",
    .argument = "PATH",
    .help = "messages one after another (RFC 5655)",
    .available = true,
    .nature = PFLOW_TRANSPORT_FILE,
    .create = create,
};
