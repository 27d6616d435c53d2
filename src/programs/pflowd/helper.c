/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/helper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/pflowd/channel.h"
#include "programs/pflowd/lookup.h"

/**
 * Ask.
 *
 * @param pass    goes with the question; -1: none
 * @param answer  out: its rest is in h->buf
 * @return a descriptor that came; -1: none came, see answer->a (an errno)
 */
static int
ask(struct pflowd_helper *h, const struct pflowd_message *question, int pass,
    struct pflowd_message *answer)
{
	int fd = -1;

	memset(answer, 0, sizeof(*answer));
	answer->a = EIO;
	if (pflowd_channel_send(h->ask_fd, question, pass) != PFLOW_OK)
		return -1;
	if (pflowd_channel_receive(h->ask_fd, h->buf, answer, &fd) ==
	    PFLOW_OK && answer->kind == PFLOWD_ANSWER)
		return fd;
	if (fd != -1)
		(void)close(fd);
	memset(answer, 0, sizeof(*answer));
	answer->a = EIO;
	return -1;
}

static int
descriptor(int fd, const struct pflowd_message *answer)
{
	if (fd >= 0)
		return fd;
	return answer->a == 0 || answer->a > 4096 ? -EIO : -(int)answer->a;
}

static void
say_text(struct pflowd_message *m, enum pflowd_kind kind, const char *text)
{
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->rest = (const uint8_t *)text;
	m->rest_len = strlen(text);
}

static int
open_file(void *arg, const char *path, enum pflow_file_use use)
{
	struct pflowd_message m, answer;
	int fd;

	say_text(&m, PFLOWD_ASK_FILE, path);
	m.flags = (uint8_t)use;
	fd = ask(arg, &m, -1, &answer);
	return descriptor(fd, &answer);
}

static int
set_aside(void *arg, const char *path, uint64_t wall_ns)
{
	struct pflowd_message m, answer;

	say_text(&m, PFLOWD_ASK_ASIDE, path);
	m.a = (uint32_t)(wall_ns >> 32);
	m.b = (uint32_t)wall_ns;
	(void)ask(arg, &m, -1, &answer);
	return answer.a > 4096 ? -EIO : -(int)answer.a;
}

static int
open_socket(void *arg, const struct pflow_socket_wish *wish)
{
	uint8_t octets[PFLOWD_WISH_OCTETS];
	struct pflowd_message m, answer;
	int fd;

	pflowd_wish_put(wish, octets);
	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_ASK_SOCKET;
	m.rest = octets;
	m.rest_len = sizeof(octets);
	fd = ask(arg, &m, -1, &answer);
	return descriptor(fd, &answer);
}

static size_t
lookup(void *arg, const char *host, unsigned version,
    struct pflow_address *out, size_t max, char *err, size_t err_len)
{
	struct pflowd_helper *h = arg;

	return pflowd_lookup_ask(&h->lookup_fd, host, version, out, max, err,
	    err_len);
}

int
pflowd_helper_request(void *arg, int fd, const void *data, size_t len)
{
	struct pflowd_message m, answer;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_ASK_REQUEST;
	m.rest = data;
	m.rest_len = len;
	(void)ask(arg, &m, fd, &answer);
	return answer.a > 4096 ? EIO : (int)answer.a;
}

int
pflowd_helper_listen(struct pflowd_helper *h, const char *word)
{
	struct pflowd_message m, answer;
	int fd;

	say_text(&m, PFLOWD_ASK_LISTEN, word);
	fd = ask(h, &m, -1, &answer);
	if (fd == -1)
		errno = -descriptor(fd, &answer);
	return fd;
}

char *
pflowd_helper_conf(struct pflowd_helper *h, size_t len)
{
	char *text = len > PFLOWD_CONF_LEN ? NULL : malloc(len + 1);
	struct pflowd_message m, answer;
	size_t at;

	memset(&m, 0, sizeof(m));
	m.kind = PFLOWD_ASK_CONF;
	for (at = 0; text != NULL && at < len; at += answer.rest_len) {
		int fd;

		m.a = (uint32_t)at;
		fd = ask(h, &m, -1, &answer);
		if (fd != -1)
			(void)close(fd);
		if (answer.a != 0 || answer.rest_len == 0 ||
		    answer.rest_len > len - at) {
			free(text);
			return NULL;
		}
		memcpy(text + at, answer.rest, answer.rest_len);
	}
	return text;
}

bool
pflowd_helper_init(struct pflowd_helper *h, int ask_fd, int lookup_fd)
{
	memset(h, 0, sizeof(*h));
	h->ask_fd = ask_fd;
	h->lookup_fd = lookup_fd;
	h->buf = malloc(PFLOWD_MESSAGE_MAX + 1);
	h->system.struct_size = sizeof(h->system);
	h->system.arg = h;
	h->system.open_file = open_file;
	h->system.set_aside = set_aside;
	h->system.open_socket = open_socket;
	h->system.lookup = lookup;
	return h->buf != NULL;
}

void
pflowd_helper_fini(struct pflowd_helper *h)
{
	free(h->buf);
	memset(h, 0, sizeof(*h));
}
