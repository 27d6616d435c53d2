/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/status.h>
#include <pflow/transports.h>

#include "programs/common/note.h"
#include "programs/pflowd/channel.h"
#include "programs/pflowd/metrics.h"
#include "programs/pflowd/peer.h"

#define PATH_LEN 1024

/** Flags that keep FIFOs and terminals from holding us up. */
#define NEVER_WAIT (O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int
open_path(const char *path, enum pflow_file_use use)
{
	struct stat st;

	if (use == PFLOW_FILE_READ)
		return open(path, O_RDONLY | NEVER_WAIT);
	if (use == PFLOW_FILE_BEGIN)
		return open(path, O_WRONLY | O_CREAT | O_TRUNC | NEVER_WAIT,
		    S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH |
		    S_IWOTH);
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = ENOTSUP;
		return -1;
	}
	return open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW |
	    NEVER_WAIT, S_IRUSR | S_IWUSR | S_IRGRP);
}

/** @return a descriptor, or a negative errno */
static int
give_file(const struct pflowd_served *s, const struct pflowd_message *m)
{
	enum pflow_file_use use = (enum pflow_file_use)m->flags;
	char path[PATH_LEN];
	int fd;

	if (!pflowd_message_text(m, path, sizeof(path)))
		return -ENAMETOOLONG;
	if (!pflowd_may_file(s->grants, path, use)) {
		pflowi_note("the worker asked for %s, which is not "
		    "configured", path);
		return -EPERM;
	}
	fd = open_path(path, use);
	return fd == -1 ? -errno : fd;
}

static int
set_aside(const struct pflowd_served *s, const struct pflowd_message *m)
{
	char path[PATH_LEN];

	if (!pflowd_message_text(m, path, sizeof(path)))
		return -ENAMETOOLONG;
	if (!pflowd_may_file(s->grants, path, PFLOW_FILE_BEGIN))
		return -EPERM;
	return pflow_file_set_aside(path, (uint64_t)m->a << 32 | m->b);
}

static int
give_socket(const struct pflowd_served *s, const struct pflowd_message *m)
{
	struct pflow_socket_wish wish;

	if (pflowd_wish_get(m->rest, m->rest_len, &wish) != PFLOW_OK)
		return -EINVAL;
	if (!pflowd_may_socket(s->grants, &wish)) {
		pflowi_note("the worker asked for a socket that is not "
		    "configured");
		return -EPERM;
	}
	return pflow_socket_open(&wish);
}

static int
give_listener(const struct pflowd_served *s, const struct pflowd_message *m)
{
	char word[PFLOWD_METRICS_WORD];
	const struct pflowd_metrics_line *line = NULL;
	struct pflowi_problem problem;
	int fd;

	if (pflowd_message_text(m, word, sizeof(word)))
		line = pflowd_may_listen(s->grants, word);
	if (line == NULL)
		return -EPERM;
	errno = 0;
	fd = pflowd_metrics_listen(line, &problem);
	return fd != -1 ? fd : errno == 0 ? -EIO : -errno;
}

/** What needs a right with every request. @return 0, or a negative errno */
static int
send_request(const struct pflowd_served *s, const struct pflowd_message *m,
    int fd)
{
	if (!pflowd_may_request(s->grants) ||
	    !pflowd_is_table_request(m->rest, m->rest_len) ||
	    !pflowd_is_conntrack_socket(fd))
		return -EPERM;
	return send(fd, m->rest, m->rest_len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    -1 ? -errno : 0;
}

/** @return 0, or a negative errno; the rest of answer is borrowed */
static int
give_conf(const struct pflowd_served *s, const struct pflowd_message *m,
    struct pflowd_message *answer)
{
	size_t left;

	if (s->conf == NULL || m->a >= s->conf_len)
		return -EINVAL;
	left = s->conf_len - m->a;
	answer->rest = (const uint8_t *)s->conf + m->a;
	answer->rest_len = left < PFLOWD_CHUNK ? left : PFLOWD_CHUNK;
	return 0;
}

int
pflowd_serve(int ask_fd, const struct pflowd_served *s)
{
	static uint8_t buf[PFLOWD_MESSAGE_MAX + 1];
	struct pflowd_message m, answer;
	int passed, given, rc;

	rc = pflowd_channel_receive(ask_fd, buf, &m, &passed);
	if (rc != PFLOW_OK)
		return rc == PFLOW_ERR_AGAIN ? PFLOW_OK : rc;
	memset(&answer, 0, sizeof(answer));
	answer.kind = PFLOWD_ANSWER;
	if (m.kind == PFLOWD_ASK_FILE)
		given = give_file(s, &m);
	else if (m.kind == PFLOWD_ASK_SOCKET)
		given = give_socket(s, &m);
	else if (m.kind == PFLOWD_ASK_LISTEN)
		given = give_listener(s, &m);
	else if (m.kind == PFLOWD_ASK_ASIDE)
		given = set_aside(s, &m);
	else if (m.kind == PFLOWD_ASK_REQUEST)
		given = send_request(s, &m, passed);
	else if (m.kind == PFLOWD_ASK_CONF)
		given = give_conf(s, &m, &answer);
	else
		given = -ENOSYS;
	if (passed != -1)
		(void)close(passed);
	if (given == -ENOSYS)
		return PFLOW_ERR_MALFORMED;
	answer.a = given < 0 ? (uint32_t)-given : 0;
	/* 0 is "done" for those that give no descriptor. */
	if (m.kind != PFLOWD_ASK_FILE && m.kind != PFLOWD_ASK_SOCKET &&
	    m.kind != PFLOWD_ASK_LISTEN)
		given = -1;
	rc = pflowd_channel_send(ask_fd, &answer, given < 0 ? -1 : given);
	if (given >= 0)
		(void)close(given);
	return rc == PFLOW_ERR_AGAIN ? PFLOW_ERR_MALFORMED : rc;
}
