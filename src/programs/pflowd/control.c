/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "programs/pflowd/answer.h"

#define CLIENTS_MAX 16

/** A client that does not read gets no more answers than these octets. */
#define UNREAD_MAX (1u << 20)

struct client {
	struct pflowd_control *control;
	struct bufferevent *bev; /**< NULL: free */
	enum pflowd_right right;
	bool leaving;		 /**< it will write no more */
	bool broken;
};

struct pflowd_control {
	struct event_base *base;
	struct evconnlistener *listener;
	struct sockaddr_un addr;
	struct pflowd_rights rights;
	struct client clients[CLIENTS_MAX];
};

/** The turn looks at the input; this ends the wait, and the reading of a
 *  client that is faster. libevent 2.1's own high mark would spin here. */
static void
on_input(struct bufferevent *bev, void *arg)
{
	(void)arg;
	if (evbuffer_get_length(bufferevent_get_input(bev)) >= PFLOWD_LINE_LEN)
		(void)bufferevent_disable(bev, EV_READ);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	(void)bev;
	client->leaving = true;
	if ((what & BEV_EVENT_EOF) == 0)
		client->broken = true;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *addr, int len, void *arg)
{
	struct pflowd_control *c = arg;
	struct client *client = NULL;
	size_t i;

	(void)listener;
	(void)addr;
	(void)len;
	for (i = 0; i < CLIENTS_MAX && client == NULL; i++)
		if (c->clients[i].bev == NULL)
			client = &c->clients[i];
	if (client == NULL) {
		static const char busy[] =
		    "error failed \"too many connections\"\n";

		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
		(void)evutil_closesocket(fd);
		return;
	}
	memset(client, 0, sizeof(*client));
	client->right = pflowd_peer_right(fd, &c->rights);
	client->bev = bufferevent_socket_new(c->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	if (client->bev == NULL) {
		(void)evutil_closesocket(fd);
		return;
	}
	bufferevent_setcb(client->bev, on_input, NULL, on_event, client);
	(void)bufferevent_enable(client->bev, EV_READ | EV_WRITE);
}

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

/** @return a descriptor, or -1 with errno */
static int
make_socket(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t old;
	int rc;

	if (fd == -1)
		return -1;
	/* Nobody else may connect before the mode is set. */
	old = umask(0777);
	rc = bind(fd, (const struct sockaddr *)addr, sizeof(*addr));
	(void)umask(old);
	if (rc == 0 && evutil_make_socket_nonblocking(fd) == 0 &&
	    evutil_make_socket_closeonexec(fd) == 0)
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

struct pflowd_control *
pflowd_control_open(struct event_base *base, const char *path,
    const struct pflowd_access *access, char *err, size_t err_len)
{
	struct pflowd_control *c = calloc(1, sizeof(*c));
	int fd;

	if (c == NULL) {
		(void)snprintf(err, err_len, "out of memory");
		return NULL;
	}
	c->base = base;
	c->addr.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(c->addr.sun_path)) {
		(void)snprintf(err, err_len, "%.100s...: too long, expected "
		    "less than %zu octets", path, sizeof(c->addr.sun_path));
		free(c);
		return NULL;
	}
	memcpy(c->addr.sun_path, path, strlen(path) + 1);
	if (is_in_the_way(&c->addr, err, err_len)) {
		free(c);
		return NULL;
	}
	fd = make_socket(&c->addr);
	if (fd != -1)
		c->listener = evconnlistener_new(base, on_accept, c,
		    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
		    CLIENTS_MAX, fd);
	if (c->listener == NULL) {
		(void)snprintf(err, err_len, "%s: %s", path, strerror(errno));
		if (fd != -1)
			(void)close(fd);
		free(c);
		return NULL;
	}
	if (!pflowd_control_allow(c, access, err, err_len)) {
		pflowd_control_close(c);
		return NULL;
	}
	return c;
}

bool
pflowd_control_allow(struct pflowd_control *c,
    const struct pflowd_access *access, char *err, size_t err_len)
{
	const char *path = c->addr.sun_path;

	c->rights = access->rights;
	/* The owner first: chown(2) may take bits of the mode away. */
	if (lchown(path, access->owner, access->group) == 0 &&
	    chmod(path, access->mode) == 0)
		return true;
	(void)snprintf(err, err_len, "%s: owner, group and mode: %s", path,
	    strerror(errno));
	return false;
}

/** @return false: there is nothing more to answer now */
static bool
answer_one(struct client *client, struct pflowd_engine *e,
    struct pflow_now now)
{
	struct evbuffer *in = bufferevent_get_input(client->bev);
	struct evbuffer *out = bufferevent_get_output(client->bev);
	size_t len;
	char *line;

	if (client->broken || evbuffer_get_length(out) > UNREAD_MAX)
		return false;
	line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
	if (line == NULL) {
		/* No line ends in what a line may be. */
		client->broken = evbuffer_get_length(in) >= PFLOWD_LINE_LEN;
		return false;
	}
	if (strlen(line) == len)
		pflowd_answer(e, line, client->right, now, out);
	else
		(void)evbuffer_add_printf(out,
		    "error invalid \"an octet 0, expected text\"\n");
	free(line);
	return true;
}

static void
drop(struct client *client)
{
	bufferevent_free(client->bev);
	memset(client, 0, sizeof(*client));
}

void
pflowd_control_turn(struct pflowd_control *c, struct pflowd_engine *e,
    struct pflow_now now)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &c->clients[i];

		if (client->bev == NULL)
			continue;
		while (answer_one(client, e, now))
			;
		if (client->broken || (client->leaving && evbuffer_get_length(
			bufferevent_get_output(client->bev)) == 0))
			drop(client);
		else if (!client->leaving && evbuffer_get_length(
			bufferevent_get_input(client->bev)) < PFLOWD_LINE_LEN)
			(void)bufferevent_enable(client->bev, EV_READ);
	}
}

void
pflowd_control_close(struct pflowd_control *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].bev != NULL)
			drop(&c->clients[i]);
	evconnlistener_free(c->listener);
	(void)unlink(c->addr.sun_path);
	free(c);
}
