/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "programs/common/note.h"

static pflowd_syslog_fn *log_line;
static bool starting; /* somebody still looks at standard error */

static void
to_syslog(const char *line)
{
	syslog(LOG_NOTICE, "%s", line);
}

/** A pflowi_note_fn. */
static void
on_note(void *arg, const char *line)
{
	(void)arg;
	log_line(line);
	if (starting)
		(void)fprintf(stderr, "pflowd: %s\n", line);
}

void
pflowd_background_log(pflowd_syslog_fn *fn)
{
	log_line = fn;
	if (fn == NULL) {
		log_line = to_syslog;
		openlog("pflowd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	}
	pflowi_note_to(on_note, NULL);
}

/** The starter's part: wait for the exit code. */
static int
await(int fd)
{
	unsigned char code;
	ssize_t n;

	do
		n = read(fd, &code, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		return code;
	pflowi_note("the service ended before it began");
	return PFLOWI_EXIT_FAILED;
}

bool
pflowd_background_begin(int *ready_fd)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) == -1 || (pid = fork()) == -1) {
		pflowi_note("into the background: %s", strerror(errno));
		return false;
	}
	if (pid > 0) {
		(void)close(fds[1]);
		_exit(await(fds[0]));
	}
	(void)close(fds[0]);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)setsid();
	if (chdir("/") == -1)
		pflowi_note("/: %s", strerror(errno));
	*ready_fd = fds[1];
	starting = true;
	return true;
}

void
pflowd_background_done(int ready_fd, int code)
{
	unsigned char octet = (unsigned char)code;
	int null = open("/dev/null", O_RDWR | O_NOCTTY);
	ssize_t n;

	if (code == PFLOWI_EXIT_OK && null != -1) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
	}
	if (null > STDERR_FILENO)
		(void)close(null);
	starting = false;
	n = write(ready_fd, &octet, 1);
	(void)n; /* a starter that was killed needs no answer */
	(void)close(ready_fd);
}

/** Who holds it? @return false: nobody; fd is locked by us */
static bool
is_held(int fd, long *pid)
{
	struct flock lock;

	memset(&lock, 0, sizeof(lock));
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return false;
	*pid = fcntl(fd, F_GETLK, &lock) == 0 ? (long)lock.l_pid : 0;
	return true;
}

int
pflowd_pid_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
	char text[32];
	long pid;
	int len;

	if (fd == -1) {
		pflowi_note("%s: %s", path, strerror(errno));
		return -1;
	}
	if (is_held(fd, &pid)) {
		pflowi_note("%s: process %ld holds it, stop that one or "
		    "choose another file with -p", path, pid);
		(void)close(fd);
		return -1;
	}
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) == 0 && write(fd, text, (size_t)len) == len)
		return fd;
	pflowi_note("%s: %s", path, strerror(errno));
	(void)close(fd);
	return -1;
}

void
pflowd_pid_file_end(const char *path, int fd)
{
	if (fd == -1)
		return;
	(void)unlink(path);
	(void)close(fd);
}
