/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <event2/util.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "programs/pflowd/metrics.h"

#define BACKLOG 64

/** A socket of somebody who is gone may be removed; all else stays. */
static void
clear_path(const struct sockaddr_storage *sa, socklen_t len, const char *path)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1)
		return;
	rc = connect(fd, (const struct sockaddr *)sa, len);
	if (rc == -1 && errno == ECONNREFUSED)
		(void)unlink(path);
	(void)close(fd);
}

int
pflowd_metrics_listen(const struct pflowd_metrics_line *line,
    struct pflowi_problem *problem)
{
	struct sockaddr_storage sa;
	socklen_t len = pflowd_metrics_address(line, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM, 0), error;
	mode_t old;

	if (sa.ss_family == AF_UNIX)
		clear_path(&sa, len, line->word);
	else if (fd != -1)
		(void)evutil_make_listen_socket_reuseable(fd);
	/* As open as loopback is; the directory may say otherwise. */
	old = umask(0111);
	if (fd != -1 && bind(fd, (const struct sockaddr *)&sa, len) == 0 &&
	    listen(fd, BACKLOG) == 0 &&
	    evutil_make_socket_nonblocking(fd) == 0 &&
	    evutil_make_socket_closeonexec(fd) == 0) {
		(void)umask(old);
		return fd;
	}
	error = errno;
	(void)umask(old);
	if (fd != -1)
		(void)close(fd);
	(void)pflowi_problem_set(problem, PFLOW_ERR_SYSTEM, 1,
	    "metrics %s: %s", line->word, strerror(error));
	return -1;
}
