/* SPDX-License-Identifier: ISC */
#include "sources/system.h"

#include <errno.h>
#include <fcntl.h>

int
pflowi_system_open(const struct pflow_system *sys, const char *path)
{
	int fd;

	if (sys == NULL || sys->open_file == NULL)
		return open(path, O_RDONLY | O_CLOEXEC);
	fd = sys->open_file(sys->arg, path, PFLOW_FILE_READ);
	if (fd >= 0)
		return fd;
	errno = -fd;
	return -1;
}
