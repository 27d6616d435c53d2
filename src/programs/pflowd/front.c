/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/front.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/pflowd/channel.h"
#include "programs/pflowd/request.h"

struct client {
	int fd; /**< -1: free */
	enum pflowd_right right;
	bool known;  /**< the worker has its descriptor */
	bool busy;   /**< the worker is at its request */
	bool ended;  /**< it asks no more */
	size_t len;
	char text[PFLOWD_LINE_LEN];
};

struct pflowd_front {
	int fd;
	struct sockaddr_un addr;
	struct pflowd_rights rights;
	struct client clients[PFLOWD_CLIENTS_MAX];
};

/** Is somebody behind the socket? */
static bool
is_answered(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool answered;

	if (fd == -1)
		return false;
	answered = connect(fd, (const struct sockaddr *)addr,
	    sizeof(*addr)) == 0;
	(void)close(fd);
	return answered;
}

static void
set_up(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/** @return a descriptor, or -1 with errno */
static int
make_socket(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t old;
	int rc;

	if (fd == -1)
		return -1;
	set_up(fd);
	/* Nobody else may connect before the mode is set. */
	old = umask(0777);
	rc = bind(fd, (const struct sockaddr *)addr, sizeof(*addr));
	(void)umask(old);
	if (rc == 0 && listen(fd, PFLOWD_CLIENTS_MAX) == 0)
		return fd;
	rc = errno;
	(void)close(fd);
	errno = rc;
	return -1;
}

/** A socket that was left behind may go; anything else stays. */
static bool
is_in_the_way(const struct sockaddr_un *addr, char *err, size_t err_len)
{
	struct stat st;

	if (lstat(addr->sun_path, &st) != 0)
		return false;
	if (!S_ISSOCK(st.st_mode)) {
		(void)snprintf(err, err_len, "%s: is not a socket, expected "
		    "a path that is free", addr->sun_path);
		return true;
	}
	if (is_answered(addr)) {
		(void)snprintf(err, err_len, "%s: another pflowd answers "
		    "there, stop it or choose another socket with -S",
		    addr->sun_path);
		return true;
	}
	(void)unlink(addr->sun_path);
	return false;
}

static bool
set_path(struct sockaddr_un *addr, const char *path, char *err,
    size_t err_len)
{
	addr->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(addr->sun_path)) {
		memcpy(addr->sun_path, path, strlen(path) + 1);
		return true;
	}
	(void)snprintf(err, err_len, "%.100s...: too long, expected less "
	    "than %zu octets", path, sizeof(addr->sun_path));
	return false;
}

struct pflowd_front *
pflowd_front_open(const char *path, const struct pflowd_access *access,
    char *err, size_t err_len)
{
	struct pflowd_front *f = calloc(1, sizeof(*f));
	size_t i;

	if (f == NULL) {
		(void)snprintf(err, err_len, "out of memory");
		return NULL;
	}
	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++)
		f->clients[i].fd = -1;
	if (!set_path(&f->addr, path, err, err_len) ||
	    is_in_the_way(&f->addr, err, err_len)) {
		free(f);
		return NULL;
	}
	f->fd = make_socket(&f->addr);
	if (f->fd == -1) {
		(void)snprintf(err, err_len, "%s: %s", path, strerror(errno));
		free(f);
		return NULL;
	}
	if (pflowd_front_allow(f, access, err, err_len))
		return f;
	pflowd_front_close(f, true);
	return NULL;
}

bool
pflowd_front_allow(struct pflowd_front *f, const struct pflowd_access *access,
    char *err, size_t err_len)
{
	const char *path = f->addr.sun_path;

	f->rights = access->rights;
	/* The owner first: chown(2) may take bits of the mode away. */
	if (lchown(path, access->owner, access->group) == 0 &&
	    chmod(path, access->mode) == 0)
		return true;
	(void)snprintf(err, err_len, "%s: owner, group and mode: %s", path,
	    strerror(errno));
	return false;
}

static bool
has_line(const struct client *c)
{
	return memchr(c->text, '\n', c->len) != NULL;
}

bool
pflowd_front_want(const struct pflowd_front *f, struct pollfd *fds)
{
	bool waits = false;
	size_t i;

	fds[0].fd = f->fd;
	fds[0].events = POLLIN;
	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++) {
		const struct client *c = &f->clients[i];
		bool hears = c->fd != -1 && !c->busy && !c->ended &&
		    !has_line(c);

		fds[i + 1].fd = hears ? c->fd : -1;
		fds[i + 1].events = POLLIN;
		waits |= c->fd != -1 && !c->busy && (!c->known || c->ended ||
		    has_line(c));
	}
	return waits;
}

