/* SPDX-License-Identifier: ISC */
#include "programs/common/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

#include "core/port.h"

/* A handler reaches nothing but globals. */
static atomic_int wanted;
static int pipe_fds[2] = { -1, -1 };

void
pflowi_stop_raise(void)
{
	ssize_t n;

	atomic_store(&wanted, 1);
	/* Full means that a wake-up is waiting already. */
	n = write(pipe_fds[1], "", 1);
	(void)n;
}

static void
on_signal(int sig)
{
	int saved = errno;

	(void)sig;
	pflowi_stop_raise();
	errno = saved;
}

int
pflowi_stop_install(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	struct sigaction sa;
	size_t i;

	if (pipe(pipe_fds) == -1)
		return PFLOW_ERR_SYSTEM;
	for (i = 0; i < 2; i++)
		if (fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK) == -1 ||
		    fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC) == -1)
			return PFLOW_ERR_SYSTEM;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sa.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < PFLOWI_ARRAY_LEN(signals); i++)
		if (sigaction(signals[i], &sa, NULL) == -1)
			return PFLOW_ERR_SYSTEM;
	return PFLOW_OK;
}

bool
pflowi_stop_wanted(void)
{
	return atomic_load(&wanted) != 0;
}

int
pflowi_stop_fd(void)
{
	return pipe_fds[0];
}
