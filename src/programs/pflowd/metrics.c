/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/time.h"
#include "programs/pflowd/exposition.h"

/** Connections of one listener; more wait in the system's queue. */
#define CLIENTS_MAX 16

/** A connection asks once, and lives no longer. */
#define LIFE_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC)
#define SILENCE_SECONDS 10

/** A request is a line and some headers; it has no body. */
#define HEADERS_MAX 8192
#define BODY_MAX 1024

struct client {
	struct bufferevent *bev; /**< a reference; NULL: free */
	uint64_t born_ns;	 /**< 0: the next turn says */
};

struct server {
	struct pflowd_metrics *metrics;
	struct pflowd_metrics_line line;
	struct evhttp *http; /**< owned */
	struct evconnlistener *listener;
	struct client clients[CLIENTS_MAX];
	bool staged; /**< not yet settled */
	bool leaves; /**< if the stage is kept */
};

struct pflowd_metrics {
	struct pflowd_helper *helper; /**< borrowed */
	struct event_base *base;
	const struct pflowd_engine *engine;
	struct server *servers[2 * PFLOWD_METRICS_MAX]; /**< owned */
};

/** evhttp is done with it: it took its callbacks away. */
static bool
is_over(const struct client *client)
{
	bufferevent_data_cb on_read, on_write;
	bufferevent_event_cb on_event;
	void *arg;

	bufferevent_getcb(client->bev, &on_read, &on_write, &on_event, &arg);
	return client->born_ns != 0 && on_read == NULL && on_write == NULL &&
	    on_event == NULL;
}

static void
release(struct client *client)
{
	/* This closes it: nobody else holds it any more. */
	(void)bufferevent_decref(client->bev);
	client->bev = NULL;
}

/** evhttp's way to have a buffer for a new connection. */
static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct server *server = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1,
	    BEV_OPT_CLOSE_ON_FREE);
	size_t i, room = 0;

	for (i = 0; i < CLIENTS_MAX && bev != NULL; i++) {
		if (server->clients[i].bev != NULL)
			continue;
		if (room++ > 0)
			continue;
		server->clients[i].bev = bev;
		server->clients[i].born_ns = 0;
		bufferevent_incref(bev);
	}
	if (room <= 1)
		(void)evconnlistener_disable(server->listener);
	return bev;
}

static void
answer(struct evhttp_request *req, int code, const char *reason,
    struct evbuffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	(void)evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply(req, code, reason, body);
}

static void
on_metrics(struct evhttp_request *req, void *arg)
{
	struct server *server = arg;
	struct evbuffer *body = evbuffer_new();

	if (body == NULL || pflowd_exposition_write(server->metrics->engine,
		body) != PFLOW_OK) {
		answer(req, HTTP_INTERNAL, "out of memory", NULL);
	} else {
		(void)evhttp_add_header(evhttp_request_get_output_headers(req),
		    "Content-Type", PFLOWD_EXPOSITION_TYPE);
		answer(req, HTTP_OK, "OK", body);
	}
	if (body != NULL)
		evbuffer_free(body);
}

static void
on_other(struct evhttp_request *req, void *arg)
{
	struct evbuffer *body = evbuffer_new();

	(void)arg;
	if (body != NULL)
		(void)evbuffer_add_printf(body, "metrics are at /metrics\n");
	(void)evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "text/plain");
	answer(req, HTTP_NOTFOUND, "Not Found", body);
	if (body != NULL)
		evbuffer_free(body);
}

static void
server_free(struct server *server)
{
	size_t i;

	if (server->http != NULL)
		evhttp_free(server->http);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (server->clients[i].bev != NULL)
			release(&server->clients[i]);
	free(server);
}

/** @return NULL with a problem */
static struct server *
server_new(struct pflowd_metrics *m, const struct pflowd_metrics_line *line,
    struct pflowi_problem *problem)
{
	struct server *server = calloc(1, sizeof(*server));
	struct evhttp_bound_socket *bound = NULL;
	int fd;