static void
take_client(struct pflowd_front *f)
{
	static const char busy[] = "error failed \"too many connections\"\n";
	int fd = accept(f->fd, NULL, NULL);
	struct client *c = NULL;
	size_t i;

	if (fd == -1)
		return;
	for (i = 0; i < PFLOWD_CLIENTS_MAX && c == NULL; i++)
		if (f->clients[i].fd == -1)
			c = &f->clients[i];
	if (c == NULL) {
		(void)send(fd, busy, sizeof(busy) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)close(fd);
		return;
	}
	set_up(fd);
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->right = pflowd_peer_right(fd, &f->rights);
}

static void
take_octets(struct client *c)
{
	ssize_t n = recv(c->fd, c->text + c->len, sizeof(c->text) - c->len,
	    MSG_DONTWAIT);

	if (n > 0)
		c->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->ended = true;
	/* No line ends in what a line may be. */
	if (c->len == sizeof(c->text) && !has_line(c)) {
		c->ended = true;
		c->len = 0;
	}
}

/**
 * What a request is to have opened is noted, and its words are those of the
 * normal form: names of ports are found here.
 */
static void
judge(unsigned id, enum pflowd_right right, char line[PFLOWD_LINE_LEN],
    struct pflowd_grants *grants)
{
	char copy[PFLOWD_LINE_LEN], normal[PFLOWD_LINE_LEN];
	struct pflowi_problem problem;
	struct pflowd_request r;
	int n;

	memcpy(copy, line, sizeof(copy));
	if (pflowd_request_parse(copy, &r, &problem) != PFLOW_OK)
		return; /* the worker says what is wrong */
	if (r.verb == PFLOWD_SET && right >= pflowd_request_right(&r) &&
	    pflowd_grants_ask(grants, id, r.number, &r.settings) ==
	    PFLOW_OK && pflowi_settings_print(&r.settings, normal,
		sizeof(normal) - 32) == PFLOW_OK) {
		n = snprintf(copy, sizeof(copy), "set pflow%u ", r.number);
		if (n > 0 && (size_t)n + strlen(normal) < sizeof(copy)) {
			memcpy(line, copy, (size_t)n);
			strcpy(line + n, normal);
		}
	}
	pflowd_request_fini(&r);
}

static int
tell(int tell_fd, enum pflowd_kind kind, unsigned id, int pass)
{
	struct pflowd_message m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.id = (uint8_t)id;
	return pflowd_channel_send(tell_fd, &m, pass);
}

/** Hand the first line to the worker, if it takes it. */
static void
pass_line(struct client *c, unsigned id, int tell_fd,
    struct pflowd_grants *grants)
{
	const char *end = memchr(c->text, '\n', c->len);
	size_t len = (size_t)(end - c->text);
	char line[PFLOWD_LINE_LEN];
	struct pflowd_message m;

	memset(line, 0, sizeof(line));
	memcpy(line, c->text, len);
	/* An octet 0 is none of a request: it is refused as a whole. */
	if (memchr(line, '\0', len) != NULL)
		(void)snprintf(line, sizeof(line), "?");
	else
		judge(id, c->right, line, grants);
	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_TELL_LINE;
	m.id = (uint8_t)id;
	m.flags = (uint8_t)c->right;
	m.rest = (const uint8_t *)line;
	m.rest_len = strlen(line);
	if (pflowd_channel_send(tell_fd, &m, -1) != PFLOW_OK)
		return; /* again in the next turn */
	c->busy = true;
	c->len -= len + 1;
	memmove(c->text, end + 1, c->len);
}

static void
serve_client(struct client *c, unsigned id, int tell_fd,
    struct pflowd_grants *grants)
{
	if (!c->known && tell(tell_fd, PFLOWD_TELL_CLIENT, id, c->fd) !=
	    PFLOW_OK)
		return;
	c->known = true;
	if (has_line(c)) {
		pass_line(c, id, tell_fd, grants);
	} else if (c->ended && tell(tell_fd, PFLOWD_TELL_GONE, id, -1) ==
	    PFLOW_OK) {
		(void)close(c->fd);
		c->fd = -1;
	}
}

void
pflowd_front_turn(struct pflowd_front *f, const struct pollfd *fds,
    int tell_fd, struct pflowd_grants *grants)
{
	unsigned i;

	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++) {
		struct client *c = &f->clients[i];

		if (c->fd == -1)
			continue;
		if (fds[i + 1].fd == c->fd && fds[i + 1].revents != 0)
			take_octets(c);
		if (!c->busy)
			serve_client(c, i, tell_fd, grants);
	}
	if ((fds[0].revents & POLLIN) != 0)
		take_client(f);
}

void
pflowd_front_done(struct pflowd_front *f, unsigned id)
{
	f->clients[id % PFLOWD_CLIENTS_MAX].busy = false;
}

void
pflowd_front_close(struct pflowd_front *f, bool remove)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++)
		if (f->clients[i].fd != -1)
			(void)close(f->clients[i].fd);
	(void)close(f->fd);
	if (remove)
		(void)unlink(f->addr.sun_path);
	free(f);
}
