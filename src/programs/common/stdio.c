/* SPDX-License-Identifier: ISC */
#include "programs/common/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/common/note.h"

int
pflowi_stdio_reserve(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The wrong way round, so that no use of it goes unnoticed. */
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY
			: O_RDONLY) != fd) {
			pflowi_note("descriptor %d is closed, and /dev/null "
			    "cannot take its place: %s", fd, strerror(errno));
			return PFLOW_ERR_SYSTEM;
		}
	}
	return PFLOW_OK;
}
