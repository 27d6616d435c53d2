/* SPDX-License-Identifier: ISC */
/*
 * file: messages one after another, the format of RFC 5655 for IPFIX. PATH is
 * created or emptied at open(), as converters do; "-" is standard output.
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
	    INFO)

struct file {
	struct pflow_transport base;
	char *path;
	int fd;
	bool regular;  /**< can be cut back */
	bool blocked;  /**< a pipe is full */
	bool failed;   /**< the last write was refused */
	size_t offset; /**< how much of the head message is written */
	off_t whole;   /**< octets of whole messages */
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

static int
open_fd(const char *path)
{
	/* Non-blocking for the sake of FIFOs; files do not care. */
	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return open(path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
}

static int
file_open(struct pflow_transport *t, struct pflow_now now)
{
	struct file *f = self(t);
	struct stat st;

	(void)now;
	f->fd = open_fd(f->path);
	if (f->fd == -1)
		return fail(f,
		    errno == ENXIO ? "nobody reads this pipe"
				   : "can not be opened",
		    errno);
	if (fstat(f->fd, &st) == -1)
		return fail(f, "fstat", errno);
	f->regular = S_ISREG(st.st_mode) && strcmp(f->path, "-") != 0;
	t->generation = 1;
	return PFLOW_OK;
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
account(struct file *f, const struct pflow_message *msgs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		f->n.sent_octets += msgs[i].len;
		f->n.sent_records += msgs[i].records;
		f->whole += (off_t)msgs[i].len;
	}
	f->n.sent_messages += count;
}

static int
file_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct file *f = self(t);
	struct iovec iov[PFLOWI_STREAM_IOV];
	size_t done;

	(void)now;
	f->blocked = false;
	for (*sent = 0; *sent < count; *sent += done) {
		int vecs = pflowi_stream_iov(
		    msgs + *sent, count - *sent, f->offset, iov);
		ssize_t n = writev(f->fd, iov, vecs);

		done = 0;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			f->blocked = true;
			f->n.full_waits++;
			return PFLOW_ERR_AGAIN;
		}
		if (n <= 0)
			return refused(f, n == 0 ? ENOSPC : errno);
		f->failed = false;
		done = pflowi_stream_step(
		    msgs + *sent, count - *sent, &f->offset, (size_t)n);
		account(f, msgs + *sent, done);
	}
	return PFLOW_OK;
}

static int
file_service(struct pflow_transport *t, struct pflow_now now)
{
	(void)now;
	self(t)->blocked = false; /* the next send() sees */
	return self(t)->failed ? PFLOW_ERR_SYSTEM : PFLOW_OK;
}

static void
file_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct file *f = (const void *)t;

	out->fd = f->blocked ? f->fd : -1;
	out->events = f->blocked ? PFLOW_WANT_WRITE : 0;
	out->deadline_ns = PFLOW_NEVER;
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

	(void)cfg;
	*out = NULL;
	if (argument[0] == '\0') {
		pflowi_say(err, err_len,
		    "file:: no path, expected file:PATH, or file:- for "
		    "standard output");
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
	f->fd = -1;
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
