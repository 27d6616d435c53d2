/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/control.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs/pflowd/answer.h"
#include "programs/pflowd/grants.h"

/** A client that does not read these octets of answers is not heard. */
#define UNREAD_MAX (1u << 20)

struct client {
	struct bufferevent *bev; /**< NULL: free */
	bool owed;		 /**< done() is to be called */
	bool did;
	bool leaving;		 /**< it will ask no more */
	bool broken;
};

struct pflowd_control {
	struct event_base *base;
	struct client clients[PFLOWD_CLIENTS_MAX];
};

struct pflowd_control *
pflowd_control_new(struct event_base *base)
{
	struct pflowd_control *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->base = base;
	return c;
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	(void)bev;
	(void)what;
	client->broken = true;
}

static void
drop(struct client *client)
{
	if (client->bev != NULL)
		bufferevent_free(client->bev);
	memset(client, 0, sizeof(*client));
}

void
pflowd_control_client(struct pflowd_control *c, unsigned id, int fd)
{
	struct client *client = &c->clients[id % PFLOWD_CLIENTS_MAX];

	drop(client);
	client->bev = bufferevent_socket_new(c->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	if (client->bev == NULL) {
		(void)close(fd);
		return;
	}
	bufferevent_setcb(client->bev, NULL, NULL, on_event, client);
	(void)bufferevent_enable(client->bev, EV_WRITE);
	/* What is written here is read by the parent. */
	(void)bufferevent_disable(client->bev, EV_READ);
}

void
pflowd_control_line(struct pflowd_control *c, unsigned id, char *line,
    enum pflowd_right right, struct pflowd_engine *e, struct pflow_now now)
{
	struct client *client = &c->clients[id % PFLOWD_CLIENTS_MAX];

	client->owed = true;
	client->did = client->bev != NULL && !client->broken &&
	    pflowd_answer(e, line, right, now,
	    bufferevent_get_output(client->bev));
}

void
pflowd_control_gone(struct pflowd_control *c, unsigned id)
{
	c->clients[id % PFLOWD_CLIENTS_MAX].leaving = true;
}

void
pflowd_control_turn(struct pflowd_control *c, pflowd_done_fn *done, void *arg)
{
	unsigned i;

	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++) {
		struct client *client = &c->clients[i];
		size_t unread = client->bev == NULL || client->broken ? 0
		    : evbuffer_get_length(bufferevent_get_output(
		    client->bev));

		if (client->owed && unread <= UNREAD_MAX) {
			client->owed = false;
			done(arg, i, client->did);
		}
		if (client->broken && client->bev != NULL) {
			bufferevent_free(client->bev);
			client->bev = NULL;
		}
		if (client->leaving && !client->owed && unread == 0)
			drop(client);
	}
}

void
pflowd_control_free(struct pflowd_control *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++)
		drop(&c->clients[i]);
	free(c);
}
