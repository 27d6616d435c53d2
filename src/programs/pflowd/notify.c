/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "programs/common/clock.h"
#include "programs/common/note.h"
#include "programs/common/problem.h"

void
pflowd_notify_text(char out[PFLOWD_NOTIFY_LEN], enum pflowd_phase phase,
    uint64_t mono_ns, const char *status)
{
	char line[PFLOWD_NOTIFY_LEN - 80] = "", head[80] = "";

	if (status != NULL)
		(void)snprintf(line, sizeof(line), "STATUS=%s", status);
	/* A line end would begin another assignment. */
	pflowi_printable(line);
	if (phase == PFLOWD_PHASE_READY)
		(void)snprintf(head, sizeof(head), "READY=1\n");
	else if (phase == PFLOWD_PHASE_RELOADING)
		(void)snprintf(head, sizeof(head), "RELOADING=1\n"
		    "MONOTONIC_USEC=%" PRIu64 "\n", mono_ns / 1000);
	else if (phase == PFLOWD_PHASE_STOPPING)
		(void)snprintf(head, sizeof(head), "STOPPING=1\n");
	(void)snprintf(out, PFLOWD_NOTIFY_LEN, "%s%s", head, line);
}

/** @return false with errno */
static bool
send_to(const char *path, const char *text)
{
	struct sockaddr_un addr;
	size_t len = strlen(path);
	bool sent;
	int fd, saved;

	memset(&addr, 0, sizeof(addr));
	addr.sun_family = AF_UNIX;
	if ((path[0] != '/' && path[0] != '@') ||
	    len >= sizeof(addr.sun_path)) {
		errno = EINVAL;
		return false;
	}
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@') /* the abstract namespace */
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1)
		return false;
	sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&addr, (socklen_t)(offsetof(
	    struct sockaddr_un, sun_path) + len)) != -1;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return sent;
}

void
pflowd_notify(enum pflowd_phase phase, const char *status)
{
	static bool told;
	const char *path = getenv("NOTIFY_SOCKET");
	char text[PFLOWD_NOTIFY_LEN];

	if (path == NULL || path[0] == '\0')
		return;
	pflowd_notify_text(text, phase, pflowi_clock().mono_ns, status);
	if (send_to(path, text) || told)
		return;
	told = true;
	pflowi_note("NOTIFY_SOCKET %.100s: %s", path, strerror(errno));
}
