/* SPDX-License-Identifier: ISC */
#include "programs/common/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/port.h"
#include "programs/common/endpoint.h"
#include "programs/common/tap_frame.h"

#define NAME_EXTRA 24 /* ".4294967295" and more */

/** All counters: T(name, "help", kind). */
#define TAP_COUNTERS(T)                                                        \
	T(tapped_messages, "messages written by the tap", INFO)                \
	T(untapped_messages, "messages the tap could not write", INFO)         \
	T(tap_files, "files the tap began", INFO)

struct tap {
	struct pflow_transport base;
	struct pflow_transport_ops ops;
	struct pflow_transport *inner; /**< owned */
	struct pflowi_tap_config cfg;  /**< path: until create() ends */
	int fd[PFLOWI_TAP_FILES_MAX];  /**< all from the start: later nothing
					    may be openable any more */
	unsigned at;		       /**< which of them is written */
	uint64_t written;	       /**< of it, whole frames; 0: no head */
	bool begun;		       /**< something was written */
	bool met;		       /**< ends are of `known` */
	uint32_t known;		       /**< generation */
	struct pflowi_tap_ends ends;
	struct {
#define MEMBER(name, help, kind) uint64_t name;
		TAP_COUNTERS(MEMBER)
#undef MEMBER
	} n;
};

static struct tap *
self(struct pflow_transport *t)
{
	return (void *)t;
}

static const struct tap *
const_self(const struct pflow_transport *t)
{
	return (const void *)t;
}

/** What the inner one knows is what we know. */
static void
mirror(struct tap *tap)
{
	tap->base.generation = tap->inner->generation;
	tap->base.overhead = tap->inner->overhead;
	tap->base.message_limit = tap->inner->message_limit;
	tap->base.refreshes = tap->inner->refreshes;
}

/** Octets of the whole frames of a file that a tap began; 0: it is none. */
static uint64_t
whole_frames(int fd)
{
	uint8_t head[PFLOWI_TAP_HEAD_LEN], ours[PFLOWI_TAP_HEAD_LEN];
	uint64_t at = sizeof(head), len;
	struct stat st;

	pflowi_tap_head(ours, PFLOWI_TAP_LINKTYPE);
	if (fstat(fd, &st) != 0 ||
	    pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, ours, sizeof(head)) != 0)
		return 0;
	while (pread(fd, head, 16, (off_t)at) == 16) {
		len = 16 + (uint64_t)pflowi_get_be32(head + 8);
		if (at + len > (uint64_t)st.st_size)
			break;
		at += len;
	}
	return at;
}

static void
name_file(char *name, size_t len, const char *path, unsigned i)
{
	if (i == 0)
		(void)snprintf(name, len, "%s", path);
	else
		(void)snprintf(name, len, "%s.%u", path, i);
}

bool
pflowi_tap_has(const char *tap, unsigned files, const char *path)
{
	size_t len = strlen(tap);
	char name[NAME_EXTRA];
	unsigned i;

	if (strncmp(tap, path, len) != 0)
		return false;
	for (i = 0; i < files; i++) {
		name_file(name, sizeof(name), "", i);
		if (strcmp(path + len, name) == 0)
			return true;
	}
	return false;
}

static int
ask_for_file(const struct pflow_system *sys, const char *name)
{
	int fd = sys->open_file(sys->arg, name, PFLOW_FILE_GO_ON);
	struct stat st;

	if (fd < 0) {
		errno = -fd;
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK) == 0)
		return fd;
	(void)close(fd);
	errno = ENOTSUP;
	return -1;
}

/** File number i, made if need be. Another tap may still end in it: what both
 *  write is appended. @return false with errno */
static bool
open_file(struct tap *tap, unsigned i)
{
	size_t len = strlen(tap->cfg.path) + NAME_EXTRA;
	const struct pflow_system *sys = tap->cfg.system;
	char *name = malloc(len);
	struct stat st;

	if (name == NULL)
		return false;
	name_file(name, len, tap->cfg.path, i);
	/* A pipe would stop the flows when nobody reads it. */
	if (sys != NULL && sys->open_file != NULL)
		tap->fd[i] = ask_for_file(sys, name);
	else if (lstat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = ENOTSUP;
		tap->fd[i] = -1;
	} else {
		tap->fd[i] = open(name, O_RDWR | O_CREAT | O_APPEND |
		    O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
		    S_IRUSR | S_IWUSR | S_IRGRP);
	}
	free(name);
	return tap->fd[i] != -1;
}