	if (server != NULL)
		server->http = evhttp_new(m->base);
	if (server == NULL || server->http == NULL) {
		free(server);
		(void)pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
		return NULL;
	}
	server->metrics = m;
	server->line = *line;
	evhttp_set_timeout(server->http, SILENCE_SECONDS);
	evhttp_set_max_headers_size(server->http, HEADERS_MAX);
	evhttp_set_max_body_size(server->http, BODY_MAX);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET |
	    EVHTTP_REQ_HEAD);
	evhttp_set_bevcb(server->http, on_connection, server);
	evhttp_set_gencb(server->http, on_other, server);
	(void)evhttp_set_cb(server->http, "/metrics", on_metrics, server);
	fd = pflowd_helper_listen(m->helper, line->word);
	if (fd == -1)
		(void)pflowi_problem_set(problem, PFLOW_ERR_SYSTEM, 1,
		    "metrics %s: %s", line->word, strerror(errno));
	if (fd != -1)
		bound = evhttp_accept_socket_with_handle(server->http, fd);
	if (bound == NULL) {
		if (fd != -1) {
			(void)close(fd);
			(void)pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
			    PFLOWI_NOWHERE, "out of memory");
		}
		server_free(server);
		return NULL;
	}
	server->listener = evhttp_bound_socket_get_listener(bound);
	return server;
}

struct pflowd_metrics *
pflowd_metrics_new(struct event_base *base, const struct pflowd_engine *engine,
    struct pflowd_helper *helper)
{
	struct pflowd_metrics *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->base = base;
	m->helper = helper;
	m->engine = engine;
	return m;
}

static struct server *
find(const struct pflowd_metrics *m, const char *word)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(m->servers); i++)
		if (m->servers[i] != NULL &&
		    strcmp(m->servers[i]->line.word, word) == 0)
			return m->servers[i];
	return NULL;
}

int
pflowd_metrics_stage(struct pflowd_metrics *m,
    const struct pflowd_metrics_conf *conf, unsigned *line,
    struct pflowi_problem *problem)
{
	size_t i, at;

	for (i = 0; i < PFLOWI_ARRAY_LEN(m->servers); i++)
		if (m->servers[i] != NULL)
			m->servers[i]->leaves = true;
	for (i = 0; i < conf->count; i++) {
		struct server *server = find(m, conf->lines[i].word);

		if (server != NULL) {
			server->leaves = false;
			continue;
		}
		/* Twice the lines of a file: there is room. */
		for (at = 0; m->servers[at] != NULL; at++)
			;
		*line = conf->lines[i].line;
		server = server_new(m, &conf->lines[i], problem);
		if (server == NULL) {
			pflowd_metrics_settle(m, false);
			return PFLOW_ERR_SYSTEM;
		}
		server->staged = true;
		m->servers[at] = server;
	}
	return PFLOW_OK;
}

void
pflowd_metrics_settle(struct pflowd_metrics *m, bool keep)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(m->servers); i++) {
		struct server *server = m->servers[i];

		if (server == NULL)
			continue;
		if (keep ? server->leaves : server->staged) {
			server_free(server);
			m->servers[i] = NULL;
			continue;
		}
		server->staged = server->leaves = false;
	}
}

/** @return is there room for another one? */
static bool
tend(struct client *client, struct pflow_now now)
{
	if (client->bev == NULL)
		return true;
	if (is_over(client)) {
		release(client);
		return true;
	}
	if (client->born_ns == 0)
		client->born_ns = now.mono_ns;
	/* evhttp sees the end of it, and forgets it. */
	if (pflowi_time_sub(now.mono_ns, client->born_ns) > LIFE_NS)
		(void)shutdown(bufferevent_getfd(client->bev), SHUT_RDWR);
	return false;
}

void
pflowd_metrics_turn(struct pflowd_metrics *m, struct pflow_now now)
{
	size_t i, k;

	for (i = 0; i < PFLOWI_ARRAY_LEN(m->servers); i++) {
		bool room = false;

		if (m->servers[i] == NULL)
			continue;
		for (k = 0; k < CLIENTS_MAX; k++)
			room |= tend(&m->servers[i]->clients[k], now);
		if (room)
			(void)evconnlistener_enable(m->servers[i]->listener);
	}
}

void
pflowd_metrics_free(struct pflowd_metrics *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < PFLOWI_ARRAY_LEN(m->servers); i++)
		if (m->servers[i] != NULL)
			server_free(m->servers[i]);
	free(m);
}