/** Go on behind the frame that was written last, in whichever file. */
static void
go_on(struct tap *tap)
{
	struct stat st;
	time_t latest = 0;
	unsigned i;

	for (i = 0; i < tap->cfg.files; i++)
		if (fstat(tap->fd[i], &st) == 0 && st.st_size > 0 &&
		    st.st_mtime > latest) {
			latest = st.st_mtime;
			tap->at = i;
		}
	tap->written = whole_frames(tap->fd[tap->at]);
	if (ftruncate(tap->fd[tap->at], (off_t)tap->written) != 0)
		tap->written = tap->cfg.size;
}

/** Empty a file and begin it. */
static bool
begin_file(struct tap *tap, unsigned at)
{
	uint8_t head[PFLOWI_TAP_HEAD_LEN];

	tap->at = at;
	tap->written = 0;
	pflowi_tap_head(head, PFLOWI_TAP_LINKTYPE);
	if (ftruncate(tap->fd[at], 0) != 0 || write(tap->fd[at], head,
		sizeof(head)) != (ssize_t)sizeof(head))
		return false;
	tap->written = sizeof(head);
	tap->n.tap_files++;
	return true;
}

/** Make room for a frame. @return false: there is none to be had */
static bool
make_room(struct tap *tap, uint64_t len)
{
	if (PFLOWI_TAP_HEAD_LEN + len > tap->cfg.size)
		return false;
	if (!tap->begun)
		go_on(tap);
	tap->begun = true;
	if (tap->written == 0)
		return begin_file(tap, tap->at);
	return tap->written + len <= tap->cfg.size ||
	    begin_file(tap, (tap->at + 1) % tap->cfg.files);
}

static void
copy_end(const struct sockaddr_storage *sa, uint8_t *address, uint16_t *port)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (sa->ss_family == AF_INET6) {
		memcpy(&six, sa, sizeof(six));
		memcpy(address, &six.sin6_addr, 16);
		*port = ntohs(six.sin6_port);
	} else if (sa->ss_family == AF_INET) {
		memcpy(&four, sa, sizeof(four));
		memcpy(address, &four.sin_addr, 4);
		*port = ntohs(four.sin_port);
	}
}

/** The ends of the session; where there is none, of no addresses. */
static void
learn_ends(struct tap *tap, const struct pflow_message *msg)
{
	struct sockaddr_storage from, to;
	socklen_t from_len = sizeof(from), to_len = sizeof(to);
	struct pflow_want want;

	if (tap->met && tap->known == tap->inner->generation)
		return;
	tap->met = true;
	tap->known = tap->inner->generation;
	memset(&tap->ends, 0, sizeof(tap->ends));
	tap->ends.ip_version = 4;
	tap->ends.to_port = msg->len > 1 && msg->data[1] == 10
	    ? PFLOWI_PORT_IPFIX : PFLOWI_PORT_NETFLOW;
	tap->inner->ops->want(tap->inner, &want);
	if (want.fd == -1 ||
	    getsockname(want.fd, (struct sockaddr *)&from, &from_len) != 0 ||
	    getpeername(want.fd, (struct sockaddr *)&to, &to_len) != 0 ||
	    (to.ss_family != AF_INET && to.ss_family != AF_INET6) ||
	    from.ss_family != to.ss_family)
		return;
	tap->ends.ip_version = to.ss_family == AF_INET6 ? 6 : 4;
	copy_end(&from, tap->ends.from, &tap->ends.from_port);
	copy_end(&to, tap->ends.to, &tap->ends.to_port);
}

/** A frame is there whole or not at all. */
static bool
write_one(struct tap *tap, const struct pflow_message *msg,
    struct pflow_now now)
{
	uint8_t front[PFLOWI_TAP_FRONT_LEN];
	struct iovec iov[2];
	size_t len;

	len = pflowi_tap_front(front, &tap->ends, msg->data, msg->len,
	    now.wall_ns);
	if (len == 0 || !make_room(tap, len + msg->len))
		return false;
	iov[0].iov_base = front;
	iov[0].iov_len = len;
	iov[1].iov_base = (void *)(uintptr_t)msg->data;
	iov[1].iov_len = msg->len;
	if (writev(tap->fd[tap->at], iov, 2) != (ssize_t)(len + msg->len)) {
		/* Whatever is left of it must not hide the next ones. */
		if (ftruncate(tap->fd[tap->at], (off_t)tap->written) != 0)
			tap->written = 0;
		return false;
	}
	tap->written += len + msg->len;
	return true;
}

static int
tap_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now now)
{
	struct tap *tap = self(t);
	int status = tap->inner->ops->send(tap->inner, msgs, count, sent, now);
	size_t i;

	for (i = 0; i < *sent; i++) {
		learn_ends(tap, &msgs[i]);
		if (write_one(tap, &msgs[i], now))
			tap->n.tapped_messages++;
		else
			tap->n.untapped_messages++;
	}
	mirror(tap);
	return status;
}

static int
tap_open(struct pflow_transport *t, struct pflow_now now)
{
	struct tap *tap = self(t);
	int status = tap->inner->ops->open(tap->inner, now);

	mirror(tap);
	return status;
}

static int
tap_service(struct pflow_transport *t, struct pflow_now now)
{
	struct tap *tap = self(t);
	int status = tap->inner->ops->service(tap->inner, now);

	mirror(tap);
	return status;
}

static void
tap_want(const struct pflow_transport *t, struct pflow_want *out)
{
	const struct pflow_transport *inner = const_self(t)->inner;

	inner->ops->want(inner, out);
}

static void
tap_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	const struct tap *tap = const_self(t);

	if (tap->inner->ops->counters != NULL)
		tap->inner->ops->counters(tap->inner, fn, arg);
#define TELL(counter, text, type)                                              \
	fn(arg, &(const struct pflow_counter){ .name = #counter,               \
	    .help = (text), .value = tap->n.counter,                           \
	    .kind = PFLOW_COUNTER_##type });
	TAP_COUNTERS(TELL)
#undef TELL
}

static const char *
tap_error_text(const struct pflow_transport *t)
{
	const struct pflow_transport *inner = const_self(t)->inner;

	return inner->ops->error_text(inner);
}

static void
tap_free(struct tap *tap)
{
	unsigned i;

	for (i = 0; i < tap->cfg.files; i++)
		if (tap->fd[i] != -1)
			(void)close(tap->fd[i]);
	free(tap);
}

static void
tap_close(struct pflow_transport *t)
{
	struct tap *tap = self(t);

	tap->inner->ops->close(tap->inner);
	tap_free(tap);
}

static void
tap_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	struct tap *tap = self(t);

	tap->inner->ops->progress(tap->inner, out);
}

static void
tap_restart(struct pflow_transport *t, struct pflow_now now)
{
	struct tap *tap = self(t);

	tap->inner->ops->restart(tap->inner, now);
	mirror(tap);
}

static void
wrap(struct tap *tap, struct pflow_transport *inner)
{
	tap->inner = inner;
	tap->ops = *inner->ops;
	tap->ops.open = tap_open;
	tap->ops.send = tap_send;
	tap->ops.service = tap_service;
	tap->ops.want = tap_want;
	tap->ops.counters = tap_counters;
	tap->ops.error_text = tap_error_text;
	tap->ops.close = tap_close;
	if (inner->ops->progress != NULL)
		tap->ops.progress = tap_progress;
	if (inner->ops->restart != NULL)
		tap->ops.restart = tap_restart;
	tap->base.ops = &tap->ops;
	mirror(tap);
}

int
pflowi_tap_create(const struct pflowi_tap_config *cfg,
    struct pflow_transport *inner, struct pflow_transport **out, char *err,
    size_t err_len)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	unsigned i;

	if (tap == NULL) {
		(void)snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	tap->cfg = *cfg;
	for (i = 0; i < cfg->files; i++)
		tap->fd[i] = -1;
	for (i = 0; i < cfg->files; i++)
		if (!open_file(tap, i)) {
			(void)snprintf(err, err_len, "tap %s: %s", cfg->path,
			    errno == ENOTSUP ? "is no regular file"
					     : strerror(errno));
			tap_free(tap);
			return PFLOW_ERR_SYSTEM;
		}
	tap->cfg.path = NULL;
	wrap(tap, inner);
	*out = &tap->base;
	return PFLOW_OK;
}
